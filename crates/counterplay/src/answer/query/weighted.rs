//! Numbers of draws that count differently, and how sure their mean is.

use counterplay_analysis::QueryEstimate;

/// What one draw says: a value, how much the draw counts, and the variance that the value has because finitely many
/// histories were replayed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct WeightedAnswer {
    pub(crate) value: f64,
    pub(crate) weight: f64,
    pub(crate) noise: f64,
}

/// The mean over draws, its central 90%, and its errors.
///
/// With weights $w_d$ scaled to one and values $v_d$ the mean is $\bar v = \sum_d w_d v_d$, with error
/// $\sqrt{\sum_d w_d^2 (v_d - \bar v)^2}$; the part of luck is $\sqrt{\sum_d w_d^2 s_d^2}$, for values of variance $s_d^2$.
/// The interval is over what the draws differ in besides luck: distances from the mean are first scaled by
/// $\sqrt{1 - \bar{s^2} / V}$, where $V$ is the variance over draws. Draws of no weight, or without a value, are
/// left out; all is not a number if none is left.
pub(crate) fn answered(draws: &[WeightedAnswer]) -> QueryEstimate {
    answered_by(draws, |_| 1.0)
}

/// The same over draws of chains: `independent` says of each draw, by its position, how many independent draws it stands
/// for, $c_d \le 1$. The error is then $\sqrt{\sum_d w_d^2 (v_d - \bar v)^2 / c_d}$.
pub(crate) fn answered_by(draws: &[WeightedAnswer], independent: impl Fn(usize) -> f64) -> QueryEstimate {
    let counts = |d: &WeightedAnswer| d.weight > 0.0 && d.value.is_finite();
    let (kept, shares): (Vec<WeightedAnswer>, Vec<f64>) =
        draws.iter().enumerate().filter(|(_, d)| counts(d)).map(|(k, d)| (*d, independent(k))).unzip();
    let sum = |f: &dyn Fn(&WeightedAnswer) -> f64| kept.iter().map(f).sum::<f64>();
    let whole = sum(&|d| d.weight);
    if kept.is_empty() {
        return QueryEstimate {
            mean: f64::NAN,
            low: f64::NAN,
            high: f64::NAN,
            error: f64::NAN,
            replay_error: f64::NAN,
        };
    }
    // Divided last, so that the mean of ones is one.
    let mean = sum(&|d| d.weight * d.value) / whole;
    let variance = sum(&|d| d.weight * (d.value - mean).powi(2)) / whole;
    let noise = sum(&|d| d.weight * d.noise) / whole;
    let scale = if variance > 0.0 { (1.0 - noise / variance).max(0.0).sqrt() } else { 0.0 };
    let place = |d: &WeightedAnswer| (mean + scale * (d.value - mean), d.weight / whole);
    let mut spread: Vec<(f64, f64)> = kept.iter().map(place).collect();
    spread.sort_by(|a, b| a.0.total_cmp(&b.0));
    QueryEstimate {
        mean,
        low: quantile(&spread, 0.05),
        high: quantile(&spread, 0.95),
        error: kept
            .iter()
            .zip(&shares)
            .map(|(d, share)| (d.weight * (d.value - mean)).powi(2) / share)
            .sum::<f64>()
            .sqrt()
            / whole,
        replay_error: sum(&|d| d.weight * d.weight * d.noise).sqrt() / whole,
    }
}

/// A quantile of sorted values with weights that add up to one: linear between the middles of their weights.
pub(crate) fn quantile(sorted: &[(f64, f64)], p: f64) -> f64 {
    let mut before = 0.0;
    let mut last: Option<(f64, f64)> = None;
    for &(value, weight) in sorted {
        let middle = before + 0.5 * weight;
        if middle >= p {
            return match last {
                Some((at, old)) if middle > at => old + (p - at) / (middle - at) * (value - old),
                Some(_) | None => value,
            };
        }
        (last, before) = (Some((middle, value)), before + weight);
    }
    last.map_or(f64::NAN, |l| l.1)
}

/// The ratio of two means over the same draws, with its error by the delta method; not a number where the second is 0.
pub(crate) fn ratio(above: &[WeightedAnswer], below: &[WeightedAnswer]) -> counterplay_analysis::Estimate {
    let whole = |all: &[WeightedAnswer]| all.iter().map(|d| d.weight).sum::<f64>();
    let mean = |all: &[WeightedAnswer]| all.iter().map(|d| d.weight * zero(d)).sum::<f64>() / whole(all);
    let (a, b) = (mean(above), mean(below));
    let value = if b == 0.0 { f64::NAN } else { a / b };
    let term = |(x, y): (&WeightedAnswer, &WeightedAnswer)| {
        x.weight / whole(above) * (zero(x) - a) / b - y.weight / whole(below) * value * (zero(y) - b) / b
    };
    let error = above.iter().zip(below).map(|pair| term(pair).powi(2)).sum::<f64>().sqrt();
    counterplay_analysis::Estimate { value, error }
}

/// The value of a draw that counts, and zero for one that does not.
fn zero(said: &WeightedAnswer) -> f64 {
    if said.weight > 0.0 { said.value } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_weights_give_the_plain_mean_and_quantiles() {
        let draws: Vec<WeightedAnswer> =
            (0..101).map(|k| WeightedAnswer { value: f64::from(k), weight: 2.0, noise: 0.0 }).collect();
        let found = answered(&draws);
        assert!((found.mean - 50.0).abs() < 1e-12);
        assert!((found.low - 4.55).abs() < 1e-9 && (found.high - 95.45).abs() < 1e-9, "{found:?}");
        assert_eq!(found.replay_error, 0.0);
    }

    #[test]
    fn draws_that_stand_for_a_quarter_of_an_independent_one_have_twice_the_error() {
        let draws: Vec<WeightedAnswer> =
            (0..50).map(|k| WeightedAnswer { value: f64::from(k), weight: 1.0, noise: 0.0 }).collect();
        let (plain, chained) = (answered(&draws), answered_by(&draws, |_| 0.25));
        assert!((chained.error / plain.error - 2.0).abs() < 1e-12);
        assert_eq!((plain.mean, plain.low, plain.high), (chained.mean, chained.low, chained.high));
    }

    #[test]
    fn what_luck_adds_to_the_spread_is_taken_out_of_the_interval() {
        // Draws that differ by luck alone have no posterior spread.
        let draws: Vec<WeightedAnswer> =
            (0..100).map(|k| WeightedAnswer { value: f64::from(k % 2), weight: 1.0, noise: 0.25 }).collect();
        let found = answered(&draws);
        assert!((found.low - 0.5).abs() < 1e-12 && (found.high - 0.5).abs() < 1e-12);
        assert!((found.error - 0.05).abs() < 1e-12 && (found.replay_error - 0.05).abs() < 1e-12);
    }
}
