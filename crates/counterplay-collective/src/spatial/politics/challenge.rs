//! What a challenge promises: the probability of winning it with the help of third parties, and the gain.

use super::{Commitment, State};

/// What a challenge would come to, in somebody's eyes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prospect {
    /// The probability that the challenger wins.
    pub probability: f64,
    /// What somebody is expected to gain by the challenge, in utility, over the positions as they are.
    pub gain: f64,
}

/// Each side of a challenge has at least this much support.
const LEAST_SUPPORT: f64 = 1e-10;
/// A challenge that promises less is not worth it.
const LEAST_GAIN: f64 = 1e-5;

impl State<'_> {
    /// What the actor `by` thinks that a challenge of `i` to `j` would bring the actor `to`.
    pub fn prospect(&self, by: usize, to: usize, i: usize, j: usize) -> Prospect {
        self.prospect_with(&|k, position| self.seen_utility(by, k, position), to, i, j)
    }

    /// The same, where `utility` says what the position of one actor is worth to another, as somebody sees it.
    fn prospect_with(
        &self,
        utility: &impl Fn(usize, usize) -> f64,
        to: usize,
        i: usize,
        j: usize,
    ) -> Prospect {
        let probability = self.victory(utility, i, j);
        let (at_i, at_j) = (utility(to, i), utility(to, j));
        let salience = self.politics.attention[j];
        // The loser adopts the position of the winner. As far as it does not care, the challenged gives in.
        let contest = probability * 2.0 * at_i + (1.0 - probability) * 2.0 * at_j;
        let challenge = (1.0 - salience) * 2.0 * at_i + salience * contest;
        Prospect { probability, gain: challenge - (at_i + at_j) }
    }

    /// The challenge that promises most to an actor, as it sees things, if any promises anything: whom to challenge, and what it comes
    /// to. Of several the first.
    pub(super) fn best_challenge(&self, i: usize) -> Option<(usize, Prospect)> {
        let mut best: Option<(usize, Prospect)> = None;
        // Position by position, as each challenge reads what two positions are worth to everybody.
        let n = self.positions().len();
        let worth: Vec<Vec<f64>> =
            (0..n).map(|at| (0..n).map(|k| self.seen_utility(i, k, at)).collect()).collect();
        let utility = |k: usize, at: usize| worth[at][k];
        for j in (0..self.positions().len()).filter(|&j| j != i) {
            let prospect = self.prospect_with(&utility, i, i, j);
            if prospect.gain > best.map_or(LEAST_GAIN, |(_, best)| best.gain) {
                best = Some((j, prospect));
            }
        }
        best
    }

    /// The probability that `i` wins against `j`: the share of the support that it gets.
    fn victory(&self, utility: &impl Fn(usize, usize) -> f64, i: usize, j: usize) -> f64 {
        let principals =
            Support::default().with(self.principal(utility, i, i, j)).with(self.principal(utility, j, i, j));
        let n = self.positions().len();
        let third = (0..n).filter(|&k| k != i && k != j);
        third.fold(principals, |sum, k| sum.with(self.third_party(utility, k, principals, (i, j)))).share()
    }

    /// The vote of one of the two, `k`, with all its influence.
    fn principal(&self, utility: &impl Fn(usize, usize) -> f64, k: usize, i: usize, j: usize) -> f64 {
        let (at_i, at_j) = (utility(k, i), utility(k, j));
        self.politics.settings.voting.vote(self.influence(k), at_i, at_j)
    }

    /// The vote of a third party: by what it expects if it joins either side, with the chances of the two when only it joins.
    fn third_party(
        &self,
        utility: &impl Fn(usize, usize) -> f64,
        k: usize,
        principals: Support,
        (i, j): (usize, usize),
    ) -> f64 {
        let settings = &self.politics.settings;
        let (at_i, at_j, at_own) = (utility(k, i), utility(k, j), utility(k, k));
        let i_wins = principals.with(settings.voting.vote(self.influence(k), at_i, at_j)).share();
        // What three positions are worth to it, those of the two and its own: after a victory of the side it joined, and of the other.
        let (joined_i, joined_j) = match settings.commitment {
            Commitment::None => {
                ((2.0 * at_i + at_own, 2.0 * at_j + at_own), (2.0 * at_i + at_own, 2.0 * at_j + at_own))
            }
            Commitment::Semi => ((2.0 * at_i + at_own, 3.0 * at_j), (3.0 * at_i, 2.0 * at_j + at_own)),
            Commitment::Full => ((3.0 * at_i, 3.0 * at_j), (3.0 * at_i, 3.0 * at_j)),
        };
        let expected = |(i_won, j_won): (f64, f64)| i_wins * i_won + (1.0 - i_wins) * j_won;
        settings.voting.vote(self.influence(k), expected(joined_i), expected(joined_j))
    }

    /// What an actor has and uses of it: capability times salience.
    pub(super) fn influence(&self, k: usize) -> f64 {
        self.politics.capability[k] * self.politics.attention[k]
    }
}

/// The support for the two sides.
#[derive(Clone, Copy)]
struct Support {
    first: f64,
    second: f64,
}

impl Default for Support {
    fn default() -> Self {
        Self { first: LEAST_SUPPORT, second: LEAST_SUPPORT }
    }
}

impl Support {
    /// With a vote more, for the first if it is above zero.
    fn with(self, vote: f64) -> Self {
        Self { first: self.first + vote.max(0.0), second: self.second - vote.min(0.0) }
    }

    fn share(self) -> f64 {
        self.first / (self.first + self.second)
    }
}
