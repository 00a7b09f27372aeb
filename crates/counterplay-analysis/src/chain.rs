//! Analyses that chain: what one analysis takes from another, and the part of an analysis that another can take.

use serde::{Deserialize, Serialize};

use super::questions::{Scale, or_nan};
use super::{Analysis, RunSettings, SCHEMA_VERSION, World};

/// What an analysis was made from: its own files, and other analyses.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Chain {
    /// The SHA-256 sum, in hexadecimal digits, of the files that decide its numbers; empty if it is not known: what
    /// `Files::content_hash` of the language says.
    #[serde(default)]
    pub content_hash: String,
    /// The settings that are not the story's own, each as `name = value`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<String>,
    /// What was taken from other analyses, in the order of the scenario.
    #[serde(default)]
    pub inputs: Vec<ChainInput>,
}

/// One distribution that was taken from another analysis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChainInput {
    /// The file in the scenario's folder that it was taken from.
    pub file: String,
    /// The short name of the scenario behind it.
    pub case: String,
    /// The title of that scenario.
    pub title: String,
    /// The version of Counterplay that found it.
    pub counterplay_version: String,
    /// The seed with which it was found.
    pub seed: u64,
    /// [`Chain::content_hash`] of that scenario; empty if the file does not say.
    pub content_hash: String,
    /// Whether that analysis converged.
    pub converged: bool,
    /// What was taken: the name of an outcome, of a measured quantity or of a query.
    pub quantity: String,
    /// In which world it holds, in words.
    pub world: String,
    /// The numbers, each with its Monte Carlo standard error there (NaN, `null` in JSON, where that is not known).
    pub values: Vec<(String, Extracted)>,
}

/// The part of an [`Analysis`] that another scenario can take as an input. Its JSON form has the fields of the whole one, so
/// that either can be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Extract {
    /// [`Analysis::schema_version`].
    pub schema_version: u32,
    /// [`Analysis::counterplay_version`].
    pub counterplay_version: String,
    /// The names of the case.
    pub case: ExtractedCase,
    /// The settings that gave these numbers.
    pub settings: RunSettings,
    /// What it was made from.
    #[serde(default)]
    pub chain: Chain,
    /// Whether play converged.
    pub play: Converged,
    /// Whether the posterior converged.
    pub sampling: Converged,
    /// The world as it was.
    pub factual: ExtractedWorld,
    /// What was to be expected before anything of the record was known.
    pub prior_prediction: ExtractedWorld,
    /// The what-ifs.
    pub answers: Vec<ExtractedAnswer>,
    /// The queries.
    #[serde(default)]
    pub questions: ExtractedQuestions,
}

/// The names of a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExtractedCase {
    /// The short name.
    pub name: String,
    /// The title.
    pub title: String,
}

/// Whether a part of an analysis converged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Converged {
    /// Whether it did.
    pub converged: bool,
}

/// A number that varies over the posterior. All are NaN (`null` in JSON) where nothing is behind them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Extracted {
    /// The posterior mean.
    #[serde(deserialize_with = "or_nan")]
    pub mean: f64,
    /// The 5% quantile over the posterior.
    #[serde(deserialize_with = "or_nan")]
    pub low: f64,
    /// The 95% quantile over the posterior.
    #[serde(deserialize_with = "or_nan")]
    pub high: f64,
    /// The Monte Carlo standard error of the mean.
    #[serde(deserialize_with = "or_nan")]
    pub error: f64,
}

/// What follows in one world.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExtractedWorld {
    /// Every named outcome.
    pub outcomes: Vec<ExtractedOutcome>,
    /// Every measured quantity.
    pub measures: Vec<ExtractedMeasure>,
}

/// The distribution of one outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExtractedOutcome {
    /// Its name.
    pub outcome: String,
    /// Each value with its probability; one minus their sum is the probability that the story does not say.
    pub values: Vec<(String, Extracted)>,
}

/// The distribution of one measured quantity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExtractedMeasure {
    /// Its name.
    pub name: String,
    /// The probability that the story measures it at all.
    pub measured_probability: f64,
    /// Its distribution where it is measured.
    pub distribution: ExtractedDistribution,
    /// Its mean with posterior interval and Monte Carlo error.
    pub mean: Extracted,
}

