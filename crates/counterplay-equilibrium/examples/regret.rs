//! NashConv against iterations and processor seconds: of Kuhn and Leduc poker, or of a game of the crisis-bargaining family.
//!
//!     cargo run --release -p counterplay-equilibrium --example regret -- leduc plus 1000
//!     cargo run --release -p counterplay-equilibrium --example regret -- crisis:4,10,5 plus 100
#![allow(clippy::disallowed_methods, clippy::disallowed_macros, clippy::disallowed_types)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::sync::OnceLock;
use std::time::Instant;

use counterplay_equilibrium::cfr::{Solver, Variant};
use counterplay_game::tree::Game;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |k: usize, default: &str| arguments.get(k).cloned().unwrap_or(default.to_owned());
    let (name, variant, iterations) = (argument(0, "leduc"), argument(1, "plus"), argument(2, "1000"));
    let (Some(variant), Ok(iterations)) = (variant_of(&variant), iterations.parse::<usize>()) else {
        eprintln!(
            "usage: regret [kuhn|leduc|crisis:rounds,offers,types] [vanilla|plus|predictive|discounted|sampled] [iterations]"
        );
        return;
    };
    let start = cpu_seconds();
    let game = game_of(&name);
    println!(
        "{name}: {} nodes, {} information sets, {} actions; built in {:.3} s",
        game.node_count(),
        game.info_set_count(),
        game.action_count(),
        cpu_seconds() - start
    );
    run(&game, variant, iterations);
}

/// Seconds of processor time that all threads have used, where Linux reports it; else seconds that have passed.
fn cpu_seconds() -> f64 {
    static START: OnceLock<Instant> = OnceLock::new();
    let passed = START.get_or_init(Instant::now).elapsed().as_secs_f64();
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // After the name in brackets, the 12th and 13th fields: hundredths of seconds in the program and in the system.
    let fields = text.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    let hundredths: Vec<f64> = fields.filter_map(|f| f.parse().ok()).collect();
    if hundredths.len() == 2 { hundredths.iter().sum::<f64>() * 0.01 } else { passed }
}

fn variant_of(name: &str) -> Option<Variant> {
    match name {
        "vanilla" => Some(Variant::Vanilla),
        "plus" => Some(Variant::Plus),
        "predictive" => Some(Variant::Predictive),
        "discounted" => Some(Variant::DISCOUNTED),
        "sampled" => Some(Variant::ExternalSampling),
        _ => None,
    }
}

fn game_of(name: &str) -> Game {
    match name {
        "kuhn" => common::poker::kuhn(),
        "leduc" => common::poker::leduc(),
        _ => {
            let sizes = name.trim_start_matches("crisis:").split(',').filter_map(|n| n.parse().ok());
            let sizes: Vec<usize> = sizes.collect();
            common::crisis(sizes[0], sizes[1], sizes[2])
        }
    }
}

/// Shows NashConv at iterations 1, 2, 5, 10 and so on; the seconds are those of iterations alone.
fn run(game: &Game, variant: Variant, iterations: usize) {
    let numbers = game.at(&game.expressions().evaluate(&[]));
    let start = cpu_seconds();
    let mut solver = match Solver::new(game, &numbers, variant, 1) {
        Ok(solver) => solver,
        Err(failure) => {
            eprintln!("{failure}");
            return;
        }
    };
    println!("laid out in {:.3} s", cpu_seconds() - start);
    println!("iterations    seconds  cpu seconds    NashConv");
    let marks = (0..).flat_map(|k| [1, 2, 5].map(|m| m * 10usize.pow(k)));
    let marks = marks.take_while(|m| *m < iterations).chain([iterations]);
    let (mut seconds, mut processor) = (0.0, 0.0);
    for mark in marks {
        let (start, processor_start) = (Instant::now(), cpu_seconds());
        solver.iterate(mark - solver.iterations());
        seconds += start.elapsed().as_secs_f64();
        processor += cpu_seconds() - processor_start;
        let nash_conv = solver.nash_conv();
        println!("{mark:10} {seconds:10.4} {processor:12.2} {nash_conv:11.3e}");
    }
}
