//! Predictions as of a moment: the record is cut before an event, and what measured quantities turned out as is left out.
//!
//! At parameters $\theta$ let $L_k(\theta)$ be the probability of the first $k$ recorded events, and $L(\theta)$ the
//! likelihood of the whole record. The prediction of $Y$ from the first $k$ is
//! $E[Y \mid k] = \int E_\theta[Y \mid k]\\, L_k(\theta)\\, p(\theta)\\, d\theta / \int L_k(\theta)\\, p(\theta)\\, d\theta$, where the inner
//! expectation is enumerated. The draws of the posterior and those of the prior stand in for the integral, weighed
//! again; see [`reweigh`](super::reweigh).

use counterplay_game::id::{EventId, NodeId};
use counterplay_game::tree::Game;

use super::cases::{Cases, Target, mixture_quantile, total};
use super::enumerate::weighed;
use super::measured::MeasuredLaw;
use super::test::Test;
use crate::answer::query::targets::targets;
use crate::model::consistent::{ConsistentHistories, Weights};
use crate::model::odds::LogOdds;
use crate::model::odds::reach;
use crate::model::recorded::demands;
use crate::problem::Problem;
use crate::scenario::Record;
use crate::scenario::query::{Quantity, Query};
use crate::world::inquiry::Inquiry;
use counterplay_inference::key::Key;

/// Values drawn of a measured quantity at each draw of the parameters.
const SAMPLES: u64 = 20;

/// The queries as of a moment, made ready.
pub(crate) struct AsOf {
    /// The recorded events in the order in which they happened.
    pub(crate) recorded: Vec<(EventId, String)>,
    /// For each end, by the number of its node, with how many of them in a row its history agrees.
    agreeing: Vec<usize>,
    pub(crate) moments: Vec<TreeMoment>,
}

/// A query as of a moment.
pub(crate) struct TreeMoment {
    /// Which query of the scenario it is.
    pub(crate) query: usize,
    /// How many recorded events are known.
    pub(crate) known: usize,
    conditions: Vec<Test>,
    targets: Vec<Target>,
    quantile: Option<f64>,
    sampled: Option<usize>,
}

/// What one draw of the parameters says.
#[derive(Clone, Debug, Default)]
pub(crate) struct AsOfDraw {
    /// The log likelihood of the whole record.
    pub(crate) log_likelihood: f64,
    /// The probability of the first 0, 1, 2, ... recorded events.
    pub(crate) known: Vec<f64>,
    pub(crate) moments: Vec<MomentDraw>,
}

/// What one draw predicts.
#[derive(Clone, Debug, Default)]
pub(crate) struct MomentDraw {
    /// For each target, the value and the probability of the condition, given what is known.
    pub(crate) at: Vec<(f64, f64)>,
    /// The same of the first target after 0, 1, 2, ... recorded events.
    pub(crate) path: Vec<(f64, f64)>,
    pub(crate) samples: Vec<f64>,
}

impl AsOf {
    /// Makes the queries ready.
    ///
    /// # Errors
    /// If a moment never came.
    pub(crate) fn new(inquiry: &Inquiry<'_>) -> Result<Self, Problem> {
        let (scenario, scene) = (inquiry.scenario(), inquiry.factual());
        let game = scene.model().game();
        let agreed = agreed_ends(inquiry);
        let demands = demands(game, &scenario.record)?;
        let recorded = agreed.first().map_or(Vec::new(), |&end| in_order(game, &demands, end));
        let mut moments = Vec::new();
        for (index, query) in scenario.queries.iter().enumerate() {
            let Some(event) = &query.as_of else { continue };
            let event = game.find_event(&event.to_string());
            let known = event.and_then(|event| known_before(game, &recorded, &agreed, event));
            let known = known.ok_or_else(|| never(query))?;
            moments.push(TreeMoment::new(inquiry, index, query, known));
        }
        let at = |node: NodeId| if game.child_count(node) == 0 { row(game, &recorded, node) } else { 0 };
        let agreeing = if moments.is_empty() { Vec::new() } else { game.nodes().map(at).collect() };
        Ok(Self { recorded, agreeing, moments })
    }

