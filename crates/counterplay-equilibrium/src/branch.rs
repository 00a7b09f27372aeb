//! Following a branch of logit equilibria while the precisions grow in proportion.
//!
//! Where the branch is smooth, each step is predicted along the secant and corrected by the accelerated iteration
//! (*walk*). Where it turns or the iteration fails, it is followed by pseudo-arc-length steps with Newton's method
//! (*turn*; Allgower and Georg 1990), until it rises past the turn.

use crate::anderson::dot;
use crate::qre::{Solver, Status};
use crate::sweep::softmax;

/// How near to the branch the points on the way are kept at a turn, in logits: the branch may come close to itself.
const BETWEEN_ARCS: f64 = 1e-6;

/// The first step from uniform play, as a share of the precisions.
const FIRST_STEP: f64 = 0.25;

/// A step, as a share of the precisions reached, below which the branch is taken to turn.
const SHORTEST_STEP: f64 = 4e-3;

/// The same for steps that are shortened because they led far from their prediction.
const SHORTEST_NEAR_STEP: f64 = 1e-5;

/// The length of the first pseudo-arc-length step, and of the shortest, relative to the size of the logits.
const FIRST_ARC: f64 = 0.2;
const SHORTEST_ARC: f64 = 1e-9;

/// The cosine between the tangents at both ends of an arc above which the next may be longer, and below which it
/// is taken again in shorter ones.
const STRAIGHT: f64 = 0.94;
const BENT: f64 = 0.85;

/// The tries of a jump: damped sweeps, and their weight. Each starts where the one before ended: what goes round in
/// a circle under one damping comes nearer under a stronger one.
const JUMPS: [(usize, f64); 5] = [(0, 1.0), (50, 0.5), (200, 0.5), (200, 0.2), (400, 0.1)];

/// Corrections after a jump.
const JUMP_CORRECTIONS: usize = 100;

/// Corrections of a step by Newton's method.
const NEWTON_CORRECTIONS: usize = 8;

/// A residual so near to the branch that a correction may make it worse before the next makes it better.
const NEAR: f64 = 1e-2;

/// How many corrections a pseudo-arc-length step may take before it is taken shorter.
const MAX_ARC_CORRECTIONS: usize = 4;

/// A point of the branch: logits, and the share of the precisions.
#[derive(Clone, Debug)]
pub(crate) struct Spot {
    pub(crate) logits: Vec<f64>,
    pub(crate) share: f64,
}

/// Where to, and how.
pub(crate) struct Course<'a> {
    /// The precisions at a share of one.
    pub(crate) precisions: &'a [f64],
    /// The share to reach.
    pub(crate) until: f64,
    /// How near to the branch the points on the way are kept, in logits.
    pub(crate) between: f64,
    /// Whether Newton's method is tried where the accelerated iteration fails, before the step is taken shorter.
    /// It pays where play is nearly sure, and the response to it steep.
    pub(crate) newton: bool,
    /// The largest difference between a probability and its prediction that a step may bring.
    pub(crate) max_surprise: f64,
    /// The longest step, as a share of the share reached.
    pub(crate) max_growth: f64,
    /// Told of every point, and whether the share rises there; ends the course by saying so.
    pub(crate) visit: &'a mut dyn FnMut(&mut Solver, &Spot, bool) -> bool,
}

impl Course<'_> {
    fn scaled(&self, share: f64) -> Vec<f64> {
        self.precisions.iter().map(|l| l * share).collect()
    }
}

/// How following the branch around a turn ended.
enum Turn {
    /// Past it: the branch rises again, and this is the point before the last one.
    Smooth(Spot),
    /// At the end of the course, or near.
    Crossed,
    /// Where the visitor said so.
    Stopped,
    /// Without getting further.
    Ended(Status),
}

