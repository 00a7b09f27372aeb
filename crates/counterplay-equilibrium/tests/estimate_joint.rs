//! Maximum-likelihood estimates of several unknowns: parameters of payoffs, and precisions.

mod common;
#[path = "common/matrix_games.rs"]
mod matrix_games;

use common::{Lcg, random_game};
use counterplay_equilibrium::estimate::{
    Bound, Ended, Joint, Observed, Precisions, Settings, Unknowns, Unusable, parameters, precisions,
};
use counterplay_equilibrium::logit;
use counterplay_game::build::TreeBuilder;
use counterplay_game::expression::{ExprId, Expressions, ParameterId, Unary};
use counterplay_game::id::{EventId, PlayerId};
use counterplay_game::knowledge::Knowledge;
use counterplay_game::tree::{End, Game, Kind};
use matrix_games::{SELTEN_CHMURA, TwoByTwo, counts};

const FREE: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

fn near(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found}, expected {expected}, tolerance {tolerance}");
}

/// A two-by-two game whose payoffs are `utility` of those given.
fn with_utility(game: &TwoByTwo, utility: impl Fn(&mut Expressions, i64) -> ExprId) -> Game {
    let mut builder = TreeBuilder::new(vec!["row".into(), "column".into()]);
    let mut expressions = Expressions::new();
    let names = ["row", "column"].map(|n| builder.texts.intern(n));
    let labels = ["first", "second"].map(|n| builder.texts.intern(n));
    let events = names.map(|n| builder.event(n, 1));
    let sets = [0, 1].map(|p| {
        let set = builder.info_set(PlayerId::new(p), names[p], Knowledge::nothing(), &labels);
        set.expect("it is met once")
    });
    let root = builder.add(None, Kind::Decision(sets[0]), events[0]);
    for row in 0..2 {
        let node = builder.add(Some((root, row)), Kind::Decision(sets[1]), events[1]);
        for column in 0..2 {
            let payoffs = [game.row, game.column].map(|m| utility(&mut expressions, m[row][column]));
            let end = builder.end(End { payoffs: payoffs.to_vec(), tag: 0 });
            builder.add(Some((node, column)), Kind::End(end), EventId::new(0));
        }
    }
    builder.finish(expressions).expect("every branch was added")
}

/// $x^r$, where the parameter is $r$.
fn power(expressions: &mut Expressions, x: i64) -> ExprId {
    if x == 0 {
        return expressions.constant(0.0);
    }
    let log = expressions.constant((x as f64).ln());
    let exponent = expressions.parameter(ParameterId::new(0));
    let product = expressions.multiply(exponent, log);
    expressions.unary(Unary::Exp, product)
}

#[test]
fn risk_aversion_in_selten_and_chmura_s_games_is_estimated_as_bland_does() {
    // Bland's posterior means and standard deviations, with u(x) = x^r: precision 1.5034 (0.0500), r 0.9103 (0.0169).
    // His priors and his approximation of the equilibria differ from ours; with 86,400 choices they hardly matter.
    let games: Vec<Game> = SELTEN_CHMURA.iter().map(|(g, _)| with_utility(g, power)).collect();
    let all: Vec<[f64; 4]> = SELTEN_CHMURA.iter().map(|(_, seen)| counts(*seen)).collect();
    let observed: Vec<Observed> =
        games.iter().zip(&all).map(|(game, counts)| Observed { game, known: &[], counts }).collect();
    let unknowns =
        Unknowns { starts: &[vec![1.0], vec![0.5]], bounds: &[(0.05, 3.0)], precisions: Precisions::Common };
    let found = parameters(&observed, &unknowns, &Settings::default()).expect("there are counts");
    let best = found.best();
    assert_eq!(best.ended, Ended::Converged);
    println!("{:?} {:?} {} {}", best.precisions, best.parameters, best.log_likelihood, found.maxima.len());
    near(best.precisions[0].value, 1.5034, 0.05);
    near(best.parameters[0].value, 0.9103, 0.0169);
    near(best.precisions[0].standard_error.expect("it is identified"), 0.05, 0.01);
    near(best.parameters[0].standard_error.expect("it is identified"), 0.0169, 0.004);
    assert!(best.log_likelihood > -49_881.912_6);
}

