//! Where a game is solved.

use counterplay_game::valuation::Valuation;

/// A point to solve: the numbers of the game, and the precision of each player.
#[derive(Clone, Copy, Debug)]
pub struct Point<'a> {
    /// Probabilities and payoffs.
    pub numbers: &'a Valuation,
    /// Player by player.
    pub precisions: &'a [f64],
}
