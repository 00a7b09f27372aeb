//! Following a branch by pseudo-arc-length steps with Newton's method (Allgower and Georg 1990), around turns.
//!
//! The length of an arc is that of the change of play, in the metric of Fisher's information, and of the change of the
//! logarithm of the precisions,
//! $$ \|(dz, dt)\|^2 = \sum_I \sum_{a \in I} \pi_a \Bigl(d\zeta_a - \sum_{b \in I} \pi_b\, d\zeta_b\Bigr)^2 + (dt / t)^2,
//!    \qquad d\zeta = dz - z\, dt / t. $$
//! Logits that grow with the precisions because payoffs stay as they are add nothing to it, nor do those of actions that
//! are hardly played. By the length of the logits a sharp turn at a high precision would be one by half a circle.

use crate::anderson::dot;
use crate::branch::{Course, FIRST_STEP, SHORTEST_STEP, Spot};
use crate::newton::{QUICK, largest};
use crate::qre::{Solver, Status};
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
const NEAR: f64 = 1e-3;

/// How much longer the next arc may be, by the number of Jacobians that the corrections took.
const GROWTH: [f64; MAX_FACTORISATIONS + 1] = [3.0, 2.0, 1.2, 0.8];

/// How following the branch around a turn ended.
pub(crate) enum Turn {
    /// Past it: the branch rises again, and this is the point before the last one.
    Smooth(Spot),
    /// At the end of the course, or near.
    Crossed,
    /// Where the visitor said so.
    Stopped,
    /// Without getting further.
    Ended(Status),
}

/// The metric at a point of a branch.
struct Metric {
    play: Vec<f64>,
    /// The logits over the share.
    slope: Vec<f64>,
    share: f64,
}

/// An arc: where it ends, the tangent there, that lowered, and how much longer the next may be.
struct Arc {
    end: Spot,
    tangent: Vec<f64>,
    border: Vec<f64>,
    growth: f64,
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

    /// Follows the branch by pseudo-arc-length steps: until it rises smoothly again after a turn, where steps of the
    /// precisions are quicker, or to the end.
    pub(crate) fn turn(&mut self, course: &mut Course<'_>, at: &mut Spot, to_the_end: bool) -> Turn {
        let n = self.layout.actions;
        let (mut highest, mut turned) = (at.share, false);
        let mut spot = at.clone();
        // Below the share at which logits are about one, the share itself counts and not its logarithm.
        self.respond(course.precisions, &at.logits);
        self.least_share = 1.0 / largest(&self.sweep.response).max(1.0);
        self.respond(&course.scaled(at.share), &at.logits);
        let Some((mut tangent, mut border)) = self.tangent_at(course.precisions, &spot, None) else {
            return Turn::Ended(Status::Stuck { reached: at.share });
        };
        // What did not lead anywhere is not tried again soon.
        let (mut length, mut ceiling) = (FIRST_ARC, LONGEST_ARC);
        loop {
            if self.sweeps > self.settings.max_sweeps {
                *at = spot;
                return Turn::Ended(Status::OutOfBudget { reached: at.share });
            }
            let longest = course.max_growth * (spot.share + FIRST_STEP) / tangent[n].abs();
            length = length.min(longest).min(ceiling);
            let Some(arc) = self.arc(course, &spot, (&tangent, &border), length) else {
                ceiling = 0.7 * length;
                length /= 3.0;
                if length < SHORTEST_ARC {
                    *at = spot;
                    return Turn::Ended(Status::Stuck { reached: at.share });
                }
                self.respond(&course.scaled(spot.share), &spot.logits);
                if self.layout.plan().is_some() {
                    self.tangent_at(course.precisions, &spot, Some(&tangent));
                }
                continue;
            };
            let next = arc.end;
            if next.share >= course.until {
                let part = (course.until - spot.share) / (next.share - spot.share);
                at.logits = spot.logits.iter().zip(&next.logits).map(|(a, b)| a + part * (b - a)).collect();
                at.share = course.until;
                return Turn::Crossed;
            }
            turned |= arc.tangent[n] < 0.0;
            length *= arc.growth;
            ceiling = f64::min(1.15 * ceiling, LONGEST_ARC);
            let past = next.share > highest;
            highest = f64::max(highest, next.share);
            let rose = next.share - spot.share > SHORTEST_STEP * f64::max(1.0, spot.share);
            let rising = arc.tangent[n] > 0.0;
            if (course.visit)(self, &next, rising) {
                *at = next;
                return Turn::Stopped;
            }
            if !to_the_end && turned && past && arc.growth > 1.0 && rose && rising {
                *at = next;
                return Turn::Smooth(spot);
            }
            (spot, tangent, border) = (next, arc.tangent, arc.border);
        }
    }

