//! Play is on the principal branch: the solver against a reference tracer that shares nothing with it.
//!
//! A twentieth of the games runs here; `scripts/prove-branch` runs all of them.
#![allow(
    dead_code,
    clippy::large_types_passed_by_value,
    clippy::needless_range_loop,
    clippy::neg_cmp_op_on_partial_ord,
    clippy::too_many_lines,
    clippy::type_complexity,
    reason = "a reference is written to be read beside the formulas, and where a NaN must not pass; two programs share its files"
)]
#![allow(missing_docs)]

mod cases;
mod catalog;
mod families;
mod judge;
mod processes;
mod random;
mod reference;
mod reference_laws;
mod subject;
mod table;

use judge::Verdict;
use table::{FAMILIES, Judged, run, table};

/// One in this number of games.
const STEP: usize = 20;

fn every_game_agrees(name: &str) {
    let family = FAMILIES.iter().find(|f| f.name == name).expect("the family");
    let wrong = std::sync::Mutex::new(Vec::new());
    let report = |judged: &Judged| {
        for finding in judged.findings.iter().filter(|f| f.verdict != Verdict::Agrees) {
            let place = (finding.method, finding.precision, finding.past_crossing);
            let line = format!("{} {place:?}: {:?}", judged.name, finding.verdict);
            wrong.lock().expect("nobody panicked").push(line);
        }
    };
    let row = run(family, 1, STEP, &report);
    let mut wrong = wrong.into_inner().expect("nobody panicked");
    wrong.sort();
    assert!(wrong.is_empty(), "{}\n{}", table(&[row]), wrong.join("\n"));
}

#[test]
fn play_of_random_games_of_two_is_on_the_principal_branch() {
    every_game_agrees("bimatrix");
}

#[test]
fn play_of_random_signalling_games_is_on_the_principal_branch() {
    every_game_agrees("signalling");
}

#[test]
fn play_of_nearly_symmetric_games_is_on_the_principal_branch() {
    every_game_agrees("nearly symmetric");
}

#[test]
fn stationary_play_of_random_stochastic_games_is_on_the_principal_branch() {
    every_game_agrees("stochastic");
}

#[test]
fn play_of_the_games_of_the_catalog_is_on_the_principal_branch() {
    every_game_agrees("catalog");
}
