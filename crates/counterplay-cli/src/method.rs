//! How a game file is to be solved: the methods there are, and the precision of the players.

use clap::ValueEnum;

/// How to solve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Method {
    /// The logit equilibrium at --lambda, on the principal branch
    Qre,
    /// The limit of the principal branch: one sequential equilibrium
    Limit,
    /// All equilibria in pure strategies, of games of imperfect recall too
    Pure,
    /// All profiles of actions from which nobody gains by changing one at a single information set
    PureAgent,
    /// All equilibria: of a two-player game exactly, the extreme ones and which belong to a continuum; of a small game with more
    /// players those that are isolated, each proved
    All,
    /// One equilibrium of a two-player game in normal form, exactly (Lemke and Howson)
    LemkeHowson,
    /// One equilibrium of a two-player game, exactly, on the sequence form (Lemke's algorithm)
    Lemke,
    /// The value of a two-player game of constant sum, and optimal strategies, by linear programming
    ZeroSum,
    /// Approximate play in a very large two-player game of constant sum, by predictive CFR+
    Cfr,
    /// The logit equilibria that a random search finds at --lambda, on whatever branch
    Branches,
    /// All subgame-perfect equilibria in pure strategies of a game with perfect information
    BackwardInduction,
}

/// A precision on the command line.
pub(crate) fn precision(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| format!("`{text}` is not a number"))?;
    if value.is_finite() && value >= 0.0 {
        Ok(value)
    } else {
        Err("a precision is finite and not negative".to_owned())
    }
}
