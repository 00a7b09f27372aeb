//! Problems as errors of the evaluator, and the problem that any run can have.

use counterplay::problem::Problem;

/// A problem as an error of the evaluator.
pub(crate) fn fail(problem: Problem) -> starlark::Error {
    starlark::Error::new_other(problem)
}

/// More memory than allowed.
pub(crate) fn too_much_memory(what: &str, max_memory: usize) -> Problem {
    Problem::new(format!("{what} takes more than {} MB of memory", max_memory / 1_000_000))
        .hint("does a list or a text grow in a loop? if not, raise the setting `max_memory`")
}
