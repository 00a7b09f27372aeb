//! Marginal likelihoods and draws against closed forms.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use counterplay_math::ln_gamma;

use super::*;
use crate::evidence::Weighed;
use crate::language::{Files, ReadLimits, read};
use crate::story::Limits;
use crate::watch::Unwatched;

/// A scenario of chance alone, whose parameters are declared by `parameters` and whose story is `story`.
fn weighed_with(text: &str, how: Tempering, watch: &dyn Watch) -> Weighed {
    let head = "scenario(\"Test\", players = [\"A\"])\nprecision(\"precision\", point(1))\n";
    let scenario = read("test", &Files::of_scenario(format!("{head}{text}")), &ReadLimits::default());
    let scenario = scenario.unwrap_or_else(|p| panic!("{p}"));
    let model = Model::new(&scenario, Limits::default(), &Unwatched).unwrap_or_else(|p| panic!("{p}"));
    let prior = scenario.joint_prior(&[]).unwrap();
    Weighed {
        runs: climb_to(&likelihood_of(&model), &prior, &how, &Count::new(Stage::Weigh, how.runs, watch)),
    }
}

fn weighed(text: &str, seed: u64) -> Weighed {
    weighed_with(text, Tempering { seed, runs: 8, particles: 100, rounds: 0 }, &Unwatched)
}

