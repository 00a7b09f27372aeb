//! The terms of the players' expected payoffs in their realisation plans, as a sparse matrix.

use std::ops::Range;

use counterplay_game::id::{BranchId, PlayerId};
use counterplay_game::tree::{Game, Kind};
use counterplay_game::valuation::Valuation;

use crate::numeric::index::narrow;

/// For each sequence of each player, the terms of that player's payoff in which it is the player's last: a weight, and
/// the last sequences of the other players. In a game of two this is the payoff matrix of either player by rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Terms {
    /// Where each sequence's terms begin, and at the last position where they end.
    starts: Vec<u32>,
    /// The weight of each term: chance's part times the payoff.
    weights: Vec<f64>,
    /// The sequences of the others, term by term.
    others: Vec<u32>,
    /// How many others there are.
    pub(crate) width: usize,
}

impl Terms {
    /// The terms, where `last` are the players' last sequences at each node, and `sequences` is the number of all.
    pub(super) fn new(game: &Game, numbers: &Valuation, last: &[u32], sequences: usize) -> Self {
        let players = game.players().len();
        let reach = chance_reach(game, numbers);
        let mut starts = vec![0u32; sequences + 2];
        for_each_term(game, numbers, &reach, |node, player, _| {
            starts[last[node * players + player] as usize + 2] += 1;
        });
        for k in 2..starts.len() {
            starts[k] += starts[k - 1];
        }
        let total = starts.last().map_or(0, |s| *s as usize);
        let width = players.saturating_sub(1);
        let mut terms = Self { starts, weights: vec![0.0; total], others: vec![0; total * width], width };
        for_each_term(game, numbers, &reach, |node, player, weight| {
            let own = &last[node * players..(node + 1) * players];
            // Every sequence's start moves on as its terms come, and so ends as the start of the next.
            let at = &mut terms.starts[own[player] as usize + 1];
            terms.weights[*at as usize] = weight;
            let place = *at as usize * width;
            let (left, right) = (&own[..player], &own[player + 1..]);
            terms.others[place..place + player].copy_from_slice(left);
            terms.others[place + player..place + width].copy_from_slice(right);
            *at += 1;
        });
        terms.starts.pop();
        terms.merge();
        terms
    }

    /// The positions of a sequence's terms.
    #[inline]
    fn range(&self, sequence: usize) -> Range<usize> {
        self.starts[sequence] as usize..self.starts[sequence + 1] as usize
    }

    /// Makes terms of the same sequences one, and drops those that sum to zero.
    fn merge(&mut self) {
        let width = self.width;
        let (mut order, mut weights, mut others) = (Vec::new(), Vec::new(), Vec::new());
        let mut count = 0;
        for sequence in 0..self.starts.len() - 1 {
            let of_term = |t: usize| &self.others[t * width..(t + 1) * width];
            order.clear();
            order.extend(self.range(sequence));
            // Stable, so that sums are taken in the order of nodes.
            order.sort_by(|&a: &usize, &b| of_term(a).cmp(of_term(b)));
            weights.clear();
            others.clear();
            for same in order.chunk_by(|&a, &b| of_term(a) == of_term(b)) {
                let weight: f64 = same.iter().map(|t| self.weights[*t]).sum();
                if weight != 0.0 {
                    weights.push(weight);
                    others.extend_from_slice(of_term(same[0]));
                }
            }
            self.starts[sequence] = narrow(count);
            self.weights[count..count + weights.len()].copy_from_slice(&weights);
            self.others[count * width..count * width + others.len()].copy_from_slice(&others);
            count += weights.len();
        }
        if let Some(end) = self.starts.last_mut() {
            *end = narrow(count);
        }
        self.weights.truncate(count);
        self.others.truncate(count * width);
        self.weights.shrink_to_fit();
        self.others.shrink_to_fit();
    }

    /// The derivative of the player's expected payoff by its sequence where that is the last: the sum over its terms
    /// of weight times the others' plans. `W` is the number of others, or 0 for any number.
    #[inline]
    pub(crate) fn marginal<const W: usize>(&self, sequence: usize, plans: &[f64]) -> f64 {
        let range = self.range(sequence);
        let weights = &self.weights[range.clone()];
        if W == 1 {
            let others = &self.others[range];
            return weights.iter().zip(others).map(|(w, s)| w * plans[*s as usize]).sum();
        }
        let others = &self.others[range.start * self.width..range.end * self.width];
        // A single player has no others, and each of its terms is the weight.
        let product = |t: usize| -> f64 {
            others[t * self.width..(t + 1) * self.width].iter().map(|s| plans[*s as usize]).product()
        };
        weights.iter().enumerate().map(|(t, w)| w * product(t)).sum()
    }
}

/// Calls `visit` with the node, the player and the weight of every term that is not zero.
fn for_each_term(game: &Game, numbers: &Valuation, reach: &[f64], mut visit: impl FnMut(usize, usize, f64)) {
    let players = game.players().len();
    for node in game.nodes() {
        let Kind::End(end) = game.kind(node) else { continue };
        for player in 0..players {
            let weight = reach[node.index()] * numbers.payoff(end, PlayerId::new(player), players);
            if weight != 0.0 {
                visit(node.index(), player, weight);
            }
        }
    }
}

/// Chance's part in the probability of reaching each node.
fn chance_reach(game: &Game, numbers: &Valuation) -> Vec<f64> {
    let mut reach = vec![1.0; game.node_count()];
    for node in game.nodes() {
        let own = reach[node.index()];
        let first = match game.kind(node) {
            Kind::Chance(chance) => Some(game.branches(chance).start),
            Kind::Decision(_) | Kind::End(_) => None,
        };
        for (branch, child) in game.children(node).enumerate() {
            let odds = first.map_or(1.0, |f| numbers.chance[BranchId::new(f + branch).index()]);
            reach[child.index()] = own * odds;
        }
    }
    reach
}
