//! Games in which nobody decides, a player never does, or there is one thing to do: every method has an answer, or says why not.

use counterplay_equilibrium::cfr;
use counterplay_equilibrium::estimate::{self, precision};
use counterplay_equilibrium::logit::search::SearchSettings;
use counterplay_equilibrium::logit::trace::{TraceEnd, TraceSettings};
use counterplay_equilibrium::logit::{Settings, Solver, Status};
use counterplay_equilibrium::nash::backward_induction::PerfectInformation;
use counterplay_equilibrium::nash::bimatrix::Bimatrix;
use counterplay_equilibrium::nash::exact::ExactNumbers;
use counterplay_equilibrium::nash::lemke::TwoPlayers;
use counterplay_equilibrium::nash::lemke_howson::lemke_howson;
use counterplay_equilibrium::nash::pure::pure_equilibria;
use counterplay_equilibrium::nash::reduced::ReducedForm;
use counterplay_equilibrium::nash::support_enumeration::{self, all_equilibria};
use counterplay_equilibrium::nash::zero_sum::ZeroSum;
use counterplay_equilibrium::referee::best_response::{gains, nash_conv};
use counterplay_equilibrium::referee::certify::certify;
use counterplay_game::gambit::read_efg;
use counterplay_game::tree::Game;

/// Each with the number of its actions.
const GAMES: [(&str, &str, usize); 8] = [
    ("an end alone", "EFG 2 R \"\" { \"A\" }\nt \"\" 1 \"\" { 1 }", 0),
    ("an end alone, of two players", "EFG 2 R \"\" { \"A\" \"B\" }\nt \"\" 1 \"\" { 1 -1 }", 0),
    (
        "chance alone",
        "EFG 2 R \"\" { \"A\" \"B\" }\nc \"\" 1 \"\" { \"x\" 1/3 \"y\" 2/3 } 0\nt \"\" 1 \"\" { 3 -3 }\nt \"\" 2 \"\" { 0 0 }",
        0,
    ),
    ("one thing to do", "EFG 2 R \"\" { \"A\" }\np \"\" 1 1 \"\" { \"x\" } 0\nt \"\" 1 \"\" { 1 }", 1),
    (
        "one thing to do, for both",
        "EFG 2 R \"\" { \"A\" \"B\" }\np \"\" 1 1 \"\" { \"x\" } 0\np \"\" 2 1 \"\" { \"y\" } 0\nt \"\" 1 \"\" { 1 -1 }",
        2,
    ),
    (
        "a player who never decides",
        "EFG 2 R \"\" { \"A\" \"B\" }\np \"\" 2 1 \"\" { \"x\" \"y\" } 0\nt \"\" 1 \"\" { 1 -1 }\nt \"\" 2 \"\" { 0 0 }",
        2,
    ),
    (
        "a choice after a move that is none, unseen",
        "EFG 2 R \"\" { \"A\" \"B\" }\np \"\" 1 1 \"\" { \"x\" } 0\np \"\" 2 1 \"\" { \"y\" \"z\" } 0\nt \"\" 1 \"\" { 1 -1 }\nt \"\" 2 \"\" { 0 0 }",
        3,
    ),
    (
        "one player, one choice",
        "EFG 2 R \"\" { \"A\" }\np \"\" 1 1 \"\" { \"x\" \"y\" } 0\nt \"\" 1 \"\" { 1 }\nt \"\" 2 \"\" { 0 }",
        2,
    ),
];

fn game(text: &str) -> Game {
    read_efg(text).expect("a game file").game().expect("perfect recall")
}

fn each(check: impl Fn(&str, &Game)) {
    for (what, text, actions) in GAMES {
        let game = game(text);
        assert_eq!(game.action_count(), actions, "{what}");
        check(what, &game);
    }
}

#[test]
fn logit_equilibria_are_solved_and_certified_at_any_precision() {
    each(|what, game| {
        let numbers = game.at(&game.expressions().evaluate(&[]));
        let mut solver = Solver::new(game, Settings::default());
        for lambda in [0.0, 1.0, 50.0] {
            let precisions = vec![lambda; game.players().len()];
            let found = solver.solve(&numbers, &precisions);
            assert_eq!(found.status, Status::Converged, "{what} at {lambda}");
            assert_eq!(found.play.len(), game.action_count());
            let certificate = certify(game, &numbers, &precisions, &found.play);
            assert!(
                certificate.residual < 1e-9 && certificate.belief_error < 1e-12,
                "{what}: {certificate:?}"
            );
            let gradient = solver.gradient(&precisions, &vec![1.0; game.action_count()]);
            assert!(gradient.numbers.payoffs.iter().all(|d| d.is_finite()), "{what}: {gradient:?}");
        }
    });
}

