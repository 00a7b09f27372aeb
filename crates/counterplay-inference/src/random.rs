//! Draws from the normal, exponential and gamma distributions.
//!
//! Made of uniform numbers and of [`counterplay_math`] alone, so that a seed gives the same draws on every machine.

use counterplay_math::{ln, normal_quantile};
use rand::distr::Open01;
use rand::{Rng, RngExt};

/// A uniform number above 0 and below 1.
pub fn uniform(rng: &mut (impl Rng + ?Sized)) -> f64 {
    rng.sample(Open01)
}

/// A standard normal quantity: the quantile of a uniform one.
pub fn normal(rng: &mut (impl Rng + ?Sized)) -> f64 {
    normal_quantile(uniform(rng))
}

/// An exponential quantity with mean one.
pub fn exponential(rng: &mut (impl Rng + ?Sized)) -> f64 {
    -ln(uniform(rng))
}

/// The logarithm of a gamma quantity with rate one; NaN unless the shape is positive.
///
/// $\ln x = \ln y + \ln(u) / a$, where $y$ has shape $a + 1$ and $u$ is uniform (Marsaglia and Tsang 2000, section 6), so that a
/// small shape does not underflow.
pub fn log_gamma(shape: f64, rng: &mut (impl Rng + ?Sized)) -> f64 {
    if shape.is_nan() || shape <= 0.0 {
        return f64::NAN;
    }
    ln(gamma_from_one(shape + 1.0, rng)) - exponential(rng) / shape
}

/// A gamma quantity with rate one and a shape of at least one, by rejection from a cubed normal (Marsaglia and Tsang 2000).
fn gamma_from_one(shape: f64, rng: &mut (impl Rng + ?Sized)) -> f64 {
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = normal(rng);
        let root = 1.0 + c * x;
        let v = root * root * root;
        if v <= 0.0 {
            continue;
        }
        if ln(uniform(rng)) < 0.5 * x * x + d * (1.0 - v + ln(v)) {
            return d * v;
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::distribution::Concrete;

    const DRAWS: usize = 40_000;

    /// The largest distance between the share of draws below a number and its probability, in units of $1 / \sqrt n$: below 1.95 with
    /// probability 0.999 (Kolmogorov).
    fn distance(mut draws: Vec<f64>, cdf: impl Fn(f64) -> f64) -> f64 {
        draws.sort_by(f64::total_cmp);
        let n = draws.len() as f64;
        let gap = |(k, x): (usize, &f64)| (cdf(*x) - (k as f64 + 0.5) / n).abs();
        draws.iter().enumerate().map(gap).fold(0.0, f64::max) * n.sqrt()
    }

    fn drawn(draw: impl Fn(&mut ChaCha8Rng) -> f64) -> Vec<f64> {
        let mut rng = ChaCha8Rng::seed_from_u64(11);
        (0..DRAWS).map(|_| draw(&mut rng)).collect()
    }

    fn assert_drawn_from(law: &Concrete, draws: Vec<f64>) {
        assert!(distance(draws, |x| law.cdf(x)) < 1.95, "{law:?}");
    }

    #[test]
    fn draws_are_from_their_distributions() {
        let normal_law = Concrete::Normal { mean: 0.0, sd: 1.0 };
        assert_drawn_from(&normal_law, drawn(normal));
        assert_drawn_from(&Concrete::Exponential { rate: 1.0 }, drawn(exponential));
        for shape in [0.3, 1.0, 2.5, 80.0] {
            let draws = drawn(|rng| counterplay_math::exp(log_gamma(shape, rng)));
            assert_drawn_from(&Concrete::Gamma { shape, rate: 1.0 }, draws);
        }
        assert!(distance(drawn(normal), |x| normal_law.cdf(x - 0.03)) > 1.95, "nothing was measured");
    }

    #[test]
    fn a_tiny_shape_does_not_underflow_and_a_bad_one_has_no_draw() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        assert!((0..1000).all(|_| log_gamma(1e-6, &mut rng).is_finite()));
        assert!([0.0, -1.0, f64::NAN].iter().all(|&shape| log_gamma(shape, &mut rng).is_nan()));
    }
}
