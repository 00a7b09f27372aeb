//! The answers beside the factual world, as the page shows them.

use super::formatted;
use crate::{lookup, number, summary};
use counterplay_analysis::{Analysis, Answer, MeasureSummary, OutcomeValue, World};
use serde::Serialize;

/// One what-if with everything that follows from it.
#[derive(Debug, Serialize)]
pub(crate) struct WhatIf {
    name: String,
    interventions: Vec<String>,
    foreseen: bool,
    foreseen_by: String,
    luck: &'static str,
    about: String,
    about_range: String,
    change: String,
    change_range: String,
    sure: bool,
    by_construction: bool,
    unchanged: String,
    follows: Consequences,
}

/// Outcomes and measures of a world, with the same of the factual and the expected world beside them.
#[derive(Debug, Serialize)]
pub(crate) struct Consequences {
    outcomes: Vec<OutcomeRow>,
    measures: Vec<MeasureRow>,
}

#[derive(Debug, Serialize)]
struct OutcomeRow {
    outcome: String,
    value: String,
    about: bool,
    here: Cell,
    factual: Cell,
    expected: Cell,
}

#[derive(Debug, Serialize)]
struct MeasureRow {
    name: String,
    measured: String,
    here: Cell,
    factual: Cell,
    expected: Cell,
}

/// A number and its central 90%.
#[derive(Debug, Serialize)]
struct Cell {
    mean: String,
    range: String,
}

/// Every what-if.
pub(crate) fn what_ifs(analysis: &Analysis) -> Vec<WhatIf> {
    analysis.answers.iter().map(|answer| what_if(analysis, answer)).collect()
}

/// The factual world beside the expected one.
pub(crate) fn factual(analysis: &Analysis) -> Consequences {
    consequences(analysis, &analysis.factual)
}

fn what_if(analysis: &Analysis, answer: &Answer) -> WhatIf {
    let (about, about_range) = formatted(Some(&answer.about_probability));
    WhatIf {
        name: answer.name.clone(),
        interventions: answer.interventions.clone(),
        foreseen: answer.foreseen,
        foreseen_by: answer.foreseen_by.join(", "),
        luck: luck(&answer.luck),
        about,
        about_range,
        change: number::points(answer.about_change.mean, answer.about_change.error),
        change_range: number::points_range(&answer.about_change),
        sure: summary::changes_surely(answer),
        by_construction: answer.by_construction,
        unchanged: number::odds(answer.unchanged_share),
        follows: consequences(analysis, &answer.world),
    }
}

/// What is done with luck, in words; anything unknown is called so.
fn luck(luck: &str) -> &'static str {
    match luck {
        "held" => "held as it was",
        "redrawn_after" => "redrawn after the first event that the change touches",
        "redrawn" => "redrawn wholly",
        _ => "not said",
    }
}

fn consequences(analysis: &Analysis, world: &World) -> Consequences {
    let outcomes = world.outcomes.iter().flat_map(|outcome| {
        outcome
            .values
            .iter()
            .map(|(value, _)| OutcomeValue { outcome: outcome.outcome.clone(), value: value.clone() })
    });
    Consequences {
        outcomes: outcomes.map(|of| outcome_row(analysis, world, of)).collect(),
        measures: world.measures.iter().map(|measure| measure_row(analysis, measure)).collect(),
    }
}

fn outcome_row(analysis: &Analysis, world: &World, of: OutcomeValue) -> OutcomeRow {
    let cell = |world: &World| {
        let (mean, range) = formatted(lookup::probability(world, &of));
        Cell { mean, range }
    };
    OutcomeRow {
        here: cell(world),
        factual: cell(&analysis.factual),
        expected: cell(&analysis.prior_prediction),
        about: of == analysis.case.about,
        outcome: of.outcome,
        value: of.value,
    }
}

fn measure_row(analysis: &Analysis, measure: &MeasureSummary) -> MeasureRow {
    let same = |world: &World| cell(world.measures.iter().find(|other| other.name == measure.name));
    MeasureRow {
        name: measure.name.clone(),
        measured: number::odds(measure.measured_probability),
        here: cell(Some(measure)),
        factual: same(&analysis.factual),
        expected: same(&analysis.prior_prediction),
    }
}

/// The mean of a measure, and the central 90% of its distribution.
fn cell(measure: Option<&MeasureSummary>) -> Cell {
    let Some(measure) = measure else { return Cell { mean: "–".to_owned(), range: String::new() } };
    let [low, .., high] = measure.distribution.quantiles;
    Cell {
        mean: number::quantity(measure.mean.mean, measure.mean.error),
        range: number::range_within_spread(low, high, measure.distribution.sd),
    }
}
