//! Power-scaling: how much an answer moves when a prior, or the likelihood, counts for a little less or more.
//!
//! A component of the posterior density, a prior or the likelihood, is raised to a power $\alpha$. At $\alpha < 1$ it
//! counts for less, at $\alpha > 1$ for more. The draws are weighed by $\alpha - 1$ times the component's logarithm,
//! smoothed, at $\alpha = 0.8$ and $\alpha = 1/0.8 = 1.25$, and the distance between the distributions before and
//! after is taken (Kallioinen, Paananen, Bürkner and Vehtari 2023, "Detecting and diagnosing prior and likelihood
//! sensitivity with power-scaling", Statistics and Computing 34:57).

use counterplay_math::log2;

use counterplay_inference::importance::{Weighing, pareto_smoothed};

/// The lower power; the upper one is its inverse.
pub const LOWER_POWER: f64 = 0.8;
/// The upper power.
pub const UPPER_POWER: f64 = 1.25;
/// A sensitivity from which on the paper speaks of one: for a normal quantity, the mean moves by about a third of a
/// standard deviation when $\alpha$ doubles.
pub const THRESHOLD: f64 = 0.05;

/// Draws weighed for both powers of one component.
#[derive(Clone, Debug)]
pub struct PowerScaled {
    /// With the component at the power 0.8.
    pub lower: Weighing,
    /// With the component at the power 1.25.
    pub upper: Weighing,
}

impl PowerScaled {
    /// Weighs draws at which the component's logarithm has these values.
    pub fn new(log_component: &[f64]) -> Self {
        let at = |power: f64| {
            pareto_smoothed(&log_component.iter().map(|l| (power - 1.0) * l).collect::<Vec<_>>())
        };
        Self { lower: at(LOWER_POWER), upper: at(UPPER_POWER) }
    }

    /// The larger tail shape of the two weighings.
    pub fn pareto_k(&self) -> f64 {
        self.lower.pareto_k.max(self.upper.pareto_k)
    }

    /// Whether both weighings can be relied on.
    pub fn reliable(&self) -> bool {
        self.lower.reliable() && self.upper.reliable()
    }

    /// The sensitivity of a quantity, at least 0: how fast its distribution moves with $\log_2 \alpha$,
    /// $(D(0.8) + D(1.25)) / (2 \log_2 1.25)$ with the [distance](OrderedValues::distance) $D$.
    pub fn sensitivity(&self, of: &OrderedValues) -> f64 {
        (of.distance(&self.lower.weights) + of.distance(&self.upper.weights)) / (2.0 * log2(UPPER_POWER))
    }
}

/// The values of a quantity in every draw, with their order.
#[derive(Clone, Debug)]
pub struct OrderedValues {
    values: Vec<f64>,
    order: Vec<usize>,
}

impl OrderedValues {
    /// Sorts the values; those that are not numbers are left out.
    pub fn new(values: &[f64]) -> Self {
        let mut order: Vec<usize> = (0..values.len()).filter(|&s| !values[s].is_nan()).collect();
        order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
        Self { values: values.to_vec(), order }
    }

    /// The cumulative Jensen-Shannon distance between the values as they are and the values weighed, in \[0, 1\].
    ///
    /// With the distribution functions $P$ and $Q$ and $M = (P + Q)/2$ it is the root of
    /// $\int (P \log_2 \frac{P}{M} + Q \log_2 \frac{Q}{M})\\,dx \\,/ \int (P + Q)\\,dx$ (Nguyen and Vreeken 2015,
    /// normalised as Kallioinen et al. 2023, equation 8), and the larger of this and the same for the values' negatives.
    /// It is the same whatever the quantity's unit; 0 for a quantity that does not vary.
    pub fn distance(&self, weights: &[f64]) -> f64 {
        let total: f64 = self.order.iter().map(|&s| weights[s]).sum();
        let (mut upwards, mut downwards) = (Divergence::default(), Divergence::default());
        let mut weighed = 0.0;
        for (rank, pair) in self.order.windows(2).enumerate() {
            let width = self.values[pair[1]] - self.values[pair[0]];
            weighed += weights[pair[0]] / total;
            let even = (rank + 1) as f64 / self.order.len() as f64;
            upwards.add(width, even, weighed);
            downwards.add(width, 1.0 - even, 1.0 - weighed);
        }
        upwards.distance().max(downwards.distance())
    }
}

/// The two integrals of a distance.
#[derive(Clone, Copy, Debug, Default)]
struct Divergence {
    between: f64,
    bound: f64,
}

impl Divergence {
    fn add(&mut self, width: f64, p: f64, q: f64) {
        let (p, q) = (p.max(0.0), q.max(0.0));
        let middle = 0.5 * (p + q);
        let term = |x: f64| if x > 0.0 { x * log2(x / middle) } else { 0.0 };
        self.between += width * (term(p) + term(q));
        self.bound += width * (p + q);
    }

