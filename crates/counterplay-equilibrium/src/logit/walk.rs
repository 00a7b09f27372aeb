//! Following the principal branches of several points of one large game at once, without factors of the Jacobian.
//!
//! Arcs with factors at every step are sure and slow: in a game of thousands of actions they cost a hundred times what a sweep
//! costs. Where the branch rises smoothly, as it mostly does at the precisions of people, steps of the precisions with the accelerated
//! iteration lead along it as well. Each step is predicted along the last two points, or along a parabola through three, and must
//! end near its prediction; at the end the orientation of the branch is looked at. A walk along a part of the correspondence that
//! lies between two others, as beyond an imperfect pitchfork or a turn, ends with the wrong one: the determinant of the Jacobian
//! is negative there. Its sign is that of the projection to a Krylov space from a start without a pattern (Arnoldi 1951; Saad 2011,
//! chapter 6), which finds the few eigenvalues of the response map that are large.
//!
//! Where steps have to be very short, as before a turn, or the orientation is not clearly right, arcs take over (`large.rs`).
//! That a walk stays on the branch is checked and not proved.

use crate::logit::batch::{Batch, Progress};
use crate::logit::branch::Spot;
use crate::logit::sweep::softmax;
use crate::numeric::lanes::lanes_mut;

/// A point to solve: the numbers of the game, and the precision of each player.
#[derive(Clone, Copy, Debug)]
pub struct Point<'a> {
    /// Probabilities and payoffs.
    pub numbers: &'a counterplay_game::valuation::Valuation,
    /// Player by player.
    pub precisions: &'a [f64],
}

/// The first step, and the second, as shares of the precisions.
const FIRST: f64 = 0.02;
const SECOND: f64 = 0.15;

/// How near to the branch the points on the way are kept, in logits: nearer than the prediction of the next is.
const BETWEEN: f64 = 1e-2;

/// Sweeps of one step, and of a whole walk, at most.
const STEP_SWEEPS: usize = 30;
const MAX_SWEEPS: usize = 400;

/// The shortest step, as a share of the precisions.
const SHORTEST: f64 = 4e-3;

/// The share of the largest surprise that a step aims at, and the largest growth of a step.
const AIM: f64 = 0.5;
const LARGEST_GROWTH: f64 = 3.0;

/// The dimension of the Krylov space, and from which on its projection must have a positive determinant.
const DIMENSION: usize = 8;
const TRUSTED: usize = 5;

/// Where a walk went.
#[derive(Clone, Debug)]
pub(crate) struct Walked {
    pub(crate) end: WalkEnd,
    /// The points on the way, from where it set out.
    pub(crate) path: Vec<Spot>,
    pub(crate) sweeps: usize,
}

/// How a walk ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WalkEnd {
    /// At the full precisions.
    There,
    /// Shortly before steps became very short: where the branch may turn.
    Before,
    /// Where the orientation is not clearly that of the principal branch.
    Doubtful,
}

/// A walk under way in a lane.
#[derive(Clone, Debug)]
pub(crate) struct Walk {
    /// The points so far: at least one.
    path: Vec<Spot>,
    /// Whether a parabola would have been nearer to the last point than the secant.
    bent: bool,
    step: f64,
    /// The share that is being corrected, and the prediction there.
    next: Spot,
    sweeps: usize,
}

/// What comes after a sweep.
enum Then {
    Wait,
    Go,
    Done,
    Lost,
}

impl Walk {
    /// From uniform play to these precisions.
    fn new(actions: usize) -> Self {
        let start = Spot { logits: vec![0.0; actions], share: 0.0 };
        let next = Spot { share: FIRST, ..start.clone() };
        Self { path: vec![start], bent: false, step: SECOND, next, sweeps: 0 }
    }

    /// On from the last of these points of the branch, which rises there.
    pub(crate) fn on_from(path: Vec<Spot>) -> Self {
        let mut walk =
            Self { next: path[path.len() - 1].clone(), path, bent: false, step: SECOND, sweeps: 0 };
        if let Some(before) = walk.before() {
            walk.step = walk.at().share - before.share;
        }
        walk.aim_for_next();
        walk
    }

    fn at(&self) -> &Spot {
        &self.path[self.path.len() - 1]
    }

    fn before(&self) -> Option<&Spot> {
        self.path.iter().nth_back(1)
    }

    fn earlier(&self) -> Option<&Spot> {
        self.path.iter().nth_back(2)
    }

    /// The logits at a share, by the secant, or by the parabola where that was better at the last point.
    fn predict(&self, share: f64) -> Vec<f64> {
        match (self.before(), self.earlier()) {
            (Some(before), Some(earlier)) if self.bent => parabola(earlier, before, self.at(), share),
            (Some(before), _) => secant(before, self.at(), share),
            (None, _) => self.at().logits.clone(),
        }
    }

