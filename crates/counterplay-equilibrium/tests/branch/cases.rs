//! Games on which play was wrong once, with play that is known by other means.

use counterplay_equilibrium::logit::trace::TraceSettings;
use counterplay_equilibrium::logit::{Settings, Status};

use crate::families::{grow, symmetric};
use crate::reference::bimatrix::Bimatrix;
use crate::reference::tracer::{Fineness, Traced, trace};
use crate::reference::tree::{Node, Set, Tree};
use crate::subject::Subject;

/// Two who would rather meet, each at its own place; the first cares `high` for its own.
pub(crate) fn battle_of_the_sexes(high: f64) -> Bimatrix {
    Bimatrix::new(2, 2, |i, j| match (i, j) {
        (0, 0) => (high, 1.0),
        (1, 1) => (1.0, 3.0),
        _ => (0.0, 0.0),
    })
}

/// Stand or give way; both standing is a clash, and the first has `edge` more to gain.
pub(crate) fn chicken(edge: f64) -> Bimatrix {
    Bimatrix::new(2, 2, |i, j| match (i, j) {
        (0, 0) => (-4.0, -4.0),
        (0, _) => (2.0 + edge, 0.0),
        (_, 0) => (0.0, 2.0),
        _ => (1.0, 1.0),
    })
}

/// Stag, which pays `together` to each of two hunters, or hare, which pays 3 to one.
pub(crate) fn stag_hunt(together: f64) -> Bimatrix {
    symmetric(2, &[together, 0.0, 3.0, 3.0])
}

/// A sender of two types, two messages, two answers: the payoffs by type, message and answer.
pub(crate) fn signals(payoffs: [[i32; 2]; 8]) -> Tree {
    let mut nodes = vec![Node::Chance { odds: vec![0.5; 2], children: Vec::new() }];
    for kind in 0..2 {
        let sender = grow(&mut nodes, 0, Node::Decision { set: kind, children: Vec::new() });
        for message in 0..2 {
            let set = 2 + message;
            let receiver = grow(&mut nodes, sender, Node::Decision { set, children: Vec::new() });
            for answer in 0..2 {
                let payoffs = payoffs[4 * kind + 2 * message + answer].map(f64::from).to_vec();
                grow(&mut nodes, receiver, Node::End { payoffs });
            }
        }
    }
    let set = |k: usize| Set { player: k / 2, actions: 2 };
    Tree::new(2, nodes, (0..4).map(set).collect())
}

pub(crate) const SIGNALS_38: [[i32; 2]; 8] = [[3, 3], [0, 0], [2, 3], [2, 0], [4, 1], [4, 2], [2, 2], [2, 4]];
pub(crate) const SIGNALS_73: [[i32; 2]; 8] = [[2, 0], [4, 3], [4, 1], [3, 2], [4, 0], [3, 3], [4, 4], [1, 3]];

/// Deal, delay or press; the one who is pressed yields, holds or ruins both at the cost of `ruin`.
pub(crate) fn catastrophe(ruin: f64) -> Tree {
    let mut nodes = vec![Node::Decision { set: 0, children: Vec::new() }];
    grow(&mut nodes, 0, Node::End { payoffs: vec![2.0, 2.0] });
    grow(&mut nodes, 0, Node::End { payoffs: vec![1.0, 1.0] });
    let pressed = grow(&mut nodes, 0, Node::Decision { set: 1, children: Vec::new() });
    for payoffs in [[3.0, 0.0], [0.0, 1.0], [-ruin, -ruin]] {
        grow(&mut nodes, pressed, Node::End { payoffs: payoffs.to_vec() });
    }
    Tree::new(2, nodes, vec![Set { player: 0, actions: 3 }, Set { player: 1, actions: 3 }])
}

/// A game of six strategies each: both payoffs of the first column, row by row, then of the next.
fn six(payoffs: [[i32; 12]; 6]) -> Bimatrix {
    Bimatrix::new(6, 6, |i, j| (f64::from(payoffs[j][2 * i]), f64::from(payoffs[j][2 * i + 1])))
}

pub(crate) fn six_273() -> Bimatrix {
    six([
        [66, 16, 41, 4, 95, 52, 66, 0, 40, 46, 22, 65],
        [94, 7, 73, 18, 67, 64, 62, 81, 18, 77, 17, 37],
        [97, 84, 93, 96, 33, 12, 73, 32, 88, 95, 84, 70],
        [60, 41, 73, 54, 99, 0, 77, 43, 34, 25, 50, 35],
        [20, 41, 23, 50, 32, 52, 51, 12, 41, 5, 15, 37],
        [98, 81, 45, 28, 32, 11, 89, 34, 17, 73, 86, 57],
    ])
}

pub(crate) fn six_306() -> Bimatrix {
    six([
        [32, 17, 62, 61, 12, 38, 13, 86, 77, 25, 9, 16],
        [83, 73, 36, 3, 48, 55, 90, 95, 77, 65, 55, 43],
        [15, 95, 21, 17, 92, 23, 30, 8, 82, 12, 39, 18],
        [29, 59, 95, 19, 90, 66, 69, 7, 61, 45, 47, 81],
        [23, 46, 80, 84, 88, 47, 10, 52, 39, 35, 21, 80],
        [83, 14, 11, 46, 63, 8, 65, 73, 38, 82, 65, 79],
    ])
}

/// The reference's trace up to a precision.
pub(crate) fn followed(system: &dyn crate::reference::System, precision: f64) -> Traced {
    trace(system, &[precision], &Fineness::default())
}

