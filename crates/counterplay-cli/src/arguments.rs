//! What can be asked of the program, with the help that teaches it.

use clap::{Args, Parser, Subcommand};
use counterplay::language::ReadLimits;
use counterplay::story::Limits;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use crate::commands::{ask, check, draw, new, run, shell, solve};
use crate::size::Bytes;

/// What if? Political bargaining as games with incomplete information
///
/// A scenario tells a political process as a short program: who decides, who knows what, what chance decides, what
/// each side wants, how sure you are of each number and on what evidence. Counterplay turns it into a game, finds
/// how the players would play, learns the uncertain numbers from what really happened, and answers "what if?".
#[derive(Debug, Parser)]
#[command(
    name = "counterplay",
    bin_name = "counterplay",
    version,
    max_term_width = 100,
    subcommand_required = true
)]
#[command(arg_required_else_help = true, after_help = MAP, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    /// The command.
    #[command(subcommand)]
    pub(crate) command: Command,
}

const MAP: &str = "\
The way through:
  counterplay new my-case          a small scenario that runs, to change into yours
  counterplay check my-case        all that is wrong with it, and what rests on judgement
  counterplay draw my-case         the tree of what can happen
  counterplay solve my-case        how the players play, before any record
  counterplay run my-case          the whole analysis: a summary here, a report as HTML
  counterplay ask my-case 'do({\"threat\": \"stay\"})'    one more what-if

Each command's --help ends in an example. Exit codes: 0 done; 1 bad input; 2 something did not
converge, and the result was written all the same; 130 interrupted.";

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Run(run::Run),
    Check(check::Check),
    Solve(solve::Solve),
    Ask(ask::Ask),
    Draw(draw::Draw),
    New(new::New),
    Completions(shell::Completions),
    Man(shell::Man),
}

impl Command {
    /// The bounds on a scenario, for commands that read one.
    pub(crate) fn bounds(&self) -> Option<&Bounds> {
        match self {
            Self::Run(run) => Some(&run.common.bounds),
            Self::Check(check) => Some(&check.common.bounds),
            Self::Solve(solve) => Some(&solve.common.bounds),
            Self::Ask(ask) => Some(&ask.common.bounds),
            Self::Draw(draw) => Some(&draw.common.bounds),
            Self::New(_) | Self::Completions(_) | Self::Man(_) => None,
        }
    }

    /// How many threads are to work; as many as there are cores if it does not say.
    pub(crate) fn threads(&self) -> usize {
        let asked = match self {
            Self::Run(run) => run.sampling.threads,
            Self::Ask(ask) => ask.sampling.threads,
            Self::Check(_) | Self::Solve(_) | Self::Draw(_) | Self::New(_) | Self::Completions(_) | Self::Man(_) => {
                Some(NonZeroUsize::MIN)
            }
        };
        asked.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get)
    }
}

/// What every command that reads a scenario takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct Common {
    /// The scenario: a folder with a `scenario.star`, or a `.star` file
    #[arg(value_name = "SCENARIO")]
    pub(crate) scenario: PathBuf,

    /// Show no progress and no remarks
    #[arg(short, long)]
    pub(crate) quiet: bool,

    #[command(flatten)]
    pub(crate) bounds: Bounds,
}

/// Bounds on what a scenario may take. Each names itself when it is met.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Bounds")]
pub(crate) struct Bounds {
    /// Histories of the story
    #[arg(long, value_name = "N", default_value_t = Limits::default().histories, hide_short_help = true)]
    max_histories: usize,

    /// Nodes of the game tree
    #[arg(long, value_name = "N", default_value_t = Limits::default().nodes, hide_short_help = true)]
    max_nodes: usize,

    /// Events along one history
    #[arg(long, value_name = "N", default_value_t = Limits::default().events, hide_short_help = true)]
    max_events: usize,

    /// Steps (calls, and turns of loops) each time that code of the scenario runs
    #[arg(long, value_name = "N", default_value_t = ReadLimits::default().max_steps, hide_short_help = true)]
    max_steps: u64,

    /// Functions that wait for one another
    #[arg(long, value_name = "N", default_value_t = ReadLimits::default().max_depth, hide_short_help = true)]
    max_depth: usize,

    /// Memory for values each time that code of the scenario runs
    #[arg(long, value_name = "SIZE", default_value_t = Bytes(ReadLimits::default().max_memory as u64))]
    #[arg(hide_short_help = true)]
    max_memory: Bytes,

    /// Memory of the whole process that works on the scenario
    #[arg(long, value_name = "SIZE", default_value = "4GiB", hide_short_help = true, value_parser = enough)]
    pub(crate) max_process_memory: Bytes,

    /// Seconds for reading the scenario and unfolding its story
    #[arg(long, value_name = "SECONDS", default_value_t = 60, hide_short_help = true)]
    pub(crate) max_seconds: u64,
}

impl Bounds {
    /// Those on unfolding a story.
    pub(crate) fn of_story(&self) -> Limits {
        Limits { histories: self.max_histories, nodes: self.max_nodes, events: self.max_events }
    }

    /// Those on running a scenario's code, which also ends where `cancelled` says so.
    pub(crate) fn of_code(&self, cancelled: impl Fn() -> bool + Send + Sync + 'static) -> ReadLimits {
        ReadLimits {
            max_steps: self.max_steps,
            max_memory: usize::try_from(self.max_memory.0).unwrap_or(usize::MAX),
            max_depth: self.max_depth,
            cancelled: Arc::new(cancelled),
        }
    }
}

/// A size of memory in which the program itself can live.
fn enough(text: &str) -> Result<Bytes, String> {
    let (size, least) = (text.parse::<Bytes>()?, Bytes(64 << 20));
    if size < least { Err(format!("the program itself needs {least}")) } else { Ok(size) }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_sound() {
        super::Arguments::command().debug_assert();
    }
}
