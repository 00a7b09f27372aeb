//! Numbers as readers see them, on the page and in the terminal: never more digits than their Monte Carlo error allows, a real
//! minus sign, no minus before a zero, and 0% and 100% only for what is exactly that.

use counterplay_analysis::{Estimate, Interval, QueryEstimate, Rank, Scale};
use counterplay_math::{log10, powf};

/// What stands for a number that is not finite.
const MISSING: &str = "n/a";

/// A probability in percent.
///
/// A tenth of a percent when the Monte Carlo standard error is below a tenth of a point, whole percents up to
/// two and a half points, steps of five with an "≈" beyond. A probability that is not quite 0 or 1 is never
/// written as 0% or 100%.
///
/// ```
/// use counterplay_report::number::percent;
///
/// assert_eq!(percent(0.4568, 0.004), "46%");
/// assert_eq!(percent(0.9999, 0.004), ">99%");
/// ```
pub fn percent(probability: f64, error: f64) -> String {
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
pub fn odds(probability: f64) -> String {
    percent(probability, if probability < 0.01 { 0.0 } else { 0.004 })
}

/// A change of a probability in percentage points, with its sign.
pub fn points(change: f64, error: f64) -> String {
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

/// The central 90% of a probability: `22–63%`, `97 to >99%`.
pub fn percent_range(interval: &Interval) -> String {
    let Some((low, high, decimals)) = ends(interval) else { return MISSING.to_owned() };
    let (low, high) = (end_of_percent(low, decimals), end_of_percent(high, decimals));
    match (low == high, low.contains(['<', '>']) || high.contains(['<', '>'])) {
        (true, _) => format!("{low}%"),
        (false, true) => format!("{low} to {high}%"),
        (false, false) => format!("{low}–{high}%"),
    }
}

/// One end of an interval in percent; like [`percent`] it says 0 and 100 only of what is exactly that.
fn end_of_percent(points: f64, decimals: usize) -> String {
    let least = if decimals == 0 { 1.0 } else { 0.1 };
    match points {
        p if p <= 0.0 => "0".to_owned(),
        p if p >= 100.0 => "100".to_owned(),
        p if p < least / 2.0 => format!("<{}", fixed(least, decimals)),
        p if p > 100.0 - least / 2.0 => format!(">{}", fixed(100.0 - least, decimals)),
        p => fixed(p, decimals),
    }
}

/// The central 90% of a change, in percentage points: `−80 to −20`.
pub fn points_range(interval: &Interval) -> String {
    let Some((low, high, decimals)) = ends(interval) else { return MISSING.to_owned() };
    joined(signed(&fixed(low, decimals)), &signed(&fixed(high, decimals)))
}

/// Both ends of an interval in points, and the fewest decimals that tell them apart.
fn ends(interval: &Interval) -> Option<(f64, f64, usize)> {
    let (low, high) = (100.0 * interval.low, 100.0 * interval.high);
    (low.is_finite() && high.is_finite()).then(|| (low, high, usize::from(high - low < 3.0 && high > low)))
}

/// `a to b`; once where they are written alike.
fn joined(low: String, high: &str) -> String {
    if low == high { low } else { format!("{low} to {high}") }
}

/// A quantity, rounded to the leading digit of `resolution`, such as its Monte Carlo error; to three significant digits if that is
/// zero.
///
/// ```
/// use counterplay_report::number::quantity;
///
/// assert_eq!(quantity(12_345.6, 3.0), "12,346");
/// assert_eq!(quantity(-0.5, 0.0), "−0.5");
/// assert_eq!(quantity(3.2e-10, 0.0), "3.2×10⁻¹⁰");
/// ```
pub fn quantity(value: f64, resolution: f64) -> String {
    /// The most significant digits that are shown.
    const MOST_DIGITS: f64 = 6.0;
    if !value.is_finite() {
        return MISSING.to_owned();
    }
    let size = value.abs();
    if size != 0.0 && size >= resolution && !(1e-4..1e7).contains(&size) {
        return scientific(value);
    }
    let digits = |count: f64| if size == 0.0 { 0.0 } else { count - 1.0 - log10(size).floor() };
    let rounded = resolution > 0.0 && resolution.is_finite();
    let wanted = if rounded { -log10(resolution).floor() } else { digits(3.0) };
    let finest = digits(MOST_DIGITS).clamp(0.0, 6.0);
    let text =
        fixed(value, wanted.clamp(0.0, 6.0).min(if rounded && size == 0.0 { 6.0 } else { finest }) as usize);
    // A number that is known exactly is written exactly.
    let exact = !rounded || wanted > finest;
    grouped(if exact { without_zeros(&text, value) } else { &text })
}

/// The decimals without zeros at their end, where they say the number exactly, but for errors of rounding.
fn without_zeros(text: &str, value: f64) -> &str {
    const ROUNDING: f64 = 1e-12;
    let says =
        text.replace('−', "-").parse().is_ok_and(|told: f64| (told - value).abs() <= ROUNDING * value.abs());
    if says && text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

/// A quantity with the first two digits of a spread, such as a standard deviation: what varies so much is not worth telling more
/// finely. That is no error: how well the quantity is known is another matter.
pub fn within_spread(value: f64, spread: f64) -> String {
    quantity(value, two_digits_of(spread))
}

/// Two ends of a range that varies by `spread`, as finely as [`within_spread`].
pub fn range_within_spread(low: f64, high: f64, spread: f64) -> String {
    joined(within_spread(low, spread), &within_spread(high, spread))
}

/// The size of the second digit.
fn two_digits_of(spread: f64) -> f64 {
    let size = spread.abs();
    if size > 0.0 && size.is_finite() { powf(10.0, log10(size).floor() - 1.0) } else { 0.0 }
}

/// An estimate, rounded by its own error.
pub(crate) fn estimate(estimate: &Estimate) -> String {
    quantity(estimate.value, estimate.error)
}

/// An answer on its scale, and its central 90%; a dash where there is none.
pub fn answered(scale: Scale, found: &QueryEstimate) -> (String, String) {
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
pub fn changed(scale: Scale, found: &QueryEstimate) -> String {
    match scale {
        _ if !found.mean.is_finite() => String::new(),
        Scale::Probability => points(found.mean, found.error),
        Scale::Measure | Scale::Payoff => signed(&quantity(found.mean, found.error)),
    }
}

/// The central 90% of a quantity, with the first two digits of its width.
pub fn quantity_range(interval: &Interval) -> String {
    range_within_spread(interval.low, interval.high, interval.high - interval.low)
}

/// An answer without the part of luck in its error.
pub fn interval(found: &QueryEstimate) -> Interval {
    Interval { mean: found.mean, low: found.low, high: found.high, error: found.error }
}

/// A count with its thousands set apart.
pub fn count(count: usize) -> String {
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

/// This number of decimals with a sign, whichever it is.
pub(crate) fn signed_decimals(value: f64, decimals: usize) -> String {
    if value.is_finite() { signed(&fixed(value, decimals)) } else { MISSING.to_owned() }
}

/// This number of decimals with a real minus sign, and no minus before a zero: `−0.25`.
pub fn decimals(value: f64, decimals: usize) -> String {
    if value.is_finite() { fixed(value, decimals) } else { MISSING.to_owned() }
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
    fn the_ends_of_a_range_are_not_called_certain_either() {
        assert_eq!(percent_range(&interval(0.981, 0.999_96)), "98.1 to >99.9%");
        assert_eq!(percent_range(&interval(0.002, 0.43)), "<1 to 43%");
        assert_eq!(percent_range(&interval(0.0, 0.43)), "0–43%");
        assert_eq!(percent_range(&interval(0.3, 0.998)), "30 to >99%");
        assert_eq!(percent_range(&interval(0.000_1, 0.000_2)), "<0.1%");
    }

    #[test]
    fn what_is_written_alike_at_both_ends_is_written_once() {
        assert_eq!(quantity_range(&interval(50.0, 50.0)), "50");
        assert_eq!(points_range(&interval(-0.000_01, 0.000_01)), "0.0");
        assert_eq!(range_within_spread(3.0, 3.001, 1.0), "3.0");
        assert_eq!(quantity_range(&interval(0.8, 2.2)), "0.8 to 2.2");
    }

    #[test]
    fn a_number_that_is_known_exactly_is_written_exactly() {
        let told = [50.0, 0.5, 0.333_333, -0.2, 0.0, 1e-30].map(|x| quantity(x, 0.0));
        assert_eq!(told, ["50", "0.5", "0.333", "−0.2", "0", "1.0×10⁻³⁰"]);
        // An error of rounding is no reason for more digits than a reader can use.
        assert_eq!([quantity(50.0, 1e-15), quantity(50.123_456_789, 1e-12)], ["50", "50.1235"]);
    }

    #[test]
    fn a_spread_allows_two_of_its_digits() {
        assert_eq!(within_spread(12.345, 4.0), "12.3");
        assert_eq!(within_spread(12.345, 40.0), "12");
        assert_eq!(within_spread(0.012_345, 0.004), "0.0123");
        assert_eq!(within_spread(3.0, 0.0), "3");
    }

    #[test]
    fn no_zero_has_a_sign() {
        assert_eq!([decimals(-0.001, 2), signed_decimals(-0.001, 2)], ["0.00", "0.00"]);
        assert_eq!([decimals(-0.25, 2), signed_decimals(0.25, 1)], ["−0.25", "+0.2"]);
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
