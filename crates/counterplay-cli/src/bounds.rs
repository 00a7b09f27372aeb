//! Bounds on what a scenario may take of a machine.

use std::sync::Arc;

use clap::Args;
use counterplay::story::limits::Limits;
use counterplay_language::{ReadLimits, StopSign};

use crate::size::Bytes;

/// Under which they stand in the help.
const HEADING: &str = "Bounds";

/// Bounds on what a scenario may take. Each names itself when it is met.
#[derive(Clone, Debug, Args)]
pub(crate) struct Bounds {
    /// Histories of the story
    #[arg(long = "max-histories", value_name = "N", default_value_t = Limits::default().histories)]
    #[arg(hide_short_help = true, help_heading = HEADING)]
    histories: usize,

    /// Nodes of the game tree
    #[arg(long = "max-nodes", value_name = "N", default_value_t = Limits::default().nodes)]
    #[arg(hide_short_help = true, help_heading = HEADING)]
    nodes: usize,

    /// Events along one history
    #[arg(long = "max-events", value_name = "N", default_value_t = Limits::default().events)]
    #[arg(hide_short_help = true, help_heading = HEADING)]
    events: usize,

    /// States of a process
    #[arg(long = "max-states", value_name = "N", default_value_t = Limits::default().states)]
    #[arg(hide_short_help = true, help_heading = HEADING)]
    states: usize,

    /// Steps (calls, and turns of loops) each time that code of the scenario runs
    #[arg(long = "max-steps", value_name = "N", default_value_t = ReadLimits::default().max_steps)]
    #[arg(hide_short_help = true, help_heading = HEADING)]
    steps: u64,

    /// Maximum depth of calls
    #[arg(long = "max-depth", value_name = "N", default_value_t = ReadLimits::default().max_depth)]
    #[arg(hide_short_help = true, help_heading = HEADING)]
    call_depth: usize,

    /// Memory for values each time that code of the scenario runs
    #[arg(long = "max-memory", value_name = "SIZE", default_value_t = Bytes(ReadLimits::default().max_memory as u64))]
    #[arg(hide_short_help = true, help_heading = HEADING)]
    memory: Bytes,

    /// Memory of the whole process that works on the scenario
    #[arg(long = "max-process-memory", value_name = "SIZE", default_value = "2GiB", value_parser = enough)]
    #[arg(hide_short_help = true, help_heading = HEADING)]
    pub(crate) process_memory: Bytes,

    /// Seconds for reading the scenario and unfolding its story; its code may run five times as long in all after that, as
    /// for the tests of claims
    #[arg(long = "max-seconds", value_name = "SECONDS", default_value_t = 60)]
    #[arg(hide_short_help = true, help_heading = HEADING)]
    pub(crate) seconds: u64,
}

/// The bound of commands that read no scenario.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Memory {
    /// Memory of the whole process that does the work
    #[arg(long = "max-process-memory", value_name = "SIZE", default_value = "2GiB", value_parser = enough)]
    #[arg(hide_short_help = true, help_heading = HEADING)]
    pub(crate) process_memory: Bytes,
}

impl Bounds {
    /// Those on unfolding a story.
    pub(crate) fn of_story(&self) -> Limits {
        Limits { histories: self.histories, nodes: self.nodes, events: self.events, states: self.states }
    }

    /// Those on running a scenario's code; `begin` is called as each run begins.
    pub(crate) fn of_code(&self, begin: impl Fn() -> StopSign + Send + Sync + 'static) -> ReadLimits {
        ReadLimits {
            max_steps: self.steps,
            max_memory: usize::try_from(self.memory.0).unwrap_or(usize::MAX),
            max_depth: self.call_depth,
            begin: Arc::new(begin),
        }
    }
}

/// A size of memory in which the program itself can live.
fn enough(text: &str) -> Result<Bytes, String> {
    let (size, least) = (text.parse::<Bytes>()?, Bytes(64 << 20));
    if size < least { Err(format!("the program itself needs {least}")) } else { Ok(size) }
}
