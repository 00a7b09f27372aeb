//! Maximum-likelihood precision: published estimates, recovery of known ones, and the edges.

#[path = "common/matrix_games.rs"]
mod matrix_games;

use counterplay_equilibrium::estimate::{
    Bound, Ended, Observed, Place, PrecisionEstimate, Settings, Unusable, precision, precisions,
};
use counterplay_game::tree::Game;
use matrix_games::{OCHS, OCHS_COUNTS, SELTEN_CHMURA, TwoByTwo, counts};

fn estimate(game: &Game, counts: &[f64]) -> PrecisionEstimate {
    precision(&[Observed { game, known: &[], counts }], &Settings::default()).expect("there are counts")
}

fn near(found: f64, published: f64, tolerance: f64) {
    assert!((found - published).abs() <= tolerance, "{found}, published {published}, tolerance {tolerance}");
}

#[test]
fn mckelvey_and_palfrey_s_estimate_for_ochs_s_game_is_found() {
    // McKelvey and Palfrey (1995), on game 2 of Ochs (1995); to more digits as Gambit 16 reports them.
    let game = OCHS.normal_form().game();
    let found = estimate(&game, &OCHS_COUNTS);
    let best = found.best();
    assert_eq!((found.maxima.len(), best.place), (1, Place::Interior));
    near(best.precision, 1.845_609_753_7, 1e-5);
    near(best.log_likelihood, -174.764_531_910_9, 1e-8);
    for (p, q) in best.play[0].iter().zip([0.615_651, 0.384_349, 0.383_291, 0.616_709]) {
        near(*p, q, 1e-5);
    }
    near(found.random_log_likelihood, -256.0 * 2f64.ln(), 1e-10);
    assert!(best.log_likelihood < found.frequencies_log_likelihood);
}

/// Published for one of the games: which, precision, log likelihood, probabilities of up and left. Computed from
/// Bland's replication of Selten and Chmura (2008) by bisection in another program.
const PUBLISHED: [(usize, f64, f64, [f64; 2]); 6] = [
    (1, 1.910_868, -4036.3069, [0.047_312_87, 0.714_302_46]),
    (3, 1.271_387, -4388.0391, [0.188_601_78, 0.804_758_1]),
    (5, 1.461_14, -6076.6335, [0.316_886_29, 0.679_481_99]),
    (7, 0.721_102, -2432.0586, [0.059_709_7, 0.561_555_52]),
    (9, 2.658_633, -2413.1206, [0.209_592_06, 0.863_702_38]),
    (11, 1.205_142, -3087.9178, [0.311_129_37, 0.667_314_15]),
];

#[test]
fn the_estimates_for_selten_and_chmura_s_games_are_found() {
    for (number, precision, log_likelihood, [up, left]) in PUBLISHED {
        let (game, seen) = SELTEN_CHMURA[number - 1];
        let found = estimate(&game.normal_form().game(), &counts(seen));
        let best = found.best();
        assert_eq!(best.place, Place::Interior);
        near(best.precision, precision, 5e-6);
        near(best.log_likelihood, log_likelihood, 1e-4);
        near(best.play[0][0], up, 1e-6);
        near(best.play[0][2], left, 1e-6);
    }
}

#[test]
fn one_precision_for_all_of_selten_and_chmura_s_games_is_found() {
    let games: Vec<Game> = SELTEN_CHMURA.iter().map(|(g, _)| g.normal_form().game()).collect();
    let all: Vec<[f64; 4]> = SELTEN_CHMURA.iter().map(|(_, seen)| counts(*seen)).collect();
    let observed: Vec<Observed> =
        games.iter().zip(&all).map(|(game, counts)| Observed { game, known: &[], counts }).collect();
    let found = precision(&observed, &Settings::default()).expect("there are counts");
    let best = found.best();
    near(best.precision, 1.324_257, 2e-6);
    near(best.log_likelihood, -49_881.912_6, 1e-3);
    near(best.standard_error.expect("it is interior"), 0.027_004, 1e-5);
    // Bland's posterior has the prior ln lambda ~ N(-1.52, 1.41^2); its mean and standard deviation are 1.3214, 0.0303.
    near(best.precision, 1.3214, 0.0303);
}

/// The maximum of the log likelihood found by bisection play on a grid that is refined three times.
fn by_grid(game: &TwoByTwo, counts: &[f64; 4], low: f64, high: f64) -> f64 {
    let (mut low, mut high, mut best) = (low, high, low);
    for _ in 0..6 {
        let at = |k: i32| low + (high - low) * f64::from(k) / 200.0;
        let value = |k: &i32| game.log_likelihood(counts, at(*k));
        let k = (0..=200).max_by(|a, b| value(a).total_cmp(&value(b))).expect("there are points");
        best = at(k);
        (low, high) = (at(k - 2).max(0.0), at(k + 2));
    }
    best
}

