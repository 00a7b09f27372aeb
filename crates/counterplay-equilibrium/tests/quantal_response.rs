//! Quantal response equilibria: published play, independent certification, and exact derivatives.

mod common;
#[path = "common/matrix_games.rs"]
mod matrix_games;

use common::{Lcg, crisis, random_game};
use counterplay_equilibrium::logit::{Settings, Solver, Status};
use counterplay_equilibrium::referee::certify::certify;
use counterplay_game::tree::Game;
use counterplay_game::valuation::Valuation;
use proptest::prelude::*;

fn numbers(game: &Game, point: &[f64]) -> Valuation {
    game.at(&game.expressions().evaluate(point))
}

fn root_play(rounds: usize, offers: usize, types: usize) -> (usize, usize, Vec<f64>) {
    let game = crisis(rounds, offers, types);
    let numbers = numbers(&game, &[]);
    let mut solver = Solver::new(&game, Settings::default());
    let found = solver.solve(&numbers, &[10.0, 10.0]);
    assert_eq!(found.status, Status::Converged);
    assert!(found.residual < 1e-10, "residual {}", found.residual);
    let certificate = certify(&game, &numbers, &[10.0, 10.0], &found.play);
    assert!(certificate.residual < 1e-9, "certified residual {}", certificate.residual);
    let first = game.info_set_ids().next().expect("someone moves");
    println!("{rounds},{offers},{types}: {} nodes, {} sweeps", game.node_count(), found.sweeps);
    (game.node_count(), game.action_count(), found.play[game.actions(first)].to_vec())
}

fn assert_play(found: &[f64], published: &[f64]) {
    for (f, p) in found.iter().zip(published) {
        assert!((f - p).abs() < 1e-6, "{found:?}, published {published:?}");
    }
}

#[test]
fn crisis_bargaining_is_played_as_gambit_finds() {
    let (nodes, actions, play) = root_play(2, 2, 2);
    assert_eq!((nodes, actions), (103, 48));
    assert_play(&play, &[0.945_373, 0.054_627]);
    let (nodes, actions, play) = root_play(2, 5, 3);
    assert_eq!((nodes, actions), (1_093, 360));
    assert_play(&play, &[0.291_499, 0.421_306, 0.241_594, 0.040_495, 0.005_106]);
}

#[test]
fn crisis_bargaining_of_three_rounds_is_solved() {
    let (nodes, actions, play) = root_play(3, 6, 3);
    assert_eq!((nodes, actions), (9_301, 3_096));
    assert_play(&play, &[0.238_219, 0.333_155, 0.304_070, 0.101_904, 0.019_213, 0.003_438]);
}

/// A smooth function of play, to be differentiated: $\sum_k c_k \pi_k$.
fn test_function(play: &[f64]) -> f64 {
    play.iter().enumerate().map(|(k, p)| ((k % 7) as f64 - 3.0) * p).sum()
}

fn logit_weights(game: &Game, play: &[f64]) -> Vec<f64> {
    let mut weights = vec![0.0; play.len()];
    for set in game.info_set_ids() {
        let range = game.actions(set);
        let mean: f64 = range.clone().map(|k| ((k % 7) as f64 - 3.0) * play[k]).sum();
        for k in range {
            weights[k] = play[k] * ((k % 7) as f64 - 3.0 - mean);
        }
    }
    weights
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_random_game_is_solved_and_certified(seed in 0u64..1_000_000, depth in 2usize..6) {
        let game = random_game(seed, depth, 3);
        let numbers = numbers(&game, &[0.3, -0.6, 0.8]);
        let precisions = [2.0, 1.0, 4.0];
        let mut solver = Solver::new(&game, Settings::default());
        let found = solver.solve(&numbers, &precisions);
        prop_assert_eq!(found.status, Status::Converged);
        let certificate = certify(&game, &numbers, &precisions, &found.play);
        prop_assert!(certificate.residual < 1e-9, "certified residual {}", certificate.residual);
        prop_assert!(certificate.belief_error < 1e-12);
    }

    #[test]
    fn a_nearby_start_leads_to_the_same_play(seed in 0u64..1_000_000) {
        let game = random_game(seed, 5, 3);
        let numbers = numbers(&game, &[0.3, -0.6, 0.8]);
        let mut solver = Solver::new(&game, Settings::default());
        let found = solver.solve(&numbers, &[2.0, 1.0, 3.0]);
        let start: Vec<f64> = found.logits.iter().enumerate().map(|(k, z)| z + 0.01 * (k % 3) as f64).collect();
        let again = solver.solve_from(&numbers, &[2.0, 1.0, 3.0], &start);
        for (a, b) in found.play.iter().zip(&again.play) {
            prop_assert!((a - b).abs() < 1e-9);
        }
    }

    #[test]
    fn the_gradient_through_the_equilibrium_agrees_with_finite_differences(seed in 0u64..1_000_000) {
        let game = random_game(seed, 5, 3);
        let mut random = Lcg(seed);
        let point: Vec<f64> = (0..3).map(|_| 2.0 * random.next() - 1.0).collect();
        let precisions = [1.5, 1.0, 2.5];
        let mut solver = Solver::new(&game, Settings { tolerance: 1e-13, ..Settings::default() });
        let values = game.expressions().evaluate(&point);
        let at = game.at(&values);
        let found = solver.solve(&at, &precisions);
        let gradient = solver.gradient(&precisions, &logit_weights(&game, &found.play));
        let mut adjoints = vec![0.0; game.expressions().len()];
        game.scatter_adjoints(&gradient.numbers, &mut adjoints);
        let mut exact = vec![0.0; 3];
        game.expressions().back_propagate(&values, &mut adjoints, &mut exact);
        exact.extend(&gradient.precisions);
        let mut function = |x: &[f64]| {
            test_function(&solver.solve(&numbers(&game, &x[..3]), &x[3..]).play)
        };
        let whole: Vec<f64> = point.iter().chain(&precisions).copied().collect();
        for k in 0..whole.len() {
            let h = 1e-5;
            let (mut up, mut down) = (whole.clone(), whole.clone());
            up[k] += h;
            down[k] -= h;
            let numeric = (function(&up) - function(&down)) / (2.0 * h);
            prop_assert!((exact[k] - numeric).abs() < 1e-6 * (1.0 + exact[k].abs()),
                "by {}: exact {}, numeric {}", k, exact[k], numeric);
        }
    }
}

