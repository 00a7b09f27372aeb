//! Exact pivoting on tableaus of whole numbers.
//!
//! All entries are whole numbers over one common denominator, the determinant of the basis, so that no fraction is
//! ever reduced (Edmonds 1967; Bareiss 1968; von Stengel 2002). Ties in the ratio test are broken
//! lexicographically, so that no sequence of pivots can cycle (Charnes 1952).

use std::cmp::Ordering;

use counterplay_game::rational::Rational;
use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};

/// A system of equations solved for its basic variables: in row $i$,
/// $d\\,x_{b_i} + \sum_j t_{ij} x_j = t_{i,\mathrm{last}}$, with one denominator $d$ for all rows.
#[derive(Clone, Debug)]
pub(crate) struct Tableau {
    /// The rows; the last entry of each is its right-hand side.
    pub(crate) rows: Vec<Vec<BigInt>>,
    /// The basic variable of each row that takes part in ratio tests; further rows only go along.
    pub(crate) basis: Vec<usize>,
    /// The common denominator; negative only where a pivot was.
    pub(crate) denominator: BigInt,
    /// The first of the columns that began as the identity, one for each row of the basis.
    identity: usize,
}

impl Tableau {
    /// A tableau whose basic variables are the `basis.len()` columns from `identity` on.
    pub(crate) fn new(rows: Vec<Vec<BigInt>>, basis: Vec<usize>, identity: usize) -> Self {
        Self { rows, basis, denominator: BigInt::one(), identity }
    }

    /// Brings the variable of `column` into the basis at `row`, and returns the one that left.
    pub(crate) fn pivot(&mut self, row: usize, column: usize) -> usize {
        let own = self.rows[row].clone();
        let pivot = own[column].clone();
        for (_, other) in self.rows.iter_mut().enumerate().filter(|(i, _)| *i != row) {
            let factor = other[column].clone();
            for (entry, of_own) in other.iter_mut().zip(&own) {
                let fresh = &*entry * &pivot - &factor * of_own;
                *entry = fresh / &self.denominator;
            }
        }
        self.denominator = pivot;
        std::mem::replace(&mut self.basis[row], column)
    }

    /// The row whose basic variable is the first to reach zero as the variable of `column` grows; `None` if none is.
    pub(crate) fn leaving_row(&self, column: usize) -> Option<usize> {
        let candidates = (0..self.basis.len()).filter(|&i| self.rows[i][column].is_positive());
        candidates.reduce(|best, row| match self.compare(row, best, column) {
            Ordering::Less => row,
            Ordering::Equal | Ordering::Greater => best,
        })
    }

    /// Compares the rows, each over its entry in `column`: by right-hand side, then by the columns of the identity.
    fn compare(&self, a: usize, b: usize, column: usize) -> Ordering {
        let (left, right) = (&self.rows[a], &self.rows[b]);
        let last = left.len() - 1;
        let order = std::iter::once(last).chain(self.identity..self.identity + self.basis.len());
        let signs = order.map(|k| (&left[k] * &right[column]).cmp(&(&right[k] * &left[column])));
        signs.into_iter().find(|&sign| sign != Ordering::Equal).unwrap_or(Ordering::Equal)
    }

    /// The numerator of a variable, over the common denominator.
    pub(crate) fn numerator(&self, variable: usize) -> BigInt {
        let row = self.basis.iter().position(|&b| b == variable);
        row.map_or_else(BigInt::zero, |i| self.rows[i].last().cloned().unwrap_or_default())
    }
}

/// The best that a linear program allows, and where.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Optimum {
    pub(crate) value: Rational,
    pub(crate) at: Vec<Rational>,
}

