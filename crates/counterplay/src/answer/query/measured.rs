//! A measured quantity's law, cut at the numbers that conditions compare it with.

use counterplay_inference::distribution::{Concrete, Rank};

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

/// The cells of a law. Probabilities are exact; the moments too where there is no cut, or the value is certain, and
/// else found from 512 ranks in each cell.
pub(crate) fn cells(law: &Concrete, cuts: &[f64]) -> Vec<MeasuredCell> {
    if let Concrete::Point(x) = *law {
        return vec![MeasuredCell { value: x, probability: 1.0, moment: x }];
    }
    if cuts.is_empty() {
        return vec![MeasuredCell { value: f64::NAN, probability: 1.0, moment: law.mean() }];
    }
    let mut cells = Vec::with_capacity(2 * cuts.len() + 1);
    let mut below = 0.0;
    let mut last = f64::NEG_INFINITY;
    for &cut in cuts {
        let (under, upto) = (law.cdf_below(cut), law.cdf(cut));
        cells.push(stretch(law, between(last, cut), below, under));
        cells.push(MeasuredCell { value: cut, probability: upto - under, moment: cut * (upto - under) });
        (below, last) = (upto, cut);
    }
    cells.push(stretch(law, between(last, f64::INFINITY), below, 1.0));
    cells.retain(|cell| cell.probability > 0.0);
    cells
}

fn between(low: f64, high: f64) -> f64 {
    match (low.is_finite(), high.is_finite()) {
        (true, true) => 0.5 * (low + high),
        (true, false) => low + 1.0,
        (false, _) => high - 1.0,
    }
}

fn stretch(law: &Concrete, value: f64, from: f64, to: f64) -> MeasuredCell {
    let probability = to - from;
    let step = probability / f64::from(RANKS);
    let at = |k: u32| law.value_at(Rank::from_below(from + (f64::from(k) + 0.5) * step));
    let moment = if probability > 0.0 { (0..RANKS).map(at).sum::<f64>() * step } else { 0.0 };
    MeasuredCell { value, probability, moment }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_add_up_to_the_law() {
        for law in [
            Concrete::Normal { mean: 1.0, sd: 2.0 },
            Concrete::Poisson { rate: 3.0 },
            Concrete::Bernoulli { p: 0.3 },
        ] {
            let cells = cells(&law, &[0.0, 1.0, 2.5]);
            let sum = |f: &dyn Fn(&MeasuredCell) -> f64| cells.iter().map(f).sum::<f64>();
            assert!((sum(&|c| c.probability) - 1.0).abs() < 1e-12, "{law:?}");
            assert!((sum(&|c| c.moment) - law.mean()).abs() < 0.01, "{law:?}");
            let above: f64 = cells.iter().filter(|c| c.value > 1.0).map(|c| c.probability).sum();
            assert!((above - law.survival(1.0)).abs() < 1e-12, "{law:?}");
        }
    }
}
