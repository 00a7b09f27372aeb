//! A world whose play is solved at one draw.

use crate::model::odds::LogOdds;

/// A world at one draw: for each state, the log probabilities of its branches and the values of its expressions.
pub(crate) struct Solved {
    pub(crate) odds: Vec<LogOdds>,
    pub(crate) values: Vec<Vec<f64>>,
}
