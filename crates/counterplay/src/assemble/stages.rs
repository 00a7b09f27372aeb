//! Stages, states and series as readers see them.

use counterplay_equilibrium::markov::Equilibrium;
use counterplay_game::tree::{Game, Kind};

use crate::answer::stages::first;
use crate::answer::stages::series::{MeasuredStage, Series};
use crate::answer::tally::WorldDraw;
use crate::model::odds::LogOdds;
use crate::model::odds::{expected_visits, reach};
use crate::model::points;
use crate::story::unfolded::{State, Unfolded};
use crate::world::catalogue::{Catalogue, OutcomeIndex};
use crate::world::history::Replayed;
use counterplay_analysis::interval::interval;
use counterplay_analysis::{OutcomeSeries, PlayPoint, SeriesPoint, StateSummary, TreeNode, WorldSeries};

/// At most this many states are reported.
const MOST_STATES: usize = 60;

/// At most this many information sets of a state are reported.
const MOST_SETS: usize = 20;

/// Stationary play at one point, and how often each state is to be expected.
pub struct AtCentre {
    /// Play.
    pub found: Equilibrium,
    /// Its log probabilities.
    pub odds: Vec<LogOdds>,
    /// For each state, the expected number of visits.
    pub visits: Vec<f64>,
    /// What is to be expected at the horizon.
    pub(crate) expected: WorldDraw,
}

impl AtCentre {
    /// Play with what its log probabilities say of visits up to a horizon.
    pub fn new(unfolded: &Unfolded, found: Equilibrium, odds: Vec<LogOdds>, horizon: usize) -> Self {
        let visits = expected_visits(unfolded, &odds, horizon);
        Self { found, odds, visits, expected: WorldDraw::default() }
    }
}

/// For each state, how often histories pass it on average.
pub(crate) fn visits(unfolded: &Unfolded, histories: &[Replayed]) -> Vec<f64> {
    let mut visits = vec![0.0; unfolded.states.len()];
    for step in histories.iter().flat_map(|h| &h.steps) {
        visits[step.state] += 1.0;
    }
    visits.iter().map(|v| v / histories.len().max(1) as f64).collect()
}

/// The value of a state to each player.
pub fn values_of(found: &Equilibrium, states: usize, state: usize) -> Vec<f64> {
    found.values.iter().skip(state).step_by(states).copied().collect()
}

/// The states that are met most, each with its play and what follows it; `values` are those of all states to all players, draw by draw.
pub fn states(unfolded: &Unfolded, centre: &AtCentre, values: &[&[f64]]) -> Vec<StateSummary> {
    let mut order: Vec<usize> = (0..unfolded.states.len()).collect();
    // The beginning comes first; sorting keeps the order of those that are met alike.
    order.sort_by(|&a, &b| (a > 0).cmp(&(b > 0)).then(centre.visits[b].total_cmp(&centre.visits[a])));
    order.truncate(MOST_STATES);
    order.into_iter().map(|state| summary(unfolded, centre, values, state)).collect()
}

fn summary(unfolded: &Unfolded, centre: &AtCentre, values: &[&[f64]], state: usize) -> StateSummary {
    let told = &unfolded.states[state];
    let game = &told.game;
    let reach = reach(game, &centre.odds[state]);
    let (mut next, mut ends) = (Vec::<(usize, f64)>::new(), 0.0);
    for node in game.nodes() {
        if let Kind::End(_end) = game.kind(node) {
            match told.onward(node) {
                None => ends += reach[node.index()],
                Some(to) => match next.iter_mut().find(|n| n.0 == to) {
                    Some(known) => known.1 += reach[node.index()],
                    None => next.push((to, reach[node.index()])),
                },
            }
        }
    }
    next.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let at = |player: usize| player * unfolded.states.len() + state;
    let over = |player: usize| interval(&values.iter().map(|v| v[at(player)]).collect::<Vec<_>>());
    StateSummary {
        stage: told.stage.map_or_else(|| "play".to_owned(), |s| unfolded.stages[s].clone()),
        state: if told.stage.is_some() { told.value.to_string() } else { String::new() },
        expected_visits: centre.visits[state],
        values: (0..told.game.players().len()).map(over).collect(),
        play: points(told, &centre.odds[state]),
        next: next.into_iter().map(|(to, p)| (unfolded.name(to), p)).collect(),
        ends,
    }
}

fn points(told: &State, odds: &LogOdds) -> Vec<PlayPoint> {
    let mut points = points::play(&told.game, odds);
    points.truncate(MOST_SETS);
    points
}

