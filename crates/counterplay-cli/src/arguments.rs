//! What can be asked of the program, with the help that teaches it.

use std::num::NonZeroUsize;

use clap::{Parser, Subcommand};

use crate::bounds::Bounds;
use crate::commands::{
    ask, calibrate, certify, check, convert, draw, estimate, new, power, run, shell, solve, spatial,
};

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
    /// The bounds on a scenario, for commands that read one.
    pub(crate) fn bounds(&self) -> Option<&Bounds> {
        match self {
            Self::Run(run) => Some(&run.common.bounds),
            Self::Check(check) => Some(&check.common.bounds),
            Self::Solve(solve) => Some(&solve.common.bounds),
            Self::Ask(ask) => Some(&ask.common.bounds),
            Self::Calibrate(calibrate) => Some(&calibrate.common.bounds),
            Self::Draw(draw) => Some(&draw.common.bounds),
            Self::Convert(convert) => Some(&convert.bounds),
            Self::Certify(_)
            | Self::Estimate(_)
            | Self::Power(_)
            | Self::Spatial(_)
            | Self::New(_)
            | Self::Completions(_)
            | Self::Man(_) => None,
        }
    }

    /// How many threads are to work; as many as there are cores if it does not say.
    pub(crate) fn threads(&self) -> usize {
        let asked = match self {
            Self::Run(run) => run.sampling.threads,
            Self::Ask(ask) => ask.sampling.threads,
            Self::Calibrate(calibrate) => calibrate.threads,
            Self::Check(_)
            | Self::Solve(_)
            | Self::Draw(_)
            | Self::Certify(_)
            | Self::Estimate(_)
            | Self::Convert(_)
            | Self::Power(_)
            | Self::Spatial(_)
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
