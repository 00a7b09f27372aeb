//! `counterplay calibrate`: whether intervals hold what they promise.

mod figure;

use std::fmt::Write;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use counterplay::robustness::calibrate::{Calibrated, Calibration, Design, calibrate};

use crate::common::Common;
use crate::failure::{Failure, Verdict};
use crate::output;
use crate::reach::Reach;
use crate::write_file;
use crate::write_file::destination;

/// A share of covering intervals this many standard errors from the nominal one is off.
const ERRORS: f64 = 3.0;
/// Ranks as uneven as this by chance once in a thousand studies are off.
const UNEVEN: f64 = 0.001;

/// Test whether intervals hold what they promise
///
/// Draws worlds from the scenario's priors, with luck, and records of each what the scenario records. Fits the scenario
/// to each record, asks its what-ifs, and counts how often the intervals cover the true probability: that given the
/// world's own parameters and its record. The ranks of true values among posterior draws are to be uniform, and the
/// outcome is to come true, with the world's own luck, as often as was answered.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  counterplay calibrate examples/border-crisis
  counterplay calibrate my-case --runs 200 --svg ranks.svg
  counterplay calibrate my-case --json | jq '.answers[].coverage'

Exit code 2 if a share of covering intervals, the ranks, or what came true is off by more than
chance explains.")]
pub(crate) struct Calibrate {
    #[command(flatten)]
    pub(crate) common: Common,

    /// Worlds that are drawn and fitted
    #[arg(long, value_name = "N", default_value = "1000")]
    runs: NonZeroUsize,

    /// Histories with their luck behind each answer that is not summed over all histories
    #[arg(long, alias = "lucks", value_name = "N", default_value = "1000")]
    replays: NonZeroUsize,

    /// Seed of all randomness: the same seed gives the same bytes
    #[arg(long, value_name = "N", default_value = "1")]
    seed: u64,

    /// Threads to work with; the result is the same with any number [default: one for each core]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,

    /// File for a figure of the ranks
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,

    /// Write what was found as JSON
    #[arg(long)]
    json: bool,
}

impl Calibrate {
    /// The files that it needs.
    pub(crate) fn reach(&self) -> Reach {
        Reach::of_scenario(&self.common.scenario).writing(self.svg.as_deref())
    }

    /// Runs the study.
    pub(crate) fn act(&self) -> Result<Verdict, Failure> {
        let opened = super::open(&self.common, |input| input)?;
        let svg = self.svg.clone().map(destination).transpose()?;
        let limits = self.common.bounds.of_story();
        opened.checked(limits)?;
        let design = Design {
            runs: self.runs.get(),
            seed: self.seed,
            replays: self.replays.get(),
            limits,
            ..Design::default()
        };
        let result = calibrate(&opened.scenario, &design, &opened.console);
        opened.console.finish();
        let found = result.map_err(|error| opened.failure(&error))?;
        if let Some(path) = &svg {
            write_file::write(path, &figure::svg(&opened.scenario.title, &found))?;
        }
        if self.json {
            output::print(&output::json("the study", &found)?)?;
        } else {
            output::print(&told(&opened.scenario.title, &found))?;
        }
        let all = found.answers.iter().chain(&found.parameters);
        Ok(if found.failed == 0 && all.clone().all(calibrated) {
            Verdict::Done
        } else {
            Verdict::NotConverged
        })
    }
}

/// Whether nothing is off by more than chance explains.
fn calibrated(quantity: &Calibrated) -> bool {
    let near = |(nominal, share): &(f64, counterplay_analysis::Estimate)| {
        let error = (nominal * (1.0 - nominal) / quantity.open.max(1) as f64).sqrt();
        quantity.open == 0 || (share.value - nominal).abs() <= ERRORS * error
    };
    let true_enough =
        quantity.excess.is_none_or(|e| e.value.abs() <= ERRORS * e.error.max(f64::MIN_POSITIVE));
    quantity.coverage.iter().all(near) && quantity.uniformity >= UNEVEN && true_enough
}

fn told(title: &str, found: &Calibration) -> String {
    let mut text = format!(
        "{title}\n{} worlds from the prior, each fitted to its record; {} failed\n",
        found.runs, found.failed
    );
    table(&mut text, "What if", &found.answers);
    table(&mut text, "Parameter", &found.parameters);
    let off: Vec<&str> = found
        .answers
        .iter()
        .chain(&found.parameters)
        .filter(|q| !calibrated(q))
        .map(|q| q.name.as_str())
        .collect();
    let _ = if off.is_empty() {
        writeln!(text, "\nNothing is off by more than chance explains.")
    } else {
        writeln!(text, "\nOFF: {}", off.join("; "))
    };
    text
}

fn table(text: &mut String, head: &str, rows: &[Calibrated]) {
    const NAME: usize = 44;
    if rows.is_empty() {
        return;
    }
    let answers = rows.iter().any(|row| row.predicted.is_some());
    let more = if answers { "  answered  came true" } else { "" };
    let _ = writeln!(text, "\n{head:<NAME$}  open   50%   80%   90%   95%  exact  ranks p{more}");
    for row in rows {
        let name: String = row.name.chars().take(NAME).collect();
        let _ = write!(text, "{name:<NAME$} {:>5}", row.open);
        for (_, share) in &row.coverage {
            let shown = if row.open == 0 { "–".to_owned() } else { format!("{:.1}", 100.0 * share.value) };
            let _ = write!(text, " {shown:>5}");
        }
        let exact = if row.open == 0 {
            "–".to_owned()
        } else {
            format!("{:.1}", 100.0 * row.coverage_of_exact.value)
        };
        let _ = write!(text, "  {exact:>5}  {:>7.3}", row.uniformity);
        if let (Some(predicted), Some(excess)) = (row.predicted, row.excess) {
            let came = 100.0 * (predicted + excess.value);
            let _ = write!(text, "  {:>7.1}%  {came:>5.1}% ±{:.1}", 100.0 * predicted, 100.0 * excess.error);
        }
        text.push('\n');
    }
}
