//! The time within which a scenario must be read and unfolded.

use std::process::exit;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::failure::{BAD_INPUT, Failure};
use crate::output::complain;

/// What works past the deadline without asking whether it has passed is ended after this much longer.
const GRACE: Duration = Duration::from_secs(3);

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

    /// Whether it has passed.
    pub(crate) fn passed(&self) -> bool {
        self.state.passed.load(Ordering::Relaxed)
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
}
