//! What is asked of a scenario besides its what-ifs: quantities, on conditions, in a world, as of a moment.
//!
//! A [`Query`] asks for one [`Quantity`]: a probability, a mean, a quantile, a whole distribution, an expected payoff, or
//! what knowing or controlling something would be worth to a player. It is asked of the world as it was or of a
//! what-if's world; given that something held in the world as it was; among the histories in which something holds
//! in the world that it is asked of; and, instead, as of a moment of the record. A [`Sweep`] asks for a
//! quantity at each of a row of values of a parameter.
//!
//! | what | how it is reckoned |
//! |---|---|
//! | the world as it was, or as of a moment | enumerated: exact in each draw |
//! | a what-if's world | replayed with the luck of what happened, beside the world as it was with the same luck |
//! | a value of information, commitment or control | enumerated: the expected payoffs of two games, exact in each draw |

mod as_of;
mod bound;
mod cases;
mod compared;
mod draw;
mod enumerate;
mod measured;
mod outlook;
mod reweigh;
mod shape;
mod summarise;
mod sweep;
mod test;
mod weighted;
mod words;
mod worth;

pub(crate) use as_of::{AsOfDraw, MomentDraw};
pub(crate) use bound::Bound;
pub(crate) use cases::Part;
pub(crate) use compared::{Replayed, gated, holding};
pub(crate) use draw::{Asker, Drawn, QueryDraw};
pub(crate) use outlook::{OutlookDraw, Outlooks};
pub(crate) use shape::Shape;
pub(crate) use summarise::{Foretelling, Moment, Questions, Recorded, Refit, Sampled, answer};
pub(crate) use sweep::{Sweeping, about_asked, spread, sweep_answer, sweep_plans};
pub(crate) use weighted::Said;

use counterplay_game::expression::{ExprId, ParameterId};

use crate::change::EventName;
use crate::problem::{Place, Problem, did_you_mean};
use crate::scenario::Scenario;

/// Something that holds of a history or does not.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// All of these facts.
    All(Vec<Fact>),
    /// At least so many of these conditions.
    AtLeast(usize, Vec<Condition>),
    /// At most so many of these conditions.
    AtMost(usize, Vec<Condition>),
}

impl Condition {
    /// Every fact that it speaks of.
    pub fn facts(&self) -> Vec<&Fact> {
        match self {
            Condition::All(facts) => facts.iter().collect(),
            Condition::AtLeast(_, parts) | Condition::AtMost(_, parts) => {
                parts.iter().flat_map(Condition::facts).collect()
            }
        }
    }
}

/// One thing that a condition says of a history.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// An outcome, an event or a measured quantity. Where an outcome and an event share a name the outcome is meant.
    pub name: String,
    /// What it must be.
    pub is: Is,
}

/// What an outcome, an event or a measured quantity must be.
#[derive(Clone, Debug, PartialEq)]
pub enum Is {
    /// This value, as text.
    Value(String),
    /// A measured quantity above this number.
    Above(f64),
    /// A measured quantity below this number.
    Below(f64),
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Quantity {
    /// The probability of a condition.
    Probability(Condition),
    /// The mean of a measured quantity, over the histories that measure it.
    Mean(String),
    /// A quantile of a measured quantity.
    Quantile(String, f64),
    /// The whole distribution of an outcome, an event or a measured quantity.
    Distribution(String),
    /// A player's expected payoff.
    Payoff(String),
    /// What it would be worth to a player to see an event, foreseen by all: its expected payoff in the game in which it
    /// sees it, less that in the game as it is (Howard 1966; Everitt et al. 2021; Hammond et al. 2023).
    ValueOfInformation {
        /// Whose payoff.
        player: String,
        /// What it would see.
        event: EventName,
    },
    /// What it would be worth to a player to have events fixed, foreseen by all.
    ValueOfCommitment {
        /// Whose payoff.
        player: String,
        /// The events with what they are fixed to.
        events: Vec<(EventName, String)>,
    },
    /// What it would be worth to a player to fix an event as it likes best, foreseen by all.
    ValueOfControl {
        /// Whose payoff.
        player: String,
        /// The event.
        event: EventName,
    },
}

impl Quantity {
    /// The player whose gain is asked for, if it is one.
    pub fn worth_to(&self) -> Option<&str> {
        match self {
            Quantity::ValueOfInformation { player, .. }
            | Quantity::ValueOfCommitment { player, .. }
            | Quantity::ValueOfControl { player, .. } => Some(player),
            Quantity::Probability(_)
            | Quantity::Mean(_)
            | Quantity::Quantile(..)
            | Quantity::Distribution(_)
            | Quantity::Payoff(_) => None,
        }
    }
}

/// A quantity with the histories that it is asked of.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// What is asked for.
    pub quantity: Quantity,
    /// What held in the world as it was, besides the record.
    pub given: Option<Condition>,
    /// What holds in the world that it is asked of.
    pub within: Option<Condition>,
    /// The what-if of whose world it is asked; `None` for the world as it was.
    pub under: Option<String>,
}

/// A query.
#[derive(Clone, Debug)]
pub struct Query {
    /// Its name.
    pub name: String,
    /// What is asked of what.
    pub asked: Asked,
    /// The event before which the record is cut: only what was known by then is known.
    pub as_of: Option<EventName>,
    /// Where it is declared.
    pub place: Option<Place>,
}

/// A quantity at each of a row of values of a parameter.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// Its name.
    pub name: String,
    /// The parameter.
    pub parameter: ParameterId,
    /// Its values: in numbers, and as expressions.
    pub values: Vec<(f64, ExprId)>,
    /// What is asked; `None` for the probability of what the case is about.
    pub asked: Option<Asked>,
    /// Where it is declared.
    pub place: Option<Place>,
}

/// Which query of a scenario has a name, for a claim's test.
///
/// # Errors
/// If there is none, or it has no single value in each draw.
pub(crate) fn known_query(scenario: &Scenario, name: &str) -> Result<usize, Problem> {
    let queries = &scenario.queries;
    let index = queries.iter().position(|q| q.name == name).ok_or_else(|| {
        Problem::new(format!("there is no query `{name}`"))
            .hint(did_you_mean(name, queries.iter().map(|q| q.name.as_str())))
    })?;
    let query = &queries[index];
    if query.as_of.is_some() {
        return Err(Problem::new(format!(
            "`{name}` is as of a moment, and a claim is tested after the whole record"
        ))
        .hint("ask a query without `as_of`"));
    }
    if matches!(query.asked.quantity, Quantity::Distribution(_)) {
        return Err(Problem::new(format!("`{name}` is a whole distribution, not one number"))
            .hint("ask for a probability, a mean or a quantile of it"));
    }
    Ok(index)
}
