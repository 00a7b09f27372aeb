//! A measured quantity's law, as far as its rank is known, cut at the numbers that conditions compare it with.

use counterplay_inference::distribution::{Concrete, Rank};

/// The ranks that a quantity can have: all between two, equally likely.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct RankRange {
    pub(crate) low: Rank,
    pub(crate) high: Rank,
}

/// The law of a measured quantity, of whose rank something may be known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct MeasuredLaw {
    pub(crate) law: Concrete,
    pub(crate) ranks: RankRange,
    /// Its mean, where that is known already.
    mean: Option<f64>,
}

/// A stretch of values between two neighbouring cuts, or a cut itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct MeasuredCell {
    /// A value in it, by which conditions are judged: they hold for all values in it or for none.
    pub(crate) value: f64,
    pub(crate) probability: f64,
    /// $E[X\\,1(X \in \text{cell})]$.
    pub(crate) moment: f64,
}

/// Ranks at which a quantity is taken to find its mean over a stretch.
const RANKS: u32 = 512;

/// A discrete quantity with more values than this in a stretch is taken at ranks.
const MOST_VALUES: u32 = 4_096;

impl RankRange {
    /// Nothing is known of the rank.
    pub(crate) fn all() -> Self {
        Self { low: Rank::from_below(0.0), high: Rank::from_below(1.0) }
    }

    /// The ranks of a value that is known.
    pub(crate) fn of_value(law: &Concrete, value: f64) -> Self {
        Self { low: law.rank_of(value, 0.0), high: law.rank_of(value, 1.0) }
    }

    /// How much of all ranks it is.
    pub(crate) fn width(self) -> f64 {
        // The smaller of the two tails has the digits.
        if self.low.below() < 0.5 {
            self.high.below() - self.low.below()
        } else {
            self.low.above() - self.high.above()
        }
    }

    fn is_one(self) -> bool {
        self.low == self.high
    }

    /// The rank at a share of the way through it.
    fn at(self, share: f64) -> Rank {
        if self.is_one() {
            self.low
        } else if self.low.below() < 0.5 {
            Rank::from_below(self.low.below() + share * self.width())
        } else {
            Rank::from_above(self.low.above() - share * self.width())
        }
    }

    /// The part of it with at most this probability below.
    fn upto(self, below: f64) -> f64 {
        below.clamp(self.low.below(), self.high.below())
    }
}

impl MeasuredLaw {
    /// A law of whose rank nothing is known.
    pub(crate) fn free(law: Concrete) -> Self {
        Self { law, ranks: RankRange::all(), mean: None }
    }

    /// A law of which the ranks are known to be these.
    pub(crate) fn within(law: Concrete, ranks: RankRange) -> Self {
        Self { law, ranks, mean: None }
    }

    /// The same as a value that is certain, if its rank is; else with its mean, so that it is found once.
    pub(crate) fn simplified(self) -> Self {
        if self.is_certain() {
            Self::free(Concrete::Point(self.value_at(0.0)))
        } else {
            Self { mean: Some(self.mean()), ..self }
        }
    }

    /// The value at a share of the way through the ranks.
    pub(crate) fn value_at(&self, share: f64) -> f64 {
        self.law.value_at(self.ranks.at(share))
    }

    /// The probability of a value of at most `x`.
    pub(crate) fn cdf(&self, x: f64) -> f64 {
        if self.is_certain() {
            return f64::from(u8::from(self.value_at(0.0) <= x));
        }
        (self.ranks.upto(self.law.cdf(x)) - self.ranks.low.below()) / self.ranks.width()
    }

    /// The smallest value with at least probability `p` at or below it.
    pub(crate) fn quantile(&self, p: f64) -> f64 {
        if self.ranks == RankRange::all() { self.law.quantile(p) } else { self.value_at(p) }
    }

    /// Its mean: exact where nothing is known of the rank, the value is certain, or values are discrete, and else found from 512
    /// ranks.
    pub(crate) fn mean(&self) -> f64 {
        if let Some(mean) = self.mean {
            return mean;
        }
        if self.ranks == RankRange::all() {
            return self.law.mean();
        }
        let (first, last) = (self.value_at(0.0), self.value_at(1.0));
        if self.is_certain() || first == last {
            return first;
        }
        if self.law.is_discrete()
            && let Some(mean) = self.discrete_mean(first)
        {
            return mean;
        }
        let at = |k: u32| self.value_at((f64::from(k) + 0.5) / f64::from(RANKS));
        (0..RANKS).map(at).sum::<f64>() / f64::from(RANKS)
    }

    fn is_certain(&self) -> bool {
        self.ranks.is_one() || matches!(self.law, Concrete::Point(_))
    }