    /// What play at one draw predicts.
    pub(crate) fn draw(&self, inquiry: &Inquiry<'_>, odds: &LogOdds, values: &[f64], key: Key) -> AsOfDraw {
        if self.moments.is_empty() {
            return AsOfDraw::default();
        }
        let scene = inquiry.factual();
        let game = scene.model().game();
        let reach = reach(game, odds);
        let row = |node: NodeId| self.agreeing[node.index()];
        let all =
            weighed(scene, values, |end| reach[end.index()], self.moments.iter().any(TreeMoment::needs_laws));
        let mut known = vec![0.0; self.recorded.len() + 1];
        for case in &all.list {
            known[row(case.end)] += case.weight;
        }
        add_up(&mut known);
        let log_likelihood = log_likelihood(scene, odds, values);
        let one =
            |(index, moment): (usize, &TreeMoment)| moment.draw(&all, &known, &row, key.with(index as u64));
        AsOfDraw { log_likelihood, moments: self.moments.iter().enumerate().map(one).collect(), known }
    }

    /// The record that is known after this many of its events.
    pub(crate) fn cut(&self, game: &Game, record: &Record, known: usize) -> Record {
        let kept = |event: &crate::story::terms::EventName| {
            let id = game.find_event(&event.to_string());
            self.recorded[..known].iter().any(|r| Some(r.0) == id)
        };
        let events = record.events.iter().filter(|e| kept(&e.0)).cloned().collect();
        Record { events, measured: std::collections::BTreeMap::new(), place: record.place.clone() }
    }
}

/// What was counted by how many events agree, as how many agree at least.
fn add_up(counted: &mut [f64]) {
    for known in (1..counted.len()).rev() {
        counted[known - 1] += counted[known];
    }
}

fn never(query: &Query) -> Problem {
    let event = query.as_of.as_ref().map_or(String::new(), ToString::to_string);
    Problem::new(format!(
        "`{}` is asked as of `{event}`, but no history that agrees with the record comes to it",
        query.name
    ))
    .hint("name an event that happened; the record is cut just before it")
    .at(query.place.clone())
}

fn agreed_ends(inquiry: &Inquiry<'_>) -> Vec<NodeId> {
    let model = inquiry.factual().model();
    let nodes = model.consistent().into_iter().flat_map(ConsistentHistories::nodes).map(|n| n.1);
    nodes.filter(|&n| model.game().child_count(n) == 0).collect()
}

/// The demands in the order in which the history to `end` meets them.
fn in_order(game: &Game, demands: &[(EventId, String)], end: NodeId) -> Vec<(EventId, String)> {
    let events = game.path(end).into_iter().map(|step| game.event_id(step.0));
    events.filter_map(|event| demands.iter().find(|d| d.0 == event).cloned()).collect()
}

/// How many recorded events precede an event, where a history that agrees with the record comes to it.
fn known_before(
    game: &Game,
    recorded: &[(EventId, String)],
    agreed: &[NodeId],
    event: EventId,
) -> Option<usize> {
    let before = |&end: &NodeId| {
        let path = game.path(end);
        let at = path.iter().position(|step| game.event_id(step.0) == event)?;
        let met = |r: &(EventId, String)| path[..at].iter().any(|step| game.event_id(step.0) == r.0);
        Some(recorded.iter().take_while(|r| met(r)).count())
    };
    agreed.iter().find_map(before)
}

/// With how many of the recorded events, one after the other, the history to `end` agrees.
fn row(game: &Game, recorded: &[(EventId, String)], end: NodeId) -> usize {
    let path = game.path(end);
    let met = |(event, action): &(EventId, String)| {
        path.iter().any(|&(n, b)| game.event_id(n) == *event && game.text(game.branch_label(n, b)) == action)
    };
    recorded.iter().take_while(|r| met(r)).count()
}

