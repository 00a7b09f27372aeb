//! Following a branch of logit equilibria while the precisions grow in proportion.
//!
//! Where the branch is smooth, each step is predicted along the secant and corrected by the accelerated iteration
//! (*walk*). Where it turns or the iteration fails, it is followed by pseudo-arc-length steps with Newton's method
//! (*turn*; Allgower and Georg 1990), until it rises past the turn.

use crate::arc::{Turn, Way};
use crate::newton::Effort;
use crate::qre::{Solver, Status};
use crate::sweep::softmax;

/// The first step from uniform play, as a share of the precisions.
pub(crate) const FIRST_STEP: f64 = 0.25;

/// A step, as a share of the precisions reached, below which the branch is taken to turn.
pub(crate) const SHORTEST_STEP: f64 = 4e-3;

/// The share of the largest surprise that a step aims at, and the largest growth of a step.
const AIM: f64 = 0.5;
const LARGEST_GROWTH: f64 = 3.0;

/// The first correction of Newton's method, in logits, that a step aims at.
pub(crate) const AIM_CORRECTION: f64 = 0.5;

/// The same for steps that are shortened because they led far from their prediction.
const SHORTEST_NEAR_STEP: f64 = 1e-5;

/// The tries of a jump: damped sweeps, and their weight. Each starts where the one before ended: what goes round in
/// a circle under one damping comes nearer under a stronger one.
const JUMPS: [(usize, f64); 5] = [(0, 1.0), (50, 0.5), (200, 0.5), (200, 0.2), (400, 0.1)];

/// Corrections after a jump.
const JUMP_CORRECTIONS: usize = 100;

/// How many steps may fail before arcs are tried: one more after every two that do not, and two at once.
const MAX_FAILURES: usize = 3;

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
    /// Told of every point, and whether the share rises there; says beyond which share no step need go, or nothing to end
    /// the course.
    pub(crate) visit: &'a mut dyn FnMut(&mut Solver, &Spot, bool) -> Option<f64>,
}

impl Course<'_> {
    pub(crate) fn scaled(&self, share: f64) -> Vec<f64> {
        self.precisions.iter().map(|l| l * share).collect()
    }
}

impl Solver {
    /// Follows the branch from `at`; tells whether the end of the course was reached, or where it ended else.
    pub(crate) fn follow(&mut self, course: &mut Course<'_>, at: &mut Spot) -> Status {
        self.follow_on(course, at, None)
    }

    /// The same, at first downwards: to where the branch turns, and up from there.
    pub(crate) fn follow_down(&mut self, course: &mut Course<'_>, at: &mut Spot) -> Status {
        match self.turn(course, at, Way::Down) {
            Turn::Smooth(earlier) => self.follow_on(course, at, Some(earlier)),
            Turn::Crossed => self.finish(&course.scaled(course.until), &mut at.logits),
            Turn::Stopped => Status::Converged,
            Turn::Lost(_) => self.ended(at),
        }
    }

    /// Follows the branch upwards from `at`, and from a point `before` it.
    fn follow_on(&mut self, course: &mut Course<'_>, at: &mut Spot, mut before: Option<Spot>) -> Status {
        let mut patience = MAX_FAILURES;
        loop {
            let start = at.share;
            if self.walk(course, at, before, patience) {
                return Status::Converged;
            }
            // Nothing helped.
            if patience > MAX_FAILURES && at.share == start {
                return self.ended(at);
            }
            patience = MAX_FAILURES;
            match self.turn(course, at, Way::Up) {
                Turn::Smooth(earlier) => before = Some(earlier),
                Turn::Crossed => return self.finish(&course.scaled(course.until), &mut at.logits),
                Turn::Stopped => return Status::Converged,
                Turn::Lost(_) if self.sweeps > self.settings.max_sweeps => return self.ended(at),
                // Where rounding shakes the tangents, short steps of the precisions may still lead on.
                Turn::Lost(earlier) => (before, patience) = (earlier, usize::MAX),
            }
        }
    }

    fn ended(&self, at: &Spot) -> Status {
        if self.sweeps > self.settings.max_sweeps {
            Status::OutOfBudget { reached: at.share }
        } else {
            Status::Stuck { reached: at.share }
        }
    }

