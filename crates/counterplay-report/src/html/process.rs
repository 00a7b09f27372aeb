//! A process without an end, as the page shows it: its states, and how outcomes go on stage by stage.

use crate::number;
use counterplay_analysis::{
    Analysis, FirstTrue, Interval, OutcomeSeries, ProcessSummary, SeriesPoint, StateSummary, WorldSeries,
};
use minijinja::{Value, context};

/// So many stages stand in a table; of more, evenly spread ones.
const MOST_ROWS: usize = 12;

/// The process; nothing where the story ends.
pub(crate) fn process(analysis: &Analysis) -> Option<Value> {
    let process = analysis.process.as_ref()?;
    Some(context! {
        states => process.states.iter().map(|s| state(&analysis.case.players, s)).collect::<Vec<_>>(),
        state_count => number::count(process.state_count),
        horizon => process.horizon,
        bellman => process.bellman_residual.map(|bellman| number::quantity(bellman, 0.0)),
        outcomes => outcomes(process),
        waits => waits(process),
    })
}

fn state(players: &[String], state: &StateSummary) -> Value {
    let worth = players.iter().zip(&state.values).map(|(p, v)| format!("{p} {}", value_in_range(v)));
    let play = state.play.iter().map(|point| {
        let actions: Vec<String> =
            point.actions.iter().map(|(a, p)| format!("{a} {}", number::odds(*p))).collect();
        format!("{} at {}: {}", point.player, point.event, actions.join(", "))
    });
    let mut next: Vec<String> =
        state.next.iter().take(6).map(|(to, p)| format!("{to} {}", number::odds(*p))).collect();
    if state.ends > 0.0 {
        next.push(format!("the end {}", number::odds(state.ends)));
    }
    context! {
        name => format!("{} {}", state.stage, state.state).trim_end(),
        visits => number::quantity(state.expected_visits, 0.01),
        worth => worth.collect::<Vec<_>>().join(", "),
        play => play.collect::<Vec<_>>(),
        next => next.join(", "),
    }
}

/// Each outcome with a table: stages down, the world as it was and the what-ifs across.
fn outcomes(process: &ProcessSummary) -> Vec<Value> {
    let Some(factual) = process.series.first() else { return Vec::new() };
    let one = |(index, outcome): (usize, &OutcomeSeries)| {
        let name = |w: &WorldSeries| w.what_if.clone().unwrap_or_else(|| "as it was".to_owned());
        let worlds: Vec<String> = process.series.iter().map(name).collect();
        let count = outcome.points.len();
        let every = count.div_ceil(MOST_ROWS).max(1);
        let rows: Vec<Value> =
            (0..count).step_by(every).filter_map(|stage| row(&process.series, index, stage)).collect();
        let truth = factual.first_true.iter().any(|f| f.outcome == outcome.outcome);
        let name = outcome.outcome.as_str();
        context! { name, index, numeric => outcome.numeric, truth, worlds, rows }
    };
    factual.outcomes.iter().enumerate().map(one).collect()
}

/// For each outcome that is true or false, a table: worlds down, how soon it has been true across.
fn waits(process: &ProcessSummary) -> Vec<Value> {
    let Some(factual) = process.series.first() else { return Vec::new() };
    let one = |(index, first): (usize, &FirstTrue)| {
        let last = first.by_stage.len().saturating_sub(1);
        let stages: Vec<usize> = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]
            .into_iter()
            .filter(|s| *s < last)
            .chain([last])
            .collect();
        let rows = process.series.iter().filter_map(|w| wait(w, index, &stages)).collect::<Vec<_>>();
        context! { outcome => first.outcome.as_str(), stages, rows }
    };
    factual.first_true.iter().enumerate().map(one).collect()
}

fn wait(world: &WorldSeries, index: usize, stages: &[usize]) -> Option<Value> {
    let first = world.first_true.get(index)?;
    let cells: Vec<Value> = (stages.iter().filter_map(|s| first.by_stage.get(*s)))
        .map(|by| context! { text => number::odds(by.mean), range => number::percent_range(by) })
        .collect();
    let median = first.median.map_or_else(|| "later, if ever".to_owned(), |stage| stage.to_string());
    Some(context! { world => world.what_if.as_deref().unwrap_or("as it was"), cells, median })
}

/// A stage's row; none where the outcome is stated in no world.
fn row(series: &[WorldSeries], outcome: usize, stage: usize) -> Option<Value> {
    let points: Vec<&SeriesPoint> =
        series.iter().filter_map(|w| w.outcomes.get(outcome)?.points.get(stage)).collect();
    let stated = points.iter().any(|p| p.stated > 0.0);
    stated.then(|| context! { stage, cells => points.into_iter().map(cell).collect::<Vec<_>>() })
}

