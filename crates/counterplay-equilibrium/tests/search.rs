//! The search for other equilibria against all that there are, found in another way.

mod common;

use common::{Lcg, crisis};
use counterplay_equilibrium::logit::search::{Findings, SearchSettings};
use counterplay_equilibrium::logit::{Settings, Solver};
use counterplay_equilibrium::referee::certify::certify;
use counterplay_game::gambit::read_nfg;
use counterplay_game::tree::Game;

/// As an analysis searches in each world.
const FEW: SearchSettings = SearchSettings { seed: 1, starts: 24, max_sweeps: 100_000 };

fn two_by_two(payoffs: &[i64; 8]) -> Game {
    let payoffs: Vec<String> = payoffs.iter().map(ToString::to_string).collect();
    let text = format!("NFG 1 R \"\" {{ \"A\" \"B\" }} {{ 2 2 }} {}", payoffs.join(" "));
    read_nfg(&text).expect("a game file").game()
}

fn searched(game: &Game, precision: f64, settings: &SearchSettings) -> Findings {
    let numbers = game.at(&game.expressions().evaluate(&[]));
    let precisions = vec![precision; game.players().len()];
    let found = Solver::new(game, Settings::default()).search(&numbers, &precisions, settings);
    for equilibrium in &found.equilibria {
        let certificate = certify(game, &numbers, &precisions, &equilibrium.play);
        assert!(certificate.residual < 1e-8, "{certificate:?}");
    }
    found
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// How many logit equilibria a game of two by two has: the sign changes of $z - \lambda d_A(q(z))$ over the log odds $z$ of A's
/// first action, where $q$ is B's response. Nothing where one may lie between two points of the grid.
fn counted(payoffs: &[i64; 8], precision: f64) -> Option<usize> {
    // Payoffs in the order of the file: A's first action varies fastest, and both players' numbers stand side by side.
    let [a11, b11, a21, b21, a12, b12, a22, b22] = payoffs.map(|x| x as f64);
    let gap = |z: f64| {
        let p = logistic(z);
        let q = logistic(precision * (p * (b11 - b12) + (1.0 - p) * (b21 - b22)));
        z - precision * (q * (a11 - a21) + (1.0 - q) * (a12 - a22))
    };
    let (most, steps) = (precision * 10.0 + 1.0, 400_000);
    let at = |k: i32| gap(-most + 2.0 * most * f64::from(k) / f64::from(steps));
    let values: Vec<f64> = (0..=steps).map(at).collect();
    // Two crossings within a step would show as a value near zero that rises again.
    let touches = values.windows(3).any(|w| {
        w[1].abs() < 1e-3 && (w[1].abs() < w[0].abs().min(w[2].abs())) && (w[0] > 0.0) == (w[2] > 0.0)
    });
    (!touches).then(|| values.windows(2).filter(|w| (w[0] > 0.0) != (w[1] > 0.0)).count())
}

#[test]
fn the_search_of_an_analysis_finds_all_equilibria_of_games_of_two_by_two() {
    let mut random = Lcg(11);
    let (mut games, mut several, mut missed) = (0, 0, 0);
    while games < 400 {
        let payoffs: [i64; 8] =
            std::array::from_fn(|_| i64::try_from(random.below(11)).expect("a small number") - 5);
        let precision = [0.5, 2.0, 8.0][games % 3];
        let Some(expected) = counted(&payoffs, precision) else { continue };
        let found = searched(&two_by_two(&payoffs), precision, &FEW);
        games += 1;
        several += usize::from(expected > 1);
        missed += expected.abs_diff(found.equilibria.len());
        if expected != found.equilibria.len() {
            let plays: Vec<_> = found.equilibria.iter().map(|e| (e.play.clone(), e.status)).collect();
            println!("{payoffs:?} at {precision}: {} of {expected}: {plays:?}", found.equilibria.len());
        }
        assert!(found.equilibria.len() <= expected, "{payoffs:?} at {precision}: {found:?}, {expected}");
        assert!(
            expected == 1 || found.equilibria.len() > 1,
            "{payoffs:?} at {precision}: none of {expected}"
        );
    }
    println!("{games} games, {several} with several equilibria, {missed} missed");
    assert!(several >= 20 && missed == 0, "{several} with several equilibria, {missed} missed");
}

#[test]
fn a_stag_hunt_chicken_and_battle_of_the_sexes_have_three_and_a_dilemma_one() {
    for (what, payoffs, count) in [
        ("stag hunt", [7, 7, 3, 0, 0, 3, 3, 3], 3),
        ("chicken", [-4, -4, 0, 2, 2, 0, 1, 1], 3),
        ("battle of the sexes", [3, 1, 0, 0, 0, 0, 1, 3], 3),
        ("prisoner's dilemma", [3, 3, 5, 0, 0, 5, 1, 1], 1),
        ("matching pennies", [1, -1, -1, 1, -1, 1, 1, -1], 1),
    ] {
        let found = searched(&two_by_two(&payoffs), 8.0, &FEW);
        assert_eq!(found.equilibria.len(), count, "{what}: {found:?}");
        // Where there is one, a box that shrinks to a point may prove it, and nothing is searched.
        assert!(found.only || found.starts == FEW.starts, "{what}: {found:?}");
        assert!(count == 1 || !found.only, "{what}: {found:?}");
    }
}

#[test]
fn a_game_whose_moves_are_all_seen_is_known_to_have_one_equilibrium_and_is_not_searched() {
    let text = r#"EFG 2 R "Entry" { "Entrant" "Incumbent" }
p "" 1 1 "" { "out" "in" } 0
t "" 1 "" { 1 5 }
p "" 2 1 "" { "fight" "share" } 0
t "" 2 "" { 0 0 }
t "" 3 "" { 2 2 }"#;
    let game = counterplay_game::gambit::read_efg(text).expect("a file").game().expect("perfect recall");
    let found = searched(&game, 10.0, &FEW);
    assert!(found.only && found.starts == 0 && found.equilibria.len() == 1, "{found:?}");
    // Nor is one whose players do not look at payoffs.
    let found = searched(&two_by_two(&[7, 7, 3, 0, 0, 3, 3, 3]), 0.0, &FEW);
    assert!(found.only && found.equilibria.len() == 1, "{found:?}");
}

#[test]
fn what_was_found_at_a_point_near_by_is_found_again_without_luck() {
    let settings = SearchSettings { starts: 0, ..FEW };
    let there = searched(&two_by_two(&[7, 7, 3, 0, 0, 3, 3, 3]), 8.0, &FEW);
    let near: Vec<Vec<f64>> = there.equilibria[1..].iter().map(|e| e.logits.clone()).collect();
    let game = two_by_two(&[8, 8, 3, 0, 0, 3, 3, 3]);
    let numbers = game.at(&game.expressions().evaluate(&[]));
    let mut solver = Solver::new(&game, Settings::default());
    let principal = solver.solve(&numbers, &[7.5, 7.5]);
    let found = solver.search_beside(&numbers, &[7.5, 7.5], vec![principal.clone()], &near, &settings);
    assert_eq!(found.equilibria.len(), 3, "{found:?}");
    assert_eq!(found.equilibria[0], principal);
}

#[test]
fn a_search_ends_soon_after_its_sweeps_are_spent() {
    let game = crisis(2, 5, 3);
    for max_sweeps in [0, 50, 500] {
        let found = searched(&game, 10.0, &SearchSettings { max_sweeps, starts: 1_000, ..FEW });
        assert!(found.sweeps <= max_sweeps + 300, "{} of {max_sweeps}", found.sweeps);
    }
}

#[test]
fn the_same_seed_finds_the_same() {
    let game = two_by_two(&[7, 7, 3, 0, 0, 3, 3, 3]);
    let numbers = game.at(&game.expressions().evaluate(&[]));
    let mut solver = Solver::new(&game, Settings::default());
    let first = solver.search(&numbers, &[8.0, 8.0], &FEW);
    assert_eq!(first, solver.search(&numbers, &[8.0, 8.0], &FEW));
    assert_eq!(first, searched(&game, 8.0, &FEW));
}

#[test]
fn where_branches_part_the_play_nearby_is_not_taken_for_other_equilibria() {
    // Coordination on one of two actions: at a precision of 2 the two pure branches part from the mixed one.
    let game = two_by_two(&[1, 1, 0, 0, 0, 0, 1, 1]);
    for (precision, count) in [(1.99, 1), (2.0, 1), (2.01, 3), (3.0, 3)] {
        let found = searched(&game, precision, &SearchSettings::default());
        assert_eq!(found.equilibria.len(), count, "at {precision}");
    }
}
