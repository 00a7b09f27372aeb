//! The terminal summary: at most 60 lines.

mod comparison;
mod layout;
mod questions;
mod sections;

use counterplay_analysis::Analysis;
use layout::{Section, fit};

/// How many lines a summary has at most, and how many columns.
const MOST_LINES: usize = 60;
const COLUMNS: std::ops::RangeInclusive<usize> = 50..=100;

/// How a summary is to look.
///
/// ```
/// use counterplay_report::TextStyle;
///
/// let plain = TextStyle::default();
/// assert!(!plain.colour);
/// assert_eq!(plain.width, 100);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextStyle {
    /// Whether to write ANSI colour codes.
    pub colour: bool,
    /// The width of the terminal in columns; held between 50 and 100.
    pub width: usize,
    /// Where the full report goes, named on the last line; `None` leaves that line out.
    pub report: Option<String>,
}

impl Default for TextStyle {
    fn default() -> Self {
        Self { colour: false, width: *COLUMNS.end(), report: None }
    }
}

/// The summary of an analysis for a terminal.
///
/// At most 60 lines of at most 100 columns; where what-ifs, claims or warnings are too many for that, it says how
/// many more are in the report. Control characters of the analysis are left out, so that it cannot steer the
/// terminal. Ends with a line break.
pub fn text(analysis: &Analysis, style: TextStyle) -> String {
    let TextStyle { colour, width, report } = style;
    let width = width.clamp(*COLUMNS.start(), *COLUMNS.end());
    let mut all: Vec<Section> = sections::all(analysis, width);
    if let Some(place) = report {
        all.push(sections::destination(&place));
    }
    let lines = fit(&all, MOST_LINES, width);
    lines.into_iter().map(|line| line.paint(colour) + "\n").collect()
}
