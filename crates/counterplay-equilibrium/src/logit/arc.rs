//! One step along a branch: a pseudo-arc-length step with Newton's method (Allgower and Georg 1990), and the checks that it
//! stayed on the branch.
//!
//! The length of an arc is that of the change of play, in the metric of Fisher's information, and of the change of the
//! logarithm of the precisions,
//! $$ \|(dz, dt)\|^2 = \sum_I \sum_{a \in I} \pi_a \Bigl(d\zeta_a - \sum_{b \in I} \pi_b\, d\zeta_b\Bigr)^2 + (dt / t)^2,
//!    \qquad d\zeta = dz - z\, dt / t. $$
//! Logits that grow with the precisions because payoffs stay as they are add nothing to it, nor do those of actions that
//! are hardly played. By the length of the logits a sharp turn at a high precision would be one by half a circle.
//!
//! That a point solves the equations does not say that it is on the branch. So an arc is taken again shorter unless
//!
//! - the corrections are short: each below half a logit, all together a small part of the length of the arc, and no
//!   probability further from its prediction than the settings allow;
//! - the tangents at both ends point the same way, and their mean leads from one end to the other;
//! - the *orientation*, the sign of the determinant of the Jacobian times that of the change of the precisions, is the same at both
//!   ends. It stays along a smooth branch, turns included, and the branch that passes between two arms of an imperfect
//!   pitchfork has the other one.
//!
//! Two changes of the orientation cancel. So an arc is no longer than its ends are regular: near a point where the
//! Jacobian, bordered by the tangent, is singular, arcs get ever shorter.
//!
//! Where the orientation changes along an arc that cannot be made shorter, another branch crosses there.

use counterplay_math::cbrt;

use crate::logit::Solver;
use crate::logit::branch::{Course, Spot};
use crate::logit::newton::{QUICK, largest};
use crate::logit::sweep::softmax;
use crate::numeric::anderson::{dot, norm};

/// The cosine between the tangents at both ends of an arc at which arcs aim, and below which one is taken again shorter.
const STRAIGHT: f64 = 0.96;
const BENT: f64 = 0.9;

/// The share of an arc's length that its end may be away from its prediction.
const STRAY: f64 = 0.15;

/// How far a probability may be from where the mean of the tangents leads: a share of the arc's length, and at most.
const MEAN_STRAY: f64 = 0.05;
const MEAN_STRAY_MOST: f64 = 0.02;

/// How many corrections an arc may take before it is taken shorter, and how many of them with a new Jacobian.
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

/// The prediction is bent along the last arc unless the tangents differ by more than this cosine, or the next arc is
/// longer than the last by more than this factor.
const LEAST_SLANT: f64 = 0.5;
const FURTHEST: f64 = 3.0;

/// How much further than its last correction a point may be from the branch where rounding allows no better.
const NOISE_SHARE: f64 = 10.0;

/// Steps of this make a sequence without a pattern: the fractional part of the golden ratio.
const GOLDEN: f64 = 0.618_033_988_749_894_9;

/// How much longer the next arc may be, by the number of Jacobians that the corrections took.
const GROWTH: [f64; MAX_FACTORISATIONS + 1] = [3.0, 2.0, 1.2, 0.8];

/// The metric at a point of a branch.
struct Metric {
    play: Vec<f64>,
    /// The logits over the share.
    slope: Vec<f64>,
    share: f64,
}

/// The end of the branch as far as it was followed.
#[derive(Clone, Debug)]
pub(crate) struct Front {
    pub(crate) spot: Spot,
    /// The unit tangent: of the logits, and last of the share.
    tangent: Vec<f64>,
    /// The vector whose plain inner product with another is that of the tangent in the metric.
    border: Vec<f64>,
    /// Whether the determinant of the Jacobian is positive and the share rises, or neither; unknown in large games whose
    /// Jacobian cannot be factorised.
    orientation: Option<bool>,
    /// How far the bordered Jacobian is from a singular one, in logits; see [`Solver::distance_from_singular`].
    pub(crate) regularity: f64,
    /// The point before, and the tangent there.
    before: Option<(Spot, Vec<f64>)>,
}

