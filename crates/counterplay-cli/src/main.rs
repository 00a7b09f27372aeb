//! The command line of Counterplay.
//!
//! The only crate that touches files, the clock and the terminal: it reads a scenario's folder, hands the texts to
//! the library, and writes what comes back. [`guard`] tells why most commands run in a child process.

mod actors_file;
mod arguments;
mod bounds;
mod cache;
mod columns;
mod commands;
mod common;
mod deadline;
mod expected;
mod failure;
mod fault;
mod figure;
mod game_file;
mod guard;
mod input;
mod method;
mod names;
mod number;
mod other_equilibria;
mod output;
mod point;
mod progress;
mod reach;
mod read_file;
mod sampling;
mod sandbox;
mod size;
mod solution;
mod stale;
mod status;
mod tables;
mod tree;
mod write_file;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use counterplay_analysis::printable::lines;

use arguments::{Arguments, Command};
use failure::{BAD_INPUT, Failure, Verdict};
use guard::Needs;
use reach::Reach;

fn main() -> ExitCode {
    fault::caught(|| match Arguments::try_parse() {
        Ok(arguments) => enter(&arguments.command),
        Err(error) => {
            let steers = |argument: OsString| {
                let argument = argument.to_string_lossy();
                lines(&argument) != argument
            };
            if std::env::args_os().any(steers) {
                output::complain(error.render().to_string().trim_end());
            } else {
                // Where nobody can read the message, the code still tells.
                let _ = error.print();
            }
            if let Some(hint) = json_apart(std::env::args()) {
                output::complain(&hint);
            }
            if error.kind() == ErrorKind::DisplayVersion && std::env::args().any(|word| word == "--version") {
                // To see what the system does, this process asks it of itself: it has nothing else to do.
                let _ = output::print(&format!("{}\n", sandbox::enter(&Reach::default())));
            }
            if error.use_stderr() { ExitCode::from(BAD_INPUT) } else { ExitCode::SUCCESS }
        }
    })
}

/// Carries out a command: in a child process if it reads files.
fn enter(command: &Command) -> ExitCode {
    let Some(memory) = command.memory() else { return told(act(command)) };
    let threads = command.threads();
    let needs = Needs { memory, threads, standard_input: command.reads_standard_input() };
    if !guard::inside() {
        return guard::run_in_child(needs);
    }
    sandbox::enter(&command.reach());
    guard::enter(needs);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(guard::STACK).build();
    told(match pool {
        Ok(pool) => pool.install(|| act(command)),
        Err(error) => Err(Failure::new(format!("{threads} threads could not be started: {error}"))
            .hint("ask for fewer with `--threads`, or raise `--max-process-memory`")),
    })
}

/// What helps where the file of `--json` stands apart from it, which reads as one more argument.
fn json_apart(arguments: impl Iterator<Item = String>) -> Option<String> {
    let all: Vec<String> = arguments.collect();
    let runs = all.get(1).is_some_and(|command| command == "run");
    let file = all.iter().skip_while(|a| *a != "--json").nth(1).filter(|file| !file.starts_with('-'))?;
    runs.then(|| format!("hint: write `--json={file}`, without a blank"))
}

fn act(command: &Command) -> Result<Verdict, Failure> {
    match command {
        Command::Run(run) => run.act(),
        Command::Check(check) => check.act(),
        Command::Solve(solve) => solve.act(),
        Command::Ask(ask) => ask.act(),
        Command::Calibrate(calibrate) => calibrate.act(),
        Command::Certify(certify) => certify.act(),
        Command::Estimate(estimate) => estimate.act(),
        Command::Draw(draw) => draw.act(),
        Command::Convert(convert) => convert.act(),
        Command::Power(power) => power.act(),
        Command::Spatial(spatial) => spatial.act(),
        Command::New(new) => new.act(),
        Command::Completions(completions) => completions.act(Arguments::command()),
        Command::Man(man) => man.act(Arguments::command()),
    }
}

fn told(result: Result<Verdict, Failure>) -> ExitCode {
    match result {
        Ok(verdict) => verdict.into(),
        Err(failure) => {
            output::complain(&failure.to_string());
            failure.exit_code()
        }
    }
}
