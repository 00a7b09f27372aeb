//! Published game files and facts about them.

use std::collections::BTreeSet;

use counterplay_game::extensive::ExtensiveForm;
use counterplay_game::gambit::{read_efg, read_nfg, text_of, write_efg, write_nfg};
use counterplay_game::id::BranchId;
use counterplay_game::rational::to_f64;
use counterplay_game::tree::{Game, Kind};

use crate::folder;

/// The bytes of a case, which are a text or written in hexadecimal.
fn bytes_of(text: &serde_json::Value) -> Vec<u8> {
    if let Some(text) = text.as_str() {
        return text.as_bytes().to_vec();
    }
    let digits = text["hex"].as_str().unwrap();
    (0..digits.len()).step_by(2).map(|i| u8::from_str_radix(&digits[i..i + 2], 16).unwrap()).collect()
}

#[test]
fn every_reference_file_is_read_and_round_trips() {
    let Some(root) = folder::reference() else { return };
    let extensive = folder::files(&root, "efg");
    let normal = folder::files(&root, "nfg");
    assert!(extensive.len() >= 20 && normal.len() >= 3);
    for path in extensive {
        let form = read_efg(&folder::read(&path)).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert_eq!(read_efg(&write_efg(&form)).unwrap(), form.with_distinct_labels(), "{}", path.display());
    }
    for path in normal {
        let game = read_nfg(&folder::read(&path)).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert_eq!(read_nfg(&write_nfg(&game)).unwrap(), game, "{}", path.display());
    }
}

#[test]
fn texts_are_accepted_and_refused_as_published() {
    let Some(root) = folder::reference() else { return };
    let cases = folder::json(&root, "gambit/parse_cases.json");
    for case in cases["cases"].as_array().unwrap() {
        let bytes = bytes_of(&case["text"]);
        let read = text_of(&bytes).and_then(|text| match case["format"].as_str().unwrap() {
            "efg" => read_efg(text).map(|_| ()),
            _ => read_nfg(text).map(|_| ()),
        });
        assert_eq!(read.is_ok(), case["result"] == "ok", "{}: {read:?}", case["id"]);
    }
}

/// The probability of every node if every action is equally likely.
fn reach_at_the_centroid(game: &Game) -> Vec<f64> {
    let values = game.expressions().evaluate(&[]);
    let mut reach = vec![1.0; game.node_count()];
    for node in game.nodes() {
        let Some((parent, branch)) = game.parent(node).zip(game.branch_of(node)) else { continue };
        let share = match game.kind(parent) {
            Kind::Chance(c) => {
                values[game.branch_probability(BranchId::new(game.branches(c).start + branch)).index()]
            }
            _ => 1.0 / game.child_count(parent) as f64,
        };
        reach[node.index()] = reach[parent.index()] * share;
    }
    reach
}

/// What each player expects there.
fn payoffs_at_the_centroid(game: &Game) -> Vec<f64> {
    let values = game.expressions().evaluate(&[]);
    let mut payoffs = vec![0.0; game.players().len()];
    for (node, reach) in game.nodes().zip(reach_at_the_centroid(game)) {
        if let Kind::End(end) = game.kind(node) {
            let own = game.end(end).payoffs.iter().map(|p| values[p.index()]);
            payoffs.iter_mut().zip(own).for_each(|(sum, payoff)| *sum += reach * payoff);
        }
    }
    payoffs
}

#[test]
fn payoffs_at_inner_nodes_are_added_to_those_below() {
    let Some(root) = folder::reference() else { return };
    let read = |name: &str| read_efg(&folder::read(&root.join("gambit").join(name))).unwrap().game().unwrap();
    let plain = read("games/tests/test_games/stripped_down_poker.efg");
    let nested = read("constructed/stripped_down_poker_nonterm_outcomes.efg");
    assert_eq!(payoffs_at_the_centroid(&plain), payoffs_at_the_centroid(&nested));
    let payoffs = |game: &Game| {
        let values = game.expressions().evaluate(&[]);
        let ends = game.nodes().filter_map(|n| if let Kind::End(e) = game.kind(n) { Some(e) } else { None });
        ends.map(|e| game.end(e).payoffs.iter().map(|p| values[p.index()]).collect::<Vec<_>>())
            .collect::<Vec<_>>()
    };
    assert_eq!(payoffs(&plain), payoffs(&nested));
}

