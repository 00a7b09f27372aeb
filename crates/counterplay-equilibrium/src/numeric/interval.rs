//! Intervals of numbers that hold whatever rounding does: the bounds of every result are moved outwards by one unit in the last place.

use std::ops::{Add, Mul, Sub};

/// All numbers from `low` to `high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Interval {
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Interval {
    /// One number, exactly.
    pub(crate) const fn of(x: f64) -> Self {
        Self { low: x, high: x }
    }

    /// All numbers from `low` to `high`.
    pub(crate) const fn new(low: f64, high: f64) -> Self {
        Self { low, high }
    }

    /// Bounds of a number that is `x` but for the last rounding.
    pub(crate) fn around(x: f64) -> Self {
        Self { low: x.next_down(), high: x.next_up() }
    }

    pub(crate) fn middle(self) -> f64 {
        f64::midpoint(self.low, self.high).clamp(self.low, self.high)
    }

    pub(crate) fn width(self) -> f64 {
        self.high - self.low
    }

    pub(crate) fn has_zero(self) -> bool {
        self.low <= 0.0 && self.high >= 0.0
    }

    /// Whether this lies within the other, ends apart.
    pub(crate) fn is_inside(self, other: Self) -> bool {
        other.low < self.low && self.high < other.high
    }

    /// What both have in common.
    pub(crate) fn intersection(self, other: Self) -> Option<Self> {
        let both = Self { low: self.low.max(other.low), high: self.high.min(other.high) };
        (both.low <= both.high).then_some(both)
    }

    /// Larger by a share of its width on both sides, and by a little more.
    pub(crate) fn inflated(self, share: f64, least: f64) -> Self {
        let by = share * self.width() + least;
        Self { low: self.low - by, high: self.high + by }
    }

    fn outwards(low: f64, high: f64) -> Self {
        Self { low: low.next_down(), high: high.next_up() }
    }
}

impl Add for Interval {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::outwards(self.low + other.low, self.high + other.high)
    }
}

impl Sub for Interval {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self::outwards(self.low - other.high, self.high - other.low)
    }
}

impl Mul for Interval {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        let ends =
            [self.low * other.low, self.low * other.high, self.high * other.low, self.high * other.high];
        let low = ends.iter().copied().fold(f64::INFINITY, f64::min);
        let high = ends.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Self::outwards(low, high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_hold_what_the_operations_can_give() {
        let (a, b) = (Interval::new(-1.0, 2.0), Interval::new(0.1, 0.3));
        for x in [-1.0, -0.3, 0.0, 1.1, 2.0] {
            for y in [0.1, 0.2, 0.3] {
                for (all, one) in [(a + b, x + y), (a - b, x - y), (a * b, x * y)] {
                    assert!(all.low <= one && one <= all.high, "{all:?} {one}");
                }
            }
        }
        // A tenth ten times is not one in floating point; the interval holds both.
        let tenth = Interval::around(0.1);
        let sum = (0..10).fold(Interval::of(0.0), |sum, _| sum + tenth);
        assert!(sum.low < 1.0 && sum.high > 1.0 && sum.width() < 1e-14);
    }
}
