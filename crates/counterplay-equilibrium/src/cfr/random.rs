//! Pseudo-random numbers from a seed: SplitMix64 (Steele, Lea and Flood 2014).

#[derive(Clone, Debug)]
pub(crate) struct SplitMix(u64);

impl SplitMix {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A position drawn with these probabilities.
    pub(crate) fn draw(&mut self, odds: &[f64]) -> usize {
        let mut left = (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        // Rounding may leave something after the last: then it falls to the last that is possible at all.
        let mut drawn = 0;
        for (k, &p) in odds.iter().enumerate().filter(|(_, p)| **p > 0.0) {
            drawn = k;
            left -= p;
            if left < 0.0 {
                break;
            }
        }
        drawn
    }
}

#[cfg(test)]
mod tests {
    use super::SplitMix;

    #[test]
    fn numbers_are_those_of_the_published_generator() {
        // The first outputs from seed 1234567, as in the reference implementations.
        let mut random = SplitMix::new(1_234_567);
        let drawn: Vec<u64> = (0..3).map(|_| random.next()).collect();
        assert_eq!(drawn, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn draws_come_as_often_as_their_probabilities_say() {
        let mut random = SplitMix::new(7);
        let mut counts = [0; 4];
        (0..40_000).for_each(|_| counts[random.draw(&[0.1, 0.0, 0.6, 0.3])] += 1);
        assert_eq!(counts[1], 0);
        for (count, p) in counts.iter().zip([0.1, 0.0, 0.6, 0.3]) {
            assert!((f64::from(*count) / 40_000.0 - p).abs() < 0.01, "{counts:?}");
        }
    }
}
