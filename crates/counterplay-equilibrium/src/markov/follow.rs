//! Following the branch from uniform play (Allgower and Georg 1990): by [steps](super::step) that stay on it, straight on where
//! [others cross](super::crossing), and on from where it cannot be followed only if the settings allow it.

use super::crossing::CrossingSearch;
use super::equations::BETWEEN;
use super::point::{Change, MarkovPoint, Waypoint};
use super::step::{Across, StepFailure};
use super::walk::MarkovWalk;
use super::{Solver, Status};

/// The shortest step.
const SHORTEST_STEP: f64 = 1e-7;

/// The length of the first step beyond a crossing.
const BEYOND_CROSSING: f64 = 5e-6;

/// The part of a step whose end is beyond where it should have led that is tried next.
const LESS: f64 = 0.7;

/// The part of a step by which its end may be moved to where it is exact.
const MOVED: f64 = 0.02;

/// The length of a last step that needs no correction if its end is exact: it is at the very point where another branch
/// crosses, where nothing can be corrected.
const LAST: f64 = 1e-5;

/// The precision times the range of payoffs from which on the limit may be near.
const STEEP: f64 = 50.0;

/// The regret, as a share of the range of payoffs, at which a limit counts that cannot be followed further: that at which
/// [traces](crate::logit::trace::TraceSettings) of single games end.
const NEAR_ENOUGH: f64 = 9.5e-7;

/// How far to go: to a share, or without one to the limit.
pub(super) type Until = Option<f64>;

impl Solver {
    /// Follows the branch to the share `until`, or without one to the limit: as near as the settings demand, or, where it
    /// cannot be followed further, near enough.
    pub(super) fn follow(&mut self, precisions: &[f64], point: &mut MarkovPoint, until: Until) -> Status {
        let top = precisions.iter().copied().fold(0.0, f64::max);
        let tolerance = self.settings.tolerance;
        // Where nobody chooses, or all precisions are zero, play is uniform.
        if top == 0.0 || point.logits.is_empty() {
            point.share = until.unwrap_or(0.0);
            let reached = self.settle(precisions, point, tolerance);
            return if reached { Status::Converged } else { Status::Stuck };
        }
        // Under uniform play the values solve a linear system.
        if !self.settle(precisions, point, tolerance) {
            return Status::Stuck;
        }
        let mut jumped = None;
        loop {
            let ended = self.walk(precisions, point, until, 1.0 / (top * self.range));
            let stopped = matches!(ended, Status::Stuck) && self.settings.may_jump;
            if stopped && !self.collapsed.is_dense() {
                let at = point.share;
                return match self.climb(precisions, point, until) {
                    Status::Converged => Status::Jumped { at: jumped.unwrap_or(at) },
                    Status::Stuck if until.is_none() && self.is_near_enough(precisions, point) => {
                        Status::Jumped { at: jumped.unwrap_or(at) }
                    }
                    other => other,
                };
            }
            if !(stopped && self.jump(precisions, point, until)) {
                return match (ended, jumped) {
                    (Status::Converged, Some(at)) => Status::Jumped { at },
                    _ => ended,
                };
            }
            jumped.get_or_insert(point.share);
        }
    }

    /// Whether the limit is as near as those at which traces of single games end.
    fn is_near_enough(&mut self, precisions: &[f64], point: &MarkovPoint) -> bool {
        let weighed = self.respond(precisions, point).weighed;
        let near = weighed <= f64::max(BETWEEN, self.attainable(precisions, point, 0.0));
        near && self.regret() <= NEAR_ENOUGH * self.range
    }

    /// Follows the branch as far as it leads, and moves the point there.
    fn walk(&mut self, precisions: &[f64], point: &mut MarkovPoint, until: Until, unit: f64) -> Status {
        self.respond(precisions, point);
        let Some(directions) = self.directions(precisions, point, unit, None) else { return Status::Stuck };
        let mut walk = MarkovWalk::new(unit, Waypoint { at: point.clone(), directions });
        let status = loop {
            if self.systems > self.settings.max_systems {
                break Status::OutOfBudget;
            }
            if until.is_none()
                && let Some(status) = self.limit_reached(precisions, &mut walk)
            {
                break status;
            }
            // Without the determinant nothing but the tangent shows in which direction the branch continues after a fold.
            // In processes that are so large it folds too often to be followed.
            let folded = !self.collapsed.is_dense() && walk.here.directions.tangent.share < 0.0;
            if walk.length < SHORTEST_STEP || (folded && self.settings.may_jump) {
                break Status::Stuck;
            }
            if self.step(precisions, &mut walk, until) {
                break Status::Converged;
            }
        };
        self.crossings.append(&mut walk.crossings);
        *point = walk.here.at;
        status
    }

