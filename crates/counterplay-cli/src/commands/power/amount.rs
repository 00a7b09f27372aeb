//! Weights as people write them, as exact fractions.

use counterplay_collective::power::Fraction;
use num_traits::{Signed, ToPrimitive, Zero};

/// A text with more characters is no weight.
const MOST_CHARACTERS: usize = 40;

/// The largest power of ten in a weight.
const MOST_EXPONENT: i32 = 30;

/// A number as it is written, with whether it is in percent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Amount {
    pub(super) value: Fraction,
    pub(super) percent: bool,
    /// Whether it is written as a fraction, `2/3`.
    pub(super) is_ratio: bool,
}

/// Reads a number: `52`, `1,000,000`, `1_000_000`, `2e9`, `33.3`, `16.5%`, `2/3`.
///
/// # Errors
/// What is wrong with it, to be put after its name.
pub(super) fn read(text: &str) -> Result<Amount, &'static str> {
    let text = text.trim();
    if text.chars().count() > MOST_CHARACTERS {
        return Err("has more digits than a weight");
    }
    let (text, percent) = match text.strip_suffix('%') {
        Some(text) => (text.trim_end(), true),
        None => (text, false),
    };
    let (value, is_ratio) = match text.split_once('/') {
        None => (decimal(text).ok_or("is no number")?, false),
        Some((above, below)) => {
            let [above, below] = [above, below].map(|part| decimal(part.trim()));
            let (above, below) = (above.ok_or("is no number")?, below.ok_or("is no number")?);
            if below.is_zero() {
                return Err("divides by zero");
            }
            (above / below, true)
        }
    };
    if value.is_negative() { Err("is below zero") } else { Ok(Amount { value, percent, is_ratio }) }
}

/// A number in decimals, with commas or underscores between thousands.
fn decimal(text: &str) -> Option<Fraction> {
    let (negative, digits) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (digits, exponent) = match digits.split_once(['e', 'E']) {
        Some((digits, exponent)) => {
            (digits, exponent.parse::<i32>().ok().filter(|e| e.abs() <= MOST_EXPONENT)?)
        }
        None => (digits, 0),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let whole = in_thousands(whole)?;
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(&whole) || !all_digits(part) || whole.len() + part.len() == 0 {
        return None;
    }
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    let below = "0".repeat(part.len()) + &zeros(-exponent);
    let value: Fraction = format!("{whole}{part}{}/1{below}", zeros(exponent)).parse().ok()?;
    Some(if negative { -value } else { value })
}

/// The digits of a whole number without what separates thousands.
fn in_thousands(text: &str) -> Option<String> {
    let Some(separator) = text.chars().find(|c| [',', '_'].contains(c)) else { return Some(text.to_owned()) };
    let groups: Vec<&str> = text.split(separator).collect();
    let sound = (1..=3).contains(&groups[0].len()) && groups[1..].iter().all(|group| group.len() == 3);
    sound.then(|| groups.concat())
}

/// A fraction in decimals, or as it is where it has none.
pub(super) fn shown(value: &Fraction) -> String {
    let scaled = value * Fraction::from_integer(1_000_000.into());
    if !scaled.is_integer() {
        return value.to_string();
    }
    let millionths = scaled.to_integer().to_i128().map_or_else(|| value.to_string(), |m| m.to_string());
    if value.is_integer() {
        return value.to_string();
    }
    let padded = format!("{millionths:0>7}");
    let (whole, part) = padded.split_at(padded.len() - 6);
    format!("{whole}.{}", part.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        let value = |text: &str| read(text).map(|amount| amount.value.to_string());
        for (text, exact) in [
            ("52", "52"),
            ("2.5", "5/2"),
            (".5", "1/2"),
            ("1,234,567", "1234567"),
            ("1_000.25", "4001/4"),
            ("33.3%", "333/10"),
            ("2e9", "2000000000"),
            ("1.5E-2", "3/200"),
            ("2/3", "2/3"),
            ("0", "0"),
        ] {
            assert_eq!(value(text).as_deref(), Ok(exact), "{text}");
        }
        assert!(read("16.5%").unwrap().percent && read("2/3").unwrap().is_ratio);
        for (text, why) in [
            ("-1", "is below zero"),
            ("\u{2212}2", "is below zero"),
            ("one", "is no number"),
            ("", "is no number"),
            ("1.2.3", "is no number"),
            ("1e31", "is no number"),
            ("1e", "is no number"),
            ("12,34", "is no number"),
            ("NaN", "is no number"),
            ("1/0", "divides by zero"),
            ("0000000000000000000000000000000000000000001", "has more digits than a weight"),
        ] {
            assert_eq!(value(text), Err(why), "{text}");
        }
    }

    #[test]
    fn fractions_are_shown_in_decimals_where_they_have_some() {
        let shown_as = |text: &str| shown(&read(text).unwrap().value);
        assert_eq!(
            [shown_as("2.50"), shown_as("12"), shown_as("1/3"), shown_as("0.000001")],
            ["2.5", "12", "1/3", "0.000001"]
        );
    }
}
