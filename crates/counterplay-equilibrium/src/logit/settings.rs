//! How to solve.

/// How to solve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// The residual to reach: the largest difference between the logits and their response, relative to the
    /// largest logit where that is above one.
    pub tolerance: f64,
    /// The most sweeps. One sweep goes once over the tree.
    pub max_sweeps: usize,
    /// Corrections of one step before it is repeated with a shorter length.
    pub max_corrections: usize,
    /// The largest difference between an action's probability and its prediction that a step along the branch may
    /// have; a step with a larger one is repeated with a shorter length.
    pub max_prediction_error: f64,
    /// The relative residual of the linear system behind a gradient.
    pub gradient_tolerance: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            tolerance: 1e-11,
            max_sweeps: 20_000,
            max_corrections: 30,
            max_prediction_error: 0.05,
            gradient_tolerance: 1e-11,
        }
    }
}
