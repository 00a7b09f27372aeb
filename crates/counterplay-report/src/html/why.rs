//! Why it happened, as the page shows it: interactions, bounds, actual causes, the turning point.

use super::{colour, formatted};
use crate::{lookup, number};
use counterplay_analysis::{
    ActualCauses, Analysis, Attribution, Bounds, CausingEvent, FactorShare, Interaction, Interval,
    MonteCarlo, TurningPoint, TurningPointStep,
};
use minijinja::{Value, context};

/// Events below this responsibility are counted, and not listed.
const LISTED: f64 = 0.005;

/// `30–90%`, the bounds of a probability whose ends no simulation made.
pub(crate) fn bounds(bounds: &Bounds) -> String {
    number::percent_range(&Interval { mean: bounds.low, low: bounds.low, high: bounds.high, error: 0.0 })
}

/// The bounds of a factor's three probabilities, as text; empty where there are none.
pub(crate) fn factor_bounds(factor: &FactorShare) -> Value {
    let text = |of: &dyn Fn(&counterplay_analysis::CausationBounds) -> Bounds| {
        factor.bounds.as_ref().map_or_else(String::new, |all| bounds(&of(all)))
    };
    context! {
        necessity => text(&|all| all.necessity),
        sufficiency => text(&|all| all.sufficiency),
        both => text(&|all| all.necessity_and_sufficiency),
    }
}

/// `+26 to +28`, where simulation alone leaves the mean.
pub(crate) fn simulated(error: Option<&MonteCarlo>) -> String {
    // What is summed over all histories and all sets of factors has no such error.
    let error = error.filter(|e| e.replay_error > 0.0 || e.order_error > 0.0);
    error.map_or_else(String::new, |e| {
        number::points_range(&Interval { mean: e.low, low: e.low, high: e.high, error: 0.0 })
    })
}

/// The interactions as a square: for each factor a row of cells, one for each factor.
pub(crate) fn matrix(attribution: &Attribution) -> Value {
    let names: Vec<&str> = attribution.factors.iter().map(|f| f.name.as_str()).collect();
    let largest = attribution
        .interactions
        .iter()
        .filter_map(|i| i.value)
        .map(|v| v.mean.abs())
        .fold(f64::MIN_POSITIVE, f64::max);
    let cell = |row: &str, column: &str| {
        let pair = |i: &&Interaction| {
            (i.first == row && i.second == column) || (i.first == column && i.second == row)
        };
        let found = attribution.interactions.iter().find(pair).and_then(|i| i.value.map(|v| (i, v)));
        found.map_or_else(
            || context! { value => "", range => "", simulated => "", shade => 0.0, less => false },
            |(interaction, value)| filled(interaction, &value, largest),
        )
    };
    let row = |name: &&str| {
        let cells: Vec<Value> = names.iter().map(|column| cell(name, column)).collect();
        context! { name => *name, cells }
    };
    let rows: Vec<Value> = names.iter().map(row).collect();
    context! { rows, any => !attribution.interactions.is_empty(), orders => attribution.orders }
}

fn filled(interaction: &Interaction, value: &Interval, largest: f64) -> Value {
    context! {
        value => number::points(value.mean, value.error),
        range => number::points_range(value),
        simulated => simulated(interaction.monte_carlo.as_ref()),
        shade => (40.0 * value.mean.abs() / largest).round(),
        less => value.mean < 0.0,
    }
}

/// The actual causes, or nothing.
pub(crate) fn causes(analysis: &Analysis) -> Option<Value> {
    let causes = analysis.actual_causes.as_ref()?;
    let listed: Vec<&CausingEvent> =
        causes.events.iter().filter(|e| e.responsibility.mean >= LISTED).collect();
    Some(context! {
        of => lookup::phrase(&causes.of),
        histories => number::count(causes.histories),
        most_events => causes.most_events,
        most_held => causes.most_held,
        events => listed.iter().map(|e| cause(analysis, e)).collect::<Vec<_>>(),
        others => others(causes, listed.len()),
    })
}

/// The events that are no causes to speak of, by name.
fn others(causes: &ActualCauses, listed: usize) -> Vec<String> {
    causes.events[listed..].iter().map(|e| turned_out(&e.event, e.occurrence, &e.action)).collect()
}

