//! The weighted mean and the weighted median: what is forecast without any bargaining.

use super::{Actors, Positions};

/// A weighted median: every point from `low` to `high` has no more than half of the weight on either side. The two differ only
/// where exactly half of the weight lies on each side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Median {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Median {
    /// The middle between the ends: the median itself where it is one point.
    pub fn middle(self) -> f64 {
        self.low.midpoint(self.high)
    }
}

/// Shares of the weight that differ by less than this are the same: it covers the rounding of a sum.
const SAME_SHARE: f64 = 1e-12;

/// The weighted mean $\sum_i w_i x_i / \sum_i w_i$ of values with weights that are not all zero.
pub fn mean(values: &[f64], weights: &[f64]) -> f64 {
    let total: f64 = weights.iter().sum();
    values.iter().zip(weights).map(|(x, w)| x * w).sum::<f64>() / total
}

/// The weighted median of values with weights that are not all zero: the $x$ that minimise $\sum_i w_i |x - x_i|$.
///
/// It is also the Condorcet winner, if each actor prefers what is nearer to it (Black 1948): with votes by weight alone it has a
/// majority against every other position, and with votes in proportion to the difference in distance,
/// $\sum_i w_i (|x_i - y| - |x_i - x|)$ is the difference of the two sums that it minimises.
///
/// ```
/// use counterplay_collective::spatial::centre::{mean, median};
/// // One with most of the weight decides the median, but not the mean.
/// assert_eq!(median(&[0.0, 10.0, 30.0], &[1.0, 4.0, 2.0]).middle(), 10.0);
/// assert_eq!(mean(&[0.0, 10.0, 30.0], &[1.0, 4.0, 3.0]), 16.25);
/// // Half of the weight on either side leaves an interval.
/// let between = median(&[1.0, 5.0, 2.0, 9.0], &[1.0; 4]);
/// assert_eq!((between.low, between.high), (2.0, 5.0));
/// ```
pub fn median(values: &[f64], weights: &[f64]) -> Median {
    let mut pairs: Vec<(f64, f64)> = values.iter().copied().zip(weights.iter().copied()).collect();
    pairs.retain(|&(_, weight)| weight > 0.0);
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let total: f64 = pairs.iter().map(|p| p.1).sum();
    let mut below = 0.0;
    for (at, &(value, weight)) in pairs.iter().enumerate() {
        below += weight / total;
        if below >= 0.5 - SAME_SHARE {
            let next = pairs.get(at + 1).map_or(value, |next| next.0);
            let high = if below <= 0.5 + SAME_SHARE { next } else { value };
            return Median { low: value, high };
        }
    }
    // Not reached: the shares sum to one.
    Median { low: f64::NAN, high: f64::NAN }
}

impl Actors {
    /// The weighted mean of the positions as stated, by dimension.
    pub fn mean(&self) -> Vec<f64> {
        self.mean_of(&self.positions())
    }

    /// The weighted median of the positions as stated, by dimension.
    pub fn median(&self) -> Vec<Median> {
        self.median_of(&self.positions())
    }

    /// The weighted mean of positions that these actors have come to, by dimension.
    pub fn mean_of(&self, positions: &Positions) -> Vec<f64> {
        self.by_dimension(positions, mean)
    }

    /// The weighted median of positions that these actors have come to, by dimension.
    pub fn median_of(&self, positions: &Positions) -> Vec<Median> {
        self.by_dimension(positions, median)
    }

    fn by_dimension<T>(&self, positions: &Positions, centre: impl Fn(&[f64], &[f64]) -> T) -> Vec<T> {
        let column = |d: usize| positions.iter().map(|p| p[d]).collect::<Vec<f64>>();
        (0..self.dimensions()).map(|d| centre(&column(d), &self.weights(d))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_the_weight_on_each_side_leaves_a_whole_interval() {
        assert_eq!(median(&[1.0, 5.0, 2.0, 9.0], &[1.0; 4]), Median { low: 2.0, high: 5.0 });
        assert_eq!(median(&[1.0, 5.0, 2.0], &[1.0, 1.0, 1.0]), Median { low: 2.0, high: 2.0 });
        // Thirds do not sum to a half without rounding.
        assert_eq!(median(&[0.0, 1.0, 2.0], &[0.3, 0.6, 0.3 - 1e-17]).middle(), 1.0);
    }

    #[test]
    fn those_without_weight_do_not_stand_at_the_median() {
        assert_eq!(median(&[3.0, 1.0, 2.0], &[0.0, 1.0, 1.0]), Median { low: 1.0, high: 2.0 });
    }
}
