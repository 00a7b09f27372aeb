//! The histories that are consistent with a record: how likely they are, and draws from among them.
//!
//! A record fixes how events turned out, each by its name and its occurrence, counted from the beginning: `policy #3` is the third
//! time that `policy` comes up, in whichever stage. The name of a stage stands for the state that it is entered in: `year #2` is the
//! state of the second year. What is recorded came up within the horizon.
//!
//! The likelihood of a record is the total probability of the histories that are consistent with it, each weighed by the density of
//! the measured quantities that the record gives. It is a finite sum: stage by stage, over the states that can be reached and how
//! often each recorded event had come up by then; what follows once all has come up is consistent, whatever it is. The sum is found in
//! one pass over those histories alone, in logarithms, and is exact. Passing back over the same nodes gives each branch the
//! probability that the history took it, given the record; that is the derivative of the log likelihood with respect to the log
//! probability of the branch.

use std::collections::{BTreeMap, HashMap};

use counterplay_game::expression::{ExprId, Expressions};
use counterplay_game::id::{EventId, NodeId};
use counterplay_game::tree::{Game, Kind};
use counterplay_inference::distribution::Distribution;
use counterplay_math::{exp, ln};

use crate::model::demands::{Counts, Demands};
use crate::model::odds::LogOdds;
use crate::problem::Problem;
use crate::scenario::Record;
use crate::story::unfolded::{State, Unfolded};

/// The most pairs of a state and counts of events.
const MOST_PARTS: usize = 200_000;

/// Where a consistent end leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lead {
    /// On to another part.
    To(usize),
    /// Everything recorded has come up: whatever follows is consistent.
    Done,
}

/// A node that a consistent history passes.
#[derive(Clone, Debug)]
struct PassedNode {
    node: NodeId,
    /// The consistent branches: which branch, and the position of its node in the list.
    branches: Vec<(usize, usize)>,
    /// At an end, where it leads.
    lead: Option<Lead>,
    /// At an end, the log density of what is recorded to have been measured there.
    log_density: Option<ExprId>,
}

/// A stage in a state, entered after recorded events have come up this often.
#[derive(Clone, Debug)]
struct Part {
    state: usize,
    /// The position of its first node, and that after its last.
    first: usize,
    end: usize,
}

/// The histories that are consistent with a record.
#[derive(Clone, Debug)]
pub struct ConsistentHistories {
    /// Each part before those that it leads to.
    parts: Vec<Part>,
    /// The nodes of all parts, each before those below it.
    passed: Vec<PassedNode>,
    /// The expressions of those states in which something recorded is measured, densities added.
    arenas: BTreeMap<usize, Expressions>,
}

/// How the probability given the record spreads over the consistent histories.
#[derive(Clone, Debug, Default)]
pub struct Weights {
    /// The log likelihood of what the record says from each node on.
    below: Vec<f64>,
    /// The probability, given the record, that the history passes each node.
    passing: Vec<f64>,
}

impl Weights {
    /// The probability, given the record, that each node is passed, in the order of [`ConsistentHistories::nodes`].
    pub(crate) fn all(&self) -> &[f64] {
        &self.passing
    }

    /// The probability, given the record, that the node at a position is passed.
    pub(crate) fn passing(&self, at: usize) -> f64 {
        self.passing[at]
    }
}

/// The derivatives of the log likelihood with respect to the odds of one state, those that do not pass through the equilibrium.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OddsDerivatives {
    /// With respect to the probability of each branch of chance.
    pub chance: Vec<f64>,
    /// With respect to the logits of each action.
    pub logits: Vec<f64>,
    /// With respect to the densities of what was measured.
    pub densities: Vec<(ExprId, f64)>,
}

impl ConsistentHistories {
    /// Those of `unfolded` that are consistent with `record` within `horizon` stages after the beginning.
    ///
    /// # Errors
    /// If there is none, or the record speaks of what there is not.
    pub fn new(unfolded: &Unfolded, record: &Record, horizon: usize) -> Result<Self, Problem> {
        let demands = Demands::new(record);
        let found = demands.check(unfolded, record).and_then(|()| {
            let mut search = HistorySearch::new(unfolded, &demands);
            search.run(horizon)?;
            search.consistent()
        });
        found.map_err(|p| p.at(record.place.clone()))
    }

