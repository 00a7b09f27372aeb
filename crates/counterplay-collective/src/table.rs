//! How many coalitions there are of each size and weight: the coefficients of a generating function, modulo a word.
#![allow(clippy::inline_always, reason = "only what is inlined is compiled for the widest registers")]

use pulp::{Arch, NullaryFnOnce};

use crate::residue::{difference, sum};

/// The coefficients of a series in $t$ and $y$ below a bound on the power of $t$, modulo a number below $2^{31}$.
///
/// The series are of the form $\frac{1}{1-t} \prod_i (1 + y\\,t^{w_i}) \prod_j (1 + t^{w_j})$: the coefficient of $y^s t^w$ is the
/// number of coalitions of a weight of at most $w$ that have $s$ members among the voters $i$, who count towards the size, and
/// any among the voters $j$, who do not. And sums of such series.
///
/// All sizes of one weight lie side by side, and all steps go through many of them at once.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    modulus: u32,
    /// The sizes that are kept, from 0 on; those beyond must be impossible.
    sizes: usize,
    /// How many counts there are for each weight: the sizes, and zeros that fill the last lanes, and those after a shift by one.
    width: usize,
    counts: Vec<u32>,
    /// For each weight, from which size on all is zero; falls nowhere.
    filled: Vec<usize>,
}

/// So many counts are gone through at once.
const LANES: usize = 32;

/// So many counts stay near the processor while they are worked on.
const NEAR: usize = 1 << 18;

fn in_lanes(counts: usize) -> usize {
    counts.next_multiple_of(LANES)
}

/// Puts the counts of one row together with those of another one by one, as many as the other has.
#[inline(always)]
fn lanewise(to: &mut [u32], from: &[u32], put_together: impl Fn(u32, u32) -> u32) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = put_together(*to, *from);
    }
}

/// Puts the counts of two rows together one by one into a third, as many as the last has.
#[inline(always)]
fn lanewise_into(to: &mut [u32], one: &[u32], other: &[u32], put_together: impl Fn(u32, u32) -> u32) {
    for ((to, one), other) in to.iter_mut().zip(one).zip(other) {
        *to = put_together(*one, *other);
    }
}

fn width(sizes: usize) -> usize {
    in_lanes(sizes) + LANES
}

impl Table {
    /// The memory that such a table takes, in bytes.
    pub(crate) fn bytes(columns: usize, sizes: usize) -> usize {
        size_of::<u32>() * columns * width(sizes)
    }

    /// Everything zero, for weights from 0 to below `columns` and this many sizes.
    pub(crate) fn zero(modulus: u32, columns: usize, sizes: usize) -> Self {
        let width = width(sizes);
        Self { modulus, sizes, width, counts: vec![0; columns * width], filled: vec![0; columns] }
    }

    /// The series of some voters who do not count towards the size and `members` of one weight who do; `uncounted` are the coefficients
    /// of the former alone.
    pub(crate) fn of_class(
        modulus: u32,
        sizes: usize,
        uncounted: &[u32],
        weight: usize,
        members: usize,
    ) -> Self {
        let mut table = Self::zero(modulus, uncounted.len(), sizes);
        let ways = binomials(modulus, members);
        for (column, filled) in table.filled.iter_mut().enumerate() {
            *filled = (members.min(column / weight)) + 1;
            let row = &mut table.counts[column * table.width..][..*filled];
            for (size, (count, ways)) in row.iter_mut().zip(&ways).enumerate() {
                let rest = u64::from(uncounted[column - size * weight]);
                *count = (u64::from(*ways) * rest % u64::from(modulus)) as u32;
            }
        }
        table
    }

    /// Adds this many voters of one weight that count towards the size: multiplies by $1 + y\\,t^w$ as often.
    pub(crate) fn add(&mut self, weight: usize, voters: usize) {
        for _ in 0..voters {
            Arch::new().dispatch(Add { to: self, weight });
        }
    }

    /// Lets this many voters of one weight count that were there without: multiplies by $(1 + y\\,t^w) / (1 + t^w)$ as often.
    pub(crate) fn let_count(&mut self, weight: usize, voters: usize) {
        let at_once = (NEAR / (self.width * weight)).max(1);
        for first in (0..voters).step_by(at_once) {
            let voters = at_once.min(voters - first);
            Arch::new().dispatch(LetCount { of: self, weight, voters });
        }
    }

    /// Adds $t^d (1 - t^e)$ times another table.
    pub(crate) fn add_between(&mut self, other: &Self, shift: usize, apart: usize) {
        Arch::new().dispatch(AddBetween { to: self, other, shift, apart });
    }

    /// By size, the coefficients at the power `below`$- w$ of $t$ after division by $1 + y\\,t^w$: of the coalitions without a voter that
    /// counts; all zero if the power is negative.
    pub(crate) fn leaving(&self, weight: usize, below: usize) -> Vec<u32> {
        Arch::new().dispatch(Leaving { of: self, weight, below })
    }

