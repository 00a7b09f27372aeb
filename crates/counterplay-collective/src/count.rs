//! Numbers of coalitions, too large for a machine word.

use std::ops::{AddAssign, SubAssign};

use num_bigint::BigUint;

/// A whole number below $2^{64 L}$. Sums wrap around: what is counted is at most the number of coalitions, which fits, and
/// a difference of two sums that wrapped is right whenever it fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Count<const L: usize>([u64; L]);

impl<const L: usize> Count<L> {
    pub(crate) const ZERO: Self = Self([0; L]);

    pub(crate) const fn one() -> Self {
        let mut limbs = [0; L];
        limbs[0] = 1;
        Self(limbs)
    }

    pub(crate) fn to_big(self) -> BigUint {
        self.0.iter().rev().fold(BigUint::ZERO, |sum, &limb| (sum << 64) + limb)
    }
}

impl<const L: usize> AddAssign for Count<L> {
    fn add_assign(&mut self, other: Self) {
        let mut carry = false;
        for (limb, more) in self.0.iter_mut().zip(other.0) {
            let (sum, over) = limb.overflowing_add(more);
            let (sum, over_again) = sum.overflowing_add(u64::from(carry));
            (*limb, carry) = (sum, over || over_again);
        }
    }
}

impl<const L: usize> SubAssign for Count<L> {
    fn sub_assign(&mut self, other: Self) {
        let mut borrow = false;
        for (limb, less) in self.0.iter_mut().zip(other.0) {
            let (difference, under) = limb.overflowing_sub(less);
            let (difference, under_again) = difference.overflowing_sub(u64::from(borrow));
            (*limb, borrow) = (difference, under || under_again);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Count;

    #[test]
    fn carries_and_borrows_pass_over_words() {
        let mut count = Count::<2>::one();
        for _ in 0..70 {
            let same = count;
            count += same;
        }
        assert_eq!(count.to_big(), num_bigint::BigUint::from(1u8) << 70);
        count -= Count::one();
        assert_eq!(count.to_big() + 1u8, num_bigint::BigUint::from(1u8) << 70);
    }
}
