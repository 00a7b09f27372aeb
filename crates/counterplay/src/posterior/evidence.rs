//! How well each explanation foretold the record: marginal likelihoods, Bayes factors, and probabilities.
//!
//! The marginal likelihood is the likelihood of the record averaged over the prior. It is estimated by
//! [`tempering`](counterplay_inference::tempering) in several independent runs, whose spread gives the error. With so few runs the
//! spread is itself uncertain; the error is stretched by Student's $t$, so that twice the error is a 95% interval:
//! $\text{error} = \frac{t_{0.975, R - 1}}{1.96} \cdot \frac{s}{\sqrt R}$ (Gosset 1908).
//!
//! All explanations begin with the same random numbers, run by run. What depends on several of them is linearised
//! (the delta method), and its error taken from the spread of the linear form over the runs, so that what they have
//! in common cancels.

use counterplay_analysis::Estimate;
use counterplay_inference::marginal::MarginalLikelihood;
use counterplay_inference::marginal::spread;
use counterplay_inference::tempering::weights;

/// The probabilities of rival accounts, with what is needed for the errors of everything that depends on them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Odds {
    /// The probability of each account.
    pub(crate) probabilities: Vec<f64>,
    /// For each account, the relative deviation of each run's marginal likelihood.
    deviations: Vec<Vec<f64>>,
}

impl Odds {
    /// From weights before the record, in logarithms, and the accounts' runs.
    pub(crate) fn new(log_weights: &[f64], accounts: &[&MarginalLikelihood]) -> Self {
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
    /// $d\bar a = \sum_k p_k (a_k - \bar a)\\, d \ln Z_k$.
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

/// An estimate as the record of an analysis holds it.
pub(crate) fn written(found: counterplay_inference::marginal::Estimate) -> Estimate {
    Estimate { value: found.value, error: found.error }
}
