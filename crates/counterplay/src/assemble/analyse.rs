//! The whole way: from a scenario to everything that is found about it.
//!
//! ```no_run
//! use counterplay::{Settings, analyse};
//! use counterplay_language::{Files, ReadLimits, read};
//! use counterplay::watch::Unwatched;
//! # let text = "";
//! let scenario = read("my-case", &Files::of_scenario(text), &ReadLimits::default())?;
//! let analysis = analyse(&scenario, &Settings::default(), &Unwatched)?;
//! for answer in &analysis.answers {
//!     println!("{}: {:.2}", answer.name, answer.about_probability.mean);
//! }
//! # Ok::<(), counterplay::Error>(())
//! ```

use crate::answer::attribution::FactorWorlds;
use crate::answer::bounds::MechanismFree;
use crate::answer::claims::settled;
use crate::answer::gather::{AnswersWanted, DrawGathered, Gathering};
use crate::answer::prior_prediction::Foreseen;
use crate::answer::queries::Queries;
use crate::answer::query::{ExpectationPlan, PosteriorSample, Sweeping};
use crate::answer::replays::{Task, Unsolved};
use crate::answer::stage_answers::followed_outcomes;
use crate::answer::timeline::Timeline;
use crate::assemble::results::Results;
use crate::assemble::results::subject;
use crate::check;
use crate::check::asked_outcomes;
use crate::error::Error;
use crate::memory::{Forgetful, Memory, remembered};
use crate::model::Model;
use crate::model::centre::Centre;
use crate::posterior::{NoPosterior, Posterior, fit_mixed, fit_tempered};
use crate::problem::Problem;
use crate::robustness::averaged::{Effort, ExplanationAnswers, gather, under_each};
use crate::robustness::equilibria;
use crate::robustness::equilibria::Searching;
use crate::robustness::explanations::{WeighedExplanations, Weighing};
use crate::robustness::sensitivity::Confirming;
use crate::robustness::variants::VariantRuns;
use crate::scenario::Scenario;
use crate::scenario::plan::Plan;
use crate::settings::Method;
use crate::settings::Settings;
use crate::watch::{Unwatched, Watch};
use crate::world::catalogue::OutcomeIndex;
use crate::world::inquiry::enter_questions;
use crate::world::inquiry::{Inquiry, WorldId};
use counterplay_analysis::{Analysis, OtherEquilibria, SweepAnswer};
use counterplay_inference::prior::JointPrior;
use counterplay_inference::sampler::SamplerSettings;
use std::sync::Arc;

/// Histories replayed at the posterior mean, to see which outcome is likeliest.
const CENTRE_HISTORIES: usize = 400;

/// More replays than this for the sets of factors, over all draws, take too long; each set then gets fewer.
const MAX_FACTOR_REPLAYS: usize = 4_000_000;

/// A replay of a story with stages is about as much work as this many of a story that ends.
const STAGES_WORK: usize = 10;

/// Analyses a scenario: fits it to its record, answers its what-ifs, weighs its factors and explanations, and
/// tests its claims.
///
/// # Errors
/// If the scenario is wrong, or the work was stopped.
pub fn analyse(scenario: &Scenario, settings: &Settings, watch: &dyn Watch) -> Result<Analysis, Error> {
    analyse_with(scenario, settings, &Forgetful, watch)
}

impl Scenario {
    /// Analyses it: fits it to its record, answers its what-ifs, weighs its factors and explanations, and tests its claims.
    ///
    /// # Errors
    /// If something is wrong with it.
    pub fn analyse(&self, settings: &Settings) -> Result<Analysis, Error> {
        analyse(self, settings, &Unwatched)
    }
}

