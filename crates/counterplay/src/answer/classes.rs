//! Histories as they were, sorted by all that bears on what is asked of other worlds: what came of them, which conditions of queries
//! hold, and what is known of the ranks of measured quantities.

use std::collections::BTreeMap;

use counterplay_game::id::NodeId;
use counterplay_game::tree::Game;
use counterplay_inference::distribution::Concrete;

use crate::answer::query::{MeasuredLaw, RankRange, Test};
use crate::world::catalogue::OutcomeIndex;
use crate::world::joint::KnownWorld;
use crate::world::scene::{RecordedMeasures, Scene};

/// What tells histories apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Distinctions {
    /// The outcomes that are asked about.
    pub(crate) outcomes: Vec<OutcomeIndex>,
    /// The conditions under which queries count a history.
    pub(crate) gates: Vec<Test>,
    /// Whether the ranks of recorded quantities matter.
    pub(crate) measured: bool,
}

/// Histories that are alike in all that is told apart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HistoryClass {
    /// For each outcome that is asked about, whether it followed.
    pub(crate) outcomes: Vec<bool>,
    /// For each gate, whether it lets the histories through.
    pub(crate) gates: Vec<bool>,
    /// What is known of the ranks of measured quantities.
    pub(crate) ranks: Vec<(usize, RankRange)>,
    /// The probability of the class, given the record.
    pub(crate) probability: f64,
}

impl HistoryClass {
    /// The law of a measured quantity in another world.
    pub(crate) fn law(&self, measure: usize, law: Concrete) -> MeasuredLaw {
        let known = self.ranks.iter().find(|r| r.0 == measure);
        known.map_or_else(|| MeasuredLaw::free(law), |r| MeasuredLaw::within(law, r.1))
    }
}

/// The histories of a world, sorted.
pub(crate) struct Classes {
    pub(crate) list: Vec<HistoryClass>,
    /// For each node that is an end, the classes that its history may be of, with their probabilities.
    pub(crate) of_end: Vec<Vec<(usize, f64)>>,
}

/// Classes by what tells them apart, while they are found.
#[derive(Default)]
struct Sorting {
    list: Vec<HistoryClass>,
    known: BTreeMap<(Vec<bool>, Vec<u64>), usize>,
}

impl Distinctions {
    /// Sorts the histories of a world that pass each node with this probability; `values` are those of its expressions.
    pub(crate) fn sort(
        &self,
        scene: &Scene,
        values: &[f64],
        passing: &[f64],
        recorded: &RecordedMeasures,
    ) -> Classes {
        let game = scene.model().game();
        let mut cuts: Vec<(usize, f64)> = self.gates.iter().flat_map(Test::thresholds).collect();
        cuts.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        cuts.dedup();
        let mut sorting = Sorting::default();
        let mut of_end = vec![Vec::new(); game.node_count()];
        for end in game.nodes().filter(|n| game.child_count(*n) == 0 && passing[n.index()] > 0.0) {
            let measured = self.measured || !cuts.is_empty();
            let known =
                if measured { known_ranks(scene, values, end, recorded, &cuts) } else { vec![Vec::new()] };
            for ranks in known {
                let probability = ranks.iter().map(|r| r.probability).product();
                let class = sorting.class(self, scene, end, &ranks, passing[end.index()] * probability);
                of_end[end.index()].push((class, probability));
            }
        }
        Classes { list: sorting.list, of_end }
    }
}

impl Classes {
    /// The world as one of which the history is known as far as `passing` says.
    pub(crate) fn shares(&self, scene: &Scene, passing: &[f64]) -> Vec<f64> {
        KnownWorld::shares(scene.model().game(), passing, self.list.len(), &self.of_end)
    }
}

/// What is known of a measured quantity at an end: its ranks, a value among them, and how likely they are.
#[derive(Clone, Copy)]
struct KnownRank {
    measure: usize,
    ranks: RankRange,
    value: f64,
    probability: f64,
}

/// All that the measured quantities of an end can be, as far as it is told apart: lists of what is known of each.
fn known_ranks(
    scene: &Scene,
    values: &[f64],
    end: NodeId,
    recorded: &RecordedMeasures,
    cuts: &[(usize, f64)],
) -> Vec<Vec<KnownRank>> {
    let mut lists = vec![Vec::new()];
    for (measure, law) in scene.laws(end, values) {
        let own: Vec<f64> = cuts.iter().filter(|c| c.0 == measure).map(|c| c.1).collect();
        let some: Vec<KnownRank> = match recorded.first(measure) {
            Some(value) => {
                let ranks = RankRange::of_value(&law, value);
                vec![KnownRank { measure, ranks, value, probability: 1.0 }]
            }
            None if own.is_empty() => continue,
            None => {
                let one = |(value, ranks): (f64, RankRange)| KnownRank {
                    measure,
                    ranks,
                    value,
                    probability: ranks.width(),
                };
                MeasuredLaw::free(law).stretches(&own).into_iter().map(one).collect()
            }
        };
        let with = |list: &Vec<KnownRank>| {
            some.iter().map(|k| list.iter().copied().chain([*k]).collect()).collect::<Vec<_>>()
        };
        lists = lists.iter().flat_map(with).collect();
    }
    lists
}

impl Sorting {
    /// The class of a history to `end` with these ranks, which has this probability.
    fn class(
        &mut self,
        by: &Distinctions,
        scene: &Scene,
        end: NodeId,
        ranks: &[KnownRank],
        probability: f64,
    ) -> usize {
        let value = |measure: usize| ranks.iter().find(|r| r.measure == measure).map(|r| r.value);
        let outcomes: Vec<bool> = by.outcomes.iter().map(|o| scene.outcomes(end).contains(o)).collect();
        let gates: Vec<bool> = by.gates.iter().map(|g| g.holds(end, &value)).collect();
        let bits = |r: &KnownRank| {
            [
                r.measure as u64,
                r.ranks.low.below().to_bits(),
                r.ranks.high.below().to_bits(),
                r.ranks.low.above().to_bits(),
            ]
        };
        let key = (outcomes.iter().chain(&gates).copied().collect(), ranks.iter().flat_map(bits).collect());
        let known = *self.known.entry(key).or_insert_with(|| {
            let ranks = ranks.iter().map(|r| (r.measure, r.ranks)).collect();
            self.list.push(HistoryClass { outcomes, gates, ranks, probability: 0.0 });
            self.list.len() - 1
        });
        self.list[known].probability += probability;
        known
    }
}

/// The probability, without anything known, that a world passes each node, where `into` gives that of the branch to it.
pub(crate) fn reached(game: &Game, into: &[f64]) -> Vec<f64> {
    let mut reach = vec![1.0; game.node_count()];
    for node in game.nodes() {
        for child in game.children(node) {
            reach[child.index()] = reach[node.index()] * into[child.index()];
        }
    }
    reach
}
