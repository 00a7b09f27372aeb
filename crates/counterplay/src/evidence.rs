//! How well each explanation foretold the record: marginal likelihoods, Bayes factors, and probabilities.
//!
//! The marginal likelihood is the likelihood of the record averaged over the prior. It is estimated by
//! [`tempering`](crate::tempering) in several independent runs, whose spread gives the error. With so few runs the
//! spread is itself uncertain; the error is stretched by Student's $t$, so that twice the error is a 95% interval:
//! $\text{error} = \frac{t_{0.975, R - 1}}{1.96} \cdot \frac{s}{\sqrt R}$ (Gosset 1908).
//!
//! All explanations begin with the same random numbers, run by run. What depends on several of them is linearised
//! (the delta method), and its error taken from the spread of the linear form over the runs, so that what they have
//! in common cancels.

use counterplay_math::{exp, ln};
use serde::{Deserialize, Serialize};

use crate::analysis::Estimate;
use crate::distribution::student_quantile;
use crate::interval::moments;
use crate::sampler::NoDensity;
use crate::tempering::{Run, systematic, weights};

/// The runs of one account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Weighed {
    pub(crate) runs: Vec<Run>,
}

impl Weighed {
    /// The log of the mean of the runs' estimates.
    pub(crate) fn log_value(&self) -> f64 {
        let top = self.runs.iter().map(|r| r.log_marginal).fold(f64::NEG_INFINITY, f64::max);
        if top == f64::NEG_INFINITY {
            return top;
        }
        let sum: f64 = self.runs.iter().map(|r| exp(r.log_marginal - top)).sum();
        top + ln(sum / self.runs.len() as f64)
    }

    /// The relative deviation of each run's estimate from their mean.
    pub(crate) fn deviations(&self) -> Vec<f64> {
        let mean = self.log_value();
        let one = |r: &Run| if mean == f64::NEG_INFINITY { 0.0 } else { exp(r.log_marginal - mean) - 1.0 };
        self.runs.iter().map(one).collect()
    }

    /// The log marginal likelihood with its error.
    pub(crate) fn log_marginal(&self) -> Estimate {
        Estimate { value: self.log_value(), error: spread(&self.deviations()) }
    }

    /// The Bayes factor of this against `other`.
    pub(crate) fn bayes_factor(&self, other: &Self) -> Estimate {
        let factor = exp(self.log_value() - other.log_value());
        let both = self.deviations().into_iter().zip(other.deviations());
        let relative: Vec<f64> = both.map(|(own, others)| own - others).collect();
        Estimate { value: factor, error: factor * spread(&relative) }
    }

    /// Points at which play could not be solved.
    pub(crate) fn failed(&self) -> usize {
        self.runs.iter().filter_map(|r| r.missing.get(&NoDensity::Unsolved)).sum()
    }

    /// Independent draws from the prior.
    pub(crate) fn prior(&self) -> impl Iterator<Item = &[f64]> {
        self.runs.iter().flat_map(|r| r.prior.iter().map(Vec::as_slice))
    }

    /// About `count` draws from the posterior: from each run in proportion to its estimate, by systematic resampling.
    pub(crate) fn draws(&self, count: usize) -> Vec<&[f64]> {
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
pub(crate) fn spread(values: &[f64]) -> f64 {
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

/// The probabilities of rival accounts, with what is needed for the errors of everything that hangs on them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Odds {
    /// The probability of each account.
    pub(crate) probabilities: Vec<f64>,
    /// For each account, the relative deviation of each run's marginal likelihood.
    deviations: Vec<Vec<f64>>,
}

impl Odds {
    /// From weights before the record, in logarithms, and the accounts' runs.
    pub(crate) fn new(log_weights: &[f64], accounts: &[&Weighed]) -> Self {
        let logs: Vec<f64> = log_weights.iter().zip(accounts).map(|(w, a)| w + a.log_value()).collect();
        Self { probabilities: weights(&logs), deviations: accounts.iter().map(|a| a.deviations()).collect() }
    }

    /// From weights that are known, in logarithms.
    pub(crate) fn known(log_weights: &[f64]) -> Self {
        Self { probabilities: weights(log_weights), deviations: vec![vec![0.0; 2]; log_weights.len()] }
    }

    /// The probability of one account with its error.
    pub(crate) fn estimate(&self, account: usize) -> Estimate {
        let indicator: Vec<f64> =
            (0..self.probabilities.len()).map(|k| f64::from(u8::from(k == account))).collect();
        Estimate { value: self.probabilities[account], error: self.error_of_average(&indicator) }
    }

    /// The average of what holds under each account.
    pub(crate) fn average(&self, values: &[f64]) -> f64 {
        // An account that is out of the question may have no answer at all.
        let of = self.probabilities.iter().zip(values).filter(|(p, _)| **p > 0.0);
        of.map(|(p, v)| p * v).sum()
    }

    /// The error of an average that comes from the marginal likelihoods:
    /// $d\bar a = \sum_k p_k (a_k - \bar a)\, d \ln Z_k$.
    pub(crate) fn error_of_average(&self, values: &[f64]) -> f64 {
        let average = self.average(values);
        let runs = self.deviations.first().map_or(0, Vec::len);
        let of_run = |run: usize| -> f64 {
            let accounts = self.probabilities.iter().zip(values).zip(&self.deviations);
            accounts.filter(|((p, _), _)| **p > 0.0).map(|((p, v), d)| p * (v - average) * d[run]).sum()
        };
        spread(&(0..runs).map(of_run).collect::<Vec<_>>())
    }
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
