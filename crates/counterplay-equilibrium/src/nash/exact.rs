//! A game's numbers as exact fractions.

use std::cmp::Ordering;

use counterplay_game::id::EndId;
use counterplay_game::rational::Rational;
use counterplay_game::valuation::Valuation;
use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};

/// The probabilities and payoffs of a game as fractions, laid out as in [`Valuation`].
#[derive(Clone, Debug, PartialEq)]
pub struct ExactNumbers {
    /// The probability of each branch of each chance event.
    pub chance: Vec<Rational>,
    /// The payoff of each player at each end: end by end, player by player.
    pub payoffs: Vec<Rational>,
}

/// A probability or payoff is infinite or not a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotFinite;

impl ExactNumbers {
    /// The [`simplest`] fractions with these values, so that a third is a third. Where a number was itself computed
    /// with rounding, the fraction is the simplest one with that rounded value.
    ///
    /// # Errors
    /// If a number is infinite or not a number.
    pub fn simplest(numbers: &Valuation) -> Result<Self, NotFinite> {
        let exact =
            |list: &[f64]| list.iter().map(|&x| simplest(x).ok_or(NotFinite)).collect::<Result<Vec<_>, _>>();
        Ok(Self { chance: exact(&numbers.chance)?, payoffs: exact(&numbers.payoffs)? })
    }

    /// The payoff of a player at an end of a game of `players` players.
    pub(crate) fn payoff(&self, end: EndId, player: usize, players: usize) -> &Rational {
        &self.payoffs[end.index() * players + player]
    }
}

/// The fraction with the least denominator among all whose nearest floating-point number is `x`, `None` if `x` is
/// infinite or not a number. Found by the continued fractions of the ends of that interval.
///
/// ```
/// use counterplay_equilibrium::nash::exact::simplest;
/// use counterplay_game::rational::Rational;
///
/// assert_eq!(simplest(-1.0 / 18.0), Some(Rational::new((-1).into(), 18.into())));
/// assert_eq!(simplest(0.1), Some(Rational::new(1.into(), 10.into())));
/// ```
pub fn simplest(x: f64) -> Option<Rational> {
    let exact = Rational::from_float(x)?;
    let magnitude = x.abs();
    let (Some(below), Some(above)) =
        (Rational::from_float(magnitude.next_down()), Rational::from_float(magnitude.next_up()))
    else {
        return Some(exact);
    };
    let two = Rational::from_integer(2.into());
    let middle = exact.abs();
    let found = match x.partial_cmp(&0.0)? {
        Ordering::Equal => return Some(exact),
        Ordering::Less | Ordering::Greater => between((below + &middle) / &two, (above + &middle) / &two),
    };
    Some(if x < 0.0 { -found } else { found })
}

/// The fraction with the least denominator from `low` to `high`; `None` if a bound is infinite or not a number.
pub(crate) fn simplest_within(low: f64, high: f64) -> Option<Rational> {
    // A tiny bit beyond the bounds, as what is looked for lies strictly between.
    let (low, high) = (Rational::from_float(low.next_down())?, Rational::from_float(high.next_up())?);
    if low < Rational::zero() && high > Rational::zero() {
        return Some(Rational::zero());
    }
    Some(if high <= Rational::zero() { -between(-high, -low) } else { between(low, high) })
}

/// The fraction with the least denominator, and the least one of these, strictly between two that are not negative.
fn between(mut low: Rational, mut high: Rational) -> Rational {
    let mut quotients: Vec<BigInt> = Vec::new();
    let mut innermost = loop {
        let floor = low.floor();
        let next = &floor + Rational::one();
        if next < high {
            break next;
        }
        let rest = &low - &floor;
        let upper = (&high - &floor).recip();
        quotients.push(floor.to_integer());
        if rest.is_zero() {
            break upper.floor() + Rational::one();
        }
        (low, high) = (upper, rest.recip());
    };
    for quotient in quotients.into_iter().rev() {
        innermost = Rational::from_integer(quotient) + innermost.recip();
    }
    innermost
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterplay_game::rational::to_f64;
    use proptest::prelude::*;

    #[test]
    fn whole_numbers_zero_and_extremes_stay_what_they_are() {
        for x in [0.0, 1.0, -3.0, 1e300, f64::MAX, f64::MIN_POSITIVE, 5e-324] {
            assert_eq!(to_f64(&simplest(x).unwrap()), x);
        }
        assert_eq!(simplest(-3.0), Some(Rational::from_integer((-3).into())));
        assert_eq!(simplest(f64::NAN), None);
    }

    proptest! {
        #[test]
        fn small_fractions_come_back_and_every_number_keeps_its_value(a in -999_999..999_999i64, b in 1..999_999i64, x in any::<f64>()) {
            let fraction = Rational::new(a.into(), b.into());
            prop_assert_eq!(simplest(a as f64 / b as f64), Some(fraction));
            if x.is_finite() {
                prop_assert_eq!(to_f64(&simplest(x).unwrap()), x);
            }
        }
    }
}
