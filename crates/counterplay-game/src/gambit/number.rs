//! Exact numbers as game files write them: `-3`, `0.25`, `1e-3`, `2/3`.

use num_bigint::{BigInt, Sign};
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::problem::shortened;
use crate::rational::{Rational, fits};

/// The most characters that a number may have.
const MOST_CHARACTERS: usize = 1000;

/// The largest exponent that may be written.
const LARGEST_EXPONENT: i64 = 1000;

/// Reads a number.
///
/// # Errors
/// What is wrong with it.
pub(super) fn read(word: &str) -> Result<Rational, String> {
    if word.len() > MOST_CHARACTERS {
        return Err(format!("the number has more than {MOST_CHARACTERS} characters"));
    }
    let number = if let Some((above, below)) = word.split_once('/') {
        fraction(word, above, below)?
    } else {
        decimal(word).ok_or_else(|| no_number(word))?
    };
    if !fits(&number) {
        return Err("the number is larger than about 1e300 or has too many digits".to_owned());
    }
    Ok(number)
}

fn no_number(word: &str) -> String {
    format!("expected a number, found `{}`", shortened(word))
}

fn fraction(word: &str, above: &str, below: &str) -> Result<Rational, String> {
    let above = decimal(above).ok_or_else(|| no_number(word))?;
    let below = decimal(below).filter(|b| !b.is_negative()).ok_or_else(|| no_number(word))?;
    if below.is_zero() { Err(format!("`{}` divides by zero", shortened(word))) } else { Ok(above / below) }
}

fn decimal(word: &str) -> Option<Rational> {
    let (mantissa, exponent) = match word.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (word, 0),
    };
    if exponent.abs() > LARGEST_EXPONENT {
        return None;
    }
    let (sign, unsigned) = match mantissa.as_bytes().first()? {
        b'-' => (Sign::Minus, &mantissa[1..]),
        b'+' => (Sign::Plus, &mantissa[1..]),
        _ => (Sign::Plus, mantissa),
    };
    let (whole, part) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = [whole, part].concat();
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let size = BigInt::parse_bytes(digits.as_bytes(), 10)?;
    let size = if sign == Sign::Minus { -size } else { size };
    let power = exponent - i64::try_from(part.len()).ok()?;
    let scale = BigInt::from(10).pow(power.unsigned_abs().to_u32()?);
    Some(if power < 0 { Rational::new(size, scale) } else { Rational::from_integer(size * scale) })
}

/// Writes a number: as a decimal where that is exact and not longer than the fraction by much, else as a fraction.
pub(super) fn write(number: &Rational) -> String {
    if number.is_integer() {
        return number.to_string();
    }
    decimal_places(number.denom()).map_or_else(|| number.to_string(), |places| as_decimal(number, places))
}

/// The most decimal places that are written.
const MOST_PLACES: u32 = 20;

/// How many decimal places write a fraction with this denominator exactly, if few do.
fn decimal_places(denominator: &BigInt) -> Option<u32> {
    let mut power = BigInt::one();
    for places in 0..=MOST_PLACES {
        if (&power % denominator).is_zero() {
            return Some(places);
        }
        power *= 10;
    }
    None
}

fn as_decimal(number: &Rational, places: u32) -> String {
    let scaled = (number * Rational::from_integer(BigInt::from(10).pow(places))).to_integer();
    let sign = if scaled.is_negative() { "-" } else { "" };
    let digits = format!("{:0>width$}", scaled.abs().to_string(), width = places as usize + 1);
    let (whole, part) = digits.split_at(digits.len() - places as usize);
    format!("{sign}{whole}.{part}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_and_fractions_are_exact() {
        let third = Rational::new(1.into(), 3.into());
        assert_eq!(read("1/3").unwrap(), third);
        assert_eq!(read("-2/6").unwrap(), -third);
        for (word, above, below) in [
            ("0.25", 1, 4),
            (".5", 1, 2),
            ("5.", 5, 1),
            ("-1.5e-1", -3, 20),
            ("+2E2", 200, 1),
            ("1.5/2", 3, 4),
        ] {
            assert_eq!(read(word).unwrap(), Rational::new(above.into(), below.into()), "{word}");
        }
    }

    #[test]
    fn what_is_no_number_or_too_large_is_refused() {
        let long = "9".repeat(2_000_000);
        for word in [
            "",
            "-",
            ".",
            "1/0",
            "1/-2",
            "1/2/3",
            "e5",
            "1e",
            "--1",
            "0x1",
            "inf",
            "NaN",
            "1e400",
            "1e999999999",
            &long,
        ] {
            assert!(read(word).is_err(), "{}", &word[..word.len().min(20)]);
        }
    }

    #[test]
    fn numbers_are_written_as_short_decimals_or_as_fractions() {
        for (word, written) in [
            ("1/4", "0.25"),
            ("-0.05", "-0.05"),
            ("2/6", "1/3"),
            ("1e3", "1000"),
            ("-7/2", "-3.5"),
            ("0.0", "0"),
        ] {
            assert_eq!(write(&read(word).unwrap()), written);
        }
    }
}
