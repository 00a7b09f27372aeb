//! The normal distribution: its tails and its quantiles.
#![allow(clippy::excessive_precision, reason = "the digits as published")]

use std::f64::consts::SQRT_2;

use crate::ln;
use crate::special::erfc;

/// The probabilities that a standard normal quantity is below and above `x`.
///
/// ```
/// assert_eq!(counterplay_math::normal_tails(0.0), (0.5, 0.5));
/// ```
pub fn normal_tails(x: f64) -> (f64, f64) {
    (0.5 * erfc(-x / SQRT_2), 0.5 * erfc(x / SQRT_2))
}

/// The standard normal quantity with this probability below it: minus infinity at 0, infinity at 1, and NaN outside.
///
/// Wichura's algorithm AS 241 (1988), with a relative error below $10^{-15}$. Near 1 the probability above has more digits:
/// use its quantile with the sign turned.
///
/// ```
/// assert_eq!(counterplay_math::normal_quantile(0.5), 0.0);
/// assert!((counterplay_math::normal_quantile(0.975) - 1.959963984540054).abs() < 1e-14);
/// ```
pub fn normal_quantile(below: f64) -> f64 {
    let from_half = below - 0.5;
    if from_half.abs() <= CENTRE {
        return normal_quantile_near_half(from_half);
    }
    if from_half < 0.0 { -far_out(below) } else { far_out(1.0 - below) }
}

/// The standard normal quantity with the probability $\tfrac12 + q$ below it, for a $|q|$ of at most 0.425: without the loss of
/// adding one half.
///
/// ```
/// let near = counterplay_math::normal_quantile_near_half(1e-30);
/// assert!((near / 1e-30 - (2.0 * std::f64::consts::PI).sqrt()).abs() < 1e-14);
/// ```
pub fn normal_quantile_near_half(q: f64) -> f64 {
    debug_assert!(q.is_nan() || q.abs() <= CENTRE);
    let r = CENTRE * CENTRE - q * q;
    q * ratio(&CENTRAL, r)
}

/// How far from one half the central ratio holds.
const CENTRE: f64 = 0.425;

/// The positive quantity with this small probability above it.
fn far_out(above: f64) -> f64 {
    if above == 0.0 {
        return f64::INFINITY;
    }
    let r = (-ln(above)).sqrt();
    if r <= 5.0 { ratio(&MIDDLE, r - 1.6) } else { ratio(&EXTREME, r - 5.0) }
}

/// Numerator and denominator of a rational function, by powers.
type Ratio = ([f64; 8], [f64; 8]);

fn ratio((above, below): &Ratio, x: f64) -> f64 {
    let polynomial = |c: &[f64; 8]| c.iter().rev().fold(0.0, |sum, c| sum * x + c);
    polynomial(above) / polynomial(below)
}

const CENTRAL: Ratio = (
    [
        3.387_132_872_796_366_608,
        133.141_667_891_784_377_45,
        1_971.590_950_306_551_442_7,
        13_731.693_765_509_461_125,
        45_921.953_931_549_871_457,
        67_265.770_927_008_700_853,
        33_430.575_583_588_128_105,
        2_509.080_928_730_122_672_7,
    ],
    [
        1.0,
        42.313_330_701_600_911_252,
        687.187_007_492_057_908_3,
        5_394.196_021_424_751_107_7,
        21_213.794_301_586_595_867,
        39_307.895_800_092_710_61,
        28_729.085_735_721_942_674,
        5_226.495_278_852_854_561,
    ],
);

const MIDDLE: Ratio = (
    [
        1.423_437_110_749_683_577_34,
        4.630_337_846_156_545_295_9,
        5.769_497_221_460_691_405_5,
        3.647_848_324_763_204_605_04,
        1.270_458_252_452_368_382_58,
        0.241_780_725_177_450_611_77,
        0.022_723_844_989_269_184_583_3,
        7.745_450_142_783_414_076_4e-4,
    ],
    [
        1.0,
        2.053_191_626_637_758_821_87,
        1.676_384_830_183_803_849_4,
        0.689_767_334_985_100_004_55,
        0.148_103_976_427_480_074_59,
        0.015_198_666_563_616_457_196_6,
        5.475_938_084_995_344_946e-4,
        1.050_750_071_644_416_843_24e-9,
    ],
);

const EXTREME: Ratio = (
    [
        6.657_904_643_501_103_777_2,
        5.463_784_911_164_114_369_9,
        1.784_826_539_917_291_335_8,
        0.296_560_571_828_504_891_23,
        0.026_532_189_526_576_123_093,
        0.001_242_660_947_388_078_438_6,
        2.711_555_568_743_487_578_15e-5,
        2.010_334_399_292_288_132_65e-7,
    ],
    [
        1.0,
        0.599_832_206_555_887_937_69,
        0.136_929_880_922_735_805_31,
        0.014_875_361_290_850_614_852_5,
        7.868_691_311_456_132_591e-4,
        1.846_318_317_510_054_681_8e-5,
        1.421_511_758_316_445_888_7e-7,
        2.044_263_103_389_939_785_64e-15,
    ],
);
