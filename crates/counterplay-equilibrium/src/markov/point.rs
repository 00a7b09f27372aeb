//! Points of the branch, changes of them, and the directions in which it continues.

use super::linear::Sign;

/// A point of the branch.
#[derive(Clone, Debug, Default)]
pub(super) struct MarkovPoint {
    /// The logits of the information sets that lead on, state by state.
    pub(super) logits: Vec<f64>,
    /// The values, player by player, state by state.
    pub(super) values: Vec<f64>,
    /// The share of the precisions.
    pub(super) share: f64,
}

/// A change of all unknowns.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) logits: Vec<f64>,
    pub(super) values: Vec<f64>,
    pub(super) share: f64,
}

/// The directions at a point.
#[derive(Clone, Debug)]
pub(super) struct Directions {
    /// The tangent, of length one.
    pub(super) tangent: Change,
    /// How the branch as a whole moves, across the tangent, where payoffs are changed a little in no particular direction. It
    /// grows without bound towards a point where another branch crosses, and returns from there with the opposite sign.
    pub(super) answer: Change,
    /// Whether the determinant of the system is positive where the share rises along the tangent, or negative where it
    /// falls.
    pub(super) even: Option<bool>,
}

/// A point of the branch, and how it continues there.
#[derive(Clone, Debug)]
pub(super) struct Waypoint {
    pub(super) at: MarkovPoint,
    pub(super) directions: Directions,
}

impl MarkovPoint {
    /// Moves the point by a multiple of a change.
    pub(super) fn add(&mut self, length: f64, change: &Change) {
        for (x, d) in self.logits.iter_mut().zip(&change.logits) {
            *x += length * d;
        }
        for (x, d) in self.values.iter_mut().zip(&change.values) {
            *x += length * d;
        }
        self.share += length * change.share;
    }
}

impl Directions {
    /// Of a tangent, and of the sign of the determinant.
    pub(super) fn is_even(tangent: &Change, sign: Sign) -> Option<bool> {
        match sign {
            Sign::Positive => Some(tangent.share >= 0.0),
            Sign::Negative => Some(tangent.share < 0.0),
            Sign::Unknown => None,
        }
    }
}

impl Change {
    /// No change of a point.
    pub(super) fn zero(point: &MarkovPoint) -> Self {
        Self { logits: vec![0.0; point.logits.len()], values: vec![0.0; point.values.len()], share: 0.0 }
    }

    /// The change from one point to another.
    pub(super) fn between(from: &MarkovPoint, to: &MarkovPoint) -> Self {
        let minus = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a - b).collect();
        Self {
            logits: minus(&to.logits, &from.logits),
            values: minus(&to.values, &from.values),
            share: to.share - from.share,
        }
    }

    /// The same, with this many times another added.
    #[must_use]
    pub(super) fn plus(mut self, factor: f64, other: &Self) -> Self {
        for (x, d) in self.logits.iter_mut().zip(&other.logits) {
            *x += factor * d;
        }
        for (x, d) in self.values.iter_mut().zip(&other.values) {
            *x += factor * d;
        }
        self.share += factor * other.share;
        self
    }

    /// The plain inner product.
    pub(super) fn times(&self, other: &Self) -> f64 {
        let sum = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        sum(&self.logits, &other.logits) + sum(&self.values, &other.values) + self.share * other.share
    }

    pub(super) fn is_finite(&self) -> bool {
        self.logits.iter().chain(&self.values).all(|x| x.is_finite()) && self.share.is_finite()
    }

    pub(super) fn scale(&mut self, factor: f64) {
        for x in self.logits.iter_mut().chain(&mut self.values) {
            *x *= factor;
        }
        self.share *= factor;
    }
}
