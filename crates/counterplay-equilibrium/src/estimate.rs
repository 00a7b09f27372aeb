//! Maximum-likelihood estimates from observed play.
//!
//! Given how often each action was taken, $c_a$, the log likelihood of logit equilibrium play at precision
//! $\lambda$ is $\ell(\lambda) = \sum_a c_a \ln \pi_a(\lambda)$ (McKelvey and Palfrey 1995, section 4), where
//! $\pi(\lambda)$ is play on the principal branch. [`precision`] finds its maxima over one precision for all
//! players, [`precisions`] over one for each, and [`parameters`] over the parameters of the payoffs and probabilities
//! of the game as well. Several games may be observed; what is estimated is then common to them.
//!
//! All maximisation uses the exact gradient, found through the equilibrium by the implicit function theorem.
//! Standard errors come from the observed information, the negative second derivative of $\ell$ at its maximum,
//! which is found by differences of the exact gradient (Efron and Hinkley 1978).
//!
//! Counts are taken as independent draws from play: where the same subjects play many rounds, as in most
//! experiments, the standard errors are too small.

mod ascent;
mod joint;
mod likelihood;
mod matrix;
mod path;
mod scan;

pub use ascent::Ended;
pub use joint::{Bound, Estimated, Joint, JointMaximum, Precisions, Unknowns, parameters, precisions};
pub use likelihood::{Observed, Unusable};
pub use scan::{Maximum, Place, PrecisionEstimate, precision};

use crate::logit;

/// How to estimate. Precisions are bounded in units of one over the payoff spread, the largest difference between
/// two payoffs of one player, so that the scale of payoffs does not matter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// How to find equilibria.
    pub solver: logit::Settings,
    /// The smallest positive precision that is tried.
    pub smallest: f64,
    /// The largest precision that is tried.
    pub largest: f64,
    /// At how many precisions the branch is looked at before its maxima are refined.
    pub scan: usize,
    /// How many steps the joint ascent may take from each start.
    pub max_steps: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { solver: logit::Settings::default(), smallest: 1e-3, largest: 1e3, scan: 121, max_steps: 300 }
    }
}
