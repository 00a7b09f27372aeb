//! Elections among positions: votes, coalitions, the probability that one option beats another, and that it beats them all.
//!
//! These are the parts that KTAB's models share (Wise, Lester and Efird 2015, *An Introduction to the KAPSARC Toolkit for Behavioral
//! Analysis*; Wise and Lester, *Markov Voting with Incentives in KTAB*), with the names of its settings.

use counterplay_math::powi;

/// How an actor's support for one option over another follows from the difference in utility, $u = u_i - u_j$.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voting {
    /// All or nothing: the sign of $u$.
    Binary,
    /// $0.8\\,u + 0.2\\,\operatorname{sign} u$.
    PropBin,
    /// In proportion: $u$.
    Proportional,
    /// $(u + u^3) / 2$.
    PropCbc,
    /// $u^3$.
    Cubic,
    /// As losses weigh more than gains: $u$ below zero, $\tfrac{2}{3} u$ above.
    ASymProsp,
}

impl Voting {
    /// The vote of an actor with this weight for an option of utility `first` against one of utility `second`: above zero if for the
    /// first.
    ///
    /// ```
    /// use counterplay_collective::spatial::election::Voting;
    /// assert_eq!(Voting::Proportional.vote(8.0, 0.75, 0.25), 4.0);
    /// assert_eq!(Voting::PropCbc.vote(8.0, 0.75, 0.25), 2.5); // 8 (1/2 + 1/8) / 2
    /// assert_eq!([(0.75, 0.0), (0.0, 0.75)].map(|(u, v)| Voting::ASymProsp.vote(1.0, u, v)), [0.5, -0.75]);
    /// ```
    pub fn vote(self, weight: f64, first: f64, second: f64) -> f64 {
        // Within so little of equality an all-or-nothing vote goes over from one side to the other.
        const EVEN: f64 = 1e-8;
        let u = first - second;
        let sign = (u / EVEN).clamp(-1.0, 1.0);
        weight
            * match self {
                Self::Binary => sign,
                Self::PropBin => 0.8 * u + 0.2 * sign,
                Self::Proportional => u,
                Self::PropCbc => 0.5 * u + 0.5 * powi(u, 3),
                Self::Cubic => powi(u, 3),
                Self::ASymProsp => {
                    if u < 0.0 {
                        u
                    } else {
                        2.0 * u / 3.0
                    }
                }
            }
    }
}

/// How the strengths of two coalitions make the probability that the first wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Victory {
    /// $c_i / (c_i + c_j)$.
    Linear,
    /// The same of squares.
    Square,
    /// The same of fourth powers.
    Quartic,
    /// The same of eighth powers.
    Octic,
    /// Certain from an advantage of a tenth on; linear in the share below it.
    Binary,
}

impl Victory {
    /// The probability that a coalition of strength `first` beats one of strength `second`; both above zero.
    ///
    /// ```
    /// use counterplay_collective::spatial::election::Victory;
    /// let three_to_one = |victory: Victory| victory.probability(3.0, 1.0);
    /// assert!((three_to_one(Victory::Linear) - 0.75).abs() < 1e-15);
    /// assert!((three_to_one(Victory::Square) - 9.0 / 10.0).abs() < 1e-15);
    /// assert!((three_to_one(Victory::Quartic) - 81.0 / 82.0).abs() < 1e-15);
    /// ```
    pub fn probability(self, first: f64, second: f64) -> f64 {
        const CERTAIN_FROM: f64 = 1.1;
        const UPSET: f64 = 1e-6;
        // The ratio keeps high powers of large strengths within range.
        let power = |exponent: i32| 1.0 / (1.0 + powi(second / first, exponent));
        match self {
            Self::Linear => first / (first + second),
            Self::Square => power(2),
            Self::Quartic => power(4),
            Self::Octic => power(8),
            Self::Binary if first >= CERTAIN_FROM * second => 1.0 / (1.0 + UPSET),
            Self::Binary if second >= CERTAIN_FROM * first => UPSET / (1.0 + UPSET),
            Self::Binary => ((CERTAIN_FROM + 1.0) * first / (first + second) - 1.0) / (CERTAIN_FROM - 1.0),
        }
    }
}

/// How probabilities of winning against each other option make the probability of winning the election.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Election {
    /// One round of all against all: that an option beats every other, given that some option does.
    Conditional,
    /// The Markov chain of favourites, each challenged by all options with the same probability.
    MarkovUniform,
    /// The Markov chain of favourites, challenged in proportion to the challenger's strength times its probability of winning.
    MarkovIncentive,
}

/// Coalitions are never weaker than this, so that two without any support are even.
const LEAST_SUPPORT: f64 = 1e-8;
/// The incentive of a favourite to challenge itself, so that somebody does.
const OWN_INCENTIVE: f64 = 1e-10;

/// The strength of the coalition for each option (row) against each other (column), from `vote(k, i, j)`, the vote of actor `k` for
/// `i` over `j`.
pub fn coalitions(actors: usize, options: usize, vote: impl Fn(usize, usize, usize) -> f64) -> Vec<Vec<f64>> {
    let mut strength = vec![vec![LEAST_SUPPORT; options]; options];
    for (i, j) in (0..options).flat_map(|i| (0..i).map(move |j| (i, j))) {
        for k in 0..actors {
            let vote = vote(k, i, j);
            if vote > 0.0 {
                strength[i][j] += vote;
            } else {
                strength[j][i] -= vote;
            }
        }
    }
    strength
}

