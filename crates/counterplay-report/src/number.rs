//! Numbers as readers see them: never more digits than their Monte Carlo error allows.

use counterplay_analysis::{Estimate, Interval, QueryEstimate, Rank, Scale};
use counterplay_math::log10;

/// What stands for a number that is not finite.
const MISSING: &str = "n/a";

/// A probability in percent.
///
/// A tenth of a percent when the Monte Carlo standard error is below a tenth of a point, whole percents up to
/// two and a half points, steps of five with an "≈" beyond. A probability that is not quite 0 or 1 is never
/// written as 0% or 100%.
pub(crate) fn percent(probability: f64, error: f64) -> String {
    if !probability.is_finite() {
        return MISSING.to_owned();
    }
    let (points, grain) = (100.0 * probability, Grain::of(100.0 * error));
    let least = grain.step();
    if probability <= 0.0 {
        "0%".to_owned()
    } else if probability >= 1.0 {
        "100%".to_owned()
    } else if points < least / 2.0 {
        format!("<{}%", grain.digits(least))
    } else if points > 100.0 - least / 2.0 {
        format!(">{}%", grain.digits(100.0 - least))
    } else {
        format!("{}{}%", grain.mark(), grain.digits(points))
    }
}

/// A probability that no simulation made: whole percents, one decimal below one percent.
pub(crate) fn odds(probability: f64) -> String {
    percent(probability, if probability < 0.01 { 0.0 } else { 0.004 })
}

/// A change of a probability in percentage points, with its sign.
pub(crate) fn points(change: f64, error: f64) -> String {
    if !change.is_finite() {
        return MISSING.to_owned();
    }
    let grain = Grain::of(100.0 * error);
    format!("{}{}", grain.mark(), signed(&grain.digits(100.0 * change)))
}

/// A change without its sign, for sentences that name the direction.
pub(crate) fn size_in_points(change: f64, error: f64) -> String {
    points(change, error).replace(['+', '−'], "")
}

/// The central 90% of a probability: `22–63%`.
pub(crate) fn percent_range(interval: &Interval) -> String {
    let Some((low, high)) = ends(interval, 100.0) else { return MISSING.to_owned() };
    if low == high { format!("{low}%") } else { format!("{low}–{high}%") }
}

/// The central 90% of a change, in percentage points: `−80 to −20`.
pub(crate) fn points_range(interval: &Interval) -> String {
    let Some((low, high)) = ends(interval, 100.0) else { return MISSING.to_owned() };
    if low == high { signed(&low) } else { format!("{} to {}", signed(&low), signed(&high)) }
}

/// Both ends of an interval with the fewest digits that tell them apart.
fn ends(interval: &Interval, scale: f64) -> Option<(String, String)> {
    let (low, high) = (scale * interval.low, scale * interval.high);
    if !(low.is_finite() && high.is_finite()) {
        return None;
    }
    let decimals = usize::from(high - low < 3.0 && high > low);
    Some((fixed(low, decimals), fixed(high, decimals)))
}

/// A quantity, rounded to the leading digit of `resolution`; to three significant digits if that is zero.
pub(crate) fn quantity(value: f64, resolution: f64) -> String {
    if !value.is_finite() {
        return MISSING.to_owned();
    }
    let size = value.abs();
    if size != 0.0 && size >= resolution && !(1e-4..1e7).contains(&size) {
        return scientific(value);
    }
    let decimals = if resolution > 0.0 && resolution.is_finite() {
        -log10(resolution).floor()
    } else if size == 0.0 {
        0.0
    } else {
        2.0 - log10(size).floor()
    };
    grouped(&fixed(value, decimals.clamp(0.0, 6.0) as usize))
}

/// An estimate, rounded by its own error.
pub(crate) fn estimate(estimate: &Estimate) -> String {
    quantity(estimate.value, estimate.error)
}

/// An answer on its scale, and its central 90%; a dash where there is none.
pub(crate) fn answered(scale: Scale, found: &QueryEstimate) -> (String, String) {
    if !found.mean.is_finite() {
        return ("–".to_owned(), String::new());
    }
    let interval = interval(found);
    match scale {
        Scale::Probability => (percent(found.mean, found.error), percent_range(&interval)),
        Scale::Measure | Scale::Payoff => (quantity(found.mean, found.error), quantity_range(&interval)),
    }
}

/// A difference of answers on their scale: in points for probabilities.
pub(crate) fn changed(scale: Scale, found: &QueryEstimate) -> String {
    match scale {
        _ if !found.mean.is_finite() => String::new(),
        Scale::Probability => points(found.mean, found.error),
        Scale::Measure | Scale::Payoff => signed(&quantity(found.mean, found.error)),
    }
}

/// The central 90% of a quantity, in steps of a twentieth of it.
pub(crate) fn quantity_range(interval: &Interval) -> String {
    let grain = (interval.high - interval.low).abs() / 20.0;
    format!("{} to {}", quantity(interval.low, grain), quantity(interval.high, grain))
}

/// An answer without the part of luck in its error.
pub(crate) fn interval(found: &QueryEstimate) -> Interval {
    Interval { mean: found.mean, low: found.low, high: found.high, error: found.error }
}

