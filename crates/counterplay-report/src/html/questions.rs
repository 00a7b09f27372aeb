//! Queries, sweeps, predictions and expectations, as the page shows them.

use crate::number;
use counterplay_analysis::{
    Analysis, Distribution, Expectations, Interval, Prediction, QueryAnswer, QueryEstimate, QueryValue,
    Scale, SweepAnswer,
};
use serde::Serialize;

/// All that is in the section; empty if nothing was asked.
#[derive(Debug, Serialize)]
pub(crate) struct Questions {
    queries: Vec<Query>,
    sweeps: Vec<Sweep>,
    predictions: Vec<PredictionRow>,
    expectations: Vec<Row>,
}

impl Questions {
    /// Whether there is nothing to be shown.
    pub(crate) fn is_empty(&self) -> bool {
        self.queries.is_empty()
            && self.sweeps.is_empty()
            && self.predictions.is_empty()
            && self.expectations.is_empty()
    }
}

#[derive(Debug, Serialize)]
struct Query {
    name: String,
    quantity: String,
    on: String,
    method: String,
    values: Vec<Value>,
    condition: String,
    drawn: bool,
}

/// One line of a table of answers.
#[derive(Debug, Serialize)]
struct Value {
    label: String,
    here: Cell,
    factual: Cell,
    change: Cell,
    ratio: String,
    error: String,
    replay_error: String,
}

#[derive(Debug, Default, Serialize)]
struct Cell {
    mean: String,
    range: String,
}

#[derive(Debug, Serialize)]
struct Sweep {
    name: String,
    quantity: String,
    on: String,
    parameter: String,
    factual: Cell,
    draws: usize,
    left_out: usize,
    points: Vec<(String, Cell, String)>,
}

#[derive(Debug, Serialize)]
struct PredictionRow {
    name: String,
    quantity: String,
    on: String,
    as_of: String,
    method: String,
    quality: String,
    reliable: bool,
    happened: String,
    rest: Cell,
    values: Vec<Value>,
    drawn: bool,
    path: Vec<Step>,
}

#[derive(Debug, Serialize)]
struct Step {
    event: String,
    action: String,
    foreseen: Cell,
    value: Cell,
    quality: String,
    good: bool,
}

/// What a player expected and believed at an event.
#[derive(Debug, Serialize)]
struct Row {
    event: String,
    first: bool,
    views: usize,
    player: String,
    payoff: Cell,
    beliefs: Vec<String>,
}

/// Everything of the section.
pub(crate) fn questions(analysis: &Analysis) -> Questions {
    let asked = &analysis.questions;
    Questions {
        queries: asked.queries.iter().map(query).collect(),
        sweeps: asked.sweeps.iter().map(sweep).collect(),
        predictions: asked.predictions.iter().map(predicted).collect(),
        expectations: asked.expectations.iter().flat_map(rows).collect(),
    }
}

/// A number on its scale, with its central 90%.
fn cell(scale: Scale, found: Option<&QueryEstimate>) -> Cell {
    let (mean, range) = found.map_or_else(|| ("–".to_owned(), String::new()), |f| number::answered(scale, f));
    Cell { mean, range }
}

fn quantity(interval: &Interval) -> Cell {
    Cell { mean: number::quantity(interval.mean, interval.error), range: number::quantity_range(interval) }
}

/// A difference: in points for a probability.
fn change(scale: Scale, found: Option<&QueryEstimate>) -> Cell {
    let Some(found) = found.filter(|f| f.mean.is_finite()) else { return Cell::default() };
    let interval = number::interval(found);
    let range = match scale {
        Scale::Probability => number::points_range(&interval),
        Scale::Measure | Scale::Payoff => number::quantity_range(&interval),
    };
    Cell { mean: number::changed(scale, found), range }
}

/// A Monte Carlo error on a scale.
fn error(scale: Scale, error: f64) -> String {
    match scale {
        Scale::Probability => format!("{:.2} points", 100.0 * error),
        Scale::Measure | Scale::Payoff => number::quantity(error, error / 10.0),
    }
}

fn value(scale: Scale, value: &QueryValue) -> Value {
    Value {
        label: value.label.clone(),
        here: cell(scale, Some(&value.here)),
        factual: cell(scale, value.factual.as_ref()),
        change: change(scale, value.change.as_ref()),
        ratio: value.ratio.filter(|r| r.value.is_finite()).map_or(String::new(), |r| number::estimate(&r)),
        error: error(scale, value.here.error),
        replay_error: error(scale, value.here.replay_error),
    }
}

