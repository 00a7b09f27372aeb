//! Following a branch of logit equilibria while the precisions grow in proportion.
//!
//! Where the branch is smooth, each step is predicted along the secant and corrected by the accelerated iteration
//! (*walk*). Where it turns or the iteration fails, it is followed by pseudo-arc-length steps with Newton's method
//! (*turn*; Allgower and Georg 1990), until it rises past the turn.

use crate::arc::Turn;
use crate::qre::{Solver, Status};
use crate::sweep::softmax;

/// The first step from uniform play, as a share of the precisions.
pub(crate) const FIRST_STEP: f64 = 0.25;

/// A step, as a share of the precisions reached, below which the branch is taken to turn.
pub(crate) const SHORTEST_STEP: f64 = 4e-3;

/// The share of the largest surprise that a step aims at, and the largest growth of a step.
const AIM: f64 = 0.5;
const LARGEST_GROWTH: f64 = 3.0;

/// The same for steps that are shortened because they led far from their prediction.
const SHORTEST_NEAR_STEP: f64 = 1e-5;

/// How often steps of the precisions are gone back to after a turn.
const MAX_TURNS: usize = 2;

/// The tries of a jump: damped sweeps, and their weight. Each starts where the one before ended: what goes round in
/// a circle under one damping comes nearer under a stronger one.
const JUMPS: [(usize, f64); 5] = [(0, 1.0), (50, 0.5), (200, 0.5), (200, 0.2), (400, 0.1)];

/// Corrections after a jump.
const JUMP_CORRECTIONS: usize = 100;

/// Corrections of a step by Newton's method.
const NEWTON_CORRECTIONS: usize = 8;

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
    pub(crate) fn scaled(&self, share: f64) -> Vec<f64> {
        self.precisions.iter().map(|l| l * share).collect()
    }
}

impl Solver {
    /// Follows the branch from `at`; tells whether the end of the course was reached, or where it ended else.
    pub(crate) fn follow(&mut self, course: &mut Course<'_>, at: &mut Spot) -> Status {
        let (mut before, mut turns) = (None, 0);
        loop {
            // Where steps fail again and again, arcs are quicker to the end, if factors of the Jacobian are at hand.
            let by_arcs = course.newton && turns >= MAX_TURNS && self.layout.plan().is_some();
            if !by_arcs && self.walk(course, at, before) {
                return Status::Converged;
            }
            turns += 1;
            match self.turn(course, at, by_arcs) {
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
            // The error of the prediction grows as the square of the step.
            let surprise = if any || !found { 0.0 } else { self.surprise(&predicted, &next.logits) };
            let aim = (AIM * course.max_surprise / surprise).sqrt();
            if found && (any || surprise <= course.max_surprise) {
                before = Some(std::mem::replace(at, next));
                step *= if any { 2.0 } else { aim.clamp(0.5, LARGEST_GROWTH) };
                if (course.visit)(self, at, true) {
                    return true;
                }
            } else {
                // What was learnt on the way to nowhere would mislead.
                self.anderson.forget();
                step *= if found { aim.clamp(0.1, 0.5) } else { 0.25 };
                let shortest = if found { SHORTEST_NEAR_STEP } else { SHORTEST_STEP };
                if step < shortest * f64::max(1.0, at.share) {
                    return false;
                }
            }
        }
        true
    }

    /// The largest difference between the probabilities of an action under two vectors of logits.
    pub(crate) fn surprise(&self, predicted: &[f64], found: &[f64]) -> f64 {
        let (mut before, mut after) = (vec![0.0; found.len()], vec![0.0; found.len()]);
        softmax(&self.layout, predicted, &mut before);
        softmax(&self.layout, found, &mut after);
        before.iter().zip(&after).map(|(p, q)| (p - q).abs()).fold(0.0, f64::max)
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
}

/// The logits at a share, along the secant.
fn predict(before: Option<&Spot>, at: &Spot, share: f64) -> Vec<f64> {
    let Some(before) = before else { return at.logits.clone() };
    let stretch = (share - at.share) / (at.share - before.share);
    at.logits.iter().zip(&before.logits).map(|(a, b)| a + stretch * (a - b)).collect()
}
