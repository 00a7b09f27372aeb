//! All that is asked of a process: its worlds, the outcomes that are counted, and with how much effort.

use super::counted::Stated;
use super::first;
use super::measured::Measures;
use super::model::ProcessModel;
use super::replay::ProcessKeys;
use crate::answer::attribution::FactorWorlds;
use crate::problem::Problem;
use crate::scenario::plan::Plan;
use crate::scenario::{Act, Scenario};
use crate::world::Catalogue;

/// A world: what is changed in it, and by which play.
pub(super) struct ProcessWorld {
    pub(super) plan: Plan,
    pub(super) play: usize,
}

/// All that is asked of a process.
pub(super) struct Asked<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) model: &'a ProcessModel,
    pub(super) keys: ProcessKeys,
    pub(super) catalogue: Catalogue,
    /// For each state and ending, the outcomes that are stated.
    pub(super) stated: Stated,
    pub(super) measures: Measures,
    /// The outcomes that are true or false, with the number of `True`.
    pub(super) truths: Vec<(usize, usize)>,
    /// Changed parameters that are foreseen, for each play; none for the factual one.
    pub(super) plays: Vec<Vec<Act>>,
    /// The factual world, those of the what-ifs, then those of the sets of factors.
    pub(super) worlds: Vec<ProcessWorld>,
    /// For each what-if its world.
    pub(super) questions: Vec<usize>,
    /// The worlds of the sets of factors.
    pub(super) factors: Option<FactorWorlds>,
    /// The outcomes whose factors are weighed.
    pub(super) weighed: Vec<(usize, usize)>,
    pub(super) work: Work,
}

/// How much work each draw is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Work {
    /// The seed of all luck.
    pub(super) seed: u64,
    /// Histories with their luck, in each world.
    pub(super) lucks: usize,
    /// The same in the worlds of the sets of factors.
    pub(super) attribution_lucks: usize,
}

impl<'a> Asked<'a> {
    /// Only the factual world, to begin with.
    pub(super) fn new(scenario: &'a Scenario, model: &'a ProcessModel, seed: u64, lucks: usize) -> Self {
        let mut catalogue = Catalogue::default();
        let stated = super::counted::stated(model.process(), &mut catalogue);
        let measures = Measures::new(model.process(), &mut catalogue);
        Self {
            scenario,
            model,
            keys: ProcessKeys::new(model.process()),
            truths: first::truths(&catalogue),
            catalogue,
            stated,
            measures,
            plays: vec![Vec::new()],
            worlds: vec![ProcessWorld { plan: Plan::default(), play: 0 }],
            questions: Vec::new(),
            factors: None,
            weighed: Vec::new(),
            work: Work { seed, lucks, attribution_lucks: lucks },
        }
    }

    /// The world of a plan.
    ///
    /// # Errors
    /// If it changes the story of a stage for players who foresee it, or an event that no stage has.
    pub(super) fn world(&mut self, plan: Plan) -> Result<usize, Problem> {
        if plan.apart.is_some() {
            return Err(Problem::new("of a process all players foresee a change, or none does; and only moves and parameters can change")
                .hint("say `foreseen_by = ALL` or `NOBODY`, and use `do`, `forbid`, `rule`, `set`, `shift` or `scale`"));
        }
        if let Some(change) = plan.foreseen_changes.first() {
            let event = change.event().map_or_else(|| "the story".to_owned(), |e| format!("`{e}`"));
            return Err(Problem::new(format!(
                "a foreseen change of {event} would make play hang on how often it came up before, and so not stationary"
            ))
            .hint("let it come as a surprise, change a parameter instead, or put into the state what is to be different"));
        }
        for change in &plan.surprises {
            if !change.conditions().is_empty() {
                return Err(Problem::new("of a process a change of a move cannot hang on a condition")
                    .hint("name the occurrence that it is to change, such as `policy #3`"));
            }
            let event = change.event().filter(|e| !self.keys.names().contains(&e.name));
            if let Some(event) = event {
                let names = self.keys.names().iter().map(String::as_str);
                return Err(Problem::new(format!("no stage has an event `{}`", event.name))
                    .hint(crate::problem::did_you_mean(&event.name, names)));
            }
        }
        if let Some(known) = self.worlds.iter().position(|w| w.plan == plan) {
            return Ok(known);
        }
        let play = self.plays.iter().position(|p| *p == plan.foreseen_parameters).unwrap_or_else(|| {
            self.plays.push(plan.foreseen_parameters.clone());
            self.plays.len() - 1
        });
        self.worlds.push(ProcessWorld { plan, play });
        Ok(self.worlds.len() - 1)
    }
}
