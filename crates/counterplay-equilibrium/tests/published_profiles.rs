//! Published facts about strategies in normal and reduced form at given profiles, and the outputs of solvers that find one
//! equilibrium or come near one, read from the folder of published results. Without that folder these tests say so and
//! pass.

#[path = "common/referee.rs"]
mod referee;
#[path = "common/reference.rs"]
mod reference;

use std::path::Path;

use counterplay_equilibrium::nash::agent::agent_form;
use counterplay_equilibrium::nash::bimatrix::Bimatrix;
use counterplay_equilibrium::nash::exact::ExactNumbers;
use counterplay_equilibrium::nash::lemke::TwoPlayers;
use counterplay_equilibrium::nash::reduced::ReducedForm;
use counterplay_equilibrium::nash::support_enumeration::{Settings, all_equilibria};
use counterplay_equilibrium::nash::zero_sum::ZeroSum;
use counterplay_game::gambit::{read_efg, read_nfg};
use counterplay_game::normal::NormalForm;
use counterplay_game::rational::{Rational, to_f64};
use counterplay_game::tree::Game;
use counterplay_game::valuation::ExactGame;
use num_traits::{Signed, Zero};
use referee::{Profile, expected, is_equilibrium, regret, whole};
use serde_json::Value;

/// A tree with its exact numbers and its reduced form.
struct Tree {
    game: Game,
    numbers: ExactNumbers,
    reduced: ReducedForm,
}

impl Tree {
    fn read(folder: &Path, file: &Value) -> Self {
        let text = reference::text(&folder.join("gambit"), file.as_str().expect("a file"));
        let ExactGame { game, chance, payoffs } =
            read_efg(&text).expect("a game").exact_game().expect("perfect recall");
        let reduced = ReducedForm::of(&game, 100_000).expect("a small game");
        Self { game, numbers: ExactNumbers { chance, payoffs }, reduced }
    }

    fn normal(&self) -> NormalForm {
        self.reduced.normal_form(&self.game, &self.numbers)
    }
}

/// The game of a file by strategies, reduced ones where it states a tree.
fn strategic(folder: &Path, file: &Value) -> NormalForm {
    let name = file.as_str().expect("a file");
    if Path::new(name).extension().is_some_and(|kind| kind == "nfg") {
        return read_nfg(&reference::text(&folder.join("gambit"), name)).expect("a game");
    }
    Tree::read(folder, file).normal()
}

fn checks(folder: &Path, name: &str) -> Vec<Value> {
    let all = reference::json(&folder.join("gambit/profile_checks.json"));
    let list = all["checks"].as_array().expect("checks");
    let found: Vec<Value> = list.iter().filter(|c| c["check"] == name).cloned().collect();
    assert!(!found.is_empty(), "there are checks called {name}");
    found
}

/// The mixed profile of a check: every strategy equally likely where it names none.
fn mixed(game: &NormalForm, data: &Value) -> Profile {
    let even = |n: usize| vec![Rational::new(1.into(), n.into()); n];
    if data.is_null() {
        game.strategies.iter().map(|own| even(own.len())).collect()
    } else {
        reference::profile(data)
    }
}

/// What each player expects in a profile.
fn payoffs(game: &NormalForm, profile: &Profile) -> Vec<Rational> {
    let own = |player: usize| {
        let values = expected(game, profile, player);
        values.iter().zip(&profile[player]).map(|(value, p)| value * p).sum()
    };
    (0..game.players.len()).map(own).collect()
}

fn numbers(value: &Value) -> Vec<Rational> {
    value.as_array().expect("a list").iter().map(reference::number).collect()
}

/// The payoffs in a table of one level for each player, in the order in which the first player's strategy varies slowest.
fn leaves(value: &Value, found: &mut Vec<Rational>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| leaves(item, found)),
        number => found.push(reference::number(number)),
    }
}

#[test]
fn reduced_strategic_forms_are_as_published() {
    let Some(folder) = reference::folder() else { return };
    for check in checks(&folder, "test_extensive.test_reduced_strategic_form") {
        let game = strategic(&folder, &check["file"]);
        let counts: Vec<usize> = game.strategies.iter().map(Vec::len).collect();
        let labels = check["strategy_labels"].as_array().expect("labels");
        let published: Vec<usize> = labels.iter().map(|own| own.as_array().expect("labels").len()).collect();
        assert_eq!(counts, published, "{}", check["file"]);
        for (player, table) in check["np_arrays_of_rsf"].as_array().expect("tables").iter().enumerate() {
            let mut published = Vec::new();
            leaves(table, &mut published);
            let ours: Vec<Rational> = (0..published.len())
                .map(|place| {
                    let mut rest = place;
                    let mut profile = vec![0; counts.len()];
                    for (chosen, count) in profile.iter_mut().zip(&counts).rev() {
                        (*chosen, rest) = (rest % count, rest / count);
                    }
                    game.payoff(&profile, player).clone()
                })
                .collect();
            assert_eq!(ours, published, "{}, player {player}", check["file"]);
        }
    }
}

