//! All the worlds that the questions of a scenario need, each told, solved and replayed once.
//!
//! Questions, factors and claims share worlds; worlds share play where they foresee the same; play shares a
//! game where the story is the same. An [`Inquiry`] finds what is shared.

use crate::change::Change;
use crate::model::Model;
use crate::problem::Problem;
use crate::question::Plan;
use crate::scenario::{Act, Record, Scenario};
use crate::story::Limits;
use crate::watch::Watch;
use crate::world::{Catalogue, Scene, Surprises};

/// A world, by its number in an inquiry. World 0 is the factual one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorldId(pub(crate) usize);

impl WorldId {
    /// The world as it was.
    pub const FACTUAL: Self = Self(0);
}

/// Play that is solved once for each draw: in which scene, and at which changed parameters.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Play {
    pub(crate) scene: usize,
    pub(crate) parameters: Vec<Act>,
}

/// A world: play, what happens otherwise than foreseen, and luck.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) play: usize,
    pub(crate) surprises: Surprises,
}

/// The worlds of a scenario's questions.
pub struct Inquiry<'a> {
    scenario: &'a Scenario,
    limits: Limits,
    watch: &'a dyn Watch,
    /// The outcomes and measures of all worlds.
    pub catalogue: Catalogue,
    /// What is known to have happened.
    pub(crate) record: Record,
    told: Vec<Vec<Change>>,
    pub(crate) scenes: Vec<Scene>,
    pub(crate) plays: Vec<Play>,
    pub(crate) worlds: Vec<World>,
}

impl<'a> Inquiry<'a> {
    /// An inquiry into a scenario, whose model with its record is `factual`.
    ///
    /// # Panics
    /// Never: the factual world needs nothing that could be missing.
    pub fn new(scenario: &'a Scenario, factual: Model, limits: Limits, watch: &'a dyn Watch) -> Self {
        let mut catalogue = Catalogue::default();
        let scene = Scene::new(factual, &mut catalogue);
        let mut inquiry = Self {
            scenario,
            limits,
            watch,
            catalogue,
            record: scenario.record.clone(),
            told: vec![Vec::new()],
            scenes: vec![scene],
            plays: Vec::new(),
            worlds: Vec::new(),
        };
        inquiry.world(&Plan::default()).expect("the factual world is told already");
        inquiry
    }

    /// The scenario.
    pub fn scenario(&self) -> &'a Scenario {
        self.scenario
    }

    /// The scene of the story as it was.
    pub fn factual(&self) -> &Scene {
        &self.scenes[0]
    }

    /// The scene of a world.
    pub(crate) fn scene_of(&self, world: WorldId) -> &Scene {
        &self.scenes[self.plays[self.worlds[world.0].play].scene]
    }

    /// The same worlds with another record.
    ///
    /// # Errors
    /// If no history agrees with it.
    pub(crate) fn recording(&self, record: &Record) -> Result<Self, Problem> {
        let mut catalogue = self.catalogue.clone();
        let mut scenes = self.scenes.clone();
        scenes[0] = Scene::new(scenes[0].model().clone().recording(record)?, &mut catalogue);
        Ok(Self {
            scenario: self.scenario,
            limits: self.limits,
            watch: self.watch,
            catalogue,
            record: record.clone(),
            told: self.told.clone(),
            scenes,
            plays: self.plays.clone(),
            worlds: self.worlds.clone(),
        })
    }

    /// The world of a plan.
    ///
    /// # Errors
    /// If the changed story is wrong, or an event that is forced does not exist.
    pub fn world(&mut self, plan: &Plan) -> Result<WorldId, Problem> {
        if let Some(known) = self.worlds.iter().position(|w| w.plan == *plan) {
            return Ok(WorldId(known));
        }
        let scene = self.scene(&plan.foreseen_changes)?;
        let play = Play { scene, parameters: plan.foreseen_parameters.clone() };
        let play = self.plays.iter().position(|p| *p == play).unwrap_or_else(|| {
            self.plays.push(play);
            self.plays.len() - 1
        });
        let surprises = self.scenes[scene].surprises(plan);
        self.worlds.push(World { plan: plan.clone(), play, surprises });
        Ok(WorldId(self.worlds.len() - 1))
    }

    fn scene(&mut self, changes: &[Change]) -> Result<usize, Problem> {
        if let Some(known) = self.told.iter().position(|t| t == changes) {
            return Ok(known);
        }
        let model = Model::changed(self.scenario, changes, self.limits, self.watch)?;
        self.scenes.push(Scene::new(model, &mut self.catalogue));
        self.told.push(changes.to_vec());
        Ok(self.scenes.len() - 1)
    }
}
