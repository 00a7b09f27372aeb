//! Following the branch from uniform play (Allgower and Georg 1990): by [steps](super::step) that stay on it, straight on where
//! [others cross](super::crossing), and only where that is asked for on from where it cannot be followed.

use super::crossing::Found;
use super::path::BETWEEN;
use super::step::{Across, Miss};
use super::walk::{Point, Walk};
use super::{Solver, Spot, Status};

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
    /// Follows the branch to the share `until`, or without one to the limit: as near as is asked for, or, where no way leads on,
    /// near enough.
    pub(super) fn follow(&mut self, precisions: &[f64], spot: &mut Spot, until: Until) -> Status {
        let top = precisions.iter().copied().fold(0.0, f64::max);
        let tolerance = self.settings.tolerance;
        // Where nobody chooses, or nobody minds, play is uniform at any precision.
        if top == 0.0 || spot.logits.is_empty() {
            spot.share = until.unwrap_or(0.0);
            let reached = self.settle(precisions, spot, tolerance);
            return if reached { Status::Converged } else { Status::Stuck };
        }
        // Under uniform play the values solve a linear system.
        if !self.settle(precisions, spot, tolerance) {
            return Status::Stuck;
        }
        let mut jumped = None;
        loop {
            let ended = self.walk(precisions, spot, until, 1.0 / (top * self.range));
            let stopped = matches!(ended, Status::Stuck) && self.settings.may_jump;
            if stopped && !self.collapsed.is_dense() {
                let at = spot.share;
                return match self.climb(precisions, spot, until) {
                    Status::Converged => Status::Jumped { at: jumped.unwrap_or(at) },
                    Status::Stuck if until.is_none() && self.is_near_enough(precisions, spot) => {
                        Status::Jumped { at: jumped.unwrap_or(at) }
                    }
                    other => other,
                };
            }
            if !(stopped && self.jump(precisions, spot, until)) {
                return match (ended, jumped) {
                    (Status::Converged, Some(at)) => Status::Jumped { at },
                    _ => ended,
                };
            }
            jumped.get_or_insert(spot.share);
        }
    }

    /// Whether the limit is as near as limits of single games are told to be.
    fn is_near_enough(&mut self, precisions: &[f64], spot: &Spot) -> bool {
        let weighed = self.respond(precisions, spot).weighed;
        let kept = weighed <= f64::max(BETWEEN, self.attainable(precisions, spot, 0.0));
        kept && self.regret() <= NEAR_ENOUGH * self.range
    }

    /// Walks along the branch as far as it leads; the spot is then where it led.
    fn walk(&mut self, precisions: &[f64], spot: &mut Spot, until: Until, unit: f64) -> Status {
        self.respond(precisions, spot);
        let Some(heading) = self.heading(precisions, spot, unit, None) else { return Status::Stuck };
        let mut walk = Walk::new(unit, Point { spot: spot.clone(), heading });
        let status = loop {
            if self.systems > self.settings.max_systems {
                break Status::OutOfBudget;
            }
            if until.is_none()
                && let Some(status) = self.limit_reached(precisions, &mut walk)
            {
                break status;
            }
            // Without the determinant nothing but the tangent tells which way the branch goes on after a turn. In processes
            // that are so large it turns too often to be followed.
            let turned = !self.collapsed.is_dense() && walk.here.heading.tangent.share < 0.0;
            if walk.length < SHORTEST_STEP || (turned && self.settings.may_jump) {
                break Status::Stuck;
            }
            if self.step(precisions, &mut walk, until) {
                break Status::Converged;
            }
        };
        self.crossings.append(&mut walk.crossings);
        *spot = walk.here.spot;
        status
    }

    /// Whether the limit is reached, or given up. Where it is, the point is put upon the branch.
    fn limit_reached(&mut self, precisions: &[f64], walk: &mut Walk) -> Option<Status> {
        let spot = &mut walk.here.spot;
        let weighed = self.respond(precisions, spot).weighed;
        let status = self.limit_at(spot.share / walk.unit)?;
        let mut nearer = spot.clone();
        if weighed > BETWEEN && self.settle(precisions, &mut nearer, BETWEEN) && self.regret_is_small() {
            *spot = nearer;
        }
        self.respond(precisions, spot);
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
    fn step(&mut self, precisions: &[f64], walk: &mut Walk, until: Until) -> bool {
        let last = until.and_then(|share| walk.predict_at(share));
        let arrives = last.is_some();
        let (predicted, length) = last.unwrap_or_else(|| (walk.predict(walk.length), walk.length));
        if arrives && length <= LAST && self.is_exact(precisions, &predicted) {
            walk.here.spot = predicted;
            return true;
        }
        let across = if arrives || walk.far { Across::Share } else { Across::Tangent };
        match self.attempt(precisions, walk, (predicted, length), across) {
            Ok(stride) if arrives => return self.arrive(precisions, walk, stride.to, length),
            Ok(stride) if until.is_some_and(|share| stride.to.spot.share >= share) => walk.shorten(LESS),
            Ok(stride) => walk.advance(stride, length),
            Err(Miss::TooLong(factor)) => self.retry(precisions, walk, length * factor),
            Err(Miss::Reversed(_)) if length > walk.doubt => self.retry(precisions, walk, 0.3 * length),
            Err(Miss::Reversed(to)) => self.cross(precisions, walk, *to, length),
        }
        false
    }

    /// Whether a point is an equilibrium within the tolerance.
    fn is_exact(&mut self, precisions: &[f64], spot: &Spot) -> bool {
        let residual = self.respond(precisions, spot).residual;
        residual <= self.attainable(precisions, spot, self.settings.tolerance)
    }

    /// Ends at the share where the walk was to lead, if what is missing to an exact solution there is short against the step.
    fn arrive(&mut self, precisions: &[f64], walk: &mut Walk, next: Point, length: f64) -> bool {
        let mut exact = next.spot.clone();
        let settled = self.settle(precisions, &mut exact, self.settings.tolerance);
        let moved = super::path::Step::between(&next.spot, &exact);
        if !(settled && self.metric(&exact, walk.unit).length(&moved) <= MOVED * length) {
            self.retry(precisions, walk, 0.3 * length);
            return false;
        }
        walk.here = Point { spot: exact, heading: next.heading };
        true
    }

    /// Makes the next step shorter. The directions were found a little beside the branch, which may be why a step failed.
    fn retry(&mut self, precisions: &[f64], walk: &mut Walk, length: f64) {
        walk.shorten(length / walk.length);
        if walk.stale {
            let Point { spot, heading } = walk.here.clone();
            self.respond(precisions, &spot);
            if let Some(renewed) = self.heading(precisions, &spot, walk.unit, Some(&heading)) {
                walk.here.heading = renewed;
            }
            walk.stale = false;
        }
    }

    /// Crosses another branch, if there is one between here and `to`.
    fn cross(&mut self, precisions: &[f64], walk: &mut Walk, to: Point, length: f64) {
        match self.crossing(precisions, walk.unit, (&walk.here, to, length)) {
            Found::Crossing { share, beyond } => walk.cross(*beyond, share, BEYOND_CROSSING),
            Found::Not { at } => {
                walk.doubt = f64::min(at, 0.3 * length);
                self.retry(precisions, walk, 0.3 * length);
            }
        }
    }
}
