//! What the actors expect of challenging each other.

use counterplay_math::powf;

use super::{Issue, Settings, Success};
use crate::spatial::centre::median;

/// What everybody expects of everybody.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlook {
    /// The exponent of each actor's utility: 1 for risk neutral, below for risk averse, above for risk acceptant; in \[½, 2\].
    pub risk_exponents: Vec<f64>,
    /// $P_{ij}$, the probability that a challenge of $i$ (row) to $j$ (column) succeeds.
    pub success: Vec<Vec<f64>>,
    /// $E_{ij}$, what $i$ (row) expects to gain from a challenge to $j$ (column), over leaving it alone; in \[-4, 4\].
    pub expected_utility: Vec<Vec<f64>>,
}

impl Outlook {
    pub(super) fn at(issue: &Issue, positions: &[f64], settings: &Settings) -> Self {
        let n = positions.len();
        let weights = issue.actors.weights(0);
        let centre = median(positions, &weights).middle();
        let success: Vec<Vec<f64>> = (0..n)
            .map(|i| (0..n).map(|j| settings.success.probability(positions, &weights, i, j)).collect())
            .collect();
        let expected = |risk: &[f64]| -> Vec<Vec<f64>> {
            let of = |i: usize, j: usize| {
                if positions[i] == positions[j] {
                    return 0.0;
                }
                let expects = Expects {
                    risk: risk[i],
                    apart: (positions[i] - positions[j]).abs() / issue.spread,
                    from_centre: (positions[i] - centre).abs() / issue.spread,
                    success: success[i][j],
                    their_salience: issue.actors.list()[j].salience[0],
                };
                expects.of_challenging() - expects.of_leaving_alone(settings.stalemate)
            };
            (0..n).map(|i| (0..n).map(|j| of(i, j)).collect()).collect()
        };
        let risk_exponents = risk_exponents(&expected(&vec![1.0; n]));
        let expected_utility = expected(&risk_exponents);
        Self { risk_exponents, success, expected_utility }
    }
}

impl Success {
    fn probability(self, positions: &[f64], weights: &[f64], i: usize, j: usize) -> f64 {
        let (mut with, mut against) = (0.0, 0.0);
        for (x, weight) in positions.iter().zip(weights) {
            let vote = weight * ((x - positions[j]).abs() - (x - positions[i]).abs());
            if vote > 0.0 {
                with += vote;
            } else {
                against -= vote;
            }
        }
        match self {
            // Without a vote on either side there is nothing to win: both stand at the same place, or those who do not have no weight.
            _ if with + against == 0.0 => 0.0,
            Self::Share => with / (with + against),
            Self::Lead => f64::max(0.0, with - against) / (with + against),
        }
    }
}

/// What one actor thinks of another, with distances as shares of the spread.
struct Expects {
    risk: f64,
    apart: f64,
    from_centre: f64,
    success: f64,
    their_salience: f64,
}

impl Expects {
    /// $2 - 4 (\tfrac{1}{2} - \tfrac{1}{2} a)^r$: what a change by $a$ for the better is worth; for the worse where $a$ is negative.
    fn utility(&self, gain: f64) -> f64 {
        // From rounds in which somebody stands beyond the positions as stated, by rounding, the base could be below zero.
        2.0 - 4.0 * powf((0.5 - 0.5 * gain).max(0.0), self.risk)
    }

    /// $s_j (P_{ij} u^s + (1 - P_{ij}) u^f) + (1 - s_j) u^s$: one that does not care gives in without a contest.
    fn of_challenging(&self) -> f64 {
        let (win, lose) = (self.utility(self.apart), self.utility(-self.apart));
        let contest = self.success * win + (1.0 - self.success) * lose;
        self.their_salience * contest + (1.0 - self.their_salience) * win
    }

    /// $Q u^q + (1 - Q) (T u^b + (1 - T) u^w)$. If it does not stay, the other is taken to go towards the median, which is for the
    /// better ($T = 1$) if the median is nearer to the actor than the other is, and for the worse else; by
    /// $\tfrac{1}{2} (|x_i - \mu| + |x_i - x_j|)$, on the average of the two.
    fn of_leaving_alone(&self, stalemate: f64) -> f64 {
        let change = 0.5 * (self.from_centre + self.apart);
        let change = if self.from_centre < self.apart { change } else { -change };
        stalemate * self.utility(0.0) + (1.0 - stalemate) * self.utility(change)
    }
}

/// The exponents of risk from expected utilities as a risk-neutral actor sees them.
///
/// An actor's security is what all others together expect of challenging it, $S_i = \sum_j E_{ji}$. On the way from the safest position
/// to the one most at risk, $R_i = (2 S_i - \max S - \min S) / (\max S - \min S)$, and $r_i = (1 - R_i/3) / (1 + R_i/3)$: the actor of
/// whom others expect least has $r = 2$, the one of whom they expect most has $r = ½$. If nobody differs, all have 1.
///
/// ```
/// use counterplay_collective::spatial::expected_utility::risk_exponents;
/// // The columns sum to 0, 1 and 2.
/// let expected = [[0.0, 1.0, 1.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]].map(|row| row.to_vec());
/// let found = risk_exponents(&expected);
/// assert!(found.iter().zip([2.0, 1.0, 0.5]).all(|(r, known)| (r - known).abs() < 1e-15));
/// ```
pub fn risk_exponents(expected_utility: &[Vec<f64>]) -> Vec<f64> {
    // Where the differences are no more than rounding, they would be blown up to the whole range.
    const ROUNDING: f64 = 1e-9;
    let n = expected_utility.len();
    let threat: Vec<f64> = (0..n).map(|i| (0..n).map(|j| expected_utility[j][i]).sum()).collect();
    let most = threat.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let least = threat.iter().copied().fold(f64::INFINITY, f64::min);
    if most - least <= ROUNDING {
        return vec![1.0; n];
    }
    let exponent = |s: &f64| {
        let risk = (2.0 * s - most - least) / (most - least);
        (1.0 - risk / 3.0) / (1.0 + risk / 3.0)
    };
    threat.iter().map(exponent).collect()
}
