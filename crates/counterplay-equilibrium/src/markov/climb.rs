//! Climbing to higher precisions in processes of many states, whose branch from uniform play folds too often to be followed.
//!
//! With the values held, each state is a game of its own, and its logit equilibrium near the present play, or else the one on
//! its own principal branch, is found by itself. That leaves the equations of the values, $R(V) = V$ with play in its
//! place, which Newton's method solves: policy iteration, with logit equilibria for policies (Puterman and Brumelle 1979).
//! Where a state's play jumps, the others stay. What is reached is an equilibrium, but the branch was left.

use rayon::prelude::*;

use super::equations::BETWEEN;
use super::point::MarkovPoint;
use super::{Local, Solver, Status};
use crate::logit;

/// By which part the share grows in the first step, at most in any, and at least before the climb is given up.
const FIRST_GROWTH: f64 = 0.3;
const LARGEST_GROWTH: f64 = 3.0;
const SMALLEST_GROWTH: f64 = 1e-3;

/// Steps of Newton's method for the values at one share.
const MAX_ROUNDS: usize = 12;

/// Steps that may fail to lead nearer.
const MAX_FAILURES: usize = 3;

impl Solver {
    /// Climbs to the share `until`, or without one to the limit.
    pub(super) fn climb(
        &mut self,
        precisions: &[f64],
        point: &mut MarkovPoint,
        until: Option<f64>,
    ) -> Status {
        let top = precisions.iter().copied().fold(0.0, f64::max);
        let mut games = self.games();
        let mut growth = FIRST_GROWTH;
        loop {
            if self.systems > self.settings.max_systems {
                return Status::OutOfBudget;
            }
            let share = f64::min(point.share * (1.0 + growth), until.unwrap_or(f64::INFINITY));
            let mut next = MarkovPoint { share, ..point.clone() };
            if self.correct(precisions, &mut next, &mut games) {
                *point = next;
                growth = f64::min(1.5 * growth, LARGEST_GROWTH);
            } else {
                growth *= 0.3;
                if growth < SMALLEST_GROWTH {
                    return Status::Stuck;
                }
                continue;
            }
            if until.is_some_and(|until| point.share >= until) {
                let reached = self.settle(precisions, point, self.settings.tolerance);
                return if reached { Status::Converged } else { Status::Stuck };
            }
            let steepness = point.share * top * self.range;
            if let Some(status) = self.limit_at(steepness).filter(|_| until.is_none()) {
                return status;
            }
        }
    }

    /// A solver for the game of each state.
    fn games(&self) -> Vec<logit::Solver> {
        self.states.iter().map(|s| logit::Solver::of(s.layout.clone(), logit::Settings::default())).collect()
    }

    /// Finds play and values near a point with the share held; whether it came as near to an equilibrium as points on a
    /// branch are.
    fn correct(&mut self, precisions: &[f64], point: &mut MarkovPoint, games: &mut [logit::Solver]) -> bool {
        let (mut last, mut failures) = (f64::INFINITY, 0);
        for _ in 0..MAX_ROUNDS {
            self.play_each(precisions, point, games);
            let weighed = self.respond(precisions, point).weighed;
            if weighed <= f64::max(BETWEEN, self.attainable(precisions, point, 0.0)) {
                return true;
            }
            failures += usize::from(weighed > 0.5 * last);
            if weighed.is_nan() || failures > MAX_FAILURES || self.along(precisions, point.share).is_none() {
                return false;
            }
            last = weighed;
            let Some(step) = self.towards(precisions, point) else { return false };
            point.add(1.0, &step);
        }
        false
    }

    /// Solves the game of each state with the values held.
    fn play_each(&mut self, precisions: &[f64], point: &mut MarkovPoint, games: &mut [logit::Solver]) {
        let scaled: Vec<f64> = precisions.iter().map(|l| l * point.share).collect();
        let values = &point.values;
        let mut parts = Vec::with_capacity(self.states.len());
        let mut rest = point.logits.as_mut_slice();
        for (state, game) in self.states.iter_mut().zip(games) {
            let (own, after) = rest.split_at_mut(state.lead.len());
            parts.push((state, game, own));
            rest = after;
        }
        parts.into_par_iter().for_each(|(state, game, own)| play_one(state, game, &scaled, values, own));
    }
}

/// Steps of Newton's method for the game of one state, and how near they come, in logits weighed with probabilities.
const OWN_STEPS: usize = 12;
const OWN_NEAR: f64 = 1e-6;

/// Solves the game of one state, from the logits that lead on: near these, or else on its own principal branch.
fn play_one(state: &mut Local, game: &mut logit::Solver, scaled: &[f64], values: &[f64], own: &mut [f64]) {
    let mut near = own.to_vec();
    if solve_near(state, scaled, values, &mut near) {
        own.copy_from_slice(&near);
        return;
    }
    let found = game.solve(&state.alone(values), scaled);
    if matches!(found.status, logit::Status::Converged | logit::Status::Jumped { .. }) {
        for (&at, z) in state.lead.iter().zip(own) {
            *z = found.logits[at];
        }
    }
}

/// Newton's method with the values held, with steps that are shortened while they lead no nearer.
fn solve_near(state: &mut Local, scaled: &[f64], values: &[f64], own: &mut [f64]) -> bool {
    state.respond(scaled, own, values);
    let mut distance = state.weighed_distance(own);
    for _ in 0..OWN_STEPS {
        if distance <= OWN_NEAR {
            return true;
        }
        let residuals: Vec<f64> = state.response().zip(own.iter()).map(|(h, z)| h - z).collect();
        if state.factorise(scaled).is_none() {
            return false;
        }
        let step = state.solve(&residuals);
        let mut length = 1.0;
        loop {
            let next: Vec<f64> = own.iter().zip(&step).map(|(z, d)| z + length * d).collect();
            state.respond(scaled, &next, values);
            let reached = state.weighed_distance(&next);
            if reached < distance {
                own.copy_from_slice(&next);
                distance = reached;
                break;
            }
            length /= 4.0;
            if length < 1e-2 {
                return false;
            }
        }
    }
    distance <= OWN_NEAR
}
