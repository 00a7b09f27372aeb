//! A record cut after each of its items, in the order in which they came about.

use counterplay_game::id::NodeId;

use super::Process;
use super::items::Items;
use super::trail::{Trail, TrailWeights};
use crate::model::agreement::LogOdds;
use crate::problem::Problem;
use crate::scenario::Record;

/// A record cut after 0, 1, 2, ... of its items.
pub(super) struct Cuts {
    pub(super) items: Items,
    /// The ways that agree with so many items.
    pub(super) trails: Vec<Trail>,
}

/// What one draw says of a cut.
pub(super) struct CutDraw {
    /// The log likelihood of what is known.
    pub(super) log_likelihood: f64,
    pub(super) weights: TrailWeights,
}

impl Cuts {
    /// The cuts of a record, whose items come about in the order in which a way that agrees with it meets them.
    ///
    /// # Errors
    /// If there are too many ways that agree with a part of the record.
    pub(super) fn new(
        process: &Process,
        record: &Record,
        horizon: usize,
        way: &[(usize, NodeId)],
    ) -> Result<Self, Problem> {
        let items = Items::along(process, record, way);
        let cut = |known: usize| Trail::new(process, &items.cut(record, known), horizon);
        let trails = (0..=items.recorded.len()).map(cut).collect::<Result<_, _>>()?;
        Ok(Self { items, trails })
    }

    /// What these parameters, and play with these log probabilities, say of each cut.
    pub(super) fn weigh(&self, process: &Process, odds: &[LogOdds], parameters: &[f64]) -> Vec<CutDraw> {
        let one = |trail: &Trail| {
            let mut weights = TrailWeights::default();
            let values = trail.values(process, parameters);
            CutDraw { log_likelihood: trail.weigh(process, odds, &values, &mut weights), weights }
        };
        self.trails.iter().map(one).collect()
    }
}
