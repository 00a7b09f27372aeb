//! Games for the tests: random ones, and the crisis-bargaining family.
#![allow(dead_code, missing_docs, unreachable_pub)]

pub mod poker;
pub mod textbook;
pub mod zero_sum;

use counterplay_game::build::{Place, TreeBuilder};
use counterplay_game::expression::{ExprId, Expressions, ParameterId};
use counterplay_game::id::{EventId, KnowledgeId, PlayerId};
use counterplay_game::knowledge::Knowledge;
use counterplay_game::normal::NormalForm;
use counterplay_game::rational::Rational;
use counterplay_game::tree::{End, Game, Kind};

/// A small generator, so that a test's game is a function of its seed.
pub struct Lcg(pub u64);

impl Lcg {
    pub fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn below(&mut self, n: usize) -> usize {
        ((self.next() * n as f64) as usize).min(n - 1)
    }
}

struct Growth {
    builder: TreeBuilder,
    expressions: Expressions,
    random: Lcg,
    parameters: usize,
    depth: usize,
}

/// A random game of three players with hidden moves, whose payoffs and probabilities depend on `parameters`
/// parameters, all of which may lie anywhere in -1..1.
pub fn random_game(seed: u64, depth: usize, parameters: usize) -> Game {
    let players = ["A", "B", "C"].map(String::from).to_vec();
    let mut growth = Growth {
        builder: TreeBuilder::new(players),
        expressions: Expressions::new(),
        random: Lcg(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) + 1),
        parameters,
        depth,
    };
    // The pattern of who moves and who sees is the same along all histories, so that information sets have
    // several members.
    let pattern: Vec<(usize, usize, u64)> = (0..depth)
        .map(|_| (growth.random.below(4), 2 + growth.random.below(2), growth.random.below(8) as u64))
        .collect();
    growth.grow(None, 0, [Knowledge::nothing(); 3], &pattern);
    growth.builder.finish(growth.expressions).expect("every branch was grown")
}

impl Growth {
    fn number(&mut self) -> ExprId {
        let parameter = ParameterId::new(self.random.below(self.parameters));
        let slope = 2.0 * self.random.next() - 1.0;
        let level = 2.0 * self.random.next() - 1.0;
        let (p, s, l) = (
            self.expressions.parameter(parameter),
            self.expressions.constant(slope),
            self.expressions.constant(level),
        );
        let product = self.expressions.multiply(p, s);
        self.expressions.add(product, l)
    }

    fn grow(
        &mut self,
        place: Place,
        level: usize,
        knowledge: [KnowledgeId; 3],
        pattern: &[(usize, usize, u64)],
    ) {
        let stop = level == self.depth || (level > 1 && self.random.next() < 0.1);
        if stop {
            let payoffs = (0..3).map(|_| self.number()).collect();
            let end = self.builder.end(End { payoffs, tag: 0 });
            self.builder.add(place, Kind::End(end), EventId::new(0));
            return;
        }
        let (mover, count, seen) = pattern[level];
        let name = self.builder.texts.intern(&format!("event {level}"));
        let labels: Vec<_> = (0..count).map(|k| self.builder.texts.intern(&format!("action {k}"))).collect();
        let event = self.builder.event(name, 1);
        let kind = if mover == 3 {
            let weights: Vec<_> = (0..count)
                .map(|_| {
                    let x = self.number();
                    self.expressions.unary(counterplay_game::expression::Unary::Exp, x)
                })
                .collect();
            let mut sum = self.expressions.constant(0.0);
            for &w in &weights {
                sum = self.expressions.add(sum, w);
            }
            let shares: Vec<_> =
                labels.iter().zip(weights).map(|(&l, w)| (l, self.expressions.divide(w, sum))).collect();
            Kind::Chance(self.builder.chance(&shares))
        } else {
            let set = self.builder.info_set(PlayerId::new(mover), name, knowledge[mover], &labels);
            Kind::Decision(set.expect("the pattern fixes the actions"))
        };
        let node = self.builder.add(place, kind, event);
        for (branch, &label) in labels.iter().enumerate() {
            let mut after = knowledge;
            for (player, k) in after.iter_mut().enumerate() {
                if seen >> player & 1 == 1 || player == mover {
                    *k = self.builder.knowledge.after(*k, name, label);
                }
            }
            self.grow(Some((node, branch)), level + 1, after, pattern);
        }
    }
}

