//! The principal branch of a large game: walks where it is smooth, arcs where it folds.
//!
//! A walk (see the [walk](super::walk)) costs a hundredth of what arcs cost, and ends where its steps become very short or its
//! orientation is not clearly right. Then the solver goes back to a point of the walk that Newton's method hardly moves and at
//! which the determinant of the Jacobian is positive. It follows the branch by arcs from that point, past the end of the walk and
//! past all folds, until the branch is smooth again; from there it walks on.

use super::branch::Follower;
use super::corrector::Effort;
use super::equilibrium::{Equilibrium, Status};
use super::path::{Direction, PathOptions, PathPoint, prediction_error, scaled};
use super::point::Point;
use super::predictor::PredictorState;
use super::walk::{Walk, WalkEnd, WalkResult, Walker};

/// How far, in probabilities, a point of a walk may be from the branch.
const POLISH: f64 = 0.01;

/// How far back arcs begin, as shares of the precisions at which the walk ended: the first of these points that will do.
const BACK: [f64; 6] = [0.01, 0.03, 0.08, 0.2, 0.4, 0.6];

/// How often arcs follow a walk, or a walk follows arcs.
const ALTERNATIONS: usize = 6;

/// How far past the end of a walk, and past the folds, the next one begins, as a share of the precisions reached; and how regular
/// the branch must be there.
const PAST: f64 = 0.02;
const REGULAR: f64 = 0.15;

/// Where arcs ended.
enum ArcsEnd {
    /// At the full precisions.
    Arrived(PathPoint),
    /// Where the branch is smooth again: the last two points.
    Smooth(Vec<PathPoint>),
}

/// The equilibrium to which a walk leads, with arcs where it cannot go on; none where these cannot either.
pub(super) fn finish_walk(
    follower: &mut Follower<'_>,
    point: &Point<'_>,
    mut walked: WalkResult,
) -> Option<Equilibrium> {
    let mut crossings = Vec::new();
    follower.corrector().response.sweeps = walked.sweeps;
    for _ in 0..ALTERNATIONS {
        if walked.end == WalkEnd::Arrived {
            let logits = walked.path.pop()?.logits;
            let mut found = follower.corrector().equilibrium(point.precisions, logits, Status::Converged);
            found.crossings = crossings;
            return (found.status == Status::Converged).then_some(found);
        }
        let past = walked.path.last()?.share;
        let from = point_to_go_on_from(follower, point.precisions, &walked.path)?;
        match by_arcs(follower, point.precisions, from, past, &mut crossings)? {
            ArcsEnd::Arrived(end) => {
                walked = WalkResult { end: WalkEnd::Arrived, path: vec![end], sweeps: 0 };
            }
            ArcsEnd::Smooth(path) => {
                let response = &mut follower.corrector().response;
                let walk = vec![Walk::on_from(path)];
                walked = Walker::new(&mut response.lane).walk_on(&[*point], walk).pop()?;
                response.sweeps += walked.sweeps;
            }
        }
    }
    None
}

/// A point of the walk from which arcs can go on, moved onto the branch.
fn point_to_go_on_from(
    follower: &mut Follower<'_>,
    precisions: &[f64],
    path: &[PathPoint],
) -> Option<PathPoint> {
    let end = path.last()?.share;
    let mut tried = f64::INFINITY;
    for back in BACK {
        let Some(point) = path.iter().rfind(|s| s.share <= (1.0 - back) * end) else { continue };
        if point.share < tried && point.share > 0.0 {
            tried = point.share;
            if let Some(point) = polished(follower, precisions, point) {
                return Some(point);
            }
        }
    }
    None
}

/// A point near the branch moved onto it; none where it would move far, or the orientation is not that of the principal branch.
fn polished(follower: &mut Follower<'_>, precisions: &[f64], point: &PathPoint) -> Option<PathPoint> {
    let corrector = follower.corrector();
    let mut logits = point.logits.clone();
    let scaled = scaled(precisions, point.share);
    let on_branch = corrector.newton(&scaled, &mut logits, 0.0, Effort::FULL)
        && prediction_error(corrector.layout(), &point.logits, &logits) < POLISH;
    if !on_branch {
        return None;
    }
    corrector.response.respond(&scaled, &logits);
    let oriented = !corrector.has_factors() || corrector.factorise(&scaled, &logits)?;
    oriented.then_some(PathPoint { logits, share: point.share })
}

/// By arcs to the full precisions, or to where the branch is smooth again and rises, past the share where the walk ended.
fn by_arcs(
    follower: &mut Follower<'_>,
    precisions: &[f64],
    from: PathPoint,
    past: f64,
    crossings: &mut Vec<f64>,
) -> Option<ArcsEnd> {
    let (mut top, mut smooth) = (past, None);
    let max_prediction_error = follower.corrector().response.settings().max_prediction_error;
    let options = PathOptions { precisions, until: 1.0, max_growth: f64::INFINITY, max_prediction_error };
    let mut at = from;
    let followed = follower.follow(&options, &mut at, Direction::Up, &mut |_, state: &PredictorState| {
        if state.point.share > (1.0 + PAST) * top && state.is_smooth(REGULAR) {
            smooth = state.last_two();
        }
        if !state.rises() {
            top = f64::max(top, state.point.share);
        }
        smooth.is_none().then_some(f64::INFINITY)
    });
    crossings.extend(followed.crossings);
    match (followed.status, smooth) {
        (Status::Converged, Some(path)) => Some(ArcsEnd::Smooth(path)),
        (Status::Converged, None) => Some(ArcsEnd::Arrived(at)),
        (Status::Jumped { .. } | Status::OutOfBudget { .. } | Status::Stuck { .. }, _) => None,
    }
}
