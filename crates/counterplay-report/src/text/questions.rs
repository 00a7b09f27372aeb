//! What was asked besides the what-ifs: queries, predictions and sweeps.

use super::layout::{Cell, Room, Section, table};
use crate::number;
use counterplay_analysis::{
    Analysis, BEYOND_ERROR, Distribution, QueryEstimate, QueryValue, Scale, SweepAnswer,
};

/// A row of the table: name, value, range and change.
type Row = Vec<Cell>;

/// The first four questions that have an answer: a line each, and more for distributions and sweeps.
pub(super) fn section(analysis: &Analysis, room: Room) -> Section {
    const MOST: usize = 4;
    let asked = &analysis.questions;
    let queries = asked.queries.iter().map(|q| (&q.name, q.scale, &q.values, q.distribution.as_ref()));
    let predictions =
        asked.predictions.iter().map(|p| (&p.name, p.scale, &p.values, p.distribution.as_ref()));
    let answered = queries
        .chain(predictions)
        .map(|(name, scale, values, distribution)| answered(name, scale, values, distribution));
    let questions = answered.chain(asked.sweeps.iter().map(swept)).filter(|rows| !rows.is_empty());
    table(
        "Questions",
        &["value", "90% interval", "change"],
        questions.take(MOST).flatten().collect(),
        &[3, 2],
        room,
    )
}

/// The rows of an answer; none where there is no number.
fn answered(
    name: &str,
    scale: Scale,
    values: &[QueryValue],
    distribution: Option<&Distribution>,
) -> Vec<Row> {
    if let Some(distribution) = distribution {
        return measured(name, distribution);
    }
    // Of a gain the first value is that of the player who is asked about; a probability alone has no label.
    match values {
        [first, ..] if scale == Scale::Probability && !first.label.is_empty() => likeliest(name, values),
        [first, ..] if first.here.mean.is_finite() => vec![row(name, scale, first)],
        _ => Vec::new(),
    }
}

fn row(name: &str, scale: Scale, value: &QueryValue) -> Row {
    let (mean, range) = number::answered(scale, &value.here);
    let change = value.change.map_or(String::new(), |c| number::changed(scale, &c));
    vec![Cell::plain(name), Cell::plain(mean), Cell::faint(range), Cell::plain(change)]
}

/// The distribution over labels: the likeliest ones, and the others together.
fn likeliest(name: &str, values: &[QueryValue]) -> Vec<Row> {
    const SHOWN: usize = 3;
    /// What is less likely is shown only if it is the likeliest.
    const LEAST: f64 = 0.005;
    let mut known: Vec<&QueryValue> = values.iter().filter(|v| v.here.mean.is_finite()).collect();
    known.sort_by(|a, b| b.here.mean.total_cmp(&a.here.mean));
    let likely = known.iter().take_while(|value| value.here.mean >= LEAST).count().max(1);
    // One that is left over takes no more room than its own line.
    let shown = if likely == SHOWN + 1 && likely == known.len() { likely } else { likely.min(SHOWN) };
    let (first, rest) = known.split_at(shown.min(known.len()));
    let mut rows: Vec<Row> = first
        .iter()
        .map(|value| row(&format!("{name}: {}", value.label), Scale::Probability, value))
        .collect();
    if !rest.is_empty() {
        let sum = rest.iter().map(|value| value.here.mean).sum();
        // Labels exclude each other, so that errors do not all go the same way.
        let error = rest.iter().map(|value| value.here.error).fold(0.0, f64::max);
        let others = if rest.len() == 1 { "1 other".to_owned() } else { format!("{} others", rest.len()) };
        rows.push(vec![
            Cell::plain(format!("{name}: {others}")),
            Cell::plain(number::percent(sum, error)),
            Cell::plain(""),
            Cell::plain(""),
        ]);
    }
    rows
}

/// The distribution of a measured quantity: its mean, and its quantiles at 5% and 95%.
fn measured(name: &str, distribution: &Distribution) -> Vec<Row> {
    if !distribution.mean.is_finite() {
        return Vec::new();
    }
    let [low, .., high] = distribution.quantiles;
    vec![vec![
        Cell::plain(format!("{name}: mean")),
        Cell::plain(number::within_spread(distribution.mean, distribution.sd)),
        Cell::faint(number::range_within_spread(low, high, distribution.sd)),
        Cell::plain(""),
    ]]
}

/// A sweep: the answer at the first value of its parameter and at the last, and where it is furthest outside of these two.
fn swept(sweep: &SweepAnswer) -> Vec<Row> {
    let known: Vec<&(f64, QueryEstimate)> =
        sweep.points.iter().filter(|point| point.1.mean.is_finite()).collect();
    let [first, inner @ .., last] = known.as_slice() else { return Vec::new() };
    let (low, high) = (first.1.mean.min(last.1.mean), first.1.mean.max(last.1.mean));
    let outside = |point: &(f64, QueryEstimate)| {
        let beyond = (low - point.1.mean).max(point.1.mean - high);
        (beyond > BEYOND_ERROR * point.1.error).then_some(beyond)
    };
    let furthest = inner.iter().filter_map(|point| Some((outside(point)?, *point)));
    let furthest = furthest.max_by(|a, b| a.0.total_cmp(&b.0)).map(|f| f.1);
    let at = |(value, found): &(f64, QueryEstimate)| {
        let (mean, range) = number::answered(sweep.scale, found);
        let unit = if sweep.unit.is_empty() { String::new() } else { format!(" {}", sweep.unit) };
        let place = format!("  at {}{unit}", number::quantity(*value, 0.0));
        vec![Cell::plain(place), Cell::plain(mean), Cell::faint(range), Cell::plain("")]
    };
    let blank = || Cell::plain("");
    let head =
        vec![Cell::plain(format!("{}, by {}", sweep.name, sweep.parameter)), blank(), blank(), blank()];
    [head, at(first)].into_iter().chain(furthest.map(at)).chain([at(last)]).collect()
}
