//! Probability distributions whose arguments are quantities.
//!
//! A [`Distribution`] is a parameter's prior (see [`prior`](crate::prior)) or the law of a quantity that is
//! measured at the end of a history. Its arguments are expressions over the uncertain parameters, so that its
//! log density has an exact derivative. With numbers in place of the expressions it is a [`Concrete`]
//! distribution, which gives probabilities, quantiles and moments.
//!
//! ```
//! use counterplay_inference::distribution::{Concrete, Distribution};
//! use counterplay_game::expression::{Expressions, ParameterId};
//! let mut e = Expressions::new();
//! let rate = e.parameter(ParameterId::new(0));
//! let deaths = Distribution::Poisson { rate };
//! let log_density = deaths.log_density_of(&mut e, 2.0);
//! let values = e.evaluate(&[3.0]);
//! let expected = (-3.0_f64).exp() * 9.0 / 2.0;
//! assert!((values[log_density.index()].exp() - expected).abs() < 1e-12);
//! let deaths: Concrete = deaths.at(&values);
//! assert_eq!(deaths.quantile(0.5), 3.0);
//! ```

mod numeric;
mod rank;
mod special;
mod symbolic;

use std::fmt;

use counterplay_game::expression::{ExprId, Expressions};

pub use rank::Rank;
pub use special::student_quantile;
pub use symbolic::{log_beta_function, normal as normal_log_density};

/// A probability distribution; its arguments are expressions, or numbers if it is [`Concrete`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Distribution<T = ExprId> {
    /// Over all numbers, with density proportional to $\exp(-(x - \text{mean})^2 / 2\\,\text{sd}^2)$.
    Normal {
        /// Its mean.
        mean: T,
        /// Its standard deviation, above zero.
        sd: T,
    },
    /// Over positive numbers: $\ln x$ is normal with mean $\mu$ and standard deviation $\sigma$.
    Lognormal {
        /// The mean of the logarithm.
        mu: T,
        /// The standard deviation of the logarithm, above zero.
        sigma: T,
    },
    /// Over shares between 0 and 1: $\ln(x / (1 - x))$ is normal with mean $\mu$ and standard deviation $\sigma$.
    LogitNormal {
        /// The mean of the log odds.
        mu: T,
        /// The standard deviation of the log odds, above zero.
        sigma: T,
    },
    /// Over shares between 0 and 1, with density proportional to $x^{\alpha - 1} (1 - x)^{\beta - 1}$.
    Beta {
        /// $\alpha$, above zero.
        alpha: T,
        /// $\beta$, above zero.
        beta: T,
    },
    /// Over positive numbers, with density proportional to $x^{\text{shape} - 1} e^{-\text{rate}\\,x}$.
    Gamma {
        /// The shape, above zero.
        shape: T,
        /// The rate (one over the scale), above zero.
        rate: T,
    },
    /// Over positive numbers, with density proportional to $e^{-\text{rate}\\,x}$.
    Exponential {
        /// The rate (one over the mean), above zero.
        rate: T,
    },
    /// Between two numbers, all equally likely.
    Uniform {
        /// The lower end.
        low: T,
        /// The upper end, above the lower one.
        high: T,
    },
    /// The absolute value of a normal quantity with mean zero.
    HalfNormal {
        /// The standard deviation of the normal quantity, above zero.
        sd: T,
    },
    /// A number that is certain.
    Point(T),
    /// Over 0, 1, 2, ..., with probability $r^k e^{-r} / k!$ for the rate $r$.
    Poisson {
        /// The mean, not below zero.
        rate: T,
    },
    /// Over 0, 1, 2, ..., with mean $m$ and variance $m + m^2 / \phi$: a Poisson quantity whose rate is
    /// gamma-distributed with mean $m$ and shape $\phi$.
    NegBinomial {
        /// The mean $m$, not below zero.
        mean: T,
        /// $\phi$, above zero; the larger it is the nearer to Poisson.
        dispersion: T,
    },
    /// 1 with probability $p$, else 0.
    Bernoulli {
        /// The probability of 1.
        p: T,
    },
}

/// A distribution whose arguments are numbers.
pub type Concrete = Distribution<f64>;

/// What an argument must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    Finite,
    Positive,
    NotNegative,
    Probability,
}

