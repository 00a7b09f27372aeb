//! A record cut after each of its items, in the order in which they came about.

use counterplay_game::id::NodeId;

use super::items::Items;
use crate::model::consistent::{ConsistentHistories, Weights};
use crate::model::odds::LogOdds;
use crate::problem::Problem;
use crate::scenario::Record;
use crate::story::unfolded::Unfolded;

/// A record cut after 0, 1, 2, ... of its items.
pub(crate) struct Cuts {
    pub(crate) items: Items,
    /// The ways that agree with this many items.
    pub(crate) histories: Vec<ConsistentHistories>,
}

/// What one draw says of a cut.
pub(crate) struct CutDraw {
    /// The log likelihood of what is known.
    pub(crate) log_likelihood: f64,
    pub(crate) weights: Weights,
}

impl Cuts {
    /// The cuts of a record, whose items come about in the order in which a way that agrees with it meets them.
    ///
    /// # Errors
    /// If there are too many ways that agree with a part of the record.
    pub(crate) fn new(
        unfolded: &Unfolded,
        record: &Record,
        horizon: usize,
        way: &[(usize, NodeId)],
    ) -> Result<Self, Problem> {
        let items = Items::along(unfolded, record, way);
        let cut = |known: usize| ConsistentHistories::new(unfolded, &items.cut(record, known), horizon);
        let histories = (0..=items.recorded.len()).map(cut).collect::<Result<_, _>>()?;
        Ok(Self { items, histories })
    }

    /// What these parameters, and play with these log probabilities, say of each cut.
    pub(crate) fn weigh(&self, unfolded: &Unfolded, odds: &[LogOdds], parameters: &[f64]) -> Vec<CutDraw> {
        let one = |consistent: &ConsistentHistories| {
            let mut weights = Weights::default();
            let values = consistent.values(unfolded, parameters);
            CutDraw { log_likelihood: consistent.weigh(unfolded, odds, &values, &mut weights), weights }
        };
        self.histories.iter().map(one).collect()
    }
}
