//! Backward induction and the reduced form, against plain enumeration on the tree.

mod common;
#[path = "common/referee.rs"]
mod referee;

use common::{Lcg, random_game};
use counterplay_equilibrium::nash::agent::agent_form;
use counterplay_equilibrium::nash::backward_induction::{PerfectInformation, Status, Unfit};
use counterplay_equilibrium::nash::bimatrix::MixedProfile;
use counterplay_equilibrium::nash::exact::ExactNumbers;
use counterplay_equilibrium::nash::reduced::{NotReduced, ReducedForm};
use counterplay_game::build::{Place, TreeBuilder};
use counterplay_game::expression::Expressions;
use counterplay_game::id::{EventId, KnowledgeId, NodeId, PlayerId};
use counterplay_game::knowledge::Knowledge;
use counterplay_game::rational::{Rational, to_f64};
use counterplay_game::tree::{End, Game, Kind};
use counterplay_game::valuation::Valuation;
use num_traits::Zero;
use proptest::prelude::*;

/// A random game in which everyone sees everything, with few values of payoffs so that there are ties.
fn open_game(seed: u64, depth: usize, values: usize) -> Game {
    let mut builder = TreeBuilder::new(vec!["A".into(), "B".into()]);
    let mut expressions = Expressions::new();
    let mut random = Lcg(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) + 1);
    let half = expressions.constant(0.5);
    let mut open: Vec<(Place, KnowledgeId, usize)> = vec![(None, Knowledge::nothing(), 0)];
    while let Some((place, known, level)) = open.pop() {
        if level == depth || (level > 0 && random.below(4) == 0) {
            let payoffs = (0..2).map(|_| expressions.constant(random.below(values) as f64)).collect();
            let end = builder.end(End { payoffs, tag: 0 });
            builder.add(place, Kind::End(end), EventId::new(0));
            continue;
        }
        let name = builder.texts.intern("move");
        let labels = ["left", "right"].map(|l| builder.texts.intern(l));
        let event = builder.event(name, u32::try_from(level).expect("few levels") + 1);
        let kind = match random.below(3) {
            2 => Kind::Chance(builder.chance(&labels.map(|l| (l, half)))),
            mover => {
                let set = builder.info_set(PlayerId::new(mover), name, known, &labels);
                Kind::Decision(set.expect("the same two actions"))
            }
        };
        let node = builder.add(place, kind, event);
        for (branch, &label) in labels.iter().enumerate() {
            let known = builder.knowledge.after(known, name, label);
            open.push((Some((node, branch)), known, level + 1));
        }
    }
    builder.finish(expressions).expect("every branch was grown")
}

fn constants(game: &Game) -> Valuation {
    game.at(&game.expressions().evaluate(&[]))
}

/// What the players expect from `node` on if everyone follows `choices`, by the definition.
fn expected_payoffs(game: &Game, numbers: &Valuation, node: NodeId, choices: &[usize]) -> Vec<f64> {
    let players = game.players().len();
    match game.kind(node) {
        Kind::End(end) => (0..players).map(|p| numbers.payoff(end, PlayerId::new(p), players)).collect(),
        Kind::Decision(set) => {
            expected_payoffs(game, numbers, game.child(node, choices[set.index()]), choices)
        }
        Kind::Chance(chance) => {
            let mut sums = vec![0.0; players];
            for (child, branch) in game.children(node).zip(game.branches(chance)) {
                for (sum, x) in sums.iter_mut().zip(expected_payoffs(game, numbers, child, choices)) {
                    *sum += numbers.chance[branch] * x;
                }
            }
            sums
        }
    }
}

/// All ways to choose at all information sets.
fn all_choices(game: &Game) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for set in game.info_set_ids() {
        let actions = game.actions(set).len();
        all = all
            .iter()
            .flat_map(|c: &Vec<usize>| (0..actions).map(move |a| [c.clone(), vec![a]].concat()))
            .collect();
    }
    all
}

