//! One world at one point of the parameters, for looking at history by history.

use super::{Inquiry, WorldId};
use crate::model::NoValue;
use crate::model::odds::LogOdds;
use crate::model::play::MODEL_SETTINGS;
use crate::model::play::Play;
use crate::scenario::plan::apply;
use crate::world::catalogue::Catalogue;
use crate::world::history::{Replayed, ReplayedStage};
use crate::world::inquiry::point;
use crate::world::luck::Luck;
use crate::world::replay::{LuckOf, replay};
use crate::world::scene::Scene;
use crate::world::surprises::Surprises;

/// A world at one point: its play is solved, and its story can be replayed.
#[derive(Clone, Debug)]
pub struct WorldAt<'a> {
    scene: &'a Scene,
    surprises: &'a Surprises,
    odds: Vec<LogOdds>,
    values: Vec<Vec<f64>>,
    horizon: usize,
}

impl WorldAt<'_> {
    /// The scene in which it is told.
    pub fn scene(&self) -> &Scene {
        self.scene
    }

    /// The log probabilities of all branches of the first state, surprises left out.
    pub fn odds(&self) -> &LogOdds {
        &self.odds[0]
    }

    /// Where a luck leads.
    pub fn replay(&self, luck: &Luck) -> Replayed {
        self.replay_with(LuckOf { before: luck, after: None })
    }

    /// Where a luck leads that another may take the place of after the moments of the world.
    pub fn replay_with(&self, luck: LuckOf<'_>) -> Replayed {
        replay(self.scene, &self.odds, &self.values[0], self.surprises, luck, self.horizon)
    }

    /// What is measured along a replay, stage by stage: the number of each quantity in the catalogue, and its value. `redrawn` takes
    /// the place of the luck from where the history was redrawn.
    pub fn measured(
        &self,
        catalogue: &Catalogue,
        replayed: &Replayed,
        luck: &Luck,
        redrawn: &Luck,
    ) -> Vec<Vec<(usize, f64)>> {
        self.scene.measured(catalogue, &replayed.steps, &self.values, luck, redrawn)
    }

    /// The events of a replay, in the order in which they were decided, each with what it turned out as.
    pub fn events(&self, replayed: &Replayed) -> Vec<(String, String)> {
        let of_stage = |reached: &ReplayedStage| {
            let game = &self.scene.model().unfolded().states[reached.state].game;
            let step = |(node, branch)| {
                let label = game.text(game.branch_label(node, branch)).to_owned();
                (game.event_name(game.event_id(node)), label)
            };
            game.path(reached.end).into_iter().map(step).collect::<Vec<_>>()
        };
        replayed.steps.iter().flat_map(of_stage).collect()
    }
}

impl Inquiry<'_> {
    /// A world at these parameter values.
    ///
    /// # Errors
    /// If a number is bad there, or play was not reached.
    pub fn at(&self, world: WorldId, parameters: &[f64]) -> Result<WorldAt<'_>, NoValue> {
        let mut factual = self.scenes[0].model().evaluator(MODEL_SETTINGS);
        factual.load(parameters)?;
        let world = &self.worlds[world.0];
        let solved = self.solved(world.play, parameters, factual.values())?;
        let play = &self.plays[world.play];
        let scene = &self.scenes[play.scene];
        let mut evaluator = scene.model().evaluator(MODEL_SETTINGS);
        let changed = apply(&world.plan.all_parameters, parameters, factual.values());
        evaluator.load(&point(&changed, parameters, play.kept.map(|k| &solved[k])))?;
        let odds = evaluator.odds(&solved[world.play]);
        let (values, horizon) = (evaluator.all_values().to_vec(), self.scenario.horizon);
        Ok(WorldAt { scene, surprises: &world.surprises, odds, values, horizon })
    }

    /// All plays up to this one.
    fn solved(&self, last: usize, parameters: &[f64], factual: &[f64]) -> Result<Vec<Play>, NoValue> {
        let mut solved: Vec<Play> = Vec::new();
        for play in &self.plays[..=last] {
            let mut evaluator = self.scenes[play.scene].model().evaluator(MODEL_SETTINGS);
            let changed = apply(&play.parameters, parameters, factual);
            let found = evaluator.solve(&point(&changed, parameters, play.kept.map(|k| &solved[k])))?;
            solved.push(found);
        }
        Ok(solved)
    }
}
