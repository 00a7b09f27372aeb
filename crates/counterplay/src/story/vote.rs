//! Votes of blocs of members.
//!
//! Each bloc casts the votes of its seats by one choice, an event of its own named `vote: bloc`; members may break ranks
//! by chance; the rule makes a result of the tally, an event named as the vote. So a vote is told in terms of choices and
//! chance events, and whatever holds of these (luck, interventions, records, who sees what) holds of votes.
//!
//! **The rule.** With $a$ votes for and a base $b$, a motion passes
//!
//! | threshold | if |
//! |---|---|
//! | `Votes(n)` | $a \ge n$ |
//! | `Majority` | $2 a > b$: a tie fails |
//! | `AtLeast(s)` | $b > 0$ and $a \ge s\\,b$, to within a billionth of a vote |
//!
//! The base counts all members, those present (all but the absent), or the votes cast (for and against). One who abstains is
//! present and has cast no vote: of those present, to abstain is to vote against; of the votes cast, it is to count for
//! nothing. Where the base is empty, nothing passes. A motion may have to meet [further rules](FurtherRule) as well, each by weights
//! of its own.
//!
//! **Breaking ranks.** A member of a bloc votes otherwise than the bloc, so or so, with given probabilities, independently of
//! all others given these probabilities. The number of votes of each kind is then multinomial (binomial, where there is one
//! way to break ranks), and the chance that the motion passes is the exact sum over all tallies with which it does,
//!
//! $$ P(\text{passes}) = \sum_{t\\,:\\,\text{passes}(t)} \\; \sum_{t_1 + \dots + t_B = t} \\; \prod_{b} P_b(t_b), $$
//!
//! an expression in the probabilities. Only the result branches the story, unless the tally is asked for.

use std::collections::HashMap;
mod cast;
mod chances;
mod further;

pub use self::further::{FurtherRule, Needed};

use counterplay_game::expression::ExprId;

use crate::story::terms::Seen;

/// The result of a motion that is carried.
pub const PASSED: &str = "passed";

/// The result of one that is not.
pub const FAILED: &str = "failed";

/// How a member votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stance {
    /// For the motion.
    For,
    /// Against it.
    Against,
    /// Present, and neither.
    Abstain,
    /// Not there.
    Absent,
}

impl Stance {
    /// How it is called where the story has no word of its own.
    pub fn word(self) -> &'static str {
        match self {
            Stance::For => "yes",
            Stance::Against => "no",
            Stance::Abstain => "abstain",
            Stance::Absent => "absent",
        }
    }

    /// What one who breaks ranks does where nothing else is said: votes for instead of against, and the reverse; one whose
    /// bloc takes no side has nothing to break with.
    pub fn opposite(self) -> Option<Self> {
        match self {
            Stance::For => Some(Stance::Against),
            Stance::Against => Some(Stance::For),
            Stance::Abstain | Stance::Absent => None,
        }
    }
}

/// How many members voted how.
///
/// ```
/// use counterplay::story::vote::{Base, Rule, Tally, Threshold};
/// let tally = Tally { ayes: 61, noes: 51, abstaining: 0, absent: 1 };
/// let rule = Rule { threshold: Threshold::Majority, base: Base::AllMembers };
/// assert!(rule.passes(tally));
/// let tie = Tally { ayes: 50, noes: 50, ..Tally::default() };
/// assert!(!rule.passes(tie));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tally {
    /// Votes for.
    pub ayes: u32,
    /// Votes against.
    pub noes: u32,
    /// Present without a vote.
    pub abstaining: u32,
    /// Away.
    pub absent: u32,
}

impl Tally {
    /// So many members who all vote alike.
    pub fn of(stance: Stance, members: u32) -> Self {
        let none = Self::default();
        match stance {
            Stance::For => Self { ayes: members, ..none },
            Stance::Against => Self { noes: members, ..none },
            Stance::Abstain => Self { abstaining: members, ..none },
            Stance::Absent => Self { absent: members, ..none },
        }
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            ayes: self.ayes + other.ayes,
            noes: self.noes + other.noes,
            abstaining: self.abstaining + other.abstaining,
            absent: self.absent + other.absent,
        }
    }

    /// In words, as `61 to 51, 1 absent`.
    pub fn words(self) -> String {
        let besides = |count, what| if count > 0 { format!(", {count} {what}") } else { String::new() };
        let (abstaining, absent) = (besides(self.abstaining, "abstaining"), besides(self.absent, "absent"));
        format!("{} to {}{abstaining}{absent}", self.ayes, self.noes)
    }
}

