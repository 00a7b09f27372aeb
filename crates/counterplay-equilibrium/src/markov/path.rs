//! The equations of stationary play, and their linearisation.
//!
//! The unknowns are the logits $z$ of information sets that lead on, the values $V$ and the share $t$ of the
//! precisions; the equations $z = H(z, V, t)$ and $V = R(z, V, t)$. Play within a state is eliminated from each linear
//! system, and what is left is one for the values.

use super::linear::Sign;
use super::{Solver, Spot};

/// How near to an equilibrium points are found that are not ends, in logits weighed with probabilities.
pub(super) const BETWEEN: f64 = 2e-3;

/// Corrections at the end, with the precisions held.
const MAX_FINAL: usize = 25;

/// How far the response is from a point.
pub(super) struct Distance {
    /// The largest difference in logits, or in values times the largest precision.
    pub(super) residual: f64,
    /// The same with logits weighed by the probability of the action.
    pub(super) weighed: f64,
}

/// A change of all unknowns.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) logits: Vec<f64>,
    pub(super) values: Vec<f64>,
    pub(super) share: f64,
}

impl Solver {
    /// The response to a point; how far it is from it.
    pub(super) fn respond(&mut self, precisions: &[f64], spot: &Spot) -> Distance {
        let scaled: Vec<f64> = precisions.iter().map(|l| l * spot.share).collect();
        let steepest = scaled.iter().copied().fold(0.0, f64::max);
        let mut distance = Distance { residual: 0.0, weighed: 0.0 };
        let count = self.states.len();
        for (index, state) in self.states.iter_mut().enumerate() {
            let own = &spot.logits[state.own()];
            state.respond(&scaled, own, &spot.values);
            for (z, h) in own.iter().zip(state.response()) {
                distance.residual = worse(distance.residual, (h - z).abs());
            }
            for (v, r) in spot.values[index..].iter().step_by(count).zip(state.worth()) {
                let d = (r - v).abs() * f64::max(steepest, 1.0 / self.range);
                distance.residual = worse(distance.residual, d);
                distance.weighed = worse(distance.weighed, d);
            }
            distance.weighed = worse(distance.weighed, state.weighed_distance(own));
        }
        distance
    }

    /// Linearises at the point of the last response; the sign of the determinant of the whole system, or `None` where it
    /// is singular.
    pub(super) fn linearise(
        &mut self,
        scaled: &[f64],
        d_share: &mut [f64],
        precisions: &[f64],
    ) -> Option<Sign> {
        self.systems += 1;
        let (n, count) = (self.players, self.states.len());
        self.collapsed.clear();
        let (mut root, mut locals_positive) = (vec![0.0; n], true);
        for (index, state) in self.states.iter_mut().enumerate() {
            locals_positive ^= !state.factorise(scaled)?;
            let none = vec![0.0; state.layout.actions];
            for player in 0..n {
                root.fill(0.0);
                root[player] = 1.0;
                let multipliers = state.multipliers(scaled, &none, &root);
                state.keep(&multipliers);
                let through = state.derivatives(scaled, &multipliers, &root);
                d_share[player * count + index] =
                    through.precisions.iter().zip(precisions).map(|(d, l)| d * l).sum();
                self.collapsed.put(index, state, player);
            }
        }
        self.collapsed.factorise().map(|sign| sign.times(locals_positive))
    }

    /// Linearises at the point of the last response; the change of the unknowns along the branch per change of
    /// the share, and the sign of the determinant.
    pub(super) fn along(&mut self, precisions: &[f64], share: f64) -> Option<(Step, Sign)> {
        let scaled: Vec<f64> = precisions.iter().map(|l| l * share).collect();
        let mut d_share = vec![0.0; self.states.len() * self.players];
        let sign = self.linearise(&scaled, &mut d_share, precisions)?;
        let values = self.collapsed.solve(&d_share)?;
        let mut logits = Vec::new();
        for state in &mut self.states {
            logits.extend(state.follow(&scaled, precisions, &values, None));
        }
        Some((Step { logits, values, share: 1.0 }, sign))
    }

