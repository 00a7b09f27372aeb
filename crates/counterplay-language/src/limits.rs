//! Bounds on running a scenario's code.

use std::fmt;
use std::sync::Arc;

/// Asked now and then while code runs; where it says `true` the run ends. It is dropped when the run has ended.
pub type StopSign = Box<dyn Fn() -> bool>;

/// Bounds on running a scenario's code, each named in the error that it gives. They hold for each run by itself:
/// for the declarations of a file, for the telling of one history, for the test of one claim.
#[derive(Clone)]
pub struct ReadLimits {
    /// Steps: calls of functions, and turns of loops. What a single call does to a long list or text counts as well.
    pub max_steps: u64,
    /// Memory for values, in bytes.
    pub max_memory: usize,
    /// The maximum call depth.
    pub max_depth: usize,
    /// Called as each run begins. So a caller who has a clock, as this library has none, can bound the time of one run or of
    /// all together.
    pub begin: Arc<dyn Fn() -> StopSign + Send + Sync>,
}

impl Default for ReadLimits {
    fn default() -> Self {
        Self {
            max_steps: 5_000_000,
            max_memory: 256_000_000,
            max_depth: 100,
            begin: Arc::new(|| Box::new(|| false)),
        }
    }
}

impl fmt::Debug for ReadLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadLimits")
            .field("max_steps", &self.max_steps)
            .field("max_memory", &self.max_memory)
            .field("max_depth", &self.max_depth)
            .finish_non_exhaustive()
    }
}
