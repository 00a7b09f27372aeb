//! Lines of cells, painted or plain, and sections of them that fit a number of lines.

use counterplay_analysis::printable::one_line;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How much room a line has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    /// In columns; what is broken into lines is broken there.
    pub(crate) columns: usize,
    /// Whether what is longer is cut: where nobody looks at a terminal, nothing is.
    pub(crate) cuts: bool,
}

impl Room {
    /// What is left of it beside something.
    pub(crate) fn beside(self, columns: usize) -> Self {
        Self { columns: self.columns.saturating_sub(columns), ..self }
    }

    /// A text as it fits.
    pub(crate) fn shortened(self, text: &str) -> String {
        if self.cuts { shorten(text, self.columns) } else { text.to_owned() }
    }
}

/// How a piece of text stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paint {
    Plain,
    Strong,
    Faint,
    Good,
    Bad,
    Caution,
    Accent,
}

impl Paint {
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "\x1b[1m",
            Self::Faint => "\x1b[2m",
            Self::Good => "\x1b[32m",
            Self::Bad => "\x1b[31m",
            Self::Caution => "\x1b[33m",
            Self::Accent => "\x1b[36m",
        }
    }
}

/// A piece of text in one paint, free of control characters.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    text: String,
    paint: Paint,
}

impl Cell {
    pub(crate) fn new(text: impl AsRef<str>, paint: Paint) -> Self {
        Self { text: one_line(text.as_ref()).into_owned(), paint }
    }

    pub(crate) fn plain(text: impl AsRef<str>) -> Self {
        Self::new(text, Paint::Plain)
    }

    pub(crate) fn faint(text: impl AsRef<str>) -> Self {
        Self::new(text, Paint::Faint)
    }

    fn width(&self) -> usize {
        self.text.width()
    }
}

/// One line of the summary.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line(Vec<Cell>);

impl Line {
    pub(crate) fn of(cells: impl Into<Vec<Cell>>) -> Self {
        Self(cells.into())
    }

    /// The line with its colour codes, or without; no blanks at its end.
    pub(crate) fn paint(&self, colour: bool) -> String {
        let mut out = String::new();
        for cell in &self.0 {
            if colour && cell.paint != Paint::Plain && !cell.text.trim().is_empty() {
                out.push_str(cell.paint.code());
                out.push_str(&cell.text);
                out.push_str("\x1b[0m");
            } else {
                out.push_str(&cell.text);
            }
        }
        out.truncate(out.trim_end().len());
        out
    }

    /// The line with its first cell replaced by a title of the same width.
    pub(crate) fn titled(mut self, title: &str) -> Self {
        if let Some(cell) = self.0.first_mut() {
            let text = shorten(title, cell.width());
            let blank = " ".repeat(cell.width().saturating_sub(text.width()));
            *cell = Cell::new(text + &blank, Paint::Strong);
        }
        self
    }

    /// Cuts the line at a width.
    fn cut(mut self, room: Room) -> Self {
        if !room.cuts {
            return self;
        }
        let mut left = room.columns;
        for cell in &mut self.0 {
            cell.text = shorten(&cell.text, left);
            left -= cell.width();
        }
        self
    }
}

/// Rows under a title, of which some may be left out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Section {
    pub(crate) title: Vec<Line>,
    /// Each row is a line or a few.
    pub(crate) rows: Vec<Vec<Line>>,
    /// Whether rows may be left out.
    pub(crate) may_shrink: bool,
}

impl Section {
    /// Its height with this many rows, the blank line before it and the note about missing rows included.
    fn height(&self, shown: usize) -> usize {
        let rows: usize = self.rows.iter().take(shown).map(Vec::len).sum();
        1 + self.title.len() + rows + usize::from(shown < self.rows.len())
    }

    fn lines(&self, shown: usize) -> Vec<Line> {
        let mut lines = self.title.clone();
        lines.extend(self.rows.iter().take(shown).flatten().cloned());
        if shown < self.rows.len() {
            let rest = self.rows.len() - shown;
            lines.push(Line::of([Cell::faint(format!("  … and {rest} more in the report"))]));
        }
        lines
    }
}

/// All sections, a blank line between them, in at most this many lines: the longest lists lose rows first.
pub(crate) fn fit(sections: &[Section], most: usize, room: Room) -> Vec<Line> {
    let mut shown: Vec<usize> = sections.iter().map(|section| section.rows.len()).collect();
    let height = |shown: &[usize]| sections.iter().zip(shown).map(|(s, n)| s.height(*n)).sum::<usize>() - 1;
    while height(&shown) > most {
        let longest = (0..sections.len())
            .filter(|i| sections[*i].may_shrink && shown[*i] > 1)
            .max_by_key(|i| shown[*i]);
        let Some(longest) = longest else { break };
        // The note about what is missing takes a line of its own, so the first cut takes two rows.
        let whole = shown[longest] == sections[longest].rows.len();
        shown[longest] = shown[longest].saturating_sub(if whole { 2 } else { 1 }).max(1);
    }
    let mut lines = Vec::new();
    for (section, shown) in sections.iter().zip(shown) {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.extend(section.lines(shown));
    }
    lines.truncate(most);
    lines.into_iter().map(|line| line.cut(room)).collect()
}

