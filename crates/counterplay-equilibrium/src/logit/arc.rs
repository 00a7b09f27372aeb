//! One step along a branch: a pseudo-arc-length step with Newton's method (Allgower and Georg 1990), and the checks that it
//! stayed on the branch.
//!
//! That a point solves the equations does not say that it is on the branch. So an arc is repeated with a shorter length unless
//!
//! - the corrections are short: each below half a logit, all together a small part of the length of the arc, and no
//!   probability further from its prediction than the settings allow;
//! - the tangents at both ends point the same way, and their mean leads from one end to the other;
//! - the *orientation*, the sign of the determinant of the Jacobian times that of the change of the precisions, is the same at both
//!   ends. It stays along a smooth branch, folds included, and the branch that passes between two arms of an imperfect
//!   pitchfork has the other one.
//!
//! Two changes of the orientation cancel. So an arc is no longer than its ends are regular: near a point where the
//! Jacobian, bordered by the tangent, is singular, arcs get ever shorter.
//!
//! Where the orientation changes along an arc that cannot be made shorter, another branch crosses there.

use counterplay_math::cbrt;

use super::corrector::{Corrector, QUICK};
use super::jacobian::{newton_step, solve_bordered};
use super::layout::Layout;
use super::metric::BranchMetric;
use super::path::{PathOptions, PathPoint, prediction_error, scaled};
use super::predictor::PredictorState;
use super::sweep::softmax;
use crate::numeric::vector::{dot, largest, norm};

/// The cosine between the tangents at both ends of an arc at which arcs aim, and below which an arc is repeated shorter.
const STRAIGHT: f64 = 0.96;
const BENT: f64 = 0.9;

/// The share of an arc's length that its end may be away from its prediction.
const STRAY: f64 = 0.15;

/// How far a probability may be from where the mean of the tangents leads: a share of the arc's length, and at most.
const MEAN_STRAY: f64 = 0.05;
const MEAN_STRAY_MOST: f64 = 0.02;

/// How many corrections an arc may take before it is repeated shorter, and how many of them with a new Jacobian.
const MAX_CORRECTIONS: usize = 12;
const MAX_FACTORISATIONS: usize = 3;

/// The longest correction, in logits; and the largest at which a step aims.
const LONGEST_CORRECTION: f64 = 0.5;
const AIM_CORRECTION: f64 = 0.25;

/// A first correction, in logits, that is taken with the Jacobian of the arc before.
const CHORD: f64 = 0.2;

/// How near to the branch points are kept, in logits: at most, and as a share of an arc's length; and how near at least where
/// rounding allows no better.
const NEAR: f64 = 1e-5;
const NEAR_SHARE: f64 = 1e-4;
const NOISE: f64 = 2e-3;

/// How much further than its last correction a point may be from the branch where rounding allows no better.
const NOISE_SHARE: f64 = 10.0;

/// Steps of this make a sequence without a pattern: the fractional part of the golden ratio.
const GOLDEN: f64 = 0.618_033_988_749_894_9;

/// How much longer the next arc may be, by the number of Jacobians that the corrections took.
const GROWTH: [f64; MAX_FACTORISATIONS + 1] = [3.0, 2.0, 1.2, 0.8];

/// An arc: where it ends, how much longer the next may be, and whether the orientation changes on the way.
pub(super) struct Arc {
    pub(super) end: PredictorState,
    pub(super) growth: f64,
    pub(super) flips: bool,
}

/// Arcs along the branches of one game; what is learnt at one arc helps the next.
pub(super) struct Arcs<'a> {
    pub(super) corrector: &'a mut Corrector,
    /// The derivative of the logits by the share of the precisions at the point of the factors.
    slope: Vec<f64>,
    /// How far rounding keeps points from the branch, in logits.
    pub(super) noise: f64,
    /// About the direction in which the Jacobian is nearest to singular.
    probe: Vec<f64>,
}

impl<'a> Arcs<'a> {
    /// Arcs by a corrector that has begun at a point.
    pub(super) fn new(corrector: &'a mut Corrector) -> Self {
        Self { corrector, slope: Vec::new(), noise: 0.0, probe: Vec::new() }
    }

    fn layout(&self) -> &Layout {
        self.corrector.layout()
    }

    fn metric(&self, point: &PathPoint) -> BranchMetric {
        BranchMetric::at(self.layout(), point, self.corrector.least_share)
    }