/// `2.4` and `1 to 3` of a number; the likeliest values of anything else.
fn cell(point: &SeriesPoint) -> Value {
    if let (Some(mean), Some(q)) = (&point.mean, &point.quantiles) {
        let of = |x: f64| number::quantity(x, resolution(mean.error, q));
        let (low, high) = (of(q[0]), of(q[4]));
        let text = of(mean.mean);
        let range = match low == high {
            true if low == text => String::new(),
            true => low,
            false => format!("{low} to {high}"),
        };
        return context! { text, range };
    }
    let mut values: Vec<&(String, f64)> = point.values.iter().collect();
    values.sort_by(|a, b| b.1.total_cmp(&a.1));
    context! { text => shares_of_all(&values, point.stated).join(", "), range => "" }
}

/// The likeliest values, the others together, and the histories in which nothing was said so far: all histories.
fn shares_of_all(values: &[&(String, f64)], stated: f64) -> Vec<String> {
    const SHOWN: usize = 3;
    /// What is less likely has no line of its own.
    const LEAST: f64 = 5e-4;
    let told = |name: &str, p: f64| format!("{name} {}", number::odds(p));
    let (first, rest) = values.split_at(SHOWN.min(values.len()));
    let mut shown: Vec<String> = first.iter().map(|(value, p)| told(value, *p)).collect();
    let (others, silent) = (rest.iter().map(|v| v.1).sum::<f64>(), 1.0 - stated);
    match rest {
        [] => {}
        [(only, p)] => shown.push(told(only, *p)),
        _ => shown.push(told(&format!("{} others", rest.len()), others)),
    }
    if silent > LEAST {
        shown.push(told("nothing yet", silent));
    }
    shown
}

/// How finely the numbers of a stage are worth telling apart: by the error of the mean, the spread and the size; exactly where
/// nothing varies.
fn resolution(error: f64, quantiles: &[f64; 5]) -> f64 {
    let (low, high) = (quantiles[0], quantiles[4]);
    if error == 0.0 && low == high {
        return 0.0;
    }
    error.max(0.01 * (high - low)).max(0.02 * low.abs().max(high.abs()))
}

/// One line for the terminal: where a number is after some stages.
pub(crate) fn short(process: &ProcessSummary) -> Vec<(String, String)> {
    let one = |outcome: &OutcomeSeries| {
        let stages = [1, 2, 5, 10, 20, 50].into_iter().filter(|s| *s <= process.horizon);
        let at = |stage: usize| {
            let point = outcome.points.get(stage).filter(|p| p.stated > 0.0)?;
            let cell = if let (Some(mean), Some(q)) = (&point.mean, &point.quantiles) {
                let of = |x: f64| number::quantity(x, resolution(mean.error, q));
                let (mean, low, high) = (of(mean.mean), of(q[0]), of(q[4]));
                if low == high && low == mean { mean } else { format!("{mean} ({low} to {high})") }
            } else {
                let best = point.values.iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
                format!("{} {}", best.0, number::odds(best.1))
            };
            Some(format!("{cell} after {stage}"))
        };
        let told: Vec<String> = stages.filter_map(at).collect();
        (!told.is_empty()).then(|| (outcome.outcome.clone(), told.join(", ")))
    };
    process.series.first().map_or_else(Vec::new, |w| w.outcomes.iter().take(3).filter_map(one).collect())
}

/// The value of a state with its interval: `1.20 (0.80 to 1.60)`; a number that is certain stands alone.
fn value_in_range(value: &Interval) -> String {
    let spread = value.high - value.low;
    let mean = number::within_spread(value.mean, spread);
    if spread == 0.0 { mean } else { format!("{mean} ({})", number::quantity_range(value)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_of_a_stage_are_of_all_histories() {
        let values =
            [("a", 0.4), ("b", 0.2), ("c", 0.15), ("d", 0.1), ("e", 0.05)].map(|(v, p)| (v.to_owned(), p));
        let values: Vec<&(String, f64)> = values.iter().collect();
        assert_eq!(
            shares_of_all(&values, 0.9),
            ["a 40%", "b 20%", "c 15%", "2 others 15%", "nothing yet 10%"]
        );
        assert_eq!(shares_of_all(&values[..1], 0.4), ["a 40%", "nothing yet 60%"]);
        assert_eq!(shares_of_all(&values[..4], 1.0), ["a 40%", "b 20%", "c 15%", "d 10%"]);
    }
}
