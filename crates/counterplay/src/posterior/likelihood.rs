//! The likelihood of a record, whatever kind of play it is a record of.

use counterplay_equilibrium::qre::{self, LANES};
use counterplay_inference::sampler::NoDensity;
use counterplay_inference::tempering::LogLikelihood;

use crate::model::{Evaluator, MODEL_SETTINGS, Model, NoValue};
use crate::process::model::ProcessEvaluator;

/// The likelihood of a record, of a story that ends or of a process.
#[derive(Clone)]
pub(crate) enum Likelihood {
    Tree(Box<Evaluator>),
    Process(Box<ProcessEvaluator>),
}

/// How exactly play is solved for a marginal likelihood: its error in a log likelihood is of the same order.
const TOLERANCE: f64 = 1e-6;

impl LogLikelihood for Likelihood {
    const TOGETHER: usize = LANES;

    fn logs(&mut self, points: &[&[f64]]) -> Vec<Result<f64, NoDensity>> {
        let found = match self {
            Self::Tree(evaluator) => evaluator.log_likelihoods(points),
            Self::Process(evaluator) => points.iter().map(|point| evaluator.log_likelihood(point)).collect(),
        };
        found.into_iter().map(|log| log.map_err(NoDensity::from)).collect()
    }
}

impl Likelihood {
    /// The likelihood of a model's record, as exact as a marginal likelihood needs it.
    pub(crate) fn of(model: &Model) -> Self {
        let settings = qre::Settings { tolerance: TOLERANCE, ..MODEL_SETTINGS };
        Self::Tree(Box::new(model.evaluator(settings)))
    }

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
