//! Perfect recall against the definition, and how its failure is told.

use counterplay_game::extensive::{ExtensiveForm, Turn};
use counterplay_game::gambit::read_efg;
use counterplay_game::id::NodeId;
use counterplay_game::recall::Forgotten;
use proptest::prelude::*;

use crate::random;

/// What a player did before a node: its information sets with the actions taken, in order.
fn own_history(form: &ExtensiveForm, node: NodeId, player: usize) -> Vec<(usize, usize)> {
    let mut history = Vec::new();
    let mut at = node;
    while let Some((parent, branch)) = form.parent(at) {
        if let Turn::Decision(set) = form.node(parent).turn
            && form.info_sets()[set.index()].player.index() == player
        {
            history.push((set.index(), branch));
        }
        at = parent;
    }
    history.reverse();
    history
}

/// The first information set whose nodes come after different histories of its player's own (Kuhn's definition).
fn by_definition(form: &ExtensiveForm) -> Vec<usize> {
    let fails = |&set: &usize| {
        let player = form.info_sets()[set].player.index();
        let here =
            |n: &usize| form.nodes()[*n].turn == Turn::Decision(counterplay_game::id::InfoSetId::new(set));
        let mut histories =
            (0..form.nodes().len()).filter(here).map(|n| own_history(form, NodeId::new(n), player));
        let first = histories.next().unwrap();
        histories.any(|other| other != first)
    };
    (0..form.info_sets().len()).filter(fails).collect()
}

proptest! {
    #[test]
    fn recall_fails_where_the_definition_says_so(seed: u64) {
        let form = random::extensive_form(seed);
        let failing = by_definition(&form);
        let found = form.recall();
        prop_assert_eq!(found.is_ok(), failing.is_empty());
        if let Err(failure) = found {
            prop_assert!(failing.contains(&failure.set.index()));
            prop_assert_ne!(&failure.histories[0], &failure.histories[1]);
        }
    }
}

fn told(tree: &str) -> (Forgotten, String) {
    let failure = read_efg(&format!("EFG 2 R \"\" {{ \"Ann\" }} \"\" {tree}")).unwrap().game().unwrap_err();
    (failure.forgotten, failure.to_string())
}

#[test]
fn the_absent_minded_driver_is_told_apart() {
    // Piccione and Rubinstein 1997, figure 1.
    let (forgotten, told) = told(
        r#"p "" 1 1 "crossing" { "exit" "on" } 0 t "" 1 "" { 0 } p "" 1 1 0 t "" 2 "" { 4 } t "" 3 "" { 1 }"#,
    );
    assert_eq!(forgotten, Forgotten::BeingHere);
    assert_eq!(
        told,
        "`Ann` does not have perfect recall at its information set 1 (`crossing`): it is absent-minded there, for \
         it is there at the start and again after `on`"
    );
}

#[test]
fn a_forgotten_action_is_told_apart_from_a_forgotten_information_set() {
    let ends = r#"t "" 0 t "" 0"#;
    let (forgotten, told_action) =
        told(&format!(r#"p "" 1 1 "" {{ "a" "b" }} 0 p "" 1 2 "" {{ "c" "d" }} 0 {ends} p "" 1 2 0 {ends}"#));
    assert_eq!(forgotten, Forgotten::OwnAction);
    assert_eq!(
        told_action,
        "`Ann` does not have perfect recall at its information set 2: it cannot tell after `a` from after `b`, \
         though it chose differently before"
    );
    let (forgotten, told_set) = told(&format!(
        r#"c "" 1 "" {{ "x" 1/2 "y" 1/2 }} 0 p "" 1 1 "" {{ "a" }} 0 p "" 1 2 "" {{ "c" "d" }} 0 {ends} p "" 1 2 0 {ends}"#
    ));
    assert_eq!(forgotten, Forgotten::OwnInformation);
    assert_eq!(
        told_set,
        "`Ann` does not have perfect recall at its information set 2: it cannot tell after `x`, `a` from after `y`, \
         though it had last moved at different information sets"
    );
}

#[test]
fn branches_with_the_same_label_are_told_apart_by_their_place() {
    let ends = r#"t "" 0 t "" 0"#;
    let (_, told) =
        told(&format!(r#"p "" 1 1 "" {{ "a" "a" }} 0 p "" 1 2 "" {{ "c" "d" }} 0 {ends} p "" 1 2 0 {ends}"#));
    assert!(told.ends_with(
        "it cannot tell after `a (branch 1)` from after `a (branch 2)`, though it chose differently before"
    ));
}

#[test]
fn long_histories_are_cut_where_they_are_still_the_same() {
    let wait = r#"c "" 1 "" { "wait" 1 } 0 "#.repeat(10);
    let ends = r#"t "" 0 t "" 0"#;
    let (_, told) = told(&format!(
        r#"{wait} p "" 1 1 "" {{ "a" "b" }} 0 {wait} p "" 1 2 "" {{ "c" "d" }} 0 {ends} {wait} p "" 1 2 0 {ends}"#
    ));
    let waits = ["`wait`"; 10].join(", ");
    assert!(
        told.contains(&format!("it cannot tell after ..., `a`, {waits} from after ..., `b`, {waits}")),
        "{told}"
    );
}

#[test]
fn recall_of_a_tree_agrees_with_recall_of_its_file() {
    let form = read_efg(
        r#"EFG 2 R "" { "Ann" "Bo" } p "" 1 1 "" { "a" "b" } 0 p "" 2 1 "" { "c" "d" } 0 t "" 0 t "" 0 p "" 2 1 0 t "" 0 t "" 0"#,
    );
    let form = form.unwrap();
    assert_eq!(form.recall(), Ok(()));
    assert_eq!(form.game().unwrap().recall(), Ok(()));
}