fn cause(analysis: &Analysis, event: &CausingEvent) -> Value {
    let (happened, happened_range) = formatted(Some(&event.happened));
    let (but_for, but_for_range) = formatted(Some(&event.but_for));
    let (cause, cause_range) = formatted(Some(&event.cause));
    context! {
        event => turned_out(&event.event, event.occurrence, &event.action),
        instead => instead(event, ""),
        player => event.player.as_deref().unwrap_or("Chance"),
        colour => colour(lookup::player_index(analysis, event.player.as_deref())),
        recorded => event.recorded,
        happened, happened_range, but_for, but_for_range, cause, cause_range,
        responsibility => degree(event.responsibility.mean),
        responsibility_range => degree_range(&event.responsibility),
    }
}

/// `offer: high`, and `offer #2: high` where it recurs.
pub(crate) fn turned_out(event: &str, occurrence: usize, action: &str) -> String {
    let again = if occurrence > 1 { format!(" #{occurrence}") } else { String::new() };
    format!("{event}{again}: {action}")
}

/// What an event would have turned out as for the outcome to be lost by it alone, after some words; nothing if it would not have been.
pub(crate) fn instead(event: &CausingEvent, words: &str) -> String {
    const MOST: usize = 3;
    if event.instead.is_empty() {
        return String::new();
    }
    let labels: Vec<&str> = event.instead.iter().take(MOST).map(|i| i.0.as_str()).collect();
    let more = if event.instead.len() > MOST { ", …" } else { "" };
    format!("{words}{}{more}", labels.join(" or "))
}

/// A degree of responsibility, from 0 to 1.
pub(crate) fn degree(value: f64) -> String {
    if value.is_finite() { format!("{value:.2}") } else { "n/a".to_owned() }
}

fn degree_range(interval: &Interval) -> String {
    let (low, high) = (degree(interval.low), degree(interval.high));
    if low == high { low } else { format!("{low}–{high}") }
}

/// The turning point with its path, or nothing.
pub(crate) fn turning_point(analysis: &Analysis) -> Option<Value> {
    let turning_point = analysis.turning_point.as_ref()?;
    let (start, start_range) = formatted(Some(&turning_point.start));
    let steps = turning_point.steps.iter().enumerate().map(|(index, step)| {
        let (after, after_range) = formatted(Some(&step.probability));
        context! {
            event => turned_out(&step.event, step.occurrence, &step.action),
            player => step.player.as_deref().unwrap_or("Chance"),
            colour => colour(lookup::player_index(analysis, step.player.as_deref())),
            after, after_range,
            change => number::points(step.change.mean, step.change.error),
            change_range => number::points_range(&step.change),
            moved_most => number::odds(step.moved_most),
            turning_point => turning_point.at == Some(index),
        }
    });
    Some(context! {
        of => lookup::phrase(&turning_point.of),
        sentence => sentence(turning_point),
        start, start_range,
        steps => steps.collect::<Vec<_>>(),
    })
}

/// The turning point in a sentence.
fn sentence(turning_point: &TurningPoint) -> String {
    let Some(told) = TurningPointWords::of(turning_point) else { return NOTHING.to_owned() };
    format!(
        "{} moved the outcome most, from {} to {}; over the posterior it is the event that moved it most with a \
         probability of {}.",
        told.event, told.before, told.after, told.moved_most
    )
}

/// The turning point in as few words as can be.
pub(crate) fn short(turning_point: &TurningPoint) -> String {
    let Some(told) = TurningPointWords::of(turning_point) else { return NOTHING.to_owned() };
    format!(
        "{}, from {} to {} (the largest move with {})",
        told.event, told.before, told.after, told.moved_most
    )
}

const NOTHING: &str = "nothing on the record moved the outcome's probability.";

/// The turning point in words.
struct TurningPointWords {
    event: String,
    before: String,
    after: String,
    moved_most: String,
}

impl TurningPointWords {
    fn of(turning_point: &TurningPoint) -> Option<Self> {
        let at = turning_point.at?;
        let step: &TurningPointStep = &turning_point.steps[at];
        let before = if at == 0 { &turning_point.start } else { &turning_point.steps[at - 1].probability };
        let who = step.player.as_deref().map_or_else(String::new, |player| format!(" ({player})"));
        Some(Self {
            event: turned_out(&step.event, step.occurrence, &step.action) + &who,
            before: number::percent(before.mean, before.error),
            after: number::percent(step.probability.mean, step.probability.error),
            moved_most: number::odds(step.moved_most),
        })
    }
}
