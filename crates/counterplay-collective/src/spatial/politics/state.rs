//! The state between rounds, and what follows from it: distances, risk attitudes, utilities, and who would win an election now.

use super::bargain::{Alternative, options_of};
use super::{Politics, Proposal, RiskRange};
use crate::spatial::Positions;
use crate::spatial::election::coalitions;
use crate::spatial::rounds::Move;

/// Where everybody stands and would like to stand, on the unit scale, and what follows from that.
#[derive(Clone, Debug, PartialEq)]
pub struct State<'a> {
    pub(super) politics: &'a Politics,
    positions: Positions,
    ideals: Positions,
    /// From the ideal of each actor (row) to the position of each (column).
    distance: Vec<Vec<f64>>,
    risk: Vec<f64>,
}

/// The utility $(1 - d)(1 + r d)$ at a distance $d$ on the unit scale, with the risk attitude $r$: above zero it makes the actor
/// indulgent near its ideal, below zero hard.
fn utility_at(distance: f64, risk: f64) -> f64 {
    // Just beyond the scale, by rounding, the utility goes on straight.
    (1.0 - distance) * (1.0 + risk * distance.min(1.0))
}

impl<'a> State<'a> {
    pub(super) fn at(politics: &'a Politics, positions: Positions, ideals: Positions) -> Self {
        let n = positions.len();
        let mut state = Self { politics, positions, ideals, distance: Vec::new(), risk: vec![0.0; n] };
        let to_all =
            |i: usize| state.positions.iter().map(|position| state.distance_of(i, position)).collect();
        state.distance = (0..n).map(to_all).collect();
        state.risk = state.inferred_risk();
        state
    }

    /// The positions, on the unit scale.
    pub fn positions(&self) -> &Positions {
        &self.positions
    }

    /// The risk attitudes: what each actor's position gives it of the probability of winning, on the
    /// [range](super::RiskRange) of the settings; from -1, averse to compromise, to 1. If all are as probable, all are 0.
    pub fn risk(&self) -> &[f64] {
        &self.risk
    }

    /// The risk-neutral value of each position (column) to each actor (row), in \[0, 1\].
    pub fn value(&self) -> Vec<Vec<f64>> {
        self.table(|i, j| utility_at(self.distance[i][j], 0.0))
    }

    /// The utility of each position (column) to each actor (row).
    pub fn utility(&self) -> Vec<Vec<f64>> {
        self.table(|i, j| self.seen_utility(i, i, j))
    }

    /// The same as the actor `by` sees it.
    pub fn estimate(&self, by: usize) -> Vec<Vec<f64>> {
        self.table(|i, j| self.seen_utility(by, i, j))
    }

    fn table(&self, of: impl Fn(usize, usize) -> f64) -> Vec<Vec<f64>> {
        let n = self.positions.len();
        (0..n).map(|i| (0..n).map(|j| of(i, j)).collect()).collect()
    }

    /// What `by` thinks that the position of `j` is worth to `i`.
    pub(super) fn seen_utility(&self, by: usize, i: usize, j: usize) -> f64 {
        let risk = self.politics.settings.risk_adjust.seen(self.risk[by], self.risk[i]);
        utility_at(self.distance[i][j], risk)
    }

    /// What a position, on the unit scale, is worth to an actor.
    pub(super) fn worth(&self, actor: usize, position: &[f64]) -> f64 {
        utility_at(self.distance_of(actor, position), self.risk[actor])
    }

    /// The distance from an actor's ideal, weighted by its salience:
    /// $\sqrt{\sum_d (s_d \Delta_d)^2 / \sum_d s_d^2}$.
    fn distance_of(&self, actor: usize, position: &[f64]) -> f64 {
        let salience = &self.politics.actors.list()[actor].salience;
        let (mut sum, mut weight) = (0.0, 0.0);
        for ((ideal, x), s) in self.ideals[actor].iter().zip(position).zip(salience) {
            sum += (s * (ideal - x)).powi(2);
            weight += s * s;
        }
        (sum / weight).sqrt()
    }

    fn inferred_risk(&self) -> Vec<f64> {
        // Where the differences are no more than rounding, they would be blown up to the whole range.
        const ROUNDING: f64 = 1e-12;
        let p = self.election(self.positions.len(), |k, i| utility_at(self.distance[k][i], 0.0));
        let least = p.iter().copied().fold(f64::INFINITY, f64::min);
        let most = p.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if most - least <= ROUNDING {
            return vec![0.0; p.len()];
        }
        let lowest = match self.politics.settings.risk_range {
            RiskRange::Min => 0.0,
            RiskRange::Mid => -0.5,
            RiskRange::Max => -1.0,
        };
        p.iter().map(|p| lowest + (1.0 - lowest) * (p - least) / (most - least)).collect()
    }

