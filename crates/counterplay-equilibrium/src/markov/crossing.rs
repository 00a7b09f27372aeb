//! Where another branch crosses.
//!
//! In a game with symmetries the symmetric branch is met by others that are not (a pitchfork). By convention the branch goes
//! straight on there: it is continued with the same tangent, and the precision of the crossing is recorded. A branch that
//! comes close to another and bends away, as in a game that is nearly symmetric, is not crossed by it. So a crossing counts
//! only where the branch is found straight on both sides of it as near to it as rounding allows to look.

use super::Solver;
use super::path::Step;
use super::step::{Across, Corrected};
use super::walk::{Heading, Point};

/// How near to a crossing both sides are looked at, as the length of a step.
const WIDTH: f64 = 1e-5;

/// The largest difference between tangents on the way to it, and at last.
const STRAIGHT: f64 = 0.1;
const STRAIGHT_AT_LAST: f64 = 0.01;

/// The part at which intervals are divided; not half, since there the crossing may be, where nothing can be solved.
const DIVISION: f64 = 0.45;

/// The cosine above which answers at both sides are one the other way round.
const OPPOSITE: f64 = -0.9;

/// What was found of a step that seemed to cross another branch.
pub(super) enum Found {
    /// A crossing near this share, and a point right beyond it.
    Crossing { share: f64, beyond: Box<Point> },
    /// None, as was seen at this length.
    Not { at: f64 },
}

impl Solver {
    /// Looks for a crossing between two points of a straight piece of the branch.
    pub(super) fn crossing(
        &mut self,
        precisions: &[f64],
        unit: f64,
        (from, to, length): (&Point, Point, f64),
    ) -> Found {
        let (mut low, mut high, mut width) = (from.clone(), to, length);
        while width > WIDTH {
            let part = Step::between(&low.spot, &high.spot);
            let mut middle = low.spot.clone();
            middle.add(DIVISION, &part);
            let about = (unit, &low.heading, Across::Tangent);
            let found = self.corrected(precisions, (middle, DIVISION * width), about);
            let Ok(Corrected { point, .. }) = found else { return Found::Not { at: width } };
            let metric = self.metric(&point.spot, unit);
            let bent = |other: &Heading| metric.apart(&other.tangent, &point.heading.tangent) > STRAIGHT;
            if bent(&low.heading) || bent(&high.heading) {
                return Found::Not { at: width };
            }
            let beyond = metric.dot(&point.heading.answer, &low.heading.answer) < 0.0
                || point.heading.even != low.heading.even;
            if beyond {
                (high, width) = (point, DIVISION * width);
            } else {
                (low, width) = (point, (1.0 - DIVISION) * width);
            }
        }
        let metric = self.metric(&high.spot, unit);
        let (a, b) = (&low.heading.answer, &high.heading.answer);
        let opposite = metric.dot(a, b) < OPPOSITE * (metric.dot(a, a) * metric.dot(b, b)).sqrt();
        let straight = metric.apart(&low.heading.tangent, &high.heading.tangent) < STRAIGHT_AT_LAST;
        if !(opposite && straight) {
            return Found::Not { at: width };
        }
        let share = 0.5 * (low.spot.share + high.spot.share);
        Found::Crossing { share, beyond: Box::new(high) }
    }
}
