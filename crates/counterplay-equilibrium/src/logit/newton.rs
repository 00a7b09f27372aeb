//! The linear systems of Newton's method on a branch: with the matrix where it is small, else with products only.

use crate::logit::Solver;
use crate::numeric::dense::factorise;
use crate::numeric::krylov::gmres;

/// The largest system whose matrix is built.
const SMALL: usize = 400;

/// A correction, in logits, after which a point that need not be exact counts as a fixed point.
const NEAR: f64 = 5e-3;

/// A correction, in logits, that may be followed by a longer one: it is so near that the next one but one is short.
const SHORT: f64 = 0.5;

/// What the factors of the Jacobian cost, in sweeps, about.
const FACTORISATION: usize = 20;

/// What a solution with the factors costs.
const SOLUTION: usize = 4;

/// How many steps one Jacobian is used for.
const MAX_CHORDS: usize = 6;

/// Corrections with one Jacobian go on while each is shorter than the last by this factor.
pub(crate) const QUICK: f64 = 0.3;

/// Corrections, in logits, so short and yet not shorter than the last by this factor come from rounding.
const ROUNDING: f64 = 0.05;
const STILL: f64 = 0.5;

/// The relative residual to which the step of Newton's method is found where it is found with products: a tighter one
/// saves fewer steps than it costs.
const NEWTON_RESIDUAL: f64 = 1e-2;

/// The most products that one system is worth.
const MAX_PRODUCTS: usize = 400;

/// How hard Newton's method tries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Steps, each with a new Jacobian.
    pub(crate) steps: usize,
    /// The least share of a step that is taken; below it the method has failed.
    pub(crate) least: f64,
}

impl Effort {
    /// As much as leads anywhere.
    pub(crate) const FULL: Self = Self { steps: 20, least: 1e-2 };
}

impl Solver {
    /// Newton's method; whether it reached a fixed point, to `tolerance` or to that of the settings, whichever is
    /// wider.
    pub(crate) fn newton(
        &mut self,
        precisions: &[f64],
        at: &mut [f64],
        tolerance: f64,
        effort: Effort,
    ) -> bool {
        if self.layout.plan().is_some() {
            self.newton_by_elimination(precisions, at, tolerance, effort)
        } else {
            self.newton_by_residual(precisions, at, tolerance, effort.steps)
        }
    }

    /// Newton's method with steps that are shortened until the next with the same Jacobian would be shorter (Deuflhard
    /// 2011, section 3.3): where the response is steep, the residual is no measure of the distance. Where the `tolerance`
    /// is wider than that of the settings, a step that is short ends it: rounding alone moves the response by more than the
    /// tolerance where precisions are very high.
    fn newton_by_elimination(
        &mut self,
        precisions: &[f64],
        at: &mut [f64],
        tolerance: f64,
        Effort { steps, least }: Effort,
    ) -> bool {
        let (mut missing, mut residual) = self.missing_at_once(precisions, at);
        for _ in 0..steps {
            let enough = tolerance.max(self.tolerance(at));
            let near = if tolerance > self.tolerance(at) { NEAR } else { 0.0 };
            if residual <= enough {
                self.settle(at);
                return true;
            }
            if self.factorise(precisions, at).is_none() {
                return false;
            }
            let mut step = self.eliminated(&missing);
            let (mut length, mut chords) = (1.0, 0);
            loop {
                let next: Vec<f64> = at.iter().zip(&step).map(|(z, d)| z + length * d).collect();
                (missing, residual) = self.missing_at_once(precisions, &next);
                let before = largest(&step);
                let mut done = residual <= enough || (length == 1.0 && before < near && residual.is_finite());
                let following = if done { Vec::new() } else { self.eliminated(&missing) };
                let size = largest(&following);
                done |= near > 0.0 && before < ROUNDING && size > STILL * before && size < ROUNDING;
                if done || size <= (1.0 - 0.25 * length) * before.max(SHORT) {
                    at.copy_from_slice(&next);
                    if done {
                        self.settle(at);
                        return true;
                    }
                    chords += 1;
                    if length < 1.0 || size > QUICK * before || chords == MAX_CHORDS {
                        break;
                    }
                    step = following;
                    continue;
                }
                length *= 0.5;
                if length < least {
                    return false;
                }
            }
        }
        false
    }

