//! A search for logit equilibria beside the one on the principal branch.
//!
//! Starting points are drawn at random, half of them near pure profiles, half of them anywhere; every other one is of
//! several draws the one with the smallest penalised distance,
//! $$ \max_a\, \pi_a\,|H(z)_a - z_a| + P \sum_k \exp\bigl(-\|\pi - \pi_k\|_\infty^2 / r^2\bigr), $$
//! near to being an equilibrium and far from the ones $\pi_k$ found before. Each is polished by the accelerated iteration or
//! by Newton's method (after Bland 2024, who samples with a penalty, polishes and traces both ways). Where the branch of
//! what was found leads is told by [`Solver::trace_from`] and [`Solver::trace_down`]. A search finds what it finds: that
//! there is no other equilibrium it does not show.

use counterplay_game::valuation::Valuation;
use counterplay_math::exp;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::branch::Spot;
use crate::newton::Effort;
use crate::qre::{Equilibrium, Solver, Status};
use crate::sweep::softmax;

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

/// The draws of which one is polished; the penalty for being where an equilibrium was found, in logits, and within which
/// difference in probabilities it counts.
const DRAWS: usize = 4;
const PENALTY: f64 = 10.0;
const RADIUS: f64 = 0.05;

impl Solver {
    /// Searches for the logit equilibria at these precisions.
    pub fn search(&mut self, numbers: &Valuation, precisions: &[f64], settings: &SearchSettings) -> Findings {
        let principal = self.solve(numbers, precisions);
        let principal_first = principal.status == Status::Converged;
        let mut equilibria = if principal_first { vec![principal] } else { Vec::new() };
        let mut rng = ChaCha8Rng::seed_from_u64(settings.seed);
        let mut polished = 0;
        for start in 0..settings.starts {
            // What is nearly an equilibrium is often nearly pure; plain draws reach mixed ones.
            let draws = if start % 4 < 2 { 1 } else { DRAWS };
            let logits = self.best_start(precisions, &mut rng, (start % 2 == 0, draws), &equilibria);
            let Some(found) = self.polish(numbers, precisions, logits) else { continue };
            polished += 1;
            if equilibria.iter().all(|e| differs(e, &found)) {
                equilibria.push(found);
            }
        }
        Findings { equilibria, principal_first, polished }
    }

    /// The draw with the smallest penalised distance.
    fn best_start(
        &mut self,
        precisions: &[f64],
        rng: &mut ChaCha8Rng,
        (pure, draws): (bool, usize),
        found: &[Equilibrium],
    ) -> Vec<f64> {
        let mut best = (f64::INFINITY, Vec::new());
        for _ in 0..draws {
            let logits = self.start(precisions, rng, pure);
            let distance = self.penalised_distance(precisions, &logits, found);
            if distance < best.0 || best.1.is_empty() {
                best = (distance, logits);
            }
        }
        best.1
    }

    /// How far logits are from an equilibrium, with a penalty for those near play that was found.
    fn penalised_distance(&mut self, precisions: &[f64], logits: &[f64], found: &[Equilibrium]) -> f64 {
        self.respond(precisions, logits);
        let mut play = vec![0.0; logits.len()];
        softmax(&self.layout, logits, &mut play);
        let missing = self.sweep.response.iter().zip(logits).map(|(h, z)| (h - z).abs());
        let missed = missing.zip(&play).map(|(d, p)| p * d).fold(0.0, f64::max);
        let near = |e: &Equilibrium| {
            let apart = e.play.iter().zip(&play).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            exp(-(apart / RADIUS).powi(2))
        };
        missed + PENALTY * found.iter().map(near).sum::<f64>()
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
