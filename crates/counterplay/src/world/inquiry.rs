//! All the worlds that the questions of a scenario need, each told, solved and replayed once.
//!
//! Questions, factors and claims share worlds; worlds share play where they foresee the same; play shares a
//! game where the story is the same. An [`Inquiry`] finds what is shared.

mod at;

use std::sync::OnceLock;

use counterplay_game::id::NodeId;
use counterplay_game::tree::Kind;

pub use self::at::WorldAt;
use crate::model::Model;
use crate::model::play::Play;
use crate::problem::{Problem, did_you_mean};
use crate::scenario::plan::Plan;
use crate::scenario::{Act, Luck, Record, Scenario};
use crate::story::change::{Change, ToldChange};
use crate::story::comes_up::{never_comes, occurrences};
use crate::story::labels::EventLabels;
use crate::story::limits::Limits;
use crate::story::telling::Retelling;
use crate::story::unaware::KeptRules;
use crate::watch::Watch;
use crate::world::branching::EventTable;
use crate::world::catalogue::Catalogue;
use crate::world::scene::{RecordedMeasures, Scene};
use crate::world::surprises::Surprises;

/// A world, by its number in an inquiry. World 0 is the factual one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorldId(pub(crate) usize);

impl WorldId {
    /// The world as it was.
    pub const FACTUAL: Self = Self(0);
}

/// PlaySpec that is solved once for each draw: in which scene, and at which changed parameters.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PlaySpec {
    pub(crate) scene: usize,
    pub(crate) parameters: Vec<Act>,
    /// The play, solved before this one, by whose rules the players go on who do not foresee the changes.
    pub(crate) kept: Option<usize>,
}

/// How a scene's story is told.
#[derive(Clone, Debug, PartialEq)]
struct StoryVersion {
    changes: Vec<ToldChange>,
    /// The players who foresee all changes, the scene of the story that the others take to be told, and whether these respond where they
    /// have no rule.
    kept: Option<(Vec<String>, usize, bool)>,
}

/// A world: play, what happens otherwise than foreseen, and luck.
#[derive(Clone, Debug)]
pub(crate) struct World {
    /// The plan as it was asked for.
    asked: Plan,
    /// The same as it is carried out.
    pub(crate) plan: Plan,
    pub(crate) play: usize,
    pub(crate) surprises: Surprises,
    /// For each node, whether luck is drawn again from there on, where it is after a moment; `None` if none of it is kept.
    pub(crate) moments: Option<Vec<bool>>,
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
    /// The labels of chance events of the story as it is.
    labels: EventLabels,
    told: Vec<StoryVersion>,
    pub(crate) scenes: Vec<Scene>,
    pub(crate) plays: Vec<PlaySpec>,
    pub(crate) worlds: Vec<World>,
    event_tables: OnceLock<Vec<Vec<EventTable>>>,
}

impl<'a> Inquiry<'a> {
    /// An inquiry into a scenario, whose model with its record is `factual`.
    ///
    /// # Panics
    /// Never: the factual world needs nothing that could be missing.
    pub fn new(scenario: &'a Scenario, factual: Model, limits: Limits, watch: &'a dyn Watch) -> Self {
        Self::within(scenario, factual, Vec::new(), Catalogue::default(), limits, watch)
    }

    /// An inquiry into the scenario as another account tells it: with changes that hold in every world.
    ///
    /// # Panics
    /// Never: the factual world needs nothing that could be missing.
    pub(crate) fn under(&self, changes: Vec<Change>, factual: Model) -> Self {
        let known = self.catalogue.clone();
        Self::within(self.scenario, factual, changes, known, self.limits, self.watch)
    }

    fn within(
        scenario: &'a Scenario,
        factual: Model,
        under: Vec<Change>,
        mut catalogue: Catalogue,
        limits: Limits,
        watch: &'a dyn Watch,
    ) -> Self {
        let labels = EventLabels::of(factual.unfolded());
        let scene = Scene::new(factual, &mut catalogue);
        let mut inquiry = Self {
            scenario,
            limits,
            watch,
            catalogue,
            under,
            record: scenario.record.clone(),
            labels,
            told: vec![StoryVersion { changes: Vec::new(), kept: None }],
            scenes: vec![scene],
            plays: Vec::new(),
            worlds: Vec::new(),
            event_tables: OnceLock::new(),
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

    /// Whether the story goes on from stage to stage.
    pub(crate) fn has_stages(&self) -> bool {
        self.factual().model().unfolded().has_stages()
    }

    /// For how many stages after the beginning the story is followed.
    pub(crate) fn horizon(&self) -> usize {
        self.scenario.horizon
    }

    /// What the record says of measured quantities.
    pub(crate) fn recorded_measures(&self) -> RecordedMeasures {
        RecordedMeasures::new(&self.record, &self.catalogue)
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
            labels: self.labels.clone(),
            told: self.told.clone(),
            scenes,
            plays: self.plays.clone(),
            worlds: self.worlds.clone(),
            event_tables: OnceLock::new(),
        })
    }

