//! Shapley values: what each of several factors contributes, averaged over all orders in which they could be
//! added (Shapley 1953); and the same for what two of them contribute only together.

mod orders;

pub use orders::Orders;

/// With more factors than this there are too many sets to go through them all, and orders are sampled.
pub const MAX_EXACT_FACTORS: usize = 12;

/// The Shapley value of each of `factors` factors, where `worth[s]` is the worth of the set of factors whose
/// bits are set in `s`.
///
/// $$ \phi_f = \sum_{S \not\ni f} \frac{|S|!\\,(k - |S| - 1)!}{k!} \bigl(v(S \cup f) - v(S)\bigr). $$
/// The values sum to the worth of all factors less that of none.
///
/// ```
/// use counterplay::causality::shapley::shapley;
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

/// The Shapley interaction index of each pair of factors, in the order of [`pairs`]: what the two contribute
/// together beyond what each contributes alone.
///
/// $$ I_{fg} = \sum_{S \not\ni f, g} \frac{|S|!\\,(k - |S| - 2)!}{(k - 1)!}
///    \bigl(v(S \cup \\{f, g\\}) - v(S \cup f) - v(S \cup g) + v(S)\bigr). $$
/// Above zero where the two reinforce each other, below zero where either does what the other would do, and zero
/// where neither matters to what the other contributes. Source: Grabisch and Roubens (1999).
///
/// ```
/// use counterplay::causality::shapley::interactions;
/// assert_eq!(interactions(2, &[0.0, 0.0, 0.0, 1.0]), [1.0]); // both gloves are needed
/// assert_eq!(interactions(2, &[0.0, 1.0, 1.0, 1.0]), [-1.0]); // either umbrella is enough
/// ```
///
/// # Panics
/// If `worth` does not have an entry for every set.
pub fn interactions(factors: usize, worth: &[f64]) -> Vec<f64> {
    assert_eq!(worth.len(), 1 << factors, "a worth for every set of factors");
    // The pair enters as one among k - 1, so the weights are those of one factor fewer.
    let weights = set_weights(factors.saturating_sub(1));
    pairs(factors)
        .map(|(f, g)| {
            let both = 1 << f | 1 << g;
            let without = (0..worth.len()).filter(|s| s & both == 0);
            let second_difference =
                |s: usize| worth[s | both] - worth[s | 1 << f] - worth[s | 1 << g] + worth[s];
            without.map(|s| weights[s.count_ones() as usize] * second_difference(s)).sum()
        })
        .collect()
}

/// The pairs of factors: (0, 1), (0, 2), ..., (1, 2), ...
pub fn pairs(factors: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..factors).flat_map(move |first| (first + 1..factors).map(move |second| (first, second)))
}

/// $|S|!\\,(k - |S| - 1)!/k!$ for each size of $S$.
pub(crate) fn set_weights(factors: usize) -> Vec<f64> {
    // 1 / (k * binomial(k - 1, s)), built up without factorials that overflow.
    let mut weights = Vec::with_capacity(factors);
    let mut binomial = 1.0;
    for size in 0..factors {
        weights.push(1.0 / (factors as f64 * binomial));
        binomial *= (factors - 1 - size) as f64 / (size + 1) as f64;
    }
    weights
}

/// How values are found: from the worth of all sets, or of those that sampled orders pass.
#[derive(Clone, Debug)]
pub enum ShapleyMethod {
    /// Exactly, for this many factors.
    AllSets(usize),
    /// From orders that were drawn.
    Sampled(Orders),
}

impl ShapleyMethod {
    /// Exact up to [`MAX_EXACT_FACTORS`], sampled beyond.
    pub fn of(factors: usize, seed: u64) -> Self {
        if factors <= MAX_EXACT_FACTORS {
            Self::AllSets(factors)
        } else {
            Self::Sampled(Orders::draw(factors, Orders::affordable_pairs(factors), seed))
        }
    }

    /// Whether all sets of factors are gone through.
    pub(crate) fn is_exact(&self) -> bool {
        matches!(self, Self::AllSets(_))
    }

    /// The sets whose worth is needed, as numbers whose bits say which factors are in.
    pub fn sets(&self) -> Vec<u64> {
        match self {
            Self::AllSets(factors) => (0..1 << factors).collect(),
            Self::Sampled(orders) => orders.sets().to_vec(),
        }
    }

