//! What can be asked of the program, with the help that teaches it.

use std::num::NonZeroUsize;

use clap::{Parser, Subcommand};

use crate::commands::{
    ask, calibrate, certify, check, convert, draw, estimate, new, power, run, shell, solve, spatial,
};
use crate::reach::Reach;
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
  counterplay calibrate my-case    do its intervals hold what they promise?

Game files of Gambit's (.efg, .nfg):
  counterplay solve poker.efg      an equilibrium, by the method asked for
  counterplay certify poker.efg profile.txt               is this an equilibrium?
  counterplay estimate game.nfg counts.txt                the maximum-likelihood precision
  counterplay draw poker.efg --svg poker.svg              a figure for print
  counterplay convert my-case my-case.efg                 a scenario as a game file

Bodies that vote:
  counterplay power A=52 B=51 C=8  indices of power
  counterplay spatial actors.csv   predict where actors with given positions settle

Each command's --help ends in an example. Exit codes: 0 done; 1 bad input; 2 something did not
converge, and the result was written all the same; 130 interrupted.";

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Run(run::Run),
    Check(check::Check),
    Solve(solve::Solve),
    Ask(ask::Ask),
    Calibrate(calibrate::Calibrate),
    Certify(certify::Certify),
    Draw(draw::Draw),
    Convert(convert::Convert),
    Estimate(estimate::Estimate),
    Power(power::Power),
    Spatial(Box<spatial::Spatial>),
    New(new::New),
    Completions(shell::Completions),
    Man(shell::Man),
}

impl Command {
    /// What the process may hold that carries it out, for commands that read a file.
    pub(crate) fn memory(&self) -> Option<Bytes> {
        match self {
            Self::Run(run) => Some(run.common.bounds.process_memory),
            Self::Check(check) => Some(check.common.bounds.process_memory),
            Self::Solve(solve) => Some(solve.common.bounds.process_memory),
            Self::Ask(ask) => Some(ask.common.bounds.process_memory),
            Self::Calibrate(calibrate) => Some(calibrate.common.bounds.process_memory),
            Self::Draw(draw) => Some(draw.common.bounds.process_memory),
            Self::Convert(convert) => Some(convert.bounds.process_memory),
            Self::Certify(certify) => Some(certify.memory.process_memory),
            Self::Estimate(estimate) => Some(estimate.memory.process_memory),
            Self::Power(power) => Some(power.memory.process_memory),
            Self::Spatial(spatial) => Some(spatial.memory.process_memory),
            Self::New(_) | Self::Completions(_) | Self::Man(_) => None,
        }
    }

    /// The files that it needs.
    pub(crate) fn reach(&self) -> Reach {
        match self {
            Self::Run(run) => run.reach(),
            Self::Check(check) => Reach::of_scenario(&check.common.scenario),
            Self::Solve(solve) => solve.reach(),
            Self::Ask(ask) => Reach::of_scenario(&ask.common.scenario).caching(&ask.sampling),
            Self::Calibrate(calibrate) => calibrate.reach(),
            Self::Draw(draw) => draw.reach(),
            Self::Convert(convert) => convert.reach(),
            Self::Certify(certify) => certify.reach(),
            Self::Estimate(estimate) => estimate.reach(),
            Self::Power(power) => power.reach(),
            Self::Spatial(spatial) => spatial.reach(),
            Self::New(_) | Self::Completions(_) | Self::Man(_) => Reach::default(),
        }
    }

    /// Whether it reads the standard input.
    pub(crate) fn reads_standard_input(&self) -> bool {
        matches!(self, Self::Certify(certify) if certify.reads_standard_input())
    }

    /// How many threads are to work; as many as there are cores if it does not say.
    pub(crate) fn threads(&self) -> usize {
        let asked = match self {
            Self::Run(run) => run.sampling.threads,
            Self::Ask(ask) => ask.sampling.threads,
            Self::Calibrate(calibrate) => calibrate.threads,
            // What they do in parallel, they do on all cores.
            Self::Spatial(spatial) => spatial.threads,
            Self::Certify(_) | Self::Estimate(_) | Self::Power(_) => None,
            Self::Check(_)
            | Self::Solve(_)
            | Self::Draw(_)
            | Self::Convert(_)
            | Self::New(_)
            | Self::Completions(_)
            | Self::Man(_) => Some(NonZeroUsize::MIN),
        };
        asked.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_sound() {
        super::Arguments::command().debug_assert();
    }
}
