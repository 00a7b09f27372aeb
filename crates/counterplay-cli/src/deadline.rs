//! The time within which a scenario must be read and unfolded, and the time that its code may take after that.

use std::process::exit;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::{BAD_INPUT, Failure};
use crate::output::complain;

/// What works past the deadline without asking whether it has passed is ended after this much longer.
const GRACE: Duration = Duration::from_secs(3);

/// Once a story is unfolded, the scenario's code may run this many times as long in all.
const AFTER_THAT: u32 = 5;

/// A deadline that runs until it is [finished](Self::finish) or passes.
#[derive(Clone, Debug)]
pub(crate) struct Deadline {
    /// How long it was, in seconds.
    pub(crate) seconds: u64,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    finished: Mutex<bool>,
    changed: Condvar,
    passed: AtomicBool,
    /// Milliseconds for which code of the scenario ran after the deadline was finished.
    used: AtomicU64,
    code_was_late: AtomicBool,
}

impl Deadline {
    /// A deadline that begins now.
    pub(crate) fn begin(seconds: u64) -> Self {
        let deadline = Self { seconds, state: Arc::default() };
        let own = deadline.clone();
        thread::spawn(move || own.keep());
        deadline
    }

    fn keep(&self) {
        if self.runs_past(Duration::from_secs(self.seconds)) {
            self.state.passed.store(true, Ordering::Relaxed);
            if self.runs_past(GRACE) {
                complain(&Failure::OutOfTime(self.seconds).to_string());
                exit(i32::from(BAD_INPUT));
            }
        }
    }

    /// Waits; whether the work is still not finished.
    fn runs_past(&self, time: Duration) -> bool {
        let finished = self.state.finished.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.state.changed.wait_timeout_while(finished, time, |finished| !*finished);
        !*waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// The work is finished: the deadline can no longer pass.
    pub(crate) fn finish(&self) {
        *self.state.finished.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.state.changed.notify_all();
    }

    fn is_finished(&self) -> bool {
        *self.state.finished.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A run of the scenario's code that begins now.
    pub(crate) fn run(&self) -> Run {
        let counts = self.is_finished();
        Run { deadline: self.clone(), began: Instant::now(), counts }
    }

    /// After how many seconds the scenario's code was stopped, if it was.
    pub(crate) fn code_was_late(&self) -> Option<u64> {
        self.state.code_was_late.load(Ordering::Relaxed).then(|| self.for_code().as_secs())
    }

    fn for_code(&self) -> Duration {
        Duration::from_secs(self.seconds).saturating_mul(AFTER_THAT)
    }

    /// Whether it has passed.
    pub(crate) fn passed(&self) -> bool {
        self.state.passed.load(Ordering::Relaxed)
    }
}

/// A run of the scenario's code, until it is dropped.
#[derive(Debug)]
pub(crate) struct Run {
    deadline: Deadline,
    began: Instant,
    /// Whether it began after the story was unfolded.
    counts: bool,
}

impl Run {
    /// Whether it runs on past the time that is left for the scenario's code.
    pub(crate) fn is_late(&self) -> bool {
        let state = &self.deadline.state;
        let used = Duration::from_millis(state.used.load(Ordering::Relaxed));
        let is_late = self.counts && used.saturating_add(self.began.elapsed()) > self.deadline.for_code();
        if is_late {
            state.code_was_late.store(true, Ordering::Relaxed);
        }
        is_late
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        if self.counts {
            // Many short runs are less than a millisecond each: those are not what the bound is for.
            let ran = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
            self.deadline.state.used.fetch_add(ran, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_passes_unless_it_is_finished() {
        let (late, early) = (Deadline::begin(0), Deadline::begin(60));
        early.finish();
        while !late.passed() {
            thread::yield_now();
        }
        // A deadline that is left running ends the process.
        late.finish();
        assert!(!early.passed());
    }

    #[test]
    fn code_that_runs_after_the_story_has_a_time_of_its_own() {
        let deadline = Deadline::begin(0);
        deadline.finish();
        let run = deadline.run();
        std::thread::sleep(Duration::from_millis(2));
        assert!(run.is_late() && deadline.code_was_late() == Some(0));
        let long = Deadline::begin(60);
        assert!(!long.run().is_late());
        long.finish();
        assert!(!long.run().is_late() && long.code_was_late().is_none());
    }
}
