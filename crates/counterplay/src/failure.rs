//! Why there is no analysis.

use std::fmt;

use crate::posterior::NoPosterior;
use crate::problem::{Problem, Problems};

/// Why there is no analysis.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// The scenario is wrong.
    Problems(Problems),
    /// Someone stopped it.
    Cancelled,
    /// The scenario is well formed, but there is nothing to be computed.
    Nothing(String),
    /// Play could not be solved, so that there is nothing to tell.
    NotSolved(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Problems(problems) => problems.fmt(f),
            Failure::Cancelled => f.write_str("stopped"),
            Failure::Nothing(why) | Failure::NotSolved(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Failure {}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Failure::Problems(problem.into())
    }
}

impl From<NoPosterior> for Failure {
    fn from(error: NoPosterior) -> Self {
        match error {
            NoPosterior::Cancelled => Failure::Cancelled,
            NoPosterior::Sampler(_) => Failure::Nothing(error.to_string()),
        }
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Failure::Problems(problems)
    }
}
