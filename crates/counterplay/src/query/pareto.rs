//! Pareto-smoothed importance weights.
//!
//! The largest weights are replaced by the expected order statistics of a generalised Pareto law fitted to them (Vehtari,
//! Simpson, Gelman, Yao and Gabry 2024, "Pareto smoothed importance sampling", JMLR 25); the law is fitted by the
//! quasi-Bayesian estimate of Zhang and Stephens (2009), with the weak prior on the shape that the former paper adds.

/// Weights that add up to one from their logarithms, the largest smoothed, and the shape of their tail.
///
/// With fewer than 25 draws, or equal largest weights, nothing is smoothed; the shape is then infinite, or minus infinity.
pub(crate) fn smoothed(log_weights: &[f64]) -> (Vec<f64>, f64) {
    let top = log_weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if !top.is_finite() {
        return (vec![0.0; log_weights.len()], f64::INFINITY);
    }
    let mut weights: Vec<f64> = log_weights.iter().map(|l| (l - top).exp()).collect();
    let shape = smooth(&mut weights);
    let whole: f64 = weights.iter().sum();
    for weight in &mut weights {
        *weight /= whole;
    }
    (weights, shape)
}

/// The fewest weights that a tail is fitted to.
const LEAST_TAIL: usize = 5;

fn smooth(weights: &mut [f64]) -> f64 {
    let count = weights.len() as f64;
    let tail = (0.2 * count).min(3.0 * count.sqrt()).ceil() as usize;
    if tail < LEAST_TAIL {
        return f64::INFINITY;
    }
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by(|&a, &b| weights[a].total_cmp(&weights[b]).then(a.cmp(&b)));
    let largest = &order[order.len() - tail..];
    let cut = weights[order[order.len() - tail - 1]];
    let excess: Vec<f64> = largest.iter().map(|&k| weights[k] - cut).collect();
    if excess[tail - 1] <= f64::EPSILON * weights[order[order.len() - 1]] {
        return f64::NEG_INFINITY;
    }
    let (shape, scale) = fit(&excess);
    let most = weights[order[order.len() - 1]];
    for (rank, &k) in largest.iter().enumerate() {
        let p = (rank as f64 + 0.5) / tail as f64;
        let quantile = if shape.abs() < 1e-12 {
            -scale * (-p).ln_1p()
        } else {
            scale * (-shape * (-p).ln_1p()).exp_m1() / shape
        };
        // A smoothed weight is at most the largest raw one.
        weights[k] = (cut + quantile).min(most);
    }
    shape
}

/// Shape and scale of the generalised Pareto law of `excess`, which rises and is not negative.
fn fit(excess: &[f64]) -> (f64, f64) {
    let count = excess.len() as f64;
    let grid = 30 + count.sqrt() as usize;
    let quarter = excess[((count / 4.0 + 0.5) as usize).max(1) - 1].max(f64::MIN_POSITIVE);
    let most = excess[excess.len() - 1];
    let thetas: Vec<f64> = (1..=grid)
        .map(|j| 1.0 / most + (1.0 - (grid as f64 / (j as f64 - 0.5)).sqrt()) / (3.0 * quarter))
        .collect();
    let shape_at = |theta: f64| excess.iter().map(|x| (-theta * x).ln_1p()).sum::<f64>() / count;
    let profile = |theta: f64| {
        let k = shape_at(theta);
        count * ((-theta / k).ln() - k - 1.0)
    };
    let logs: Vec<f64> = thetas.iter().map(|&t| profile(t)).collect();
    let weight = |j: usize| 1.0 / logs.iter().map(|l| (l - logs[j]).exp()).sum::<f64>();
    let theta: f64 = thetas.iter().enumerate().map(|(j, t)| t * weight(j)).filter(|x| x.is_finite()).sum();
    let shape = shape_at(theta);
    let scale = -shape / theta;
    // As if ten more excesses had been seen whose shape is one half.
    ((count * shape + 10.0 * 0.5) / (count + 10.0), scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_of_a_pareto_tail_is_found() {
        for shape in [0.2_f64, 0.5, 0.9] {
            let count = 4_000;
            let quantile =
                |k: i32| ((1.0 - (f64::from(k) + 0.5) / f64::from(count)).powf(-shape) - 1.0) / shape;
            let excess: Vec<f64> = (0..count).map(quantile).collect();
            let (found, scale) = fit(&excess);
            assert!((found - shape).abs() < 0.03, "{shape}: {found}");
            assert!((scale - 1.0).abs() < 0.05, "{scale}");
        }
    }

    #[test]
    fn even_weights_stay_even() {
        let (weights, shape) = smoothed(&[0.3; 100]);
        assert!(weights.iter().all(|w| (w - 0.01).abs() < 1e-15));
        assert!(shape < 0.0);
    }
}
