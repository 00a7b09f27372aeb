//! Published quantal response equilibria and estimates, read from the folder of published results. Without that
//! folder these tests say so and pass; the central figures are restated in `estimate.rs`.

#[path = "common/reduced.rs"]
mod reduced;
#[path = "common/reference.rs"]
mod reference;

use std::path::Path;

use counterplay_equilibrium::estimate::{Observed, Place, Settings, precision};
use counterplay_equilibrium::logit;
use counterplay_equilibrium::referee::certify::certify;
use counterplay_game::gambit::{read_efg, read_nfg};
use counterplay_game::normal::NormalForm;
use counterplay_game::rational::Rational;
use counterplay_game::tree::Game;
use reference::{flat, folder, json, text};
use serde_json::Value;

/// The precision at which play is taken to be at the limit of the branch.
const LIMIT: f64 = 1e4;

fn efg(folder: &Path, file: &str) -> Game {
    let form = read_efg(&text(&folder.join("gambit"), file)).expect("it is a game file");
    form.game().expect("it has perfect recall")
}

fn nfg(folder: &Path, file: &str) -> Game {
    read_nfg(&text(&folder.join("gambit"), file)).expect("it is a game file").game()
}

/// Certified play on the principal branch.
fn play(game: &Game, precision: f64) -> Vec<f64> {
    solved(game, precision, logit::Settings::default()).0
}

/// Certified play far out on the principal branch, with regrets below 1e-3. A logit is a precision times a payoff, so
/// that rounding is larger there, and the tolerance with it.
fn limit(game: &Game, precision: f64) -> Vec<f64> {
    let (play, regret) =
        solved(game, precision, logit::Settings { tolerance: 1e-8, ..logit::Settings::default() });
    assert!(regret < 1e-3, "certified regret {regret}");
    play
}

fn solved(game: &Game, precision: f64, settings: logit::Settings) -> (Vec<f64>, f64) {
    let numbers = game.at(&game.expressions().evaluate(&[]));
    let precisions = vec![precision; game.players().len()];
    let found = logit::Solver::new(game, settings).solve(&numbers, &precisions);
    assert_eq!(
        found.status,
        logit::Status::Converged,
        "at precision {precision}, residual {}",
        found.residual
    );
    let certificate = certify(game, &numbers, &precisions, &found.play);
    let tolerance = 100.0 * settings.tolerance * precision.max(1.0);
    assert!(certificate.residual < tolerance, "certified residual {}", certificate.residual);
    (found.play, certificate.regret)
}

