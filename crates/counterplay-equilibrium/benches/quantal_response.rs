//! Logit equilibria of the crisis-bargaining family: `cargo bench -p counterplay-equilibrium --bench quantal_response`.
#![allow(missing_docs, clippy::print_stdout)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::time::Instant;

use common::crisis;
use counterplay_equilibrium::certify::certify;
use counterplay_equilibrium::qre::{Settings, Solver};

const SIZES: [(usize, usize, usize); 5] = [(2, 2, 2), (2, 5, 3), (3, 6, 3), (4, 7, 3), (4, 10, 5)];

/// The fastest of several runs, in seconds.
fn fastest<T>(mut run: impl FnMut() -> T) -> (f64, T) {
    let timed = |_| {
        let begin = Instant::now();
        let result = run();
        (begin.elapsed().as_secs_f64(), result)
    };
    (0..5).map(timed).min_by(|a, b| a.0.total_cmp(&b.0)).expect("several runs")
}

fn main() {
    println!("lambda = 10, tolerance 1e-11");
    println!(
        "{:>8} {:>9} {:>8} {:>10} {:>6} {:>9}  play at the root's first information set",
        "T,K,M", "nodes", "actions", "seconds", "sweeps", "residual"
    );
    for (rounds, offers, types) in SIZES {
        let game = crisis(rounds, offers, types);
        let numbers = game.at(&game.expressions().evaluate(&[]));
        let precisions = [10.0, 10.0];
        let mut solver = Solver::new(&game, Settings::default());
        let (seconds, found) = fastest(|| solver.solve(&numbers, &precisions));
        let certificate = certify(&game, &numbers, &precisions, &found.play);
        let first = game.info_set_ids().next().map(|s| &found.play[game.actions(s)]).unwrap_or_default();
        let first: Vec<String> = first.iter().map(|p| format!("{p:.6}")).collect();
        println!(
            "{:>8} {:>9} {:>8} {seconds:>10.6} {:>6} {:>9.1e}  {}",
            format!("{rounds},{offers},{types}"),
            game.node_count(),
            game.action_count(),
            found.sweeps,
            certificate.residual,
            first.join(" ")
        );
    }
}
