//! The hinge: the event at which the probability of the outcome moved most.
//!
//! Given the first $k$ recorded events, in the order of the history, the outcome has the probability $P_k$ at a
//! posterior draw. The event that moved it most is the one with the largest $|P_k - P_{k-1}|$.

use crate::analysis::{Hinge, HingeStep, OutcomeValue};
use crate::interval::interval;
use crate::timeline::{Timeline, TimelineDraw, player_at};
use crate::world::Scene;

impl Timeline {
    /// The hinge over all draws; `None` without draws or recorded events.
    pub(crate) fn hinge(&self, scene: &Scene, of: OutcomeValue, draws: &[TimelineDraw]) -> Option<Hinge> {
        if draws.is_empty() || self.recorded().is_empty() {
            return None;
        }
        let steps: Vec<HingeStep> =
            (0..self.recorded().len()).map(|k| self.hinge_step(scene, k, draws)).collect();
        let size = |step: &HingeStep| step.change.mean.abs();
        let largest = steps.iter().map(size).fold(0.0, f64::max);
        let at = steps.iter().position(|step| size(step) == largest).filter(|_| largest > 0.0);
        let start = interval(&draws.iter().map(|d| d.about()[0]).collect::<Vec<_>>());
        Some(Hinge { of, start, steps, at })
    }

    fn hinge_step(&self, scene: &Scene, index: usize, draws: &[TimelineDraw]) -> HingeStep {
        let game = scene.model().game();
        let (event, action) = &self.recorded()[index];
        let over =
            |of: &dyn Fn(&[f64]) -> f64| interval(&draws.iter().map(|d| of(d.about())).collect::<Vec<_>>());
        let most = draws.iter().filter(|d| moved_most(d.about(), index)).count();
        HingeStep {
            event: game.text(game.event(*event).name).to_owned(),
            occurrence: game.event(*event).occurrence as usize,
            player: player_at(game, *event),
            action: action.clone(),
            probability: over(&|path| path[index + 1]),
            change: over(&|path| path[index + 1] - path[index]),
            moved_most: most as f64 / draws.len() as f64,
        }
    }
}

/// Whether no step of a path is larger than this one, and it is a step at all.
fn moved_most(path: &[f64], index: usize) -> bool {
    let size = |k: usize| (path[k + 1] - path[k]).abs();
    let own = size(index);
    own > 0.0 && (0..path.len() - 1).all(|k| size(k) <= own)
}
