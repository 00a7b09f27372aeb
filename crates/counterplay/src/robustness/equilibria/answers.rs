//! The answers at one point under other play.

use std::cell::OnceCell;

use counterplay_game::id::{InfoSetId, NodeId};

use super::grouped::{Member, Members};
use super::{AtPoint, Searching, depends};
use crate::answer::attribution::FactorWorlds;
use crate::answer::having::{having, share};
use crate::answer::replays::{Bench, REDRAWN};
use crate::answer::summed::Worlds;
use crate::answer::timeline::given_record;
use crate::model::consistent::Weights;
use crate::model::odds::{LogOdds, expected_visits, reach};
use crate::model::play::Play;
use crate::model::{Evaluator, NoValue};
use crate::story::unfolded::{State, Unfolded};
use crate::world::history::Replayed;
use crate::world::inquiry::{Inquiry, WorldId};
use crate::world::joint::JointWalk;
use crate::world::luck::Luck;
use crate::world::solution::Solved;
use counterplay_analysis::{PlayDifference, WorldName};
use counterplay_inference::key::Key;

/// A world that is asked for, with its name.
#[derive(Clone, Debug)]
pub(crate) struct NamedWorld {
    pub(crate) world: WorldId,
    pub(crate) name: WorldName,
}

/// The worlds that a scenario asks for: as it was, under each what-if, and without each factor.
pub(crate) fn names(inquiry: &Inquiry<'_>, questions: &[WorldId], factors: &FactorWorlds) -> Vec<NamedWorld> {
    let scenario = inquiry.scenario();
    let mut all = vec![NamedWorld { world: WorldId::FACTUAL, name: WorldName::AsItWas }];
    if !scenario.record.is_empty() {
        all.push(NamedWorld { world: WorldId::FACTUAL, name: WorldName::Foreseen });
    }
    let what_if = |(&world, q): (&WorldId, &crate::scenario::Question)| NamedWorld {
        world,
        name: WorldName::WhatIf(q.name.clone()),
    };
    all.extend(questions.iter().zip(&scenario.questions).map(what_if));
    let without = |(&world, f): (&WorldId, &crate::scenario::Factor)| NamedWorld {
        world,
        name: WorldName::Without(f.name.clone()),
    };
    all.extend(factors.without_one().iter().zip(&scenario.factors).map(without));
    all
}

/// How many differences are told of each equilibrium.
const DIFFERENCES: usize = 3;
/// A difference of probabilities, times that of coming there, that is not worth telling.
const NO_DIFFERENCE: f64 = 0.01;

