//! Logit quantal response equilibrium on the principal branch, and beside it.
//!
//! The principal branch starts at uniform play, where all precisions are zero, and is followed while they grow
//! in proportion to their values (McKelvey and Palfrey 1995, 1998; Turocy 2005, 2010). Where it is smooth, each
//! step is predicted along the last points and corrected by an accelerated fixed-point iteration of the response map
//! $H$ (see the sweep); where it folds or the iteration fails, by pseudo-arc-length steps
//! with Newton's method.
//!
//! A single player who chooses between payoffs of 1 and 0 takes the better action with probability
//! $p = 1 / (1 + e^{-\lambda})$, whose derivative by $\lambda$ is $p (1 - p)$:
//!
//! ```
//! use counterplay_equilibrium::logit::{Settings, Solver};
//! use counterplay_game::gambit::read_nfg;
//! let game = read_nfg(r#"NFG 1 R "" { "A" } { { "good" "bad" } } 1 0"#).expect("a game file").game();
//! let numbers = game.at(&game.expressions().evaluate(&[]));
//! let mut solver = Solver::new(&game, Settings::default());
//! let p = solver.solve(&numbers, &[2.0]).play[0];
//! assert!((p - 1.0 / (1.0 + (-2.0_f64).exp())).abs() < 1e-12);
//! // The weights are the derivatives of p by the logits of both actions.
//! let gradient = solver.gradient(&[2.0], &[p * (1.0 - p), -p * (1.0 - p)]);
//! assert!((gradient.precisions[0] - p * (1.0 - p)).abs() < 1e-12);
//! ```

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
