//! Leaving the branch at a fold: to higher precisions, where another branch is reached.

use super::Solver;
use super::equations::BETWEEN;
use super::point::MarkovPoint;
use crate::numeric::anderson::Anderson;

/// By which part the share grows in a jump: the first that leads to play near an equilibrium is taken.
const GROWTHS: [f64; 4] = [0.02, 0.1, 0.3, 1.0];

/// The accelerated sweeps before Newton's method, and how many differences they remember.
const SWEEPS: [usize; 3] = [0, 40, 200];
const DEPTH: usize = 10;

/// Steps of Newton's method after them.
const MAX_STEPS: usize = 12;

/// The shortest part of a step of Newton's method that is tried.
const SHORTEST: f64 = 1e-2;

impl Solver {
    /// Jumps to an equilibrium at a higher share, but not above `until`; whether one was found.
    pub(super) fn jump(&mut self, precisions: &[f64], point: &mut MarkovPoint, until: Option<f64>) -> bool {
        for growth in GROWTHS {
            let share = f64::min(point.share * (1.0 + growth), until.unwrap_or(f64::INFINITY));
            for sweeps in SWEEPS {
                if self.systems > self.settings.max_systems {
                    return false;
                }
                let mut next = MarkovPoint { share, ..point.clone() };
                self.sweep(precisions, &mut next, sweeps);
                if self.near(precisions, &mut next) {
                    *point = next;
                    return true;
                }
            }
        }
        false
    }

    /// Sweeps of responses and values, accelerated (Anderson 1965); ends at the nearest point that they reached.
    pub(super) fn sweep(&mut self, precisions: &[f64], point: &mut MarkovPoint, budget: usize) {
        let steepest = point.share * precisions.iter().copied().fold(0.0, f64::max);
        let (mut anderson, count) = (Anderson::new(DEPTH), self.states.len());
        let (mut best, mut nearest) = (f64::INFINITY, point.clone());
        for _ in 0..budget {
            let weighed = self.respond(precisions, point).weighed;
            if weighed < best {
                (best, nearest) = (weighed, point.clone());
            }
            if !weighed.is_finite() || best <= BETWEEN {
                break;
            }
            // Values are scaled so that they count as much as logits do.
            let mut x: Vec<f64> =
                point.logits.iter().copied().chain(point.values.iter().map(|v| v * steepest)).collect();
            let mut image = x.clone();
            for (index, state) in self.states.iter().enumerate() {
                for (to, h) in image[state.own()].iter_mut().zip(state.response()) {
                    *to = h;
                }
                for (player, value) in state.stage_values().iter().enumerate() {
                    image[point.logits.len() + player * count + index] = value * steepest;
                }
            }
            anderson.step(&mut x, &image);
            let (logits, values) = x.split_at(point.logits.len());
            point.logits.copy_from_slice(logits);
            point.values = values.iter().map(|v| v / steepest).collect();
        }
        if budget > 0 {
            *point = nearest;
        }
    }

    /// Newton's method with the share held, and with steps that are shortened while they lead no nearer; whether it
    /// came as near to an equilibrium as points on a branch are.
    pub(super) fn near(&mut self, precisions: &[f64], point: &mut MarkovPoint) -> bool {
        let mut weighed = self.respond(precisions, point).weighed;
        for _ in 0..MAX_STEPS {
            if weighed <= f64::max(BETWEEN, self.attainable(precisions, point, 0.0)) {
                return true;
            }
            if self.along(precisions, point.share).is_none() {
                return false;
            }
            let Some(step) = self.towards(precisions, point) else { return false };
            let mut length = 1.0;
            loop {
                let mut next = point.clone();
                next.add(length, &step);
                let reached = self.respond(precisions, &next).weighed;
                if reached < weighed {
                    (*point, weighed) = (next, reached);
                    break;
                }
                length /= 4.0;
                if length < SHORTEST {
                    return false;
                }
            }
        }
        false
    }
}
