//! Answers to queries and sweeps, predictions as of a moment, and what each player expected on the way.

use serde::{Deserialize, Deserializer, Serialize};

use super::{Distribution, Estimate, Interval};

/// Everything that was asked besides the what-ifs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Questions {
    /// The queries that are not as of a moment, in the order of the scenario.
    #[serde(default)]
    pub queries: Vec<QueryAnswer>,
    /// The sweeps, in the order of the scenario.
    #[serde(default)]
    pub sweeps: Vec<SweepAnswer>,
    /// The queries as of a moment, in the order of the scenario.
    #[serde(default)]
    pub predictions: Vec<Prediction>,
    /// What each player expected and believed, event by event on the way that is shown in the timeline.
    #[serde(default)]
    pub expectations: Vec<Expectations>,
}

/// The unit that a number is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// A probability, from 0 to 1.
    Probability,
    /// The unit of a measured quantity.
    Measure,
    /// The unit of payoffs.
    Payoff,
}

/// A number that varies over the posterior, with its Monte Carlo errors set apart. All are NaN (`null` in JSON) where
/// what is given never happens.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueryEstimate {
    /// The posterior mean.
    #[serde(deserialize_with = "or_nan")]
    pub mean: f64,
    /// The 5% quantile over the posterior, what luck adds to the spread taken out.
    #[serde(deserialize_with = "or_nan")]
    pub low: f64,
    /// The 95% quantile.
    #[serde(deserialize_with = "or_nan")]
    pub high: f64,
    /// The Monte Carlo standard error of the mean, all told.
    #[serde(deserialize_with = "or_nan")]
    pub error: f64,
    /// The part of it that comes from replaying finitely many histories in each draw; zero where they are enumerated.
    #[serde(deserialize_with = "or_nan")]
    pub replay_error: f64,
}

/// The answer to one query.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueryAnswer {
    /// The query's name.
    pub name: String,
    /// What is asked for, in words.
    pub quantity: String,
    /// The unit of the values.
    pub scale: Scale,
    /// What held in the world as it was, besides the record, in words.
    pub given: Option<String>,
    /// What holds in the world that is asked about, in words.
    pub within: Option<String>,
    /// The what-if whose world it is; `None` for the world as it was.
    pub under: Option<String>,
    /// How it was computed, in words.
    pub method: String,
    /// The probability of what is given and of what holds within; 1 if there is no such condition.
    pub condition_probability: QueryEstimate,
    /// The values: one; or one for each value of an outcome or event; or, for a value of information, commitment or
    /// control, one for each player, the one who is asked about first. Empty for the distribution of a measured quantity.
    pub values: Vec<QueryValue>,
    /// The distribution of a measured quantity, where it is asked for.
    pub distribution: Option<Distribution>,
    /// Its distribution in the world as it was, where another world is asked about.
    pub factual_distribution: Option<Distribution>,
}

/// One value of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueryValue {
    /// What it is the value of: an outcome's value, an event's label, a player; empty if there is only one.
    pub label: String,
    /// The value. For a value of information, commitment or control it is the gain.
    pub here: QueryEstimate,
    /// The same in the world as it was, where another world is asked about; for a gain, the payoff without it.
    pub factual: Option<QueryEstimate>,
    /// The difference from the world as it was, paired by draw and luck.
    pub change: Option<QueryEstimate>,
    /// The ratio to the world as it was, of the posterior means; `None` where that is zero.
    pub ratio: Option<Estimate>,
}