    /// Whether the limit is reached, or given up. Where it is, the point is moved onto the branch.
    fn limit_reached(&mut self, precisions: &[f64], walk: &mut MarkovWalk) -> Option<Status> {
        let point = &mut walk.here.at;
        let weighed = self.respond(precisions, point).weighed;
        let status = self.limit_at(point.share / walk.unit)?;
        let mut nearer = point.clone();
        if weighed > BETWEEN && self.settle(precisions, &mut nearer, BETWEEN) && self.regret_is_small() {
            *point = nearer;
        }
        self.respond(precisions, point);
        Some(status)
    }

    /// Whether the limit is reached at the point of the last response, or given up, at this precision times the range of
    /// payoffs.
    pub(super) fn limit_at(&self, steepness: f64) -> Option<Status> {
        if steepness < STEEP {
            return None;
        }
        if self.regret_is_small() {
            return Some(Status::Converged);
        }
        (steepness > self.settings.steepest).then_some(Status::Stuck)
    }

    fn regret_is_small(&self) -> bool {
        self.regret() <= self.settings.regret_share * self.range
    }

    /// One step along the branch, or none if it has to be shorter; whether it led to the share `until`.
    fn step(&mut self, precisions: &[f64], walk: &mut MarkovWalk, until: Until) -> bool {
        let last = until.and_then(|share| walk.predict_at(share));
        let arrives = last.is_some();
        let (predicted, length) = last.unwrap_or_else(|| (walk.predict(walk.length), walk.length));
        if arrives && length <= LAST && self.is_exact(precisions, &predicted) {
            walk.here.at = predicted;
            return true;
        }
        let across = if arrives || walk.far { Across::Share } else { Across::Tangent };
        match self.attempt(precisions, walk, predicted, length, across) {
            Ok(stride) if arrives => return self.arrive(precisions, walk, stride.to, length),
            Ok(stride) if until.is_some_and(|share| stride.to.at.share >= share) => walk.shorten(LESS),
            Ok(stride) => walk.advance(stride, length),
            Err(StepFailure::TooLong(factor)) => self.retry(precisions, walk, length * factor),
            Err(StepFailure::Reversed(_)) if length > walk.doubt => {
                self.retry(precisions, walk, 0.3 * length);
            }
            Err(StepFailure::Reversed(to)) => self.cross(precisions, walk, *to, length),
        }
        false
    }

    /// Whether a point is an equilibrium within the tolerance.
    fn is_exact(&mut self, precisions: &[f64], point: &MarkovPoint) -> bool {
        let residual = self.respond(precisions, point).residual;
        residual <= self.attainable(precisions, point, self.settings.tolerance)
    }

    /// Ends at the share where the walk was to lead, if the correction to an exact solution there is short against the step.
    fn arrive(&mut self, precisions: &[f64], walk: &mut MarkovWalk, next: Waypoint, length: f64) -> bool {
        let mut exact = next.at.clone();
        let settled = self.settle(precisions, &mut exact, self.settings.tolerance);
        let moved = Change::between(&next.at, &exact);
        if !(settled && self.metric(&exact, walk.unit).length(&moved) <= MOVED * length) {
            self.retry(precisions, walk, 0.3 * length);
            return false;
        }
        walk.here = Waypoint { at: exact, directions: next.directions };
        true
    }

    /// Makes the next step shorter. The directions were found a little beside the branch, which may be why a step failed.
    fn retry(&mut self, precisions: &[f64], walk: &mut MarkovWalk, length: f64) {
        walk.shorten(length / walk.length);
        if walk.stale {
            let Waypoint { at, directions } = walk.here.clone();
            self.respond(precisions, &at);
            if let Some(renewed) = self.directions(precisions, &at, walk.unit, Some(&directions)) {
                walk.here.directions = renewed;
            }
            walk.stale = false;
        }
    }

    /// Crosses another branch, if there is one between here and `to`.
    fn cross(&mut self, precisions: &[f64], walk: &mut MarkovWalk, to: Waypoint, length: f64) {
        match self.crossing(precisions, walk.unit, &walk.here, to, length) {
            CrossingSearch::Crossing { share, beyond } => walk.cross(*beyond, share, BEYOND_CROSSING),
            CrossingSearch::Nothing { at } => {
                walk.doubt = f64::min(at, 0.3 * length);
                self.retry(precisions, walk, 0.3 * length);
            }
        }
    }
}