#[test]
fn the_estimate_agrees_with_a_grid_search_over_play_found_by_bisection() {
    for (game, seen) in SELTEN_CHMURA {
        let counts = counts(seen);
        let found = estimate(&game.normal_form().game(), &counts);
        near(found.best().precision, by_grid(&game, &counts, 0.0, 10.0), 1e-5);
        near(found.best().log_likelihood, game.log_likelihood(&counts, found.best().precision), 1e-6);
        let h = 1e-3;
        let at = |l: f64| game.log_likelihood(&counts, found.best().precision + l);
        let information = -(at(h) - 2.0 * at(0.0) + at(-h)) / (h * h);
        near(found.best().information.expect("it is interior") / information, 1.0, 1e-4);
    }
}

fn dominance() -> Game {
    // The prisoners' dilemma: the second strategy dominates.
    TwoByTwo { row: [[3, 0], [4, 1]], column: [[3, 4], [0, 1]], unit: 1 }.normal_form().game()
}

#[test]
fn play_worse_than_random_is_estimated_as_random() {
    let found = estimate(&dominance(), &[60.0, 40.0, 55.0, 45.0]);
    let best = found.best();
    assert_eq!((best.place, best.precision, best.standard_error), (Place::Zero, 0.0, None));
    assert_eq!(best.log_likelihood, found.random_log_likelihood);
    assert!(best.slope < 0.0);
}

#[test]
fn play_at_the_limit_is_told_as_such() {
    let found = estimate(&dominance(), &[0.0, 100.0, 0.0, 100.0]);
    let best = found.best();
    assert_eq!((found.maxima.len(), best.place, best.standard_error), (1, Place::Limit, None));
    assert_eq!(best.precision, found.searched_to);
    assert!(best.log_likelihood > -1e-9);
}

#[test]
fn frequencies_of_the_nash_equilibrium_of_a_mixed_game_are_at_the_limit() {
    let nash_left = 2785.0 / 13_926.0;
    let found =
        estimate(&OCHS.normal_form().game(), &[500.0, 500.0, 1000.0 * nash_left, 1000.0 * (1.0 - nash_left)]);
    assert_eq!(found.best().place, Place::Limit);
}

#[test]
fn a_game_that_is_played_at_random_at_every_precision_identifies_none() {
    let pennies = TwoByTwo { row: [[1, -1], [-1, 1]], column: [[-1, 1], [1, -1]], unit: 1 };
    let found = estimate(&pennies.normal_form().game(), &[70.0, 30.0, 50.0, 50.0]);
    assert_eq!(found.maxima.len(), 1);
    assert_eq!(found.best().place, Place::Flat);
}

#[test]
fn a_likelihood_with_two_maxima_shows_both() {
    // Up rises with the precision and falls again in Ochs's game, so that a frequency in between is met twice.
    let found = estimate(&OCHS.normal_form().game(), &[565.0, 435.0, 0.0, 0.0]);
    assert_eq!(found.maxima.iter().filter(|m| m.place == Place::Interior).count(), 2, "{:?}", found.maxima);
    for maximum in &found.maxima {
        near(maximum.play[0][0], 0.565, 1e-6);
        near(maximum.log_likelihood, found.frequencies_log_likelihood, 1e-6);
    }
}

#[test]
fn counts_that_do_not_fit_are_refused() {
    let game = dominance();
    let refused =
        |counts: &[f64]| precision(&[Observed { game: &game, known: &[], counts }], &Settings::default());
    assert_eq!(refused(&[1.0]), Err(Unusable::WrongLength { observed: 0, actions: 4, counts: 1 }));
    assert_eq!(refused(&[1.0, -1.0, 0.0, 0.0]), Err(Unusable::BadCount { observed: 0, action: 1 }));
    assert_eq!(refused(&[0.0; 4]), Err(Unusable::Nothing));
    assert_eq!(precision(&[], &Settings::default()), Err(Unusable::Nothing));
}

#[test]
fn one_precision_for_each_player_fits_a_two_by_two_game_as_well_as_can_be() {
    // Two precisions and two frequencies: where play is on the right side, the fit is perfect.
    for (game, seen) in SELTEN_CHMURA {
        let (tree, counts) = (game.normal_form().game(), counts(seen));
        let observed = [Observed { game: &tree, known: &[], counts: &counts }];
        let found = precisions(&observed, &Settings::default()).expect("there are counts");
        let common = estimate(&tree, &counts);
        let best = found.best();
        assert!(best.log_likelihood >= common.best().log_likelihood - 1e-6);
        assert_eq!(best.ended, Ended::Converged);
        if best.precisions.iter().all(|p| p.bound == Bound::Free) {
            near(best.log_likelihood, found.frequencies_log_likelihood, 1e-5);
            assert!(best.precisions.iter().all(|p| p.standard_error.is_some()));
        }
    }
}
