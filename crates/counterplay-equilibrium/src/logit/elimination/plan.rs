//! In which order and in which parts to eliminate, as data.

/// Stands for no unknown, no part or no odds.
pub(super) const NONE: u32 = u32::MAX;

/// In which order and in which parts to eliminate.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Each after those below it.
    pub(super) groups: Vec<Group>,
    /// How many numbers are stored.
    pub(super) stored: usize,
    /// The multiplications of one elimination, about.
    pub(super) work: f64,
}

/// Information sets and chance nodes that are eliminated together.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// The information sets: each with its first unknown.
    pub(super) sets: Vec<(usize, usize)>,
    /// The unknowns: the changes of the responses of all actions here.
    pub(super) unknowns: usize,
    /// The nodes that are decided here.
    pub(super) heads: Vec<u32>,
    /// The parts below.
    pub(super) below: Vec<Below>,
    /// The frontier of the part that this makes: heads first, then nodes that were on frontiers below already.
    pub(super) frontier: Vec<u32>,
    /// Where its numbers begin.
    pub(super) first: usize,
    /// Whether anything is decided below it.
    pub(super) inner: bool,
    /// Its pivots begin there.
    pub(super) first_pivot: usize,
}

/// A part below a group, and how its frontier depends on the group.
#[derive(Clone, Debug)]
pub(super) struct Below {
    /// The group that made it.
    pub(super) part: usize,
    pub(super) entries: Vec<Entry>,
}

/// A node on the frontier of a part below.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) node: u32,
    /// The place in the group's frontier of the node before it, or its own where that one is not decided here.
    pub(super) column: u32,
    /// The unknown of the action that leads to it.
    pub(super) unknown: u32,
    /// Where the odds of the branch that leads to it are.
    pub(super) odds: u32,
    /// The player who decides at the node before it.
    pub(super) player: u32,
}

impl Group {
    /// Whether anything below depends on what is decided here.
    pub(super) fn coupled(&self) -> bool {
        !self.below.is_empty()
    }

    /// How many numbers it stores.
    pub(super) fn stored(&self, players: usize) -> usize {
        let (columns, unknowns) = (self.frontier.len(), self.unknowns);
        let rows = columns * players;
        let square = if self.coupled() { 2 * unknowns * unknowns + rows * unknowns } else { 0 };
        rows * columns + unknowns * columns + square
    }

    /// The multiplications that it takes, about.
    pub(super) fn work(&self, players: usize) -> f64 {
        let (columns, unknowns) = (self.frontier.len() as f64, self.unknowns as f64);
        let of_part = |b: &Below| (b.entries.len() * b.entries.len() * 2 * (players + 1)) as f64;
        let pivots = if self.coupled() { unknowns * unknowns * (unknowns / 3.0 + columns) } else { 0.0 };
        self.below.iter().map(of_part).sum::<f64>() + pivots + columns * columns * players as f64 * unknowns
    }
}