    /// Adds the log density of what is recorded to have been measured at an end of a state.
    fn add_density(
        &mut self,
        unfolded: &Unfolded,
        state: usize,
        recorded: &[(Distribution, f64)],
    ) -> Option<ExprId> {
        if recorded.is_empty() {
            return None;
        }
        let own = &unfolded.states[state].game;
        let arena = self.arenas.entry(state).or_insert_with(|| own.expressions().clone());
        let mut sum = arena.constant(0.0);
        for (law, value) in recorded {
            let density = law.log_density_of(arena, *value);
            sum = arena.add(sum, density);
        }
        Some(sum)
    }

    /// The number of consistent histories, as far as the record goes.
    pub fn history_count(&self) -> usize {
        self.passed.iter().filter(|p| p.lead == Some(Lead::Done)).count()
    }

    /// The nodes that consistent histories pass, each with its state and before those below it.
    pub fn nodes(&self) -> impl Iterator<Item = (usize, NodeId)> + '_ {
        let of = |part: &Part| {
            let state = part.state;
            self.passed[part.first..part.end].iter().map(move |p| (state, p.node))
        };
        self.parts.iter().flat_map(of)
    }

    /// The same with the probability, given the record, that each is passed.
    pub fn passing<'a>(&'a self, weights: &'a Weights) -> impl Iterator<Item = (usize, NodeId, f64)> + 'a {
        self.nodes().zip(&weights.passing).map(|((state, node), passing)| (state, node, *passing))
    }

    /// How many parts there are, each before those that it leads to.
    pub(crate) fn part_count(&self) -> usize {
        self.parts.len()
    }

    /// The state that a part is a stage of.
    pub(crate) fn state_of(&self, part: usize) -> usize {
        self.parts[part].state
    }

    /// The position of the node with which a part begins.
    pub(crate) fn root_of(&self, part: usize) -> usize {
        self.parts[part].first
    }

    /// The nodes of a part, each with its position.
    pub(crate) fn nodes_of(&self, part: usize) -> impl Iterator<Item = (usize, NodeId)> + '_ {
        let Part { first, end, .. } = self.parts[part];
        (first..end).map(|at| (at, self.passed[at].node))
    }

    /// The ends of a part: the position of each, its node, and where it leads.
    pub(crate) fn ends(&self, part: usize) -> impl Iterator<Item = (usize, NodeId, Lead)> + '_ {
        let Part { first, end, .. } = self.parts[part];
        (first..end).filter_map(|at| Some((at, self.passed[at].node, self.passed[at].lead?)))
    }

    /// The expressions of a state: those of its game, and the densities of what was measured there.
    pub fn expressions<'a>(&'a self, unfolded: &'a Unfolded, state: usize) -> &'a Expressions {
        self.arenas.get(&state).unwrap_or_else(|| unfolded.states[state].game.expressions())
    }

    /// The values of the [expressions](Self::expressions) of those states in which something recorded is measured; none of
    /// the others.
    pub(crate) fn values(&self, unfolded: &Unfolded, parameters: &[f64]) -> Vec<Vec<f64>> {
        let of = |state: usize| self.arenas.get(&state).map_or_else(Vec::new, |a| a.evaluate(parameters));
        (0..unfolded.states.len()).map(of).collect()
    }

    /// Spreads probability over the consistent histories, and returns the log likelihood of the record. `values` are those of the
    /// [expressions](Self::expressions) of each state at the same point.
    pub fn weigh(
        &self,
        unfolded: &Unfolded,
        odds: &[LogOdds],
        values: &[Vec<f64>],
        weights: &mut Weights,
    ) -> f64 {
        weights.below.clear();
        weights.below.resize(self.passed.len(), f64::NEG_INFINITY);
        for part in self.parts.iter().rev() {
            let game = &unfolded.states[part.state].game;
            let (odds, values) = (&odds[part.state], &values[part.state]);
            for at in (part.first..part.end).rev() {
                let passed = &self.passed[at];
                let density = || passed.log_density.map_or(0.0, |density| values[density.index()]);
                weights.below[at] = match passed.lead {
                    Some(Lead::To(next)) => weights.below[self.parts[next].first] + density(),
                    Some(Lead::Done) => density(),
                    None => {
                        let own = odds.at(game, passed.node);
                        log_sum_exp(passed.branches.iter().map(|&(b, to)| own[b] + weights.below[to]))
                    }
                };
            }
        }
        self.pass(unfolded, odds, weights);
        weights.below[0]
    }

    /// The probabilities given the record, from the beginning on.
    fn pass(&self, unfolded: &Unfolded, odds: &[LogOdds], weights: &mut Weights) {
        weights.passing.clear();
        weights.passing.resize(self.passed.len(), 0.0);
        weights.passing[0] = 1.0;
        for part in &self.parts {
            let (game, odds) = (&unfolded.states[part.state].game, &odds[part.state]);
            for at in part.first..part.end {
                let (here, below) = (weights.passing[at], weights.below[at]);
                if here == 0.0 || below == f64::NEG_INFINITY {
                    // Nothing below can have happened: nothing below is passed.
                    continue;
                }
                let passed = &self.passed[at];
                if let Some(Lead::To(next)) = passed.lead {
                    weights.passing[self.parts[next].first] += here;
                }
                let own = odds.at(game, passed.node);
                for &(branch, to) in &passed.branches {
                    let log_share = own[branch] + weights.below[to] - below;
                    weights.passing[to] += here * exp(log_share);
                }
            }
        }
    }

    /// The derivatives of the log likelihood that do not pass through the equilibrium, state by state.
    pub fn derivatives(
        &self,
        unfolded: &Unfolded,
        odds: &[LogOdds],
        weights: &Weights,
    ) -> Vec<OddsDerivatives> {
        let zero = |own: &LogOdds| OddsDerivatives {
            chance: vec![0.0; own.chance.len()],
            logits: vec![0.0; own.play.len()],
            densities: Vec::new(),
        };
        let mut all: Vec<OddsDerivatives> = odds.iter().map(zero).collect();
        for part in &self.parts {
            let game = &unfolded.states[part.state].game;
            let (own, derivatives) = (&odds[part.state], &mut all[part.state]);
            for at in part.first..part.end {
                let (passed, here) = (&self.passed[at], weights.passing[at]);
                match game.kind(passed.node) {
                    Kind::End(_) => derivatives.densities.extend(passed.log_density.map(|d| (d, here))),
                    Kind::Chance(chance) => {
                        let first = game.branches(chance).start;
                        for &(branch, to) in &passed.branches {
                            // A branch of no probability is not passed, and 0 / 0 is not its derivative.
                            if weights.passing[to] > 0.0 {
                                let probability = exp(own.chance[first + branch]);
                                derivatives.chance[first + branch] += weights.passing[to] / probability;
                            }
                        }
                    }
                    Kind::Decision(set) => {
                        let actions = game.actions(set);
                        for &(branch, to) in &passed.branches {
                            derivatives.logits[actions.start + branch] += weights.passing[to];
                        }
                        for action in actions {
                            derivatives.logits[action] -= here * exp(own.play[action]);
                        }
                    }
                }
            }
        }
        all
    }

    /// Draws a history, given the record: for each stage of it, the state and the end of its game. Where the record ends the
    /// history does. `uniform` gives numbers in \[0, 1), a fresh one each time.
    pub fn draw(&self, weights: &Weights, mut uniform: impl FnMut() -> f64) -> Vec<(usize, NodeId)> {
        self.follow(|at| {
            let branches = &self.passed[at].branches;
            let mut left = uniform() * branches.iter().map(|b| weights.passing[b.1]).sum::<f64>();
            let last = branches.iter().rfind(|b| weights.passing[b.1] > 0.0).unwrap_or(&branches[0]);
            let crossed = branches.iter().find(|b| {
                left -= weights.passing[b.1];
                left < 0.0
            });
            crossed.unwrap_or(last).1
        })
    }

    /// The most probable history, given the record: for each stage of it, the state and the end of its game. Of several the first.
    /// Arguments as of [`weigh`](Self::weigh).
    pub(crate) fn likeliest(
        &self,
        unfolded: &Unfolded,
        odds: &[LogOdds],
        values: &[Vec<f64>],
    ) -> Vec<(usize, NodeId)> {
        let mut best = vec![f64::NEG_INFINITY; self.passed.len()];
        let mut taken = vec![0; self.passed.len()];
        for part in self.parts.iter().rev() {
            let game = &unfolded.states[part.state].game;
            let (odds, values) = (&odds[part.state], &values[part.state]);
            for at in (part.first..part.end).rev() {
                let passed = &self.passed[at];
                let density = || passed.log_density.map_or(0.0, |density| values[density.index()]);
                (best[at], taken[at]) = match passed.lead {
                    Some(Lead::To(next)) => (best[self.parts[next].first] + density(), 0),
                    Some(Lead::Done) => (density(), 0),
                    None => {
                        let own = odds.at(game, passed.node);
                        let each = passed.branches.iter().map(|&(b, to)| (own[b] + best[to], to));
                        each.rev().max_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or((f64::NEG_INFINITY, 0))
                    }
                };
            }
        }
        self.follow(|at| taken[at])
    }

    /// Follows a history from the beginning; `choose` gives the position of the node that follows one with
    /// branches.
    fn follow(&self, mut choose: impl FnMut(usize) -> usize) -> Vec<(usize, NodeId)> {
        let (mut history, mut part) = (Vec::new(), 0);
        loop {
            let mut at = self.parts[part].first;
            while self.passed[at].lead.is_none() {
                at = choose(at);
            }
            history.push((self.parts[part].state, self.passed[at].node));
            match self.passed[at].lead {
                Some(Lead::To(next)) => part = next,
                _ => return history,
            }
        }
    }
}

