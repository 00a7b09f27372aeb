//! A game's numbers at one point: what its expressions come to.

use crate::id::{BranchId, EndId, PlayerId};
use crate::rational::Rational;
use crate::tree::Game;

/// The probabilities and payoffs of a game at one point in the space of parameters.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Valuation {
    /// The probability of each branch of each chance event.
    pub chance: Vec<f64>,
    /// The payoff of each player at each end: end by end, player by player.
    pub payoffs: Vec<f64>,
}

impl Valuation {
    /// The payoff of a player at an end of a game of `players` players.
    pub fn payoff(&self, end: EndId, player: PlayerId, players: usize) -> f64 {
        self.payoffs[end.index() * players + player.index()]
    }
}

impl Game {
    /// The game's numbers, where `values` are those of its expressions.
    pub fn at(&self, values: &[f64]) -> Valuation {
        let mut valuation = Valuation::default();
        self.at_into(values, &mut valuation);
        valuation
    }

    /// As [`at`](Self::at), into a valuation that is overwritten.
    pub fn at_into(&self, values: &[f64], valuation: &mut Valuation) {
        valuation.chance.clear();
        let branches = (0..self.branch_count()).map(BranchId::new);
        valuation.chance.extend(branches.map(|b| values[self.branch_probability(b).index()]));
        valuation.payoffs.clear();
        let payoffs = self.ends().iter().flat_map(|end| &end.payoffs);
        valuation.payoffs.extend(payoffs.map(|p| values[p.index()]));
    }

    /// Adds to the adjoints of the game's expressions those of its numbers.
    pub fn scatter_adjoints(&self, adjoint: &Valuation, expression_adjoints: &mut [f64]) {
        for (index, weight) in adjoint.chance.iter().enumerate() {
            expression_adjoints[self.branch_probability(BranchId::new(index)).index()] += weight;
        }
        let payoffs = self.ends().iter().flat_map(|end| &end.payoffs);
        for (payoff, weight) in payoffs.zip(&adjoint.payoffs) {
            expression_adjoints[payoff.index()] += weight;
        }
    }
}

/// A game whose numbers are constants, with the fractions that they stand for.
#[derive(Clone, Debug)]
pub struct ExactGame {
    /// The game.
    pub game: Game,
    /// The probability of each branch of each chance event, as in [`Valuation::chance`].
    pub chance: Vec<Rational>,
    /// The payoff of each player at each end: end by end, player by player, as in [`Valuation::payoffs`].
    pub payoffs: Vec<Rational>,
}
