//! Games of constant sum: published values, the reduced form as referee, and the exact solvers.

mod common;
#[path = "common/hidden.rs"]
mod hidden;
#[path = "common/referee.rs"]
mod referee;
#[path = "common/reference.rs"]
mod reference;

use counterplay_equilibrium::nash::bimatrix::Bimatrix;
use counterplay_equilibrium::nash::exact::ExactNumbers;
use counterplay_equilibrium::nash::lemke_howson::lemke_howson;
use counterplay_equilibrium::nash::reduced::ReducedForm;
use counterplay_equilibrium::nash::zero_sum::{NotZeroSum, Solution, Status, ZeroSum};
use counterplay_game::build::{Place, TreeBuilder};
use counterplay_game::expression::Expressions;
use counterplay_game::id::{EventId, KnowledgeId, PlayerId};
use counterplay_game::knowledge::Knowledge;
use counterplay_game::normal::NormalForm;
use counterplay_game::rational::{Rational, to_f64};
use counterplay_game::tree::{End, Game, Kind};
use counterplay_game::valuation::Valuation;
use hidden::hidden_game;
use proptest::prelude::*;
use referee::{bimatrix, expected};

fn constants(game: &Game) -> Valuation {
    game.at(&game.expressions().evaluate(&[]))
}

fn solve(game: &Game) -> Solution {
    let numbers = constants(game);
    let solution = ZeroSum::of(game, &numbers).expect("a game of constant sum").solve();
    assert_eq!(solution.status, Status::Solved);
    solution
}

fn reduced(game: &Game) -> Option<(ReducedForm, NormalForm)> {
    let reduced = ReducedForm::of(game, 4000).ok()?;
    let normal = reduced.normal_form(game, &ExactNumbers::simplest(&constants(game)).expect("finite"));
    Some((reduced, normal))
}

/// The largest regret of `play`, in the normal form of the game.
fn regret(game: &Game, reduced: &ReducedForm, normal: &NormalForm, play: &[f64]) -> f64 {
    let exact = |set| -> Vec<Rational> {
        let odds: Vec<_> =
            play[game.actions(set)].iter().map(|&p| Rational::from_float(p).expect("finite")).collect();
        let total: Rational = odds.iter().sum();
        assert!((to_f64(&total) - 1.0).abs() < 1e-12);
        odds.into_iter().map(|p| p / &total).collect()
    };
    let play: Vec<_> = game.info_set_ids().flat_map(exact).collect();
    to_f64(&referee::regret(normal, &reduced.mixed(game, &play)))
}

#[test]
fn matrix_games_have_their_published_values() {
    // google-deepmind/open_spiel, lp_solver_test.py.
    let cases = [
        (vec![vec![0, -1, 1], vec![1, 0, -1], vec![-1, 1, 0]], vec![1.0 / 3.0; 6], 0.0),
        (vec![vec![2, 1, 5], vec![-3, -4, -2]], vec![1.0, 0.0, 0.0, 1.0, 0.0], 1.0),
    ];
    for (matrix, play, value) in cases {
        let negated: Vec<Vec<i64>> = matrix.iter().map(|row| row.iter().map(|x| -x).collect()).collect();
        let found = solve(&bimatrix(&matrix, &negated).game());
        assert!((found.value() - value).abs() < 1e-12);
        assert!(found.play.iter().zip(&play).all(|(a, b)| (a - b).abs() < 1e-12));
    }
}

#[test]
fn published_games_have_their_published_values() {
    let Some(folder) = reference::folder() else { return };
    let cases = [
        // Kuhn (1950): -1/18, in two files; Leduc hold'em as in OpenSpiel's sequence_form_lp_test.py.
        ("gambit/constructed/kuhn_poker.efg", -1.0 / 18.0, 1e-12),
        ("openspiel/kuhn_poker.efg", -1.0 / 18.0, 1e-12),
        ("openspiel/leduc_poker.efg", -0.085_606_424, 5e-10),
    ];
    for (file, value, error) in cases {
        let game = reference::game(&folder.join(file)).expect("perfect recall");
        let found = solve(&game);
        println!("{file}: {} within {}", found.value(), found.gap);
        assert!((found.value() - value).abs() < error, "{file}: {}", found.value());
        assert!(found.gap < 1e-9, "{file}: {}", found.gap);
    }
}

/// Where a game of goofspiel stands: what each player holds and knows, and its lead in points.
#[derive(Clone)]
struct Goofspiel {
    place: Place,
    hands: [Vec<usize>; 2],
    known: [KnowledgeId; 2],
    lead: i32,
}

