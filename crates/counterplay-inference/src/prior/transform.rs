//! From coordinates without bounds to parameters.
//!
//! A parameter lives on a *natural scale* $t$ without bounds: itself, its logarithm, or its log odds, by its
//! support. On that scale a distribution is a location plus a scale times a standardised quantity.

use counterplay_game::expression::{ExprId, Expressions, Unary};
use counterplay_math::ln;

use super::PriorError;
use crate::distribution::{Distribution, log_beta_function, normal_log_density};

/// The way back from the natural scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Link {
    Identity,
    Exp,
    Logistic { low: ExprId, high: ExprId },
}

impl Link {
    fn apply(self, e: &mut Expressions, t: ExprId) -> ExprId {
        match self {
            Link::Identity => t,
            Link::Exp => e.unary(Unary::Exp, t),
            Link::Logistic { low, high } => {
                let (width, share) = (e.subtract(high, low), e.unary(Unary::Logistic, t));
                let above = e.multiply(width, share);
                e.add(low, above)
            }
        }
    }
}

/// A distribution on the natural scale.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) weight: f64,
    /// The standardised distribution.
    pub(super) standard: Distribution,
    pub(super) location: ExprId,
    pub(super) scale: ExprId,
}

impl Part {
    /// The part, and the link of its support.
    fn new(e: &mut Expressions, weight: f64, distribution: Distribution) -> Result<(Self, Link), PriorError> {
        use Distribution as D;
        let (zero, one) = (e.constant(0.0), e.constant(1.0));
        let share = Link::Logistic { low: zero, high: one };
        let (standard, location, scale, link) = match distribution {
            D::Normal { mean, sd } => (D::Normal { mean: zero, sd: one }, mean, sd, Link::Identity),
            D::Lognormal { mu, sigma } => (D::Lognormal { mu: zero, sigma: one }, mu, sigma, Link::Exp),
            D::LogitNormal { mu, sigma } => (D::LogitNormal { mu: zero, sigma: one }, mu, sigma, share),
            D::Beta { .. } => (distribution, zero, one, share),
            D::Gamma { shape, rate } => (D::Gamma { shape, rate: one }, minus_log(e, rate), one, Link::Exp),
            D::Exponential { rate } => (D::Exponential { rate: one }, minus_log(e, rate), one, Link::Exp),
            D::Uniform { low, high } => {
                (D::Uniform { low: zero, high: one }, zero, one, Link::Logistic { low, high })
            }
            D::HalfNormal { sd } => (D::HalfNormal { sd: one }, e.unary(Unary::Log, sd), one, Link::Exp),
            D::Point(_) | D::Poisson { .. } | D::NegBinomial { .. } | D::Bernoulli { .. } => {
                return Err(PriorError::NotContinuous { distribution: distribution.name() });
            }
        };
        Ok((Self { weight, standard, location, scale }, link))
    }

    /// Its log density at `t`.
    fn log_density(&self, e: &mut Expressions, t: ExprId) -> ExprId {
        let away = e.subtract(t, self.location);
        let standardised = e.divide(away, self.scale);
        let density = standard_log_density(e, &self.standard, standardised);
        let log_scale = e.unary(Unary::Log, self.scale);
        e.subtract(density, log_scale)
    }
}

fn minus_log(e: &mut Expressions, x: ExprId) -> ExprId {
    let log = e.unary(Unary::Log, x);
    e.negate(log)
}

