//! Shapley values from sampled orders, for factors too many to go through all sets.
//!
//! Each order in which factors can be added gives each factor the difference that it makes when its turn comes;
//! the mean over orders drawn at random is an unbiased estimate of the Shapley values (Castro, Gómez and Tejada
//! 2009). Orders come in *antithetic pairs*: each with its reverse, in which a factor that came early comes late,
//! so that their errors tend to cancel (Mitchell, Cooper, Frank and Holmes 2022). Two factors side by side in an
//! order give, with the worth of the set in which they are swapped, an estimate of their interaction.

use counterplay_analysis::Estimate;
use counterplay_analysis::interval::estimate;
use counterplay_inference::key::Key;

use super::pairs;

/// Orders of factors, drawn in antithetic pairs, and the sets that they pass.
#[derive(Clone, Debug)]
pub struct Orders {
    factors: usize,
    /// All sets that are needed, in ascending order.
    sets: Vec<u64>,
    /// An order and its reverse, one after the other.
    routes: Vec<OrderRoute>,
}

/// One order, with positions among the sets.
#[derive(Clone, Debug)]
struct OrderRoute {
    order: Vec<usize>,
    /// The set before each turn, and the whole set.
    passed: Vec<usize>,
    /// For each turn but the last: the set in which the next factor came instead.
    swapped: Vec<usize>,
}

const ORDERS: u64 = 21;
/// About how many sets are worth their price: each is a world to be solved and replayed at each draw.
const AFFORDABLE_SETS: usize = 1024;

impl Orders {
    /// How many pairs of orders pass about as many sets as can be afforded.
    pub fn affordable_pairs(factors: usize) -> usize {
        (AFFORDABLE_SETS / (4 * factors.max(2) - 4)).max(6)
    }

    /// Draws pairs of orders of at most 64 factors; the same seed gives the same orders.
    ///
    /// # Panics
    /// If there are more than 64 factors.
    pub fn draw(factors: usize, pairs: usize, seed: u64) -> Self {
        assert!(factors <= 64, "a set of factors is a number of 64 bits");
        let key = Key::new(seed).with(ORDERS);
        let orders: Vec<Vec<usize>> = (0..pairs)
            .flat_map(|pair| {
                let order = shuffled(factors, key.with(pair as u64));
                let reverse = order.iter().rev().copied().collect();
                [order, reverse]
            })
            .collect();
        let mut sets: Vec<u64> = orders.iter().flat_map(|o| passed(o).chain(swapped(o))).collect();
        sets.sort_unstable();
        sets.dedup();
        let at = |set: u64| sets.binary_search(&set).unwrap_or_default();
        let route = |order: &Vec<usize>| OrderRoute {
            passed: passed(order).map(at).collect(),
            swapped: swapped(order).map(at).collect(),
            order: order.clone(),
        };
        let routes = orders.iter().map(route).collect();
        Self { factors, sets, routes }
    }

    /// The sets whose worth is needed, as numbers whose bits say which factors are in; ascending.
    pub fn sets(&self) -> &[u64] {
        &self.sets
    }

    /// How many orders were drawn, reverses included.
    pub fn count(&self) -> usize {
        self.routes.len()
    }

    /// Estimates of the Shapley values, where `worth` goes with the [sets](Self::sets); they sum exactly to the
    /// worth of all factors less that of none.
    ///
    /// ```
    /// use counterplay::causality::shapley::Orders;
    /// // Twenty voters and a simple majority: all alike.
    /// let orders = Orders::draw(20, 200, 1);
    /// let worth: Vec<f64> = orders.sets().iter().map(|s| f64::from(u8::from(s.count_ones() > 10))).collect();
    /// let values = orders.shapley(&worth);
    /// assert!((values.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    /// assert!(values.iter().all(|v| (v - 0.05).abs() < 0.06));
    /// ```
    pub fn shapley(&self, worth: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.factors];
        for route in &self.routes {
            route.add(worth, 1.0 / self.routes.len() as f64, &mut sums);
        }
        sums
    }

    /// The Monte Carlo standard errors of these estimates, from how much the pairs of orders differ.
    pub fn errors(&self, worth: &[f64]) -> Vec<f64> {
        let by_pair: Vec<Vec<f64>> = self
            .routes
            .chunks(2)
            .map(|pair| {
                let mut values = vec![0.0; self.factors];
                for route in pair {
                    route.add(worth, 0.5, &mut values);
                }
                values
            })
            .collect();
        let of = |factor: usize| by_pair.iter().map(|values| values[factor]).collect::<Vec<_>>();
        (0..self.factors).map(|factor| estimate(&of(factor)).error).collect()
    }

    /// Estimates of the interaction of each pair of factors, with Monte Carlo standard errors; not a number for
    /// a pair that no order has side by side, and with no error for one that only one order has.
    pub fn interactions(&self, worth: &[f64]) -> Vec<Estimate> {
        let mut seen: Vec<Vec<f64>> = vec![Vec::new(); self.factors * self.factors];
        for route in &self.routes {
            for (turn, &swapped) in route.swapped.iter().enumerate() {
                let (a, b) = (route.order[turn], route.order[turn + 1]);
                let [before, one, both] = [0, 1, 2].map(|k| worth[route.passed[turn + k]]);
                seen[a.min(b) * self.factors + a.max(b)].push(both - one - worth[swapped] + before);
            }
        }
        pairs(self.factors)
            .map(|(f, g)| match seen[f * self.factors + g].as_slice() {
                [] => Estimate { value: f64::NAN, error: f64::NAN },
                [one] => Estimate { value: *one, error: f64::NAN },
                several => estimate(several),
            })
            .collect()
    }
}

