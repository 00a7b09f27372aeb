//! The rival explanations, weighed against each other by the record and by evidence given for them directly.

pub(crate) mod ranks;

use crate::posterior::evidence;
use counterplay_math::ln;

use crate::memory::{Memory, remembered};
use crate::model::play::ROUGH_SETTINGS;
use crate::model::{Evaluator, Model};
use crate::posterior::evidence::Odds;
use crate::problem::Problem;
use crate::scenario::plan::Plan;
use crate::scenario::{Act, Explanation, Foresight, Luck, Scenario};
use crate::story::change::Change;
use crate::story::limits::Limits;
use crate::watch::{Stage, StageProgress, Watch};
use counterplay_analysis::ExplanationSummary;
use counterplay_inference::marginal::MarginalLikelihood;
use counterplay_inference::prior::JointPrior;
use counterplay_inference::tempering::{Count, Run, Tempering, climb_to};

/// Independent runs behind each marginal likelihood.
pub(crate) const RUNS: usize = 8;

/// How to weigh.
#[derive(Clone, Copy)]
pub(crate) struct Weighing<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) limits: Limits,
    pub(crate) seed: u64,
    /// Particles over all runs of an explanation.
    pub(crate) particles: usize,
    pub(crate) memory: &'a dyn Memory,
    pub(crate) watch: &'a dyn Watch,
}

/// An error in a log marginal likelihood that still tells a Bayes factor of three, the least that says anything.
const LARGEST_ERROR: f64 = 0.5;

/// Whether every run came to the posterior, and they agree.
pub(crate) fn good(weighed: &MarginalLikelihood) -> bool {
    weighed.runs.iter().all(Run::converged) && weighed.log_marginal().error <= LARGEST_ERROR
}

/// An explanation with its story and its runs.
pub(crate) struct WeighedExplanation {
    /// What it changes in the story; none if it is the story as it stands.
    pub(crate) changes: Vec<Change>,
    /// Its model with the record.
    pub(crate) model: Model,
    pub(crate) runs: MarginalLikelihood,
}

/// The scenario as it stands, and each explanation, led from prior to posterior.
pub(crate) struct WeighedExplanations {
    pub(crate) base: MarginalLikelihood,
    pub(crate) explanations: Vec<WeighedExplanation>,
    /// The probabilities of the explanations after the record and the direct evidence.
    pub(crate) odds: Odds,
}

impl Weighing<'_> {
    /// Weighs the scenario as it stands and every explanation.
    ///
    /// # Errors
    /// If an explanation's story or priors are wrong.
    pub(crate) fn run(&self, model: &Model) -> Result<WeighedExplanations, Problem> {
        let explanations = &self.scenario.explanations;
        let progress = StageProgress { stage: Stage::Weigh, watch: self.watch };
        let count = Count::new((1 + explanations.len()) * RUNS, &progress);
        let base = self.scenario.joint_prior(&[]).map_err(|e| Problem::new(e.to_string()))?;
        let base = self.remembered(&model.evaluator(ROUGH_SETTINGS), &base, &count);
        let one = |explanation: &Explanation| self.explained(model, explanation, &count);
        let explanations: Vec<WeighedExplanation> = explanations.iter().map(one).collect::<Result<_, _>>()?;
        let odds = odds(self.scenario, &weighed(&explanations), EvidenceSubset::All);
        Ok(WeighedExplanations { base, explanations, odds })
    }

    /// The scenario as it stands, unless it was weighed before; what was broken off is not kept.
    pub(crate) fn remembered(
        &self,
        likelihood: &Evaluator,
        prior: &JointPrior,
        count: &Count<'_>,
    ) -> MarginalLikelihood {
        let name = format!("evidence, {RUNS} runs, {} particles, seed {}", self.particles, self.seed);
        let weigh = || {
            let weighed = self.weigh(likelihood, prior, count);
            if self.watch.cancelled() { Err(weighed) } else { Ok(weighed) }
        };
        remembered(self.memory, &name, weigh).unwrap_or_else(|broken_off| broken_off)
    }

    /// Leads one explanation from its prior to its posterior.
    pub(crate) fn weigh(
        &self,
        likelihood: &Evaluator,
        prior: &JointPrior,
        count: &Count<'_>,
    ) -> MarginalLikelihood {
        let particles = self.particles.div_ceil(RUNS);
        let how = Tempering { seed: self.seed, runs: RUNS, particles, rounds: 0 };
        MarginalLikelihood { runs: climb_to(likelihood, prior, &how, count) }
    }

    fn explained(
        &self,
        model: &Model,
        explanation: &Explanation,
        count: &Count<'_>,
    ) -> Result<WeighedExplanation, Problem> {
        let at = |problem: Problem| problem.at(explanation.place.clone());
        let prior =
            self.scenario.joint_prior(&explanation.priors).map_err(|e| at(Problem::new(e.to_string())))?;
        let plan = Plan::new(&explanation.interventions, &Foresight::All, Luck::Held).map_err(at)?;
        if plan.all_parameters.iter().any(|a| !matches!(a, Act::Change(_))) {
            return Err(at(Problem::new("an explanation's interventions cannot change a parameter")
                .hint("give the parameter's new prior or value in `change`")));
        }
        let changes = plan.foreseen_changes;
        let told = if changes.is_empty() {
            model.clone()
        } else {
            let changed = Model::changed(self.scenario, &changes, self.limits, self.watch);
            changed.and_then(|m| m.agreeing(self.scenario)).map_err(at)?
        };
        let runs = self.weigh(&told.evaluator(ROUGH_SETTINGS), &prior, count);
        Ok(WeighedExplanation { changes, model: told, runs })
    }
}

