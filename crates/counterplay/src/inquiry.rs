//! All the worlds that the questions of a scenario need, each told, solved and replayed once.
//!
//! Questions, factors and claims share worlds; worlds share play where they foresee the same; play shares a
//! game where the story is the same. An [`Inquiry`] finds what is shared.

use crate::change::Change;
use crate::model::Model;
use crate::problem::Problem;
use crate::question::Plan;
use crate::scenario::{Act, Scenario};
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
    /// What is changed in every world, the factual one included.
    under: Vec<Change>,
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
        Self::within(scenario, factual, (Vec::new(), Catalogue::default()), limits, watch)
    }

    /// An inquiry into the scenario as another account tells it: with changes that hold in every world.
    ///
    /// # Panics
    /// Never: the factual world needs nothing that could be missing.
    pub(crate) fn under(&self, changes: Vec<Change>, factual: Model) -> Self {
        let known = self.catalogue.clone();
        Self::within(self.scenario, factual, (changes, known), self.limits, self.watch)
    }

    fn within(
        scenario: &'a Scenario,
        factual: Model,
        (under, mut catalogue): (Vec<Change>, Catalogue),
        limits: Limits,
        watch: &'a dyn Watch,
    ) -> Self {
        let scene = Scene::new(factual, &mut catalogue);
        let mut inquiry = Self {
            scenario,
            limits,
            watch,
            catalogue,
            under,
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
        let all: Vec<Change> = self.under.iter().chain(changes).cloned().collect();
        let model = Model::changed(self.scenario, &all, self.limits, self.watch)?;
        self.scenes.push(Scene::new(model, &mut self.catalogue));
        self.told.push(changes.to_vec());
        Ok(self.scenes.len() - 1)
    }
}
