//! Small linear systems with their matrix: Gaussian elimination with partial pivoting.

/// A factorised square matrix.
#[derive(Clone, Debug)]
pub(crate) struct DenseFactors {
    size: usize,
    /// The factors, column by column.
    columns: Vec<f64>,
    /// The row that was exchanged with each row in turn.
    exchanged: Vec<usize>,
    /// Whether the determinant is positive.
    pub(crate) positive: bool,
}

/// Factorises a matrix given column by column; `None` if it is singular or not finite.
pub(crate) fn factorise(size: usize, mut columns: Vec<f64>) -> Option<DenseFactors> {
    let mut exchanged = Vec::with_capacity(size);
    let mut positive = true;
    for k in 0..size {
        let column = &columns[k * size..(k + 1) * size];
        let pivot = (k..size).max_by(|&i, &j| column[i].abs().total_cmp(&column[j].abs()))?;
        let value = column[pivot];
        if value == 0.0 || !value.is_finite() {
            return None;
        }
        positive ^= (pivot != k) ^ (value < 0.0);
        exchanged.push(pivot);
        for column in columns.chunks_exact_mut(size) {
            column.swap(k, pivot);
        }
        let (left, right) = columns.split_at_mut((k + 1) * size);
        let eliminators = &mut left[k * size + k + 1..];
        // States lead to few others, so most of what could be taken away is nothing; to leave it out changes no bit.
        if eliminators.iter().all(|x| *x == 0.0) {
            continue;
        }
        for x in eliminators.iter_mut() {
            *x /= value;
        }
        for column in right.chunks_exact_mut(size).filter(|column| column[k] != 0.0) {
            let top = column[k];
            for (x, e) in column[k + 1..].iter_mut().zip(eliminators.iter()) {
                *x -= top * e;
            }
        }
    }
    Some(DenseFactors { size, columns, exchanged, positive })
}

impl DenseFactors {
    /// The solution for one right-hand side.
    pub(crate) fn solve(&self, rhs: &[f64]) -> Vec<f64> {
        let mut x = rhs.to_vec();
        for (k, &pivot) in self.exchanged.iter().enumerate() {
            x.swap(k, pivot);
        }
        let column = |k: usize| &self.columns[k * self.size..(k + 1) * self.size];
        for k in 0..self.size {
            let top = x[k];
            for (x, e) in x[k + 1..].iter_mut().zip(&column(k)[k + 1..]) {
                *x -= top * e;
            }
        }
        for k in (0..self.size).rev() {
            x[k] /= column(k)[k];
            let top = x[k];
            for (x, e) in x[..k].iter_mut().zip(&column(k)[..k]) {
                *x -= top * e;
            }
        }
        x
    }

    /// The solution of the transposed system for one right-hand side.
    pub(crate) fn solve_transposed(&self, rhs: &[f64]) -> Vec<f64> {
        let mut x = rhs.to_vec();
        let column = |k: usize| &self.columns[k * self.size..(k + 1) * self.size];
        let times = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        for k in 0..self.size {
            x[k] = (x[k] - times(&column(k)[..k], &x[..k])) / column(k)[k];
        }
        for k in (0..self.size).rev() {
            x[k] -= times(&column(k)[k + 1..], &x[k + 1..]);
        }
        for (k, &pivot) in self.exchanged.iter().enumerate().rev() {
            x.swap(k, pivot);
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_that_needs_exchanges_is_solved_and_its_determinant_has_the_right_sign() {
        // Rows (0 2 1), (1 1 0), (3 0 1): the determinant is -5.
        let columns = vec![0.0, 1.0, 3.0, 2.0, 1.0, 0.0, 1.0, 0.0, 1.0];
        let factors = factorise(3, columns).unwrap();
        assert!(!factors.positive);
        let x = factors.solve(&[2.0 * 5.0 - 1.0, 2.0 + 5.0, 3.0 * 2.0 - 1.0]);
        assert!(x.iter().zip([2.0, 5.0, -1.0]).all(|(x, t)| (x - t).abs() < 1e-14), "{x:?}");
        // Transposed: the columns are the equations.
        let y = factors.solve_transposed(&[2.0 + 3.0 * 3.0, 2.0 * 5.0 + 2.0, 5.0 + 3.0]);
        assert!(y.iter().zip([5.0, 2.0, 3.0]).all(|(x, t)| (x - t).abs() < 1e-14), "{y:?}");
        assert!(factorise(2, vec![1.0, 2.0, 2.0, 4.0]).is_none());
    }

    #[test]
    fn a_system_that_is_mostly_nothing_is_solved_as_any_other() {
        // Each unknown depends on itself and two others, some of them before it.
        let size = 40;
        let mut columns = vec![0.0; size * size];
        for row in 0..size {
            columns[row * size + row] = 1.0;
            for (step, weight) in [(1, -0.6), (17, -0.3)] {
                columns[((row + step) % size) * size + row] += weight * (1.0 + row as f64 / 100.0);
            }
        }
        let truth: Vec<f64> = (0..size).map(|k| (k as f64).sin()).collect();
        let times = |transposed: bool| -> Vec<f64> {
            let entry = |row: usize, column: usize| columns[column * size + row];
            let of = |i: usize, j: usize| if transposed { entry(j, i) } else { entry(i, j) };
            (0..size).map(|i| (0..size).map(|j| of(i, j) * truth[j]).sum()).collect()
        };
        let (right, across) = (times(false), times(true));
        let factors = factorise(size, columns.clone()).unwrap();
        for x in [factors.solve(&right), factors.solve_transposed(&across)] {
            assert!(x.iter().zip(&truth).all(|(x, t)| (x - t).abs() < 1e-11), "{x:?}");
        }
    }
}
