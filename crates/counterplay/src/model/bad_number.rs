//! Numbers of a game that are not what they should be, in the words of the scenario.

use std::fmt;

use counterplay_game::tree::{Game, Kind};
use counterplay_game::valuation::Valuation;

/// A number of a game that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadNumber {
    /// A probability that is not between 0 and 1.
    Probability {
        /// The chance event, with its occurrence.
        event: String,
        /// What comes about with it.
        value: String,
    },
    /// A payoff that is not a finite number.
    Payoff {
        /// Whose.
        player: String,
    },
    /// A precision that is not a finite number.
    Precision {
        /// Whose.
        player: String,
    },
    /// A discount that is not between 0 and 1.
    Discount,
}

impl fmt::Display for BadNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Probability { event, value } => {
                write!(f, "the probability of `{value}` at `{event}` is not between 0 and 1")
            }
            Self::Payoff { player } => write!(f, "a payoff of `{player}` is not a finite number"),
            Self::Precision { player } => write!(f, "the precision of `{player}` is not a finite number"),
            Self::Discount => f.write_str("a discount is not between 0 and 1"),
        }
    }
}

/// Whether a number is a probability, but for rounding.
pub(crate) fn is_probability(number: f64) -> bool {
    (-1e-9..=1.0 + 1e-9).contains(&number)
}

/// The first of a game's numbers that is not what it should be.
pub(crate) fn first_bad(game: &Game, numbers: &Valuation, precisions: &[f64]) -> Option<BadNumber> {
    let player = |index: usize| game.players()[index].clone();
    if let Some(branch) = numbers.chance.iter().position(|&p| !is_probability(p)) {
        return Some(bad_branch(game, branch));
    }
    if let Some(payoff) = numbers.payoffs.iter().position(|u| !u.is_finite()) {
        return Some(BadNumber::Payoff { player: player(payoff % game.players().len()) });
    }
    let precision = precisions.iter().position(|lambda| !lambda.is_finite());
    precision.map(|p| BadNumber::Precision { player: player(p) })
}

/// The probability of a branch, by the event and the value that it stands for.
fn bad_branch(game: &Game, branch: usize) -> BadNumber {
    let place = game.nodes().find_map(|node| match game.kind(node) {
        Kind::Chance(chance) => {
            let branches = game.branches(chance);
            branches.contains(&branch).then(|| (node, branch - branches.start))
        }
        Kind::Decision(_) | Kind::End(_) => None,
    });
    let (event, value) = place.map_or_else(Default::default, |(node, index)| {
        (game.event_name(game.event_id(node)), game.text(game.branch_label(node, index)).to_owned())
    });
    BadNumber::Probability { event, value }
}
