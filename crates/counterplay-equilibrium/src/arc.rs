//! Following a branch by pseudo-arc-length steps with Newton's method (Allgower and Georg 1990), around turns.
//!
//! The length of an arc is that of the change of play, in the metric of Fisher's information, and of the change of the
//! logarithm of the precisions,
//! $$ \|(dz, dt)\|^2 = \sum_I \sum_{a \in I} \pi_a \Bigl(d\zeta_a - \sum_{b \in I} \pi_b\, d\zeta_b\Bigr)^2 + (dt / t)^2,
//!    \qquad d\zeta = dz - z\, dt / t. $$
//! Logits that grow with the precisions because payoffs stay as they are add nothing to it, nor do those of actions that
//! are hardly played. By the length of the logits a sharp turn at a high precision would be one by half a circle.

use counterplay_math::cbrt;

use crate::anderson::dot;
use crate::branch::{AIM_CORRECTION as AIM, Course, FIRST_STEP, SHORTEST_STEP, Spot};
use crate::newton::{QUICK, ROUNDING, STILL, largest};
use crate::qre::Solver;
use crate::sweep::softmax;

/// How near to the branch the points on the way are kept at a turn, in logits: the branch may come close to itself.
const BETWEEN_ARCS: f64 = 1e-4;

/// The length of the first arc, of the shortest, and of the longest.
const FIRST_ARC: f64 = 0.1;
const SHORTEST_ARC: f64 = 1e-5;
const LONGEST_ARC: f64 = 4.0;

/// The cosine between the tangents at both ends of an arc above which the next may be longer, and below which it
/// is taken again in shorter ones.
const STRAIGHT: f64 = 0.94;
const BENT: f64 = 0.85;

/// How many corrections an arc may take before it is taken shorter, and how many of them with a new Jacobian.
const MAX_CORRECTIONS: usize = 12;
const MAX_FACTORISATIONS: usize = 3;

/// A correction, in logits, that may be followed by a longer one: it is so near that the next one but one is short.
pub(crate) const SHORT: f64 = 0.5;

/// A correction, in logits, after which the point counts as on the branch.
pub(crate) const NEAR: f64 = 5e-3;

/// A correction, in logits, that is taken with the Jacobian of the arc before.
const CHORD: f64 = 0.05;

/// The prediction is bent along the last arc unless the tangents differ by more than this cosine, or the next arc is
/// longer than the last by more than this factor.
const LEAST_SLANT: f64 = 0.5;
const FURTHEST: f64 = 3.0;

/// After so many arcs that rise smoothly, steps of the precisions are gone back to.
const SMOOTH: usize = 2;

/// How much longer the next arc may be, by the number of Jacobians that the corrections took.
const GROWTH: [f64; MAX_FACTORISATIONS + 1] = [3.0, 2.0, 1.2, 0.8];

/// Whether the precisions rise or fall at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Up,
    Down,
}

/// How following the branch around a turn ended.
pub(crate) enum Turn {
    /// Past it: the branch rises again, and this is the point before the last one.
    Smooth(Spot),
    /// At the end of the course, or near.
    Crossed,
    /// Where the visitor said so.
    Stopped,
    /// Where no arc led further; the point before the last one, if the branch rose from there.
    Lost(Option<Spot>),
}

/// The metric at a point of a branch.
struct Metric {
    play: Vec<f64>,
    /// The logits over the share.
    slope: Vec<f64>,
    share: f64,
}

/// The end of the branch as far as it was followed.
struct Front {
    spot: Spot,
    /// The unit tangent, and it lowered.
    tangent: Vec<f64>,
    border: Vec<f64>,
    /// The point before, and the tangent there.
    before: Option<(Spot, Vec<f64>)>,
}

/// An arc: where it ends, and how much longer the next may be.
struct Arc {
    front: Front,
    growth: f64,
}

