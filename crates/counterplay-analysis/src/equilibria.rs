//! Which equilibrium the answers are of: draws in which play is not on the principal branch, and other equilibria.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Interval;

/// A world by what it is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorldName {
    /// As it was, given the record.
    AsItWas,
    /// As play foresaw it, before anything of the record is known.
    Foreseen,
    /// Under a what-if, by its name.
    WhatIf(String),
    /// With one factor absent, by its name.
    Without(String),
    /// With other sets of factors.
    OtherFactors,
}

impl fmt::Display for WorldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AsItWas => f.write_str("as it was"),
            Self::Foreseen => f.write_str("before any record"),
            Self::WhatIf(name) => write!(f, "under `{name}`"),
            Self::Without(name) => write!(f, "without `{name}`"),
            Self::OtherFactors => f.write_str("with other sets of factors"),
        }
    }
}

/// Draws in which play was not on the principal branch: it could not be followed to the full precisions, and another
/// equilibrium took its place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OffBranch {
    /// Draws in which that was so in some world.
    pub draws: usize,
    /// Of how many draws.
    pub of: usize,
    /// In which worlds, and in how many draws each.
    pub worlds: Vec<(WorldName, usize)>,
    /// The probability of the outcome that the case is about, in each world that such draws bear on.
    pub answers: Vec<OffBranchAnswer>,
    /// The same of parts of the analysis that have draws of their own.
    pub parts: Vec<OffBranchPart>,
}

/// What draws that are not on the principal branch do to an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OffBranchAnswer {
    /// The world.
    pub world: WorldName,
    /// The probability of the outcome that the case is about, over all draws: the answer as it is given.
    pub with: Interval,
    /// The same over the draws in which the play behind it is on the principal branch; `None` if it is in none.
    pub without: Option<Interval>,
}

/// A part of the analysis with draws of its own, and in how many of them play was not on the principal branch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OffBranchPart {
    /// The part in words: a sweep, an explanation, a variant, the prior prediction.
    pub part: String,
    /// Draws in which play was not on the branch.
    pub draws: usize,
    /// Of how many draws.
    pub of: usize,
}

/// What a search for other equilibria found.
///
/// It was made at the posterior mean and at some posterior draws, of the play of the world as it was, of each what-if and of
/// each set of factors. A search finds what it finds: where it found no other, there may be one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OtherEquilibria {
    /// Posterior draws that were searched, besides the posterior mean.
    pub draws: usize,
    /// Different plays that were searched, which several worlds may share.
    pub plays: usize,
    /// Plays that have one equilibrium, as was proved without a search.
    pub proved: usize,
    /// Plays that were not searched, since that would have taken too long.
    pub left_out: usize,
    /// Starting points over all searches.
    pub starts: usize,
    /// The plays that have other equilibria.
    pub found: Vec<PlayEquilibria>,
}

/// The other equilibria of one play.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlayEquilibria {
    /// The worlds that are played so.
    pub worlds: Vec<WorldName>,
    /// How many others there are at the posterior mean.
    pub at_centre: usize,
    /// In how many of the draws that were searched there are others.
    pub draws: usize,
    /// The most others at any point that was searched.
    pub most: usize,
    /// The others, alike ones of different draws as one; those that move an answer most first.
    pub equilibria: Vec<OtherEquilibrium>,
}

/// One of the other equilibria.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OtherEquilibrium {
    /// Whether it was found at the posterior mean.
    pub at_centre: bool,
    /// In how many of the draws that were searched it was found.
    pub draws: usize,
    /// Where its play differs most from that of the answers, the largest difference first.
    pub differences: Vec<PlayDifference>,
    /// The answers on it, beside those on the principal branch.
    pub answers: Vec<EquilibriumAnswer>,
}

/// An action that one equilibrium plays more than another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlayDifference {
    /// Who moves.
    pub player: String,
    /// The event.
    pub event: String,
    /// What the player knows there, in order: event and value.
    pub knows: Vec<(String, String)>,
    /// The action.
    pub action: String,
    /// Its probability in the play of the answers.
    pub principal: f64,
    /// Its probability on the other equilibrium.
    pub here: f64,
}

/// The answer of one world on another equilibrium: the probability of the outcome that the case is about.
///
/// The play of this world is changed alone. Over the draws in which the equilibrium was found, or at the posterior mean if it
/// was found only there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EquilibriumAnswer {
    /// The world.
    pub world: WorldName,
    /// The answer on the play that the analysis uses.
    pub principal: Interval,
    /// The answer on the other equilibrium.
    pub here: Interval,
}

impl OtherEquilibrium {
    /// The answer that moves most, and by how much.
    pub fn most_moved(&self) -> Option<(&EquilibriumAnswer, f64)> {
        let moved = |a: &EquilibriumAnswer| (a.here.mean - a.principal.mean).abs();
        let all = self.answers.iter().map(|a| (a, moved(a)));
        all.fold(None, |best: Option<(&EquilibriumAnswer, f64)>, next| match best {
            Some(best) if best.1 >= next.1 => Some(best),
            _ => Some(next),
        })
    }
}

impl PlayEquilibria {
    /// The largest change of an answer on any of the others.
    pub fn largest_change(&self) -> f64 {
        self.equilibria.iter().filter_map(|e| e.most_moved().map(|m| m.1)).fold(0.0, f64::max)
    }
}
