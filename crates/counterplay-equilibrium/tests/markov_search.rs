//! Other stationary equilibria are found, are distinct, and hold up before the referee.
#![allow(missing_docs)]

mod common;
#[path = "common/processes.rs"]
mod processes;

use std::sync::Arc;

use counterplay_equilibrium::logit::search::SearchSettings;
use counterplay_equilibrium::markov::search::Findings;
use counterplay_equilibrium::markov::{
    Equilibrium, Link, Numbers, Settings, Solver, Stage, StageNumbers, StochasticGame,
};
use counterplay_equilibrium::referee::stationary::certify;
use counterplay_game::id::EndId;
use counterplay_game::valuation::Valuation;
use processes::simultaneous;

/// Both players choose one of two actions in each state; payoffs profile by profile, and the weights of going on from each to every
/// state.
fn two_by_two(payoffs: &[[[f64; 2]; 4]], weights: &[[Vec<f64>; 4]]) -> (StochasticGame, Numbers) {
    let (mut stages, mut numbers) = (Vec::new(), Numbers::default());
    for (payoffs, weights) in payoffs.iter().zip(weights) {
        let game = Arc::new(simultaneous(&[2, 2]));
        let (mut links, mut own) = (Vec::new(), StageNumbers::default());
        own.valuation = Valuation { chance: Vec::new(), payoffs: Vec::new() };
        for end in 0..game.end_count() {
            let profile = game.end(EndId::new(end)).tag as usize;
            own.valuation.payoffs.extend(payoffs[profile]);
            for (state, &weight) in weights[profile].iter().enumerate().filter(|w| *w.1 > 0.0) {
                links.push(Link { end: EndId::new(end), state });
                own.weights.push(weight);
            }
        }
        stages.push(Stage { game, links });
        numbers.stages.push(own);
    }
    (StochasticGame::new(stages).expect("sound"), numbers)
}

fn search(game: &StochasticGame, numbers: &Numbers, precision: f64, starts: usize) -> Findings {
    let mut solver = Solver::new(game, Settings::default());
    let known = solver.solve(numbers, &[precision; 2]);
    let settings = SearchSettings { seed: 1, starts, max_sweeps: 1_000_000 };
    let found = solver.search_beside(numbers, &[precision; 2], vec![known], &[], &settings);
    for equilibrium in &found.equilibria {
        let certificate = certify(game, numbers, &[precision; 2], equilibrium).expect("perfect recall");
        assert!(certificate.residual < 1e-8 && certificate.bellman < 1e-8, "{certificate:?}");
    }
    found
}

const ATTRITION: [[f64; 2]; 4] = [[-1.0, -1.0], [10.0, 0.0], [0.0, 10.0], [0.0, 0.0]];

fn attrition(discount: f64) -> (StochasticGame, Numbers) {
    two_by_two(&[ATTRITION], &[[vec![discount], vec![0.0], vec![0.0], vec![0.0]]])
}

#[test]
fn in_the_symmetric_war_of_attrition_either_may_give_in_at_once() {
    let (game, numbers) = attrition(0.9);
    let found = search(&game, &numbers, 4.0, 24);
    let quits = |e: &Equilibrium| [e.play[0][1], e.play[0][3]];
    let [symmetric, one, other] = found.equilibria.as_slice() else { panic!("{}", found.equilibria.len()) };
    assert!((quits(symmetric)[0] - quits(symmetric)[1]).abs() < 1e-9);
    for (a, b) in [(quits(one), quits(other)), (quits(other), quits(one))] {
        assert!((a[0] - b[1]).abs() < 1e-9 && (a[0] > 0.9) == (a[1] < 0.1), "{a:?} {b:?}");
    }
}

#[test]
fn two_stag_hunts_one_after_the_other_have_nine_equilibria() {
    // Each has three at this precision: both hunt, both stay, and one in between.
    let hunt = [[4.0, 4.0], [0.0, 3.0], [3.0, 0.0], [3.0, 3.0]];
    let none = vec![0.0, 0.0];
    let next = [vec![0.0, 0.5], vec![0.0, 0.5], vec![0.0, 0.5], vec![0.0, 0.5]];
    let last = [none.clone(), none.clone(), none.clone(), none];
    let (game, numbers) = two_by_two(&[hunt, hunt], &[next, last]);
    let found = search(&game, &numbers, 8.0, 200);
    assert_eq!(found.equilibria.len(), 9);
}

#[test]
fn where_there_is_one_equilibrium_no_other_is_found() {
    // At low precision play is unique.
    let (game, numbers) = attrition(0.9);
    let found = search(&game, &numbers, 0.1, 100);
    assert_eq!((found.equilibria.len(), found.starts), (1, 100));
}

#[test]
fn what_was_found_nearby_is_found_again_first() {
    let (game, numbers) = attrition(0.9);
    let others = search(&game, &numbers, 4.0, 24).equilibria;
    let near: Vec<&Equilibrium> = others[1..].iter().collect();
    let (game, moved) = two_by_two(&[ATTRITION], &[[vec![0.88], vec![0.0], vec![0.0], vec![0.0]]]);
    let mut solver = Solver::new(&game, Settings::default());
    let known = solver.solve(&moved, &[4.0; 2]);
    let settings = SearchSettings { seed: 1, starts: 0, max_sweeps: 10_000 };
    let found = solver.search_beside(&moved, &[4.0; 2], vec![known], &near, &settings);
    assert_eq!((found.equilibria.len(), found.starts), (3, 2));
}
