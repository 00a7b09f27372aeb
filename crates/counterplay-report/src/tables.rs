//! An analysis as tidy tables: one kind of thing a table, one thing a row, for whoever goes on in R, Python, Stata or a spreadsheet.
//!
//! Numbers are as they were found, in full; what was not measured is missing. Each column says what it means, so that a data dictionary
//! can stand beside the tables.

mod causes;
mod course;
mod learning;
mod worlds;

use counterplay_analysis::{Analysis, Estimate, Interval, QueryEstimate, Rank};

/// A table.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Its name, which can be that of a file.
    pub name: &'static str,
    /// What a row is.
    pub row: &'static str,
    /// Its columns.
    pub columns: Vec<Column>,
    /// The rows, each with a field for every column.
    pub rows: Vec<Vec<Field>>,
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Whether it belongs to the key: no two rows have the same fields in all columns of the key.
    pub key: bool,
    /// What it means, with its unit and range.
    pub meaning: &'static str,
}

/// What stands in a row and a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Field {
    /// A text.
    Text(String),
    /// A number. One that is not finite is missing.
    Number(f64),
    /// A count.
    Whole(usize),
    /// True or false.
    Truth(bool),
    /// Not there: it was not measured, or does not apply.
    Missing,
}

/// All tables of an analysis that have a row.
///
/// ```no_run
/// # fn of(analysis: &counterplay_analysis::Analysis) {
/// for table in counterplay_report::tables(analysis) {
///     println!("{}: {} rows, each {}", table.name, table.rows.len(), table.row);
/// }
/// # }
/// ```
pub fn tables(analysis: &Analysis) -> Vec<Table> {
    let all = [
        worlds::answers(analysis),
        worlds::measures(analysis),
        worlds::queries(analysis),
        worlds::sweeps(analysis),
        causes::attribution(analysis),
        causes::groups(analysis),
        learning::claims(analysis),
        learning::explanations(analysis),
        learning::parameters(analysis),
        course::timeline(analysis),
        course::beliefs(analysis),
        course::play(analysis),
        course::tree(analysis),
        course::stages(analysis),
    ];
    all.into_iter().filter(|table| !table.rows.is_empty()).collect()
}

impl Table {
    /// A table without rows. The columns are told by name and meaning; a name that begins with `*` belongs to the key.
    fn new(name: &'static str, row: &'static str, columns: &[(&'static str, &'static str)]) -> Self {
        let column = |&(name, meaning): &(&'static str, &'static str)| match name.strip_prefix('*') {
            Some(name) => Column { name, key: true, meaning },
            None => Column { name, key: false, meaning },
        };
        Self { name, row, columns: columns.iter().map(column).collect(), rows: Vec::new() }
    }

    fn add(&mut self, fields: impl IntoIterator<Item = Field>) {
        let row: Vec<Field> = fields.into_iter().collect();
        debug_assert_eq!(row.len(), self.columns.len(), "a field for every column of `{}`", self.name);
        self.rows.push(row);
    }
}

impl Field {
    fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// A number that may not be there.
    fn maybe(number: Option<f64>) -> Self {
        number.map_or(Self::Missing, Self::from)
    }
}

impl From<f64> for Field {
    fn from(number: f64) -> Self {
        if number.is_finite() { Self::Number(number) } else { Self::Missing }
    }
}

/// Mean, 5% and 95% quantile, Monte Carlo error.
fn spread(interval: &Interval) -> [Field; 4] {
    [interval.mean, interval.low, interval.high, interval.error].map(Field::from)
}

/// The same of an interval that may not be there.
fn spread_of(interval: Option<&Interval>) -> [Field; 4] {
    interval.map_or([const { Field::Missing }; 4], spread)
}

fn spread_of_query(estimate: Option<&QueryEstimate>) -> [Field; 4] {
    let of = |e: &QueryEstimate| [e.mean, e.low, e.high, e.error].map(Field::from);
    estimate.map_or([const { Field::Missing }; 4], of)
}

/// Value and Monte Carlo error.
fn value_of(estimate: Option<&Estimate>) -> [Field; 2] {
    estimate.map_or([const { Field::Missing }; 2], |e| [e.value, e.error].map(Field::from))
}

/// The first and the last place that errors leave open.
fn places(rank: Option<Rank>) -> [Field; 2] {
    rank.map_or([const { Field::Missing }; 2], |rank| [rank.first, rank.last].map(Field::Whole))
}
