//! The answers at one point under other play.

use counterplay_equilibrium::logit::Equilibrium;
use counterplay_game::id::{InfoSetId, NodeId};

use super::grouped::{Member, Members};
use super::{AtPoint, Searching, depends};
use crate::answer::attribution::{FactorWorlds, having};
use crate::answer::prior_prediction::probability;
use crate::answer::replays::{Bench, REDRAWN, Solved};
use crate::model::NoValue;
use crate::model::consistent::Weights;
use crate::model::odds::reach;
use crate::model::play::Play;
use crate::world::history::Replayed;
use crate::world::inquiry::{Inquiry, WorldId};
use crate::world::luck::Luck;
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
        let Some(used) = at.plays[play].as_ref().and_then(Play::tree) else { return none };
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
        let member = |(other, (ends, differences)): (&Equilibrium, (Vec<f64>, Vec<PlayDifference>))| {
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
        other: Option<&Equilibrium>,
    ) -> Vec<(WorldName, Option<f64>)> {
        let inquiry = self.task.inquiry;
        let mut plays = at.plays.clone();
        if let Some(other) = other {
            plays[play] = Some(Play::Tree(other.clone()));
            self.solve_dependent(bench, play, at_point, &mut plays);
        }
        let concerned = self.names.iter().filter(|n| depends(inquiry, inquiry.worlds[n.world.0].play, play));
        let concerned: Vec<_> = concerned.collect();
        let Ok(factual) = self.solved(bench, WorldId::FACTUAL, at_point, &plays) else {
            return concerned.iter().map(|n| (n.name.clone(), None)).collect();
        };
        let noise = self.noise(at_point.0, &factual);
        let one = |named: &&super::NamedWorld| {
            let value = match (&named.name, &noise) {
                (WorldName::Foreseen, _) => {
                    Some(probability(inquiry.factual(), &factual.odds[0], self.about))
                }
                (_, None) => None,
                (WorldName::AsItWas, Some((_, weights))) => self.given_record(weights),
                (_, Some((noise, _))) => self
                    .solved(bench, named.world, at_point, &plays)
                    .ok()
                    .map(|solved| self.share(named.world, &solved, at_point.0, noise)),
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

    /// The luck behind histories that agree with the record, and how probability spreads over these; nothing where the record
    /// cannot have come about.
    fn noise(&self, index: usize, factual: &Solved) -> Option<(Vec<Luck>, Weights)> {
        let scene = self.task.inquiry.factual();
        let consistent = scene.model().consistent()?;
        let mut weights = Weights::default();
        let log_likelihood =
            consistent.weigh(scene.model().unfolded(), &factual.odds, &factual.values, &mut weights);
        let key = self.key(index);
        log_likelihood.is_finite().then(|| (self.task.held_noise(key, factual, &weights), weights))
    }

    fn key(&self, index: usize) -> Key {
        Key::new(self.task.seed).with(index as u64)
    }

    /// The probability of the outcome given the record.
    fn given_record(&self, weights: &Weights) -> Option<f64> {
        let scene = self.task.inquiry.factual();
        let game = scene.model().game();
        let passed = scene.model().consistent()?.passing(weights);
        let having = |node: NodeId| game.child_count(node) == 0 && scene.outcomes(node).contains(&self.about);
        Some(passed.filter(|(_, node, _)| having(*node)).map(|(_, _, w)| w).sum())
    }

    /// The share of replays with which the outcome follows.
    fn share(&self, world: WorldId, solved: &Solved, index: usize, noise: &[Luck]) -> f64 {
        let key = self.key(index);
        let replay = |(l, luck): (usize, &Luck)| {
            let redrawn = Luck::fresh(key.with(REDRAWN).with(l as u64));
            self.task.replay_one(world.0, solved, luck, &redrawn)
        };
        let ends: Vec<Replayed> = noise.iter().enumerate().map(replay).collect();
        let had = having(self.task.inquiry, world, &ends, self.about);
        had.iter().filter(|h| **h).count() as f64 / had.len().max(1) as f64
    }

    /// The probability of each node that ends the game, in the game of a play at the point that its evaluator was loaded with
    /// last; other nodes have none.
    fn ends(&self, bench: &mut Bench, play: usize, of: &Equilibrium) -> Vec<f64> {
        let evaluator = bench.evaluator(self.task.inquiry, play);
        let game = evaluator.model().game();
        let odds = crate::model::odds::LogOdds::new(evaluator.numbers(), &of.play);
        let mut reach = reach(game, &odds);
        for node in game.nodes().filter(|&n| game.child_count(n) > 0) {
            reach[node.index()] = 0.0;
        }
        reach
    }

    /// Where two equilibria differ most, by how much and by how likely it is that play comes there under either.
    fn differences(
        &self,
        bench: &mut Bench,
        play: usize,
        used: &Equilibrium,
        other: &Equilibrium,
    ) -> Vec<PlayDifference> {
        let evaluator = bench.evaluator(self.task.inquiry, play);
        let game = evaluator.model().game();
        let numbers = evaluator.numbers();
        let [one, two] =
            [used, other].map(|e| reach(game, &crate::model::odds::LogOdds::new(numbers, &e.play)));
        let weight = |set: InfoSetId| {
            let of = |reach: &[f64]| game.members(set).iter().map(|n| reach[n.index()]).sum::<f64>();
            of(&one).max(of(&two))
        };
        let largest = |set: InfoSetId| {
            let actions = game.actions(set);
            let more = |a: usize| other.play[a] - used.play[a];
            let action = actions.clone().max_by(|&a, &b| more(a).total_cmp(&more(b)).then(b.cmp(&a)))?;
            Some((weight(set) * more(action), set, action))
        };
        let mut all: Vec<_> =
            game.info_set_ids().filter_map(largest).filter(|d| d.0 > NO_DIFFERENCE).collect();
        // Sorting keeps the order of the game among those that differ alike.
        all.sort_by(|a, b| b.0.total_cmp(&a.0));
        let told = |&(_, set, action): &(f64, InfoSetId, usize)| {
            let first = game.members(set)[0];
            let label = game.labels(first).nth(action - game.actions(set).start);
            PlayDifference {
                player: game.players()[game.info_set(set).player.index()].clone(),
                event: game.text(game.info_set(set).event).to_owned(),
                knows: game.knows(set).into_iter().map(|(e, v)| (e.to_owned(), v.to_owned())).collect(),
                action: label.map_or_else(String::new, |l| game.text(l).to_owned()),
                principal: used.play[action],
                here: other.play[action],
            }
        };
        all.iter().take(DIFFERENCES).map(told).collect()
    }
}