    /// The world of a plan.
    ///
    /// # Errors
    /// If the changed story is wrong, or an event that is forced does not exist.
    pub fn world(&mut self, plan: &Plan) -> Result<WorldId, Problem> {
        if let Some(known) = self.worlds.iter().position(|w| w.asked == *plan) {
            return Ok(WorldId(known));
        }
        if self.has_stages() {
            self.check_stages(plan)?;
        }
        let asked = plan;
        let scene =
            self.scene(StoryVersion { changes: ToldChange::to_all(&plan.foreseen_changes), kept: None })?;
        let told_again = self.brings_about(scene, plan).then(|| plan.clone().told_again());
        let plan = told_again.as_ref().unwrap_or(plan);
        let mut play =
            self.play(PlaySpec { scene, parameters: plan.foreseen_parameters.clone(), kept: None });
        if let Some(apart) = &plan.apart {
            let kept = Some((apart.foreseeing.clone(), scene, apart.responding));
            let scene = self.scene(StoryVersion { changes: apart.told.clone(), kept })?;
            play = self.play(PlaySpec { scene, parameters: plan.all_parameters.clone(), kept: Some(play) });
        }
        let surprises = Surprises::new(&self.scenes[self.plays[play].scene], plan);
        let moments = self.moments(play, plan, &surprises);
        self.worlds.push(World { asked: asked.clone(), plan: plan.clone(), play, surprises, moments });
        Ok(WorldId(self.worlds.len() - 1))
    }

    /// Refuses a change of what never comes up in its world.
    fn check_comes(&self, world: WorldId, question: &str) -> Result<(), Problem> {
        let surprises = &self.worlds[world.0].asked.surprises;
        if self.has_stages() {
            return self.check_occurrences(surprises, question);
        }
        let who = format!("the what-if `{question}`");
        never_comes(self.scene_of(world).model().game(), surprises, &who).map_or(Ok(()), Err)
    }

    /// Refuses a change of an occurrence that a story with stages does not come to within the horizon.
    fn check_occurrences(&self, surprises: &[Change], question: &str) -> Result<(), Problem> {
        let unfolded = self.factual().model().unfolded();
        for event in surprises.iter().filter_map(Change::event) {
            let all = occurrences(unfolded, &event.name, self.horizon());
            let most = all.iter().map(|at| at.2).max().unwrap_or(0);
            if event.occurrence > most {
                let problem = format!(
                    "the what-if `{question}` changes `{event}`, but `{}` comes up {most} times at most within {} stages",
                    event.name,
                    self.horizon()
                );
                return Err(
                    Problem::new(problem).hint("choose an earlier occurrence, or a longer `horizon()`")
                );
            }
        }
        Ok(())
    }

    /// Whether a surprise brings about a label at some place at which a scene does not have it, so that the story has to be told
    /// again.
    fn brings_about(&self, scene: usize, plan: &Plan) -> bool {
        !self.has_stages() && self.labels.lacking(self.scenes[scene].model().game(), &plan.surprises)
    }

    /// What a story with stages does not allow, as play would not be stationary.
    fn check_stages(&self, plan: &Plan) -> Result<(), Problem> {
        if plan.apart.is_some() {
            return Err(Problem::new("of a process all players foresee a change, or none does; and only moves and parameters can change")
                .hint("say `foreseen_by = ALL` or `NOBODY`, and use `do`, `forbid`, `rule`, `set`, `shift` or `scale`"));
        }
        if let Some(change) = plan.foreseen_changes.first() {
            let event = change.event().map_or_else(|| "the story".to_owned(), |e| format!("`{e}`"));
            return Err(Problem::new(format!(
                "a foreseen change of {event} would make play depend on how often it came up before, and so not stationary"
            ))
            .hint("let it come as a surprise, change a parameter instead, or put into the state what is to be different"));
        }
        let names = self.factual().keys().names();
        let unknown = |change: &Change| {
            let conditions = change.conditions().into_iter().flat_map(|c| c.events());
            change.event().into_iter().chain(conditions).find(|e| !names.contains(&e.name)).cloned()
        };
        if let Some(event) = plan.surprises.iter().find_map(unknown) {
            return Err(Problem::new(format!("no stage has an event `{}`", event.name))
                .hint(did_you_mean(&event.name, names.iter().map(String::as_str))));
        }
        plan.surprises.iter().find_map(|change| self.lacking_state(change)).map_or(Ok(()), Err)
    }