/// Where a node of the search leads: as [`Lead`], or to where nothing is consistent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leading {
    To(usize),
    Done,
    Nowhere,
}

/// A node met in the search.
struct Met {
    node: NodeId,
    branches: Vec<(usize, usize)>,
    leading: Option<Leading>,
    /// The distributions of what is recorded to have been measured there, each with the value.
    recorded: Vec<(Distribution, f64)>,
}

impl Met {
    fn at(node: NodeId) -> Self {
        Self { node, branches: Vec::new(), leading: None, recorded: Vec::new() }
    }
}

/// A stage in a state of the search, with the counts at its beginning.
struct StageEntry {
    state: usize,
    counts: Counts,
    met: Vec<Met>,
}

/// The search for consistent histories: part by part, in the order of the stages.
struct HistorySearch<'a> {
    unfolded: &'a Unfolded,
    demands: &'a Demands,
    /// For each state and event of its game, the position of its name among what is recorded.
    named: Vec<Vec<Option<usize>>>,
    parts: Vec<StageEntry>,
}

impl<'a> HistorySearch<'a> {
    fn new(unfolded: &'a Unfolded, demands: &'a Demands) -> Self {
        let named = |state: &State| {
            let names = state.game.events().iter().map(|e| demands.index(state.game.text(e.name)));
            names.collect()
        };
        Self {
            unfolded,
            demands,
            named: unfolded.states.iter().map(named).collect(),
            parts: vec![StageEntry { state: 0, counts: demands.none(), met: Vec::new() }],
        }
    }

