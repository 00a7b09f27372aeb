//! Bodies that decide by several rules at once, as the Council of the European Union does: states and people.

use std::fmt;

use crate::coalitions::{Coalitions, Tallied};
use crate::power::PowerIndices;
use crate::simple::MOST_VOTERS;
use crate::weighted::{NotAGame, WeightedGame};

/// A rule that a coalition meets if it reaches the quota of one of these weighted games at least.
pub type Rule = Vec<WeightedGame>;

/// A body whose coalitions win if they meet every rule.
///
/// Five states of which three must agree, with 65% of the people (in millions): Germany is critical six times, Poland twice.
///
/// ```
/// use counterplay_collective::body::Body;
/// use counterplay_collective::weighted::WeightedGame;
/// let states = WeightedGame::new(3, &[1; 5])?;
/// let people = WeightedGame::new(192, &[83, 68, 59, 48, 37])?;
/// let body = Body::new(&[vec![states], vec![people]])?;
/// let swings: Vec<_> = body.power_indices().banzhaf_swings.iter().map(ToString::to_string).collect();
/// assert_eq!(swings, ["6", "6", "4", "4", "2"]);
/// # Ok::<(), counterplay_collective::body::NotABody>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body(Inner);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Inner {
    Weighted(WeightedGame),
    Listed(Coalitions),
}

/// Why rules are no body that can be counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotABody {
    /// There is no rule, or one without a quota.
    NoRule,
    /// One rule has another number of voters than the others.
    Unlike,
    /// Several rules, and more voters than [`MOST_VOTERS`].
    TooManyVoters(usize),
    /// The only rule is no game that can be counted.
    Weights(NotAGame),
}

impl fmt::Display for NotABody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRule => f.write_str("there is no rule"),
            Self::Unlike => f.write_str("the rules are about different numbers of voters"),
            Self::TooManyVoters(count) => {
                write!(
                    f,
                    "several rules are counted coalition by coalition, for up to {MOST_VOTERS} voters, and these are {count}"
                )
            }
            Self::Weights(why) => why.fmt(f),
        }
    }
}

impl std::error::Error for NotABody {}

impl From<NotAGame> for NotABody {
    fn from(why: NotAGame) -> Self {
        Self::Weights(why)
    }
}

impl Body {
    /// The body of these rules.
    ///
    /// # Errors
    /// If there is none, they are of different voters, or it is too large to be counted.
    pub fn new(rules: &[Rule]) -> Result<Self, NotABody> {
        let voters = rules.first().and_then(|rule| rule.first()).ok_or(NotABody::NoRule)?.weights().len();
        if rules.iter().any(Vec::is_empty) {
            return Err(NotABody::NoRule);
        }
        if rules.iter().flatten().any(|game| game.weights().len() != voters) {
            return Err(NotABody::Unlike);
        }
        if let [rule] = rules
            && let [game] = rule.as_slice()
        {
            game.countable()?;
            return Ok(Self(Inner::Weighted(game.clone())));
        }
        if voters > MOST_VOTERS {
            return Err(NotABody::TooManyVoters(voters));
        }
        let rules: Vec<Vec<Tallied>> = rules
            .iter()
            .map(|rule| rule.iter().map(|game| Tallied::new(game.quota(), game.weights())).collect())
            .collect();
        let wins = |coalition: u32| rules.iter().all(|rule| rule.iter().any(|game| game.wins(coalition)));
        // Every quota is above nothing and within reach, and no rule is broken by a further member.
        Ok(Self(Inner::Listed(Coalitions::new(voters, wins).ok_or(NotABody::NoRule)?)))
    }

    /// The indices of power.
    pub fn power_indices(&self) -> PowerIndices {
        match &self.0 {
            Inner::Weighted(game) => game.power_indices(),
            Inner::Listed(coalitions) => coalitions.criticality().indices(),
        }
    }

    /// The minimal winning coalitions, those that lose by losing any member: at most `most`, and whether these are all. Under one rule the
    /// heaviest voters come first, under several the smallest coalitions.
    pub fn minimal_winning_coalitions(&self, most: usize) -> (Vec<Vec<usize>>, bool) {
        match &self.0 {
            Inner::Weighted(game) => game.minimal_winning_coalitions(most),
            Inner::Listed(coalitions) => coalitions.minimal(most),
        }
    }
}
