//! Why there is no answer.

use std::fmt;

use crate::problem::{Problem, Problems};

/// Why there is no answer: the one error of everything that one calls to tell a scenario, solve it, or analyse it.
///
/// It displays as what a person should read. What it is can be asked: whether someone [stopped](Self::is_cancelled) the work,
/// whether play [was not solved](Self::is_unsolved), or what is [wrong with the scenario](Self::problems).
///
/// ```
/// use counterplay::Scenario;
/// let error = Scenario::builder("Nothing yet", ["Ann"]).build().err().unwrap();
/// assert!(!error.is_cancelled());
/// assert_eq!(error.problems()[1].message, "no story is told");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Error(Cause);

#[derive(Clone, Debug, PartialEq)]
enum Cause {
    Problems(Problems),
    Cancelled,
    /// The scenario is well formed, but there is nothing to be computed.
    Nothing(String),
    /// Play could not be solved, so that there is nothing to report.
    Unsolved(String),
}

impl Error {
    /// Someone stopped the work.
    pub(crate) const CANCELLED: Self = Self(Cause::Cancelled);

    /// The scenario is well formed, but there is nothing to be computed.
    pub(crate) fn nothing(why: impl Into<String>) -> Self {
        Self(Cause::Nothing(why.into()))
    }

    /// Play could not be solved, so that there is nothing to report.
    pub(crate) fn unsolved(why: impl Into<String>) -> Self {
        Self(Cause::Unsolved(why.into()))
    }

    /// Whether someone stopped the work. That is no fault of the scenario.
    pub fn is_cancelled(&self) -> bool {
        matches!(self.0, Cause::Cancelled)
    }

    /// Whether play could not be solved where it was asked for.
    pub fn is_unsolved(&self) -> bool {
        matches!(self.0, Cause::Unsolved(_))
    }

    /// What is wrong with the scenario, in the order of its text; empty if that is not the reason.
    pub fn problems(&self) -> &[Problem] {
        match &self.0 {
            Cause::Problems(problems) => problems.list(),
            Cause::Cancelled | Cause::Nothing(_) | Cause::Unsolved(_) => &[],
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Cause::Problems(problems) => problems.fmt(f),
            Cause::Cancelled => f.write_str("stopped"),
            Cause::Nothing(why) | Cause::Unsolved(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Error {}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Problems::from(problem).into()
    }
}

impl From<Problems> for Error {
    fn from(problems: Problems) -> Self {
        Self(Cause::Problems(problems))
    }
}