impl Front {
    /// The point that lies ahead by so much in the direction of the tangent, by the cubic through the last two points and
    /// along the tangents there.
    fn ahead(&self, length: f64) -> Vec<f64> {
        let here = || self.spot.logits.iter().chain([&self.spot.share]);
        let straight = || here().zip(&self.tangent).map(|(x, t)| x + length * t);
        let Some((before, old)) = &self.before else { return straight().collect() };
        let there = || before.logits.iter().chain([&before.share]);
        let back: f64 = self.border.iter().zip(here().zip(there())).map(|(b, (x, y))| b * (x - y)).sum();
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
        let bends =
            here().zip(&self.tangent).zip(there().zip(old)).map(|((x, t), (y, u))| curve(*x, *t, *y, *u));
        straight().zip(bends).map(|(x, bend)| x + bend).collect()
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

    /// The unit tangent of the branch at the point of the last sweep, turned the same way as `before`, or upwards, with
    /// its lowered vector. Factors of the Jacobian are left for that point, where the game allows elimination.
    fn tangent_at(
        &mut self,
        precisions: &[f64],
        at: &Spot,
        before: Option<&[f64]>,
    ) -> Option<(Vec<f64>, Vec<f64>)> {
        let n = self.layout.actions;
        let metric = self.metric(at);
        let mut upward = vec![0.0; n + 1];
        upward[n] = 1.0;
        let border = before.map_or_else(|| upward.clone(), |b| self.lowered(&metric, b));
        let scaled: Vec<f64> = precisions.iter().map(|l| l * at.share).collect();
        let mut tangent = if self.layout.plan().is_some() {
            self.factorise(&scaled, &at.logits)?;
            self.slope = self.slope(&scaled, precisions);
            let mut tangent = self.slope.clone();
            tangent.push(1.0);
            if dot(&border, &tangent) < 0.0 {
                for x in &mut tangent {
                    *x = -*x;
                }
            }
            tangent
        } else {
            let (tangent, residual) = self.solve_bordered(&scaled, precisions, &border, &upward, 1e-3)?;
            (residual <= 1e-3).then_some(tangent)?
        };
        let lowered = self.lowered(&metric, &tangent);
        let length = dot(&lowered, &tangent).sqrt();
        for x in &mut tangent {
            *x /= length;
        }
        (length.is_finite() && length > 0.0).then(|| (tangent, lowered.iter().map(|x| x / length).collect()))
    }

    /// Follows the branch by pseudo-arc-length steps, at first the `way` given: until it rises smoothly again, where steps of the precisions are
    /// quicker, or to the end.
    pub(crate) fn turn(&mut self, course: &mut Course<'_>, at: &mut Spot, way: Way) -> Turn {
        let n = self.layout.actions;
        // Below the share at which logits are about one, the share itself counts and not its logarithm.
        self.respond(course.precisions, &at.logits);
        self.least_share = 1.0 / largest(&self.sweep.response).max(1.0);
        let Some(mut front) = self.front(course, at, way) else {
            return Turn::Lost(None);
        };
        // What did not lead anywhere is not tried again soon.
        let (mut length, mut ceiling, mut smooth) = (FIRST_ARC, LONGEST_ARC, 0);
        let (mut highest, mut turned) = (at.share, false);
        loop {
            if self.sweeps > self.settings.max_sweeps {
                *at = front.spot;
                return Turn::Lost(None);
            }
            let longest = course.max_growth * (front.spot.share + FIRST_STEP) / front.tangent[n].abs();
            length = length.min(longest).min(ceiling);
            let Some(arc) = self.arc(course, &front, length) else {
                ceiling = 0.7 * length;
                length /= 3.0;
                if length < SHORTEST_ARC {
                    *at = front.spot;
                    let rose = |before: &(Spot, Vec<f64>)| before.0.share < at.share;
                    return Turn::Lost(front.before.filter(rose).map(|b| b.0));
                }
                self.return_to(course, &front);
                smooth = 0;
                continue;
            };
            let (from, next) = (&front.spot, &arc.front.spot);
            if next.share >= course.until {
                let part = (course.until - from.share) / (next.share - from.share);
                at.logits = from.logits.iter().zip(&next.logits).map(|(a, b)| a + part * (b - a)).collect();
                at.share = course.until;
                return Turn::Crossed;
            }
            length *= arc.growth;
            ceiling = f64::min(1.5 * ceiling, LONGEST_ARC);
            let rising = arc.front.tangent[n] > 0.0;
            if (course.visit)(self, next, rising).is_none() {
                *at = next.clone();
                return Turn::Stopped;
            }
            let rose = next.share - from.share > SHORTEST_STEP * f64::max(1.0, from.share);
            // Without Newton's method, steps of the precisions would fail where they failed before, but past a turn.
            turned |= !rising;
            let past = course.newton || (turned && next.share > highest);
            highest = f64::max(highest, next.share);
            smooth = if past && rose && rising && arc.growth > 1.0 { smooth + 1 } else { 0 };
            let before = std::mem::replace(&mut front, arc.front).spot;
            if smooth == if course.newton { SMOOTH } else { 1 } {
                *at = front.spot;
                return Turn::Smooth(before);
            }
        }
    }

    /// Where to follow the branch from.
    fn front(&mut self, course: &Course<'_>, at: &Spot, way: Way) -> Option<Front> {
        self.respond(&course.scaled(at.share), &at.logits);
        let (mut tangent, mut border) = self.tangent_at(course.precisions, at, None)?;
        if way == Way::Down {
            tangent.iter_mut().chain(&mut border).for_each(|x| *x = -*x);
        }
        Some(Front { spot: at.clone(), tangent, border, before: None })
    }

    /// Makes the factors those of the front again, after arcs that led nowhere.
    fn return_to(&mut self, course: &Course<'_>, front: &Front) {
        self.respond(&course.scaled(front.spot.share), &front.spot.logits);
        if self.layout.plan().is_some() {
            self.tangent_at(course.precisions, &front.spot, Some(&front.tangent));
        }
    }

    /// One arc; none where the corrections do not converge, or the branch bends so much that they may have led to
    /// another part of it. The first corrections use the factors left at its beginning.
    fn arc(&mut self, course: &Course<'_>, from: &Front, length: f64) -> Option<Arc> {
        let n = self.layout.actions;
        let tangent = &from.tangent;
        let start = from.ahead(length);
        if start[n] <= 0.0 {
            return None;
        }
        let mut x = start.clone();
        let (factorised, correction) = self.settle_on_branch(course, &mut x, &start, &from.border)?;
        let share = x.pop()?;
        let spot = Spot { logits: x, share };
        let surprise = self.surprise(&start[..n], &spot.logits);
        if share <= 0.0 || surprise > course.max_surprise {
            return None;
        }
        let (next, border) = self.tangent_at(course.precisions, &spot, Some(tangent))?;
        // By the metric at the end of the arc.
        let cosine = dot(&border, tangent) / self.length(&spot, tangent);
        // Both grow as the square of the length.
        let by_surprise = 0.5 * course.max_surprise / surprise;
        let by_angle = (1.0 - STRAIGHT) / (1.0 - cosine).max(1e-9);
        // The error of the prediction grows with a higher power.
        let by_correction = cbrt(AIM / correction);
        let growth = by_surprise.min(by_angle).sqrt().min(by_correction).clamp(0.3, GROWTH[factorised]);
        let before = Some((from.spot.clone(), tangent.clone()));
        (cosine > BENT).then_some(Arc { front: Front { spot, tangent: next, border, before }, growth })
    }

    /// Corrects a point onto the branch, across the direction whose lowered vector is `border`; how often the Jacobian
    /// was factorised for that.
    fn settle_on_branch(
        &mut self,
        course: &Course<'_>,
        x: &mut [f64],
        start: &[f64],
        border: &[f64],
    ) -> Option<(usize, f64)> {
        let n = self.layout.actions;
        let by_elimination = self.layout.plan().is_some();
        let (mut last, mut factorised, mut first) = (CHORD / QUICK, 0, 0.0);
        for _ in 0..MAX_CORRECTIONS {
            let scaled = course.scaled(x[n]);
            let (mut rhs, residual) = if by_elimination {
                self.missing_at_once(&scaled, &x[..n])
            } else {
                let residual = self.respond(&scaled, &x[..n]);
                (self.missing(&x[..n]), residual)
            };
            if residual <= self.tolerance(&x[..n]).max(BETWEEN_ARCS) {
                return Some((factorised, first));
            }
            if !residual.is_finite() {
                return None;
            }
            rhs.push(border.iter().zip(start.iter().zip(x.iter())).map(|(d, (s, x))| d * (s - x)).sum());
            let (mut step, mut size) = if by_elimination {
                self.across(border, &rhs)
            } else {
                let step = self.solve_bordered(&scaled, course.precisions, border, &rhs, 1e-2)?.0;
                let size = largest(&step[..n]);
                (step, size)
            };
            if by_elimination && size > NEAR && size > QUICK * last {
                if factorised == MAX_FACTORISATIONS {
                    return None;
                }
                factorised += 1;
                self.factorise(&scaled, &x[..n])?;
                self.slope = self.slope(&scaled, course.precisions);
                (step, size) = self.across(border, &rhs);
            }
            if size > last.max(SHORT) {
                return None;
            }
            let still = by_elimination && size < ROUNDING && size > STILL * last;
            first = f64::max(first, size);
            last = size;
            x.iter_mut().zip(step).for_each(|(x, d)| *x += d);
            if still || by_elimination && size < NEAR {
                let (_, residual) = self.missing_at_once(&course.scaled(x[n]), &x[..n]);
                return residual.is_finite().then_some((factorised, first));
            }
        }
        None
    }

    /// The solution of the bordered system by the last factors of its larger block; and its size, in logits, but for what
    /// moves the point along the branch.
    fn across(&mut self, border: &[f64], rhs: &[f64]) -> (Vec<f64>, f64) {
        let n = self.layout.actions;
        let mut step = self.eliminated(&rhs[..n]);
        let share = (rhs[n] - dot(&border[..n], &step)) / (border[n] + dot(&border[..n], &self.slope));
        let still = largest(&step);
        step.iter_mut().zip(&self.slope).for_each(|(x, s)| *x += share * s);
        let size = still.min(largest(&step));
        step.push(share);
        (step, size)
    }

    /// The length of a vector by the metric at a spot.
    fn length(&self, spot: &Spot, x: &[f64]) -> f64 {
        dot(&self.lowered(&self.metric(spot), x), x).sqrt()
    }
}
