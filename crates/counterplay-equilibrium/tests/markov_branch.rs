//! Stationary play is that of the branch from uniform play: against a tracer of tiny steps that shares nothing with the solver.
#![allow(clippy::while_immutable_condition, reason = "without unknowns there is nothing to follow")]
#![allow(missing_docs)]

mod common;
#[path = "common/processes.rs"]
mod processes;
#[path = "common/tiny_steps.rs"]
mod tiny_steps;

use common::Lcg;
use counterplay_equilibrium::markov::{
    Equilibrium, Link, Numbers, Settings, Solver, Stage, StageNumbers, Status, StochasticGame,
};
use counterplay_game::id::EndId;
use counterplay_game::valuation::Valuation;
use processes::simultaneous;
use tiny_steps::{Table, Traced};

/// The same game for the solver.
fn process(table: &Table) -> (StochasticGame, Numbers) {
    let (mut stages, mut numbers) = (Vec::new(), Numbers::default());
    for (state, actions) in table.actions.iter().enumerate() {
        let game = std::sync::Arc::new(simultaneous(actions));
        let (mut links, mut own) = (Vec::new(), StageNumbers::default());
        own.valuation = Valuation { chance: Vec::new(), payoffs: Vec::new() };
        for end in 0..game.end_count() {
            let profile = game.end(EndId::new(end)).tag as usize;
            own.valuation.payoffs.extend(&table.payoffs[state][profile]);
            for (to, &weight) in table.weights[state][profile].iter().enumerate().filter(|w| *w.1 > 0.0) {
                links.push(Link { end: EndId::new(end), state: to });
                own.weights.push(weight);
            }
        }
        stages.push(Stage { game, links });
        numbers.stages.push(own);
    }
    (StochasticGame::new(stages).expect("sound"), numbers)
}

const FAITHFUL: Settings = Settings {
    tolerance: 1e-11,
    max_systems: 20_000,
    regret_share: 1e-7,
    steepest: 1e10,
    may_jump: false,
    dense_values: 400,
};

fn solve(table: &Table, precisions: &[f64], settings: Settings) -> Equilibrium {
    let (game, numbers) = process(table);
    Solver::new(&game, settings).solve(&numbers, precisions)
}

fn difference(found: &Equilibrium, traced: &Traced) -> f64 {
    let truth = traced.play.iter().map(|state| state.concat());
    let each = found
        .play
        .iter()
        .zip(truth)
        .flat_map(|(a, b)| a.iter().zip(b).map(|(a, b)| (a - b).abs()).collect::<Vec<_>>());
    each.fold(0.0, f64::max)
}

/// How many crossings there are that are not at the very end.
fn before_the_end(crossings: &[f64]) -> usize {
    crossings.iter().filter(|share| **share < 0.999).count()
}

/// The results of a run of many games.
#[derive(Debug, Default)]
struct Tally {
    games: usize,
    wrong: Vec<String>,
    stuck: Vec<String>,
    untraced: usize,
    turned: usize,
    crossed: usize,
    systems: usize,
}

impl Tally {
    fn hold(&mut self, name: &str, table: &Table, precisions: &[f64], settings: Settings) {
        self.games += 1;
        let found = solve(table, precisions, settings);
        self.systems += found.systems;
        let Some(traced) = table.trace(precisions) else {
            self.untraced += 1;
            return;
        };
        self.turned += usize::from(traced.turned);
        self.crossed += usize::from(!traced.crossings.is_empty());
        if found.status != Status::Converged {
            self.stuck.push(format!(
                "{name}: {:?} at {} after {}, turned {}",
                found.status, found.share, found.systems, traced.turned
            ));
        } else if difference(&found, &traced) > 1e-6
            || before_the_end(&found.crossings) != before_the_end(&traced.crossings)
        {
            let far = difference(&found, &traced);
            self.wrong.push(format!("{name}: {far:.2e}; {:?} and {:?}", found.crossings, traced.crossings));
        }
    }
}