fn close(found: &[f64], published: &[f64], tolerance: f64) {
    assert_eq!(found.len(), published.len(), "{found:?}, published {published:?}");
    for (f, p) in found.iter().zip(published) {
        assert!((f - p).abs() <= tolerance, "{found:?}, published {published:?}, tolerance {tolerance}");
    }
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

/// The expected results of a group of cases.
fn cases(folder: &Path, group: &str) -> Vec<Value> {
    let all = json(&folder.join("gambit/expected.json"));
    let cases = all["cases"].as_array().expect("a list of cases");
    let found: Vec<Value> = cases.iter().filter(|c| c["group"] == group).cloned().collect();
    assert!(!found.is_empty(), "there are cases of {group}");
    found
}

#[test]
fn play_at_given_precisions_is_that_of_gambit() {
    let Some(folder) = folder() else { return };
    for group in ["LOGIT_LAMBDA_CASES", "LOGIT_BRANCH_CASES"] {
        for case in cases(&folder, group) {
            let game = nfg(&folder, case["file"].as_str().expect("a file"));
            for point in case["expected"].as_array().expect("points") {
                close(
                    &play(&game, number(&point["lam"])),
                    &flat(&point["profile"]),
                    number(&case["prob_tol"]),
                );
            }
        }
    }
}

#[test]
fn the_branch_s_limit_in_behaviour_strategies_is_that_of_gambit() {
    let Some(folder) = folder() else { return };
    for case in cases(&folder, "LOGIT_BEHAVIOR_CASES") {
        let game = efg(&folder, case["file"].as_str().expect("a file"));
        close(&limit(&game, LIMIT), &flat(&case["expected"]), number(&case["prob_tol"]));
    }
}

#[test]
fn the_branch_s_limit_in_reduced_strategies_is_that_of_gambit() {
    let Some(folder) = folder() else { return };
    for case in cases(&folder, "LOGIT_STRATEGY_CASES") {
        let game = reduced::strategic(&efg(&folder, case["file"].as_str().expect("a file")));
        close(&limit(&game, LIMIT), &flat(&case["expected"]), number(&case["prob_tol"]));
    }
}

#[test]
fn points_of_the_branch_in_reduced_strategies_are_those_of_gambit() {
    let Some(folder) = folder() else { return };
    let outputs = json(&folder.join("gambit/doc_outputs.json"));
    let all = outputs.as_array().expect("a list");
    let branches: Vec<&Value> = all.iter().filter(|c| c["kind"] == "qre_branch_strategic").collect();
    assert!(!branches.is_empty());
    for case in branches {
        let game = reduced::strategic(&efg(&folder, case["file"].as_str().expect("a file")));
        for point in case["points"].as_array().expect("points") {
            let point = flat(point);
            close(&play(&game, point[0]), &point[1..], number(&case["tol"]));
        }
        // Play approaches the limit no faster than the logarithm of the precision divided by it.
        close(&limit(&game, LIMIT), &flat(&case["limit"]), 1e-3);
    }
}

fn two_by_two(row: &[f64], column: &[f64]) -> Game {
    let exact = |x: f64| Rational::new(((x * 1e4).round() as i64).into(), 10_000.into());
    let order = [0, 2, 1, 3];
    let payoffs = order.into_iter().flat_map(|k| [exact(row[k]), exact(column[k])]).collect();
    let names = |a: &str, b: &str| vec![a.to_string(), b.to_string()];
    NormalForm::new(names("row", "column"), vec![names("up", "down"), names("left", "right")], payoffs).game()
}

#[test]
fn mckelvey_and_palfrey_s_figures_for_ochs_s_game_are_met() {
    let Some(folder) = folder() else { return };
    let all = json(&folder.join("gambit/qre_ochs_mp95.json"));
    let game = two_by_two(&flat(&all["game"]["A"]), &flat(&all["game"]["B"]));
    let [at_limit, at_one, estimate] = [0, 1, 2].map(|k| &all["cases"][k]);
    close(&play(&game, 1.0), &flat(&at_one["value"]), number(&at_one["tol"]));
    close(&limit(&game, 1e5), &flat(&at_limit["value"]), 2e-5);
    close(&limit(&game, 1e5), &flat(&at_limit["exact"]), 2e-5);
    let counts = flat(&estimate["counts"]);
    let observed = [Observed { game: &game, known: &[], counts: &counts }];
    let found = precision(&observed, &Settings::default()).expect("there are counts");
    let best = found.best();
    close(&[best.precision], &[number(&estimate["lambda"])], number(&estimate["tol"]));
    close(&best.play[0], &flat(&estimate["profile"]), number(&estimate["tol"]));
    close(&[best.log_likelihood], &[number(&estimate["log_likelihood"])], number(&estimate["tol"]));
}

#[test]
fn the_figures_for_selten_and_chmura_s_games_are_met() {
    let Some(folder) = folder() else { return };
    let all = json(&folder.join("qre_literature.json"));
    for case in all["selten_chmura_2008"]["games"].as_array().expect("games") {
        let game = two_by_two(&flat(&case["u_row"]), &flat(&case["u_col"]));
        let [seen, up, left] = ["count_each_role", "Up", "Left"].map(|k| number(&case[k]));
        let counts = [up, seen - up, left, seen - left];
        let observed = [Observed { game: &game, known: &[], counts: &counts }];
        let found = precision(&observed, &Settings::default()).expect("there are counts");
        let best = found.best();
        assert_eq!(best.place, Place::Interior);
        // One unit of the last digit that is printed.
        close(&[best.precision], &[number(&case["mle_lambda"])], 1e-6);
        close(&[best.log_likelihood], &[number(&case["mle_loglik"])], 1e-4);
        close(&[best.play[0][0], best.play[0][2]], &flat(&case["qre_at_mle"]), 1e-7);
        // Nash equilibrium is the limit of the branch.
        let nash = limit(&game, LIMIT / 10.0);
        close(&[nash[0], nash[2]], &flat(&case["nash_Up_Left"]), 1e-3);
    }
}