impl Election {
    /// The probability that each option wins: sums to one.
    ///
    /// The Markov chains are solved for their stationary distribution directly, where KTAB iterates until probabilities change by less
    /// than $10^{-8}$ (incentives) or $10^{-6}$ (uniform): from options that hardly differ its figures can be less exact.
    ///
    /// Three voters with one vote each stand at 0, 4 and 10 and decide between these positions. By 2 votes to 1 the position
    /// 4 beats both others, and 0 beats 10; so the probabilities that 0, 4 or 10 beats both others are as $2 : 4 : 1$.
    ///
    /// ```
    /// use counterplay_collective::spatial::election::{Election, Victory, Voting, coalitions};
    /// let at: [f64; 3] = [0.0, 4.0, 10.0];
    /// let utility = |k: usize, option: usize| -(at[k] - at[option]).abs();
    /// let strength = coalitions(3, 3, |k, i, j| Voting::Binary.vote(1.0, utility(k, i), utility(k, j)));
    /// let wins = Election::Conditional.probabilities(Victory::Linear, &strength);
    /// assert!(wins.iter().zip([2.0 / 7.0, 4.0 / 7.0, 1.0 / 7.0]).all(|(p, q)| (p - q).abs() < 1e-7));
    /// ```
    pub fn probabilities(self, victory: Victory, coalitions: &[Vec<f64>]) -> Vec<f64> {
        let n = coalitions.len();
        let beats = |i: usize, j: usize| {
            if i == j { 0.5 } else { victory.probability(coalitions[i][j], coalitions[j][i]) }
        };
        match self {
            Self::Conditional => {
                let all: Vec<f64> = (0..n).map(|i| (0..n).map(|j| beats(i, j)).product::<f64>()).collect();
                let some: f64 = all.iter().sum();
                all.iter().map(|p| p / some).collect()
            }
            Self::MarkovUniform => {
                stationary((0..n).map(|i| (0..n).map(|j| beats(j, i) / n as f64).collect()).collect())
            }
            Self::MarkovIncentive => {
                let incentive = |challenger: usize, favourite: usize| {
                    let own = if challenger == favourite { OWN_INCENTIVE } else { 0.0 };
                    coalitions[challenger][favourite] * beats(challenger, favourite) + own
                };
                let row = |favourite: usize| -> Vec<f64> {
                    let incentives: Vec<f64> = (0..n).map(|k| incentive(k, favourite)).collect();
                    let total: f64 = incentives.iter().sum();
                    let wins =
                        |challenger: usize| incentives[challenger] / total * beats(challenger, favourite);
                    (0..n).map(wins).collect()
                };
                stationary((0..n).map(row).collect())
            }
        }
    }
}

/// The stationary distribution of an irreducible chain from its rates between different states; the diagonal is not read. The
/// elimination subtracts nothing, so that even rates of very different size lose no digits (Grassmann, Taksar and Heyman 1985).
fn stationary(mut rates: Vec<Vec<f64>>) -> Vec<f64> {
    let n = rates.len();
    for k in (1..n).rev() {
        // Rates that underflow to nothing would leave 0/0 behind.
        let out = rates[k][..k].iter().sum::<f64>().max(f64::MIN_POSITIVE);
        let (upper, lower) = rates.split_at_mut(k);
        let last = &lower[0];
        for row in upper.iter_mut() {
            row[k] /= out;
            for j in 0..k {
                row[j] += row[k] * last[j];
            }
        }
    }
    let mut weight = vec![1.0; n];
    for k in 1..n {
        weight[k] = (0..k).map(|i| weight[i] * rates[i][k]).sum();
    }
    let total: f64 = weight.iter().sum();
    weight.iter().map(|w| w / total).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stationary_distribution_stays_as_it_is() {
        let rates = vec![vec![0.0, 0.2, 0.1], vec![0.05, 0.0, 0.3], vec![0.4, 1e-9, 0.0]];
        let p = stationary(rates.clone());
        for j in 0..3 {
            let (inflow, outflow): (f64, f64) =
                ((0..3).map(|i| p[i] * rates[i][j]).sum(), (0..3).map(|i| p[j] * rates[j][i]).sum());
            assert!((inflow - outflow).abs() < 1e-15, "{p:?}");
        }
    }

    #[test]
    fn victory_is_even_between_equals_and_the_two_sides_sum_to_one() {
        for model in [Victory::Linear, Victory::Square, Victory::Quartic, Victory::Octic, Victory::Binary] {
            assert_eq!(model.probability(3.0, 3.0), 0.5, "{model:?}");
            for (a, b) in [(1.0, 1.05), (2.0, 7.0), (1e-8, 40.0)] {
                let both = model.probability(a, b) + model.probability(b, a);
                assert!((both - 1.0).abs() < 1e-12, "{model:?}: {both}");
            }
        }
    }

    #[test]
    fn two_options_win_as_they_beat_each_other_in_one_round() {
        let strength = vec![vec![1.0, 3.0], vec![1.0, 1.0]];
        let p = Election::Conditional.probabilities(Victory::Linear, &strength);
        assert!((p[0] - 0.75).abs() < 1e-15);
        // Challenged uniformly, the favourite changes with these same probabilities.
        let p = Election::MarkovUniform.probabilities(Victory::Linear, &strength);
        assert!((p[0] - 0.75).abs() < 1e-15);
    }
}
