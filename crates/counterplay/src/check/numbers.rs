//! Whether the numbers of a story are sound at the centre of the prior and at some draws from it.

use std::collections::BTreeSet;

use counterplay_game::expression::{ExprId, Expressions};
use counterplay_game::id::{BranchId, EventId, NodeId, PlayerId};
use counterplay_game::tree::{Game, Kind};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::short;
use crate::problem::Problem;
use crate::scenario::Scenario;
use crate::story::unfolded::{State, Unfolded};
use counterplay_inference::distribution::Distribution;
use counterplay_inference::prior::JointPrior;

const DRAWS: usize = 16;

/// Probabilities may miss their range by this much.
const SLACK: f64 = 1e-9;

/// What is to be so of a probability.
pub(super) const OVER_THE_PRIORS: &str = "a probability lies between 0 and 1 for all that the priors allow";

/// What is unsound at some point of the prior.
pub(super) fn problems(scenario: &Scenario, unfolded: &Unfolded) -> Vec<Problem> {
    match points(scenario) {
        Ok(parameters) => {
            let mut problems = impossible_measures(scenario, unfolded, &parameters);
            for state in &unfolded.states {
                // What states have in common is told once.
                for problem in Points::new(scenario, state, parameters.clone()).problems() {
                    if !problems.contains(&problem) {
                        problems.push(problem);
                    }
                }
            }
            problems
        }
        Err(problem) => vec![problem],
    }
}

/// Measured values of the record that no ending can have, at any of the points.
fn impossible_measures(scenario: &Scenario, unfolded: &Unfolded, parameters: &[Vec<f64>]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, &value) in &scenario.record.measured {
        let (mut laws, mut possible) = (0, false);
        for state in &unfolded.states {
            let of = state.endings.iter().flat_map(|ending| &ending.measures);
            let laws_here: Vec<_> =
                of.filter(|m| state.game.text(m.0) == name.as_str()).map(|m| m.1).collect();
            if laws_here.is_empty() {
                continue;
            }
            laws += laws_here.len();
            let values: Vec<Vec<f64>> =
                parameters.iter().map(|p| state.game.expressions().evaluate(p)).collect();
            // A law without a density there is reported.
            let can = |law: &Distribution, v: &Vec<f64>| {
                let law = law.at(v);
                law.check().is_err() || law.log_density(value) > f64::NEG_INFINITY
            };
            possible |= laws_here.iter().any(|law| values.iter().any(|v| can(law, v)));
        }
        if laws > 0 && !(possible && value.is_finite()) {
            problems.push(
                Problem::new(format!("the record gives `{name}` as {value}, which it never can be"))
                    .hint(
                        "a count (`poisson`, `neg_binomial`) is a whole number from 0 on, `bernoulli` gives 0 or 1, \
                         `beta` lies between 0 and 1",
                    )
                    .at(scenario.record.place.clone()),
            );
        }
    }
    problems
}

/// Parameter values: the centre of the prior, then draws.
fn points(scenario: &Scenario) -> Result<Vec<Vec<f64>>, Problem> {
    let mut joint = JointPrior::new();
    for prior in &scenario.priors {
        joint.add(&scenario.expressions, prior).map_err(|e| Problem::new(e.to_string()))?;
    }
    Ok(points_of(&joint))
}

/// The centre of a prior, then draws from it.
pub(super) fn points_of(joint: &JointPrior) -> Vec<Vec<f64>> {
    let mut points = Vec::with_capacity(DRAWS + 1);
    if let Some(combination) = joint.combinations().next() {
        let mut centre = Vec::new();
        let mut workspace = joint.workspace(&combination);
        joint.constrain(&mut workspace, &vec![0.0; joint.coordinates()], &mut centre);
        points.push(centre);
    }
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    points.extend((0..DRAWS).map(|_| joint.sample(&mut rng).theta));
    points
}

/// A story's numbers at some points.
pub(super) struct Points<'a> {
    scenario: &'a Scenario,
    state: &'a State,
    game: &'a Game,
    expressions: &'a Expressions,
    parameters: Vec<Vec<f64>>,
    /// For each point, the values of all expressions.
    values: Vec<Vec<f64>>,
}

impl<'a> Points<'a> {
    pub(super) fn new(scenario: &'a Scenario, state: &'a State, parameters: Vec<Vec<f64>>) -> Self {
        let game = state.game.as_ref();
        let expressions = game.expressions();
        let values = parameters.iter().map(|p| expressions.evaluate(p)).collect();
        Self { scenario, state, game, expressions, parameters, values }
    }

    pub(super) fn problems(&self) -> Vec<Problem> {
        let mut problems = self.chances();
        problems.extend(self.payoffs());
        problems.extend(self.measures());
        problems.extend(self.precisions());
        problems
    }

    /// The first value of an expression that is not as it should be, with the point.
    fn first(&self, id: ExprId, wrong: impl Fn(f64) -> bool) -> Option<(usize, f64)> {
        self.values.iter().map(|v| v[id.index()]).enumerate().find(|(_, value)| wrong(*value))
    }

    /// Where a point lies, by the parameter that is furthest from its usual values among those that matter.
    fn whereabouts(&self, ids: &[ExprId], point: usize) -> String {
        self.furthest(ids, point).map_or(String::new(), |p| {
            let name = &self.scenario.parameters[p].name;
            format!(" where `{name}` is {}", short(self.parameters[point][p]))
        })
    }

