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
//! # Ok::<(), counterplay::problem::Problems>(())
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
mod ask;
mod bibliography;
mod bounded;
mod chain;
mod declare;
mod direct;
mod draft;
mod explain;
mod functions;
mod globals;
mod guard;
mod host;
mod intervene;
mod laws;
mod parse;
mod quantity;
mod query;
mod read;
mod rewrite;
mod run;
mod settings;
mod size;
mod source;
mod stages;
mod telling;
mod testing;
mod usage;
mod values;
mod voting;
mod whom;

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use counterplay::problem::Problems;
use counterplay::scenario::Scenario;

/// The file that a scenario begins in.
pub const SCENARIO_FILE: &str = "scenario.star";

/// The file with the bibliography, which may be missing.
pub const SOURCES_FILE: &str = "sources.bib";

/// The texts of a scenario's folder, by file name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files(BTreeMap<String, String>);

impl Files {
    /// A scenario that is one file.
    pub fn of_scenario(text: impl Into<String>) -> Self {
        Self::default().with(SCENARIO_FILE, text)
    }

    /// The same files and another one.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.0.insert(name.into(), text.into());
        self
    }

    /// The text of a file.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The SHA-256 sum, in hexadecimal digits, of the files that decide the numbers of an analysis: all but the
    /// bibliography, by name and text. Line ends count the same however they are written.
    pub fn content_hash(&self) -> String {
        let mut hash = Sha256::new();
        for (name, text) in self.0.iter().filter(|(name, _)| *name != SOURCES_FILE) {
            for part in [name, &text.replace("\r\n", "\n")] {
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part);
            }
        }
        hash.finalize().iter().fold(String::new(), |mut digits, byte| {
            // Writing to a string cannot fail.
            let _ = write!(digits, "{byte:02x}");
            digits
        })
    }

    /// The names of the files.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.0.keys().map(String::as_str)
    }
}

impl<N: Into<String>, T: Into<String>> FromIterator<(N, T)> for Files {
    fn from_iter<I: IntoIterator<Item = (N, T)>>(files: I) -> Self {
        Self(files.into_iter().map(|(name, text)| (name.into(), text.into())).collect())
    }
}

/// Bounds on running a scenario's code, each named in the error that it gives. They hold for each run by itself:
/// for the declarations of a file, for the telling of one history, for the test of one claim.
#[derive(Clone)]
pub struct ReadLimits {
    /// Steps: calls of functions, and turns of loops.
    pub max_steps: u64,
    /// Memory for values, in bytes.
    pub max_memory: usize,
    /// Functions that wait for one another.
    pub max_depth: usize,
    /// Asked now and then; where it says `true` the run ends.
    pub cancelled: Arc<dyn Fn() -> bool + Send + Sync>,
}

impl Default for ReadLimits {
    fn default() -> Self {
        Self { max_steps: 5_000_000, max_memory: 256_000_000, max_depth: 100, cancelled: Arc::new(|| false) }
    }
}

impl fmt::Debug for ReadLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadLimits")
            .field("max_steps", &self.max_steps)
            .field("max_memory", &self.max_memory)
            .field("max_depth", &self.max_depth)
            .finish_non_exhaustive()
    }
}

/// Reads a scenario. `name` is a short name for files, such as `hanoi-2019`.
///
/// The story is not told here: whether it can be is found by [`check`](counterplay::check::check).
///
/// # Errors
/// All that is wrong with the declarations, as far as they can be read past what is wrong.
pub fn read(name: &str, files: &Files, limits: &ReadLimits) -> Result<Scenario, Problems> {
    read::read(name, files, limits, &[])
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
) -> Result<Scenario, Problems> {
    read::read(name, files, limits, settings)
}