/// A quantity at each of a row of values of a parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SweepAnswer {
    /// The sweep's name.
    pub name: String,
    /// The parameter that takes the values.
    pub parameter: String,
    /// Its unit; may be empty.
    pub unit: String,
    /// What is asked for, in words.
    pub quantity: String,
    /// The unit of what is asked for.
    pub scale: Scale,
    /// What held in the world as it was, in words.
    pub given: Option<String>,
    /// What holds in the world that is asked about, in words.
    pub within: Option<String>,
    /// The what-if that is made as well; `None` if only the parameter is changed.
    pub under: Option<String>,
    /// For each value, in rising order, the quantity.
    pub points: Vec<(f64, QueryEstimate)>,
    /// The quantity in the world as it was.
    pub factual: QueryEstimate,
    /// Posterior draws behind each point.
    pub draws: usize,
    /// Draws that were left out, since play could not be solved at some value.
    pub left_out: usize,
    /// Draws in which play was not on the principal branch at some value.
    #[serde(default)]
    pub off_branch: usize,
}

/// A prediction from what was known at a moment, and how it changed as more became known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// The query's name.
    pub name: String,
    /// What is predicted, in words.
    pub quantity: String,
    /// Its unit.
    pub scale: Scale,
    /// What is given besides what was known, in words.
    pub given: Option<String>,
    /// The event before which the record is cut.
    pub as_of: String,
    /// The recorded events that were known by then.
    pub known: usize,
    /// The values: one, or one for each value of an outcome or event.
    pub values: Vec<QueryValue>,
    /// The distribution of a measured quantity, where it is asked for.
    pub distribution: Option<Distribution>,
    /// What came about, where the record says so.
    pub happened: Option<String>,
    /// The probability, as of that moment, of all recorded events that came after.
    pub rest_probability: QueryEstimate,
    /// The prediction after none, one, two, ... of the recorded events; empty for quantiles and distributions.
    pub path: Vec<PredictionStep>,
    /// How the posterior of that moment was found, in words.
    pub method: String,
    /// How good the reweighted draws are at that moment; `None` if the posterior was sampled for it.
    pub reweighting: Option<Reweighting>,
    /// Whether the prediction can be relied on: the reweighted draws are good enough, or it was sampled.
    pub reliable: bool,
}

/// A prediction after one more recorded event became known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PredictionStep {
    /// The event that had become known last; empty before the first.
    pub event: String,
    /// What it turned out as.
    pub action: String,
    /// The probability of this, from what was known just before.
    pub foreseen: QueryEstimate,
    /// The prediction.
    pub value: QueryEstimate,
    /// How good the reweighted draws are here.
    pub reweighting: Reweighting,
}

/// How good draws are that were made for one distribution and weighed for another.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reweighting {
    /// The shape of the generalised Pareto law of the largest weights: below 0.7 the draws can be relied on (Vehtari et
    /// al. 2024).
    #[serde(deserialize_with = "or_nan")]
    pub pareto_k: f64,
    /// The number of equally weighted draws that they are worth.
    pub effective_draws: f64,
    /// The number of draws.
    pub draws: usize,
}

/// What the players expected and believed when the story had come to an event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expectations {
    /// The event; `#2` and so on where it recurs. The last one is the end of the story, and names none.
    pub event: String,
    /// Each player's view, in the order of the case.
    pub views: Vec<PlayerView>,
}

/// What one player expected and believed at a point of the story, over what it may have known there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlayerView {
    /// The player.
    pub player: String,
    /// Its expected payoff.
    pub payoff: Interval,
    /// For each earlier event that it had not seen: the event, and its belief in each label.
    pub beliefs: Vec<(String, Vec<(String, Interval)>)>,
}

/// JSON has no NaN and no infinity: they are written as `null`.
pub(super) fn or_nan<'de, D: Deserializer<'de>>(number: D) -> Result<f64, D::Error> {
    Option::<f64>::deserialize(number).map(|number| number.unwrap_or(f64::NAN))
}

/// Draws whose tail is heavier than this cannot be relied on (Vehtari et al. 2024).
pub const LARGEST_PARETO_K: f64 = 0.7;

impl Reweighting {
    /// Whether the draws can be relied on.
    pub fn good(&self) -> bool {
        self.pareto_k < LARGEST_PARETO_K
    }
}
