//! Whole numbers too large for a word, by what they leave modulo many numbers that fit into one.
#![allow(clippy::inline_always, reason = "only what is inlined is compiled for the widest registers")]

use num_bigint::BigUint;
use num_integer::Integer;

/// Moduli below $2^{31}$, any two of which share no factor, whose product is larger than everything that is counted.
#[derive(Clone, Debug)]
pub(crate) struct Moduli {
    list: Vec<u32>,
    /// For each modulus, what undoes the multiplication by each earlier one.
    undo: Vec<Vec<u32>>,
}

impl Moduli {
    /// Enough of them for numbers of this many bits.
    pub(crate) fn for_bits(bits: usize) -> Self {
        let (mut list, mut product) = (Vec::new(), BigUint::from(1u8));
        for candidate in (1..1u32 << 31).rev() {
            if product.bits() > bits as u64 {
                break;
            }
            if list.iter().all(|other| candidate.gcd(other) == 1) {
                list.push(candidate);
                product *= candidate;
            }
        }
        let undo =
            (0..list.len()).map(|at| list[..at].iter().map(|other| inverse(*other, list[at])).collect());
        Self { undo: undo.collect(), list }
    }

    pub(crate) fn list(&self) -> &[u32] {
        &self.list
    }

    /// The number below the product of all moduli that leaves these residues, one for each modulus (Garner 1959).
    pub(crate) fn number(&self, residues: impl Iterator<Item = u32>) -> BigUint {
        let mut digits: Vec<u32> = Vec::with_capacity(self.list.len());
        for ((residue, &modulus), undo) in residues.zip(&self.list).zip(&self.undo) {
            let modulus = u64::from(modulus);
            let digit = digits.iter().zip(undo).fold(u64::from(residue), |rest, (&digit, &undo)| {
                (rest + modulus - u64::from(digit) % modulus) * u64::from(undo) % modulus
            });
            digits.push(digit as u32);
        }
        let last = digits.iter().rposition(|&digit| digit != 0).map_or(0, |at| at + 1);
        let places = digits.iter().zip(&self.list).take(last).rev();
        places.fold(BigUint::ZERO, |number, (&digit, &modulus)| number * modulus + digit)
    }
}

/// The inverse of a number modulo another with which it shares no factor.
fn inverse(number: u32, modulus: u32) -> u32 {
    let (number, modulus) = (i64::from(number), i64::from(modulus));
    number.extended_gcd(&modulus).x.rem_euclid(modulus) as u32
}

/// The sum of two residues.
#[inline(always)]
pub(crate) fn sum(one: u32, other: u32, modulus: u32) -> u32 {
    let sum = one + other;
    // If the sum is smaller than the modulus, the difference wraps around and is the larger one.
    sum.min(sum.wrapping_sub(modulus))
}

/// The difference of two residues.
#[inline(always)]
pub(crate) fn difference(one: u32, other: u32, modulus: u32) -> u32 {
    let difference = one.wrapping_sub(other);
    difference.min(difference.wrapping_add(modulus))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_from_their_residues() {
        let moduli = Moduli::for_bits(300);
        assert_eq!(moduli.list().len(), 10);
        for (base, power) in [(2u32, 299u32), (3, 188), (7, 0), (10, 90), (1, 1)] {
            let number = BigUint::from(base).pow(power) - 1u8;
            let residues = moduli.list().iter().map(|m| (&number % m).try_into().unwrap());
            assert_eq!(moduli.number(residues), number);
        }
    }

    #[test]
    fn residues_stay_below_the_modulus() {
        let m = Moduli::for_bits(31).list()[0];
        for (a, b) in [(0, 0), (m - 1, m - 1), (m - 1, 1), (1, m - 1), (5, 7)] {
            assert_eq!(u64::from(sum(a, b, m)), (u64::from(a) + u64::from(b)) % u64::from(m));
            assert_eq!(sum(difference(a, b, m), b, m), a);
        }
    }
}
