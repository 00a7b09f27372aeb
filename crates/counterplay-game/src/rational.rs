//! Exact numbers, as game files state them.

use num_bigint::BigInt;
use num_traits::{One, Zero};

/// A fraction of whole numbers of any size.
pub type Rational = num_rational::BigRational;

/// The most bits that numerator and denominator of a number in a game may have.
const MOST_BITS: u64 = 1600;

/// How many bits the numerator may have more than the denominator: numbers stay below about 1e300.
const MOST_BITS_OF_SIZE: u64 = 996;

/// The nearest floating-point number; infinite where it is too large for one.
pub fn to_f64(number: &Rational) -> f64 {
    num_traits::ToPrimitive::to_f64(number).unwrap_or(f64::NAN)
}

/// The largest denominator of a fraction that floating point is taken to stand for.
const MOST_DENOMINATOR: u32 = 1000;

/// A floating-point number as people would write it, so that [`to_f64`] gives it back: a fraction with a
/// denominator of at most 1000, such as 1/3, or else the shortest decimal. `None` where it is not finite.
///
/// ```
/// use counterplay_game::rational::{readable, to_f64};
/// let written = |x: f64| readable(x).map(|fraction| fraction.to_string());
/// assert_eq!(written(2.0 / 3.0).as_deref(), Some("2/3"));
/// assert_eq!(written(0.0625).as_deref(), Some("1/16"));
/// assert_eq!(written(0.12345).as_deref(), Some("2469/20000")); // the shortest decimal, in lowest terms
/// assert_eq!(readable(0.1 + 0.2).map(|fraction| to_f64(&fraction)), Some(0.1 + 0.2));
/// assert_eq!(readable(f64::NAN), None);
/// ```
pub fn readable(number: f64) -> Option<Rational> {
    small_fraction(number).or_else(|| shortest(number))
}

/// The fraction among the convergents of the continued fraction. One with denominator $q \le 1000$ that rounds to the
/// number differs from it by less than $1/(2q^2)$ and so is a convergent (Hardy and Wright 1979, theorem 184).
fn small_fraction(number: f64) -> Option<Rational> {
    let most = BigInt::from(MOST_DENOMINATOR);
    let mut rest = Rational::from_float(number)?;
    let (mut before, mut now) = ((BigInt::zero(), BigInt::one()), (BigInt::one(), BigInt::zero()));
    loop {
        let whole = rest.floor();
        let next = (whole.numer() * &now.0 + &before.0, whole.numer() * &now.1 + &before.1);
        if next.1 > most {
            return None;
        }
        let convergent = Rational::new(next.0.clone(), next.1.clone());
        if to_f64(&convergent) == number {
            return Some(convergent);
        }
        rest -= whole;
        if rest.is_zero() {
            return None;
        }
        rest = rest.recip();
        (before, now) = (now, next);
    }
}

/// The shortest decimal.
fn shortest(number: f64) -> Option<Rational> {
    let text = format!("{number:e}");
    let (mantissa, exponent) = text.split_once('e')?;
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: BigInt = [whole, part].concat().parse().ok()?;
    let power = exponent.parse::<i64>().ok()? - i64::try_from(part.len()).ok()?;
    let scale = BigInt::from(10).pow(u32::try_from(power.unsigned_abs()).ok()?);
    Some(if power < 0 { Rational::new(digits, scale) } else { Rational::from_integer(digits * scale) })
}

/// Whether a number is of a size that games may hold: below about 1e300, and with fewer than 480 digits above and
/// below the line. So sums of payoffs fit in floating point, and exact arithmetic stays quick.
pub fn fits(number: &Rational) -> bool {
    let (above, below) = (number.numer().bits(), number.denom().bits());
    above <= MOST_BITS && below <= MOST_BITS && above <= below + MOST_BITS_OF_SIZE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(above: i64, below: i64) -> Rational {
        Rational::new(above.into(), below.into())
    }

    #[test]
    fn floating_point_stands_for_small_fractions_and_short_decimals() {
        assert_eq!(readable(1.0 / 3.0), Some(ratio(1, 3)));
        assert_eq!(readable(-355.0 / 113.0), Some(ratio(-355, 113)));
        assert_eq!(readable(0.1), Some(ratio(1, 10)));
        assert_eq!(readable(0.123_456_7), Some(ratio(1_234_567, 10_000_000)));
    }

    #[test]
    fn the_readable_number_gives_floating_point_back() {
        for x in [0.0, -2.5, 2.0 / 3.0, 1e22, 123_456.789, 0.1 + 0.2, f64::MIN_POSITIVE, 5e-324, -1e299] {
            let exact = readable(x).unwrap();
            assert_eq!(to_f64(&exact), x);
            assert!(fits(&exact));
        }
        for above in 1..100 {
            for below in 1..100 {
                assert_eq!(readable(above as f64 / below as f64), Some(ratio(above, below)));
            }
        }
        assert_eq!([f64::NAN, f64::INFINITY, f64::NEG_INFINITY].map(readable), [const { None }; 3]);
        assert!(!fits(&readable(1e301).unwrap()));
    }
}