#[test]
fn a_choice_of_one_player_is_estimated_as_by_logistic_regression() {
    // The payoff of the first action is a + b x, that of the second zero; x is known of each observation.
    let one = TwoByTwo { row: [[1, 1], [0, 0]], column: [[0, 0], [0, 0]], unit: 1 };
    let game = with_utility(&one, |e, payoff| {
        let [a, b, x] = [0, 1, 2].map(|k| e.parameter(ParameterId::new(k)));
        let slope = e.multiply(b, x);
        let sum = e.add(a, slope);
        if payoff == 1 { sum } else { e.constant(0.0) }
    });
    let data: [(f64, [f64; 4]); 5] = [
        (-2.0, [3.0, 17.0, 0.0, 0.0]),
        (-0.5, [8.5, 12.0, 0.0, 0.0]),
        (0.0, [11.0, 9.0, 0.0, 0.0]),
        (1.0, [12.0, 10.0, 0.0, 0.0]),
        (3.0, [19.0, 2.0, 0.0, 0.0]),
    ];
    let observed: Vec<Observed> = data
        .iter()
        .map(|(x, counts)| Observed { game: &game, known: std::slice::from_ref(x), counts })
        .collect();
    let unknowns = Unknowns {
        starts: &[vec![0.0, 0.0], vec![2.0, -3.0]],
        bounds: &[FREE, FREE],
        precisions: Precisions::Fixed(vec![1.0, 1.0]),
    };
    let found = parameters(&observed, &unknowns, &Settings::default()).expect("there are counts");
    assert_eq!((found.starts, found.maxima.len(), found.best().reached_from), (2, 1, 2));
    let (coefficients, errors) = logistic_regression(&data);
    for (k, estimate) in found.best().parameters.iter().enumerate() {
        near(estimate.value, coefficients[k], 1e-8);
        near(estimate.standard_error.expect("it is identified"), errors[k], 1e-6);
    }
}

/// Coefficients and standard errors by iteratively reweighted least squares.
fn logistic_regression(data: &[(f64, [f64; 4])]) -> ([f64; 2], [f64; 2]) {
    let mut at = [0.0, 0.0];
    for _ in 0..50 {
        let (mut slope, mut bend) = ([0.0; 2], [0.0; 3]);
        for (x, counts) in data {
            let p = 1.0 / (1.0 + (-(at[0] + at[1] * x)).exp());
            let total = counts[0] + counts[1];
            let (off, weight) = (counts[0] - total * p, total * p * (1.0 - p));
            slope = [slope[0] + off, slope[1] + off * x];
            bend = [bend[0] + weight, bend[1] + weight * x, bend[2] + weight * x * x];
        }
        let determinant = bend[0] * bend[2] - bend[1] * bend[1];
        let step = [
            (bend[2] * slope[0] - bend[1] * slope[1]) / determinant,
            (bend[0] * slope[1] - bend[1] * slope[0]) / determinant,
        ];
        at = [at[0] + step[0], at[1] + step[1]];
        if step.iter().all(|s| s.abs() < 1e-14) {
            return (at, [(bend[2] / determinant).sqrt(), (bend[0] / determinant).sqrt()]);
        }
    }
    panic!("the regression did not converge")
}

/// Counts in the proportions of play at this point, and their log likelihood.
fn proportions(game: &Game, point: &[f64], precisions: &[f64]) -> (Vec<f64>, f64) {
    let numbers = game.at(&game.expressions().evaluate(point));
    let found = logit::Solver::new(game, logit::Settings::default()).solve(&numbers, precisions);
    assert_eq!(found.status, logit::Status::Converged);
    let counts: Vec<f64> = found.play.iter().map(|p| 1000.0 * p).collect();
    let level = counts.iter().zip(&found.play).map(|(c, p)| c * p.ln()).sum();
    (counts, level)
}

#[test]
fn parameters_of_a_game_in_extensive_form_are_given_back() {
    for seed in [3, 8, 21, 40] {
        let game = random_game(seed, 4, 3);
        let (point, known) = ([0.3, -0.6, 0.8], vec![1.5, 2.0, 1.0]);
        let (counts, level) = proportions(&game, &point, &known);
        let observed = [Observed { game: &game, known: &[], counts: &counts }];
        let unknowns = Unknowns {
            starts: &[vec![0.0; 3], vec![0.5, -0.5, 0.5]],
            bounds: &[(-2.0, 2.0); 3],
            precisions: Precisions::Fixed(known),
        };
        let found = parameters(&observed, &unknowns, &Settings::default()).expect("there are counts");
        let best = found.best();
        near(best.log_likelihood, level, 1e-6 * level.abs());
        if best.covariance.is_some() {
            let at = best.parameters.iter().zip(point).all(|(e, p)| (e.value - p).abs() < 1e-5);
            assert!(at, "seed {seed}: {:?}", best.parameters);
        }
    }
}

#[test]
fn a_precision_for_each_player_is_given_back() {
    let game = random_game(8, 4, 3);
    let point = [0.3, -0.6, 0.8];
    let (counts, level) = proportions(&game, &point, &[1.5, 3.0, 0.7]);
    let observed = [Observed { game: &game, known: &point, counts: &counts }];
    let found = precisions(&observed, &Settings::default()).expect("there are counts");
    let best = found.best();
    near(best.log_likelihood, level, 1e-6 * level.abs());
    for (estimate, truth) in best.precisions.iter().zip([1.5, 3.0, 0.7]) {
        if estimate.bound == Bound::Free && best.covariance.is_some() {
            near(estimate.value, truth, 1e-5);
        }
    }
    assert!(best.covariance.is_some(), "{best:?}");
}