impl TreeMoment {
    fn new(inquiry: &Inquiry<'_>, index: usize, query: &Query, known: usize) -> Self {
        let (asked, scene) = (&query.asked, inquiry.factual());
        let conditions = asked.given.iter().chain(&asked.within);
        Self {
            query: index,
            known,
            conditions: conditions.map(|c| Test::new(c, scene, &inquiry.catalogue)).collect(),
            targets: targets(&asked.quantity, inquiry, scene),
            quantile: match asked.quantity {
                Quantity::Quantile(_, p) => Some(p),
                _ => None,
            },
            sampled: match &asked.quantity {
                Quantity::Distribution(name) if inquiry.catalogue.outcome(name).is_none() => {
                    inquiry.catalogue.measure(name)
                }
                _ => None,
            },
        }
    }

    /// Whether what the histories measure bears on it.
    fn needs_laws(&self) -> bool {
        let cut = |test: &Test| test.thresholds().next().is_some();
        let target = |target: &Target| match target {
            Target::Holds(test) => cut(test),
            Target::Measured(_) => true,
            Target::Payoff(_) => false,
        };
        self.sampled.is_some() || self.targets.iter().any(target) || self.conditions.iter().any(cut)
    }

    /// Whether the prediction can be followed event by event.
    pub(crate) fn has_path(&self) -> bool {
        self.quantile.is_none() && self.targets.len() == 1
    }

    fn draw(&self, all: &Cases<'_>, known: &[f64], row: &dyn Fn(NodeId) -> usize, key: Key) -> MomentDraw {
        let conditions: Vec<&Test> = self.conditions.iter().collect();
        let mut drawn = MomentDraw::default();
        for target in &self.targets {
            let (mut given, mut of) = (vec![0.0; known.len()], vec![0.0; known.len()]);
            for (case, part) in all.list.iter().zip(all.parts(target, &conditions)) {
                given[row(case.end)] += case.weight * part.given;
                of[row(case.end)] += case.weight * part.of;
            }
            add_up(&mut given);
            add_up(&mut of);
            let at = |k: usize| (of[k] / given[k], given[k] / known[k]);
            drawn.at.push(at(self.known));
            if self.has_path() {
                drawn.path = (0..known.len()).map(at).collect();
            }
        }
        if self.quantile.is_some() || self.sampled.is_some() {
            self.draw_law(all, row, key, &mut drawn);
        }
        drawn
    }

    /// What needs the whole law of a measured quantity: a quantile, or values of it.
    fn draw_law(&self, all: &Cases<'_>, row: &dyn Fn(NodeId) -> usize, key: Key, drawn: &mut MomentDraw) {
        let conditions: Vec<&Test> = self.conditions.iter().collect();
        let list = all.list.iter().filter(|case| row(case.end) >= self.known).cloned().collect();
        let left = Cases { scene: all.scene, values: all.values, list };
        if let (Some(p), [Target::Measured(measure)]) = (self.quantile, self.targets.as_slice()) {
            let value = mixture_quantile(&left.mixture(*measure, &conditions), p);
            drawn.at[0].0 = value;
        }
        if let Some(measure) = self.sampled {
            let given = total(&left.list, &left.parts(&Target::Payoff(0), &conditions)).given;
            let whole: f64 = left.list.iter().map(|c| c.weight).sum();
            drawn.at = vec![(f64::NAN, given / whole)];
            let mixture = left.mixture(measure, &conditions);
            drawn.samples = (0..SAMPLES).filter_map(|s| sample(&mixture, key.with(s))).collect();
        }
    }
}

/// A value of a mixture of laws.
fn sample(mixture: &[(MeasuredLaw, f64)], key: Key) -> Option<f64> {
    let mut left = key.with(0).uniform() * mixture.iter().map(|m| m.1).sum::<f64>();
    let chosen = mixture.iter().find(|m| {
        left -= m.1;
        left < 0.0
    });
    let law = chosen.or(mixture.last())?.0;
    Some(law.value_at(key.with(1).uniform()))
}

/// How likely what is known is in this world.
fn log_likelihood(scene: &crate::world::scene::Scene, odds: &LogOdds, values: &[f64]) -> f64 {
    let weigh = |consistent: &ConsistentHistories| {
        let (odds, values) = (std::slice::from_ref(odds), [values.to_vec()]);
        consistent.weigh(scene.model().unfolded(), odds, &values, &mut Weights::default())
    };
    scene.model().consistent().map_or(0.0, weigh)
}