/// A random game with integer payoffs, some of whose states leave somebody nothing to decide.
fn random(seed: u64, players: usize, discount: f64, most: usize) -> Table {
    let mut random = Lcg(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) + 3);
    let states = 1 + random.below(3);
    let actions: Vec<Vec<usize>> =
        (0..states).map(|_| (0..players).map(|_| 1 + random.below(most)).collect()).collect();
    let profiles = |state: usize| actions[state].iter().product::<usize>();
    let payoffs = (0..states)
        .map(|s| (0..profiles(s)).map(|_| (0..players).map(|_| random.below(11) as f64).collect()).collect())
        .collect();
    let mut weights: Vec<Vec<Vec<f64>>> = Vec::new();
    for state in 0..states {
        let mut own = Vec::new();
        for _ in 0..profiles(state) {
            let raw: Vec<f64> = (0..states).map(|_| random.next()).collect();
            // A share of the probability ends it, all of it more often than not where nothing is discounted.
            let sum: f64 = raw.iter().sum::<f64>() + if discount == 1.0 { 0.3 } else { 0.0 };
            own.push(raw.iter().map(|x| discount * x / sum).collect());
        }
        weights.push(own);
    }
    Table { actions, payoffs, weights }
}

const DISCOUNTS: [f64; 5] = [0.0, 0.5, 0.9, 0.99, 1.0];

fn many(default: usize) -> usize {
    std::env::var("COUNTERPLAY_GAMES").ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

#[test]
fn play_of_random_games_is_that_of_the_branch_from_uniform_play() {
    let mut tally = Tally::default();
    for seed in 0..many(60) {
        let players = [2, 2, 2, 1, 3][seed / 5 % 5];
        let table = random(seed as u64, players, DISCOUNTS[seed % 5], if players == 3 { 2 } else { 3 });
        let precision = [0.3, 1.0, 3.0, 10.0][seed / 25 % 4];
        tally.hold(&format!("seed {seed}"), &table, &vec![precision; players], FAITHFUL);
    }
    assert!(tally.wrong.is_empty() && tally.stuck.is_empty() && tally.untraced == 0, "{tally:#?}");
}

/// A war of attrition: both stay or quit; who is left gets the prize.
fn attrition(prizes: [f64; 2], discount: f64) -> Table {
    let end = vec![0.0];
    Table {
        actions: vec![vec![2, 2]],
        payoffs: vec![vec![vec![-1.0, -1.0], vec![prizes[0], 0.0], vec![0.0, prizes[1]], vec![0.0, 0.0]]],
        weights: vec![vec![vec![discount], end.clone(), end.clone(), end]],
    }
}

#[test]
fn the_symmetric_war_of_attrition_goes_straight_on_where_another_branch_crosses() {
    // The probability to quit solves one equation, by bisection.
    let exact = |precision: f64, discount: f64| {
        let (mut low, mut high) = (1e-12, 1.0 - 1e-12);
        for _ in 0..200 {
            let quit: f64 = 0.5 * (low + high);
            let stays = 1.0 - quit;
            let gain = (10.0 * quit - stays) / (1.0 - stays * stays * discount);
            if quit < 1.0 / (1.0 + (precision * gain).exp()) { low = quit } else { high = quit }
        }
        low
    };
    assert!((exact(5.0, 1.0) - 0.098_447).abs() < 1e-6 && (exact(200.0, 1.0) - 0.091_091).abs() < 1e-6);
    for discount in [1.0, 0.9, 0.5] {
        for precision in [0.1, 0.5, 1.0, 2.0, 3.0, 3.5, 4.0, 5.0, 20.0, 200.0, 2e4] {
            let found = solve(&attrition([10.0, 10.0], discount), &[precision; 2], FAITHFUL);
            let quit = found.play[0][1];
            println!(
                "{discount} {precision} {quit} {} {:?} {}",
                exact(precision, discount),
                found.crossings,
                found.systems
            );
            assert_eq!(found.status, Status::Converged, "{precision} {discount}: {}", found.share);
            assert!((quit - exact(precision, discount)).abs() < 1e-8);
            assert!((quit - found.play[0][3]).abs() < 1e-10);
        }
    }
}

/// Two players of a stag hunt or a battle in each state, symmetric but for `whim` in what the first gets.
fn nearly_symmetric(seed: u64, discount: f64, whim: f64) -> Table {
    let mut random = Lcg(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) + 11);
    let states = 1 + random.below(3);
    let own: Vec<Vec<f64>> = (0..states).map(|_| (0..4).map(|_| random.below(9) as f64).collect()).collect();
    let chances: Vec<f64> = (0..states).map(|_| random.next()).collect();
    let sum: f64 = chances.iter().sum::<f64>() + 0.2;
    let payoff = |s: usize, profile: usize| {
        let swapped = [0, 2, 1, 3][profile];
        let more = if profile == 1 { whim } else { 0.0 };
        vec![own[s][profile] + more, own[s][swapped]]
    };
    Table {
        actions: vec![vec![2, 2]; states],
        payoffs: (0..states).map(|s| (0..4).map(|p| payoff(s, p)).collect()).collect(),
        weights: vec![vec![chances.iter().map(|c| discount * c / sum).collect(); 4]; states],
    }
}