/// A one-dimensional distribution.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExtractedDistribution {
    /// The mean.
    #[serde(deserialize_with = "or_nan")]
    pub mean: f64,
    /// The standard deviation.
    #[serde(deserialize_with = "or_nan")]
    pub sd: f64,
    /// Quantiles at 5, 25, 50, 75 and 95%.
    pub quantiles: [Option<f64>; 5],
}

/// The answer to one what-if.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExtractedAnswer {
    /// The question's name.
    pub name: String,
    /// What follows.
    pub world: ExtractedWorld,
}

/// The answers to queries.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ExtractedQuestions {
    /// Those that are not as of a moment.
    #[serde(default)]
    pub queries: Vec<ExtractedQuery>,
    /// Those as of a moment.
    #[serde(default)]
    pub predictions: Vec<ExtractedQuery>,
}

/// The answer to one query.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExtractedQuery {
    /// The query's name.
    pub name: String,
    /// The unit of its values.
    pub scale: Scale,
    /// The event before which the record is cut, of a query as of a moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// The what-if whose world it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under: Option<String>,
    /// The values.
    pub values: Vec<ExtractedValue>,
}

/// One value of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExtractedValue {
    /// What it is the value of.
    pub label: String,
    /// The value.
    pub here: Extracted,
}

impl Extract {
    /// The part of an analysis that another scenario can take as an input.
    pub fn of(analysis: &Analysis) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            counterplay_version: analysis.counterplay_version.clone(),
            case: ExtractedCase { name: analysis.case.name.clone(), title: analysis.case.title.clone() },
            settings: analysis.settings.clone(),
            chain: analysis.chain.clone(),
            play: Converged { converged: analysis.play.converged },
            sampling: Converged { converged: analysis.sampling.converged },
            factual: world(&analysis.factual),
            prior_prediction: world(&analysis.prior_prediction),
            answers: analysis
                .answers
                .iter()
                .map(|a| ExtractedAnswer { name: a.name.clone(), world: world(&a.world) })
                .collect(),
            questions: questions(&analysis.questions),
        }
    }

    /// Whether everything that had to converge did.
    pub fn converged(&self) -> bool {
        self.play.converged && self.sampling.converged
    }
}

fn world(world: &World) -> ExtractedWorld {
    let outcomes = world.outcomes.iter().map(|o| ExtractedOutcome {
        outcome: o.outcome.clone(),
        values: o.values.iter().map(|(value, p)| (value.clone(), (*p).into())).collect(),
    });
    let measures = world.measures.iter().map(|m| ExtractedMeasure {
        name: m.name.clone(),
        measured_probability: m.measured_probability,
        distribution: ExtractedDistribution {
            mean: m.distribution.mean,
            sd: m.distribution.sd,
            quantiles: m.distribution.quantiles.map(Some),
        },
        mean: m.mean.into(),
    });
    ExtractedWorld { outcomes: outcomes.collect(), measures: measures.collect() }
}

fn questions(questions: &super::Questions) -> ExtractedQuestions {
    let values = |values: &[super::QueryValue]| {
        values.iter().map(|v| ExtractedValue { label: v.label.clone(), here: v.here.into() }).collect()
    };
    let queries = questions.queries.iter().map(|q| ExtractedQuery {
        name: q.name.clone(),
        scale: q.scale,
        as_of: None,
        under: q.under.clone(),
        values: values(&q.values),
    });
    let predictions = questions.predictions.iter().map(|p| ExtractedQuery {
        name: p.name.clone(),
        scale: p.scale,
        as_of: Some(p.as_of.clone()),
        under: None,
        values: values(&p.values),
    });
    ExtractedQuestions { queries: queries.collect(), predictions: predictions.collect() }
}

impl From<super::Interval> for Extracted {
    fn from(i: super::Interval) -> Self {
        Self { mean: i.mean, low: i.low, high: i.high, error: i.error }
    }
}

impl From<super::QueryEstimate> for Extracted {
    fn from(a: super::QueryEstimate) -> Self {
        Self { mean: a.mean, low: a.low, high: a.high, error: a.error }
    }
}
