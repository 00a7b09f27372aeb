//! The likelihood of a record, whatever kind of play it is a record of.

use crate::model::{Evaluator, NoValue};
use crate::process::model::ProcessEvaluator;

/// The likelihood of a record, of a story that ends or of a process.
#[derive(Clone)]
pub(crate) enum Likelihood {
    Tree(Box<Evaluator>),
    Process(Box<ProcessEvaluator>),
}

impl Likelihood {
    /// The log likelihood, along the principal branch.
    ///
    /// # Errors
    /// If a number is bad there, or play could not be solved.
    pub(crate) fn log(&mut self, parameters: &[f64]) -> Result<f64, NoValue> {
        match self {
            Self::Tree(evaluator) => evaluator.log_likelihood(parameters),
            Self::Process(evaluator) => evaluator.log_likelihood(parameters),
        }
    }

    /// The log likelihoods at several points, solved together where that is quicker.
    pub(crate) fn logs(&mut self, points: &[&[f64]]) -> Vec<Result<f64, NoValue>> {
        match self {
            Self::Tree(evaluator) => evaluator.log_likelihoods(points),
            Self::Process(evaluator) => points.iter().map(|point| evaluator.log_likelihood(point)).collect(),
        }
    }

    /// The log likelihood, and its gradient added to `gradient`.
    ///
    /// # Errors
    /// As [`log`](Self::log).
    pub(crate) fn log_and_gradient(
        &mut self,
        parameters: &[f64],
        gradient: &mut [f64],
    ) -> Result<f64, NoValue> {
        match self {
            Self::Tree(evaluator) => evaluator.log_likelihood_gradient(parameters, gradient),
            Self::Process(evaluator) => evaluator.log_likelihood_gradient(parameters, gradient),
        }
    }
}