    /// The probability that each option wins, all actors voting with their capability, from what option `i` is worth to actor `k`.
    pub(super) fn election(&self, options: usize, worth: impl Fn(usize, usize) -> f64) -> Vec<f64> {
        let Politics { capability, settings, .. } = self.politics;
        // Each is read for every pair of options.
        let worth: Vec<Vec<f64>> =
            (0..capability.len()).map(|k| (0..options).map(|i| worth(k, i)).collect()).collect();
        let vote =
            |k: usize, i: usize, j: usize| settings.voting.vote(capability[k], worth[k][i], worth[k][j]);
        let strength = coalitions(capability.len(), options, vote);
        settings.election.probabilities(settings.victory, &strength)
    }

    /// The probability that the position of each actor wins an election among all different positions.
    pub fn win_probability(&self) -> Vec<f64> {
        // As far apart as a tenth of a point on a scale of 100.
        const DIFFERENT: f64 = 1e-3;
        let apart = |i: usize, j: usize| {
            let squares = self.positions[i].iter().zip(&self.positions[j]).map(|(a, b)| (a - b).powi(2));
            squares.sum::<f64>().sqrt() >= DIFFERENT
        };
        let mut different: Vec<usize> = Vec::new();
        let mut option = Vec::new();
        for i in 0..self.positions.len() {
            let known = different.iter().position(|&j| !apart(i, j));
            option.push(known.unwrap_or(different.len()));
            if known.is_none() {
                different.push(i);
            }
        }
        let p = self.election(different.len(), |k, i| self.seen_utility(k, k, different[i]));
        option.into_iter().map(|at| p[at]).collect()
    }

    /// The state after all actors have taken part in a bargain of theirs or stayed, and the moves to it.
    pub fn next(
        &self,
        proposals: &[Proposal],
        choose: &mut impl FnMut(usize, &[f64], &[Vec<f64>]) -> usize,
    ) -> (Self, Vec<Move>) {
        let n = self.positions.len();
        let mut positions = Vec::with_capacity(n);
        let mut moves = Vec::new();
        let now: Vec<Vec<f64>> =
            (0..n).map(|k| (0..n).map(|m| self.seen_utility(k, k, m)).collect()).collect();
        for actor in 0..self.positions.len() {
            let options = options_of(actor, proposals);
            let worth: Vec<Vec<f64>> = (0..n).map(|k| self.worths(k, &now[k], &options)).collect();
            let probabilities = self.election(options.len(), |k, option| worth[k][option]);
            let places: Vec<Vec<f64>> =
                options.iter().map(|option| option.place(actor, &self.positions[actor])).collect();
            let chosen = choose(actor, &probabilities, &places);
            if let Some(other) = options[chosen].partner(actor)
                && places[chosen] != self.positions[actor]
            {
                moves.push(Move::bargain(actor, other));
            }
            positions.push(places[chosen].clone());
        }
        let ideals = self.next_ideals(&positions);
        (Self::at(self.politics, positions, ideals), moves)
    }

    /// What each option is worth to an actor: the mean of the utilities of all positions that it leads to, where `now` holds the
    /// utilities of the positions as they are.
    fn worths(&self, actor: usize, now: &[f64], options: &[Alternative<'_>]) -> Vec<f64> {
        let n = self.positions.len();
        let all: f64 = now.iter().sum();
        let worth = |option: &Alternative<'_>| match option {
            Alternative::Stay => all / n as f64,
            Alternative::Bargain { proposal, offer } => {
                let before = now[proposal.initiator] + now[proposal.receiver];
                let after = self.worth(actor, &offer.initiator) + self.worth(actor, &offer.receiver);
                (all - before + after) / n as f64
            }
        };
        options.iter().map(worth).collect()
    }

    fn next_ideals(&self, positions: &Positions) -> Positions {
        let Some(accommodation) = &self.politics.settings.accommodation else { return positions.clone() };
        let next = |(ideal, weights): (&Vec<f64>, &Vec<f64>)| -> Vec<f64> {
            let lag = (1.0 - weights.iter().sum::<f64>()).max(0.0);
            let coordinate = |d: usize| {
                let pull: f64 = weights.iter().zip(positions).map(|(w, p)| w * p[d]).sum();
                pull + lag * ideal[d]
            };
            (0..ideal.len()).map(coordinate).collect()
        };
        self.ideals.iter().zip(accommodation).map(next).collect()
    }
}
