//! Published facts about games in extensive form and about given profiles of play, all in exact numbers: recall, pasts,
//! subgames, reach, beliefs, payoffs and regrets.

use std::path::Path;

use counterplay_game::extensive::{ExtensiveForm, Profile, Turn};
use counterplay_game::gambit::read_efg;
use counterplay_game::id::{InfoSetId, NodeId, PlayerId};
use counterplay_game::rational::{Rational, to_f64};
use counterplay_game::recall::Forgotten;
use num_traits::{One, Signed, Zero};
use serde_json::Value;

use crate::folder;

/// The checks of a kind, each with the game that it is about.
fn checks(root: &Path, name: &str) -> Vec<(Value, ExtensiveForm)> {
    let all = folder::json(root, "gambit/profile_checks.json");
    let of_kind = all["checks"].as_array().unwrap().iter().filter(|c| c["check"] == name);
    let with_game = |check: &Value| {
        let text = folder::read(&root.join("gambit").join(check["file"].as_str().unwrap()));
        (check.clone(), read_efg(&text).unwrap())
    };
    let found: Vec<_> = of_kind.map(with_game).collect();
    assert!(!found.is_empty(), "no check is called {name}");
    found
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

/// A whole number, a fraction in quotes, or a decimal, which is taken to stand for itself and not for its nearest
/// floating-point number.
fn number(value: &Value) -> Rational {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let (above, below) = text.split_once('/').unwrap_or((&text, "1"));
    let decimal = |x: &str| {
        let (whole, digits) = x.split_once('.').unwrap_or((x, ""));
        let scale = num_bigint::BigInt::from(10).pow(u32::try_from(digits.len()).unwrap());
        Rational::new(format!("{whole}{digits}").parse().unwrap(), scale)
    };
    decimal(above) / decimal(below)
}

fn numbers(value: &Value) -> Vec<Rational> {
    list(value).iter().map(number).collect()
}

/// The node after these branches.
fn after<'a>(form: &ExtensiveForm, labels: impl Iterator<Item = &'a Value>) -> NodeId {
    let mut node = NodeId::new(0);
    for label in labels {
        let here = (0..form.nodes().len()).map(NodeId::new);
        let mut children = here.filter(|&n| form.parent(n).is_some_and(|(parent, _)| parent == node));
        let taken =
            |&n: &NodeId| form.branch_label(node, form.parent(n).unwrap().1) == label.as_str().unwrap();
        node = children.find(taken).unwrap();
    }
    node
}

/// The node whose branches are told from it back to the root.
fn back_from(form: &ExtensiveForm, labels: &Value) -> NodeId {
    after(form, list(labels).iter().rev())
}

fn set_at(form: &ExtensiveForm, node: NodeId) -> InfoSetId {
    let Turn::Decision(set) = form.node(node).turn else { panic!("nobody decides at {node:?}") };
    set
}

fn sets(form: &ExtensiveForm) -> impl Iterator<Item = InfoSetId> {
    (0..form.info_sets().len()).map(InfoSetId::new)
}

/// The profile that a check is about: the centroid where it names none.
fn played<'a>(form: &'a ExtensiveForm, probabilities: &Value) -> Profile<'a> {
    if probabilities.is_null() { form.centroid() } else { form.played(numbers(probabilities)) }
}

/// An action as the checks name it: player, place of the information set in the order in which the file first shows those
/// of the player, label.
fn named(form: &ExtensiveForm, action: Option<(InfoSetId, usize)>) -> Value {
    let Some((set, action)) = action else { return Value::Null };
    let own = &form.info_sets()[set.index()];
    let mut shown = Vec::new();
    for node in form.nodes() {
        if let Turn::Decision(met) = node.turn
            && form.info_sets()[met.index()].player == own.player
            && !shown.contains(&met)
        {
            shown.push(met);
        }
    }
    let place = shown.iter().position(|&met| met == set);
    serde_json::json!([form.players()[own.player.index()], place, own.actions[action]])
}

#[test]
fn perfect_recall_is_as_published() {
    let Some(root) = folder::reference() else { return };
    for (check, form) in checks(&root, "test_extensive.test_is_perfect_recall") {
        assert_eq!(form.recall().is_ok(), check["expected_result"], "{}", check["file"]);
        assert_eq!(form.game().is_ok(), check["expected_result"], "{}", check["file"]);
    }
}

#[test]
fn absent_mindedness_is_as_published() {
    let Some(root) = folder::reference() else { return };
    for (check, form) in checks(&root, "test_infosets.test_infoset_is_absent_minded") {
        let published: Vec<_> =
            list(&check["expected_am_paths"]).iter().map(|p| set_at(&form, back_from(&form, p))).collect();
        let found: Vec<_> = sets(&form).filter(|&set| form.is_absent_minded(set)).collect();
        assert_eq!(found, published, "{}", check["file"]);
        let told = form.recall().is_err_and(|e| e.forgotten == Forgotten::BeingHere);
        assert_eq!(told, !published.is_empty(), "{}", check["file"]);
    }
}

