//! Moves that leave a density as it is, tuned on weighed particles.
//!
//! Two kinds take turns by chance. An *autoregressive* move (Neal 1999; around a fitted normal as in Rudolf and
//! Sprungk 2018) goes to $m + \sqrt{1 - b^2} (z - m) + b\\, C \xi$, with $m$ and $C C^\top$ the particles' mean and
//! covariance and $\xi$ standard normal; it leaves $N(m, C C^\top)$ as it is, so its acceptance does not fall with the
//! number of coordinates, as long as the posterior is near to that. A *random walk* goes to
//! $z + 2.38\\, d^{-1/2} C \xi$ (Roberts, Gelman and Gilks 1997), and moves where tails are heavier than the normal's.
//! The covariance is shrunk towards its diagonal as far as the number of particles demands (Schäfer and Strimmer 2005).

use rand::{Rng, RngExt};

use super::ladder::effective_size;
use crate::random;

/// The share of moves that are random walks.
const WALKS: f64 = 0.25;
/// The longest and the shortest autoregressive move.
const LONGEST: f64 = 0.98;
const SHORTEST: f64 = 0.05;

/// A kernel around the particles' normal approximation.
#[derive(Clone, Debug)]
pub(super) struct Kernel {
    mean: Vec<f64>,
    /// The lower triangle of the root $C$ of the covariance, row by row.
    root: Vec<Vec<f64>>,
    /// The length $b$ of autoregressive moves.
    length: f64,
}

impl Kernel {
    /// Fits the kernel to weighed particles; the length of its moves is half of the longest times `boldness`.
    pub(super) fn fit(points: &[&[f64]], weights: &[f64], boldness: f64) -> Self {
        let dimension = points.first().map_or(0, |p| p.len());
        let mut mean = vec![0.0; dimension];
        for (point, weight) in points.iter().zip(weights) {
            for (m, z) in mean.iter_mut().zip(*point) {
                *m += weight * z;
            }
        }
        let root = cholesky(shrunk(covariance(points, weights, &mean), points, weights, &mean));
        Self { mean, root, length: (0.5 * boldness).clamp(SHORTEST, LONGEST) }
    }

    /// A proposal from `z`, and the logarithm of the ratio of the densities of going back and of going there.
    pub(super) fn propose(&self, z: &[f64], rng: &mut impl Rng) -> (Vec<f64>, f64) {
        let walk = rng.random::<f64>() < WALKS;
        let noise: Vec<f64> = z.iter().map(|_| random::normal(rng)).collect();
        let step = self.spread(&noise);
        if walk {
            let length = 2.38 / (z.len().max(1) as f64).sqrt();
            return (z.iter().zip(&step).map(|(z, s)| z + length * s).collect(), 0.0);
        }
        let keep = (1.0 - self.length * self.length).sqrt();
        let at = |((z, m), s): ((&f64, &f64), &f64)| m + keep * (z - m) + self.length * s;
        let proposed: Vec<f64> = z.iter().zip(&self.mean).zip(&step).map(at).collect();
        let log_odds = self.log_normal(z) - self.log_normal(&proposed);
        (proposed, log_odds)
    }

    /// $C \xi$.
    fn spread(&self, noise: &[f64]) -> Vec<f64> {
        self.root.iter().map(|row| row.iter().zip(noise).map(|(c, x)| c * x).sum()).collect()
    }

    /// The log density of the fitted normal, up to a constant.
    fn log_normal(&self, z: &[f64]) -> f64 {
        let mut standard: Vec<f64> = Vec::with_capacity(z.len());
        for (row, (z, m)) in self.root.iter().zip(z.iter().zip(&self.mean)) {
            let above: f64 = row.iter().zip(&standard).map(|(c, x)| c * x).sum();
            standard.push((z - m - above) / row[standard.len()]);
        }
        -0.5 * standard.iter().map(|x| x * x).sum::<f64>()
    }
}

/// The lower triangle of the weighed covariance.
fn covariance(points: &[&[f64]], weights: &[f64], mean: &[f64]) -> Vec<Vec<f64>> {
    let mut found: Vec<Vec<f64>> = (0..mean.len()).map(|i| vec![0.0; i + 1]).collect();
    for (point, weight) in points.iter().zip(weights) {
        for (i, row) in found.iter_mut().enumerate() {
            let own = weight * (point[i] - mean[i]);
            for (j, entry) in row.iter_mut().enumerate() {
                *entry += own * (point[j] - mean[j]);
            }
        }
    }
    found
}

/// The covariance with its correlations shrunk to zero by the share that their sampling error demands:
/// $\sum \widehat{\operatorname{Var}}(r_{ij}) / \sum r_{ij}^2$ over $i \ne j$ (Schäfer and Strimmer 2005).
fn shrunk(mut found: Vec<Vec<f64>>, points: &[&[f64]], weights: &[f64], mean: &[f64]) -> Vec<Vec<f64>> {
    let count = effective_size(weights).max(2.0);
    let deviations: Vec<f64> = found.iter().map(|row| row[row.len() - 1].max(1e-12).sqrt()).collect();
    let (mut variances, mut squares) = (0.0, 0.0);
    for (i, row) in found.iter().enumerate() {
        for (j, entry) in row[..i].iter().enumerate() {
            let scale = deviations[i] * deviations[j];
            let r = entry / scale;
            let product = |p: &[f64]| (p[i] - mean[i]) * (p[j] - mean[j]) / scale - r;
            let spread: f64 = points.iter().zip(weights).map(|(p, w)| w * product(p).powi(2)).sum();
            variances += spread / (count - 1.0);
            squares += r * r;
        }
    }
    let kept = if squares > 0.0 { 1.0 - (variances / squares).min(1.0) } else { 0.0 };
    for (i, row) in found.iter_mut().enumerate() {
        for entry in &mut row[..i] {
            *entry *= kept;
        }
        row[i] = deviations[i] * deviations[i];
    }
    found
}

/// The lower triangle $C$ with $C C^\top$ the given matrix; an entry of the diagonal that would not be positive,
/// because particles are too few or alike, becomes a small one.
fn cholesky(mut lower: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    for i in 0..lower.len() {
        for j in 0..=i {
            let done: f64 = (0..j).map(|k| lower[i][k] * lower[j][k]).sum();
            let rest = lower[i][j] - done;
            lower[i][j] = if i == j { rest.max(1e-10 * lower[i][i]).sqrt() } else { rest / lower[j][j] };
        }
    }
    lower
}
