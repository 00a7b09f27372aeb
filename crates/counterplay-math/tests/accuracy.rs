//! Errors in units in the last place, against whole numbers of many digits; special values; lanes against single numbers.

use counterplay_math::{cbrt, exp, exp_lanes, exp_m1, hypot, ln, ln_1p, ln_lanes, log2, log10, powf, powi};
use num_bigint::BigInt;

/// How many binary digits after the point the references have.
const DIGITS: i64 = 240;

fn one() -> BigInt {
    BigInt::from(1) << DIGITS
}

/// A number as whole multiples of $2^{-\text{DIGITS}}$; exact from $2^{-180}$ on.
fn exactly(x: f64) -> BigInt {
    let bits = x.to_bits();
    let (exponent, fraction) = (((bits >> 52) & 0x7ff).cast_signed(), (bits & ((1 << 52) - 1)).cast_signed());
    let (mantissa, exponent) =
        if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) };
    let shift = DIGITS + exponent;
    let size = if shift >= 0 { BigInt::from(mantissa) << shift } else { BigInt::from(mantissa) >> -shift };
    if x < 0.0 { -size } else { size }
}

/// $\ln 2 = \sum_n 1 / (n 2^n)$
fn ln_2() -> BigInt {
    (1..DIGITS).map(|n| (one() >> n) / n).sum()
}

/// $e^r$ for a small $r$.
fn exp_series(r: &BigInt) -> BigInt {
    let (mut term, mut sum, mut n) = (one(), one(), 0);
    while term != BigInt::ZERO {
        n += 1;
        term = ((term * r) >> DIGITS) / n;
        sum += &term;
    }
    sum
}

/// $2^{-k} e^x$ and $k$.
fn exp_reference(x: f64, ln_2: &BigInt) -> (BigInt, i64) {
    let k = (x * std::f64::consts::LOG2_E).round() as i64;
    (exp_series(&(exactly(x) - ln_2 * k)), k)
}

fn last_place(x: f64) -> f64 {
    x.abs().next_up() - x.abs()
}

/// The ratio of two whole numbers.
fn ratio(a: &BigInt, b: &BigInt) -> f64 {
    let parts = |n: &BigInt| n.to_string().parse::<f64>().expect("digits");
    parts(a) / parts(b)
}

/// How many units in the last place $e^x$ is away from the truth.
fn exp_error(x: f64, found: f64, ln_2: &BigInt) -> f64 {
    let (truth, k) = exp_reference(x, ln_2);
    // Both are multiplied by a power of two, in steps that are normal numbers.
    let scaled = |y: f64| exactly(y * powi(2.0, (-k / 2) as i32) * powi(2.0, (-k - -k / 2) as i32));
    ratio(&(scaled(found) - truth), &scaled(last_place(found))).abs()
}

/// How many units in the last place $\ln x$ is away from the truth: $\ln x = y + \ln(1 + d)$ with $1 + d = x e^{-y}$.
fn ln_error(x: f64, found: f64, ln_2: &BigInt) -> f64 {
    let (power, k) = exp_reference(-found, ln_2);
    let scaled = exactly(x * powi(2.0, (k / 2) as i32) * powi(2.0, (k - k / 2) as i32));
    let d = ((scaled * power) >> DIGITS) - one();
    ratio(&d, &exactly(last_place(found))).abs()
}

/// Different numbers, the same ones every time (Steele, Lea and Flood 2014).
struct Mix(u64);

impl Mix {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.bits() >> 11) as f64 * 2.0_f64.powi(-53)
    }
}

/// Arguments of the exponential: near zero, moderate, anywhere, and about the middle between multiples of $\ln 2 / 128$.
fn exponents(mix: &mut Mix) -> [f64; 5] {
    let middle = (mix.between(-100_000.0, 100_000.0).floor() + 0.5) * std::f64::consts::LN_2 / 128.0;
    [
        mix.between(-1.0, 1.0),
        mix.between(-40.0, 40.0),
        mix.between(-708.0, 709.0),
        powi(2.0, mix.between(-60.0, 0.0) as i32) * mix.between(-1.0, 1.0),
        middle * (1.0 + mix.between(-1e-15, 1e-15)),
    ]
}

