//! Which factor carries more than which, as far as the error of simulation tells.

use counterplay_analysis::interval::estimate;
use counterplay_analysis::{BEYOND_ERROR, Rank};
use counterplay_math::hypot;

/// Shares that differ by less are equal: sums in another order differ in their last digits.
const EQUAL: f64 = 1e-9;

/// The ranks of shares by their size, from the values of each at every draw, and the error of each that comes from sampled orders.
/// Shares are compared draw by draw, so that what moves both at a draw does not count as error.
pub(super) fn ranks(shares: &[Vec<f64>], order_errors: &[f64]) -> Vec<Rank> {
    let way = |values: &[f64]| if estimate(values).value < 0.0 { -1.0 } else { 1.0 };
    let ways: Vec<f64> = shares.iter().map(|values| way(values)).collect();
    Rank::of(shares.len(), |a, b| {
        let pairs = shares[a].iter().zip(&shares[b]);
        let apart: Vec<f64> = pairs.map(|(x, y)| ways[a] * x - ways[b] * y).collect();
        let found = estimate(&apart);
        let error = hypot(found.error, hypot(order_errors[a], order_errors[b]));
        found.value > (BEYOND_ERROR * error).max(EQUAL)
    })
}

#[cfg(test)]
mod tests {
    use super::ranks;

    fn places(shares: &[Vec<f64>], order_errors: &[f64]) -> Vec<(usize, usize)> {
        ranks(shares, order_errors).into_iter().map(|r| (r.first, r.last)).collect()
    }

    #[test]
    fn equal_shares_have_one_place() {
        let shares = [vec![0.2, 0.3], vec![0.2, 0.3], vec![0.1, 0.1]];
        assert_eq!(places(&shares, &[0.0; 3]), [(1, 2), (1, 2), (3, 3)]);
    }

    #[test]
    fn size_counts_whichever_way_a_share_goes() {
        let shares = [vec![0.1, 0.1], vec![-0.4, -0.5]];
        assert_eq!(places(&shares, &[0.0; 2]), [(2, 2), (1, 1)]);
    }

    #[test]
    fn what_moves_both_shares_is_no_error_and_what_moves_one_is() {
        let wide: Vec<f64> = (0..50).map(f64::from).collect();
        let above: Vec<f64> = wide.iter().map(|x| x + 0.1).collect();
        assert_eq!(places(&[wide.clone(), above.clone()], &[0.0; 2]), [(2, 2), (1, 1)]);
        let turned: Vec<f64> = above.iter().rev().copied().collect();
        assert_eq!(places(&[wide.clone(), turned], &[0.0; 2]), [(1, 2), (1, 2)]);
        assert_eq!(places(&[wide, above], &[0.1; 2]), [(1, 2), (1, 2)]);
    }
}
