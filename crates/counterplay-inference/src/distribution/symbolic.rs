//! Log densities as expressions.

use std::f64::consts::PI;

use counterplay_game::expression::{ExprId, Expressions, Unary};
use counterplay_math::ln;

use super::{Argument, Concrete, Distribution, Rule};

impl<T: Copy> Distribution<T> {
    /// Whether `x` is a value that this kind of distribution can give, whatever its arguments.
    fn can_give(&self, x: f64) -> bool {
        match self {
            Self::Normal { .. } | Self::Uniform { .. } | Self::Point(_) => x.is_finite(),
            Self::Lognormal { .. } | Self::Gamma { .. } => x > 0.0 && x.is_finite(),
            Self::LogitNormal { .. } | Self::Beta { .. } => 0.0 < x && x < 1.0,
            Self::Exponential { .. } | Self::HalfNormal { .. } => x >= 0.0 && x.is_finite(),
            Self::Poisson { .. } | Self::NegBinomial { .. } => x >= 0.0 && x.is_finite() && x.fract() == 0.0,
            Self::Bernoulli { .. } => x == 0.0 || x == 1.0,
        }
    }
}

impl Distribution<ExprId> {
    /// [`log_density`](Self::log_density) at a known number.
    pub fn log_density_of(&self, e: &mut Expressions, x: f64) -> ExprId {
        let x = e.constant(x);
        self.log_density(e, x)
    }

    /// The natural logarithm of the density at `x`; for a discrete distribution, of the probability of `x`.
    ///
    /// It is minus infinity where `x` is a known number that the distribution cannot give. An `x` that
    /// depends on a parameter must lie in the support, except that the ends of `uniform` and the value of
    /// `point` are always looked at. The open ends of `lognormal`, `gamma`, `logit_normal` and `beta` count as
    /// outside. Where an argument is out of its range, too, it is minus infinity.
    pub fn log_density(&self, e: &mut Expressions, x: ExprId) -> ExprId {
        let density = self.log_density_if_valid(e, x);
        self.where_valid(e, density)
    }

    /// `log_density` where the arguments are in their ranges, and minus infinity elsewhere.
    pub fn where_valid(&self, e: &mut Expressions, log_density: ExprId) -> ExprId {
        let (zero, one, never) = (e.constant(0.0), e.constant(1.0), e.constant(f64::NEG_INFINITY));
        let mut result = log_density;
        for Argument { value, rule, .. } in self.described() {
            result = match rule {
                Rule::Finite => result,
                Rule::Positive => e.where_less(zero, value, result, never),
                Rule::NotNegative => e.where_less(value, zero, never, result),
                Rule::Probability => {
                    let not_above = e.where_less(one, value, never, result);
                    e.where_less(value, zero, never, not_above)
                }
            };
        }
        if let Self::Uniform { low, high } = *self {
            result = e.where_less(low, high, result, never);
        }
        result
    }

    fn log_density_if_valid(&self, e: &mut Expressions, x: ExprId) -> ExprId {
        if e.known(x).is_some_and(|x| !self.can_give(x)) {
            return e.constant(f64::NEG_INFINITY);
        }
        match *self {
            Self::Normal { mean, sd } => normal(e, x, mean, sd),
            Self::Lognormal { mu, sigma } => {
                let log = e.unary(Unary::Log, x);
                let density = normal(e, log, mu, sigma);
                e.subtract(density, log)
            }
            Self::LogitNormal { mu, sigma } => logit_normal(e, x, mu, sigma),
            Self::Beta { alpha, beta } => beta_density(e, x, alpha, beta),
            Self::Gamma { shape, rate } => gamma(e, x, shape, rate),
            Self::Exponential { rate } => {
                let (log, scaled) = (e.unary(Unary::Log, rate), e.multiply(rate, x));
                e.subtract(log, scaled)
            }
            Self::Uniform { low, high } => uniform(e, x, low, high),
            Self::HalfNormal { sd } => {
                let (zero, log_two) = (e.constant(0.0), e.constant(ln(2.0)));
                let density = normal(e, x, zero, sd);
                e.add(density, log_two)
            }
            Self::Point(at) => point(e, x, at),
            Self::Poisson { rate } => poisson(e, x, rate),
            Self::NegBinomial { mean, dispersion } => neg_binomial(e, x, mean, dispersion),
            Self::Bernoulli { p } => bernoulli(e, x, p),
        }
    }
}

