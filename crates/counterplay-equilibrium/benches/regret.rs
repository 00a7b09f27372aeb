//! Regret minimisation: `cargo bench -p counterplay-equilibrium --bench regret`.
//!
//! The time to a NashConv of 5.1e-4 in Leduc poker, where OpenSpiel's CFR+ is after 1,000 iterations, and iterations a
//! second in the crisis-bargaining family. The fastest of several
//! runs; `RAYON_NUM_THREADS=1` for one core.
#![allow(missing_docs, clippy::disallowed_methods, clippy::disallowed_macros, clippy::disallowed_types)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::time::Instant;

use common::crisis;
use common::poker::leduc;
use counterplay_equilibrium::cfr::{Settings, Solver, Variant, solve};
use counterplay_equilibrium::referee::best_response::nash_conv;

const VARIANTS: [(&str, Variant); 4] = [
    ("vanilla", Variant::Vanilla),
    ("plus", Variant::Plus),
    ("predictive", Variant::Predictive),
    ("discounted", Variant::DISCOUNTED),
];

/// The fastest of several runs, in seconds.
fn fastest<T>(runs: usize, mut run: impl FnMut() -> T) -> (f64, T) {
    let timed = |_| {
        let begin = Instant::now();
        let result = run();
        (begin.elapsed().as_secs_f64(), result)
    };
    (0..runs).map(timed).min_by(|a, b| a.0.total_cmp(&b.0)).expect("several runs")
}

fn leduc_to_target() {
    let game = leduc();
    let numbers = game.at(&game.expressions().evaluate(&[]));
    println!("Leduc poker to a NashConv of 5.1e-4, with laying out and looking at NashConv");
    println!("{:>10} {:>10} {:>10} {:>10}", "variant", "seconds", "iterations", "NashConv");
    for (name, variant) in &VARIANTS[1..] {
        let settings = Settings { variant: *variant, target_nash_conv: Some(5.1e-4), ..Settings::default() };
        let run = || solve(&game, &numbers, &settings).expect("perfect recall");
        let (seconds, found) = fastest(20, run);
        let certified = nash_conv(&game, &numbers, &found.play).expect("perfect recall");
        println!("{name:>10} {seconds:>10.4} {:>10} {certified:>10.2e}", found.iterations);
    }
}

fn crisis_iterations() {
    println!("\nThe crisis-bargaining family");
    println!(
        "{:>8} {:>9} {:>10} {:>9} {:>12} {:>10}",
        "T,K,M", "nodes", "variant", "lay out", "iterations/s", "NashConv"
    );
    for (rounds, offers, types) in [(2, 5, 3), (3, 6, 3), (4, 7, 3), (4, 10, 5)] {
        let game = crisis(rounds, offers, types);
        let numbers = game.at(&game.expressions().evaluate(&[]));
        for (name, variant) in VARIANTS {
            let start = || Solver::new(&game, &numbers, variant, 0).expect("perfect recall");
            let (layout, mut solver) = fastest(3, start);
            let (seconds, ()) = fastest(5, || solver.iterate(20));
            println!(
                "{:>8} {:>9} {name:>10} {layout:>9.4} {:>12.1} {:>10.2e}",
                format!("{rounds},{offers},{types}"),
                game.node_count(),
                20.0 / seconds,
                solver.nash_conv()
            );
        }
    }
}

fn main() {
    leduc_to_target();
    crisis_iterations();
}
