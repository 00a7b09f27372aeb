//! The principal branch to its limit.

mod common;

use common::crisis;
use counterplay_equilibrium::logit::search::SearchSettings;
use counterplay_equilibrium::logit::trace::{Trace, TraceEnd, TraceSettings};
use counterplay_equilibrium::logit::{Settings, Solver};
use counterplay_equilibrium::referee::certify::certify;
use counterplay_game::normal::NormalForm;
use counterplay_game::rational::Rational;
use counterplay_game::tree::Game;

fn normal(sizes: &[usize], payoffs: &[i64]) -> Game {
    let players = (1..=sizes.len()).map(|p| p.to_string()).collect();
    let strategies = sizes.iter().map(|n| (1..=*n).map(|s| s.to_string()).collect()).collect();
    let payoffs = payoffs.iter().map(|&x| Rational::from_integer(x.into())).collect();
    NormalForm::new(players, strategies, payoffs).game()
}

fn limit(game: &Game, regret: f64) -> Trace {
    let numbers = game.at(&game.expressions().evaluate(&[]));
    let precisions = vec![1.0; game.players().len()];
    let settings = TraceSettings { regret, ..TraceSettings::default() };
    Solver::new(game, Settings::default()).trace(&numbers, &precisions, &settings, &mut |_| false)
}

fn assert_near(found: &[f64], expected: &[f64], tolerance: f64) {
    assert!(
        found.iter().zip(expected).all(|(f, e)| (f - e).abs() < tolerance),
        "{found:?}, expected {expected:?}"
    );
}

#[test]
fn a_mixed_equilibrium_is_the_limit_of_matching_pennies() {
    // The row player wins 9 on (1, 1) and 1 on (2, 2); the column player 1 otherwise: (1/2, 1/2), (1/10, 9/10).
    let game = normal(&[2, 2], &[9, 0, 0, 1, 0, 1, 1, 0]);
    let found = limit(&game, 1e-7);
    assert_eq!(found.end, TraceEnd::Limit);
    assert_near(&found.last.play, &[0.5, 0.5, 0.1, 0.9], 1e-5);
}

#[test]
fn the_branch_of_a_stag_hunt_leads_to_the_risk_dominant_equilibrium() {
    let game = normal(&[2, 2], &[9, 9, 8, 0, 0, 8, 7, 7]);
    let found = limit(&game, 1e-7);
    assert_eq!(found.end, TraceEnd::Limit);
    assert_near(&found.last.play, &[0.0, 1.0, 0.0, 1.0], 1e-5);
}

#[test]
fn a_search_finds_both_branches_of_a_stag_hunt() {
    let game = normal(&[2, 2], &[9, 9, 8, 0, 0, 8, 7, 7]);
    let numbers = game.at(&game.expressions().evaluate(&[]));
    let mut solver = Solver::new(&game, Settings::default());
    let precisions = [5.0, 5.0];
    let found = solver.search(&numbers, &precisions, &SearchSettings::default());
    assert!(found.principal_first);
    for equilibrium in &found.equilibria {
        let certificate = certify(&game, &numbers, &precisions, &equilibrium.play);
        assert!(certificate.residual < 1e-9, "{certificate:?}");
    }
    let settings = TraceSettings::default();
    let limits: Vec<Vec<f64>> = found
        .equilibria
        .iter()
        .map(|e| solver.trace_from(&numbers, &[1.0, 1.0], (5.0, &e.logits), &settings, &mut |_| false))
        .filter(|t| t.end == TraceEnd::Limit)
        .map(|t| t.last.play)
        .collect();
    // Both hunt the stag; both hunt the hare; and the mixed equilibrium, at 7/8.
    for expected in [[1.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0], [0.875, 0.125, 0.875, 0.125]] {
        assert!(
            limits.iter().any(|l| l.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-4)),
            "{expected:?} is not in {limits:?}"
        );
    }
}

