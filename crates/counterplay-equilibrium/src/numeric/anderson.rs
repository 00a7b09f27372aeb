//! Anderson acceleration of a fixed-point iteration (Walker and Ni 2011).
#![allow(clippy::inline_always, reason = "only what is inlined is compiled for the widest registers")]

use pulp::NullaryFnOnce;

use crate::numeric::lanes::{
    Lanes, add_product, difference, dot_lanes, each, in_registers, lanes, lanes_mut, subtract_product,
};

/// The memory of an accelerated iteration $x \leftarrow g(x)$, or of one in each lane.
///
/// The next point combines the last `depth` differences so that the residual $f = g(x) - x$, were it linear,
/// would be smallest. The least-squares problem is solved by its normal equations, whose matrix of inner
/// products is updated from step to step; the digits that this loses cost at most one more step.
#[derive(Clone, Debug)]
pub(crate) struct Anderson<const L: usize = 1> {
    depth: usize,
    /// Differences of residuals, and of images, in a ring: each lane has places of its own in it.
    differences: Vec<[Vec<Lanes<L>>; 2]>,
    /// Inner products of the differences of residuals, by their places in the ring.
    products: Vec<Lanes<L>>,
    /// How many differences a lane remembers.
    counts: [usize; L],
    /// Where a lane puts the next.
    next: [usize; L],
    /// The last residual and its image, where there is one.
    last: [Vec<Lanes<L>>; 2],
    begun: [bool; L],
    work: StepBuffers<L>,
}

/// Arrays that are used again.
#[derive(Clone, Debug, Default)]
struct StepBuffers<const L: usize> {
    residual: Vec<Lanes<L>>,
    /// The newest differences.
    newest: [Vec<Lanes<L>>; 2],
    weights: Vec<Lanes<L>>,
    /// The factor of the matrix of inner products, row by row; zero on the diagonal where a difference adds nothing.
    factor: Vec<Lanes<L>>,
}

impl<const L: usize> Anderson<L> {
    pub(crate) fn new(depth: usize) -> Self {
        let square = vec![[0.0; L]; depth * depth];
        Self {
            depth,
            differences: Vec::new(),
            products: square.clone(),
            counts: [0; L],
            next: [0; L],
            last: Default::default(),
            begun: [false; L],
            work: StepBuffers { weights: vec![[0.0; L]; depth], factor: square, ..StepBuffers::default() },
        }
    }

    /// Begins at another point in one lane, keeping what was learnt of the map.
    pub(crate) fn begin_lane(&mut self, lane: usize) {
        self.begun[lane] = false;
    }

    /// Forgets what was learnt of the map in one lane.
    pub(crate) fn forget_lane(&mut self, lane: usize) {
        self.begun[lane] = false;
        self.counts[lane] = 0;
        self.next[lane] = 0;
    }

    /// Replaces the points `x`, whose images are `image`, by the next points, in the lanes that move. Nothing changes in the
    /// others.
    pub(crate) fn step_lanes(&mut self, x: &mut [f64], image: &[f64], moves: [bool; L]) {
        in_registers::<L, _>(AndersonStep { memory: self, x: lanes_mut(x), image: lanes(image), moves });
    }

    /// The most differences that one of these lanes remembers.
    #[inline(always)]
    fn most(&self, of: [bool; L]) -> usize {
        let mut most = 0;
        for (&count, of) in self.counts.iter().zip(of) {
            most = most.max(if of { count } else { 0 });
        }
        most
    }

    #[inline(always)]
    fn remember(&mut self, image: &[Lanes<L>], moves: [bool; L]) {
        let mut writes = moves;
        for (writes, begun) in writes.iter_mut().zip(self.begun) {
            *writes &= begun;
        }
        if writes == [false; L] {
            return;
        }
        let StepBuffers { residual, newest, .. } = &mut self.work;
        for ((newest, now), last) in newest.iter_mut().zip([&**residual, image]).zip(&self.last) {
            newest.clear();
            newest.extend(now.iter().zip(last).map(|(now, last)| difference(now, last)));
        }
        let places = self.next;
        for place in 0..self.depth {
            let mut here = writes;
            for (here, at) in here.iter_mut().zip(places) {
                *here &= at == place;
            }
            if here != [false; L] {
                self.put(place, here);
            }
        }
        for lane in (0..L).filter(|&lane| writes[lane]) {
            self.next[lane] = (self.next[lane] + 1) % self.depth;
            self.counts[lane] = self.depth.min(self.counts[lane].max(places[lane] + 1));
        }
        let count = self.most(writes);
        for (other, differences) in self.differences[..count].iter().enumerate() {
            let product = dot_lanes(&self.work.newest[0], &differences[0]);
            for lane in (0..L).filter(|&lane| writes[lane]) {
                self.products[places[lane] * self.depth + other][lane] = product[lane];
                self.products[other * self.depth + places[lane]][lane] = product[lane];
            }
        }
    }

