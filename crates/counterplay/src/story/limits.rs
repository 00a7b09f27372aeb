//! How large a story may grow.

/// Bounds on unfolding, each named in the error that it gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Histories.
    pub histories: usize,
    /// Nodes of the tree.
    pub nodes: usize,
    /// Events along one history.
    pub events: usize,
    /// States of a process.
    pub states: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { histories: 250_000, nodes: 5_000_000, events: 1_000, states: 10_000 }
    }
}