/// A count with its thousands set apart.
pub(crate) fn count(count: usize) -> String {
    grouped(&count.to_string())
}

/// `1.2×10⁻⁹`.
fn scientific(value: f64) -> String {
    let text = format!("{value:.1e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let raised: String = exponent.chars().map(superscript).collect();
    format!("{}×10{raised}", mantissa.replace('-', "−"))
}

fn superscript(digit: char) -> char {
    match digit {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '0' | '4'..='9' => char::from_u32('⁰' as u32 + digit as u32 - '0' as u32).unwrap_or(digit),
        _ => digit,
    }
}

/// Fixed decimals with a real minus sign, and no minus before a zero.
fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.chars().all(|c| matches!(c, '0' | '.')) => rest.to_owned(),
        Some(rest) => format!("−{rest}"),
        None => text,
    }
}

/// Adds a plus where a number is positive.
fn signed(digits: &str) -> String {
    let zero = digits.chars().all(|c| matches!(c, '0' | '.'));
    if zero || digits.starts_with('−') { digits.to_owned() } else { format!("+{digits}") }
}

/// Thousands set apart by commas, from ten thousand on.
fn grouped(digits: &str) -> String {
    let (whole, rest) = digits.split_once('.').map_or((digits, None), |(w, r)| (w, Some(r)));
    let (sign, whole) = whole.strip_prefix('−').map_or(("", whole), |w| ("−", w));
    if whole.len() < 5 {
        return digits.to_owned();
    }
    let mut out = String::from(sign);
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    rest.map_or(out.clone(), |rest| format!("{out}.{rest}"))
}

/// How finely a percentage is written.
#[derive(Clone, Copy)]
enum Grain {
    Tenths,
    Ones,
    Fives,
}

impl Grain {
    fn of(error_in_points: f64) -> Self {
        match error_in_points {
            e if e < 0.1 => Self::Tenths,
            e if e < 2.5 => Self::Ones,
            _ => Self::Fives,
        }
    }

    fn step(self) -> f64 {
        match self {
            Self::Tenths => 0.1,
            Self::Ones => 1.0,
            Self::Fives => 5.0,
        }
    }

    fn digits(self, points: f64) -> String {
        match self {
            Self::Tenths => fixed(points, usize::from((points - points.round()).abs() > 1e-9)),
            Self::Ones => fixed(points, 0),
            Self::Fives => fixed(5.0 * (points / 5.0).round(), 0),
        }
    }

    fn mark(self) -> &'static str {
        match self {
            Self::Fives => "≈",
            Self::Tenths | Self::Ones => "",
        }
    }
}

/// `2`, or `2–4` where the error leaves several places open; a dash where there is none.
pub(crate) fn place(rank: Option<Rank>) -> String {
    match rank {
        None => "–".to_owned(),
        Some(rank) if rank.is_settled() => rank.first.to_string(),
        Some(rank) => format!("{}–{}", rank.first, rank.last),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(low: f64, high: f64) -> Interval {
        Interval { mean: f64::midpoint(low, high), low, high, error: 0.004 }
    }

    #[test]
    fn a_percentage_has_no_more_digits_than_its_error_allows() {
        assert_eq!(percent(0.456_78, 0.0002), "45.7%");
        assert_eq!(percent(0.456_78, 0.004), "46%");
        assert_eq!(percent(0.436_78, 0.03), "≈45%");
    }

    #[test]
    fn what_is_nearly_certain_is_not_called_certain() {
        assert_eq!(percent(0.999, 0.004), ">99%");
        assert_eq!(percent(0.0001, 0.0), "<0.1%");
        assert_eq!(percent(1.0, 0.0), "100%");
        assert_eq!(percent(0.0, 0.0), "0%");
        assert_eq!(odds(0.162_4), "16%");
        assert_eq!(odds(0.003), "0.3%");
    }

    #[test]
    fn changes_carry_their_sign() {
        assert_eq!(points(-0.541, 0.004), "−54");
        assert_eq!(points(0.12, 0.004), "+12");
        assert_eq!(points(-0.0001, 0.004), "0");
        assert_eq!(points(-1.0, 0.0), "−100");
        assert_eq!(points_range(&interval(-0.8, 0.2)), "−80 to +20");
    }

    #[test]
    fn ranges_show_a_decimal_only_where_they_are_narrow() {
        assert_eq!(percent_range(&interval(0.22, 0.63)), "22–63%");
        assert_eq!(percent_range(&interval(0.221, 0.233)), "22.1–23.3%");
        assert_eq!(percent_range(&interval(1.0, 1.0)), "100%");
    }

    #[test]
    fn quantities_span_many_sizes() {
        assert_eq!(quantity(0.123_456, 0.002), "0.123");
        assert_eq!(quantity(12_345.6, 3.0), "12,346");
        assert_eq!(quantity(3.2e-10, 0.0), "3.2×10⁻¹⁰");
        assert_eq!(quantity(-2.5, 0.04), "−2.50");
        assert_eq!(quantity(-1e-18, 0.015), "0.00");
        assert_eq!(quantity(f64::NAN, 0.0), "n/a");
        assert_eq!(count(1_234_567), "1,234,567");
    }
}
