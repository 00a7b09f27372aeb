//! What makes a prior one.

use std::fmt;

use counterplay_game::expression::{ExprId, Expressions};

use super::Prior;
use crate::distribution::{Distribution, DistributionError};

/// Why something is not a prior.
#[derive(Clone, Debug, PartialEq)]
pub enum PriorError {
    /// An argument of a distribution is out of its range.
    Distribution(DistributionError),
    /// A distribution of counts, or a point within a mixture.
    NotContinuous {
        /// The distribution's name in the scenario language.
        distribution: &'static str,
    },
    /// An argument depends on the parameter itself or on a later one.
    TooEarly,
    /// The parts of a mixture range over different numbers.
    SupportsDiffer {
        /// The names of the first part and of the first that differs from it.
        parts: [&'static str; 2],
    },
    /// A mixture or a categorical prior of nothing.
    Empty,
    /// A weight, or a probability, that is negative or not a number, or nothing but zeros.
    BadWeight {
        /// The weight.
        weight: f64,
    },
    /// A value of a categorical prior that is not a finite number.
    BadValue {
        /// The value.
        value: f64,
    },
    /// A Dirichlet prior of fewer than two shares.
    TooFewShares {
        /// How many there are.
        shares: usize,
    },
    /// A concentration of a Dirichlet prior that is not above zero.
    BadConcentration {
        /// The concentration.
        value: f64,
    },
}

impl fmt::Display for PriorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Distribution(error) => error.fmt(f),
            Self::NotContinuous { distribution: "point" } => {
                write!(f, "a mixture has either only points at known numbers, or no `point` at all")
            }
            Self::NotContinuous { distribution } => write!(
                f,
                "`{distribution}` cannot be the prior of a parameter; for a few possible values use a mixture of \
                 points: `mixture([(0.3, point(0)), (0.7, point(1))])`"
            ),
            Self::TooEarly => write!(f, "a prior can depend only on parameters that are declared before it"),
            Self::SupportsDiffer { parts: [first, second] } => write!(
                f,
                "the parts of a mixture must range over the same numbers, but `{first}` and `{second}` do not"
            ),
            Self::Empty => write!(f, "a mixture needs at least one part"),
            Self::BadWeight { weight } => {
                write!(
                    f,
                    "weights must not be negative, and at least one must be above zero; one is {weight}"
                )
            }
            Self::BadValue { value } => write!(f, "a parameter must have a finite value, not {value}"),
            Self::TooFewShares { shares } => {
                write!(f, "`dirichlet` needs at least two concentrations, but it has {shares}")
            }
            Self::BadConcentration { value } => {
                write!(
                    f,
                    "the concentrations of `dirichlet` must be above zero and finite, but one is {value}"
                )
            }
        }
    }
}

impl std::error::Error for PriorError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Distribution(error) => Some(error),
            Self::NotContinuous { .. }
            | Self::TooEarly
            | Self::SupportsDiffer { .. }
            | Self::Empty
            | Self::BadWeight { .. }
            | Self::BadValue { .. }
            | Self::TooFewShares { .. }
            | Self::BadConcentration { .. } => None,
        }
    }
}

/// The prior with its weights scaled to one, parts without weight left out, and a mixture of points turned into
/// a categorical prior. It may depend on the first `parameters` parameters.
pub(super) fn checked(e: &Expressions, prior: &Prior, parameters: usize) -> Result<Prior, PriorError> {
    let too_early = |id: &ExprId| e.parameters_of(*id).iter().any(|p| p.index() >= parameters);
    if prior.arguments().iter().any(too_early) {
        return Err(PriorError::TooEarly);
    }
    match prior {
        Prior::Single(distribution) => {
            checked_distribution(e, distribution)?;
            continuous_or_point(distribution)?;
            Ok(prior.clone())
        }
        Prior::Mixture(parts) => checked_mixture(e, parts),
        Prior::Categorical(choices) => checked_categorical(choices),
        Prior::Dirichlet(concentrations) => {
            checked_concentrations(e, concentrations)?;
            Ok(prior.clone())
        }
    }
}

fn checked_distribution(e: &Expressions, distribution: &Distribution) -> Result<(), PriorError> {
    distribution.check(e).map_err(PriorError::Distribution)
}

fn continuous_or_point(distribution: &Distribution) -> Result<(), PriorError> {
    if distribution.is_discrete() && !matches!(distribution, Distribution::Point(_)) {
        return Err(PriorError::NotContinuous { distribution: distribution.name() });
    }
    Ok(())
}

fn checked_mixture(e: &Expressions, parts: &[(f64, Distribution)]) -> Result<Prior, PriorError> {
    for (_, part) in parts {
        checked_distribution(e, part)?;
        continuous_or_point(part)?;
    }
    let scaled = scaled(parts.iter().map(|&(weight, part)| (weight, part)))?;
    let known_point = |&(weight, part): &(f64, Distribution)| match part {
        Distribution::Point(x) => e.known(x).map(|value| (value, weight)),
        _ => None,
    };
    if let Some(choices) = scaled.iter().map(known_point).collect::<Option<Vec<_>>>() {
        return Ok(Prior::Categorical(choices));
    }
    if let Some((_, point)) = scaled.iter().find(|(_, part)| part.is_discrete()) {
        return Err(PriorError::NotContinuous { distribution: point.name() });
    }
    Ok(Prior::Mixture(scaled))
}

fn checked_categorical(choices: &[(f64, f64)]) -> Result<Prior, PriorError> {
    if let Some(&(value, _)) = choices.iter().find(|(value, _)| !value.is_finite()) {
        return Err(PriorError::BadValue { value });
    }
    let scaled = scaled(choices.iter().map(|&(value, probability)| (probability, value)))?;
    Ok(Prior::Categorical(scaled.into_iter().map(|(probability, value)| (value, probability)).collect()))
}

/// The things that have a weight, with weights that add up to one.
fn scaled<T>(weighted: impl Iterator<Item = (f64, T)>) -> Result<Vec<(f64, T)>, PriorError> {
    let mut weighted: Vec<(f64, T)> = weighted.collect();
    let total: f64 = weighted.iter().map(|(weight, _)| weight).sum();
    let Some(&(first, _)) = weighted.first() else {
        return Err(PriorError::Empty);
    };
    if let Some(&(weight, _)) = weighted.iter().find(|(weight, _)| !weight.is_finite() || *weight < 0.0) {
        return Err(PriorError::BadWeight { weight });
    }
    if total == 0.0 {
        return Err(PriorError::BadWeight { weight: first });
    }
    weighted.retain(|&(weight, _)| weight > 0.0);
    for (weight, _) in &mut weighted {
        *weight /= total;
    }
    Ok(weighted)
}

fn checked_concentrations(e: &Expressions, concentrations: &[ExprId]) -> Result<(), PriorError> {
    if concentrations.len() < 2 {
        return Err(PriorError::TooFewShares { shares: concentrations.len() });
    }
    let known = concentrations.iter().filter_map(|&id| e.known(id));
    match known.into_iter().find(|value| !(value.is_finite() && *value > 0.0)) {
        Some(value) => Err(PriorError::BadConcentration { value }),
        None => Ok(()),
    }
}