    /// By size, the coefficients at the highest power of $t$.
    pub(crate) fn last(&self) -> &[u32] {
        &self.counts[self.counts.len() - self.width..][..self.sizes]
    }
}

/// [`Table::add`].
struct Add<'a> {
    to: &'a mut Table,
    weight: usize,
}

impl NullaryFnOnce for Add<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Table { modulus, width, ref mut counts, ref mut filled, .. } = *self.to;
        for column in (self.weight..filled.len()).rev() {
            let from = column - self.weight;
            let (lower, row) = counts.split_at_mut(column * width);
            let below = &lower[from * width..][..in_lanes(filled[from])];
            lanewise(&mut row[1..], below, |count, more| sum(count, more, modulus));
            filled[column] = filled[column].max(filled[from] + 1);
        }
    }
}

/// [`Table::let_count`].
struct LetCount<'a> {
    of: &'a mut Table,
    weight: usize,
    voters: usize,
}

/// The rows without a voter at all, at the weight at hand and at as many before as the voter has, in turn; with how far they are filled.
struct Without {
    rows: Vec<Vec<u32>>,
    filled: Vec<usize>,
}

impl NullaryFnOnce for LetCount<'_> {
    type Output = ();

    /// Goes through the weights from the lowest on, and at each lets one voter after the other count while its row is near.
    #[inline(always)]
    fn call(self) {
        let Table { modulus, width, ref mut counts, ref mut filled, .. } = *self.of;
        let turns = self.weight + 1;
        let none = || Without { rows: vec![vec![0; width]; turns], filled: vec![0; turns] };
        let mut without: Vec<Without> = std::iter::repeat_with(none).take(self.voters).collect();
        for (column, (row, filled)) in counts.chunks_exact_mut(width).zip(filled).enumerate() {
            let (at, before) = (column % turns, (column + 1) % turns);
            for Without { rows, filled: known } in &mut without {
                let lanes = in_lanes(*filled);
                let [now, below] = rows.get_disjoint_mut([at, before]).expect("a weight is not zero");
                let with = &below[..lanes];
                lanewise_into(now, row, with, |count, with| difference(count, with, modulus));
                row[0] = now[0];
                lanewise_into(&mut row[1..], &now[1..], with, |count, more| sum(count, more, modulus));
                known[at] = *filled;
                *filled = (known[before] + 1).max(*filled);
            }
        }
    }
}

/// [`Table::add_between`].
struct AddBetween<'a> {
    to: &'a mut Table,
    other: &'a Table,
    shift: usize,
    apart: usize,
}

impl NullaryFnOnce for AddBetween<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Table { modulus, width, ref mut counts, ref mut filled, .. } = *self.to;
        let of = |column: usize| &self.other.counts[column * width..][..in_lanes(self.other.filled[column])];
        let rows = counts.chunks_exact_mut(width).zip(filled).skip(self.shift);
        for (column, (row, filled)) in rows.enumerate().take(self.other.filled.len()) {
            lanewise(row, of(column), |count, more| sum(count, more, modulus));
            if let Some(before) = column.checked_sub(self.apart) {
                lanewise(row, of(before), |count, less| difference(count, less, modulus));
            }
            *filled = self.other.filled[column].max(*filled);
        }
    }
}

/// [`Table::leaving`].
struct Leaving<'a> {
    of: &'a Table,
    weight: usize,
    below: usize,
}

impl NullaryFnOnce for Leaving<'_> {
    type Output = Vec<u32>;

    #[inline(always)]
    fn call(self) -> Vec<u32> {
        let Table { modulus, sizes, width, ref counts, ref filled } = *self.of;
        let mut total = vec![0; sizes];
        let columns = (1..).map_while(|times| self.below.checked_sub(times * self.weight));
        for (start, column) in columns.enumerate().take(sizes) {
            let row = &counts[column * width..][..filled[column]];
            match start % 2 {
                0 => lanewise(&mut total[start..], row, |total, part| sum(total, part, modulus)),
                _ => lanewise(&mut total[start..], row, |total, part| difference(total, part, modulus)),
            }
        }
        total
    }
}

/// The coefficients of $\frac{1}{1-t} \prod_j (1 + t^{w_j})$.
pub(crate) fn uncounted(modulus: u32, columns: usize, weights: impl Iterator<Item = usize>) -> Vec<u32> {
    let mut counts = vec![1; columns];
    for weight in weights {
        for at in (weight..columns).rev() {
            counts[at] = sum(counts[at], counts[at - weight], modulus);
        }
    }
    counts
}

/// The ways to choose from this many, by how many are chosen.
fn binomials(modulus: u32, from: usize) -> Vec<u32> {
    let mut ways = vec![0; from + 1];
    ways[0] = 1;
    for members in 1..=from {
        for chosen in (1..=members).rev() {
            ways[chosen] = sum(ways[chosen], ways[chosen - 1], modulus);
        }
    }
    ways
}
