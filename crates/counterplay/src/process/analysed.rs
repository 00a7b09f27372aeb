//! The whole way for a process: from a scenario with stages to everything that is found about it.

use std::sync::Arc;

use counterplay_equilibrium::markov::Equilibrium;
use counterplay_game::id::NodeId;

use super::accounts::Accounts;
use super::asked::Asked;
use super::asker::Asker;
use super::course::Course;
use super::cuts::Cuts;
use super::drawn::{Gathering, ProcessDraw};
use super::filled::Filled;
use super::model::{ProcessEvaluator, ProcessModel};
use super::sweeps::Sweeping;
use super::trail::TrailWeights;
use super::variant;
use crate::answer::attribution::FactorWorlds;
use crate::assemble::analyse::{effort, sampler, weighing};
use crate::check::asked_outcomes;
use crate::failure::Failure;
use crate::memory::{Memory, remembered};
use crate::model::NoValue;
use crate::model::agreement::LogOdds;
use crate::posterior::{NoPosterior, Posterior, fit_process_mixed, fit_process_tempered};
use crate::problem::Problem;
use crate::robustness::sensitivity::Confirming;
use crate::robustness::variants::Side;
use crate::scenario::Scenario;
use crate::scenario::plan::Plan;
use crate::settings::{Method, Settings};
use crate::watch::Watch;
use crate::world::inquiry::WorldId;
use counterplay_analysis::{Analysis, OutcomeValue};
use counterplay_inference::key::Key;
use counterplay_inference::prior::JointPrior;

/// More replays than this for the sets of factors, over all draws, take too long; each set then gets fewer.
const MAX_FACTOR_REPLAYS: usize = 400_000;

/// Histories told at the centre, to see which outcome is likeliest.
const CENTRE_HISTORIES: usize = 400;

/// Analyses a scenario with stages.
///
/// # Errors
/// If the scenario is wrong, or the work was stopped.
pub fn analyse(
    scenario: &Scenario,
    settings: &Settings,
    memory: &dyn Memory,
    watch: &dyn Watch,
) -> Result<Analysis, Failure> {
    let model = ProcessModel::new(scenario, settings.limits, watch)?;
    super::check::sound(scenario, model.process())?;
    let prior = Arc::new(scenario.joint_prior(&[]).map_err(|e| Problem::new(e.to_string()))?);
    let posterior = fitted(&model, &prior, settings, memory, watch)?;
    let weighing = weighing(scenario, settings, memory, watch);
    let accounts = Accounts::weigh(&weighing, &model)?;
    let mut asked = Asked::new(scenario, &model, settings.seed, settings.lucks);
    enter(&mut asked, settings.answer_draws)?;
    let centre = Centre::new(&model, &posterior.mean());
    let centre = centre.map_err(|why| unsolved_at("play at the posterior mean", &why))?;
    let about = about(&mut asked, &centre)?;
    let way = centre.likeliest_way(&model);
    let cuts = Cuts::new(model.process(), &scenario.record, scenario.horizon, &way)?;
    let asker = Asker::new(&asked, &cuts)?;
    let course = Course::new(model.process(), &asked.catalogue, about, (&cuts, scenario.horizon))?;
    let gathering = Gathering {
        asked: &asked,
        cuts: &cuts,
        asker: &asker,
        course: settings.everything().then_some(&course),
        work: asked.work,
    };
    let draws = posterior.spread(settings.answer_draws);
    let (gathered, unsolved) = split(gathering.run(&draws, watch).ok_or(Failure::Cancelled)?)?;
    let effort = effort(settings);
    let answered = accounts.answers(&gathering, effort, watch).ok_or(Failure::Cancelled)?;
    let subject = subject(&asked, about);
    let side = Side { weighing, effort, base: &accounts.base, about: &subject, wanted: settings.variants };
    let variants = side.run(&|one| variant::run(&side, one))?;
    let sweeps = Sweeping { asked: &asked, settings, about, watch }.run(&draws)?;
    let filled = Filled {
        settings,
        gathering,
        course: &course,
        centre: &centre,
        posterior: &posterior,
        prior: &prior,
        accounts: &accounts,
        answered: &answered,
        effort,
        variants,
        sweeps,
        about,
        gathered: &gathered,
        unsolved,
        memory,
        watch,
    };
    let mut analysis = filled.analysis()?;
    Confirming { scenario, fitting: &gathering, settings, watch }.run(&mut analysis.stress)?;
    if watch.cancelled() { Err(Failure::Cancelled) } else { Ok(analysis) }
}

/// The posterior: remembered, or sampled now.
fn fitted(
    model: &ProcessModel,
    prior: &Arc<JointPrior>,
    settings: &Settings,
    memory: &dyn Memory,
    watch: &dyn Watch,
) -> Result<Posterior, NoPosterior> {
    let sampling = sampler(settings);
    let name = format!("posterior of a process, {:?}, {sampling:?}", settings.method);
    remembered(memory, &name, || match settings.method {
        Method::NoUTurn => fit_process_mixed(model, prior, &sampling, watch),
        Method::Tempering => fit_process_tempered(model, prior, &sampling, watch),
    })
}

