//! Bounds on necessity and sufficiency in a game that hold whatever the mechanism of luck.
//!
//! The probabilities of causation speak of the same luck in two worlds, and rest on the Gumbel mechanism. Whatever
//! the mechanism, three things are known at each posterior draw, all exactly from the tree: how likely each history
//! is as it was (the *observations*), how likely the outcome is in the world without the factor (the *experiment*),
//! and that a history in which all that is forced happens anyway goes on as it did (*consistency*). Tian and Pearl
//! (2000) bound the probabilities from just these.
//!
//! Two refinements keep to what is known. Where the absence of a factor comes as a surprise, all is as it was up to
//! the first event that it touches, so that the bounds are taken at each node of that event and then averaged: what
//! came before is a covariate (Kuroki and Cai 2011). And necessity is asked of the histories that agree with the
//! record, so that each history counts by how likely it is given the record; the bounds are then the solution of
//! a linear program with one constraint at each such node, found greedily. Without a record after the event they
//! are those of the theorem.

use counterplay_game::id::NodeId;
use counterplay_game::tree::{Game, Kind};
use counterplay_math::exp;

use crate::causality::causation::{Causation, Range};
use crate::model::odds::LogOdds;
use crate::model::odds::reach;
use crate::world::catalogue::OutcomeIndex;
use crate::world::inquiry::{Inquiry, WorldId};
use crate::world::scene::Scene;
use crate::world::surprises::Surprises;

/// A world at one draw, as far as it matters here.
pub(crate) struct SolvedWorld<'a> {
    pub(crate) odds: &'a LogOdds,
    pub(crate) values: &'a [f64],
}

/// What is fixed about the absence of one factor.
#[derive(Clone, Debug)]
struct Route {
    /// The world without it.
    world: WorldId,
    /// Where the two worlds part; bounds are taken at each of these nodes.
    partings: Vec<NodeId>,
    /// For each end as it was, the parting on its way.
    parting_of: Vec<Option<usize>>,
    /// For each end, whether all that is forced happens on its way anyway.
    consistent: Vec<bool>,
}

/// The bounds for the factors of a scenario.
#[derive(Clone, Debug)]
pub(crate) struct MechanismFree {
    ends: Vec<NodeId>,
    present: WorldId,
    routes: Vec<Route>,
    outcomes: Vec<OutcomeIndex>,
    /// Whether the record says anything.
    recorded: bool,
}

impl MechanismFree {
    /// Finds where the worlds part: `present` is the world with all factors, `without` those without one each.
    pub(crate) fn new(
        inquiry: &Inquiry<'_>,
        present: WorldId,
        without: &[WorldId],
        outcomes: &[OutcomeIndex],
    ) -> Self {
        let game = inquiry.factual().model().game();
        let ends: Vec<NodeId> = game.nodes().filter(|&n| matches!(game.kind(n), Kind::End(_))).collect();
        let routes = without.iter().map(|&world| Route::new(inquiry, &ends, present, world)).collect();
        let recorded = !inquiry.scenario().record.is_empty();
        Self { ends, present, routes, outcomes: outcomes.to_vec(), recorded }
    }

