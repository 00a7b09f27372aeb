//! Moments and quantiles of samples.

use crate::{log10, powi};

/// Mean and standard deviation; zero of nothing.
///
/// The standard deviation is that of a sample, with $n - 1$ in the denominator; of a single number it is zero.
///
/// ```
/// use counterplay_math::statistics::moments;
/// // The squared deviations from 5 are 9, 1, 1, 1, 0, 0, 4 and 16.
/// let (mean, sd) = moments(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
/// assert_eq!((mean, sd), (5.0, (32.0_f64 / 7.0).sqrt()));
/// assert_eq!(moments(&[3.0]), (3.0, 0.0));
/// ```
pub fn moments(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let Some(first) = values.first() else { return (0.0, 0.0) };
    if values.iter().all(|x| x == first) {
        // The mean of equal numbers is that number, which their sum divided by how many they are can miss in its last digit.
        return (*first, 0.0);
    }
    let mean = values.iter().sum::<f64>() / count;
    let squares = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
    (mean, if values.len() > 1 { (squares / (count - 1.0)).sqrt() } else { 0.0 })
}

/// A number to twelve significant decimal digits: what sums of many products leave of a number that was written in decimals.
///
/// ```
/// use counterplay_math::statistics::to_twelve_digits;
/// assert_eq!(to_twelve_digits(0.1 + 0.2), 0.3);
/// assert_eq!(to_twelve_digits(1.0 - f64::EPSILON), 1.0);
/// assert_eq!(to_twelve_digits(-1e-300), -1e-300);
/// ```
pub fn to_twelve_digits(x: f64) -> f64 {
    let size = x.abs();
    if !(1e-280..1e280).contains(&size) {
        // The sum of nothing is a negative zero.
        return x + 0.0;
    }
    let digits = 11 - log10(size).floor() as i32;
    if digits >= 0 {
        let scale = powi(10.0, digits);
        (x * scale).round() / scale
    } else {
        let scale = powi(10.0, -digits);
        (x / scale).round() * scale
    }
}

/// A quantile of sorted values by linear interpolation; zero of nothing.
///
/// At the place $(n - 1) p$, counted from 0 (type 7 of Hyndman and Fan 1996), for a probability $p$ in \[0, 1\]; the
/// values must ascend.
///
/// ```
/// use counterplay_math::statistics::quantile;
/// let sorted = [1.0, 2.0, 4.0, 8.0];
/// assert_eq!([0.0, 0.25, 0.5, 1.0].map(|p| quantile(&sorted, p)), [1.0, 1.75, 3.0, 8.0]);
/// ```
///
/// # Panics
/// If the probability is above 1.
pub fn quantile(sorted: &[f64], probability: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let place = probability * last as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(last);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}
