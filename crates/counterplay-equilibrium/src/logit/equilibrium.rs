//! What a solver finds: play, how the search for it ended, and its derivatives.

use counterplay_game::valuation::Valuation;

/// How solving ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Status {
    /// On the principal branch, with a residual within the tolerance, or as near to the fixed point as rounding allows.
    Converged,
    /// The residual is within the tolerance, but the principal branch was not followed to the end: where it could not be
    /// followed further, the iteration went on at the full precisions, to another part of it or to another branch.
    Jumped {
        /// Where it left the branch, as a share of the precisions.
        at: f64,
    },
    /// The budget of sweeps was spent.
    OutOfBudget {
        /// How far along the branch it got, as a share of the precisions.
        reached: f64,
    },
    /// Newton's method failed on the branch, as at a bifurcation.
    Stuck {
        /// How far along the branch it got, as a share of the precisions.
        reached: f64,
    },
}

/// Play at a logit equilibrium, or as near to one as the solver got.
#[derive(Clone, Debug, PartialEq)]
pub struct Equilibrium {
    /// For each action, $\lambda$ times its expected payoff, centred in its information set.
    pub logits: Vec<f64>,
    /// For each action, its probability where its information set is reached.
    pub play: Vec<f64>,
    /// How solving ended.
    pub status: Status,
    /// The largest difference between the logits and their response.
    pub residual: f64,
    /// Sweeps spent.
    pub sweeps: usize,
    /// The shares of the precisions at which other branches cross the principal one, in the order in which they cross it: there
    /// it was followed straight on, as it is in symmetric games.
    pub crossings: Vec<f64>,
}

/// The derivatives of a function of an equilibrium with respect to the game's numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Gradient {
    /// With respect to probabilities and payoffs.
    pub numbers: Valuation,
    /// With respect to the precision of each player.
    pub precisions: Vec<f64>,
    /// The relative residual of the linear system behind it.
    pub residual: f64,
}