    /// The bounds at one draw, for each outcome and factor; `given_record` is the probability, given the record,
    /// that the history passes each node as it was.
    pub(crate) fn weigh(
        &self,
        inquiry: &Inquiry<'_>,
        solutions: &[SolvedWorld<'_>],
        given_record: &[f64],
    ) -> Vec<Vec<Causation<Range>>> {
        let scene = inquiry.factual();
        let reach = reach(scene.model().game(), solutions[0].odds);
        let one = |&outcome: &OutcomeIndex| {
            let histories = WeighedHistories {
                probability: self.ends.iter().map(|e| reach[e.index()]).collect(),
                weight: self.ends.iter().map(|e| given_record[e.index()]).collect(),
                having: self.ends.iter().map(|&e| scene.outcomes(e).contains(&outcome)).collect(),
            };
            let from = |world: WorldId| outcome_from(inquiry, world, &solutions[world.0], outcome);
            let with = from(self.present);
            let bounds = |route: &Route| {
                let without = from(route.world);
                if self.present == WorldId::FACTUAL {
                    route.bounds(&histories, &reach, &without)
                } else {
                    self.of_two_experiments(with[Game::ROOT], without[Game::ROOT])
                }
            };
            self.routes.iter().map(bounds).collect()
        };
        self.outcomes.iter().map(one).collect()
    }

    /// Where to be present is itself an intervention: nothing but the two experiments is known.
    fn of_two_experiments(&self, with: f64, without: f64) -> Causation<Range> {
        let (low, high) = (0f64.max(with - without), with.min(1.0 - without));
        Causation {
            necessity: if self.recorded { Range { low: 0.0, high: 1.0 } } else { share(low, high, with) },
            sufficiency: share(low, high, 1.0 - without),
            both: Range { low, high },
        }
    }
}

/// WeighedHistories as they were, by their ends.
struct WeighedHistories {
    probability: Vec<f64>,
    /// Given the record.
    weight: Vec<f64>,
    having: Vec<bool>,
}

impl Route {
    fn new(inquiry: &Inquiry<'_>, ends: &[NodeId], present: WorldId, world: WorldId) -> Self {
        let scene = inquiry.factual();
        let game = scene.model().game();
        let root = NodeId::new(Game::ROOT);
        let it = &inquiry.worlds[world.0];
        let surprise = it.plan.keeps_play() && it.plan.all_parameters.is_empty();
        if present != WorldId::FACTUAL || !surprise {
            let (parting_of, consistent) = (vec![Some(0); ends.len()], vec![false; ends.len()]);
            return Self { world, partings: vec![root], parting_of, consistent };
        }
        let mut partings: Vec<NodeId> = Vec::new();
        let mut parting_of = Vec::with_capacity(ends.len());
        let mut consistent = Vec::with_capacity(ends.len());
        for &end in ends {
            let path = game.path(end);
            let first = path.iter().find(|(node, _)| it.surprises.touches(scene, *node));
            parting_of.push(first.map(|&(node, _)| {
                partings.iter().position(|p| *p == node).unwrap_or_else(|| {
                    partings.push(node);
                    partings.len() - 1
                })
            }));
            consistent
                .push(path.iter().all(|&(node, branch)| it.surprises.happens_anyway(scene, node, branch)));
        }
        Self { world, partings, parting_of, consistent }
    }

    /// The bounds, where `without` is the probability of the outcome from each node in the world without.
    fn bounds(&self, histories: &WeighedHistories, reach: &[f64], without: &[f64]) -> Causation<Range> {
        let mut cells = self.cells(histories, reach, without);
        let (mut low, mut high) = (0.0, 0.0);
        let (mut needed_low, mut needed_high) = (0.0, 0.0);
        for cell in &mut cells {
            low += 0f64.max(cell.having + cell.lost - cell.mass);
            high += cell.having.min(cell.lost);
            let (least, most) = cell.weight_lost();
            needed_low += least;
            needed_high += most;
        }
        let over = |of: &dyn Fn(usize) -> f64| (0..histories.having.len()).map(of).sum::<f64>();
        let untouched_lost = over(&|e| {
            let lost = self.parting_of[e].is_none() && !histories.having[e];
            if lost { histories.probability[e] } else { 0.0 }
        });
        let lost_at = |p: &NodeId| reach[p.index()] * (1.0 - without[p.index()]);
        let all_lost = untouched_lost + self.partings.iter().map(lost_at).sum::<f64>();
        let weight = over(&|e| if histories.having[e] { histories.weight[e] } else { 0.0 });
        Causation {
            necessity: share(needed_low, needed_high, weight),
            sufficiency: share(low, high, all_lost),
            both: Range { low, high },
        }
    }

