//! Equilibria of two-player games in extensive form of any sum, against the reduced form in exact numbers.

mod common;
#[path = "common/hidden.rs"]
mod hidden;
#[path = "common/referee.rs"]
mod referee;
#[path = "common/reference.rs"]
mod reference;

use counterplay_equilibrium::nash::bimatrix::Bimatrix;
use counterplay_equilibrium::nash::exact::ExactNumbers;
use counterplay_equilibrium::nash::lemke::{Solution, Status, TwoPlayers, Unfit};
use counterplay_equilibrium::nash::reduced::ReducedForm;
use counterplay_equilibrium::nash::support_enumeration::{Settings, all_equilibria};
use counterplay_game::rational::Rational;
use counterplay_game::tree::Game;
use hidden::hidden_game;
use num_traits::Zero;
use proptest::prelude::*;
use referee::{bimatrix, expected, fraction, is_equilibrium};

fn exact(game: &Game) -> ExactNumbers {
    ExactNumbers::simplest(&game.at(&game.expressions().evaluate(&[]))).expect("finite")
}

fn solve(game: &Game, numbers: &ExactNumbers) -> Solution {
    TwoPlayers::of(game, numbers).expect("two players").lemke(10_000)
}

#[test]
fn gambits_two_player_games_are_solved_exactly() {
    let Some(folder) = reference::folder() else { return };
    let all = reference::json(&folder.join("gambit/expected.json"));
    let mut seen = 0;
    for case in all["cases"].as_array().expect("cases") {
        if case["solver"] != "nash.lcp_solve" || case["profile_kind"] != "behavior" {
            continue;
        }
        let path = folder.join("gambit").join(case["file"].as_str().expect("a file"));
        let game = reference::game(&path).expect("perfect recall");
        let numbers = exact(&game);
        let found = solve(&game, &numbers);
        assert_eq!(found.status, Status::Found);
        let reduced = ReducedForm::of(&game, 10_000).expect("a small game");
        let normal = reduced.normal_form(&game, &numbers);
        let mixed = reduced.mixed(&game, &found.play.expect("an equilibrium"));
        assert!(is_equilibrium(&normal, &mixed), "{}", case["id"]);
        if numbers.payoffs.chunks(2).all(|pair| (&pair[0] + &pair[1]).is_zero()) {
            let value = expected(&normal, &mixed, 0).into_iter().max();
            assert_eq!(value, Some(reference::profile(&case["payoffs_at_expected"])[0][0].clone()));
        }
        seen += 1;
    }
    assert!(seen > 5, "there are published games");
}

#[test]
fn a_game_of_signalling_is_solved_exactly() {
    // von Stengel and Forges (2008), in OpenSpiel's collection.
    let Some(folder) = reference::folder() else { return };
    let game =
        reference::game(&folder.join("openspiel/signaling_vonstengel_forges_2008.efg")).expect("recall");
    let numbers = exact(&game);
    let reduced = ReducedForm::of(&game, 10_000).expect("a small game");
    let normal = reduced.normal_form(&game, &numbers);
    let mixed = reduced.mixed(&game, &solve(&game, &numbers).play.expect("an equilibrium"));
    assert!(is_equilibrium(&normal, &mixed));
    let all = all_equilibria(&Bimatrix::of(&normal).expect("two players"), &Settings::default());
    let payoffs = |profile| [0, 1].map(|player| expected(&normal, profile, player).into_iter().max());
    assert!(all.extreme.iter().any(|profile| payoffs(profile) == payoffs(&mixed)));
}

#[test]
fn a_game_with_one_mixed_equilibrium_has_it_found() {
    // Matching pennies with unequal stakes: each mixes so that the other is indifferent.
    let normal = bimatrix(&[vec![3, 0], vec![0, 1]], &[vec![0, 2], vec![1, 0]]);
    let tree = normal.game();
    let found = solve(&tree, &exact(&tree));
    let expected = vec![fraction(1, 3), fraction(2, 3), fraction(1, 4), fraction(3, 4)];
    assert_eq!((found.status, found.play), (Status::Found, Some(expected)));
    let cut = TwoPlayers::of(&tree, &exact(&tree)).expect("two players").lemke(2);
    assert_eq!((cut.status, cut.play, cut.pivots), (Status::OutOfBudget, None, 2));
    let three = referee::game(&[2, 2, 2], &[0; 24]).game();
    assert_eq!(TwoPlayers::of(&three, &exact(&three)).err(), Some(Unfit::Players(3)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn lemkes_path_ends_at_an_equilibrium(seed in any::<u64>(), alike in 0..3i32) {
        // The second player's payoff from wholly its own to wholly the first's negated.
        let game = hidden_game(seed, 4, |x, y| (f64::from(2 - alike) * y - f64::from(alike) * x).round());
        let Ok(reduced) = ReducedForm::of(&game, 1500) else { return Err(TestCaseError::reject("too large")) };
        let numbers = exact(&game);
        let found = solve(&game, &numbers);
        prop_assert_eq!(found.status, Status::Found);
        let play = found.play.expect("an equilibrium");
        let normal = reduced.normal_form(&game, &numbers);
        let mixed = reduced.mixed(&game, &play);
        prop_assert!(is_equilibrium(&normal, &mixed));
        for set in game.info_set_ids() {
            prop_assert_eq!(play[game.actions(set)].iter().sum::<Rational>(), referee::whole(1));
        }
    }

    #[test]
    fn where_there_is_one_equilibrium_enumeration_and_lemkes_path_find_the_same(seed in any::<u64>()) {
        let game = hidden_game(seed, 3, |_, y| y);
        let Ok(reduced) = ReducedForm::of(&game, 60) else { return Err(TestCaseError::reject("too large")) };
        let numbers = exact(&game);
        let normal = reduced.normal_form(&game, &numbers);
        let all = all_equilibria(&Bimatrix::of(&normal).expect("two players"), &Settings::default());
        if all.extreme.len() == 1 {
            let play = solve(&game, &numbers).play.expect("an equilibrium");
            let payoffs = |profile| [0, 1].map(|player| expected(&normal, profile, player).into_iter().max());
            let mixed = reduced.mixed(&game, &play);
            prop_assert_eq!(payoffs(&mixed), payoffs(&all.extreme[0]));
            // The same, but for what is done where its player's own plan does not lead.
            prop_assert_eq!(mixed, all.extreme[0].clone());
        }
    }

    #[test]
    fn positive_affine_changes_of_payoffs_change_no_pivot(seed in any::<u64>(), scale in 1..9i64, shift in -9..9i64) {
        let game = hidden_game(seed, 4, |_, y| y);
        let numbers = exact(&game);
        let changed = numbers.payoffs.iter().enumerate().map(|(k, x)| {
            if k % 2 == 0 { x * fraction(scale, 7) + fraction(shift, 3) } else { x - fraction(shift, 2) }
        });
        let changed = ExactNumbers { payoffs: changed.collect(), ..numbers.clone() };
        prop_assert_eq!(solve(&game, &numbers), solve(&game, &changed));
    }
}
