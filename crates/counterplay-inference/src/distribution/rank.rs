//! The place of a value within a distribution.

/// The place of a value within a distribution: the probability of what lies below it, and of what lies above.
///
/// The two add up to one. Both are kept because near either end only the smaller one has digits left. Luck in
/// a measured quantity is a rank: the same rank in the distribution of another world gives the value that the
/// quantity has there.
///
/// ```
/// use counterplay_inference::distribution::{Concrete, Rank};
/// let factual = Concrete::Poisson { rate: 3.0 };
/// let otherwise = Concrete::Poisson { rate: 6.0 };
/// let luck: Rank = factual.rank_of(4.0, 0.5);
/// assert_eq!(factual.value_at(luck), 4.0);
/// assert_eq!(otherwise.value_at(luck), 7.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rank {
    below: f64,
    above: f64,
}

impl Rank {
    /// The rank with probability `below` under it, in \[0, 1\].
    pub fn from_below(below: f64) -> Self {
        Self { below, above: 1.0 - below }
    }

    /// The rank with probability `above` over it, in \[0, 1\].
    pub fn from_above(above: f64) -> Self {
        Self { below: 1.0 - above, above }
    }

    /// The two probabilities, each computed on its own to full precision.
    pub(super) fn from_tails((below, above): (f64, f64)) -> Self {
        Self { below, above }
    }

    /// The probability of what lies below.
    pub fn below(self) -> f64 {
        self.below
    }

    /// The probability of what lies above.
    pub fn above(self) -> f64 {
        self.above
    }

    /// Whether the lower half holds it.
    pub(super) fn is_low(self) -> bool {
        self.below <= self.above
    }

    /// The rank at `share` of the way from `self` up to `other`.
    pub(super) fn towards(self, other: Rank, share: f64) -> Self {
        let between = |from: f64, to: f64| from + share * (to - from);
        Self { below: between(self.below, other.below), above: between(self.above, other.above) }
    }
}
