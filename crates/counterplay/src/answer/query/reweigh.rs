//! Draws of the prior and of the posterior, weighted for what was known at a moment.
//!
//! Before anything of the record is known the draws of the prior count alone, all alike: they are independent, and
//! whatever is wrong with the posterior's draws cannot touch them. Otherwise $n_0$ prior and $n_1$ posterior draws
//! together have the density $n_0 + n_1 L(\theta) / Z$ relative to the prior, where $Z$ is the marginal likelihood of the
//! whole record, so that for the first $k$ events the weight of a draw is $L_k(\theta) / (n_0 + n_1 L(\theta) / Z)$: the
//! balance heuristic of Veach and Guibas (1995). $Z$ makes the weights of both kinds agree:
//! $Z = \sum_i L(\theta_i) / (n_0 + n_1 L(\theta_i) / Z)$, which is bridge sampling (Meng and Wong 1996; Geyer 1994). No density
//! of the prior is needed. Weights are Pareto-smoothed, and their tail tells how good they are (Vehtari, Simpson, Gelman,
//! Yao and Gabry 2024).
//!
//! Draws of chains are not independent: $m$ of them stand for the $n_1 \le m$ independent draws that the chains' effective
//! sample size says, each for $c = n_1 / m$ of one. Their weights are multiplied by $c$, and their part of a squared
//! error is divided by it. So draws of chains that have not mixed count for little, and errors are as large as they are.

use counterplay_math::{exp, ln};

use super::as_of::AsOfDraw;
use counterplay_analysis::Reweighting;
use counterplay_inference::importance::pareto_smoothed;

/// Draws of the prior and of the posterior together, those of the prior first.
pub(crate) struct Pool<'a> {
    pub(crate) draws: Vec<&'a AsOfDraw>,
    /// For each draw, $\log c - \log(n_0 + n_1 L / Z)$.
    log_base: Vec<f64>,
    /// How many of the draws are of the prior.
    prior: usize,
    /// How many independent draws one of the others stands for.
    share: f64,
}

impl<'a> Pool<'a> {
    /// Takes the draws together; those of the posterior stand for the given number of independent ones.
    pub(crate) fn new(prior: &'a [AsOfDraw], posterior: &[&'a AsOfDraw], effective: f64) -> Self {
        let draws: Vec<&AsOfDraw> = prior.iter().chain(posterior.iter().copied()).collect();
        let share = share(effective, posterior.len());
        let (n0, n1) = (prior.len() as f64, share * posterior.len() as f64);
        let kind = |k: usize| if k < prior.len() { 0.0 } else { ln(share) };
        let kinds: Vec<f64> = (0..draws.len()).map(kind).collect();
        let log_z = log_marginal(&draws, &kinds, n0, n1);
        let base = |(d, kind): (&&AsOfDraw, &f64)| kind - density(d.log_likelihood, log_z, n0, n1);
        let log_base = draws.iter().zip(&kinds).map(base).collect();
        Self { draws, log_base, prior: prior.len(), share }
    }

    /// Draws that were made for what was known, which need no weights and stand for the given number of independent ones.
    pub(crate) fn sampled(draws: &'a [AsOfDraw], known: usize, effective: f64) -> Self {
        let share = share(effective, draws.len());
        let draws: Vec<&AsOfDraw> = draws.iter().collect();
        let log_base = draws.iter().map(|d| -ln(d.known[known])).collect();
        Self { draws, log_base, prior: 0, share }
    }

    /// How many independent draws the draw at this position stands for.
    pub(crate) fn independent(&self, position: usize) -> f64 {
        if position < self.prior { 1.0 } else { self.share }
    }

    /// The draws of the prior, all alike.
    fn of_prior(&self) -> (Vec<f64>, Reweighting) {
        let own = |k: usize| if k < self.prior { 1.0 / self.prior as f64 } else { 0.0 };
        let weights = (0..self.draws.len()).map(own).collect();
        let quality = Reweighting { pareto_k: 0.0, effective_draws: self.prior as f64, draws: self.prior };
        (weights, quality)
    }

    /// The weights for the first `known` events, which add up to one, and how good they are.
    pub(crate) fn weights(&self, known: usize) -> (Vec<f64>, Reweighting) {
        if known == 0 && self.prior > 0 {
            return self.of_prior();
        }
        let log = |(draw, base): (&&AsOfDraw, &f64)| ln(draw.known[known]) + base;
        let logs: Vec<f64> = self.draws.iter().zip(&self.log_base).map(log).collect();
        let weighing = pareto_smoothed(&logs);
        let possible = logs.iter().any(|log| log.is_finite());
        let square = |(k, w): (usize, &f64)| w * w / self.independent(k);
        let squares: f64 = weighing.weights.iter().enumerate().map(square).sum();
        let effective_draws = if possible { 1.0 / squares } else { 0.0 };
        let (pareto_k, draws) = (weighing.pareto_k, self.draws.len());
        (weighing.weights, Reweighting { pareto_k, effective_draws, draws })
    }
}

