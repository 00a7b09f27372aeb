//! Exact numbers, as game files state them.

/// A fraction of whole numbers of any size.
pub type Rational = num_rational::BigRational;

/// The nearest floating-point number; infinite where it is too large for one.
pub fn to_f64(number: &Rational) -> f64 {
    num_traits::ToPrimitive::to_f64(number).unwrap_or(f64::NAN)
}
