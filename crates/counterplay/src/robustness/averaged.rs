//! Every answer under each rival explanation, and averaged over them by their probabilities (Hoeting et al. 1999).

use crate::answer::attribution::FactorWorlds;
use crate::answer::gather::AnswersWanted;
use crate::answer::gather::{DrawGathered, Gathering};
use crate::answer::queries::Queries;
use crate::answer::replays::Task;
use crate::answer::stage_answers::followed_outcomes;
use crate::posterior::evidence::Odds;
use crate::problem::Problem;
use crate::robustness::explanations::{WeighedExplanation, WeighedExplanations};
use crate::scenario::Scenario;
use crate::watch::Watch;
use crate::world::catalogue::OutcomeIndex;
use crate::world::inquiry::{WorldId, enter_questions};
use counterplay_analysis::interval::{estimate, interval};
use counterplay_analysis::{AveragedAnswer, AveragedClaim, Estimate, Interval};

/// Posterior draws behind each explanation's answers, and histories with their luck for each of them: a share of
/// those behind the answers of the scenario as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Effort {
    pub(crate) seed: u64,
    pub(crate) draws: usize,
    pub(crate) replays: usize,
}

/// The answers under one explanation.
pub(crate) struct ExplanationAnswers {
    pub(crate) draws: Vec<DrawGathered>,
    pub(crate) unsolved: usize,
    /// By how much errors grow because some draws are copies of each other.
    stretch: f64,
}

impl ExplanationAnswers {
    /// What was `found` of those `draws` that have an answer, of `total`.
    pub(crate) fn new(draws: &[&[f64]], found: Vec<DrawGathered>, total: usize) -> Self {
        Self { unsolved: total - found.len(), draws: found, stretch: stretch(draws) }
    }

    /// The mean of what the draws say, with its error.
    pub(crate) fn estimate(&self, values: &[f64]) -> Estimate {
        let Estimate { value, error } = estimate(values);
        Estimate { value, error: self.stretch * error }
    }

    /// The same with the central 90%.
    pub(crate) fn interval(&self, values: &[f64]) -> Interval {
        let found = interval(values);
        Interval { error: self.stretch * found.error, ..found }
    }

    /// In how many draws play was not on the principal branch in some world.
    pub(crate) fn off_branch(&self) -> usize {
        self.draws.iter().filter(|d| !d.certified.off_branch.is_empty()).count()
    }

    /// Whether a claim holds, draw by draw, as one and zero.
    ///
    /// # Errors
    /// If the claim's test fails.
    pub(crate) fn holds(&self, claim: usize) -> Result<Vec<f64>, Problem> {
        let held = self.draws.iter().map(|g| g.claims[claim].holds.clone());
        held.map(|h| h.map(|h| f64::from(u8::from(h)))).collect()
    }
}

/// The answers at some draws; `None` if cancelled.
pub(crate) fn gather(
    asked: &AnswersWanted<'_>,
    draws: &[&[f64]],
    effort: Effort,
    watch: &dyn Watch,
) -> Option<ExplanationAnswers> {
    let measured: Vec<WorldId> =
        std::iter::once(WorldId::FACTUAL).chain(asked.questions.iter().copied()).collect();
    let without_one = asked.factors.without_one().iter().copied();
    let task = Task {
        free: asked.factors.all_present().into_iter().chain(without_one).collect(),
        alone: asked.factors.alone().to_vec(),
        distinctions: asked.queries.distinctions(asked.inquiry, asked.outcomes),
        asks: asked.queries.asks(&measured),
        followed_outcomes: followed_outcomes(asked.inquiry, asked.outcomes),
        ..Task::plain(asked.inquiry, effort.seed, effort.replays, measured)
    };
    let questions = asked.questions.to_vec();
    let outcomes = asked.outcomes.to_vec();
    let (factors, queries) = (asked.factors, asked.queries);
    let gathering =
        Gathering { task, questions, factors, asked: outcomes, queries, follow: false, expectations: None };
    let gathered = gathering.run(draws, watch)?;
    let total = gathered.len();
    let found: Vec<DrawGathered> = gathered.into_iter().filter_map(Result::ok).collect();
    Some(ExplanationAnswers::new(draws, found, total))
}

/// The root of draws over the number that they are worth, where copies, which stand side by side, count as one draw of
/// their weight (Kong, Liu and Wong 1994).
fn stretch(draws: &[&[f64]]) -> f64 {
    let copies = draws.chunk_by(|a, b| a == b).map(|same| (same.len() as f64).powi(2));
    (copies.sum::<f64>() / draws.len().max(1) as f64).sqrt()
}

/// The answers under every explanation; `None` if cancelled.
///
/// # Errors
/// If a what-if cannot be told under an explanation.
pub(crate) fn under_each(
    asked: &AnswersWanted<'_>,
    explained: &WeighedExplanations,
    effort: Effort,
    watch: &dyn Watch,
) -> Result<Option<Vec<ExplanationAnswers>>, Problem> {
    let explanations = &asked.inquiry.scenario().explanations;
    let mut all = Vec::with_capacity(explanations.len());
    for (weighed, explanation) in explained.explanations.iter().zip(explanations) {
        let draws = weighed.runs.draws(effort.draws);
        let answered = if weighed.changes.is_empty() {
            gather(asked, &draws, effort, watch)
        } else {
            retold(asked, weighed, &draws, effort, watch).map_err(|p| {
                let message = format!("under the explanation `{}`: {}", explanation.name, p.message);
                Problem { message, ..p }.at(explanation.place.clone())
            })?
        };
        let Some(answered) = answered else { return Ok(None) };
        all.push(answered);
    }
    Ok(Some(all))
}