/// Arguments of the logarithm: about one, close to one, and anywhere.
fn positives(mix: &mut Mix) -> [f64; 4] {
    [
        mix.between(0.5, 2.0),
        1.0 + powi(2.0, mix.between(-52.0, -1.0) as i32) * mix.between(-1.0, 1.0),
        powi(2.0, mix.between(-1022.0, 1023.0) as i32) * mix.between(1.0, 2.0),
        f64::from_bits(mix.bits() >> 12),
    ]
}

#[test]
fn the_exponential_is_within_0_52_units_in_the_last_place() {
    let (ln_2, mut mix, mut worst) = (ln_2(), Mix(1), 0.0_f64);
    for _ in 0..6_000 {
        for x in exponents(&mut mix) {
            let error = exp_error(x, exp(x), &ln_2);
            worst = worst.max(error);
            assert!(error <= 0.52, "{x:e} {error}");
        }
    }
    assert!(worst > 0.5, "nothing was measured: {worst}");
}

#[test]
fn the_logarithm_is_within_one_unit_in_the_last_place() {
    let (ln_2, mut mix, mut worst) = (ln_2(), Mix(2), 0.0_f64);
    for _ in 0..6_000 {
        for x in positives(&mut mix).into_iter().filter(|&x| x != 1.0 && x > 0.0) {
            let error = ln_error(x, ln(x), &ln_2);
            worst = worst.max(error);
            assert!(error <= 0.9, "{x:e} {error}");
        }
    }
    assert!(worst > 0.5, "nothing was measured: {worst}");
}

#[test]
fn results_too_small_for_a_normal_number_are_within_one_unit_in_the_last_place() {
    let (ln_2, mut mix) = (ln_2(), Mix(3));
    for _ in 0..6_000 {
        let x = mix.between(-745.0, -708.0);
        let error = exp_error(x, exp(x), &ln_2);
        assert!(error <= 1.01, "{x:e} {error}");
    }
}

#[test]
fn over_millions_of_numbers_both_agree_with_libm_to_its_error_of_one_unit() {
    let mut mix = Mix(4);
    let near = |a: f64, b: f64| a == b || (a - b).abs() <= last_place(b);
    for _ in 0..300_000 {
        for x in exponents(&mut mix) {
            assert!(near(exp(x), libm::exp(x)), "{x:e}");
        }
        for x in positives(&mut mix) {
            assert!(near(ln(x), libm::log(x)), "{x:e}");
        }
    }
}

#[test]
fn lanes_have_the_bits_of_single_numbers() {
    let mut mix = Mix(5);
    let same = |a: f64, b: f64| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
    for round in 0..200_000 {
        // Anything at all; only moderate numbers; and one that is extreme among them.
        let mut x = [(); 8].map(|()| match round % 3 {
            0 => f64::from_bits(mix.bits()),
            _ => mix.between(-600.0, 600.0),
        });
        if round % 3 == 2 {
            x[round % 8] = mix.between(-800.0, 800.0);
        }
        for (lane, single) in exp_lanes(x).into_iter().zip(x.map(exp)) {
            assert!(same(lane, single), "{x:?}");
        }
        for (lane, single) in ln_lanes(x).into_iter().zip(x.map(ln)) {
            assert!(same(lane, single), "{x:?}");
        }
        for (lane, single) in exp_lanes([x[0], x[1], x[2]]).into_iter().zip(x.map(exp)) {
            assert!(same(lane, single), "{x:?}");
        }
    }
}

