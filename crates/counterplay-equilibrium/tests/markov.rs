//! Stationary Markov equilibria of stochastic games: against published curves, closed forms, and themselves.
#![allow(missing_docs)]

mod common;
#[path = "common/processes.rs"]
mod processes;
#[path = "common/reference.rs"]
mod reference;

use std::sync::Arc;

use common::{Lcg, random_game};
use counterplay_equilibrium::logit;
use counterplay_equilibrium::markov::{
    Link, Numbers, Settings, Solver, Stage, StageNumbers, Status, StochasticGame, Weights,
};
use counterplay_equilibrium::referee::stationary::certify;
use counterplay_game::gambit::read_efg;
use counterplay_game::id::EndId;
use processes::{process, random_process};

/// Eibelshäuser and Poensgen's stag hunt, as a process of one state that nobody looks beyond.
fn stag_hunt() -> (StochasticGame, Numbers) {
    let payoffs = [[10.0, 10.0], [1.0, 8.0], [8.0, 1.0], [5.0, 5.0]];
    process(1, &[2, 2], 0.0, |_, profile, player| payoffs[profile][player], |_, _| vec![1.0])
}

#[test]
fn the_published_branch_of_the_stag_hunt_is_met() {
    // sgamesolver's documentation, plotted coordinates of its figure; six decimals.
    let published = [(0.1, 0.470_628), (0.5, 0.195_846), (1.0, 0.020_264), (2.0, 0.000_337)];
    let (game, numbers) = stag_hunt();
    let mut solver = Solver::new(&game, Settings::default());
    for (lambda, stag) in published {
        let found = solver.solve(&numbers, &[lambda, lambda]);
        assert_eq!(found.status, Status::Converged);
        assert!((found.play[0][0] - stag).abs() < 2e-6, "{lambda}: {:?}", found.play);
    }
    let limit = solver.limit(&numbers, &[1.0, 1.0]);
    assert_eq!(limit.status, Status::Converged);
    assert!((limit.values[0] - 5.0).abs() < 1e-6 && limit.play[0][1] > 1.0 - 1e-6);
}

#[test]
fn the_reference_files_cases_are_met() {
    let Some(folder) = reference::folder() else { return };
    let file = reference::json(&folder.join("stochastic_games.json"));
    let cases = file["cases"].as_array().expect("cases");
    let case = |id: &str| cases.iter().find(|c| c["id"] == id).expect("the case");
    let curve = case("stag_hunt_qre_curve");
    let (game, numbers) = stag_hunt();
    let mut solver = Solver::new(&game, Settings::default());
    let tolerance = curve["tol"].as_f64().expect("a number");
    let points = reference::flat(&curve["lambda_to_Pr_stag"]);
    assert!(points.len() >= 40);
    for point in points.chunks_exact(2) {
        let found = solver.solve(&numbers, &[point[0]; 2]);
        assert!((found.play[0][0] - point[1]).abs() < tolerance, "{point:?}: {:?}", found.play);
    }
    let limit = solver.limit(&numbers, &[1.0, 1.0]);
    let known = case("stag_hunt_equilibria")["equilibria"].as_array().expect("a list");
    let same = |e: &serde_json::Value| (reference::flat(&e["values"])[0] - limit.values[0]).abs() < 1e-6;
    assert!(known.iter().any(same), "{:?}", limit.values);
}

#[test]
fn play_of_random_processes_is_certified_at_a_precision_and_in_the_limit() {
    for (seed, actions, states) in
        [(1, vec![3, 3], 6), (2, vec![2, 3, 2], 4), (3, vec![4], 5), (6, vec![5, 5], 20)]
    {
        let (game, numbers) = random_process(seed, states, &actions, 0.9);
        let mut solver = Solver::new(&game, Settings::default());
        let precisions = vec![6.0; actions.len()];
        let found = solver.solve(&numbers, &precisions);
        assert_eq!(found.status, Status::Converged, "seed {seed}");
        let referee = certify(&game, &numbers, &precisions, &found).expect("perfect recall");
        assert!(referee.residual < 1e-9 && referee.bellman < 1e-10, "seed {seed}: {referee:?}");
        let limit = solver.limit(&numbers, &precisions);
        assert_eq!(limit.status, Status::Converged, "seed {seed}");
        let none = vec![f64::INFINITY; actions.len()];
        let referee = certify(&game, &numbers, &none, &limit).expect("perfect recall");
        assert!(referee.regret < 2e-7 && referee.gain_bound < 1e-5, "seed {seed}: {referee:?}");
    }
}

