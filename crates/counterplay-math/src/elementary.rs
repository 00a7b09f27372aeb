//! Elementary functions that are needed now and then.
//!
//! Those of the crate `libm`, a translation of musl's, which are made of the basic operations of IEEE 754 and of a fused
//! multiply-add that is exact whether the processor has one or not; and powers with whole exponents.

/// $\ln(1 + x)$, without loss for a small $x$.
///
/// ```
/// assert_eq!(counterplay_math::ln_1p(1e-20), 1e-20);
/// ```
pub fn ln_1p(x: f64) -> f64 {
    libm::log1p(x)
}

/// $e^x - 1$, without loss for a small $x$.
///
/// ```
/// assert_eq!(counterplay_math::exp_m1(1e-20), 1e-20);
/// ```
pub fn exp_m1(x: f64) -> f64 {
    libm::expm1(x)
}

/// $\log_2 x$
///
/// ```
/// assert_eq!(counterplay_math::log2(0.125), -3.0);
/// ```
pub fn log2(x: f64) -> f64 {
    libm::log2(x)
}

/// $\log_{10} x$
///
/// ```
/// assert_eq!(counterplay_math::log10(1000.0), 3.0);
/// ```
pub fn log10(x: f64) -> f64 {
    libm::log10(x)
}

/// $x^y$
///
/// ```
/// assert_eq!(counterplay_math::powf(9.0, -0.5), 1.0 / 3.0);
/// ```
pub fn powf(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}

/// $x^n$ by squaring, in an order of multiplications that does not depend on the compiler.
///
/// ```
/// assert_eq!(counterplay_math::powi(2.0, -3), 0.125);
/// assert_eq!(counterplay_math::powi(0.0, 0), 1.0);
/// ```
pub fn powi(x: f64, n: i32) -> f64 {
    let (mut power, mut square, mut left) = (1.0, x, n.unsigned_abs());
    while left > 0 {
        if left & 1 == 1 {
            power *= square;
        }
        square *= square;
        left >>= 1;
    }
    if n < 0 { 1.0 / power } else { power }
}

/// $x^{1/3}$
///
/// ```
/// assert_eq!(counterplay_math::cbrt(-27.0), -3.0);
/// ```
pub fn cbrt(x: f64) -> f64 {
    libm::cbrt(x)
}

/// $\sqrt{x^2 + y^2}$, without overflow.
///
/// ```
/// assert!((counterplay_math::hypot(3e200, 4e200) / 5e200 - 1.0).abs() < 1e-15);
/// ```
pub fn hypot(x: f64, y: f64) -> f64 {
    libm::hypot(x, y)
}

/// The angle of the point $(x, y)$ from the first axis, in radians, from $-\pi$ to $\pi$.
///
/// ```
/// assert_eq!(counterplay_math::atan2(1.0, 0.0), std::f64::consts::FRAC_PI_2);
/// ```
pub fn atan2(y: f64, x: f64) -> f64 {
    libm::atan2(y, x)
}
