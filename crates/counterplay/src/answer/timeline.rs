//! What happened, step by step: what the record says of each event, what play foresaw there, and how likely the
//! outcome was from there on.

use counterplay_game::id::{EventId, NodeId};
use counterplay_game::tree::{Game, Kind};
use counterplay_math::exp;

use crate::answer::turning_point::PathStep;
use crate::model::consistent::Weights;
use crate::model::odds::{LogOdds, reach};
use crate::model::recorded::{Demand, demands};
use crate::problem::Problem;
use crate::scenario::Scenario;
use crate::world::catalogue::OutcomeIndex;
use crate::world::scene::Scene;
use counterplay_analysis::TimelineStep;
use counterplay_analysis::interval::interval;

/// One event on the way that is shown.
#[derive(Clone, Debug)]
struct TimelineEvent {
    event: EventId,
    labels: Vec<String>,
    /// Nodes of the event that agree with the record up to there.
    nodes: Vec<NodeId>,
    /// How many recorded events are known after this step.
    known: usize,
}

/// The steps, and what is needed to weigh them at each draw.
#[derive(Clone, Debug)]
pub(crate) struct Timeline {
    steps: Vec<TimelineEvent>,
    recorded: Vec<(EventId, String)>,
    /// For each end, how many recorded events, in the order of the steps, its history agrees with at once.
    agreeing: Vec<(NodeId, usize)>,
    about: OutcomeIndex,
}

/// What one draw says of each step.
#[derive(Clone, Debug)]
pub(crate) struct TimelineDraw {
    given_record: Vec<Vec<f64>>,
    foreseen: Vec<Vec<f64>>,
    about: Vec<f64>,
}

impl Timeline {
    /// The steps on the way to `end`.
    ///
    /// # Errors
    /// If the record names an unknown event.
    pub(crate) fn new(
        scene: &Scene,
        scenario: &Scenario,
        end: NodeId,
        about: OutcomeIndex,
    ) -> Result<Self, Problem> {
        let game = scene.model().game();
        let all = demands(game, &scenario.record)?;
        let way: Vec<EventId> = game.path(end).iter().map(|step| game.event_id(step.0)).collect();
        let recorded: Vec<(EventId, String)> =
            way.iter().filter_map(|event| all.iter().find(|d| d.0 == *event).cloned()).collect();
        let agrees_so_far = prefix_agreement(game, &all);
        let mut known = 0;
        let steps = way
            .iter()
            .map(|&event| {
                known += usize::from(recorded.iter().any(|r| r.0 == event));
                let nodes = nodes_of(game, event, &agrees_so_far);
                TimelineEvent { event, labels: labels_of(game, &nodes), nodes, known }
            })
            .collect();
        let agreeing = game
            .nodes()
            .filter(|&n| matches!(game.kind(n), Kind::End(_)))
            .map(|n| (n, agreeing_count(game, &recorded, n)))
            .collect();
        Ok(Self { steps, recorded, agreeing, about })
    }

    /// The events on the way, in order.
    pub(crate) fn way(&self) -> impl Iterator<Item = EventId> + '_ {
        self.steps.iter().map(|step| step.event)
    }

    /// The recorded events on the way, in order, with what they turned out as.
    pub(crate) fn recorded(&self, game: &Game) -> Vec<PathStep> {
        let one = |(event, action): &(EventId, String)| PathStep {
            event: game.text(game.event(*event).name).to_owned(),
            occurrence: game.event(*event).occurrence as usize,
            player: player_at(game, *event),
            action: action.clone(),
        };
        self.recorded.iter().map(one).collect()
    }

    /// Weighs the steps at one draw.
    pub(crate) fn weigh(&self, scene: &Scene, odds: &LogOdds, weights: &Weights) -> TimelineDraw {
        let game = scene.model().game();
        let reach = reach(game, odds);
        let passing = given_record(scene, weights);
        let given_record = self
            .steps
            .iter()
            .map(|step| step.over(game, |node, branch| passing[game.child(node, branch).index()]));
        let foreseen = self.steps.iter().map(|step| {
            let total: f64 = step.nodes.iter().map(|n| reach[n.index()]).sum();
            step.over(game, |node, branch| reach[node.index()] * exp(odds.at(game, node)[branch]) / total)
        });
        TimelineDraw {
            given_record: given_record.collect(),
            foreseen: foreseen.collect(),
            about: self.about_by_known(scene, &reach),
        }
    }

    /// The probability of the outcome given the first 0, 1, 2, ... recorded events.
    fn about_by_known(&self, scene: &Scene, reach: &[f64]) -> Vec<f64> {
        let count = self.recorded.len() + 1;
        let (mut all, mut having) = (vec![0.0; count], vec![0.0; count]);
        for &(end, agreeing) in &self.agreeing {
            all[agreeing] += reach[end.index()];
            if scene.outcomes(end).contains(&self.about) {
                having[agreeing] += reach[end.index()];
            }
        }
        for known in (1..count).rev() {
            all[known - 1] += all[known];
            having[known - 1] += having[known];
        }
        having.iter().zip(&all).map(|(h, a)| h / a).collect()
    }

    /// The steps over all draws.
    pub(crate) fn summarise(&self, scene: &Scene, draws: &[TimelineDraw]) -> Vec<TimelineStep> {
        let game = scene.model().game();
        let step = |(index, step): (usize, &TimelineEvent)| {
            let mean = |of: &dyn Fn(&TimelineDraw) -> &Vec<Vec<f64>>| {
                let over = |label: usize| {
                    draws.iter().map(|d| of(d)[index][label]).sum::<f64>() / draws.len().max(1) as f64
                };
                step.labels.iter().enumerate().map(|(l, name)| (name.clone(), over(l))).collect::<Vec<_>>()
            };
            let given_record = mean(&|d| &d.given_record);
            let recorded = self.recorded.iter().find(|r| r.0 == step.event);
            let likeliest = given_record.iter().max_by(|a, b| a.1.total_cmp(&b.1)).map(|l| l.0.clone());
            let about: Vec<f64> = draws.iter().map(|d| d.about[step.known]).collect();
            let player = step.nodes.first().and_then(|&n| match game.kind(n) {
                Kind::Decision(set) => Some(game.players()[game.info_set(set).player.index()].clone()),
                Kind::Chance(_) | Kind::End(_) => None,
            });
            let event = game.event(step.event);
            TimelineStep {
                event: game.text(event.name).to_owned(),
                occurrence: event.occurrence as usize,
                player,
                action: recorded.map(|r| r.1.clone()).or(likeliest).unwrap_or_default(),
                recorded: recorded.is_some(),
                given_record,
                foreseen: mean(&|d| &d.foreseen),
                about_probability: interval(&about),
            }
        };
        self.steps.iter().enumerate().map(step).collect()
    }
}

