//! One step along the branch, and what it takes for its end to be on the same branch as its beginning.
//!
//! A small residual says that a point is on *some* branch. That it is on this one is made sure of by steps that are short
//! for how the branch bends, and for how near others are (Allgower and Georg 1990, chapters 2, 6 and 8). A step counts only if
//!
//! 1. the corrections, across it, are short against it, and each much shorter than the one before;
//! 2. the tangents at both ends point nearly the same way;
//! 3. the determinant keeps its sign where the share goes on rising or falling, and changes it where that changes: beside an
//!    imperfect pitchfork the nearest other branch is one of the other sign;
//! 4. the answer of the branch to a change of payoffs is about the same at both ends. With the Jacobian $J$ at each, across the
//!    step, and a fixed change $r$ of the responses, $w = J^{-1} r$, it is
//!    $$ w_0 - w_1 = J_0^{-1} (J_1 - J_0)\\, w_1, $$
//!    so that a small difference is a test of $\\|J_0^{-1}(J_1 - J_0)\\| < 1$, which excludes that the Jacobian is singular between;
//! 5. no probability changes by much.
//!
//! Else it is repeated with a shorter length. The Jacobian is that at the prediction; as corrections with it shrink quickly it stands for
//! that at the corrected point.

use super::Solver;
use super::linear::Sign;
use super::metric::Metric;
use super::point::{Change, Directions, MarkovPoint, Waypoint};
use super::walk::{MarkovWalk, Stride};

/// The longest first correction, relative to the step, and that which steps aim at.
const MAX_MISS: f64 = 0.2;
const AIM_MISS: f64 = 0.07;

/// The part that a second correction may be of the first.
const MAX_CONTRACTION: f64 = 0.2;

/// The correction, relative to the step, after which no other is needed.
const CLOSE: f64 = 1e-3;

/// Corrections with one linearisation.
const MAX_CHORDS: usize = 3;

/// The largest difference between the tangents at both ends (their cosine is above .94), and that which steps aim at.
const MAX_ANGLE: f64 = 0.34;
const AIM_ANGLE: f64 = 0.2;

/// The same of the answer to a change of payoffs, relative to the larger; and where it falls, away from a crossing.
const MAX_ANSWER: f64 = 0.5;
const AIM_ANSWER: f64 = 0.3;
const MAX_FALLING: f64 = 0.85;
const AIM_FALLING: f64 = 0.6;

/// The answer, in changes of logits by the same amount as payoffs are changed, from which on a crossing may be near: and the cosine
/// between answers at both ends of a step that keep to one direction as they grow.
const LARGE: f64 = 20.0;
const ALIGNED: f64 = 0.99;

/// The largest change of a probability, and that which steps aim at.
const MAX_CHANGE: f64 = 0.3;
const AIM_CHANGE: f64 = 0.15;

/// Where the corrections across a step are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Across {
    /// Orthogonal to the tangent.
    Tangent,
    /// At the same share.
    Share,
}

/// How a step went wrong.
pub(super) enum StepFailure {
    /// It was too long; this share of it may do.
    TooLong(f64),
    /// It leads straight on to this point, but either the determinant or the answer to changes has the opposite sign.
    Reversed(Box<Waypoint>),
}

/// A point that corrections led to, linearised where they began.
pub(super) struct CorrectedPoint {
    pub(super) point: Waypoint,
    /// The length of the first correction.
    pub(super) missed: f64,
}

impl Solver {
    /// The directions at the point of the last response, onwards from `before`, or else to where the share rises.
    pub(super) fn directions(
        &mut self,
        precisions: &[f64],
        point: &MarkovPoint,
        unit: f64,
        before: Option<&Directions>,
    ) -> Option<Directions> {
        let (along, sign) = self.along(precisions, point.share)?;
        self.directions_along(precisions, point, unit, before, (along, sign))
    }

    fn directions_along(
        &mut self,
        precisions: &[f64],
        point: &MarkovPoint,
        unit: f64,
        before: Option<&Directions>,
        (mut tangent, sign): (Change, Sign),
    ) -> Option<Directions> {
        let mut disturbed = Change::zero(point);
        // Where play is nearly sure the branch answers to changes of payoffs, not of logits, by as much everywhere.
        let scale = 1.0 + point.share / unit;
        disturbed.logits = self.disturbance.iter().map(|r| r * scale).collect();
        let answer = self.answer(precisions, point.share, &disturbed)?;
        let metric = self.metric(point, unit);
        let onwards = before.is_none_or(|b| metric.dot(&b.tangent, &tangent) >= 0.0);
        tangent.scale(if onwards { 1.0 } else { -1.0 } / metric.length(&tangent));
        // A step in the direction of the tangent is part of no answer.
        let weights = metric.weights(&tangent);
        let answer = answer.clone().plus(-weights.times(&answer) / weights.times(&tangent), &tangent);
        let finite = tangent.is_finite() && answer.is_finite();
        let even = Directions::is_even(&tangent, sign);
        finite.then_some(Directions { tangent, answer, even })
    }

