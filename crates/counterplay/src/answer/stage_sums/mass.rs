//! The probability of a place, and how it spreads over what is told of the second world.

use std::collections::BTreeMap;

use crate::answer::query::MeasuredLaw;
use crate::world::catalogue::OutcomeIndex;

/// How probability spreads over laws, each by its number.
pub(super) type Mixture = BTreeMap<usize, f64>;

/// The probability of a place, and what part of it is with what.
#[derive(Clone, Debug, Default)]
pub(super) struct Mass {
    pub(super) whole: f64,
    /// For each outcome and value, that the value was stated last; empty if nobody asks.
    pub(super) last: Vec<Vec<f64>>,
    /// For each outcome that is true or false, that it has never been true; empty if nobody asks.
    pub(super) untrue: Vec<f64>,
    /// For each quantity that is asked for, the laws by which it was measured.
    pub(super) laws: Vec<Mixture>,
}

impl Mass {
    /// The same as a share of it.
    pub(super) fn share(&self, p: f64) -> Self {
        let mut part = self.clone();
        part.whole *= p;
        part.last.iter_mut().flatten().for_each(|x| *x *= p);
        part.untrue.iter_mut().for_each(|x| *x *= p);
        part.laws.iter_mut().flat_map(BTreeMap::values_mut).for_each(|x| *x *= p);
        part
    }

    /// Nothing of what is told.
    pub(super) fn nothing(&self) -> Self {
        Self {
            whole: 0.0,
            last: self.last.iter().map(|values| vec![0.0; values.len()]).collect(),
            untrue: vec![0.0; self.untrue.len()],
            laws: vec![Mixture::new(); self.laws.len()],
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.whole += other.whole;
        add_all(&mut self.last, &other.last);
        for (sum, x) in self.untrue.iter_mut().zip(&other.untrue) {
            *sum += x;
        }
        for (sum, laws) in self.laws.iter_mut().zip(&other.laws) {
            mix(sum, laws);
        }
    }

    /// After an outcome has been stated to have a value; `truths` are the outcomes that are true or false.
    pub(super) fn state(&mut self, of: OutcomeIndex, truths: &[OutcomeIndex]) {
        if let Some(values) = self.last.get_mut(of.outcome) {
            values.fill(0.0);
            values[of.value] = self.whole;
        }
        for (untrue, _) in self.untrue.iter_mut().zip(truths).filter(|t| *t.1 == of) {
            *untrue = 0.0;
        }
    }
}

/// Adds a mixture to another.
pub(super) fn mix(sum: &mut Mixture, laws: &Mixture) {
    for (law, p) in laws {
        *sum.entry(*law).or_insert(0.0) += p;
    }
}

/// Adds numbers of each outcome and value to others.
pub(super) fn add_all(sum: &mut [Vec<f64>], other: &[Vec<f64>]) {
    for (sum, x) in sum.iter_mut().flatten().zip(other.iter().flatten()) {
        *sum += x;
    }
}

/// The weight of a mixture, and its mean; not a number of none.
pub(crate) fn mixture_mean(mixture: &[(MeasuredLaw, f64)]) -> (f64, f64) {
    let whole: f64 = mixture.iter().map(|m| m.1).sum();
    let sum: f64 = mixture.iter().map(|(law, weight)| weight * law.mean()).sum();
    (whole, sum / whole)
}
