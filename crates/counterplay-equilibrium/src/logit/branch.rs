//! Following a branch of logit equilibria while the precisions grow in proportion: arc after arc, each so short that it
//! cannot leave the branch.

use crate::logit::arc::{Arc, Front, scaled};
use crate::logit::newton::Effort;
use crate::logit::sweep::softmax;
use crate::logit::{Solver, Status};

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

/// Where an arc turns below the share to reach by less than this share of its own height, a shorter one has to tell whether it
/// gets there, unless it is shorter than this.
const TIP: f64 = 0.5;
const TIP_ARC: f64 = 1e-4;

/// Into how many parts an arc is divided to find where it passes the share to reach.
const PARTS: usize = 64;

/// The tries of a jump: damped sweeps, and their weight. Each starts where the one before ended: what goes round in
/// a circle under one damping comes nearer under a stronger one.
const JUMPS: [(usize, f64); 5] = [(0, 1.0), (50, 0.5), (200, 0.5), (200, 0.2), (400, 0.1)];

/// Corrections after a jump.
const JUMP_CORRECTIONS: usize = 100;

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
    /// The largest difference between a probability and its prediction that a step may bring.
    pub(crate) max_surprise: f64,
    /// The longest step, as a share of the share reached.
    pub(crate) max_growth: f64,
    /// Told of every point; says beyond which share no step need go, or nothing to end the course.
    pub(crate) visit: &'a mut dyn FnMut(&mut Solver, &Front) -> Option<f64>,
}

/// How following a branch ended.
pub(crate) struct Followed {
    pub(crate) status: Status,
    /// The shares at which other branches cross.
    pub(crate) crossings: Vec<f64>,
}

impl Solver {
    /// Follows the branch from `at`, at first upwards or downwards; to the end of the course, or where it ended else.
    pub(crate) fn follow(&mut self, course: &mut Course<'_>, at: &mut Spot, upwards: bool) -> Followed {
        let mut crossings = Vec::new();
        let Some(front) = self.front(course.precisions, at, upwards) else {
            return Followed { status: Status::Stuck { reached: at.share }, crossings };
        };
        let status = self.follow_front(course, at, front, &mut crossings);
        Followed { status, crossings }
    }

    fn follow_front(
        &mut self,
        course: &mut Course<'_>,
        at: &mut Spot,
        mut front: Front,
        crossings: &mut Vec<f64>,
    ) -> Status {
        // What did not lead anywhere is not tried again soon.
        let (mut length, mut ceiling, mut enough) = (FIRST_ARC, LONGEST_ARC, f64::INFINITY);
        loop {
            if self.sweeps > self.settings.max_sweeps {
                *at = front.spot;
                return Status::OutOfBudget { reached: at.share };
            }
            length = length.min(ceiling).min(self.longest(course, &front, enough));
            match self.next(course, &front, length) {
                Next::Landed(spot) => {
                    *at = spot;
                    return Status::Converged;
                }
                Next::Arc(arc) => {
                    if arc.flips {
                        crossings.push(arc.front.spot.share);
                    }
                    length *= if arc.flips { 10.0 } else { arc.growth };
                    ceiling = f64::min(1.5 * ceiling, LONGEST_ARC);
                    front = arc.front;
                    let Some(share) = (course.visit)(self, &front) else {
                        *at = front.spot;
                        return Status::Converged;
                    };
                    enough = share;
                }
                Next::Shorter(by) => {
                    if by < 0.5 {
                        ceiling = 0.7 * length;
                    }
                    length *= by;
                    if length < SHORTEST_ARC {
                        *at = front.spot;
                        return Status::Stuck { reached: at.share };
                    }
                    self.return_to(course.precisions, &front);
                }
            }
        }
    }

    /// The longest arc that does not go too far in the share.
    fn longest(&self, course: &Course<'_>, front: &Front, enough: f64) -> f64 {
        let (share, rate) = (front.spot.share, front.share_rate());
        let most = course.max_growth * (share + FIRST_SHARE * self.least_share);
        let most = if rate > 0.0 && enough > share { most.min(enough - share) } else { most };
        (most / rate.abs()).min(f64::max(REGULAR * front.regularity, self.crossing_arc()))
    }

    /// The length of an arc on which a change of the orientation is that of a crossing.
    fn crossing_arc(&self) -> f64 {
        f64::max(CROSSING_ARC, self.noise / NOISE_OF_CROSSING)
    }

    /// The next arc, or where the course ends.
    fn next(&mut self, course: &Course<'_>, front: &Front, length: f64) -> Next {
        let Some(arc) = self.arc(course, front, length) else { return Next::Shorter(1.0 / 3.0) };
        if length > self.crossing_arc() && (arc.flips || length > 2.0 * REGULAR * arc.front.regularity) {
            return Next::Shorter(0.5);
        }
        let part = match passes(front, &arc.front, course.until) {
            Passes::After(part) => part,
            Passes::Perhaps if length > TIP_ARC => return Next::Shorter(0.3),
            Passes::Perhaps | Passes::Not => return Next::Arc(arc),
        };
        match self.land(course, front, &arc.front, part) {
            Some(spot) => Next::Landed(spot),
            None => Next::Shorter(0.5),
        }
    }

    /// The largest difference between the probabilities of an action under two vectors of logits.
    pub(crate) fn surprise(&self, predicted: &[f64], found: &[f64]) -> f64 {
        let (mut before, mut after) = (vec![0.0; found.len()], vec![0.0; found.len()]);
        softmax(&self.layout, predicted, &mut before);
        softmax(&self.layout, found, &mut after);
        before.iter().zip(&after).map(|(p, q)| (p - q).abs()).fold(0.0, f64::max)
    }

    /// From where the branch could be followed to, an iteration at the full precisions: an equilibrium, but which one nobody
    /// can say.
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
        if self.newton(precisions, &mut next, 0.0, Effort::FULL) {
            at.logits = next;
            return Status::Jumped { at: reached };
        }
        ended
    }

    /// The response at a share of the precisions.
    pub(crate) fn respond_at(&mut self, precisions: &[f64], spot: &Spot) {
        self.respond(&scaled(precisions, spot.share), &spot.logits);
    }
}

/// What comes after a point of a branch.
enum Next {
    Arc(Arc),
    /// The end of the course.
    Landed(Spot),
    /// No arc of this length stays on the branch for sure; one of this share of it may.
    Shorter(f64),
}

/// Whether an arc passes a share.
enum Passes {
    Not,
    /// It turns so near below the share that the cubic cannot tell.
    Perhaps,
    /// For the first time after this part of it.
    After(f64),
}

/// Whether an arc passes a share, by the cubic between its ends.
fn passes(from: &Front, to: &Front, share: f64) -> Passes {
    let n = from.spot.logits.len();
    if from.spot.share >= share {
        return Passes::Not;
    }
    let turns = from.rises() && !to.rises();
    if !turns && to.spot.share < share {
        return Passes::Not;
    }
    let of = |part: f64| from.between(to, part)[n];
    let parts = (1..=PARTS).map(|k| k as f64 / PARTS as f64);
    let Some(first) = parts.clone().find(|&part| of(part) >= share) else {
        let top = parts.map(of).fold(0.0, f64::max);
        let height = top - from.spot.share.min(to.spot.share);
        return if turns && share - top < TIP * height { Passes::Perhaps } else { Passes::Not };
    };
    let (mut low, mut high) = (first - 1.0 / PARTS as f64, first);
    for _ in 0..40 {
        let middle = 0.5 * (low + high);
        if of(middle) >= share { high = middle } else { low = middle }
    }
    Passes::After(high)
}