    /// The length of a vector by the metric at a point.
    fn length(&self, point: &PathPoint, x: &[f64]) -> f64 {
        self.metric(point).length(self.layout(), x)
    }

    /// The state at a point from which to follow its branch to higher precisions.
    pub(super) fn start(&mut self, precisions: &[f64], at: &PathPoint) -> Option<PredictorState> {
        self.corrector.response.respond(&scaled(precisions, at.share), &at.logits);
        self.state_at(precisions, at.clone(), None)
    }

    /// The state at the point of the last sweep, with the unit tangent turned the same way as that `before`, or upwards.
    /// Factors of the Jacobian are left for that point, where they can be made.
    fn state_at(
        &mut self,
        precisions: &[f64],
        at: PathPoint,
        before: Option<&[f64]>,
    ) -> Option<PredictorState> {
        let n = self.layout().actions;
        let metric = self.metric(&at);
        let mut upward = vec![0.0; n + 1];
        upward[n] = 1.0;
        let towards = before.map_or_else(|| upward.clone(), |b| metric.lowered(self.layout(), b));
        let scaled = scaled(precisions, at.share);
        let (mut tangent, positive) = if self.corrector.has_factors() {
            let positive = self.corrector.factorise(&scaled, &at.logits)?;
            self.slope = self.corrector.slope(&scaled, precisions);
            let mut tangent = self.slope.clone();
            tangent.push(1.0);
            if dot(&towards, &tangent) < 0.0 {
                for x in &mut tangent {
                    *x = -*x;
                }
            }
            (tangent, Some(positive))
        } else {
            let response = &mut self.corrector.response;
            let (tangent, residual) = solve_bordered(response, &scaled, precisions, &towards, &upward, 1e-3)?;
            ((residual <= 1e-3).then_some(tangent)?, None)
        };
        let lowered = metric.lowered(self.layout(), &tangent);
        let length = dot(&lowered, &tangent).sqrt();
        if !(length.is_finite() && length > 0.0) {
            return None;
        }
        for x in &mut tangent {
            *x /= length;
        }
        let border = lowered.iter().map(|x| x / length).collect();
        let orientation = positive.map(|p| p == (tangent[n] > 0.0));
        let mut state =
            PredictorState { point: at, tangent, border, orientation, regularity: 1.0, before: None };
        state.regularity = self.distance_from_singular(precisions, &state)?;
        Some(state)
    }

    /// About the smallest change of the Jacobian, bordered by the tangent, that makes it singular: one over the norm of its
    /// inverse, by two steps of inverse iteration from where that of the point before ended. It is zero where branches cross,
    /// and small where they nearly do; at a fold it is not.
    fn distance_from_singular(&mut self, precisions: &[f64], state: &PredictorState) -> Option<f64> {
        if !self.corrector.has_factors() {
            return Some(1.0);
        }
        let n = self.layout().actions;
        let scaled = scaled(precisions, state.point.share);
        let share = state.point.share.max(self.corrector.least_share);
        if self.probe.len() != n + 1 {
            // Any start without a symmetry will do.
            self.probe = (0..=n).map(|k| (k as f64 * GOLDEN).fract() - 0.5).collect();
        }
        let mut regularity = 1.0;
        for _ in 0..2 {
            let mut rhs = std::mem::take(&mut self.probe);
            let length = norm(&rhs);
            for x in &mut rhs {
                *x /= length;
            }
            let (mut step, _) = self.across(precisions, &scaled, &state.border, &rhs)?;
            step[n] /= share;
            regularity = 1.0 / norm(&step);
            self.probe = step;
        }
        (regularity > 0.0).then_some(regularity)
    }

    /// Makes the factors those at this state again, after an arc from there that was rejected.
    pub(super) fn return_to(&mut self, precisions: &[f64], state: &PredictorState) {
        let scaled = scaled(precisions, state.point.share);
        self.corrector.response.respond(&scaled, &state.point.logits);
        if self.corrector.has_factors() {
            self.state_at(precisions, state.point.clone(), Some(&state.tangent));
        }
    }

