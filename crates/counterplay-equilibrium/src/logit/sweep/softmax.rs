//! Choice probabilities from logits, and their derivative.
#![allow(clippy::inline_always, reason = "only what is inlined is compiled for the widest registers")]

use crate::logit::layout::Layout;
use crate::numeric::lanes::{
    Lanes, add, add_product, difference, each, exp_lanes, lanes, lanes_mut, largest, product,
};

/// The play of these logits: softmax within each information set.
pub(crate) fn softmax(layout: &Layout, logits: &[f64]) -> Vec<f64> {
    let mut play = vec![0.0; logits.len()];
    for set in &layout.sets {
        softmax_one(&logits[set.actions()], &mut play[set.actions()]);
    }
    play
}

/// Softmax of one vector.
#[inline]
pub(crate) fn softmax_one(logits: &[f64], play: &mut [f64]) {
    softmax_lanes::<1>(lanes(logits), lanes_mut(play));
}

/// Softmax of one vector in each lane.
#[inline(always)]
pub(super) fn softmax_lanes<const L: usize>(logits: &[Lanes<L>], play: &mut [Lanes<L>]) {
    if let ([a, b], [p, q]) = (logits, &mut *play) {
        // One exponential, of a number that is not positive.
        let small = exp_lanes(each(difference(a, b), |d| -d.abs()));
        for (lane, &small) in small.iter().enumerate() {
            let large = 1.0 / (1.0 + small);
            let other = small * large;
            let first = a[lane] >= b[lane];
            p[lane] = if first { large } else { other };
            q[lane] = if first { other } else { large };
        }
        return;
    }
    let mut top = [f64::NEG_INFINITY; L];
    for z in logits {
        top = largest(&top, z);
    }
    let mut sum = [0.0; L];
    for (p, z) in play.iter_mut().zip(logits) {
        *p = exp_lanes(difference(z, &top));
        add(&mut sum, p);
    }
    let scale = each(sum, |sum| 1.0 / sum);
    for p in play {
        *p = product(p, &scale);
    }
}

/// The derivative of softmax, which is symmetric: $\pi_a (x_a - \sum_b \pi_b x_b)$.
#[inline(always)]
pub(super) fn softmax_derivative<const L: usize>(play: &[Lanes<L>], x: &[Lanes<L>], out: &mut [Lanes<L>]) {
    let mut mean = [0.0; L];
    for (p, x) in play.iter().zip(x) {
        add_product(&mut mean, p, x);
    }
    for ((out, p), x) in out.iter_mut().zip(play).zip(x) {
        *out = product(p, &difference(x, &mean));
    }
}
