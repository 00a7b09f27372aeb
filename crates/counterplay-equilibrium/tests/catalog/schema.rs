//! What `expected.toml` can say: the schema that `catalog/README.md` documents. Whatever is not in it is refused.

use counterplay_game::rational::Rational;
use serde::Deserialize;

/// The facts about a game.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expected {
    pub(crate) title: String,
    pub(crate) source: String,
    pub(crate) page: Option<String>,
    pub(crate) note: String,
    pub(crate) shape: Shape,
    pub(crate) pure: Option<Pure>,
    #[serde(default)]
    pub(crate) equilibrium: Vec<Profile>,
    pub(crate) all: Option<All>,
    pub(crate) value: Option<Value>,
    pub(crate) backward_induction: Option<BackwardInduction>,
    #[serde(default)]
    pub(crate) quantal_response: Vec<QuantalResponse>,
}

/// Sizes and classes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shape {
    pub(crate) players: usize,
    pub(crate) nodes: Option<usize>,
    pub(crate) ends: Option<usize>,
    pub(crate) information_sets: Option<Vec<usize>>,
    pub(crate) strategies: Option<Vec<usize>>,
    pub(crate) perfect_recall: Option<bool>,
    pub(crate) perfect_information: Option<bool>,
    pub(crate) constant_sum: Option<bool>,
}

/// All equilibria in pure strategies of the reduced normal form.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pure {
    pub(crate) count: usize,
    pub(crate) profiles: Vec<Vec<String>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Concept {
    Nash,
    SubgamePerfect,
    Sequential,
}

/// An equilibrium.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profile {
    pub(crate) kind: Concept,
    /// Reasons are for the reader.
    #[serde(rename = "note")]
    pub(crate) _note: Option<String>,
    pub(crate) subgame_perfect: Option<bool>,
    pub(crate) payoffs: Option<Vec<String>>,
    pub(crate) play: Vec<String>,
    pub(crate) trembles: Option<Vec<String>>,
}

/// The equilibria of the reduced normal form of a game of two players, mixed ones included.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct All {
    pub(crate) extreme: usize,
    pub(crate) components: usize,
}

/// The value of a zero-sum game.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Value {
    pub(crate) player: usize,
    pub(crate) amount: String,
}

/// Outcomes of subgame-perfect equilibria in pure strategies of a game of perfect information.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BackwardInduction {
    pub(crate) complete: bool,
    pub(crate) payoffs: Vec<Vec<String>>,
    pub(crate) paths: Option<Vec<Vec<String>>>,
}

/// The logit equilibrium on the principal branch.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuantalResponse {
    pub(crate) precision: f64,
    pub(crate) tolerance: f64,
    pub(crate) source: String,
    pub(crate) play: Vec<String>,
}

/// Exact numbers from text.
pub(crate) fn exact(texts: &[String]) -> Result<Vec<Rational>, String> {
    texts.iter().map(|t| t.parse().map_err(|_| format!("`{t}` is not a fraction"))).collect()
}

/// The words of every row, one after the other, with the lengths of the rows checked.
pub(crate) fn row_words<T: std::str::FromStr>(
    rows: &[String],
    lengths: &[usize],
) -> Result<Vec<Vec<T>>, String> {
    if rows.len() != lengths.len() {
        return Err(format!("{} rows for {} information sets", rows.len(), lengths.len()));
    }
    let row = |(text, &length): (&String, &usize)| {
        let words: Result<Vec<T>, String> =
            text.split_whitespace().map(|w| w.parse().map_err(|_| format!("cannot read `{w}`"))).collect();
        let words = words?;
        if words.len() == length { Ok(words) } else { Err(format!("`{text}` is not for {length} actions")) }
    };
    rows.iter().zip(lengths).map(row).collect()
}
