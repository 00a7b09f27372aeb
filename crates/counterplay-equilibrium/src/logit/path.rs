//! The points of a branch, and how far to follow it.

use crate::numeric::vector::largest_difference;

use super::layout::Layout;
use super::sweep::softmax;

/// A point of a branch.
#[derive(Clone, Debug)]
pub(super) struct PathPoint {
    /// Action by action.
    pub(super) logits: Vec<f64>,
    /// The share of the precisions.
    pub(super) share: f64,
}

impl PathPoint {
    /// Uniform play, at which the principal branch starts.
    pub(super) fn uniform(actions: usize) -> Self {
        Self { logits: vec![0.0; actions], share: 0.0 }
    }
}

/// In which direction a branch is followed at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// Towards higher precisions.
    Up,
    /// Towards lower precisions.
    Down,
}

/// How far to follow a branch, and in which steps.
#[derive(Clone, Copy, Debug)]
pub(super) struct PathOptions<'a> {
    /// The precisions at a share of one.
    pub(super) precisions: &'a [f64],
    /// The share to reach.
    pub(super) until: f64,
    /// The largest difference between a probability and its prediction that a step may have.
    pub(super) max_prediction_error: f64,
    /// The longest step, as a share of the share reached.
    pub(super) max_growth: f64,
}

/// The precisions at a share of those given.
pub(super) fn scaled(precisions: &[f64], share: f64) -> Vec<f64> {
    precisions.iter().map(|l| l * share).collect()
}

/// The largest difference between the probabilities of an action under two vectors of logits.
pub(super) fn prediction_error(layout: &Layout, predicted: &[f64], found: &[f64]) -> f64 {
    largest_difference(&softmax(layout, predicted), &softmax(layout, found))
}
