//! Reads an analysis as JSON from stdin and writes the report to stdout:
//! `cargo run -p counterplay-report --example render < hanoi-2019.analysis.json > report.html`.
//! With `--text` it writes the terminal summary, in colour.

use counterplay_analysis::Analysis;
use counterplay_report::{TextStyle, html, text};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let analysis: Analysis = serde_json::from_reader(std::io::stdin().lock())?;
    if std::env::args().any(|argument| argument == "--text") {
        let style =
            TextStyle { colour: true, report: Some("report.html".to_owned()), ..TextStyle::default() };
        print!("{}", text(&analysis, style));
    } else {
        print!("{}", html(&analysis));
    }
    Ok(())
}