impl Rule {
    fn allows(self, value: f64) -> bool {
        value.is_finite()
            && match self {
                Rule::Finite => true,
                Rule::Positive => value > 0.0,
                Rule::NotNegative => value >= 0.0,
                Rule::Probability => (0.0..=1.0).contains(&value),
            }
    }

    fn in_words(self) -> &'static str {
        match self {
            Rule::Finite => "a finite number",
            Rule::Positive => "above zero and finite",
            Rule::NotNegative => "zero or above, and finite",
            Rule::Probability => "a probability, between 0 and 1",
        }
    }
}

/// An argument of a distribution: its name, its value, and what it must be.
struct Argument<T> {
    name: &'static str,
    value: T,
    rule: Rule,
}

impl<T: Copy> Distribution<T> {
    /// The distribution with `f` of each argument in its place.
    pub fn map<U>(&self, mut f: impl FnMut(T) -> U) -> Distribution<U> {
        match *self {
            Self::Normal { mean, sd } => Distribution::Normal { mean: f(mean), sd: f(sd) },
            Self::Lognormal { mu, sigma } => Distribution::Lognormal { mu: f(mu), sigma: f(sigma) },
            Self::LogitNormal { mu, sigma } => Distribution::LogitNormal { mu: f(mu), sigma: f(sigma) },
            Self::Beta { alpha, beta } => Distribution::Beta { alpha: f(alpha), beta: f(beta) },
            Self::Gamma { shape, rate } => Distribution::Gamma { shape: f(shape), rate: f(rate) },
            Self::Exponential { rate } => Distribution::Exponential { rate: f(rate) },
            Self::Uniform { low, high } => Distribution::Uniform { low: f(low), high: f(high) },
            Self::HalfNormal { sd } => Distribution::HalfNormal { sd: f(sd) },
            Self::Point(x) => Distribution::Point(f(x)),
            Self::Poisson { rate } => Distribution::Poisson { rate: f(rate) },
            Self::NegBinomial { mean, dispersion } => {
                Distribution::NegBinomial { mean: f(mean), dispersion: f(dispersion) }
            }
            Self::Bernoulli { p } => Distribution::Bernoulli { p: f(p) },
        }
    }

    /// Its name in the scenario language.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Normal { .. } => "normal",
            Self::Lognormal { .. } => "lognormal",
            Self::LogitNormal { .. } => "logit_normal",
            Self::Beta { .. } => "beta",
            Self::Gamma { .. } => "gamma",
            Self::Exponential { .. } => "exponential",
            Self::Uniform { .. } => "uniform",
            Self::HalfNormal { .. } => "half_normal",
            Self::Point(_) => "point",
            Self::Poisson { .. } => "poisson",
            Self::NegBinomial { .. } => "neg_binomial",
            Self::Bernoulli { .. } => "bernoulli",
        }
    }

    /// Whether single values have a probability above zero: `point`, `poisson`, `neg_binomial`, `bernoulli`.
    pub fn is_discrete(&self) -> bool {
        matches!(
            self,
            Self::Point(_) | Self::Poisson { .. } | Self::NegBinomial { .. } | Self::Bernoulli { .. }
        )
    }

    /// Its arguments, in the order in which the scenario language takes them.
    pub fn arguments(&self) -> Vec<T> {
        self.described().into_iter().map(|argument| argument.value).collect()
    }

    fn described(&self) -> Vec<Argument<T>> {
        use Rule::{Finite, NotNegative, Positive, Probability};
        let one = |name, value, rule| Argument { name, value, rule };
        match *self {
            Self::Normal { mean, sd } => vec![one("mean", mean, Finite), one("sd", sd, Positive)],
            Self::Lognormal { mu, sigma } | Self::LogitNormal { mu, sigma } => {
                vec![one("mu", mu, Finite), one("sigma", sigma, Positive)]
            }
            Self::Beta { alpha, beta } => vec![one("a", alpha, Positive), one("b", beta, Positive)],
            Self::Gamma { shape, rate } => vec![one("shape", shape, Positive), one("rate", rate, Positive)],
            Self::Exponential { rate } => vec![one("rate", rate, Positive)],
            Self::Uniform { low, high } => vec![one("lo", low, Finite), one("hi", high, Finite)],
            Self::HalfNormal { sd } => vec![one("sd", sd, Positive)],
            Self::Point(x) => vec![one("x", x, Finite)],
            Self::Poisson { rate } => vec![one("rate", rate, NotNegative)],
            Self::NegBinomial { mean, dispersion } => {
                vec![one("mean", mean, NotNegative), one("dispersion", dispersion, Positive)]
            }
            Self::Bernoulli { p } => vec![one("p", p, Probability)],
        }
    }
}

