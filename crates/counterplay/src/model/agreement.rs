//! The histories that agree with a record: how likely they are, and draws from among them.
//!
//! The likelihood of a record is the total probability of the histories that agree with it, each weighed by the
//! density of the measured quantities that the record gives. It is found in one pass over those histories alone,
//! in logarithms, and is exact. Passing back over the same nodes gives each branch the probability that the
//! history took it, given the record; that is the derivative of the log likelihood with respect to the log
//! probability of the branch.

use counterplay_game::expression::{ExprId, Expressions};
use counterplay_game::id::{EventId, NodeId};
use counterplay_game::tree::{Game, Kind};
use counterplay_game::valuation::Valuation;
use counterplay_math::{exp, ln};

use crate::problem::{Problem, did_you_mean};
use crate::scenario::Record;
use crate::story::unfolded::Unfolded;

/// A node that some agreeing history passes.
#[derive(Clone, Debug)]
struct Passed {
    node: NodeId,
    /// The agreeing branches: which branch, and the position of its node in the list.
    branches: Vec<(usize, usize)>,
    /// At an end: the log density of the measured quantities.
    log_density: Option<ExprId>,
}

/// The histories that agree with a record, as a part of the tree.
#[derive(Clone, Debug)]
pub struct Agreement {
    /// Level by level, so that a node precedes those below it.
    passed: Vec<Passed>,
}

/// How the probability given the record spreads over the agreeing histories.
#[derive(Clone, Debug, Default)]
pub struct Weights {
    /// The log likelihood of what the record says from each node on.
    below: Vec<f64>,
    /// The probability, given the record, that the history passes each node.
    pub(crate) passing: Vec<f64>,
}

/// The log probabilities of all branches of a game at one point.
#[derive(Clone, Debug, Default)]
pub struct LogOdds {
    /// For each branch of each chance event.
    pub chance: Vec<f64>,
    /// For each action.
    pub play: Vec<f64>,
}

impl LogOdds {
    /// The logarithms of the probabilities of chance and of play.
    pub fn new(numbers: &Valuation, play: &[f64]) -> Self {
        // Rounding can leave the `rest` of some probabilities just below zero.
        let log = |x: &f64| ln(x.max(0.0));
        Self { chance: numbers.chance.iter().map(log).collect(), play: play.iter().map(log).collect() }
    }

    /// Those of the branches of one node, in order; none at an end.
    pub fn at(&self, game: &Game, node: NodeId) -> &[f64] {
        match game.kind(node) {
            Kind::Chance(chance) => &self.chance[game.branches(chance)],
            Kind::Decision(set) => &self.play[game.actions(set)],
            Kind::End(_) => &[],
        }
    }
}

/// What a record demands of the branch taken at a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Demand {
    /// The record does not speak of the event.
    Nothing,
    /// This branch.
    Branch(usize),
    /// A branch that the node does not have.
    Missing,
}

impl Demand {
    /// What the record demands at a node.
    pub(crate) fn at(game: &Game, demands: &[(EventId, String)], node: NodeId) -> Self {
        if game.child_count(node) == 0 {
            return Self::Nothing;
        }
        let event = game.event_id(node);
        let Some((_, action)) = demands.iter().find(|d| d.0 == event) else { return Self::Nothing };
        let branch = game.labels(node).position(|label| game.text(label) == action);
        branch.map_or(Self::Missing, Self::Branch)
    }

    /// Whether it is met by taking `branch`.
    pub(crate) fn allows(self, branch: usize) -> bool {
        matches!(self, Self::Nothing) || self == Self::Branch(branch)
    }
}

/// The record's events by their ids in the game.
///
/// # Errors
/// If the story has no such event.
pub(crate) fn demands(game: &Game, record: &Record) -> Result<Vec<(EventId, String)>, Problem> {
    let find = |(event, action): &(crate::story::terms::EventName, String)| {
        let known: Vec<String> = (0..game.events().len()).map(|i| game.event_name(EventId::new(i))).collect();
        game.find_event(&event.to_string()).map(|id| (id, action.clone())).ok_or_else(|| {
            Problem::new(format!("the record names `{event}`, but the story has no such event"))
                .hint(did_you_mean(&event.name, known.iter().map(String::as_str)))
                .at(record.place.clone())
        })
    };
    record.events.iter().map(find).collect()
}

