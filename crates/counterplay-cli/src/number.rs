//! Numbers as the terminal shows them.

use counterplay_math::log10;

/// A probability in percent. One that is not quite 0 or 1 is never written as 0% or 100%.
pub(crate) fn percent(probability: f64) -> String {
    let points = 100.0 * probability;
    match points {
        p if !p.is_finite() => "n/a".to_owned(),
        p if p > 0.0 && p < 0.5 => "<1%".to_owned(),
        p if p < 100.0 && p > 99.5 => ">99%".to_owned(),
        p => format!("{p:.0}%"),
    }
}

/// A change of a probability, in percentage points with its sign.
pub(crate) fn points(change: f64) -> String {
    let rounded = (100.0 * change).round();
    if rounded == 0.0 { "0".to_owned() } else { format!("{rounded:+.0}") }
}

/// A quantity with three significant digits.
pub(crate) fn short(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || !(1e-3..1e6).contains(&size) {
        return if value == 0.0 { "0".to_owned() } else { format!("{value:.1e}") };
    }
    let decimals = (2.0 - log10(size).floor()).clamp(0.0, 6.0) as usize;
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unlikely_is_not_called_impossible() {
        let told: Vec<String> = [0.0, 1e-9, 0.124, 0.999, 1.0].into_iter().map(percent).collect();
        assert_eq!(told, ["0%", "<1%", "12%", ">99%", "100%"]);
        assert_eq!((points(-0.004).as_str(), points(0.126).as_str()), ("0", "+13"));
    }

    #[test]
    fn quantities_keep_three_digits() {
        let told: Vec<String> = [0.0, 1234.5, 4.4817, 0.0345, 1e-7].into_iter().map(short).collect();
        assert_eq!(told, ["0", "1234", "4.48", "0.0345", "1.0e-7"]);
    }
}