#[test]
fn what_players_did_before_is_as_published() {
    let Some(root) = folder::reference() else { return };
    for (check, form) in checks(&root, "test_infosets.test_infoset_own_prior_actions") {
        for expected in list(&check["expected_results"]) {
            // Here, and only here, branches are told from the root on.
            let set = set_at(&form, after(&form, list(&expected[0]).iter()));
            let found: Vec<Value> =
                form.last_actions_before(set).into_iter().map(|a| named(&form, a)).collect();
            assert_eq!(found, list(&expected[1]), "{}: {expected}", check["file"]);
        }
    }
    for (check, form) in checks(&root, "test_node.test_node_own_prior_action_non_terminal") {
        for expected in list(&check["expected_node_data"]) {
            let node = back_from(&form, &expected[0]);
            let player = form.info_sets()[set_at(&form, node).index()].player;
            let found = named(&form, form.last_action_before(node, player));
            assert_eq!(found, expected[1], "{}: {expected}", check["file"]);
        }
    }
}

#[test]
fn subgames_begin_where_published() {
    let Some(root) = folder::reference() else { return };
    for (check, form) in checks(&root, "test_node.test_subgame_roots") {
        let mut published: Vec<_> =
            list(&check["expected_paths"]).iter().map(|p| back_from(&form, p)).collect();
        published.sort();
        assert_eq!(form.subgame_roots(), published, "{}", check["file"]);
    }
}

#[test]
fn nodes_out_of_reach_of_pure_strategies_are_those_published() {
    let Some(root) = folder::reference() else { return };
    for (check, form) in checks(&root, "test_node.test_is_strategy_reachable") {
        let all = (0..form.nodes().len()).map(NodeId::new);
        let found: Vec<_> = all.filter(|&node| !form.is_reached_by_pure_strategies(node)).collect();
        let published: Vec<_> =
            list(&check["expected_unreachable_paths"]).iter().map(|p| back_from(&form, p)).collect();
        assert_eq!(found, published, "{}", check["file"]);
    }
}

#[test]
fn reach_probabilities_are_as_published() {
    let Some(root) = folder::reference() else { return };
    for (check, form) in checks(&root, "test_behav.test_realiz_prob_nodes_reference") {
        let node = after(&form, list(&check["path"]).iter());
        assert_eq!(*form.centroid().reach(node), number(&check["realiz_prob"]), "{check}");
    }
    for (check, form) in checks(&root, "test_behav.test_infoset_probs_reference") {
        let found: Vec<_> = sets(&form).map(|set| form.centroid().set_reach(set)).collect();
        assert_eq!(found, numbers(&check["infoset_probs"]), "{}", check["file"]);
    }
    for (check, form) in checks(&root, "test_behav.test_absent_minded_infoset_prob") {
        let set = sets(&form).find(|s| form.info_sets()[s.index()].label == check["infoset_label"]).unwrap();
        assert_eq!(form.centroid().set_reach(set), number(&check["prob"]), "{check}");
    }
}

#[test]
fn payoffs_and_values_at_the_centroid_are_as_published() {
    let Some(root) = folder::reference() else { return };
    for (check, form) in checks(&root, "test_behav.test_payoffs_reference") {
        assert_eq!(form.centroid().payoffs(), numbers(&check["payoffs"]), "{}", check["file"]);
    }
    for (check, form) in checks(&root, "test_behav.test_infoset_values_reference") {
        let found: Vec<_> = sets(&form).map(|set| form.centroid().set_value(set).unwrap()).collect();
        assert_eq!(found, numbers(&check["infoset_values"]), "{}", check["file"]);
    }
    for (check, form) in checks(&root, "test_behav.test_action_values_reference") {
        let found: Vec<_> = sets(&form).map(|set| form.centroid().action_values(set).unwrap()).collect();
        let published: Vec<_> = list(&check["action_values"]).iter().map(numbers).collect();
        assert_eq!(found, published, "{}", check["file"]);
    }
}

#[test]
fn regrets_of_actions_are_as_published() {
    let Some(root) = folder::reference() else { return };
    for (check, form) in checks(&root, "test_behav.test_action_regrets_reference") {
        let profile = played(&form, &check["action_probs"]);
        let found: Vec<_> = sets(&form).map(|set| profile.action_regrets(set).unwrap()).collect();
        let published: Vec<_> = list(&check["action_regrets"]).iter().map(numbers).collect();
        assert_eq!(found, published, "{check}");
    }
}

