//! Pinned queries and sweeps.

use counterplay_analysis::Analysis;
use serde::Deserialize;

use super::ExpectationCheck;
use super::compare::{compared, named};
use crate::failure::Failure;

/// One value of a query.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfQuery {
    name: String,
    label: Option<String>,
    value: f64,
    tolerance: f64,
}

/// A sweep at one value of its parameter.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfSweep {
    name: String,
    at: f64,
    value: f64,
    tolerance: f64,
}

impl OfQuery {
    pub(super) fn compare(&self, analysis: &Analysis) -> Result<ExpectationCheck, Failure> {
        let asked = &analysis.questions;
        let queries = asked.queries.iter().map(|q| (q.name.as_str(), &q.values));
        let predictions = asked.predictions.iter().map(|p| (p.name.as_str(), &p.values));
        let all: Vec<_> = queries.chain(predictions).collect();
        let values = named("query", &self.name, &all, |q| q.0)?.1;
        let found = match &self.label {
            Some(label) => named("value of the query,", label, values, |v| &v.label)?,
            None => values.first().ok_or_else(|| {
                Failure::new(format!("the query `{}` has no single value to be pinned", self.name))
            })?,
        };
        Ok(compared(format!("query {}", self.name), found.here.mean, self.value, self.tolerance))
    }
}

impl OfSweep {
    pub(super) fn compare(&self, analysis: &Analysis) -> Result<ExpectationCheck, Failure> {
        let sweep = named("sweep", &self.name, &analysis.questions.sweeps, |s| &s.name)?;
        let point =
            sweep.points.iter().find(|p| p.0 == self.at).ok_or_else(|| {
                Failure::new(format!("the sweep `{}` has no point at {}", self.name, self.at))
            })?;
        Ok(compared(format!("sweep {} at {}", self.name, self.at), point.1.mean, self.value, self.tolerance))
    }
}
