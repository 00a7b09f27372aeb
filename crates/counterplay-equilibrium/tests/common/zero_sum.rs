//! Random games of two players whose payoffs sum to zero, with chance and hidden moves.

use counterplay_game::build::{Place, TreeBuilder};
use counterplay_game::expression::Expressions;
use counterplay_game::id::{EventId, KnowledgeId, PlayerId};
use counterplay_game::knowledge::Knowledge;
use counterplay_game::tree::{End, Game, Kind};

use super::Lcg;

/// What happens at one level of the tree: who moves (2 is chance), in how many ways, and who sees it.
#[derive(Clone, Copy)]
struct Level {
    mover: usize,
    count: usize,
    seen: usize,
}

struct Growth {
    builder: TreeBuilder,
    expressions: Expressions,
    random: Lcg,
    levels: Vec<Level>,
}

/// A random game with payoffs in -1..1 and perfect recall.
pub fn random_zero_sum(seed: u64, depth: usize) -> Game {
    let mut random = Lcg(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) + 3);
    let levels = (0..depth)
        .map(|_| Level { mover: random.below(3), count: 2 + random.below(2), seen: random.below(4) })
        .collect();
    let builder = TreeBuilder::new(vec!["1".into(), "2".into()]);
    let mut growth = Growth { builder, expressions: Expressions::new(), random, levels };
    growth.grow(None, 0, [Knowledge::nothing(); 2]);
    growth.builder.finish(growth.expressions).expect("every branch was grown")
}

impl Growth {
    fn grow(&mut self, place: Place, depth: usize, know: [KnowledgeId; 2]) {
        if depth == self.levels.len() || (depth > 1 && self.random.next() < 0.1) {
            let won = 2.0 * self.random.next() - 1.0;
            let payoffs = [won, -won].map(|x| self.expressions.constant(x)).to_vec();
            let end = self.builder.end(End { payoffs, tag: 0 });
            self.builder.add(place, Kind::End(end), EventId::new(0));
            return;
        }
        let Level { mover, count, seen } = self.levels[depth];
        let name = self.builder.texts.intern(&format!("event {depth}"));
        let labels: Vec<_> = (0..count).map(|k| self.builder.texts.intern(&k.to_string())).collect();
        let kind = if mover == 2 {
            let weights: Vec<f64> = (0..count).map(|_| 0.1 + self.random.next()).collect();
            let sum: f64 = weights.iter().sum();
            let share = |(l, w): (_, &f64)| (l, self.expressions.constant(w / sum));
            let branches: Vec<_> = labels.iter().copied().zip(&weights).map(share).collect();
            Kind::Chance(self.builder.chance(&branches))
        } else {
            let set = self.builder.info_set(PlayerId::new(mover), name, know[mover], &labels);
            Kind::Decision(set.expect("the level fixes the actions"))
        };
        let event = self.builder.event(name, 1);
        let node = self.builder.add(place, kind, event);
        for (branch, &label) in labels.iter().enumerate() {
            let mut after = know;
            for (player, k) in after.iter_mut().enumerate() {
                if seen >> player & 1 == 1 || player == mover {
                    *k = self.builder.knowledge.after(*k, name, label);
                }
            }
            self.grow(Some((node, branch)), depth + 1, after);
        }
    }
}