impl Concrete {
    /// The natural logarithm of the density at `x`; for a discrete distribution, of the probability of `x`.
    ///
    /// The same formulas as the symbolic [`log_density`](Distribution::log_density), so that the two cannot
    /// disagree.
    pub fn log_density(&self, x: f64) -> f64 {
        let mut e = Expressions::new();
        let symbolic = self.map(|argument| e.constant(argument));
        let density = symbolic.log_density_of(&mut e, x);
        e.known(density).unwrap_or(f64::NAN)
    }
}

/// The sum of `terms`.
fn sum(e: &mut Expressions, terms: &[ExprId]) -> ExprId {
    let zero = e.constant(0.0);
    terms.iter().fold(zero, |total, &term| e.add(total, term))
}

/// $-\tfrac12 ((x - \text{mean}) / \text{sd})^2 - \ln \text{sd} - \tfrac12 \ln 2\pi$
pub fn normal(e: &mut Expressions, x: ExprId, mean: ExprId, sd: ExprId) -> ExprId {
    let difference = e.subtract(x, mean);
    let score = e.divide(difference, sd);
    let square = e.multiply(score, score);
    let minus_half = e.constant(-0.5);
    let exponent = e.multiply(minus_half, square);
    let log_sd = e.unary(Unary::Log, sd);
    let constant = e.constant(0.5 * ln(2.0 * PI));
    let norm = e.add(log_sd, constant);
    e.subtract(exponent, norm)
}

/// $\ln x$ and $\ln(1 - x)$
fn log_and_log_rest(e: &mut Expressions, x: ExprId) -> (ExprId, ExprId) {
    let one = e.constant(1.0);
    let rest = e.subtract(one, x);
    (e.unary(Unary::Log, x), e.unary(Unary::Log, rest))
}

fn logit_normal(e: &mut Expressions, x: ExprId, mu: ExprId, sigma: ExprId) -> ExprId {
    let (log, log_rest) = log_and_log_rest(e, x);
    let logit = e.subtract(log, log_rest);
    let density = normal(e, logit, mu, sigma);
    let jacobian = e.add(log, log_rest);
    e.subtract(density, jacobian)
}

/// $\ln B(a, b) = \ln\Gamma(a) + \ln\Gamma(b) - \ln\Gamma(a + b)$
pub fn log_beta_function(e: &mut Expressions, a: ExprId, b: ExprId) -> ExprId {
    let total = e.add(a, b);
    let (of_a, of_b) = (e.unary(Unary::LogGamma, a), e.unary(Unary::LogGamma, b));
    let of_total = e.unary(Unary::LogGamma, total);
    let both = e.add(of_a, of_b);
    e.subtract(both, of_total)
}

fn beta_density(e: &mut Expressions, x: ExprId, alpha: ExprId, beta: ExprId) -> ExprId {
    let one = e.constant(1.0);
    let (log, log_rest) = log_and_log_rest(e, x);
    let (power, power_rest) = (e.subtract(alpha, one), e.subtract(beta, one));
    let (left, right) = (e.multiply(power, log), e.multiply(power_rest, log_rest));
    let kernel = e.add(left, right);
    let norm = log_beta_function(e, alpha, beta);
    e.subtract(kernel, norm)
}

/// $a \ln r + (a - 1) \ln x - r x - \ln\Gamma(a)$
fn gamma(e: &mut Expressions, x: ExprId, shape: ExprId, rate: ExprId) -> ExprId {
    let one = e.constant(1.0);
    let (log_rate, log_x) = (e.unary(Unary::Log, rate), e.unary(Unary::Log, x));
    let scale = e.multiply(shape, log_rate);
    let power = e.subtract(shape, one);
    let kernel = e.multiply(power, log_x);
    let (decay, norm) = (e.multiply(rate, x), e.unary(Unary::LogGamma, shape));
    let loss = e.add(decay, norm);
    let gain = e.add(scale, kernel);
    e.subtract(gain, loss)
}