    /// What is wrong with a change that brings about a label where chance can come to decide without it.
    fn lacking_state(&self, change: &Change) -> Option<Problem> {
        let Change::Force { event, action } = change.bare() else { return None };
        let unfolded = self.factual().model().unfolded();
        let lacks = |&(state, node, occurrence): &(usize, NodeId, u32)| {
            let game = &unfolded.states[state].game;
            occurrence == event.occurrence
                && matches!(game.kind(node), Kind::Chance(_))
                && game.labels(node).all(|label| game.text(label) != action)
        };
        let known = self.labels.has(&event.name, action);
        let all = if known { occurrences(unfolded, &event.name, self.horizon()) } else { Vec::new() };
        let (state, ..) = all.into_iter().find(lacks)?;
        let problem = format!(
            "`{event}` cannot be `{action}` in the state `{}`: chance gives it no probability there",
            unfolded.name(state)
        );
        Some(Problem::new(problem).hint(format!(
            "a process is not told again for a what-if: give `{action}` a small probability in the story, such as 1e-9"
        )))
    }

    /// The nodes of a story that ends from which on luck is drawn again.
    fn moments(&self, play: usize, plan: &Plan, surprises: &Surprises) -> Option<Vec<bool>> {
        let scene = &self.scenes[self.plays[play].scene];
        let some = plan.luck == Luck::RedrawnAfter && !surprises.redraw_from_the_beginning();
        (some && !self.has_stages()).then(|| surprises.redrawn_from(scene))
    }

    /// The table of events of a state of a scene.
    pub(crate) fn event_table(&self, scene: usize, state: usize) -> &EventTable {
        &self.event_tables.get_or_init(|| EventTable::of_all(&self.scenes))[scene][state]
    }

    fn play(&mut self, play: PlaySpec) -> usize {
        self.plays.iter().position(|p| *p == play).unwrap_or_else(|| {
            self.plays.push(play);
            self.plays.len() - 1
        })
    }

    fn scene(&mut self, telling: StoryVersion) -> Result<usize, Problem> {
        if let Some(known) = self.told.iter().position(|t| *t == telling) {
            return Ok(known);
        }
        let parameters = self.scenario.parameters.len();
        let kept = telling.kept.as_ref().map(|(foreseeing, scene, responding)| {
            let game = self.scenes[*scene].model().game();
            KeptRules::new(game, foreseeing, 2 * parameters).responding(*responding)
        });
        let mut all = ToldChange::to_all(&self.under);
        all.extend(telling.changes.iter().cloned());
        let labels = Some(&self.labels);
        let how = Retelling { changes: &all, kept: kept.as_ref(), as_were: Some(parameters), labels };
        let model = Model::retold(self.scenario, how, self.limits, self.watch)?;
        self.scenes.push(Scene::new(model, &mut self.catalogue));
        self.told.push(telling);
        self.event_tables = OnceLock::new();
        Ok(self.scenes.len() - 1)
    }
}

/// Enters the worlds of the what-ifs.
///
/// # Errors
/// If one cannot be told.
pub(crate) fn enter_questions(inquiry: &mut Inquiry<'_>) -> Result<Vec<WorldId>, Problem> {
    let scenario = inquiry.scenario();
    let enter = |question: &crate::scenario::Question| {
        let plan = Plan::new(&question.interventions, &question.foresight, question.luck);
        let found = plan.and_then(|plan| {
            let world = inquiry.world(&plan)?;
            inquiry.check_comes(world, &question.name).map(|()| world)
        });
        found.map_err(|problem| problem.at(question.place.clone()))
    };
    scenario.questions.iter().map(enter).collect()
}

/// All that the expressions of a changed story can speak of: its parameters, the parameters as they were, and the
/// probabilities by which those players move who do not foresee the changes.
pub(crate) fn point(changed: &[f64], factual: &[f64], kept: Option<&Play>) -> Vec<f64> {
    let mut point = changed.to_vec();
    point.extend_from_slice(factual);
    point.extend(kept.into_iter().flat_map(|kept| kept.of_state(0)));
    point
}
