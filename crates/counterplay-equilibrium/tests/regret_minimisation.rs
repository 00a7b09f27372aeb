//! Counterfactual regret minimisation: against the textbook's recursion, published values, and certified NashConv.

mod common;
#[path = "common/reference.rs"]
#[allow(clippy::disallowed_methods, clippy::disallowed_macros)]
mod reference;

use common::poker::{kuhn, leduc};
use common::textbook::Textbook;
use common::zero_sum::random_zero_sum;
use common::{crisis, random_game};
use counterplay_equilibrium::cfr::{Settings, Solver, Status, Variant, solve};
use counterplay_equilibrium::referee::best_response::{gains, nash_conv};
use counterplay_game::build::TreeBuilder;
use counterplay_game::expression::Expressions;
use counterplay_game::gambit::read_efg;
use counterplay_game::id::PlayerId;
use counterplay_game::knowledge::Knowledge;
use counterplay_game::normal::NormalForm;
use counterplay_game::rational::Rational;
use counterplay_game::tree::{End, Game, Kind};
use counterplay_game::valuation::Valuation;
use proptest::prelude::*;

const WHOLE: [Variant; 4] = [Variant::Vanilla, Variant::Plus, Variant::Predictive, Variant::DISCOUNTED];

fn numbers(game: &Game, point: &[f64]) -> Valuation {
    game.at(&game.expressions().evaluate(point))
}

