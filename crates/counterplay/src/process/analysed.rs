//! The whole way for a process: from a scenario with stages to everything that is found about it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::accounts::Accounts;
use super::draws::{Asked, ProcessDraw};
use super::filled::Filled;
use super::model::{ProcessEvaluator, ProcessModel};
use crate::analyse::{Failure, Method, Settings, sampler};
use crate::analysis::Analysis;
use crate::attribution::FactorWorlds;
use crate::check::asked_outcomes;
use crate::hash::Key;
use crate::inquiry::WorldId;
use crate::memory::{Memory, remembered};
use crate::posterior::{NoPosterior, Posterior, fit_process, fit_process_tempered};
use crate::prior::JointPrior;
use crate::problem::Problem;
use crate::question::Plan;
use crate::scenario::Scenario;
use crate::watch::{Stage, Watch};

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
    let accounts = Accounts::weigh(scenario, &model, settings, watch)?;
    let mut asked = Asked::new(scenario, &model, settings.seed, settings.lucks);
    enter(&mut asked, settings)?;
    let about = about(&mut asked, &posterior)?;
    let draws = gather(&asked, &posterior.spread(settings.answer_draws), watch).ok_or(Failure::Cancelled)?;
    let total = draws.len();
    let why = draws.iter().find_map(|d| d.as_ref().err().cloned());
    let draws: Vec<ProcessDraw> = draws.into_iter().filter_map(Result::ok).collect();
    if let (Some(why), true) = (why, draws.is_empty()) {
        return Err(Failure::Nothing(format!("no draw of {total} has an answer: {why}")));
    }
    let unsolved = total - draws.len();
    let filled = Filled {
        settings,
        asked: &asked,
        posterior: &posterior,
        prior: &prior,
        accounts: &accounts,
        about,
        draws: &draws,
        unsolved,
    };
    if watch.cancelled() { Err(Failure::Cancelled) } else { filled.analysis() }
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
        Method::NoUTurn => fit_process(model, prior, &sampling, watch),
        Method::Tempering => fit_process_tempered(model, prior, &sampling, watch),
    })
}

/// Enters the worlds of the what-ifs and of the sets of factors.
pub(super) fn enter(asked: &mut Asked<'_>, settings: &Settings) -> Result<(), Problem> {
    let scenario = asked.scenario;
    for question in &scenario.questions {
        let plan = Plan::new(&question.interventions, &question.foresight, question.luck);
        let world = plan.and_then(|plan| asked.world(plan)).map_err(|p| p.at(question.place.clone()))?;
        asked.questions.push(world);
    }
    if scenario.factors.is_empty() {
        return Ok(());
    }
    let factors = FactorWorlds::entered(scenario, settings.seed, &mut |plan| {
        asked.world(plan).map(WorldId).map_err(|p| p.at(scenario.factors[0].place.clone()))
    })?;
    let each = MAX_FACTOR_REPLAYS / (factors.count().max(1) * settings.answer_draws.max(1));
    asked.attribution_lucks = each.clamp(4, settings.lucks.max(4)).min(settings.lucks);
    asked.factors = Some(factors);
    Ok(())
}

/// The outcome and value that the case is about: what the scenario says, or else the likeliest value of the first
/// outcome at the posterior mean. Notes it, and what the claims ask for, as outcomes whose factors are weighed.
fn about(asked: &mut Asked<'_>, posterior: &Posterior) -> Result<(usize, usize), Failure> {
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
        None => (0, likeliest(asked, posterior)?),
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

fn likeliest(asked: &Asked<'_>, posterior: &Posterior) -> Result<usize, Failure> {
    let mut evaluator = asked.model.evaluator();
    let found = evaluator.solve(&posterior.mean());
    let found = found.map_err(|why| Failure::Nothing(format!("play at the posterior mean: {why}")))?;
    let odds = evaluator.odds(&found.play);
    let key = Key::new(asked.seed).with(Key::of_text("centre"));
    let (_, counted) = asked.prospect(&evaluator, &odds, key, CENTRE_HISTORIES);
    let shares = &counted.probabilities[0];
    Ok((0..shares.len()).max_by(|&a, &b| shares[a].total_cmp(&shares[b]).then(b.cmp(&a))).unwrap_or(0))
}

/// What all draws say, in order; `None` if cancelled.
fn gather(
    asked: &Asked<'_>,
    draws: &[&[f64]],
    watch: &dyn Watch,
) -> Option<Vec<Result<ProcessDraw, crate::model::NoValue>>> {
    let (evaluator, done) = (asked.model.evaluator(), AtomicUsize::new(0));
    let one = |evaluator: &mut ProcessEvaluator, (index, draw): (usize, &&[f64])| {
        if watch.cancelled() {
            return None;
        }
        let found = asked.draw(evaluator, index, draw);
        watch.advance(Stage::Answer, done.fetch_add(1, Ordering::Relaxed) + 1, Some(draws.len()));
        Some(found)
    };
    draws.par_iter().enumerate().map_init(|| evaluator.clone(), one).collect()
}
