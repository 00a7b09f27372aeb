//! Counting what follows in the histories of a world: which outcomes they state last, and stage by stage.

use counterplay_game::tree::Kind;

use super::Process;
use super::asked::Asked;
use super::first;
use super::measured::{MeasuredHistory, MeasuredStage};
use super::replay::Step;
use crate::world::Catalogue;
use crate::world::tally::WorldDraw;

/// For each state and ending, the outcomes that are stated, each with its value.
pub(super) type Stated = Vec<Vec<Vec<(usize, usize)>>>;

/// What one draw says of one world, stage by stage up to the horizon.
pub(super) struct Series {
    /// For each stage, each outcome and each value, the share of histories that state it, or had stated it last when they
    /// ended.
    pub(super) outcomes: Vec<Vec<Vec<f64>>>,
    /// For each stage, each measured quantity.
    pub(super) measures: Vec<Vec<MeasuredStage>>,
    /// For each outcome that is true or false and each stage, the share of histories in which it has been true by then.
    pub(super) first_true: Vec<Vec<f64>>,
}

impl Asked<'_> {
    /// The outcomes that a step states.
    pub(super) fn stated(&self, step: Step) -> &[(usize, usize)] {
        let game = &self.model.process().states[step.state].unfolded.game;
        match game.kind(step.end) {
            Kind::End(end) => &self.stated[step.state][game.end(end).tag as usize],
            Kind::Chance(_) | Kind::Decision(_) => &[],
        }
    }

    /// For each outcome the value stated last.
    pub(super) fn last_stated(&self, history: &[Step]) -> Vec<Option<usize>> {
        let mut last = vec![None; self.catalogue.outcomes.len()];
        for &(outcome, value) in history.iter().flat_map(|step| self.stated(*step)) {
            last[outcome] = Some(value);
        }
        last
    }

    /// How often each outcome ends with each value, and what is measured last.
    pub(super) fn count(&self, histories: &[Vec<Step>], measured: &[MeasuredHistory]) -> WorldDraw {
        let mut probabilities = self.zeros();
        for history in histories {
            for (outcome, value) in self.last_stated(history).into_iter().enumerate() {
                if let Some(value) = value {
                    probabilities[outcome][value] += 1.0;
                }
            }
        }
        for probability in probabilities.iter_mut().flatten() {
            *probability /= histories.len().max(1) as f64;
        }
        WorldDraw { probabilities, measured: self.measures.last(measured), histories: histories.len() }
    }

    pub(super) fn series(&self, histories: &[Vec<Step>], measured: &[MeasuredHistory]) -> Series {
        let stages = self.scenario.horizon + 1;
        let mut outcomes = vec![self.zeros(); stages];
        for history in histories {
            for (stage, step) in outcomes.iter_mut().zip(history) {
                for &(outcome, value) in self.stated(*step) {
                    stage[outcome][value] += 1.0;
                }
            }
            // What has ended stays as it ended; if it dropped out, a row would be about ever fewer histories.
            let last = self.last_stated(history);
            for stage in outcomes.iter_mut().skip(history.len()) {
                for (outcome, value) in last.iter().enumerate() {
                    if let Some(value) = value {
                        stage[outcome][*value] += 1.0;
                    }
                }
            }
        }
        for share in outcomes.iter_mut().flatten().flatten() {
            *share /= histories.len().max(1) as f64;
        }
        Series {
            outcomes,
            measures: self.measures.by_stage(stages, measured),
            first_true: first::by_stage(&self.truths, stages, histories, |step| self.stated(step)),
        }
    }

    fn zeros(&self) -> Vec<Vec<f64>> {
        self.catalogue.outcomes.iter().map(|o| vec![0.0; o.1.len()]).collect()
    }
}

/// For each state and ending, the outcomes that are stated, entered into the catalogue.
pub(super) fn stated(process: &Process, catalogue: &mut Catalogue) -> Stated {
    let mut all = Vec::with_capacity(process.states.len());
    for told in &process.states {
        let text = |id| told.unfolded.game.text(id);
        let mut of_state = Vec::with_capacity(told.unfolded.endings.len());
        for ending in &told.unfolded.endings {
            of_state.push(ending.outcomes.iter().map(|o| catalogue.intern(text(o.0), text(o.1))).collect());
        }
        all.push(of_state);
    }
    all
}
