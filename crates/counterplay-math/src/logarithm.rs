//! The natural logarithm, alone and in lanes.

/// $\ln x$, within one unit in the last place.
///
/// The same bits on every machine, and those of [`ln_lanes`]. Minus infinity at zero, NaN below it.
///
/// # Method
/// $x = 2^k (1 + f)$ with $\sqrt{1/2} \le 1 + f < \sqrt 2$, and with $s = f / (2 + f)$
/// $$ \ln(1 + f) = f - \tfrac12 f^2 + s \left(\tfrac12 f^2 + R(s^2)\right), $$
/// where $R$ is the polynomial of degree 7 of FreeBSD's `e_log.c` (Ng 1993), whose error is below $2^{-58}$; see also Muller et
/// al., *Handbook of Floating-Point Arithmetic*, 2nd ed., section 10.2.2. The logarithm of 2 is split as for [`exp`](crate::exp).
/// Only additions, multiplications, one division and moves of bits.
///
/// ```
/// assert_eq!(counterplay_math::ln(1.0), 0.0);
/// assert_eq!(counterplay_math::ln(8.0), 3.0 * std::f64::consts::LN_2);
/// assert_eq!(counterplay_math::ln(0.0), f64::NEG_INFINITY);
/// ```
#[inline]
pub fn ln(x: f64) -> f64 {
    if (f64::MIN_POSITIVE..f64::INFINITY).contains(&x) {
        return of_normal(x, 0);
    }
    extreme(x)
}

/// $\ln x$ where $x$ is not a positive normal number.
#[cold]
fn extreme(x: f64) -> f64 {
    of_any(x)
}

/// $\ln x$ of several numbers at once: in each lane the bits of [`ln`].
///
/// ```
/// use counterplay_math::{ln, ln_lanes};
/// let x = [0.0, 1e-310, 0.25, f64::INFINITY];
/// assert_eq!(ln_lanes(x), x.map(ln));
/// ```
#[inline]
pub fn ln_lanes<const L: usize>(x: [f64; L]) -> [f64; L] {
    x.map(of_any)
}

/// Multiplies the smallest numbers into the normal ones.
const LIFT: f64 = 18_014_398_509_481_984.0;
/// The logarithm of that factor to the base two.
const LIFTED: u64 = 54;

/// $\ln x$ for any $x$, without branches.
#[inline]
fn of_any(x: f64) -> f64 {
    let small = x < f64::MIN_POSITIVE;
    let found = of_normal(if small { x * LIFT } else { x }, if small { LIFTED } else { 0 });
    let found = if x == 0.0 { f64::NEG_INFINITY } else { found };
    let found = if x < 0.0 { f64::NAN } else { found };
    // Infinity and NaN are their own logarithms.
    if x < f64::INFINITY { found } else { x }
}

/// The bits of $\sqrt{1/2}$.
const ROOT_OF_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
/// Of which the exponent is cut off a number.
const EXPONENT: u64 = 0xfff0_0000_0000_0000;
/// Keeps exponents positive.
const BIAS: u64 = 1100;
/// $2^{52}$: a whole number in its last bits is added to it.
const WHOLE: f64 = 4_503_599_627_370_496.0;

/// The head of $\ln 2$: its last 11 bits are zero, so that products with a whole power are exact.
const LN_2_HEAD: f64 = f64::from_bits(0x3fe6_2e42_fefa_3800);
/// What is left of $\ln 2$.
const LN_2_TAIL: f64 = f64::from_bits(0x3d2e_f357_93c7_6730);

/// $R(z) / z$ by powers of $z$: Ng's coefficients.
const COEFFICIENTS: [f64; 7] = [
    f64::from_bits(0x3fe5_5555_5555_5593),
    f64::from_bits(0x3fd9_9999_9997_fa04),
    f64::from_bits(0x3fd2_4924_9422_9359),
    f64::from_bits(0x3fcc_71c5_1d8e_78af),
    f64::from_bits(0x3fc7_4664_96cb_03de),
    f64::from_bits(0x3fc3_9a09_d078_c69f),
    f64::from_bits(0x3fc2_f112_df3e_5244),
];

/// $\ln(x / 2^l)$ for a positive normal $x$.
#[inline]
fn of_normal(x: f64, l: u64) -> f64 {
    let bits = x.to_bits();
    let above = bits.wrapping_sub(ROOT_OF_HALF).wrapping_add(BIAS << 52);
    let k = f64::from_bits(WHOLE.to_bits() | ((above >> 52).wrapping_sub(l) & 0xfff)) - (WHOLE + BIAS as f64);
    let exponent = bits.wrapping_sub(ROOT_OF_HALF) & EXPONENT;
    let f = f64::from_bits(bits.wrapping_sub(exponent)) - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let c = &COEFFICIENTS;
    let even = w * (c[1] + w * (c[3] + w * c[5]));
    let odd = z * (c[0] + w * (c[2] + w * (c[4] + w * c[6])));
    let half_square = 0.5 * f * f;
    let head = k * LN_2_HEAD;
    // Exact: the first addend is zero or the larger one (Dekker 1971).
    let sum = head + f;
    let error = (head - sum) + f;
    sum + (error - (half_square - (s * (half_square + (odd + even)) + k * LN_2_TAIL)))
}