    /// Follows the branch by steps of the share of the precisions, as far as they lead with some `patience` for failures;
    /// whether to the end.
    fn walk(
        &mut self,
        course: &mut Course<'_>,
        at: &mut Spot,
        before: Option<Spot>,
        patience: usize,
    ) -> bool {
        let mut step = before.as_ref().map_or(FIRST_STEP, |b| 2.0 * (at.share - b.share));
        let mut trail = Trail::new(before);
        let any = course.max_surprise >= 1.0;
        let (mut steep, mut failures, mut enough) = (false, 0_usize, f64::INFINITY);
        while at.share < course.until {
            if self.sweeps > self.settings.max_sweeps {
                return false;
            }
            step = f64::min(step, course.max_growth * (at.share + FIRST_STEP));
            let share = f64::min(course.until, f64::min(enough, at.share + step));
            let predicted = trail.predict(at, share);
            let found = self.correct_step(course, share, &predicted, &mut steep);
            // The error of the prediction grows as the square of the step.
            let surprise = match &found {
                Some(next) if !any => self.surprise(&predicted, &next.logits),
                Some(_) | None => 0.0,
            };
            let aim = (AIM * course.max_surprise / surprise).sqrt();
            match found {
                Some(next) if any || surprise <= course.max_surprise => {
                    trail.extend(at, &next);
                    *at = next;
                    failures = failures.saturating_sub(1);
                    let by_correction =
                        if steep { (AIM_CORRECTION / self.first_correction).sqrt().max(1.5) } else { aim };
                    step *= if any { 2.0 } else { aim.min(by_correction).clamp(0.5, LARGEST_GROWTH) };
                    match (course.visit)(self, at, true) {
                        Some(share) => enough = share,
                        None => return true,
                    }
                }
                found => {
                    // What was learnt on the way to nowhere would mislead.
                    self.anderson.forget();
                    failures += 2;
                    step *= if found.is_some() { aim.clamp(0.1, 0.5) } else { 0.25 };
                    let shortest = if found.is_some() { SHORTEST_NEAR_STEP } else { SHORTEST_STEP };
                    // Arcs are quicker than to fail again and again, where factors of the Jacobian are at hand.
                    let hopeless = steep && found.is_none() && failures >= patience;
                    if step < shortest * f64::max(1.0, at.share) || hopeless {
                        return false;
                    }
                }
            }
        }
        true
    }

    /// The point of the branch at a share, from its prediction; none where no iteration reaches one. Where the accelerated
    /// iteration has failed and Newton's method has not, it is `steep`.
    fn correct_step(
        &mut self,
        course: &Course<'_>,
        share: f64,
        predicted: &[f64],
        steep: &mut bool,
    ) -> Option<Spot> {
        let tolerance = if share < course.until { course.between } else { 0.0 };
        let scaled = course.scaled(share);
        let mut logits = predicted.to_vec();
        if !*steep && self.correct(&scaled, &mut logits, tolerance, self.settings.max_corrections) {
            return Some(Spot { logits, share });
        }
        if !course.newton {
            return None;
        }
        logits.copy_from_slice(predicted);
        if !self.newton(&scaled, &mut logits, tolerance, Effort::SMALL) {
            return None;
        }
        *steep = self.layout.plan().is_some();
        Some(Spot { logits, share })
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

/// The last points of a walk before the one where it stands.
struct Trail {
    before: Option<Spot>,
    earlier: Option<Spot>,
    /// Whether a parabola would have been nearer to the last point than the secant.
    bent: bool,
}

impl Trail {
    fn new(before: Option<Spot>) -> Self {
        Self { before, earlier: None, bent: false }
    }

    /// The logits at a share, along the secant, or along the parabola where that was better at the last point.
    fn predict(&self, at: &Spot, share: f64) -> Vec<f64> {
        match &self.before {
            None => at.logits.clone(),
            Some(before) => match &self.earlier {
                Some(earlier) if self.bent => parabola(earlier, before, at, share),
                Some(_) | None => secant(before, at, share),
            },
        }
    }

    /// From `at` to `next`.
    fn extend(&mut self, at: &Spot, next: &Spot) {
        if let (Some(earlier), Some(before)) = (&self.earlier, &self.before) {
            let error = |logits: Vec<f64>| -> f64 {
                logits.iter().zip(&next.logits).map(|(a, b)| (a - b).abs().min(1.0)).sum()
            };
            let share = next.share;
            self.bent = error(parabola(earlier, before, at, share)) < error(secant(before, at, share));
        }
        self.earlier = self.before.replace(at.clone());
    }
}

fn secant(before: &Spot, at: &Spot, share: f64) -> Vec<f64> {
    let stretch = (share - at.share) / (at.share - before.share);
    at.logits.iter().zip(&before.logits).map(|(a, b)| a + stretch * (a - b)).collect()
}

/// By Newton's divided differences.
fn parabola(earlier: &Spot, before: &Spot, at: &Spot, share: f64) -> Vec<f64> {
    let (last, first) = (at.share - before.share, before.share - earlier.share);
    let (ahead, both) = (share - at.share, at.share - earlier.share);
    let curved = ahead * (share - before.share) / both;
    let points = at.logits.iter().zip(&before.logits).zip(&earlier.logits);
    points
        .map(|((a, b), c)| {
            let slope = (a - b) / last;
            a + ahead * slope + curved * (slope - (b - c) / first)
        })
        .collect()
}
