//! Play at one point, most often the posterior mean.

use counterplay_game::id::NodeId;

use crate::model::consistent::Weights;
use crate::model::odds::LogOdds;
use crate::model::play::{MODEL_SETTINGS, Play};
use crate::model::{Evaluator, Model, NoValue};

/// Play at one point, and how probability spreads over the histories that are consistent with the record.
pub(crate) struct Centre {
    pub(crate) evaluator: Evaluator,
    pub(crate) play: Play,
    pub(crate) odds: Vec<LogOdds>,
    pub(crate) weights: Weights,
}

impl Centre {
    /// Solves play at a point.
    ///
    /// # Errors
    /// If it cannot be solved there.
    pub(crate) fn new(model: &Model, point: &[f64]) -> Result<Self, NoValue> {
        let mut evaluator = model.evaluator(MODEL_SETTINGS);
        let play = evaluator.solve(point)?;
        let odds = evaluator.odds(&play);
        let mut weights = Weights::default();
        if let Some(consistent) = model.consistent() {
            consistent.weigh(model.unfolded(), &odds, evaluator.all_values(), &mut weights);
        }
        Ok(Self { evaluator, play, odds, weights })
    }

    /// The most probable history that is consistent with the record, as far as the record goes: for each stage of it, the state and the
    /// end of its game.
    pub(crate) fn likeliest_history(&self) -> Vec<(usize, NodeId)> {
        let model = self.evaluator.model();
        let values = self.evaluator.all_values();
        model.consistent().map_or_else(Vec::new, |c| c.likeliest(model.unfolded(), &self.odds, values))
    }
}
