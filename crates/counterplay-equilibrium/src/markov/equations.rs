//! The equations of stationary play, and their linearisation.
//!
//! The unknowns are the logits $z$ of information sets that lead on, the values $V$ and the share $t$ of the
//! precisions; the equations $z = H(z, V, t)$ and $V = R(z, V, t)$. Play within a state is eliminated from each linear
//! system, which leaves one for the values.

use super::Solver;
use super::linear::Sign;
use super::point::{Change, MarkovPoint};
use crate::numeric::vector::worse;

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

impl Solver {
    /// The response to a point; how far it is from it.
    pub(super) fn respond(&mut self, precisions: &[f64], point: &MarkovPoint) -> Distance {
        self.sweeps += 1;
        let scaled: Vec<f64> = precisions.iter().map(|l| l * point.share).collect();
        let steepest = scaled.iter().copied().fold(0.0, f64::max);
        let mut distance = Distance { residual: 0.0, weighed: 0.0 };
        let count = self.states.len();
        for (index, state) in self.states.iter_mut().enumerate() {
            let own = &point.logits[state.own()];
            state.respond(&scaled, own, &point.values);
            for (z, h) in own.iter().zip(state.response()) {
                distance.residual = worse(distance.residual, (h - z).abs());
            }
            for (v, r) in point.values[index..].iter().step_by(count).zip(state.stage_values()) {
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
                state.store(&multipliers);
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
    pub(super) fn along(&mut self, precisions: &[f64], share: f64) -> Option<(Change, Sign)> {
        let scaled: Vec<f64> = precisions.iter().map(|l| l * share).collect();
        let mut d_share = vec![0.0; self.states.len() * self.players];
        let sign = self.linearise(&scaled, &mut d_share, precisions)?;
        let values = self.collapsed.solve(&d_share)?;
        let mut logits = Vec::new();
        for state in &mut self.states {
            logits.extend(state.follow(&scaled, precisions, &values, None));
        }
        Some((Change { logits, values, share: 1.0 }, sign))
    }

    /// The step of Newton's method, with the share held, from the point of the last response, by the last linearisation.
    pub(super) fn towards(&mut self, precisions: &[f64], point: &MarkovPoint) -> Option<Change> {
        let count = self.states.len();
        let mut residuals = Change::zero(point);
        for (index, state) in self.states.iter().enumerate() {
            let responses = state.response().zip(&point.logits[state.own()]);
            for (m, (h, z)) in residuals.logits[state.own()].iter_mut().zip(responses) {
                *m = h - z;
            }
            for (player, value) in state.stage_values().iter().enumerate() {
                let at = player * count + index;
                residuals.values[at] = value - point.values[at];
            }
        }
        self.answer(precisions, point.share, &residuals)
    }

    /// The change of the unknowns, the share held, that answers a change of the responses by `residuals`, by the last
    /// linearisation.
    pub(super) fn answer(&mut self, precisions: &[f64], share: f64, residuals: &Change) -> Option<Change> {
        let count = self.states.len();
        let scaled: Vec<f64> = precisions.iter().map(|l| l * share).collect();
        let mut rhs = residuals.values.clone();
        for (index, state) in self.states.iter().enumerate() {
            for player in 0..self.players {
                rhs[player * count + index] += state.value_change(player, &residuals.logits[state.own()]);
            }
        }
        let values = self.collapsed.solve(&rhs)?;
        let fixed = vec![0.0; precisions.len()];
        let mut logits = Vec::with_capacity(residuals.logits.len());
        for state in &mut self.states {
            let own = Some(&residuals.logits[state.own()]);
            logits.extend(state.follow(&scaled, &fixed, &values, own));
        }
        Some(Change { logits, values, share: 0.0 })
    }

    /// Newton's method with the share held; whether it reached `tolerance`.
    pub(super) fn settle(&mut self, precisions: &[f64], point: &mut MarkovPoint, tolerance: f64) -> bool {
        let mut last = f64::INFINITY;
        for _ in 0..MAX_FINAL {
            let residual = self.respond(precisions, point).residual;
            if residual <= self.attainable(precisions, point, tolerance) {
                return true;
            }
            if !residual.is_finite() || residual > 1e3 * last.min(1.0) {
                return false;
            }
            last = residual;
            if self.along(precisions, point.share).is_none() {
                return false;
            }
            let Some(step) = self.towards(precisions, point) else { return false };
            point.add(1.0, &step);
        }
        false
    }

    /// The tolerance for a residual, but no less than rounding allows.
    pub(super) fn attainable(&self, precisions: &[f64], point: &MarkovPoint, tolerance: f64) -> f64 {
        let largest = point.logits.iter().fold(1.0, |m: f64, z| m.max(z.abs()));
        let value = point.values.iter().fold(self.range, |m: f64, v| m.max(v.abs()));
        let steepest = point.share * precisions.iter().copied().fold(0.0, f64::max);
        f64::max(tolerance * largest, 64.0 * f64::EPSILON * steepest * value)
    }
}