/// The same with a memory of what was found before, which must be of this very scenario and this very program. A whole analysis with the
/// same settings is kept as well, and comes back as it was.
///
/// # Errors
/// As [`analyse`].
pub fn analyse_with(
    scenario: &Scenario,
    settings: &Settings,
    memory: &dyn Memory,
    watch: &dyn Watch,
) -> Result<Analysis, Error> {
    // What was broken off is no fault of the scenario.
    let stopped = |error: Error| if watch.cancelled() { Error::CANCELLED } else { error };
    let analysed = || analysed(scenario, settings, memory, watch).map_err(stopped);
    if settings.everything() {
        remembered(memory, &format!("analysis, {settings:?}"), analysed)
    } else {
        // Questions that are not in the scenario are asked with this scope; the name would not tell them apart.
        analysed()
    }
}

/// The whole way.
fn analysed(
    scenario: &Scenario,
    settings: &Settings,
    memory: &dyn Memory,
    watch: &dyn Watch,
) -> Result<Analysis, Error> {
    let model = sound_model(scenario, settings, watch)?;
    let prior = Arc::new(scenario.joint_prior(&[]).map_err(|e| Problem::new(e.to_string()))?);
    let posterior = fitted(&model, &prior, settings, memory, watch)?;
    let weighing = weighing(scenario, settings, memory, watch);
    let explained = weighing.run(&model)?;
    let centre = centre(&model, &posterior)?;
    let mut inquiry = Inquiry::new(scenario, model, settings.limits, watch);
    let questions = enter_questions(&mut inquiry)?;
    let factors = FactorWorlds::new(&mut inquiry, settings.seed)?;
    let worths = Queries::enter(&mut inquiry)?;
    let about = about(&inquiry, &centre, settings)?;
    let timeline = timeline(&inquiry, &centre, about)?;
    let asked = asked(&inquiry, about)?;
    let queries = Queries::new(&inquiry, worths, &questions, || centre.likeliest_history())?;
    let queries = queries.following(&inquiry, about)?;
    let follow = settings.everything();
    let gathering = Gathering {
        queries: &queries,
        follow,
        expectations: timeline.as_ref().filter(|_| follow).map(|t| ExpectationPlan::new(&inquiry, t)),
        task: task(&inquiry, settings, &questions, &factors, &queries, timeline.as_ref(), &asked),
        questions,
        factors: &factors,
        asked,
    };
    let draws = posterior.spread(settings.answer_draws);
    let (gathered, unsolved) = split(gathering.run(&draws, watch).ok_or(Error::CANCELLED)?, &inquiry)?;
    let others = others(&gathering, &posterior, settings, about, &draws, memory, watch);
    let asked = gathering.of_any_explanation(&inquiry);
    let (effort, subject) = (effort(settings), subject(&inquiry, about));
    let answered = under_each(&asked, &explained, effort, watch)?.ok_or(Error::CANCELLED)?;
    let before_the_record = before_the_record(&asked, &explained, &gathered, settings, watch)?;
    let wanted = settings.variants;
    let variants = VariantRuns { weighing, effort, base: &explained.base, about: &subject, wanted }.run()?;
    let found = Results {
        gathering: &gathering,
        sweeps: swept(&inquiry, settings, about, &draws)?,
        refit: &|known| refit(&inquiry, &queries, &prior, settings, known),
        settings,
        inquiry: &inquiry,
        posterior: &posterior,
        prior: &prior,
        explained: &explained,
        answered: &answered,
        effort,
        variants: variants.as_ref(),
        centre: &centre,
        about,
        factors: &factors,
        timeline: timeline.as_ref(),
        gathered: &gathered,
        unsolved,
        before_the_record: before_the_record.as_ref(),
        others,
        memory,
        watch,
    };
    let mut analysis = found.analysis()?;
    Confirming { scenario, gathering: &gathering, settings, watch }.run(&mut analysis.stress)?;
    if watch.cancelled() { Err(Error::CANCELLED) } else { Ok(analysis) }
}