impl TimelineDraw {
    /// The probability of the outcome given the first 0, 1, 2, ... recorded events.
    pub(crate) fn about(&self) -> &[f64] {
        &self.about
    }
}

impl TimelineEvent {
    /// Sums a number for each branch over the step's nodes, label by label.
    fn over(&self, game: &Game, number: impl Fn(NodeId, usize) -> f64) -> Vec<f64> {
        let mut sums = vec![0.0; self.labels.len()];
        for &node in &self.nodes {
            for (branch, label) in game.labels(node).enumerate() {
                if let Some(index) = self.labels.iter().position(|l| l == game.text(label)) {
                    sums[index] += number(node, branch);
                }
            }
        }
        sums
    }
}

/// Whether the history up to each node contradicts no demand.
fn prefix_agreement(game: &Game, demands: &[(EventId, String)]) -> Vec<bool> {
    let mut agrees = vec![true; game.node_count()];
    for node in game.nodes() {
        let demand = Demand::at(game, demands, node);
        for (branch, child) in game.children(node).enumerate() {
            agrees[child.index()] = agrees[node.index()] && demand.allows(branch);
        }
    }
    agrees
}

fn nodes_of(game: &Game, event: EventId, agrees: &[bool]) -> Vec<NodeId> {
    let at = |n: &NodeId| agrees[n.index()] && game.child_count(*n) > 0 && game.event_id(*n) == event;
    game.nodes().filter(at).collect()
}

fn labels_of(game: &Game, nodes: &[NodeId]) -> Vec<String> {
    let mut labels: Vec<String> = Vec::new();
    for &node in nodes {
        for label in game.labels(node) {
            let text = game.text(label);
            if !labels.iter().any(|l| l == text) {
                labels.push(text.to_owned());
            }
        }
    }
    labels
}

/// How many of the first recorded events the history to `end` agrees with, before the first that it does not.
fn agreeing_count(game: &Game, recorded: &[(EventId, String)], end: NodeId) -> usize {
    let path = game.path(end);
    let met = |(event, action): &(EventId, String)| {
        path.iter().any(|&(n, b)| game.event_id(n) == *event && game.text(game.branch_label(n, b)) == action)
    };
    recorded.iter().take_while(|r| met(r)).count()
}

/// The probability, given the record, that the history passes each node.
pub(crate) fn given_record(scene: &Scene, weights: &Weights) -> Vec<f64> {
    let mut passing = vec![0.0; scene.model().game().node_count()];
    for (_, node, weight) in scene.model().consistent().into_iter().flat_map(|c| c.passing(weights)) {
        passing[node.index()] = weight;
    }
    passing
}

/// Who decides an event, where it is first met; `None` for chance.
pub(crate) fn player_at(game: &Game, event: EventId) -> Option<String> {
    let node = game.nodes().find(|&n| game.child_count(n) > 0 && game.event_id(n) == event)?;
    match game.kind(node) {
        Kind::Decision(set) => Some(game.players()[game.info_set(set).player.index()].clone()),
        Kind::Chance(_) | Kind::End(_) => None,
    }
}
