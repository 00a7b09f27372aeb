//! Temperatures, weights and resampling.

use counterplay_math::{exp, ln};

/// The next temperature after `now`: where the conditional effective sample size
/// $N \bar u^2 / \overline{u^2}$, with $u = L^{\phi' - \phi}$ at equally weighed particles, falls to the share `kept`
/// of those particles that have a likelihood at all (Zhou, Johansen and Aston 2016); 1 if there it is `at_last` or more.
pub(super) fn next_temperature(log_likelihoods: &[f64], now: f64, kept: f64, at_last: f64) -> f64 {
    let logs: Vec<f64> = log_likelihoods.iter().copied().filter(|l| *l > f64::NEG_INFINITY).collect();
    let share = |step: f64| {
        let raised: Vec<f64> = logs.iter().map(|l| step * l).collect();
        effective_size(&weights(&raised)) / logs.len() as f64
    };
    if logs.is_empty() || share(1.0 - now) >= at_last {
        return 1.0;
    }
    let (mut low, mut high) = (0.0, 1.0 - now);
    // The share falls monotonically; after this many halvings it is exact to the last digits.
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if share(middle) >= kept { low = middle } else { high = middle }
    }
    now + high
}

/// The logarithm of the mean of numbers given by their logarithms.
pub(super) fn log_mean(logs: &[f64]) -> f64 {
    let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if top == f64::NEG_INFINITY {
        return top;
    }
    top + ln(logs.iter().map(|l| exp(l - top)).sum::<f64>() / logs.len() as f64)
}

/// Weights that add up to one, from their logarithms; all the same if none is above zero.
pub fn weights(logs: &[f64]) -> Vec<f64> {
    let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if top == f64::NEG_INFINITY {
        return vec![1.0 / logs.len() as f64; logs.len()];
    }
    let raw: Vec<f64> = logs.iter().map(|l| exp(l - top)).collect();
    let sum: f64 = raw.iter().sum();
    raw.into_iter().map(|w| w / sum).collect()
}

/// How many equally weighed draws these weights are worth (Kong, Liu and Wong 1994).
pub(super) fn effective_size(weights: &[f64]) -> f64 {
    1.0 / weights.iter().map(|w| w * w).sum::<f64>()
}

/// Systematic resampling: `count` positions, each drawn in proportion to its weight, from one uniform number.
///
/// A weight $w$ is chosen $\lfloor n w \rfloor$ or $\lceil n w \rceil$ times out of $n$:
///
/// ```
/// use counterplay_inference::tempering::systematic;
/// assert_eq!(systematic(&[0.5, 0.25, 0.25], 4, 0.5), [0, 0, 1, 2]);
/// assert_eq!(systematic(&[0.9, 0.0, 0.1], 5, 0.2), [0, 0, 0, 0, 0]);
/// ```
pub fn systematic(weights: &[f64], count: usize, uniform: f64) -> Vec<usize> {
    let (mut chosen, mut passed, mut at) = (Vec::with_capacity(count), 0.0, 0);
    for k in 0..count {
        let place = (k as f64 + uniform) / count as f64;
        while at + 1 < weights.len() && passed + weights[at] <= place {
            passed += weights[at];
            at += 1;
        }
        chosen.push(at);
    }
    // Rounding must not end on a particle without weight.
    chosen.iter().map(|&c| (0..=c).rev().find(|&k| weights[k] > 0.0).unwrap_or(c)).collect()
}
