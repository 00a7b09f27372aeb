//! Two-by-two games with published estimates, restated; and their logit equilibria by bisection.
#![allow(dead_code, missing_docs, unreachable_pub)]

use counterplay_game::normal::NormalForm;
use counterplay_game::rational::Rational;

/// A two-by-two game: the payoffs of the row player and of the column player, by row and column, in units of
/// 1/`unit`.
#[derive(Clone, Copy, Debug)]
pub struct TwoByTwo {
    pub row: [[i64; 2]; 2],
    pub column: [[i64; 2]; 2],
    pub unit: i64,
}

impl TwoByTwo {
    pub fn normal_form(&self) -> NormalForm {
        let number = |x: i64| Rational::new(x.into(), self.unit.into());
        let mut payoffs = Vec::new();
        for column in 0..2 {
            for row in 0..2 {
                payoffs.extend([number(self.row[row][column]), number(self.column[row][column])]);
            }
        }
        let names = |a: &str, b: &str| vec![a.to_string(), b.to_string()];
        NormalForm::new(names("row", "column"), vec![names("up", "down"), names("left", "right")], payoffs)
    }

    fn payoffs(&self) -> ([[f64; 2]; 2], [[f64; 2]; 2]) {
        let divide = |m: [[i64; 2]; 2]| m.map(|r| r.map(|x| x as f64 / self.unit as f64));
        (divide(self.row), divide(self.column))
    }

    /// The probabilities of up and left at the logit equilibrium, where it is unique: the root, by bisection, of a
    /// function of one variable. It shares nothing with the solver.
    pub fn equilibrium(&self, precision: f64) -> (f64, f64) {
        let (row, column) = self.payoffs();
        let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
        let left = |up: f64| {
            let gain = up * (column[0][0] - column[0][1]) + (1.0 - up) * (column[1][0] - column[1][1]);
            logistic(precision * gain)
        };
        let up = |left: f64| {
            let gain = left * (row[0][0] - row[1][0]) + (1.0 - left) * (row[0][1] - row[1][1]);
            logistic(precision * gain)
        };
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..200 {
            let middle = 0.5 * (low + high);
            if up(left(middle)) > middle { low = middle } else { high = middle }
        }
        (low, left(low))
    }

    pub fn log_likelihood(&self, counts: &[f64; 4], precision: f64) -> f64 {
        let (up, left) = self.equilibrium(precision);
        counts[0] * up.ln()
            + counts[1] * (1.0 - up).ln()
            + counts[2] * left.ln()
            + counts[3] * (1.0 - left).ln()
    }
}

/// Asymmetric matching pennies of Ochs (1995), in the payoffs of McKelvey and Palfrey (1995), and their counts.
pub const OCHS: TwoByTwo =
    TwoByTwo { row: [[11_141, 0], [0, 2_785]], column: [[0, 11_141], [11_141, 0]], unit: 10_000 };
pub const OCHS_COUNTS: [f64; 4] = [67.456, 60.544, 46.848, 81.152];

/// The twelve games of Selten and Chmura (2008) in the last hundred rounds, as Bland's replication states payoffs and
/// counts: the game, how often it was seen in each role, how often left and how often up was played.
///
/// Games 1 to 6 are meant to be of constant sum, and 7 to 12 add a constant to them; two numbers of the
/// replication (down-right of game 1 to row: 8, up-left of game 3 to column: 7) break that pattern, where 10 and 6
/// would keep it. They are kept here because the published estimates were found with them.
pub const SELTEN_CHMURA: [(TwoByTwo, [u32; 3]); 12] = [
    (game([10, 0, 9, 8], [8, 18, 9, 8]), [4800, 3424, 309]),
    (game([9, 0, 6, 8], [4, 13, 7, 5]), [4800, 2584, 966]),
    (game([8, 0, 7, 10], [7, 14, 7, 4]), [4800, 3922, 753]),
    (game([7, 0, 5, 9], [4, 11, 6, 2]), [4800, 3573, 1423]),
    (game([7, 0, 4, 8], [2, 9, 5, 1]), [4800, 3230, 1579]),
    (game([7, 1, 3, 8], [1, 7, 5, 0]), [4800, 2876, 2115]),
    (game([10, 4, 9, 14], [12, 22, 9, 8]), [2400, 1506, 246]),
    (game([9, 3, 6, 11], [7, 16, 7, 5]), [2400, 1481, 568]),
    (game([8, 3, 7, 13], [9, 17, 7, 4]), [2400, 2017, 595]),
    (game([7, 2, 5, 11], [6, 13, 6, 2]), [2400, 1666, 852]),
    (game([7, 2, 4, 10], [4, 11, 5, 1]), [2400, 1573, 814]),
    (game([7, 3, 3, 10], [3, 9, 5, 0]), [2400, 1478, 1059]),
];

/// Payoffs row by row: up-left, up-right, down-left, down-right.
const fn game(row: [i64; 4], column: [i64; 4]) -> TwoByTwo {
    TwoByTwo {
        row: [[row[0], row[1]], [row[2], row[3]]],
        column: [[column[0], column[1]], [column[2], column[3]]],
        unit: 1,
    }
}

/// Up, down, left, right.
pub fn counts([seen, left, up]: [u32; 3]) -> [f64; 4] {
    [up, seen - up, left, seen - left].map(f64::from)
}
