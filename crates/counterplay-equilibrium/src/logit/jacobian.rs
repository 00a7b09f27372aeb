//! The Jacobian of the logit equations and its linear systems: by elimination along the tree, by its matrix where that is small,
//! else by products only.

use super::elimination::{self, plan_of};
use super::response::Response;
use crate::numeric::dense;
use crate::numeric::krylov::gmres;

/// The largest system whose matrix is built.
const SMALL: usize = 400;

/// The cost of factorising by elimination, in sweeps, about.
const FACTORISATION: usize = 20;

/// The cost of a solution with the factors.
const SOLUTION: usize = 4;

/// The relative residual to which a step of Newton's method is found by products: a tighter one saves fewer steps than it
/// costs.
const NEWTON_RESIDUAL: f64 = 1e-2;

/// The most products for one system.
const MAX_PRODUCTS: usize = 400;

/// The factors of the Jacobian $I - H_z$ at one point.
#[derive(Clone, Debug, Default)]
pub(super) struct Jacobian {
    eliminated: elimination::EliminationFactors,
    /// Its factors as a matrix, where it cannot be eliminated along the tree.
    matrix: Option<dense::DenseFactors>,
}

/// Whether the Jacobian of a game can be factorised: by elimination along the tree, or as a matrix where that is small.
pub(super) fn has_factors(response: &Response) -> bool {
    response.layout().actions <= SMALL || plan_of(response.layout()).is_some()
}

impl Jacobian {
    /// Forgets the factors, since the numbers of the game change.
    pub(super) fn forget(&mut self) {
        self.eliminated.forget();
        self.matrix = None;
    }

    /// Factorises the Jacobian at the point of the last sweep, which started from the logits `at`; whether its determinant is
    /// positive. None where it is singular.
    pub(super) fn factorise(&mut self, response: &mut Response, scaled: &[f64], at: &[f64]) -> Option<bool> {
        if plan_of(response.layout()).is_some() {
            return self.eliminate(response, scaled, at).map(|()| self.eliminated.positive);
        }
        self.matrix = None;
        let columns = columns(at.len(), |x, out| response.jacobian(scaled, x, out));
        let factors = dense::factorise(at.len(), columns)?;
        let positive = factors.positive;
        self.matrix = Some(factors);
        Some(positive)
    }

    /// The solution of $x - H_z x = b$ by the last factors.
    pub(super) fn solve(&mut self, response: &mut Response, b: &[f64]) -> Vec<f64> {
        match &self.matrix {
            Some(matrix) => matrix.solve(b),
            None => self.solve_along_tree(response, b),
        }
    }

    /// Factorises the Jacobian at the point of the last sweep, which started from the logits `at`, where the game allows
    /// elimination.
    pub(super) fn eliminate(&mut self, response: &mut Response, scaled: &[f64], at: &[f64]) -> Option<()> {
        if self.eliminated.are_of(scaled, at) {
            return Some(());
        }
        response.sweeps += FACTORISATION;
        let layout = response.layout();
        self.eliminated.find(plan_of(layout)?, layout, &response.view(), scaled, at)
    }

    /// The solution of $x - H_z x = b$ by the last factors of elimination.
    pub(super) fn solve_along_tree(&mut self, response: &mut Response, b: &[f64]) -> Vec<f64> {
        response.sweeps += SOLUTION;
        let layout = response.layout();
        plan_of(layout).map_or_else(|| b.to_vec(), |plan| self.eliminated.solve(plan, layout, b))
    }

    /// The derivative of the logits along the branch by the share of the precisions, by factors at the point of the last
    /// sweep.
    pub(super) fn slope(&mut self, response: &mut Response, scaled: &[f64], precisions: &[f64]) -> Vec<f64> {
        let mut upward = vec![0.0; response.layout().actions];
        let no_change = upward.clone();
        response.tangent(scaled, &no_change, precisions, &mut upward);
        self.solve(response, &upward)
    }
}

/// The step of Newton's method from the point of the last sweep, without factors.
pub(super) fn newton_step(response: &mut Response, scaled: &[f64], at: &[f64]) -> Vec<f64> {
    let rhs = response.residuals(at);
    let mut product = |x: &[f64], out: &mut [f64]| response.jacobian(scaled, x, out);
    if rhs.len() <= SMALL {
        let columns = columns(rhs.len(), product);
        return dense::factorise(rhs.len(), columns).map_or(rhs.clone(), |f| f.solve(&rhs));
    }
    gmres(&mut product, &rhs, NEWTON_RESIDUAL, MAX_PRODUCTS).0
}

/// Solves the system bordered by a direction, at the point of the last sweep and without factors; with the relative residual
/// reached.
pub(super) fn solve_bordered(
    response: &mut Response,
    scaled: &[f64],
    precisions: &[f64],
    border: &[f64],
    rhs: &[f64],
    tolerance: f64,
) -> Option<(Vec<f64>, f64)> {
    let mut product = |x: &[f64], out: &mut [f64]| response.bordered(scaled, precisions, border, x, out);
    if rhs.len() <= SMALL {
        let columns = columns(rhs.len(), product);
        return dense::factorise(rhs.len(), columns).map(|f| (f.solve(rhs), 0.0));
    }
    Some(gmres(&mut product, rhs, tolerance, MAX_PRODUCTS))
}

/// The matrix of a linear map, column by column.
fn columns(size: usize, mut map: impl FnMut(&[f64], &mut [f64])) -> Vec<f64> {
    let mut columns = vec![0.0; size * size];
    let mut unit = vec![0.0; size];
    for (k, column) in columns.chunks_exact_mut(size.max(1)).enumerate() {
        unit[k] = 1.0;
        map(&unit, column);
        unit[k] = 0.0;
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common;
    use crate::logit::layout::Layout;
    use crate::logit::settings::Settings;
    use counterplay_game::tree::Game;

    /// How far the elimination's solution is from solving the system, and whether it and the matrix agree on the sign
    /// of the determinant, where the matrix is small.
    fn compared(game: &Game, precisions: &[f64], point: &[f64]) -> Option<(f64, bool)> {
        let numbers = game.at(&game.expressions().evaluate(point));
        let mut response = Response::new(Layout::new(game).into(), Settings::default());
        let mut jacobian = Jacobian::default();
        plan_of(response.layout())?;
        response.load(&numbers);
        let mut random = common::Lcg(7);
        let n = response.layout().actions;
        let logits: Vec<f64> = (0..n).map(|_| 6.0 * random.next() - 3.0).collect();
        let b: Vec<f64> = (0..n).map(|_| 2.0 * random.next() - 1.0).collect();
        response.respond(precisions, &logits);
        let positive = jacobian.factorise(&mut response, precisions, &logits)?;
        let x = jacobian.solve(&mut response, &b);
        let mut product = vec![0.0; n];
        response.jacobian(precisions, &x, &mut product);
        let error = product.iter().zip(&b).map(|(p, b)| (p - b).abs()).fold(0.0, f64::max);
        let error = error / x.iter().fold(1.0, |m: f64, x| m.max(x.abs()));
        if n > SMALL {
            return Some((error, true));
        }
        let columns = columns(n, |x, out| response.jacobian(precisions, x, out));
        let matrix = dense::factorise(n, columns)?;
        Some((error, matrix.positive == positive))
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