#[test]
fn special_arguments_of_the_exponential_have_their_values() {
    let (tiny, infinity) = (f64::from_bits(1), f64::INFINITY);
    for (x, y) in [
        (0.0, 1.0),
        (-0.0, 1.0),
        (tiny, 1.0),
        (-tiny, 1.0),
        (f64::MIN_POSITIVE, 1.0),
        (infinity, infinity),
        (-infinity, 0.0),
        (f64::MAX, infinity),
        (f64::MIN, 0.0),
        // The last argument with a finite result, and the next one; the same at the other end.
        (709.782_712_893_384, 1.797_693_134_862_273_2e308),
        (709.782_712_893_384_1, infinity),
        (-745.133_219_101_941_1, tiny),
        (-745.133_219_101_941_2, 0.0),
        (std::f64::consts::LN_2, 2.0),
    ] {
        assert_eq!(exp(x).to_bits(), y.to_bits(), "{x:e}");
        assert_eq!(exp_lanes([x; 4]), [y; 4], "{x:e}");
    }
    assert!(exp(f64::NAN).is_nan() && exp_lanes([f64::NAN, 1.0])[0].is_nan());
}

#[test]
fn special_arguments_of_the_logarithm_have_their_values() {
    for (x, y) in [
        (0.0, f64::NEG_INFINITY),
        (-0.0, f64::NEG_INFINITY),
        (1.0, 0.0),
        (f64::INFINITY, f64::INFINITY),
        (f64::from_bits(1), -744.440_071_921_381_2),
        (f64::MIN_POSITIVE, -708.396_418_532_264_1),
        (f64::MAX, 709.782_712_893_384),
    ] {
        assert_eq!(ln(x).to_bits(), y.to_bits(), "{x:e}");
        assert_eq!(ln_lanes([x; 4]), [y; 4], "{x:e}");
    }
    for x in [-1.0, f64::NEG_INFINITY, f64::NAN, -f64::from_bits(1)] {
        assert!(ln(x).is_nan() && ln_lanes([x, 1.0])[0].is_nan(), "{x:e}");
    }
    for k in -1074..1024 {
        let power = if k < -1022 { f64::from_bits(1 << (k + 1074)) } else { powi(2.0, k) };
        assert!((ln(power) - f64::from(k) * std::f64::consts::LN_2).abs() <= last_place(ln(power)), "{k}");
    }
}

#[test]
fn neither_ever_falls() {
    let mut mix = Mix(6);
    for _ in 0..300_000 {
        let x = mix.between(-746.0, 710.0);
        assert!(exp(x) <= exp(x.next_up()), "{x:e}");
        let x = f64::from_bits(mix.bits() >> 1).min(f64::MAX);
        assert!(x.is_nan() || ln(x) <= ln(x.next_up()), "{x:e}");
    }
}

#[test]
fn whole_powers_of_ten_and_two_have_whole_logarithms() {
    for k in -307..=308 {
        let power: f64 = format!("1e{k}").parse().expect("a number");
        assert_eq!(log10(power), f64::from(k));
    }
    for k in -1022..=1023 {
        assert_eq!(log2(powi(2.0, k)), f64::from(k));
    }
}

#[test]
fn rarer_functions_agree_with_the_two_fast_ones() {
    let mut mix = Mix(7);
    let near = |a: f64, b: f64, error: f64| a == b || (a - b).abs() <= error * b.abs();
    for _ in 0..20_000 {
        let (x, y) = (mix.between(0.001, 30.0), mix.between(-20.0, 20.0));
        assert!(near(exp_m1(x), exp(x) - 1.0, 1e-12 + 1e-15 / x));
        assert!(near(ln_1p(x), ln(1.0 + x), 1e-12 + 1e-15 / x));
        assert!(near(powf(x, y), exp(y * ln(x)), 1e-13));
        assert!(near(powi(x, y as i32), powf(x, y.trunc()), 1e-14));
        assert!(near(powi(cbrt(x), 3), x, 1e-15));
        assert!(near(hypot(x, y), (x * x + y * y).sqrt(), 4e-16));
    }
}
