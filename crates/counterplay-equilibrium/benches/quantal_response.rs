//! Logit equilibria of the crisis-bargaining family: `cargo bench -p counterplay-equilibrium --bench quantal_response`.
#![allow(missing_docs, clippy::print_stdout)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::time::Instant;

use common::crisis;
use counterplay_equilibrium::certify::certify;
use counterplay_equilibrium::qre::{Settings, Solver};
use counterplay_equilibrium::trace::TraceSettings;

const SIZES: [(usize, usize, usize); 4] = [(2, 2, 2), (2, 5, 3), (3, 6, 3), (4, 7, 3)];

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
        "lambda = 10, tolerance 1e-11; then the limit, certified regret below 1e-6 of the range of payoffs"
    );
    println!(
        "{:>8} {:>9} {:>8} {:>10} {:>6} {:>9} {:>10} {:>6} {:>9} {:>6}  play at the root's first information set",
        "T,K,M", "nodes", "actions", "seconds", "sweeps", "residual", "limit, s", "sweeps", "regret", "ratio"
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
        let settings = TraceSettings::default();
        let (limit_seconds, limit) =
            fastest(|| solver.trace(&numbers, &[1.0, 1.0], &settings, &mut |_| false));
        let regret = certify(&game, &numbers, &precisions, &limit.last.play).regret;
        println!(
            "{:>8} {:>9} {:>8} {seconds:>10.6} {:>6} {:>9.1e} {limit_seconds:>10.6} {:>6} {regret:>9.1e} {:>6.0}  {} {:?}",
            format!("{rounds},{offers},{types}"),
            game.node_count(),
            game.action_count(),
            found.sweeps,
            certificate.residual,
            limit.sweeps,
            limit_seconds / seconds,
            first.join(" "),
            limit.end,
        );
    }
}
