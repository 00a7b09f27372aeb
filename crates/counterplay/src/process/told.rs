//! States and series as readers see them.

use counterplay_equilibrium::markov::Equilibrium;
use counterplay_game::tree::{Game, Kind};
use counterplay_math::exp;

use super::asked::Asked;
use super::counted::Series;
use super::first;
use super::measured::MeasuredStage;
use super::replay::Step;
use super::{Process, StateTold};
use crate::model::agreement::LogOdds;
use counterplay_analysis::interval::interval;
use counterplay_analysis::{OutcomeSeries, PlayPoint, SeriesPoint, StateSummary, WorldSeries};

/// So many states are told of.
const MOST_STATES: usize = 60;

/// So many information sets of a state are.
const MOST_SETS: usize = 20;

/// Stationary play at one point, and how often each state is to be expected.
pub struct AtCentre {
    /// Play.
    pub found: Equilibrium,
    /// Its log probabilities.
    pub odds: Vec<LogOdds>,
    /// For each state, the expected number of visits.
    pub visits: Vec<f64>,
}

/// For each state, how often histories pass it on average.
pub(super) fn visits(process: &Process, histories: &[Vec<Step>]) -> Vec<f64> {
    let mut visits = vec![0.0; process.states.len()];
    for step in histories.iter().flatten() {
        visits[step.state] += 1.0;
    }
    visits.iter().map(|v| v / histories.len().max(1) as f64).collect()
}

/// The value of a state to each player.
pub fn values_of(found: &Equilibrium, states: usize, state: usize) -> Vec<f64> {
    found.values.iter().skip(state).step_by(states).copied().collect()
}

/// The states that are met most, each with its play and what follows it.
pub fn states(process: &Process, centre: &AtCentre) -> Vec<StateSummary> {
    let mut order: Vec<usize> = (0..process.states.len()).collect();
    // The beginning comes first; sorting keeps the order of those that are met alike.
    order.sort_by(|&a, &b| (a > 0).cmp(&(b > 0)).then(centre.visits[b].total_cmp(&centre.visits[a])));
    order.truncate(MOST_STATES);
    order.into_iter().map(|state| summary(process, centre, state)).collect()
}

fn summary(process: &Process, centre: &AtCentre, state: usize) -> StateSummary {
    let told = &process.states[state];
    let game = &told.unfolded.game;
    let reach = reach(game, &centre.odds[state]);
    let (mut next, mut ends) = (Vec::<(usize, f64)>::new(), 0.0);
    for node in game.nodes() {
        if let Kind::End(end) = game.kind(node) {
            match told.onward_of(end) {
                None => ends += reach[node.index()],
                Some(to) => match next.iter_mut().find(|n| n.0 == to) {
                    Some(known) => known.1 += reach[node.index()],
                    None => next.push((to, reach[node.index()])),
                },
            }
        }
    }
    next.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    StateSummary {
        stage: told.stage.map_or_else(|| "play".to_owned(), |s| process.stages[s].clone()),
        state: if told.stage.is_some() { told.state.to_string() } else { String::new() },
        expected_visits: centre.visits[state],
        values: values_of(&centre.found, process.states.len(), state),
        play: points(told, &centre.odds[state], &reach),
        next: next.into_iter().map(|(to, p)| (process.name(to), p)).collect(),
        ends,
    }
}

/// The probability that play reaches each node.
pub(super) fn reach(game: &Game, odds: &LogOdds) -> Vec<f64> {
    let mut reach = vec![0.0; game.node_count()];
    reach[Game::ROOT] = 1.0;
    for node in game.nodes() {
        for (child, log) in game.children(node).zip(odds.at(game, node)) {
            reach[child.index()] = reach[node.index()] * exp(*log);
        }
    }
    reach
}

fn points(told: &StateTold, odds: &LogOdds, reach: &[f64]) -> Vec<PlayPoint> {
    let game = &told.unfolded.game;
    let point = |set| {
        let first = game.members(set)[0];
        let labels = game.labels(first).map(|l| game.text(l).to_owned());
        PlayPoint {
            player: game.players()[game.info_set(set).player.index()].clone(),
            event: game.event_name(game.event_id(first)),
            knows: game.knows(set).into_iter().map(|(e, v)| (e.to_owned(), v.to_owned())).collect(),
            reach_probability: game.members(set).iter().map(|n| reach[n.index()]).sum(),
            actions: labels.zip(odds.at(game, first).iter().map(|l| exp(*l))).collect(),
        }
    };
    let mut points: Vec<PlayPoint> = game.info_set_ids().map(point).collect();
    points.sort_by(|a, b| b.reach_probability.total_cmp(&a.reach_probability));
    points.truncate(MOST_SETS);
    points
}

/// One world, stage by stage, over all draws: outcomes, and then measured quantities.
pub(super) fn series(what_if: Option<String>, asked: &Asked<'_>, draws: &[&Series]) -> WorldSeries {
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
    let catalogue = &asked.catalogue;
    let firsts: Vec<&Vec<Vec<f64>>> = draws.iter().map(|d| &d.first_true).collect();
    WorldSeries {
        what_if,
        outcomes: (catalogue.outcomes.iter().enumerate().map(outcome))
            .chain(catalogue.measures.iter().enumerate().map(measure))
            .collect(),
        first_true: first::summarise(catalogue, &asked.truths, &firsts),
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

/// For each state, how many of the stages up to the horizon, and the beginning, are to be expected in it, under play with
/// these log probabilities.
pub fn expected_visits(process: &Process, odds: &[LogOdds], horizon: usize) -> Vec<f64> {
    let mut here = vec![0.0; process.states.len()];
    here[0] = 1.0;
    let mut visits = here.clone();
    let moves: Vec<Vec<(usize, f64)>> = (0..process.states.len())
        .map(|state| {
            let told = &process.states[state];
            let game = &told.unfolded.game;
            let reach = reach(game, &odds[state]);
            let onward = |node: counterplay_game::id::NodeId| match game.kind(node) {
                Kind::End(end) => told.onward_of(end).map(|to| (to, reach[node.index()])),
                Kind::Chance(_) | Kind::Decision(_) => None,
            };
            game.nodes().filter_map(onward).collect()
        })
        .collect();
    for _ in 0..horizon {
        let mut next = vec![0.0; process.states.len()];
        for (state, moves) in moves.iter().enumerate().filter(|m| here[m.0] > 0.0) {
            for &(to, p) in moves {
                next[to] += here[state] * p;
            }
        }
        for (sum, p) in visits.iter_mut().zip(&next) {
            *sum += p;
        }
        here = next;
    }
    visits
}
