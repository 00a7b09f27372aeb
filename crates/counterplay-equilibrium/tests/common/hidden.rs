//! Random games of two players with hidden moves and perfect recall.
#![allow(dead_code, missing_docs, unreachable_pub)]

use counterplay_game::build::{Place, TreeBuilder};
use counterplay_game::expression::Expressions;
use counterplay_game::id::{EventId, KnowledgeId, PlayerId};
use counterplay_game::knowledge::Knowledge;
use counterplay_game::tree::{End, Game, Kind};

pub use super::common::Lcg;

/// A random game of `depth` moves at most. What the first player gets is a small whole number, and the second gets
/// what `other` makes of it and of another such number.
pub fn hidden_game(seed: u64, depth: usize, other: impl Fn(f64, f64) -> f64) -> Game {
    let mut builder = TreeBuilder::new(vec!["A".into(), "B".into()]);
    let mut expressions = Expressions::new();
    let mut random = Lcg(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) + 1);
    // Who moves at a level, with how many actions, and who sees it, is the same along all histories.
    let pattern: Vec<_> =
        (0..depth).map(|_| (random.below(3), 2 + random.below(2), random.below(4))).collect();
    let mut open: Vec<(Place, [KnowledgeId; 2], usize)> = vec![(None, [Knowledge::nothing(); 2], 0)];
    while let Some((place, known, level)) = open.pop() {
        if level == depth || (level > 0 && random.below(6) == 0) {
            let x = random.below(9) as f64 - 4.0;
            let payoffs =
                [x, other(x, random.below(9) as f64 - 4.0)].map(|x| expressions.constant(x)).to_vec();
            let end = builder.end(End { payoffs, tag: 0 });
            builder.add(place, Kind::End(end), EventId::new(0));
            continue;
        }
        let (mover, count, seen) = pattern[level];
        let name = builder.texts.intern(&format!("move {level}"));
        let labels: Vec<_> = (0..count).map(|k| builder.texts.intern(&k.to_string())).collect();
        let event = builder.event(name, 1);
        let kind = if mover == 2 {
            let share = expressions.constant(1.0 / count as f64);
            Kind::Chance(builder.chance(&labels.iter().map(|&l| (l, share)).collect::<Vec<_>>()))
        } else {
            let set = builder.info_set(PlayerId::new(mover), name, known[mover], &labels);
            Kind::Decision(set.expect("the pattern fixes the actions"))
        };
        let node = builder.add(place, kind, event);
        for (branch, &label) in labels.iter().enumerate() {
            let mut after = known;
            for (player, k) in after.iter_mut().enumerate() {
                if player == mover || seen >> player & 1 == 1 {
                    *k = builder.knowledge.after(*k, name, label);
                }
            }
            open.push((Some((node, branch)), after, level + 1));
        }
    }
    builder.finish(expressions).expect("every branch was grown")
}
