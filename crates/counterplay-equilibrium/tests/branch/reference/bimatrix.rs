//! Two players, one simultaneous choice.

use std::fmt::Write as _;

use super::{System, largest_range, softmax};

/// The payoffs by row and column, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Bimatrix {
    pub rows: usize,
    pub columns: usize,
    pub row: Vec<f64>,
    pub column: Vec<f64>,
    unit: f64,
}

impl Bimatrix {
    pub fn new(rows: usize, columns: usize, mut payoffs: impl FnMut(usize, usize) -> (f64, f64)) -> Self {
        let (row, column): (Vec<f64>, Vec<f64>) =
            (0..rows * columns).map(|k| payoffs(k / columns, k % columns)).unzip();
        let unit = 1.0 / largest_range(row.iter().zip(&column).map(|(&a, &b)| vec![a, b]));
        Self { rows, columns, row, column, unit }
    }

    /// The text of a game file. Gambit lists profiles with the first player's strategy changing fastest.
    pub fn nfg(&self) -> String {
        let mut text =
            format!("NFG 1 R \"\" {{ \"Row\" \"Column\" }} {{ {} {} }}\n\n", self.rows, self.columns);
        for j in 0..self.columns {
            for i in 0..self.rows {
                let k = i * self.columns + j;
                write!(text, "{} {} ", self.row[k], self.column[k]).expect("a string takes it");
            }
        }
        text.push('\n');
        text
    }
}

impl System for Bimatrix {
    fn unknowns(&self) -> usize {
        self.rows + self.columns - 2
    }

    fn evaluate(&self, x: &[f64], residual: &mut [f64], jacobian: &mut [f64]) {
        let (m, n, width) = (self.rows, self.columns, self.unknowns() + 1);
        let play = self.play(x);
        let (p, q) = play.split_at(m);
        let precision = x[width - 1] * self.unit();
        jacobian.fill(0.0);
        for i in 1..m {
            let gain = |j: usize| self.row[i * n + j] - self.row[j];
            let gains: f64 = (0..n).map(|j| gain(j) * q[j]).sum();
            let r = i - 1;
            residual[r] = x[r] - precision * gains;
            jacobian[r * width + r] = 1.0;
            for j in 1..n {
                jacobian[r * width + m - 1 + j - 1] = -precision * q[j] * (gain(j) - gains);
            }
            jacobian[r * width + width - 1] = -self.unit() * gains;
        }
        for j in 1..n {
            let gain = |i: usize| self.column[i * n + j] - self.column[i * n];
            let gains: f64 = (0..m).map(|i| gain(i) * p[i]).sum();
            let r = m - 1 + j - 1;
            residual[r] = x[r] - precision * gains;
            jacobian[r * width + r] = 1.0;
            for i in 1..m {
                jacobian[r * width + i - 1] = -precision * p[i] * (gain(i) - gains);
            }
            jacobian[r * width + width - 1] = -self.unit() * gains;
        }
    }

    fn play(&self, x: &[f64]) -> Vec<f64> {
        let mut play = vec![0.0; self.rows + self.columns];
        let (p, q) = play.split_at_mut(self.rows);
        softmax(&x[..self.rows - 1], p);
        softmax(&x[self.rows - 1..self.unknowns()], q);
        play
    }

    fn unit(&self) -> f64 {
        self.unit
    }
}
