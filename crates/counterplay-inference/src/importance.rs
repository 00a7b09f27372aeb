//! Pareto-smoothed importance sampling: what a sample says of another distribution, and whether it can say it.
//!
//! Draws from one distribution, weighed by the ratio $r_s$ of another's density to its own, stand for the other.
//! Where the ratios have a heavy tail a few draws carry everything. The largest $M = \lceil \min(S/5, 3\sqrt S)
//! \rceil$ of $S$ ratios are therefore fitted by a generalised Pareto distribution, whose shape $\hat k$ says how heavy
//! the tail is, and replaced by the expected order statistics of that fit, none above the largest ratio (Vehtari,
//! Simpson, Gelman, Yao and Gabry 2024, "Pareto smoothed importance sampling", JMLR 25(72)). The fit is that of Zhang
//! and Stephens (2009), "A new and efficient estimation method for the generalized Pareto distribution",
//! Technometrics 51(3), drawn towards $k = 1/2$ by a prior worth ten observations.
//!
//! ```
//! use counterplay_inference::importance::pareto_smoothed;
//! // The ratios of a Pareto distribution whose tail has the shape 0.3.
//! let log_ratios: Vec<f64> = (0..1000).map(|s| -0.3 * ((s as f64 + 0.5) / 1000.0).ln()).collect();
//! let weighing = pareto_smoothed(&log_ratios);
//! assert!((weighing.pareto_k - 0.3).abs() < 0.05 && weighing.reliable());
//! ```

use counterplay_math::{exp, exp_m1, ln, ln_1p, log10};

/// Draws weighed so that they stand for another distribution.
///
/// ```
/// use counterplay_inference::importance::Weighing;
/// let weighing = Weighing { weights: vec![0.5, 0.25, 0.25], pareto_k: 0.0 };
/// assert_eq!(weighing.mean(&[1.0, 2.0, 4.0]), 2.0);
/// assert_eq!(weighing.error(&[1.0, 2.0, 4.0]), 0.5_f64.sqrt()); // of 1/4 * 1 + 1/16 * 4
/// assert_eq!(weighing.effective_draws(), 8.0 / 3.0);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Weighing {
    /// The weight of each draw, at least 0; they add up to one.
    pub weights: Vec<f64>,
    /// $\hat k$, the shape of the ratios' tail: 0 if they are all equal, infinite where there are too few for a fit.
    pub pareto_k: f64,
}

/// At or below this shape a mean is still of use, however many draws there are.
const LARGEST_K: f64 = 0.7;

impl Weighing {
    /// Every draw as it is.
    pub fn even(draws: usize) -> Self {
        Self { weights: vec![1.0 / draws as f64; draws], pareto_k: 0.0 }
    }

    /// Whether means over the weighed draws can be relied on: $\hat k < \min(1 - 1 / \log_{10} S, 0.7)$, the bound of
    /// Vehtari et al. (2024, section 3.2.4) for $S$ draws. Above it the error falls too slowly with the number of draws.
    pub fn reliable(&self) -> bool {
        let draws = self.weights.len() as f64;
        self.pareto_k < (1.0 - 1.0 / log10(draws)).min(LARGEST_K)
    }

    /// The mean of per-draw values over the weighed draws; values that are not numbers are left out.
    pub fn mean(&self, values: &[f64]) -> f64 {
        let known = || self.weights.iter().zip(values).filter(|(_, x)| !x.is_nan());
        known().map(|(w, x)| w * x).sum::<f64>() / known().map(|(w, _)| w).sum::<f64>()
    }

    /// The Monte Carlo standard error of [`mean`](Self::mean): $\sqrt{\sum_s w_s^2 (x_s - \bar x)^2}$ for weights that
    /// add up to one (Owen 2013, "Monte Carlo theory, methods and examples", section 9.2).
    pub fn error(&self, values: &[f64]) -> f64 {
        let mean = self.mean(values);
        let known = || self.weights.iter().zip(values).filter(|(_, x)| !x.is_nan());
        let squares: f64 = known().map(|(w, x)| (w * (x - mean)).powi(2)).sum();
        squares.sqrt() / known().map(|(w, _)| w).sum::<f64>()
    }

    /// How far the weighed mean is from the plain one, in Monte Carlo standard errors of the difference,
    /// $\sqrt{\sum_s (w_s - 1/S)^2 (x_s - \bar x)^2}$: both are of the same draws. 0 where nothing differs.
    pub fn errors_moved(&self, values: &[f64]) -> f64 {
        let even = Self::even(values.len());
        let (mean, plain) = (self.mean(values), even.mean(values));
        let terms = self.weights.iter().zip(&even.weights).zip(values).filter(|(_, x)| !x.is_nan());
        let error = terms.map(|((w, e), x)| ((w - e) * (x - plain)).powi(2)).sum::<f64>().sqrt();
        if mean == plain { 0.0 } else { (mean - plain) / error }
    }

