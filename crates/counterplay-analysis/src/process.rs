//! What is found of a process without an end.

use serde::{Deserialize, Serialize};

use super::{Interval, PlayPoint};

/// A process: its states as they are played at the posterior mean, and how it goes on, stage by stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProcessSummary {
    /// The names of the stages.
    pub stages: Vec<String>,
    /// How many states can be reached from the beginning.
    pub state_count: usize,
    /// For how many stages the answers follow the process.
    pub horizon: usize,
    /// The certified Bellman residual at the posterior mean: the largest difference between a state's value and what its
    /// stage is worth, in payoff units; `None` where it is not measured.
    pub bellman_residual: Option<f64>,
    /// The states, those first in which the process is to be expected longest within the horizon.
    pub states: Vec<StateSummary>,
    /// The factual world and then each what-if, stage by stage.
    pub series: Vec<WorldSeries>,
}

/// One state at the posterior mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StateSummary {
    /// The stage; `play` for the beginning.
    pub stage: String,
    /// The state; empty for the beginning.
    pub state: String,
    /// How many of the stages up to the horizon are to be expected in this state, before anything is known.
    pub expected_visits: f64,
    /// What each player can expect from here on, in the order of the case's players: posterior mean and interval.
    pub values: Vec<Interval>,
    /// Play, by information set.
    pub play: Vec<PlayPoint>,
    /// The states that follow, each with its probability; likeliest first.
    pub next: Vec<(String, f64)>,
    /// The probability that the process ends here.
    pub ends: f64,
}

/// What happens in one world, stage by stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorldSeries {
    /// The what-if's name; `None` for the world as it was.
    pub what_if: Option<String>,
    /// The outcomes that stages state, and then the quantities that they measure.
    pub outcomes: Vec<OutcomeSeries>,
    /// For each outcome that is true or false, when it is first true.
    #[serde(default)]
    pub first_true: Vec<FirstTrue>,
}

/// How long it takes until an outcome is first true.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FirstTrue {
    /// The outcome.
    pub outcome: String,
    /// For each stage, from the beginning (0) on, the probability that it has been true by then.
    pub by_stage: Vec<Interval>,
    /// The first stage by which that is more likely than not; `None` if none up to the horizon.
    pub median: Option<usize>,
}

/// One outcome or measured quantity, stage by stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutcomeSeries {
    /// Its name.
    pub outcome: String,
    /// Whether all its values are numbers.
    pub numeric: bool,
    /// Whether it is measured. Its points then have no list of values.
    #[serde(default)]
    pub measured: bool,
    /// Stage by stage, from the beginning (0) on.
    pub points: Vec<SeriesPoint>,
}

/// One outcome in one stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeriesPoint {
    /// How many stages were handed over before.
    pub stage: usize,
    /// The probability that it is stated in this stage, or was stated last in a history that has ended before.
    pub stated: f64,
    /// Each value with its probability.
    pub values: Vec<(String, f64)>,
    /// Of numbers: the mean where it is stated, over the posterior.
    pub mean: Option<Interval>,
    /// Of numbers: quantiles at 5, 25, 50, 75 and 95% over histories and the posterior.
    pub quantiles: Option<[f64; 5]>,
}
