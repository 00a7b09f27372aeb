//! How long the indices of large bodies take: voters of ten and of twenty weights, under majority rule.

use std::time::Instant;

use counterplay_collective::weighted::{NotAGame, WeightedGame};

fn main() -> Result<(), NotAGame> {
    for (voters, kinds) in [(50, 10), (100, 10), (200, 20), (300, 20)] {
        let weights: Vec<u64> = (0..voters).map(|voter| 1 + voter % kinds).collect();
        let game = WeightedGame::simple_majority(&weights)?;
        let start = Instant::now();
        let swings = game.power_indices().banzhaf_swings.swap_remove(0);
        let seconds = start.elapsed().as_secs_f64();
        println!("{voters} voters, quota {}: {:.1} ms ({} bits)", game.quota(), 1e3 * seconds, swings.bits());
    }
    Ok(())
}
