//! Voters with weights, as the command line or a table states them.

use std::path::Path;
use std::str::FromStr;

use serde::Deserialize;

use crate::failure::Failure;

/// A voter and the weight of its vote.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Voter {
    /// Its name.
    #[serde(rename = "voter")]
    pub(crate) name: String,
    /// Its weight.
    pub(crate) weight: u64,
}

impl FromStr for Voter {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        let wrong = |what: String| Failure::new(what).hint("write NAME=WEIGHT, such as `KMT=52`");
        let (name, weight) =
            text.rsplit_once('=').ok_or_else(|| wrong(format!("`{text}` names no weight")))?;
        let weight = weight.trim().parse();
        let weight = weight.map_err(|_| wrong(format!("the weight in `{text}` is no whole number")))?;
        Ok(Self { name: name.trim().to_owned(), weight })
    }
}

/// The voters of a CSV file with the columns `voter` and `weight`; other columns are passed over.
pub(crate) fn read_voters(path: &Path) -> Result<Vec<Voter>, Failure> {
    let shown = path.display();
    let reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path);
    let wrong = |error: csv::Error| Failure::new(format!("`{shown}`: {}", told(&error)));
    let mut reader = reader.map_err(wrong)?;
    let voters: Result<Vec<Voter>, csv::Error> = reader.deserialize().collect();
    voters.map_err(|e| {
        wrong(e).hint("the first line names the columns: `voter,weight`; weights are whole numbers")
    })
}

/// What is wrong with a table, with its line.
pub(crate) fn told(error: &csv::Error) -> String {
    let line = error.position().map_or_else(String::new, |p| format!("line {}: ", p.line()));
    let what = match error.kind() {
        csv::ErrorKind::Io(error) => return crate::output::said(error),
        csv::ErrorKind::Utf8 { .. } => "the text is not UTF-8".to_owned(),
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{len} fields, where the first line has {expected_len}")
        }
        csv::ErrorKind::Deserialize { err, .. } => field(err),
        _ => error.to_string(),
    };
    line + &what
}

/// What is wrong with a field. The reader's own words speak of the types of the program.
fn field(error: &csv::DeserializeError) -> String {
    match (error.kind(), error.field()) {
        (csv::DeserializeErrorKind::ParseInt(_), Some(at)) => format!("field {} is no whole number", at + 1),
        (csv::DeserializeErrorKind::ParseFloat(_), Some(at)) => format!("field {} is no number", at + 1),
        (kind, _) => kind.to_string(),
    }
}
