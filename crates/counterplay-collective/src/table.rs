//! How many coalitions there are of each size and weight: the coefficients of a generating function.

use std::ops::Range;

use crate::count::Count;

/// The coefficients of $\prod_j (1 + x\,t^{w_j})$ below a bound on the power of $t$: at `(size, weight)` stands the number of
/// coalitions of that size and that weight. Voters can be added and taken out again.
#[derive(Clone, Debug)]
pub(crate) struct Table<const L: usize> {
    /// Weights from 0 to below this are kept.
    columns: usize,
    /// Row after row, one for each size.
    counts: Vec<Count<L>>,
    /// For each row, the weights outside of which it is zero.
    spans: Vec<Range<usize>>,
}

impl<const L: usize> Table<L> {
    /// The table of no voters: the empty coalition.
    pub(crate) fn empty(columns: usize) -> Self {
        let mut counts = vec![Count::ZERO; columns];
        counts[0] = Count::one();
        Self { columns, counts, spans: std::iter::once(0..1).collect() }
    }

    /// How many sizes there are, the empty coalition's among them.
    pub(crate) fn sizes(&self) -> usize {
        self.spans.len()
    }

    /// The numbers of coalitions of each size, weight by weight from 0 on.
    pub(crate) fn visit(&self, mut visit: impl FnMut(usize, &[Count<L>])) {
        for (size, row) in self.counts.chunks_exact(self.columns).enumerate() {
            visit(size, &row[..self.spans[size].end]);
        }
    }

    /// The number of coalitions whose weight is in a range, of all sizes.
    pub(crate) fn total(&self, weights: &Range<usize>) -> Count<L> {
        let mut total = Count::ZERO;
        self.visit(|_, row| total += sum_within(row, weights));
        total
    }

    /// Adds a voter that counts towards the size: multiplies by $1 + x\,t^w$.
    pub(crate) fn add(&mut self, weight: usize) {
        self.counts.resize(self.counts.len() + self.columns, Count::ZERO);
        self.spans.push(0..0);
        let shift = self.columns + weight;
        for size in (1..self.sizes()).rev() {
            let row = size * self.columns;
            let moved = self.moved(size - 1, weight);
            for at in (row + moved.start..row + moved.end).rev() {
                let below = self.counts[at - shift];
                self.counts[at] += below;
            }
            self.spans[size] = joined(&self.spans[size], moved);
        }
    }

    /// The numbers of coalitions of each size without a voter that was added with its size, weight by weight from 0 on: row
    /// after row of the table divided by $1 + x\,t^w$, in which a row hangs on the one before alone.
    pub(crate) fn visit_without(&self, weight: usize, mut visit: impl FnMut(usize, &[Count<L>])) {
        let mut before = vec![Count::ZERO; self.columns];
        let mut row = self.counts[..self.columns].to_vec();
        visit(0, &row[..self.spans[0].end]);
        for size in 1..self.sizes() - 1 {
            std::mem::swap(&mut before, &mut row);
            row.copy_from_slice(&self.counts[size * self.columns..(size + 1) * self.columns]);
            for at in self.moved(size - 1, weight) {
                row[at] -= before[at - weight];
            }
            visit(size, &row[..self.spans[size].end]);
        }
    }

    /// The number of coalitions of each size without such a voter whose weight is in a range.
    pub(crate) fn counts_without(&self, weight: usize, weights: &Range<usize>) -> Vec<Count<L>> {
        let mut counts = Vec::with_capacity(self.sizes());
        self.visit_without(weight, |_, row| counts.push(sum_within(row, weights)));
        counts
    }

    /// Adds a voter that does not count towards the size: multiplies by $1 + t^w$.
    pub(crate) fn add_uncounted(&mut self, weight: usize) {
        for size in 0..self.sizes() {
            let row = size * self.columns;
            let moved = self.moved(size, weight);
            for at in moved.clone().rev().map(|at| row + at) {
                let below = self.counts[at - weight];
                self.counts[at] += below;
            }
            self.spans[size] = joined(&self.spans[size], moved);
        }
    }

    /// Takes out a voter that was added without its size: divides by $1 + t^w$.
    pub(crate) fn remove_uncounted(&mut self, weight: usize) {
        for size in 0..self.sizes() {
            let row = size * self.columns;
            for at in self.moved(size, weight).map(|at| row + at) {
                let below = self.counts[at - weight];
                self.counts[at] -= below;
            }
        }
    }

    /// Where the coalitions of one size go when they gain a weight.
    fn moved(&self, size: usize, weight: usize) -> Range<usize> {
        let span = &self.spans[size];
        let end = (span.end + weight).min(self.columns);
        (span.start + weight).min(end)..end
    }
}

/// The sum of a row over some weights; beyond its end it is zero.
pub(crate) fn sum_within<const L: usize>(row: &[Count<L>], weights: &Range<usize>) -> Count<L> {
    let to = weights.end.min(row.len());
    row[weights.start.min(to)..to].iter().fold(Count::ZERO, |mut sum, &count| {
        sum += count;
        sum
    })
}

fn joined(one: &Range<usize>, other: Range<usize>) -> Range<usize> {
    match (one.is_empty(), other.is_empty()) {
        (true, _) => other,
        (_, true) => one.clone(),
        (false, false) => one.start.min(other.start)..one.end.max(other.end),
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    /// The non-zero counts, by size and weight.
    fn told<const L: usize>(
        visit: impl FnOnce(&mut dyn FnMut(usize, &[super::Count<L>])),
    ) -> Vec<(usize, usize, u64)> {
        let mut all = Vec::new();
        visit(&mut |size, row| {
            for (weight, count) in row.iter().enumerate() {
                let count = count.to_big();
                if count != 0u8.into() {
                    all.push((size, weight, count.iter_u64_digits().next().unwrap()));
                }
            }
        });
        all
    }

    #[test]
    fn what_is_taken_out_leaves_what_was_there() {
        let mut table = Table::<1>::empty(12);
        for weight in [3, 5, 1, 3] {
            table.add(weight);
        }
        let before = told::<1>(|visit| table.visit(visit));
        assert!(before.contains(&(2, 8, 2)), "two ways to make 8 of a 5 and a 3: {before:?}");
        table.add(4);
        table.add_uncounted(2);
        table.remove_uncounted(2);
        assert_eq!(before, told::<1>(|visit| table.visit_without(4, visit)));
        assert_eq!(
            table.total(&(0..3)).to_big(),
            2u8.into(),
            "the empty coalition and the voter of weight 1"
        );
    }
}
