//! All equilibria of games with any number of players, against closed forms and solvers that share nothing with the search.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test may fail and read files")]

use counterplay_equilibrium::nash::all_supports::{Proved, Settings, Status, all_supports};
use counterplay_equilibrium::nash::bimatrix::Bimatrix;
use counterplay_equilibrium::nash::pure::pure_equilibria;
use counterplay_equilibrium::nash::support_enumeration::{self, all_equilibria};
use counterplay_equilibrium::referee::best_response::gains;
use counterplay_game::gambit::read_nfg;
use counterplay_game::normal::NormalForm;
use counterplay_game::rational::{Rational, to_f64};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn game(counts: &[usize], mut payoff: impl FnMut() -> i32) -> NormalForm {
    let players = (0..counts.len()).map(|p| format!("P{p}")).collect();
    let strategies = counts.iter().map(|&n| (0..n).map(|s| format!("s{s}")).collect()).collect();
    let entries = counts.iter().product::<usize>() * counts.len();
    NormalForm::new(
        players,
        strategies,
        (0..entries).map(|_| Rational::from_integer(payoff().into())).collect(),
    )
}

fn random(counts: &[usize], range: i32, rng: &mut ChaCha8Rng) -> NormalForm {
    game(counts, || rng.random_range(-range..=range))
}

/// The most that a player gains by another strategy.
fn largest_gain(normal: &NormalForm, play: &[Vec<f64>]) -> f64 {
    let tree = normal.game();
    let numbers = tree.at(&tree.expressions().evaluate(&[]));
    let found = gains(&tree, &numbers, &play.concat()).unwrap();
    found.best_responses.iter().zip(&found.payoffs).map(|(best, own)| best - own).fold(0.0, f64::max)
}

fn is_totally_mixed(found: &Proved) -> bool {
    found.play.iter().flatten().all(|p| *p > 0.0)
}

/// McKelvey and McLennan (1997): two players' strategies each and three players allow nine regular equilibria, two of them totally
/// mixed, and no more.
#[test]
fn the_game_with_the_most_equilibria_has_nine_of_which_two_are_totally_mixed() {
    let path =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalog/mckelvey-mclennan-1997/nine-equilibria/game.nfg");
    let normal = read_nfg(&std::fs::read_to_string(path).unwrap()).unwrap();
    let all = all_supports(&normal, &Settings::default()).unwrap();
    assert_eq!((all.status, all.found.len()), (Status::Complete, 9));
    assert_eq!(all.found.iter().filter(|e| is_totally_mixed(e)).count(), 2);
    for found in &all.found {
        assert!(largest_gain(&normal, &found.play) < 1e-9, "{found:?}");
    }
}

#[test]
fn two_players_have_the_equilibria_that_exact_enumeration_finds() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut compared = 0;
    for round in 0..120 {
        let counts = [[2, 2], [2, 3], [3, 3]][round % 3];
        let normal = random(&counts, 30, &mut rng);
        let exact =
            all_equilibria(&Bimatrix::of(&normal).unwrap(), &support_enumeration::Settings::default());
        let all = all_supports(&normal, &Settings::default()).unwrap();
        if exact.degenerate {
            continue;
        }
        compared += 1;
        assert_eq!(all.status, Status::Complete);
        let mut ours: Vec<_> = all.found.iter().map(|e| e.exact.clone().unwrap()).collect();
        let mut theirs = exact.extreme.clone();
        ours.sort();
        theirs.sort();
        assert_eq!(ours, theirs, "round {round}");
    }
    assert!(compared > 90, "{compared}");
}

/// The totally mixed equilibria of a game of three players with two strategies each: two of the equations give two probabilities in
/// terms of the third, for which a quadratic equation is left.
fn totally_mixed(normal: &NormalForm) -> Vec<[f64; 3]> {
    // What the first strategy of a player pays more than the second, by whether the next two play their first.
    let more = |player: usize, next: usize, last: usize| {
        let mut profile = [0; 3];
        profile[(player + 1) % 3] = 1 - next;
        profile[(player + 2) % 3] = 1 - last;
        let mut other = profile;
        other[player] = 1;
        to_f64(normal.payoff(&profile, player)) - to_f64(normal.payoff(&other, player))
    };
    // As a + b p + c q + d p q.
    let of = |player: usize| {
        let [a, b, c, d] = [more(player, 0, 0), more(player, 1, 0), more(player, 0, 1), more(player, 1, 1)];
        [a, b - a, c - a, d - b - c + a]
    };
    // Player 0 looks at (y, z), player 1 at (z, x), player 2 at (x, y).
    let [e, f, g] = [of(0), of(1), of(2)];
    // y = -(e0 + e2 z) / (e1 + e3 z) and x = -(f0 + f1 z) / (f2 + f3 z).
    let (yn, yd, xn, xd) = ([-e[0], -e[2]], [e[1], e[3]], [-f[0], -f[1]], [f[2], f[3]]);
    let times = |p: [f64; 2], q: [f64; 2]| [p[0] * q[0], p[0] * q[1] + p[1] * q[0], p[1] * q[1]];
    let terms = [(g[0], times(xd, yd)), (g[1], times(xn, yd)), (g[2], times(xd, yn)), (g[3], times(xn, yn))];
    let q: Vec<f64> = (0..3).map(|k| terms.iter().map(|(w, t)| w * t[k]).sum()).collect();
    let discriminant = q[1] * q[1] - 4.0 * q[2] * q[0];
    let roots = if q[2].abs() < 1e-12 {
        vec![-q[0] / q[1]]
    } else if discriminant < 0.0 {
        Vec::new()
    } else {
        [-1.0, 1.0].map(|sign| (-q[1] + sign * discriminant.sqrt()) / (2.0 * q[2])).to_vec()
    };
    let whole =
        |z: f64| [(xn[0] + xn[1] * z) / (xd[0] + xd[1] * z), (yn[0] + yn[1] * z) / (yd[0] + yd[1] * z), z];
    roots.into_iter().map(whole).filter(|x| x.iter().all(|p| *p > 1e-9 && *p < 1.0 - 1e-9)).collect()
}

