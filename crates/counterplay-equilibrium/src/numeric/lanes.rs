//! Numbers side by side: the same number of several points, one lane for each.
//!
//! All operations are elementwise and in a fixed order, without fused multiplication and addition, so that what comes out in
//! a lane is bit for bit what one lane alone gives, whatever the other lanes hold and however wide the processor's registers
//! are. Loops over lanes have a constant length; inside of [`in_registers`] they are compiled for the widest registers.
#![allow(clippy::inline_always, reason = "only what is inlined is compiled for the widest registers")]

use pulp::{Arch, NullaryFnOnce};

/// The same number in each of `L` lanes.
pub(crate) type Lanes<const L: usize> = [f64; L];

/// Runs code that is inlined as a whole compiled for the widest registers that the machine has; a single lane as it is.
#[inline(always)]
pub(crate) fn in_registers<const L: usize, F: NullaryFnOnce>(run: F) -> F::Output {
    if L == 1 { run.call() } else { Arch::new().dispatch(run) }
}

/// An array of numbers in lanes.
#[inline(always)]
pub(crate) fn lanes<const L: usize>(flat: &[f64]) -> &[Lanes<L>] {
    flat.as_chunks().0
}

/// An array of numbers in lanes, to be written to.
#[inline(always)]
pub(crate) fn lanes_mut<const L: usize>(flat: &mut [f64]) -> &mut [Lanes<L>] {
    flat.as_chunks_mut().0
}

/// $s \leftarrow s + x$.
#[inline(always)]
pub(crate) fn add<const L: usize>(sum: &mut Lanes<L>, x: &Lanes<L>) {
    for (s, x) in sum.iter_mut().zip(x) {
        *s += x;
    }
}

/// $s \leftarrow s + a b$.
#[inline(always)]
pub(crate) fn add_product<const L: usize>(sum: &mut Lanes<L>, a: &Lanes<L>, b: &Lanes<L>) {
    for ((s, a), b) in sum.iter_mut().zip(a).zip(b) {
        *s += a * b;
    }
}

/// $s \leftarrow s - a b$.
#[inline(always)]
pub(crate) fn subtract_product<const L: usize>(sum: &mut Lanes<L>, a: &Lanes<L>, b: &Lanes<L>) {
    for ((s, a), b) in sum.iter_mut().zip(a).zip(b) {
        *s -= a * b;
    }
}

/// $a - b$.
#[inline(always)]
pub(crate) fn difference<const L: usize>(a: &Lanes<L>, b: &Lanes<L>) -> Lanes<L> {
    let mut out = *a;
    for (out, b) in out.iter_mut().zip(b) {
        *out -= b;
    }
    out
}

/// $a b$.
#[inline(always)]
pub(crate) fn product<const L: usize>(a: &Lanes<L>, b: &Lanes<L>) -> Lanes<L> {
    let mut out = *a;
    for (out, b) in out.iter_mut().zip(b) {
        *out *= b;
    }
    out
}

/// A function of each lane's number. Unlike an array's `map`, always inlined.
#[inline(always)]
pub(crate) fn each<const L: usize>(x: Lanes<L>, f: impl Fn(f64) -> f64) -> Lanes<L> {
    let mut out = x;
    for out in &mut out {
        *out = f(*out);
    }
    out
}

/// The larger of two numbers; where one is not a number, the first.
#[inline(always)]
pub(crate) fn largest<const L: usize>(a: &Lanes<L>, b: &Lanes<L>) -> Lanes<L> {
    let mut out = *a;
    for (out, b) in out.iter_mut().zip(b) {
        *out = if *b > *out { *b } else { *out };
    }
    out
}

/// $e^x$, with the same bits on every machine and in any number of lanes.
#[inline(always)]
pub(crate) fn exp_lanes<const L: usize>(x: Lanes<L>) -> Lanes<L> {
    if L == 1 { each(x, counterplay_math::exp) } else { counterplay_math::exp_lanes(x) }
}

/// Whether all lanes are zero.
#[inline(always)]
pub(crate) fn are_zero<const L: usize>(x: &Lanes<L>) -> bool {
    x.iter().all(|x| *x == 0.0)
}

/// The inner product in each lane, in four running sums, so that it need not wait for each addition.
#[inline(always)]
pub(crate) fn dot_lanes<const L: usize>(a: &[Lanes<L>], b: &[Lanes<L>]) -> Lanes<L> {
    let mut sums = [[0.0; L]; 4];
    let (fours_a, rest_a) = a.as_chunks::<4>();
    let (fours_b, rest_b) = b.as_chunks::<4>();
    for (a, b) in fours_a.iter().zip(fours_b) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            add_product(sum, a, b);
        }
    }
    let mut rest = [0.0; L];
    for (a, b) in rest_a.iter().zip(rest_b) {
        add_product(&mut rest, a, b);
    }
    let [mut first, second, mut third, fourth] = sums;
    add(&mut first, &second);
    add(&mut third, &fourth);
    add(&mut first, &third);
    add(&mut first, &rest);
    first
}