#[test]
fn every_reference_game_with_perfect_recall_becomes_a_tree_and_comes_back() {
    let Some(root) = folder::reference() else { return };
    let mut trees = 0;
    for path in folder::files(&root, "efg") {
        let form = read_efg(&folder::read(&path)).unwrap();
        let Ok(game) = form.game() else { continue };
        trees += 1;
        assert_eq!(game.node_count(), form.nodes().len());
        assert_eq!(game.info_set_count(), form.info_sets().len());
        for (id, set) in game.info_set_ids().zip(form.info_sets()) {
            assert_eq!((game.info_set(id).player, game.actions(id).len()), (set.player, set.actions.len()));
        }
        let numbers = game.at(&game.expressions().evaluate(&[]));
        let back = ExtensiveForm::of_game(&game, &numbers).unwrap();
        let again = back.game().unwrap();
        let bits = |game: &Game| game.at(&game.expressions().evaluate(&[]));
        assert_eq!(bits(&again).chance, bits(&game).chance, "{}", path.display());
        assert_eq!(payoffs_at_the_centroid(&again), payoffs_at_the_centroid(&game), "{}", path.display());
        let sets =
            |form: &ExtensiveForm| form.info_sets().iter().map(|s| s.actions.len()).collect::<Vec<_>>();
        assert_eq!((sets(&back), back.nodes().len()), (sets(&form), form.nodes().len()));
        assert_eq!(read_efg(&write_efg(&back)).unwrap(), back);
    }
    assert!(trees >= 20, "only {trees} games have perfect recall");
}

#[test]
fn the_normal_form_of_a_file_has_its_payoffs_profile_by_profile() {
    let Some(root) = folder::reference() else { return };
    let game =
        read_nfg(&folder::read(&root.join("gambit/games/tests/test_games/const_sum_game.nfg"))).unwrap();
    let payoffs = |profile: [usize; 2]| [0, 1].map(|player| to_f64(game.payoff(&profile, player)));
    assert_eq!(
        [[0, 0], [1, 0], [0, 1], [1, 1]].map(payoffs),
        [[1.0, 1.0], [0.0, 2.0], [1.0, 1.0], [1.0, 1.0]]
    );
}

#[test]
fn files_of_kuhn_and_leduc_poker_have_the_sizes_of_these_games() {
    let Some(root) = folder::reference() else { return };
    let read = |name: &str| read_efg(&folder::read(&root.join(name))).unwrap().game().unwrap();
    let [ours, theirs] = ["gambit/constructed/kuhn_poker.efg", "openspiel/kuhn_poker.efg"].map(read);
    for kuhn in [&ours, &theirs] {
        // Kuhn (1950): two players with three cards and two information sets each per card; 30 ways to end.
        assert_eq!((kuhn.info_set_count(), kuhn.history_count()), (12, 30));
        let value = payoffs_at_the_centroid(kuhn)[0];
        assert!((value - 0.125).abs() < 1e-15, "{value}");
    }
    // The file of Leduc poker has no labels, so that its lines can be counted without reading them as a game.
    let text = folder::read(&root.join("openspiel/leduc_poker.efg"));
    let words = text.lines().map(|line| line.split_whitespace().take(4).collect::<Vec<_>>());
    let sets: BTreeSet<_> = words.filter(|w| w.first() == Some(&"p")).collect();
    let ends = text.lines().filter(|line| line.starts_with("t ")).count();
    let leduc = read("openspiel/leduc_poker.efg");
    assert_eq!((leduc.info_set_count(), leduc.history_count()), (sets.len(), ends));
    assert_eq!((sets.len(), ends), (288, 1176));
}
