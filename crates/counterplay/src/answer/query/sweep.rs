//! A quantity at each of a row of values of a parameter.
//!
//! Every value is a world of its own: the parameter is set to it, everybody foresees that, and the story is replayed with the
//! luck of what happened. Fewer posterior draws than for a what-if are enough for a band.

use std::sync::atomic::{AtomicUsize, Ordering};

use counterplay_game::expression::ParameterId;
use rayon::prelude::*;

use super::draw::Ready;
use super::test::Test;
use super::weighted::{WeightedAnswer, answered};
use crate::answer::classes::Distinctions;
use crate::answer::replays::{Bench, Replays, Task};
use crate::answer::stages::StageSweep;
use crate::answer::stages::conditions;
use crate::answer::stages::summed_query::StageAsk;
use crate::problem::Problem;
use crate::scenario::plan::Plan;
use crate::scenario::query::{Condition, ConditionalQuantity, Fact, Is, Quantity, Sweep};
use crate::scenario::{Act, Scenario};
use crate::story::limits::Limits;
use crate::world::inquiry::{Inquiry, WorldId};
use counterplay_analysis::SweepAnswer;

/// Posterior draws behind a sweep.
const DRAWS: usize = 100;

/// What all sweeps need.
pub(crate) struct Sweeping<'a> {
    pub(crate) inquiry: &'a Inquiry<'a>,
    pub(crate) limits: Limits,
    pub(crate) seed: u64,
    pub(crate) replays: usize,
    /// The outcome and value that the case is about.
    pub(crate) about: (String, String),
}

impl Sweeping<'_> {
    /// The answer to a sweep; `None` if the work was stopped.
    ///
    /// # Errors
    /// If it names a what-if that there is not, or a changed story is wrong.
    pub(crate) fn run(&self, sweep: &Sweep, draws: &[&[f64]]) -> Result<Option<SweepAnswer>, Problem> {
        let at = |problem: Problem| problem.at(sweep.place.clone());
        let asked = sweep.asked.clone().unwrap_or_else(|| about_asked(&self.about));
        let (scenario, watch) = (self.inquiry.scenario(), self.inquiry.watch);
        let mut inquiry = Inquiry::new(scenario, self.inquiry.factual().model().clone(), self.limits, watch);
        let mut worlds = vec![WorldId::FACTUAL];
        for plan in sweep_plans(scenario, sweep, &asked).map_err(at)? {
            worlds.push(inquiry.world(&plan).map_err(at)?);
        }
        let asked = ConditionalQuantity { under: None, ..asked };
        let named = |problem| at(conditions::told("sweep", &sweep.name, problem));
        let mut gates = Vec::new();
        let ready = Asking::new(&asked, &inquiry, &worlds, &mut gates).map_err(named)?;
        let plain = Task::plain(&inquiry, self.seed, self.replays, worlds.clone());
        let distinctions = Distinctions { gates, ..plain.distinctions.clone() };
        let task = Task { distinctions, asks: ready.asks(&worlds), ..plain };
        let chosen = spread(draws);
        let (bench, off_branch) = (Bench::new(&inquiry), AtomicUsize::new(0));
        let one = |bench: &mut Bench, (index, draw): &(usize, &[f64])| {
            if watch.cancelled() {
                return None;
            }
            let replays = task.replay(bench, *index, draw).ok();
            let is_off = replays.as_ref().is_some_and(|r| !r.certified.off_branch.is_empty());
            off_branch.fetch_add(usize::from(is_off), Ordering::Relaxed);
            Some(replays.map(|r| ready.draw(&inquiry, &r, &worlds)))
        };
        let found: Option<Vec<Option<Vec<WeightedAnswer>>>> =
            chosen.par_iter().map_init(|| bench.clone(), one).collect();
        let Some(found) = found else { return Ok(None) };
        let answer = sweep_answer(scenario, sweep, &asked, &found);
        Ok(Some(SweepAnswer { off_branch: off_branch.into_inner(), ..answer }))
    }
}

/// What is asked in each world of a sweep.
enum Asking {
    Tree(Vec<Ready>),
    Stages(Box<StageSweep>),
}

