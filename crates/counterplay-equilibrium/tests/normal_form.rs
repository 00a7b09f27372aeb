//! Solvers of games in normal form, against the definition, each other and published results.

#[path = "common/referee.rs"]
mod referee;

use counterplay_equilibrium::nash::bimatrix::{Bimatrix, NotTwoPlayers};
use counterplay_equilibrium::nash::dominance::{Dominance, Dominators, eliminate};
use counterplay_equilibrium::nash::lemke_howson::{self, lemke_howson};
use counterplay_equilibrium::nash::pure::pure_equilibria;
use counterplay_equilibrium::nash::support_enumeration::{Equilibria, Settings, Status, all_equilibria};
use counterplay_game::normal::NormalForm;
use counterplay_game::rational::Rational;
use num_traits::{One, Zero};
use proptest::prelude::*;
use referee::{
    Profile, bimatrix, expected, fraction, game, is_equilibrium, pure_profile, renumbered, whole,
    with_payoffs,
};

fn two(game: &NormalForm) -> Bimatrix {
    Bimatrix::of(game).expect("two players")
}

fn all(game: &NormalForm) -> Equilibria {
    all_equilibria(&two(game), &Settings::default())
}

fn sorted(mut profiles: Vec<Profile>) -> Vec<Profile> {
    profiles.sort();
    profiles
}

/// The equilibrium at the end of each path.
fn ends_of_paths(game: &NormalForm) -> Vec<Profile> {
    let two = two(game);
    let labels = two.strategy_count(0) + two.strategy_count(1);
    (0..labels)
        .map(|label| {
            let solution = lemke_howson(&two, label, 1_000_000);
            assert_eq!(solution.status, lemke_howson::Status::Found);
            solution.equilibrium.expect("the path has an end")
        })
        .collect()
}

#[test]
fn von_stengels_example_has_its_three_equilibria() {
    // von Stengel (2002), "Computing equilibria for two-person games": the example of its second section.
    let game = bimatrix(&[vec![0, 6], vec![2, 5], vec![3, 3]], &[vec![1, 0], vec![0, 2], vec![4, 3]]);
    let found = all(&game);
    let third = |a, b| vec![fraction(a, 3), fraction(b, 3)];
    let published = vec![
        vec![vec![whole(0), whole(0), whole(1)], vec![whole(1), whole(0)]],
        vec![vec![whole(0), fraction(1, 3), fraction(2, 3)], third(2, 1)],
        vec![vec![fraction(2, 3), fraction(1, 3), whole(0)], third(1, 2)],
    ];
    assert_eq!(sorted(found.extreme), sorted(published.clone()));
    assert_eq!((found.degenerate, found.status), (false, Status::Complete));
    assert!(ends_of_paths(&game).iter().all(|e| published.contains(e)));
}

#[test]
fn openspiels_matrix_games_have_their_unique_equilibria() {
    // google-deepmind/open_spiel, lp_solver_test.py: rock, paper, scissors; a game with a saddle point.
    let third = || vec![fraction(1, 3); 3];
    let cases = [
        (vec![vec![0, -1, 1], vec![1, 0, -1], vec![-1, 1, 0]], vec![third(), third()], 0),
        (
            vec![vec![2, 1, 5], vec![-3, -4, -2]],
            vec![vec![whole(1), whole(0)], vec![whole(0), whole(1), whole(0)]],
            1,
        ),
    ];
    for (matrix, equilibrium, value) in cases {
        let negated: Vec<Vec<i64>> = matrix.iter().map(|row| row.iter().map(|x| -x).collect()).collect();
        let game = bimatrix(&matrix, &negated);
        let found = all(&game);
        assert_eq!(found.extreme, std::slice::from_ref(&equilibrium));
        assert!(ends_of_paths(&game).iter().all(|e| *e == equilibrium));
        let payoffs = expected(&game, &found.extreme[0], 0);
        assert_eq!(payoffs.into_iter().max(), Some(whole(value)));
    }
}

#[test]
fn symmetric_games_of_gambits_tests_have_their_published_equilibria() {
    // gambitproject/gambit@8883f7591 tests/test_nash.py, 2x2.agg and 2x2_small_payoffs.agg: what a player gets from its
    // own action and from the other's, and how often the first action is played in the mixed equilibrium.
    let cases = [([[-4, 35], [-10, 95]], fraction(10, 11)), ([[-1, 4], [-2, 5]], fraction(1, 2))];
    for ([stay, go], often) in cases {
        let game = bimatrix(&[stay.to_vec(), go.to_vec()], &[vec![stay[0], go[0]], vec![stay[1], go[1]]]);
        assert_eq!(pure_equilibria(&game), [[0, 0], [1, 1]]);
        let mixed = vec![vec![often.clone(), whole(1) - often]; 2];
        let published = vec![pure_profile(&game, &[0, 0]), pure_profile(&game, &[1, 1]), mixed];
        assert_eq!(sorted(all(&game).extreme), sorted(published));
    }
}

