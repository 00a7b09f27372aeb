//! When something is first true: how long a process takes until it comes to that.

use crate::world::catalogue::{Catalogue, OutcomeIndex};
use crate::world::history::{Replayed, ReplayedStage};
use counterplay_analysis::FirstTrue;
use counterplay_analysis::interval::interval;

/// Outcomes that are true or false, each with the number of its value `True`.
pub(crate) fn truths(catalogue: &Catalogue) -> Vec<OutcomeIndex> {
    let truth = |(outcome, (_, values)): (usize, &(String, Vec<String>))| {
        let other = values.iter().any(|v| v != "True" && v != "False");
        values
            .iter()
            .position(|v| v == "True")
            .filter(|_| !other)
            .map(|value| OutcomeIndex { outcome, value })
    };
    catalogue.outcomes.iter().enumerate().filter_map(truth).collect()
}

/// For each such outcome and each stage, the share of histories in which it has been true by then.
pub(crate) fn by_stage<'a>(
    truths: &[OutcomeIndex],
    stages: usize,
    histories: &[Replayed],
    stated: impl Fn(&ReplayedStage) -> &'a [OutcomeIndex],
) -> Vec<Vec<f64>> {
    let of = |truth: &OutcomeIndex| {
        let mut counts = vec![0.0; stages];
        for history in histories {
            let first = history.steps.iter().position(|step| stated(step).contains(truth));
            for count in counts.iter_mut().skip(first.unwrap_or(stages)) {
                *count += 1.0;
            }
        }
        counts.iter().map(|c| c / histories.len().max(1) as f64).collect()
    };
    truths.iter().map(of).collect()
}

/// Over all draws, when each outcome is first true in a world.
pub(crate) fn summarise(
    catalogue: &Catalogue,
    truths: &[OutcomeIndex],
    draws: &[&Vec<Vec<f64>>],
) -> Vec<FirstTrue> {
    let one = |(index, truth): (usize, &OutcomeIndex)| {
        let stages = draws.first().map_or(0, |d| d[index].len());
        let at = |stage: usize| interval(&draws.iter().map(|d| d[index][stage]).collect::<Vec<_>>());
        let by_stage: Vec<_> = (0..stages).map(at).collect();
        let median = by_stage.iter().position(|p| p.mean >= 0.5);
        FirstTrue { outcome: catalogue.outcomes[truth.outcome].0.clone(), by_stage, median }
    };
    truths.iter().enumerate().map(one).collect()
}