fn uniform(e: &mut Expressions, x: ExprId, low: ExprId, high: ExprId) -> ExprId {
    let outside = e.constant(f64::NEG_INFINITY);
    let width = e.subtract(high, low);
    let log_width = e.unary(Unary::Log, width);
    let inside = e.negate(log_width);
    let not_above = e.where_less(high, x, outside, inside);
    e.where_less(x, low, outside, not_above)
}

fn point(e: &mut Expressions, x: ExprId, at: ExprId) -> ExprId {
    let (outside, there) = (e.constant(f64::NEG_INFINITY), e.constant(0.0));
    let not_above = e.where_less(at, x, outside, there);
    e.where_less(x, at, outside, not_above)
}

/// $\ln k!$
fn log_factorial(e: &mut Expressions, k: ExprId) -> ExprId {
    let one = e.constant(1.0);
    let next = e.add(k, one);
    e.unary(Unary::LogGamma, next)
}

fn poisson(e: &mut Expressions, k: ExprId, rate: ExprId) -> ExprId {
    // Zero times the logarithm of a rate of zero would not be a number.
    if e.known(k) == Some(0.0) {
        return e.negate(rate);
    }
    let log_rate = e.unary(Unary::Log, rate);
    let power = e.multiply(k, log_rate);
    let factorial = log_factorial(e, k);
    let loss = e.add(rate, factorial);
    e.subtract(power, loss)
}

/// $\ln\Gamma(k + \phi) - \ln\Gamma(\phi) - \ln k! + \phi \ln\frac{\phi}{\phi + m} + k \ln\frac{m}{\phi + m}$
fn neg_binomial(e: &mut Expressions, k: ExprId, mean: ExprId, dispersion: ExprId) -> ExprId {
    let total = e.add(dispersion, mean);
    let none = e.divide(dispersion, total);
    let log_none = e.unary(Unary::Log, none);
    let base = e.multiply(dispersion, log_none);
    if e.known(k) == Some(0.0) {
        return base;
    }
    let some = e.divide(mean, total);
    let log_some = e.unary(Unary::Log, some);
    let power = e.multiply(k, log_some);
    let raised = e.add(k, dispersion);
    let (of_raised, of_dispersion) = (e.unary(Unary::LogGamma, raised), e.unary(Unary::LogGamma, dispersion));
    let ways = e.subtract(of_raised, of_dispersion);
    let factorial = log_factorial(e, k);
    let choices = e.subtract(ways, factorial);
    sum(e, &[choices, base, power])
}

fn bernoulli(e: &mut Expressions, x: ExprId, p: ExprId) -> ExprId {
    let half = e.constant(0.5);
    let (yes, no) = log_and_log_rest(e, p);
    e.where_less(x, half, no, yes)
}

#[cfg(test)]
mod tests {
    use counterplay_game::expression::ParameterId;

    use super::*;

    /// A distribution and a value in its support.
    fn examples() -> Vec<(Concrete, f64)> {
        vec![
            (Distribution::Normal { mean: 1.0, sd: 2.0 }, 0.3),
            (Distribution::Lognormal { mu: 0.2, sigma: 0.7 }, 1.7),
            (Distribution::LogitNormal { mu: -0.4, sigma: 1.2 }, 0.35),
            (Distribution::Beta { alpha: 2.5, beta: 0.8 }, 0.4),
            (Distribution::Gamma { shape: 3.2, rate: 1.5 }, 2.2),
            (Distribution::Exponential { rate: 0.6 }, 2.0),
            (Distribution::Uniform { low: -1.0, high: 3.0 }, 0.5),
            (Distribution::HalfNormal { sd: 1.4 }, 0.9),
            (Distribution::Poisson { rate: 4.5 }, 3.0),
            (Distribution::NegBinomial { mean: 4.5, dispersion: 1.8 }, 7.0),
            (Distribution::Bernoulli { p: 0.3 }, 1.0),
            (Distribution::Bernoulli { p: 0.3 }, 0.0),
        ]
    }

