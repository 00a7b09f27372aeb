//! The texts that a scenario is read from.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use counterplay_analysis::printable::nfc;
use sha2::{Digest, Sha256};

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
        self.0.insert(name.into(), composed(text.into()));
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

/// A text in which what looks alike is alike, however it was typed: letters with their marks are single characters.
fn composed(text: String) -> String {
    match nfc(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(composed) => composed,
    }
}

impl<N: Into<String>, T: Into<String>> FromIterator<(N, T)> for Files {
    fn from_iter<I: IntoIterator<Item = (N, T)>>(files: I) -> Self {
        Self(files.into_iter().map(|(name, text)| (name.into(), composed(text.into()))).collect())
    }
}