#[test]
fn one_player_in_the_limit_does_as_policy_iteration_says() {
    let (states, actions, discount) = (6, 4, 0.9);
    let (game, numbers) = random_process(9, states, &[actions], discount);
    let found = Solver::new(&game, Settings::default()).limit(&numbers, &[1.0]);
    let mut values = vec![0.0; states];
    for _ in 0..400 {
        let payoff = |state: usize, end: usize| {
            let own = &numbers.stages[state];
            let links = game.stages()[state].links.iter().zip(&own.weights);
            let onward: f64 =
                links.filter(|(l, _)| l.end.index() == end).map(|(l, w)| w * values[l.state]).sum();
            own.valuation.payoffs[end] + onward
        };
        values = (0..states)
            .map(|s| (0..actions).map(|a| payoff(s, a)).fold(f64::NEG_INFINITY, f64::max))
            .collect();
    }
    for (v, w) in found.values.iter().zip(&values) {
        assert!((v - w).abs() < 1e-6, "{v} {w}");
    }
}

#[test]
fn a_process_of_one_stage_that_ends_is_the_game_itself() {
    for seed in 0..4 {
        let game = Arc::new(random_game(seed, 3, 2));
        let valuation = game.at(&game.expressions().evaluate(&[0.3, -0.4]));
        let alone = logit::Solver::new(&game, logit::Settings::default()).solve(&valuation, &[3.0; 3]);
        let process =
            StochasticGame::new(vec![Stage { game: Arc::clone(&game), links: Vec::new() }]).unwrap();
        let numbers = Numbers { stages: vec![StageNumbers { valuation, weights: Vec::new() }] };
        let found = Solver::new(&process, Settings::default()).solve(&numbers, &[3.0; 3]);
        assert_eq!(
            (found.status, alone.status),
            (Status::Converged, logit::Status::Converged),
            "seed {seed}"
        );
        for (a, b) in found.play[0].iter().zip(&alone.play) {
            assert!((a - b).abs() < 1e-8, "seed {seed}: {a} {b}");
        }
    }
}

/// A game of matching pennies, in which the one who wins chooses whether there is a next round.
const PENNIES: &str = r#"EFG 2 R "Pennies" { "A" "B" }
p "" 1 1 "" { "h" "t" } 0
p "" 2 1 "" { "h" "t" } 0
t "" 1 "" { 2 0 } t "" 2 "" { 0 1 }
p "" 2 1 "" { "h" "t" } 0
t "" 3 "" { 0 1 } t "" 4 "" { 1 0 }"#;

#[test]
fn a_clock_in_the_state_makes_the_finite_horizon_of_backward_induction() {
    let game = Arc::new(read_efg(PENNIES).expect("a game file").game().expect("perfect recall"));
    let valuation = game.at(&game.expressions().evaluate(&[]));
    let (rounds, discount) = (5, 0.8);
    // After the first end there is another round; after the others all is over.
    let stages = (0..rounds).map(|round| Stage {
        game: Arc::clone(&game),
        links: if round + 1 < rounds {
            vec![Link { end: EndId::new(0), state: round + 1 }]
        } else {
            Vec::new()
        },
    });
    let process = StochasticGame::new(stages.collect()).expect("sound");
    let weights = |round| if round + 1 < rounds { vec![discount] } else { Vec::new() };
    let own = |round| StageNumbers { valuation: valuation.clone(), weights: weights(round) };
    let numbers = Numbers { stages: (0..rounds).map(own).collect() };
    for dense_values in [400, 0] {
        let settings = Settings { dense_values, ..Settings::default() };
        let found = Solver::new(&process, settings).solve(&numbers, &[2.0, 3.0]);
        assert_eq!(found.status, Status::Converged);
        // From the last round back, each round as a game of its own.
        let (mut solver, mut next) = (logit::Solver::new(&game, logit::Settings::default()), [0.0, 0.0]);
        for round in (0..rounds).rev() {
            let mut alone = valuation.clone();
            for (u, v) in alone.payoffs.iter_mut().zip(next) {
                *u += discount * v;
            }
            let play = solver.solve(&alone, &[2.0, 3.0]).play;
            for (a, b) in found.play[round].iter().zip(&play) {
                assert!((a - b).abs() < 1e-9, "round {round}: {a} {b}");
            }
            let values =
                counterplay_equilibrium::referee::best_response::expected_payoffs(&game, &alone, &play);
            next.copy_from_slice(&values);
            for (player, v) in values.iter().enumerate() {
                assert!((found.values[player * rounds + round] - v).abs() < 1e-9);
            }
        }
    }
}

