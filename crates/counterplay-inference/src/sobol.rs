//! Global sensitivity: which uncertain inputs a number's variance comes from.
//!
//! For $Y = f(X_1, \dots, X_k)$ with independent inputs, the first-order index of an input is the share of the
//! variance that goes away, on average, once the input is known, $S_i = V[E(Y \mid X_i)] / V(Y)$; its total index
//! is the share that stays when all the others are known, $T_i = E[V(Y \mid X_{\sim i})] / V(Y)$. $T_i - S_i$ is what
//! the input does together with others (Sobol' 1993; Homma and Saltelli 1996). An input that does nothing has
//! $T_i = 0$.
//!
//! [`first_order`] needs nothing but a sample. [`totals`] needs a design in which one input is exchanged at a time.

use counterplay_math::powi;
use counterplay_math::statistics::{moments, quantile};

use crate::key::Key;

/// An index with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Index {
    /// The estimate. It can fall a little below zero by chance.
    pub value: f64,
    /// The lower end of the central 90% over resamples.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// Resamples behind each interval.
const REPLICATES: usize = 200;

/// Dimensions of the quasi-random sequence; beyond them another scrambling of it is used.
const DIMENSIONS: usize = 256;

/// A coordinate of a point of an Owen-scrambled Sobol' sequence (Burley 2020), strictly between 0 and 1.
pub fn coordinate(seed: u64, point: usize, dimension: usize) -> f64 {
    let scrambling = (dimension / DIMENSIONS) as u64;
    let seed = Key::new(seed).with(Key::of_text("design")).with(scrambling).uniform();
    let seed = (seed * f64::from(u32::MAX)) as u32;
    let grid = f64::from(sobol_burley::sample(point as u32, (dimension % DIMENSIONS) as u32, seed));
    // It has 24 bits, and can be zero.
    grid + powi(0.5, 25)
}

/// The first-order index of one input, from a sample of it and of the output alone.
///
/// The sample is cut into $M = \lceil \sqrt n \rceil$ classes of equal size by the input's rank; the index is the
/// variance between classes over the variance in all (Plischke, Borgonovo and Smith 2013, "Global sensitivity measures
/// from given data", EJOR 226(3)), less what classes of a quantity that has nothing to do with the input would differ
/// by: $(SS_b - (M - 1)\\,SS_w / (n - M)) / SS_t$ (Kelley 1935). Dependent inputs, as draws from a posterior
/// do, are counted for what they tell of each other.
///
/// The interval comes from 200 halves of the sample, whose estimates vary about the whole's as that varies about the
/// truth (Shao and Wu 1989); resamples with repeats would pass them for agreement within classes.
///
/// # Panics
/// If the two have not the same length.
pub fn first_order(input: &[f64], output: &[f64], seed: u64) -> Index {
    let rows = sorted_rows(input, output);
    let value = between_classes(&rows);
    let mut halves: Vec<f64> = (0..REPLICATES)
        .map(|replicate| {
            let key = Key::new(seed).with(1).with(replicate as u64);
            let mut order: Vec<(f64, usize)> =
                (0..rows.len()).map(|n| (key.with(n as u64).uniform(), n)).collect();
            order.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut chosen: Vec<usize> = order[..rows.len().div_ceil(2)].iter().map(|o| o.1).collect();
            chosen.sort_unstable();
            between_classes(&chosen.iter().map(|&s| rows[s]).collect::<Vec<_>>())
        })
        .collect();
    halves.sort_by(f64::total_cmp);
    let away = |p: f64| quantile(&halves, p) - quantile(&halves, 0.5);
    Index { value, low: value + away(0.05), high: value + away(0.95) }
}

/// The estimate of [`first_order`] alone.
///
/// # Panics
/// If the two have not the same length.
pub fn first_order_value(input: &[f64], output: &[f64]) -> f64 {
    between_classes(&sorted_rows(input, output))
}

/// Pairs of input and output, sorted by the input.
fn sorted_rows(input: &[f64], output: &[f64]) -> Vec<(f64, f64)> {
    assert_eq!(input.len(), output.len(), "an output for each input");
    let mut rows: Vec<(f64, f64)> = input.iter().copied().zip(output.iter().copied()).collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    rows
}