impl Searching<'_> {
    /// The others of one play at one point, each with the answers on it.
    pub(super) fn members(
        &self,
        bench: &mut Bench,
        play: usize,
        index: usize,
        point: &[f64],
        at: &AtPoint,
    ) -> Members {
        let centre = index == usize::MAX;
        let none = Members { centre, found: Vec::new() };
        let Some(used) = at.plays[play].as_ref() else { return none };
        let Ok(factual) = bench.factual_values(point) else { return none };
        let at_point = (index, point, factual.as_slice());
        let kept = self.task.inquiry.plays[play].kept.and_then(|k| at.plays[k].as_ref());
        if bench.load(self.task.inquiry, play, point, &factual, kept).is_err() {
            return none;
        }
        // Before the answers, which load other worlds of the same game.
        let others = &at.others[play];
        let seen: Vec<_> = others
            .iter()
            .map(|o| (self.ends(bench, play, o), self.differences(bench, play, used, o)))
            .collect();
        let principal = self.answers(bench, play, at_point, at, None);
        let member = |(other, (ends, differences)): (&Play, (Vec<f64>, Vec<PlayDifference>))| {
            let here = self.answers(bench, play, at_point, at, Some(other));
            let both = principal.iter().zip(here);
            let both = both.filter_map(|((name, p), (_, h))| Some((name.clone(), (*p)?, h?)));
            Member { ends, differences, answers: both.collect() }
        };
        Members { centre, found: others.iter().zip(seen).map(member).collect() }
    }

    /// The probability of the outcome in each named world that is played so, where `other` may take the place of the play.
    /// Nothing where the record cannot have come about, or play by the rules of the other is not reached.
    fn answers(
        &self,
        bench: &mut Bench,
        play: usize,
        at_point: (usize, &[f64], &[f64]),
        at: &AtPoint,
        other: Option<&Play>,
    ) -> Vec<(WorldName, Option<f64>)> {
        let inquiry = self.task.inquiry;
        let mut plays = at.plays.clone();
        if let Some(other) = other {
            plays[play] = Some(other.clone());
            self.solve_dependent(bench, play, at_point, &mut plays);
        }
        let concerned = self.names.iter().filter(|n| depends(inquiry, inquiry.worlds[n.world.0].play, play));
        let concerned: Vec<_> = concerned.collect();
        let Ok(factual) = self.solved(bench, WorldId::FACTUAL, at_point, &plays) else {
            return concerned.iter().map(|n| (n.name.clone(), None)).collect();
        };
        let weights = self.weights(&factual);
        let noise = OnceCell::new();
        let one = |named: &&super::NamedWorld| {
            let value = match (&named.name, &weights) {
                (WorldName::Foreseen, _) => Some(self.foreseen.probability(&factual.odds)),
                (_, None) => None,
                (WorldName::AsItWas, Some(weights)) if !inquiry.has_stages() => self.given_record(weights),
                (_, Some(weights)) => self.solved(bench, named.world, at_point, &plays).ok().map(|solved| {
                    let here = (named.world, &solved);
                    self.summed(&mut bench.walk, &factual, weights, here).unwrap_or_else(|| {
                        let key = self.key(at_point.0);
                        let luck = || self.task.held_noise(key, &factual, weights, self.task.replays);
                        self.replayed(key, noise.get_or_init(luck), here)
                    })
                }),
            };
            (named.name.clone(), value)
        };
        concerned.iter().map(one).collect()
    }

    /// Solves again what is played by the rules of a play that has changed.
    fn solve_dependent(
        &self,
        bench: &mut Bench,
        changed: usize,
        (_, point, factual): (usize, &[f64], &[f64]),
        plays: &mut [Option<Play>],
    ) {
        let inquiry = self.task.inquiry;
        for later in changed + 1..plays.len() {
            if plays[later].is_some() && depends(inquiry, later, changed) {
                let kept = inquiry.plays[later].kept.and_then(|k| plays[k].clone());
                plays[later] = bench.solve(inquiry, later, point, factual, kept.as_ref()).ok();
            }
        }
    }

    fn solved(
        &self,
        bench: &mut Bench,
        world: WorldId,
        (_, point, factual): (usize, &[f64], &[f64]),
        plays: &[Option<Play>],
    ) -> Result<Solved, NoValue> {
        let inquiry = self.task.inquiry;
        let world = &inquiry.worlds[world.0];
        let play = plays[world.play].as_ref().ok_or(NoValue::NotSolved { reached: 0.0 })?;
        let kept = inquiry.plays[world.play].kept.and_then(|k| plays[k].as_ref());
        bench.world(inquiry, world, point, factual, play, kept)
    }

    /// How probability spreads over the histories that agree with the record; nothing where it cannot have come about.
    fn weights(&self, factual: &Solved) -> Option<Weights> {
        let scene = self.task.inquiry.factual();
        let consistent = scene.model().consistent()?;
        let mut weights = Weights::default();
        let log_likelihood =
            consistent.weigh(scene.model().unfolded(), &factual.odds, &factual.values, &mut weights);
        log_likelihood.is_finite().then_some(weights)
    }

    fn key(&self, index: usize) -> Key {
        Key::new(self.task.seed).with(index as u64)
    }

    /// The probability of the outcome given the record.
    fn given_record(&self, weights: &Weights) -> Option<f64> {
        let scene = self.task.inquiry.factual();
        let game = scene.model().game();
        let passed = scene.model().consistent()?.passing(weights);
        let having =
            |node: NodeId| game.child_count(node) == 0 && scene.outcomes(node).contains(&self.foreseen.about);
        Some(passed.filter(|(_, node, _)| having(*node)).map(|(_, _, w)| w).sum())
    }

    /// The probability of the outcome in a world; `None` where that is too much to sum over.
    fn summed(
        &self,
        walk: &mut JointWalk,
        factual: &Solved,
        weights: &Weights,
        here: (WorldId, &Solved),
    ) -> Option<f64> {
        let inquiry = self.task.inquiry;
        if inquiry.has_stages() {
            return None;
        }
        let worlds = Worlds { inquiry, solved: std::slice::from_ref(factual) };
        worlds.probability(walk, &given_record(inquiry.factual(), weights), here, self.foreseen.about)
    }

    /// The share of replays with which the outcome follows.
    fn replayed(&self, key: Key, noise: &[Luck], (world, solved): (WorldId, &Solved)) -> f64 {
        let replay = |(l, luck): (usize, &Luck)| {
            let redrawn = Luck::fresh(key.with(REDRAWN).with(l as u64));
            self.task.replay_one(world.0, solved, luck, &redrawn)
        };
        let ends: Vec<Replayed> = noise.iter().enumerate().map(replay).collect();
        share(&having(self.task.inquiry, world, &ends, self.foreseen.about))
    }

    /// How the histories under a play are spread over the nodes at which games end, state by state, at the point that its evaluator was
    /// loaded with last; other nodes have none.
    fn ends(&self, bench: &mut Bench, play: usize, of: &Play) -> Vec<f64> {
        let evaluator = bench.evaluator(self.task.inquiry, play);
        let mut all = Vec::new();
        for (state, share) in self.states(evaluator, of).into_iter().enumerate() {
            let game = &evaluator.model().unfolded().states[state].game;
            let ends =
                game.nodes().map(|n| if game.child_count(n) > 0 { 0.0 } else { share.reach[n.index()] });
            all.extend(ends.map(|p| p * share.visits));
        }
        all
    }

    /// How likely each state is to be met under a play, and each of its nodes.
    fn states(&self, evaluator: &Evaluator, of: &Play) -> Vec<StateReach> {
        let unfolded = evaluator.model().unfolded();
        let odds = evaluator.odds(of);
        let visits = expected_visits(unfolded, &odds, self.task.inquiry.horizon());
        let total: f64 = visits.iter().sum();
        let one = |(state, visits): (&State, f64), odds: &LogOdds| StateReach {
            visits: visits / total,
            met: visits.min(1.0),
            reach: reach(&state.game, odds),
        };
        unfolded.states.iter().zip(visits).zip(&odds).map(|(state, odds)| one(state, odds)).collect()
    }

    /// Where two equilibria differ most, by how much and by how likely it is that play comes there under either.
    fn differences(&self, bench: &mut Bench, play: usize, used: &Play, other: &Play) -> Vec<PlayDifference> {
        let evaluator = bench.evaluator(self.task.inquiry, play);
        let unfolded = evaluator.model().unfolded();
        let [one, two] = [used, other].map(|play| self.states(evaluator, play));
        let weight = |state: usize, set: InfoSetId| {
            let members = unfolded.states[state].game.members(set);
            let of = |s: &StateReach| s.met * members.iter().map(|n| s.reach[n.index()]).sum::<f64>();
            of(&one[state]).max(of(&two[state]))
        };
        let largest = |state: usize, set: InfoSetId| {
            let actions = unfolded.states[state].game.actions(set);
            let more = |a: usize| other.of_state(state)[a] - used.of_state(state)[a];
            let action = actions.clone().max_by(|&a, &b| more(a).total_cmp(&more(b)).then(b.cmp(&a)))?;
            Some((weight(state, set) * more(action), state, set, action))
        };
        let sets = unfolded.states.iter().enumerate();
        let sets = sets.flat_map(|(state, own)| own.game.info_set_ids().map(move |set| (state, set)));
        let all = sets.filter_map(|(state, set)| largest(state, set));
        let mut all: Vec<_> = all.filter(|d| d.0 > NO_DIFFERENCE).collect();
        // Sorting keeps the order of the game among those that differ alike.
        all.sort_by(|a, b| b.0.total_cmp(&a.0));
        let told = |&(_, state, set, action): &(f64, usize, InfoSetId, usize)| {
            let game = &unfolded.states[state].game;
            let first = game.members(set)[0];
            let label = game.labels(first).nth(action - game.actions(set).start);
            let knows = game.knows(set).into_iter().map(|(e, v)| (e.to_owned(), v.to_owned()));
            PlayDifference {
                player: game.players()[game.info_set(set).player.index()].clone(),
                event: game.text(game.info_set(set).event).to_owned(),
                knows: in_state(unfolded, state).into_iter().chain(knows).collect(),
                action: label.map_or_else(String::new, |l| game.text(l).to_owned()),
                principal: used.of_state(state)[action],
                here: other.of_state(state)[action],
            }
        };
        all.iter().take(DIFFERENCES).map(told).collect()
    }
}

/// A state under a play.
struct StateReach {
    /// Its share of the stages up to the horizon.
    visits: f64,
    /// About how likely it is to be met at all: no more than the expected number of visits.
    met: f64,
    /// The probability of each node once the state is entered.
    reach: Vec<f64>,
}

/// The stage and the state, as something that players know; nothing of a story that ends.
fn in_state(unfolded: &Unfolded, state: usize) -> Option<(String, String)> {
    let own = &unfolded.states[state];
    own.stage.map(|stage| (unfolded.stages[stage].clone(), own.value.to_string()))
}
