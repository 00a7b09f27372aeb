//! How well each explanation foretold the record: marginal likelihoods.
//!
//! The marginal likelihood is the likelihood of the record averaged over the prior, estimated from independent
//! prior draws. All explanations are given the same random numbers, so that the noise in a Bayes factor is that
//! of their difference.

use std::sync::atomic::{AtomicUsize, Ordering};

use counterplay_equilibrium::qre;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use crate::analysis::Estimate;
use crate::interval::estimate;
use crate::model::{MODEL_SETTINGS, Model};
use crate::prior::JointPrior;
use crate::watch::{Stage, Watch};

/// The likelihood of the record at draws from a prior.
#[derive(Clone, Debug)]
pub(crate) struct Weighed {
    /// The parameter values of each draw.
    pub(crate) draws: Vec<Vec<f64>>,
    /// The log likelihood at each draw; minus infinity where play could not be solved.
    pub(crate) log_likelihoods: Vec<f64>,
    /// How many draws could not be solved.
    pub(crate) failed: usize,
}

/// Counts steps over several weighings for the progress bar.
pub(crate) struct Count<'a> {
    done: AtomicUsize,
    total: usize,
    watch: &'a dyn Watch,
}

impl<'a> Count<'a> {
    pub(crate) fn new(total: usize, watch: &'a dyn Watch) -> Self {
        Self { done: AtomicUsize::new(0), total, watch }
    }

    fn step(&self) {
        self.watch.advance(Stage::Weigh, self.done.fetch_add(1, Ordering::Relaxed) + 1, Some(self.total));
    }
}

/// Weighs a model under a prior by `count` draws; empty if cancelled.
pub(crate) fn weigh(
    model: &Model,
    prior: &JointPrior,
    seed: u64,
    count: usize,
    steps: &Count<'_>,
) -> Weighed {
    let evaluator = model.evaluator(qre::Settings { tolerance: 1e-9, ..MODEL_SETTINGS });
    let likelihood = |evaluator: &mut crate::model::Evaluator, draw: &[f64]| {
        evaluator.start_afresh();
        evaluator.log_likelihood(draw).ok()
    };
    weigh_by(&evaluator, likelihood, prior, seed, count, steps)
}

/// The same for any likelihood, by an evaluator that is cloned for each thread.
pub(crate) fn weigh_by<E: Clone + Send + Sync>(
    evaluator: &E,
    likelihood: impl Fn(&mut E, &[f64]) -> Option<f64> + Sync,
    prior: &JointPrior,
    seed: u64,
    count: usize,
    steps: &Count<'_>,
) -> Weighed {
    let one = |evaluator: &mut E, index: usize| {
        if steps.watch.cancelled() {
            return None;
        }
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(index as u64 + (1 << 32));
        let draw = prior.sample(&mut rng).theta;
        let log_likelihood = likelihood(evaluator, &draw);
        steps.step();
        Some((draw, log_likelihood))
    };
    let found: Vec<Option<(Vec<f64>, Option<f64>)>> =
        (0..count).into_par_iter().map_init(|| evaluator.clone(), one).collect();
    let found: Vec<(Vec<f64>, Option<f64>)> = found.into_iter().collect::<Option<_>>().unwrap_or_default();
    let failed = found.iter().filter(|f| f.1.is_none()).count();
    let log_likelihoods = found.iter().map(|f| f.1.unwrap_or(f64::NEG_INFINITY)).collect();
    Weighed { draws: found.into_iter().map(|f| f.0).collect(), log_likelihoods, failed }
}

impl Weighed {
    fn top(&self) -> f64 {
        self.log_likelihoods.iter().copied().fold(f64::NEG_INFINITY, f64::max)
    }

    fn likelihoods(&self, scale: f64) -> Vec<f64> {
        self.log_likelihoods.iter().map(|l| (l - scale).exp()).collect()
    }

    /// The log marginal likelihood with its error.
    pub(crate) fn log_marginal(&self) -> Estimate {
        let top = self.top();
        if top == f64::NEG_INFINITY {
            return Estimate { value: f64::NEG_INFINITY, error: 0.0 };
        }
        let mean = estimate(&self.likelihoods(top));
        Estimate { value: top + mean.value.ln(), error: mean.error / mean.value }
    }

    /// The Bayes factor of this against `other`, with its error by the delta method over the shared draws.
    pub(crate) fn bayes_factor(&self, other: &Self) -> Estimate {
        let scale = self.top().max(other.top());
        let (own, others) = (self.likelihoods(scale), other.likelihoods(scale));
        let (a, b) = (estimate(&own).value, estimate(&others).value);
        let factor = a / b;
        let relative: Vec<f64> = own.iter().zip(&others).map(|(x, y)| x / a - y / b).collect();
        Estimate { value: factor, error: factor * estimate(&relative).error }
    }
}
