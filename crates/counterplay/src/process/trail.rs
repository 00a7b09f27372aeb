//! The ways through a process that agree with a record: how likely they are, and draws from among them.
//!
//! A record fixes how events turned out, each by its name and its occurrence counted from the beginning: `policy #3` is
//! the third time that `policy` comes up, in whichever stage. The name of a stage stands for the state that it is entered
//! in: `year #2` is the state of the second year. What is recorded came up
//! within the horizon, so that the likelihood is a finite sum: stage by stage, over the states that could be reached and
//! how often each recorded event had come up by then. What follows once all has come up agrees, whatever it is. The derivatives are the probabilities, given the record, that each
//! branch was taken, as for a tree.

use std::collections::{BTreeMap, HashMap};

use counterplay_game::expression::{ExprId, Expressions};
use counterplay_game::id::{EndId, NodeId};
use counterplay_game::tree::{Game, Kind};
use counterplay_math::{exp, ln};

use super::demands::Demands;
use super::{Process, StateTold};
use crate::model::agreement::LogOdds;
use crate::problem::Problem;
use crate::scenario::Record;
use counterplay_inference::distribution::Distribution;

/// The most pairs of a state and counts of events.
const MOST_PARTS: usize = 200_000;

/// Where an agreeing end leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lead {
    /// On to another part.
    To(usize),
    /// Everything recorded has come up: whatever follows agrees.
    Done,
    /// The process is over, but not all that is recorded has come up.
    Never,
}

/// A node that an agreeing history passes.
#[derive(Clone, Debug)]
struct Passed {
    node: NodeId,
    /// The agreeing branches: which branch, and the position of its node in the list.
    branches: Vec<(usize, usize)>,
    /// At an end, where it leads.
    lead: Option<Lead>,
    /// At an end, the log density of what is recorded to have been measured there.
    log_density: Option<ExprId>,
}

impl Passed {
    fn at(node: NodeId) -> Self {
        Self { node, branches: Vec::new(), lead: None, log_density: None }
    }
}

/// A stage in a state, entered after recorded events have come up so and so often.
#[derive(Clone, Debug)]
struct Part {
    state: usize,
    counts: Vec<u32>,
    /// Parents before children.
    passed: Vec<Passed>,
}

/// The ways that agree with a record.
#[derive(Clone, Debug)]
pub struct Trail {
    /// Each part before those that it leads to.
    parts: Vec<Part>,
    /// The expressions of those states in which something recorded is measured, densities added.
    arenas: BTreeMap<usize, Expressions>,
}

/// How the probability given the record spreads.
#[derive(Clone, Debug, Default)]
pub struct TrailWeights {
    /// For each part and each of its nodes, the log likelihood of what the record says from there on.
    below: Vec<Vec<f64>>,
    /// For each part and each of its nodes, the probability given the record that it is passed.
    passing: Vec<Vec<f64>>,
}

impl TrailWeights {
    /// The probability, given the record, that a node of a part is passed.
    pub(super) fn passing(&self, part: usize, at: usize) -> f64 {
        self.passing[part][at]
    }
}

/// The derivatives of the log likelihood with respect to the odds of one state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OddsDerivatives {
    /// With respect to the probability of each branch of chance.
    pub chance: Vec<f64>,
    /// With respect to the logits of each action.
    pub logits: Vec<f64>,
    /// With respect to the densities of what was measured.
    pub densities: Vec<(ExprId, f64)>,
}

impl Trail {
    /// The ways that agree with `record` within `horizon` stages.
    ///
    /// # Errors
    /// If none does, or the record speaks of what there is not.
    pub fn new(process: &Process, record: &Record, horizon: usize) -> Result<Self, Problem> {
        let demands = Demands::new(record);
        demands.check(process).map_err(|p| p.at(record.place.clone()))?;
        let mut trail = Self { parts: Vec::new(), arenas: BTreeMap::new() };
        if record.is_empty() {
            return Ok(trail);
        }
        let mut layer = HashMap::from([((0, demands.none()), 0)]);
        trail.parts.push(Part { state: 0, counts: demands.none(), passed: Vec::new() });
        let mut next = 0;
        for _ in 0..=horizon {
            layer.clear();
            let end = trail.parts.len();
            for part in next..end {
                trail.walk(process, &demands, part, &mut layer);
            }
            next = end;
            if trail.parts.len() > MOST_PARTS {
                return Err(Problem::new(
                    "there are too many ways through the process that agree with the record",
                )
                .hint("record more of what happened, or make the horizon shorter")
                .at(record.place.clone()));
            }
        }
        // What has not come up by the horizon is not what the record tells of.
        for part in &mut trail.parts[next..] {
            part.passed = vec![Passed { lead: Some(Lead::Never), ..Passed::at(NodeId::new(Game::ROOT)) }];
        }
        trail.agreeing(process).map_err(|p| p.at(record.place.clone()))
    }

