//! Draws against densities and moments.

use super::*;
use crate::diagnostics::Diagnostics;
use crate::sampler::{Draws, LogDensity, NoDensity, SamplerSettings, Silent, sample};

/// The largest distance between the distribution function of `values` and `cdf` at sorted points.
fn kolmogorov_smirnov(mut values: Vec<f64>, cdf: impl Fn(f64) -> f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let n = values.len() as f64;
    let distance =
        |(i, x): (usize, &f64)| (cdf(*x) - i as f64 / n).abs().max((cdf(*x) - (i + 1) as f64 / n).abs());
    values.iter().enumerate().map(distance).fold(0.0, f64::max)
}

#[test]
fn independent_draws_follow_the_distribution_function() {
    let priors = scalar_priors();
    let joint = joint(&priors);
    let mut rng = rng();
    let count = 10_000;
    let draws: Vec<PriorDraw> = (0..count).map(|_| joint.sample(&mut rng)).collect();
    for (k, parts) in priors.iter().enumerate() {
        let total: f64 = parts.iter().map(|(w, _)| w).sum();
        let cdf = |x: f64| parts.iter().map(|(w, part)| w / total * part.cdf(x)).sum();
        let distance = kolmogorov_smirnov(draws.iter().map(|draw| draw.theta[k]).collect(), cdf);
        // Exceeded by one in 1000 right samplers.
        assert!(distance * f64::from(count).sqrt() < 1.95, "{parts:?}: {distance}");
    }
}

#[test]
fn independent_draws_of_the_coordinate_follow_its_density() {
    for parts in scalar_priors() {
        let joint = joint(std::slice::from_ref(&parts));
        let mut workspace = only_workspace(&joint);
        let width = 0.005;
        let mut cumulative = vec![0.0];
        for step in -8000..8000 {
            let middle = width * (f64::from(step) + 0.5);
            let mass = width * joint.log_density(&mut workspace, &[middle]).exp();
            cumulative.push(cumulative[cumulative.len() - 1] + mass);
        }
        let cdf = |z: f64| cumulative[((z / width + 8000.0).round() as usize).min(16_000)];
        let mut rng = rng();
        let draws = (0..4000).map(|_| joint.sample(&mut rng).z[0]).collect();
        let distance = kolmogorov_smirnov(draws, cdf);
        assert!(distance * 4000.0_f64.sqrt() < 1.95 + 0.2, "{parts:?}: {distance}");
    }
}

/// A prior as a density to sample from, without data.
#[derive(Clone)]
struct NoData<'a> {
    prior: &'a JointPrior,
    workspace: Workspace,
}

impl LogDensity for NoData<'_> {
    fn dimension(&self) -> usize {
        self.prior.coordinates()
    }

    fn evaluate(&mut self, z: &[f64], gradient: &mut [f64]) -> Result<f64, NoDensity> {
        gradient.fill(0.0);
        let no_adjoint = vec![0.0; self.prior.parameters()];
        Ok(self.prior.gradient(&mut self.workspace, z, &no_adjoint, gradient))
    }
}

/// Parameter values drawn by the sampler at the first combination, chain by chain.
fn posterior_without_data(prior: &JointPrior) -> (Draws, Vec<Vec<Vec<f64>>>) {
    let combination = prior.combinations().next().unwrap();
    let density = NoData { prior, workspace: prior.workspace(&combination) };
    let settings = SamplerSettings { seed: 3, warmup: 500, draws: 1000, ..SamplerSettings::default() };
    let start = |_: usize, rng: &mut ChaCha8Rng| prior.sample_within(&combination, rng).z;
    let draws = sample(&density, start, &settings, &Silent).unwrap();
    let mut workspace = prior.workspace(&combination);
    let mut constrained = |z: &Vec<f64>| {
        let mut theta = Vec::new();
        prior.constrain(&mut workspace, z, &mut theta);
        theta
    };
    let chains: Vec<Vec<Vec<f64>>> =
        draws.chains.iter().map(|chain| chain.draws.iter().map(&mut constrained).collect()).collect();
    (draws, chains)
}

fn diagnose(chains: &[Vec<Vec<f64>>], f: impl Fn(&[f64]) -> f64) -> Diagnostics {
    let values: Vec<Vec<f64>> =
        chains.iter().map(|chain| chain.iter().map(|theta| f(theta)).collect()).collect();
    Diagnostics::of(&values)
}

fn assert_mean(found: &Diagnostics, expected: f64, what: &str) {
    assert!(found.rhat < 1.02, "{what}: {found:?}");
    assert!((found.mean - expected).abs() < 4.0 * found.mcse_mean, "{what}: {found:?} and {expected}");
}

