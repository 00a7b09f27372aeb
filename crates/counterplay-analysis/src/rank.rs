//! Places among several, as far as errors leave them open.

use serde::{Deserialize, Serialize};

/// The place of one among several: the best and the worst that the error of simulation leaves open, from 1.
///
/// Where two are equal, or the error hides which is larger, their places overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Rank {
    /// One more than are larger beyond the error.
    pub first: usize,
    /// All but those that are smaller beyond the error.
    pub last: usize,
}

/// A difference counts as beyond its error from this many errors on: another seed then seldom reverses it.
pub const BEYOND_ERROR: f64 = 3.0;

impl Rank {
    /// The ranks of `count` things, where `exceeds` says whether the first is larger than the second beyond the error.
    ///
    /// ```
    /// use counterplay_analysis::Rank;
    /// // The first is larger than the others, which are equal.
    /// let ranks = Rank::of(3, |a, b| a == 0 && b > 0);
    /// assert_eq!(ranks.iter().map(|r| (r.first, r.last)).collect::<Vec<_>>(), [(1, 1), (2, 3), (2, 3)]);
    /// ```
    pub fn of(count: usize, exceeds: impl Fn(usize, usize) -> bool) -> Vec<Self> {
        let one = |index: usize| Self {
            first: 1 + (0..count).filter(|&other| exceeds(other, index)).count(),
            last: count - (0..count).filter(|&other| exceeds(index, other)).count(),
        };
        (0..count).map(one).collect()
    }

    /// Whether one place is left.
    pub fn is_settled(self) -> bool {
        self.first == self.last
    }
}
