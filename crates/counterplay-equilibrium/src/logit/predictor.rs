//! What predicts the next points of a branch: the last point, the tangent there, and the point before.

use super::path::PathPoint;
use crate::numeric::vector::dot;

/// The prediction is bent along the last arc unless the tangents differ by more than this cosine, or the next arc is
/// longer than the last by more than this factor.
const LEAST_SLANT: f64 = 0.5;
const FURTHEST: f64 = 3.0;

/// The end of a branch as far as it was followed, and how it continues from there.
#[derive(Clone, Debug)]
pub(super) struct PredictorState {
    pub(super) point: PathPoint,
    /// The unit tangent: of the logits, and last of the share.
    pub(super) tangent: Vec<f64>,
    /// The vector whose plain inner product with another is that of the tangent in the metric.
    pub(super) border: Vec<f64>,
    /// Whether the determinant of the Jacobian is positive and the share rises, or neither; unknown in large games whose
    /// Jacobian cannot be factorised.
    pub(super) orientation: Option<bool>,
    /// How far the bordered Jacobian is from a singular one, in logits.
    pub(super) regularity: f64,
    /// The point before, and the tangent there.
    pub(super) before: Option<(PathPoint, Vec<f64>)>,
}

impl PredictorState {
    /// The same, to go the other way along the branch.
    pub(super) fn reversed(mut self) -> Self {
        self.tangent.iter_mut().chain(&mut self.border).for_each(|x| *x = -*x);
        self.orientation = self.orientation.map(|o| !o);
        self
    }

    /// Whether the share rises along the branch here.
    pub(super) fn rises(&self) -> bool {
        self.share_rate() > 0.0
    }

    /// The change of the share per length of arc.
    pub(super) fn share_rate(&self) -> f64 {
        self.tangent[self.point.logits.len()]
    }

    /// The change of a logit per length of arc.
    pub(super) fn logit_rate(&self, action: usize) -> f64 {
        self.tangent[action]
    }

    /// Whether the branch rises here, oriented as the principal branch is, and is at least this far from singular.
    pub(super) fn is_smooth(&self, regularity: f64) -> bool {
        self.rises() && self.orientation == Some(true) && self.regularity >= regularity
    }

    /// The point before and this one, if the share rises from one to the other.
    pub(super) fn last_two(&self) -> Option<Vec<PathPoint>> {
        let (before, _) = self.before.as_ref()?;
        (before.share < self.point.share).then(|| vec![before.clone(), self.point.clone()])
    }

    /// The logits, and last the share.
    pub(super) fn coordinates(&self) -> impl Iterator<Item = f64> {
        self.point.logits.iter().copied().chain([self.point.share])
    }

    /// How far another point lies ahead, along the tangent here.
    pub(super) fn advance_to(&self, other: &Self) -> f64 {
        let change = self.coordinates().zip(other.coordinates());
        self.border.iter().zip(change).map(|(b, (x, y))| b * (y - x)).sum()
    }

    /// The point that lies ahead by this much in the direction of the tangent, by the cubic through the last two points and
    /// along the tangents there.
    pub(super) fn ahead(&self, length: f64) -> Vec<f64> {
        let straight = || self.coordinates().zip(&self.tangent).map(|(x, t)| x + length * t);
        let Some((before, old)) = &self.before else { return straight().collect() };
        let there = || before.logits.iter().chain([&before.share]);
        let back: f64 =
            self.border.iter().zip(self.coordinates().zip(there())).map(|(b, (x, y))| b * (x - y)).sum();
        let slant = dot(&self.border, old);
        if back <= 0.0 || slant < LEAST_SLANT || length > FURTHEST * back {
            return straight().collect();
        }
        let curve = |x: f64, t: f64, y: f64, u: f64| {
            let p = (y - x + back * t) / (back * back);
            let q = (t - u / slant) / back;
            let (square, cube) = (3.0 * p - q, (2.0 * p - q) / back);
            length * length * (square + length * cube)
        };
        let bends = self
            .coordinates()
            .zip(&self.tangent)
            .zip(there().zip(old))
            .map(|((x, t), (y, u))| curve(x, *t, *y, *u));
        straight().zip(bends).map(|(x, bend)| x + bend).collect()
    }

    /// The cubic between two ends of an arc along the tangents there, at a part of the way.
    pub(super) fn between(&self, next: &Self, part: f64) -> Vec<f64> {
        let length = self.advance_to(next);
        let s = part;
        let (h00, h10) = ((1.0 + 2.0 * s) * (1.0 - s).powi(2), s * (1.0 - s).powi(2));
        let (h01, h11) = (s * s * (3.0 - 2.0 * s), s * s * (s - 1.0));
        let tangents = self.tangent.iter().zip(&next.tangent);
        self.coordinates()
            .zip(next.coordinates())
            .zip(tangents)
            .map(|((x, y), (t, u))| h00 * x + h10 * length * t + h01 * y + h11 * length * u)
            .collect()
    }
}