#[test]
fn reduced_strategies_do_what_is_published() {
    let Some(folder) = reference::folder() else { return };
    for check in checks(&folder, "test_extensive.test_reduced_strategy_maps") {
        let tree = Tree::read(&folder, &check["file"]);
        let name = |choice: &Option<usize>| choice.map_or_else(|| "*".to_owned(), |a| (a + 1).to_string());
        let of_player = |player: usize| -> Vec<Vec<String>> {
            tree.reduced.strategies(player).iter().map(|s| s.iter().map(name).collect()).collect()
        };
        let ours: Vec<_> = (0..tree.game.players().len()).map(of_player).collect();
        assert_eq!(serde_json::json!(ours), check["strategy_maps"], "{}", check["file"]);
    }
}

#[test]
fn payoffs_and_values_of_strategies_are_as_published() {
    let Some(folder) = reference::folder() else { return };
    for check in checks(&folder, "test_mixed.test_payoffs_reference") {
        let game = strategic(&folder, &check["file"]);
        let profile = mixed(&game, &check["profile_data"]);
        assert_eq!(payoffs(&game, &profile), numbers(&check["payoffs"]), "{check}");
    }
    for check in checks(&folder, "test_mixed.test_strategy_value_reference") {
        let game = strategic(&folder, &check["file"]);
        let profile = mixed(&game, &check["profile_data"]);
        let ours: Vec<_> = (0..game.players.len()).map(|p| expected(&game, &profile, p)).collect();
        let published: Vec<_> =
            check["strategy_values"].as_array().expect("values").iter().map(numbers).collect();
        assert_eq!(ours, published, "{check}");
    }
}

/// The Lyapunov value: the sum over strategies of the square of what they would gain, where they would.
fn liap(game: &NormalForm, profile: &Profile) -> Rational {
    let own = payoffs(game, profile);
    let gains = |player: usize| {
        let gain = |value: Rational| value - &own[player];
        let values = expected(game, profile, player).into_iter().map(gain);
        values.filter(Rational::is_positive).map(|gain| &gain * &gain).sum::<Rational>()
    };
    (0..game.players.len()).map(gains).sum()
}

#[test]
fn regrets_and_lyapunov_values_are_as_published() {
    let Some(folder) = reference::folder() else { return };
    for check in checks(&folder, "test_mixed.test_liap_value_reference") {
        let game = strategic(&folder, &check["file"]);
        let profile = mixed(&game, &check["profile_data"]);
        assert_eq!(liap(&game, &profile), reference::number(&check["liap_exp"]), "{check}");
    }
    for check in checks(&folder, "test_mixed.test_player_regret_max_regret_reference") {
        let game = strategic(&folder, &check["file"]);
        let profile = mixed(&game, &check["profile_data"]);
        let worst = numbers(&check["player_regrets_exp"]).into_iter().max();
        assert_eq!(Some(regret(&game, &profile)), worst, "{check}");
    }
    for check in checks(&folder, "test_behav.test_agent_max_regret_versus_non_agent") {
        let game = strategic(&folder, &check["file"]);
        let profile = mixed(&game, &check["action_probs"]);
        assert_eq!(liap(&game, &profile), reference::number(&check["liap_value"]), "{check}");
        assert_eq!(regret(&game, &profile), reference::number(&check["max_regret"]), "{check}");
    }
}

/// A profile by player from a flat list of probabilities.
fn by_player(game: &NormalForm, flat: &Value) -> Profile {
    let mut rest = numbers(flat);
    let mut take = |own: &Vec<String>| rest.drain(..own.len()).collect();
    game.strategies.iter().map(&mut take).collect()
}