    fn run(&mut self, horizon: usize) -> Result<(), Problem> {
        let (mut layer, mut next) = (HashMap::new(), 0);
        for _ in 0..=horizon {
            layer.clear();
            let end = self.parts.len();
            for part in next..end {
                self.walk(part, &mut layer);
            }
            next = end;
            if self.parts.len() > MOST_PARTS {
                return Err(Problem::new(
                    "there are too many ways through the process that agree with the record",
                )
                .hint("record more of what happened, or make the horizon shorter"));
            }
        }
        // What has not come up by the horizon is not what the record tells of.
        for part in &mut self.parts[next..] {
            part.met = vec![Met { leading: Some(Leading::Nowhere), ..Met::at(NodeId::new(Game::ROOT)) }];
        }
        Ok(())
    }

    /// Walks through one part's stage; adds the parts that follow.
    fn walk(&mut self, part: usize, layer: &mut HashMap<(usize, Counts), usize>) {
        let StageEntry { state, ref counts, .. } = self.parts[part];
        let (own, base) = (&self.unfolded.states[state], counts.clone());
        let game = &own.game;
        let mut met = vec![Met::at(NodeId::new(Game::ROOT))];
        let mut counts = vec![base.clone()];
        let mut at = 0;
        while at < met.len() {
            let node = met[at].node;
            if let Some(ending) = own.ending(node) {
                let text = |name| game.text(name);
                let measures = ending.measures.iter().map(|m| (text(m.0), m.1));
                met[at].recorded = self.demands.measured_at(measures, &mut counts[at]);
                met[at].leading = Some(self.leading(own.onward(node), &counts[at], layer));
                at += 1;
                continue;
            }
            let mut here = std::mem::take(&mut counts[at]);
            let wanted = self.wanted(state, game.event_id(node), &base, &mut here);
            for (branch, label) in game.labels(node).enumerate() {
                if wanted.is_none_or(|w| w == game.text(label)) {
                    let position = met.len();
                    met[at].branches.push((branch, position));
                    met.push(Met::at(game.child(node, branch)));
                    counts.push(here.clone());
                }
            }
            at += 1;
        }
        self.parts[part].met = met;
    }

