//! Random numbers by name: a number that is a function of a seed and of what it is for.
//!
//! Luck is keyed by event and action, not by the order in which a simulation happens to ask for it, so that two
//! worlds share it however differently they unfold.
//!
//! ```
//! use counterplay_inference::key::Key;
//! let luck = |event: &str, action: u64| Key::new(7).with(Key::of_text(event)).with(action);
//! assert_eq!(luck("offer", 1).uniform(), luck("offer", 1).uniform()); // whatever was asked for in between
//! // The action with the largest ln p + Gumbel number is each with probability p (Gumbel 1954).
//! let takes_first = |n: u64| {
//!     let [first, second] = [0.25_f64.ln(), 0.75_f64.ln()];
//!     first + Key::new(n).with(0).gumbel() > second + Key::new(n).with(1).gumbel()
//! };
//! let share = (0..10_000).filter(|&n| takes_first(n)).count() as f64 / 10_000.0;
//! assert!((share - 0.25).abs() < 0.015);
//! ```

use counterplay_math::ln;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// A key made of a seed and whatever else names the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key(u64);

impl Key {
    /// The key of a seed.
    pub fn new(seed: u64) -> Self {
        Self(mix(seed ^ 0x9E37_79B9_7F4A_7C15))
    }

    /// The key of the text.
    pub fn of_text(text: &str) -> u64 {
        // FNV-1a, mixed, so that short texts spread over all bits.
        mix(text
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)))
    }

    /// The key of two keys.
    pub fn of_pair(first: u64, second: u64) -> u64 {
        mix(first.wrapping_mul(0xD6E8_FEB8_6659_FD93).wrapping_add(second))
    }

    /// The key of this and a part.
    #[must_use]
    pub fn with(self, part: u64) -> Self {
        Self(mix(self.0.wrapping_mul(0xD6E8_FEB8_6659_FD93).wrapping_add(part)))
    }

    /// It as a number, for what takes a seed.
    pub fn bits(self) -> u64 {
        self.0
    }

    /// A number strictly between 0 and 1.
    pub fn uniform(self) -> f64 {
        ((mix(self.0) >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// A generator of numbers for one purpose.
    pub fn generator(self) -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(self.0)
    }

    /// A standard Gumbel number.
    pub fn gumbel(self) -> f64 {
        -ln(-ln(self.uniform()))
    }
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_numbers_are_uniform_and_uncorrelated() {
        let draw = |a: u64, b: u64| Key::new(1).with(a).with(b).uniform();
        let n = 40_000;
        let pairs: Vec<(f64, f64)> = (0..n).map(|i| (draw(i, 0), draw(i, 1))).collect();
        let mean = pairs.iter().map(|p| p.0).sum::<f64>() / n as f64;
        let covariance = pairs.iter().map(|p| (p.0 - 0.5) * (p.1 - 0.5)).sum::<f64>() / n as f64;
        assert!((mean - 0.5).abs() < 4.0 / (12.0 * n as f64).sqrt());
        assert!(covariance.abs() < 4.0 / 12.0 / (n as f64).sqrt());
    }
}
