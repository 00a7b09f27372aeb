//! The turning point: the event at which the probability of the outcome moved most.
//!
//! Given the first $k$ recorded events, in the order of the history, the outcome has the probability $P_k$ at a
//! posterior draw. The event that moved it most is the one with the largest $|P_k - P_{k-1}|$.

use counterplay_analysis::interval::interval;
use counterplay_analysis::{OutcomeValue, TurningPoint, TurningPointStep};

/// A recorded event on the path.
#[derive(Clone, Debug)]
pub(crate) struct PathStep {
    pub(crate) event: String,
    /// Which occurrence of it, from 1.
    pub(crate) occurrence: usize,
    /// Who decided; `None` for chance.
    pub(crate) player: Option<String>,
    pub(crate) action: String,
}

/// The turning point over all draws, each with the path of the probability: before the first event, and after each. `None`
/// without draws or recorded events.
pub(crate) fn turning_point(
    of: OutcomeValue,
    recorded: &[PathStep],
    paths: &[&[f64]],
) -> Option<TurningPoint> {
    if paths.is_empty() || recorded.is_empty() {
        return None;
    }
    let step = |(index, own): (usize, &PathStep)| turning_point_step(index, own, paths);
    let steps: Vec<TurningPointStep> = recorded.iter().enumerate().map(step).collect();
    let size = |step: &TurningPointStep| step.change.mean.abs();
    let largest = steps.iter().map(size).fold(0.0, f64::max);
    let at = steps.iter().position(|step| size(step) == largest).filter(|_| largest > 0.0);
    let start = interval(&paths.iter().map(|path| path[0]).collect::<Vec<_>>());
    Some(TurningPoint { of, start, steps, at })
}

fn turning_point_step(index: usize, step: &PathStep, paths: &[&[f64]]) -> TurningPointStep {
    let over = |of: &dyn Fn(&[f64]) -> f64| interval(&paths.iter().map(|p| of(p)).collect::<Vec<_>>());
    let most = paths.iter().filter(|path| moved_most(path, index)).count();
    TurningPointStep {
        event: step.event.clone(),
        occurrence: step.occurrence,
        player: step.player.clone(),
        action: step.action.clone(),
        probability: over(&|path| path[index + 1]),
        change: over(&|path| path[index + 1] - path[index]),
        moved_most: most as f64 / paths.len() as f64,
    }
}

/// Whether no step of a path is larger than this one, and it is a step at all.
fn moved_most(path: &[f64], index: usize) -> bool {
    let size = |k: usize| (path[k + 1] - path[k]).abs();
    let own = size(index);
    own > 0.0 && (0..path.len() - 1).all(|k| size(k) <= own)
}