/// The log density of $t$ on the natural scale under a standardised distribution.
fn standard_log_density(e: &mut Expressions, standard: &Distribution, t: ExprId) -> ExprId {
    let (zero, one) = (e.constant(0.0), e.constant(1.0));
    match *standard {
        Distribution::Gamma { shape, .. } => {
            let (gain, norm) = (e.multiply(shape, t), e.unary(Unary::LogGamma, shape));
            let decay = e.unary(Unary::Exp, t);
            let density = e.subtract(gain, decay);
            e.subtract(density, norm)
        }
        Distribution::Exponential { .. } => {
            let decay = e.unary(Unary::Exp, t);
            e.subtract(t, decay)
        }
        Distribution::HalfNormal { .. } => {
            let x = e.unary(Unary::Exp, t);
            let density = normal_log_density(e, x, zero, one);
            let log_two = e.constant(ln(2.0));
            let folded = e.add(density, log_two);
            e.add(folded, t)
        }
        Distribution::Beta { alpha, beta } => logit_beta_log_density(e, t, alpha, beta),
        Distribution::Uniform { .. } => logit_beta_log_density(e, t, one, one),
        Distribution::Normal { .. }
        | Distribution::Lognormal { .. }
        | Distribution::LogitNormal { .. }
        | Distribution::Point(_)
        | Distribution::Poisson { .. }
        | Distribution::NegBinomial { .. }
        | Distribution::Bernoulli { .. } => normal_log_density(e, t, zero, one),
    }
}

/// $-\ln x$ and $-\ln(1 - x)$ of the share with log odds $t$
fn share_losses(e: &mut Expressions, t: ExprId) -> (ExprId, ExprId) {
    let minus = e.negate(t);
    (e.unary(Unary::Softplus, minus), e.unary(Unary::Softplus, t))
}

/// The log density of the log odds of a beta quantity: $\alpha \ln x + \beta \ln(1 - x) - \ln B(\alpha, \beta)$
fn logit_beta_log_density(e: &mut Expressions, t: ExprId, alpha: ExprId, beta: ExprId) -> ExprId {
    let (loss, loss_rest) = share_losses(e, t);
    let (left, right) = (e.multiply(alpha, loss), e.multiply(beta, loss_rest));
    let norm = log_beta_function(e, alpha, beta);
    let both = e.add(left, right);
    let total = e.add(both, norm);
    e.negate(total)
}

/// A parameter of one coordinate: $\text{link}(\text{location} + \text{scale}\\,z)$.
#[derive(Clone, Debug)]
pub(super) struct Scalar {
    pub(super) parts: Vec<Part>,
    pub(super) link: Link,
    pub(super) location: ExprId,
    pub(super) scale: ExprId,
    /// The index of its coordinate.
    pub(super) coordinate: usize,
}

impl Scalar {
    /// A mixture of at least one distribution.
    pub(super) fn new(
        e: &mut Expressions,
        mixture: &[(f64, Distribution)],
        coordinate: usize,
    ) -> Result<Self, PriorError> {
        let (mut parts, mut links) = (Vec::new(), Vec::new());
        for &(weight, distribution) in mixture {
            let (part, link) = Part::new(e, weight, distribution)?;
            parts.push(part);
            links.push(link);
        }
        if let Some(k) = links.iter().position(|link| *link != links[0]) {
            return Err(PriorError::SupportsDiffer { parts: [mixture[0].1.name(), mixture[k].1.name()] });
        }
        let (location, scale) = common_scale(e, &parts, links[0]);
        Ok(Self { parts, link: links[0], location, scale, coordinate })
    }

    /// The parameter and the log density of its coordinate `z`.
    pub(super) fn place(&self, e: &mut Expressions, z: ExprId) -> (ExprId, ExprId) {
        let stretched = e.multiply(self.scale, z);
        let t = e.add(self.location, stretched);
        let parameter = self.link.apply(e, t);
        if let [part] = self.parts.as_slice() {
            return (parameter, standard_log_density(e, &part.standard, z));
        }
        let density = mixture_log_density(e, &self.parts, t);
        let log_scale = e.unary(Unary::Log, self.scale);
        (parameter, e.add(density, log_scale))
    }
}

