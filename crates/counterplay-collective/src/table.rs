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
        Self { columns, counts, spans: vec![0..1] }
    }

    /// How many sizes there are, the empty coalition's among them.
    pub(crate) fn sizes(&self) -> usize {
        self.spans.len()
    }

    /// The number of coalitions of one size whose weight is in a range; zero if no coalition is as large.
    pub(crate) fn count(&self, size: usize, weights: Range<usize>) -> Count<L> {
        let Some(span) = self.spans.get(size) else { return Count::ZERO };
        let (from, to) = (weights.start.max(span.start), weights.end.min(span.end));
        if from >= to {
            return Count::ZERO;
        }
        let row = size * self.columns;
        self.counts[row + from..row + to].iter().fold(Count::ZERO, |mut sum, &count| {
            sum += count;
            sum
        })
    }

    /// The number of coalitions of each size whose weight is in a range.
    pub(crate) fn counts(&self, weights: &Range<usize>) -> Vec<Count<L>> {
        (0..self.sizes()).map(|size| self.count(size, weights.clone())).collect()
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

    /// Takes out a voter that was added with its size: divides by $1 + x\,t^w$.
    pub(crate) fn remove(&mut self, weight: usize) {
        let shift = self.columns + weight;
        for size in 1..self.sizes() {
            let row = size * self.columns;
            for at in self.moved(size - 1, weight).map(|at| row + at) {
                let below = self.counts[at - shift];
                self.counts[at] -= below;
            }
        }
        self.counts.truncate(self.counts.len() - self.columns);
        self.spans.pop();
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

    #[test]
    fn what_is_taken_out_leaves_what_was_there() {
        let mut table = Table::<1>::empty(12);
        for weight in [3, 5, 1] {
            table.add(weight);
        }
        let before: Vec<_> = (0..12).map(|w| table.counts(&(w..w + 1))).collect();
        table.add(4);
        table.add_uncounted(2);
        table.remove_uncounted(2);
        table.remove(4);
        assert_eq!(before, (0..12).map(|w| table.counts(&(w..w + 1))).collect::<Vec<_>>());
        assert_eq!(table.count(2, 4..9).to_big(), 3u8.into());
    }
}