    /// The Shapley values, where `worth` goes with [`sets`](Self::sets).
    pub fn shapley(&self, worth: &[f64]) -> Vec<f64> {
        match self {
            Self::AllSets(factors) => shapley(*factors, worth),
            Self::Sampled(orders) => orders.shapley(worth),
        }
    }

    /// The interaction of each pair; not a number for a pair that no sampled order has side by side.
    pub fn interactions(&self, worth: &[f64]) -> Vec<f64> {
        match self {
            Self::AllSets(factors) => interactions(*factors, worth),
            Self::Sampled(orders) => orders.interactions(worth).into_iter().map(|e| e.value).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The interaction by its other definition: the mean, over all orders of all but one of the pair, of the
    /// difference that the partner makes to the difference.
    fn interaction_by_orders(factors: usize, worth: &[f64], f: usize, g: usize) -> f64 {
        fn orders(left: &[usize]) -> Vec<Vec<usize>> {
            if left.is_empty() {
                return vec![Vec::new()];
            }
            let rest = |x: usize| left.iter().copied().filter(move |y| *y != x).collect::<Vec<_>>();
            left.iter()
                .flat_map(|&x| orders(&rest(x)).into_iter().map(move |o| [vec![x], o].concat()))
                .collect()
        }
        // The pair is named by its first, which enters with the second.
        let all = orders(&(0..factors).filter(|x| *x != g).collect::<Vec<_>>());
        let of_order = |order: &Vec<usize>| {
            let s: usize = order.iter().take_while(|x| **x != f).map(|x| 1 << x).sum();
            worth[s | 1 << f | 1 << g] - worth[s | 1 << f] - worth[s | 1 << g] + worth[s]
        };
        all.iter().map(of_order).sum::<f64>() / all.len() as f64
    }

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
            let with_it = pairs(5).zip(interactions(5, &worth)).filter(|(pair, _)| pair.1 == 4);
            prop_assert!(with_it.into_iter().all(|(_, index)| index.abs() < 1e-12));
        }

        #[test]
        fn factors_that_add_the_same_get_the_same(by_size in proptest::collection::vec(-1.0..1.0f64, 6)) {
            let worth: Vec<f64> = (0..32u32).map(|s| by_size[s.count_ones() as usize]).collect();
            let values = shapley(5, &worth);
            prop_assert!(values.iter().all(|v| (v - values[0]).abs() < 1e-12));
            let indices = interactions(5, &worth);
            prop_assert!(indices.iter().all(|v| (v - indices[0]).abs() < 1e-12));
        }

        #[test]
        fn factors_that_add_up_do_not_interact(each in proptest::collection::vec(-1.0..1.0f64, 5)) {
            let worth: Vec<f64> =
                (0..32usize).map(|s| (0..5).filter(|f| s >> f & 1 == 1).map(|f| each[f]).sum()).collect();
            prop_assert!(interactions(5, &worth).iter().all(|v| v.abs() < 1e-12));
            prop_assert!(shapley(5, &worth).iter().zip(&each).all(|(a, b)| (a - b).abs() < 1e-12));
        }

        #[test]
        fn an_interaction_is_the_mean_over_orders_with_the_pair_as_one(
            worth in proptest::collection::vec(-1.0..1.0f64, 32)
        ) {
            for ((f, g), index) in pairs(5).zip(interactions(5, &worth)) {
                prop_assert!((index - interaction_by_orders(5, &worth, f, g)).abs() < 1e-12);
            }
        }

        /// Splitting a value: what a factor adds where its partner is never there, plus half of what they do
        /// together, is its value in a game of two (Grabisch and Roubens 1999).
        #[test]
        fn of_two_factors_each_gets_its_own_and_half_of_what_they_do_together(
            [none, first, second, both] in proptest::array::uniform4(-1.0..1.0f64)
        ) {
            let worth = [none, first, second, both];
            let (values, index) = (shapley(2, &worth), interactions(2, &worth)[0]);
            prop_assert!((values[0] - (first - none + index / 2.0)).abs() < 1e-12);
            prop_assert!((values[1] - (second - none + index / 2.0)).abs() < 1e-12);
        }
    }
}
