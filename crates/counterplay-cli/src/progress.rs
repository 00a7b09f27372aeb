//! Watching long work: progress bars, the deadline, and Ctrl-C.

use std::fmt;
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};

use counterplay::problem::Problems;
use counterplay::watch::{Stage, Watch};
use counterplay_language::StopSign;
use indicatif::{HumanDuration, ProgressBar, ProgressState, ProgressStyle};

use crate::deadline::Deadline;
use crate::failure::Failure;
use crate::guard;

/// The one who watches the work for the user.
#[derive(Debug)]
pub(crate) struct Console {
    deadline: Deadline,
    /// The bar of the present stage; `None` where nobody would see it.
    bar: Option<Mutex<Option<(Pass, ProgressBar)>>>,
}

/// One pass through a stage of the work: some stages are gone through several times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pass {
    stage: Stage,
    /// Its number, from 1.
    number: usize,
    done: usize,
    total: Option<usize>,
}

impl Pass {
    /// The first pass of a stage.
    fn first(stage: Stage, done: usize, total: Option<usize>) -> Self {
        Self { stage, number: 1, done, total }
    }

    /// Where the work is after one more report: never further back in the same pass, as threads report in any order.
    fn next(self, stage: Stage, done: usize, total: Option<usize>) -> Self {
        if self.stage != stage {
            return Self::first(stage, done, total);
        }
        // What is reported late comes from the end of a pass, what is begun again from its beginning.
        let again = self.total.is_some_and(|total| self.done >= total && 2 * done < total);
        if self.total == total && !again {
            return Self { done: self.done.max(done), ..self };
        }
        Self { stage, number: self.number + 1, done, total }
    }

    /// Whether a bar that shows the other one can show this.
    fn is_same(self, other: Self) -> bool {
        self.stage == other.stage && self.number == other.number
    }
}

impl Console {
    /// Begins to watch; the scenario must be read and unfolded in this many seconds.
    pub(crate) fn new(seconds: u64, quiet: bool) -> Self {
        let shown = !quiet && std::io::stderr().is_terminal();
        Self { deadline: Deadline::begin(seconds), bar: shown.then(|| Mutex::new(None)) }
    }

    /// Gives each run of a scenario's code what tells it, from anywhere, whether it is to stop.
    pub(crate) fn stop_signs(&self) -> impl Fn() -> StopSign + Send + Sync + use<> {
        let deadline = self.deadline.clone();
        move || {
            let (deadline, run) = (deadline.clone(), deadline.run());
            Box::new(move || guard::interrupted() || deadline.passed() || run.is_late())
        }
    }

    /// The scenario is read and unfolded, and the bars are done with.
    pub(crate) fn finish(&self) {
        self.deadline.finish();
        if let Some(bar) = &self.bar
            && let Some((_, bar)) = bar.lock().unwrap_or_else(PoisonError::into_inner).take()
        {
            bar.finish_and_clear();
        }
    }

    /// Why the work ended with these problems: because of them, or because it was stopped.
    pub(crate) fn why(&self, problems: Problems) -> Failure {
        self.stopped().unwrap_or(Failure::Problems(problems))
    }

    /// Who stopped the work, if it was stopped.
    pub(crate) fn stopped(&self) -> Option<Failure> {
        if guard::interrupted() {
            Some(Failure::Interrupted)
        } else if self.deadline.passed() {
            Some(Failure::OutOfTime(self.deadline.seconds))
        } else if let Some(seconds) = self.deadline.code_was_late() {
            let message = format!(
                "the scenario's code ran for more than {seconds} seconds after its story was unfolded"
            );
            Some(
                Failure::new(message)
                    .hint("does the test of a claim take long? if it must, raise `--max-seconds`"),
            )
        } else {
            None
        }
    }
}

impl Watch for Console {
    fn advance(&self, stage: Stage, done: usize, total: Option<usize>) {
        if stage != Stage::Unfold {
            self.deadline.finish();
        }
        let Some(bar) = &self.bar else { return };
        let mut present = bar.lock().unwrap_or_else(PoisonError::into_inner);
        let pass = present
            .as_ref()
            .map_or(Pass::first(stage, done, total), |shown| shown.0.next(stage, done, total));
        match &mut *present {
            Some((shown, bar)) if shown.is_same(pass) => {
                bar.set_position(pass.done as u64);
                *shown = pass;
            }
            other => {
                if let Some((_, bar)) = other {
                    bar.finish_and_clear();
                }
                let bar = new_bar(pass);
                bar.set_position(done as u64);
                *present = Some((pass, bar));
            }
        }
    }

    fn cancelled(&self) -> bool {
        guard::interrupted() || self.deadline.passed()
    }
}

fn new_bar(pass: Pass) -> ProgressBar {
    let words = match pass.stage {
        Stage::Unfold => "telling the story along every history",
        Stage::Sample => "drawing from the posterior",
        Stage::Weigh => "weighing the explanations",
        Stage::Answer => "answering the what-ifs",
        Stage::Attribute => "sharing out the outcome",
        Stage::Stress => "trying the assumptions",
        Stage::Calibrate => "drawing and fitting worlds",
    };
    let words = if pass.number > 1 { format!("{words}, {}", pass.number) } else { words.to_owned() };
    let (bar, template) = match pass.total {
        Some(total) => (ProgressBar::new(total as u64), "{msg:38} {bar:30} {percent:>3}%  {left}"),
        None => (ProgressBar::no_length(), "{msg:38} {human_pos}"),
    };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.with_style(style.progress_chars("█▉▊▋▌▍▎▏ ").with_key("left", left)).with_message(words)
}

/// How long it will still take, once there is something to judge that by.
fn left(state: &ProgressState, out: &mut dyn fmt::Write) {
    const ENOUGH: f32 = 0.03;
    if state.fraction() > ENOUGH && state.eta().as_secs() > 0 {
        // A bar that cannot be written to is not there.
        let _ = write!(out, "{:#} left", HumanDuration(state.eta()));
    }
}

/// A line that tells how far work of unknown length is.
pub(crate) fn spinner() -> ProgressBar {
    let line = ProgressBar::new_spinner();
    line.enable_steady_tick(std::time::Duration::from_millis(100));
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_never_runs_backwards_and_a_new_pass_has_a_bar_of_its_own() {
        let pass = Pass::first(Stage::Answer, 1, Some(30)).next(Stage::Answer, 30, Some(30));
        assert_eq!((pass.number, pass.done), (1, 30));
        // A thread reports late.
        assert_eq!(pass.next(Stage::Answer, 29, Some(30)), pass);
        let out_of_order = Pass::first(Stage::Answer, 5, Some(9)).next(Stage::Answer, 4, Some(9));
        assert_eq!((out_of_order.number, out_of_order.done), (1, 5));
        let again = pass.next(Stage::Answer, 1, Some(30));
        assert_eq!((again.number, again.done), (2, 1));
        let other_length = pass.next(Stage::Answer, 1, Some(8));
        assert_eq!((other_length.number, other_length.done), (2, 1));
        assert_eq!(again.next(Stage::Stress, 1, Some(30)).number, 1);
    }
}
