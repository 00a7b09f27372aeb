//! The linear systems of Newton's method on a branch: with the matrix where it is small, else with products only.

use crate::anderson::norm;
use crate::branch::Spot;
use crate::dense::factorise;
use crate::krylov::gmres;
use crate::qre::{Solver, Status};

/// The largest system whose matrix is built.
const SMALL: usize = 160;

/// The relative residual to which the step of Newton's method is found where it is found with products: a tighter one
/// saves fewer steps than it costs.
const NEWTON_RESIDUAL: f64 = 1e-2;

/// The most products that one system is worth.
const MAX_PRODUCTS: usize = 400;

impl Solver {
    /// Newton's method at the full precisions.
    pub(crate) fn finish(&mut self, precisions: &[f64], at: &mut [f64]) -> Status {
        if self.newton(precisions, at, 0.0, 20) { Status::Converged } else { Status::Stuck { reached: 1.0 } }
    }

    /// Newton's method, with steps that are shortened while they lead nowhere better; whether it reached a fixed
    /// point, to `tolerance` or to that of the settings, whichever is wider.
    pub(crate) fn newton(
        &mut self,
        precisions: &[f64],
        at: &mut [f64],
        tolerance: f64,
        budget: usize,
    ) -> bool {
        let mut residual = self.respond(precisions, at);
        for _ in 0..budget {
            if residual <= tolerance.max(self.tolerance(at)) {
                self.settle(at);
                return true;
            }
            let step = self.newton_step(precisions, at);
            let mut length = 1.0;
            loop {
                let next: Vec<f64> = at.iter().zip(&step).map(|(z, d)| z + length * d).collect();
                let reached = self.respond(precisions, &next);
                if reached < residual {
                    at.copy_from_slice(&next);
                    residual = reached;
                    break;
                }
                length /= 4.0;
                if length < 1e-3 {
                    return false;
                }
            }
        }
        false
    }

    /// The step of Newton's method from the point of the last sweep.
    fn newton_step(&mut self, precisions: &[f64], at: &[f64]) -> Vec<f64> {
        let rhs: Vec<f64> = self.sweep.response.iter().zip(at).map(|(h, z)| h - z).collect();
        if rhs.len() <= SMALL {
            let columns = self.columns(rhs.len(), |solver, x, out| solver.jacobian(precisions, x, out));
            return factorise(rhs.len(), columns).map_or(rhs.clone(), |f| f.solve(&rhs));
        }
        gmres(|x, out| self.jacobian(precisions, x, out), &rhs, NEWTON_RESIDUAL, MAX_PRODUCTS).0
    }

    /// Whether the determinant of the Jacobian $I - H_z$ at these logits is positive; `None` where it is singular,
    /// or the game is too large to look.
    pub(crate) fn positive_determinant(&mut self, scaled: &[f64], logits: &[f64]) -> Option<bool> {
        if logits.len() > SMALL {
            return None;
        }
        self.respond(scaled, logits);
        let columns = self.columns(logits.len(), |solver, x, out| solver.jacobian(scaled, x, out));
        factorise(logits.len(), columns).map(|f| f.positive)
    }

    /// The product $dz - H_z\,dz$ at the point of the last sweep.
    fn jacobian(&mut self, scaled: &[f64], x: &[f64], out: &mut [f64]) {
        self.sweeps += 2;
        let still = vec![0.0; scaled.len()];
        self.sweep.tangent(&self.layout, scaled, x, &still, out);
        for (out, x) in out.iter_mut().zip(x) {
            *out = x - *out;
        }
    }

    /// The product of the bordered Jacobian: $(dz - H_z\,dz - H_t\,dt,\ \tau \cdot (dz, dt))$.
    fn bordered(&mut self, scaled: &[f64], precisions: &[f64], border: &[f64], x: &[f64], out: &mut [f64]) {
        self.sweeps += 2;
        let n = self.layout.actions;
        let d_precisions: Vec<f64> = precisions.iter().map(|l| l * x[n]).collect();
        self.sweep.tangent(&self.layout, scaled, &x[..n], &d_precisions, &mut out[..n]);
        for (out, x) in out[..n].iter_mut().zip(x) {
            *out = x - *out;
        }
        out[n] = border.iter().zip(x).map(|(b, x)| b * x).sum();
    }

    /// Solves the bordered system at the point of the last sweep, with the relative residual reached.
    pub(crate) fn solve_bordered(
        &mut self,
        scaled: &[f64],
        precisions: &[f64],
        border: &[f64],
        rhs: &[f64],
        tolerance: f64,
    ) -> Option<(Vec<f64>, f64)> {
        if rhs.len() <= SMALL {
            let columns =
                self.columns(rhs.len(), |solver, x, out| solver.bordered(scaled, precisions, border, x, out));
            return factorise(rhs.len(), columns).map(|f| (f.solve(rhs), 0.0));
        }
        let product = |x: &[f64], out: &mut [f64]| self.bordered(scaled, precisions, border, x, out);
        Some(gmres(product, rhs, tolerance, MAX_PRODUCTS))
    }

    /// The matrix of a linear map, column by column.
    fn columns(&mut self, size: usize, map: impl Fn(&mut Self, &[f64], &mut [f64])) -> Vec<f64> {
        let mut columns = vec![0.0; size * size];
        let mut unit = vec![0.0; size];
        for (k, column) in columns.chunks_exact_mut(size).enumerate() {
            unit[k] = 1.0;
            map(self, &unit, column);
            unit[k] = 0.0;
        }
        columns
    }

    /// The unit tangent of the branch, turned the same way as `before`, or upwards.
    pub(crate) fn tangent_at(
        &mut self,
        precisions: &[f64],
        at: &Spot,
        before: Option<&[f64]>,
    ) -> Option<Vec<f64>> {
        let n = self.layout.actions;
        let mut upward = vec![0.0; n + 1];
        upward[n] = 1.0;
        let border = before.map_or(upward.clone(), <[f64]>::to_vec);
        let scaled: Vec<f64> = precisions.iter().map(|l| l * at.share).collect();
        self.respond(&scaled, &at.logits);
        let (tangent, residual) = self.solve_bordered(&scaled, precisions, &border, &upward, 1e-3)?;
        let length = norm(&tangent);
        let good = residual <= 1e-3 && length.is_finite() && length > 0.0;
        good.then(|| tangent.iter().map(|x| x / length).collect())
    }
}
