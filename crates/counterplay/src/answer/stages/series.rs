//! What histories state and measure, stage by stage up to the horizon.

use counterplay_math::statistics::to_twelve_digits;

use super::first;
use crate::answer::query::{MeasuredLaw, values_of_mixture};
use crate::answer::stage_sums::{StageTotals, mixture_mean};
use crate::world::catalogue::{Catalogue, OutcomeIndex};
use crate::world::history::MeasuredHistory;
use crate::world::history::Replayed;
use crate::world::scene::Scene;

/// So many histories of a draw stand for all where their values are kept one by one.
const KEPT: usize = 16;

/// What histories measure in one stage of one quantity.
#[derive(Clone, Debug, Default)]
pub(crate) struct MeasuredStage {
    /// The share of histories that measure it.
    pub(crate) share: f64,
    /// The mean of what they measure.
    pub(crate) mean: f64,
    /// Values from the first of the histories.
    pub(crate) some: Vec<f64>,
}

/// What one draw says of one world, stage by stage up to the horizon.
#[derive(Clone, Debug, Default)]
pub(crate) struct Series {
    /// For each stage, each outcome and each value, the share of histories that state it, or had stated it last when they
    /// ended.
    pub(crate) outcomes: Vec<Vec<Vec<f64>>>,
    /// For each stage, each measured quantity.
    pub(crate) measures: Vec<Vec<MeasuredStage>>,
    /// For each outcome that is true or false and each stage, the share of histories in which it has been true by then.
    pub(crate) first_true: Vec<Vec<f64>>,
}

impl Series {
    /// Counts the replays of a scene over this many stages, with what they measure; `truths` are the outcomes that are true or false.
    pub(super) fn count(
        catalogue: &Catalogue,
        scene: &Scene,
        replays: &[Replayed],
        measured: &[MeasuredHistory],
        truths: &[OutcomeIndex],
        stages: usize,
    ) -> Self {
        let stated = |step: &crate::world::history::ReplayedStage| scene.stated(step.state, step.end);
        let zeros: Vec<Vec<f64>> = catalogue.outcomes.iter().map(|o| vec![0.0; o.1.len()]).collect();
        let mut outcomes = vec![zeros; stages];
        for replay in replays {
            for (stage, step) in outcomes.iter_mut().zip(&replay.steps) {
                for &OutcomeIndex { outcome, value } in stated(step) {
                    stage[outcome][value] += 1.0;
                }
            }
            // What has ended stays as it ended; if it dropped out, a row would be about ever fewer histories.
            let last = scene.last_stated(&replay.steps, catalogue.outcomes.len());
            for stage in outcomes.iter_mut().skip(replay.steps.len()) {
                for (outcome, value) in last.iter().enumerate() {
                    if let Some(value) = value {
                        stage[outcome][*value] += 1.0;
                    }
                }
            }
        }
        for share in outcomes.iter_mut().flatten().flatten() {
            *share /= replays.len().max(1) as f64;
        }
        let measures = measured_by_stage(stages, catalogue.measures.len(), measured);
        Self { outcomes, measures, first_true: first::by_stage(truths, stages, replays, stated) }
    }
}

impl Series {
    /// All that is told stage by stage; `shift`, between 0 and 1, moves the values that stand for distributions.
    pub(crate) fn summed(stages: Vec<StageTotals>, shift: f64) -> Self {
        let measured = |mixture: &Vec<(MeasuredLaw, f64)>| {
            let (share, mean) = mixture_mean(mixture);
            MeasuredStage {
                share: to_twelve_digits(share),
                mean: to_twelve_digits(mean),
                some: values_of_mixture(mixture, KEPT, shift),
            }
        };
        let truths = stages.first().map_or(0, |stage| stage.been_true.len());
        Self {
            measures: stages.iter().map(|stage| stage.measured.iter().map(measured).collect()).collect(),
            first_true: (0..truths)
                .map(|t| stages.iter().map(|stage| stage.been_true[t]).collect())
                .collect(),
            outcomes: stages.into_iter().map(|stage| stage.outcomes).collect(),
        }
    }
}

/// For each stage and each quantity, what the histories measure.
fn measured_by_stage(
    stages: usize,
    quantities: usize,
    measured: &[MeasuredHistory],
) -> Vec<Vec<MeasuredStage>> {
    let mut all = vec![vec![MeasuredStage::default(); quantities]; stages];
    for (index, history) in measured.iter().enumerate() {
        for (stage, values) in all.iter_mut().zip(history) {
            for &(measure, value) in values {
                let own = &mut stage[measure];
                own.share += 1.0;
                own.mean += value;
                own.some.extend((index < KEPT).then_some(value));
            }
        }
    }
    for own in all.iter_mut().flatten() {
        own.mean /= own.share;
        own.share /= measured.len().max(1) as f64;
    }
    all
}