/// The distribution of a measured quantity as one line: its mean and central 90%.
fn of_distribution(
    name: &str,
    distribution: Option<&Distribution>,
    factual: Option<&Distribution>,
) -> Vec<Value> {
    let line = |d: &Distribution| {
        let [low, .., high] = d.quantiles;
        Cell {
            mean: number::within_spread(d.mean, d.sd),
            range: number::range_within_spread(low, high, d.sd),
        }
    };
    let one = distribution.map(|d| Value {
        label: name.to_owned(),
        here: line(d),
        factual: factual.map(line).unwrap_or_default(),
        change: Cell::default(),
        ratio: String::new(),
        error: String::new(),
        replay_error: String::new(),
    });
    one.into_iter().collect()
}

/// The conditions in words.
fn on(given: Option<&String>, within: Option<&String>, under: Option<&String>) -> String {
    let parts = [("given ", given), ("where ", within), ("under: ", under)];
    let words = parts.into_iter().filter_map(|(word, part)| part.map(|p| format!("{word}{p}")));
    words.collect::<Vec<_>>().join("; ")
}

fn query(query: &QueryAnswer) -> Query {
    let mut values: Vec<Value> = query.values.iter().map(|v| value(query.scale, v)).collect();
    let (here, factual) = (query.distribution.as_ref(), query.factual_distribution.as_ref());
    values.extend(of_distribution("mean, central 90% of the distribution", here, factual));
    Query {
        name: query.name.clone(),
        quantity: query.quantity.clone(),
        on: on(query.given.as_ref(), query.within.as_ref(), query.under.as_ref()),
        method: query.method.clone(),
        values,
        condition: number::percent(query.condition_probability.mean, query.condition_probability.error),
        drawn: query.distribution.is_some(),
    }
}

fn sweep(sweep: &SweepAnswer) -> Sweep {
    let point = |(x, found): &(f64, QueryEstimate)| {
        (number::quantity(*x, 0.0), cell(sweep.scale, Some(found)), error(sweep.scale, found.error))
    };
    Sweep {
        name: sweep.name.clone(),
        quantity: sweep.quantity.clone(),
        on: on(sweep.given.as_ref(), sweep.within.as_ref(), sweep.under.as_ref()),
        parameter: unit(&sweep.parameter, &sweep.unit),
        factual: cell(sweep.scale, Some(&sweep.factual)),
        draws: sweep.draws,
        left_out: sweep.left_out,
        points: sweep.points.iter().map(point).collect(),
    }
}

fn unit(name: &str, unit: &str) -> String {
    if unit.is_empty() { name.to_owned() } else { format!("{name} ({unit})") }
}

fn quality(k: f64, effective: f64, draws: usize) -> String {
    format!(
        "Pareto k {}, worth {} of {draws} draws",
        number::quantity(k, 0.01),
        number::quantity(effective, 1.0)
    )
}

fn predicted(prediction: &Prediction) -> PredictionRow {
    let scale = prediction.scale;
    let mut values: Vec<Value> = prediction.values.iter().map(|v| value(scale, v)).collect();
    let label = "mean, central 90% of the distribution";
    values.extend(of_distribution(label, prediction.distribution.as_ref(), None));
    let step = |step: &counterplay_analysis::PredictionStep| Step {
        event: step.event.clone(),
        action: step.action.clone(),
        foreseen: cell(Scale::Probability, Some(&step.foreseen)),
        value: cell(scale, Some(&step.value)),
        quality: number::quantity(step.reweighting.pareto_k, 0.01),
        good: step.reweighting.good(),
    };
    let rest = &prediction.rest_probability;
    let rest_cell = match number::percent(rest.mean, rest.error) {
        text if text.starts_with('<') => {
            Cell { mean: number::quantity(rest.mean, rest.error), range: String::new() }
        }
        _ => cell(Scale::Probability, Some(rest)),
    };
    PredictionRow {
        name: prediction.name.clone(),
        quantity: prediction.quantity.clone(),
        on: on(prediction.given.as_ref(), None, None),
        as_of: prediction.as_of.clone(),
        method: prediction.method.clone(),
        quality: prediction
            .reweighting
            .map_or(String::new(), |r| quality(r.pareto_k, r.effective_draws, r.draws)),
        reliable: prediction.reliable,
        happened: prediction.happened.clone().unwrap_or_default(),
        rest: rest_cell,
        values,
        drawn: prediction.distribution.is_some(),
        path: prediction.path.iter().map(step).collect(),
    }
}

fn rows(expectations: &Expectations) -> Vec<Row> {
    let belief = |(event, labels): &(String, Vec<(String, Interval)>)| {
        let labels: Vec<String> =
            labels.iter().map(|(label, p)| format!("{label} {}", number::odds(p.mean))).collect();
        format!("{event}: {}", labels.join(", "))
    };
    let row = |(index, view): (usize, &counterplay_analysis::PlayerView)| Row {
        event: expectations.event.clone(),
        first: index == 0,
        views: expectations.views.len(),
        player: view.player.clone(),
        payoff: quantity(&view.payoff),
        beliefs: view.beliefs.iter().map(belief).collect(),
    };
    expectations.views.iter().enumerate().map(row).collect()
}