/// The branch of the stag hunt that the principal one is not: from hunting the stag down to where it folds, and up to the
/// mixed equilibrium.
#[test]
fn a_branch_that_a_search_finds_is_drawn_whole() {
    let game = normal(&[2, 2], &[9, 9, 8, 0, 0, 8, 7, 7]);
    let numbers = game.at(&game.expressions().evaluate(&[]));
    let mut solver = Solver::new(&game, Settings::default());
    let found = solver.search(&numbers, &[5.0, 5.0], &SearchSettings::default());
    let settings = TraceSettings::default();
    let stag = found.equilibria.iter().find(|e| e.play[0] > 0.99).expect("both hunt the stag");
    let mut lowest = f64::INFINITY;
    let down = solver.trace_down(&numbers, &[1.0; 2], (5.0, &stag.logits), &settings, &mut |point| {
        lowest = lowest.min(point.precision);
        false
    });
    assert_eq!(down.end, TraceEnd::Limit);
    assert_near(&down.last.play, &[0.875, 0.125, 0.875, 0.125], 1e-4);
    // The symmetric equilibria solve ln(p / (1 - p)) = lambda (8 p - 7); by bisection in p of the slope of lambda, lambda is
    // smallest where it is 1 / (8 p (1 - p)).
    let fold = |p: f64| (p / (1.0 - p)).ln() / (8.0 * p - 7.0) - 1.0 / (8.0 * p * (1.0 - p));
    let (mut low, mut high) = (0.876, 1.0 - 1e-9);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if fold(middle) > 0.0 { low = middle } else { high = middle }
    }
    let expected = 1.0 / (8.0 * low * (1.0 - low));
    assert!(lowest >= expected - 1e-3 && lowest < expected * 1.05, "{lowest}, expected {expected}");
    // The principal branch leads down to uniform play.
    let hare = &found.equilibria[0];
    let down = solver.trace_down(&numbers, &[1.0; 2], (5.0, &hare.logits), &settings, &mut |_| false);
    assert_eq!(down.end, TraceEnd::Uniform);
    assert_near(&down.last.play, &[0.5; 4], 0.05);
}

/// The game of McKelvey and McLennan (1997) with nine equilibria: players 1 and 2 stay at even odds on the branch, also
/// beyond the point where another crosses it.
#[test]
fn a_branch_that_another_crosses_goes_straight_on() {
    let payoffs = [9, 8, 12, 0, 0, 0, 0, 0, 0, 9, 8, 2, 0, 0, 0, 3, 4, 6, 3, 4, 6, 0, 0, 0];
    let found = limit(&normal(&[2, 2, 2], &payoffs), 1e-7);
    assert_eq!(found.end, TraceEnd::Limit);
    assert!((found.crossings[0] - 0.597).abs() < 1e-3, "{:?}", found.crossings);
}

/// At a high precision most information sets are reached with a probability below the smallest number.
#[test]
fn gradients_hold_where_reach_is_below_the_smallest_number() {
    let game = crisis(3, 4, 2);
    let numbers = game.at(&game.expressions().evaluate(&[]));
    let settings = Settings { tolerance: 1e-13, ..Settings::default() };
    let mut solver = Solver::new(&game, settings);
    let precisions = [900.0, 700.0];
    let found = solver.solve(&numbers, &precisions);
    let reached = |numbers: &_, precisions: &[f64]| {
        let logits = Solver::new(&game, settings).solve_from(numbers, precisions, &found.logits).logits;
        logits.iter().enumerate().map(|(k, z)| (k % 5) as f64 * z).sum::<f64>()
    };
    let weights: Vec<f64> = (0..found.logits.len()).map(|k| (k % 5) as f64).collect();
    let gradient = solver.gradient(&precisions, &weights);
    for player in 0..2 {
        let moved = |d: f64| {
            let mut moved = precisions;
            moved[player] += d;
            reached(&numbers, &moved)
        };
        let difference = (moved(1e-4) - moved(-1e-4)) / 2e-4;
        let exact = gradient.precisions[player];
        assert!((difference - exact).abs() < 1e-5 * exact.abs().max(1.0), "{difference} {exact}");
    }
}

#[test]
fn the_limit_of_crisis_bargaining_is_certified() {
    for (rounds, offers, types) in [(2, 2, 2), (2, 5, 3), (3, 6, 3)] {
        let game = crisis(rounds, offers, types);
        let found = limit(&game, 5e-7);
        assert_eq!(found.end, TraceEnd::Limit);
        let numbers = game.at(&game.expressions().evaluate(&[]));
        let certificate = certify(&game, &numbers, &[1.0, 1.0], &found.last.play);
        assert!(certificate.regret < 1e-6, "{}", certificate.regret);
    }
}
