//! Writes what was found as tables: one CSV file a table, and beside them a data dictionary.

use std::fs;
use std::path::{Path, PathBuf};

use counterplay_analysis::Analysis;
use counterplay_report::{Field, Table};

use crate::failure::Failure;
use crate::output::said;
use crate::write_file;

/// The file that says what the columns of the others mean.
const DICTIONARY: &str = "dictionary.csv";

/// The folder for tables, made if it is not there.
pub(crate) fn folder(path: PathBuf) -> Result<PathBuf, Failure> {
    if path.exists() && !path.is_dir() {
        return Err(Failure::new(format!("`{}` is a file, and tables need a folder", path.display())));
    }
    fs::create_dir_all(&path).map_err(|e| {
        Failure::new(format!(
            "the folder `{}` for the tables could not be made: {}",
            path.display(),
            said(&e)
        ))
    })?;
    Ok(path)
}

/// Writes all tables of an analysis into a folder.
pub(crate) fn write(folder: &Path, analysis: &Analysis) -> Result<(), Failure> {
    let tables = counterplay_report::tables(analysis);
    for table in &tables {
        write_file::write(&folder.join(format!("{}.csv", table.name)), &csv(table)?)?;
    }
    write_file::write(&folder.join(DICTIONARY), &dictionary(&tables)?)
}

fn csv(table: &Table) -> Result<String, Failure> {
    let header = table.columns.iter().map(|column| column.name.to_owned()).collect();
    let rows = table.rows.iter().map(|row| row.iter().map(told).collect());
    lines(std::iter::once(header).chain(rows))
}

/// Every column of every table: what a row is, whether the column belongs to the key, what it means.
fn dictionary(tables: &[Table]) -> Result<String, Failure> {
    let header = ["table", "row", "column", "key", "meaning"].map(str::to_owned).to_vec();
    let columns = tables.iter().flat_map(|table| {
        table.columns.iter().map(|column| {
            let key = told(&Field::Truth(column.key));
            vec![
                table.name.to_owned(),
                table.row.to_owned(),
                column.name.to_owned(),
                key,
                column.meaning.to_owned(),
            ]
        })
    });
    lines(std::iter::once(header).chain(columns))
}

fn lines(rows: impl Iterator<Item = Vec<String>>) -> Result<String, Failure> {
    let failed = |e: String| Failure::new(format!("a table cannot be told as CSV: {e}"));
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(&row).map_err(|e| failed(e.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|e| failed(e.to_string()))?;
    String::from_utf8(bytes).map_err(|e| failed(e.to_string()))
}

/// A field as R, Python, Stata and spreadsheets read it: numbers in full, nothing where it is missing.
fn told(field: &Field) -> String {
    match field {
        Field::Text(text) => text.clone(),
        Field::Number(number) => number.to_string(),
        Field::Whole(count) => count.to_string(),
        Field::Truth(truth) => if *truth { "TRUE" } else { "FALSE" }.to_owned(),
        Field::Missing => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_to_the_last_bit_and_texts_as_they_are() {
        let number = 0.1 + 0.2;
        let told =
            lines([vec![told(&Field::Number(number)), "a \"b\", c".to_owned()]].into_iter()).expect("CSV");
        assert_eq!(told, "0.30000000000000004,\"a \"\"b\"\", c\"\n");
        assert_eq!(told.split(',').next().expect("a field").parse::<f64>(), Ok(number));
    }
}
