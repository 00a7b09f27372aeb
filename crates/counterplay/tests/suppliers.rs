//! The submarines' suppliers: that the telling which keeps their game small is the telling in full, and how it grows.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a test may fail, read files and print"
)]

mod common;

use std::fs;
use std::path::Path;

use common::{History, evaluator, histories, model};
use counterplay::model::odds::LogOdds;
use counterplay::scenario::Scenario;
use counterplay_equilibrium::referee::certify::certify;
use counterplay_language::{Files, ReadLimits, SCENARIO_FILE, SOURCES_FILE, read_with};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

fn text(file: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/taiwan-submarine");
    fs::read_to_string(folder.join(file)).unwrap()
}

fn submarines(story: String, suppliers: usize) -> Scenario {
    let files =
        [(SCENARIO_FILE, story), (SOURCES_FILE, text(SOURCES_FILE)), ("budget.json", text("budget.json"))];
    let settings = [("suppliers".to_owned(), suppliers.to_string())];
    let files: Files = files.into_iter().collect();
    read_with("submarines", &files, &ReadLimits::default(), &settings).unwrap_or_else(|p| panic!("{p}"))
}

/// A draw from the prior, the same for every scenario of the same parameters.
fn drawn(scenario: &Scenario, seed: u64) -> Vec<f64> {
    scenario.joint_prior(&[]).unwrap().sample(&mut ChaCha8Rng::seed_from_u64(seed)).theta
}

/// All histories at a draw from the prior, and the largest residual of play by the referee's account.
fn played(scenario: &Scenario, seed: u64) -> (Vec<History>, f64) {
    let model = model(scenario);
    let mut evaluator = evaluator(&model);
    let found = evaluator.solve(&drawn(scenario, seed)).unwrap();
    let play: Vec<f64> = found.of_state(0).to_vec();
    let certificate = certify(model.game(), evaluator.numbers(), evaluator.precisions(), &play);
    (histories(model.game(), &LogOdds::new(evaluator.numbers(), &play)), certificate.residual)
}

/// What can be seen of how it went, and how likely it is: the plan, each decision, the remedy, the trials.
fn seen(all: &[History], makers: &[&str]) -> Vec<(String, f64)> {
    let mut found = std::collections::BTreeMap::new();
    for history in all {
        let label = |event: &str| history.label(event).unwrap_or("-").to_owned();
        let events = ["freeze", "release", "target"].into_iter().chain(makers.iter().copied());
        let words: Vec<String> = events.chain(["remedy", "trials"]).map(label).collect();
        *found.entry(words.join(", ")).or_insert(0.0) += history.probability;
    }
    found.into_iter().collect()
}

/// A government's nerve counts only where it is tried, so drawing it elsewhere as well must change nothing that is seen.
#[test]
fn a_type_that_counts_only_under_pressure_need_not_be_drawn_without_it() {
    let short = text(SCENARIO_FILE);
    let condition =
        "    if word != \"none\":  # a government's nerve shows, and counts, only where it is tried\n    ";
    assert!(short.contains(condition), "the telling of a government's nerve has changed");
    let decided = "    return (part, word, nerve, g.choose";
    let always = short
        .replace(condition, "")
        .replace(decided, &format!("    nerve = nerve if word != \"none\" else \"not tried\"\n{decided}"));
    let makers = ["sonar", "engines", "masts"];
    for seed in [1, 2] {
        let ((in_full, _), (in_short, _)) =
            (played(&submarines(always.clone(), 3), seed), played(&submarines(short.clone(), 3), seed));
        assert!(in_full.len() > 2 * in_short.len(), "{} against {}", in_full.len(), in_short.len());
        let (in_full, in_short) = (seen(&in_full, &makers), seen(&in_short, &makers));
        assert_eq!(in_full.len(), in_short.len());
        for ((what, full), (same, short)) in in_full.iter().zip(&in_short) {
            assert_eq!(what, same);
            assert!((full - short).abs() < 1e-9, "{what}: {full} in full, {short} in short");
        }
    }
}

/// For each plan, `4^pressed 2^(makers - pressed)` courses of the decisions, `2^pressed` of which lack no part; what is missing
/// has three remedies; each boat has two outcomes of its trials; and there are five courses of the freeze.
fn expected_histories(makers: u32, plans: &[(usize, u32)]) -> usize {
    let of = |pressed: u32| {
        let (all, complete) = (2_usize.pow(makers + pressed), 2_usize.pow(pressed));
        6 * (all - complete) + 2 * complete
    };
    5 * plans.iter().map(|&(count, pressed)| count * of(pressed)).sum::<usize>()
}

#[test]
fn the_same_text_is_solved_for_more_suppliers() {
    // Nobody; one, of each of three kinds; two, of two kinds or of the same one where a kind has two.
    let plans = [(3, [(1, 0), (3, 1), (3, 2)]), (5, [(1, 0), (3, 1), (5, 2)])];
    for (makers, plans) in plans {
        let scenario = submarines(text(SCENARIO_FILE), makers as usize);
        let (all, residual) = played(&scenario, 1);
        assert_eq!(all.len(), expected_histories(makers, &plans));
        assert!(residual < 1e-9, "{makers} makers: residual {residual}");
        let sum: f64 = all.iter().map(|h| h.probability).sum();
        assert!((sum - 1.0).abs() < 1e-9, "{makers} makers: the probabilities sum to {sum}");
    }
    assert_eq!(expected_histories(8, &[(1, 0), (3, 1), (6, 2)]), 237_460);
}