/// Enters the worlds of the what-ifs and of the sets of factors, to be replayed at so many draws.
pub(super) fn enter(asked: &mut Asked<'_>, draws: usize) -> Result<(), Problem> {
    let scenario = asked.scenario;
    for question in &scenario.questions {
        let plan = Plan::new(&question.interventions, &question.foresight, question.luck);
        let world = plan.and_then(|plan| asked.world(plan)).map_err(|p| p.at(question.place.clone()))?;
        asked.questions.push(world);
    }
    if scenario.factors.is_empty() {
        return Ok(());
    }
    let factors = FactorWorlds::entered(scenario, asked.work.seed, &mut |plan| {
        asked.world(plan).map(WorldId).map_err(|p| p.at(scenario.factors[0].place.clone()))
    })?;
    let each = MAX_FACTOR_REPLAYS / (factors.count().max(1) * draws.max(1));
    asked.work.attribution_lucks = each.clamp(4, asked.work.lucks.max(4)).min(asked.work.lucks);
    asked.factors = Some(factors);
    Ok(())
}

/// Play at one point, most often the posterior mean.
pub(super) struct Centre {
    pub(super) evaluator: ProcessEvaluator,
    pub(super) found: Equilibrium,
    pub(super) odds: Vec<LogOdds>,
}

impl Centre {
    /// Solves play at a point.
    ///
    /// # Errors
    /// If it cannot be solved there.
    pub(super) fn new(model: &ProcessModel, point: &[f64]) -> Result<Self, NoValue> {
        let mut evaluator = model.evaluator();
        let found = evaluator.solve(point)?;
        let odds = evaluator.odds(&found.play);
        Ok(Self { evaluator, found, odds })
    }

    /// The likeliest way that agrees with the record, as far as the record goes.
    pub(super) fn likeliest_way(&self, model: &ProcessModel) -> Vec<(usize, NodeId)> {
        let mut weights = TrailWeights::default();
        model.trail().weigh(model.process(), &self.odds, self.evaluator.all_values(), &mut weights);
        model.trail().likeliest(&weights)
    }
}

/// The outcome and value that the case is about: what the scenario says, or else the likeliest value of the first
/// outcome at the posterior mean. Notes it, and what the claims ask for, as outcomes whose factors are weighed.
fn about(asked: &mut Asked<'_>, centre: &Centre) -> Result<(usize, usize), Failure> {
    if asked.catalogue.outcomes.is_empty() {
        let problem = Problem::new("no stage states an outcome, so there is nothing to ask about")
            .hint("say how things stand with `g.outcome(name, value)` in each stage");
        return Err(problem.into());
    }
    let named = |asked: &Asked<'_>, outcome: &str, value: &str| {
        let problem = || Problem::new(format!("no stage states the outcome `{outcome}` = `{value}`"));
        asked.catalogue.value(outcome, value).ok_or_else(problem)
    };
    let about = match &asked.scenario.about {
        Some((outcome, value)) => named(asked, outcome, value)?,
        None => (0, likeliest(asked, centre)),
    };
    asked.weighed.push(about);
    for (outcome, value) in asked_outcomes(asked.scenario) {
        let pair = named(asked, &outcome, &value)?;
        if !asked.weighed.contains(&pair) {
            asked.weighed.push(pair);
        }
    }
    Ok(about)
}

fn likeliest(asked: &Asked<'_>, centre: &Centre) -> usize {
    let key = Key::new(asked.work.seed).with(Key::of_text("centre"));
    let (_, counted) = asked.prospect(&centre.evaluator, &centre.odds, key, CENTRE_HISTORIES);
    let shares = &counted.probabilities[0];
    (0..shares.len()).max_by(|&a, &b| shares[a].total_cmp(&shares[b]).then(b.cmp(&a))).unwrap_or(0)
}

/// An outcome and its value by their names.
pub(super) fn subject(asked: &Asked<'_>, (outcome, value): (usize, usize)) -> OutcomeValue {
    let (name, values) = &asked.catalogue.outcomes[outcome];
    OutcomeValue { outcome: name.clone(), value: values[value].clone() }
}

/// Why there is nothing to tell: something did not converge, or a number is bad.
fn unsolved_at(what: &str, why: &NoValue) -> Failure {
    let message = format!("{what}: {why}");
    match why {
        NoValue::BadNumber(_) => Failure::Nothing(message),
        NoValue::NotSolved(_) | NoValue::ProcessNotSolved { .. } => Failure::NotSolved(message),
    }
}

/// The draws that have answers, and how many have none.
///
/// # Errors
/// If no draw has an answer.
fn split(draws: Vec<Result<ProcessDraw, NoValue>>) -> Result<(Vec<ProcessDraw>, usize), Failure> {
    let total = draws.len();
    let why = draws.iter().find_map(|d| d.as_ref().err().cloned());
    let draws: Vec<ProcessDraw> = draws.into_iter().filter_map(Result::ok).collect();
    if let (Some(why), true) = (why, draws.is_empty()) {
        return Err(unsolved_at(&format!("no draw of {total} has an answer"), &why));
    }
    let unsolved = total - draws.len();
    Ok((draws, unsolved))
}
