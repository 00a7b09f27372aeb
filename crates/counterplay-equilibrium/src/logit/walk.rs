//! Following the principal branches of several points of one large game at once, without factors of the Jacobian.
//!
//! Arcs with factors at every step are sure and slow: in a game of thousands of actions one costs a hundred times as much as a
//! sweep. Where the branch rises smoothly, as it mostly does at the precisions of people, steps of the precisions with the
//! accelerated iteration follow it as well. Each step is predicted along the last two points, or along a parabola through three,
//! and must end near its prediction; at the end the orientation of the branch is checked. A walk along a part of the
//! correspondence that lies between two others, as beyond an imperfect pitchfork or a fold, ends with the wrong one: the
//! determinant of the Jacobian is negative there. Its sign is that of the projection to a Krylov space from a start without a
//! pattern (Arnoldi 1951; Saad 2011, chapter 6), which finds the few eigenvalues of the response map that are large.
//!
//! Where steps have to be very short, as before a fold, or the orientation is not clearly right, arcs take over (`large.rs`).
//! That a walk stays on the branch is checked and not proved.

use super::batch::{Batch, Progress};
use super::path::{PathPoint, prediction_error, scaled};
use super::point::Point;
use crate::numeric::lanes::lanes_mut;

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

/// The share of the largest prediction error at which a step aims, and the largest growth of a step.
const AIM: f64 = 0.5;
const LARGEST_GROWTH: f64 = 3.0;

/// The dimension of the Krylov space, and from which on its projection must have a positive determinant.
const DIMENSION: usize = 8;
const TRUSTED: usize = 5;

/// Where a walk went.
#[derive(Clone, Debug)]
pub(super) struct WalkResult {
    pub(super) end: WalkEnd,
    /// The points on the way, from where it set out.
    pub(super) path: Vec<PathPoint>,
    pub(super) sweeps: usize,
}

/// How a walk ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WalkEnd {
    /// At the full precisions.
    Arrived,
    /// Shortly before steps became very short: where the branch may fold.
    Stopped,
    /// Where the orientation is not clearly that of the principal branch.
    Doubtful,
}

/// A walk in progress.
#[derive(Clone, Debug)]
pub(super) struct Walk {
    /// The points so far: at least one.
    path: Vec<PathPoint>,
    /// Whether a parabola would have been nearer to the last point than the secant.
    bent: bool,
    step: f64,
    /// The share that is being corrected, and the prediction there.
    next: PathPoint,
    sweeps: usize,
}

/// What follows after a sweep.
enum AfterSweep {
    /// Another sweep.
    Sweep,
    /// The iteration to the next point.
    Step,
    /// Nothing: the walk arrived.
    Arrived,
    /// Nothing: its steps became too short.
    Stopped,
}

impl Walk {
    /// From uniform play to these precisions.
    fn new(actions: usize) -> Self {
        let start = PathPoint::uniform(actions);
        let next = PathPoint { share: FIRST, ..start.clone() };
        Self { path: vec![start], bent: false, step: SECOND, next, sweeps: 0 }
    }

    /// On from the last of these points of the branch, which rises there.
    pub(super) fn on_from(path: Vec<PathPoint>) -> Self {
        let mut walk =
            Self { next: path[path.len() - 1].clone(), path, bent: false, step: SECOND, sweeps: 0 };
        if let Some(before) = walk.before() {
            walk.step = walk.at().share - before.share;
        }
        walk.aim_for_next();
        walk
    }

    fn at(&self) -> &PathPoint {
        &self.path[self.path.len() - 1]
    }

    fn before(&self) -> Option<&PathPoint> {
        self.path.iter().nth_back(1)
    }

    fn earlier(&self) -> Option<&PathPoint> {
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

    /// Continues from the point that was reached.
    fn accept(&mut self, found: Vec<f64>) {
        let next = PathPoint { logits: found, share: self.next.share };
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
        // What would be left for a last step of nearly nothing is divided between two.
        let left = 1.0 - self.at().share;
        let step = if self.step > 0.7 * left && self.step < left { 0.7 * left } else { self.step };
        let share = f64::min(1.0, self.at().share + step);
        self.next = PathPoint { logits: self.predict(share), share };
    }

    fn shorten(&mut self, by: f64) -> AfterSweep {
        self.step = by * (self.next.share - self.at().share);
        if self.step < SHORTEST || self.sweeps > MAX_SWEEPS {
            return AfterSweep::Stopped;
        }
        if self.path.len() == 1 {
            self.next.share = self.step;
        } else {
            self.aim_for_next();
        }
        AfterSweep::Step
    }
}

fn secant(before: &PathPoint, at: &PathPoint, share: f64) -> Vec<f64> {
    let stretch = (share - at.share) / (at.share - before.share);
    at.logits.iter().zip(&before.logits).map(|(a, b)| a + stretch * (a - b)).collect()
}

/// By Newton's divided differences.
fn parabola(earlier: &PathPoint, before: &PathPoint, at: &PathPoint, share: f64) -> Vec<f64> {
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

/// Walks along the principal branches of several points in the lanes of a batch.
pub(super) struct Walker<'a, const L: usize> {
    batch: &'a mut Batch<L>,
}

impl<'a, const L: usize> Walker<'a, L> {
    pub(super) fn new(batch: &'a mut Batch<L>) -> Self {
        Self { batch }
    }

