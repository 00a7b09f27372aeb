//! `counterplay check`: what is wrong with a scenario.

use clap::Args;
use counterplay::problem::Problem;

use crate::common::Common;
use crate::failure::{Failure, Verdict};
use crate::output;

/// Say all that is wrong with a scenario, without analysing it
///
/// Reads the declarations, tells the story along every history, and looks whether the record, the what-ifs, the
/// factors and the explanations fit it. Then it lists what a reader will ask about: above all parameters that rest on
/// judgement alone.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  counterplay check my-case
  counterplay check my-case --quiet && echo fit to run")]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) common: Common,

    /// Show each parameter that rests on judgement alone with its place
    #[arg(long, conflicts_with = "quiet")]
    verbose: bool,
}

impl Check {
    /// Checks the scenario.
    pub(crate) fn act(&self) -> Result<Verdict, Failure> {
        let opened = super::open(&self.common, |input| input)?;
        let notes = opened.checked(self.common.bounds.of_story())?;
        if !self.common.quiet {
            let mut told = vec![format!("{}: no problems\n", opened.scenario.title)];
            told.extend(notes.remarks.iter().map(|notice| as_note(notice) + "\n"));
            if self.verbose {
                told.extend(notes.judgement.iter().map(|notice| as_note(notice) + "\n"));
            } else {
                let parameters = opened.scenario.parameters.len();
                told.extend(judgement_in_short(&notes.judgement, parameters).map(|note| note + "\n"));
            }
            output::print(&told.join("\n"))?;
        }
        Ok(Verdict::Done)
    }
}

/// A notice, told as a note and not as an error.
fn as_note(notice: &Problem) -> String {
    notice.to_string().replacen("error:", "note:", 1)
}

/// How much rests on judgement alone, in two lines.
fn judgement_in_short(alone: &[Problem], parameters: usize) -> Option<String> {
    const NAMED: usize = 4;
    let name = |p: &Problem| p.message.split('`').nth(1).map(|name| format!("`{name}`"));
    let names: Vec<String> = alone.iter().take(NAMED).filter_map(name).collect();
    let more = alone.len().checked_sub(NAMED).filter(|more| *more > 0);
    let more = more.map_or_else(String::new, |more| format!(" and {more} more"));
    let rest = if alone.len() == 1 { "rests" } else { "rest" };
    (!alone.is_empty()).then(|| {
        format!(
            "note: {} of {parameters} parameters {rest} on judgement alone: {}{more}\n\
             hint: `--verbose` shows each with its place",
            alone.len(),
            names.join(", ")
        )
    })
}