#[test]
fn three_players_have_the_totally_mixed_equilibria_of_the_closed_form() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let (mut two, mut irrational) = (0, 0);
    for round in 0..400 {
        let normal = random(&[2, 2, 2], 60, &mut rng);
        let all = all_supports(&normal, &Settings::default()).unwrap();
        if all.status != Status::Complete {
            continue;
        }
        let mut expected = totally_mixed(&normal);
        expected.sort_by(|a, b| a[2].total_cmp(&b[2]));
        let mut mixed: Vec<&Proved> = all.found.iter().filter(|e| is_totally_mixed(e)).collect();
        mixed.sort_by(|a, b| a.play[2][0].total_cmp(&b.play[2][0]));
        assert_eq!(mixed.len(), expected.len(), "round {round}: {expected:?} {mixed:?}");
        for (ours, theirs) in mixed.iter().zip(&expected) {
            for (player, p) in theirs.iter().enumerate() {
                assert!((ours.play[player][0] - p).abs() < 1e-6, "round {round}: {theirs:?} {ours:?}");
            }
            irrational += u32::from(ours.exact.is_none());
            assert!(ours.width < 1e-11);
        }
        two += u32::from(expected.len() == 2);
    }
    assert!(two > 3 && irrational > 30, "{two} {irrational}");
}

/// Almost all games have an odd number of equilibria (Harsanyi 1973).
#[test]
fn larger_games_have_an_odd_number_of_equilibria_and_each_stands() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let mut whole = 0;
    for round in 0..30 {
        let counts: &[usize] = [&[3, 2, 2][..], &[2, 2, 2, 2], &[3, 3, 2]][round % 3];
        let normal = random(counts, 1000, &mut rng);
        let all = all_supports(&normal, &Settings::default()).unwrap();
        let pure = all.found.iter().filter(|e| e.play.iter().flatten().all(|p| *p == 0.0 || *p == 1.0));
        assert_eq!(pure.count(), pure_equilibria(&normal).len());
        for found in &all.found {
            assert!(largest_gain(&normal, &found.play) < 1e-8, "round {round}: {found:?}");
        }
        if all.status == Status::Complete {
            whole += 1;
            assert_eq!(all.found.len() % 2, 1, "round {round}");
        }
    }
    assert!(whole >= 28, "{whole}");
}

#[test]
fn a_continuum_is_not_called_complete_and_what_is_told_still_stands() {
    // The third player does not matter to the others, nor they to it, and both its strategies pay it the same.
    let text = r#"NFG 1 R "" { "A" "B" "C" } { 2 2 2 }
        3 3 0  4 1 0  1 4 0  0 0 0   3 3 0  4 1 0  1 4 0  0 0 0"#;
    let normal = read_nfg(text).unwrap();
    let all = all_supports(&normal, &Settings::default()).unwrap();
    assert!(matches!(all.status, Status::Undecided { .. }));
    assert!(all.found.len() >= 4);
    for found in &all.found {
        assert!(largest_gain(&normal, &found.play) < 1e-9);
    }
}

#[test]
fn an_equilibrium_at_the_edge_of_a_support_is_found_once() {
    // Against the pure equilibrium the third strategy of A is as good as the first, and nothing else is.
    let text = r#"NFG 1 R "" { "A" "B" "C" } { 3 2 2 }
        2 2 2  0 0 1  2 1 1   0 1 0  1 0 3  0 2 2   0 1 1  1 0 0  0 0 1   0 0 0  2 1 1  1 0 2"#;
    let normal = read_nfg(text).unwrap();
    let all = all_supports(&normal, &Settings::default()).unwrap();
    let mut seen: Vec<&Vec<Vec<f64>>> = Vec::new();
    for found in &all.found {
        assert!(largest_gain(&normal, &found.play) < 1e-9);
        let same = |other: &&Vec<Vec<f64>>| {
            other.iter().flatten().zip(found.play.iter().flatten()).all(|(a, b)| (a - b).abs() < 1e-9)
        };
        assert!(!seen.iter().any(same), "{found:?}");
        seen.push(&found.play);
    }
}
