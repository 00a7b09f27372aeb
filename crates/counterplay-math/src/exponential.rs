//! The exponential function, alone and in lanes.

use crate::powers::{COUNT, POWERS};

/// $e^x$, within 0.52 units in the last place where that is a normal number, and within one below.
///
/// The same bits on every machine, and those of [`exp_lanes`]. Infinite above 709.78, zero below -745.14.
///
/// # Method
/// $x = \frac{k}{128} \ln 2 + r$ with a whole number $k$ and $|r| \le \ln 2 / 256$, so that $e^x = 2^{k / 128} e^r$. The first factor
/// is from a table of 128 powers, each in two parts (Tang 1989); $e^r$ is a polynomial of degree 5 with a relative error below
/// $3 \cdot 10^{-20}$ (found by Remez exchange). $\ln 2$ is split into a head, whose products with $k$ are exact, and a tail (Cody
/// and Waite 1980); see Muller et al., *Handbook of Floating-Point Arithmetic*, 2nd ed., section 10.2. Nothing but additions,
/// multiplications and moves of bits: no fused multiply-add, which only some processors have, and no branch that changes a result.
///
/// ```
/// assert_eq!(counterplay_math::exp(0.0), 1.0);
/// assert_eq!(counterplay_math::exp(1.0), std::f64::consts::E);
/// assert_eq!(counterplay_math::exp(f64::NEG_INFINITY), 0.0);
/// ```
#[inline]
pub fn exp(x: f64) -> f64 {
    if x.abs() < MODERATE { moderate(x) } else { extreme(x) }
}

/// $e^x$ of several numbers at once: in each lane the bits of [`exp`].
///
/// Without a branch for each lane, so that the compiler puts them into vector registers.
///
/// ```
/// use counterplay_math::{exp, exp_lanes};
/// let x = [-800.0, -1.5, 0.25, 710.0];
/// assert_eq!(exp_lanes(x), x.map(exp));
/// ```
#[inline]
pub fn exp_lanes<const L: usize>(x: [f64; L]) -> [f64; L] {
    if x.iter().fold(true, |all, x| all & (x.abs() < MODERATE)) { x.map(moderate) } else { x.map(any) }
}

/// Below this nothing that matters on the way to $e^x$ is too small or too large for a normal number.
const MODERATE: f64 = 600.0;

/// $e^x$ of a moderate number.
#[inline]
fn moderate(x: f64) -> f64 {
    let (r, left_out, power, exponent) = reduced(x);
    // Multiplied by a power of two, which is exact.
    times_exp(f64::from_bits(power.wrapping_add(exponent << 52)), left_out, r)
}

#[cold]
fn extreme(x: f64) -> f64 {
    any(x)
}

/// $e^x$ of any number, and of a moderate one the same bits.
#[inline]
fn any(x: f64) -> f64 {
    // Beyond these the result is zero or infinite. Comparison with NaN is false, so that NaN goes through.
    let x = if x < -746.0 { -746.0 } else { x };
    let x = if x > 710.0 { 710.0 } else { x };
    let (r, left_out, power, exponent) = reduced(x);
    // In two steps, since one power of two may be no normal number. Only the second multiplication can round.
    let half = exponent.wrapping_add(2048) % 4096 / 2;
    let rest = exponent.wrapping_sub(half);
    let scale = |biased: u64| f64::from_bits(biased << 52);
    times_exp(f64::from_bits(power), left_out, r)
        * scale(half.wrapping_sub(1))
        * scale(rest.wrapping_add(2047))
}

/// $1.5 \cdot 2^{52}$: adding it to a number rounds it to a whole one, which then stands in the last bits.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// $128 / \ln 2$
const STEPS: f64 = f64::from_bits(0x4067_1547_652b_82fe);
/// The head of $\ln 2 / 128$: its last 19 bits are zero.
const HEAD: f64 = f64::from_bits(0x3f76_2e42_fef8_0000);
/// What is left of $\ln 2 / 128$.
const TAIL: f64 = f64::from_bits(0x3d41_cf79_abc9_e3b4);
/// $(e^r - 1 - r) / r^2$ by powers of $r$.
const COEFFICIENTS: [f64; 4] =
    [0.499_999_999_999_967_86, 0.166_666_666_666_681_23, 0.041_666_680_842_544_75, 0.008_333_332_408_222_005];

/// $r$, what the power of two leaves out, that power's bits, and in the last bits the whole part of $k / 128$.
#[inline]
fn reduced(x: f64) -> (f64, f64, u64, u64) {
    let rounded = x * STEPS + ROUND;
    let k = rounded - ROUND;
    let bits = rounded.to_bits();
    let (left_out, power) = POWERS[(bits % COUNT) as usize];
    ((x - k * HEAD) - k * TAIL, left_out, power, bits / COUNT)
}

/// A power times $e^r$ and what the power leaves out.
///
/// Ordered by what is known first: the chain of operations from $r$ on is the shortest possible.
#[inline]
fn times_exp(power: f64, left_out: f64, r: f64) -> f64 {
    let [c2, c3, c4, c5] = COEFFICIENTS;
    let r2 = r * r;
    let first = power * ((left_out + r) + r2 * c2);
    let rest = (power * (r2 * r)) * ((c3 + c4 * r) + r2 * c5);
    power + (first + rest)
}
