//! The commands, one file each, and what those that read a scenario share.

pub(crate) mod ask;
pub(crate) mod calibrate;
pub(crate) mod certify;
pub(crate) mod check;
pub(crate) mod convert;
pub(crate) mod draw;
pub(crate) mod estimate;
pub(crate) mod new;
pub(crate) mod power;
pub(crate) mod run;
pub(crate) mod shell;
pub(crate) mod solve;
pub(crate) mod spatial;

use counterplay::Error;
use counterplay::assemble::analyse::analyse_with;
use counterplay::check::{Checked, check, leave_out, unread};
use counterplay::memory::{Forgetful, Memory};
use counterplay::problem::{Problem, Problems};
use counterplay::scenario::Scenario;
use counterplay::settings::Settings;
use counterplay::story::limits::Limits;
use counterplay_analysis::Analysis;

use crate::common::Common;
use crate::failure::{Failure, Verdict};
use crate::input::Input;
use crate::progress::Console;
use crate::sampling::Sampling;
use crate::stale::{self, Stale};

/// A scenario that has been read, and the one who watches the work on it.
struct Session {
    input: Input,
    scenario: Scenario,
    console: Console,
}

/// Finds a scenario and reads it; `prepare` may change the input in between.
fn open(common: &Common, prepare: impl FnOnce(Input) -> Input) -> Result<Session, Failure> {
    let input = prepare(Input::find(&common.scenario)?.with_settings(&common.settings));
    let console = Console::new(common.bounds.seconds, common.quiet);
    let read = input.read(&common.bounds.of_code(console.stop_signs()));
    let scenario = read.map_err(|problems| console.why(problems))?;
    Ok(Session { input, scenario, console })
}

impl Session {
    /// The story has been told: whether it has asked for all settings that were given.
    fn all_settings_read(&self) -> Result<(), Failure> {
        unread(&self.scenario).map_or(Ok(()), |problem| Err(self.failure(&problem.into())))
    }

    /// Checks the scenario; gives what its author should know.
    fn checked(&self, limits: Limits) -> Result<Notes, Failure> {
        let mut checked = check(&self.scenario, limits, &self.console);
        let unsound = std::mem::take(&mut checked.unsound);
        checked.problems.extend(unsound.into_iter().map(|what_if| what_if.problem));
        self.noted(checked)
    }

    /// Checks the scenario, and leaves out of it the what-ifs whose numbers are wrong, with what asks about them; gives what has to be
    /// said of each.
    fn without_unsound(&mut self, limits: Limits) -> Result<Vec<String>, Failure> {
        let mut checked = check(&self.scenario, limits, &self.console);
        let unsound = std::mem::take(&mut checked.unsound);
        self.noted(checked)?;
        let names: Vec<String> = unsound.iter().map(|what_if| what_if.name.clone()).collect();
        let gone = leave_out(&mut self.scenario, &names);
        let with = |gone: &[String]| {
            let names: Vec<String> = gone.iter().map(|name| format!("`{name}`")).collect();
            format!("left out with what-ifs that cannot be answered: {}", names.join(", "))
        };
        let told =
            unsound.iter().map(|what_if| left_out(&what_if.name, &self.input.told_one(&what_if.problem)));
        Ok(told.chain((!gone.is_empty()).then(|| with(&gone))).collect())
    }

    fn noted(&self, checked: Checked) -> Result<Notes, Failure> {
        match (self.console.stopped(), Problems::new(checked.problems)) {
            (Some(stopped), _) => Err(stopped),
            (None, Some(problems)) => Err(self.failure(&problems.into())),
            (None, None) => {
                let told = |all: &[Problem]| all.iter().map(|p| self.input.told_one(p)).collect::<Vec<_>>();
                let stale = stale::stale(&self.input, &self.scenario.chain);
                let mut remarks = told(&checked.notices);
                remarks.extend(stale.iter().map(Stale::notice));
                Ok(Notes { remarks, judgement: told(&checked.judgement) })
            }
        }
    }

    /// Checks and analyses the scenario.
    fn analysed(&self, settings: &Settings, sampling: &Sampling) -> Result<Analysis, Failure> {
        self.checked(settings.limits)?;
        self.analysed_unchecked(settings, sampling)
    }

    /// Analyses a scenario that has been checked.
    fn analysed_unchecked(&self, settings: &Settings, sampling: &Sampling) -> Result<Analysis, Failure> {
        let cache = if sampling.no_cache { None } else { self.input.cache() };
        let memory: &dyn Memory = cache.as_ref().map_or(&Forgetful, |cache| cache);
        let result = analyse_with(&self.scenario, settings, memory, &self.console);
        self.console.finish();
        let warned = result.map(|mut analysis| {
            stale::warn(&mut analysis, &self.input);
            analysis
        });
        warned.map_err(|error| self.failure(&error))
    }

    /// Why the work ended: because someone stopped it, or with this error.
    fn failure(&self, error: &Error) -> Failure {
        if let Some(stopped) = self.console.stopped() {
            return stopped;
        }
        match self.input.told(error.problems()) {
            Some(problems) => Failure::Problems(problems),
            None if error.is_cancelled() => Failure::Interrupted,
            None if error.is_unsolved() => Failure::not_solved(error.to_string()),
            None => Failure::new(error.to_string()),
        }
    }
}

/// What an author should know of a scenario that is sound.
struct Notes {
    remarks: Vec<Problem>,
    /// The parameters that rest on judgement alone.
    judgement: Vec<Problem>,
}

/// What a warning says of a what-if that is left out.
fn left_out(name: &str, problem: &Problem) -> String {
    let message = problem.message.strip_prefix(&format!("under the what-if `{name}`: "));
    let at = problem.place.as_ref().map_or_else(String::new, |p| format!(" ({}, line {})", p.file, p.line));
    let hint = problem.hint.as_ref().map_or_else(String::new, |hint| format!("; {hint}"));
    format!("the what-if `{name}`{at} is left out: {}{hint}", message.unwrap_or(&problem.message))
}

/// Whether everything that had to converge did.
fn verdict_on(analysis: &Analysis) -> Verdict {
    let explanations = analysis.comparison.iter().flat_map(|c| &c.explanations).all(|a| a.converged);
    let variants = analysis.variants.iter().flat_map(|v| &v.run).all(|v| v.converged);
    let main = analysis.play.converged && analysis.sampling.converged;
    if main && explanations && variants { Verdict::Done } else { Verdict::NotConverged }
}
