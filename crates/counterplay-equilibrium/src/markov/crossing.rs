//! Where another branch crosses.
//!
//! In a game with symmetries the symmetric branch is crossed by others that are not (a pitchfork). By convention the branch continues
//! straight on there: it is continued with the same tangent, and the precision of the crossing is recorded. A branch that
//! comes close to another and bends away, as in a game that is nearly symmetric, is not crossed by it. So a crossing counts
//! only where the branch is found straight on both sides of it as near to it as rounding allows to look.

use super::Solver;
use super::point::{Change, Directions, Waypoint};
use super::step::{Across, CorrectedPoint};

/// How near to a crossing both sides are looked at, as the length of a step.
const WIDTH: f64 = 1e-5;

/// The largest difference between tangents on the way to it, and at last.
const STRAIGHT: f64 = 0.1;
const STRAIGHT_AT_LAST: f64 = 0.01;

/// The part at which intervals are divided; not half, since there the crossing may be, where nothing can be solved.
const DIVISION: f64 = 0.45;

/// The cosine below which the answers on both sides are opposite.
const OPPOSITE: f64 = -0.9;

/// The result of looking for a crossing where a step seemed to meet one.
pub(super) enum CrossingSearch {
    /// A crossing near this share, and a point right beyond it.
    Crossing { share: f64, beyond: Box<Waypoint> },
    /// None, as was seen at this length.
    Nothing { at: f64 },
}

impl Solver {
    /// Looks for a crossing between two points of a straight piece of the branch.
    pub(super) fn crossing(
        &mut self,
        precisions: &[f64],
        unit: f64,
        from: &Waypoint,
        to: Waypoint,
        length: f64,
    ) -> CrossingSearch {
        let (mut low, mut high, mut width) = (from.clone(), to, length);
        while width > WIDTH {
            let part = Change::between(&low.at, &high.at);
            let mut middle = low.at.clone();
            middle.add(DIVISION, &part);
            let length = DIVISION * width;
            let found = self.corrected(precisions, middle, length, unit, &low.directions, Across::Tangent);
            let Ok(CorrectedPoint { point, .. }) = found else {
                return CrossingSearch::Nothing { at: width };
            };
            let metric = self.metric(&point.at, unit);
            let bent =
                |other: &Directions| metric.apart(&other.tangent, &point.directions.tangent) > STRAIGHT;
            if bent(&low.directions) || bent(&high.directions) {
                return CrossingSearch::Nothing { at: width };
            }
            let beyond = metric.dot(&point.directions.answer, &low.directions.answer) < 0.0
                || point.directions.even != low.directions.even;
            if beyond {
                (high, width) = (point, DIVISION * width);
            } else {
                (low, width) = (point, (1.0 - DIVISION) * width);
            }
        }
        let metric = self.metric(&high.at, unit);
        let (a, b) = (&low.directions.answer, &high.directions.answer);
        let opposite = metric.dot(a, b) < OPPOSITE * (metric.dot(a, a) * metric.dot(b, b)).sqrt();
        let straight = metric.apart(&low.directions.tangent, &high.directions.tangent) < STRAIGHT_AT_LAST;
        if !(opposite && straight) {
            return CrossingSearch::Nothing { at: width };
        }
        let share = 0.5 * (low.at.share + high.at.share);
        CrossingSearch::Crossing { share, beyond: Box::new(high) }
    }
}