impl Solver {
    /// Follows the branch from `at`; tells whether the end of the course was reached, or where it ended else.
    pub(crate) fn follow(&mut self, course: &mut Course<'_>, at: &mut Spot) -> Status {
        let mut before = None;
        loop {
            if self.walk(course, at, before) {
                return Status::Converged;
            }
            match self.turn(course, at) {
                Turn::Smooth(earlier) => before = Some(earlier),
                Turn::Crossed => return self.finish(&course.scaled(course.until), &mut at.logits),
                Turn::Stopped => return Status::Converged,
                Turn::Ended(status) => return status,
            }
        }
    }

    /// Follows the branch by steps of the share of the precisions, as far as they lead; whether to the end.
    fn walk(&mut self, course: &mut Course<'_>, at: &mut Spot, mut before: Option<Spot>) -> bool {
        let mut step = before.as_ref().map_or(FIRST_STEP, |b| 2.0 * (at.share - b.share));
        let mut steep = false;
        while at.share < course.until {
            if self.sweeps > self.settings.max_sweeps {
                return false;
            }
            step = f64::min(step, course.max_growth * (at.share + FIRST_STEP));
            let share = f64::min(course.until, at.share + step);
            let mut next = Spot { logits: predict(before.as_ref(), at, share), share };
            let tolerance = if share < course.until { course.between } else { 0.0 };
            let scaled = course.scaled(share);
            let predicted = next.logits.clone();
            let budget = self.settings.max_corrections;
            let mut found = !steep && self.correct(&scaled, &mut next.logits, tolerance, budget);
            if !found && course.newton {
                next.logits.clone_from(&predicted);
                found = self.newton(&scaled, &mut next.logits, tolerance, NEWTON_CORRECTIONS);
                steep = found;
            }
            let any = course.max_surprise >= 1.0;
            if found && (any || self.surprise(&predicted, &next.logits) <= course.max_surprise) {
                before = Some(std::mem::replace(at, next));
                step *= 2.0;
                if (course.visit)(self, at, true) {
                    return true;
                }
            } else {
                // What was learnt on the way to nowhere would mislead.
                self.anderson.forget();
                step /= 4.0;
                let shortest = if found { SHORTEST_NEAR_STEP } else { SHORTEST_STEP };
                if step < shortest * f64::max(1.0, at.share) {
                    return false;
                }
            }
        }
        true
    }

    /// The largest difference between the probabilities of an action under two vectors of logits.
    fn surprise(&self, predicted: &[f64], found: &[f64]) -> f64 {
        let (mut before, mut after) = (vec![0.0; found.len()], vec![0.0; found.len()]);
        softmax(&self.layout, predicted, &mut before);
        softmax(&self.layout, found, &mut after);
        before.iter().zip(&after).map(|(p, q)| (p - q).abs()).fold(0.0, f64::max)
    }

    /// Follows the branch by pseudo-arc-length steps until it rises smoothly again after a turn, or to the end.
    fn turn(&mut self, course: &mut Course<'_>, at: &mut Spot) -> Turn {
        let n = self.layout.actions;
        let (mut highest, mut turned) = (at.share, false);
        let mut spot = at.clone();
        let Some(mut direction) = self.tangent_at(course.precisions, &spot, None) else {
            return Turn::Ended(Status::Stuck { reached: at.share });
        };
        let scale = spot.logits.iter().fold(1.0, |m: f64, z| m.max(z.abs()));
        let mut length = FIRST_ARC * f64::max(1.0, 0.01 * scale);
        loop {
            if self.sweeps > self.settings.max_sweeps {
                return Turn::Ended(Status::OutOfBudget { reached: spot.share });
            }
            let step = self.arc_step(course.precisions, &spot, &direction, length);
            let Some((next, tangent, corrections)) = step else {
                length /= 4.0;
                if length < SHORTEST_ARC * scale {
                    return Turn::Ended(Status::Stuck { reached: spot.share });
                }
                continue;
            };
            if next.share >= course.until {
                let part = (course.until - spot.share) / (next.share - spot.share);
                at.logits = spot.logits.iter().zip(&next.logits).map(|(a, b)| a + part * (b - a)).collect();
                at.share = course.until;
                return Turn::Crossed;
            }
            turned |= tangent[n] < 0.0;
            let straight = dot(&direction, &tangent) > STRAIGHT;
            if straight && corrections <= 3 {
                length *= 2.0;
            }
            let past = next.share > highest;
            highest = f64::max(highest, next.share);
            let rose = next.share - spot.share > SHORTEST_STEP * f64::max(1.0, spot.share);
            if (course.visit)(self, &next, tangent[n] > 0.0) {
                *at = next;
                return Turn::Stopped;
            }
            if turned && past && straight && rose && tangent[n] > 0.0 {
                *at = next;
                return Turn::Smooth(spot);
            }
            (spot, direction) = (next, tangent);
        }
    }

