//! Tail probabilities of the normal, gamma and beta distributions, and their inverses.
//!
//! Gamma and beta quantities are held on the scale $t = \ln x$ and $t = \ln(x / (1 - x))$, on which neither tail
//! runs out of digits even for tiny shapes.

use counterplay_math::{exp, ln, ln_1p, ln_gamma, normal_quantile};

use super::Rank;

/// The standard normal quantity of the given rank.
pub(super) fn normal_at(rank: Rank) -> f64 {
    if rank.is_low() { normal_quantile(rank.below()) } else { -normal_quantile(rank.above()) }
}

/// Below this a power series of two terms is exact to the last digit.
const SMALL: f64 = 1e-9;

/// The probabilities below and above $x = e^t$ under the gamma distribution with rate one.
pub(super) fn gamma_tails(shape: f64, t: f64) -> (f64, f64) {
    let x = exp(t);
    if x < SMALL {
        let below = exp(shape * t - ln_gamma(shape + 1.0)) * (1.0 - shape * x / (shape + 1.0));
        return (below, 1.0 - below);
    }
    counterplay_math::gamma_tails(shape, x)
}

/// The density of $t = \ln x$ under the gamma distribution with rate one.
fn gamma_density(shape: f64, t: f64) -> f64 {
    exp(shape * t - exp(t) - ln_gamma(shape))
}

/// $\ln x$ of the given rank under the gamma distribution with rate one.
pub(super) fn gamma_log_quantile(shape: f64, rank: Rank) -> f64 {
    invert(rank, ln(shape), |t| (gamma_tails(shape, t), gamma_density(shape, t)))
}

/// $1 / (1 + e^{-t})$
pub(super) fn logistic(t: f64) -> f64 {
    if t >= 0.0 { 1.0 / (1.0 + exp(-t)) } else { exp(t) / (1.0 + exp(t)) }
}

/// $\ln B(a, b)$
fn log_beta(a: f64, b: f64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

/// $\ln x$ and $\ln(1 - x)$ for $t = \ln(x / (1 - x))$
fn log_share_and_rest(t: f64) -> (f64, f64) {
    let small = ln_1p(exp(-t.abs()));
    (t.min(0.0) - small, -t.max(0.0) - small)
}

/// The density of $t = \ln(x / (1 - x))$ under the beta distribution.
fn beta_density(a: f64, b: f64, t: f64) -> f64 {
    let (log_x, log_rest) = log_share_and_rest(t);
    exp(a * log_x + b * log_rest - log_beta(a, b))
}

/// The probabilities below and above $x$, $t = \ln(x / (1 - x))$, under the beta distribution.
pub(super) fn beta_tails(a: f64, b: f64, t: f64) -> (f64, f64) {
    // The continued fraction converges fast on this side of the bulk.
    if logistic(t) > (a + 1.0) / (a + b + 2.0) {
        let above = beta_below(b, a, -t);
        return (1.0 - above, above);
    }
    let below = beta_below(a, b, t);
    (below, 1.0 - below)
}

/// The probability below $x$, for an $x$ below about the mean.
fn beta_below(a: f64, b: f64, t: f64) -> f64 {
    let (log_x, log_rest) = log_share_and_rest(t);
    let x = exp(log_x);
    let front = exp(a * log_x + b * log_rest - log_beta(a, b)) / a;
    front * beta_fraction(a, b, x)
}

/// The continued fraction of the incomplete beta function, by the method of Lentz as modified by Thompson and
/// Barnett (Press et al. 2007, section 6.4).
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let away_from_zero = |y: f64| if y.abs() < 1e-300 { 1e-300 } else { y };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for m in 1..100_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for numerator in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + numerator * d);
            c = away_from_zero(1.0 + numerator / c);
            change = c * d;
            fraction *= change;
        }
        if (change - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    fraction
}

/// $\ln(x / (1 - x))$ of the given rank under the beta distribution.
pub(super) fn beta_logit_quantile(a: f64, b: f64, rank: Rank) -> f64 {
    invert(rank, ln(a / b), |t| (beta_tails(a, b, t), beta_density(a, b, t)))
}

/// The quantity with probability `below` under it, at least one half, under Student's distribution.
///
/// With $\nu$ degrees of freedom $\nu / (\nu + t^2)$ is of the beta distribution with the parameters $\nu / 2$ and $1/2$.
///
/// With one degree of freedom it is $\tan \pi (p - \tfrac12)$ (the Cauchy distribution):
///
/// ```
/// use counterplay_inference::distribution::student_quantile;
/// assert!((student_quantile(0.75, 1.0) - 1.0).abs() < 1e-12);
/// assert!((student_quantile(0.975, 10.0) - 2.228).abs() < 1e-3); // Fisher and Yates (1938), table III
/// ```
pub fn student_quantile(below: f64, degrees: f64) -> f64 {
    debug_assert!((0.5..=1.0).contains(&below));
    let share = beta_logit_quantile(0.5 * degrees, 0.5, Rank::from_below(2.0 * (1.0 - below)));
    (degrees * exp(-share)).sqrt()
}

/// The $t$ of the given rank, where `at` gives the tail probabilities and the density at a $t$.
///
/// Newton's method on the logarithm of the smaller tail, kept within a bracket that each step narrows; where
/// it leaves the bracket the bracket is halved. Gives minus or plus infinity for a rank at either end, and NaN
/// if `at` does.
fn invert(rank: Rank, start: f64, at: impl Fn(f64) -> ((f64, f64), f64)) -> f64 {
    if rank.below() == 0.0 || rank.above() == 0.0 {
        return if rank.below() == 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    // Increasing in t, with its slope.
    let excess = |t: f64| {
        let ((below, above), density) = at(t);
        if rank.is_low() {
            (ln(below) - ln(rank.below()), density / below)
        } else {
            (ln(rank.above()) - ln(above), density / above)
        }
    };
    let (mut low, mut high) = bracket(start, |t| excess(t).0);
    let mut t = if low < start && start < high { start } else { 0.5 * (low + high) };
    for _ in 0..200 {
        let (value, slope) = excess(t);
        if value.is_nan() {
            return f64::NAN;
        }
        *(if value < 0.0 { &mut low } else { &mut high }) = t;
        let newton = t - value / slope;
        let next = if low < newton && newton < high { newton } else { 0.5 * (low + high) };
        if value == 0.0 || (next - t).abs() <= 1e-15 * (1.0 + t.abs()) {
            return if value == 0.0 { t } else { next };
        }
        t = next;
    }
    t
}

/// Two numbers around the zero of an increasing function.
fn bracket(start: f64, f: impl Fn(f64) -> f64) -> (f64, f64) {
    let (mut low, mut high, mut step) = (start, start, 1.0_f64);
    while f(low) > 0.0 && step.is_finite() {
        (high, low) = (low, low - step);
        step *= 2.0;
    }
    while f(high) < 0.0 && step.is_finite() {
        (low, high) = (high, high + step);
        step *= 2.0;
    }
    (low, high)
}