/// The answers at draws from the prior, for the claims, and for what-ifs that may be settled by construction; those at which the record
/// cannot have come about are left out. Nothing where none is wanted.
fn before_the_record(
    asked: &AnswersWanted<'_>,
    explained: &WeighedExplanations,
    gathered: &[DrawGathered],
    settings: &Settings,
    watch: &dyn Watch,
) -> Result<Option<ExplanationAnswers>, Error> {
    let claims = !asked.inquiry.scenario().claims.is_empty();
    let of = |world: usize| gathered.iter().map(move |d| &d.worlds[world]);
    let any_settled = || (1..=asked.questions.len()).any(|world| settled(of(world), asked.outcomes[0]));
    if !(claims || settings.everything() && any_settled()) {
        return Ok(None);
    }
    let effort = Effort { draws: (settings.answer_draws / 4).max(2), ..effort(settings) };
    let draws: Vec<&[f64]> = explained.base.prior().take(effort.draws).collect();
    let mut found = gather(asked, &draws, effort, watch).ok_or(Error::CANCELLED)?;
    found.draws.retain(|draw| draw.log_likelihood > f64::NEG_INFINITY);
    Ok((!found.draws.is_empty()).then_some(found))
}

/// Play at the posterior mean.
fn centre(model: &Model, posterior: &Posterior) -> Result<Centre, Error> {
    Centre::new(model, &posterior.mean()).map_err(|why| why.error("play at the posterior mean"))
}

impl Scenario {
    /// Its model: the story unfolded, with the histories that are consistent with the record.
    ///
    /// # Errors
    /// What is wrong with the story or the record.
    pub fn model(&self) -> Result<Model, Error> {
        sound_model(self, &Settings::default(), &Unwatched)
    }
}

/// The scenario's model, whose stages can be played one after the other.
fn sound_model(scenario: &Scenario, settings: &Settings, watch: &dyn Watch) -> Result<Model, Error> {
    let model = Model::new(scenario, settings.limits, watch)?;
    check::stages_sound(scenario, model.unfolded())?;
    Ok(model)
}

pub(crate) fn weighing<'a>(
    scenario: &'a Scenario,
    settings: &Settings,
    memory: &'a dyn Memory,
    watch: &'a dyn Watch,
) -> Weighing<'a> {
    Weighing {
        scenario,
        limits: settings.limits,
        seed: settings.seed,
        particles: settings.evidence_draws,
        memory,
        watch,
    }
}

/// The posterior: remembered, or sampled now.
fn fitted(
    model: &Model,
    prior: &Arc<JointPrior>,
    settings: &Settings,
    memory: &dyn Memory,
    watch: &dyn Watch,
) -> Result<Posterior, NoPosterior> {
    let sampling = settings.sampler();
    remembered(memory, &format!("posterior, {:?}, {sampling:?}", settings.method), || match settings.method {
        Method::NoUTurn => fit_mixed(model, prior, &sampling, watch),
        Method::Tempering => fit_tempered(model, prior, &sampling, watch),
    })
}

/// What the answers under each explanation are worth: about an eighteenth of the work of those under the scenario as
/// it stands.
pub(crate) fn effort(settings: &Settings) -> Effort {
    let at_least = |count: usize| count.max(2);
    Effort {
        seed: settings.seed,
        draws: at_least(settings.answer_draws * 3 / 20),
        replays: at_least(settings.replays * 2 / 5),
    }
}

fn task<'a>(
    inquiry: &'a Inquiry<'a>,
    settings: &Settings,
    questions: &[WorldId],
    factors: &FactorWorlds,
    queries: &'a Queries,
    timeline: Option<&'a Timeline>,
    asked: &[OutcomeIndex],
) -> Task<'a> {
    let most = if inquiry.has_stages() { MAX_FACTOR_REPLAYS / STAGES_WORK } else { MAX_FACTOR_REPLAYS };
    let replays_each = most / (factors.count().max(1) * settings.answer_draws.max(1));
    let worlds: Vec<WorldId> = std::iter::once(WorldId::FACTUAL).chain(questions.iter().copied()).collect();
    Task {
        inquiry,
        seed: settings.seed,
        replays: settings.replays,
        measured: worlds.clone(),
        free: factors.all_present().into_iter().chain(factors.without_one().iter().copied()).collect(),
        attribution_replays: replays_each.clamp(4, settings.replays.max(4)),
        timeline,
        mechanism_free: mechanism_free(inquiry, factors, asked),
        // Actual causes are looked for in the tree of a story that ends.
        about: asked.first().copied().filter(|_| settings.everything() && !inquiry.has_stages()),
        alone: factors.alone().to_vec(),
        distinctions: queries.distinctions(inquiry, asked),
        asks: queries.asks(&worlds),
        followed_outcomes: followed_outcomes(inquiry, asked),
    }
}

