//! What is asked of a scenario besides its what-ifs: quantities, on conditions, in a world, as of a moment.

use counterplay_game::expression::{ExprId, ParameterId};

use crate::problem::{Place, Problem, did_you_mean};
use crate::scenario::Scenario;
use crate::story::terms::EventName;

/// Something that holds of a history or does not.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// All of these facts.
    All(Vec<Fact>),
    /// At least this many of these conditions.
    AtLeast(usize, Vec<Condition>),
    /// At most this many of these conditions.
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
pub struct ConditionalQuantity {
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
    pub asked: ConditionalQuantity,
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
    pub asked: Option<ConditionalQuantity>,
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