    /// One arc; none where it is too long to be sure that it stays on the branch. The first corrections use the factors left
    /// at its beginning.
    pub(super) fn arc(
        &mut self,
        options: &PathOptions<'_>,
        from: &PredictorState,
        length: f64,
    ) -> Option<Arc> {
        let n = self.layout().actions;
        let start = from.ahead(length);
        if start[n] <= 0.0 {
            return None;
        }
        let mut x = start.clone();
        let (factorised, correction) =
            self.settle_on_branch(options, &mut x, &start, &from.border, NEAR.min(NEAR_SHARE * length))?;
        let share = x.pop()?;
        let point = PathPoint { logits: x, share };
        let error = prediction_error(self.layout(), &start[..n], &point.logits);
        if share <= 0.0 || error > options.max_prediction_error {
            return None;
        }
        let mut strayed: Vec<f64> = point.logits.iter().zip(&start).map(|(x, s)| x - s).collect();
        strayed.push(share - start[n]);
        let stray = self.length(&from.point, &strayed).min(self.length(&point, &strayed));
        if stray > STRAY * length + self.noise {
            return None;
        }
        let mut end = self.state_at(options.precisions, point, Some(&from.tangent))?;
        // By the metric at the end of the arc.
        let cosine = dot(&end.border, &from.tangent) / self.length(&end.point, &from.tangent);
        if cosine < BENT || self.mean_stray(from, &end) > (MEAN_STRAY * length).min(MEAN_STRAY_MOST) {
            return None;
        }
        // These grow as the square of the length, the error of the cubic prediction with a higher power.
        let by_error = 0.5 * options.max_prediction_error / error;
        let by_angle = (1.0 - STRAIGHT) / (1.0 - cosine).max(1e-9);
        let by_stray = 0.5 * STRAY * length / stray;
        let by_correction = cbrt(AIM_CORRECTION / correction);
        let growth = by_error.min(by_angle).min(by_stray).sqrt().min(by_correction);
        let flips = end.orientation.zip(from.orientation).is_some_and(|(a, b)| a != b);
        end.before = Some((from.point.clone(), from.tangent.clone()));
        Some(Arc { end, growth: growth.clamp(0.3, GROWTH[factorised]), flips })
    }

    /// How far a probability at the end of an arc is from where the mean of the rates of change at both ends leads.
    fn mean_stray(&self, from: &PredictorState, to: &PredictorState) -> f64 {
        let p = softmax(self.layout(), &from.point.logits);
        let q = softmax(self.layout(), &to.point.logits);
        let n = p.len();
        let (chord, back) = (from.advance_to(to), -to.advance_to(from));
        let (mut rate, mut other) = (vec![0.0; n], vec![0.0; n]);
        for set in &self.layout().sets {
            let r = set.actions();
            rate_of_play(&p[r.clone()], &from.tangent[r.clone()], &mut rate[r.clone()]);
            rate_of_play(&q[r.clone()], &to.tangent[r.clone()], &mut other[r]);
        }
        let of =
            |((p, q), (r, o)): ((&f64, &f64), (&f64, &f64))| (q - p - 0.5 * (chord * r + back * o)).abs();
        p.iter().zip(&q).zip(rate.iter().zip(&other)).map(of).fold(0.0, f64::max)
    }

    /// Corrects a point onto the branch, as `near` as that, across the direction whose lowered vector is `border`; how often the
    /// Jacobian was factorised for that, and the largest correction.
    fn settle_on_branch(
        &mut self,
        options: &PathOptions<'_>,
        x: &mut [f64],
        start: &[f64],
        border: &[f64],
        near: f64,
    ) -> Option<(usize, f64)> {
        let n = self.layout().actions;
        let (mut last, mut factorised, mut largest_one, mut fresh) = (f64::INFINITY, 0, 0.0, false);
        for count in 0..MAX_CORRECTIONS {
            let at_share = scaled(options.precisions, x[n]);
            let (mut rhs, residual) = self.corrector.response.residuals_at_once(&at_share, &x[..n]);
            if !residual.is_finite() {
                return None;
            }
            rhs.push(border.iter().zip(start.iter().zip(x.iter())).map(|(d, (s, x))| d * (s - x)).sum());
            let (mut step, mut size) = self.across(options.precisions, &at_share, border, &rhs)?;
            let slow = if count == 0 { size > CHORD } else { size > QUICK * last };
            // Where a step with the Jacobian of this very neighbourhood is no shorter than the last, it is due to rounding.
            let noisy = fresh && size <= NOISE && size > 0.5 * last;
            fresh = false;
            if self.corrector.has_factors() && slow && size > near && !noisy {
                if factorised == MAX_FACTORISATIONS {
                    return None;
                }
                factorised += 1;
                fresh = true;
                self.corrector.factorise(&at_share, &x[..n])?;
                self.slope = self.corrector.slope(&at_share, options.precisions);
                (step, size) = self.across(options.precisions, &at_share, border, &rhs)?;
            }
            if too_long(size) || (count > 0 && size > last.max(NOISE)) {
                return None;
            }
            largest_one = f64::max(largest_one, size);
            x.iter_mut().zip(step).for_each(|(x, d)| *x += d);
            let rate = if count == 0 { 1.0 } else { (size / last).min(1.0) };
            if size * rate <= near * (1.0 - rate) || noisy {
                self.noise = if noisy { self.noise.max(NOISE_SHARE * size) } else { self.noise };
                let at_share = scaled(options.precisions, x[n]);
                let (_, residual) = self.corrector.response.residuals_at_once(&at_share, &x[..n]);
                return residual.is_finite().then_some((factorised, largest_one));
            }
            last = size;
        }
        None
    }

