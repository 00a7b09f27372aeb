//! Why it happened: errors of shares, interactions of factors, bounds on necessity and sufficiency, actual
//! causes, and the turning point.

use serde::{Deserialize, Serialize};

use super::{Interval, OutcomeValue};

/// How far simulation alone could have moved the mean of a share: what would vanish with more work, unlike the
/// posterior interval beside it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MonteCarlo {
    /// The standard error from the histories with their luck that were drawn at each posterior draw.
    pub replay_error: f64,
    /// The standard error from the orders of factors that were drawn; 0 where all sets were gone through.
    pub order_error: f64,
    /// The lower end of the 90% interval of the mean under both.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// What two factors carry only together: their Shapley interaction index (Grabisch and Roubens 1999), in
/// probability. Above zero they reinforce each other; below zero each does what the other would do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interaction {
    /// The factor that the scenario names first.
    pub first: String,
    /// The other.
    pub second: String,
    /// The index over the posterior; `None` if no sampled order had the two side by side.
    pub value: Option<Interval>,
    /// What simulation alone could have moved it.
    pub monte_carlo: Option<MonteCarlo>,
}

/// The least and the greatest that a probability can be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    /// The posterior mean of the least.
    pub low: f64,
    /// The posterior mean of the greatest.
    pub high: f64,
}

/// Bounds on the probabilities of causation that hold whatever the mechanism of luck (Tian and Pearl 2000), by
/// which the point values beside them must abide.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CausationBounds {
    /// Of the probability of necessity.
    pub necessity: Bounds,
    /// Of the probability of sufficiency.
    pub sufficiency: Bounds,
    /// Of the probability of necessity and sufficiency.
    pub necessity_and_sufficiency: Bounds,
}

/// What was an actual cause of the outcome, in the histories drawn, by the modified definition of Halpern and
/// Pearl (Halpern 2016).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActualCauses {
    /// The outcome.
    pub of: OutcomeValue,
    /// How many histories were examined: those that agree with the record and have the outcome, over all draws.
    pub histories: usize,
    /// How many events together were looked at as a cause.
    pub most_events: usize,
    /// How many events were held as they were, at most, to show that the outcome hung on others.
    pub most_held: usize,
    /// The events as they turned out, by responsibility, the largest first.
    pub events: Vec<CausingEvent>,
}

/// One event as it turned out, and its part in the outcome. All over the histories that agree with the record and
/// have the outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CausingEvent {
    /// The event.
    pub event: String,
    /// Which occurrence of it, from 1.
    pub occurrence: usize,
    /// Who decided; `None` for chance.
    pub player: Option<String>,
    /// How it turned out.
    pub action: String,
    /// Whether the record says so.
    pub recorded: bool,
    /// The probability that it turned out so.
    pub happened: Interval,
    /// The probability that it did, and the outcome would not have followed had it alone been otherwise.
    pub but_for: Interval,
    /// The probability that it did, and was an actual cause or part of one.
    pub cause: Interval,
    /// Its mean degree of responsibility: one over how many events must be changed or held to make the outcome
    /// depend on it, 0 where it was no part of a cause (Chockler and Halpern 2004).
    pub responsibility: Interval,
    /// As what else it would have turned out where the outcome depended on it alone, each with the share of the histories in which it did.
    #[serde(default)]
    pub instead: Vec<(String, f64)>,
}

/// The path of the outcome's probability along what happened, and where it moved most.
///
/// Each probability is that of an observer who knows the story and its numbers and, of the record, every event up
/// to that point: those that some players did not see as well, but nothing later, and nothing measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TurningPoint {
    /// The outcome.
    pub of: OutcomeValue,
    /// Its probability before the first recorded event.
    pub start: Interval,
    /// The recorded events, in the order in which they happened.
    pub steps: Vec<TurningPointStep>,
    /// The position among the steps of the event that moved the probability most, by the posterior mean of its
    /// change; `None` if nothing moved it.
    pub at: Option<usize>,
}

/// One recorded event, and what it did to the outcome's probability.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TurningPointStep {
    /// The event.
    pub event: String,
    /// Which occurrence of it, from 1.
    pub occurrence: usize,
    /// Who decided; `None` for chance.
    pub player: Option<String>,
    /// How it turned out.
    pub action: String,
    /// The outcome's probability once it is known.
    pub probability: Interval,
    /// The change against the step before, draw by draw.
    pub change: Interval,
    /// The probability, over the posterior, that no other event moved it more.
    pub moved_most: f64,
}
