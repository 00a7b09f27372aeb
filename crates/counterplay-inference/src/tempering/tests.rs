//! Marginal likelihoods and draws against closed forms.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use counterplay_game::expression::{ExprId, Expressions};
use counterplay_math::ln_gamma;

use super::*;
use crate::distribution::Distribution;
use crate::marginal::MarginalLikelihood;
use crate::prior::Prior;
use crate::sampler::Silent;

/// A likelihood given by its logarithm.
#[derive(Clone)]
struct Of<F>(F);

impl<F: Fn(&[f64]) -> f64 + Clone + Send + Sync> LogLikelihood for Of<F> {
    const TOGETHER: usize = 4;

    fn logs(&mut self, points: &[&[f64]]) -> Vec<Result<f64, NoDensity>> {
        points.iter().map(|point| Ok((self.0)(point))).collect()
    }
}

/// A prior with its likelihood.
struct Problem<L> {
    prior: JointPrior,
    likelihood: L,
}

impl<L: LogLikelihood> Problem<L> {
    fn weighed_with(&self, how: Tempering, progress: &dyn Progress) -> MarginalLikelihood {
        let count = Count::new(how.runs, progress);
        MarginalLikelihood { runs: climb_to(&self.likelihood, &self.prior, &how, &count) }
    }

    fn weighed(&self, seed: u64) -> MarginalLikelihood {
        self.weighed_with(Tempering { seed, runs: 8, particles: 100, rounds: 0 }, &Silent)
    }

    /// In how many of fifty seeds the closed form lies within two reported errors.
    fn covered(&self, exact: f64) -> usize {
        let close = |seed: &u64| {
            let found = self.weighed(*seed).log_marginal();
            (found.value - exact).abs() <= 2.0 * found.error
        };
        (0..50).filter(close).count()
    }
}

/// The prior of parameters of which each may depend on those before it.
fn prior_of(make: impl Fn(&mut Expressions, &[ExprId]) -> Option<Prior>) -> JointPrior {
    let (mut expressions, mut joint, mut known) = (Expressions::new(), JointPrior::new(), Vec::new());
    while let Some(prior) = make(&mut expressions, &known) {
        let id = joint.add(&expressions, &prior).unwrap()[0];
        known.push(expressions.parameter(id));
    }
    joint
}

fn normal_log_density(x: f64, mean: f64, sd: f64) -> f64 {
    -0.5 * ((x - mean) / sd).powi(2) - ln(sd) - 0.5 * ln(std::f64::consts::TAU)
}

/// Six tosses of a coin of unknown bias, of which four are heads.
fn tosses() -> Problem<impl LogLikelihood> {
    let prior = prior_of(|e, known| {
        known.is_empty().then(|| {
            let (alpha, beta) = (e.constant(2.0), e.constant(3.0));
            Prior::Single(Distribution::Beta { alpha, beta })
        })
    });
    Problem { prior, likelihood: Of(|p: &[f64]| 4.0 * ln(p[0]) + 2.0 * ln(1.0 - p[0])) }
}

fn log_tosses() -> f64 {
    let ln_beta = |a: f64, b: f64| ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
    ln_beta(6.0, 5.0) - ln_beta(2.0, 3.0)
}

/// Five normal quantities, each measured with an error of a fifth of its prior's: the prior hardly meets the record.
fn measured() -> Problem<impl LogLikelihood> {
    let prior = prior_of(|e, known| {
        (known.len() < VALUES.len()).then(|| {
            let (mean, sd) = (e.constant(0.0), e.constant(1.0));
            Prior::Single(Distribution::Normal { mean, sd })
        })
    });
    let log = |p: &[f64]| p.iter().zip(VALUES).map(|(m, x)| normal_log_density(x, *m, 0.2)).sum();
    Problem { prior, likelihood: Of(log) }
}

const VALUES: [f64; 5] = [1.5, -1.0, 0.5, 2.0, -0.5];

fn log_measured() -> f64 {
    let variance: f64 = 1.0 + 0.04;
    VALUES.iter().map(|x| -0.5 * (x * x / variance + (std::f64::consts::TAU * variance).ln())).sum()
}

#[test]
fn the_error_of_a_beta_binomial_marginal_likelihood_covers_the_closed_form() {
    let found = tosses().covered(log_tosses());
    assert!(found >= 45, "{found} of 50");
}

#[test]
fn the_error_covers_the_closed_form_where_prior_and_record_hardly_meet() {
    let found = measured().covered(log_measured());
    assert!(found >= 45, "{found} of 50");
}

#[test]
fn tempering_needs_fewer_evaluations_than_prior_draws_where_prior_and_record_hardly_meet() {
    // The relative variance of one prior draw: E[L^2] / E[L]^2 - 1 of a normal mean, to the power of five.
    let (tau, sigma): (f64, f64) = (1.0, 0.04);
    let one = |x: f64| {
        let narrow = sigma / 2.0;
        let log_square = -0.5 * (x * x / (tau + narrow) + (std::f64::consts::TAU * (tau + narrow)).ln())
            - 0.5 * (2.0 * std::f64::consts::TAU * sigma).ln();
        let log_mean = -0.5 * (x * x / (tau + sigma) + (std::f64::consts::TAU * (tau + sigma)).ln());
        log_square - 2.0 * log_mean
    };
    let prior_draws = VALUES.iter().map(|x| one(*x)).sum::<f64>().exp() - 1.0;
    let runs = measured().weighed_with(Tempering { seed: 3, runs: 40, particles: 200, rounds: 0 }, &Silent);
    let deviations = runs.deviations();
    let variance = deviations.iter().map(|d| d * d).sum::<f64>() / 39.0;
    let evaluations = runs.runs.iter().map(|r| r.evaluations).sum::<usize>() as f64 / 40.0;
    assert!(
        variance * evaluations < 0.05 * prior_draws,
        "{} against {prior_draws}: {variance} in {evaluations}",
        variance * evaluations
    );
}

