//! Where it is known from that something happened.

use counterplay_analysis::Evidence;

/// What stands behind the record.
#[derive(Clone, Debug, Default)]
pub struct RecordSources {
    /// What is recorded, an event or a measured quantity by its name, with what it is known from.
    pub of: Vec<(String, Vec<Evidence>)>,
    /// Reasons why a source stands behind the record that is used elsewhere too.
    pub reuse: Vec<Reuse>,
}

/// A reason why sources of the record are used elsewhere too.
#[derive(Clone, Debug)]
pub struct Reuse {
    /// What of the record it speaks of.
    pub of: Vec<String>,
    /// The reason.
    pub why: String,
}

impl RecordSources {
    /// The first reason given for a source of this being used elsewhere too, by its position.
    pub fn reason(&self, name: &str) -> Option<usize> {
        self.reuse.iter().position(|r| r.of.iter().any(|n| n == name))
    }
}