    /// The solution of the bordered system; and its size, in logits, but for what moves the point along the branch.
    fn across(
        &mut self,
        precisions: &[f64],
        scaled: &[f64],
        border: &[f64],
        rhs: &[f64],
    ) -> Option<(Vec<f64>, f64)> {
        let n = self.layout().actions;
        if !self.corrector.has_factors() {
            let response = &mut self.corrector.response;
            let step = solve_bordered(response, scaled, precisions, border, rhs, 1e-2)?.0;
            let size = largest(&step[..n]);
            return Some((step, size));
        }
        let mut step = self.corrector.solve(&rhs[..n]);
        let share = (rhs[n] - dot(&border[..n], &step)) / (border[n] + dot(&border[..n], &self.slope));
        let at_fixed_share = largest(&step);
        step.iter_mut().zip(&self.slope).for_each(|(x, s)| *x += share * s);
        let size = at_fixed_share.min(largest(&step));
        step.push(share);
        Some((step, size))
    }

    /// Lands between two points of the branch at a share: from a point of the cubic through them by Newton's method with the precisions
    /// held, so that the orientation stays and play is near to the cubic's.
    pub(super) fn land(
        &mut self,
        options: &PathOptions<'_>,
        from: &PredictorState,
        to: &PredictorState,
        part: f64,
    ) -> Option<PathPoint> {
        let n = self.layout().actions;
        let start = from.between(to, part);
        let scaled = scaled(options.precisions, options.until);
        let mut x = start[..n].to_vec();
        let mut last = f64::INFINITY;
        for _ in 0..MAX_CORRECTIONS {
            let (residuals, residual) = self.corrector.response.residuals_at_once(&scaled, &x);
            if residual <= self.corrector.response.tolerance(&x) {
                break;
            }
            let (step, positive) = if self.corrector.has_factors() {
                let positive = self.corrector.factorise(&scaled, &x)?;
                (self.corrector.solve(&residuals), Some(positive))
            } else {
                (newton_step(&mut self.corrector.response, &scaled, &x), None)
            };
            let size = largest(&step);
            let further = from.between(to, (part + 1e-3).min(1.0))[n];
            let nearer = from.between(to, (part - 1e-3).max(0.0))[n];
            let expected = to.orientation.map(|o| o == (further > nearer));
            let wrong = positive.zip(expected).is_some_and(|(p, e)| p != e);
            if too_long(size) || wrong {
                return None;
            }
            x.iter_mut().zip(&step).for_each(|(x, d)| *x += d);
            if size <= NOISE && size > 0.5 * last {
                break;
            }
            last = size;
        }
        self.corrector.response.respond(&scaled, &x);
        self.corrector.response.settle(&mut x);
        (prediction_error(self.layout(), &start[..n], &x) <= options.max_prediction_error)
            .then_some(PathPoint { logits: x, share: options.until })
    }
}

/// Whether a correction is too long, or not a number.
fn too_long(size: f64) -> bool {
    size.is_nan() || size > LONGEST_CORRECTION
}

/// The change of probabilities as logits change.
fn rate_of_play(play: &[f64], change: &[f64], rate: &mut [f64]) {
    let mean = dot(play, change);
    for ((rate, p), d) in rate.iter_mut().zip(play).zip(change) {
        *rate = p * (d - mean);
    }
}
