//! Anderson acceleration of a fixed-point iteration (Walker and Ni 2011).

/// The memory of an accelerated iteration $x \leftarrow g(x)$.
///
/// The next point combines the last `depth` differences so that the residual $f = g(x) - x$, were it linear,
/// would be smallest.
#[derive(Clone, Debug)]
pub(crate) struct Anderson {
    depth: usize,
    d_residuals: Vec<Vec<f64>>,
    d_images: Vec<Vec<f64>>,
    last: Option<(Vec<f64>, Vec<f64>)>,
}

impl Anderson {
    pub(crate) fn new(depth: usize) -> Self {
        Self { depth, d_residuals: Vec::new(), d_images: Vec::new(), last: None }
    }

    /// Replaces the point `x`, whose image is `image`, by the next point.
    pub(crate) fn step(&mut self, x: &mut [f64], image: &[f64]) {
        let residual: Vec<f64> = image.iter().zip(x.iter()).map(|(g, x)| g - x).collect();
        if let Some((last_residual, last_image)) = self.last.take() {
            if self.d_residuals.len() == self.depth {
                self.d_residuals.remove(0);
                self.d_images.remove(0);
            }
            self.d_residuals.push(difference(&residual, &last_residual));
            self.d_images.push(difference(image, &last_image));
        }
        x.copy_from_slice(image);
        for (weight, d) in self.weights(&residual).into_iter().zip(&self.d_images) {
            for (x, d) in x.iter_mut().zip(d) {
                *x -= weight * d;
            }
        }
        self.last = Some((residual, image.to_vec()));
    }

    /// The least-squares weights by modified Gram-Schmidt, newest difference first; differences that add
    /// nothing get none.
    fn weights(&self, residual: &[f64]) -> Vec<f64> {
        let count = self.d_residuals.len();
        let mut weights = vec![0.0; count];
        let mut basis: Vec<(usize, Vec<f64>, Vec<f64>)> = Vec::new();
        let mut left = residual.to_vec();
        let mut projections = Vec::new();
        for index in (0..count).rev() {
            let mut q = self.d_residuals[index].clone();
            let full = norm(&q);
            let mut column = Vec::with_capacity(basis.len() + 1);
            for (_, b, _) in &basis {
                let r = dot(b, &q);
                subtract(&mut q, r, b);
                column.push(r);
            }
            let length = norm(&q);
            if length <= 1e-10 * full || full == 0.0 {
                continue;
            }
            for x in &mut q {
                *x /= length;
            }
            column.push(length);
            let p = dot(&q, &left);
            subtract(&mut left, p, &q);
            projections.push(p);
            basis.push((index, q, column));
        }
        for k in (0..basis.len()).rev() {
            let mut sum = projections[k];
            for later in basis.iter().skip(k + 1) {
                sum -= later.2[k] * weights[later.0];
            }
            weights[basis[k].0] = sum / basis[k].2[k];
        }
        weights
    }
}

pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

pub(crate) fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

pub(crate) fn subtract(from: &mut [f64], factor: f64, what: &[f64]) {
    for (x, y) in from.iter_mut().zip(what) {
        *x -= factor * y;
    }
}

fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
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
        assert!(norm(&difference(&image, &x)) < 1e-12);
    }
}
