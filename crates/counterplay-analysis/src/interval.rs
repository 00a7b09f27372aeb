//! Summaries of what varies from draw to draw.

use counterplay_math::statistics::{moments, quantile};

use crate::{Distribution, Estimate, Interval};

/// The mean of per-draw values, their central 90%, and the Monte Carlo error of the mean.
///
/// The error is that of independent draws; draws are spread far apart over the chains. Values that are not
/// numbers (a draw that has no answer) are left out.
pub fn interval(values: &[f64]) -> Interval {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|x| !x.is_nan()).collect();
    sorted.sort_by(f64::total_cmp);
    let estimate = estimate(&sorted);
    Interval {
        mean: estimate.value,
        low: quantile(&sorted, 0.05),
        high: quantile(&sorted, 0.95),
        error: estimate.error,
    }
}

/// The same of values that each have a variance of their own, because they were found by simulation: the central 90% is that of what the
/// values differ in besides. Their distances from the mean are scaled by $\sqrt{1 - \bar{s^2} / V}$, where $\bar{s^2}$ is the mean of
/// these variances and $V$ the variance of the values; where the first is as large as the second, nothing is left between the two
/// ends. Where all variances are zero, this is [`interval`].
///
/// ```
/// use counterplay_analysis::interval::interval_beside_noise;
/// // Two values that differ by no more than simulation explains.
/// let found = interval_beside_noise(&[0.4, 0.6], &[0.01, 0.01]);
/// assert_eq!((found.low, found.high), (0.5, 0.5));
/// ```
pub fn interval_beside_noise(values: &[f64], variances: &[f64]) -> Interval {
    let known: Vec<(f64, f64)> =
        values.iter().copied().zip(variances.iter().copied()).filter(|v| !v.0.is_nan()).collect();
    let noise = moments(&known.iter().map(|v| v.1).collect::<Vec<_>>()).0;
    let values: Vec<f64> = known.into_iter().map(|v| v.0).collect();
    let whole = interval(&values);
    if noise.is_nan() || noise <= 0.0 {
        return whole;
    }
    let variance = values.iter().map(|v| (v - whole.mean).powi(2)).sum::<f64>() / values.len() as f64;
    let scale = if variance > noise { (1.0 - noise / variance).sqrt() } else { 0.0 };
    let scaled: Vec<f64> = values.iter().map(|v| whole.mean + scale * (v - whole.mean)).collect();
    let beside = interval(&scaled);
    Interval { low: beside.low, high: beside.high, ..whole }
}

/// The mean with its Monte Carlo error.
pub fn estimate(values: &[f64]) -> Estimate {
    let (mean, sd) = moments(values);
    Estimate { value: mean, error: sd / (values.len().max(1) as f64).sqrt() }
}

/// A distribution's summary, with a histogram between its 0.5% and 99.5% quantiles.
pub fn distribution(values: &[f64]) -> Distribution {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (mean, sd) = moments(&sorted);
    let at = |p| quantile(&sorted, p);
    Distribution {
        mean,
        sd,
        quantiles: [at(0.05), at(0.25), at(0.5), at(0.75), at(0.95)],
        histogram: histogram(&sorted),
    }
}

const BINS: usize = 40;

fn histogram(sorted: &[f64]) -> Vec<(f64, f64, f64)> {
    let (low, high) = (quantile(sorted, 0.005), quantile(sorted, 0.995));
    if sorted.is_empty() || high <= low {
        return Vec::new();
    }
    let mut distinct = sorted.to_vec();
    distinct.dedup();
    if distinct.len() <= BINS && distinct.iter().all(|x| x.fract() == 0.0) {
        return counts(sorted, &distinct);
    }
    let width = (high - low) / BINS as f64;
    let mut bins = vec![0usize; BINS];
    for x in sorted.iter().filter(|x| (low..=high).contains(x)) {
        bins[(((x - low) / width) as usize).min(BINS - 1)] += 1;
    }
    let scale = 1.0 / (sorted.len() as f64 * width);
    let edge = |k: usize| low + k as f64 * width;
    bins.iter().enumerate().map(|(k, &n)| (edge(k), edge(k + 1), n as f64 * scale)).collect()
}

/// A bar of width one about each whole number.
fn counts(sorted: &[f64], distinct: &[f64]) -> Vec<(f64, f64, f64)> {
    let share = |x: f64| sorted.iter().filter(|y| **y == x).count() as f64 / sorted.len() as f64;
    distinct.iter().map(|&x| (x - 0.5, x + 0.5, share(x))).collect()
}
