//! The linear system for the values of all states, once play has been eliminated from it state by state.
//!
//! With play following the values, a change of the values that follow changes those of the states by the *collapsed*
//! matrix $G$: for each state, and each pair of players, a row over the states that can follow it. Small systems
//! $(I - G)\\,x = b$ are factorised. Large ones are solved by GMRES, preconditioned by the part of $G$ that leads to states
//! of higher number: where a clock runs in the state this part is all there is.

use super::StochasticGame;
use super::local::Local;
use crate::numeric::dense::{DenseFactors, factorise};
use crate::numeric::krylov::gmres;
use crate::numeric::vector::{dot, subtract};

/// The relative residual of the large systems.
const RESIDUAL: f64 = 1e-12;

/// The most products for one of them.
const MAX_PRODUCTS: usize = 400;

/// The sign of a determinant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Positive,
    Negative,
    /// The system is solved without its matrix.
    Unknown,
}

impl Sign {
    /// The sign of the product with another determinant.
    pub(super) fn times(self, positive: bool) -> Self {
        match (self, positive) {
            (Sign::Positive, false) => Sign::Negative,
            (Sign::Negative, false) => Sign::Positive,
            (other, _) => other,
        }
    }
}

/// The matrix $G$, by rows.
#[derive(Clone, Debug)]
pub(super) struct Collapsed {
    players: usize,
    /// For each state, those that can follow it, in order.
    follows: Vec<Vec<usize>>,
    /// For each state, where its rows begin.
    first: Vec<usize>,
    /// State by state, for each player whose value changes and each whose values change it, a row over the states that
    /// follow.
    rows: Vec<f64>,
    dense: bool,
    factors: Option<DenseFactors>,
}

impl Collapsed {
    pub(super) fn new(game: &StochasticGame, dense_values: usize) -> Self {
        let players = game.players;
        let (mut follows, mut first, mut length) = (Vec::new(), Vec::new(), 0);
        for stage in &game.stages {
            let mut next: Vec<usize> = stage.links.iter().map(|l| l.state).collect();
            next.sort_unstable();
            next.dedup();
            first.push(length);
            length += next.len() * players * players;
            follows.push(next);
        }
        let dense = game.stages.len() * players <= dense_values;
        Self { players, follows, first, rows: vec![0.0; length], dense, factors: None }
    }

    /// Whether the system is solved with its matrix.
    pub(super) fn is_dense(&self) -> bool {
        self.dense
    }

    fn states(&self) -> usize {
        self.follows.len()
    }

    /// Empties the matrix.
    pub(super) fn clear(&mut self) {
        self.rows.fill(0.0);
        self.factors = None;
    }

    /// Puts in the row of one player's value of a state, whose derivatives were found last.
    pub(super) fn put(&mut self, state: usize, local: &Local, player: usize) {
        let d_payoffs = local.d_payoffs();
        let (n, next) = (self.players, &self.follows[state]);
        let begin = self.first[state] + player * n * next.len();
        for run in local.runs() {
            let slot = next.partition_point(|&s| s < run.state);
            let weights = &local.weights()[run.links()];
            for (other, d) in d_payoffs[run.end * n..(run.end + 1) * n].iter().enumerate() {
                if *d != 0.0 {
                    let at = begin + other * next.len() + slot;
                    subtract(&mut self.rows[at..at + run.count], -d, weights);
                }
            }
        }
    }

    /// Each row: the state, the player whose value it is of, the player whose values it takes, the states that follow,
    /// and the entries.
    fn rows_of(&self, state: usize) -> impl Iterator<Item = (usize, usize, &[usize], &[f64])> {
        let (n, next) = (self.players, self.follows[state].as_slice());
        (0..n * n).map(move |row| {
            let at = self.first[state] + row * next.len();
            (row / n, row % n, next, &self.rows[at..at + next.len()])
        })
    }

