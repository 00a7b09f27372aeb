//! The scenario language: from the text of a scenario to what it says.
//!
//! A scenario is a program in Starlark, a small deterministic relative of Python without input and output. Its
//! declarations run once; its `play(g)` runs once for each history. What it can call is listed in the language
//! handbook. Reading touches no file and no clock: the texts are given as [`Files`].
//!
//! ```
//! use counterplay_language::{Files, ReadLimits, read};
//! let text = r#"
//! scenario("A coin", players = ["A", "B"])
//! precision("precision", lognormal(1, 0.5))
//! def play(g):
//!     coin = g.chance("coin", {"heads": 0.5, "tails": rest}, seen_by = NOBODY)
//!     guess = g.choose("A", "guess", ["heads", "tails"])
//!     g.end(payoffs = {"A": 1 if guess == coin else 0, "B": 0}, outcomes = {"right": guess == coin})
//! "#;
//! let scenario = read("coin", &Files::of_scenario(text), &ReadLimits::default())?;
//! assert_eq!(scenario.players, ["A", "B"]);
//! # Ok::<(), counterplay::Error>(())
//! ```
//!
//! A scenario is untrusted input. Its steps, memory and depth are bounded by [`ReadLimits`], and what the
//! evaluator does not bound by itself is bounded here: texts too deep to parse are refused, and operators and
//! functions that make much out of little are replaced by checked ones. These bounds are meant to stop mistakes
//! and simple malice; to run a stranger's scenario, run it in a process with limits of its own besides.

#![allow(
    unsafe_code,
    reason = "the evaluator's derives implement its marker traits; none is written by hand"
)]
#![allow(clippy::elidable_lifetime_names, reason = "the evaluator's attributes demand named lifetimes")]

mod arithmetic;
pub mod bibliography;
mod declarations;
mod files;
mod host;
mod limits;
mod read;
mod run;
mod telling;
mod text;
mod values;

use counterplay::Error;
use counterplay::scenario::Scenario;

pub use crate::files::{Files, SCENARIO_FILE, SOURCES_FILE};
pub use crate::limits::{ReadLimits, StopSign};

/// Reads a scenario. `name` is a short name for files, such as `hanoi-2019`.
///
/// The story is not told here: whether it can be is found by [`check`](counterplay::check::check).
///
/// # Errors
/// All that is wrong with the declarations, as far as they can be read past what is wrong.
pub fn read(name: &str, files: &Files, limits: &ReadLimits) -> Result<Scenario, Error> {
    Ok(read::read(name, files, limits, &[])?)
}

/// Reads a scenario with other settings than its own, by name and value as a scenario writes it: `3`, `0.5`, `True`;
/// anything else is a text. A variant's settings go before these.
///
/// Whether the story asks for each of them is found by [`check`](counterplay::check::check).
///
/// # Errors
/// As [`read`].
pub fn read_with(
    name: &str,
    files: &Files,
    limits: &ReadLimits,
    settings: &[(String, String)],
) -> Result<Scenario, Error> {
    Ok(read::read(name, files, limits, settings)?)
}