    /// Corrects a predicted point across a step of this length; fails where that needs more than a short step does, with the share of the step to try next.
    pub(super) fn corrected(
        &mut self,
        precisions: &[f64],
        mut next: MarkovPoint,
        length: f64,
        unit: f64,
        before: &Directions,
        across: Across,
    ) -> Result<CorrectedPoint, f64> {
        const NOT_AT_ALL: f64 = 0.3;
        if next.share <= 0.0 {
            return Err(NOT_AT_ALL);
        }
        let weighed = self.respond(precisions, &next).weighed;
        let (along, sign) = self.along(precisions, next.share).ok_or(NOT_AT_ALL)?;
        let start = next.clone();
        let border = match across {
            Across::Tangent => self.metric(&start, unit).weights(&before.tangent),
            Across::Share => Change { share: 1.0, ..Change::zero(&next) },
        };
        let (mut missed, mut last, mut reached) = (0.0, f64::INFINITY, weighed);
        for chord in 0..=MAX_CHORDS {
            let exact = reached <= self.attainable(precisions, &next, 0.0);
            let step = self.towards(precisions, &next).ok_or(NOT_AT_ALL)?;
            let step = step.clone().plus(-border.times(&step) / border.times(&along), &along);
            let size = self.metric(&start, unit).length(&step);
            if chord == 0 {
                missed = size;
                if size.is_nan() || size > MAX_MISS * length && !exact {
                    return Err((AIM_MISS * length / size).sqrt());
                }
            } else if size.is_nan() || size > MAX_CONTRACTION * last && !exact {
                return Err(0.5);
            }
            next.add(1.0, &step);
            // What the next correction would be, of those that shrink as this one did.
            let after = if chord == 0 { missed / length * size } else { size / last * size };
            reached = self.respond(precisions, &next).weighed;
            last = size;
            if exact || after <= CLOSE * length {
                break;
            }
            if chord == MAX_CHORDS {
                return Err(0.5);
            }
        }
        let directions = self.directions_along(precisions, &start, unit, Some(before), (along, sign));
        let directions = directions.ok_or(NOT_AT_ALL)?;
        Ok(CorrectedPoint { point: Waypoint { at: next, directions }, missed })
    }

    /// Tries a step to a predicted point.
    pub(super) fn attempt(
        &mut self,
        precisions: &[f64],
        walk: &MarkovWalk,
        predicted: MarkovPoint,
        length: f64,
        across: Across,
    ) -> Result<Stride, StepFailure> {
        let from = &walk.here;
        let found = self.corrected(precisions, predicted, length, walk.unit, &from.directions, across);
        let CorrectedPoint { point, missed } = found.map_err(|f| StepFailure::TooLong(f.clamp(0.1, 0.6)))?;
        let metric = self.metric(&point.at, walk.unit);
        let (here, there) = (&from.directions, &point.directions);
        let angle = metric.apart(&here.tangent, &there.tangent);
        let change = metric.change_of_play(&self.play_of(&from.at));
        let answers = Answers::of(&metric, &here.answer, &there.answer);
        let factors =
            [(AIM_MISS * length / missed).sqrt(), AIM_ANGLE / angle, answers.factor(), AIM_CHANGE / change];
        let factor = factors.into_iter().fold(f64::INFINITY, f64::min);
        if angle <= MAX_ANGLE && change <= MAX_CHANGE {
            if here.even == there.even && answers.agree() {
                let crossing = answers.crossing(length);
                return Ok(Stride { to: point, factor, crossing });
            }
            if answers.cosine < 0.0 || here.even != there.even {
                return Err(StepFailure::Reversed(Box::new(point)));
            }
        }
        Err(StepFailure::TooLong(factor.clamp(0.1, 0.6)))
    }
}

/// The answers to a change of payoffs at both ends of a step.
struct Answers {
    before: f64,
    after: f64,
    /// Their difference relative to the larger.
    apart: f64,
    cosine: f64,
}

impl Answers {
    fn of(metric: &Metric<'_>, before: &Change, after: &Change) -> Self {
        let product = |a: &Change, b: &Change| metric.dot(a, b);
        let cosine = product(before, after) / (product(before, before) * product(after, after)).sqrt();
        let apart = metric.apart(before, after);
        let (before, after) = (metric.length(before), metric.length(after));
        Self { before, after, apart: apart / before.max(after).max(f64::MIN_POSITIVE), cosine }
    }

    fn falls(&self) -> bool {
        self.after < self.before && self.cosine > ALIGNED
    }

    fn agree(&self) -> bool {
        self.apart <= if self.falls() { MAX_FALLING } else { MAX_ANSWER }
    }

    fn factor(&self) -> f64 {
        if self.falls() { AIM_FALLING / self.apart } else { AIM_ANSWER / self.apart }
    }

    /// How far on a crossing is, if the answer grows as one over the distance to it.
    fn crossing(&self, length: f64) -> Option<f64> {
        let grows = self.after > LARGE && self.after > self.before && self.cosine > ALIGNED;
        grows.then(|| length * self.before / (self.after - self.before))
    }
}
