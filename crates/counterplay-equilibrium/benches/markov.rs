//! Stationary Markov equilibria of random stochastic games: `cargo bench -p counterplay-equilibrium --bench markov`.
#![allow(missing_docs, clippy::print_stdout)]

#[path = "../tests/common/mod.rs"]
mod common;
#[path = "../tests/common/processes.rs"]
mod processes;

use std::time::Instant;

use counterplay_equilibrium::markov::certify::certify;
use counterplay_equilibrium::markov::{Settings, Solver};
use processes::random_process;

fn main() {
    let only: Option<usize> = std::env::args().find_map(|a| a.parse().ok());
    println!(
        "{:>6} {:>4} {:>10} {:>7} {:>9} {:>9} {:>9} {:>9}  status",
        "states", "seed", "seconds", "systems", "lambda", "bellman", "regret", "gain"
    );
    for (states, seeds) in [(20, 10), (1000, 1)] {
        if only.is_some_and(|o| o != states) {
            continue;
        }
        for seed in 0..seeds {
            let (process, numbers) = random_process(seed, states, &[5, 5], 0.95);
            let mut solver = Solver::new(&process, Settings { max_systems: 800, ..Settings::default() });
            let begin = Instant::now();
            let found = solver.limit(&numbers, &[1.0, 1.0]);
            let seconds = begin.elapsed().as_secs_f64();
            let referee = certify(&process, &numbers, &[f64::INFINITY; 2], &found).expect("perfect recall");
            println!(
                "{states:>6} {seed:>4} {seconds:>10.6} {:>7} {:>9.1e} {:>9.1e} {:>9.1e} {:>9.1e}  {:?}",
                found.systems, found.share, referee.bellman, referee.regret, referee.gain_bound, found.status
            );
        }
    }
}
