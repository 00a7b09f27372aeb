//! Logit quantal response equilibrium on the principal branch, and beside it.
//!
//! The principal branch starts at uniform play, where all precisions are zero, and is followed while they grow
//! in proportion to their values (McKelvey and Palfrey 1995, 1998; Turocy 2005, 2010). Where it is smooth, each
//! step is predicted along the last points and corrected by an accelerated fixed-point iteration of the response map
//! $H$ (see the sweep); where it folds or the iteration fails, by pseudo-arc-length steps
//! with Newton's method.

mod arc;
pub mod batch;
mod branch;
mod corrector;
mod elimination;
mod enclosure;
mod equilibrium;
mod jacobian;
mod jump;
mod large;
pub(crate) mod layout;
mod metric;
mod path;
mod point;
mod predictor;
mod response;
mod schedule;
pub mod search;
mod settings;
mod solver;
pub(crate) mod sweep;
pub mod trace;
mod walk;

pub use equilibrium::{Equilibrium, Gradient, Status};
pub use point::Point;
pub use settings::Settings;
pub use solver::{LANES, Solver};