/// The answers to the sweeps.
fn swept(
    inquiry: &Inquiry<'_>,
    settings: &Settings,
    about: OutcomeIndex,
    draws: &[&[f64]],
) -> Result<Vec<SweepAnswer>, Error> {
    let (outcome, values) = &inquiry.catalogue.outcomes[about.outcome];
    let sweeping = Sweeping {
        inquiry,
        limits: settings.limits,
        seed: settings.seed,
        replays: settings.replays,
        about: (outcome.clone(), values[about.value].clone()),
    };
    let one = |sweep| sweeping.run(sweep, draws)?.ok_or(Error::CANCELLED);
    inquiry.scenario().sweeps.iter().map(one).collect()
}

/// What a search for other equilibria finds, unless it was found before; nothing if none is wanted, or it was stopped.
fn others(
    gathering: &Gathering<'_>,
    posterior: &Posterior,
    settings: &Settings,
    about: OutcomeIndex,
    draws: &[&[f64]],
    memory: &dyn Memory,
    watch: &dyn Watch,
) -> Option<OtherEquilibria> {
    if settings.equilibria == 0 {
        return None;
    }
    let inquiry = gathering.task.inquiry;
    let names = equilibria::names(inquiry, &gathering.questions, gathering.factors);
    let starts = settings.equilibria;
    let foreseen = Foreseen { inquiry, queries: gathering.queries, about };
    let searching = Searching { task: &gathering.task, names: &names, foreseen, starts };
    let plans: Vec<&Plan> = inquiry.worlds.iter().map(|w| &w.plan).collect();
    let (method, sampling, count, replays) =
        (settings.method, settings.sampler(), settings.answer_draws, settings.replays);
    let name = format!(
        "other equilibria of {about:?} from {starts} starts at {count} draws of {replays}, {method:?}, {sampling:?}, \
         {names:?}, {plans:?}"
    );
    remembered(memory, &name, || searching.run(&posterior.mean(), draws, watch).ok_or(())).ok()
}

/// Draws from the posterior for a record that is cut after this many events, fewer than for the whole record and by either
/// sampler; `None` if that fails or is stopped.
fn refit(
    inquiry: &Inquiry<'_>,
    queries: &Queries,
    prior: &Arc<JointPrior>,
    settings: &Settings,
    known: usize,
) -> Option<PosteriorSample<Vec<f64>>> {
    let model = queries.cut(inquiry, known).ok()?;
    let posterior = fit_mixed(&model, prior, &shorter(settings), inquiry.watch).ok()?;
    Some(PosteriorSample::of(&posterior, settings))
}

/// The settings of the sampler for predictions as of a moment.
pub(crate) fn shorter(settings: &Settings) -> SamplerSettings {
    SamplerSettings { warmup: settings.warmup.min(200), draws: settings.draws.min(150), ..settings.sampler() }
}

/// Where the worlds without a factor part from the one with all of them.
fn mechanism_free(
    inquiry: &Inquiry<'_>,
    factors: &FactorWorlds,
    asked: &[OutcomeIndex],
) -> Option<MechanismFree> {
    // The bounds are found along the tree of a story that ends.
    let present = factors.all_present().filter(|_| !inquiry.has_stages())?;
    Some(MechanismFree::new(inquiry, present, factors.without_one(), asked))
}

/// The steps of what happened, in a story that ends.
fn timeline(
    inquiry: &Inquiry<'_>,
    centre: &Centre,
    about: OutcomeIndex,
) -> Result<Option<Timeline>, Problem> {
    if inquiry.has_stages() {
        return Ok(None);
    }
    let end = centre.likeliest_history()[0].1;
    Timeline::new(inquiry.factual(), inquiry.scenario(), end, about).map(Some)
}