#[test]
fn the_limit_is_reached() {
    each(|what, game| {
        let numbers = game.at(&game.expressions().evaluate(&[]));
        let precisions = vec![1.0; game.players().len()];
        let mut solver = Solver::new(game, Settings::default());
        let traced = solver.trace(&numbers, &precisions, &TraceSettings::default(), &mut |_| false);
        assert_eq!(traced.end, TraceEnd::Limit, "{what}");
        assert!(traced.last.play.iter().all(|p| p.is_finite()), "{what}");
    });
}

#[test]
fn a_search_finds_the_one_equilibrium_and_knows_that_it_is_the_only_one() {
    each(|what, game| {
        let numbers = game.at(&game.expressions().evaluate(&[]));
        let precisions = vec![5.0; game.players().len()];
        let mut solver = Solver::new(game, Settings::default());
        let found = solver.search(&numbers, &precisions, &SearchSettings::default());
        assert_eq!((found.equilibria.len(), found.only), (1, true), "{what}");
        // What the structure proves, random starts do not contradict.
        let known = found.equilibria;
        let found = solver.search_beside(&numbers, &precisions, Vec::new(), &[], &SearchSettings::default());
        assert_eq!(found.equilibria.len(), 1, "{what}");
        let apart = known[0].play.iter().zip(&found.equilibria[0].play).map(|(a, b)| (a - b).abs());
        assert!(apart.fold(0.0, f64::max) < 1e-9, "{what}");
    });
}

#[test]
fn exact_methods_answer_or_say_why_not() {
    each(|what, game| {
        let numbers = game.at(&game.expressions().evaluate(&[]));
        let exact = ExactNumbers::simplest(&numbers).expect("finite");
        let reduced = ReducedForm::of(game, 1_000).expect("few strategies");
        let normal = reduced.normal_form(game, &exact);
        assert_eq!(pure_equilibria(&normal).len(), 1, "{what}");
        if let Ok(two) = Bimatrix::of(&normal) {
            let all = all_equilibria(&two, &support_enumeration::Settings::default());
            assert_eq!(all.extreme.len(), 1, "{what}");
            assert_eq!(reduced.behaviour(game, &all.extreme[0]).len(), game.action_count(), "{what}");
            assert!(lemke_howson(&two, 0, 1_000).equilibrium.is_some(), "{what}");
        }
        if let Ok(two) = TwoPlayers::of(game, &exact) {
            let play = two.lemke(1_000).play.expect("found");
            assert_eq!(play.len(), game.action_count(), "{what}");
        }
        if let Ok(perfect) = PerfectInformation::of(game, &numbers) {
            assert_eq!(perfect.all(10).found.len(), 1, "{what}");
        }
    });
}

#[test]
fn games_of_constant_sum_have_their_value_and_regrets_vanish() {
    each(|what, game| {
        let numbers = game.at(&game.expressions().evaluate(&[]));
        if let Ok(zero_sum) = ZeroSum::of(game, &numbers) {
            // Where B has a choice, it takes the zero.
            let value = if game.action_count() >= 2 && !what.starts_with("one thing") { 0.0 } else { 1.0 };
            let solved = zero_sum.solve();
            assert!((solved.value() - value).abs() < 1e-9, "{what}: {}", solved.value());
            let found =
                cfr::solve(game, &numbers, &cfr::Settings { iterations: 20, ..cfr::Settings::default() });
            let found = found.expect("two players");
            assert!(found.nash_conv.abs() < 0.5, "{what}: {}", found.nash_conv);
        }
        let even = vec![1.0; game.action_count()];
        assert!(nash_conv(game, &numbers, &even).expect("perfect recall").is_finite(), "{what}");
        assert!(gains(game, &numbers, &even).expect("perfect recall").exploitability().is_finite(), "{what}");
    });
}

#[test]
fn a_precision_is_estimated_or_it_is_said_why_not() {
    each(|what, game| {
        let counts = vec![3.0; game.action_count()];
        let observed = [estimate::Observed { game, known: &[], counts: &counts }];
        match precision(&observed, &estimate::Settings::default()) {
            Ok(found) => assert!(found.best().log_likelihood.is_finite(), "{what}"),
            Err(why) => assert!(!why.to_string().is_empty(), "{what}"),
        }
    });
}