/// The Lyapunov value of the agent form: the sum over actions of the square of what they would gain, where they would.
fn agent_liap(form: &ExtensiveForm, profile: &Profile<'_>) -> Rational {
    let gain = |set| {
        let own = profile.set_value(set).unwrap();
        let gains = profile.action_values(set).unwrap().into_iter().map(move |value| value - &own);
        gains.filter(Rational::is_positive).map(|gain| &gain * &gain).sum::<Rational>()
    };
    sets(form).map(gain).sum()
}

#[test]
fn lyapunov_values_of_the_agent_form_are_as_published() {
    let Some(root) = folder::reference() else { return };
    for (check, form) in checks(&root, "test_behav.test_agent_liap_value_reference") {
        let profile = played(&form, &check["action_probs"]);
        assert_eq!(agent_liap(&form, &profile), number(&check["expected_value"]), "{check}");
    }
    for (check, form) in checks(&root, "test_behav.test_agent_max_regret_versus_non_agent") {
        let profile = played(&form, &check["action_probs"]);
        assert_eq!(agent_liap(&form, &profile), number(&check["agent_liap_value"]));
        let regret = |set| {
            let best = profile.action_values(set).unwrap().into_iter().max().unwrap();
            best - profile.set_value(set).unwrap()
        };
        assert_eq!(sets(&form).map(regret).max(), Some(number(&check["agent_max_regret"])));
    }
}

#[test]
fn beliefs_are_as_published() {
    let Some(root) = folder::reference() else { return };
    for (check, form) in checks(&root, "test_behav.test_node_belief_reference") {
        let profile = played(&form, &check["probs"]);
        let found = profile.belief(after(&form, list(&check["path"]).iter())).unwrap();
        // Published once in fractions and once in floating point: exactly the same number either way.
        assert_eq!(found, number(&check["value"]), "{check}");
    }
}

#[test]
fn beliefs_and_values_agree_with_those_of_the_tree() {
    let Some(root) = folder::reference() else { return };
    for path in folder::files(&root, "efg") {
        let form = read_efg(&folder::read(&path)).unwrap();
        let Ok(exact) = form.exact_game() else { continue };
        let profile = form.centroid();
        let rounded = exact.game.at(&exact.game.expressions().evaluate(&[]));
        let of_fractions: Vec<f64> = exact.payoffs.iter().map(to_f64).collect();
        assert_eq!(of_fractions, rounded.payoffs, "{}", path.display());
        assert_eq!(exact.chance.iter().map(to_f64).collect::<Vec<_>>(), rounded.chance, "{}", path.display());
        if form.nodes().len() > 1000 {
            continue;
        }
        for set in sets(&form) {
            let members = (0..form.nodes().len()).filter(|&k| form.nodes()[k].turn == Turn::Decision(set));
            let beliefs: Rational = members.map(|k| profile.belief(NodeId::new(k)).unwrap()).sum();
            assert!(beliefs.is_one(), "{}", path.display());
        }
        // What is expected at the information sets where a player moves first, and where it never moves, is all it gets.
        for player in (0..form.players().len()).map(PlayerId::new) {
            let total: Rational = (0..form.nodes().len())
                .map(NodeId::new)
                .filter(|&n| form.node(n).turn == Turn::End)
                .map(|n| {
                    let way = std::iter::successors(Some(n), |&at| form.parent(at).map(|p| p.0));
                    let outcomes = way.filter_map(|at| form.node(at).outcome);
                    let paid = outcomes.map(|o| &form.outcomes()[o.index()].payoffs[player.index()]);
                    profile.reach(n) * paid.sum::<Rational>()
                })
                .sum();
            assert_eq!(profile.payoffs()[player.index()], total, "{}", path.display());
        }
    }
}

#[test]
fn where_nothing_leads_there_is_no_belief() {
    let form = read_efg(
        r#"EFG 2 R "" { "Ann" "Bo" } p "" 1 1 "" { "a" "b" } 0 p "" 2 1 "" { "c" "d" } 1 "" { 1, 0 } t "" 0 t "" 2 "" { 3, 4 } t "" 0"#,
    );
    let form = form.unwrap();
    let (zero, one) = (Rational::zero(), Rational::one());
    let profile = form.played(vec![zero.clone(), one.clone(), zero, one]);
    let bo = InfoSetId::new(1);
    assert_eq!((profile.belief(NodeId::new(1)), profile.action_values(bo)), (None, None));
    assert_eq!((profile.set_value(bo), profile.action_regrets(bo)), (None, None));
    // What Ann collects on the way counts for her, and not again from there on.
    let whole = |x: i64| Rational::from_integer(x.into());
    assert_eq!(profile.action_values(InfoSetId::new(0)), Some(vec![whole(4), whole(0)]));
    assert_eq!(profile.values(NodeId::new(3)), [whole(3), whole(4)]);
}
