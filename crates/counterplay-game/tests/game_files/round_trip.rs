//! What is written is read back as it was.

use counterplay_game::extensive::{ExtensiveForm, Turn};
use counterplay_game::gambit::{read_efg, read_nfg, write_efg, write_nfg};
use counterplay_game::id::NodeId;
use counterplay_game::rational::{Rational, to_f64};
use counterplay_game::tree::{Game, Kind};
use num_traits::Zero;
use proptest::prelude::*;

use crate::random;

/// The children of a node, found by asking every node for its parent.
fn children(form: &ExtensiveForm, node: NodeId) -> Vec<NodeId> {
    let all = (0..form.nodes().len()).map(NodeId::new);
    let mut children: Vec<_> =
        all.filter_map(|n| form.parent(n).filter(|p| p.0 == node).map(|p| (p.1, n))).collect();
    children.sort_unstable();
    children.into_iter().map(|(_, n)| n).collect()
}

/// Compares two trees node by node from the roots down, with exact sums of the payoffs on the way.
fn compare(form: &ExtensiveForm, at: NodeId, game: &Game, node: NodeId, collected: &[Rational]) {
    let outcome = form.node(at).outcome.map(|o| form.outcomes()[o.index()].payoffs.clone());
    let zeros = vec![Rational::zero(); form.players().len()];
    let sums: Vec<_> = collected.iter().zip(outcome.unwrap_or(zeros)).map(|(a, b)| a + b).collect();
    let values = game.expressions().evaluate(&[]);
    match (form.node(at).turn, game.kind(node)) {
        (Turn::Decision(a), Kind::Decision(b)) => assert_eq!(a, b),
        (Turn::Chance(a), Kind::Chance(b)) => {
            let probabilities: Vec<_> = game
                .branches(b)
                .map(|k| values[game.branch_probability(counterplay_game::id::BranchId::new(k)).index()])
                .collect();
            let branches = &form.chance_sets()[a.index()].branches;
            assert_eq!(probabilities, branches.iter().map(|b| to_f64(&b.1)).collect::<Vec<_>>());
        }
        (Turn::End, Kind::End(end)) => {
            let payoffs: Vec<_> = game.end(end).payoffs.iter().map(|p| values[p.index()]).collect();
            assert_eq!(payoffs, sums.iter().map(to_f64).collect::<Vec<_>>());
        }
        (turn, kind) => panic!("{turn:?} became {kind:?}"),
    }
    let below = children(form, at);
    assert_eq!(below.len(), game.child_count(node));
    for (a, b) in below.into_iter().zip(game.children(node)) {
        compare(form, a, game, b, &sums);
    }
}

proptest! {
    #[test]
    fn a_random_extensive_form_is_read_back_as_written(seed: u64) {
        let form = random::extensive_form(seed);
        let text = write_efg(&form);
        prop_assert_eq!(read_efg(&text), Ok(form.with_distinct_labels()), "{}", text);
    }

    #[test]
    fn a_random_normal_form_is_read_back_as_written(seed: u64) {
        let game = random::normal_form(seed);
        let text = write_nfg(&game);
        prop_assert_eq!(read_nfg(&text), Ok(game), "{}", text);
    }

    #[test]
    fn a_normal_form_in_extensive_form_has_the_same_payoffs(seed: u64) {
        let game = random::normal_form(seed);
        let form = ExtensiveForm::of_normal(&game).unwrap();
        prop_assert_eq!(&form.recall(), &Ok(()));
        let mut ends = 0;
        for node in (0..form.nodes().len()).map(NodeId::new).filter(|&n| form.node(n).turn == Turn::End) {
            let mut profile = Vec::new();
            let mut at = node;
            while let Some((parent, branch)) = form.parent(at) {
                profile.insert(0, branch);
                at = parent;
            }
            let payoffs = &form.outcomes()[form.node(node).outcome.unwrap().index()].payoffs;
            for (player, payoff) in payoffs.iter().enumerate() {
                prop_assert_eq!(payoff, game.payoff(&profile, player));
            }
            ends += 1;
        }
        prop_assert_eq!(ends, game.profile_count());
    }

    #[test]
    fn the_tree_of_a_random_extensive_form_is_the_same_game(seed: u64) {
        let form = random::extensive_form(seed);
        if let Ok(game) = form.game() {
            let root = NodeId::new(0);
            let nothing = vec![Rational::zero(); form.players().len()];
            compare(&form, root, &game, root, &nothing);
        }
    }
}

#[test]
fn many_random_forms_have_perfect_recall_and_many_do_not() {
    let perfect = (0..300).filter(|&seed| random::extensive_form(seed).recall().is_ok()).count();
    assert!((60..240).contains(&perfect), "{perfect} of 300");
}
