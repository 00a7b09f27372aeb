//! Numbers as the terminal shows them: in the one style of the reports.

use counterplay_report::number;

pub(crate) use number::odds as percent;

/// A quantity with three significant digits.
pub(crate) fn short(value: f64) -> String {
    number::quantity(value, 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unlikely_is_not_called_impossible() {
        let told: Vec<String> = [0.0, 1e-9, 0.124, 0.999, 1.0].into_iter().map(percent).collect();
        assert_eq!(told, ["0%", "<0.1%", "12%", ">99%", "100%"]);
    }

    #[test]
    fn quantities_keep_three_digits_and_a_real_minus() {
        let told: Vec<String> = [0.0, -1234.5, 4.4817, 0.0345, 1e-7, 2.0].into_iter().map(short).collect();
        assert_eq!(told, ["0", "−1234", "4.48", "0.0345", "1.0×10⁻⁷", "2"]);
    }
}
