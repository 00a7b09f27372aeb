//! The story step by step, as the page shows it.

use super::{colour, formatted};
use crate::{lookup, number};
use counterplay_analysis::{Analysis, TimelineStep};
use serde::Serialize;

/// One step of what happened.
#[derive(Debug, Serialize)]
pub(crate) struct Step {
    event: String,
    player: Option<String>,
    colour: String,
    action: String,
    recorded: bool,
    options: Vec<Choice>,
    about: String,
    about_range: String,
    about_change: String,
}

/// One thing that could have happened at a step.
#[derive(Debug, Serialize)]
struct Choice {
    name: String,
    /// How play foresaw it, in percent, for the length of a bar.
    width: f64,
    foreseen: String,
    given_record: String,
    taken: bool,
}

/// Every step, with the change of the outcome's probability that it brought. What the record taught of the uncertain quantities is no
/// step: all are weighed with the same numbers, those that the whole record leaves.
pub(crate) fn steps(analysis: &Analysis) -> Vec<Step> {
    let start = analysis.timeline_start.map(|interval| interval.mean);
    let before =
        std::iter::once(start).chain(analysis.timeline.iter().map(|step| Some(step.about_probability.mean)));
    analysis.timeline.iter().zip(before).map(|(step, before)| view(analysis, step, before)).collect()
}

fn view(analysis: &Analysis, step: &TimelineStep, before: Option<f64>) -> Step {
    let (about, about_range) = formatted(Some(&step.about_probability));
    let change = before.map(|before| step.about_probability.mean - before);
    Step {
        event: occurrence(&step.event, step.occurrence),
        player: step.player.clone(),
        colour: colour(lookup::player_index(analysis, step.player.as_deref())),
        action: step.action.clone(),
        recorded: step.recorded,
        options: options(step),
        about,
        about_range,
        about_change: change.map_or_else(String::new, |c| in_points(c, step.about_probability.error)),
    }
}

/// `+3 points`. Two simulated probabilities are compared, so a change is never finer than a whole point.
fn in_points(change: f64, error: f64) -> String {
    let text = number::points(change, error.max(0.002));
    let unit = if matches!(text.as_str(), "+1" | "−1") { "point" } else { "points" };
    format!("{text} {unit}")
}

/// `offer`, and `offer #2` where it recurs.
fn occurrence(event: &str, occurrence: usize) -> String {
    if occurrence > 1 { format!("{event} #{occurrence}") } else { event.to_owned() }
}

/// All actions that either distribution names, in the order in which they are named.
fn options(step: &TimelineStep) -> Vec<Choice> {
    let mut names: Vec<&String> = Vec::new();
    for (name, _) in step.foreseen.iter().chain(&step.given_record) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.into_iter().map(|name| choice(step, name)).collect()
}

fn choice(step: &TimelineStep, name: &str) -> Choice {
    let find = |among: &[(String, f64)]| among.iter().find(|(other, _)| other == name).map(|(_, p)| *p);
    let text = |p: Option<f64>| p.map_or_else(|| "–".to_owned(), number::odds);
    let foreseen = find(&step.foreseen);
    Choice {
        name: name.to_owned(),
        width: (100.0 * foreseen.unwrap_or(0.0).clamp(0.0, 1.0) * 10.0).round() / 10.0,
        foreseen: text(foreseen),
        given_record: if step.recorded { String::new() } else { text(find(&step.given_record)) },
        taken: name == step.action,
    }
}
