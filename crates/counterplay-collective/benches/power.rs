//! Indices of power of large bodies under majority rule: `cargo bench -p counterplay-collective --bench power`.
//!
//! All indices at once, exact: the fastest of several runs. Equal voters; parties of twenty sizes; members of the European Union by
//! population in millions; populations as they are among countries (log-normal, to a tenth of the median); and random weights up to 100.
#![allow(missing_docs, clippy::disallowed_methods, clippy::disallowed_macros, clippy::disallowed_types)]

use std::time::Instant;

use counterplay_collective::weighted::WeightedGame;
use counterplay_math::{exp, normal_quantile};
use rand::distr::Open01;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Eurostat, 1 January 2024, in hundred thousands.
const UNION: [u64; 27] = [
    834, 684, 590, 486, 366, 191, 179, 118, 109, 106, 106, 104, 96, 92, 64, 60, 56, 54, 53, 39, 29, 21, 19,
    14, 9, 7, 6,
];

fn weights(kind: &str, voters: u64) -> Vec<u64> {
    let mut luck = ChaCha8Rng::seed_from_u64(7);
    let weight = |voter: u64| match kind {
        "equal" => 1,
        "parties" => 1 + voter % 20,
        "populations" => {
            let population = exp(1.2 * normal_quantile(luck.sample(Open01)));
            (10.0 * population).round().max(1.0) as u64
        }
        _ => luck.random_range(1..=100),
    };
    (0..voters).map(weight).collect()
}

fn tell(kind: &str, quota: Option<u64>, weights: &[u64]) {
    let mut distinct = weights.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let game = match quota {
        Some(quota) => WeightedGame::new(quota, weights),
        None => WeightedGame::simple_majority(weights),
    };
    let game = game.expect("a game within bounds");
    let mut fastest = f64::INFINITY;
    for _ in 0..5 {
        let start = Instant::now();
        let bits = game.power_indices().banzhaf_swings[0].bits();
        assert!(bits > 0);
        fastest = fastest.min(start.elapsed().as_secs_f64());
        if fastest > 1.0 {
            break;
        }
    }
    println!(
        "{:>4} {kind:<12} {:>4} weights, quota {:>6}: {:>9.1} ms",
        weights.len(),
        distinct.len(),
        game.quota(),
        1e3 * fastest
    );
}

fn main() {
    tell("Union", Some(UNION.iter().sum::<u64>() * 65 / 100 + 1), &UNION);
    for voters in [100, 300, 435, 700] {
        for kind in ["equal", "parties", "populations", "random"] {
            tell(kind, None, &weights(kind, voters));
        }
    }
}