    /// Walks from uniform play.
    pub(super) fn walk(&mut self, points: &[Point<'_>]) -> Vec<WalkResult> {
        let walks = vec![Walk::new(self.batch.layout.actions); points.len()];
        self.walk_on(points, walks)
    }

    /// Continues these walks. A lane whose walk has ended takes the next one.
    pub(super) fn walk_on(&mut self, points: &[Point<'_>], mut walks: Vec<Walk>) -> Vec<WalkResult> {
        let mut ends: Vec<Option<WalkEnd>> = vec![None; points.len()];
        let mut waiting = 0..points.len();
        let mut in_lanes: [Option<usize>; L] = [None; L];
        loop {
            for (lane, place) in in_lanes.iter_mut().enumerate().filter(|p| p.1.is_none()) {
                *place = waiting.next();
                if let Some(index) = *place {
                    self.batch.load(lane, points[index].numbers);
                    self.batch.forget_iteration(lane);
                    self.correct_next(lane, points[index].precisions, &walks[index]);
                }
            }
            if in_lanes.iter().all(Option::is_none) {
                break;
            }
            self.batch.step();
            for (lane, place) in in_lanes.iter_mut().enumerate() {
                let Some(index) = *place else { continue };
                let walk = &mut walks[index];
                ends[index] = match self.after_sweep(lane, walk) {
                    AfterSweep::Sweep => continue,
                    AfterSweep::Step => {
                        self.correct_next(lane, points[index].precisions, walk);
                        continue;
                    }
                    AfterSweep::Arrived => Some(WalkEnd::Arrived),
                    AfterSweep::Stopped => Some(WalkEnd::Stopped),
                };
                *place = None;
            }
        }
        let ended = |(walk, end): (Walk, Option<WalkEnd>)| WalkResult {
            end: end.unwrap_or(WalkEnd::Doubtful),
            path: walk.path,
            sweeps: walk.sweeps,
        };
        let mut walked: Vec<WalkResult> = walks.into_iter().zip(ends).map(ended).collect();
        for (points, walked) in points.chunks(L).zip(walked.chunks_mut(L)) {
            self.check_orientation(points, walked);
        }
        walked
    }

    fn after_sweep(&mut self, lane: usize, walk: &mut Walk) -> AfterSweep {
        match self.batch.progress(lane) {
            Progress::Iterating { .. } | Progress::Idle => AfterSweep::Sweep,
            Progress::Reached { sweeps, .. } => {
                walk.sweeps += sweeps;
                self.after_step(lane, walk)
            }
            Progress::Failed { sweeps, .. } => {
                walk.sweeps += sweeps;
                self.batch.forget_iteration(lane);
                walk.shorten(0.25)
            }
        }
    }

    fn correct_next(&mut self, lane: usize, precisions: &[f64], walk: &Walk) {
        let scaled = scaled(precisions, walk.next.share);
        let tolerance = if walk.next.share < 1.0 { BETWEEN } else { 0.0 };
        self.batch.start(lane, &scaled, &walk.next.logits, tolerance, STEP_SWEEPS);
    }

    /// What follows after a step whose iteration converged.
    fn after_step(&mut self, lane: usize, walk: &mut Walk) -> AfterSweep {
        let found = self.batch.logits(lane);
        let most = self.batch.settings.max_prediction_error;
        // From uniform play the first step is so short that there is nothing else nearby.
        let error = if walk.path.len() == 1 {
            0.0
        } else {
            prediction_error(&self.batch.layout, &walk.next.logits, &found)
        };
        let aim = (AIM * most / error).sqrt();
        if error > most {
            self.batch.forget_iteration(lane);
            return walk.shorten(aim.clamp(0.1, 0.5));
        }
        let length = walk.next.share - walk.at().share;
        walk.accept(found);
        if walk.at().share >= 1.0 {
            return AfterSweep::Arrived;
        }
        walk.step = if walk.path.len() == 2 { SECOND } else { length * aim.clamp(0.5, LARGEST_GROWTH) };
        walk.aim_for_next();
        AfterSweep::Step
    }

    /// Marks the walks whose end is not clearly oriented as the principal branch is. One that ended before the full precisions
    /// must be so as well, since arcs go on from there.
    fn check_orientation(&mut self, points: &[Point<'_>], walked: &mut [WalkResult]) {
        for (lane, (walked, point)) in walked.iter().zip(points).enumerate() {
            let at = &walked.path[walked.path.len() - 1];
            self.batch.load(lane, point.numbers);
            self.batch.put(lane, &scaled(point.precisions, at.share), &at.logits);
        }
        self.batch.respond();
        let positive = self.positive_determinants(DIMENSION, TRUSTED);
        for (walked, positive) in walked.iter_mut().zip(positive) {
            if !positive {
                walked.end = WalkEnd::Doubtful;
            }
        }
    }

    /// Whether the Jacobian $I - H_z$ at the point of the last sweep has a positive determinant in each lane, by its projection
    /// to Krylov spaces of all dimensions from `trusted` to `dimension`.
    fn positive_determinants(&mut self, dimension: usize, trusted: usize) -> [bool; L] {
        let actions = self.batch.layout.actions;
        let mut start = vec![0.0; actions * L];
        for (action, x) in lanes_mut::<L>(&mut start).iter_mut().enumerate() {
            *x = [(action as f64 * 0.618_033_988_749_894_9).fract() - 0.5; L];
        }
        let hessenberg = self.batch.arnoldi(&start, dimension);
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
