//! The explanations of a process, weighed against each other by the record.

use crate::analyse::Settings;
use crate::analysis::ExplanationSummary;
use crate::evidence::Weighed;
use crate::likelihood::Likelihood;
use crate::prior::Prior;
use crate::problem::Problem;
use crate::rivals::{self, Kept, RUNS, good, odds};
use crate::scenario::{Explanation, Scenario};
use crate::tempering::{Count, Tempering, climb_to};
use crate::watch::{Stage, Watch};

use super::model::ProcessModel;

/// The scenario as it stands, and each explanation, led from prior to posterior.
pub(super) struct Accounts {
    pub(super) base: Weighed,
    explanations: Vec<Weighed>,
}

impl Accounts {
    /// Weighs the scenario as it stands and every explanation.
    ///
    /// # Errors
    /// If an explanation's priors are wrong.
    pub(super) fn weigh(
        scenario: &Scenario,
        model: &ProcessModel,
        settings: &Settings,
        watch: &dyn Watch,
    ) -> Result<Self, Problem> {
        let count = Count::new(Stage::Weigh, (1 + scenario.explanations.len()) * RUNS, watch);
        let likelihood = Likelihood::Process(Box::new(model.evaluator()));
        let particles = settings.evidence_draws.div_ceil(RUNS);
        let how = Tempering { seed: settings.seed, runs: RUNS, particles, rounds: 0 };
        let weigh = |replaced: &[(usize, Prior)]| {
            let prior = scenario.joint_prior(replaced).map_err(|e| Problem::new(e.to_string()))?;
            Ok(Weighed { runs: climb_to(&likelihood, &prior, &how, &count) })
        };
        let one = |explanation: &Explanation| {
            weigh(&explanation.priors).map_err(|p: Problem| p.at(explanation.place.clone()))
        };
        let base = weigh(&[])?;
        let explanations = scenario.explanations.iter().map(one).collect::<Result<_, _>>()?;
        Ok(Self { base, explanations })
    }

    /// Every explanation with its weight before and after the record.
    pub(super) fn summarise(&self, scenario: &Scenario) -> Vec<ExplanationSummary> {
        let accounts: Vec<&Weighed> = self.explanations.iter().collect();
        rivals::summarise(scenario, &self.base, &accounts, &odds(scenario, &accounts, Kept::All))
    }

    /// How many points could not be solved, of how many.
    pub(super) fn failed(&self) -> (usize, usize) {
        rivals::failed(std::iter::once(&self.base).chain(&self.explanations))
    }

    /// The explanations whose runs did not come to the posterior, or do not agree.
    pub(super) fn rough<'a>(&self, scenario: &'a Scenario) -> Vec<&'a str> {
        let all = scenario.explanations.iter().zip(&self.explanations);
        all.filter(|(_, weighed)| !good(weighed)).map(|(e, _)| e.name.as_str()).collect()
    }
}
