//! Several points in one sweep against one sweep for each: `cargo bench -p counterplay-equilibrium --bench lanes`.
#![allow(missing_docs, clippy::print_stdout)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::time::Instant;

use common::{Lcg, crisis, random_game};
use counterplay_equilibrium::logit::Settings;
use counterplay_equilibrium::logit::batch::{Batch, Progress};
use counterplay_game::tree::Game;
use counterplay_game::valuation::Valuation;

/// How many points are solved.
const POINTS: u64 = 24;

/// The fastest of many short runs, in seconds: what the processor does while nobody else uses it.
fn fastest(mut run: impl FnMut()) -> f64 {
    run();
    let (mut best, start) = (f64::INFINITY, Instant::now());
    while start.elapsed().as_secs_f64() < 1.5 {
        let begin = Instant::now();
        run();
        best = best.min(begin.elapsed().as_secs_f64());
    }
    best
}

/// Points near each other, as posterior draws are: each number times another factor between 0.9 and 1.1.
fn point(base: &Valuation, seed: u64) -> Valuation {
    let mut random = Lcg(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) + 1);
    let payoffs = base.payoffs.iter().map(|x| x * (0.9 + 0.2 * random.next())).collect();
    Valuation { chance: base.chance.clone(), payoffs }
}

/// Seconds for one point: of a sweep, of an equilibrium from uniform play, of its gradient.
fn measure<const L: usize>(game: &Game, base: &Valuation) -> [f64; 3] {
    let players = game.players().len();
    let mut batch = Batch::<L>::new(game, Settings::default());
    let (precisions, uniform) = (vec![3.0; players], vec![0.0; game.action_count()]);
    let points: Vec<_> = (0..POINTS).map(|seed| point(base, seed)).collect();
    for (lane, point) in points[..L].iter().enumerate() {
        batch.load(lane, point);
        batch.put(lane, &precisions, &uniform);
    }
    for _ in 0..5 {
        batch.respond();
    }
    let sweep = fastest(|| {
        std::hint::black_box(batch.respond());
    });
    let solve = fastest(|| solve_all(&mut batch, &points, &precisions));
    let weights: Vec<f64> = (0..game.action_count()).map(|k| (k % 7) as f64 - 3.0).collect();
    let gradient = fastest(|| {
        (0..L).for_each(|lane| batch.forget(lane));
        std::hint::black_box(batch.gradients(&[Some(&weights); L]));
    });
    [sweep / L as f64, solve / POINTS as f64, gradient / L as f64]
}

/// Solves all points from uniform play; a lane that is done takes the next.
fn solve_all<const L: usize>(batch: &mut Batch<L>, points: &[Valuation], precisions: &[f64]) {
    let mut next = points.iter();
    let uniform = vec![0.0; batch.logits(0).len()];
    loop {
        for lane in 0..L {
            if matches!(batch.progress(lane), Progress::Iterating { .. }) {
                continue;
            }
            if let Some(point) = next.next() {
                batch.load(lane, point);
                batch.forget(lane);
                batch.start(lane, precisions, &uniform, 0.0, 60);
            }
        }
        if !batch.step() && next.len() == 0 {
            return;
        }
    }
}

fn report(name: &str, game: &Game, numbers: &Valuation) {
    let one = measure::<1>(game, numbers);
    let rows = [(1, one), (4, measure::<4>(game, numbers)), (8, measure::<8>(game, numbers))];
    for (lanes, seconds) in rows {
        print!("{name:>16} {:>7} {lanes:>5}", game.node_count());
        for (seconds, one) in seconds.iter().zip(one) {
            print!("  {:>10.2} {:>5.2}", seconds * 1e6, one / seconds);
        }
        println!();
    }
}

fn main() {
    println!("microseconds for each point, and how many times one lane's throughput");
    println!(
        "{:>16} {:>7} {:>5}  {:>16}  {:>16}  {:>16}",
        "game", "nodes", "lanes", "sweep", "equilibrium", "gradient"
    );
    for (rounds, offers, types) in [(2, 2, 2), (2, 5, 3), (3, 6, 3)] {
        let game = crisis(rounds, offers, types);
        let numbers = game.at(&game.expressions().evaluate(&[]));
        report(&format!("crisis {rounds},{offers},{types}"), &game, &numbers);
    }
    // Three players, chance, hidden moves: a tree as scenarios unfold to.
    for seed in [3, 4] {
        let game = random_game(seed, 9, 2);
        let numbers = game.at(&game.expressions().evaluate(&[0.3, -0.2]));
        report(&format!("three players {seed}"), &game, &numbers);
    }
}
