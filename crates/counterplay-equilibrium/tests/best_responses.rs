//! Best responses and NashConv: published numbers, and enumeration of all pure strategies.

mod common;
#[path = "common/reference.rs"]
#[allow(clippy::disallowed_methods, clippy::disallowed_macros)]
mod reference;

use common::poker::{kuhn, leduc};
use common::zero_sum::random_zero_sum;
use common::{Lcg, random_game};
use counterplay_equilibrium::referee::best_response::{best_response, expected_payoffs, gains, nash_conv};
use counterplay_game::build::TreeBuilder;
use counterplay_game::expression::Expressions;
use counterplay_game::gambit::read_efg;
use counterplay_game::id::{EventId, InfoSetId, NodeId, PlayerId};
use counterplay_game::knowledge::Knowledge;
use counterplay_game::tree::{End, Game, Kind};
use counterplay_game::valuation::Valuation;
use proptest::prelude::*;

fn numbers(game: &Game, point: &[f64]) -> Valuation {
    game.at(&game.expressions().evaluate(point))
}

fn uniform(game: &Game) -> Vec<f64> {
    let share = |set| game.actions(set).map(move |_| 1.0 / game.actions(set).len() as f64);
    game.info_set_ids().flat_map(share).collect()
}

fn random_play(game: &Game, random: &mut Lcg) -> Vec<f64> {
    let mut play = vec![0.0; game.action_count()];
    for set in game.info_set_ids() {
        // Some actions are never taken, so that some information sets are never reached.
        game.actions(set).for_each(|a| play[a] = (random.next() - 0.3).max(0.0));
        play[game.actions(set).start] += 0.01;
        let sum: f64 = play[game.actions(set)].iter().sum();
        play[game.actions(set)].iter_mut().for_each(|p| *p /= sum);
    }
    play
}

#[test]
fn uniform_play_is_as_exploitable_as_open_spiel_finds() {
    // OpenSpiel, algorithms/tabular_exploitability_test.cc.
    let kuhn = kuhn();
    let found = gains(&kuhn, &numbers(&kuhn, &[]), &uniform(&kuhn)).expect("perfect recall");
    assert!((found.nash_conv() - 0.916_666_666_666_666_6).abs() < 1e-12, "{found:?}");
    assert!((found.exploitability() - 0.458_333_333_333_333_3).abs() < 1e-12, "{found:?}");
    let leduc = leduc();
    assert_eq!(leduc.info_set_count(), 936);
    let found = nash_conv(&leduc, &numbers(&leduc, &[]), &uniform(&leduc)).expect("perfect recall");
    assert!((found - 4.747_222_222_222_222).abs() < 1e-12, "{found}");
}

#[test]
fn the_poker_files_of_open_spiel_are_as_exploitable_as_the_games_built_here() {
    let Some(folder) = reference::folder() else { return };
    for (file, built) in [("kuhn_poker.efg", kuhn()), ("leduc_poker.efg", leduc())] {
        let text = reference::text(&folder, &format!("openspiel/{file}"));
        let game = read_efg(&text).expect("a game").game().expect("perfect recall");
        // The file of Leduc poker does not distinguish suits, and has fewer information sets.
        let of = |game: &Game| nash_conv(game, &numbers(game, &[]), &uniform(game)).expect("perfect recall");
        let (read, built) = (of(&game), of(&built));
        assert!((read - built).abs() < 1e-12, "{file}: {read}, built {built}");
    }
}

/// The probability that a player bets in Kuhn poker, with a card, after some actions, in the equilibrium in which the
/// first player bluffs with probability `alpha` (Kuhn 1950).
fn kuhn_bet(card: &str, before: &str, alpha: f64) -> f64 {
    match (before, card) {
        ("", "0") => alpha,
        ("", "2") => 3.0 * alpha,
        ("pass bet", "1") => alpha + 1.0 / 3.0,
        ("pass", "0") | ("bet", "1") => 1.0 / 3.0,
        ("" | "pass", "1") | ("bet" | "pass bet", "0") => 0.0,
        ("bet" | "pass" | "pass bet", "2") => 1.0,
        _ => panic!("no such information set: {card} after {before}"),
    }
}

#[test]
fn nobody_gains_at_the_equilibria_of_kuhn_poker() {
    let game = kuhn();
    for alpha in [0.0, 0.2, 1.0 / 3.0] {
        let mut play = vec![0.0; game.action_count()];
        for set in game.info_set_ids() {
            let known = game.knows(set);
            let before: Vec<&str> = known[1..].iter().map(|k| k.1).collect();
            let bet = kuhn_bet(known[0].1, &before.join(" "), alpha);
            play[game.actions(set)].copy_from_slice(&[1.0 - bet, bet]);
        }
        let found = gains(&game, &numbers(&game, &[]), &play).expect("perfect recall");
        assert!((found.payoffs[0] + 1.0 / 18.0).abs() < 1e-12, "{found:?}");
        assert!(found.nash_conv().abs() < 1e-12, "{found:?}");
    }
}

