//! The theory of causes, which knows no scenario: Shapley values, probabilities of causation, actual causes.

pub mod actual_cause;
pub mod causation;
pub mod coupling;
pub mod owen;
pub mod shapley;
