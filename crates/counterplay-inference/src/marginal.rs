//! Marginal likelihoods from the runs of sequential Monte Carlo, with their errors.
//!
//! The marginal likelihood is the likelihood of the record averaged over the prior. It is estimated by
//! [`tempering`](crate::tempering) in several independent runs, whose spread gives the error. With so few runs the
//! spread is itself uncertain; the error is stretched by Student's $t$, so that twice the error is a 95% interval:
//! $\text{error} = \frac{t_{0.975, R - 1}}{1.96} \cdot \frac{s}{\sqrt R}$ (Gosset 1908).

use counterplay_math::statistics::moments;
use counterplay_math::{exp, ln};
use serde::{Deserialize, Serialize};

use crate::distribution::student_quantile;
use crate::sampler::NoDensity;
use crate::tempering::{Run, systematic};

/// A number with the standard error of its estimate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// Its standard error.
    pub error: f64,
}

/// The independent runs behind one marginal likelihood.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MarginalLikelihood {
    /// The runs.
    pub runs: Vec<Run>,
}

impl MarginalLikelihood {
    /// The log of the mean of the runs' estimates.
    pub fn log_value(&self) -> f64 {
        let top = self.runs.iter().map(|r| r.log_marginal).fold(f64::NEG_INFINITY, f64::max);
        if top == f64::NEG_INFINITY {
            return top;
        }
        let sum: f64 = self.runs.iter().map(|r| exp(r.log_marginal - top)).sum();
        top + ln(sum / self.runs.len() as f64)
    }

    /// The relative deviation of each run's estimate from their mean.
    pub fn deviations(&self) -> Vec<f64> {
        let mean = self.log_value();
        let one = |r: &Run| if mean == f64::NEG_INFINITY { 0.0 } else { exp(r.log_marginal - mean) - 1.0 };
        self.runs.iter().map(one).collect()
    }

    /// The log marginal likelihood with its error.
    pub fn log_marginal(&self) -> Estimate {
        Estimate { value: self.log_value(), error: spread(&self.deviations()) }
    }

    /// The Bayes factor of this against `other`.
    pub fn bayes_factor(&self, other: &Self) -> Estimate {
        let factor = exp(self.log_value() - other.log_value());
        let both = self.deviations().into_iter().zip(other.deviations());
        let relative: Vec<f64> = both.map(|(own, others)| own - others).collect();
        Estimate { value: factor, error: factor * spread(&relative) }
    }

    /// Points at which play could not be solved.
    pub fn failed(&self) -> usize {
        self.runs.iter().filter_map(|r| r.missing.get(&NoDensity::Unsolved)).sum()
    }

    /// Independent draws from the prior.
    pub fn prior(&self) -> impl Iterator<Item = &[f64]> {
        self.runs.iter().flat_map(|r| r.prior.iter().map(Vec::as_slice))
    }

    /// About `count` draws from the posterior: from each run in proportion to its estimate, by systematic resampling.
    pub fn draws(&self, count: usize) -> Vec<&[f64]> {
        let mean = self.log_value();
        let weights: Vec<f64> = self
            .runs
            .iter()
            .flat_map(|r| {
                let own = if mean == f64::NEG_INFINITY { 1.0 } else { exp(r.log_marginal - mean) };
                r.weights.iter().map(move |w| w * own / self.runs.len() as f64)
            })
            .collect();
        let particles: Vec<&[f64]> =
            self.runs.iter().flat_map(|r| r.particles.iter().map(Vec::as_slice)).collect();
        systematic(&weights, count, 0.5).into_iter().map(|k| particles[k]).collect()
    }
}

/// The stretched standard error of the mean of values from a few independent runs; without a second run there is
/// none, and it is infinite.
///
/// With two runs the mean has the plain standard error 1/2 here, and $t_{0.975, 1} = 12.706$:
///
/// ```
/// let error = counterplay_inference::marginal::spread(&[0.0, 1.0]);
/// assert!((error - 0.5 * 12.706 / 1.96).abs() < 1e-3);
/// assert_eq!(counterplay_inference::marginal::spread(&[3.0]), f64::INFINITY);
/// ```
pub fn spread(values: &[f64]) -> f64 {
    match values.len() {
        0 | 1 => f64::INFINITY,
        runs => moments(values).1 / (runs as f64).sqrt() * student(runs - 1) / NORMAL,
    }
}

/// The 97.5% quantile of the normal distribution.
const NORMAL: f64 = 1.959_964;

/// The 97.5% quantile of Student's distribution.
fn student(degrees: usize) -> f64 {
    student_quantile(0.975, degrees as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_errors_are_a_95_percent_interval_by_the_published_quantiles() {
        // Fisher and Yates (1938), table III.
        for (runs, quantile) in [(2, 12.706), (3, 4.303), (4, 3.182), (8, 2.365), (31, 2.042)] {
            let values: Vec<f64> = (0..runs).map(f64::from).collect();
            let plain = moments(&values).1 / f64::from(runs).sqrt();
            assert!((spread(&values) / plain - quantile / 1.96).abs() < 1e-3);
        }
        assert_eq!(spread(&[1.0]), f64::INFINITY);
    }
}