/// Location and scale of a parameter's coordinate: those of a single part; the mean and standard deviation of a
/// mixture of normals; else the natural scale as it is.
fn common_scale(e: &mut Expressions, parts: &[Part], link: Link) -> (ExprId, ExprId) {
    if let [part] = parts {
        return (part.location, part.scale);
    }
    if link != Link::Identity {
        return (e.constant(0.0), e.constant(1.0));
    }
    let mean = average(e, parts, |_, part| part.location);
    let square = |e: &mut Expressions, part: &Part| {
        let away = e.subtract(part.location, mean);
        let (between, within) = (e.multiply(away, away), e.multiply(part.scale, part.scale));
        e.add(between, within)
    };
    let variance = average(e, parts, square);
    (mean, e.unary(Unary::Sqrt, variance))
}

/// $\sum_k w_k f_k$
fn average(e: &mut Expressions, parts: &[Part], f: impl Fn(&mut Expressions, &Part) -> ExprId) -> ExprId {
    let zero = e.constant(0.0);
    parts.iter().fold(zero, |total, part| {
        let (weight, value) = (e.constant(part.weight), f(e, part));
        let term = e.multiply(weight, value);
        e.add(total, term)
    })
}

/// $\ln \sum_k w_k p_k(t)$, the largest term taken out first so that none overflows.
fn mixture_log_density(e: &mut Expressions, parts: &[Part], t: ExprId) -> ExprId {
    let terms: Vec<ExprId> = parts
        .iter()
        .map(|part| {
            let (log_weight, density) = (e.constant(ln(part.weight)), part.log_density(e, t));
            e.add(log_weight, density)
        })
        .collect();
    let largest =
        terms[1..].iter().fold(terms[0], |a, &b| e.binary(counterplay_game::expression::Binary::Max, a, b));
    let zero = e.constant(0.0);
    let sum = terms.iter().fold(zero, |total, &term| {
        let relative = e.subtract(term, largest);
        let ratio = e.unary(Unary::Exp, relative);
        e.add(total, ratio)
    });
    let log_sum = e.unary(Unary::Log, sum);
    e.add(largest, log_sum)
}

/// Shares that add up to one.
#[derive(Clone, Debug)]
pub(super) struct Simplex {
    pub(super) concentrations: Vec<ExprId>,
    /// The index of its first coordinate; there is one fewer than there are shares.
    pub(super) coordinate: usize,
}

/// The log odds of break `k` of `shares` at $z = 0$ are minus this: all shares are equal there.
pub(super) fn offset(k: usize, shares: usize) -> f64 {
    ln((shares - 1 - k) as f64)
}

impl Simplex {
    /// The shares, and the log density of the coordinates `z`.
    ///
    /// Break $k$ takes the share $v_k$ of what is left; under the Dirichlet distribution these are independent,
    /// each beta with $\alpha_k$ and $\sum_{j > k} \alpha_j$ (Connor and Mosimann 1969).
    pub(super) fn place(&self, e: &mut Expressions, z: &[ExprId]) -> (Vec<ExprId>, ExprId) {
        let zero = e.constant(0.0);
        let (mut log_left, mut log_density, mut shares) = (zero, zero, Vec::new());
        for (k, &z) in z.iter().enumerate() {
            let shift = e.constant(offset(k, self.concentrations.len()));
            let t = e.subtract(z, shift);
            let rest = self.concentrations[k + 1..].iter().fold(zero, |sum, &a| e.add(sum, a));
            let density = logit_beta_log_density(e, t, self.concentrations[k], rest);
            log_density = e.add(log_density, density);
            let (loss, loss_rest) = share_losses(e, t);
            let log_share = e.subtract(log_left, loss);
            shares.push(e.unary(Unary::Exp, log_share));
            log_left = e.subtract(log_left, loss_rest);
        }
        shares.push(e.unary(Unary::Exp, log_left));
        (shares, self.where_valid(e, log_density))
    }

    fn where_valid(&self, e: &mut Expressions, log_density: ExprId) -> ExprId {
        let (zero, never) = (e.constant(0.0), e.constant(f64::NEG_INFINITY));
        self.concentrations.iter().fold(log_density, |result, &a| e.where_less(zero, a, result, never))
    }
}
