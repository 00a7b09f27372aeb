//! The bits of solved play, against a record of them: the same on every machine, whatever its processor offers.
//!
//! `RECORD=1 cargo test -p counterplay-equilibrium --test bits` writes the record, after a change to how play is solved.
#![allow(missing_docs)]

mod common;

use std::fmt::Write as _;

use common::{crisis, random_game};
use counterplay_equilibrium::logit::{Settings, Solver};
use counterplay_game::tree::Game;

/// A hash of numbers by their bits (FNV-1a).
fn hash(numbers: &[f64]) -> u64 {
    let bytes = numbers.iter().flat_map(|x| x.to_bits().to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The hashes of play at some precisions.
fn hashes(name: &str, game: &Game, parameters: &[f64]) -> String {
    let numbers = game.at(&game.expressions().evaluate(parameters));
    let mut solver = Solver::new(game, Settings::default());
    let mut line = String::new();
    for precision in [0.5, 2.0, 10.0, 40.0] {
        let precisions = vec![precision; game.players().len()];
        let found = solver.solve(&numbers, &precisions);
        writeln!(line, "{:016x} {name} at {precision}", hash(&found.play)).expect("a string takes it");
    }
    line
}

#[test]
fn solved_play_has_the_recorded_bits() {
    let mut found = String::new();
    for (rounds, offers, types) in [(2, 2, 2), (2, 5, 3), (3, 6, 3)] {
        found += &hashes(&format!("crisis {rounds} {offers} {types}"), &crisis(rounds, offers, types), &[]);
    }
    for seed in 0..10 {
        found += &hashes(&format!("random game {seed}"), &random_game(seed, 4, 3), &[0.3, -0.6, 0.8]);
    }
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bits.txt");
    if std::env::var_os("RECORD").is_some() {
        std::fs::write(file, &found).expect("a file that can be written");
    }
    assert_eq!(found, std::fs::read_to_string(file).expect("the record"));
}