impl Asking {
    fn new(
        asked: &ConditionalQuantity,
        inquiry: &Inquiry<'_>,
        worlds: &[WorldId],
        gates: &mut Vec<Test>,
    ) -> Result<Self, Problem> {
        if inquiry.has_stages() {
            return Ok(Self::Stages(Box::new(StageSweep::new(asked, inquiry)?)));
        }
        Ok(Self::Tree(worlds.iter().map(|&world| Ready::new(asked, inquiry, Some(world), gates)).collect()))
    }

    /// What is summed over pairs of states of a process.
    fn asks(&self, worlds: &[WorldId]) -> Vec<StageAsk<'_>> {
        match self {
            Self::Tree(_) => Vec::new(),
            Self::Stages(sweep) => sweep.asks(worlds),
        }
    }

    /// The first value in each world.
    fn draw(&self, inquiry: &Inquiry<'_>, replays: &Replays, worlds: &[WorldId]) -> Vec<WeightedAnswer> {
        match self {
            Self::Tree(ready) => ready.iter().map(|x| x.draw(inquiry, replays).here[0]).collect(),
            Self::Stages(sweep) => sweep.first(replays, worlds),
        }
    }
}

/// A world's plan for each value of a sweep.
///
/// # Errors
/// If it names a what-if that there is not.
pub(crate) fn sweep_plans(
    scenario: &Scenario,
    sweep: &Sweep,
    asked: &ConditionalQuantity,
) -> Result<Vec<Plan>, Problem> {
    let question = asked.under.as_ref().map(|name| {
        let found = scenario.questions.iter().find(|q| q.name == *name);
        found.ok_or_else(|| Problem::new(format!("there is no what-if `{name}`")))
    });
    let base = match question.transpose()? {
        Some(q) => Plan::new(&q.interventions, &q.foresight, q.luck)?,
        None => Plan::default(),
    };
    Ok(sweep.values.iter().map(|&(_, id)| with_value(&base, sweep.parameter, id)).collect())
}

/// What a sweep that says nothing asks for: the probability of the outcome, with its value, that the case is about.
pub(crate) fn about_asked((outcome, value): &(String, String)) -> ConditionalQuantity {
    let fact = Fact { name: outcome.clone(), is: Is::Value(value.clone()) };
    let quantity = Quantity::Probability(Condition::All(vec![fact]));
    ConditionalQuantity { quantity, given: None, within: None, under: None }
}

/// The answer to a sweep from what each draw says, in the world as it was and then at each value.
pub(crate) fn sweep_answer(
    scenario: &Scenario,
    sweep: &Sweep,
    asked: &ConditionalQuantity,
    found: &[Option<Vec<WeightedAnswer>>],
) -> SweepAnswer {
    let good: Vec<&Vec<WeightedAnswer>> = found.iter().flatten().collect();
    let of = |world: usize| answered(&good.iter().map(|d| d[world]).collect::<Vec<_>>());
    let parameter = &scenario.parameters[sweep.parameter.index()];
    let words = |c: &Option<Condition>| c.as_ref().map(ToString::to_string);
    SweepAnswer {
        name: sweep.name.clone(),
        parameter: parameter.name.clone(),
        unit: parameter.unit.clone(),
        quantity: asked.quantity.to_string(),
        scale: asked.quantity.scale(),
        given: words(&asked.given),
        within: words(&asked.within),
        under: sweep.asked.as_ref().and_then(|a| a.under.clone()),
        points: sweep.values.iter().enumerate().map(|(k, value)| (value.0, of(k + 1))).collect(),
        factual: of(0),
        draws: good.len(),
        left_out: found.len() - good.len(),
        off_branch: 0,
    }
}

/// A plan with a parameter set to a value on top of it.
fn with_value(base: &Plan, parameter: ParameterId, id: counterplay_game::expression::ExprId) -> Plan {
    let set = Act::Set(parameter, id);
    let mut plan = base.clone();
    plan.foreseen_parameters.push(set.clone());
    plan.all_parameters.push(set);
    plan
}

/// The draws behind a sweep, spread evenly, with their places.
pub(crate) fn spread<'a>(draws: &[&'a [f64]]) -> Vec<(usize, &'a [f64])> {
    let count = DRAWS.min(draws.len());
    let place = |k: usize| (2 * k + 1) * draws.len() / (2 * count);
    (0..count).map(|k| (place(k), draws[place(k)])).collect()
}