    /// Puts the newest differences in a place of the ring, in these lanes.
    #[inline(always)]
    fn put(&mut self, place: usize, here: [bool; L]) {
        if place == self.differences.len() {
            self.differences.push(self.work.newest.clone());
            return;
        }
        for (to, newest) in self.differences[place].iter_mut().zip(&self.work.newest) {
            // A lane in use never has another length.
            to.resize(newest.len(), [0.0; L]);
            put(to, newest, here);
        }
    }

    /// The least-squares weights by Cholesky's method; differences that add nothing get none.
    #[inline(always)]
    fn find_weights(&mut self, count: usize) {
        let StepBuffers { residual, weights, factor, .. } = &mut self.work;
        for (weight, differences) in weights[..count].iter_mut().zip(&self.differences) {
            *weight = dot_lanes(&differences[0], residual);
        }
        for i in 0..count {
            let row = i * self.depth;
            for j in 0..=i {
                let mut sum = [0.0; L];
                for k in 0..j {
                    add_product(&mut sum, &factor[row + k], &factor[j * self.depth + k]);
                }
                let left = difference(&self.products[row + j], &sum);
                factor[row + j] = if i == j {
                    pivot(&left, &self.products[row + i])
                } else {
                    divided(&left, &factor[j * self.depth + j])
                };
                // Another lane may remember more.
                for (entry, &own) in factor[row + j].iter_mut().zip(&self.counts) {
                    *entry = if i < own { *entry } else { 0.0 };
                }
            }
            let mut sum = [0.0; L];
            for k in 0..i {
                add_product(&mut sum, &factor[row + k], &weights[k]);
            }
            weights[i] = divided(&difference(&weights[i], &sum), &factor[row + i]);
        }
        for i in (0..count).rev() {
            let mut sum = [0.0; L];
            for k in i + 1..count {
                add_product(&mut sum, &factor[k * self.depth + i], &weights[k]);
            }
            weights[i] = divided(&difference(&weights[i], &sum), &factor[i * self.depth + i]);
        }
    }
}

impl Anderson {
    /// Replaces the point `x`, whose image is `image`, by the next point.
    pub(crate) fn step(&mut self, x: &mut [f64], image: &[f64]) {
        self.step_lanes(x, image, [true]);
    }
}

/// [`Anderson::step_lanes`].
struct AndersonStep<'a, const L: usize> {
    memory: &'a mut Anderson<L>,
    x: &'a mut [Lanes<L>],
    image: &'a [Lanes<L>],
    moves: [bool; L],
}

impl<const L: usize> NullaryFnOnce for AndersonStep<'_, L> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { memory, x, image, moves } = self;
        memory.work.residual.clear();
        memory.work.residual.extend(image.iter().zip(x.iter()).map(|(g, x)| difference(g, x)));
        memory.remember(image, moves);
        let count = memory.most(moves);
        memory.find_weights(count);
        put(x, image, moves);
        for (k, (weight, differences)) in
            memory.work.weights[..count].iter().zip(&memory.differences).enumerate()
        {
            let mut here = moves;
            for (here, own) in here.iter_mut().zip(memory.counts) {
                *here &= k < own;
            }
            subtract_where(x, weight, &differences[1], here);
        }
        for (last, now) in memory.last.iter_mut().zip([&memory.work.residual, image]) {
            last.resize(now.len(), [0.0; L]);
            put(last, now, moves);
        }
        for (begun, moves) in memory.begun.iter_mut().zip(moves) {
            *begun |= moves;
        }
    }
}

/// The root of the rest of a diagonal entry; zero where that is lost in rounding.
#[inline(always)]
fn pivot<const L: usize>(left: &Lanes<L>, whole: &Lanes<L>) -> Lanes<L> {
    let mut root = each(*left, f64::sqrt);
    for ((root, left), whole) in root.iter_mut().zip(left).zip(whole) {
        *root = if *left > 1e-13 * whole { *root } else { 0.0 };
    }
    root
}

/// A quotient; zero where the divisor is.
#[inline(always)]
fn divided<const L: usize>(x: &Lanes<L>, by: &Lanes<L>) -> Lanes<L> {
    let mut quotient = *x;
    for (quotient, by) in quotient.iter_mut().zip(by) {
        *quotient = if *by > 0.0 { *quotient / by } else { 0.0 };
    }
    quotient
}