impl OrderRoute {
    /// Adds the difference that each factor makes at its turn, times a share.
    fn add(&self, worth: &[f64], share: f64, sums: &mut [f64]) {
        for (turn, &factor) in self.order.iter().enumerate() {
            sums[factor] += share * (worth[self.passed[turn + 1]] - worth[self.passed[turn]]);
        }
    }
}

/// A random order, each as likely (Fisher and Yates).
fn shuffled(factors: usize, key: Key) -> Vec<usize> {
    let mut order: Vec<usize> = (0..factors).collect();
    for last in (1..factors).rev() {
        let other = (key.with(last as u64).uniform() * (last + 1) as f64) as usize;
        order.swap(last, other);
    }
    order
}

/// The sets before each turn, and the whole.
fn passed(order: &[usize]) -> impl Iterator<Item = u64> + '_ {
    (0..=order.len()).map(|turn| order[..turn].iter().map(|f| 1u64 << f).sum())
}

/// The sets in which, at each turn but the last, the next factor came instead.
fn swapped(order: &[usize]) -> impl Iterator<Item = u64> + '_ {
    (1..order.len()).map(|turn| {
        let before: u64 = order[..turn - 1].iter().map(|f| 1u64 << f).sum();
        before | 1 << order[turn]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causality::shapley::{interactions, shapley};

    /// A worth with everything in it: own weights, pairs that reinforce or replace each other, a threshold.
    fn worth(set: u64) -> f64 {
        let has = |f: u32| set >> f & 1 == 1;
        let own: f64 = (0..10).filter(|&f| has(f)).map(|f| f64::from(f) / 50.0).sum();
        let both = if has(0) && has(1) { 0.3 } else { 0.0 };
        let either = if has(2) || has(3) { 0.25 } else { 0.0 };
        own + both + either + if set.count_ones() >= 6 { 0.2 } else { 0.0 }
    }

    fn exact(f: fn(usize, &[f64]) -> Vec<f64>) -> Vec<f64> {
        f(10, &(0..1 << 10).map(worth).collect::<Vec<f64>>())
    }

    fn sampled(orders: &Orders) -> Vec<f64> {
        orders.sets().iter().map(|&s| worth(s)).collect()
    }

    #[test]
    fn sampled_values_are_the_exact_ones_within_their_error_and_sum_to_the_whole() {
        let known = exact(shapley);
        for seed in 0..40 {
            let orders = Orders::draw(10, 60, seed);
            let worths = sampled(&orders);
            let (values, errors) = (orders.shapley(&worths), orders.errors(&worths));
            assert!((values.iter().sum::<f64>() - worth(1023) + worth(0)).abs() < 1e-12);
            for ((value, error), known) in values.iter().zip(&errors).zip(&known) {
                assert!((value - known).abs() <= 4.5 * error + 1e-12, "seed {seed}: {value}, not {known}");
            }
        }
    }

    /// Over many seeds, the squared error is as large as the reported one says.
    #[test]
    fn the_reported_error_is_as_large_as_the_real_one() {
        let known = exact(shapley);
        let (mut real, mut reported) = (0.0, 0.0);
        for seed in 0..400 {
            let orders = Orders::draw(10, 12, seed);
            let worths = sampled(&orders);
            real += orders.shapley(&worths).iter().zip(&known).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
            reported += orders.errors(&worths).iter().map(|e| e.powi(2)).sum::<f64>();
        }
        assert!((real / reported - 1.0).abs() < 0.15, "{}", real / reported);
    }

    /// With the same number of orders.
    #[test]
    fn antithetic_pairs_err_less_than_single_orders() {
        let known = exact(shapley);
        let (mut paired, mut single) = (0.0, 0.0);
        for seed in 0..400 {
            let orders = Orders::draw(10, 12, seed);
            let more = Orders::draw(10, 24, seed + 1000);
            let firsts = Orders { routes: more.routes.iter().step_by(2).cloned().collect(), ..more.clone() };
            assert_eq!(firsts.count(), orders.count());
            let error = |o: &Orders| -> f64 {
                o.shapley(&sampled(o)).iter().zip(&known).map(|(a, b)| (a - b).powi(2)).sum()
            };
            paired += error(&orders);
            single += error(&firsts);
        }
        assert!(paired < 0.8 * single, "{paired} against {single}");
    }

    #[test]
    fn sampled_interactions_are_the_exact_ones_within_their_error() {
        let known = exact(interactions);
        let orders = Orders::draw(10, 2000, 5);
        for (found, known) in orders.interactions(&sampled(&orders)).iter().zip(&known) {
            assert!((found.value - known).abs() <= 4.5 * found.error + 1e-12, "{found:?} is not {known}");
        }
    }

    #[test]
    fn a_factor_that_adds_nothing_gets_exactly_nothing_and_twins_get_the_same_within_the_error() {
        let orders = Orders::draw(20, 50, 3);
        // Factor 19 adds nothing; 0 and 1 add the same.
        let of = |s: u64| {
            f64::from((s & 0b11).count_ones()).sqrt() + f64::from((s >> 2 & 0xFFFF).count_ones() % 3)
        };
        let worths: Vec<f64> = orders.sets().iter().map(|&s| of(s)).collect();
        let (values, errors) = (orders.shapley(&worths), orders.errors(&worths));
        assert_eq!(values[19], 0.0);
        assert_eq!(errors[19], 0.0);
        assert!((values[0] - values[1]).abs() < 4.5 * (errors[0].powi(2) + errors[1].powi(2)).sqrt());
    }
}
