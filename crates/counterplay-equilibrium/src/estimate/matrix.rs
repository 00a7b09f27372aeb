//! Small symmetric matrices, by rows.

/// A square matrix as a list of rows.
pub(super) type Matrix = Vec<Vec<f64>>;

/// A pivot of the factorisation below this share of its diagonal entry shows a matrix that is not positive definite
/// to the precision that differences of gradients have: it is one in the variance inflation of an estimate.
const SMALLEST_PIVOT: f64 = 1e-6;

pub(super) fn identity(n: usize) -> Matrix {
    (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect()
}

/// The lower triangular $L$ with $L L^T = A$; `None` where $A$ is not positive definite.
fn cholesky(a: &Matrix) -> Option<Matrix> {
    let n = a.len();
    let mut l = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| l[i][k] * l[j][k]).sum();
            let rest = a[i][j] - sum;
            if i != j {
                l[i][j] = rest / l[j][j];
            } else if rest > SMALLEST_PIVOT * a[i][i] {
                l[i][i] = rest.sqrt();
            } else {
                return None;
            }
        }
    }
    Some(l)
}

/// The inverse of a positive definite matrix; `None` where it is not one.
pub(super) fn inverse(a: &Matrix) -> Option<Matrix> {
    let l = cholesky(a)?;
    let columns: Matrix = identity(a.len()).iter().map(|e| back(&l, forward(&l, e))).collect();
    columns.iter().flatten().all(|x| x.is_finite()).then_some(columns)
}

/// The solution of $L y = b$.
fn forward(l: &Matrix, b: &[f64]) -> Vec<f64> {
    let mut y = Vec::with_capacity(b.len());
    for (row, b) in l.iter().zip(b) {
        let sum: f64 = row.iter().zip(&y).map(|(l, y)| l * y).sum();
        y.push((b - sum) / row[y.len()]);
    }
    y
}

/// The solution of $L^T x = y$.
fn back(l: &Matrix, mut y: Vec<f64>) -> Vec<f64> {
    for i in (0..y.len()).rev() {
        let sum: f64 = (i + 1..y.len()).map(|k| l[k][i] * y[k]).sum();
        y[i] = (y[i] - sum) / l[i][i];
    }
    y
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_times_its_inverse_is_the_identity() {
        let a = vec![vec![4.0, 1.0, -2.0], vec![1.0, 3.0, 0.5], vec![-2.0, 0.5, 5.0]];
        let b = inverse(&a).expect("it is positive definite");
        for (row, unit) in a.iter().zip(identity(3)) {
            for (column, expected) in b.iter().zip(unit) {
                // The inverse is symmetric, so that its rows are its columns.
                let sum: f64 = row.iter().zip(column).map(|(a, b)| a * b).sum();
                assert!((sum - expected).abs() < 1e-14);
            }
        }
    }

    #[test]
    fn a_singular_matrix_has_no_inverse() {
        assert_eq!(inverse(&vec![vec![1.0, 2.0], vec![2.0, 4.0]]), None);
    }
}
