//! Bargaining round by round: who moved where and why, and how it ended.

use super::centre::Median;
use super::{Actors, Positions};

/// How an actor came to move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Both sides expected to gain from a confrontation, and it lost: it takes the position of the other.
    Confrontation,
    /// It expected to lose less than the other to gain: it goes part of the way.
    Compromise,
    /// It expected to lose more than the other to gain: it gives in, and takes the position of the other.
    Capitulation,
    /// It took its part in a bargain that won the vote among those open to it.
    Bargain,
}

/// A move of one actor in one round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// Who moved, as a place in the list of actors.
    pub actor: usize,
    /// Because of whom.
    pub other: usize,
    /// How.
    pub kind: Kind,
}

/// Where everybody stands after this many rounds.
#[derive(Clone, Debug, PartialEq)]
pub struct Round {
    /// The positions.
    pub positions: Positions,
    /// The moves that led here; none in the first round, which is the positions as stated.
    pub moves: Vec<Move>,
    /// The weighted mean, by dimension.
    pub mean: Vec<f64>,
    /// The weighted median, by dimension.
    pub median: Vec<Median>,
    /// The probability that the position of each actor wins an election among all positions, in the model that has one. Actors at
    /// the same position share it: each has the whole probability of the position.
    pub win_probability: Option<Vec<f64>>,
}

impl Round {
    pub(super) fn at(actors: &Actors, positions: Positions, moves: Vec<Move>) -> Self {
        let (mean, median) = (actors.mean_of(&positions), actors.median_of(&positions));
        Self { positions, moves, mean, median, win_probability: None }
    }
}

/// Why the rounds ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stop {
    /// Nobody moves any more, or too little to matter by the rule of the model.
    Settled,
    /// The positions came back to those of an earlier round, from which everything repeats itself.
    Cycle {
        /// The earlier round.
        since: usize,
        /// How many rounds it takes.
        length: usize,
    },
    /// There were no more rounds to be played, and somebody still moved.
    OutOfRounds {
        /// The longest way that anybody went in the last round, in the units of the dimension.
        change: f64,
    },
}

/// The rounds of a bargaining, from the positions as stated.
#[derive(Clone, Debug, PartialEq)]
pub struct BargainingPath {
    /// The rounds; never empty, the first is the positions as stated.
    pub rounds: Vec<Round>,
    /// Why they ended.
    pub stop: Stop,
}

impl BargainingPath {
    /// Whether bargaining came to rest.
    pub fn settled(&self) -> bool {
        self.stop == Stop::Settled
    }

    /// The round after this many; the last one for all that would follow.
    pub fn round(&self, after: usize) -> &Round {
        &self.rounds[after.min(self.rounds.len() - 1)]
    }

    /// The last round.
    pub fn last(&self) -> &Round {
        self.round(usize::MAX)
    }
}

/// The longest way that a coordinate of an actor went.
pub(super) fn longest(before: &Positions, after: &Positions) -> f64 {
    let pairs = before.iter().flatten().zip(after.iter().flatten());
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// The latest earlier round whose positions are these, within a tolerance.
pub(super) fn seen_before(rounds: &[Round], positions: &Positions, tolerance: f64) -> Option<usize> {
    rounds.iter().rposition(|round| longest(&round.positions, positions) <= tolerance)
}