#[test]
fn stronger_precision_is_followed_round_turns() {
    let game = crisis(2, 2, 2);
    let numbers = numbers(&game, &[]);
    for precision in [30.0, 100.0, 300.0] {
        let mut solver = Solver::new(&game, Settings::default());
        let found = solver.solve(&numbers, &[precision; 2]);
        println!(
            "precision {precision}: {:?}, residual {:e}, {} sweeps",
            found.status, found.residual, found.sweeps
        );
        assert_eq!(found.status, Status::Converged);
        let certificate = certify(&game, &numbers, &[precision; 2], &found.play);
        assert!(certificate.residual < 1e-8, "certified residual {}", certificate.residual);
    }
}

#[test]
fn play_is_found_where_the_response_stretches_every_error() {
    // The column player is so precise that the response to play within the tolerance is not within it.
    let game = matrix_games::SELTEN_CHMURA[6].0.normal_form().game();
    let numbers = numbers(&game, &[]);
    for precisions in [[0.745_463, 50.0], [0.745_389, 50.0], [0.745_538, 71.428_571]] {
        let found = Solver::new(&game, Settings::default()).solve(&numbers, &precisions);
        assert_eq!(found.status, Status::Converged);
        let certificate = certify(&game, &numbers, &precisions, &found.play);
        assert!(certificate.residual < 1e-8, "certified residual {}", certificate.residual);
    }
}

#[test]
fn play_moves_smoothly_with_the_precision_where_the_branch_does() {
    // A small change of the precision must not lead to another branch: that happened in every sixth of these games.
    let (mut jumped, mut left) = (0, 0);
    for seed in 0..60 {
        let game = common::random_normal_form(seed).game();
        let numbers = numbers(&game, &[]);
        let mut solver = Solver::new(&game, Settings::default());
        let mut before: Option<Vec<f64>> = None;
        let mut jumps = 0;
        for step in 0..80 {
            let precisions = vec![0.005 * 1.1f64.powi(step); game.players().len()];
            let found = solver.solve(&numbers, &precisions);
            assert!(certify(&game, &numbers, &precisions, &found.play).residual < 1e-7);
            if found.status != Status::Converged {
                // It says itself that the branch was left.
                (before, left) = (None, left + 1);
                continue;
            }
            let far = |b: &Vec<f64>| b.iter().zip(&found.play).any(|(p, q)| (p - q).abs() > 0.25);
            jumps += usize::from(before.as_ref().is_some_and(far));
            before = Some(found.play);
        }
        // A branch that folds back once leads to one jump.
        jumped += usize::from(jumps > 1);
    }
    assert_eq!(jumped, 0);
    assert!(left <= 5, "the branch was left {left} times of 4800");
}

#[test]
fn many_players_who_mix_are_solved_at_high_precisions_as_well() {
    // A volunteer's dilemma: all have 1 if anyone volunteers, which costs 0.3. The principal branch is symmetric: the log odds of
    // volunteering are $\lambda ((1 - p)^4 - 0.3)$.
    let payoff = |(profile, player): (u32, u32)| {
        let volunteers = profile >> player & 1 == 0;
        let won = if profile == 31 { 0.0 } else { 1.0 };
        format!(" {}", if volunteers { won - 0.3 } else { won })
    };
    let payoffs: String = (0..32).flat_map(|profile| (0..5).map(move |p| (profile, p))).map(payoff).collect();
    let players = r#"{ "A" "B" "C" "D" "E" } { 2 2 2 2 2 }"#;
    let game = counterplay_game::gambit::read_nfg(&format!("NFG 1 R \"Volunteers\" {players}{payoffs}"));
    let game = game.expect("a game file").game();
    let numbers = numbers(&game, &[]);
    for precision in [10.0, 100.0, 1e3, 1e4] {
        let found = Solver::new(&game, Settings::default()).solve(&numbers, &[precision; 5]);
        assert_eq!(found.status, Status::Converged, "at {precision}");
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..200 {
            let p: f64 = 0.5 * (low + high);
            let more = (p / (1.0 - p)).ln() < precision * ((1.0 - p).powi(4) - 0.3);
            if more { low = p } else { high = p }
        }
        assert!((found.play[0] - low).abs() < 1e-9, "at {precision}: {} and not {low}", found.play[0]);
    }
}