#[test]
fn the_last_population_is_the_posterior() {
    let runs = measured().weighed_with(Tempering { seed: 7, runs: 16, particles: 200, rounds: 0 }, &Silent);
    let draws = runs.draws(1000);
    for (k, x) in VALUES.iter().enumerate() {
        let mean = draws.iter().map(|d| d[k]).sum::<f64>() / 1000.0;
        let square = draws.iter().map(|d| d[k].powi(2)).sum::<f64>() / 1000.0;
        let (exact, deviation) = (x / 1.04, (0.04f64 / 1.04).sqrt());
        // Of 3200 particles in chains of five some 300 are worth an independent draw.
        assert!((mean - exact).abs() < 4.0 * deviation / 300f64.sqrt(), "{mean} is not {exact}");
        assert!(((square - mean * mean).sqrt() / deviation - 1.0).abs() < 0.2);
    }
}

#[test]
fn both_modes_are_found() {
    let prior = prior_of(|e, known| {
        known.is_empty().then(|| {
            let (mean, sd) = (e.constant(0.0), e.constant(2.0));
            Prior::Single(Distribution::Normal { mean, sd })
        })
    });
    let problem = Problem { prior, likelihood: Of(|p: &[f64]| normal_log_density(4.0, p[0] * p[0], 0.2)) };
    let runs = problem.weighed_with(Tempering { seed: 2, runs: 16, particles: 200, rounds: 0 }, &Silent);
    let draws = runs.draws(1000);
    let right = draws.iter().filter(|d| d[0] > 0.0).count();
    assert!((400..600).contains(&right), "{right} of 1000 on the right");
    assert!(draws.iter().all(|d| (d[0].abs() - 2.0).abs() < 0.4));
}

#[test]
fn parameters_with_finitely_many_values_are_weighed_exactly() {
    let prior = prior_of(|e, known| match known {
        [] => Some(Prior::Categorical(vec![(0.0, 0.7), (3.0, 0.3)])),
        [far] => Some(Prior::Single(Distribution::Normal { mean: *far, sd: e.constant(1.0) })),
        _ => None,
    });
    let problem = Problem { prior, likelihood: Of(|p: &[f64]| normal_log_density(2.5, p[1], 0.3)) };
    let density = |x: f64| (-0.5 * x * x / 1.09).exp() / (std::f64::consts::TAU * 1.09).sqrt();
    let (near, far) = (0.7 * density(2.5), 0.3 * density(-0.5));
    let runs = problem.weighed_with(Tempering { seed: 5, runs: 16, particles: 200, rounds: 0 }, &Silent);
    let found = runs.log_marginal();
    assert!((found.value - (near + far).ln()).abs() < 3.0 * found.error, "{found:?}");
    let draws = runs.draws(1000);
    let share = draws.iter().filter(|d| d[0] == 3.0).count() as f64 / 1000.0;
    assert!((share - far / (near + far)).abs() < 0.03, "{share}");
}

#[test]
fn where_most_of_the_prior_rules_the_record_out_the_rest_is_weighed() {
    let prior = prior_of(|e, known| {
        known.is_empty().then(|| {
            let (low, high) = (e.constant(0.0), e.constant(1.0));
            Prior::Single(Distribution::Uniform { low, high })
        })
    });
    let log = |p: &[f64]| if p[0] < 0.9 { f64::NEG_INFINITY } else { ln(0.5) };
    let found = Problem { prior, likelihood: Of(log) }.weighed(1).log_marginal();
    assert!((found.value - 0.05f64.ln()).abs() < 3.0 * found.error && found.error < 0.3, "{found:?}");
}

#[test]
fn a_record_of_nothing_costs_nothing_but_the_prior_draws() {
    let Problem { prior, .. } = measured();
    let found = Problem { prior, likelihood: Of(|_: &[f64]| 0.0) }.weighed(1);
    assert_eq!((found.log_marginal().value, found.log_marginal().error), (0.0, 0.0));
    assert!(found.runs.iter().all(|r| r.evaluations == 100 && r.temperatures == [1.0]));
}

#[test]
fn threads_change_nothing() {
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| measured().weighed(9))
    };
    let (one, three) = (on(1), on(3));
    for (a, b) in one.runs.iter().zip(&three.runs) {
        assert_eq!(a.log_marginal.to_bits(), b.log_marginal.to_bits());
        assert_eq!((&a.particles, &a.temperatures), (&b.particles, &b.temperatures));
    }
}

/// Stops after a number of steps, and sees that progress goes up to its total.
struct Stopper {
    after: usize,
    seen: std::sync::atomic::AtomicUsize,
}

impl Progress for Stopper {
    fn advance(&self, done: usize, total: usize) {
        assert!(done <= total);
        self.seen.fetch_max(done, Ordering::Relaxed);
    }

    fn cancelled(&self) -> bool {
        self.seen.load(Ordering::Relaxed) > self.after
    }
}

#[test]
fn a_climb_can_be_watched_and_stopped() {
    let how = Tempering { seed: 1, runs: 4, particles: 100, rounds: 0 };
    let full = Stopper { after: usize::MAX, seen: AtomicUsize::new(0) };
    assert_eq!(measured().weighed_with(how, &full).runs.len(), 4);
    assert_eq!(full.seen.into_inner(), 4 * STEPS);
    let early = Stopper { after: 3, seen: AtomicUsize::new(0) };
    assert!(measured().weighed_with(how, &early).runs.is_empty());
}
