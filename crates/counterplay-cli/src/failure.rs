//! Why a command ends without having done what was asked, and the exit codes.

use std::fmt;
use std::process::ExitCode;

use counterplay::problem::{Problem, Problems};
use counterplay_analysis::printable;

/// How a command ended that did its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// All is well.
    Done,
    /// A scenario has problems, or an answer is not as pinned; it has been said which.
    Off,
    /// Something did not converge; the result was written all the same.
    NotConverged,
    /// The user stopped it; what there was by then was written.
    Interrupted,
}

impl From<Verdict> for ExitCode {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Done => Self::SUCCESS,
            Verdict::Off => Self::from(BAD_INPUT),
            Verdict::NotConverged => Self::from(NOT_CONVERGED),
            Verdict::Interrupted => Self::from(INTERRUPTED),
        }
    }
}

/// The exit code for bad input, and for a fault of the program itself.
pub(crate) const BAD_INPUT: u8 = 1;
const NOT_CONVERGED: u8 = 2;
/// The exit code after Ctrl-C, as shells have it: 128 and the number of the signal.
pub(crate) const INTERRUPTED: u8 = 130;

/// Why a command could not do its work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The scenario has problems.
    Problems(Problems),
    /// Something else is wrong, with a hint where there is one.
    Wrong {
        /// What.
        message: String,
        /// What can be done about it.
        hint: Option<String>,
    },
    /// A file is wrong at a place.
    InFile {
        /// Where, and what.
        message: String,
        /// The line, marked, or nothing; clean, and beginning on a line of its own.
        excerpt: String,
        /// What can be done about it.
        hint: Option<String>,
    },
    /// Play could not be solved.
    NotSolved(String),
    /// The user stopped it.
    Interrupted,
    /// The scenario was not read and unfolded in this many seconds.
    OutOfTime(u64),
}

impl Failure {
    /// A failure with a message.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self::Wrong { message: message.into(), hint: None }
    }

    /// That play could not be solved.
    pub(crate) fn not_solved(message: impl Into<String>) -> Self {
        Self::NotSolved(message.into())
    }

    /// The same with a hint; a failure that explains itself keeps its own.
    #[must_use]
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        match self {
            Self::Wrong { message, .. } => Self::Wrong { message, hint: Some(hint.into()) },
            other @ (Self::Problems(_)
            | Self::InFile { .. }
            | Self::NotSolved(_)
            | Self::Interrupted
            | Self::OutOfTime(_)) => other,
        }
    }

    /// The exit code.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Problems(_) | Self::Wrong { .. } | Self::InFile { .. } | Self::OutOfTime(_) => {
                ExitCode::from(BAD_INPUT)
            }
            Self::NotSolved(_) => ExitCode::from(NOT_CONVERGED),
            Self::Interrupted => ExitCode::from(INTERRUPTED),
        }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Problems(problem.into())
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Self::Problems(problems)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Problems(problems) => write!(f, "{problems}"),
            Self::Wrong { message, hint: None } => write!(f, "error: {}", printable::message(message)),
            Self::Wrong { message, hint: Some(hint) } => {
                write!(f, "error: {}\nhint: {}", printable::message(message), printable::message(hint))
            }
            Self::InFile { message, excerpt, hint } => {
                write!(f, "error: {}{excerpt}", printable::message(message))?;
                hint.as_ref().map_or(Ok(()), |hint| write!(f, "\nhint: {}", printable::message(hint)))
            }
            Self::NotSolved(message) => write!(
                f,
                "error: {}\n\
                 hint: the branch of play from uniform play is followed no further than is certain; choose a lower precision",
                printable::message(message)
            ),
            Self::Interrupted => {
                f.write_str("stopped: nothing was written, as results are written once they are whole")
            }
            Self::OutOfTime(seconds) => write!(
                f,
                "error: the scenario was not read and unfolded in {seconds} seconds\n\
                 hint: is there a loop that is far too long? if not, raise `--max-seconds`"
            ),
        }
    }
}