/// Lines up cells: the first column left and as wide as remains, the others right. A head is a row like others.
///
/// Where too little would remain for the first column, the columns named in `spare` are left out, in that order.
fn columns(mut rows: Vec<Vec<Cell>>, spare: &[usize], room: Room) -> Vec<Line> {
    const ENOUGH: usize = 30;
    let mut widths = widths(&rows);
    let width = if room.cuts { room.columns } else { usize::MAX };
    let left =
        |widths: &[usize]| width.saturating_sub(widths.iter().skip(1).map(|w| w + 2).sum::<usize>() + 2);
    for (i, column) in spare.iter().enumerate() {
        if left(&widths) >= ENOUGH.min(widths[0]) {
            break;
        }
        // Columns that went before stood in front of this one or behind it.
        let column = column - spare[..i].iter().filter(|gone| *gone < column).count();
        widths.remove(column);
        for row in &mut rows {
            row.remove(column);
        }
    }
    let first = widths.first().copied().unwrap_or(0).min(left(&widths)).max(8);
    rows.into_iter().map(|row| Line(lined_up(row, first, &widths))).collect()
}

/// Lines up rows under a head whose first cell is the title of the section; `spare` columns may be left out.
pub(crate) fn table(
    title: &str,
    head: &[&str],
    rows: Vec<Vec<Cell>>,
    spare: &[usize],
    room: Room,
) -> Section {
    if rows.is_empty() {
        return Section::default();
    }
    let mut all = vec![std::iter::once(Cell::plain(title)).chain(head.iter().map(Cell::faint)).collect()];
    all.extend(rows);
    let mut lines = columns(all, spare, room);
    let head = lines.remove(0).titled(title);
    Section { title: vec![head], rows: lines.into_iter().map(|line| vec![line]).collect(), may_shrink: true }
}

/// The width of each column; all rows have the same number of cells.
fn widths(rows: &[Vec<Cell>]) -> Vec<usize> {
    let count = rows.first().map_or(0, Vec::len);
    (0..count).map(|column| rows.iter().map(|row| row[column].width()).max().unwrap_or(0)).collect()
}

fn lined_up(row: Vec<Cell>, first: usize, widths: &[usize]) -> Vec<Cell> {
    let place = |(column, cell): (usize, Cell)| {
        let text = if column == 0 {
            let text = shorten(&cell.text, first);
            format!("  {text}{}", " ".repeat(first - text.width()))
        } else {
            format!("  {}{}", " ".repeat(widths[column] - cell.width()), cell.text)
        };
        Cell { text, paint: cell.paint }
    };
    row.into_iter().enumerate().map(place).collect()
}

/// Breaks a text into lines; the last of `most` lines is shortened where it must be, and where nothing is cut there are more.
pub(crate) fn wrap(text: &str, room: Room, most: usize) -> Vec<String> {
    let (width, most) = (room.columns, if room.cuts { most } else { usize::MAX });
    let mut lines: Vec<String> = Vec::new();
    for word in one_line(text).split_whitespace() {
        let full = lines.len() == most;
        match lines.last_mut() {
            Some(line) if full || line.width() + 1 + word.width() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.iter().map(|line| room.shortened(line)).collect()
}

/// Cuts a text to a number of columns, with an ellipsis where something is missing.
pub(crate) fn shorten(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let (mut out, mut used) = (String::new(), 0);
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used + 1 > width {
            break;
        }
        out.push(c);
    }
    if width == 0 { String::new() } else { out + "…" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(shorten("立法院預算", 5), "立法…");
        assert_eq!(shorten("budget", 6), "budget");
    }

    #[test]
    fn long_texts_break_into_at_most_the_lines_allowed() {
        let room = Room { columns: 9, cuts: true };
        let lines = wrap("one two three four five six", room, 2);
        assert_eq!(lines, ["one two", "three fo…"]);
        let lines = wrap("one two thirteenfold", Room { cuts: false, ..room }, 2);
        assert_eq!(lines, ["one two", "thirteenfold"]);
    }

    #[test]
    fn control_characters_cannot_reach_the_terminal() {
        assert_eq!(Cell::plain("a\x1b[31mb\u{202e}").text, "a\u{fffd}[31mb\u{fffd}");
    }

    #[test]
    fn the_longest_list_loses_rows_first_and_says_how_many() {
        let rows = |n| (0..n).map(|i| vec![Line::of([Cell::plain(format!("{i}"))])]).collect();
        let section = |n| Section { title: Vec::new(), rows: rows(n), may_shrink: true };
        let lines: Vec<String> = fit(&[section(9), section(2)], 8, Room { columns: 60, cuts: true })
            .iter()
            .map(|l| l.paint(false))
            .collect();
        assert_eq!(lines, ["0", "1", "2", "3", "  … and 5 more in the report", "", "0", "1"]);
    }
}