/// Copies in some lanes.
#[inline(always)]
fn put<const L: usize>(to: &mut [Lanes<L>], from: &[Lanes<L>], here: [bool; L]) {
    if here == [true; L] {
        to.copy_from_slice(from);
        return;
    }
    for (to, from) in to.iter_mut().zip(from) {
        for ((to, from), here) in to.iter_mut().zip(from).zip(here) {
            *to = if here { *from } else { *to };
        }
    }
}

/// $x \leftarrow x - w d$ in some lanes.
#[inline(always)]
fn subtract_where<const L: usize>(x: &mut [Lanes<L>], weight: &Lanes<L>, d: &[Lanes<L>], here: [bool; L]) {
    if here == [true; L] {
        for (x, d) in x.iter_mut().zip(d) {
            subtract_product(x, weight, d);
        }
        return;
    }
    for (x, d) in x.iter_mut().zip(d) {
        let mut next = *x;
        subtract_product(&mut next, weight, d);
        for ((x, next), here) in x.iter_mut().zip(next).zip(here) {
            *x = if here { next } else { *x };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::vector::{norm, subtract};

    #[test]
    fn a_linear_map_in_three_dimensions_is_solved_in_four_steps() {
        let map = |x: &[f64]| vec![0.5 * x[1] + 1.0, -0.9 * x[0] + 0.3 * x[2], 0.8 * x[1] - 2.0];
        let mut anderson = Anderson::new(5);
        let mut x = vec![0.0; 3];
        for _ in 0..5 {
            let image = map(&x);
            anderson.step(&mut x, &image);
        }
        let image = map(&x);
        subtract(&mut x, 1.0, &image);
        assert!(norm(&x) < 1e-12);
    }

    /// Points that move and forget when their lane says so, in each lane those of a map of its own.
    struct Lane {
        matrix: Vec<f64>,
        starts: usize,
        forgets: usize,
        rests: usize,
    }

    const SIZE: usize = 7;

    impl Lane {
        fn image(&self, x: &[f64]) -> Vec<f64> {
            let row = |i: usize| {
                let sum: f64 = (0..SIZE).map(|j| self.matrix[i * SIZE + j] * x[j]).sum();
                sum + (0.3 * x[i]).sin() + i as f64
            };
            (0..SIZE).map(row).collect()
        }

        fn moves(&self, time: usize) -> bool {
            time >= self.starts && time % 5 != self.rests
        }
    }

    #[test]
    fn a_lane_moves_as_it_moves_alone_whatever_the_others_do() {
        let mut seed = 1u64;
        let mut next = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 11) as f64 / (1u64 << 53) as f64 - 0.5
        };
        let lane = |k: usize| Lane {
            // The second diverges, and the third is soon no number.
            matrix: (0..SIZE * SIZE).map(|_| next() * [1.0, 3.0, 1e200, 0.1][k]).collect(),
            starts: [0, 3, 1, 7][k],
            forgets: [20, 9, 11, 30][k],
            rests: [9, 2, 9, 1][k],
        };
        let all: Vec<Lane> = (0..4).map(lane).collect();
        let (mut together, mut x) = (Anderson::<4>::new(5), vec![0.0; SIZE * 4]);
        let mut alone: Vec<_> = all.iter().map(|_| (Anderson::<1>::new(5), vec![0.0; SIZE])).collect();
        for time in 0..40 {
            let mut images = vec![0.0; SIZE * 4];
            for (k, lane) in all.iter().enumerate() {
                let own: Vec<f64> = x.iter().skip(k).step_by(4).copied().collect();
                images.iter_mut().skip(k).step_by(4).zip(lane.image(&own)).for_each(|(to, g)| *to = g);
                if time == lane.forgets {
                    together.forget_lane(k);
                    alone[k].0.forget_lane(0);
                }
                if lane.moves(time) {
                    let (memory, x) = &mut alone[k];
                    memory.step(x, &lane.image(&own));
                }
            }
            together.step_lanes(&mut x, &images, std::array::from_fn(|k| all[k].moves(time)));
            for (k, (_, alone)) in alone.iter().enumerate() {
                let own = x.iter().skip(k).step_by(4);
                let same = |(a, b): (&f64, &f64)| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan());
                assert!(own.zip(alone).all(same), "lane {k} at {time}");
            }
        }
        assert!(x[2].is_nan() && x[0].is_finite() && x[3].is_finite());
    }
}
