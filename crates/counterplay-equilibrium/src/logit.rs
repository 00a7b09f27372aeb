//! Logit quantal response equilibrium.

mod arc;
pub mod batch;
mod branch;
mod elimination;
mod enclosure;
mod large;
pub(crate) mod layout;
mod newton;
mod schedule;
pub mod search;
mod solver;
pub(crate) mod sweep;
pub mod trace;
mod walk;

pub(crate) use solver::payoff_range;
pub use solver::{Equilibrium, Gradient, LANES, Settings, Solver, Status};
pub use walk::Point;
