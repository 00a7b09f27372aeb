//! The principal branch as a table: a row for each point, with the precision, the regret in payoff units, and the
//! probability of each action.

use std::fmt::Write;
use std::path::Path;

use counterplay_equilibrium::logit::trace::BranchPoint;
use counterplay_game::tree::Game;

use crate::failure::Failure;

/// The formats of tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Table {
    /// Text with commas.
    Csv,
    /// Apache Parquet: columns of numbers in double precision, none missing.
    #[cfg(feature = "parquet")]
    Parquet,
}

impl Table {
    /// The format that a path names.
    pub(crate) fn named(path: &Path) -> Result<Self, Failure> {
        let extension = path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
        match extension.as_deref() {
            Some("csv") => Ok(Self::Csv),
            #[cfg(feature = "parquet")]
            Some("parquet") => Ok(Self::Parquet),
            #[cfg(not(feature = "parquet"))]
            Some("parquet") => Err(Failure::new("this program was built without Parquet")
                .hint("write `.csv`, or build it with `cargo install --features parquet`")),
            _ => Err(Failure::new(format!("`{}` names no format of a table", path.display()))
                .hint("end it in `.csv` or `.parquet`")),
        }
    }

    /// The branch as a table.
    #[cfg_attr(not(feature = "parquet"), allow(clippy::unnecessary_wraps, reason = "Parquet can fail"))]
    pub(crate) fn of(self, game: &Game, branch: &[BranchPoint]) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Csv => Ok(csv(game, branch).into_bytes()),
            #[cfg(feature = "parquet")]
            Self::Parquet => parquet::table(&columns(game), branch)
                .map_err(|e| Failure::new(format!("the table cannot be written as Parquet: {e}"))),
        }
    }
}

/// The name of each action: player, information set, action.
pub(crate) fn action_names(game: &Game) -> Vec<[String; 3]> {
    let of_set = |set| {
        let first = game.members(set)[0];
        let player = game.players()[game.info_set(set).player.index()].clone();
        let event = game.event_name(game.event_id(first));
        let labels: Vec<String> = game.labels(first).map(|l| game.text(l).to_owned()).collect();
        labels.into_iter().map(move |label| [player.clone(), event.clone(), label])
    };
    game.info_set_ids().flat_map(of_set).collect()
}

/// In which order a file lists numbers for actions, for a hint; of many actions the first.
pub(crate) fn order(game: &Game) -> String {
    const SHOWN: usize = 8;
    let names: Vec<String> = action_names(game).into_iter().map(|names| names.join(": ")).collect();
    let more = if names.len() > SHOWN { ", and so on" } else { "" };
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    format!("one number for each action, in the order of the game file: {}{more}", shown.join(", "))
}

/// The names of the columns.
fn columns(game: &Game) -> Vec<String> {
    let of_actions = action_names(game).into_iter().map(|names| names.join(": "));
    ["lambda", "regret"].map(str::to_owned).into_iter().chain(of_actions).collect()
}

/// A field of a table, quoted where it has to be.
fn field(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// The branch as CSV: a row for each point, with the precision, the regret in payoff units, and the probability of each
/// action.
fn csv(game: &Game, branch: &[BranchPoint]) -> String {
    let mut text = columns(game).iter().map(|name| field(name)).collect::<Vec<_>>().join(",");
    text.push('\n');
    for point in branch {
        let _ = write!(text, "{},{}", point.precision, point.regret);
        for p in &point.play {
            let _ = write!(text, ",{p}");
        }
        text.push('\n');
    }
    text
}

#[cfg(feature = "parquet")]
mod parquet {
    use std::sync::Arc;

    use counterplay_equilibrium::logit::trace::BranchPoint;
    use parquet::basic::{Repetition, Type as Physical};
    use parquet::data_type::DoubleType;
    use parquet::errors::ParquetError;
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::types::Type;

    /// The file: one group of rows, a column for each name.
    pub(super) fn table(columns: &[String], branch: &[BranchPoint]) -> Result<Vec<u8>, ParquetError> {
        let column = |name: &String| {
            let number = Type::primitive_type_builder(name, Physical::DOUBLE);
            number.with_repetition(Repetition::REQUIRED).build().map(Arc::new)
        };
        let fields = columns.iter().map(column).collect::<Result<_, _>>()?;
        let schema = Arc::new(Type::group_type_builder("branch").with_fields(fields).build()?);
        let mut bytes = Vec::new();
        let mut file = SerializedFileWriter::new(&mut bytes, schema, Arc::new(WriterProperties::default()))?;
        let mut rows = file.next_row_group()?;
        let mut place = 0;
        while let Some(mut column) = rows.next_column()? {
            let value = |point: &BranchPoint| match place {
                0 => point.precision,
                1 => point.regret,
                action => point.play[action - 2],
            };
            let values: Vec<f64> = branch.iter().map(value).collect();
            column.typed::<DoubleType>().write_batch(&values, None, None)?;
            column.close()?;
            place += 1;
        }
        rows.close()?;
        file.close()?;
        Ok(bytes)
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use parquet::file::reader::{FileReader, SerializedFileReader};
        use parquet::record::RowAccessor;

        #[test]
        fn what_is_written_is_read_back() {
            let play = vec![1.0 / 3.0, 2.0 / 3.0];
            let regret = |precision: f64| 0.1 / precision;
            let point = |precision| {
                let (regret, logits, play) = (regret(precision), vec![0.0; 2], play.clone());
                BranchPoint { precision, logits, play, regret }
            };
            let branch: Vec<_> = [1.0, 2.5, 1e9].map(point).into();
            let columns = ["lambda", "regret", "A: a: x", "A: a: y"].map(str::to_owned);
            let bytes = table(&columns, &branch).unwrap();
            let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).unwrap();
            assert_eq!(reader.metadata().file_metadata().num_rows(), 3);
            for (row, point) in reader.get_row_iter(None).unwrap().zip(&branch) {
                let row = row.unwrap();
                let names: Vec<_> = row.get_column_iter().map(|(name, _)| name.clone()).collect();
                assert_eq!(names, columns);
                let found: Vec<f64> = (0..4).map(|k| row.get_double(k).unwrap()).collect();
                assert_eq!(found, [point.precision, point.regret, point.play[0], point.play[1]]);
            }
        }
    }
}