/// The crisis-bargaining family: `rounds` offers of `offers` kinds between two sides of `types` types each.
pub fn crisis(rounds: usize, offers: usize, types: usize) -> Game {
    let mut b = TreeBuilder::new(vec!["1".into(), "2".into()]);
    let mut e = Expressions::new();
    let share = e.constant(1.0 / types as f64);
    let labels: Vec<_> = (0..types).map(|m| b.texts.intern(&m.to_string())).collect();
    let shares: Vec<_> = labels.iter().map(|&l| (l, share)).collect();
    let chance = b.chance(&shares);
    let names = ["type of 1", "type of 2"].map(|n| b.texts.intern(n));
    let events = names.map(|n| b.event(n, 1));
    let root = b.add(None, Kind::Chance(chance), events[0]);
    let cost = |m: usize| if types == 1 { 0.25 } else { 0.05 + 0.4 * m as f64 / (types - 1) as f64 };
    for i in 0..types {
        let second = b.add(Some((root, i)), Kind::Chance(chance), events[1]);
        for j in 0..types {
            let war = [0.55 - cost(i), 0.45 - 0.8 * cost(j)];
            let know =
                [(0, i), (1, j)].map(|(p, m)| b.knowledge.after(Knowledge::nothing(), names[p], labels[m]));
            offer(&mut b, &mut e, Some((second, j)), know, war, (0, rounds, offers));
        }
    }
    b.finish(e).expect("every branch was grown")
}

fn offer(
    b: &mut TreeBuilder,
    e: &mut Expressions,
    place: Place,
    know: [KnowledgeId; 2],
    war: [f64; 2],
    (t, rounds, offers): (usize, usize, usize),
) {
    let discount = 0.9f64.powi(i32::try_from(t).expect("few rounds"));
    let end = |b: &mut TreeBuilder, e: &mut Expressions, place, pay: [f64; 2]| {
        let payoffs = pay.iter().map(|&x| e.constant(x)).collect();
        let end = b.end(End { payoffs, tag: 0 });
        b.add(place, Kind::End(end), EventId::new(0));
    };
    if t == rounds {
        end(b, e, place, war.map(|w| discount * w));
        return;
    }
    let (proposer, responder) = (t % 2, 1 - t % 2);
    let name = b.texts.intern("offer");
    let labels: Vec<_> = (0..offers).map(|k| b.texts.intern(&k.to_string())).collect();
    let set =
        b.info_set(PlayerId::new(proposer), name, know[proposer], &labels).expect("same offers everywhere");
    let event = b.event(name, u32::try_from(t).expect("few rounds") + 1);
    let node = b.add(place, Kind::Decision(set), event);
    for (k, &label) in labels.iter().enumerate() {
        let x = ((2 * k + 1) as f64 / (2 * offers) as f64 * 1e4).round() / 1e4;
        let know = know.map(|n| b.knowledge.after(n, name, label));
        let answer = b.texts.intern("answer");
        let replies = ["accept", "walk", "reject"].map(|r| b.texts.intern(r));
        let set =
            b.info_set(PlayerId::new(responder), answer, know[responder], &replies).expect("same replies");
        let event = b.event(answer, u32::try_from(t).expect("few rounds") + 1);
        let reply = b.add(Some((node, k)), Kind::Decision(set), event);
        let mut split = [0.0; 2];
        (split[proposer], split[responder]) = (discount * (1.0 - x), discount * x);
        end(b, e, Some((reply, 0)), split);
        end(b, e, Some((reply, 1)), war.map(|w| discount * w));
        let know = know.map(|n| b.knowledge.after(n, answer, replies[2]));
        offer(b, e, Some((reply, 2)), know, war, (t + 1, rounds, offers));
    }
}

/// A random game in normal form: two or three players with two or three strategies each, and payoffs from -10 to 10.
pub fn random_normal_form(seed: u64) -> NormalForm {
    let mut random = Lcg(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) + 1);
    let sizes: Vec<usize> = (0..2 + random.below(2)).map(|_| 2 + random.below(2)).collect();
    let count = sizes.iter().product::<usize>() * sizes.len();
    let level = Rational::from_integer(10.into());
    let tenths = |x: usize| Rational::new(x.into(), 10.into());
    let payoffs = (0..count).map(|_| tenths(random.below(201)) - &level).collect();
    normal_form(&sizes, payoffs)
}

/// A game in normal form whose players and strategies have numbers for names.
pub fn normal_form(sizes: &[usize], payoffs: Vec<Rational>) -> NormalForm {
    let labels = |n: usize| (1..=n).map(|k| k.to_string()).collect::<Vec<_>>();
    NormalForm::new(labels(sizes.len()), sizes.iter().map(|&n| labels(n)).collect(), payoffs)
}