/// Of whom a majority or a share is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Base {
    /// All members, present or not.
    AllMembers,
    /// All but the absent.
    ThosePresent,
    /// Those who vote for or against.
    VotesCast,
}

/// How many votes a motion needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Threshold {
    /// So many.
    Votes(u32),
    /// More than half of the base.
    Majority,
    /// At least this share of the base, between 0 and 1.
    AtLeast(f64),
}

/// What makes a result of a tally.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// How many votes it takes.
    pub threshold: Threshold,
    /// Of whom.
    pub base: Base,
}

impl Vote<'_> {
    /// Whether the motion passes, with the tally of each bloc.
    pub fn passes(&self, tallies: &[Tally]) -> bool {
        let all = tallies.iter().fold(Tally::default(), |sum, own| sum.and(*own));
        self.rule.passes(all) && self.also.iter().all(|rule| rule.is_met(self.blocs, tallies))
    }
}

impl Rule {
    /// Whether a motion with this tally passes; see the [module](self).
    pub fn passes(&self, tally: Tally) -> bool {
        let cast = tally.ayes + tally.noes;
        let base = match self.base {
            Base::AllMembers => cast + tally.abstaining + tally.absent,
            Base::ThosePresent => cast + tally.abstaining,
            Base::VotesCast => cast,
        };
        match self.threshold {
            Threshold::Votes(needed) => tally.ayes >= needed,
            Threshold::Majority => 2 * u64::from(tally.ayes) > u64::from(base),
            Threshold::AtLeast(share) => base > 0 && f64::from(tally.ayes) >= share * f64::from(base) - 1e-9,
        }
    }
}

/// Members who vote together.
#[derive(Clone, Debug)]
pub struct Bloc {
    /// Its name; unless it is bound, a player.
    pub name: String,
    /// Its members.
    pub seats: u32,
    /// What it must vote, if it has no choice.
    pub bound: Option<Stance>,
    /// How its members break ranks.
    pub defection: Defection,
}

/// How members of a bloc vote otherwise than their bloc, each with a probability of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Defection {
    /// Nobody does.
    None,
    /// With this probability for instead of against, or the reverse.
    Opposite(ExprId),
    /// With these probabilities so; what the bloc itself does is not counted.
    To(Vec<(Stance, ExprId)>),
}

/// In which order blocs vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// At the same time.
    Together,
    /// One after the other as listed; the blocs hear how those before them vote.
    RollCall,
}

/// A vote.
#[derive(Clone, Debug)]
pub struct Vote<'a> {
    /// Its name.
    pub event: &'a str,
    /// Who votes.
    pub blocs: &'a [Bloc],
    /// What the choices are called: for, against, and further ones.
    pub options: &'a [(Stance, String)],
    /// The order of voting.
    pub order: Order,
    /// What it takes to pass.
    pub rule: Rule,
    /// What it takes as well.
    pub also: &'a [FurtherRule],
    /// Whether the tally is an event of the story, named `vote: tally`.
    pub draws_tally: bool,
    /// Who sees how each bloc votes.
    pub votes_seen_by: Seen,
    /// Who sees the tally and the result.
    pub seen_by: Seen,
}

/// How a vote went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voted {
    /// Whether it passed; `None` if an intervention has removed the result.
    pub passed: Option<bool>,
    /// What each bloc did, in the order of the blocs; a bloc whose vote was removed is absent.
    pub stances: Vec<Stance>,
    /// The tally, if it is known: it was drawn, or no member can break ranks.
    pub tally: Option<Tally>,
}

/// A bloc's seats, and each way in which one of its members may vote, with its probability.
type BlocMembers = (u32, Vec<(Stance, ExprId)>);

/// What the chances of a result depend on: the rule, for each bloc its seats and how each of its members votes, and the further rules
/// as they are written.
type Key = ((u8, u64, Base), Vec<BlocMembers>, String);

/// Chances that a motion passes and that it fails, by what they depend on: every history passes by them again.
pub(crate) type VoteChances = HashMap<Key, (ExprId, ExprId)>;