/// An arc: where it ends, how much longer the next may be, and whether the orientation changes on the way.
pub(crate) struct Arc {
    pub(crate) front: Front,
    pub(crate) growth: f64,
    pub(crate) flips: bool,
}

impl Front {
    /// Whether the share rises along the branch here.
    pub(crate) fn rises(&self) -> bool {
        self.share_rate() > 0.0
    }

    /// The change of the share per length of arc.
    pub(crate) fn share_rate(&self) -> f64 {
        self.tangent[self.spot.logits.len()]
    }

    /// Whether the branch rises here, oriented as the principal branch is, and is at least this far from singular.
    pub(crate) fn is_smooth(&self, regularity: f64) -> bool {
        self.rises() && self.orientation == Some(true) && self.regularity >= regularity
    }

    /// The point before and this one, if the share rises from one to the other.
    pub(crate) fn last_two(&self) -> Option<Vec<Spot>> {
        let (before, _) = self.before.as_ref()?;
        (before.share < self.spot.share).then(|| vec![before.clone(), self.spot.clone()])
    }

    /// The change of a logit per length of arc.
    pub(crate) fn logit_rate(&self, action: usize) -> f64 {
        self.tangent[action]
    }

    fn whole(&self) -> impl Iterator<Item = f64> {
        self.spot.logits.iter().copied().chain([self.spot.share])
    }

    /// The point that lies ahead by this much in the direction of the tangent, by the cubic through the last two points and
    /// along the tangents there.
    fn ahead(&self, length: f64) -> Vec<f64> {
        let straight = || self.whole().zip(&self.tangent).map(|(x, t)| x + length * t);
        let Some((before, old)) = &self.before else { return straight().collect() };
        let there = || before.logits.iter().chain([&before.share]);
        let back: f64 =
            self.border.iter().zip(self.whole().zip(there())).map(|(b, (x, y))| b * (x - y)).sum();
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
            .whole()
            .zip(&self.tangent)
            .zip(there().zip(old))
            .map(|((x, t), (y, u))| curve(x, *t, *y, *u));
        straight().zip(bends).map(|(x, bend)| x + bend).collect()
    }

    /// The cubic between two ends of an arc along the tangents there, at a part of the way.
    pub(crate) fn between(&self, next: &Self, part: f64) -> Vec<f64> {
        let length: f64 =
            self.border.iter().zip(self.whole().zip(next.whole())).map(|(b, (x, y))| b * (y - x)).sum();
        let s = part;
        let (h00, h10) = ((1.0 + 2.0 * s) * (1.0 - s).powi(2), s * (1.0 - s).powi(2));
        let (h01, h11) = (s * s * (3.0 - 2.0 * s), s * s * (s - 1.0));
        let tangents = self.tangent.iter().zip(&next.tangent);
        self.whole()
            .zip(next.whole())
            .zip(tangents)
            .map(|((x, y), (t, u))| h00 * x + h10 * length * t + h01 * y + h11 * length * u)
            .collect()
    }
}

impl Solver {
    fn metric(&self, spot: &Spot) -> Metric {
        let mut play = vec![0.0; spot.logits.len()];
        softmax(&self.layout, &spot.logits, &mut play);
        let share = spot.share.max(self.least_share);
        let slope = spot.logits.iter().map(|z| z / share).collect();
        Metric { play, slope, share }
    }