#[test]
fn without_data_the_posterior_is_the_prior() {
    let priors = scalar_priors();
    let joint = joint(&priors);
    let (draws, chains) = posterior_without_data(&joint);
    assert!(draws.divergences() < 8, "{}", draws.divergences());
    for (k, parts) in priors.iter().enumerate() {
        let (mean, sd) = moments(parts);
        assert_mean(&diagnose(&chains, |theta| theta[k]), mean, &format!("{parts:?}"));
        let square = diagnose(&chains, |theta| (theta[k] - mean).powi(2));
        assert_mean(&square, sd * sd, &format!("variance of {parts:?}"));
        let median_share = parts.iter().map(|(w, part)| w * part.cdf(mean)).sum::<f64>()
            / parts.iter().map(|(w, _)| w).sum::<f64>();
        let below = diagnose(&chains, |theta| f64::from(u8::from(theta[k] <= mean)));
        assert_mean(&below, median_share, &format!("share of {parts:?} below the mean"));
    }
}

#[test]
fn without_data_shares_keep_their_means_and_correlation() {
    let mut e = Expressions::new();
    let alphas = [0.7, 2.0, 3.5];
    let concentrations = alphas.iter().map(|&a| e.constant(a)).collect();
    let mut joint = JointPrior::new();
    joint.add(&e, &Prior::Dirichlet(concentrations)).unwrap();
    let (_, chains) = posterior_without_data(&joint);
    for (k, alpha) in alphas.iter().enumerate() {
        assert_mean(&diagnose(&chains, |theta| theta[k]), alpha / 6.2, "share");
    }
    let product = 2.0 * 3.5 / (6.2 * 7.2);
    assert_mean(&diagnose(&chains, |theta| theta[1] * theta[2]), product, "product");
    let mut rng = rng();
    let independent: Vec<Vec<Vec<f64>>> =
        (0..4).map(|_| (0..1000).map(|_| joint.sample(&mut rng).theta).collect()).collect();
    assert_mean(
        &diagnose(&independent, |theta| theta[1] * theta[2]),
        product,
        "product of independent draws",
    );
    assert_mean(&diagnose(&independent, |theta| theta[0]), 0.7 / 6.2, "share of independent draws");
}

#[test]
fn the_funnel_is_recovered() {
    // Neal (2003): a log scale with sd 3, and nine quantities with that scale.
    let mut e = Expressions::new();
    let [zero, three, half] = [0.0, 3.0, 0.5].map(|x| e.constant(x));
    let mut joint = JointPrior::new();
    let log_variance = joint.add(&e, &Prior::Single(Normal { mean: zero, sd: three })).unwrap()[0];
    let log_variance = e.parameter(log_variance);
    let log_sd = e.multiply(half, log_variance);
    let sd = e.unary(counterplay_game::expression::Unary::Exp, log_sd);
    for _ in 0..9 {
        joint.add(&e, &Prior::Single(Normal { mean: zero, sd })).unwrap();
    }
    let (draws, chains) = posterior_without_data(&joint);
    assert_eq!(draws.divergences(), 0);
    assert_mean(&diagnose(&chains, |theta| theta[0]), 0.0, "log variance");
    assert_mean(&diagnose(&chains, |theta| theta[0].powi(2)), 9.0, "its variance");
    let score = |theta: &[f64]| theta[9].powi(2) * (-theta[0]).exp();
    assert_mean(&diagnose(&chains, score), 1.0, "squared score");
    assert!(diagnose(&chains, |theta| theta[0]).ess_bulk > 1000.0);
}

#[test]
fn a_hierarchy_is_drawn_and_sampled_alike() {
    let joint = hierarchy();
    let combination = joint.combinations().next().unwrap();
    let (_, chains) = posterior_without_data(&joint);
    let mut rng = rng();
    let independent: Vec<Vec<Vec<f64>>> = (0..4)
        .map(|_| (0..1500).map(|_| joint.sample_within(&combination, &mut rng).theta).collect())
        .collect();
    for k in 0..joint.parameters() {
        // A bounded function has a mean and an error even where a parameter's tails are heavy.
        let bounded = |theta: &[f64]| theta[k].atan();
        let (sampled, drawn) = (diagnose(&chains, bounded), diagnose(&independent, bounded));
        let error = sampled.mcse_mean.hypot(drawn.mcse_mean);
        assert!((sampled.mean - drawn.mean).abs() <= 4.0 * error, "{k}: {sampled:?} and {drawn:?}");
    }
}