    /// The parameter that is furthest from its usual values at a point, among those that matter.
    fn furthest(&self, ids: &[ExprId], point: usize) -> Option<usize> {
        let ids = ids.iter().flat_map(|id| self.expressions.parameters_of(*id));
        // After the parameters come the same as they were, and rules of play.
        let named = |p: &usize| *p < self.scenario.parameters.len();
        let parameters: BTreeSet<usize> =
            ids.map(counterplay_game::expression::ParameterId::index).filter(named).collect();
        let distance = |p: &usize| {
            let values: Vec<f64> = self.parameters.iter().map(|theta| theta[*p]).collect();
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let spread =
                (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt();
            (values[point] - mean).abs() / spread.max(f64::MIN_POSITIVE)
        };
        parameters.iter().copied().max_by(|a, b| distance(a).total_cmp(&distance(b)))
    }

    fn chances(&self) -> Vec<Problem> {
        let (mut problems, mut events, mut seen) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        for node in self.game.nodes() {
            let Kind::Chance(chance) = self.game.kind(node) else { continue };
            let event = self.game.event_id(node);
            if !seen.insert((chance, event)) || events.contains(&event) {
                continue;
            }
            let ids: Vec<ExprId> =
                self.game.branches(chance).map(|b| self.game.branch_probability(BranchId::new(b))).collect();
            if let Some(problem) = self.chance(node, event, &ids) {
                events.insert(event);
                problems.push(problem);
            }
        }
        problems
    }

    fn chance(&self, node: NodeId, event: EventId, ids: &[ExprId]) -> Option<Problem> {
        let name = self.game.event_name(event);
        let place = self.scenario.story.place_of(self.game.text(self.game.event(event).name));
        for (branch, &id) in ids.iter().enumerate() {
            let outside = |p: f64| !(-SLACK..=1.0 + SLACK).contains(&p);
            if let Some((point, value)) = self.first(id, outside) {
                let label = self.game.text(self.game.branch_label(node, branch));
                let whereabouts = self.whereabouts(&[id], point);
                let message =
                    format!("the probability of `{label}` at `{name}` is {}{whereabouts}", short(value));
                return Some(Problem::new(message).at(place).hint(format!(
                    "{OVER_THE_PRIORS}: use priors over shares, `logistic(...)`, or `min` and `max`"
                )));
            }
        }
        let sums = self.values.iter().map(|v| ids.iter().map(|id| v[id.index()]).sum::<f64>());
        let (point, sum) = sums.enumerate().find(|(_, sum)| (sum - 1.0).abs() > SLACK)?;
        let whereabouts = self.whereabouts(ids, point);
        let message = format!("the probabilities of `{name}` sum to {}, not to 1,{whereabouts}", short(sum));
        Some(Problem::new(message.trim_end_matches(',')).at(place).hint("let one of them be `rest`"))
    }

    fn payoffs(&self) -> Option<Problem> {
        for end in self.game.ends() {
            for (player, &id) in end.payoffs.iter().enumerate() {
                if let Some((point, _)) = self.first(id, |x| !x.is_finite()) {
                    let name = &self.game.players()[PlayerId::new(player).index()];
                    let whereabouts = self.whereabouts(&[id], point);
                    let parameter = self.furthest(&[id], point).map(|p| &self.scenario.parameters[p]);
                    return Some(
                        Problem::new(format!("the payoff of `{name}` is not a finite number{whereabouts}"))
                            .hint(
                                "a logarithm or a root of something below zero, or a division by zero, can do that: \
                                 give what it is taken of a prior over positive numbers, or write `log(max(x, 0.001))`",
                            )
                            .at(parameter.and_then(|p| p.place.clone())),
                    );
                }
            }
        }
        None
    }

    fn measures(&self) -> Vec<Problem> {
        let (mut problems, mut names) = (Vec::new(), BTreeSet::new());
        let measures = self.state.endings.iter().flat_map(|e| &e.measures);
        for (name, distribution) in measures {
            if names.contains(name) {
                continue;
            }
            let at = self.values.iter().map(|values| distribution.at(values).check());
            if let Some((point, Err(error))) = at.enumerate().find(|(_, checked)| checked.is_err()) {
                names.insert(*name);
                let whereabouts = self.whereabouts(&distribution.arguments(), point);
                let name = self.game.text(*name);
                let place = self.scenario.story.place_of(name);
                let problem = Problem::new(format!("`{name}` has no distribution{whereabouts}: {error}"));
                problems.push(problem.at(place));
            }
        }
        problems
    }

    fn precisions(&self) -> Vec<Problem> {
        let players = self.scenario.players.iter().zip(&self.scenario.precisions);
        let wrong = |(player, &id): (&String, &ExprId)| {
            let (point, value) = self.first(id, |x| !(x.is_finite() && x >= 0.0))?;
            let whereabouts = self.whereabouts(&[id], point);
            Some(
                Problem::new(format!("the precision of `{player}` is {}{whereabouts}", short(value)))
                    .hint("a precision is zero or above"),
            )
        };
        players.filter_map(wrong).collect()
    }
}
