//! Histories that were replayed, stage by stage.

use counterplay_game::id::NodeId;

/// A stage of a replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplayedStage {
    /// The state.
    pub state: usize,
    /// The end of its game.
    pub end: NodeId,
    /// Whether it was reached with the luck that takes its place after the moment of an intervention.
    pub redrawn: bool,
}

/// Where a replay led.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// Stage by stage.
    pub steps: Vec<ReplayedStage>,
    /// A number that tells histories apart: equal for histories of the same events and labels, in any scene.
    pub signature: u64,
}

impl Replayed {
    /// The last end.
    ///
    /// # Panics
    /// Never: there is a stage at least.
    pub fn end(&self) -> NodeId {
        self.steps.last().expect("a replay passes the beginning").end
    }
}

/// What is measured along a history, stage by stage: number and value.
pub(crate) type MeasuredHistory = Vec<Vec<(usize, f64)>>;
