//! Pinned answers: what an analysis of a scenario is expected to say, within tolerances.
//!
//! ```toml
//! [game]                     # exact
//! histories = 7
//!
//! [[factual]]                # the world as it was; `[[prior]]` is before any record
//! outcome = "war"            # without `outcome` and `value`: what the case is about
//! value = false
//! probability = 1.0
//! tolerance = 0.001
//!
//! [[answer]]
//! what_if = "the Defender resists"
//! measure = "soldiers lost"  # or a measured quantity
//! mean = 400
//! tolerance = 30
//!
//! [[factor]]
//! name = "dear war"
//! shapley = 0.12             # or `necessity`, `sufficiency`
//! tolerance = 0.04
//!
//! [[explanation]]            # `[[claim]]` alike; `[[parameter]]` with `mean`
//! name = "a bluff that worked"
//! probability = 0.6
//! tolerance = 0.1
//!
//! [[query]]                  # a query, also as of a moment; `label` picks one of several values
//! name = "a war of a bluffer"
//! value = 0.2
//! tolerance = 0.05
//!
//! [[sweep]]
//! name = "the cost of war"
//! at = 0.5                   # a value of the parameter
//! value = 0.3
//! tolerance = 0.05
//!
//! [[stage]]                  # of a process: an outcome or measured quantity in one stage
//! what_if = "B goes down"    # without it, the world as it was
//! outcome = "level"
//! stage = 5
//! mean = 1.2                 # or `value` and `probability`
//! tolerance = 0.1
//! ```

mod compare;
mod queries;
mod stages;

use std::fmt;
use std::path::Path;

use serde::Deserialize;

use crate::failure::Failure;
use crate::read_file::text_of;

/// What an analysis is expected to say.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expected {
    game: Option<Size>,
    #[serde(default)]
    factual: Vec<InWorld>,
    #[serde(default)]
    prior: Vec<InWorld>,
    #[serde(default)]
    answer: Vec<InWorld>,
    #[serde(default)]
    factor: Vec<OfFactor>,
    #[serde(default)]
    explanation: Vec<NamedExpectation>,
    #[serde(default)]
    claim: Vec<NamedExpectation>,
    #[serde(default)]
    parameter: Vec<OfParameter>,
    #[serde(default)]
    query: Vec<queries::OfQuery>,
    #[serde(default)]
    sweep: Vec<queries::OfSweep>,
    #[serde(default)]
    stage: Vec<stages::OfStage>,
}

/// The size of the game.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Size {
    histories: Option<usize>,
    nodes: Option<usize>,
    information_sets: Option<usize>,
}

/// Something of a world: the probability of an outcome, or the mean of a measured quantity.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct InWorld {
    what_if: Option<String>,
    outcome: Option<String>,
    value: Option<Value>,
    probability: Option<f64>,
    measure: Option<String>,
    mean: Option<f64>,
    tolerance: f64,
}

/// The value of an outcome, as a scenario writes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Value {
    Truth(bool),
    Whole(i64),
    Number(f64),
    Text(String),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truth(true) => f.write_str("True"),
            Self::Truth(false) => f.write_str("False"),
            Self::Whole(number) => number.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfFactor {
    name: String,
    outcome: Option<String>,
    value: Option<Value>,
    shapley: Option<f64>,
    necessity: Option<f64>,
    sufficiency: Option<f64>,
    tolerance: f64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedExpectation {
    name: String,
    probability: f64,
    tolerance: f64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfParameter {
    name: String,
    mean: f64,
    tolerance: f64,
}

/// One expectation beside what was found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ExpectationCheck {
    what: String,
    found: f64,
    expected: f64,
    tolerance: f64,
}

impl ExpectationCheck {
    /// Whether what was found is within the tolerance. A number that is not finite never is.
    pub(crate) fn holds(&self) -> bool {
        (self.found - self.expected).abs() <= self.tolerance
    }
}

impl fmt::Display for ExpectationCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.holds() { "ok " } else { "OFF" };
        let Self { what, found, expected, tolerance } = self;
        let rounded = (found * 1e4).round() / 1e4;
        write!(f, "{mark}  {what}: {rounded}, pinned {expected}")?;
        if *tolerance > 0.0 { write!(f, " ± {tolerance}") } else { Ok(()) }
    }
}

/// No pinned answers have more bytes than this.
const MOST_BYTES: u64 = 1 << 20;

impl Expected {
    /// Reads pinned answers.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        if !path.exists() {
            return Err(Failure::new(format!("the pinned answers `{}` cannot be read: no such file or directory", path.display()))
                .hint("`--verify` compares with an `expected.toml` beside the scenario, `--expected FILE` with another"));
        }
        let text = text_of(path, MOST_BYTES)?;
        Self::parse(&text)
            .map_err(|e| Failure::new(format!("in `{}`: {}", path.display(), e.to_string().trim_end())))
    }

    fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_a_scenario_writes_them() {
        let text = "[[factual]]\nvalue = false\nprobability = 1\ntolerance = 0\n[[factual]]\nvalue = 3\ntolerance = 0\n";
        let expected = Expected::parse(text).expect("sound pins");
        let values: Vec<String> =
            expected.factual.iter().flat_map(|p| &p.value).map(Value::to_string).collect();
        assert_eq!(values, ["False", "3"]);
    }

    #[test]
    fn what_is_misspelt_is_refused_with_its_line() {
        let error = Expected::parse("[game]\nhistorys = 7\n").expect_err("a misspelling").to_string();
        assert!(error.contains("line 2") && error.contains("histories"), "{error}");
        assert!(Expected::parse("[[claim]]\nname = \"x\"\nprobability = 0.5\n").is_err(), "no tolerance");
    }

    #[test]
    fn a_number_that_is_not_finite_is_off() {
        let compared =
            |found| ExpectationCheck { what: "x".to_owned(), found, expected: 0.5, tolerance: 0.1 };
        assert!(compared(0.6).holds() && !compared(0.61).holds() && !compared(f64::NAN).holds());
        assert_eq!(compared(0.712_345).to_string(), "OFF  x: 0.7123, pinned 0.5 ± 0.1");
    }
}
