//! Pinned numbers of a process, stage by stage.

use counterplay_analysis::Analysis;
use serde::Deserialize;

use super::compare::{compared, named};
use super::{ExpectationCheck, Value};
use crate::failure::Failure;

/// An outcome or a measured quantity in one stage: the mean of a number, or the probability of a value.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfStage {
    /// The what-if; none for the world as it was.
    what_if: Option<String>,
    outcome: String,
    stage: usize,
    mean: Option<f64>,
    value: Option<Value>,
    probability: Option<f64>,
    tolerance: f64,
}

impl OfStage {
    pub(super) fn compare(&self, analysis: &Analysis) -> Result<ExpectationCheck, Failure> {
        let process = analysis.process.as_ref().ok_or_else(|| {
            Failure::new(format!("`{}` is pinned in a stage, but the story ends", self.outcome))
        })?;
        let as_it_was = "as it was";
        let which = self.what_if.as_deref().unwrap_or(as_it_was);
        let world = named("what-if", which, &process.series, |w| w.what_if.as_deref().unwrap_or(as_it_was))?;
        let series = named("outcome", &self.outcome, &world.outcomes, |o| &o.outcome)?;
        let point = series.points.get(self.stage).ok_or_else(|| {
            Failure::new(format!("`{}` is pinned in stage {}, beyond the horizon", self.outcome, self.stage))
        })?;
        let what = format!("{which}: {} after {}", self.outcome, self.stage);
        match (self.mean, &self.value, self.probability) {
            (Some(pinned), None, None) => {
                let found = point.mean.as_ref().map_or(f64::NAN, |m| m.mean);
                Ok(compared(format!("{what}, mean"), found, pinned, self.tolerance))
            }
            (None, Some(value), Some(pinned)) => {
                let label = value.to_string();
                let found = point.values.iter().find(|v| v.0 == label).map_or(0.0, |v| v.1);
                Ok(compared(format!("{what} = {label}"), found, pinned, self.tolerance))
            }
            _ => Err(Failure::new(format!(
                "`{}` is pinned in stage {} without `mean`, or `value` with `probability`",
                self.outcome, self.stage
            ))),
        }
    }
}
