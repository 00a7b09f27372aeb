//! The rival explanations, weighed against each other by the record.

use crate::analysis::ExplanationSummary;
use crate::evidence::{Count, Weighed, weigh};
use crate::model::Model;
use crate::problem::Problem;
use crate::question::Plan;
use crate::scenario::{Act, Explanation, Foresight, Luck, Scenario};
use crate::story::Limits;
use crate::watch::Watch;

/// How to weigh.
pub(crate) struct Weighing<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) limits: Limits,
    pub(crate) seed: u64,
    pub(crate) draws: usize,
    pub(crate) watch: &'a dyn Watch,
}

/// The scenario as it stands, and each explanation, at draws from their priors.
pub(crate) struct Rivals {
    pub(crate) base: Weighed,
    pub(crate) explanations: Vec<Weighed>,
}

impl Weighing<'_> {
    /// Weighs the scenario as it stands and every explanation.
    ///
    /// # Errors
    /// If an explanation's story or priors are wrong.
    pub(crate) fn run(&self, model: &Model) -> Result<Rivals, Problem> {
        let steps = Count::new((1 + self.scenario.explanations.len()) * self.draws, self.watch);
        let base = self.scenario.joint_prior(&[]).map_err(|e| Problem::new(e.to_string()))?;
        let base = weigh(model, &base, self.seed, self.draws, &steps);
        let one = |explanation: &Explanation| self.weigh_one(model, explanation, &steps);
        let explanations = self.scenario.explanations.iter().map(one).collect::<Result<_, _>>()?;
        Ok(Rivals { base, explanations })
    }

    fn weigh_one(
        &self,
        model: &Model,
        explanation: &Explanation,
        steps: &Count<'_>,
    ) -> Result<Weighed, Problem> {
        let at = |problem: Problem| problem.at(explanation.place.clone());
        let prior =
            self.scenario.joint_prior(&explanation.priors).map_err(|e| at(Problem::new(e.to_string())))?;
        let plan = Plan::new(&explanation.interventions, &Foresight::All, Luck::Held).map_err(at)?;
        if plan.all_parameters.iter().any(|a| !matches!(a, Act::Change(_))) {
            return Err(at(Problem::new("an explanation's interventions cannot change a parameter")
                .hint("give the parameter's new prior or value in `change`")));
        }
        let told = if plan.foreseen_changes.is_empty() {
            model.clone()
        } else {
            let changed = Model::changed(self.scenario, &plan.foreseen_changes, self.limits, self.watch);
            changed.and_then(|m| m.agreeing(self.scenario)).map_err(at)?
        };
        Ok(weigh(&told, &prior, self.seed, self.draws, steps))
    }
}

impl Rivals {
    /// Every explanation with its weight before and after the record.
    pub(crate) fn summarise(&self, scenario: &Scenario) -> Vec<ExplanationSummary> {
        let total: f64 = scenario.explanations.iter().map(|e| e.weight).sum();
        let factors: Vec<_> = self.explanations.iter().map(|w| w.bayes_factor(&self.base)).collect();
        let weighed = scenario.explanations.iter().zip(&factors).map(|(e, f)| e.weight * f.value);
        let weighed: Vec<f64> = weighed.collect();
        let all: f64 = weighed.iter().sum();
        let summary = |(index, explanation): (usize, &Explanation)| ExplanationSummary {
            name: explanation.name.clone(),
            changes: explanation.texts.clone(),
            prior_probability: explanation.weight / total,
            log_marginal_likelihood: self.explanations[index].log_marginal(),
            bayes_factor: factors[index],
            posterior_probability: weighed[index] / all,
        };
        scenario.explanations.iter().enumerate().map(summary).collect()
    }

    /// How many draws could not be solved.
    pub(crate) fn failed(&self) -> usize {
        self.base.failed + self.explanations.iter().map(|w| w.failed).sum::<usize>()
    }
}
