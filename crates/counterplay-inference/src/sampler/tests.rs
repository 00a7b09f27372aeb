use std::sync::atomic::AtomicBool;

use super::*;
use crate::diagnostics::Diagnostics;

/// A normal distribution in several dimensions: $z = m + L x$ with standard normal $x$.
#[derive(Clone)]
struct Gaussian {
    means: Vec<f64>,
    precision: Vec<Vec<f64>>,
}

impl LogDensity for Gaussian {
    fn dimension(&self) -> usize {
        self.means.len()
    }

    fn evaluate(&mut self, z: &[f64], gradient: &mut [f64]) -> Result<f64, NoDensity> {
        let away: Vec<f64> = z.iter().zip(&self.means).map(|(z, m)| z - m).collect();
        let mut log_density = 0.0;
        for (row, (g, x)) in self.precision.iter().zip(gradient.iter_mut().zip(&away)) {
            *g = -row.iter().zip(&away).map(|(p, x)| p * x).sum::<f64>();
            log_density += 0.5 * *g * x;
        }
        Ok(log_density)
    }
}

/// Independent coordinates.
fn independent(means: &[f64], sds: &[f64]) -> Gaussian {
    let row = |i: usize| (0..sds.len()).map(|j| if i == j { sds[i].powi(-2) } else { 0.0 }).collect();
    Gaussian { means: means.to_vec(), precision: (0..sds.len()).map(row).collect() }
}

fn settings() -> SamplerSettings {
    SamplerSettings { seed: 7, chains: 4, warmup: 400, draws: 500, ..SamplerSettings::default() }
}

fn from_zero(dimension: usize) -> impl Fn(usize, &mut ChaCha8Rng) -> Vec<f64> + Sync {
    move |_, _| vec![0.0; dimension]
}

/// Asserts that mean and standard deviation of a coordinate are within four Monte Carlo errors of the truth.
fn assert_moments(draws: &Draws, index: usize, mean: f64, sd: f64) {
    let chains = draws.coordinate(index);
    let found = Diagnostics::of(&chains);
    assert!(found.rhat < 1.02, "{found:?}");
    assert!((found.mean - mean).abs() < 4.0 * found.mcse_mean, "{found:?} {mean}");
    let squares: Vec<Vec<f64>> =
        chains.iter().map(|chain| chain.iter().map(|x| (x - mean).powi(2)).collect()).collect();
    let found = Diagnostics::of(&squares);
    assert!((found.mean - sd * sd).abs() < 4.0 * found.mcse_mean, "{found:?} {sd}");
}

#[test]
fn independent_normal_coordinates_of_any_scale_are_recovered() {
    let (means, sds) = ([1.0, -200.0, 0.0, 5.0], [1.0, 40.0, 0.01, 3.0]);
    let draws = sample(&independent(&means, &sds), from_zero(4), &settings(), &Silent).unwrap();
    assert_eq!(draws.all().count(), 2000);
    for k in 0..4 {
        assert_moments(&draws, k, means[k], sds[k]);
    }
}

#[test]
fn correlated_normal_coordinates_are_recovered() {
    let rho: f64 = 0.9;
    let scale = 1.0 / (1.0 - rho * rho);
    let precision = vec![vec![scale, -rho * scale], vec![-rho * scale, scale]];
    let density = Gaussian { means: vec![2.0, -1.0], precision };
    let draws = sample(&density, from_zero(2), &settings(), &Silent).unwrap();
    assert_moments(&draws, 0, 2.0, 1.0);
    assert_moments(&draws, 1, -1.0, 1.0);
    let product = |draw: &[f64]| (draw[0] - 2.0) * (draw[1] + 1.0);
    let products: Vec<f64> = draws.all().map(product).collect();
    let found = Diagnostics::of(&products.chunks(500).map(<[f64]>::to_vec).collect::<Vec<_>>());
    assert!((found.mean - rho).abs() < 4.0 * found.mcse_mean, "{found:?}");
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let density = independent(&[0.0, 1.0], &[1.0, 2.0]);
    let short = SamplerSettings { warmup: 60, draws: 40, ..settings() };
    let start = |_: usize, rng: &mut ChaCha8Rng| {
        use rand::RngExt;
        vec![rng.random::<f64>(), rng.random::<f64>()]
    };
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| sample(&density, start, &short, &Silent).unwrap())
    };
    let one = on(1);
    assert_eq!(one, on(2));
    assert_ne!(one.chains[0].draws, one.chains[1].draws);
    let other = sample(&density, start, &SamplerSettings { seed: 8, ..short }, &Silent).unwrap();
    assert_ne!(one, other);
}