    /// The mean of whole numbers from `first` on; `None` if there are too many.
    fn discrete_mean(&self, first: f64) -> Option<f64> {
        let (mut value, mut below, mut sum) = (first, self.ranks.low.below(), 0.0);
        for _ in 0..MOST_VALUES {
            let upto = self.ranks.upto(self.law.cdf(value));
            sum += value * (upto - below);
            // Beyond what the sum has digits for nothing is left.
            if self.ranks.high.below() - upto <= f64::EPSILON * self.ranks.width() {
                return Some(sum / self.ranks.width());
            }
            (below, value) = (upto, value + 1.0);
        }
        None
    }

    /// Its stretches between cuts, which are sorted, and the cuts themselves: a value in each, and the ranks there.
    pub(crate) fn stretches(&self, cuts: &[f64]) -> Vec<(f64, RankRange)> {
        if self.is_certain() || cuts.is_empty() {
            let value = if self.is_certain() { self.value_at(0.0) } else { f64::NAN };
            return vec![(value, self.ranks)];
        }
        let mut stretches = Vec::with_capacity(2 * cuts.len() + 1);
        let mut from = self.ranks.low;
        let mut last = f64::NEG_INFINITY;
        let mut add = |value: f64, low: Rank, high: Rank| {
            let ranks = RankRange { low, high };
            if ranks.width() > 0.0 {
                stretches.push((value, ranks));
            }
        };
        for &cut in cuts {
            let rank = |below: f64| {
                if below >= self.ranks.high.below() {
                    self.ranks.high
                } else if below <= self.ranks.low.below() {
                    self.ranks.low
                } else {
                    Rank::from_below(below)
                }
            };
            let (under, upto) = (rank(self.law.cdf_below(cut)), rank(self.law.cdf(cut)));
            add(between(last, cut), from, under);
            add(cut, under, upto);
            (from, last) = (upto, cut);
        }
        add(between(last, f64::INFINITY), from, self.ranks.high);
        stretches
    }

    /// The cells of the law. Probabilities are exact; so are the moments where [`mean`](Self::mean) is.
    pub(crate) fn cells(&self, cuts: &[f64]) -> Vec<MeasuredCell> {
        let whole = self.ranks.width();
        let cell = |(value, ranks): (f64, RankRange)| {
            let probability = if whole > 0.0 { ranks.width() / whole } else { 1.0 };
            let part = if ranks == self.ranks { *self } else { Self::within(self.law, ranks) };
            let moment = probability * part.mean();
            MeasuredCell { value, probability, moment }
        };
        self.stretches(cuts).into_iter().map(cell).collect()
    }
}

fn between(low: f64, high: f64) -> f64 {
    match (low.is_finite(), high.is_finite()) {
        (true, true) => 0.5 * (low + high),
        (true, false) => low + 1.0,
        (false, _) => high - 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAWS: [Concrete; 3] = [
        Concrete::Normal { mean: 1.0, sd: 2.0 },
        Concrete::Poisson { rate: 3.0 },
        Concrete::Bernoulli { p: 0.3 },
    ];

    #[test]
    fn cells_add_up_to_the_law() {
        for law in LAWS {
            let cells = MeasuredLaw::free(law).cells(&[0.0, 1.0, 2.5]);
            let sum = |f: &dyn Fn(&MeasuredCell) -> f64| cells.iter().map(f).sum::<f64>();
            assert!((sum(&|c| c.probability) - 1.0).abs() < 1e-12, "{law:?}");
            assert!((sum(&|c| c.moment) - law.mean()).abs() < 0.01, "{law:?}");
            let above: f64 = cells.iter().filter(|c| c.value > 1.0).map(|c| c.probability).sum();
            assert!((above - law.survival(1.0)).abs() < 1e-12, "{law:?}");
        }
    }

    /// What is known of the rank in one world moves the value in another by that rank.
    #[test]
    fn a_known_value_moves_by_its_rank_and_its_parts_add_up() {
        let otherwise = Concrete::Poisson { rate: 6.0 };
        for law in LAWS {
            let ranks = RankRange::of_value(&law, 1.0);
            let moved = MeasuredLaw::within(otherwise, ranks);
            let shares = (0..20_000).map(|k| moved.value_at((f64::from(k) + 0.5) / 20_000.0));
            assert!((moved.mean() - shares.sum::<f64>() / 20_000.0).abs() < 1e-3, "{law:?}");
            let cells = moved.cells(&[4.0, 6.0]);
            assert!((cells.iter().map(|c| c.probability).sum::<f64>() - 1.0).abs() < 1e-12);
            assert!((cells.iter().map(|c| c.moment).sum::<f64>() - moved.mean()).abs() < 1e-9);
            let low: f64 = cells.iter().filter(|c| c.value < 6.0).map(|c| c.probability).sum();
            assert!((low - moved.cdf(5.5)).abs() < 1e-12, "{law:?}");
            // Its own law has the value that is known.
            assert!((MeasuredLaw::within(law, ranks).mean() - 1.0).abs() < 1e-12, "{law:?}");
        }
    }
}