    /// What is known at each parting of the histories that the absence could change.
    fn cells(&self, histories: &WeighedHistories, reach: &[f64], without: &[f64]) -> Vec<Cell> {
        let lost = |p: &NodeId| reach[p.index()] * (1.0 - without[p.index()]);
        let mut cells: Vec<Cell> =
            self.partings.iter().map(|p| Cell { lost: lost(p), ..Cell::default() }).collect();
        for (end, parting) in self.parting_of.iter().enumerate() {
            let Some(parting) = *parting else { continue };
            let (probability, having) = (histories.probability[end], histories.having[end]);
            let cell = &mut cells[parting];
            if self.consistent[end] {
                cell.lost -= if having { 0.0 } else { probability };
                continue;
            }
            cell.mass += probability;
            if having {
                cell.having += probability;
                if histories.weight[end] > 0.0 {
                    cell.items.push((probability, histories.weight[end]));
                }
            }
        }
        for cell in &mut cells {
            // Sums in another order differ in their last bits.
            cell.lost = cell.lost.clamp(0.0, cell.mass);
        }
        cells
    }
}

/// WeighedHistories that pass one parting, and that the absence of a factor could change.
#[derive(Clone, Debug, Default)]
struct Cell {
    /// Their probability.
    mass: f64,
    /// The probability of those with the outcome.
    having: f64,
    /// The probability of those, whichever they are, that would not have it without the factor.
    lost: f64,
    /// Those with the outcome that agree with the record: probability as it was, and given the record.
    items: Vec<(f64, f64)>,
}

impl Cell {
    /// The least and the greatest weight, given the record, of histories with the outcome that would lose it.
    fn weight_lost(&mut self) -> (f64, f64) {
        // Those that the record makes likeliest for their probability come first.
        self.items.sort_by(|a, b| (b.1 / b.0).total_cmp(&(a.1 / a.0)));
        let most = |mut left: f64| {
            let mut sum = 0.0;
            for &(probability, weight) in &self.items {
                let part = (left / probability).min(1.0);
                sum += part * weight;
                left = (left - probability).max(0.0);
            }
            sum
        };
        let all: f64 = self.items.iter().map(|i| i.1).sum();
        (all - most(self.mass - self.lost), most(self.lost))
    }
}

/// A range as a share of a whole; not a number of nothing.
fn share(low: f64, high: f64, whole: f64) -> Range {
    if whole > 0.0 {
        Range { low: (low / whole).clamp(0.0, 1.0), high: (high / whole).clamp(0.0, 1.0) }
    } else {
        Range { low: f64::NAN, high: f64::NAN }
    }
}

/// The probability of an outcome from each node of a world's tree.
fn outcome_from(
    inquiry: &Inquiry<'_>,
    world: WorldId,
    solution: &SolvedWorld<'_>,
    outcome: OutcomeIndex,
) -> Vec<f64> {
    let world = &inquiry.worlds[world.0];
    let scene = &inquiry.scenes[inquiry.plays[world.play].scene];
    let game = scene.model().game();
    let mut from = vec![0.0; game.node_count()];
    for node in game.nodes().rev() {
        from[node.index()] = if game.child_count(node) == 0 {
            f64::from(u8::from(scene.outcomes(node).contains(&outcome)))
        } else {
            let below = game.children(node).map(|child| from[child.index()]);
            branch_odds(scene, solution, &world.surprises, node)
                .into_iter()
                .zip(below)
                .map(|(p, x)| p * x)
                .sum()
        };
    }
    from
}

fn branch_odds(scene: &Scene, solution: &SolvedWorld<'_>, surprises: &Surprises, node: NodeId) -> Vec<f64> {
    let game = scene.model().game();
    if surprises.touches(scene, node) {
        surprises.odds(scene, solution.odds, solution.values, node)
    } else {
        solution.odds.at(game, node).iter().map(|l| exp(*l)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Any way in which the luck could be shared out gives a weight between the two ends; and the ends are
        /// met by giving the losses to those for whom the record speaks most, or least.
        #[test]
        fn no_sharing_out_of_losses_gives_more_or_less_than_the_ends(
            items in proptest::collection::vec((0.01..1.0f64, 0.01..1.0f64), 1..6),
            rest in 0.0..2.0f64,
            lost in 0.0..1.0f64,
            shares in proptest::collection::vec(0.0..1.0f64, 7),
        ) {
            let having: f64 = items.iter().map(|i| i.0).sum();
            let mass = having + rest;
            let mut cell = Cell { mass, having, lost: lost * mass, items: items.clone() };
            let (least, most) = cell.weight_lost();
            prop_assert!(-1e-12 <= least && least <= most + 1e-12);
            // Losses in any shares, scaled to the right total; what a history cannot take goes to the others.
            let masses: Vec<f64> = items.iter().map(|i| i.0).chain([rest]).collect();
            let mut taken = vec![0.0; masses.len()];
            let mut left = cell.lost;
            for _ in 0..200 {
                let open: f64 = (0..masses.len()).map(|k| shares[k] * (masses[k] - taken[k])).sum();
                if left < 1e-13 || open < 1e-13 { break; }
                let scale = (left / open).min(1.0);
                for k in 0..masses.len() {
                    let part = scale * shares[k] * (masses[k] - taken[k]);
                    taken[k] += part;
                    left -= part;
                }
            }
            prop_assume!(left < 1e-9);
            let weight: f64 = items.iter().zip(&taken).map(|((p, w), t)| w * t / p).sum();
            prop_assert!(least - 1e-6 <= weight && weight <= most + 1e-6, "{} is not in {}..{}", weight, least, most);
        }
    }
}
