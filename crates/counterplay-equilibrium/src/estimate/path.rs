//! The principal branch of one game at fixed numbers, stored to find play at any precision on it.
//!
//! Solving from the start at every precision would sometimes end at another branch that comes near; on a path that is
//! followed once, all precisions are on the same one.

use counterplay_game::valuation::Valuation;

use crate::logit::trace::TraceSettings;
use crate::logit::{Equilibrium, Solver, Status};

/// How far from two points of the path, in probabilities, play between them may be: a share of their distance from each
/// other, and where they are near, this much. Beyond that it is on another branch.
const APART: f64 = 0.5;
const SMALL: f64 = 0.05;

/// Points of the branch, in its order: precisions, logits and play.
#[derive(Clone, Debug)]
pub(super) struct Path {
    points: Vec<(f64, Vec<f64>, Vec<f64>)>,
    /// Where another branch first crosses.
    pub(super) crossed_at: Option<f64>,
}

impl Path {
    /// Follows the branch up to a precision that all players have in common.
    pub(super) fn follow(solver: &mut Solver, numbers: &Valuation, players: usize, largest: f64) -> Self {
        let mut points = Vec::new();
        // A regret that is never reached: play at random may be an equilibrium, and the branch go on.
        let settings = TraceSettings { regret: -1.0, max_precision: largest, ..TraceSettings::default() };
        let trace = solver.trace(numbers, &vec![1.0; players], &settings, &mut |point| {
            points.push((point.precision, point.logits.clone(), point.play.clone()));
            false
        });
        if points.last().is_some_and(|p| p.0 < trace.last.precision) {
            points.push((trace.last.precision, trace.last.logits, trace.last.play));
        }
        let crossed_at = trace.crossings.first().copied();
        Self { points, crossed_at }
    }

    /// The equilibrium where the branch first gets to a precision; `None` beyond the end of the path.
    pub(super) fn at(
        &self,
        solver: &mut Solver,
        numbers: &Valuation,
        players: usize,
        precision: f64,
    ) -> Option<Equilibrium> {
        // The path ends at the largest precision but for rounding.
        let reaches = |p: &&[(f64, Vec<f64>, Vec<f64>)]| p[1].0 * (1.0 + 1e-12) >= precision;
        let pair = self.points.windows(2).find(reaches)?;
        let ((below, from, play), (above, to, play_to)) = (&pair[0], &pair[1]);
        let share = ((precision - below) / (above - below)).clamp(0.0, 1.0);
        let between = |a: &f64, b: &f64| a + share * (b - a);
        let start: Vec<f64> = from.iter().zip(to).map(|(a, b)| between(a, b)).collect();
        let apart = play.iter().zip(play_to).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        let allowed = f64::max(SMALL, APART * apart);
        let near = |found: &Equilibrium| {
            let within =
                |(p, (a, b)): (&f64, (&f64, &f64))| *p >= a.min(*b) - allowed && *p <= a.max(*b) + allowed;
            found.play.iter().zip(play.iter().zip(play_to)).all(within)
        };
        let precisions = vec![precision; players];
        let found = nearest(solver, numbers, &precisions, &start).filter(near);
        found.or_else(|| by_short_steps(solver, numbers, players, *below, from, precision).filter(near))
    }
}

/// Parts of the way from a point of the path that are taken one by one.
const PARTS: usize = 32;

/// Newton's method from a point, which stays nearer to it than the accelerated iteration does; the latter where the
/// former fails.
fn nearest(
    solver: &mut Solver,
    numbers: &Valuation,
    precisions: &[f64],
    start: &[f64],
) -> Option<Equilibrium> {
    let found = solver.solve_near(numbers, precisions, start);
    (found.status == Status::Converged).then_some(found)
}

/// The equilibrium at a precision by short steps from a point of the path below it.
fn by_short_steps(
    solver: &mut Solver,
    numbers: &Valuation,
    players: usize,
    below: f64,
    from: &[f64],
    precision: f64,
) -> Option<Equilibrium> {
    let (mut before, mut at) = (from.to_vec(), from.to_vec());
    let mut last = None;
    for part in 1..=PARTS {
        let reached = below + (precision - below) * part as f64 / PARTS as f64;
        let start: Vec<f64> = at.iter().zip(&before).map(|(z, y)| 2.0 * z - y).collect();
        let found = nearest(solver, numbers, &vec![reached; players], &start)?;
        (before, at) = (at, found.logits.clone());
        last = Some(found);
    }
    last
}