    /// The same, if at least one way agrees.
    fn agreeing(self, process: &Process) -> Result<Self, Problem> {
        let even = |index: usize| {
            let game = &process.states[index].unfolded.game;
            LogOdds { chance: vec![0.0; game.branch_count()], play: vec![0.0; game.action_count()] }
        };
        let odds: Vec<LogOdds> = (0..process.states.len()).map(even).collect();
        // Whatever was measured, some parameter value may make it possible.
        if self.weigh(process, &odds, &[], &mut TrailWeights::default()) == f64::NEG_INFINITY {
            return Err(Problem::new("no way through the process agrees with the record")
                .hint("occurrences are counted from the beginning, over all stages: `policy #3`; all must come up within the horizon"));
        }
        Ok(self)
    }

    /// Whether anything is recorded.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// How many parts there are, each before those that it leads to.
    pub(super) fn part_count(&self) -> usize {
        self.parts.len()
    }

    /// The state that a part is a stage of.
    pub(super) fn state_of(&self, part: usize) -> usize {
        self.parts[part].state
    }

    /// The ends that agree in a part: the place of each among what is passed, its node, and where it leads.
    pub(super) fn ends(&self, part: usize) -> impl Iterator<Item = (usize, NodeId, Lead)> + '_ {
        let passed = self.parts[part].passed.iter().enumerate();
        passed.filter_map(|(at, passed)| Some((at, passed.node, passed.lead?)))
    }

    /// Walks through one part's stage; adds the parts that follow.
    fn walk(
        &mut self,
        process: &Process,
        demands: &Demands,
        part: usize,
        layer: &mut HashMap<(usize, Vec<u32>), usize>,
    ) {
        let state = self.parts[part].state;
        let (told, game) = (&process.states[state], &process.states[state].unfolded.game);
        let mut passed = vec![Passed::at(NodeId::new(Game::ROOT))];
        let mut counts = vec![self.parts[part].counts.clone()];
        let mut at = 0;
        while at < passed.len() {
            let node = passed[at].node;
            if let Kind::End(end) = game.kind(node) {
                let recorded = recorded(told, demands, end, &mut counts[at]);
                passed[at].log_density = self.log_density(state, told, &recorded);
                let onward = told.onward_of(end);
                passed[at].lead = Some(self.lead(process, demands, onward, &counts[at], layer));
                at += 1;
                continue;
            }
            let name = demands.index(game.text(game.event(game.event_id(node)).name));
            let mut own = counts[at].clone();
            let wanted = name.and_then(|name| demands.come_up(name, &mut own));
            for branch in 0..game.child_count(node) {
                let label = game.text(game.branch_label(node, branch));
                if wanted.is_none_or(|w| w == label) {
                    let position = passed.len();
                    passed[at].branches.push((branch, position));
                    passed.push(Passed::at(game.child(node, branch)));
                    counts.push(own.clone());
                }
            }
            at += 1;
        }
        self.parts[part].passed = passed;
    }

    fn lead(
        &mut self,
        process: &Process,
        demands: &Demands,
        onward: Option<usize>,
        counts: &[u32],
        layer: &mut HashMap<(usize, Vec<u32>), usize>,
    ) -> Lead {
        if demands.met(counts) {
            return Lead::Done;
        }
        let Some(state) = onward else { return Lead::Never };
        let told = &process.states[state];
        let mut counts = counts.to_vec();
        if let Some(name) = told.stage.and_then(|s| demands.index(&process.stages[s])) {
            let wanted = demands.come_up(name, &mut counts);
            if wanted.is_some_and(|w| w != told.state.to_string()) {
                return Lead::Never;
            }
            if demands.met(&counts) {
                return Lead::Done;
            }
        }
        let next = self.parts.len();
        let index = *layer.entry((state, counts.clone())).or_insert(next);
        if index == next {
            self.parts.push(Part { state, counts, passed: Vec::new() });
        }
        Lead::To(index)
    }

    /// The log density of what is recorded to have been measured at an end.
    fn log_density(&mut self, state: usize, told: &StateTold, recorded: &[Recorded]) -> Option<ExprId> {
        if recorded.is_empty() {
            return None;
        }
        let arena = self.arenas.entry(state).or_insert_with(|| told.unfolded.game.expressions().clone());
        let mut sum = arena.constant(0.0);
        for (law, value) in recorded {
            let density = law.log_density_of(arena, *value);
            sum = arena.add(sum, density);
        }
        Some(sum)
    }

    /// The expressions of a state: those of its game, and the densities of what was measured there.
    pub fn expressions<'a>(&'a self, process: &'a Process, state: usize) -> &'a Expressions {
        self.arenas.get(&state).unwrap_or_else(|| process.states[state].unfolded.game.expressions())
    }

    /// The values of the [expressions](Self::expressions) of those states in which something recorded is measured; none of
    /// the others.
    pub(super) fn values(&self, process: &Process, parameters: &[f64]) -> Vec<Vec<f64>> {
        let of = |state: usize| self.arenas.get(&state).map_or_else(Vec::new, |a| a.evaluate(parameters));
        (0..process.states.len()).map(of).collect()
    }

    /// The log likelihood of the record. `values` are those of the [expressions](Self::expressions) of each state; without
    /// them nothing is said of what was measured.
    pub fn weigh(
        &self,
        process: &Process,
        odds: &[LogOdds],
        values: &[Vec<f64>],
        weights: &mut TrailWeights,
    ) -> f64 {
        if self.parts.is_empty() {
            return 0.0;
        }
        weights.below = self.parts.iter().map(|p| vec![f64::NEG_INFINITY; p.passed.len()]).collect();
        for (index, part) in self.parts.iter().enumerate().rev() {
            let game = &process.states[part.state].unfolded.game;
            let density = |at: Option<ExprId>| match (at, values.get(part.state)) {
                (Some(density), Some(values)) => values[density.index()],
                _ => 0.0,
            };
            for (at, passed) in part.passed.iter().enumerate().rev() {
                weights.below[index][at] = match passed.lead {
                    Some(Lead::To(next)) => weights.below[next][0] + density(passed.log_density),
                    Some(Lead::Done) => density(passed.log_density),
                    Some(Lead::Never) => f64::NEG_INFINITY,
                    None => {
                        let own = odds[part.state].at(game, passed.node);
                        log_sum(passed.branches.iter().map(|&(b, to)| own[b] + weights.below[index][to]))
                    }
                };
            }
        }
        self.pass(process, odds, weights);
        weights.below[0][0]
    }

    /// The probabilities given the record, from the first part on.
    fn pass(&self, process: &Process, odds: &[LogOdds], weights: &mut TrailWeights) {
        weights.passing = self.parts.iter().map(|p| vec![0.0; p.passed.len()]).collect();
        weights.passing[0][0] = 1.0;
        for (index, part) in self.parts.iter().enumerate() {
            let game = &process.states[part.state].unfolded.game;
            for (at, passed) in part.passed.iter().enumerate() {
                let (here, below) = (weights.passing[index][at], weights.below[index][at]);
                if here == 0.0 || below == f64::NEG_INFINITY {
                    continue;
                }
                if let Some(Lead::To(next)) = passed.lead {
                    weights.passing[next][0] += here;
                }
                let own = odds[part.state].at(game, passed.node);
                for &(branch, to) in &passed.branches {
                    weights.passing[index][to] += here * exp(own[branch] + weights.below[index][to] - below);
                }
            }
        }
    }

    /// The likeliest way, given the record: at each step the branch that is passed with the largest probability.
    pub(super) fn likeliest(&self, weights: &TrailWeights) -> Vec<(usize, NodeId)> {
        let (mut way, mut index) = (Vec::new(), 0);
        while let Some(part) = self.parts.get(index) {
            let passing = &weights.passing[index];
            let mut at = 0;
            while part.passed[at].lead.is_none() {
                let likeliest = part.passed[at]
                    .branches
                    .iter()
                    .rev()
                    .max_by(|a, b| passing[a.1].total_cmp(&passing[b.1]));
                let Some(&(_, to)) = likeliest else { return way };
                at = to;
            }
            way.push((part.state, part.passed[at].node));
            match part.passed[at].lead {
                Some(Lead::To(next)) => index = next,
                _ => break,
            }
        }
        way
    }

    /// The derivatives of the log likelihood, state by state.
    pub fn derivatives(
        &self,
        process: &Process,
        odds: &[LogOdds],
        weights: &TrailWeights,
    ) -> Vec<OddsDerivatives> {
        let zero = |own: &LogOdds| OddsDerivatives {
            chance: vec![0.0; own.chance.len()],
            logits: vec![0.0; own.play.len()],
            densities: Vec::new(),
        };
        let mut all: Vec<OddsDerivatives> = odds.iter().map(zero).collect();
        for (part, passing) in self.parts.iter().zip(&weights.passing) {
            let game = &process.states[part.state].unfolded.game;
            let (own, derivatives) = (&odds[part.state], &mut all[part.state]);
            for (passed, here) in part.passed.iter().zip(passing) {
                derivatives.densities.extend(passed.log_density.map(|density| (density, *here)));
                for &(branch, to) in &passed.branches {
                    match game.kind(passed.node) {
                        Kind::Chance(chance) => {
                            let at = game.branches(chance).start + branch;
                            if passing[to] > 0.0 {
                                derivatives.chance[at] += passing[to] / exp(own.chance[at]);
                            }
                        }
                        Kind::Decision(set) => {
                            derivatives.logits[game.actions(set).start + branch] += passing[to];
                        }
                        Kind::End(_) => {}
                    }
                }
                if let (Kind::Decision(set), false) = (game.kind(passed.node), passed.branches.is_empty()) {
                    for action in game.actions(set) {
                        derivatives.logits[action] -= here * exp(own.play[action]);
                    }
                }
            }
        }
        all
    }

    /// Draws a way, given the record: for each stage on it, the state and the end of its game. Where the record ends the
    /// way does. `uniform` gives a fresh number each time.
    pub fn draw(
        &self,
        process: &Process,
        weights: &TrailWeights,
        mut uniform: impl FnMut() -> f64,
    ) -> Vec<(usize, NodeId)> {
        let (mut way, mut index) = (Vec::new(), 0);
        while let Some(part) = self.parts.get(index) {
            let mut at = 0;
            while part.passed[at].lead.is_none() {
                let total: f64 = part.passed[at].branches.iter().map(|b| weights.passing[index][b.1]).sum();
                let mut left = uniform() * total;
                let crossed = part.passed[at].branches.iter().find(|b| {
                    left -= weights.passing[index][b.1];
                    left < 0.0
                });
                let last = part.passed[at].branches.iter().rfind(|b| weights.passing[index][b.1] > 0.0);
                match crossed.or(last) {
                    Some(&(_, to)) => at = to,
                    None => return way,
                }
            }
            way.push((part.state, part.passed[at].node));
            match part.passed[at].lead {
                Some(Lead::To(next)) => index = next,
                _ => break,
            }
        }
        debug_assert!(way.iter().all(|(s, _)| *s < process.states.len()));
        way
    }
}

/// A distribution, and the value that is recorded of what was drawn from it.
type Recorded = (Distribution, f64);

/// What is recorded to have been measured at an end; counts what is measured there.
fn recorded(told: &StateTold, demands: &Demands, end: EndId, counts: &mut [u32]) -> Vec<Recorded> {
    let game = &told.unfolded.game;
    let ending = &told.unfolded.endings[game.end(end).tag as usize];
    let one = |(name, law): &(_, Distribution)| Some((*law, demands.measured(game.text(*name), counts)?));
    ending.measures.iter().filter_map(one).collect()
}

fn log_sum(logs: impl Iterator<Item = f64> + Clone) -> f64 {
    let top = logs.clone().fold(f64::NEG_INFINITY, f64::max);
    if top == f64::NEG_INFINITY { top } else { top + ln(logs.map(|l| exp(l - top)).sum::<f64>()) }
}