/// The share of the variance of the second numbers that lies between classes of the first, by which they are sorted.
fn between_classes(rows: &[(f64, f64)]) -> f64 {
    let outputs: Vec<f64> = rows.iter().map(|r| r.1).collect();
    let (mean, sd) = moments(&outputs);
    let count = rows.len() as f64;
    let total = sd * sd * (count - 1.0);
    // A variance of nothing but rounding is none.
    if total <= 1e-20 * count * mean * mean || rows.is_empty() {
        return 0.0;
    }
    let starts = class_starts(rows);
    let classes = starts.len() as f64;
    let ends = starts[1..].iter().copied().chain([rows.len()]);
    let between: f64 = starts
        .iter()
        .zip(ends)
        .map(|(&start, end)| {
            let class = &outputs[start..end];
            class.len() as f64 * (moments(class).0 - mean).powi(2)
        })
        .sum();
    let chance = if count > classes { (classes - 1.0) * (total - between) / (count - classes) } else { 0.0 };
    (between - chance) / total
}

/// Where classes of nearly equal size begin; equal inputs are in one class.
fn class_starts(rows: &[(f64, f64)]) -> Vec<usize> {
    let classes = (rows.len() as f64).sqrt().ceil() as usize;
    let mut starts = vec![0];
    for class in 1..classes {
        let mut start = class * rows.len() / classes;
        while start < rows.len() && rows[start].0 == rows[start - 1].0 {
            start += 1;
        }
        if start < rows.len() && start > starts[starts.len() - 1] {
            starts.push(start);
        }
    }
    starts
}

/// Total indices by a design in which one input at a time is exchanged.
///
/// `base` holds the output at $N$ points; `exchanged[i]` the output at the same points with input $i$ taken from an
/// independent second set. $T_i = \frac{1}{2N} \sum_n (y_n - y_n^{(i)})^2 / V(Y)$ (Jansen 1999; Saltelli et al. 2010,
/// "Variance based sensitivity analysis of model output", table 2), where the variance is over all points of the
/// design. Points at which an output is not a number are left out. The interval is that of 200 resamples of the points.
///
/// In $Y = 2 X_1 + X_2$ with inputs of the same variance the shares are 4/5 and 1/5:
///
/// ```
/// use counterplay_inference::sobol::{coordinate, totals};
/// let output = |dimensions: [usize; 2]| -> Vec<f64> {
///     let y = |n| 2.0 * coordinate(1, n, dimensions[0]) + coordinate(1, n, dimensions[1]);
///     (0..1024).map(y).collect()
/// };
/// let found = totals(&output([0, 1]), &[output([2, 1]), output([0, 3])], 1);
/// assert!((found[0].value - 0.8).abs() < 0.02 && (found[1].value - 0.2).abs() < 0.02);
/// assert!(found.iter().all(|index| index.low < index.value && index.value < index.high));
/// ```
pub fn totals(base: &[f64], exchanged: &[Vec<f64>], seed: u64) -> Vec<Index> {
    let key = Key::new(seed).with(2);
    let one = |(input, own): (usize, &Vec<f64>)| {
        bootstrap(base.len(), key.with(input as u64), |chosen| {
            let all: Vec<f64> = chosen
                .iter()
                .flat_map(|&n| std::iter::once(base[n]).chain(exchanged.iter().map(move |e| e[n])))
                .filter(|y| !y.is_nan())
                .collect();
            let variance = moments(&all).1.powi(2);
            let squares: Vec<f64> =
                chosen.iter().map(|&n| (base[n] - own[n]).powi(2)).filter(|s| !s.is_nan()).collect();
            if variance == 0.0 { 0.0 } else { 0.5 * moments(&squares).0 / variance }
        })
    };
    exchanged.iter().enumerate().map(one).collect()
}

