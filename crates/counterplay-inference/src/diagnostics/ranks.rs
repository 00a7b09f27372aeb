//! Moments, order statistics, and values replaced by the normal scores of their ranks.

use counterplay_math::normal_quantile;

/// The mean; NaN if there are no values.
pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The variance with divisor $n - 1$; zero if there are fewer than two values, or if all are equal.
pub(super) fn variance(values: &[f64]) -> f64 {
    // The mean of equal values can differ from them in its last digit.
    if values.windows(2).all(|pair| pair[0] == pair[1]) {
        return 0.0;
    }
    let centre = mean(values);
    values.iter().map(|x| (x - centre).powi(2)).sum::<f64>() / (values.len() as f64 - 1.0)
}

/// The values in ascending order.
pub(super) fn sorted(values: &[f64]) -> Vec<f64> {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values
}

/// The quantile at `probability` of sorted values, interpolated linearly; NaN if there are none.
pub(super) fn quantile_of_sorted(sorted: &[f64], probability: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let position = probability.clamp(0.0, 1.0) * last as f64;
    let below = position.floor() as usize;
    let above = (below + 1).min(last);
    let share = position - below as f64;
    (1.0 - share) * sorted[below] + share * sorted[above]
}

/// Each value replaced by the standard normal quantile of $(r - 3/8) / (S + 1/4)$, where $r$ is its rank among
/// all $S$ values of all chains; equal values share the average of their ranks.
pub(super) fn normal_scores(chains: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let all = sorted(&chains.concat());
    let size = all.len() as f64;
    let score = |x: f64| {
        let below = all.partition_point(|&y| y < x);
        let up_to = all.partition_point(|&y| y <= x);
        let rank = 0.5 * (below + up_to + 1) as f64;
        normal_quantile((rank - 0.375) / (size + 0.25))
    };
    chains.iter().map(|chain| chain.iter().map(|&x| score(x)).collect()).collect()
}
