//! Shapley values: what each of several factors contributes, averaged over all orders in which they could be
//! added (Shapley 1953).

/// The Shapley value of each of `factors` factors, where `worth[s]` is the worth of the set of factors whose
/// bits are set in `s`.
///
/// $$ \phi_f = \sum_{S \not\ni f} \frac{|S|!\,(k - |S| - 1)!}{k!} \bigl(v(S \cup f) - v(S)\bigr). $$
/// The values sum to the worth of all factors less that of none.
///
/// ```
/// use counterplay::shapley::shapley;
/// // Two gloves make a pair, and one alone is worth nothing: each carries half.
/// assert_eq!(shapley(2, &[0.0, 0.0, 0.0, 1.0]), [0.5, 0.5]);
/// ```
///
/// # Panics
/// If `worth` does not have an entry for every set.
pub fn shapley(factors: usize, worth: &[f64]) -> Vec<f64> {
    assert_eq!(worth.len(), 1 << factors, "a worth for every set of factors");
    let weights = set_weights(factors);
    (0..factors)
        .map(|factor| {
            let without = (0..worth.len()).filter(|s| s >> factor & 1 == 0);
            without.map(|s| weights[s.count_ones() as usize] * (worth[s | 1 << factor] - worth[s])).sum()
        })
        .collect()
}

/// $|S|!\,(k - |S| - 1)!/k!$ for each size of $S$.
fn set_weights(factors: usize) -> Vec<f64> {
    // 1 / (k * binomial(k - 1, s)), built up without factorials that overflow.
    let mut weights = Vec::with_capacity(factors);
    let mut binomial = 1.0;
    for size in 0..factors {
        weights.push(1.0 / (factors as f64 * binomial));
        binomial *= (factors - 1 - size) as f64 / (size + 1) as f64;
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_values_sum_to_the_whole_difference(worth in proptest::collection::vec(-1.0..1.0f64, 32)) {
            let sum: f64 = shapley(5, &worth).iter().sum();
            prop_assert!((sum - (worth[31] - worth[0])).abs() < 1e-12);
        }

        #[test]
        fn a_factor_that_adds_nothing_gets_nothing(half in proptest::collection::vec(-1.0..1.0f64, 16)) {
            let worth: Vec<f64> = half.iter().chain(&half).copied().collect();
            prop_assert!(shapley(5, &worth)[4].abs() < 1e-12);
        }

        #[test]
        fn factors_that_add_the_same_get_the_same(by_size in proptest::collection::vec(-1.0..1.0f64, 6)) {
            let worth: Vec<f64> = (0..32u32).map(|s| by_size[s.count_ones() as usize]).collect();
            let values = shapley(5, &worth);
            prop_assert!(values.iter().all(|v| (v - values[0]).abs() < 1e-12));
        }
    }
}
