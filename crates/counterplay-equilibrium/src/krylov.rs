//! Linear systems that are known only by their products: GMRES (Saad and Schultz 1986).

use counterplay_math::hypot;

use crate::anderson::{dot, norm, subtract};

/// Solves $A x = b$ to a relative residual of `tolerance`, starting from zero, without restarts.
///
/// Returns the solution and its relative residual after at most `budget` products.
pub(crate) fn gmres(
    mut product: impl FnMut(&[f64], &mut [f64]),
    b: &[f64],
    tolerance: f64,
    budget: usize,
) -> (Vec<f64>, f64) {
    let length = norm(b);
    if length == 0.0 || tolerance >= 1.0 {
        return (vec![0.0; b.len()], if length == 0.0 { 0.0 } else { 1.0 });
    }
    let mut basis: Vec<Vec<f64>> = vec![b.iter().map(|x| x / length).collect()];
    let mut triangle: Vec<Vec<f64>> = Vec::new();
    let mut rotations: Vec<(f64, f64)> = Vec::new();
    let mut rhs = vec![length];
    let mut relative = 1.0;
    for k in 0..budget.min(b.len()) {
        let mut w = vec![0.0; b.len()];
        product(&basis[k], &mut w);
        let mut column = vec![0.0; k + 1];
        // Orthogonalised twice, so that rounding does not spoil the basis.
        for _ in 0..2 {
            for (h, q) in column.iter_mut().zip(&basis) {
                let r = dot(q, &w);
                *h += r;
                subtract(&mut w, r, q);
            }
        }
        let below = norm(&w);
        for (i, &(c, s)) in rotations.iter().enumerate() {
            (column[i], column[i + 1]) =
                (c * column[i] + s * column[i + 1], c * column[i + 1] - s * column[i]);
        }
        let radius = hypot(column[k], below);
        if radius == 0.0 {
            break;
        }
        let (c, s) = (column[k] / radius, below / radius);
        column[k] = radius;
        rotations.push((c, s));
        rhs.push(-s * rhs[k]);
        rhs[k] *= c;
        triangle.push(column);
        relative = rhs[k + 1].abs() / length;
        if relative <= tolerance || below <= 1e-300 {
            break;
        }
        basis.push(w.iter().map(|x| x / below).collect());
    }
    (combine(&basis, &triangle, &rhs, b.len()), relative)
}

/// Back substitution in the triangle, and the combination of the basis.
fn combine(basis: &[Vec<f64>], triangle: &[Vec<f64>], rhs: &[f64], length: usize) -> Vec<f64> {
    let count = triangle.len();
    let mut y = rhs[..count].to_vec();
    for k in (0..count).rev() {
        y[k] /= triangle[k][k];
        for i in 0..k {
            y[i] -= triangle[k][i] * y[k];
        }
    }
    let mut x = vec![0.0; length];
    for (y, q) in y.iter().zip(basis) {
        subtract(&mut x, -y, q);
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_system_is_solved_to_rounding() {
        let a = [[2.0, 1.0, 0.0], [0.5, -3.0, 1.0], [1.0, 0.0, 1.5]];
        let truth = [1.0, -2.0, 0.25];
        let product = |x: &[f64], out: &mut [f64]| {
            for (out, row) in out.iter_mut().zip(&a) {
                *out = dot(row, x);
            }
        };
        let mut b = [0.0; 3];
        product(&truth, &mut b);
        let (x, relative) = gmres(product, &b, 1e-14, 10);
        assert!(relative < 1e-13);
        assert!(x.iter().zip(&truth).all(|(x, t)| (x - t).abs() < 1e-12));
    }
}