    fn distance(self) -> f64 {
        if self.bound > 0.0 { (self.between.max(0.0) / self.bound).sqrt() } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterplay_inference::distribution::Concrete;

    const DRAWS: usize = 4000;

    fn quantiles(of: &Concrete, draws: usize) -> Vec<f64> {
        (0..draws).map(|s| of.quantile((s as f64 + 0.5) / draws as f64)).collect()
    }

    fn near(found: f64, wanted: f64, tolerance: f64) {
        assert!((found - wanted).abs() <= tolerance, "{found} is not {wanted}");
    }

    fn sd(weighing: &Weighing, values: &[f64]) -> f64 {
        let mean = weighing.mean(values);
        weighing.mean(&values.iter().map(|x| (x - mean).powi(2)).collect::<Vec<_>>()).sqrt()
    }

    /// Prior N(0, 1), one observation y = 1.8 with sd 1: the posterior is N(0.9, 1/2). With the prior at the power a it
    /// is N(1.8 / (1 + a), 1 / (1 + a)); with the likelihood at the power a, N(1.8 a / (1 + a), 1 / (1 + a)).
    #[test]
    fn power_scaled_normal_posteriors_are_the_exact_ones() {
        let draws = quantiles(&Concrete::Normal { mean: 0.9, sd: 0.5_f64.sqrt() }, DRAWS);
        let prior = PowerScaled::new(&draws.iter().map(|x| -0.5 * x * x).collect::<Vec<_>>());
        let likelihood =
            PowerScaled::new(&draws.iter().map(|x| -0.5 * (1.8 - x).powi(2)).collect::<Vec<_>>());
        for (a, prior, likelihood) in
            [(LOWER_POWER, &prior.lower, &likelihood.lower), (UPPER_POWER, &prior.upper, &likelihood.upper)]
        {
            near(prior.mean(&draws), 1.8 / (1.0 + a), 0.003);
            near(sd(prior, &draws), (1.0 / (1.0 + a)).sqrt(), 0.003);
            near(likelihood.mean(&draws), 1.8 * a / (1.0 + a), 0.003);
            near(sd(likelihood, &draws), (1.0 / (1.0 + a)).sqrt(), 0.003);
        }
    }

    /// On its log odds a beta(3, 2) prior at the power a is beta(3a, 2a); with 7 successes of 10 the posterior is then
    /// beta(3a + 7, 2a + 3), and with the likelihood at the power a it is beta(3 + 7a, 2 + 3a).
    #[test]
    fn power_scaled_beta_posteriors_are_the_exact_ones() {
        let draws = quantiles(&Concrete::Beta { alpha: 10.0, beta: 5.0 }, DRAWS);
        let log = |a: f64, b: f64| draws.iter().map(|x| a * x.ln() + b * (1.0 - x).ln()).collect::<Vec<_>>();
        let (prior, likelihood) = (PowerScaled::new(&log(3.0, 2.0)), PowerScaled::new(&log(7.0, 3.0)));
        for (a, prior, likelihood) in
            [(LOWER_POWER, &prior.lower, &likelihood.lower), (UPPER_POWER, &prior.upper, &likelihood.upper)]
        {
            for (found, alpha, beta) in
                [(prior, 3.0 * a + 7.0, 2.0 * a + 3.0), (likelihood, 3.0 + 7.0 * a, 2.0 + 3.0 * a)]
            {
                let exact = Concrete::Beta { alpha, beta };
                near(found.mean(&draws), exact.mean(), 0.001);
                near(sd(found, &draws), exact.sd(), 0.001);
            }
        }
    }

    /// `ArviZ` 0.23.4 (`psens` with `delta = 0.25`) on a thousand quantiles of N(0.6, 0.8²) and a standard normal prior.
    #[test]
    fn the_sensitivity_is_that_of_arviz() {
        let draws = quantiles(&Concrete::Normal { mean: 0.6, sd: 0.8 }, 1000);
        let scaled = PowerScaled::new(&draws.iter().map(|x| -0.5 * x * x).collect::<Vec<_>>());
        near(scaled.upper.mean(&draws), 0.517_241_860_6, 1e-8);
        near(scaled.lower.mean(&draws), 0.688_719_946_2, 1e-8);
        near(scaled.sensitivity(&OrderedValues::new(&draws)), 0.114_440_834_9, 1e-8);
    }

    #[test]
    fn what_a_component_says_nothing_of_is_not_sensitive_to_it() {
        let draws = quantiles(&Concrete::Normal { mean: 0.0, sd: 1.0 }, 1000);
        let level = PowerScaled::new(&vec![-2.0; 1000]);
        near(level.sensitivity(&OrderedValues::new(&draws)), 0.0, 1e-7);
        let scaled = PowerScaled::new(&draws.iter().map(|x| -0.5 * x * x).collect::<Vec<_>>());
        assert_eq!(scaled.sensitivity(&OrderedValues::new(&vec![0.3; 1000])), 0.0);
    }

    /// The distance does not depend on the unit, nor on which way the quantity is counted.
    #[test]
    fn the_distance_is_the_same_in_any_unit() {
        let draws = quantiles(&Concrete::Beta { alpha: 2.0, beta: 5.0 }, 500);
        let weights: Vec<f64> = draws.iter().map(|x| x / draws.iter().sum::<f64>()).collect();
        let distance = |f: &dyn Fn(f64) -> f64| {
            OrderedValues::new(&draws.iter().map(|&x| f(x)).collect::<Vec<_>>()).distance(&weights)
        };
        near(distance(&|x| 40.0 * x - 7.0), distance(&|x| x), 1e-12);
        near(distance(&|x| -x), distance(&|x| x), 1e-12);
        assert!(distance(&|x| x) > 0.1);
    }
}