/// Goofspiel with hidden bids: prizes from the highest down, of which the higher bid takes each; only who bid more is
/// seen, and in the end the higher sum of prizes wins.
fn goofspiel(cards: usize) -> Game {
    let mut b = TreeBuilder::new(vec!["A".into(), "B".into()]);
    let mut e = Expressions::new();
    let hand: Vec<usize> = (1..=cards).collect();
    let start =
        Goofspiel { place: None, hands: [hand.clone(), hand], known: [Knowledge::nothing(); 2], lead: 0 };
    let mut open = vec![start];
    while let Some(at) = open.pop() {
        let prize = i32::try_from(at.hands[0].len()).expect("few cards");
        if prize == 0 {
            let won = f64::from(at.lead.signum());
            let payoffs = vec![e.constant(won), e.constant(-won)];
            let end = b.end(End { payoffs, tag: 0 });
            b.add(at.place, Kind::End(end), EventId::new(0));
            continue;
        }
        let mut bids = vec![(at, Vec::new())];
        for player in 0..2 {
            let mut both = Vec::new();
            for (at, bid) in bids {
                let name = b.texts.intern(&format!("bid for {prize}"));
                let labels: Vec<_> =
                    at.hands[player].iter().map(|c| b.texts.intern(&c.to_string())).collect();
                let set = b.info_set(PlayerId::new(player), name, at.known[player], &labels);
                let event = b.event(name, 1);
                let node = b.add(at.place, Kind::Decision(set.expect("the hand is known")), event);
                for (k, &label) in labels.iter().enumerate() {
                    let mut next = at.clone();
                    next.place = Some((node, k));
                    next.known[player] = b.knowledge.after(at.known[player], name, label);
                    let card = next.hands[player].remove(k);
                    both.push((next, [bid.clone(), vec![card]].concat()));
                }
            }
            bids = both;
        }
        for (mut next, bid) in bids {
            let seen = b.texts.intern("who bid more");
            let who = b.texts.intern(&format!("{:?}", bid[0].cmp(&bid[1])));
            next.known = next.known.map(|known| b.knowledge.after(known, seen, who));
            next.lead += prize * (i32::from(bid[0] > bid[1]) - i32::from(bid[0] < bid[1]));
            open.push(next);
        }
    }
    b.finish(e).expect("every branch was grown")
}

#[test]
fn goofspiel_is_fair() {
    // google-deepmind/open_spiel, sequence_form_lp_test.py: four cards, prizes descending, value 0.
    let game = goofspiel(4);
    assert_eq!(game.history_count(), 576);
    let found = solve(&game);
    assert!(found.value().abs() < 1e-9, "{}", found.value());
}

#[test]
fn published_payoffs_are_secured_in_gambits_games() {
    let Some(folder) = reference::folder() else { return };
    let all = reference::json(&folder.join("gambit/expected.json"));
    let mut seen = 0;
    for case in all["cases"].as_array().expect("cases") {
        if case["solver"] != "nash.lp_solve" || case["profile_kind"] != "behavior" {
            continue;
        }
        let path = folder.join("gambit").join(case["file"].as_str().expect("a file"));
        let game = reference::game(&path).expect("perfect recall");
        let found = solve(&game);
        let published = &reference::profile(&case["payoffs_at_expected"])[0];
        for (secured, payoff) in found.secured.iter().zip(published) {
            assert!((secured - to_f64(payoff)).abs() < 1e-12, "{}", case["id"]);
        }
        let (reduced, normal) = reduced(&game).expect("a small game");
        assert!(regret(&game, &reduced, &normal, &found.play) < 1e-12, "{}", case["id"]);
        seen += 1;
    }
    assert!(seen > 5, "there are published games");
}

#[test]
fn games_that_do_not_fit_are_refused() {
    let three = referee::game(&[2, 2, 2], &[0; 24]).game();
    assert_eq!(ZeroSum::of(&three, &constants(&three)).err(), Some(NotZeroSum::Players(3)));
    let common = bimatrix(&[vec![0, 1]], &[vec![0, 1]]).game();
    assert!(matches!(ZeroSum::of(&common, &constants(&common)), Err(NotZeroSum::VaryingSum(_))));
    let constant = bimatrix(&[vec![0, 1]], &[vec![3, 2]]).game();
    let found = solve(&constant);
    assert_eq!(found.secured, [0.0, 3.0]);
    let broken = Valuation { payoffs: vec![f64::INFINITY; 4], ..constants(&constant) };
    assert_eq!(ZeroSum::of(&constant, &broken).err(), Some(NotZeroSum::NotFinite));
    let Some(folder) = reference::folder() else { return };
    let file = folder.join("gambit/games/tests/test_games/noPR-action-AM.efg");
    assert!(reference::game(&file).is_none(), "no game can be made of it, so none is solved");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn play_has_no_regret_in_the_reduced_form_and_the_value_is_the_exact_one(seed in any::<u64>()) {
        let game = hidden_game(seed, 4, |x, _| 1.0 - x);
        let Some((reduced, normal)) = reduced(&game) else { return Err(TestCaseError::reject("too large")) };
        let found = solve(&game);
        prop_assert!(found.gap.abs() < 1e-9, "{:?}", found);
        prop_assert!(regret(&game, &reduced, &normal, &found.play) < 1e-9);
        let exact = lemke_howson(&Bimatrix::of(&normal).expect("two players"), 0, 100_000);
        let exact = expected(&normal, &exact.equilibrium.expect("a short path"), 0).into_iter().max();
        prop_assert!((found.value() - to_f64(&exact.expect("a strategy"))).abs() < 1e-9);
    }

    #[test]
    fn positive_affine_changes_of_payoffs_change_the_value_alike(seed in any::<u64>()) {
        let game = hidden_game(seed, 5, |x, _| -x);
        let numbers = constants(&game);
        let changed: Vec<f64> = numbers.payoffs.chunks(2).flat_map(|p| [2.5 * p[0] + 7.0, 2.5 * p[1] - 3.0]).collect();
        let changed = Valuation { payoffs: changed, ..numbers };
        let before = solve(&game);
        let after = ZeroSum::of(&game, &changed).expect("constant sum").solve();
        prop_assert_eq!(&after.status, &Status::Solved);
        prop_assert!(before.gap < 1e-9 && after.gap < 1e-9, "{:?} {:?}", before, after);
        prop_assert!((after.secured[0] - (2.5 * before.value() + 7.0)).abs() < 1e-8);
        prop_assert!((after.secured[1] - (-2.5 * before.value() - 3.0)).abs() < 1e-8);
    }
}