#[test]
fn play_of_symmetric_and_nearly_symmetric_games_is_that_of_the_branch_from_uniform_play() {
    let mut tally = Tally::default();
    for seed in 0..many(40) {
        let whim = [0.0, 1e-6, 1e-4, 1e-2, 0.3][seed % 5];
        let table = nearly_symmetric(seed as u64 / 5, DISCOUNTS[seed / 5 % 5], whim);
        tally.hold(
            &format!("seed {seed}, whim {whim}"),
            &table,
            &[[0.4, 1.0, 3.0][seed / 25 % 3]; 2],
            FAITHFUL,
        );
    }
    for whim in [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0] {
        for (precision, discount) in [(0.5, 1.0), (5.0, 0.9)] {
            let table = attrition([10.0 + whim, 10.0], discount);
            tally.hold(&format!("attrition, {whim} more"), &table, &[precision; 2], FAITHFUL);
        }
    }
    assert!(tally.wrong.is_empty() && tally.stuck.is_empty(), "{tally:#?}");
    assert!(tally.crossed > 0 && 20 * tally.untraced <= tally.games, "{tally:#?}");
}

/// Both states reach the same crossing at once, where the determinant keeps its sign.
#[test]
fn two_games_that_are_nearly_symmetric_at_once_are_each_followed_to_the_right_side() {
    for whim in [1e-6, 1e-3, -1e-6] {
        let state = |more: f64| vec![vec![3.0, 3.0], vec![0.0, 0.0], vec![0.0, 0.0], vec![3.0 + more, 3.0]];
        let one = Table {
            actions: vec![vec![2, 2]],
            payoffs: vec![state(whim)],
            weights: vec![vec![vec![0.0]; 4]],
        };
        let two = Table {
            actions: vec![vec![2, 2]; 2],
            payoffs: vec![state(whim), state(whim)],
            weights: vec![vec![vec![0.0; 2]; 4]; 2],
        };
        let (alone, both) = (solve(&one, &[2.0; 2], FAITHFUL), solve(&two, &[2.0; 2], FAITHFUL));
        assert_eq!((alone.status, both.status), (Status::Converged, Status::Converged), "{whim}");
        assert!((alone.play[0][1] > 0.9) == (whim > 0.0), "{whim} {:?}", alone.play);
        for play in &both.play {
            let same = play.iter().zip(&alone.play[0]).all(|(a, b)| (a - b).abs() < 1e-8);
            assert!(same, "{whim}: {play:?} {:?}", alone.play);
        }
    }
}

