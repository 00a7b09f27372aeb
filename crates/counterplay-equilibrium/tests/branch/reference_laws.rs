//! The reference tracer against closed forms, scalar equations, stated values, and itself.

use crate::cases::{
    SIGNALS_38, SIGNALS_73, battle_of_the_sexes, catastrophe, chicken, followed, signals, six_273, six_306,
    stag_hunt,
};
use crate::families::{self, grow};
use crate::random::Random;
use crate::reference::System;
use crate::reference::bimatrix::Bimatrix;
use crate::reference::stochastic::{State, Stochastic};
use crate::reference::tracer::{Fineness, trace};
use crate::reference::tree::{Node, Set, Tree};

#[track_caller]
fn close(found: f64, right: f64, tolerance: f64) {
    assert!((found - right).abs() <= tolerance, "{found} for {right}");
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Newton's method for two log-odds at each of many precisions in turn, up from 0: another continuation, in the precision.
fn in_the_precision(game: &Bimatrix, precision: f64, steps: usize) -> (f64, f64) {
    let (a, b) = (&game.row, &game.column);
    let row = (a[0] - a[2], a[1] - a[3]);
    let column = (b[0] - b[1], b[2] - b[3]);
    let (mut x, mut y) = (0.0f64, 0.0f64);
    for step in 1..=steps {
        let l = precision * step as f64 / steps as f64;
        for _ in 0..50 {
            let (p, q) = (logistic(x), logistic(y));
            let f = x - l * (q * row.0 + (1.0 - q) * row.1);
            let g = y - l * (p * column.0 + (1.0 - p) * column.1);
            let fy = -l * q * (1.0 - q) * (row.0 - row.1);
            let gx = -l * p * (1.0 - p) * (column.0 - column.1);
            let determinant = 1.0 - fy * gx;
            let (dx, dy) = ((f - fy * g) / determinant, (g - gx * f) / determinant);
            x -= dx;
            y -= dy;
            if dx.abs() + dy.abs() < 1e-13 {
                break;
            }
        }
    }
    (logistic(x), logistic(y))
}

#[test]
fn continuation_in_the_precision_in_many_more_steps_gives_the_same() {
    let mut games = vec![chicken(-0.1), chicken(0.01), battle_of_the_sexes(3.03), battle_of_the_sexes(3.003)];
    games.push(stag_hunt(5.8));
    games.extend((0..60).map(|k| families::nearly_symmetric(k, 1)).filter(|g| g.rows == 2));
    for game in games {
        for precision in [0.5, 1.5, 4.5] {
            let found = followed(&game, precision);
            let (p, q) = in_the_precision(&game, precision, 100_000);
            close(found.answers[0].play[0], p, 1e-9);
            close(found.answers[0].play[2], q, 1e-9);
            assert_eq!(found.crossings, []);
        }
    }
}

#[test]
fn the_stated_play_of_games_that_went_wrong_is_met() {
    let play = |system: &dyn System, precision: f64| followed(system, precision).answers[0].play.clone();
    close(play(&battle_of_the_sexes(3.03), 1.5)[0], 0.961_53, 5e-6);
    close(play(&battle_of_the_sexes(3.03), 1.5)[2], 0.780_61, 5e-6);
    close(play(&chicken(-0.1), 4.5)[0], 0.000, 5e-4);
    close(play(&chicken(-0.1), 4.5)[2], 0.989, 5e-4);
    close(play(&battle_of_the_sexes(3.0), 10.0)[0], 0.7257, 5e-5);
    close(play(&stag_hunt(5.8), 8.0)[0], 3.8e-11, 1e-12);
    close(play(&signals(SIGNALS_38), 4.0)[0], 0.0004, 5e-5);
    close(play(&signals(SIGNALS_38), 4.0)[2], 0.9997, 5e-5);
    close(play(&signals(SIGNALS_73), 5.0)[0], 0.9931, 5e-5);
    close(play(&signals(SIGNALS_73), 5.0)[2], 0.9999, 5e-5);
    close(play(&catastrophe(1e6), 10.0)[0], 0.999_96, 1e-5);
    close(play(&catastrophe(1e6), 10.0)[4], 0.999_96, 1e-5);
}

#[test]
fn folds_are_where_they_are_stated_and_games_without_symmetry_have_no_crossings() {
    let found = followed(&six_273(), 3.0);
    assert_eq!(found.crossings, []);
    close(found.folds[0], 0.5397, 5e-5);
    close(found.folds[1], 0.2252, 5e-5);
    assert!(found.answers[0].play[0] > 0.99 && found.answers[0].play[8] > 0.99);
    let found = followed(&six_306(), 3.0);
    assert_eq!((found.folds, found.crossings), (vec![], vec![]));
    let play = &found.answers[0].play;
    close(play[1], 0.22, 0.02);
    close(play[6 + 3] + play[6 + 4], 1.0, 1e-3);
}

#[test]
fn the_pitchfork_of_the_symmetric_battle_of_the_sexes_is_crossed_straight_on() {
    let found = followed(&battle_of_the_sexes(3.0), 60.0);
    assert_eq!(found.crossings.len(), 1);
    close(found.crossings[0], 1.0699, 5e-5);
    assert_eq!(found.folds, []);
    // The symmetric branch is where x = logistic(lambda (3 - 4 x)), which has one solution.
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..100 {
        let x: f64 = 0.5 * (low + high);
        if logistic(60.0 * (3.0 - 4.0 * x)) > x { low = x } else { high = x }
    }
    close(found.answers[0].play[0], low, 1e-10);
    close(found.answers[0].play[3], low, 1e-10);
}

#[test]
fn an_asymmetry_of_a_millionth_makes_no_crossing() {
    for (game, first) in [(battle_of_the_sexes(3.000_001), 0.95), (battle_of_the_sexes(2.999_999), 0.3)] {
        let found = followed(&game, 1.5);
        assert_eq!(found.crossings, []);
        let play = found.answers[0].play[0];
        assert!(if first > 0.5 { play > first } else { play < first }, "{play}");
    }
}

#[test]
fn the_symmetric_war_of_attrition_meets_its_equation_in_one_unknown() {
    // Both stay: each pays 1, and the next period is as this one. One who stays alone gets 10.
    let state = State {
        rows: 2,
        columns: 2,
        row: vec![-1.0, 10.0, 0.0, 0.0],
        column: vec![-1.0, 0.0, 10.0, 0.0],
        weights: vec![vec![1.0], vec![0.0], vec![0.0], vec![0.0]],
    };
    let game = Stochastic::new(vec![state]);
    let precisions = [1.0, 2.0, 5.0, 20.0, 200.0];
    let found = trace(&game, &precisions, &Fineness::default());
    for (answer, quits) in found.answers.iter().zip([0.133_253, 0.110_719, 0.098_447, 0.092_743, 0.091_091]) {
        close(answer.play[1], quits, 5e-7);
        close(answer.play[3], quits, 5e-7);
    }
    assert_eq!(found.answers.len(), precisions.len());
    assert_eq!((found.folds.len(), found.crossings.len()), (0, 1));
}

/// The derivative by central differences.
fn check_derivative(system: &dyn System, random: &mut Random) {
    let n = system.unknowns();
    let x: Vec<f64> =
        (0..=n).map(|k| if k == n { 4.0 * random.unit() } else { 4.0 * random.unit() - 2.0 }).collect();
    let evaluate = |x: &[f64]| {
        let (mut residual, mut jacobian) = (vec![0.0; n], vec![0.0; n * (n + 1)]);
        system.evaluate(x, &mut residual, &mut jacobian);
        (residual, jacobian)
    };
    let (_, jacobian) = evaluate(&x);
    for column in 0..=n {
        let at = |shift: f64| {
            let mut x = x.clone();
            x[column] += shift;
            evaluate(&x).0
        };
        let (above, below) = (at(1e-5), at(-1e-5));
        for row in 0..n {
            close(jacobian[row * (n + 1) + column], (above[row] - below[row]) / 2e-5, 1e-8);
        }
    }
}

#[test]
fn derivatives_are_those_of_differences() {
    let mut random = Random::new("derivatives", 0, 1);
    for number in 0..30 {
        check_derivative(&families::bimatrix(number, 1), &mut random);
        check_derivative(&families::signalling(number, 1), &mut random);
        check_derivative(&families::stochastic(number, 1), &mut random);
    }
    check_derivative(&catastrophe(50.0), &mut random);
}

/// The same game as a tree: the column player moves second and does not see what the first did.
fn as_tree(game: &Bimatrix) -> Tree {
    let mut nodes = vec![Node::Decision { set: 0, children: Vec::new() }];
    for i in 0..game.rows {
        let second = grow(&mut nodes, 0, Node::Decision { set: 1, children: Vec::new() });
        for j in 0..game.columns {
            let k = i * game.columns + j;
            grow(&mut nodes, second, Node::End { payoffs: vec![game.row[k], game.column[k]] });
        }
    }
    let sets = vec![Set { player: 0, actions: game.rows }, Set { player: 1, actions: game.columns }];
    Tree::new(2, nodes, sets)
}

#[test]
fn a_simultaneous_move_is_the_same_as_a_matrix_a_tree_and_a_state() {
    for number in 0..30 {
        let game = families::bimatrix(number, 1);
        let precisions = families::bimatrix_precisions(1.0 / game.unit());
        let state = State {
            rows: game.rows,
            columns: game.columns,
            row: game.row.clone(),
            column: game.column.clone(),
            weights: vec![vec![0.0]; game.rows * game.columns],
        };
        let matrix = trace(&game, &precisions, &Fineness::default());
        for other in [&as_tree(&game) as &dyn System, &Stochastic::new(vec![state])] {
            let other = trace(other, &precisions, &Fineness::default());
            assert_eq!(other.answers.len(), precisions.len());
            for (a, b) in matrix.answers.iter().zip(&other.answers) {
                let difference = a.play.iter().zip(&b.play).map(|(p, q)| (p - q).abs()).fold(0.0, f64::max);
                assert!(difference < 1e-9, "game {number} at {}: {difference}", a.precision);
            }
        }
    }
}

#[track_caller]
fn same_with_shorter_steps(name: &str, system: &dyn System, precisions: &[f64]) {
    let (coarse, fine) = (Fineness::default(), Fineness::default().halved().halved());
    let (a, b) = (trace(system, precisions, &coarse), trace(system, precisions, &fine));
    assert_eq!((a.answers.len(), b.answers.len()), (precisions.len(), precisions.len()), "{name}");
    for (a, b) in a.answers.iter().zip(&b.answers) {
        assert_eq!((a.folds, a.crossings), (b.folds, b.crossings), "{name} at {}", a.precision);
        let difference = a.play.iter().zip(&b.play).map(|(p, q)| (p - q).abs()).fold(0.0, f64::max);
        assert!(difference < 1e-8, "{name} at {}: {difference}", a.precision);
    }
}

#[test]
fn a_quarter_of_the_step_gives_the_same_branch() {
    for number in 0..12 {
        let game = families::bimatrix(number, 7);
        let precisions = families::bimatrix_precisions(1.0 / game.unit());
        same_with_shorter_steps(&format!("bimatrix {number}"), &game, &precisions);
        let game = families::nearly_symmetric(number, 7);
        let precisions = families::bimatrix_precisions(1.0 / game.unit());
        same_with_shorter_steps(&format!("nearly symmetric {number}"), &game, &precisions);
        let game = families::signalling(number, 7);
        same_with_shorter_steps(&format!("signalling {number}"), &game, &families::SIGNALLING_PRECISIONS);
        let game = families::stochastic(number, 7);
        let precisions = [0.3, 1.0, 3.0];
        same_with_shorter_steps(&format!("stochastic {number}"), &game, &precisions);
    }
}
