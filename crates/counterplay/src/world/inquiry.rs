//! All the worlds that the questions of a scenario need, each told, solved and replayed once.
//!
//! Questions, factors and claims share worlds; worlds share play where they foresee the same; play shares a
//! game where the story is the same. An [`Inquiry`] finds what is shared.

mod at;

pub use self::at::WorldAt;
use crate::model::Model;
use crate::problem::Problem;
use crate::scenario::plan::Plan;
use crate::scenario::{Act, Record, Scenario};
use crate::story::change::{Change, Told};
use crate::story::limits::Limits;
use crate::story::telling::Retelling;
use crate::story::unaware::KeptRules;
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
    /// The play, solved before this one, by whose rules the players go on who do not foresee the changes.
    pub(crate) kept: Option<usize>,
}

/// How a scene's story is told.
#[derive(Clone, Debug, PartialEq)]
struct Telling {
    changes: Vec<Told>,
    /// The players who foresee all changes, and the scene of the story that the others take to be told.
    kept: Option<(Vec<String>, usize)>,
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
    pub(crate) watch: &'a dyn Watch,
    /// The outcomes and measures of all worlds.
    pub catalogue: Catalogue,
    /// What is changed in every world, the factual one included.
    under: Vec<Change>,
    /// What is known to have happened.
    pub(crate) record: Record,
    told: Vec<Telling>,
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
            record: scenario.record.clone(),
            told: vec![Telling { changes: Vec::new(), kept: None }],
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

    /// The scene that a world plays in.
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
        scenes[0] = Scene::new(scenes[0].model().clone().agreeing_with(record)?, &mut catalogue);
        Ok(Self {
            scenario: self.scenario,
            limits: self.limits,
            watch: self.watch,
            catalogue,
            under: self.under.clone(),
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
        let scene = self.scene(Telling { changes: Told::to_all(&plan.foreseen_changes), kept: None })?;
        let mut play = self.play(Play { scene, parameters: plan.foreseen_parameters.clone(), kept: None });
        if let Some(apart) = &plan.apart {
            let kept = Some((apart.foreseeing.clone(), scene));
            let scene = self.scene(Telling { changes: apart.told.clone(), kept })?;
            play = self.play(Play { scene, parameters: plan.all_parameters.clone(), kept: Some(play) });
        }
        let surprises = self.scenes[self.plays[play].scene].surprises(plan);
        self.worlds.push(World { plan: plan.clone(), play, surprises });
        Ok(WorldId(self.worlds.len() - 1))
    }

    fn play(&mut self, play: Play) -> usize {
        self.plays.iter().position(|p| *p == play).unwrap_or_else(|| {
            self.plays.push(play);
            self.plays.len() - 1
        })
    }

    fn scene(&mut self, telling: Telling) -> Result<usize, Problem> {
        if let Some(known) = self.told.iter().position(|t| *t == telling) {
            return Ok(known);
        }
        let parameters = self.scenario.parameters.len();
        let kept = telling.kept.as_ref().map(|(foreseeing, scene)| {
            KeptRules::new(self.scenes[*scene].model().game(), foreseeing, 2 * parameters)
        });
        let mut all = Told::to_all(&self.under);
        all.extend(telling.changes.iter().cloned());
        let how = Retelling { changes: &all, kept: kept.as_ref(), as_were: Some(parameters) };
        let model = Model::retold(self.scenario, how, self.limits, self.watch)?;
        self.scenes.push(Scene::new(model, &mut self.catalogue));
        self.told.push(telling);
        Ok(self.scenes.len() - 1)
    }
}
