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

/// A key that a dictionary does not have.
pub(crate) fn no_entry(key: &str) -> Problem {
    Problem::new(format!("there is no entry `{key}`"))
        .hint("`d.get(key, default)` gives a default where there is none")
}

/// More steps than allowed.
pub(crate) fn too_many_steps(what: &str, max_steps: u64) -> Problem {
    Problem::new(format!("{what} takes more than {} steps", with_commas(max_steps)))
        .hint("is there a loop that is far too long? if not, raise the setting `max_steps`")
}

/// A number with commas between its thousands.
fn with_commas(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|g| std::str::from_utf8(g).ok()).collect();
    groups.join(",")
}