#[test]
fn the_system_solved_with_products_gives_what_the_factorised_one_gives() {
    let (game, numbers) = random_process(4, 8, &[3, 2], 0.95);
    let solve = |dense_values| {
        let mut solver = Solver::new(&game, Settings { dense_values, ..Settings::default() });
        let found = solver.solve(&numbers, &[2.0, 2.0]);
        let weights = Weights { logits: vec![vec![0.0; 5]; 8], values: vec![1.0; 16] };
        let gradient = solver.gradient(&[2.0, 2.0], &found.values, &weights).expect("regular");
        (found, gradient)
    };
    let ((dense, by_factors), (products, by_products)) = (solve(400), solve(0));
    assert_eq!((dense.status, products.status), (Status::Converged, Status::Converged));
    for (a, b) in dense.values.iter().zip(&products.values) {
        assert!((a - b).abs() < 1e-8, "{a} {b}");
    }
    for (a, b) in by_factors.precisions.iter().zip(&by_products.precisions) {
        assert!((a - b).abs() < 1e-6 * a.abs().max(1.0), "{a} {b}");
    }
}

/// Without the determinant folds are not followed: from there play climbs state by state.
#[test]
fn a_process_that_is_solved_with_products_climbs_past_turns_to_a_certified_limit() {
    let settings = Settings { dense_values: 0, ..Settings::default() };
    let mut climbed = 0;
    for seed in 0..4 {
        let (game, numbers) = random_process(seed, 24, &[4, 4], 0.9);
        let found = Solver::new(&game, settings).limit(&numbers, &[1.0, 1.0]);
        climbed += usize::from(matches!(found.status, Status::Jumped { .. }));
        assert!(matches!(found.status, Status::Converged | Status::Jumped { .. }), "{:?}", found.status);
        let referee = certify(&game, &numbers, &[f64::INFINITY; 2], &found).expect("perfect recall");
        assert!(referee.bellman < 1e-9 && referee.regret < 1e-6, "seed {seed}: {referee:?}");
    }
    assert!(climbed > 0, "no branch turned");
}

#[test]
fn derivatives_through_the_equilibrium_are_those_of_finite_differences() {
    let (states, actions) = (4, [3, 2]);
    let (game, numbers) = random_process(5, states, &actions, 0.9);
    let precisions = [3.0, 4.0];
    let mut random = Lcg(77);
    let logits: Vec<Vec<f64>> = (0..states).map(|_| (0..5).map(|_| random.next() - 0.5).collect()).collect();
    let weights = Weights { logits, values: (0..2 * states).map(|_| random.next() - 0.5).collect() };
    let settings = Settings { tolerance: 1e-13, ..Settings::default() };
    let mut solver = Solver::new(&game, settings);
    let found = solver.solve(&numbers, &precisions);
    let gradient = solver.gradient(&precisions, &found.values, &weights).expect("regular");
    let mut value = |numbers: &Numbers, precisions: &[f64]| {
        let at = solver.solve(numbers, precisions);
        let logits =
            at.logits.iter().flatten().zip(weights.logits.iter().flatten()).map(|(z, w)| z * w).sum::<f64>();
        logits + at.values.iter().zip(&weights.values).map(|(v, w)| v * w).sum::<f64>()
    };
    let step = 1e-5;
    let mut check = |exact: f64, change: &dyn Fn(&mut Numbers, &mut [f64; 2], f64)| {
        let mut at = |by: f64| {
            let (mut numbers, mut precisions) = (numbers.clone(), precisions);
            change(&mut numbers, &mut precisions, by);
            value(&numbers, &precisions)
        };
        let slope = (at(step) - at(-step)) / (2.0 * step);
        assert!((slope - exact).abs() < 1e-5 * exact.abs().max(1.0), "{slope} {exact}");
    };
    for state in 0..states {
        let own = &gradient.numbers.stages[state];
        for k in [0, 5, 11] {
            check(own.valuation.payoffs[k], &|n, _, by| n.stages[state].valuation.payoffs[k] += by);
        }
        for k in [0, 7, 20] {
            check(own.weights[k], &|n, _, by| n.stages[state].weights[k] += by);
        }
    }
    for player in 0..2 {
        check(gradient.precisions[player], &|_, l, by| l[player] += by);
    }
}

#[test]
fn links_that_lead_nowhere_are_refused() {
    let game = Arc::new(read_efg(PENNIES).expect("a game file").game().expect("perfect recall"));
    let stage =
        |end, state| Stage { game: Arc::clone(&game), links: vec![Link { end: EndId::new(end), state }] };
    assert!(StochasticGame::new(vec![stage(0, 1)]).is_err());
    assert!(StochasticGame::new(vec![stage(9, 0)]).is_err());
    assert!(StochasticGame::new(Vec::new()).is_err());
    assert!(StochasticGame::new(vec![stage(2, 0)]).is_ok());
}
