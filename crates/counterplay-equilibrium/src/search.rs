//! A search for logit equilibria beside the one on the principal branch.
//!
//! Starting points are drawn at random, half of them near pure profiles, half of them anywhere; each is polished by
//! the accelerated iteration or by Newton's method (after Bland 2024, who also samples and polishes). Where the branch
//! of what was found leads is told by [`Solver::trace_from`]. A search finds what it finds: that there is no other
//! equilibrium it does not show.

use counterplay_game::valuation::Valuation;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::branch::Spot;
use crate::newton::Effort;
use crate::qre::{Equilibrium, Solver, Status};

/// How long to search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchSettings {
    /// The seed of the starting points.
    pub seed: u64,
    /// How many starting points.
    pub starts: usize,
}

impl Default for SearchSettings {
    fn default() -> Self {
        Self { seed: 1, starts: 100 }
    }
}

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct Findings {
    /// Distinct equilibria, that of the principal branch first where it was solved.
    pub equilibria: Vec<Equilibrium>,
    /// Whether the first is that of the principal branch.
    pub principal_first: bool,
    /// How many starting points led to an equilibrium.
    pub polished: usize,
}

/// Play that differs by less than this, in the probability of any action, is the same.
const SAME: f64 = 1e-6;

/// Corrections by the accelerated iteration.
const CORRECTIONS: usize = 200;

impl Solver {
    /// Searches for the logit equilibria at these precisions.
    pub fn search(&mut self, numbers: &Valuation, precisions: &[f64], settings: &SearchSettings) -> Findings {
        let principal = self.solve(numbers, precisions);
        let principal_first = principal.status == Status::Converged;
        let mut equilibria = if principal_first { vec![principal] } else { Vec::new() };
        let mut rng = ChaCha8Rng::seed_from_u64(settings.seed);
        let mut polished = 0;
        for start in 0..settings.starts {
            let logits = self.start(precisions, &mut rng, start % 2 == 0);
            let Some(found) = self.polish(numbers, precisions, logits) else { continue };
            polished += 1;
            if equilibria.iter().all(|e| differs(e, &found)) {
                equilibria.push(found);
            }
        }
        Findings { equilibria, principal_first, polished }
    }

    /// The response to a random pure profile, or random logits of the size that the precisions allow.
    fn start(&mut self, precisions: &[f64], rng: &mut ChaCha8Rng, pure: bool) -> Vec<f64> {
        /// Logits at which an action is as good as sure.
        const SURE: f64 = 30.0;
        let mut logits = vec![0.0; self.layout.actions];
        if pure {
            for set in &self.layout.sets {
                logits[set.first + rng.random_range(0..set.count)] = SURE;
            }
            self.respond(precisions, &logits);
            return self.sweep.response.clone();
        }
        self.respond(precisions, &logits);
        let size = self.sweep.response.iter().fold(1.0, |m: f64, z| m.max(z.abs()));
        for z in &mut logits {
            *z = size * (2.0 * rng.random::<f64>() - 1.0);
        }
        logits
    }

    fn polish(&mut self, numbers: &Valuation, precisions: &[f64], start: Vec<f64>) -> Option<Equilibrium> {
        self.forget();
        self.begin(numbers);
        let mut at = Spot { logits: start.clone(), share: 1.0 };
        let mut found = self.correct(precisions, &mut at.logits, 0.0, CORRECTIONS);
        if !found {
            at.logits = start;
            found = self.newton(precisions, &mut at.logits, 0.0, Effort::FULL);
        }
        let equilibrium = found.then(|| self.equilibrium(precisions, at.logits, Status::Converged))?;
        (equilibrium.status == Status::Converged).then_some(equilibrium)
    }
}

fn differs(a: &Equilibrium, b: &Equilibrium) -> bool {
    a.play.iter().zip(&b.play).any(|(a, b)| (a - b).abs() > SAME)
}
