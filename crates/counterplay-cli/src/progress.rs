//! Watching long work: progress bars, the deadline, and Ctrl-C.

use std::fmt;
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};

use counterplay::problem::Problems;
use counterplay::watch::{Stage, Watch};
use indicatif::{HumanDuration, ProgressBar, ProgressState, ProgressStyle};

use crate::deadline::Deadline;
use crate::failure::Failure;
use crate::guard;

/// The one who watches the work for the user.
#[derive(Debug)]
pub(crate) struct Console {
    deadline: Deadline,
    /// The bar of the present stage; `None` where nobody would see it.
    bar: Option<Mutex<Option<(Stage, ProgressBar)>>>,
}

impl Console {
    /// Begins to watch; the scenario must be read and unfolded in this many seconds.
    pub(crate) fn new(seconds: u64, quiet: bool) -> Self {
        let shown = !quiet && std::io::stderr().is_terminal();
        Self { deadline: Deadline::begin(seconds), bar: shown.then(|| Mutex::new(None)) }
    }

    /// Tells, from anywhere, whether the work is to stop.
    pub(crate) fn stop_sign(&self) -> impl Fn() -> bool + Send + Sync + use<> {
        let deadline = self.deadline.clone();
        move || guard::interrupted() || deadline.passed()
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
        match &*present {
            Some((shown, bar)) if *shown == stage => bar.set_position(done as u64),
            other => {
                if let Some((_, bar)) = other {
                    bar.finish_and_clear();
                }
                let bar = new_bar(stage, total);
                bar.set_position(done as u64);
                *present = Some((stage, bar));
            }
        }
    }

    fn cancelled(&self) -> bool {
        guard::interrupted() || self.deadline.passed()
    }
}

fn new_bar(stage: Stage, total: Option<usize>) -> ProgressBar {
    let words = match stage {
        Stage::Unfold => "telling the story along every history",
        Stage::Sample => "drawing from the posterior",
        Stage::Weigh => "weighing the explanations",
        Stage::Answer => "answering the what-ifs",
        Stage::Attribute => "sharing out the outcome",
        Stage::Stress => "trying the assumptions",
        Stage::Calibrate => "drawing and fitting worlds",
    };
    let (bar, template) = match total {
        Some(total) => (ProgressBar::new(total as u64), "{msg:38} {bar:30} {percent:>3}%  {left}"),
        None => (ProgressBar::no_length(), "{msg:38} {human_pos}"),
    };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.with_style(style.progress_chars("█▉▊▋▌▍▎▏ ").with_key("left", left)).with_message(words)
}

/// How long it will still take, once there is something to judge that by.
fn left(state: &ProgressState, out: &mut dyn fmt::Write) {
    const ENOUGH: f32 = 0.03;
    if state.fraction() > ENOUGH {
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
