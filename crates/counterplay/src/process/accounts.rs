//! The explanations of a process, weighed against each other by the record and by evidence given for them directly.

use crate::posterior::evidence::Odds;
use crate::posterior::likelihood::Likelihood;
use crate::problem::Problem;
use crate::robustness::averaged::{Answered, Effort};
use crate::robustness::explanations;
use crate::robustness::explanations::{Kept, RUNS, Weighing, odds};
use crate::scenario::{Explanation, Scenario};
use crate::watch::{Stage, StageProgress, Watch};
use counterplay_analysis::ExplanationSummary;
use counterplay_inference::marginal::MarginalLikelihood;
use counterplay_inference::prior::Prior;
use counterplay_inference::tempering::Count;

use super::drawn::Gathering;
use super::model::ProcessModel;

/// The scenario as it stands, and each explanation, led from prior to posterior.
pub(super) struct Accounts {
    pub(super) base: MarginalLikelihood,
    pub(super) explanations: Vec<MarginalLikelihood>,
    /// The probabilities of the explanations after the record and the direct evidence.
    pub(super) odds: Odds,
}

impl Accounts {
    /// Weighs the scenario as it stands, unless it was weighed before, and every explanation.
    ///
    /// # Errors
    /// If an explanation's priors are wrong.
    pub(super) fn weigh(weighing: &Weighing<'_>, model: &ProcessModel) -> Result<Self, Problem> {
        let scenario = weighing.scenario;
        let progress = StageProgress { stage: Stage::Weigh, watch: weighing.watch };
        let count = Count::new((1 + scenario.explanations.len()) * RUNS, &progress);
        let likelihood = Likelihood::Process(Box::new(model.evaluator()));
        let prior = |replaced: &[(usize, Prior)]| {
            scenario.joint_prior(replaced).map_err(|e| Problem::new(e.to_string()))
        };
        let base = weighing.remembered(&likelihood, &prior(&[])?, &count);
        let one = |explanation: &Explanation| {
            let prior = prior(&explanation.priors).map_err(|p| p.at(explanation.place.clone()))?;
            Ok(weighing.weigh(&likelihood, &prior, &count))
        };
        let explanations: Vec<MarginalLikelihood> =
            scenario.explanations.iter().map(one).collect::<Result<_, Problem>>()?;
        let odds = odds(scenario, &explanations.iter().collect::<Vec<_>>(), Kept::All);
        Ok(Self { base, explanations, odds })
    }

    /// The answers under every explanation; `None` if cancelled.
    pub(super) fn answers(
        &self,
        gathering: &Gathering<'_>,
        effort: Effort,
        watch: &dyn Watch,
    ) -> Option<Vec<Answered>> {
        let one =
            |account: &MarginalLikelihood| gathering.answered(&account.draws(effort.draws), effort, watch);
        self.explanations.iter().map(one).collect()
    }

    /// Every explanation with its weight before and after the record.
    pub(super) fn summarise(&self, scenario: &Scenario) -> Vec<ExplanationSummary> {
        let accounts: Vec<&MarginalLikelihood> = self.explanations.iter().collect();
        explanations::summarise(scenario, &self.base, &accounts, &self.odds)
    }

    /// How many points could not be solved, of how many.
    pub(super) fn failed(&self) -> (usize, usize) {
        explanations::failed(std::iter::once(&self.base).chain(&self.explanations))
    }
}
