//! Games of imperfect recall: pure equilibria and gains, against enumeration by the definition.

mod common;

use std::collections::BTreeSet;
use std::fmt::Write;

use common::Lcg;
use counterplay_equilibrium::nash::agent::agent_form;
use counterplay_equilibrium::nash::exact::ExactNumbers;
use counterplay_equilibrium::nash::pure::pure_equilibria;
use counterplay_equilibrium::nash::reduced::ReducedForm;
use counterplay_equilibrium::referee::best_response::gains;
use counterplay_equilibrium::referee::forgetful::{examine, is_absent_minded, pure_gains};
use counterplay_game::extensive::{ExtensiveForm, Turn};
use counterplay_game::gambit::read_efg;
use counterplay_game::id::{InfoSetId, NodeId, PlayerId};
use counterplay_game::rational::{Rational, to_f64};
use counterplay_game::valuation::ExactGame;
use num_traits::{One, Zero};
use proptest::prelude::*;

/// A random tree whose decisions are put into information sets at random: players forget what they knew and did, and some are
/// absent-minded. Payoffs are small whole numbers, so that there are ties.
fn forgetful(seed: u64, players: usize, depth: usize) -> ExtensiveForm {
    let mut random = Lcg(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) + 1);
    let actions: Vec<Vec<usize>> =
        (0..players).map(|_| (0..3).map(|_| 2 + random.below(6) / 5).collect()).collect();
    let names: Vec<String> = (0..players).map(|p| format!("\"P{p}\"")).collect();
    let names = names.join(" ");
    let mut text = format!("EFG 2 R \"\" {{ {names} }}\n");
    let mut open = vec![0];
    let mut outcomes = 0;
    while let Some(level) = open.pop() {
        if level == depth || (level > 0 && random.below(5) == 0) {
            outcomes += 1;
            let payoffs: Vec<String> = (0..players).map(|_| random.below(3).to_string()).collect();
            let _ = writeln!(text, "t \"\" {outcomes} \"\" {{ {} }}", payoffs.join(" "));
            continue;
        }
        let count = match random.below(players + 1) {
            mover if mover == players => {
                let _ = writeln!(text, "c \"\" 1 \"\" {{ \"x\" 1/3 \"y\" 2/3 }} 0");
                2
            }
            mover => {
                let set = random.below(3);
                let labels: Vec<String> = (0..actions[mover][set]).map(|a| format!("\"{a}\"")).collect();
                let labels = labels.join(" ");
                let _ = writeln!(text, "p \"\" {} {} \"\" {{ {labels} }} 0", mover + 1, set + 1);
                actions[mover][set]
            }
        };
        open.extend(vec![level + 1; count]);
    }
    read_efg(&text).expect("a game")
}

/// All ways to choose at all information sets.
fn all_plans(form: &ExtensiveForm) -> Vec<Vec<usize>> {
    form.info_sets().iter().fold(vec![Vec::new()], |all, set| {
        all.iter().flat_map(|plan| (0..set.actions.len()).map(move |a| [&plan[..], &[a]].concat())).collect()
    })
}

fn surely(form: &ExtensiveForm, plan: &[usize]) -> Vec<Rational> {
    let sure = |(set, chosen): (usize, usize)| {
        let count = form.info_sets()[set].actions.len();
        (0..count).map(move |a| if a == chosen { Rational::one() } else { Rational::zero() })
    };
    plan.iter().copied().enumerate().flat_map(sure).collect()
}

fn payoffs(form: &ExtensiveForm, plan: &[usize]) -> Vec<Rational> {
    form.played(surely(form, plan)).payoffs().to_vec()
}

/// The plans of a player: `plan` with every choice at its own information sets.
fn deviations(
    form: &ExtensiveForm,
    all: &[Vec<usize>],
    plan: &[usize],
    player: usize,
) -> BTreeSet<Vec<usize>> {
    let own = |set: usize| form.info_sets()[set].player.index() == player;
    all.iter()
        .map(|other| (0..plan.len()).map(|set| if own(set) { other[set] } else { plan[set] }).collect())
        .collect()
}

fn is_equilibrium(form: &ExtensiveForm, all: &[Vec<usize>], plan: &[usize]) -> bool {
    let now = payoffs(form, plan);
    (0..form.players().len()).all(|player| {
        deviations(form, all, plan, player).iter().all(|other| payoffs(form, other)[player] <= now[player])
    })
}