#[test]
fn equilibria_printed_in_the_documentation_of_gambit_are_found() {
    let Some(folder) = reference::folder() else { return };
    let outputs = reference::json(&folder.join("gambit/doc_outputs.json"));
    let mut seen = 0;
    for output in outputs.as_array().expect("outputs") {
        let (file, printed) = (&output["file"], &output["expected"][0]);
        match output["tool"].as_str().expect("a tool") {
            "gambit-lcp (behavior)" => {
                // Our path ends at the same equilibrium of the sequence form.
                let tree = Tree::read(&folder, file);
                let game = TwoPlayers::of(&tree.game, &tree.numbers).expect("two players");
                let mut play: Vec<Rational> = Vec::new();
                for player in 0..2 {
                    for &set in tree.reduced.info_sets(player) {
                        let found = game.lemke(1_000).play.expect("a short path");
                        play.extend_from_slice(&found[tree.game.actions(set)]);
                    }
                }
                let normal = tree.normal();
                let published = tree.reduced.mixed(&tree.game, &in_order(&tree, &numbers(printed)));
                assert!(is_equilibrium(&normal, &published));
                let ours = tree.reduced.mixed(&tree.game, &in_order(&tree, &play));
                assert!(is_equilibrium(&normal, &ours));
                assert_eq!(payoffs(&normal, &ours), payoffs(&normal, &published));
            }
            "gambit-lp" => {
                let game = strategic(&folder, file);
                let two = Bimatrix::of(&game).expect("two players");
                let unique = by_player(&game, printed);
                assert_eq!(all_equilibria(&two, &Settings::default()).extreme, std::slice::from_ref(&unique));
                let tree = game.game();
                let numbers = tree.at(&tree.expressions().evaluate(&[]));
                let found = ZeroSum::of(&tree, &numbers).expect("constant sum").solve();
                for (ours, published) in found.play.iter().zip(unique.iter().flatten()) {
                    assert!((ours - to_f64(published)).abs() < 1e-12);
                }
            }
            "gambit-simpdiv" => {
                let game = strategic(&folder, file);
                assert!(is_equilibrium(&game, &by_player(&game, printed)));
            }
            "gambit-liap" => {
                // A point near an equilibrium, printed with six digits: nobody gains more than a hundredth.
                let game = strategic(&folder, file);
                let near = by_player(&game, printed);
                let sums: Vec<Rational> = near.iter().map(|own| own.iter().sum()).collect();
                let close =
                    |sum: &Rational| (sum - whole(1)).abs() <= Rational::new(1.into(), 100_000.into());
                assert!(sums.iter().all(close), "{sums:?}");
                let scaled = near.iter().zip(&sums);
                let scaled = scaled.map(|(own, sum)| own.iter().map(|p| p / sum).collect()).collect();
                assert!(regret(&game, &scaled) < Rational::new(1.into(), 100.into()));
            }
            _ => continue,
        }
        seen += 1;
    }
    assert_eq!(seen, 4);
}

/// Probabilities that are listed by player and then by information set, as the file shows them, action by action.
fn in_order(tree: &Tree, listed: &[Rational]) -> Vec<Rational> {
    let mut play = vec![Rational::zero(); tree.game.action_count()];
    let mut rest = listed;
    for player in 0..tree.game.players().len() {
        for &set in tree.reduced.info_sets(player) {
            let (own, more) = rest.split_at(tree.game.actions(set).len());
            play[tree.game.actions(set)].clone_from_slice(own);
            rest = more;
        }
    }
    assert!(rest.is_empty(), "every action has its probability");
    play
}

#[test]
fn published_points_near_an_equilibrium_have_no_more_regret_than_allowed() {
    let Some(folder) = reference::folder() else { return };
    let all = reference::json(&folder.join("gambit/expected.json"));
    let mut seen = 0;
    for case in all["cases"].as_array().expect("cases") {
        let tolerance = || reference::number(&case["regret_tol"]);
        match case["solver"].as_str().expect("a solver") {
            "nash.simpdiv_solve" => {
                let game = strategic(&folder, &case["file"]);
                for point in case["expected"].as_array().expect("points") {
                    assert!(regret(&game, &reference::profile(point)) <= tolerance(), "{}", case["id"]);
                    seen += 1;
                }
            }
            "nash.liap_agent_solve" => {
                let tree = Tree::read(&folder, &case["file"]);
                let agents = agent_form(&tree.game, &tree.numbers, 10_000).expect("a small game");
                for point in case["expected"].as_array().expect("points") {
                    let sets = point.as_array().expect("players").iter().flat_map(reference::profile);
                    assert!(is_equilibrium(&agents, &sets.collect()), "{}", case["id"]);
                    seen += 1;
                }
            }
            _ => {}
        }
    }
    assert_eq!(seen, 2);
}