impl Agreement {
    /// Finds the histories of `unfolded` that agree with `record`; `expressions` is the game's arena, to which
    /// the densities of measured quantities are added.
    ///
    /// # Errors
    /// If the record names an event that the story does not have, or no history agrees with it.
    pub fn new(unfolded: &Unfolded, expressions: &mut Expressions, record: &Record) -> Result<Self, Problem> {
        let game = &unfolded.game;
        let demands = demands(game, record)?;
        let ends = Ends { unfolded, record, demands: &demands, densities: Vec::new() };
        let agrees = ends.agreeing_nodes();
        if !agrees[Game::ROOT] {
            return Err(Problem::new("no history agrees with the record")
                .hint("an event that the record gives must happen, with that action, along one history")
                .at(record.place.clone()));
        }
        Ok(Self { passed: ends.collect(expressions, &agrees) })
    }

    /// The number of agreeing histories.
    pub fn history_count(&self) -> usize {
        self.passed.iter().filter(|p| p.log_density.is_some()).count()
    }

    /// The nodes that agreeing histories pass, level by level.
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.passed.iter().map(|p| p.node)
    }

    /// Spreads probability over the agreeing histories, and returns the log likelihood of the record.
    ///
    /// `values` are those of the expressions at the same point.
    pub fn weigh(&self, game: &Game, odds: &LogOdds, values: &[f64], weights: &mut Weights) -> f64 {
        let count = self.passed.len();
        weights.below.clear();
        weights.below.resize(count, f64::NEG_INFINITY);
        for (index, passed) in self.passed.iter().enumerate().rev() {
            weights.below[index] = if let Some(density) = passed.log_density {
                values[density.index()]
            } else {
                let odds = odds.at(game, passed.node);
                let terms = passed.branches.iter().map(|&(b, below)| odds[b] + weights.below[below]);
                log_sum_exp(terms)
            };
        }
        weights.passing.clear();
        weights.passing.resize(count, 0.0);
        weights.passing[0] = 1.0;
        for (index, passed) in self.passed.iter().enumerate() {
            if weights.below[index] == f64::NEG_INFINITY {
                // Nothing below can have happened: nothing below is passed.
                continue;
            }
            let odds = odds.at(game, passed.node);
            for &(branch, below) in &passed.branches {
                let log_share = odds[branch] + weights.below[below] - weights.below[index];
                weights.passing[below] = weights.passing[index] * exp(log_share);
            }
        }
        weights.below[0]
    }

    /// The derivatives of the log likelihood that do not pass through the equilibrium: `logits` with respect to
    /// the logits of actions, `numbers` with respect to chance, `expressions` with respect to densities.
    pub fn derivatives(
        &self,
        game: &Game,
        odds: &LogOdds,
        weights: &Weights,
        logits: &mut [f64],
        numbers: &mut Valuation,
        expressions: &mut [f64],
    ) {
        for (index, passed) in self.passed.iter().enumerate() {
            let passing = weights.passing[index];
            match game.kind(passed.node) {
                Kind::End(_) => {
                    if let Some(density) = passed.log_density {
                        expressions[density.index()] += passing;
                    }
                }
                Kind::Chance(chance) => {
                    let first = game.branches(chance).start;
                    for &(branch, below) in &passed.branches {
                        // A branch of no probability is not passed, and 0 / 0 is not its derivative.
                        if weights.passing[below] > 0.0 {
                            let probability = exp(odds.chance[first + branch]);
                            numbers.chance[first + branch] += weights.passing[below] / probability;
                        }
                    }
                }
                Kind::Decision(set) => {
                    let actions = game.actions(set);
                    for &(branch, below) in &passed.branches {
                        logits[actions.start + branch] += weights.passing[below];
                    }
                    for action in actions {
                        logits[action] -= passing * exp(odds.play[action]);
                    }
                }
            }
        }
    }

    /// Draws one agreeing history: its end, where `uniform` gives numbers in \[0, 1).
    pub fn draw(&self, weights: &Weights, mut uniform: impl FnMut() -> f64) -> NodeId {
        let mut at = 0;
        while self.passed[at].log_density.is_none() {
            let branches = &self.passed[at].branches;
            let mut left = uniform() * branches.iter().map(|b| weights.passing[b.1]).sum::<f64>();
            let last = branches[branches.len() - 1].1;
            at = branches
                .iter()
                .map(|b| b.1)
                .find(|&below| {
                    left -= weights.passing[below];
                    left < 0.0
                })
                .unwrap_or(last);
        }
        self.passed[at].node
    }
}

