//! The cells of a table in CSV, each with its place.

use counterplay::problem::{Place, Problem};
use counterplay_collective::spatial::Actors;

/// A cell: its text without the blanks and quotes around it, and where that stands.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) place: Place,
}

impl Cell {
    /// What is wrong with the cell.
    pub(super) fn problem(&self, message: String) -> Problem {
        Problem::new(message).at(Some(self.place.clone()))
    }

    /// The finite number in the cell, no further from 0 than [`Actors::LARGEST`]; `what` says what it is.
    pub(super) fn number(&self, what: &str) -> Result<f64, Problem> {
        let text = self.text.as_str();
        if text.is_empty() {
            return Err(self.problem(format!("the {what} is missing")));
        }
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        if number.is_some_and(|number| number.abs() > Actors::LARGEST) {
            let wrong = self.problem(format!("the {what} is further from 0 than {:e}", Actors::LARGEST));
            return Err(wrong.hint("state it in larger units"));
        }
        number.ok_or_else(|| {
            let wrong = self.problem(format!("the {what} is `{text}`, which is no number"));
            let digits: String = text.chars().filter(|c| *c != '%' && *c != ',').collect();
            match digits.trim().parse::<f64>() {
                Ok(_) if text.ends_with('%') => {
                    wrong.hint(format!("write `{}`, without the sign", digits.trim()))
                }
                Ok(_) if text.contains(',') => {
                    wrong.hint("write decimals with a point, and thousands without a comma")
                }
                Ok(_) | Err(_) => wrong,
            }
        })
    }
}

/// A line with something in it.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) cells: Vec<Cell>,
    /// An empty cell at the end of the line, for those that are missing.
    end: Cell,
}

impl Row {
    /// The cell in this column; an empty one if the line ends before it.
    pub(super) fn cell(&self, column: usize) -> &Cell {
        self.cells.get(column).unwrap_or(&self.end)
    }
}

/// The lines with something in them. Empty cells at their ends are left out, as KTAB's lines may end in a comma.
pub(super) fn rows(file: &str, text: &str) -> Result<Vec<Row>, Problem> {
    let lines = text.lines().enumerate();
    let rows = lines.map(|(at, line)| row(file, at + 1, line)).collect::<Result<Vec<Row>, Problem>>()?;
    Ok(rows.into_iter().filter(|row| !row.cells.is_empty()).collect())
}

fn row(file: &str, line: usize, text: &str) -> Result<Row, Problem> {
    let place = |column: usize, width: usize| Place {
        file: file.to_owned(),
        line,
        column: column + 1,
        width: width.max(1),
        text: text.to_owned(),
    };
    let (spans, open) = spans(text);
    if let Some(column) = open {
        return Err(Problem::new("a quote opens here and does not close on this line")
            .at(Some(place(column, 1)))
            .hint("a quote within quotes is written twice: \"\""));
    }
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let record = reader.records().next().transpose();
    let record = record.map_err(|e| Problem::new(e.to_string()).at(Some(place(0, 1))))?.unwrap_or_default();
    let mut cells: Vec<Cell> = record
        .iter()
        .zip(spans)
        .map(|(cell, (column, width))| {
            let text = cell.trim();
            let inner = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
            Cell { text: inner.unwrap_or(text).trim().to_owned(), place: place(column, width) }
        })
        .collect();
    while cells.last().is_some_and(|cell| cell.text.is_empty()) {
        cells.pop();
    }
    let end = Cell { text: String::new(), place: place(text.trim_end().chars().count(), 1) };
    Ok(Row { cells, end })
}

/// Where the fields of a line stand, in characters: the first that is no blank, and how many up to the last that is none; and where
/// a quote opens that does not close.
fn spans(line: &str) -> (Vec<(usize, usize)>, Option<usize>) {
    let letters: Vec<char> = line.chars().collect();
    let (mut spans, mut start, mut open) = (Vec::new(), 0, None);
    for at in 0..=letters.len() {
        match letters.get(at) {
            Some('"') => open = if open.is_some() { None } else { Some(at) },
            Some(',') if open.is_some() => {}
            Some(',') | None => {
                let field = &letters[start..at];
                let blank = field.iter().take_while(|c| c.is_whitespace()).count();
                let end = field.iter().rev().take_while(|c| c.is_whitespace()).count();
                spans.push((start + blank, (at - start).saturating_sub(blank + end)));
                start = at + 1;
            }
            Some(_) => {}
        }
    }
    (spans, open)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_where_they_stand() {
        assert_eq!(spans("a, bc ,\"d,e\",").0, [(0, 1), (3, 2), (7, 5), (13, 0)]);
        assert_eq!(spans("a,\"b").1, Some(2));
    }
}