/// Which evidence is taken into account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EvidenceSubset {
    /// The record and every item of direct evidence.
    All,
    /// The record and every item but this.
    Without(usize),
    /// Every item, but not the record.
    WithoutRecord,
    /// The record, but no item.
    RecordAlone,
}

/// The explanations' probabilities after some of the evidence, whose items are independent of each other and of the
/// record given each explanation.
pub(crate) fn odds(scenario: &Scenario, explanations: &[&MarginalLikelihood], kept: EvidenceSubset) -> Odds {
    let mut log_weights: Vec<f64> = scenario.explanations.iter().map(|e| ln(e.weight)).collect();
    for (index, item) in scenario.evidence.iter().enumerate() {
        if kept != EvidenceSubset::RecordAlone && kept != EvidenceSubset::Without(index) {
            for (log_weight, likelihood) in log_weights.iter_mut().zip(&item.likelihoods) {
                *log_weight += ln(*likelihood);
            }
        }
    }
    if kept == EvidenceSubset::WithoutRecord {
        return Odds::known(&log_weights);
    }
    Odds::new(&log_weights, explanations)
}

/// The runs of these explanations.
pub(crate) fn weighed(explanations: &[WeighedExplanation]) -> Vec<&MarginalLikelihood> {
    explanations.iter().map(|e| &e.runs).collect()
}

/// Every explanation with its weight before and after the record: from the runs of the scenario as it stands, and of
/// each explanation.
pub(crate) fn summarise(
    scenario: &Scenario,
    base: &MarginalLikelihood,
    explanations: &[&MarginalLikelihood],
    odds: &Odds,
) -> Vec<ExplanationSummary> {
    let total: f64 = scenario.explanations.iter().map(|e| e.weight).sum();
    let ranks = ranks::ranks(&odds.probabilities, explanations);
    let summary = |(index, explanation): (usize, &Explanation)| ExplanationSummary {
        name: explanation.name.clone(),
        changes: explanation.texts.clone(),
        prior_probability: explanation.weight / total,
        log_marginal_likelihood: evidence::written(explanations[index].log_marginal()),
        bayes_factor: evidence::written(explanations[index].bayes_factor(base)),
        posterior_probability: odds.probabilities[index],
        rank: ranks.as_ref().map(|r| r[index]),
    };
    scenario.explanations.iter().enumerate().map(summary).collect()
}

/// How many points could not be solved, of how many.
pub(crate) fn failed<'a>(all: impl Iterator<Item = &'a MarginalLikelihood> + Clone) -> (usize, usize) {
    (
        all.clone().map(MarginalLikelihood::failed).sum(),
        all.flat_map(|w| &w.runs).map(|r| r.evaluations).sum(),
    )
}

impl WeighedExplanations {
    /// Every explanation with its weight before and after the record.
    pub(crate) fn summarise(&self, scenario: &Scenario) -> Vec<ExplanationSummary> {
        summarise(scenario, &self.base, &weighed(&self.explanations), &self.odds)
    }

    /// How many points could not be solved, of how many.
    pub(crate) fn failed(&self) -> (usize, usize) {
        failed(std::iter::once(&self.base).chain(self.explanations.iter().map(|e| &e.runs)))
    }
}