    /// Newton's method with steps that are shortened while they lead to no smaller residual.
    fn newton_by_residual(
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

    /// The response of the last sweep less the logits that it started from.
    pub(crate) fn missing(&self, at: &[f64]) -> Vec<f64> {
        self.sweep.response.iter().zip(at).map(|(h, z)| h - z).collect()
    }

    /// What is missing at a point to the response of a sweep, to first order, and the largest of it. The point of the sweep
    /// is that of the play here throughout, so that Newton's method meets less curvature, and reaches further.
    pub(crate) fn missing_at_once(&mut self, precisions: &[f64], at: &[f64]) -> (Vec<f64>, f64) {
        self.sweeps += 2;
        self.sweep.respond_at_once(&self.layout, precisions, at);
        let missing = self.missing(at);
        let mut carried = vec![0.0; missing.len()];
        self.sweep.carry(&self.layout, precisions, &missing, &mut carried);
        let residual = largest(&carried);
        (carried, residual)
    }

    /// The step of Newton's method from the point of the last sweep.
    pub(crate) fn newton_step(&mut self, precisions: &[f64], at: &[f64]) -> Vec<f64> {
        let rhs = self.missing(at);
        if rhs.len() <= SMALL {
            let columns = self.columns(rhs.len(), |solver, x, out| solver.jacobian(precisions, x, out));
            return factorise(rhs.len(), columns).map_or(rhs.clone(), |f| f.solve(&rhs));
        }
        gmres(|x, out| self.jacobian(precisions, x, out), &rhs, NEWTON_RESIDUAL, MAX_PRODUCTS).0
    }

    /// Whether the Jacobian can be factorised: by elimination along the tree, or as a matrix where that is small.
    pub(crate) fn has_factors(&self) -> bool {
        self.layout.actions <= SMALL || self.layout.plan().is_some()
    }

    /// Factorises the Jacobian $I - H_z$ at the point of the last sweep, which started from the logits `at`; whether its
    /// determinant is positive. None where it is singular.
    pub(crate) fn linearise(&mut self, scaled: &[f64], at: &[f64]) -> Option<bool> {
        if self.layout.plan().is_some() {
            return self.factorise(scaled, at).map(|()| self.factors.positive);
        }
        self.matrix = None;
        let columns = self.columns(at.len(), |solver, x, out| solver.jacobian(scaled, x, out));
        let factors = factorise(at.len(), columns)?;
        let positive = factors.positive;
        self.matrix = Some(factors);
        Some(positive)
    }

    /// The solution of $x - H_z x = b$ by the last factors.
    pub(crate) fn solve_linear(&mut self, b: &[f64]) -> Vec<f64> {
        match &self.matrix {
            Some(matrix) => matrix.solve(b),
            None => self.eliminated(b),
        }
    }

    /// Factorises the Jacobian at the point of the last sweep, which started from the logits `at`, where the game allows
    /// elimination.
    fn factorise(&mut self, scaled: &[f64], at: &[f64]) -> Option<()> {
        if self.factors.are_of(scaled, at) {
            return Some(());
        }
        let layout = std::sync::Arc::clone(&self.layout);
        self.sweeps += FACTORISATION;
        self.factors.find(layout.plan()?, &layout, &self.sweep.view(), scaled, at)
    }

    /// The solution of $x - H_z x = b$ by the last factors.
    fn eliminated(&mut self, b: &[f64]) -> Vec<f64> {
        let layout = std::sync::Arc::clone(&self.layout);
        self.sweeps += SOLUTION;
        layout.plan().map_or_else(|| b.to_vec(), |plan| self.factors.solve(plan, &layout, b))
    }

    /// The derivative of the logits along the branch by the share of the precisions, with the factors made at the point of
    /// the last sweep.
    pub(crate) fn slope(&mut self, scaled: &[f64], precisions: &[f64]) -> Vec<f64> {
        let mut upward = vec![0.0; self.layout.actions];
        let still = upward.clone();
        self.sweeps += 2;
        self.sweep.tangent(&self.layout, scaled, &still, precisions, &mut upward);
        self.solve_linear(&upward)
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
        for (k, column) in columns.chunks_exact_mut(size.max(1)).enumerate() {
            unit[k] = 1.0;
            map(self, &unit, column);
            unit[k] = 0.0;
        }
        columns
    }
}

/// The largest absolute value; infinite where one is not a number.
pub(crate) fn largest(x: &[f64]) -> f64 {
    x.iter().fold(0.0, |m: f64, x| if x.is_nan() { f64::INFINITY } else { m.max(x.abs()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common;
    use crate::logit::Settings;
    use counterplay_game::tree::Game;

    /// How far the elimination's solution is from solving the system, and whether it and the matrix agree on the sign
    /// of the determinant, where the matrix is small.
    fn compared(game: &Game, precisions: &[f64], point: &[f64]) -> Option<(f64, bool)> {
        let numbers = game.at(&game.expressions().evaluate(point));
        let mut solver = Solver::new(game, Settings::default());
        solver.layout.plan()?;
        solver.begin(&numbers);
        let mut random = common::Lcg(7);
        let n = solver.layout.actions;
        let logits: Vec<f64> = (0..n).map(|_| 6.0 * random.next() - 3.0).collect();
        let b: Vec<f64> = (0..n).map(|_| 2.0 * random.next() - 1.0).collect();
        solver.respond(precisions, &logits);
        solver.factorise(precisions, &logits)?;
        let x = solver.eliminated(&b);
        let mut product = vec![0.0; n];
        solver.jacobian(precisions, &x, &mut product);
        let error = product.iter().zip(&b).map(|(p, b)| (p - b).abs()).fold(0.0, f64::max);
        let error = error / x.iter().fold(1.0, |m: f64, x| m.max(x.abs()));
        if n > 400 {
            return Some((error, true));
        }
        let columns = solver.columns(n, |solver, x, out| solver.jacobian(precisions, x, out));
        let matrix = factorise(n, columns)?;
        Some((error, matrix.positive == solver.factors.positive))
    }

    #[test]
    fn elimination_along_the_tree_solves_what_the_matrix_does() {
        let mut eliminated = 0;
        for seed in 0..60 {
            let game = common::random_game(seed, 5, 3);
            for precisions in [[1.0, 2.0, 1.5], [8.0, 3.0, 12.0]] {
                let Some((error, same)) = compared(&game, &precisions, &[0.3, -0.6, 0.8]) else { continue };
                eliminated += 1;
                assert!(error < 1e-9 && same, "seed {seed}: error {error:e}, same sign {same}");
            }
        }
        assert!(eliminated >= 60, "{eliminated}");
        for (rounds, offers, types) in [(2, 2, 2), (2, 5, 3), (3, 6, 3)] {
            let game = common::crisis(rounds, offers, types);
            for precision in [3.0, 30.0] {
                let (error, same) =
                    compared(&game, &[precision; 2], &[]).expect("players see each other's moves");
                assert!(error < 1e-9 && same, "{rounds}: error {error:e}, same sign {same}");
            }
        }
    }
}