/// Which ends agree with a record.
struct Ends<'a> {
    unfolded: &'a Unfolded,
    record: &'a Record,
    demands: &'a [(EventId, String)],
    densities: Vec<(u32, ExprId)>,
}

impl Ends<'_> {
    /// Whether each node has an agreeing history through it.
    fn agreeing_nodes(&self) -> Vec<bool> {
        let game = &self.unfolded.game;
        // How many of the record's events have happened as it says on the way to each node.
        let mut met = vec![Some(0usize); game.node_count()];
        for node in game.nodes() {
            let Some(before) = met[node.index()] else {
                for child in game.children(node) {
                    met[child.index()] = None;
                }
                continue;
            };
            let demand = Demand::at(game, self.demands, node);
            for (branch, child) in game.children(node).enumerate() {
                let step = usize::from(demand != Demand::Nothing);
                met[child.index()] = demand.allows(branch).then_some(before + step);
            }
        }
        let mut agrees = vec![false; game.node_count()];
        for node in game.nodes().rev() {
            agrees[node.index()] = match game.kind(node) {
                Kind::End(end) => {
                    met[node.index()] == Some(self.demands.len()) && self.measures_all(game.end(end).tag)
                }
                Kind::Chance(_) | Kind::Decision(_) => game.children(node).any(|c| agrees[c.index()]),
            };
        }
        agrees
    }

    fn measures_all(&self, tag: u32) -> bool {
        let texts = self.unfolded.game.texts();
        let ending = &self.unfolded.endings[tag as usize];
        self.record.measured.keys().all(|name| ending.measures.iter().any(|m| texts.get(m.0) == name))
    }

    fn collect(mut self, expressions: &mut Expressions, agrees: &[bool]) -> Vec<Passed> {
        let game = &self.unfolded.game;
        let mut passed =
            vec![Passed { node: NodeId::new(Game::ROOT), branches: Vec::new(), log_density: None }];
        let mut at = 0;
        while at < passed.len() {
            let node = passed[at].node;
            if let Kind::End(end) = game.kind(node) {
                passed[at].log_density = Some(self.log_density(expressions, game.end(end).tag));
            }
            for (branch, child) in game.children(node).enumerate() {
                if agrees[child.index()] {
                    let position = passed.len();
                    passed[at].branches.push((branch, position));
                    passed.push(Passed { node: child, branches: Vec::new(), log_density: None });
                }
            }
            at += 1;
        }
        passed
    }

    fn log_density(&mut self, expressions: &mut Expressions, tag: u32) -> ExprId {
        if let Some(known) = self.densities.iter().find(|d| d.0 == tag) {
            return known.1;
        }
        let texts = self.unfolded.game.texts();
        let mut sum = expressions.constant(0.0);
        for (name, distribution) in &self.unfolded.endings[tag as usize].measures {
            if let Some(&value) = self.record.measured.get(texts.get(*name)) {
                let density = distribution.log_density_of(expressions, value);
                sum = expressions.add(sum, density);
            }
        }
        self.densities.push((tag, sum));
        sum
    }
}

fn log_sum_exp(terms: impl Iterator<Item = f64> + Clone) -> f64 {
    let top = terms.clone().fold(f64::NEG_INFINITY, f64::max);
    if top == f64::NEG_INFINITY {
        return top;
    }
    top + ln(terms.map(|t| exp(t - top)).sum::<f64>())
}
