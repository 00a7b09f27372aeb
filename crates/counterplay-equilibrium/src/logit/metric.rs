//! The length of a change along a branch: that of the change of play, in the metric of Fisher's information, and of the change of
//! the logarithm of the precisions,
//! $$ \\|(dz, dt)\\|^2 = \sum_I \sum_{a \in I} \pi_a \Bigl(d\zeta_a - \sum_{b \in I} \pi_b\\, d\zeta_b\Bigr)^2 + (dt / t)^2,
//!    \qquad d\zeta = dz - z\\, dt / t. $$
//! Logits that grow with the precisions because payoffs stay as they are add nothing to it, nor do those of actions that
//! are hardly played. Measured by logits, a sharp fold at a high precision would have the length of a half circle.

use super::layout::Layout;
use super::path::PathPoint;
use super::sweep::softmax;
use crate::numeric::vector::dot;

/// The metric at a point of a branch.
pub(super) struct BranchMetric {
    play: Vec<f64>,
    /// The logits over the share.
    slope: Vec<f64>,
    share: f64,
}

impl BranchMetric {
    /// The metric at a point; below the share `least_share` precisions make little difference.
    pub(super) fn at(layout: &Layout, point: &PathPoint, least_share: f64) -> Self {
        let share = point.share.max(least_share);
        let slope = point.logits.iter().map(|z| z / share).collect();
        Self { play: softmax(layout, &point.logits), slope, share }
    }

    /// The vector whose plain inner product with another is that of `x` with it in the metric.
    pub(super) fn lowered(&self, layout: &Layout, x: &[f64]) -> Vec<f64> {
        let n = layout.actions;
        let mut lowered = vec![0.0; n + 1];
        let mut last = x[n] / (self.share * self.share);
        for set in &layout.sets {
            let (play, slope) = (&self.play[set.actions()], &self.slope[set.actions()]);
            let own = &mut lowered[set.actions()];
            for ((to, x_a), s) in own.iter_mut().zip(&x[set.actions()]).zip(slope) {
                *to = x_a - s * x[n];
            }
            let mean = dot(play, own);
            for ((to, p), s) in own.iter_mut().zip(play).zip(slope) {
                *to = p * (*to - mean);
                last -= *to * s;
            }
        }
        lowered[n] = last;
        lowered
    }

    /// The length of a vector.
    pub(super) fn length(&self, layout: &Layout, x: &[f64]) -> f64 {
        dot(&self.lowered(layout, x), x).max(0.0).sqrt()
    }
}