    /// Goes on from the point that was reached.
    fn accept(&mut self, found: Vec<f64>) {
        let next = Spot { logits: found, share: self.next.share };
        if let (Some(earlier), Some(before)) = (self.earlier(), self.before()) {
            let error = |logits: Vec<f64>| -> f64 {
                logits.iter().zip(&next.logits).map(|(a, b)| (a - b).abs().min(1.0)).sum()
            };
            let bent = error(parabola(earlier, before, self.at(), next.share));
            self.bent = bent < error(secant(before, self.at(), next.share));
        }
        self.path.push(next);
    }

    fn aim_for_next(&mut self) {
        // A last step that is nearly nothing is worth no step of its own.
        let left = 1.0 - self.at().share;
        let step = if self.step > 0.7 * left && self.step < left { 0.7 * left } else { self.step };
        let share = f64::min(1.0, self.at().share + step);
        self.next = Spot { logits: self.predict(share), share };
    }

    fn shorten(&mut self, by: f64) -> Then {
        self.step = by * (self.next.share - self.at().share);
        if self.step < SHORTEST || self.sweeps > MAX_SWEEPS {
            return Then::Lost;
        }
        if self.path.len() == 1 {
            self.next.share = self.step;
        } else {
            self.aim_for_next();
        }
        Then::Go
    }
}

fn secant(before: &Spot, at: &Spot, share: f64) -> Vec<f64> {
    let stretch = (share - at.share) / (at.share - before.share);
    at.logits.iter().zip(&before.logits).map(|(a, b)| a + stretch * (a - b)).collect()
}

/// By Newton's divided differences.
fn parabola(earlier: &Spot, before: &Spot, at: &Spot, share: f64) -> Vec<f64> {
    let (last, first) = (at.share - before.share, before.share - earlier.share);
    let (ahead, both) = (share - at.share, at.share - earlier.share);
    let curved = ahead * (share - before.share) / both;
    let points = at.logits.iter().zip(&before.logits).zip(&earlier.logits);
    points
        .map(|((a, b), c)| {
            let slope = (a - b) / last;
            a + ahead * slope + curved * (slope - (b - c) / first)
        })
        .collect()
}

