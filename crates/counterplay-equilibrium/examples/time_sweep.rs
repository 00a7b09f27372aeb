#[path = "../tests/common/mod.rs"]
mod common;
use counterplay_equilibrium::qre::{Settings, Solver};
fn main() {
    for (t, k, m) in [(2, 5, 3), (3, 6, 3), (4, 7, 3), (4, 10, 5)] {
        let game = common::crisis(t, k, m);
        let numbers = game.at(&game.expressions().evaluate(&[]));
        let mut solver = Solver::new(&game, Settings::default());
        let start = std::time::Instant::now();
        let found = solver.solve(&numbers, &[10.0, 10.0]);
        let time = start.elapsed().as_secs_f64();
        println!(
            "{t},{k},{m} {} nodes {:?} residual {:e} {} sweeps {:.5} s, {:.2} ns a node and sweep",
            game.node_count(),
            found.status,
            found.residual,
            found.sweeps,
            time,
            time * 1e9 / found.sweeps as f64 / game.node_count() as f64
        );
    }
}