#[test]
fn neither_the_order_of_players_nor_the_unit_of_payoffs_bears_on_play() {
    for seed in 0..12 {
        let table = random(seed, 2, DISCOUNTS[seed as usize % 5], 3);
        let found = solve(&table, &[2.0, 3.0], FAITHFUL);
        let mut swapped = table.clone();
        for (state, actions) in table.actions.iter().enumerate() {
            let (first, second) = (actions[0], actions[1]);
            swapped.actions[state] = vec![second, first];
            for (a, b) in (0..first).flat_map(|a| (0..second).map(move |b| (a, b))) {
                let (from, to) = (a * second + b, b * first + a);
                let pay = &table.payoffs[state][from];
                swapped.payoffs[state][to] = vec![pay[1], pay[0]];
                swapped.weights[state][to].clone_from(&table.weights[state][from]);
            }
        }
        let other = solve(&swapped, &[3.0, 2.0], FAITHFUL);
        assert_eq!((found.status, other.status), (Status::Converged, Status::Converged), "seed {seed}");
        for (state, actions) in table.actions.iter().enumerate() {
            let order = (actions[1]..actions[1] + actions[0]).chain(0..actions[1]);
            for (a, b) in order.map(|k| other.play[state][k]).zip(&found.play[state]) {
                assert!((a - b).abs() < 1e-8, "seed {seed}: {a} {b}");
            }
        }
        for unit in [1e-6, 1e6] {
            let mut scaled = table.clone();
            scaled.payoffs.iter_mut().flatten().flatten().for_each(|u| *u *= unit);
            let other = solve(&scaled, &[2.0 / unit, 3.0 / unit], FAITHFUL);
            assert_eq!(other.status, Status::Converged, "seed {seed}, unit {unit}");
            for (a, b) in other.play.iter().flatten().zip(found.play.iter().flatten()) {
                assert!((a - b).abs() < 1e-8, "seed {seed}, unit {unit}: {a} {b}");
            }
        }
    }
}

#[test]
fn the_limit_of_the_symmetric_war_of_attrition_is_one_in_eleven() {
    let (game, numbers) = process(&attrition([10.0, 10.0], 1.0));
    let found = Solver::new(&game, FAITHFUL).limit(&numbers, &[1.0, 1.0]);
    assert_eq!(found.status, Status::Converged, "{found:?}");
    assert!((found.play[0][1] - 1.0 / 11.0).abs() < 1e-5 && found.crossings.len() == 1, "{found:?}");
}

#[test]
fn play_is_found_at_the_very_precision_where_another_branch_crosses() {
    // Both want to meet: play is half and half, and the symmetric branch is crossed where the precision is 1.
    let meet = |one: f64| vec![vec![4.0, 4.0], vec![0.0, 0.0], vec![0.0, 0.0], vec![one, 4.0]];
    let table =
        Table { actions: vec![vec![2, 2]], payoffs: vec![meet(4.0)], weights: vec![vec![vec![0.0]; 4]] };
    for precision in [0.5, 1.0, 1.0 + 1e-9, 3.0] {
        let found = solve(&table, &[precision; 2], FAITHFUL);
        assert_eq!(found.status, Status::Converged, "{precision}: {}", found.share);
        assert!((found.play[0][0] - 0.5).abs() < 1e-9, "{precision}: {:?}", found.play);
    }
}

/// Where several branches cross at once, each of three players being like the others.
#[test]
fn three_players_that_are_alike_stay_alike() {
    let pay = |profile: usize, player: usize| {
        let moves = [profile / 4, profile / 2 % 2, profile % 2];
        let others = moves.iter().sum::<usize>() - moves[player];
        if moves[player] == 1 { 2.0 - 2.0 * others as f64 } else { 1.5 * others as f64 }
    };
    let table = Table {
        actions: vec![vec![2, 2, 2]],
        payoffs: vec![(0..8).map(|p| (0..3).map(|i| pay(p, i)).collect()).collect()],
        weights: vec![vec![vec![0.5]; 8]],
    };
    let found = solve(&table, &[8.0; 3], FAITHFUL);
    assert_eq!((found.status, found.crossings.len()), (Status::Converged, 1), "{found:?}");
    let go = [found.play[0][0], found.play[0][2], found.play[0][4]];
    assert!(go.iter().all(|p| (p - go[0]).abs() < 1e-9), "{go:?}");
}
