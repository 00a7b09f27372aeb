//! Anderson acceleration of a fixed-point iteration (Walker and Ni 2011).

/// The memory of an accelerated iteration $x \leftarrow g(x)$.
///
/// The next point combines the last `depth` differences so that the residual $f = g(x) - x$, were it linear,
/// would be smallest. The least-squares problem is solved by its normal equations, whose matrix of inner
/// products is kept from step to step; what that loses in digits costs at most a step more.
#[derive(Clone, Debug)]
pub(crate) struct Anderson {
    depth: usize,
    /// Differences of residuals, and of images, in a ring.
    differences: Vec<(Vec<f64>, Vec<f64>)>,
    /// Inner products of the differences of residuals, by their places in the ring.
    products: Vec<Vec<f64>>,
    next: usize,
    last: Option<(Vec<f64>, Vec<f64>)>,
}

impl Anderson {
    pub(crate) fn new(depth: usize) -> Self {
        Self { depth, differences: Vec::new(), products: vec![vec![0.0; depth]; depth], next: 0, last: None }
    }

    /// Begins at another point, keeping what was learnt of the map.
    pub(crate) fn begin(&mut self) {
        self.last = None;
    }

    /// Forgets what was learnt of the map.
    pub(crate) fn forget(&mut self) {
        self.last = None;
        self.differences.clear();
        self.next = 0;
    }

    /// Replaces the point `x`, whose image is `image`, by the next point.
    pub(crate) fn step(&mut self, x: &mut [f64], image: &[f64]) {
        let residual: Vec<f64> = image.iter().zip(x.iter()).map(|(g, x)| g - x).collect();
        if let Some((last_residual, last_image)) = self.last.take() {
            self.remember(difference(&residual, last_residual), difference(image, last_image));
        }
        let weights = self.weights(&residual);
        x.copy_from_slice(image);
        for (weight, (_, d)) in weights.into_iter().zip(&self.differences) {
            subtract(x, weight, d);
        }
        self.last = Some((residual, image.to_vec()));
    }

    fn remember(&mut self, residual: Vec<f64>, image: Vec<f64>) {
        let place = self.next;
        self.next = (self.next + 1) % self.depth;
        if place == self.differences.len() {
            self.differences.push((residual, image));
        } else {
            self.differences[place] = (residual, image);
        }
        for other in 0..self.differences.len() {
            let product = dot(&self.differences[place].0, &self.differences[other].0);
            self.products[place][other] = product;
            self.products[other][place] = product;
        }
    }

    /// The least-squares weights by Cholesky's method; differences that add nothing get none.
    fn weights(&self, residual: &[f64]) -> Vec<f64> {
        let count = self.differences.len();
        let mut weights: Vec<f64> = self.differences.iter().map(|d| dot(&d.0, residual)).collect();
        let mut factor = vec![vec![0.0; count]; count];
        let mut used = vec![false; count];
        for i in 0..count {
            for j in 0..=i {
                let sum: f64 = (0..j).map(|k| factor[i][k] * factor[j][k]).sum();
                let left = self.products[i][j] - sum;
                if i == j {
                    used[i] = left > 1e-13 * self.products[i][i];
                    factor[i][i] = if used[i] { left.sqrt() } else { 0.0 };
                } else {
                    factor[i][j] = if used[j] { left / factor[j][j] } else { 0.0 };
                }
            }
            let sum: f64 = (0..i).map(|k| factor[i][k] * weights[k]).sum();
            weights[i] = if used[i] { (weights[i] - sum) / factor[i][i] } else { 0.0 };
        }
        for i in (0..count).rev() {
            let sum: f64 = (i + 1..count).map(|k| factor[k][i] * weights[k]).sum();
            weights[i] = if used[i] { (weights[i] - sum) / factor[i][i] } else { 0.0 };
        }
        weights
    }
}

/// The inner product, in four running sums, so that it need not wait for each addition.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let (chunks_a, chunks_b) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 = chunks_a.remainder().iter().zip(chunks_b.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in chunks_a.zip(chunks_b) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

pub(crate) fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

pub(crate) fn subtract(from: &mut [f64], factor: f64, what: &[f64]) {
    for (x, y) in from.iter_mut().zip(what) {
        *x -= factor * y;
    }
}

fn difference(a: &[f64], mut b: Vec<f64>) -> Vec<f64> {
    for (b, a) in b.iter_mut().zip(a) {
        *b = a - *b;
    }
    b
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linear_map_in_three_dimensions_is_solved_in_four_steps() {
        let map = |x: &[f64]| vec![0.5 * x[1] + 1.0, -0.9 * x[0] + 0.3 * x[2], 0.8 * x[1] - 2.0];
        let mut anderson = Anderson::new(5);
        let mut x = vec![0.0; 3];
        for _ in 0..5 {
            let image = map(&x);
            anderson.step(&mut x, &image);
        }
        let image = map(&x);
        assert!(norm(&difference(&image, x)) < 1e-12);
    }
}
