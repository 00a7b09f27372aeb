//! Stochastic games, as the library has them and as the reference has them.

use std::sync::Arc;

use counterplay_equilibrium::markov::{
    Link, Numbers, Settings, Solver, Stage, StageNumbers, Status, StochasticGame,
};
use counterplay_game::gambit::read_nfg;
use counterplay_game::id::NodeId;
use counterplay_game::tree::Kind;

use crate::judge::{Finding, Verdict, compared, finding};
use crate::reference::System;
use crate::reference::bimatrix::Bimatrix;
use crate::reference::stochastic::{State, Stochastic};
use crate::reference::tracer::{Fineness, trace};

/// The library's form of a stochastic game.
pub(crate) fn process(game: &Stochastic) -> (StochasticGame, Numbers) {
    let (stages, numbers) = game.states.iter().map(stage).unzip();
    (StochasticGame::new(stages).expect("sound"), Numbers { stages: numbers })
}

fn stage(state: &State) -> (Stage, StageNumbers) {
    let matrix = Bimatrix::new(state.rows, state.columns, |i, j| {
        (state.row[i * state.columns + j], state.column[i * state.columns + j])
    });
    // Each profile has an end of its own, so that what follows can differ where payoffs do not.
    let exact = read_nfg(&matrix.nfg()).expect("a game file").exact_game();
    let game = exact.game;
    let mut onward = Vec::new();
    for i in 0..state.rows {
        for j in 0..state.columns {
            let Kind::End(end) = game.kind(game.child(game.child(NodeId::new(0), i), j)) else {
                unreachable!("both have moved")
            };
            for (to, &weight) in state.weights[i * state.columns + j].iter().enumerate() {
                if weight > 0.0 {
                    onward.push((end, to, weight));
                }
            }
        }
    }
    onward.sort_by_key(|&(end, to, _)| (end.index(), to));
    let valuation = game.at(&game.expressions().evaluate(&[]));
    let weights = onward.iter().map(|o| o.2).collect();
    let links = onward.iter().map(|&(end, state, _)| Link { end, state }).collect();
    (Stage { game: Arc::new(game), links }, StageNumbers { valuation, weights })
}

/// Compares stationary play with the reference at precisions that increase.
pub(crate) fn judge(game: &Stochastic, logits: &[f64], fineness: &Fineness) -> Vec<Finding> {
    let precisions: Vec<f64> = logits.iter().map(|l| l * game.unit()).collect();
    let (library, numbers) = process(game);
    let found = trace(game, &precisions, fineness);
    let mut findings = Vec::new();
    for answer in &found.answers {
        let at = [answer.precision; 2];
        let play = Solver::new(&library, Settings::default()).solve(&numbers, &at);
        let flat = play.play.iter().flatten();
        let difference = answer.play.iter().zip(flat).map(|(p, q)| (p - q).abs()).fold(0.0, f64::max);
        let verdict = if play.status == Status::Converged {
            compared(difference)
        } else {
            Verdict::NotSolved(format!("{:?}", play.status))
        };
        findings.push(finding("solve", answer, verdict));
    }
    for &precision in &precisions[found.answers.len()..] {
        findings.push(Finding::without_reference(precision, &found));
    }
    findings
}