    /// To be called when all rows are in. What is known of the sign of the determinant of $I - G$; `None` if it is
    /// singular, as far as that is found before solving.
    pub(super) fn factorise(&mut self) -> Option<Sign> {
        if !self.dense {
            return self.rows.iter().all(|x| x.is_finite()).then_some(Sign::Unknown);
        }
        let count = self.states();
        let size = count * self.players;
        let mut columns = vec![0.0; size * size];
        for k in 0..size {
            columns[k * size + k] = 1.0;
        }
        for state in 0..count {
            for (player, other, next, row) in self.rows_of(state) {
                for (to, x) in next.iter().zip(row) {
                    columns[(other * count + to) * size + player * count + state] -= x;
                }
            }
        }
        self.factors = factorise(size, columns);
        self.factors.as_ref().map(|f| if f.positive { Sign::Positive } else { Sign::Negative })
    }

    /// Solves $(I - G)\\,x = b$; `None` if that failed.
    pub(super) fn solve(&self, rhs: &[f64]) -> Option<Vec<f64>> {
        if self.dense {
            return self.factors.as_ref().map(|f| f.solve(rhs));
        }
        let product = |x: &[f64], out: &mut [f64]| self.times(&self.forward(x), out);
        let (x, residual) = gmres(product, rhs, RESIDUAL, MAX_PRODUCTS);
        (residual <= 1e3 * RESIDUAL).then(|| self.forward(&x))
    }

    /// Solves $(I - G)^\top x = b$; `None` if that failed.
    pub(super) fn solve_transposed(&self, rhs: &[f64]) -> Option<Vec<f64>> {
        if self.dense {
            return self.factors.as_ref().map(|f| f.solve_transposed(rhs));
        }
        let product = |x: &[f64], out: &mut [f64]| self.times_transposed(&self.backward(x), out);
        let (x, residual) = gmres(product, rhs, RESIDUAL, MAX_PRODUCTS);
        (residual <= 1e3 * RESIDUAL).then(|| self.backward(&x))
    }

    fn times(&self, x: &[f64], out: &mut [f64]) {
        let count = self.states();
        out.copy_from_slice(x);
        for state in 0..count {
            for (player, other, next, row) in self.rows_of(state) {
                out[player * count + state] -= take(next, row, &x[other * count..]);
            }
        }
    }

    fn times_transposed(&self, x: &[f64], out: &mut [f64]) {
        let count = self.states();
        out.copy_from_slice(x);
        for state in 0..count {
            for (player, other, next, row) in self.rows_of(state) {
                spread(next, row, -x[player * count + state], &mut out[other * count..]);
            }
        }
    }

    /// The solution of the system with the part of $G$ that leads to states of higher number only.
    fn forward(&self, rhs: &[f64]) -> Vec<f64> {
        let count = self.states();
        let mut x = rhs.to_vec();
        for state in (0..count).rev() {
            for (player, other, next, row) in self.rows_of(state) {
                let from = next.partition_point(|&s| s <= state);
                x[player * count + state] += take(&next[from..], &row[from..], &x[other * count..]);
            }
        }
        x
    }

    /// The same for the transposed system.
    fn backward(&self, rhs: &[f64]) -> Vec<f64> {
        let count = self.states();
        let mut x = rhs.to_vec();
        for state in 0..count {
            for (player, other, next, row) in self.rows_of(state) {
                let from = next.partition_point(|&s| s <= state);
                let own = x[player * count + state];
                spread(&next[from..], &row[from..], own, &mut x[other * count..]);
            }
        }
        x
    }
}

/// Whether states follow one another in number without a gap.
fn is_run(states: &[usize]) -> bool {
    matches!(states, [first, .., last] if last - first + 1 == states.len())
}

fn take(states: &[usize], row: &[f64], x: &[f64]) -> f64 {
    if is_run(states) {
        return dot(row, &x[states[0]..states[0] + row.len()]);
    }
    states.iter().zip(row).map(|(&s, a)| a * x[s]).sum()
}

fn spread(states: &[usize], row: &[f64], factor: f64, x: &mut [f64]) {
    if is_run(states) {
        return subtract(&mut x[states[0]..states[0] + row.len()], -factor, row);
    }
    for (&s, a) in states.iter().zip(row) {
        x[s] += factor * a;
    }
}
