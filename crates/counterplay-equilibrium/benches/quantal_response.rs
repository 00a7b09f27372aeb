//! Logit equilibria of the crisis-bargaining family: `cargo bench -p counterplay-equilibrium --bench quantal_response`.
#![allow(missing_docs, clippy::print_stdout)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::time::Instant;

use common::crisis;
use counterplay_equilibrium::logit::trace::TraceSettings;
use counterplay_equilibrium::logit::{Settings, Solver};
use counterplay_equilibrium::referee::certify::certify;

const SIZES: [(usize, usize, usize); 5] = [(2, 2, 2), (2, 5, 3), (3, 6, 3), (4, 7, 3), (4, 10, 5)];

/// The largest game, in nodes, whose branch is followed to its limit here.
const MAX_NODES: usize = 200_000;

/// The fastest of several runs, in seconds.
fn fastest<T>(mut run: impl FnMut() -> T) -> (f64, T) {
    let timed = |_| {
        let begin = Instant::now();
        let result = run();
        (begin.elapsed().as_secs_f64(), result)
    };
    (0..3).map(timed).min_by(|a, b| a.0.total_cmp(&b.0)).expect("several runs")
}

fn main() {
    println!(
        "lambda = 10, tolerance 1e-11; its gradient, over the time of the solution; then the limit, certified regret below \
         1e-6 of the range of payoffs, over the same time"
    );
    println!(
        "{:>8} {:>9} {:>8} {:>10} {:>6} {:>9} {:>9}",
        "T,K,M", "nodes", "actions", "seconds", "sweeps", "residual", "gradient"
    );
    for size in SIZES {
        measure(size);
    }
}

/// One line: the equilibrium, its gradient, and where the game is not too large the limit of the branch.
fn measure((rounds, offers, types): (usize, usize, usize)) {
    let game = crisis(rounds, offers, types);
    let numbers = game.at(&game.expressions().evaluate(&[]));
    let precisions = [10.0, 10.0];
    let mut solver = Solver::new(&game, Settings::default());
    let (seconds, found) = fastest(|| solver.solve(&numbers, &precisions));
    let certificate = certify(&game, &numbers, &precisions, &found.play);
    // The first gradient after a solution: later ones start from its multipliers.
    let weights: Vec<f64> = (0..found.play.len()).map(|k| (k % 7) as f64 - 3.0).collect();
    let (gradient, _) = fastest(|| {
        let mut solver = solver.clone();
        let begin = Instant::now();
        let found = solver.gradient(&precisions, &weights);
        (begin.elapsed().as_secs_f64(), found)
    })
    .1;
    print!(
        "{:>8} {:>9} {:>8} {seconds:>10.6} {:>6} {:>9.1e} {:>9.2}",
        format!("{rounds},{offers},{types}"),
        game.node_count(),
        game.action_count(),
        found.sweeps,
        certificate.residual,
        gradient / seconds,
    );
    if game.node_count() > MAX_NODES {
        println!();
        return;
    }
    let settings = TraceSettings::default();
    let (limit_seconds, limit) = fastest(|| solver.trace(&numbers, &[1.0, 1.0], &settings, &mut |_| false));
    let regret = certify(&game, &numbers, &precisions, &limit.last.play).regret;
    println!(
        "  limit {limit_seconds:.6} s, {:.0} times, {} sweeps, regret {regret:.1e}, {:?} at {:.0}; left at {:?}, crossings at {:?}",
        limit_seconds / seconds,
        limit.sweeps,
        limit.end,
        limit.last.precision,
        limit.leaps,
        limit.crossings,
    );
}
