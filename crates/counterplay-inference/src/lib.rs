//! Bayesian inference: distributions, joint priors, samplers, and what shows whether they can be trusted.
//!
//! Nothing here knows of scenarios or games. A sampler takes a log density ([`sampler::LogDensity`]) or a prior and a log
//! likelihood ([`tempering::LogLikelihood`]); the same seed gives the same draws to the last bit, on any number of threads and
//! on any machine, if these do.
//!
//! | module | what it holds |
//! |---|---|
//! | [`distribution`] | distributions as expressions and as numbers |
//! | [`prior`] | joint priors over coordinates without bounds |
//! | [`sampler`] | the No-U-Turn sampler |
//! | [`tempering`] | sequential Monte Carlo from the prior to the posterior |
//! | [`marginal`] | marginal likelihoods from its runs, with their errors |
//! | [`diagnostics`] | R-hat, effective sample sizes, Monte Carlo errors |
//! | [`importance`] | draws with other weights, smoothed by Pareto tails |
//! | [`sobol`] | variance-based sensitivity indices |
//! | [`key`], [`random`] | random numbers by name; draws from the normal, exponential and gamma distributions |

pub mod diagnostics;
pub mod distribution;
pub mod importance;
pub mod key;
pub mod marginal;
pub mod prior;
pub mod random;
pub mod sampler;
pub mod sobol;
pub mod tempering;
