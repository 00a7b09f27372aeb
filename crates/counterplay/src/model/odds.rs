//! The log probabilities of all branches of a game at one point.

use counterplay_game::id::NodeId;
use counterplay_game::tree::{Game, Kind};
use counterplay_game::valuation::Valuation;
use counterplay_math::{exp, ln};

use crate::story::unfolded::Unfolded;

/// The log probabilities of all branches of a game at one point.
#[derive(Clone, Debug, Default)]
pub struct LogOdds {
    /// For each branch of each chance event.
    pub chance: Vec<f64>,
    /// For each action.
    pub play: Vec<f64>,
}

impl LogOdds {
    /// The logarithms of the probabilities of chance and of play.
    pub fn new(numbers: &Valuation, play: &[f64]) -> Self {
        // Rounding can leave the `rest` of some probabilities just below zero.
        let log = |x: &f64| ln(x.max(0.0));
        Self { chance: numbers.chance.iter().map(log).collect(), play: play.iter().map(log).collect() }
    }

    /// Those of the branches of one node, in order; none at an end.
    pub fn at(&self, game: &Game, node: NodeId) -> &[f64] {
        match game.kind(node) {
            Kind::Chance(chance) => &self.chance[game.branches(chance)],
            Kind::Decision(set) => &self.play[game.actions(set)],
            Kind::End(_) => &[],
        }
    }
}

/// The probability that play reaches each node.
pub(crate) fn reach(game: &Game, odds: &LogOdds) -> Vec<f64> {
    let mut reach = vec![0.0; game.node_count()];
    reach[Game::ROOT] = 1.0;
    for node in game.nodes() {
        for (child, log) in game.children(node).zip(odds.at(game, node)) {
            reach[child.index()] = reach[node.index()] * exp(*log);
        }
    }
    reach
}

/// For each state, how many of the stages up to the horizon, and the beginning, are to be expected in it, under play with
/// these log probabilities.
pub fn expected_visits(unfolded: &Unfolded, odds: &[LogOdds], horizon: usize) -> Vec<f64> {
    let mut here = vec![0.0; unfolded.states.len()];
    here[0] = 1.0;
    let mut visits = here.clone();
    let moves: Vec<Vec<(usize, f64)>> = (0..unfolded.states.len())
        .map(|state| {
            let told = &unfolded.states[state];
            let game = &told.game;
            let reach = reach(game, &odds[state]);
            let onward = |node: NodeId| match game.kind(node) {
                Kind::End(_) => told.onward(node).map(|to| (to, reach[node.index()])),
                Kind::Chance(_) | Kind::Decision(_) => None,
            };
            game.nodes().filter_map(onward).collect()
        })
        .collect();
    for _ in 0..horizon {
        let mut next = vec![0.0; unfolded.states.len()];
        for (state, moves) in moves.iter().enumerate().filter(|m| here[m.0] > 0.0) {
            for &(to, p) in moves {
                next[to] += here[state] * p;
            }
        }
        for (sum, p) in visits.iter_mut().zip(&next) {
            *sum += p;
        }
        here = next;
    }
    visits
}