/// A plan without what the player's own choices rule out.
fn reduced(form: &ExtensiveForm, plan: &[usize]) -> Vec<Option<usize>> {
    let allowed = |node: NodeId, player: PlayerId| {
        let mut at = node;
        while let Some((before, branch)) = form.parent(at) {
            if let Turn::Decision(set) = form.node(before).turn
                && form.info_sets()[set.index()].player == player
                && plan[set.index()] != branch
            {
                return false;
            }
            at = before;
        }
        true
    };
    let nodes = |set: usize| {
        (0..form.nodes().len())
            .map(NodeId::new)
            .filter(move |node| form.node(*node).turn == Turn::Decision(InfoSetId::new(set)))
    };
    (0..plan.len())
        .map(|set| nodes(set).any(|node| allowed(node, form.info_sets()[set].player)).then_some(plan[set]))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_pure_equilibria_are_those_by_the_definition(seed in any::<u64>(), players in 1..4usize) {
        let form = forgetful(seed, players, 3);
        let all = all_plans(&form);
        prop_assume!(all.len() <= 600);
        let expected: BTreeSet<Vec<Option<usize>>> =
            all.iter().filter(|plan| is_equilibrium(&form, &all, plan)).map(|plan| reduced(&form, plan)).collect();
        let ExactGame { game, chance, payoffs } = form.exact_tree();
        let reduced = ReducedForm::of(&game, 100_000).expect("few strategies");
        let normal = reduced.normal_form(&game, &ExactNumbers { chance, payoffs });
        let found: Vec<Vec<Option<usize>>> = pure_equilibria(&normal)
            .iter()
            .map(|profile| {
                let mut plan = vec![None; game.info_set_count()];
                for (player, &strategy) in profile.iter().enumerate() {
                    for (set, choice) in reduced.info_sets(player).iter().zip(&reduced.strategies(player)[strategy]) {
                        plan[set.index()] = *choice;
                    }
                }
                plan
            })
            .collect();
        prop_assert_eq!(found.len(), expected.len());
        prop_assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), expected);
    }

    #[test]
    fn equilibria_of_the_agent_form_are_those_without_a_gain_at_one_information_set(seed in any::<u64>(), players in 1..4usize) {
        let form = forgetful(seed, players, 3);
        let all = all_plans(&form);
        prop_assume!(all.len() <= 600);
        let stays = |plan: &Vec<usize>| {
            let now = payoffs(&form, plan);
            form.info_sets().iter().enumerate().all(|(set, own)| (0..own.actions.len()).all(|action| {
                let mut other = plan.clone();
                other[set] = action;
                payoffs(&form, &other)[own.player.index()] <= now[own.player.index()]
            }))
        };
        let expected: BTreeSet<Vec<usize>> = all.iter().filter(|plan| stays(plan)).cloned().collect();
        let ExactGame { game, chance, payoffs } = form.exact_tree();
        let agents = agent_form(&game, &ExactNumbers { chance, payoffs }, 100_000).expect("few profiles");
        prop_assert_eq!(pure_equilibria(&agents).into_iter().collect::<BTreeSet<_>>(), expected);
    }

    #[test]
    fn gains_by_pure_strategies_are_those_of_trying_each(seed in any::<u64>(), players in 1..4usize) {
        let form = forgetful(seed, players, 3);
        let all = all_plans(&form);
        prop_assume!(all.len() <= 600);
        let mut random = Lcg(seed);
        let play: Vec<Rational> = form.info_sets().iter().flat_map(|set| {
            let weights: Vec<usize> = (0..set.actions.len()).map(|_| random.below(4)).collect();
            let sum: usize = weights.iter().sum();
            let first = usize::from(sum == 0);
            weights.into_iter().enumerate().map(move |(k, w)| {
                let weight = if k == 0 { w + first } else { w };
                Rational::new(weight.into(), (sum + first).into())
            }).collect::<Vec<_>>()
        }).collect();
        let game = form.tree();
        let numbers = game.at(&game.expressions().evaluate(&[]));
        let floats: Vec<f64> = play.iter().map(to_f64).collect();
        let found = pure_gains(&game, &numbers, &floats, 10_000).expect("few strategies");
        let played = form.played(play.clone());
        for player in 0..players {
            let own: Vec<bool> = form.info_sets().iter()
                .flat_map(|set| vec![set.player.index() == player; set.actions.len()]).collect();
            let value = |plan: &Vec<usize>| {
                let mixed = surely(&form, plan).into_iter().zip(&play).zip(&own)
                    .map(|((sure, p), own)| if *own { sure } else { p.clone() }).collect();
                form.played(mixed).payoffs()[player].clone()
            };
            let best = all.iter().map(value).max().expect("a plan");
            prop_assert!((found.best_responses[player] - to_f64(&best)).abs() < 1e-12);
            prop_assert!((found.payoffs[player] - to_f64(&played.payoffs()[player])).abs() < 1e-12);
        }
        let seen = examine(&game, &numbers, &floats);
        for at in seen.sets {
            prop_assert!((at.reach - to_f64(&played.set_reach(at.set))).abs() < 1e-12);
            prop_assert_eq!(is_absent_minded(&game, at.set), form.is_absent_minded(at.set));
            if let Some(worth) = &at.payoffs {
                let regrets = played.action_regrets(at.set).expect("it is reached");
                let best = worth.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                for (one, regret) in worth.iter().zip(&regrets) {
                    prop_assert!((best - one - to_f64(regret)).abs() < 1e-9);
                }
            }
        }
        if game.recall().is_ok() {
            let known = gains(&game, &numbers, &floats).expect("perfect recall");
            for (one, other) in known.best_responses.iter().zip(&found.best_responses) {
                prop_assert!((one - other).abs() < 1e-12);
            }
        }
    }
}