/// The largest $c^\top x$ with $A x \le b$, $x \ge 0$, where $b \ge 0$, by the lexicographic simplex method; `None`
/// if it has no bound. Rows of `constraints` end with their bound.
pub(crate) fn maximise(objective: &[BigInt], constraints: &[Vec<BigInt>]) -> Option<Optimum> {
    let (n, m) = (objective.len(), constraints.len());
    let with_slacks = |row: &[BigInt], own: Option<usize>, bound: BigInt| {
        let slacks = (0..m).map(|k| BigInt::from(u8::from(own == Some(k))));
        row.iter().cloned().chain(slacks).chain([bound]).collect::<Vec<_>>()
    };
    let mut rows: Vec<_> = constraints
        .iter()
        .enumerate()
        .map(|(k, row)| with_slacks(&row[..n], Some(k), row[n].clone()))
        .collect();
    let negated: Vec<_> = objective.iter().map(|c| -c).collect();
    rows.push(with_slacks(&negated, None, BigInt::zero()));
    let mut tableau = Tableau::new(rows, (n..n + m).collect(), n);
    while let Some(column) = (0..n + m).find(|&j| tableau.rows[m][j].is_negative()) {
        let row = tableau.leaving_row(column)?;
        tableau.pivot(row, column);
    }
    let fraction = |numerator: BigInt| Rational::new(numerator, tableau.denominator.clone());
    let value = fraction(tableau.rows[m][n + m].clone());
    Some(Optimum { value, at: (0..n).map(|j| fraction(tableau.numerator(j))).collect() })
}

/// The numerators and the denominator of the solution of a square system whose rows end with their right-hand
/// side; `None` if it has not exactly one.
pub(crate) fn solve(rows: Vec<Vec<BigInt>>) -> Option<(Vec<BigInt>, BigInt)> {
    let n = rows.len();
    let mut tableau = Tableau::new(rows, vec![usize::MAX; n], 0);
    for column in 0..n {
        let free = |i: &usize| tableau.basis[*i] == usize::MAX && !tableau.rows[*i][column].is_zero();
        let row = (0..n).find(free)?;
        tableau.pivot(row, column);
    }
    let numerators = (0..n).map(|j| tableau.numerator(j)).collect();
    Some((numerators, tableau.denominator))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(row: &[i64]) -> Vec<BigInt> {
        row.iter().map(|&x| x.into()).collect()
    }

    fn fraction(a: i64, b: i64) -> Rational {
        Rational::new(a.into(), b.into())
    }

    #[test]
    fn a_small_program_has_its_known_optimum() {
        // Dantzig's example: 3x + 5y with x <= 4, 2y <= 12, 3x + 2y <= 18 is largest at (2, 6).
        let rows = [whole(&[1, 0, 4]), whole(&[0, 2, 12]), whole(&[3, 2, 18])];
        let optimum = maximise(&whole(&[3, 5]), &rows).unwrap();
        assert_eq!(optimum, Optimum { value: fraction(36, 1), at: vec![fraction(2, 1), fraction(6, 1)] });
        assert_eq!(maximise(&whole(&[1, 1]), &[whole(&[1, -1, 1])]), None);
    }

    #[test]
    fn beales_example_does_not_cycle() {
        // Beale (1955), times 100: the pivot of steepest ascent with the first row in ties goes round for ever.
        let rows =
            [whole(&[25, -6000, -4, 900, 0]), whole(&[50, -9000, -2, 300, 0]), whole(&[0, 0, 100, 0, 100])];
        let optimum = maximise(&whole(&[75, -15000, 2, -600]), &rows).unwrap();
        assert_eq!(optimum.value, fraction(5, 1));
    }

    #[test]
    fn a_system_is_solved_whatever_the_signs_of_its_pivots() {
        let (numerators, denominator) = solve(vec![whole(&[0, -2, 4]), whole(&[3, 1, 1])]).unwrap();
        let solution: Vec<_> =
            numerators.iter().map(|x| Rational::new(x.clone(), denominator.clone())).collect();
        assert_eq!(solution, [fraction(1, 1), fraction(-2, 1)]);
        assert_eq!(solve(vec![whole(&[1, 2, 3]), whole(&[2, 4, 6])]), None);
    }
}
