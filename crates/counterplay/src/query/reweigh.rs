//! Draws of the prior and of the posterior, weighed anew for what was known at a moment.
//!
//! Of $n_0$ prior and $n_1$ posterior draws together each has the density $n_0 + n_1 L(\theta) / Z$ relative to the
//! prior, where $Z$ is the marginal likelihood of the whole record, so that for the first $k$ events its weight is
//! $L_k(\theta) / (n_0 + n_1 L(\theta) / Z)$: the balance heuristic of Veach and Guibas (1995). $Z$ makes the weights of both
//! kinds agree: $Z = \sum_i L(\theta_i) / (n_0 + n_1 L(\theta_i) / Z)$, which is bridge sampling (Meng and Wong 1996; Geyer
//! 1994). No density of the prior is needed. Weights are Pareto-smoothed, and their tail tells how good they are
//! (Vehtari, Simpson, Gelman, Yao and Gabry 2024).

use counterplay_math::{exp, ln};

use super::as_of::AsOfDraw;
use crate::analysis::Reweighting;
use crate::importance::pareto_smoothed;

/// Draws whose tail is heavier than this cannot be relied on (Vehtari et al. 2024).
pub(crate) const LARGEST_K: f64 = 0.7;

/// Draws of the prior and of the posterior together.
pub(crate) struct Pool<'a> {
    pub(crate) draws: Vec<&'a AsOfDraw>,
    /// For each draw, $-\log(n_0 + n_1 L / Z)$.
    log_base: Vec<f64>,
}

impl<'a> Pool<'a> {
    /// Takes the draws together.
    pub(crate) fn new(prior: &'a [AsOfDraw], posterior: &[&'a AsOfDraw]) -> Self {
        let draws: Vec<&AsOfDraw> = prior.iter().chain(posterior.iter().copied()).collect();
        let (n0, n1) = (prior.len() as f64, posterior.len() as f64);
        let log_z = log_marginal(&draws, n0, n1);
        let log_base = draws.iter().map(|d| -density(d.log_likelihood, log_z, n0, n1)).collect();
        Self { draws, log_base }
    }

    /// Draws that were made for what was known, and need no weights.
    pub(crate) fn sampled(draws: &'a [AsOfDraw], known: usize) -> Self {
        let draws: Vec<&AsOfDraw> = draws.iter().collect();
        let log_base = draws.iter().map(|d| -ln(d.known[known])).collect();
        Self { draws, log_base }
    }

    /// The weights for the first `known` events, which add up to one, and how good they are.
    pub(crate) fn weights(&self, known: usize) -> (Vec<f64>, Reweighting) {
        let log = |(draw, base): (&&AsOfDraw, &f64)| ln(draw.known[known]) + base;
        let logs: Vec<f64> = self.draws.iter().zip(&self.log_base).map(log).collect();
        let weighing = pareto_smoothed(&logs);
        let possible = logs.iter().any(|log| log.is_finite());
        let effective_draws = if possible { weighing.effective_draws() } else { 0.0 };
        let (pareto_k, draws) = (weighing.pareto_k, self.draws.len());
        (weighing.weights, Reweighting { pareto_k, effective_draws, draws })
    }
}

/// $\log(n_0 + n_1 L / Z)$.
fn density(log_likelihood: f64, log_z: f64, n0: f64, n1: f64) -> f64 {
    let (prior, posterior) = (ln(n0), ln(n1) + log_likelihood - log_z);
    let top = prior.max(posterior);
    if top == f64::NEG_INFINITY { top } else { top + ln(exp(prior - top) + exp(posterior - top)) }
}

/// Steps after which the marginal likelihood has settled, if it does: each shrinks what is wrong with it.
const MAX_STEPS: usize = 1_000;

/// The log marginal likelihood of the whole record.
fn log_marginal(draws: &[&AsOfDraw], n0: f64, n1: f64) -> f64 {
    let sum = |log_z: f64, n1: f64| {
        let term = |d: &&AsOfDraw| d.log_likelihood - density(d.log_likelihood, log_z, n0, n1);
        let top = draws.iter().map(term).fold(f64::NEG_INFINITY, f64::max);
        if top == f64::NEG_INFINITY {
            top
        } else {
            top + ln(draws.iter().map(|d| exp(term(d) - top)).sum::<f64>())
        }
    };
    let top = draws.iter().map(|d| d.log_likelihood).fold(f64::NEG_INFINITY, f64::max);
    if n0 == 0.0 || top == f64::NEG_INFINITY {
        return 0.0;
    }
    let mut log_z = top;
    for _ in 0..MAX_STEPS {
        let next = sum(log_z, n1);
        let moved = (next - log_z).abs();
        log_z = next;
        if moved < 1e-12 {
            break;
        }
    }
    log_z
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(log_likelihood: f64) -> AsOfDraw {
        AsOfDraw { log_likelihood, known: vec![1.0, log_likelihood.exp()], moments: Vec::new() }
    }

    /// Over a parameter uniform on a grid with likelihood x, the posterior has density 2x and Z = 1/2.
    #[test]
    fn the_marginal_likelihood_and_both_ends_are_recovered_from_exact_draws() {
        let n = 2_000;
        let grid = |k: usize| (k as f64 + 0.5) / n as f64;
        let prior: Vec<AsOfDraw> = (0..n).map(|k| draw(grid(k).ln())).collect();
        let posterior: Vec<AsOfDraw> = (0..n).map(|k| draw(grid(k).sqrt().ln())).collect();
        let posterior: Vec<&AsOfDraw> = posterior.iter().collect();
        let pool = Pool::new(&prior, &posterior);
        let all: Vec<&AsOfDraw> = prior.iter().chain(posterior.iter().copied()).collect();
        assert!((log_marginal(&all, n as f64, n as f64) - 0.5_f64.ln()).abs() < 1e-3);
        for (known, mean) in [(0, 0.5), (1, 2.0 / 3.0)] {
            let (weights, quality) = pool.weights(known);
            let found: f64 = weights.iter().zip(&pool.draws).map(|(w, d)| w * d.log_likelihood.exp()).sum();
            assert!((found - mean).abs() < 2e-3, "{known}: {found}");
            assert!(quality.pareto_k < 0.5 && quality.effective_draws > 2_000.0, "{quality:?}");
        }
    }
}