    /// One arc; none where the corrections do not converge, or the branch bends so much that they may have led to
    /// another part of it. The first corrections use the factors left at its beginning.
    fn arc(
        &mut self,
        course: &Course<'_>,
        from: &Spot,
        (tangent, border): (&[f64], &[f64]),
        length: f64,
    ) -> Option<Arc> {
        let n = self.layout.actions;
        let start: Vec<f64> =
            from.logits.iter().chain([&from.share]).zip(tangent).map(|(x, d)| x + length * d).collect();
        if start[n] <= 0.0 {
            return None;
        }
        let mut x = start.clone();
        let factorised = self.settle_on_branch(course, &mut x, &start, border)?;
        let share = x.pop()?;
        let end = Spot { logits: x, share };
        let surprise = self.surprise(&start[..n], &end.logits);
        if share <= 0.0 || surprise > course.max_surprise {
            return None;
        }
        let (next, next_border) = self.tangent_at(course.precisions, &end, Some(tangent))?;
        // By the metric at the end of the arc.
        let cosine = dot(&next_border, tangent) / self.length(&end, tangent);
        // Both grow as the square of the length.
        let by_surprise = 0.5 * course.max_surprise / surprise;
        let by_angle = (1.0 - STRAIGHT) / (1.0 - cosine).max(1e-9);
        let growth = by_surprise.min(by_angle).sqrt().clamp(0.3, GROWTH[factorised]);
        (cosine > BENT).then_some(Arc { end, tangent: next, border: next_border, growth })
    }

    /// Corrects a point onto the branch, across the direction whose lowered vector is `border`; how often the Jacobian
    /// was factorised for that.
    fn settle_on_branch(
        &mut self,
        course: &Course<'_>,
        x: &mut [f64],
        start: &[f64],
        border: &[f64],
    ) -> Option<usize> {
        let n = self.layout.actions;
        let by_elimination = self.layout.plan().is_some();
        let (mut last, mut factorised) = (f64::INFINITY, 0);
        for _ in 0..MAX_CORRECTIONS {
            let scaled = course.scaled(x[n]);
            let residual = self.respond(&scaled, &x[..n]);
            if residual <= self.tolerance(&x[..n]).max(BETWEEN_ARCS) {
                return Some(factorised);
            }
            if !residual.is_finite() {
                return None;
            }
            let mut rhs = self.missing(&x[..n]);
            rhs.push(border.iter().zip(start.iter().zip(x.iter())).map(|(d, (s, x))| d * (s - x)).sum());
            let (mut step, mut size) = if by_elimination {
                self.across(border, &rhs)
            } else {
                let step = self.solve_bordered(&scaled, course.precisions, border, &rhs, 1e-2)?.0;
                let size = largest(&step[..n]);
                (step, size)
            };
            // Near the branch, corrections with an old Jacobian are cheaper than a new one.
            let slow = if size < SHORT { 0.8 } else { QUICK };
            if by_elimination && size > slow * last {
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
            last = size;
            x.iter_mut().zip(step).for_each(|(x, d)| *x += d);
            if by_elimination && size < NEAR {
                let residual = self.respond(&course.scaled(x[n]), &x[..n]);
                return residual.is_finite().then_some(factorised);
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
