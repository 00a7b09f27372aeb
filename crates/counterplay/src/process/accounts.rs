//! The explanations of a process, weighed against each other by the record and by evidence given for them directly.

use crate::analysis::ExplanationSummary;
use crate::averaged::{Answered, Effort};
use crate::evidence::{Odds, Weighed};
use crate::likelihood::Likelihood;
use crate::prior::Prior;
use crate::problem::Problem;
use crate::rivals::{self, Kept, RUNS, Weighing, odds};
use crate::scenario::{Explanation, Scenario};
use crate::tempering::Count;
use crate::watch::{Stage, Watch};

use super::drawn::Gathering;
use super::model::ProcessModel;

/// The scenario as it stands, and each explanation, led from prior to posterior.
pub(super) struct Accounts {
    pub(super) base: Weighed,
    pub(super) explanations: Vec<Weighed>,
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
        let count = Count::new(Stage::Weigh, (1 + scenario.explanations.len()) * RUNS, weighing.watch);
        let likelihood = Likelihood::Process(Box::new(model.evaluator()));
        let prior = |replaced: &[(usize, Prior)]| {
            scenario.joint_prior(replaced).map_err(|e| Problem::new(e.to_string()))
        };
        let base = weighing.remembered(&likelihood, &prior(&[])?, &count);
        let one = |explanation: &Explanation| {
            let prior = prior(&explanation.priors).map_err(|p| p.at(explanation.place.clone()))?;
            Ok(weighing.weigh(&likelihood, &prior, &count))
        };
        let explanations: Vec<Weighed> =
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
        let one = |account: &Weighed| gathering.answered(&account.draws(effort.draws), effort, watch);
        self.explanations.iter().map(one).collect()
    }

    /// Every explanation with its weight before and after the record.
    pub(super) fn summarise(&self, scenario: &Scenario) -> Vec<ExplanationSummary> {
        let accounts: Vec<&Weighed> = self.explanations.iter().collect();
        rivals::summarise(scenario, &self.base, &accounts, &self.odds)
    }

    /// How many points could not be solved, of how many.
    pub(super) fn failed(&self) -> (usize, usize) {
        rivals::failed(std::iter::once(&self.base).chain(&self.explanations))
    }
}
