//! A probability as it is written.

use counterplay_game::rational::{Rational, to_f64};

/// A decimal or a fraction.
pub(super) fn number(field: &str) -> Result<f64, String> {
    let wrong = || format!("`{field}` is not a number");
    let value = match field.parse::<f64>() {
        Ok(value) => value,
        Err(_) => to_f64(&field.parse::<Rational>().map_err(|_| wrong())?),
    };
    if value.is_finite() { Ok(value) } else { Err(wrong()) }
}
