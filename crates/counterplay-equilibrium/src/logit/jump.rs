//! Off the branch: from where it cannot be followed further to some equilibrium at the full precisions.

use super::corrector::{Corrector, Effort};
use super::equilibrium::Status;
use super::path::PathPoint;

/// The attempts: damped sweeps, and their weight. Each starts where the one before ended: what goes round in
/// a circle under one damping comes nearer under a stronger one.
const ATTEMPTS: [(usize, f64); 5] = [(0, 1.0), (50, 0.5), (200, 0.5), (200, 0.2), (400, 0.1)];

/// Corrections after the damped sweeps.
const CORRECTIONS: usize = 100;

/// From the point to which the branch could be followed, an iteration at the full precisions. It finds an equilibrium, but
/// nothing says which.
pub(super) fn jump(
    corrector: &mut Corrector,
    precisions: &[f64],
    at: &mut PathPoint,
    ended: Status,
) -> Status {
    let (Status::OutOfBudget { reached } | Status::Stuck { reached }) = ended else { return ended };
    let mut next = at.logits.clone();
    for (sweeps, weight) in ATTEMPTS {
        for _ in 0..sweeps {
            corrector.response.respond(precisions, &next);
            for (z, h) in next.iter_mut().zip(corrector.response.logits()) {
                *z += weight * (h - *z);
            }
        }
        corrector.response.forget();
        let mut found = next.clone();
        if corrector.response.iterate(precisions, &mut found, 0.0, CORRECTIONS) {
            at.logits = found;
            return Status::Jumped { at: reached };
        }
    }
    if corrector.newton(precisions, &mut next, 0.0, Effort::FULL) {
        at.logits = next;
        return Status::Jumped { at: reached };
    }
    ended
}