    /// $1 / \sum_s w_s^2$, the number of draws of equal weight that would be worth as much.
    pub fn effective_draws(&self) -> f64 {
        1.0 / self.weights.iter().map(|w| w * w).sum::<f64>()
    }
}

/// Weighs draws by the logarithms of their importance ratios, the largest of them smoothed; see the [module](self).
///
/// A ratio of zero (minus infinity) is allowed; one that is not a number counts as zero.
pub fn pareto_smoothed(log_ratios: &[f64]) -> Weighing {
    let top = log_ratios.iter().copied().filter(|l| !l.is_nan()).fold(f64::NEG_INFINITY, f64::max);
    if !top.is_finite() {
        return Weighing { pareto_k: f64::INFINITY, ..Weighing::even(log_ratios.len()) };
    }
    let mut ratios: Vec<f64> =
        log_ratios.iter().map(|l| if l.is_nan() { 0.0 } else { exp(l - top) }).collect();
    let pareto_k = smooth(&mut ratios);
    let total: f64 = ratios.iter().sum();
    Weighing { weights: ratios.into_iter().map(|r| r / total).collect(), pareto_k }
}

/// The fewest ratios that a tail is fitted to.
const SHORTEST_TAIL: usize = 5;

/// Smooths the tail of ratios whose largest is 1, in place, and gives its shape.
fn smooth(ratios: &mut [f64]) -> f64 {
    let count = ratios.len();
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|&a, &b| ratios[a].total_cmp(&ratios[b]));
    let smallest = order.first().map_or(1.0, |&s| ratios[s]);
    if 1.0 - smallest < 1e-12 {
        return 0.0;
    }
    let wanted = (count as f64 / 5.0).min(3.0 * (count as f64).sqrt()).ceil() as usize;
    let cutoff = ratios[order[count - 1 - wanted.min(count - 1)]].max(f64::MIN_POSITIVE);
    let tail: Vec<usize> = order.into_iter().filter(|&s| ratios[s] > cutoff).collect();
    if tail.len() < SHORTEST_TAIL {
        return f64::INFINITY;
    }
    let excesses: Vec<f64> = tail.iter().map(|&s| ratios[s] - cutoff).collect();
    let fit = fit_generalised_pareto(&excesses);
    if fit.shape.is_finite() && fit.scale.is_finite() {
        for (rank, &s) in tail.iter().enumerate() {
            let probability = (rank as f64 + 0.5) / tail.len() as f64;
            ratios[s] = (cutoff + fit.quantile(probability)).min(1.0);
        }
    }
    fit.shape
}

/// A generalised Pareto distribution of excesses $x \ge 0$: $P(X > x) = (1 + k x / \sigma)^{-1/k}$.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GeneralisedPareto {
    /// $k$: above 0 the tail is a power law of index $1/k$, at 0 it is exponential, below 0 it ends.
    pub shape: f64,
    /// $\sigma$, in the units of the excesses.
    pub scale: f64,
}

impl GeneralisedPareto {
    /// The value with this much probability at or below it.
    pub fn quantile(&self, probability: f64) -> f64 {
        let log_above = ln_1p(-probability);
        if self.shape == 0.0 {
            -self.scale * log_above
        } else {
            self.scale * exp_m1(-self.shape * log_above) / self.shape
        }
    }
}

/// How strongly, in observations, the shape is drawn towards one half.
const PRIOR_OBSERVATIONS: f64 = 10.0;

/// Fits excesses, sorted upwards, by the empirical Bayes estimate of Zhang and Stephens (2009).
///
/// The profile likelihood of $b = -k/\sigma$ is averaged over a grid of $30 + \sqrt n$ points that covers its posterior
/// under a prior taken from the first quartile; then $k = \frac1n \sum_i \ln(1 - b x_i)$, and towards one half, so
/// that short tails do not pass for light ones (Vehtari et al. 2024, appendix G).
///
/// # Panics
/// If there is no excess.
pub fn fit_generalised_pareto(sorted: &[f64]) -> GeneralisedPareto {
    let count = sorted.len() as f64;
    let quartile = sorted[((count / 4.0 + 0.5) as usize).max(1) - 1];
    let points = 30 + count.sqrt() as usize;
    let place = |i: usize| {
        let reach = 1.0 - (points as f64 / (i as f64 + 0.5)).sqrt();
        1.0 / sorted[sorted.len() - 1] + reach / (3.0 * quartile)
    };
    let shape_at = |b: f64| sorted.iter().map(|x| ln_1p(-b * x)).sum::<f64>() / count;
    let grid: Vec<f64> = (0..points).map(place).collect();
    let profile = |&b: &f64| {
        let shape = shape_at(b);
        count * (ln(-b / shape) - shape - 1.0)
    };
    let logs: Vec<f64> = grid.iter().map(profile).collect();
    let weight = |log: f64| 1.0 / logs.iter().map(|l| exp(l - log)).sum::<f64>();
    let weighed: Vec<(f64, f64)> =
        grid.iter().zip(&logs).map(|(&b, &log)| (b, weight(log))).filter(|p| p.1 >= NEGLIGIBLE).collect();
    let total: f64 = weighed.iter().map(|p| p.1).sum();
    let b = weighed.iter().map(|(b, weight)| b * weight / total).sum::<f64>();
    let shape = shape_at(b);
    GeneralisedPareto {
        shape: (count * shape + 0.5 * PRIOR_OBSERVATIONS) / (count + PRIOR_OBSERVATIONS),
        scale: -shape / b,
    }
}