/// As the textbook finds after every iteration, for every variant; and NashConv as the referee finds.
fn check_against_the_textbook(game: &Game, point: &[f64], iterations: usize) -> Result<(), TestCaseError> {
    let numbers = numbers(game, point);
    for variant in WHOLE {
        let mut solver = Solver::new(game, &numbers, variant, 0).expect("perfect recall");
        let mut textbook = Textbook::new(game, &numbers);
        for t in 1..=iterations {
            solver.iterate(1);
            textbook.iterate(variant, t as f64);
            for (k, (a, b)) in solver.play().iter().zip(&textbook.average_play()).enumerate() {
                prop_assert!((a - b).abs() < 1e-9, "{variant:?} at {t}, action {k}: {a}, textbook {b}");
            }
        }
        let certified = nash_conv(game, &numbers, &solver.play()).expect("perfect recall");
        prop_assert!((solver.nash_conv() - certified).abs() < 1e-12);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn iterations_are_those_of_the_papers(seed in 0u64..1_000_000, depth in 1usize..5) {
        check_against_the_textbook(&random_zero_sum(seed, depth), &[], 5)?;
        check_against_the_textbook(&random_game(seed, depth, 3), &[0.3, -0.6, 0.8], 5)?;
    }

    #[test]
    fn random_zero_sum_games_are_solved(seed in 0u64..1_000_000, depth in 2usize..7) {
        let game = random_zero_sum(seed, depth);
        let numbers = numbers(&game, &[]);
        for variant in [Variant::Plus, Variant::Predictive, Variant::DISCOUNTED] {
            let settings = Settings { variant, target_nash_conv: Some(1e-3), ..Settings::default() };
            let solution = solve(&game, &numbers, &settings).expect("perfect recall");
            let certified = gains(&game, &numbers, &solution.play).expect("perfect recall");
            prop_assert_eq!(solution.status, Status::TargetReached);
            prop_assert!(certified.nash_conv() <= 1e-3, "NashConv {}", certified.nash_conv());
            for (found, certified) in solution.payoffs.iter().zip(&certified.payoffs) {
                prop_assert!((found - certified).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn vanilla_regret_stays_within_its_bound(seed in 0u64..1_000_000, depth in 2usize..6) {
        // Theorems 3 and 4 of Zinkevich et al. (2007): average regret is at most range x sets x sqrt(actions / T).
        let game = random_zero_sum(seed, depth);
        let numbers = numbers(&game, &[]);
        let mut solver = Solver::new(&game, &numbers, Variant::Vanilla, 0).expect("perfect recall");
        for t in [1usize, 10, 100, 1000] {
            solver.iterate(t - solver.iterations());
            let sets = game.info_set_count() as f64;
            let bound = 2.0 * sets * (3.0 / t as f64).sqrt();
            prop_assert!(nash_conv(&game, &numbers, &solver.play()).expect("perfect recall") <= bound);
        }
    }
}

#[test]
fn kuhn_poker_is_worth_what_kuhn_found() {
    let game = kuhn();
    let numbers = numbers(&game, &[]);
    for variant in WHOLE {
        let mut solver = Solver::new(&game, &numbers, variant, 0).expect("perfect recall");
        let mut last = f64::INFINITY;
        for iterations in [1, 10, 100, 1_000, 10_000] {
            solver.iterate(iterations - solver.iterations());
            let now = nash_conv(&game, &numbers, &solver.play()).expect("perfect recall");
            assert!(now < last, "{variant:?}: NashConv {last} before, {now} after {iterations} iterations");
            last = now;
        }
        // A player is at most that far from the value of the game.
        let found = gains(&game, &numbers, &solver.play()).expect("perfect recall");
        assert!((found.payoffs[0] + 1.0 / 18.0).abs() <= last, "{variant:?}: {found:?}");
        assert!(last < if variant == Variant::Vanilla { 1e-2 } else { 1e-4 }, "{variant:?}: {last}");
    }
}

/// OpenSpiel's CFR+ is at a NashConv of 5.1e-4 after 1,000 iterations, and the value is -0.0856064.
fn assert_solved_as_open_spiel_does(game: &Game) {
    let numbers = numbers(game, &[]);
    let settings = Settings {
        variant: Variant::Plus,
        target_nash_conv: Some(5.1e-4),
        iterations: 1_000,
        ..Settings::default()
    };
    let solution = solve(game, &numbers, &settings).expect("perfect recall");
    assert_eq!(solution.status, Status::TargetReached);
    let certified = gains(game, &numbers, &solution.play).expect("perfect recall");
    assert!(certified.nash_conv() <= 5.1e-4, "{certified:?}");
    assert!((certified.payoffs[0] + 0.085_606_4).abs() <= 5.1e-4, "{certified:?}");
}

#[test]
fn leduc_poker_is_solved_in_as_many_iterations_as_open_spiel_takes() {
    assert_solved_as_open_spiel_does(&leduc());
}

#[test]
fn leduc_poker_from_its_file_has_the_value_that_open_spiel_finds() {
    let Some(folder) = reference::folder() else { return };
    let text = reference::text(&folder, "openspiel/leduc_poker.efg");
    assert_solved_as_open_spiel_does(&read_efg(&text).expect("a game").game().expect("perfect recall"));
}

#[test]
fn sampling_nears_an_equilibrium_and_is_a_function_of_its_seed() {
    let game = kuhn();
    let numbers = numbers(&game, &[]);
    let run = |seed| {
        let settings =
            Settings { variant: Variant::ExternalSampling, iterations: 50_000, seed, ..Settings::default() };
        solve(&game, &numbers, &settings).expect("perfect recall")
    };
    let found: Vec<_> = [1, 1, 2, 3].into_iter().map(run).collect();
    assert_eq!(found[0], found[1]);
    assert_ne!(found[0].play, found[2].play);
    for solution in &found {
        let certified = nash_conv(&game, &numbers, &solution.play).expect("perfect recall");
        assert!(certified < 0.03, "NashConv {certified}");
        assert_eq!((solution.status, solution.iterations), (Status::OutOfIterations, 50_000));
    }
}

#[test]
fn play_is_the_same_on_any_number_of_threads() {
    // Large enough for some levels to be shared out.
    let game = crisis(3, 10, 5);
    let numbers = numbers(&game, &[]);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let settings = Settings { iterations: 5, ..Settings::default() };
        pool.install(|| solve(&game, &numbers, &settings)).expect("perfect recall")
    };
    let alone = run(1);
    assert_eq!(alone, run(2));
    assert_eq!(alone, run(5));
}

fn bimatrix_game(first: &[&[i64]], second: impl Fn(usize, usize) -> i64) -> Game {
    let names = |n: usize| (0..n).map(|k| k.to_string()).collect::<Vec<_>>();
    let strategies = vec![names(first.len()), names(first[0].len())];
    let mut payoffs = Vec::new();
    for column in 0..first[0].len() {
        for (row, payoffs_of_row) in first.iter().enumerate() {
            let both = [payoffs_of_row[column], second(row, column)];
            payoffs.extend(both.map(|x| Rational::from_integer(x.into())));
        }
    }
    NormalForm::new(names(2), strategies, payoffs).game()
}

fn matrix_game(rows: &[&[i64]]) -> Game {
    bimatrix_game(rows, |row, column| -rows[row][column])
}

#[test]
fn where_payoffs_do_not_sum_to_zero_average_play_may_stay_away_from_equilibrium() {
    // Shapley's game (1964), in which play goes round in ever longer turns; its diagonals differ a little, so that
    // uniform play is no equilibrium.
    let first: [&[i64]; 3] = [&[10, 0, 0], &[0, 11, 0], &[0, 0, 12]];
    let second = [[0, 10, 0], [0, 0, 11], [12, 0, 0]];
    let game = bimatrix_game(&first, |row, column| second[row][column]);
    let numbers = numbers(&game, &[]);
    let settings = Settings { variant: Variant::Vanilla, iterations: 20_000, ..Settings::default() };
    let solution = solve(&game, &numbers, &settings).expect("perfect recall");
    let certified = nash_conv(&game, &numbers, &solution.play).expect("perfect recall");
    assert!((solution.nash_conv - certified).abs() < 1e-12);
    // Both players' bounds on regret, which are one on NashConv where payoffs sum to zero.
    let bound = 2.0 * 12.0 * (3.0 / 20_000.0f64).sqrt();
    assert!(certified > bound, "NashConv {certified}, bound {bound}");
}

/// A tree with much that may be empty: a branch that chance never takes, an information set without nodes, one with a
/// single action, and one where nobody's play leads.
fn sparse_game() -> Game {
    let mut builder = TreeBuilder::new(vec!["1".into(), "2".into()]);
    let mut expressions = Expressions::new();
    let names = ["deal", "only", "choice", "nowhere"].map(|n| builder.texts.intern(n));
    let labels = ["a", "b", "c"].map(|l| builder.texts.intern(l));
    let nothing = Knowledge::nothing();
    let odds = [1.0, 0.0].map(|p| expressions.constant(p));
    let deal = builder.chance(&[(labels[0], odds[0]), (labels[1], odds[1])]);
    let set = |builder: &mut TreeBuilder, player, name: usize, actions| {
        let set = builder.info_set(PlayerId::new(player), names[name], nothing, &labels[..actions]);
        (set.expect("met once"), builder.event(names[name], 1))
    };
    let (_, event) = set(&mut builder, 0, 3, 2);
    let root = builder.add(None, Kind::Chance(deal), event);
    let (only, event) = set(&mut builder, 0, 1, 1);
    let forced = builder.add(Some((root, 0)), Kind::Decision(only), event);
    let (never, event) = set(&mut builder, 0, 2, 3);
    let off = builder.add(Some((root, 1)), Kind::Decision(never), event);
    let (choice, event) = set(&mut builder, 1, 2, 2);
    let last = builder.add(Some((forced, 0)), Kind::Decision(choice), event);
    for (place, won) in
        [((last, 0), 0.0), ((last, 1), -1.0), ((off, 0), 5.0), ((off, 1), 6.0), ((off, 2), 7.0)]
    {
        let payoffs = [won, -won].map(|x| expressions.constant(x)).to_vec();
        let end = builder.end(End { payoffs, tag: 0 });
        builder.add(Some(place), Kind::End(end), event);
    }
    builder.finish(expressions).expect("complete")
}

#[test]
fn what_cannot_be_reached_is_played_uniformly_and_does_no_harm() {
    let game = sparse_game();
    let numbers = numbers(&game, &[]);
    for variant in [Variant::Plus, Variant::Predictive, Variant::ExternalSampling] {
        let settings = Settings { variant, iterations: 2_000, ..Settings::default() };
        let solution = solve(&game, &numbers, &settings).expect("perfect recall");
        assert!(solution.nash_conv < 1e-2, "{variant:?}: {solution:?}");
        let third = 1.0 / 3.0;
        let expected = [0.5, 0.5, 1.0, third, third, third];
        let near = expected.iter().zip(&solution.play).all(|(a, b)| (a - b).abs() < 1e-12);
        assert!(near, "{variant:?}: {solution:?}");
        assert!(solution.play[7] > 0.99, "{variant:?}: {solution:?}");
    }
}

#[test]
fn matrix_games_have_their_known_solutions() {
    let settings = Settings { target_nash_conv: Some(1e-6), iterations: 100_000, ..Settings::default() };
    // Only one equilibrium each: OpenSpiel, python/algorithms/lp_solver_test.py.
    let rock_paper_scissors = matrix_game(&[&[0, -1, 1], &[1, 0, -1], &[-1, 1, 0]]);
    let pure = matrix_game(&[&[2, 1, 5], &[-3, -4, -2]]);
    for (game, value, play) in
        [(rock_paper_scissors, 0.0, [1.0 / 3.0; 6].to_vec()), (pure, 1.0, vec![1.0, 0.0, 0.0, 1.0, 0.0])]
    {
        let solution = solve(&game, &numbers(&game, &[]), &settings).expect("perfect recall");
        assert!((solution.payoffs[0] - value).abs() < 1e-5, "{solution:?}");
        assert!(solution.play.iter().zip(&play).all(|(a, b)| (a - b).abs() < 1e-4), "{solution:?}");
    }
}

#[test]
fn a_single_player_finds_its_best_action() {
    let payoffs = [1, 5, 3].map(|x: i64| Rational::from_integer(x.into())).to_vec();
    let strategies = vec![["a", "b", "c"].map(String::from).to_vec()];
    let game = NormalForm::new(vec!["alone".into()], strategies, payoffs).game();
    let numbers = numbers(&game, &[]);
    let settings = Settings { target_nash_conv: Some(1e-3), ..Settings::default() };
    let solution = solve(&game, &numbers, &settings).expect("perfect recall");
    assert_eq!(solution.status, Status::TargetReached);
    assert!((solution.payoffs[0] - 5.0).abs() < 1e-3, "{solution:?}");
}
