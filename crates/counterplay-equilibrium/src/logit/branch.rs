//! Following a branch of logit equilibria while the precisions grow in proportion: arc after arc, each so short that it
//! cannot leave the branch.

use super::arc::{Arc, Arcs};
use super::corrector::Corrector;
use super::equilibrium::Status;
use super::path::{Direction, PathOptions, PathPoint};
use super::predictor::PredictorState;

/// The length of the first arc, of the longest, of the shortest, and of one on which a change of the orientation is that of a
/// crossing and not of a bend.
const FIRST_ARC: f64 = 0.1;
const LONGEST_ARC: f64 = 4.0;
const SHORTEST_ARC: f64 = 1e-10;
const CROSSING_ARC: f64 = 1e-6;

/// Beyond that rounding is a larger share of a crossing's arc.
const NOISE_OF_CROSSING: f64 = 0.1;

/// The longest arc, over the distance of its beginning from a singular point.
const REGULAR: f64 = 1.0;

/// The longest step from uniform play, as a share of the range where precisions make little difference.
const FIRST_SHARE: f64 = 0.25;

/// Where an arc folds below the share to reach by less than this share of its own height, a shorter one has to show whether it
/// gets there, unless it is shorter than this.
const TIP: f64 = 0.5;
const TIP_ARC: f64 = 1e-4;

/// Into how many parts an arc is divided to find where it passes the share to reach.
const PARTS: usize = 64;

/// Is shown every point on the way; returns the share beyond which no step need go, or nothing to end there.
pub(super) type Visit<'v> = dyn FnMut(&mut Corrector, &PredictorState) -> Option<f64> + 'v;

/// How following a branch ended.
pub(super) struct FollowResult {
    pub(super) status: Status,
    /// The shares at which other branches cross.
    pub(super) crossings: Vec<f64>,
}

/// Follows branches of one game.
pub(super) struct Follower<'a> {
    arcs: Arcs<'a>,
}

impl<'a> Follower<'a> {
    /// Follows by a corrector that has begun at a point.
    pub(super) fn new(corrector: &'a mut Corrector) -> Self {
        Self { arcs: Arcs::new(corrector) }
    }

    pub(super) fn corrector(&mut self) -> &mut Corrector {
        self.arcs.corrector
    }

    /// Follows the branch from `at`, in this direction at first, to the share to reach, to where `visit` ends it, or as far as
    /// it can be followed.
    pub(super) fn follow(
        &mut self,
        options: &PathOptions<'_>,
        at: &mut PathPoint,
        direction: Direction,
        visit: &mut Visit<'_>,
    ) -> FollowResult {
        let mut crossings = Vec::new();
        let Some(start) = self.arcs.start(options.precisions, at) else {
            return FollowResult { status: Status::Stuck { reached: at.share }, crossings };
        };
        let start = match direction {
            Direction::Up => start,
            Direction::Down => start.reversed(),
        };
        let (status, end) = self.follow_from(options, start, &mut crossings, visit);
        *at = end;
        FollowResult { status, crossings }
    }

    fn follow_from(
        &mut self,
        options: &PathOptions<'_>,
        mut state: PredictorState,
        crossings: &mut Vec<f64>,
        visit: &mut Visit<'_>,
    ) -> (Status, PathPoint) {
        // A length that failed is not tried again soon.
        let (mut length, mut ceiling, mut enough) = (FIRST_ARC, LONGEST_ARC, f64::INFINITY);
        loop {
            let response = &self.arcs.corrector.response;
            if response.sweeps > response.settings().max_sweeps {
                return (Status::OutOfBudget { reached: state.point.share }, state.point);
            }
            length = length.min(ceiling).min(self.longest(options, &state, enough));
            match self.next(options, &state, length) {
                Next::Landed(point) => return (Status::Converged, point),
                Next::Arc(arc) => {
                    if arc.flips {
                        crossings.push(arc.end.point.share);
                    }
                    length *= if arc.flips { 10.0 } else { arc.growth };
                    ceiling = f64::min(1.5 * ceiling, LONGEST_ARC);
                    state = arc.end;
                    let Some(share) = visit(self.arcs.corrector, &state) else {
                        return (Status::Converged, state.point);
                    };
                    enough = share;
                }
                Next::Shorter(by) => {
                    if by < 0.5 {
                        ceiling = 0.7 * length;
                    }
                    length *= by;
                    if length < SHORTEST_ARC {
                        return (Status::Stuck { reached: state.point.share }, state.point);
                    }
                    self.arcs.return_to(options.precisions, &state);
                }
            }
        }
    }

    /// The longest arc that does not go too far in the share.
    fn longest(&self, options: &PathOptions<'_>, state: &PredictorState, enough: f64) -> f64 {
        let (share, rate) = (state.point.share, state.share_rate());
        let most = options.max_growth * (share + FIRST_SHARE * self.arcs.corrector.least_share);
        let most = if rate > 0.0 && enough > share { most.min(enough - share) } else { most };
        (most / rate.abs()).min(f64::max(REGULAR * state.regularity, self.crossing_arc()))
    }

    /// The length of an arc on which a change of the orientation is that of a crossing.
    fn crossing_arc(&self) -> f64 {
        f64::max(CROSSING_ARC, self.arcs.noise / NOISE_OF_CROSSING)
    }

    /// The next arc, or where the share to reach is.
    fn next(&mut self, options: &PathOptions<'_>, state: &PredictorState, length: f64) -> Next {
        let Some(arc) = self.arcs.arc(options, state, length) else { return Next::Shorter(1.0 / 3.0) };
        if length > self.crossing_arc() && (arc.flips || length > 2.0 * REGULAR * arc.end.regularity) {
            return Next::Shorter(0.5);
        }
        let part = match passes(state, &arc.end, options.until) {
            Passes::After(part) => part,
            Passes::Perhaps if length > TIP_ARC => return Next::Shorter(0.3),
            Passes::Perhaps | Passes::Not => return Next::Arc(arc),
        };
        match self.arcs.land(options, state, &arc.end, part) {
            Some(point) => Next::Landed(point),
            None => Next::Shorter(0.5),
        }
    }
}

/// What comes after a point of a branch.
enum Next {
    Arc(Arc),
    /// The point at the share to reach.
    Landed(PathPoint),
    /// No arc of this length surely stays on the branch; one of this share of it may.
    Shorter(f64),
}

/// Whether an arc passes a share.
enum Passes {
    Not,
    /// It folds so near below the share that the cubic cannot show it.
    Perhaps,
    /// For the first time after this part of it.
    After(f64),
}

/// Whether an arc passes a share, by the cubic between its ends.
fn passes(from: &PredictorState, to: &PredictorState, share: f64) -> Passes {
    let n = from.point.logits.len();
    if from.point.share >= share {
        return Passes::Not;
    }
    let folds = from.rises() && !to.rises();
    if !folds && to.point.share < share {
        return Passes::Not;
    }
    let of = |part: f64| from.between(to, part)[n];
    let parts = (1..=PARTS).map(|k| k as f64 / PARTS as f64);
    let Some(first) = parts.clone().find(|&part| of(part) >= share) else {
        let top = parts.map(of).fold(0.0, f64::max);
        let height = top - from.point.share.min(to.point.share);
        return if folds && share - top < TIP * height { Passes::Perhaps } else { Passes::Not };
    };
    let (mut low, mut high) = (first - 1.0 / PARTS as f64, first);
    for _ in 0..40 {
        let middle = 0.5 * (low + high);
        if of(middle) >= share { high = middle } else { low = middle }
    }
    Passes::After(high)
}