/// Points of the grid with less weight than this are left out.
const NEGLIGIBLE: f64 = 10.0 * f64::EPSILON;

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWS: usize = 1000;

    fn place(index: usize) -> f64 {
        (index as f64 + 0.5) / DRAWS as f64
    }

    fn near(found: f64, wanted: f64, tolerance: f64) {
        assert!((found - wanted).abs() <= tolerance, "{found} is not {wanted}");
    }

    /// The tail shape, the largest, tenth and smallest weight, and the effective draws that `ArviZ` 0.23.4 finds for
    /// ratios at evenly spaced quantiles of a Pareto distribution of shape `k`.
    #[test]
    fn weights_and_shapes_are_those_of_arviz() {
        let table = [
            (0.1, 0.149_964_267_5, 0.001_924_077_001, 0.001_447_449_185, 0.000_899_790_014, 987.466_282_8),
            (0.3, 0.323_560_643_8, 0.006_847_197_735, 0.002_865_524_055, 0.000_700_275_660, 832.378_368_1),
            (0.5, 0.497_085_961_3, 0.022_426_855_46, 0.005_174_966_683, 0.000_505_291_795, 444.213_285_7),
            (0.7, 0.670_657_768_3, 0.060_148_093_33, 0.008_263_708_044, 0.000_325_943_500, 138.938_470_0),
            (1.0, 0.931_073_024_2, 0.189_955_260_6, 0.012_121_725_83, 0.000_124_424_303, 21.377_866_14),
        ];
        for (k, pareto_k, largest, tenth, smallest, effective) in table {
            let log_ratios: Vec<f64> = (0..DRAWS).map(|s| -k * place(s).ln()).collect();
            let found = pareto_smoothed(&log_ratios);
            near(found.pareto_k, pareto_k, 1e-9);
            near(found.weights[0], largest, 1e-10);
            near(found.weights[9], tenth, 1e-10);
            near(found.weights[DRAWS - 1], smallest, 1e-10);
            near(found.effective_draws(), effective, 1e-6);
            assert_eq!(found.reliable(), k < 0.7);
        }
    }

    #[test]
    fn a_fit_to_quantiles_of_a_generalised_pareto_distribution_finds_it() {
        for shape in [-0.3, 0.1, 0.4, 0.8] {
            let truth = GeneralisedPareto { shape, scale: 2.0 };
            let excesses: Vec<f64> = (0..DRAWS).map(|s| truth.quantile(place(s))).collect();
            let found = fit_generalised_pareto(&excesses);
            near(found.shape, shape, 0.02);
            near(found.scale, 2.0, 0.03);
        }
        // ArviZ 0.23.4 on (u^-0.4 - 1) / 0.4.
        let excesses: Vec<f64> = (0..DRAWS).rev().map(|s| (place(s).powf(-0.4) - 1.0) / 0.4).collect();
        let found = fit_generalised_pareto(&excesses);
        near(found.shape, 0.401_717_948_6, 1e-9);
        near(found.scale, 0.998_781_337_7, 1e-9);
    }

    /// Draws from N(0, 1) weighed to N(0.5, 1): the mean is 0.5.
    #[test]
    fn weighed_draws_have_the_mean_of_the_other_distribution() {
        let normal = crate::distribution::Concrete::Normal { mean: 0.0, sd: 1.0 };
        let draws: Vec<f64> = (0..DRAWS).map(|s| normal.quantile(place(s))).collect();
        let log_ratios: Vec<f64> = draws.iter().map(|x| 0.5 * x - 0.125).collect();
        let found = pareto_smoothed(&log_ratios);
        near(found.mean(&draws), 0.5, 0.01);
        // The effective share of N(0, 1) for N(m, 1) is exp(-m²).
        near(found.effective_draws() / DRAWS as f64, (-0.25_f64).exp(), 0.02);
        near(found.error(&draws), (1.0 / (DRAWS as f64 * (-0.25_f64).exp())).sqrt(), 0.01);
        assert!(found.reliable());
    }

    #[test]
    fn equal_ratios_are_even_and_a_ratio_that_is_no_number_counts_as_none() {
        let even = pareto_smoothed(&[3.0; 50]);
        assert_eq!(even.pareto_k, 0.0);
        near(even.weights[7], 0.02, 1e-15);
        let mut log_ratios = vec![0.0; 50];
        log_ratios[3] = f64::NAN;
        assert_eq!(pareto_smoothed(&log_ratios).weights[3], 0.0);
        assert!(!pareto_smoothed(&[f64::NEG_INFINITY; 50]).reliable());
    }
}