/// A statistic of rows, given by their numbers, with the central 90% over resamples of them.
fn bootstrap(rows: usize, key: Key, statistic: impl Fn(&[usize]) -> f64) -> Index {
    let all: Vec<usize> = (0..rows).collect();
    let resample = |replicate: usize| {
        let key = key.with(replicate as u64);
        let chosen: Vec<usize> =
            (0..rows).map(|n| (key.with(n as u64).uniform() * rows as f64) as usize).collect();
        statistic(&chosen)
    };
    let mut replicates: Vec<f64> = (0..REPLICATES).map(resample).collect();
    replicates.sort_by(f64::total_cmp);
    Index { value: statistic(&all), low: quantile(&replicates, 0.05), high: quantile(&replicates, 0.95) }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;

    /// Points of the unit cube, evenly spread.
    fn points(count: usize, dimensions: usize, seed: u32) -> Vec<Vec<f64>> {
        let coordinate = |n: usize, d: usize| f64::from(sobol_burley::sample(n as u32, d as u32, seed));
        (0..count).map(|n| (0..dimensions).map(|d| coordinate(n, d)).collect()).collect()
    }

    /// First-order and total indices of a function of the unit cube.
    fn indices(count: usize, inputs: usize, f: impl Fn(&[f64]) -> f64) -> (Vec<Index>, Vec<Index>) {
        let both = points(count, 2 * inputs, 0);
        let base: Vec<f64> = both.iter().map(|p| f(&p[..inputs])).collect();
        let exchange = |i: usize| {
            let at = |p: &Vec<f64>| {
                let mut point = p[..inputs].to_vec();
                point[i] = p[inputs + i];
                f(&point)
            };
            both.iter().map(at).collect::<Vec<f64>>()
        };
        let exchanged: Vec<Vec<f64>> = (0..inputs).map(exchange).collect();
        // Independent points, as draws are: the correction for chance is theirs.
        let random =
            |n: usize| (0..inputs).map(|d| Key::new(3).with(n as u64).with(d as u64).uniform()).collect();
        let sample: Vec<Vec<f64>> = (0..4 * count).map(random).collect();
        let output: Vec<f64> = sample.iter().map(|p| f(p)).collect();
        let first = |i: usize| first_order(&sample.iter().map(|p| p[i]).collect::<Vec<_>>(), &output, 7);
        ((0..inputs).map(first).collect(), totals(&base, &exchanged, 7))
    }

    fn near(found: Index, wanted: f64, tolerance: f64) {
        assert!((found.value - wanted).abs() <= tolerance, "{found:?} is not {wanted}");
    }

    /// Ishigami and Homma (1990) with a = 7 and b = 0.1; the exact indices are those of Saltelli et al. (2008, p. 179).
    #[test]
    fn the_indices_of_the_ishigami_function_are_found() {
        let ishigami = |u: &[f64]| {
            let x: Vec<f64> = u.iter().map(|u| PI * (2.0 * u - 1.0)).collect();
            x[0].sin() + 7.0 * x[1].sin().powi(2) + 0.1 * x[2].powi(4) * x[0].sin()
        };
        let (first, total) = indices(4096, 3, ishigami);
        for (i, (s, t)) in [(0.3139, 0.5576), (0.4424, 0.4424), (0.0, 0.2437)].into_iter().enumerate() {
            // Four standard errors, 2 (1 - S) sqrt(S / n), of a first-order index from 16,384 points.
            near(first[i], s, 0.024);
            near(total[i], t, 0.015);
        }
        // At the size of an analysis the intervals say how rough it is.
        let (first, total) = indices(64, 3, ishigami);
        for (i, (s, t)) in [(0.3139, 0.5576), (0.4424, 0.4424), (0.0, 0.2437)].into_iter().enumerate() {
            assert!(first[i].low - 0.2 < s && s < first[i].high + 0.2, "{:?}", first[i]);
            assert!(total[i].low - 0.1 < t && t < total[i].high + 0.1, "{:?}", total[i]);
        }
    }

    /// Y = 4 X1 + 2 X2 + X3 with an X4 that does nothing: both indices are 16/21, 4/21, 1/21 and 0.
    #[test]
    fn in_a_linear_model_first_and_total_indices_are_the_shares_of_the_variance() {
        let (first, total) = indices(2048, 4, |u| 4.0 * u[0] + 2.0 * u[1] + u[2]);
        for (i, share) in [16.0, 4.0, 1.0, 0.0].into_iter().map(|s| s / 21.0).enumerate() {
            // Four standard errors, 2 (1 - S) sqrt(S / n), of a first-order index from 8192 points.
            near(first[i], share, 0.022);
            near(total[i], share, 0.01);
        }
        assert_eq!(total[3].value, 0.0);
    }

    /// Without the correction, classes of noise would pass for a share of (M - 1)/(n - 1), here 7%.
    #[test]
    fn a_sample_of_noise_has_a_first_order_index_near_zero() {
        let key = Key::new(5);
        let (count, samples) = (200, 200);
        let of = |sample: u64| {
            let column =
                |c: u64| (0..count).map(|n| key.with(sample).with(c).with(n).uniform()).collect::<Vec<_>>();
            let (input, output) = (column(0), column(1));
            first_order_value(&input, &output)
        };
        let all: Vec<f64> = (0..samples).map(of).collect();
        let (mean, sd) = moments(&all);
        assert!(mean.abs() < 4.0 * sd / (samples as f64).sqrt(), "{mean} {sd}");
        assert!(sd < 0.05);
    }

    #[test]
    fn an_output_that_does_not_vary_has_indices_of_zero() {
        let input: Vec<f64> = (0..100).map(f64::from).collect();
        assert_eq!(first_order(&input, &[0.3; 100], 1).value, 0.0);
        assert_eq!(totals(&[0.3; 100], &[vec![0.3; 100]], 1)[0].value, 0.0);
    }
}