    /// What an event is recorded to have turned out as, where it is the next to come up; counts it.
    fn wanted(&self, state: usize, event: EventId, base: &Counts, here: &mut Counts) -> Option<&'a str> {
        let name = self.named[state][event.index()]?;
        // Occurrences that a change of the story has removed count as well.
        let occurrence = self.unfolded.states[state].game.event(event).occurrence;
        self.demands.come_up(name, base, occurrence, here)
    }

    fn leading(
        &mut self,
        onward: Option<usize>,
        counts: &Counts,
        layer: &mut HashMap<(usize, Counts), usize>,
    ) -> Leading {
        if self.demands.met(counts) {
            return Leading::Done;
        }
        let Some(state) = onward else { return Leading::Nowhere };
        let own = &self.unfolded.states[state];
        let mut counts = counts.clone();
        if let Some(name) = own.stage.and_then(|s| self.demands.index(&self.unfolded.stages[s])) {
            let base = counts.clone();
            let wanted = self.demands.come_up(name, &base, 1, &mut counts);
            if wanted.is_some_and(|w| w != own.value.to_string()) {
                return Leading::Nowhere;
            }
            if self.demands.met(&counts) {
                return Leading::Done;
            }
        }
        let next = self.parts.len();
        let index = *layer.entry((state, counts.clone())).or_insert(next);
        if index == next {
            self.parts.push(StageEntry { state, counts, met: Vec::new() });
        }
        Leading::To(index)
    }

    /// What was met, without what leads nowhere.
    fn consistent(self) -> Result<ConsistentHistories, Problem> {
        let mut alive: Vec<Vec<bool>> = self.parts.iter().map(|p| vec![false; p.met.len()]).collect();
        for (index, part) in self.parts.iter().enumerate().rev() {
            for (at, met) in part.met.iter().enumerate().rev() {
                alive[index][at] = match met.leading {
                    Some(Leading::Done) => true,
                    Some(Leading::Nowhere) => false,
                    Some(Leading::To(next)) => alive[next][0],
                    None => met.branches.iter().any(|b| alive[index][b.1]),
                };
            }
        }
        if !alive[0][0] {
            return Err(self.none());
        }
        // The new position of each part that is kept, and of each of its nodes.
        let parts: Vec<usize> = positions(alive.iter().map(|part| part[0]));
        let mut found =
            ConsistentHistories { parts: Vec::new(), passed: Vec::new(), arenas: BTreeMap::new() };
        for (part, alive) in self.parts.into_iter().zip(&alive).filter(|p| p.1[0]) {
            let first = found.passed.len();
            let nodes = positions(alive.iter().copied());
            for met in part.met.into_iter().zip(alive).filter(|m| *m.1).map(|m| m.0) {
                let branches = met.branches.into_iter().filter(|b| alive[b.1]);
                let log_density = found.add_density(self.unfolded, part.state, &met.recorded);
                found.passed.push(PassedNode {
                    node: met.node,
                    branches: branches.map(|(branch, to)| (branch, first + nodes[to])).collect(),
                    lead: met.leading.map(|leading| match leading {
                        Leading::To(next) => Lead::To(parts[next]),
                        Leading::Done | Leading::Nowhere => Lead::Done,
                    }),
                    log_density,
                });
            }
            found.parts.push(Part { state: part.state, first, end: found.passed.len() });
        }
        Ok(found)
    }

    fn none(&self) -> Problem {
        if self.unfolded.has_stages() {
            Problem::new("no way through the process agrees with the record").hint(
                "occurrences are counted from the beginning, over all stages: `policy #3`; all must come up within the horizon",
            )
        } else {
            Problem::new("no history agrees with the record")
                .hint("an event that the record gives must happen, with that action, along one history")
        }
    }
}

/// For each element, how many before it are kept.
fn positions(kept: impl Iterator<Item = bool>) -> Vec<usize> {
    kept.scan(0, |count, kept| {
        let position = *count;
        *count += usize::from(kept);
        Some(position)
    })
    .collect()
}

fn log_sum_exp(terms: impl Iterator<Item = f64> + Clone) -> f64 {
    let top = terms.clone().fold(f64::NEG_INFINITY, f64::max);
    if top == f64::NEG_INFINITY {
        return top;
    }
    top + ln(terms.map(|t| exp(t - top)).sum::<f64>())
}