impl Distribution<Option<f64>> {
    fn check_known(&self) -> Result<(), DistributionError> {
        let distribution = self.name();
        for Argument { name, value, rule } in self.described() {
            if let Some(value) = value.filter(|&value| !rule.allows(value)) {
                return Err(DistributionError::Argument {
                    distribution,
                    argument: name,
                    value,
                    must_be: rule.in_words(),
                });
            }
        }
        match *self {
            Self::Uniform { low: Some(low), high: Some(high) } if low >= high => {
                Err(DistributionError::Empty { low, high })
            }
            _ => Ok(()),
        }
    }
}

impl Distribution<ExprId> {
    /// Checks the arguments that are known numbers; those that depend on a parameter can only be checked at
    /// its values.
    ///
    /// # Errors
    /// If an argument is not finite or out of its range, or if a uniform distribution is empty.
    pub fn check(&self, expressions: &Expressions) -> Result<(), DistributionError> {
        self.map(|argument| expressions.known(argument)).check_known()
    }

    /// The distribution where the expressions have the given values, as [`Expressions::evaluate`] gives them.
    pub fn at(&self, values: &[f64]) -> Concrete {
        self.map(|argument| values[argument.index()])
    }
}

impl Concrete {
    /// Checks all arguments. Where this fails the log density is minus infinity, and probabilities and
    /// quantiles are NaN.
    ///
    /// # Errors
    /// If an argument is not finite or out of its range, or if a uniform distribution is empty.
    pub fn check(&self) -> Result<(), DistributionError> {
        self.map(Some).check_known()
    }
}

/// Why a distribution's arguments do not make a distribution.
#[derive(Clone, Debug, PartialEq)]
pub enum DistributionError {
    /// An argument out of its range.
    Argument {
        /// The distribution's name in the scenario language.
        distribution: &'static str,
        /// The argument's name.
        argument: &'static str,
        /// What it is.
        value: f64,
        /// What it must be, in words.
        must_be: &'static str,
    },
    /// A uniform distribution whose ends are in the wrong order, or equal.
    Empty {
        /// The lower end that was given.
        low: f64,
        /// The upper end that was given.
        high: f64,
    },
}

impl fmt::Display for DistributionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument { distribution, argument, value, must_be } => {
                write!(f, "`{argument}` of `{distribution}` must be {must_be}, but it is {value}")
            }
            Self::Empty { low, high } => {
                write!(f, "`lo` of `uniform` must be below `hi`, but `lo` is {low} and `hi` is {high}")
            }
        }
    }
}

impl std::error::Error for DistributionError {}

#[cfg(test)]
mod tests {
    use counterplay_game::expression::ParameterId;

    use super::*;

    #[test]
    fn a_known_argument_out_of_range_is_refused_in_words() {
        let mut e = Expressions::new();
        let (zero, minus) = (e.constant(0.0), e.constant(-1.0));
        let error = Distribution::Normal { mean: zero, sd: minus }.check(&e).unwrap_err();
        assert_eq!(error.to_string(), "`sd` of `normal` must be above zero and finite, but it is -1");
        let error = Distribution::Uniform { low: zero, high: minus }.check(&e).unwrap_err();
        assert_eq!(error.to_string(), "`lo` of `uniform` must be below `hi`, but `lo` is 0 and `hi` is -1");
        let error = Concrete::Bernoulli { p: 1.5 }.check().unwrap_err();
        assert_eq!(
            error.to_string(),
            "`p` of `bernoulli` must be a probability, between 0 and 1, but it is 1.5"
        );
        assert!(Concrete::Point(f64::NAN).check().is_err());
    }

    #[test]
    fn an_uncertain_argument_is_not_refused_before_its_value_is_there() {
        let mut e = Expressions::new();
        let sd = e.parameter(ParameterId::new(0));
        let distribution = Distribution::HalfNormal { sd };
        assert_eq!(distribution.check(&e), Ok(()));
        assert!(distribution.at(&e.evaluate(&[-2.0])).check().is_err());
        assert_eq!(distribution.arguments(), [sd]);
    }
}