#[test]
fn the_scale_of_payoffs_and_the_precision_are_not_told_apart() {
    let (game, seen) = SELTEN_CHMURA[4];
    let scaled = with_utility(&game, |e, x| {
        let (scale, x) = (e.parameter(ParameterId::new(0)), e.constant(x as f64));
        e.multiply(scale, x)
    });
    let counts = counts(seen);
    let observed = [Observed { game: &scaled, known: &[], counts: &counts }];
    let unknowns =
        Unknowns { starts: &[vec![1.0], vec![2.0]], bounds: &[(0.1, 10.0)], precisions: Precisions::Common };
    let found = parameters(&observed, &unknowns, &Settings::default()).expect("there are counts");
    let best = found.best();
    assert_eq!(best.covariance, None);
    assert!(best.parameters.iter().chain(&best.precisions).all(|e| e.standard_error.is_none()));
    near(best.parameters[0].value * best.precisions[0].value, 1.461_14, 1e-4);
    near(best.log_likelihood, -6076.6335, 1e-3);
}

#[test]
fn a_parameter_at_its_bound_is_told_as_such() {
    let (game, seen) = SELTEN_CHMURA[4];
    let tree = with_utility(&game, power);
    let counts = counts(seen);
    let observed = [Observed { game: &tree, known: &[], counts: &counts }];
    let at = |bounds: (f64, f64)| -> Joint {
        let unknowns = Unknowns {
            starts: &[vec![bounds.0]],
            bounds: &[bounds],
            precisions: Precisions::Fixed(vec![1.0; 2]),
        };
        parameters(&observed, &unknowns, &Settings::default()).expect("there are counts")
    };
    let inside = at((0.5, 2.0));
    let value = inside.best().parameters[0].value;
    assert_eq!(inside.best().parameters[0].bound, Bound::Free);
    let below = at((0.5, value - 0.1));
    assert_eq!(below.best().parameters[0].bound, Bound::Upper);
    assert_eq!(below.best().parameters[0].standard_error, None);
    let above = at((value + 0.1, 2.0));
    assert_eq!(above.best().parameters[0].bound, Bound::Lower);
    assert!(
        inside.best().log_likelihood > f64::max(below.best().log_likelihood, above.best().log_likelihood)
    );
}

#[test]
fn standard_errors_agree_with_second_differences_of_the_likelihood() {
    let (game, seen) = SELTEN_CHMURA[4];
    let (tree, counts) = (with_utility(&game, power), counts(seen));
    let observed = [Observed { game: &tree, known: &[], counts: &counts }];
    let unknowns = Unknowns { starts: &[vec![1.0]], bounds: &[(0.1, 3.0)], precisions: Precisions::Common };
    let found = parameters(&observed, &unknowns, &Settings::default()).expect("there are counts");
    let best = found.best();
    let centre = [best.parameters[0].value, best.precisions[0].value];
    let level = |x: [f64; 2]| {
        let numbers = tree.at(&tree.expressions().evaluate(&x[..1]));
        let settings = logit::Settings { tolerance: 1e-13, ..logit::Settings::default() };
        let play = logit::Solver::new(&tree, settings).solve(&numbers, &[x[1]; 2]).play;
        counts.iter().zip(&play).map(|(c, p)| c * p.ln()).sum::<f64>()
    };
    let h = 1e-3;
    let at = |i: f64, j: f64| level([centre[0] + h * i, centre[1] + h * j]);
    let here = at(0.0, 0.0);
    let a = (2.0 * here - at(1.0, 0.0) - at(-1.0, 0.0)) / (h * h);
    let d = (2.0 * here - at(0.0, 1.0) - at(0.0, -1.0)) / (h * h);
    let b = -(at(1.0, 1.0) - at(1.0, -1.0) - at(-1.0, 1.0) + at(-1.0, -1.0)) / (4.0 * h * h);
    let determinant = a * d - b * b;
    let expected = [[d / determinant, -b / determinant], [-b / determinant, a / determinant]];
    let covariance = best.covariance.as_ref().expect("both are identified");
    for i in 0..2 {
        for j in 0..2 {
            near(covariance[i][j] / expected[i][j], 1.0, 1e-2);
        }
    }
}

#[test]
fn starts_that_do_not_fit_are_refused() {
    let game = with_utility(&SELTEN_CHMURA[0].0, power);
    let mut random = Lcg(1);
    let counts: Vec<f64> = (0..4).map(|_| random.next()).collect();
    let observed = [Observed { game: &game, known: &[], counts: &counts }];
    let refused = |starts: &[Vec<f64>], bounds: &[(f64, f64)], precisions: Precisions| {
        parameters(&observed, &Unknowns { starts, bounds, precisions }, &Settings::default()).err()
    };
    assert_eq!(refused(&[], &[FREE], Precisions::Common), Some(Unusable::BadStart));
    assert_eq!(refused(&[vec![1.0, 2.0]], &[FREE], Precisions::Common), Some(Unusable::BadStart));
    assert_eq!(refused(&[vec![1.0]], &[(1.0, 0.0)], Precisions::Common), Some(Unusable::BadStart));
    assert_eq!(refused(&[vec![1.0]], &[FREE], Precisions::Fixed(vec![1.0])), Some(Unusable::BadStart));
    assert_eq!(refused(&[vec![1.0]], &[FREE], Precisions::Common), None);
}