    /// The vector whose plain inner product with another is theirs in the metric.
    fn lowered(&self, metric: &Metric, x: &[f64]) -> Vec<f64> {
        let n = self.layout.actions;
        let mut lowered = vec![0.0; n + 1];
        let mut last = x[n] / (metric.share * metric.share);
        for set in &self.layout.sets {
            let (play, slope) = (&metric.play[set.actions()], &metric.slope[set.actions()]);
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

    /// Where to follow the branch from: upwards, or else downwards.
    pub(crate) fn front(&mut self, precisions: &[f64], at: &Spot, upwards: bool) -> Option<Front> {
        self.respond(&scaled(precisions, at.share), &at.logits);
        let mut front = self.front_at(precisions, at.clone(), None)?;
        if !upwards {
            front.tangent.iter_mut().chain(&mut front.border).for_each(|x| *x = -*x);
            front.orientation = front.orientation.map(|o| !o);
        }
        Some(front)
    }

    /// The front at the point of the last sweep, with the unit tangent turned the same way as that `before`, or upwards.
    /// Factors of the Jacobian are left for that point, where they can be made.
    fn front_at(&mut self, precisions: &[f64], at: Spot, before: Option<&[f64]>) -> Option<Front> {
        let n = self.layout.actions;
        let metric = self.metric(&at);
        let mut upward = vec![0.0; n + 1];
        upward[n] = 1.0;
        let towards = before.map_or_else(|| upward.clone(), |b| self.lowered(&metric, b));
        let scaled = scaled(precisions, at.share);
        let (mut tangent, positive) = if self.has_factors() {
            let positive = self.linearise(&scaled, &at.logits)?;
            self.slope = self.slope(&scaled, precisions);
            let mut tangent = self.slope.clone();
            tangent.push(1.0);
            if dot(&towards, &tangent) < 0.0 {
                for x in &mut tangent {
                    *x = -*x;
                }
            }
            (tangent, Some(positive))
        } else {
            let (tangent, residual) = self.solve_bordered(&scaled, precisions, &towards, &upward, 1e-3)?;
            ((residual <= 1e-3).then_some(tangent)?, None)
        };
        let lowered = self.lowered(&metric, &tangent);
        let length = dot(&lowered, &tangent).sqrt();
        if !(length.is_finite() && length > 0.0) {
            return None;
        }
        for x in &mut tangent {
            *x /= length;
        }
        let border = lowered.iter().map(|x| x / length).collect();
        let orientation = positive.map(|p| p == (tangent[n] > 0.0));
        let mut front = Front { spot: at, tangent, border, orientation, regularity: 1.0, before: None };
        front.regularity = self.distance_from_singular(precisions, &front)?;
        Some(front)
    }

    /// About the smallest change of the Jacobian, bordered by the tangent, that makes it singular: one over the norm of its
    /// inverse, by two steps of inverse iteration from where that of the point before ended. It is zero where branches cross,
    /// and small where they nearly do; at a turn it is not.
    fn distance_from_singular(&mut self, precisions: &[f64], front: &Front) -> Option<f64> {
        if !self.has_factors() {
            return Some(1.0);
        }
        let n = self.layout.actions;
        let (scaled, share) = (scaled(precisions, front.spot.share), front.spot.share.max(self.least_share));
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
            let (mut step, _) = self.across(precisions, &scaled, &front.border, &rhs)?;
            step[n] /= share;
            regularity = 1.0 / norm(&step);
            self.probe = step;
        }
        (regularity > 0.0).then_some(regularity)
    }

    /// Makes the factors those of the front again, after arcs that led nowhere.
    pub(crate) fn return_to(&mut self, precisions: &[f64], front: &Front) {
        self.respond(&scaled(precisions, front.spot.share), &front.spot.logits);
        if self.has_factors() {
            self.front_at(precisions, front.spot.clone(), Some(&front.tangent));
        }
    }

    /// One arc; none where it is too long to be sure that it stays on the branch. The first corrections use the factors left
    /// at its beginning.
    pub(crate) fn arc(&mut self, course: &Course<'_>, from: &Front, length: f64) -> Option<Arc> {
        let n = self.layout.actions;
        let start = from.ahead(length);
        if start[n] <= 0.0 {
            return None;
        }
        let mut x = start.clone();
        let (factorised, correction) =
            self.settle_on_branch(course, &mut x, (&start, &from.border), NEAR.min(NEAR_SHARE * length))?;
        let share = x.pop()?;
        let spot = Spot { logits: x, share };
        let surprise = self.surprise(&start[..n], &spot.logits);
        if share <= 0.0 || surprise > course.max_surprise {
            return None;
        }
        let mut strayed: Vec<f64> = spot.logits.iter().zip(&start).map(|(x, s)| x - s).collect();
        strayed.push(share - start[n]);
        let stray = self.length(&from.spot, &strayed).min(self.length(&spot, &strayed));
        if stray > STRAY * length + self.noise {
            return None;
        }
        let mut front = self.front_at(course.precisions, spot, Some(&from.tangent))?;
        // By the metric at the end of the arc.
        let cosine = dot(&front.border, &from.tangent) / self.length(&front.spot, &from.tangent);
        if cosine < BENT || self.mean_stray(from, &front) > (MEAN_STRAY * length).min(MEAN_STRAY_MOST) {
            return None;
        }
        // These grow as the square of the length, the error of the cubic prediction with a higher power.
        let by_surprise = 0.5 * course.max_surprise / surprise;
        let by_angle = (1.0 - STRAIGHT) / (1.0 - cosine).max(1e-9);
        let by_stray = 0.5 * STRAY * length / stray;
        let by_correction = cbrt(AIM_CORRECTION / correction);
        let growth = by_surprise.min(by_angle).min(by_stray).sqrt().min(by_correction);
        let flips = front.orientation.zip(from.orientation).is_some_and(|(a, b)| a != b);
        front.before = Some((from.spot.clone(), from.tangent.clone()));
        Some(Arc { front, growth: growth.clamp(0.3, GROWTH[factorised]), flips })
    }

    /// How far a probability at the end of an arc is from where the mean of the rates of change at both ends leads.
    fn mean_stray(&self, from: &Front, to: &Front) -> f64 {
        let (p, q) = (self.play_of(&from.spot.logits), self.play_of(&to.spot.logits));
        let n = p.len();
        let chord: f64 =
            from.border.iter().zip(from.whole().zip(to.whole())).map(|(b, (x, y))| b * (y - x)).sum();
        let back: f64 =
            to.border.iter().zip(from.whole().zip(to.whole())).map(|(b, (x, y))| b * (y - x)).sum();
        let (mut rate, mut other) = (vec![0.0; n], vec![0.0; n]);
        for set in &self.layout.sets {
            let r = set.actions();
            rate_of_play(&p[r.clone()], &from.tangent[r.clone()], &mut rate[r.clone()]);
            rate_of_play(&q[r.clone()], &to.tangent[r.clone()], &mut other[r]);
        }
        let of =
            |((p, q), (r, o)): ((&f64, &f64), (&f64, &f64))| (q - p - 0.5 * (chord * r + back * o)).abs();
        p.iter().zip(&q).zip(rate.iter().zip(&other)).map(of).fold(0.0, f64::max)
    }

    fn play_of(&self, logits: &[f64]) -> Vec<f64> {
        let mut play = vec![0.0; logits.len()];
        softmax(&self.layout, logits, &mut play);
        play
    }

    /// Corrects a point onto the branch, as `near` as that, across the direction whose lowered vector is `border`; how often the
    /// Jacobian was factorised for that, and the largest correction.
    fn settle_on_branch(
        &mut self,
        course: &Course<'_>,
        x: &mut [f64],
        (start, border): (&[f64], &[f64]),
        near: f64,
    ) -> Option<(usize, f64)> {
        let n = self.layout.actions;
        let (mut last, mut factorised, mut largest_one, mut fresh) = (f64::INFINITY, 0, 0.0, false);
        for count in 0..MAX_CORRECTIONS {
            let scaled = scaled(course.precisions, x[n]);
            let (mut rhs, residual) = self.missing_at_once(&scaled, &x[..n]);
            if !residual.is_finite() {
                return None;
            }
            rhs.push(border.iter().zip(start.iter().zip(x.iter())).map(|(d, (s, x))| d * (s - x)).sum());
            let (mut step, mut size) = self.across(course.precisions, &scaled, border, &rhs)?;
            let slow = if count == 0 { size > CHORD } else { size > QUICK * last };
            // Where a step with the Jacobian of this very neighbourhood is no shorter than the last, rounding speaks.
            let noisy = fresh && size <= NOISE && size > 0.5 * last;
            fresh = false;
            if self.has_factors() && slow && size > near && !noisy {
                if factorised == MAX_FACTORISATIONS {
                    return None;
                }
                factorised += 1;
                fresh = true;
                self.linearise(&scaled, &x[..n])?;
                self.slope = self.slope(&scaled, course.precisions);
                (step, size) = self.across(course.precisions, &scaled, border, &rhs)?;
            }
            if too_long(size) || (count > 0 && size > last.max(NOISE)) {
                return None;
            }
            largest_one = f64::max(largest_one, size);
            x.iter_mut().zip(step).for_each(|(x, d)| *x += d);
            let rate = if count == 0 { 1.0 } else { (size / last).min(1.0) };
            if size * rate <= near * (1.0 - rate) || noisy {
                self.noise = if noisy { self.noise.max(NOISE_SHARE * size) } else { self.noise };
                let (_, residual) = self.missing_at_once(&self::scaled(course.precisions, x[n]), &x[..n]);
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
        let n = self.layout.actions;
        if !self.has_factors() {
            let step = self.solve_bordered(scaled, precisions, border, rhs, 1e-2)?.0;
            let size = largest(&step[..n]);
            return Some((step, size));
        }
        let mut step = self.solve_linear(&rhs[..n]);
        let share = (rhs[n] - dot(&border[..n], &step)) / (border[n] + dot(&border[..n], &self.slope));
        let still = largest(&step);
        step.iter_mut().zip(&self.slope).for_each(|(x, s)| *x += share * s);
        let size = still.min(largest(&step));
        step.push(share);
        Some((step, size))
    }

    /// The length of a vector by the metric at a spot.
    fn length(&self, spot: &Spot, x: &[f64]) -> f64 {
        dot(&self.lowered(&self.metric(spot), x), x).max(0.0).sqrt()
    }

    /// Lands between two points of the branch at a share: from a point of the cubic through them by Newton's method with the precisions
    /// held, so that the orientation stays and play is near to the cubic's.
    pub(crate) fn land(&mut self, course: &Course<'_>, from: &Front, to: &Front, part: f64) -> Option<Spot> {
        let n = self.layout.actions;
        let start = from.between(to, part);
        let scaled = scaled(course.precisions, course.until);
        let mut x = start[..n].to_vec();
        let mut last = f64::INFINITY;
        for _ in 0..MAX_CORRECTIONS {
            let (missing, residual) = self.missing_at_once(&scaled, &x);
            let enough = self.tolerance(&x);
            if residual <= enough {
                break;
            }
            let (step, positive) = if self.has_factors() {
                let positive = self.linearise(&scaled, &x)?;
                (self.solve_linear(&missing), Some(positive))
            } else {
                (self.newton_step(&scaled, &x), None)
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
        self.respond(&scaled, &x);
        self.settle(&mut x);
        (self.surprise(&start[..n], &x) <= course.max_surprise)
            .then_some(Spot { logits: x, share: course.until })
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

/// The precisions at a share of those given.
pub(crate) fn scaled(precisions: &[f64], share: f64) -> Vec<f64> {
    precisions.iter().map(|l| l * share).collect()
}