/// The most probable value of an outcome, given the record; of several the first.
fn likeliest_value(inquiry: &Inquiry<'_>, centre: &Centre, outcome: usize, seed: u64) -> usize {
    let mut weights = vec![0.0; inquiry.catalogue.outcomes[outcome].1.len()];
    if inquiry.has_stages() {
        // What comes after the record is replayed.
        for history in Task::plain(inquiry, seed, CENTRE_HISTORIES, Vec::new()).histories_at(centre) {
            let last = inquiry.factual().last_stated(&history.steps, inquiry.catalogue.outcomes.len());
            weights[last[outcome].unwrap_or(0)] += f64::from(u8::from(last[outcome].is_some()));
        }
    } else {
        let scene = inquiry.factual();
        let nodes = scene.model().consistent().into_iter().flat_map(|c| c.passing(&centre.weights));
        for (_, node, weight) in nodes.filter(|n| scene.model().game().child_count(n.1) == 0) {
            for &OutcomeIndex { value, .. } in scene.outcomes(node).iter().filter(|o| o.outcome == outcome) {
                weights[value] += weight;
            }
        }
    }
    let larger = |&a: &usize, &b: &usize| weights[a].total_cmp(&weights[b]).then(b.cmp(&a));
    (0..weights.len()).max_by(larger).unwrap_or(0)
}

/// The outcome and value that the case is about.
fn about(inquiry: &Inquiry<'_>, centre: &Centre, settings: &Settings) -> Result<OutcomeIndex, Error> {
    if inquiry.catalogue.outcomes.is_empty() {
        let problem = Problem::new("the story states no outcome, so there is nothing to ask about")
            .hint("name what came of it with `g.end(outcomes = {...})` or `g.outcome(name, value)`");
        return Err(problem.into());
    }
    match &inquiry.scenario().about {
        Some((outcome, value)) => Ok(named(inquiry, outcome, value)?),
        None => Ok(OutcomeIndex { outcome: 0, value: likeliest_value(inquiry, centre, 0, settings.seed) }),
    }
}

fn named(inquiry: &Inquiry<'_>, outcome: &str, value: &str) -> Result<OutcomeIndex, Problem> {
    let found = inquiry.catalogue.value(outcome, value);
    found.ok_or_else(|| Problem::new(format!("the story never has the outcome `{outcome}` = `{value}`")))
}

/// The outcomes whose factors are explained: what the case is about first, then what the claims ask for.
fn asked(inquiry: &Inquiry<'_>, about: OutcomeIndex) -> Result<Vec<OutcomeIndex>, Problem> {
    let mut asked = vec![about];
    for (outcome, value) in asked_outcomes(inquiry.scenario()) {
        let pair = named(inquiry, &outcome, &value)?;
        if !asked.contains(&pair) {
            asked.push(pair);
        }
    }
    Ok(asked)
}

/// The draws that have answers, and how many have none.
///
/// # Errors
/// If no draw has an answer.
fn split(
    gathered: Vec<Result<DrawGathered, Unsolved>>,
    inquiry: &Inquiry<'_>,
) -> Result<(Vec<DrawGathered>, usize), Error> {
    let total = gathered.len();
    let why = gathered.iter().find_map(|g| g.as_ref().err().cloned());
    let good: Vec<DrawGathered> = gathered.into_iter().filter_map(Result::ok).collect();
    match why {
        Some(unsolved) if good.is_empty() => {
            let questions = &inquiry.scenario().questions;
            let plan = &inquiry.worlds[unsolved.world.0].plan;
            let of = questions
                .iter()
                .find(|q| Plan::new(&q.interventions, &q.foresight, q.luck).is_ok_and(|own| own == *plan));
            let world = of.map_or("a world of the factors".to_owned(), |q| format!("`{}`", q.name));
            Err(unsolved.why.error(&format!("no draw of {total} has an answer; first under {world}")))
        }
        _ => {
            let missing = total - good.len();
            Ok((good, missing))
        }
    }
}
