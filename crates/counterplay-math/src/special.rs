//! Special functions: the gamma function and its kin.

use crate::{exp, ln};

/// $\ln \Gamma(x)$ for a positive $x$; infinite at zero.
///
/// ```
/// assert_eq!(counterplay_math::ln_gamma(2.0), 0.0);
/// assert!((counterplay_math::ln_gamma(5.0) - 24_f64.ln()).abs() < 1e-14);
/// ```
pub fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// The error function, $\frac{2}{\sqrt\pi} \int_0^x e^{-t^2}\\,dt$.
///
/// In \[-1, 1\]. Twice the standard normal probability between 0 and $\sqrt 2\\,x$: within one standard deviation of the
/// mean lie $\operatorname{erf}(1/\sqrt 2)$.
///
/// ```
/// let within_one = counterplay_math::erf(std::f64::consts::FRAC_1_SQRT_2);
/// assert!((within_one - 0.682_689_492_137_085_9).abs() < 1e-15);
/// assert_eq!(counterplay_math::erf(-0.5), -counterplay_math::erf(0.5));
/// ```
pub fn erf(x: f64) -> f64 {
    libm::erf(x)
}

/// $1 - \operatorname{erf} x$, without loss for a large $x$.
///
/// In \[0, 2\]. Published: $\operatorname{erfc} 10 = 2.088\\,487\\,583\ldots \cdot 10^{-45}$, where one minus the rounded
/// $\operatorname{erf} 10$ is nothing.
///
/// ```
/// assert_eq!(1.0 - counterplay_math::erf(10.0), 0.0);
/// assert!((counterplay_math::erfc(10.0) / 2.088_487_583_762_545e-45 - 1.0).abs() < 1e-14);
/// ```
pub fn erfc(x: f64) -> f64 {
    libm::erfc(x)
}

/// $\psi(x) = \frac{d}{dx} \ln \Gamma(x)$ for a positive $x$; NaN for others.
///
/// By $\psi(x) = \psi(x + 1) - 1/x$ up to where the asymptotic series in $1/x^2$ is exact to the last digit (Abramowitz and
/// Stegun 1964, 6.3.5 and 6.3.18).
///
/// ```
/// assert!((counterplay_math::digamma(1.0) + 0.577_215_664_901_532_9).abs() < 1e-15);
/// ```
pub fn digamma(x: f64) -> f64 {
    /// From here on the series is used.
    const FAR: f64 = 10.0;
    /// $B_{2n} / 2n$ for $n$ from 1.
    const TERMS: [f64; 8] = [
        1.0 / 12.0,
        -1.0 / 120.0,
        1.0 / 252.0,
        -1.0 / 240.0,
        1.0 / 132.0,
        -691.0 / 32_760.0,
        1.0 / 12.0,
        -3_617.0 / 8_160.0,
    ];
    if x.is_nan() || x <= 0.0 {
        return f64::NAN;
    }
    let (mut x, mut below) = (x, 0.0);
    while x < FAR {
        below += 1.0 / x;
        x += 1.0;
    }
    let z = 1.0 / (x * x);
    let series = z * TERMS.iter().rev().fold(0.0, |sum, term| sum * z + term);
    (ln(x) - 0.5 / x - series) - below
}

/// The probabilities below and above $x$ under the gamma distribution with this shape and rate one,
/// $P(a, x) = \gamma(a, x) / \Gamma(a)$ and $Q(a, x) = 1 - P(a, x)$.
///
/// The smaller one is found first: below the mean from the power series, above it from the continued fraction (Press et al. 2007,
/// section 6.2). NaN where the shape is not positive and finite or $x$ is negative.
///
/// ```
/// let (below, above) = counterplay_math::gamma_tails(1.0, 2.0);
/// assert!((above - (-2.0_f64).exp()).abs() < 1e-15 && (below + above - 1.0).abs() < 1e-15);
/// ```
pub fn gamma_tails(shape: f64, x: f64) -> (f64, f64) {
    if !(shape > 0.0 && shape < f64::INFINITY && x >= 0.0) {
        return (f64::NAN, f64::NAN);
    }
    if x == 0.0 {
        return (0.0, 1.0);
    }
    if x == f64::INFINITY {
        return (1.0, 0.0);
    }
    let front = exp(shape * ln(x) - x - ln_gamma(shape));
    if x <= shape.max(1.0) {
        let below = front * below_series(shape, x);
        (below, 1.0 - below)
    } else {
        let above = front * above_fraction(shape, x);
        (1.0 - above, above)
    }
}

/// More terms than either needs for any shape that sampling can meet; without them NaN would loop for ever.
const TERMS: usize = 1_000_000;

/// $\sum_n x^n / (a (a + 1) \cdots (a + n))$
fn below_series(shape: f64, x: f64) -> f64 {
    let (mut term, mut sum, mut at) = (1.0 / shape, 1.0 / shape, shape);
    for _ in 0..TERMS {
        at += 1.0;
        term *= x / at;
        sum += term;
        if term <= sum * (0.5 * f64::EPSILON) {
            break;
        }
    }
    sum
}

/// $\cfrac{1}{x + 1 - a - \cfrac{1 (1 - a)}{x + 3 - a - \cdots}}$, by the method of Lentz.
fn above_fraction(shape: f64, x: f64) -> f64 {
    let away_from_zero = |y: f64| if y.abs() < 1e-300 { 1e-300 } else { y };
    let mut b = x + 1.0 - shape;
    let mut c = 1e300;
    let mut d = 1.0 / away_from_zero(b);
    let mut fraction = d;
    for n in 1..TERMS {
        let n = n as f64;
        let numerator = -n * (n - shape);
        b += 2.0;
        d = 1.0 / away_from_zero(numerator * d + b);
        c = away_from_zero(b + numerator / c);
        fraction *= c * d;
        if (c * d - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    fraction
}