/// Six tosses of a coin of unknown bias, of which four are heads.
const TOSSES: &str = "
bias = param(\"bias\", beta(2, 3))
def play(g):
    g.pay(\"A\", 0)
    for k in [1, 2, 3, 4, 5, 6]:
        g.chance(\"toss\", {\"heads\": bias, \"tails\": rest})
record({\"toss\": \"heads\", \"toss #2\": \"heads\", \"toss #3\": \"tails\", \"toss #4\": \"heads\", \"toss #5\": \"tails\",
        \"toss #6\": \"heads\"})
";

fn log_tosses() -> f64 {
    let ln_beta = |a: f64, b: f64| ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
    ln_beta(6.0, 5.0) - ln_beta(2.0, 3.0)
}

/// Five normal quantities, each measured with an error of a fifth of its prior's: the prior hardly meets the record.
const MEASURED: &str = "
means = [param(\"m%d\" % k, normal(0, 1)) for k in [1, 2, 3, 4, 5]]
def play(g):
    g.pay(\"A\", 0)
    for k in [1, 2, 3, 4, 5]:
        g.measure(\"x%d\" % k, normal(means[k - 1], 0.2))
record(measured = {\"x1\": 1.5, \"x2\": -1.0, \"x3\": 0.5, \"x4\": 2.0, \"x5\": -0.5})
";
const VALUES: [f64; 5] = [1.5, -1.0, 0.5, 2.0, -0.5];

fn log_measured() -> f64 {
    let variance: f64 = 1.0 + 0.04;
    VALUES.iter().map(|x| -0.5 * (x * x / variance + (std::f64::consts::TAU * variance).ln())).sum()
}

/// In how many of fifty seeds the closed form lies within two reported errors.
fn covered(text: &str, exact: f64) -> usize {
    let close = |seed: &u64| {
        let found = weighed(text, *seed).log_marginal();
        (found.value - exact).abs() <= 2.0 * found.error
    };
    (0..50).filter(close).count()
}

#[test]
fn the_error_of_a_beta_binomial_marginal_likelihood_covers_the_closed_form() {
    let found = covered(TOSSES, log_tosses());
    assert!(found >= 45, "{found} of 50");
}

#[test]
fn the_error_covers_the_closed_form_where_prior_and_record_hardly_meet() {
    let found = covered(MEASURED, log_measured());
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
    let runs = weighed_with(MEASURED, Tempering { seed: 3, runs: 40, particles: 200, rounds: 0 }, &Unwatched);
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
    let runs = weighed_with(MEASURED, Tempering { seed: 7, runs: 16, particles: 200, rounds: 0 }, &Unwatched);
    let draws = runs.draws(1000);
    for (k, x) in VALUES.iter().enumerate() {
        let mean = draws.iter().map(|d| d[k + 1]).sum::<f64>() / 1000.0;
        let square = draws.iter().map(|d| d[k + 1].powi(2)).sum::<f64>() / 1000.0;
        let (exact, deviation) = (x / 1.04, (0.04f64 / 1.04).sqrt());
        // Of 3200 particles in chains of five some 300 are worth an independent draw.
        assert!((mean - exact).abs() < 4.0 * deviation / 300f64.sqrt(), "{mean} is not {exact}");
        assert!(((square - mean * mean).sqrt() / deviation - 1.0).abs() < 0.2);
    }
}

#[test]
fn both_modes_are_found() {
    let text = "
m = param(\"m\", normal(0, 2))
def play(g):
    g.pay(\"A\", 0)
    g.measure(\"x\", normal(m * m, 0.2))
record(measured = {\"x\": 4})
";
    let runs = weighed_with(text, Tempering { seed: 2, runs: 16, particles: 200, rounds: 0 }, &Unwatched);
    let draws = runs.draws(1000);
    let right = draws.iter().filter(|d| d[1] > 0.0).count();
    assert!((400..600).contains(&right), "{right} of 1000 on the right");
    assert!(draws.iter().all(|d| (d[1].abs() - 2.0).abs() < 0.4));
}

#[test]
fn parameters_with_finitely_many_values_are_weighed_exactly() {
    let text = "
far = param(\"far\", categorical({0: 0.7, 3: 0.3}))
m = param(\"m\", normal(far, 1))
def play(g):
    g.pay(\"A\", 0)
    g.measure(\"x\", normal(m, 0.3))
record(measured = {\"x\": 2.5})
";
    let density = |x: f64| (-0.5 * x * x / 1.09).exp() / (std::f64::consts::TAU * 1.09).sqrt();
    let (near, far) = (0.7 * density(2.5), 0.3 * density(-0.5));
    let runs = weighed_with(text, Tempering { seed: 5, runs: 16, particles: 200, rounds: 0 }, &Unwatched);
    let found = runs.log_marginal();
    assert!((found.value - (near + far).ln()).abs() < 3.0 * found.error, "{found:?}");
    let draws = runs.draws(1000);
    let share = draws.iter().filter(|d| d[1] == 3.0).count() as f64 / 1000.0;
    assert!((share - far / (near + far)).abs() < 0.03, "{share}");
}

#[test]
fn where_most_of_the_prior_rules_the_record_out_the_rest_is_weighed() {
    let text = "
m = param(\"m\", uniform(0, 1))
def play(g):
    g.pay(\"A\", 0)
    g.chance(\"coin\", {\"heads\": where(lt(m, 0.9), 0, 0.5), \"tails\": rest})
record({\"coin\": \"heads\"})
";
    let found = weighed(text, 1).log_marginal();
    assert!((found.value - 0.05f64.ln()).abs() < 3.0 * found.error && found.error < 0.3, "{found:?}");
}

#[test]
fn a_record_of_nothing_costs_nothing_but_the_prior_draws() {
    let found = weighed(
        "m = param(\"m\", normal(0, 1))\ndef play(g):\n    g.pay(\"A\", 0)\n    g.chance(\"x\", {\"a\": 0.5, \"b\": rest})\n",
        1,
    );
    assert_eq!((found.log_marginal().value, found.log_marginal().error), (0.0, 0.0));
    assert!(found.runs.iter().all(|r| r.evaluations == 100 && r.temperatures == [1.0]));
}

#[test]
fn threads_change_nothing() {
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| weighed(MEASURED, 9))
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

impl Watch for Stopper {
    fn advance(&self, stage: Stage, done: usize, total: Option<usize>) {
        assert!(stage == Stage::Weigh && Some(done) <= total);
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
    assert_eq!(weighed_with(MEASURED, how, &full).runs.len(), 4);
    assert_eq!(full.seen.into_inner(), 4 * STEPS);
    let early = Stopper { after: 3, seen: AtomicUsize::new(0) };
    assert!(weighed_with(MEASURED, how, &early).runs.is_empty());
}
