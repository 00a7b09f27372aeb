//! The terminal summary: at most 60 lines.

mod comparison;
mod layout;
mod questions;
mod sections;

use counterplay_analysis::Analysis;
use layout::{Room, Section, fit};

/// How many lines a summary has at most.
const MOST_LINES: usize = 60;
/// Where there is no terminal, paragraphs are as wide as a page.
const PAGE: usize = 100;
/// The narrowest terminal that a table makes sense on.
const NARROWEST: usize = 40;

/// How a summary is to look.
///
/// ```
/// use counterplay_report::TextStyle;
///
/// let plain = TextStyle::default();
/// assert!(!plain.colour);
/// assert_eq!(plain.width, None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextStyle {
    /// Whether to write ANSI colour codes.
    pub colour: bool,
    /// The width of the terminal in columns, at least 40: what is longer is cut. `None` where there is no terminal, as in a pipe or a
    /// file: nothing is cut, and paragraphs are 100 columns wide.
    pub width: Option<usize>,
    /// Where the full report goes, named on the last line; `None` leaves that line out.
    pub report: Option<String>,
}

/// The summary of an analysis for a terminal.
///
/// At most 60 lines; where what-ifs, claims or warnings are too many for that, it says how many more are in the report. What nobody
/// sees of a text is marked, so that it cannot steer the terminal ([`counterplay_analysis::printable`]). Ends with a line break.
pub fn text(analysis: &Analysis, style: TextStyle) -> String {
    let TextStyle { colour, width, report } = style;
    let room = Room { columns: width.unwrap_or(PAGE).max(NARROWEST), cuts: width.is_some() };
    let mut all: Vec<Section> = sections::all(analysis, room);
    if let Some(place) = report {
        all.push(sections::destination(&place));
    }
    let lines = fit(&all, MOST_LINES, room);
    lines.into_iter().map(|line| line.paint(colour) + "\n").collect()
}
