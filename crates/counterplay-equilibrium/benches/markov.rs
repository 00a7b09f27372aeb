//! Stationary Markov equilibria of random stochastic games: `cargo bench -p counterplay-equilibrium --bench markov`, with a number
//! of states for those only.
#![allow(missing_docs, clippy::print_stdout)]

#[path = "../tests/common/mod.rs"]
mod common;
#[path = "../examples/peers/measure.rs"]
mod measure;
#[path = "../tests/common/processes.rs"]
mod processes;

use counterplay_equilibrium::markov::{Settings, Solver};
use counterplay_equilibrium::referee::stationary::certify;
use measure::repeated;
use processes::random_process;

fn main() {
    let only: Option<usize> = std::env::args().find_map(|a| a.parse().ok());
    println!(
        "{:>6} {:>4} {:>11} {:>7} {:>9} {:>9} {:>9} {:>9}  status",
        "states", "seed", "cpu seconds", "systems", "lambda", "bellman", "regret", "gain"
    );
    for (states, seeds) in [(20, 20), (1000, 1)] {
        if only.is_some_and(|o| o != states) {
            continue;
        }
        let mut all: Vec<f64> = (0..seeds).map(|seed| limit(states, seed)).collect();
        all.sort_by(f64::total_cmp);
        let (median, most) = (0.5 * (all[(all.len() - 1) / 2] + all[all.len() / 2]), all[all.len() - 1]);
        println!("{states:>6} states: median {median:.6}, most {most:.6} cpu seconds");
    }
}

/// Follows the branch of one process to its limit; the mean CPU seconds of a run.
fn limit(states: usize, seed: u64) -> f64 {
    let (process, numbers) = random_process(seed, states, &[5, 5], 0.95);
    let settings = Settings { max_systems: 800, ..Settings::default() };
    let (found, took) = repeated(|| Solver::new(&process, settings).limit(&numbers, &[1.0, 1.0]));
    let seconds = took["cpu_seconds"].as_f64().expect("Linux reports the processor time");
    let referee = certify(&process, &numbers, &[f64::INFINITY; 2], &found).expect("perfect recall");
    println!(
        "{states:>6} {seed:>4} {seconds:>11.6} {:>7} {:>9.1e} {:>9.1e} {:>9.1e} {:>9.1e}  {:?}",
        found.systems, found.share, referee.bellman, referee.regret, referee.gain_bound, found.status
    );
    seconds
}
