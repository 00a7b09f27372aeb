//! The principal branch of a large game: walks where it is smooth, arcs where it turns.
//!
//! A walk (see the [walk](crate::logit::walk)) costs a hundredth of what arcs cost, and ends where its steps become very short or its
//! orientation is not clearly right. From there it goes back, to a point that Newton's method hardly moves and at which the
//! determinant of the Jacobian is positive. Arcs lead on from that point, past where the walk ended and past all
//! folds, until the branch is smooth again; then it is walked on.

use crate::logit::arc::Front;
use crate::logit::branch::{Course, Spot};
use crate::logit::newton::Effort;
use crate::logit::walk::{Point, Walk, WalkEnd, Walked};
use crate::logit::{Equilibrium, Solver, Status};

/// How far, in probabilities, a point of a walk may be from the branch.
const POLISH: f64 = 0.01;

/// How far back arcs begin, as shares of the precisions at which the walk ended: the first of these points that will do.
const BACK: [f64; 6] = [0.01, 0.03, 0.08, 0.2, 0.4, 0.6];

/// How often arcs and walks take turns.
const TURNS: usize = 6;

/// How far past the end of a walk, and past the folds, the next one begins, as a share of the precisions reached; and how regular
/// the branch must be there.
const PAST: f64 = 0.02;
const REGULAR: f64 = 0.15;

/// Where arcs ended.
enum Ahead {
    /// At the full precisions.
    There(Spot),
    /// Where the branch is smooth again: the last two points.
    Smooth(Vec<Spot>),
}

impl Solver {
    /// The equilibrium where a walk leads, with arcs where it cannot go on; none where these cannot either.
    pub(crate) fn where_a_walk_leads(&mut self, point: &Point<'_>, walked: Walked) -> Option<Equilibrium> {
        let (mut walked, mut crossings) = (walked, Vec::new());
        self.sweeps = walked.sweeps;
        for _ in 0..TURNS {
            if walked.end == WalkEnd::There {
                let logits = walked.path.pop()?.logits;
                let mut found = self.equilibrium(point.precisions, logits, Status::Converged);
                found.crossings = crossings;
                return (found.status == Status::Converged).then_some(found);
            }
            let past = walked.path.last()?.share;
            let from = self.back(point.precisions, &walked.path)?;
            match self.ahead(point.precisions, from, past, &mut crossings)? {
                Ahead::There(spot) => {
                    walked = Walked { end: WalkEnd::There, path: vec![spot], sweeps: 0 };
                }
                Ahead::Smooth(path) => {
                    let walk = Walk::on_from(path);
                    walked = self.with_one(|one| one.walk_on(&[*point], vec![walk])).pop()?;
                    self.sweeps += walked.sweeps;
                }
            }
        }
        None
    }

    /// A point of the walk from which arcs can go on, moved onto the branch.
    fn back(&mut self, precisions: &[f64], path: &[Spot]) -> Option<Spot> {
        let end = path.last()?.share;
        let mut tried = f64::INFINITY;
        for back in BACK {
            let Some(spot) = path.iter().rfind(|s| s.share <= (1.0 - back) * end) else { continue };
            if spot.share < tried && spot.share > 0.0 {
                tried = spot.share;
                if let Some(spot) = self.polished(precisions, spot) {
                    return Some(spot);
                }
            }
        }
        None
    }

    /// A point near the branch moved onto it; none where it would move far, or the orientation is not that of the principal branch.
    fn polished(&mut self, precisions: &[f64], spot: &Spot) -> Option<Spot> {
        let mut logits = spot.logits.clone();
        let scaled: Vec<f64> = precisions.iter().map(|l| l * spot.share).collect();
        let on = self.newton(&scaled, &mut logits, 0.0, Effort::FULL)
            && self.surprise(&spot.logits, &logits) < POLISH;
        if !on {
            return None;
        }
        self.respond(&scaled, &logits);
        let oriented = !self.has_factors() || self.linearise(&scaled, &logits)?;
        oriented.then_some(Spot { logits, share: spot.share })
    }

    /// By arcs to the full precisions, or to where the branch is smooth again and rises, past the share where the walk ended.
    fn ahead(
        &mut self,
        precisions: &[f64],
        from: Spot,
        past: f64,
        crossings: &mut Vec<f64>,
    ) -> Option<Ahead> {
        let (mut top, mut smooth) = (past, None);
        let visit = &mut |_: &mut Self, front: &Front| {
            if front.spot.share > (1.0 + PAST) * top && front.is_smooth(REGULAR) {
                smooth = front.last_two();
            }
            if !front.rises() {
                top = f64::max(top, front.spot.share);
            }
            smooth.is_none().then_some(f64::INFINITY)
        };
        let max_surprise = self.settings.max_surprise;
        let mut course = Course { precisions, until: 1.0, max_growth: f64::INFINITY, max_surprise, visit };
        let mut at = from;
        let followed = self.follow(&mut course, &mut at, true);
        crossings.extend(followed.crossings);
        match (followed.status, smooth) {
            (Status::Converged, Some(path)) => Some(Ahead::Smooth(path)),
            (Status::Converged, None) => Some(Ahead::There(at)),
            _ => None,
        }
    }
}