#[test]
fn who_forgets_has_no_best_response_here() {
    // One player, twice at the same information set.
    let mut builder = TreeBuilder::new(vec!["driver".into()]);
    let mut expressions = Expressions::new();
    let name = builder.texts.intern("crossing");
    let labels = ["exit", "go on"].map(|l| builder.texts.intern(l));
    let set = builder.info_set(PlayerId::new(0), name, Knowledge::nothing(), &labels).expect("one set");
    let event = builder.event(name, 1);
    let first = builder.add(None, Kind::Decision(set), event);
    let second = builder.add(Some((first, 1)), Kind::Decision(set), event);
    for (place, payoff) in [((first, 0), 0.0), ((second, 0), 4.0), ((second, 1), 1.0)] {
        let end = builder.end(End { payoffs: vec![expressions.constant(payoff)], tag: 0 });
        builder.add(Some(place), Kind::End(end), EventId::new(0));
    }
    let game = builder.finish(expressions).expect("complete");
    let failure = gains(&game, &numbers(&game, &[]), &[0.5, 0.5]).expect_err("absent-minded");
    assert_eq!(failure.set, set);
}

/// The most that a player gets with any of its pure strategies, one after the other.
fn best_of_all(game: &Game, numbers: &Valuation, play: &[f64], player: PlayerId) -> f64 {
    let own: Vec<InfoSetId> = game.info_set_ids().filter(|s| game.info_set(*s).player == player).collect();
    let count: usize = own.iter().map(|s| game.actions(*s).len()).product();
    let payoff = |mut index: usize| {
        let mut play = play.to_vec();
        for &set in &own {
            let actions = game.actions(set);
            let chosen = actions.start + index % actions.len();
            index /= actions.len();
            play[actions].fill(0.0);
            play[chosen] = 1.0;
        }
        payoff_from(game, numbers, &play, NodeId::new(Game::ROOT), player)
    };
    (0..count).map(payoff).fold(f64::NEG_INFINITY, f64::max)
}

fn payoff_from(game: &Game, numbers: &Valuation, play: &[f64], node: NodeId, player: PlayerId) -> f64 {
    let odds = match game.kind(node) {
        Kind::End(end) => return numbers.payoff(end, player, game.players().len()),
        Kind::Chance(chance) => &numbers.chance[game.branches(chance)],
        Kind::Decision(set) => &play[game.actions(set)],
    };
    let child =
        |(branch, p): (usize, &f64)| p * payoff_from(game, numbers, play, game.child(node, branch), player);
    odds.iter().enumerate().map(child).sum()
}

fn strategy_count(game: &Game, player: PlayerId) -> f64 {
    let own = game.info_set_ids().filter(|s| game.info_set(*s).player == player);
    own.map(|s| game.actions(s).len() as f64).product()
}

fn check_against_enumeration(game: &Game, point: &[f64], seed: u64) -> Result<(), TestCaseError> {
    let numbers = numbers(game, point);
    let play = random_play(game, &mut Lcg(seed));
    let payoffs = expected_payoffs(game, &numbers, &play);
    for player in (0..game.players().len()).map(PlayerId::new) {
        let own = payoff_from(game, &numbers, &play, NodeId::new(Game::ROOT), player);
        prop_assert!((payoffs[player.index()] - own).abs() < 1e-12);
        if strategy_count(game, player) > 20_000.0 {
            continue;
        }
        let best = best_response(game, &numbers, &play, player).expect("perfect recall");
        let most = best_of_all(game, &numbers, &play, player);
        prop_assert!((best.value - most).abs() < 1e-12, "found {}, enumerated {most}", best.value);
        let mut response = play.clone();
        for set in game.info_set_ids() {
            let Some(branch) = best.choices[set.index()] else { continue };
            response[game.actions(set)].fill(0.0);
            response[game.actions(set).start + branch] = 1.0;
        }
        let reached = payoff_from(game, &numbers, &response, NodeId::new(Game::ROOT), player);
        prop_assert!((best.value - reached).abs() < 1e-12, "claimed {}, reached {reached}", best.value);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_pure_strategy_is_better_than_the_best_response(seed in 0u64..1_000_000, depth in 2usize..5) {
        check_against_enumeration(&random_game(seed, depth, 3), &[0.3, -0.6, 0.8], seed)?;
        check_against_enumeration(&random_zero_sum(seed, depth), &[], seed)?;
    }
}
