//! What the answers rest on: priors, explanations, settings, the equilibrium that is played, and the samplers.

pub(crate) mod averaged;
pub mod calibrate;
pub(crate) mod comparison;
pub(crate) mod equilibria;
pub(crate) mod explanations;
pub mod sensitivity;
pub(crate) mod variants;