#[track_caller]
fn close(found: f64, right: f64, tolerance: f64) {
    assert!((found - right).abs() <= tolerance, "{found} for {right}");
}

/// Play by the library at a precision, which must be claimed to be on the branch.
fn solved(subject: &Subject, precision: f64) -> Vec<f64> {
    let play = subject.solved(Settings::default(), precision).expect("it is solved");
    subject.actions.iter().map(|&a| play[a]).collect()
}

fn of_two(game: Bimatrix) -> Subject {
    Subject::of_bimatrix("a case".into(), game)
}

#[test]
fn in_chicken_the_one_who_gains_more_stands_whoever_is_listed_first() {
    let play = solved(&of_two(chicken(-0.1)), 4.5);
    close(play[0], 0.000, 5e-4);
    close(play[2], 0.989, 5e-4);
    for edge in [-0.5, -0.1, -0.01, -0.001] {
        let play = solved(&of_two(chicken(edge)), 5.0);
        assert!(play[0] < 0.01 && play[2] > 0.98, "{edge}: {play:?}");
        let play = solved(&of_two(chicken(-edge)), 5.0);
        assert!(play[0] > 0.98 && play[2] < 0.01, "{edge}: {play:?}");
    }
}

#[test]
fn the_steep_rise_of_a_nearly_symmetric_battle_of_the_sexes_is_climbed() {
    let play = solved(&of_two(battle_of_the_sexes(3.03)), 1.5);
    close(play[0], 0.961_53, 5e-6);
    close(play[2], 0.780_61, 5e-6);
    for high in [3.3, 3.1, 3.03, 3.003, 3.000_1, 3.000_001] {
        let play = solved(&of_two(battle_of_the_sexes(high)), 1.5);
        assert!(play[0] > 0.9 && play[2] > 0.7, "{high}: {play:?}");
    }
}

#[test]
fn a_nearly_symmetric_battle_of_the_sexes_has_a_pure_limit() {
    for high in [3.03, 3.01, 3.003, 3.000_01] {
        let (_, play) = of_two(battle_of_the_sexes(high)).traced(&TraceSettings::default()).expect("a limit");
        assert!(play[0] > 0.999 && play[2] > 0.999, "{high}: {play:?}");
    }
}

#[test]
fn a_symmetric_battle_of_the_sexes_has_the_mixed_equilibrium_as_its_limit() {
    let subject = of_two(battle_of_the_sexes(3.0));
    close(solved(&subject, 10.0)[0], 0.725_7, 5e-5);
    let (_, play) = subject.traced(&TraceSettings::default()).expect("a limit");
    close(play[0], 0.75, 1e-5);
    close(play[3], 0.75, 1e-5);
}

#[test]
fn games_without_symmetry_have_limits_and_no_crossings() {
    let subject = of_two(six_273());
    let (_, play) = subject.traced(&TraceSettings::default()).expect("a limit");
    assert!(play[0] > 0.999 && play[6 + 2] > 0.999, "{play:?}");
    let subject = of_two(six_306());
    let (precision, play) = subject.traced(&TraceSettings::default()).expect("a limit");
    assert!(play[1] + play[2] > 0.99 && play[9] + play[10] > 0.99, "{play:?}");
    let right = &followed(&*subject.system, precision).answers[0];
    assert!(subject.difference(&right.play, &play) < 1e-6);
}

#[test]
fn a_catastrophe_on_the_table_does_not_end_the_way_at_uniform_play() {
    for ruin in [1e3, 1e4, 1e5, 1e6, 1e9] {
        let subject = Subject::of_tree("a case".into(), catastrophe(ruin));
        let play = solved(&subject, 10.0);
        assert!(play[0] > 0.999_9 && play[4] > 0.999_9, "{ruin}: {play:?}");
        let (_, play) = subject.traced(&TraceSettings::default()).expect("a limit");
        assert!(play[0] > 0.999 && play[4] > 0.999, "{ruin}: {play:?}");
    }
}

#[test]
fn two_signalling_games_are_followed_through_their_steep_parts() {
    let play = solved(&Subject::of_tree("a case".into(), signals(SIGNALS_38)), 5.0);
    assert!(play[0] < 1e-3 && play[2] > 0.999, "{play:?}");
    let play = solved(&Subject::of_tree("a case".into(), signals(SIGNALS_73)), 5.0);
    close(play[0], 0.9931, 5e-5);
    close(play[2], 0.9999, 5e-5);
}

#[test]
fn near_a_tie_the_stag_hunt_is_not_at_its_unstable_equilibrium() {
    for together in [5.0, 5.8, 5.95] {
        let play = solved(&of_two(stag_hunt(together)), 8.0);
        close(play[0], 3.8e-11, 2e-12);
    }
    for together in [6.05, 6.2, 7.0] {
        let play = solved(&of_two(stag_hunt(together)), 8.0);
        close(play[0], 1.0, 1e-8);
    }
}

#[test]
fn a_game_without_decisions_is_solved() {
    let game =
        counterplay_game::gambit::read_efg("EFG 2 R \"\" { \"A\" } t \"\" 1 \"\" { 1 }").expect("a game");
    let game = game.game().expect("perfect recall");
    let numbers = game.at(&game.expressions().evaluate(&[]));
    let mut solver = counterplay_equilibrium::logit::Solver::new(&game, Settings::default());
    assert_eq!(solver.solve(&numbers, &[1.0]).status, Status::Converged);
    let traced = solver.trace(&numbers, &[1.0], &TraceSettings::default(), &mut |_| false);
    assert_eq!(traced.end, counterplay_equilibrium::logit::trace::TraceEnd::Limit);
}
