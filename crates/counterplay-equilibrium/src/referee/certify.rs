//! The referee: is this an equilibrium?
//!
//! This file shares no code with the solvers. It reads the definition off the tree by plain recursion from the
//! root, one information set after the other, and reports how far a profile of play is from satisfying it.

use counterplay_game::id::{InfoSetId, NodeId, PlayerId};
use counterplay_game::tree::{Game, Kind};
use counterplay_game::valuation::Valuation;
use counterplay_math::ln;

/// How far a profile is from a logit equilibrium.
#[derive(Clone, Debug, PartialEq)]
pub struct Certificate {
    /// The largest $|\ln(\pi_a / \pi_b) - \lambda (U_a - U_b)|$ at an information set that can be reached, where
    /// $b$ is its likeliest action.
    pub residual: f64,
    /// The largest regret: what a player would gain by its best action at an information set that the others and
    /// chance can lead to, in payoff units.
    pub regret: f64,
    /// The information set with the largest regret.
    pub regret_at: Option<InfoSetId>,
    /// The largest regret at an information set of one history that nothing leads to. An equilibrium with a regret there
    /// is not subgame-perfect.
    pub regret_off_path: f64,
    /// The largest deviation of a belief from one in sum over an information set, and of play from one.
    pub belief_error: f64,
    /// Information sets that nobody's play or chance leads to, where beliefs are undefined.
    pub unreached: usize,
}

/// What the referee sees at an information set.
#[derive(Clone, Debug, PartialEq)]
pub struct AtSet {
    /// The information set.
    pub set: InfoSetId,
    /// The probability of reaching it.
    pub reach: f64,
    /// Whether what the others and chance do can lead here.
    pub reachable: bool,
    /// The probability of each member, given that the set is reached by what the others and chance do; `None` where
    /// that has probability zero, so that Bayes' rule says nothing, unless there is only one member.
    pub beliefs: Option<Vec<f64>>,
    /// The expected payoff of each action to the mover, under those beliefs and play from there on.
    pub payoffs: Option<Vec<f64>>,
    /// What the mover would gain by its best action; zero where beliefs are undefined.
    pub regret: f64,
}

/// What the referee sees of a profile.
#[derive(Clone, Debug, PartialEq)]
pub struct Examination {
    /// At each information set, in order.
    pub sets: Vec<AtSet>,
    /// The expected payoff of every player from every node on.
    pub values: Vec<Vec<f64>>,
}

/// Examines the profile `play` (a probability for each action) at the given numbers.
///
/// For every information set the beliefs are found by Bayes' rule from the probability of reaching its members,
/// with the mover's own past moves left out, and the expected payoff of each action under those beliefs by
/// recursion over the tree below.
pub fn examine(game: &Game, numbers: &Valuation, play: &[f64]) -> Examination {
    let values = all_values(game, numbers, play);
    let sets = game.info_set_ids().map(|set| at_set(game, numbers, play, &values, set)).collect();
    Examination { sets, values }
}

fn at_set(game: &Game, numbers: &Valuation, play: &[f64], values: &[Vec<f64>], set: InfoSetId) -> AtSet {
    let player = game.info_set(set).player;
    let members = game.members(set);
    let reach = members.iter().map(|&h| reach_of(game, numbers, play, h, None)).sum();
    let weights: Vec<f64> = members.iter().map(|&h| reach_of(game, numbers, play, h, Some(player))).collect();
    let total: f64 = weights.iter().sum();
    let reachable = total > 0.0;
    if !reachable && members.len() > 1 {
        return AtSet { set, reach, reachable, beliefs: None, payoffs: None, regret: 0.0 };
    }
    let beliefs: Vec<f64> = weights.iter().map(|w| if reachable { w / total } else { 1.0 }).collect();
    let odds = &play[game.actions(set)];
    let payoffs: Vec<f64> = (0..odds.len())
        .map(|a| {
            let of_member = |h: &NodeId| values[game.child(*h, a).index()][player.index()];
            members.iter().zip(&beliefs).map(|(h, b)| b * of_member(h)).sum()
        })
        .collect();
    let best = payoffs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let regret = best - odds.iter().zip(&payoffs).map(|(p, u)| p * u).sum::<f64>();
    AtSet { set, reach, reachable, beliefs: Some(beliefs), payoffs: Some(payoffs), regret }
}

/// How far the profile `play` is from a logit equilibrium at the given numbers and precisions, and how much a player
/// could gain. `play` has a probability for each action of the game, `precisions` one number for each player.
pub fn certify(game: &Game, numbers: &Valuation, precisions: &[f64], play: &[f64]) -> Certificate {
    let mut certificate = Certificate {
        residual: 0.0,
        regret: 0.0,
        regret_at: None,
        regret_off_path: 0.0,
        belief_error: 0.0,
        unreached: 0,
    };
    for at in examine(game, numbers, play).sets {
        if !at.reachable {
            certificate.unreached += 1;
            certificate.regret_off_path = worse(certificate.regret_off_path, at.regret);
        }
        let (Some(beliefs), Some(payoffs), true) = (at.beliefs, at.payoffs, at.reachable) else { continue };
        let odds = &play[game.actions(at.set)];
        for sum in [beliefs.iter().sum::<f64>(), odds.iter().sum::<f64>()] {
            certificate.belief_error = worse(certificate.belief_error, (sum - 1.0).abs());
        }
        let player = game.info_set(at.set).player;
        let residual = logit_residual(odds, &payoffs, precisions[player.index()]);
        certificate.residual = worse(certificate.residual, residual);
        if at.regret > certificate.regret {
            (certificate.regret, certificate.regret_at) = (at.regret, Some(at.set));
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
        .map(|a| (ln(odds[a] / odds[likeliest]) - precision * (payoffs[a] - payoffs[likeliest])).abs())
        .fold(0.0, worse)
}

/// The probability that chance and all players, or all but one, lead to `node`.
fn reach_of(game: &Game, numbers: &Valuation, play: &[f64], node: NodeId, but: Option<PlayerId>) -> f64 {
    let step = |(before, branch): (NodeId, usize)| match game.kind(before) {
        Kind::Chance(chance) => numbers.chance[game.branches(chance).start + branch],
        Kind::Decision(set) if Some(game.info_set(set).player) == but => 1.0,
        Kind::Decision(set) => play[game.actions(set).start + branch],
        Kind::End(_) => unreachable!("nothing follows an end"),
    };
    game.path(node).into_iter().map(step).product()
}

/// The expected payoff of every player from every node on.
pub(super) fn all_values(game: &Game, numbers: &Valuation, play: &[f64]) -> Vec<Vec<f64>> {
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
