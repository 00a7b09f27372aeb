//! How long a step is.
//!
//! The length of a change is that of the change of play, in the metric of Fisher's information, of the values relative
//! to their range, and of the logarithm of the precisions. Logits of actions that are hardly played count a little,
//! relative to their size, so that no step leads from one pure strategy to another unseen.
//! $$ \\|(dz, dV, dt)\\|\_s^2 = \sum_{I, a \in I} \pi_a \Bigl(dz_a - \sum_{b \in I} \pi_b\\, dz_b\Bigr)^2 +
//!    c\\, \frac{dz_a^2}{1 + z_a^2} + \sum_i \frac{dV_{is}^2}{\rho_i^2} + \frac{dt^2}{(t + t_0)^2} $$
//! in state $s$. The inner product is the sum over all states, for what is orthogonal to what; a length is the largest of
//! a state, so that what happens in one of many is not lost among the others.

use std::ops::Range;

use super::Solver;
use super::local::Local;
use super::point::{Change, MarkovPoint};
use crate::numeric::vector::worse;

/// The weight of logits by their size.
const FLOOR: f64 = 0.02;

/// Where the unknowns of each information set and of each state are.
#[derive(Clone, Debug)]
pub(super) struct Form {
    /// The logits of each information set that leads on.
    groups: Vec<Range<usize>>,
    /// The logits of each state.
    states: Vec<Range<usize>>,
    players: usize,
}

impl Form {
    pub(super) fn new(states: &[Local], players: usize) -> Self {
        let mut groups = Vec::new();
        for state in states {
            let mut first = state.first;
            for set in state.layout.sets.iter().filter(|s| s.leads_on) {
                groups.push(first..first + set.count);
                first += set.count;
            }
        }
        Self { groups, states: states.iter().map(Local::own).collect(), players }
    }

    /// A change of the responses in no particular direction, by which it is found out how the branch answers to
    /// changes of the payoffs: numbers between -1 and 1, of mean zero in each information set.
    pub(super) fn disturbance(&self) -> Vec<f64> {
        // Pseudo-random, as they must follow no symmetry of the game (Steele, Lea and Flood 2014).
        let count = self.groups.last().map_or(0, |g| g.end);
        let number = |k: usize| {
            let mut x = (k as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            ((x ^ (x >> 31)) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
        };
        let mut all: Vec<f64> = (0..count).map(number).collect();
        for group in &self.groups {
            let own = &mut all[group.clone()];
            let mean = own.iter().sum::<f64>() / own.len() as f64;
            for x in own {
                *x -= mean;
            }
        }
        all
    }
}

/// The metric at a point.
pub(super) struct Metric<'a> {
    form: &'a Form,
    play: Vec<f64>,
    floor: Vec<f64>,
    /// For each player.
    value: Vec<f64>,
    share: f64,
}

impl Solver {
    /// The metric at a point, where the precision times the range of payoffs is one at the share `unit`.
    pub(super) fn metric(&self, point: &MarkovPoint, unit: f64) -> Metric<'_> {
        let count = self.states.len();
        let weight = |own: &[f64]| {
            let (low, high) =
                own.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &v| (v.min(l), v.max(h)));
            f64::max(self.range, high - low).powi(-2)
        };
        Metric {
            form: &self.form,
            play: self.play_of(point),
            floor: point.logits.iter().map(|z| FLOOR / (1.0 + z * z)).collect(),
            value: point.values.chunks_exact(count).map(weight).collect(),
            share: (point.share + unit).powi(-2),
        }
    }

    /// The probabilities of the actions whose logits are unknowns.
    pub(super) fn play_of(&self, point: &MarkovPoint) -> Vec<f64> {
        self.states.iter().flat_map(|state| state.play_of(&point.logits[state.own()])).collect()
    }
}

impl Metric<'_> {
    /// The weights by which a change is multiplied to give its inner product with this one.
    pub(super) fn weights(&self, step: &Change) -> Change {
        let mut out = step.clone();
        for group in &self.form.groups {
            let play = &self.play[group.clone()];
            let own = &step.logits[group.clone()];
            let mean: f64 = play.iter().zip(own).map(|(p, d)| p * d).sum();
            for (at, p) in group.clone().zip(play) {
                out.logits[at] = p * (step.logits[at] - mean) + self.floor[at] * step.logits[at];
            }
        }
        let count = self.form.states.len();
        for (own, weight) in out.values.chunks_exact_mut(count).zip(&self.value) {
            for x in own {
                *x *= weight;
            }
        }
        out.share *= self.share;
        out
    }

    pub(super) fn dot(&self, a: &Change, b: &Change) -> f64 {
        self.weights(a).times(b)
    }

    /// The length of a change: the largest of a state.
    pub(super) fn length(&self, step: &Change) -> f64 {
        let weights = self.weights(step);
        let count = self.form.states.len();
        let of_state = |(state, own): (usize, &Range<usize>)| {
            let logits = weights.logits[own.clone()].iter().zip(&step.logits[own.clone()]);
            let values = (0..self.form.players).map(|i| (i * count + state, i));
            logits.map(|(w, x)| w * x).sum::<f64>()
                + values.map(|(at, _)| weights.values[at] * step.values[at]).sum::<f64>()
        };
        let largest = self.form.states.iter().enumerate().map(of_state).fold(0.0, worse);
        (largest + weights.share * step.share).sqrt()
    }

    /// How far apart two changes are.
    pub(super) fn apart(&self, a: &Change, b: &Change) -> f64 {
        self.length(&a.clone().plus(-1.0, b))
    }

    /// The largest difference between play here and at another point.
    pub(super) fn change_of_play(&self, other: &[f64]) -> f64 {
        self.play.iter().zip(other).map(|(a, b)| (a - b).abs()).fold(0.0, worse)
    }
}
