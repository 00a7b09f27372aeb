//! Our side of the comparison with other programs that `benches/peers/run` makes: it writes the games, solves them from
//! their files and prints what it found and what that took, as JSON.
//!
//!     cargo run --release -p counterplay-equilibrium --example peers -- games <folder>
//!     cargo run --release -p counterplay-equilibrium --example peers -- quantal <file.efg> <precision>
//!     cargo run --release -p counterplay-equilibrium --example peers -- regret <file.efg> <iterations>
//!     cargo run --release -p counterplay-equilibrium --example peers -- all <file.nfg>
//!     cargo run --release -p counterplay-equilibrium --example peers -- one <file.nfg>
//!     cargo run --release -p counterplay-equilibrium --example peers -- markov <file.json>
#![allow(clippy::disallowed_methods, clippy::disallowed_macros, clippy::disallowed_types)]

#[path = "../../tests/common/mod.rs"]
mod common;
mod games;
mod measure;
#[path = "../../tests/common/processes.rs"]
mod processes;
mod stochastic;

use std::error::Error;
use std::process::ExitCode;

use counterplay_equilibrium::cfr::{self, Variant};
use counterplay_equilibrium::logit;
use counterplay_equilibrium::nash::bimatrix::{Bimatrix, MixedProfile};
use counterplay_equilibrium::nash::lemke_howson::lemke_howson;
use counterplay_equilibrium::nash::support_enumeration::{self, all_equilibria};
use counterplay_equilibrium::referee::best_response::{expected_payoffs, nash_conv};
use counterplay_game::gambit::{read_efg, read_nfg};
use counterplay_game::id::InfoSetId;
use counterplay_game::tree::Game;
use serde_json::{Value, json};

use measure::repeated;

/// What the command line asks for, or why it cannot be had.
type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(found) => {
            println!("{found}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Outcome<Value> {
    match arguments {
        ["games", folder] => games::write(folder.as_ref()),
        ["quantal", file, precision] => quantal(&tree(file)?, precision.parse()?),
        ["regret", file, iterations] => regret(&tree(file)?, iterations.parse()?),
        ["all", file] => all(&two_players(file)?),
        ["one", file] => one(&two_players(file)?),
        ["markov", file] => stochastic::solve(&serde_json::from_str(&std::fs::read_to_string(file)?)?),
        _ => Err("usage: peers games <folder> | quantal <file> <precision> | regret <file> <iterations> | all <file> | one <file> | markov <file>".into()),
    }
}

fn tree(file: &str) -> Outcome<Game> {
    Ok(read_efg(&std::fs::read_to_string(file)?)?.game()?)
}

fn two_players(file: &str) -> Outcome<Bimatrix> {
    let game = read_nfg(&std::fs::read_to_string(file)?)?;
    Bimatrix::of(&game).map_err(|e| format!("a game of {} players", e.players).into())
}

/// The logit equilibrium on the principal branch at one precision.
fn quantal(game: &Game, precision: f64) -> Outcome<Value> {
    let numbers = game.at(&game.expressions().evaluate(&[]));
    let precisions = vec![precision; game.players().len()];
    let (found, took) =
        repeated(|| logit::Solver::new(game, logit::Settings::default()).solve(&numbers, &precisions));
    if found.status != logit::Status::Converged {
        return Err(format!("no equilibrium was reached: {:?}", found.status).into());
    }
    Ok(json!({ "took": took, "nodes": game.node_count(), "play": play(game, &found.play) }))
}

/// Average play after this many iterations of CFR+.
fn regret(game: &Game, iterations: usize) -> Outcome<Value> {
    let numbers = game.at(&game.expressions().evaluate(&[]));
    let (average, took) = repeated(|| {
        let mut solver = cfr::Solver::new(game, &numbers, Variant::Plus, 0)?;
        solver.iterate(iterations);
        Ok::<_, Box<dyn Error>>(solver.play())
    });
    let average = average?;
    Ok(json!({
        "took": took,
        "nodes": game.node_count(),
        "nash_conv": nash_conv(game, &numbers, &average)?,
        "value": expected_payoffs(game, &numbers, &average)[0],
        "play": play(game, &average),
    }))
}

/// All extreme equilibria of a two-player game.
fn all(game: &Bimatrix) -> Outcome<Value> {
    let (found, took) = repeated(|| all_equilibria(game, &support_enumeration::Settings::default()));
    if found.status != support_enumeration::Status::Complete {
        return Err("there are more supports than the budget allows".into());
    }
    let equilibria: Vec<Value> = found.extreme.iter().map(fractions).collect();
    Ok(json!({ "took": took, "equilibria": equilibria }))
}

/// The equilibrium that Lemke and Howson's path from the first label ends at.
fn one(game: &Bimatrix) -> Outcome<Value> {
    let (found, took) = repeated(|| lemke_howson(game, 0, 1_000_000));
    let equilibrium = found.equilibrium.ok_or("the path did not end")?;
    Ok(json!({ "took": took, "equilibria": [fractions(&equilibrium)] }))
}

fn fractions(profile: &MixedProfile) -> Value {
    profile.iter().map(|mixed| mixed.iter().map(ToString::to_string).collect::<Vec<_>>()).collect()
}

/// Play at each information set, which is known by the branches that lead from the root to its first node: programs
/// number information sets as they please.
fn play(game: &Game, probabilities: &[f64]) -> Vec<Value> {
    let sets = game.info_set_ids().filter(|&set| !game.members(set).is_empty());
    sets.map(|set| at_set(game, set, &probabilities[game.actions(set)])).collect()
}

fn at_set(game: &Game, set: InfoSetId, probabilities: &[f64]) -> Value {
    let first = game.members(set)[0];
    let path = game.path(first);
    let labels: Vec<&str> = path.iter().map(|&(node, k)| game.text(game.branch_label(node, k))).collect();
    let branches: Vec<usize> = path.iter().map(|&(_, k)| k).collect();
    let actions: Vec<&str> = game.labels(first).map(|label| game.text(label)).collect();
    json!({ "branches": branches, "labels": labels, "actions": actions, "probabilities": probabilities })
}