/// The answers under an explanation that changes the story.
fn retold(
    asked: &AnswersWanted<'_>,
    weighed: &WeighedExplanation,
    draws: &[&[f64]],
    effort: Effort,
    watch: &dyn Watch,
) -> Result<Option<ExplanationAnswers>, Problem> {
    let mut inquiry = asked.inquiry.under(weighed.changes.clone(), weighed.model.clone());
    let questions = enter_questions(&mut inquiry)?;
    let factors = FactorWorlds::new(&mut inquiry, effort.seed)?;
    let worths = Queries::enter(&mut inquiry)?;
    // Only a story that ends can be told otherwise, and its queries need no history.
    let queries = Queries::new(&inquiry, worths, &questions, Vec::new)?;
    let asked = AnswersWanted {
        inquiry: &inquiry,
        questions: &questions,
        factors: &factors,
        outcomes: asked.outcomes,
        queries: &queries,
    };
    Ok(gather(&asked, draws, effort, watch))
}

/// Every what-if under each explanation and averaged.
pub(crate) fn answers(
    scenario: &Scenario,
    odds: &Odds,
    answered: &[ExplanationAnswers],
    of: OutcomeIndex,
) -> Vec<AveragedAnswer> {
    let at = |gathered: &DrawGathered, world: usize| gathered.worlds[world].probability(of);
    let one = |(question, asked): (usize, &crate::scenario::Question)| {
        let over = |f: &dyn Fn(&DrawGathered) -> f64| -> Vec<Vec<f64>> {
            answered.iter().map(|a| a.draws.iter().map(f).collect()).collect()
        };
        let about = over(&|g| at(g, question + 1));
        let change = over(&|g| at(g, question + 1) - at(g, 0));
        AveragedAnswer {
            name: asked.name.clone(),
            about_probability: mixed(odds, answered, &about),
            about_change: mixed(odds, answered, &change),
            each: intervals(answered, &about),
            each_change: intervals(answered, &change),
        }
    };
    scenario.questions.iter().enumerate().map(one).collect()
}

fn intervals(answered: &[ExplanationAnswers], values: &[Vec<f64>]) -> Vec<Interval> {
    answered.iter().zip(values).map(|(a, values)| a.interval(values)).collect()
}

/// Every claim under each explanation and averaged.
///
/// # Errors
/// If a claim's test fails.
pub(crate) fn claims(
    scenario: &Scenario,
    odds: &Odds,
    answered: &[ExplanationAnswers],
) -> Result<Vec<AveragedClaim>, Problem> {
    let mut all = Vec::with_capacity(scenario.claims.len());
    for (index, claim) in scenario.claims.iter().enumerate() {
        let mut holds = Vec::with_capacity(answered.len());
        for under in answered {
            holds.push(under.holds(index).map_err(|p| p.at(claim.place.clone()))?);
        }
        let probability = average(odds, answered, &holds);
        let each = answered.iter().zip(&holds).map(|(a, values)| a.estimate(values)).collect();
        all.push(AveragedClaim { name: claim.name.clone(), probability, each });
    }
    Ok(all)
}

/// The average over explanations, with an error that holds those of the answers and of the weights.
fn average(odds: &Odds, answered: &[ExplanationAnswers], values: &[Vec<f64>]) -> Estimate {
    let each: Vec<Estimate> = answered.iter().zip(values).map(|(a, v)| a.estimate(v)).collect();
    let means: Vec<f64> = each.iter().map(|e| e.value).collect();
    let within = each.iter().zip(&odds.probabilities).map(|(e, p)| (p * e.error).powi(2));
    let error = (within.sum::<f64>() + odds.error_of_average(&means).powi(2)).sqrt();
    Estimate { value: odds.average(&means), error }
}

/// The same with the central 90% of the draws of all explanations, each draw weighed by its explanation.
fn mixed(odds: &Odds, answered: &[ExplanationAnswers], values: &[Vec<f64>]) -> Interval {
    let Estimate { value, error } = average(odds, answered, values);
    let mut draws: Vec<(f64, f64)> = Vec::new();
    for (of_one, p) in values.iter().zip(&odds.probabilities) {
        draws.extend(of_one.iter().map(|v| (*v, p / of_one.len() as f64)));
    }
    draws.sort_by(|a, b| a.0.total_cmp(&b.0));
    Interval { mean: value, low: weighed_quantile(&draws, 0.05), high: weighed_quantile(&draws, 0.95), error }
}

/// A quantile of sorted values with weights; zero of nothing.
fn weighed_quantile(sorted: &[(f64, f64)], probability: f64) -> f64 {
    let total: f64 = sorted.iter().map(|d| d.1).sum();
    let mut passed = 0.0;
    let reached = sorted.iter().find(|d| {
        passed += d.1;
        passed >= probability * total
    });
    reached.or(sorted.last()).map_or(0.0, |d| d.0)
}