    /// From where the branch could be followed to, an iteration at the full precisions.
    pub(crate) fn jump(&mut self, precisions: &[f64], at: &mut Spot, ended: Status) -> Status {
        let (Status::OutOfBudget { reached } | Status::Stuck { reached }) = ended else { return ended };
        let mut next = at.logits.clone();
        for (damped, weight) in JUMPS {
            for _ in 0..damped {
                self.respond(precisions, &next);
                for (z, h) in next.iter_mut().zip(&self.sweep.response) {
                    *z += weight * (h - *z);
                }
            }
            self.anderson.forget();
            let mut found = next.clone();
            if self.correct(precisions, &mut found, 0.0, JUMP_CORRECTIONS) {
                at.logits = found;
                return Status::Jumped { at: reached };
            }
        }
        if self.finish(precisions, &mut next) == Status::Converged {
            at.logits = next;
            return Status::Jumped { at: reached };
        }
        ended
    }

    /// One pseudo-arc-length step: the point reached, the tangent there, and the Newton corrections that it took.
    /// None where the corrections do not converge, or the branch bends so much that they may have led to another
    /// part of it.
    fn arc_step(
        &mut self,
        precisions: &[f64],
        from: &Spot,
        direction: &[f64],
        length: f64,
    ) -> Option<(Spot, Vec<f64>, usize)> {
        let n = self.layout.actions;
        let start: Vec<f64> =
            from.logits.iter().chain([&from.share]).zip(direction).map(|(x, d)| x + length * d).collect();
        let mut x = start.clone();
        let mut last = f64::INFINITY;
        for correction in 0..MAX_ARC_CORRECTIONS {
            let scaled: Vec<f64> = precisions.iter().map(|l| l * x[n]).collect();
            let residual = self.respond(&scaled, &x[..n]);
            if residual <= self.tolerance(&x[..n]).max(BETWEEN_ARCS) {
                let share = x.pop()?;
                let next = Spot { logits: x, share };
                let tangent = self.tangent_at(precisions, &next, Some(direction))?;
                let followed = next.share > 0.0 && dot(direction, &tangent) > BENT;
                return followed.then_some((next, tangent, correction));
            }
            if !residual.is_finite() || (residual > 2.0 * last && residual > NEAR) {
                return None;
            }
            last = residual;
            let mut rhs: Vec<f64> = self.sweep.response.iter().zip(&x).map(|(h, z)| h - z).collect();
            rhs.push(direction.iter().zip(start.iter().zip(&x)).map(|(d, (s, x))| d * (s - x)).sum());
            let (step, _) = self.solve_bordered(&scaled, precisions, direction, &rhs, 1e-2)?;
            for (x, d) in x.iter_mut().zip(step) {
                *x += d;
            }
        }
        None
    }
}

/// The logits at a share, along the secant.
fn predict(before: Option<&Spot>, at: &Spot, share: f64) -> Vec<f64> {
    let Some(before) = before else { return at.logits.clone() };
    let stretch = (share - at.share) / (at.share - before.share);
    at.logits.iter().zip(&before.logits).map(|(a, b)| a + stretch * (a - b)).collect()
}