#[test]
fn every_chain_reports_as_many_draws_as_asked_for() {
    let short = SamplerSettings { chains: 3, warmup: 30, draws: 20, ..settings() };
    let draws = sample(&independent(&[0.0], &[1.0]), from_zero(1), &short, &Silent).unwrap();
    for chain in &draws.chains {
        assert_eq!((chain.draws.len(), chain.depths.len()), (20, 20));
        assert!(chain.step_size > 0.0 && chain.depths.iter().all(|&depth| depth <= 10));
    }
}

#[test]
fn without_coordinates_every_draw_is_the_empty_point() {
    let short = SamplerSettings { chains: 2, warmup: 5, draws: 3, ..settings() };
    let draws = sample(&independent(&[], &[]), from_zero(0), &short, &Silent).unwrap();
    assert_eq!(draws.chains.len(), 2);
    assert!(draws.chains.iter().all(|chain| chain.draws == vec![Vec::<f64>::new(); 3]));
}

#[test]
fn a_chain_can_start_at_the_mode() {
    let short = SamplerSettings { warmup: 20, draws: 5, ..settings() };
    assert!(sample(&independent(&[0.0, 1.0], &[1.0, 1e-3]), |_, _| vec![0.0, 1.0], &short, &Silent).is_ok());
}

/// Standard normal where positive, and nowhere else.
#[derive(Clone)]
struct Half;

impl LogDensity for Half {
    fn dimension(&self) -> usize {
        1
    }

    fn evaluate(&mut self, z: &[f64], gradient: &mut [f64]) -> Result<f64, NoDensity> {
        gradient[0] = -z[0];
        Ok(if z[0] > 0.0 { -0.5 * z[0] * z[0] } else { f64::NEG_INFINITY })
    }
}

#[test]
fn a_point_where_the_density_fails_ends_a_trajectory_and_not_the_chain() {
    let start = |_: usize, _: &mut ChaCha8Rng| vec![1.0];
    let draws = sample(&Half, start, &settings(), &Silent).unwrap();
    assert!(draws.all().all(|draw| draw[0] > 0.0));
    let cut_short = draws.cut_short();
    assert!(cut_short[&NoDensity::Zero] > 0 && cut_short.len() == 1, "{cut_short:?}");
}

#[test]
fn starting_points_are_tried_until_one_has_a_finite_density() {
    use rand::RngExt;
    let short = SamplerSettings { warmup: 20, draws: 5, ..settings() };
    let start = |_: usize, rng: &mut ChaCha8Rng| vec![rng.random::<f64>() - 0.9];
    assert!(sample(&Half, start, &short, &Silent).is_ok());
    let untuned = SamplerSettings { warmup: 0, ..short };
    assert!(sample(&Half, start, &untuned, &Silent).is_ok());
    let error = sample(&Half, |_, _| vec![-1.0], &short, &Silent).unwrap_err();
    assert_eq!(error, SamplerError::NoStart { chain: 0, tried: Missing::from([(NoDensity::Zero, 100)]) });
    assert_eq!(
        error.to_string(),
        "no starting point for chain 1: of 100 points tried, at 100 the record is impossible; is the record possible \
         under the priors?"
    );
}

/// Cancels once a number of draws is made.
struct Impatient {
    limit: usize,
    stop: AtomicBool,
}

impl Progress for Impatient {
    fn advance(&self, done: usize, total: usize) {
        assert!(done <= total && total == 4 * 900);
        if done >= self.limit {
            self.stop.store(true, Ordering::Relaxed);
        }
    }

    fn cancelled(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

#[test]
fn a_cancelled_run_is_an_error() {
    let density = independent(&[0.0], &[1.0]);
    let watch = Impatient { limit: 50, stop: AtomicBool::new(false) };
    assert_eq!(sample(&density, from_zero(1), &settings(), &watch), Err(SamplerError::Cancelled));
    let patient = Impatient { limit: usize::MAX, stop: AtomicBool::new(false) };
    assert!(sample(&density, from_zero(1), &settings(), &patient).is_ok());
}

#[test]
fn settings_out_of_range_are_named() {
    let density = independent(&[0.0], &[1.0]);
    for (bad, name) in [
        (SamplerSettings { chains: 0, ..settings() }, "`chains` must be at least 1"),
        (SamplerSettings { draws: 0, ..settings() }, "`draws` must be at least 1"),
        (SamplerSettings { target_accept: 1.0, ..settings() }, "`target_accept` must be above 0 and below 1"),
        (SamplerSettings { max_depth: 0, ..settings() }, "`max_depth` must be between 1 and 30"),
    ] {
        let error = sample(&density, from_zero(1), &bad, &Silent).unwrap_err();
        assert_eq!(error.to_string(), name);
    }
}
