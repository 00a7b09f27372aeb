//! Voters with weights, as the command line or a table states them.

use std::path::Path;

use counterplay_analysis::printable::{NameFault, cut, fault_in_name, nfc};
use counterplay_collective::power::Fraction;

use super::amount;
use crate::failure::Failure;
use crate::read_file::text_of;

/// A table with more bytes is not read.
const MOST_BYTES: u64 = 16 << 20;

/// The voters, and what is known of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Voters {
    pub(super) names: Vec<String>,
    /// Columns of numbers; the first is the weight.
    pub(super) columns: Vec<Column>,
}

/// A number of each voter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    /// In the order of the voters; or the first that is none, in words.
    pub(super) values: Result<Vec<Fraction>, String>,
}

/// What weights are called that are stated on the command line.
pub(super) const WEIGHT: &str = "weight";

impl Voters {
    /// Voters stated as NAME=WEIGHT.
    ///
    /// # Errors
    /// What is wrong with one of them.
    pub(super) fn stated(texts: &[String]) -> Result<Self, Failure> {
        let wrong = |what: String| Failure::new(what).hint("write NAME=WEIGHT, such as `KMT=52`");
        let mut names: Vec<String> = Vec::new();
        let mut weights = Vec::new();
        for text in texts {
            let (name, weight) =
                text.rsplit_once('=').ok_or_else(|| wrong(format!("`{text}` names no weight")))?;
            let name = sound(name).map_err(|why| wrong(format!("the name in `{}` {why}", cut(text))))?;
            if names.contains(&name) {
                return Err(Failure::new(format!("`{name}` is named twice"))
                    .hint("give each voter a name of its own, such as `A1` and `A2`"));
            }
            names.push(name);
            let weight = amount::read(weight);
            weights.push(weight.map_err(|why| wrong(format!("the weight in `{}` {why}", cut(text))))?.value);
        }
        Ok(Self { names, columns: vec![Column { name: WEIGHT.to_owned(), values: Ok(weights) }] })
    }

    /// The voters of a CSV file: names in the column `voter`, or in the first; numbers in the others. `weight` is the name of the column of
    /// weights, where it is stated; where rules decide and not a quota (`by_rules`) it need not be known.
    ///
    /// # Errors
    /// What is wrong with the file, with its line.
    pub(super) fn read(path: &Path, weight: Option<&str>, by_rules: bool) -> Result<Self, Failure> {
        let shown = path.display();
        let wrong = |what: String| Failure::new(format!("`{shown}`: {what}"));
        let text = text_of(path, MOST_BYTES)?;
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
        let heads: Vec<String> =
            reader.headers().map_err(|e| wrong(told(&e)))?.iter().map(without_mark).collect();
        let named = |name: &str| heads.iter().position(|head| head.eq_ignore_ascii_case(name));
        let of_names = named("voter").unwrap_or(0);
        let mut names: Vec<(String, u64)> = Vec::new();
        let mut columns: Vec<Column> =
            heads.iter().map(|name| Column { name: name.clone(), values: Ok(Vec::new()) }).collect();
        for record in reader.records() {
            let record = record.map_err(|e| wrong(told(&e)))?;
            let line = record.position().map_or(0, csv::Position::line);
            let name = sound(record.get(of_names).unwrap_or(""))
                .map_err(|why| wrong(format!("line {line}: the name {why}")))?;
            if let Some((_, before)) = names.iter().find(|known| known.0 == name) {
                return Err(wrong(format!("lines {before} and {line} both name `{name}`"))
                    .hint("give each voter a name of its own, or add up what belongs to one"));
            }
            names.push((name, line));
            for (column, field) in columns.iter_mut().zip(&record) {
                column.enter(field, line);
            }
        }
        columns.remove(of_names);
        for column in &mut columns {
            column.values = std::mem::replace(&mut column.values, Ok(Vec::new()))
                .map_err(|why| format!("`{shown}`: {why}"));
        }
        match weights(&columns, weight) {
            Ok(first) => columns.swap(0, first),
            Err(_) if by_rules && weight.is_none() && !columns.is_empty() => {}
            Err(why) => {
                return Err(wrong(why).hint("the first line names the columns, such as `voter,weight`"));
            }
        }
        Ok(Self { names: names.into_iter().map(|n| n.0).collect(), columns })
    }
}

impl Column {
    fn enter(&mut self, field: &str, line: u64) {
        let Ok(values) = &mut self.values else { return };
        match amount::read(field) {
            Ok(amount) => values.push(amount.value),
            Err(why) => {
                self.values =
                    Err(format!("line {line}: `{}` in the column `{}` {why}", cut(field), self.name));
            }
        }
    }
}

/// Which column holds the weights.
fn weights(columns: &[Column], stated: Option<&str>) -> Result<usize, String> {
    let named = |name: &str| columns.iter().position(|column| column.name.eq_ignore_ascii_case(name));
    let names = || columns.iter().map(|c| format!("`{}`", c.name)).collect::<Vec<_>>().join(", ");
    if let Some(name) = stated {
        return named(name).ok_or_else(|| format!("no column is called `{name}`; there are {}", names()));
    }
    let numbers = || columns.iter().enumerate().filter(|c| c.1.values.is_ok()).map(|c| c.0);
    let only = || numbers().next().filter(|_| numbers().count() == 1);
    match named(WEIGHT).or_else(only) {
        Some(at) => Ok(at),
        None if columns.len() == 1 => Ok(0),
        None if columns.is_empty() => Err("there is no column of weights".to_owned()),
        None => Err(format!("which column holds the weights? say `--weight NAME`, of {}", names())),
    }
}

/// A name, if it is one: as it is shown, so that no two look alike.
fn sound(name: &str) -> Result<String, NameFault> {
    let name = nfc(name.trim());
    fault_in_name(&name).map_or_else(|| Ok(name.into_owned()), Err)
}

/// A column's name; spreadsheets put a mark before the first.
fn without_mark(head: &str) -> String {
    head.trim_start_matches('\u{feff}').trim().to_owned()
}

/// What is wrong with a table, with its line.
fn told(error: &csv::Error) -> String {
    let line = error.position().map_or_else(String::new, |p| format!("line {}: ", p.line()));
    let what = match error.kind() {
        csv::ErrorKind::Io(error) => return crate::output::said(error),
        csv::ErrorKind::Utf8 { .. } => "the text is not UTF-8".to_owned(),
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{len} fields, where the first line has {expected_len}")
        }
        _ => error.to_string(),
    };
    line + &what
}