    #[test]
    fn log_densities_agree_with_scipy() {
        // scipy 1.17.1: logpdf and logpmf of norm, lognorm, norm of the logit, beta, gamma, expon, uniform,
        // halfnorm, poisson, nbinom and bernoulli.
        for ((distribution, x), expected) in examples().into_iter().zip(SCIPY) {
            let found = distribution.log_density(x);
            assert!((found - expected).abs() < 1e-12, "{distribution:?} at {x}: {found} and {expected}");
        }
    }

    const SCIPY: [f64; 12] = [
        -1.673_335_713_764_618,
        -1.204_437_799_920_385_7,
        0.362_685_862_113_607_2,
        -0.721_914_944_036_056_4,
        -1.153_310_288_407_389,
        -1.710_825_623_765_990_7,
        -1.386_294_361_119_890_6,
        -0.768_896_242_327_164_8,
        -1.779_527_278_899_233,
        -2.885_513_030_546_123_4,
        -1.203_972_804_325_936_1,
        -0.356_674_943_938_732_45,
    ];

    #[test]
    fn derivatives_by_the_arguments_and_by_the_value_agree_with_finite_differences() {
        for (distribution, x) in examples() {
            let mut e = Expressions::new();
            let mut point = Vec::new();
            let mut parameter = |value| {
                point.push(value);
                e.parameter(ParameterId::new(point.len() - 1))
            };
            let symbolic = distribution.map(&mut parameter);
            let at = if distribution.is_discrete() { None } else { Some(parameter(x)) };
            let at = at.unwrap_or_else(|| e.constant(x));
            let density = symbolic.log_density(&mut e, at);
            let exact = e.gradient(&e.evaluate(&point), &[(density, 1.0)], point.len());
            for k in 0..point.len() {
                let shifted = |h: f64| {
                    let mut point = point.clone();
                    point[k] += h;
                    e.evaluate(&point)[density.index()]
                };
                let numeric = (shifted(1e-6) - shifted(-1e-6)) / 2e-6;
                assert!((exact[k] - numeric).abs() < 1e-7, "{distribution:?} by {k}: {} {numeric}", exact[k]);
            }
        }
    }

    #[test]
    fn a_value_out_of_the_support_has_no_density() {
        let outside = [
            (Distribution::Lognormal { mu: 0.0, sigma: 1.0 }, 0.0),
            (Distribution::Beta { alpha: 1.0, beta: 1.0 }, 1.2),
            (Distribution::Gamma { shape: 2.0, rate: 1.0 }, -1.0),
            (Distribution::Uniform { low: 0.0, high: 1.0 }, 1.5),
            (Distribution::Uniform { low: 0.0, high: 1.0 }, -0.5),
            (Distribution::Poisson { rate: 2.0 }, 1.5),
            (Distribution::Poisson { rate: 0.0 }, 1.0),
            (Distribution::NegBinomial { mean: 2.0, dispersion: 1.0 }, -1.0),
            (Distribution::Bernoulli { p: 0.5 }, 0.5),
            (Distribution::Point(2.0), 3.0),
            (Distribution::Normal { mean: 0.0, sd: 1.0 }, f64::INFINITY),
        ];
        for (distribution, x) in outside {
            assert_eq!(distribution.log_density(x), f64::NEG_INFINITY, "{distribution:?} at {x}");
        }
        for distribution in
            [Concrete::Normal { mean: 0.0, sd: -1.0 }, Concrete::Gamma { shape: -1.5, rate: 1.0 }]
        {
            assert_eq!(distribution.log_density(0.5), f64::NEG_INFINITY, "{distribution:?}");
        }
        assert_eq!(Concrete::Poisson { rate: -1.0 }.log_density(0.0), f64::NEG_INFINITY);
        assert_eq!(Concrete::Point(2.0).log_density(2.0), 0.0);
        assert_eq!(Concrete::Poisson { rate: 0.0 }.log_density(0.0), 0.0);
    }
}
