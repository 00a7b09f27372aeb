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
}

impl Check {
    /// Checks the scenario.
    pub(crate) fn act(&self) -> Result<Verdict, Failure> {
        let opened = super::open(&self.common, |input| input)?;
        let notices = opened.checked(self.common.bounds.of_story())?;
        if !self.common.quiet {
            let mut told = vec![format!("{}: no problems\n", opened.scenario.title)];
            told.extend(notices.iter().map(|notice| as_note(notice) + "\n"));
            output::print(&output::harmless(&told.join("\n")))?;
        }
        Ok(Verdict::Done)
    }
}

/// A notice, told as a note and not as an error.
fn as_note(notice: &Problem) -> String {
    notice.to_string().replacen("error:", "note:", 1)
}