/// One world, stage by stage, over all draws: outcomes, and then measured quantities.
pub(crate) fn series(
    what_if: Option<String>,
    catalogue: &Catalogue,
    truths: &[OutcomeIndex],
    draws: &[&Series],
) -> WorldSeries {
    let stages = draws.first().map_or(0, |d| d.outcomes.len());
    let outcome = |(index, (name, values)): (usize, &(String, Vec<String>))| {
        let numbers: Option<Vec<f64>> = values.iter().map(|v| v.parse::<f64>().ok()).collect();
        let point = |stage: usize| {
            let of: Vec<&Vec<f64>> = draws.iter().map(|d| &d.outcomes[stage][index]).collect();
            point(stage, values, numbers.as_deref(), &of)
        };
        OutcomeSeries {
            outcome: name.clone(),
            numeric: numbers.is_some(),
            measured: false,
            points: (0..stages).map(point).collect(),
        }
    };
    let measure = |(index, name): (usize, &String)| {
        let point = |stage: usize| {
            measured_point(stage, &draws.iter().map(|d| &d.measures[stage][index]).collect::<Vec<_>>())
        };
        OutcomeSeries {
            outcome: name.clone(),
            numeric: true,
            measured: true,
            points: (0..stages).map(point).collect(),
        }
    };
    let firsts: Vec<&Vec<Vec<f64>>> = draws.iter().map(|d| &d.first_true).collect();
    WorldSeries {
        what_if,
        outcomes: (catalogue.outcomes.iter().enumerate().map(outcome))
            .chain(catalogue.measures.iter().enumerate().map(measure))
            .collect(),
        first_true: first::summarise(catalogue, truths, &firsts),
    }
}

/// A measured quantity in one stage.
fn measured_point(stage: usize, draws: &[&MeasuredStage]) -> SeriesPoint {
    let stated = draws.iter().map(|d| d.share).sum::<f64>() / draws.len().max(1) as f64;
    let means: Vec<f64> = draws.iter().filter(|d| d.share > 0.0).map(|d| d.mean).collect();
    let mut some: Vec<f64> = draws.iter().flat_map(|d| d.some.iter().copied()).collect();
    some.sort_by(f64::total_cmp);
    let known = !some.is_empty();
    SeriesPoint {
        stage,
        stated,
        values: Vec::new(),
        mean: known.then(|| interval(&means)),
        quantiles: known
            .then(|| [0.05, 0.25, 0.5, 0.75, 0.95].map(|q| counterplay_math::statistics::quantile(&some, q))),
    }
}

fn point(stage: usize, values: &[String], numbers: Option<&[f64]>, draws: &[&Vec<f64>]) -> SeriesPoint {
    let count = draws.len().max(1) as f64;
    let shares: Vec<f64> =
        (0..values.len()).map(|v| draws.iter().map(|d| d[v]).sum::<f64>() / count).collect();
    let stated: f64 = shares.iter().sum();
    let numbers = numbers.filter(|_| stated > 0.0);
    let mean = numbers.map(|numbers| {
        let of = |d: &&Vec<f64>| {
            let stated: f64 = d.iter().sum();
            d.iter().zip(numbers).map(|(p, x)| p * x).sum::<f64>() / stated
        };
        interval(&draws.iter().map(of).collect::<Vec<_>>())
    });
    let quantiles = numbers.map(|numbers| {
        let mut pairs: Vec<(f64, f64)> = numbers.iter().copied().zip(shares.iter().copied()).collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        [0.05, 0.25, 0.5, 0.75, 0.95].map(|q| quantile(&pairs, q * stated))
    });
    let listed = values.iter().cloned().zip(shares).filter(|v| v.1 > 0.0).collect();
    SeriesPoint { stage, stated, values: listed, mean, quantiles }
}

/// The number up to which this much of the weight lies.
fn quantile(pairs: &[(f64, f64)], weight: f64) -> f64 {
    let mut sum = 0.0;
    let found = pairs.iter().find(|(_, w)| {
        sum += w;
        sum >= weight && *w > 0.0
    });
    found.or(pairs.last()).map_or(f64::NAN, |p| p.0)
}

/// The beginning alone, as a tree: what follows has none.
pub(crate) fn beginning(unfolded: &Unfolded, centre: &AtCentre, about_probability: f64) -> TreeNode {
    let game = unfolded.game();
    let root = counterplay_game::id::NodeId::new(Game::ROOT);
    let player = match game.kind(root) {
        Kind::Decision(set) => Some(game.players()[game.info_set(set).player.index()].clone()),
        Kind::Chance(_) | Kind::End(_) => None,
    };
    let event = if game.child_count(root) > 0 { game.event_name(game.event_id(root)) } else { String::new() };
    TreeNode {
        event,
        player,
        reach_probability: 1.0,
        about_probability,
        histories: game.history_count(),
        on_record: true,
        outcomes: Vec::new(),
        payoffs: values_of(&centre.found, unfolded.states.len(), 0),
        branches: Vec::new(),
    }
}
