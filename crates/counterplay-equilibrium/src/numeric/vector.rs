//! Sums and norms of vectors.

use super::lanes::{dot_lanes, lanes};

/// The inner product, in four running sums, so that it need not wait for each addition.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let [dot] = dot_lanes(lanes(a), lanes(b));
    dot
}

/// The Euclidean norm.
pub(crate) fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

/// $x \leftarrow x - c\\,y$.
pub(crate) fn subtract(from: &mut [f64], factor: f64, what: &[f64]) {
    for (x, y) in from.iter_mut().zip(what) {
        *x -= factor * y;
    }
}

/// The largest absolute value; infinite where one is not a number.
pub(crate) fn largest(x: &[f64]) -> f64 {
    x.iter().fold(0.0, |m: f64, x| if x.is_nan() { f64::INFINITY } else { m.max(x.abs()) })
}

/// The largest absolute difference.
pub(crate) fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// The larger of the two; not-a-number counts as the worst.
pub(crate) fn worse(a: f64, b: f64) -> f64 {
    if b.is_nan() || b > a { b } else { a }
}
