//! Games of one who knows and one who acts: chance draws a type, which the sender alone sees; the sender picks a message, and the
//! receiver, who sees only that, an answer.
#![allow(dead_code, missing_docs, unreachable_pub)]

use std::ops::Range;

use counterplay_game::build::TreeBuilder;
use counterplay_game::expression::Expressions;
use counterplay_game::id::{EventId, InfoSetId, NodeId, PlayerId};
use counterplay_game::knowledge::Knowledge;
use counterplay_game::tree::{End, Game, Kind};
use counterplay_game::valuation::Valuation;

pub struct Signals {
    pub game: Game,
    pub numbers: Valuation,
    types: usize,
    messages: usize,
}

impl Signals {
    /// The game with types of these odds, where `pay(type, message, answer)` is what the sender and the receiver get.
    pub fn new(
        odds: &[f64],
        messages: usize,
        answers: usize,
        pay: impl Fn(usize, usize, usize) -> [f64; 2],
    ) -> Self {
        let mut b = TreeBuilder::new(vec!["sender".into(), "receiver".into()]);
        let mut e = Expressions::new();
        let names = ["type", "message", "answer"].map(|n| b.texts.intern(n));
        let events = names.map(|n| b.event(n, 1));
        let mut labels =
            |count: usize| (0..count).map(|k| b.texts.intern(&k.to_string())).collect::<Vec<_>>();
        let (kinds, words, replies) = (labels(odds.len()), labels(messages), labels(answers));
        let shares: Vec<_> = kinds.iter().zip(odds).map(|(&l, &p)| (l, e.constant(p))).collect();
        let chance = b.chance(&shares);
        let root = b.add(None, Kind::Chance(chance), events[0]);
        for (t, &kind) in kinds.iter().enumerate() {
            let knows = b.knowledge.after(Knowledge::nothing(), names[0], kind);
            let set = b.info_set(PlayerId::new(0), names[1], knows, &words).expect("the same words");
            let sender = b.add(Some((root, t)), Kind::Decision(set), events[1]);
            for (m, &word) in words.iter().enumerate() {
                let hears = b.knowledge.after(Knowledge::nothing(), names[1], word);
                let set = b.info_set(PlayerId::new(1), names[2], hears, &replies).expect("the same answers");
                let receiver = b.add(Some((sender, m)), Kind::Decision(set), events[2]);
                for a in 0..answers {
                    let payoffs = pay(t, m, a).map(|x| e.constant(x)).to_vec();
                    let end = b.end(End { payoffs, tag: 0 });
                    b.add(Some((receiver, a)), Kind::End(end), EventId::new(0));
                }
            }
        }
        let game = b.finish(e).expect("every branch was grown");
        let numbers = game.at(&game.expressions().evaluate(&[]));
        Self { game, numbers, types: odds.len(), messages }
    }

    fn set_at(&self, node: NodeId) -> InfoSetId {
        match self.game.kind(node) {
            Kind::Decision(set) => set,
            Kind::Chance(_) | Kind::End(_) => unreachable!("somebody decides"),
        }
    }

    fn sender_at(&self, kind: usize) -> NodeId {
        self.game.child(NodeId::new(Game::ROOT), kind)
    }

    /// Where a type of the sender decides.
    pub fn sender(&self, kind: usize) -> InfoSetId {
        self.set_at(self.sender_at(kind))
    }

    /// Where the receiver decides after a message.
    pub fn receiver(&self, message: usize) -> InfoSetId {
        self.set_at(self.game.child(self.sender_at(0), message))
    }

    /// A type's messages among all actions.
    pub fn words(&self, kind: usize) -> Range<usize> {
        self.game.actions(self.sender(kind))
    }

    /// The answers to a message among all actions.
    pub fn answers(&self, message: usize) -> Range<usize> {
        self.game.actions(self.receiver(message))
    }

    /// Play where each type sends its message, and each message gets its answer.
    pub fn pure(&self, sent: impl Fn(usize) -> usize, answered: impl Fn(usize) -> usize) -> Vec<f64> {
        let mut play = vec![0.0; self.game.action_count()];
        for kind in 0..self.types {
            play[self.words(kind).start + sent(kind)] = 1.0;
        }
        for message in 0..self.messages {
            play[self.answers(message).start + answered(message)] = 1.0;
        }
        play
    }

    /// What each type of the sender expects, by the referee's values of all nodes.
    pub fn expects(&self, values: &[Vec<f64>], kind: usize) -> f64 {
        values[self.sender_at(kind).index()][0]
    }
}
