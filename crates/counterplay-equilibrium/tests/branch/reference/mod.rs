//! A tracer of principal branches that shares nothing with the solver that it judges.
//!
//! Logit equilibria at the precision $\lambda$ are the zeros of
//! $$ F_{I,a}(z, \lambda) = z_{I,a} - \lambda\,\bigl(U_{I,a}(\pi(z)) - U_{I,0}(\pi(z))\bigr), $$
//! where $z_{I,a}$ is the log-odds of action $a$ against the first action of its information set $I$. Those at $\lambda = 0$ have
//! $z = 0$; the principal branch is the curve of zeros that starts there. It is followed by arc length in steps so short
//! that the derivative hardly changes over any of them, with dense matrices and exact derivatives.
#![allow(
    clippy::format_collect,
    clippy::needless_for_each,
    clippy::needless_pass_by_value,
    reason = "written to be read"
)]
#![allow(dead_code, missing_docs, unreachable_pub)]

pub mod bimatrix;
pub mod dense;
pub mod stochastic;
pub mod tracer;
pub mod tree;

/// Equations whose zeros are the logit equilibria of a game.
pub trait System {
    /// The number of unknowns without the precision.
    fn unknowns(&self) -> usize;

    /// The zero at precision 0, or near it.
    fn start(&self) -> Vec<f64> {
        vec![0.0; self.unknowns()]
    }

    /// The residual at `x`, whose last entry is the precision in units of [`unit`](Self::unit); and its derivative, row by
    /// row, whose last column is that by the precision.
    fn evaluate(&self, x: &[f64], residual: &mut [f64], jacobian: &mut [f64]);

    /// Each action's probability.
    fn play(&self, x: &[f64]) -> Vec<f64>;

    /// The precision at which the largest difference between payoffs makes a logit of 1.
    fn unit(&self) -> f64;
}

/// Writes the probabilities of log-odds against the first action of a set: `odds` has one entry fewer than `play`.
pub fn softmax(odds: &[f64], play: &mut [f64]) {
    let top = odds.iter().fold(0.0f64, |m, &z| m.max(z));
    play[0] = (-top).exp();
    for (p, &z) in play[1..].iter_mut().zip(odds) {
        *p = (z - top).exp();
    }
    let sum: f64 = play.iter().sum();
    for p in play {
        *p /= sum;
    }
}

/// The largest difference between two payoffs of one player, or 1 if nobody cares.
pub fn largest_range(payoffs: impl IntoIterator<Item = Vec<f64>>) -> f64 {
    let mut bounds: Vec<(f64, f64)> = Vec::new();
    for own in payoffs {
        bounds.resize(own.len(), (f64::INFINITY, f64::NEG_INFINITY));
        for (bound, u) in bounds.iter_mut().zip(own) {
            *bound = (bound.0.min(u), bound.1.max(u));
        }
    }
    let range = bounds.iter().fold(0.0f64, |m, b| m.max(b.1 - b.0));
    if range > 0.0 { range } else { 1.0 }
}