impl<const L: usize> Batch<L> {
    /// Walks along the principal branches of these points, from uniform play.
    pub(crate) fn walk(&mut self, points: &[Point<'_>]) -> Vec<Walked> {
        let walks = vec![Walk::new(self.layout().actions); points.len()];
        self.walk_on(points, walks)
    }

    /// Goes on with these walks. A lane whose walk has ended takes the next one.
    pub(crate) fn walk_on(&mut self, points: &[Point<'_>], mut walks: Vec<Walk>) -> Vec<Walked> {
        let mut ends: Vec<Option<WalkEnd>> = vec![None; points.len()];
        let mut waiting = 0..points.len();
        let mut under_way: [Option<usize>; L] = [None; L];
        loop {
            for (lane, place) in under_way.iter_mut().enumerate().filter(|p| p.1.is_none()) {
                *place = waiting.next();
                if let Some(index) = *place {
                    self.load(lane, points[index].numbers);
                    self.forget(lane);
                    self.correct_next(lane, points[index].precisions, &walks[index]);
                }
            }
            if under_way.iter().all(Option::is_none) {
                break;
            }
            self.step();
            for (lane, place) in under_way.iter_mut().enumerate() {
                let Some(index) = *place else { continue };
                let walk = &mut walks[index];
                ends[index] = match self.go_on(lane, walk) {
                    Then::Wait => continue,
                    Then::Go => {
                        self.correct_next(lane, points[index].precisions, walk);
                        continue;
                    }
                    Then::Done => Some(WalkEnd::There),
                    Then::Lost => Some(WalkEnd::Before),
                };
                *place = None;
            }
        }
        let ended = |(walk, end): (Walk, Option<WalkEnd>)| Walked {
            end: end.unwrap_or(WalkEnd::Doubtful),
            path: walk.path,
            sweeps: walk.sweeps,
        };
        let mut done: Vec<Walked> = walks.into_iter().zip(ends).map(ended).collect();
        for (points, done) in points.chunks(L).zip(done.chunks_mut(L)) {
            self.keep_the_oriented(points, done);
        }
        done
    }

    /// What comes after a sweep.
    fn go_on(&mut self, lane: usize, walk: &mut Walk) -> Then {
        match self.progress(lane) {
            Progress::Iterating { .. } | Progress::Idle => Then::Wait,
            Progress::Reached { sweeps, .. } => {
                walk.sweeps += sweeps;
                self.reached(lane, walk)
            }
            Progress::Failed { sweeps, .. } => {
                walk.sweeps += sweeps;
                self.forget(lane);
                walk.shorten(0.25)
            }
        }
    }

    fn correct_next(&mut self, lane: usize, precisions: &[f64], walk: &Walk) {
        let scaled: Vec<f64> = precisions.iter().map(|l| l * walk.next.share).collect();
        let tolerance = if walk.next.share < 1.0 { BETWEEN } else { 0.0 };
        self.start(lane, &scaled, &walk.next.logits, tolerance, STEP_SWEEPS);
    }

    /// What follows after a step whose iteration converged.
    fn reached(&mut self, lane: usize, walk: &mut Walk) -> Then {
        let found = self.logits(lane);
        let most = self.settings().max_surprise;
        // From uniform play the first step is so short that there is nothing else.
        let surprise = if walk.path.len() == 1 { 0.0 } else { self.surprise(&walk.next.logits, &found) };
        let aim = (AIM * most / surprise).sqrt();
        if surprise > most {
            self.forget(lane);
            return walk.shorten(aim.clamp(0.1, 0.5));
        }
        let length = walk.next.share - walk.at().share;
        walk.accept(found);
        if walk.at().share >= 1.0 {
            return Then::Done;
        }
        walk.step = if walk.path.len() == 2 { SECOND } else { length * aim.clamp(0.5, LARGEST_GROWTH) };
        walk.aim_for_next();
        Then::Go
    }

    /// The largest difference between the probabilities of an action under two vectors of logits.
    fn surprise(&self, predicted: &[f64], found: &[f64]) -> f64 {
        let (mut before, mut after) = (vec![0.0; found.len()], vec![0.0; found.len()]);
        softmax(self.layout(), predicted, &mut before);
        softmax(self.layout(), found, &mut after);
        before.iter().zip(&after).map(|(p, q)| (p - q).abs()).fold(0.0, f64::max)
    }

    /// Marks the walks whose end is not clearly oriented as the principal branch is. One that ended before the full precisions
    /// must be so as well, since arcs go on from there.
    fn keep_the_oriented(&mut self, points: &[Point<'_>], done: &mut [Walked]) {
        for (lane, (walked, point)) in done.iter().zip(points).enumerate() {
            let at = &walked.path[walked.path.len() - 1];
            self.load(lane, point.numbers);
            let scaled: Vec<f64> = point.precisions.iter().map(|l| l * at.share).collect();
            self.put(lane, &scaled, &at.logits);
        }
        self.respond();
        let positive = self.positive_determinants(DIMENSION, TRUSTED);
        for (walked, positive) in done.iter_mut().zip(positive) {
            if !positive {
                walked.end = WalkEnd::Doubtful;
            }
        }
    }

    /// Whether the Jacobian $I - H_z$ at the point of the last sweep has a positive determinant in each lane, by its projection
    /// to Krylov spaces of all dimensions from `trusted` to `dimension`.
    fn positive_determinants(&mut self, dimension: usize, trusted: usize) -> [bool; L] {
        let actions = self.layout().actions;
        let mut start = vec![0.0; actions * L];
        for (action, x) in lanes_mut::<L>(&mut start).iter_mut().enumerate() {
            *x = [(action as f64 * 0.618_033_988_749_894_9).fract() - 0.5; L];
        }
        let hessenberg = self.arnoldi(&start, dimension);
        std::array::from_fn(|lane| {
            (trusted.min(hessenberg.len())..=hessenberg.len())
                .all(|size| positive_determinant(&hessenberg, size, lane))
        })
    }
}

/// Whether the leading block of an upper Hessenberg matrix, given column by column, has a positive determinant in a lane; by
/// elimination with partial pivoting.
fn positive_determinant<const L: usize>(columns: &[Vec<[f64; L]>], size: usize, lane: usize) -> bool {
    let entry = |row: usize, column: usize| columns[column].get(row).map_or(0.0, |x| x[lane]);
    let mut matrix: Vec<Vec<f64>> = (0..size).map(|r| (0..size).map(|c| entry(r, c)).collect()).collect();
    let mut positive = true;
    for k in 0..size {
        if k + 1 < size && matrix[k + 1][k].abs() > matrix[k][k].abs() {
            matrix.swap(k, k + 1);
            positive = !positive;
        }
        let pivot = matrix[k][k];
        if !pivot.is_finite() {
            return false;
        }
        if pivot < 0.0 {
            positive = !positive;
        }
        if k + 1 < size && pivot != 0.0 {
            let factor = matrix[k + 1][k] / pivot;
            let (above, below) = matrix.split_at_mut(k + 1);
            for (x, y) in below[0][k..].iter_mut().zip(&above[k][k..]) {
                *x -= factor * y;
            }
        }
    }
    positive
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sign_of_a_determinant_is_found_by_elimination() {
        // Columns of ((2, 1), (4, 1)): the determinant is -2; its leading entry is positive.
        let columns = vec![vec![[2.0], [4.0]], vec![[1.0], [1.0]]];
        assert!(positive_determinant(&columns, 1, 0));
        assert!(!positive_determinant(&columns, 2, 0));
    }
}
