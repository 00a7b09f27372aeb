//! Kuhn poker and Leduc poker, card by card.

use counterplay_game::build::{Place, TreeBuilder};
use counterplay_game::expression::Expressions;
use counterplay_game::id::{EventId, KnowledgeId, PlayerId, TextId};
use counterplay_game::knowledge::Knowledge;
use counterplay_game::tree::{End, Game, Kind};

/// A tree of poker under construction.
struct Table {
    builder: TreeBuilder,
    expressions: Expressions,
}

/// Who knows what, and what each has put in.
#[derive(Clone, Copy)]
struct Hand {
    know: [KnowledgeId; 2],
    paid: [i32; 2],
}

impl Table {
    fn new() -> Self {
        let builder = TreeBuilder::new(vec!["1".into(), "2".into()]);
        Self { builder, expressions: Expressions::new() }
    }

    fn text(&mut self, text: &str) -> TextId {
        self.builder.texts.intern(text)
    }

    /// Deals one of `cards` to those whom `seen_by` names; `below` goes on with each.
    fn deal(
        &mut self,
        place: Place,
        hand: Hand,
        (name, seen_by): (&str, [bool; 2]),
        cards: &[usize],
        mut below: impl FnMut(&mut Self, Place, Hand, usize),
    ) {
        let name = self.text(name);
        let share = self.expressions.constant(1.0 / cards.len() as f64);
        let branches: Vec<_> = cards.iter().map(|c| (self.text(&c.to_string()), share)).collect();
        let kind = Kind::Chance(self.builder.chance(&branches));
        let event = self.builder.event(name, 1);
        let node = self.builder.add(place, kind, event);
        for (k, &card) in cards.iter().enumerate() {
            let mut after = hand;
            for player in (0..2).filter(|p| seen_by[*p]) {
                after.know[player] = self.builder.knowledge.after(hand.know[player], name, branches[k].0);
            }
            below(self, Some((node, k)), after, card);
        }
    }

    /// A player's choice, which both see.
    fn choose(
        &mut self,
        place: Place,
        hand: Hand,
        player: usize,
        actions: &[&str],
        mut below: impl FnMut(&mut Self, Place, Hand, usize),
    ) {
        let name = self.text("bet");
        let labels: Vec<_> = actions.iter().map(|a| self.text(a)).collect();
        let set = self.builder.info_set(PlayerId::new(player), name, hand.know[player], &labels);
        let event = self.builder.event(name, 1);
        let node = self.builder.add(place, Kind::Decision(set.expect("the same actions")), event);
        for (k, &label) in labels.iter().enumerate() {
            let know = hand.know.map(|knows| self.builder.knowledge.after(knows, name, label));
            below(self, Some((node, k)), Hand { know, ..hand }, k);
        }
    }

    /// The end at which the first player wins `won`.
    fn end(&mut self, place: Place, won: i32) {
        let payoffs = [won, -won].map(|x| self.expressions.constant(f64::from(x))).to_vec();
        let end = self.builder.end(End { payoffs, tag: 0 });
        self.builder.add(place, Kind::End(end), EventId::new(0));
    }

    fn finish(self) -> Game {
        self.builder.finish(self.expressions).expect("every branch was dealt")
    }
}

/// Before anything is dealt; each has put in one.
fn start() -> Hand {
    Hand { know: [Knowledge::nothing(); 2], paid: [1, 1] }
}

/// Kuhn poker: three cards, one bet (Kuhn 1950).
pub fn kuhn() -> Game {
    let mut table = Table::new();
    table.deal(None, start(), ("card of 1", [true, false]), &[0, 1, 2], |table, place, hand, own| {
        let left: Vec<usize> = (0..3).filter(|c| *c != own).collect();
        table.deal(place, hand, ("card of 2", [false, true]), &left, |table, place, hand, other| {
            let sign = if own > other { 1 } else { -1 };
            kuhn_bets(table, place, hand, sign, "");
        });
    });
    table.finish()
}

/// The betting after the actions `so_far`, where `sign` is 1 if the first player has the higher card.
fn kuhn_bets(table: &mut Table, place: Place, hand: Hand, sign: i32, so_far: &str) {
    match so_far {
        "pp" => table.end(place, sign),
        "bb" | "pbb" => table.end(place, 2 * sign),
        "bp" => table.end(place, 1),
        "pbp" => table.end(place, -1),
        _ => table.choose(place, hand, so_far.len() % 2, &["pass", "bet"], |table, place, hand, k| {
            kuhn_bets(table, place, hand, sign, &format!("{so_far}{}", ["p", "b"][k]));
        }),
    }
}

/// The state of the betting in Leduc poker.
#[derive(Clone, Copy)]
struct Bets {
    cards: [usize; 2],
    board: Option<usize>,
    mover: usize,
    raises: usize,
    /// Whether somebody has acted in this round.
    opened: bool,
}

/// Leduc poker: two suits of three ranks, a card each, one on the board after the first of two rounds, at most two
/// raises in each, of 2 and of 4 (Southey et al. 2005). Cards are distinguished by suit, as in OpenSpiel, so that there
/// are 936 information sets.
pub fn leduc() -> Game {
    let mut table = Table::new();
    let all: Vec<usize> = (0..6).collect();
    table.deal(None, start(), ("card of 1", [true, false]), &all, |table, place, hand, own| {
        let left: Vec<usize> = (0..6).filter(|c| *c != own).collect();
        table.deal(place, hand, ("card of 2", [false, true]), &left, |table, place, hand, other| {
            let bets = Bets { cards: [own, other], board: None, mover: 0, raises: 0, opened: false };
            leduc_bets(table, place, hand, bets);
        });
    });
    table.finish()
}

fn leduc_bets(table: &mut Table, place: Place, hand: Hand, bets: Bets) {
    let (mover, other) = (bets.mover, 1 - bets.mover);
    let owes = hand.paid[other] > hand.paid[mover];
    let mut actions = vec!["call"];
    actions.extend((bets.raises < 2).then_some("raise"));
    actions.extend(owes.then_some("fold"));
    let shown = actions.clone();
    table.choose(place, hand, mover, &shown, |table, place, mut hand, k| match actions[k] {
        "fold" => table.end(place, if mover == 0 { -hand.paid[0] } else { hand.paid[1] }),
        "raise" => {
            hand.paid[mover] = hand.paid[other] + if bets.board.is_none() { 2 } else { 4 };
            let next = Bets { mover: other, raises: bets.raises + 1, opened: true, ..bets };
            leduc_bets(table, place, hand, next);
        }
        _ => {
            hand.paid[mover] = hand.paid[other];
            if bets.opened {
                leduc_round_over(table, place, hand, bets);
            } else {
                leduc_bets(table, place, hand, Bets { mover: other, opened: true, ..bets });
            }
        }
    });
}

fn leduc_round_over(table: &mut Table, place: Place, hand: Hand, bets: Bets) {
    if let Some(board) = bets.board {
        let strength = |card: usize| if card / 2 == board / 2 { 10 } else { card / 2 };
        let [first, second] = bets.cards.map(strength);
        table.end(place, hand.paid[0] * (i32::from(first > second) - i32::from(first < second)));
        return;
    }
    let left: Vec<usize> = (0..6).filter(|c| !bets.cards.contains(c)).collect();
    table.deal(place, hand, ("board", [true, true]), &left, |table, place, hand, card| {
        let next = Bets { board: Some(card), mover: 0, raises: 0, opened: false, ..bets };
        leduc_bets(table, place, hand, next);
    });
}
