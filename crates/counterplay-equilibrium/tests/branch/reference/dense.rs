//! Small dense linear systems: LU factors with partial pivoting.

/// The factors of a square matrix, and the sign of its determinant.
#[derive(Clone, Debug)]
pub struct Lu {
    size: usize,
    factors: Vec<f64>,
    rows: Vec<usize>,
    /// The sign of the determinant; 0 where a pivot is exactly 0.
    pub sign: f64,
}

impl Lu {
    /// Factors `matrix`, given row by row.
    pub fn new(mut matrix: Vec<f64>, size: usize) -> Self {
        debug_assert_eq!(matrix.len(), size * size);
        let mut rows: Vec<usize> = (0..size).collect();
        let mut sign = 1.0;
        for k in 0..size {
            let pivot = (k..size)
                .max_by(|&a, &b| matrix[a * size + k].abs().total_cmp(&matrix[b * size + k].abs()))
                .expect("a row is left");
            if pivot != k {
                for column in 0..size {
                    matrix.swap(k * size + column, pivot * size + column);
                }
                rows.swap(k, pivot);
                sign = -sign;
            }
            let top = matrix[k * size + k];
            if top == 0.0 || top.is_nan() {
                return Self { size, factors: matrix, rows, sign: 0.0 };
            }
            sign *= top.signum();
            let (upper, lower) = matrix.split_at_mut((k + 1) * size);
            let pivot_row = &upper[k * size..];
            for row in lower.chunks_exact_mut(size) {
                let factor = row[k] / top;
                row[k] = factor;
                for (x, &p) in row[k + 1..].iter_mut().zip(&pivot_row[k + 1..]) {
                    *x -= factor * p;
                }
            }
        }
        Self { size, factors: matrix, rows, sign }
    }

    /// The solution of $A x = b$.
    pub fn solve(&self, right: &[f64]) -> Vec<f64> {
        let n = self.size;
        let mut x: Vec<f64> = self.rows.iter().map(|&r| right[r]).collect();
        for row in 1..n {
            let own = &self.factors[row * n..row * n + row];
            let sum: f64 = own.iter().zip(&x).map(|(a, b)| a * b).sum();
            x[row] -= sum;
        }
        for row in (0..n).rev() {
            let own = &self.factors[row * n..(row + 1) * n];
            let sum: f64 = own[row + 1..].iter().zip(&x[row + 1..]).map(|(a, b)| a * b).sum();
            x[row] = (x[row] - sum) / own[row];
        }
        x
    }

    /// The largest row sum of $|A^{-1} D|$ for a matrix $D$ given row by row: how much of the matrix a change of it is.
    pub fn relative_change(&self, change: &[f64]) -> f64 {
        let n = self.size;
        let mut sums = vec![0.0; n];
        let mut column = vec![0.0; n];
        for c in 0..n {
            for r in 0..n {
                column[r] = change[r * n + c];
            }
            for (sum, x) in sums.iter_mut().zip(self.solve(&column)) {
                *sum += x.abs();
            }
        }
        sums.into_iter().fold(0.0, f64::max)
    }

    /// The largest row sum of the inverse.
    pub fn inverse_norm(&self) -> f64 {
        let n = self.size;
        let mut identity = vec![0.0; n * n];
        for k in 0..n {
            identity[k * n + k] = 1.0;
        }
        self.relative_change(&identity)
    }
}
