//! Leaving the branch at a turn: on to higher precisions, where another branch is met.

use super::path::BETWEEN;
use super::{Solver, Spot};
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
    pub(super) fn jump(&mut self, precisions: &[f64], spot: &mut Spot, until: Option<f64>) -> bool {
        for growth in GROWTHS {
            let share = f64::min(spot.share * (1.0 + growth), until.unwrap_or(f64::INFINITY));
            for sweeps in SWEEPS {
                if self.systems > self.settings.max_systems {
                    return false;
                }
                let mut next = Spot { share, ..spot.clone() };
                self.sweeps(precisions, &mut next, sweeps);
                if self.near(precisions, &mut next) {
                    *spot = next;
                    return true;
                }
            }
        }
        false
    }

    /// Sweeps of responses and values, accelerated (Anderson 1965); ends at the nearest point that they came to.
    fn sweeps(&mut self, precisions: &[f64], spot: &mut Spot, budget: usize) {
        let steepest = spot.share * precisions.iter().copied().fold(0.0, f64::max);
        let (mut anderson, count) = (Anderson::new(DEPTH), self.states.len());
        let (mut best, mut nearest) = (f64::INFINITY, spot.clone());
        for _ in 0..budget {
            let weighed = self.respond(precisions, spot).weighed;
            if weighed < best {
                (best, nearest) = (weighed, spot.clone());
            }
            if !weighed.is_finite() || best <= BETWEEN {
                break;
            }
            // Values are scaled so that they count as much as logits do.
            let mut x: Vec<f64> =
                spot.logits.iter().copied().chain(spot.values.iter().map(|v| v * steepest)).collect();
            let mut image = x.clone();
            for (index, state) in self.states.iter().enumerate() {
                for (to, h) in image[state.own()].iter_mut().zip(state.response()) {
                    *to = h;
                }
                for (player, worth) in state.worth().iter().enumerate() {
                    image[spot.logits.len() + player * count + index] = worth * steepest;
                }
            }
            anderson.step(&mut x, &image);
            let (logits, values) = x.split_at(spot.logits.len());
            spot.logits.copy_from_slice(logits);
            spot.values = values.iter().map(|v| v / steepest).collect();
        }
        if budget > 0 {
            *spot = nearest;
        }
    }

    /// Newton's method with the share held, and with steps that are shortened while they lead nowhere better; whether it
    /// came as near to an equilibrium as points on a branch are kept.
    fn near(&mut self, precisions: &[f64], spot: &mut Spot) -> bool {
        let mut weighed = self.respond(precisions, spot).weighed;
        for _ in 0..MAX_STEPS {
            if weighed <= f64::max(BETWEEN, self.attainable(precisions, spot, 0.0)) {
                return true;
            }
            if self.along(precisions, spot.share).is_none() {
                return false;
            }
            let Some(step) = self.towards(precisions, spot) else { return false };
            let mut length = 1.0;
            loop {
                let mut next = spot.clone();
                next.add(length, &step);
                let reached = self.respond(precisions, &next).weighed;
                if reached < weighed {
                    (*spot, weighed) = (next, reached);
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
