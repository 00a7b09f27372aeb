//! Variants of the story: each unfolded, fitted in a short run, and asked what the scenario as it stands is asked.

use crate::answer::attribution::FactorWorlds;
use crate::answer::gather::AnswersWanted;
use crate::answer::gather::DrawGathered;
use crate::answer::queries::Queries;
use crate::check::asked_outcomes;
use crate::model::Model;
use crate::model::centre::Centre;
use crate::model::play::ROUGH_SETTINGS;
use crate::posterior::evidence;
use crate::problem::Problem;
use crate::robustness::averaged::{Effort, ExplanationAnswers, gather};
use crate::robustness::explanations::{RUNS, Weighing, good};
use crate::scenario::{Scenario, Variant};
use crate::watch::{Stage, StageProgress};
use crate::world::catalogue::OutcomeIndex;
use crate::world::inquiry::Inquiry;
use crate::world::inquiry::enter_questions;
use counterplay_analysis::{OutcomeValue, VariantAnswer, VariantClaim, VariantSummary, Variants};
use counterplay_inference::marginal::MarginalLikelihood;
use counterplay_inference::tempering::Count;

/// How to run variants.
pub(crate) struct VariantRuns<'a> {
    pub(crate) weighing: Weighing<'a>,
    pub(crate) effort: Effort,
    /// The scenario as it stands.
    pub(crate) base: &'a MarginalLikelihood,
    pub(crate) about: &'a OutcomeValue,
    /// Whether to run them at all.
    pub(crate) wanted: bool,
}

impl VariantRuns<'_> {
    /// All variants of the scenario; `None` if it has none, or if cancelled.
    ///
    /// # Errors
    /// If a variant's story, priors or questions are wrong.
    pub(crate) fn run(&self) -> Result<Option<Variants>, Problem> {
        let declared = &self.weighing.scenario.variants;
        if declared.is_empty() {
            return Ok(None);
        }
        let mut found =
            Variants { answer_draws: self.effort.draws, replays: self.effort.replays, ..Variants::default() };
        if !self.wanted {
            found.left_out = declared.iter().map(|v| v.name.clone()).collect();
            return Ok(Some(found));
        }
        for variant in declared {
            let summary =
                self.one(variant).map_err(|p| p.in_variant(&variant.name).at(variant.place.clone()))?;
            let Some(summary) = summary else { return Ok(None) };
            found.run.push(summary);
        }
        Ok(Some(found))
    }

    /// One variant; `None` if cancelled.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    fn one(&self, variant: &Variant) -> Result<Option<VariantSummary>, Problem> {
        let scenario = &variant.scenario;
        let Weighing { limits, watch, .. } = self.weighing;
        let model = Model::new(scenario, limits, watch)?;
        let histories = model.unfolded().history_count();
        let prior = scenario.joint_prior(&[]).map_err(|e| Problem::new(e.to_string()))?;
        let weighed = self.weighing.weigh(
            &model.evaluator(ROUGH_SETTINGS),
            &prior,
            &Count::new(RUNS, &StageProgress { stage: Stage::Weigh, watch }),
        );
        if weighed.runs.is_empty() {
            return Ok(None);
        }
        let mut inquiry = Inquiry::new(scenario, model, limits, watch);
        let questions = enter_questions(&mut inquiry)?;
        let factors = FactorWorlds::new(&mut inquiry, self.effort.seed)?;
        let worths = Queries::enter(&mut inquiry)?;
        let draws = weighed.draws(self.effort.draws);
        // The record comes about in the same order wherever play can be solved.
        let history = || {
            let centre = draws.iter().find_map(|draw| Centre::new(inquiry.factual().model(), draw).ok());
            centre.map_or_else(Vec::new, |centre| centre.likeliest_history())
        };
        let queries = Queries::new(&inquiry, worths, &questions, history)?;
        let catalogue = &inquiry.catalogue;
        let about = catalogue.value(&self.about.outcome, &self.about.value);
        let shared = asked_outcomes(scenario);
        let shared = shared.iter().filter_map(|(o, v)| catalogue.value(o, v));
        let outcomes = about.into_iter().chain(shared).collect::<Vec<_>>();
        let asked = AnswersWanted {
            inquiry: &inquiry,
            questions: &questions,
            factors: &factors,
            outcomes: &outcomes,
            queries: &queries,
        };
        let Some(answered) = gather(&asked, &draws, self.effort, watch) else { return Ok(None) };
        self.summary(variant, histories, &weighed, &answered, about).map(Some)
    }

    /// A variant with what was found of it; `about` is what the case is about, where the variant has it.
    ///
    /// # Errors
    /// If a claim's test fails.
    fn summary(
        &self,
        variant: &Variant,
        histories: usize,
        weighed: &MarginalLikelihood,
        answered: &ExplanationAnswers,
        about: Option<OutcomeIndex>,
    ) -> Result<VariantSummary, Problem> {
        Ok(VariantSummary {
            name: variant.name.clone(),
            settings: variant.texts.clone(),
            histories,
            log_marginal_likelihood: evidence::written(weighed.log_marginal()),
            bayes_factor: evidence::written(weighed.bayes_factor(self.base)),
            converged: good(weighed) && !answered.draws.is_empty(),
            unsolved: answered.unsolved,
            off_branch: answered.off_branch(),
            factual: answered.interval(&abouts(answered, 0, about)),
            answers: answers(&variant.scenario, answered, about),
            claims: claims(&variant.scenario, answered)?,
        })
    }
}

/// The probability of the outcome in question in one world, draw by draw; a story that cannot end so never does.
fn abouts(answered: &ExplanationAnswers, world: usize, about: Option<OutcomeIndex>) -> Vec<f64> {
    let one = |g: &DrawGathered| about.map_or(0.0, |of| g.worlds[world].probability(of));
    answered.draws.iter().map(one).collect()
}

fn answers(
    scenario: &Scenario,
    answered: &ExplanationAnswers,
    about: Option<OutcomeIndex>,
) -> Vec<VariantAnswer> {
    let factual = abouts(answered, 0, about);
    let one = |(index, question): (usize, &crate::scenario::Question)| {
        let world = abouts(answered, index + 1, about);
        let change: Vec<f64> = world.iter().zip(&factual).map(|(a, b)| a - b).collect();
        VariantAnswer {
            name: question.name.clone(),
            about_probability: answered.interval(&world),
            about_change: answered.interval(&change),
        }
    };
    scenario.questions.iter().enumerate().map(one).collect()
}

fn claims(scenario: &Scenario, answered: &ExplanationAnswers) -> Result<Vec<VariantClaim>, Problem> {
    let mut all = Vec::with_capacity(scenario.claims.len());
    for (index, claim) in scenario.claims.iter().enumerate() {
        let holds = answered.holds(index).map_err(|p| p.at(claim.place.clone()))?;
        all.push(VariantClaim { name: claim.name.clone(), probability: answered.estimate(&holds) });
    }
    Ok(all)
}