#[test]
fn a_continuum_is_told_apart_from_points() {
    // One player is indifferent once the other stays out: the equilibria with the first strategy out are an
    // interval, the entry equilibrium is a point.
    let game = bimatrix(&[vec![1, 1], vec![2, 0]], &[vec![5, 5], vec![2, 0]]);
    let found = all(&game);
    assert!(found.degenerate && found.has_continuum());
    assert_eq!(found.components.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
    let interval: Vec<_> = found.components[0].iter().map(|&k| found.extreme[k].clone()).collect();
    let out = vec![whole(1), whole(0)];
    let expected =
        vec![vec![out.clone(), vec![fraction(1, 2), fraction(1, 2)]], vec![out, vec![whole(0), whole(1)]]];
    assert_eq!(sorted(interval), sorted(expected));
}

#[test]
fn a_game_of_equal_payoffs_is_one_continuum_with_the_pure_profiles_at_its_corners() {
    let game = game(&[2, 3], &[7; 12]);
    let found = all(&game);
    assert_eq!((found.extreme.len(), found.components.len()), (6, 1));
    assert!(found.degenerate);
    assert_eq!(pure_equilibria(&game).len(), 6);
}

#[test]
fn a_budget_that_is_spent_is_reported() {
    let game = bimatrix(&[vec![0, 1], vec![1, 0]], &[vec![1, 0], vec![0, 1]]);
    let two = Bimatrix::of(&game).unwrap();
    assert_eq!(all_equilibria(&two, &Settings { max_systems: 3 }).status, Status::OutOfBudget);
    let cut = lemke_howson(&two, 0, 1);
    assert_eq!((cut.status, cut.equilibrium), (lemke_howson::Status::OutOfBudget, None));
    let three = referee::game(&[2, 2, 2], &[0; 24]);
    assert_eq!(Bimatrix::of(&three).err(), Some(NotTwoPlayers { players: 3 }));
}

#[test]
fn a_mixture_dominates_where_no_pure_strategy_does() {
    // Half and half of the first and third row gives 3/2 whatever the other does, the middle row 1.
    let game = bimatrix(&[vec![3, 0], vec![1, 1], vec![0, 3]], &[vec![0, 1], vec![0, 1], vec![0, 1]]);
    let pure = eliminate(&game, Dominance::Strict, Dominators::Pure);
    let mixed = eliminate(&game, Dominance::Strict, Dominators::Mixed);
    assert_eq!(pure.rounds[0].len(), 1, "only the second player's first strategy goes");
    assert_eq!(mixed.rounds[0].iter().map(|e| (e.player, e.strategy)).collect::<Vec<_>>(), [(0, 1), (1, 0)]);
    let total: Rational = mixed.rounds[0][0].dominator.iter().map(|(_, p)| p).sum();
    assert!(total.is_one());
    assert_eq!(mixed.remaining, [vec![2], vec![1]]);
}

#[test]
fn weak_dominance_eliminates_what_strict_dominance_keeps() {
    let game = bimatrix(&[vec![1, 1], vec![1, 0]], &[vec![0, 0], vec![0, 0]]);
    for dominators in [Dominators::Pure, Dominators::Mixed] {
        assert!(eliminate(&game, Dominance::Strict, dominators).rounds.is_empty());
        let weak = eliminate(&game, Dominance::Weak, dominators);
        assert_eq!((weak.rounds.len(), weak.remaining), (1, vec![vec![0], vec![0, 1]]));
    }
}

/// All mixed strategies over `n` pure ones whose probabilities are multiples of a `parts`-th.
fn grid(n: usize, parts: i64) -> Vec<Vec<Rational>> {
    let mut rows = vec![(Vec::new(), parts)];
    for last in (0..n).map(|k| k + 1 == n) {
        let shares = |left: i64| if last { left..=left } else { 0..=left };
        rows = rows
            .iter()
            .flat_map(|(row, left)| {
                shares(*left).map(move |k| ([row.clone(), vec![fraction(k, parts)]].concat(), left - k))
            })
            .collect();
    }
    rows.into_iter().map(|(row, _)| row).collect()
}

/// Which strategies of a player are best replies to `profile`, and which it uses.
fn best_and_used(game: &NormalForm, profile: &Profile, player: usize) -> (Vec<bool>, Vec<bool>) {
    let payoffs = expected(game, profile, player);
    let most = payoffs.iter().max().expect("a strategy");
    (payoffs.iter().map(|u| u == most).collect(), profile[player].iter().map(|p| !p.is_zero()).collect())
}

/// Two matrices with up to four strategies each; few values make ties, many make none.
fn two_players(most: i64) -> impl Strategy<Value = NormalForm> {
    (1..5usize, 1..5usize).prop_flat_map(move |(m, n)| {
        let matrix = || prop::collection::vec(prop::collection::vec(-most..=most, n), m);
        (matrix(), matrix()).prop_map(|(a, b)| bimatrix(&a, &b))
    })
}

fn three_by_three() -> impl Strategy<Value = NormalForm> {
    let matrix = || prop::collection::vec(prop::collection::vec(-1..=1i64, 3), 3);
    (matrix(), matrix()).prop_map(|(a, b)| bimatrix(&a, &b))
}

fn some_players() -> impl Strategy<Value = NormalForm> {
    prop::collection::vec(1..4usize, 1..4).prop_flat_map(|counts| {
        let entries = counts.iter().product::<usize>() * counts.len();
        prop::collection::vec(-3..=3i64, entries).prop_map(move |payoffs| game(&counts, &payoffs))
    })
}

fn reversed(game: &NormalForm) -> Vec<Vec<usize>> {
    game.strategies.iter().map(|own| (0..own.len()).rev().collect()).collect()
}

proptest! {
    #[test]
    fn every_answer_passes_the_referee_and_solvers_agree(game in prop_oneof![two_players(2), two_players(50)]) {
        let found = all(&game);
        prop_assert_eq!(found.status, Status::Complete);
        prop_assert!(!found.extreme.is_empty());
        for profile in &found.extreme {
            prop_assert!(is_equilibrium(&game, profile));
        }
        for end in ends_of_paths(&game) {
            prop_assert!(is_equilibrium(&game, &end));
            prop_assert!(found.extreme.contains(&end));
        }
        for pure in pure_equilibria(&game) {
            prop_assert!(found.extreme.contains(&pure_profile(&game, &pure)));
        }
    }

    #[test]
    fn whatever_two_of_a_continuum_share_can_be_mixed(game in two_players(1)) {
        let found = all(&game);
        for component in &found.components {
            for (a, b) in component.iter().flat_map(|a| component.iter().map(move |b| (a, b))) {
                let (a, b) = (&found.extreme[*a], &found.extreme[*b]);
                if a[0] == b[0] || a[1] == b[1] {
                    let half = |x: &Rational, y: &Rational| (x + y) / whole(2);
                    let middle: Profile =
                        a.iter().zip(b).map(|(a, b)| a.iter().zip(b).map(|(x, y)| half(x, y)).collect()).collect();
                    prop_assert!(is_equilibrium(&game, &middle));
                }
            }
        }
    }

    #[test]
    fn the_pure_equilibria_are_the_profiles_without_regret(game in some_players()) {
        let all: Vec<_> = (0..game.profile_count())
            .map(|k| game.profile(k))
            .filter(|pure| is_equilibrium(&game, &pure_profile(&game, pure)))
            .collect();
        prop_assert_eq!(pure_equilibria(&game), all);
    }

    #[test]
    fn a_game_that_is_not_degenerate_has_an_odd_number_of_equilibria(game in two_players(10_000)) {
        let found = all(&game);
        if !found.degenerate {
            prop_assert!(!found.has_continuum());
            prop_assert_eq!(found.extreme.len() % 2, 1);
        }
    }

    #[test]
    fn positive_affine_changes_of_payoffs_change_nothing(game in two_players(3), scale in 1..9i64, shift in -9..9i64) {
        let changed = with_payoffs(&game, |player, x| {
            if player == 0 { x * fraction(scale, 7) + whole(shift) } else { x * fraction(5, scale) - fraction(shift, 3) }
        });
        prop_assert_eq!(all(&game), all(&changed));
        for rule in [Dominance::Strict, Dominance::Weak] {
            let remaining = |g| eliminate(g, rule, Dominators::Mixed).remaining;
            prop_assert_eq!(remaining(&game), remaining(&changed));
        }
    }

    #[test]
    fn renumbering_strategies_renumbers_the_answers(game in two_players(3)) {
        let orders = reversed(&game);
        let back = |profile: Profile| -> Profile {
            profile.into_iter().map(|mixed| mixed.into_iter().rev().collect()).collect()
        };
        let other = all(&renumbered(&game, &orders));
        let found = all(&game);
        prop_assert_eq!(found.components.len(), other.components.len());
        prop_assert_eq!(sorted(found.extreme), sorted(other.extreme.into_iter().map(back).collect()));
    }

    #[test]
    fn dominating_mixtures_do_dominate_and_no_equilibrium_is_lost(game in some_players(), weak in any::<bool>()) {
        let rule = if weak { Dominance::Weak } else { Dominance::Strict };
        let elimination = eliminate(&game, rule, Dominators::Mixed);
        let mut left: Vec<Vec<usize>> = game.strategies.iter().map(|own| (0..own.len()).collect()).collect();
        for round in &elimination.rounds {
            for gone in round {
                let gains: Vec<Rational> = (0..game.profile_count())
                    .map(|k| game.profile(k))
                    .filter(|p| p[gone.player] == gone.strategy)
                    .filter(|p| p.iter().zip(&left).all(|(s, own)| own.contains(s)))
                    .map(|p| {
                        let with = |s: usize| {
                            let mut q = p.clone();
                            q[gone.player] = s;
                            game.payoff(&q, gone.player).clone()
                        };
                        let mixed: Rational = gone.dominator.iter().map(|(s, odds)| odds * with(*s)).sum();
                        mixed - with(gone.strategy)
                    })
                    .collect();
                let best = gains.iter().max().unwrap();
                let worst = gains.iter().min().unwrap();
                prop_assert!(*best > Rational::zero());
                prop_assert!(*worst > Rational::zero() || weak && worst.is_zero());
                prop_assert!(gone.dominator.iter().all(|(s, _)| left[gone.player].contains(s)));
            }
            for gone in round {
                left[gone.player].retain(|&s| s != gone.strategy);
            }
        }
        prop_assert_eq!(&left, &elimination.remaining);
        if !weak {
            for pure in pure_equilibria(&game) {
                prop_assert!(pure.iter().zip(&left).all(|(s, own)| own.contains(s)));
            }
        }
    }

    #[test]
    fn what_strict_dominance_leaves_loses_to_no_mixture_of_a_fine_grid(game in two_players(3)) {
        let left = eliminate(&game, Dominance::Strict, Dominators::Mixed).remaining;
        let grid = |own: &[usize]| -> Vec<Vec<(usize, Rational)>> {
            let pairs = own.iter().flat_map(|&a| own.iter().map(move |&b| (a, b)));
            pairs.flat_map(|(a, b)| (0..=12).map(move |k| vec![(a, fraction(k, 12)), (b, fraction(12 - k, 12))])).collect()
        };
        for player in 0..2 {
            for &kept in &left[player] {
                for mixture in grid(&left[player]) {
                    let better = left[1 - player].iter().all(|&other| {
                        let pay = |own: usize| {
                            let profile = if player == 0 { [own, other] } else { [other, own] };
                            game.payoff(&profile, player).clone()
                        };
                        mixture.iter().map(|(s, p)| p * pay(*s)).sum::<Rational>() > pay(kept)
                    });
                    prop_assert!(!better);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_equilibrium_of_a_grid_lies_among_extreme_ones(game in three_by_three()) {
        let found = all(&game).extreme;
        let within = |inner: &[bool], outer: &[bool]| inner.iter().zip(outer).all(|(a, b)| !a || *b);
        for (x, y) in grid(game.strategies[0].len(), 6)
            .into_iter()
            .flat_map(|x| grid(game.strategies[1].len(), 6).into_iter().map(move |y| (x.clone(), y)))
        {
            let profile = vec![x, y];
            if !is_equilibrium(&game, &profile) {
                continue;
            }
            // The extreme equilibria of the smallest face that holds it use together all that it uses.
            let own = [0, 1].map(|player| best_and_used(&game, &profile, player));
            let around = found.iter().filter(|extreme| (0..2).all(|player| {
                let (best, used) = best_and_used(&game, extreme, player);
                within(&own[player].0, &best) && within(&used, &own[player].1)
            }));
            let around: Vec<_> = around.collect();
            for player in 0..2 {
                for (s, p) in profile[player].iter().enumerate() {
                    prop_assert!(p.is_zero() || around.iter().any(|e| !e[player][s].is_zero()), "{:?}", profile);
                }
            }
        }
    }
}
