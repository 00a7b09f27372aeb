//! The referee: is this an equilibrium?
//!
//! This file shares no code with the solvers. It reads the definition off the tree by plain recursion from the
//! root, one information set after the other, and reports how far a profile of play is from satisfying it.

use counterplay_game::id::{InfoSetId, NodeId, PlayerId};
use counterplay_game::tree::{Game, Kind};
use counterplay_game::valuation::Valuation;

/// How far a profile is from a logit equilibrium.
#[derive(Clone, Debug, PartialEq)]
pub struct Certificate {
    /// The largest $|\ln(\pi_a / \pi_b) - \lambda (U_a - U_b)|$ at an information set that can be reached, where
    /// $b$ is its likeliest action.
    pub residual: f64,
    /// The largest regret: what a player would gain at an information set by its best action, in payoff units.
    pub regret: f64,
    /// The information set with the largest regret.
    pub regret_at: Option<InfoSetId>,
    /// The largest deviation of a belief from one in sum over an information set, and of play from one.
    pub belief_error: f64,
    /// Information sets that nobody's play or chance leads to, where beliefs are undefined.
    pub unreached: usize,
}

/// Examines the profile `play` (a probability for each action) at the given numbers and precisions.
///
/// For every information set the beliefs are found by Bayes' rule from the probability of reaching its members,
/// with the mover's own past moves left out, and the expected payoff of each action under those beliefs by
/// recursion over the tree below.
pub fn certify(game: &Game, numbers: &Valuation, precisions: &[f64], play: &[f64]) -> Certificate {
    let mut certificate =
        Certificate { residual: 0.0, regret: 0.0, regret_at: None, belief_error: 0.0, unreached: 0 };
    let values = all_values(game, numbers, play);
    for set in game.info_set_ids() {
        let player = game.info_set(set).player;
        let weights: Vec<f64> =
            game.members(set).iter().map(|&h| reach_of_others(game, numbers, play, h, player)).collect();
        let total: f64 = weights.iter().sum();
        if total == 0.0 {
            certificate.unreached += 1;
            continue;
        }
        let beliefs: Vec<f64> = weights.iter().map(|w| w / total).collect();
        let odds = &play[game.actions(set)];
        let sums = [beliefs.iter().sum::<f64>(), odds.iter().sum::<f64>()];
        for sum in sums {
            certificate.belief_error = worse(certificate.belief_error, (sum - 1.0).abs());
        }
        let payoffs: Vec<f64> = (0..odds.len())
            .map(|a| {
                let of_member = |h: &NodeId| values[game.child(*h, a).index()][player.index()];
                game.members(set).iter().zip(&beliefs).map(|(h, b)| b * of_member(h)).sum()
            })
            .collect();
        let residual = logit_residual(odds, &payoffs, precisions[player.index()]);
        certificate.residual = worse(certificate.residual, residual);
        let best = payoffs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let regret = best - odds.iter().zip(&payoffs).map(|(p, u)| p * u).sum::<f64>();
        if regret > certificate.regret {
            (certificate.regret, certificate.regret_at) = (regret, Some(set));
        }
    }
    certificate
}

/// The larger of the two; not-a-number counts as the worst.
fn worse(a: f64, b: f64) -> f64 {
    if b.is_nan() || b > a { b } else { a }
}

fn logit_residual(odds: &[f64], payoffs: &[f64], precision: f64) -> f64 {
    let likeliest = (0..odds.len()).max_by(|&a, &b| odds[a].total_cmp(&odds[b])).unwrap_or(0);
    (0..odds.len())
        .filter(|&a| odds[a] > f64::MIN_POSITIVE)
        .map(|a| ((odds[a] / odds[likeliest]).ln() - precision * (payoffs[a] - payoffs[likeliest])).abs())
        .fold(0.0, worse)
}

/// The probability that chance and all players but `player` lead to `node`.
fn reach_of_others(game: &Game, numbers: &Valuation, play: &[f64], node: NodeId, player: PlayerId) -> f64 {
    let step = |(before, branch): (NodeId, usize)| match game.kind(before) {
        Kind::Chance(chance) => numbers.chance[game.branches(chance).start + branch],
        Kind::Decision(set) if game.info_set(set).player == player => 1.0,
        Kind::Decision(set) => play[game.actions(set).start + branch],
        Kind::End(_) => unreachable!("nothing follows an end"),
    };
    game.path(node).into_iter().map(step).product()
}

/// The expected payoff of every player from every node on.
fn all_values(game: &Game, numbers: &Valuation, play: &[f64]) -> Vec<Vec<f64>> {
    let mut values = vec![Vec::new(); game.node_count()];
    if game.node_count() > 0 {
        value_of(game, numbers, play, NodeId::new(Game::ROOT), &mut values);
    }
    values
}

fn value_of(game: &Game, numbers: &Valuation, play: &[f64], node: NodeId, values: &mut [Vec<f64>]) {
    let players = game.players().len();
    let odds = match game.kind(node) {
        Kind::End(end) => {
            values[node.index()] =
                (0..players).map(|p| numbers.payoff(end, PlayerId::new(p), players)).collect();
            return;
        }
        Kind::Chance(chance) => &numbers.chance[game.branches(chance)],
        Kind::Decision(set) => &play[game.actions(set)],
    };
    let mut expected = vec![0.0; players];
    for (branch, p) in odds.iter().enumerate() {
        let child = game.child(node, branch);
        value_of(game, numbers, play, child, values);
        for (sum, v) in expected.iter_mut().zip(&values[child.index()]) {
            *sum += p * v;
        }
    }
    values[node.index()] = expected;
}