/// Whether no player gains in any subgame by any other plan, where every node starts a subgame.
fn is_subgame_perfect(game: &Game, numbers: &Valuation, choices: &[usize], all: &[Vec<usize>]) -> bool {
    game.nodes().all(|node| {
        let own = expected_payoffs(game, numbers, node, choices);
        (0..game.players().len()).all(|player| {
            all.iter().all(|other| {
                let deviation: Vec<usize> = game
                    .info_set_ids()
                    .map(|set| {
                        let his = game.info_set(set).player.index() == player;
                        if his { other[set.index()] } else { choices[set.index()] }
                    })
                    .collect();
                expected_payoffs(game, numbers, node, &deviation)[player] <= own[player]
            })
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn backward_induction_finds_exactly_the_subgame_perfect_equilibria(seed in any::<u64>(), values in 2..5usize) {
        let game = open_game(seed, 3, values);
        let numbers = constants(&game);
        let solver = PerfectInformation::of(&game, &numbers).unwrap();
        let found = solver.all(1000);
        prop_assert_eq!(found.status, Status::Complete);
        let all = all_choices(&game);
        let expected: Vec<_> =
            all.iter().filter(|c| is_subgame_perfect(&game, &numbers, c, &all)).cloned().collect();
        let mut choices: Vec<_> = found.found.iter().map(|e| e.choices.clone()).collect();
        choices.sort();
        prop_assert_eq!(choices, expected);
        for equilibrium in &found.found {
            let root = NodeId::new(Game::ROOT);
            prop_assert_eq!(&equilibrium.payoffs, &expected_payoffs(&game, &numbers, root, &equilibrium.choices));
        }
        let first = solver.solve();
        prop_assert_eq!(&first, &found.found[0]);
        let unique = first.optimal.iter().all(|best| best.len() == 1);
        prop_assert_eq!(unique, found.found.len() == 1);
        if found.found.len() > 1 {
            let cut = solver.all(found.found.len() - 1);
            prop_assert_eq!(cut.status, Status::LimitReached);
            prop_assert_eq!(&cut.found[..], &found.found[..found.found.len() - 1]);
        }
        let exactly = solver.all(found.found.len());
        prop_assert_eq!(exactly.status, Status::Complete);
    }

    #[test]
    fn the_reduced_form_pays_what_the_tree_pays(seed in any::<u64>()) {
        let game = random_game(seed, 4, 2);
        let numbers = game.at(&game.expressions().evaluate(&[0.3, -0.6]));
        let Ok(reduced) = ReducedForm::of(&game, 150) else { return Err(TestCaseError::reject("too large")) };
        let normal = reduced.normal_form(&game, &ExactNumbers::simplest(&numbers).unwrap());
        for index in 0..normal.profile_count() {
            let profile = normal.profile(index);
            let mut choices = vec![0; game.info_set_count()];
            for (player, &strategy) in profile.iter().enumerate() {
                let chosen = &reduced.strategies(player)[strategy];
                for (&set, &action) in reduced.info_sets(player).iter().zip(chosen) {
                    // Where the strategy says nothing, anything may be done.
                    choices[set.index()] = action.unwrap_or(1);
                }
            }
            let direct = expected_payoffs(&game, &numbers, NodeId::new(Game::ROOT), &choices);
            for (player, &x) in direct.iter().enumerate() {
                prop_assert!((to_f64(normal.payoff(&profile, player)) - x).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn behaviour_strategies_pay_what_the_mixed_ones_behind_them_pay(seed in any::<u64>()) {
        let game = random_game(seed, 4, 2);
        let numbers = game.at(&game.expressions().evaluate(&[0.1, 0.9]));
        let Ok(reduced) = ReducedForm::of(&game, 150) else { return Err(TestCaseError::reject("too large")) };
        let normal = reduced.normal_form(&game, &ExactNumbers::simplest(&numbers).unwrap());
        let mut random = Lcg(seed);
        let mixed: MixedProfile = (0..3)
            .map(|player| {
                let n = reduced.strategies(player).len();
                let weights: Vec<i64> = (0..n).map(|k| [0, 1, 2, 3][random.below(4)] + i64::from(k == 0)).collect();
                let total: i64 = weights.iter().sum();
                weights.iter().map(|&w| referee::fraction(w, total)).collect()
            })
            .collect();
        let play = reduced.behaviour(&game, &mixed);
        for set in game.info_set_ids() {
            let total: Rational = play[game.actions(set)].iter().sum();
            prop_assert_eq!(total, referee::whole(1));
        }
        let again = reduced.mixed(&game, &play);
        for player in 0..3 {
            let value = |profile: &MixedProfile| -> Rational {
                let own = referee::expected(&normal, profile, player);
                own.iter().zip(&profile[player]).map(|(u, p)| u * p).sum()
            };
            prop_assert_eq!(value(&mixed), value(&again));
            // Also if only this player's strategy is changed to its behaviour strategy.
            let mut one = mixed.clone();
            one[player].clone_from(&again[player]);
            for other in 0..3 {
                let own = |p| referee::expected(&normal, p, other).into_iter().zip(mixed[other].clone());
                if other != player {
                    let sum = |p| own(p).map(|(u, w)| u * w).fold(Rational::zero(), |a, b| a + b);
                    prop_assert_eq!(sum(&mixed), sum(&one));
                }
            }
        }
    }
}

#[test]
fn hidden_moves_are_refused_by_backward_induction() {
    let game = referee::game(&[2, 2], &[0; 8]).game();
    let numbers = constants(&game);
    assert!(matches!(PerfectInformation::of(&game, &numbers), Err(Unfit::HiddenMoves(_))));
    let open = open_game(3, 3, 2);
    let broken = Valuation { payoffs: vec![f64::NAN; constants(&open).payoffs.len()], ..constants(&open) };
    assert_eq!(PerfectInformation::of(&open, &broken).err(), Some(Unfit::NotFinite));
}

#[test]
fn a_game_with_too_many_profiles_is_refused() {
    let game = referee::game(&[3, 4], &[0; 24]).game();
    assert!(ReducedForm::of(&game, 12).is_ok());
    assert_eq!(ReducedForm::of(&game, 11).err(), Some(NotReduced::TooManyProfiles { allowed: 11 }));
}

#[test]
fn the_agent_form_pays_each_agent_what_its_player_gets() {
    for seed in 0..20 {
        let game = open_game(seed, 3, 5);
        let numbers = constants(&game);
        let exact = ExactNumbers::simplest(&numbers).expect("finite");
        let agents = agent_form(&game, &exact, 128).expect("at most seven binary moves");
        for index in 0..agents.profile_count() {
            let choices = agents.profile(index);
            let direct = expected_payoffs(&game, &numbers, NodeId::new(Game::ROOT), &choices);
            for set in game.info_set_ids() {
                let own = direct[game.info_set(set).player.index()];
                assert_eq!(to_f64(agents.payoff(&choices, set.index())), own);
            }
        }
        if agents.profile_count() > 1 {
            assert!(agent_form(&game, &exact, agents.profile_count() - 1).is_err());
        }
    }
}

#[test]
fn the_reduced_form_of_a_simultaneous_game_is_that_game() {
    let payoffs: Vec<i64> = (0..24).map(|k| k * k % 17).collect();
    let game = referee::game(&[2, 2, 2], &payoffs);
    let tree = game.game();
    let numbers = ExactNumbers::simplest(&constants(&tree)).expect("finite");
    let reduced = ReducedForm::of(&tree, 8).expect("eight profiles");
    assert_eq!(reduced.normal_form(&tree, &numbers), game);
}