    /// The step of Newton's method, with the share held, from the point of the last response, by the last linearisation.
    pub(super) fn towards(&mut self, precisions: &[f64], spot: &Spot) -> Option<Step> {
        let count = self.states.len();
        let mut missing = Step::still(spot);
        for (index, state) in self.states.iter().enumerate() {
            let responses = state.response().zip(&spot.logits[state.own()]);
            for (m, (h, z)) in missing.logits[state.own()].iter_mut().zip(responses) {
                *m = h - z;
            }
            for (player, worth) in state.worth().iter().enumerate() {
                let at = player * count + index;
                missing.values[at] = worth - spot.values[at];
            }
        }
        self.answer(precisions, spot.share, &missing)
    }

    /// The change of the unknowns, the share held, that answers a change of the responses by `missing`, by the last
    /// linearisation.
    pub(super) fn answer(&mut self, precisions: &[f64], share: f64, missing: &Step) -> Option<Step> {
        let count = self.states.len();
        let scaled: Vec<f64> = precisions.iter().map(|l| l * share).collect();
        let mut rhs = missing.values.clone();
        for (index, state) in self.states.iter().enumerate() {
            for player in 0..self.players {
                rhs[player * count + index] += state.bears(player, &missing.logits[state.own()]);
            }
        }
        let values = self.collapsed.solve(&rhs)?;
        let still = vec![0.0; precisions.len()];
        let mut logits = Vec::with_capacity(missing.logits.len());
        for state in &mut self.states {
            let own = Some(&missing.logits[state.own()]);
            logits.extend(state.follow(&scaled, &still, &values, own));
        }
        Some(Step { logits, values, share: 0.0 })
    }

    /// Newton's method with the share held; whether it reached `tolerance`.
    pub(super) fn settle(&mut self, precisions: &[f64], spot: &mut Spot, tolerance: f64) -> bool {
        let mut last = f64::INFINITY;
        for _ in 0..MAX_FINAL {
            let residual = self.respond(precisions, spot).residual;
            if residual <= self.attainable(precisions, spot, tolerance) {
                return true;
            }
            if !residual.is_finite() || residual > 1e3 * last.min(1.0) {
                return false;
            }
            last = residual;
            if self.along(precisions, spot.share).is_none() {
                return false;
            }
            let Some(step) = self.towards(precisions, spot) else { return false };
            spot.add(1.0, &step);
        }
        false
    }

    /// The tolerance for a residual, but no less than rounding allows.
    pub(super) fn attainable(&self, precisions: &[f64], spot: &Spot, tolerance: f64) -> f64 {
        let largest = spot.logits.iter().fold(1.0, |m: f64, z| m.max(z.abs()));
        let value = spot.values.iter().fold(self.range, |m: f64, v| m.max(v.abs()));
        let steepest = spot.share * precisions.iter().copied().fold(0.0, f64::max);
        f64::max(tolerance * largest, 64.0 * f64::EPSILON * steepest * value)
    }
}

impl Step {
    /// No change of a point.
    pub(super) fn still(spot: &Spot) -> Self {
        Self { logits: vec![0.0; spot.logits.len()], values: vec![0.0; spot.values.len()], share: 0.0 }
    }

    /// The change from one point to another.
    pub(super) fn between(from: &Spot, to: &Spot) -> Self {
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

impl Spot {
    pub(super) fn add(&mut self, length: f64, step: &Step) {
        for (x, d) in self.logits.iter_mut().zip(&step.logits) {
            *x += length * d;
        }
        for (x, d) in self.values.iter_mut().zip(&step.values) {
            *x += length * d;
        }
        self.share += length * step.share;
    }
}

/// The larger of the two; not-a-number counts as the worst.
pub(super) fn worse(a: f64, b: f64) -> f64 {
    if b.is_nan() || b > a { b } else { a }
}