/// How many independent draws one of `draws` stands for, at most one.
fn share(effective: f64, draws: usize) -> f64 {
    (effective / draws.max(1) as f64).clamp(f64::MIN_POSITIVE, 1.0)
}

/// $\log(n_0 + n_1 L / Z)$.
fn density(log_likelihood: f64, log_z: f64, n0: f64, n1: f64) -> f64 {
    let (prior, posterior) = (ln(n0), ln(n1) + log_likelihood - log_z);
    let top = prior.max(posterior);
    if top == f64::NEG_INFINITY { top } else { top + ln(exp(prior - top) + exp(posterior - top)) }
}

/// Steps after which the marginal likelihood has settled, if it does: each shrinks what is wrong with it.
const MAX_STEPS: usize = 1_000;

/// The log marginal likelihood of the whole record, from draws each of which counts for $c$, whose logarithms are given.
fn log_marginal(draws: &[&AsOfDraw], kinds: &[f64], n0: f64, n1: f64) -> f64 {
    let sum = |log_z: f64, n1: f64| {
        let term = |(d, kind): (&&AsOfDraw, &f64)| {
            kind + d.log_likelihood - density(d.log_likelihood, log_z, n0, n1)
        };
        let top = draws.iter().zip(kinds).map(term).fold(f64::NEG_INFINITY, f64::max);
        if top == f64::NEG_INFINITY {
            top
        } else {
            top + ln(draws.iter().zip(kinds).map(|d| exp(term(d) - top)).sum::<f64>())
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
        let all: Vec<&AsOfDraw> = prior.iter().chain(posterior.iter().copied()).collect();
        for effective in [n, n / 2, 20] {
            let pool = Pool::new(&prior, &posterior, effective as f64);
            let kind = |k: usize| if k < n { 0.0 } else { ln(pool.share) };
            let kinds: Vec<f64> = (0..2 * n).map(kind).collect();
            let z = log_marginal(&all, &kinds, n as f64, effective as f64);
            assert!((z - 0.5_f64.ln()).abs() < 1e-3, "{effective}: {z}");
            for (known, mean) in [(0, 0.5), (1, 2.0 / 3.0)] {
                let (weights, quality) = pool.weights(known);
                let found: f64 =
                    weights.iter().zip(&pool.draws).map(|(w, d)| w * d.log_likelihood.exp()).sum();
                assert!((found - mean).abs() < 2e-3, "{effective}, {known}: {found}");
                assert!(quality.pareto_k < 0.5 && quality.effective_draws > 1_000.0, "{quality:?}");
            }
        }
    }

    /// Posterior draws that all come from one end of the line.
    #[test]
    fn before_anything_is_known_the_posteriors_draws_do_not_count() {
        let prior: Vec<AsOfDraw> = (0..100).map(|k| draw(((f64::from(k) + 0.5) / 100.0).ln())).collect();
        let posterior: Vec<AsOfDraw> = (0..100).map(|_| draw(0.99_f64.ln())).collect();
        let posterior: Vec<&AsOfDraw> = posterior.iter().collect();
        let pool = Pool::new(&prior, &posterior, 100.0);
        let (weights, quality) = pool.weights(0);
        let found: f64 = weights.iter().zip(&pool.draws).map(|(w, d)| w * d.log_likelihood.exp()).sum();
        assert!((found - 0.5).abs() < 1e-12, "{found}");
        assert_eq!((quality.draws, quality.pareto_k), (100, 0.0));
    }

    #[test]
    fn draws_of_chains_that_have_not_mixed_count_for_little() {
        let prior: Vec<AsOfDraw> = (0..100).map(|k| draw(((f64::from(k) + 0.5) / 100.0).ln())).collect();
        let posterior: Vec<AsOfDraw> = (0..100).map(|_| draw(0.99_f64.ln())).collect();
        let posterior: Vec<&AsOfDraw> = posterior.iter().collect();
        let of_posterior = |effective: f64| {
            let (weights, quality) = Pool::new(&prior, &posterior, effective).weights(1);
            (weights[100..].iter().sum::<f64>(), quality.effective_draws)
        };
        let ((much, many), (little, few)) = (of_posterior(100.0), of_posterior(4.0));
        assert!(much > 0.4 && little < 0.1, "{much} {little}");
        assert!(few < 0.8 * many, "{few} of {many}");
    }
}
