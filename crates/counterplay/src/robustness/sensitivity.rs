//! How much each answer and claim rests on each assumption.
//!
//! Nothing here is solved again, but for `global` and `confirm`: the draws that the answers come from are weighed
//! again, by how likely they would be under other priors ([`importance`](counterplay_inference::importance)).
//!
//! | question | method | file |
//! |---|---|---|
//! | does a prior, or the record, matter? | power-scaling (Kallioinen et al. 2023) | [`scaling`] |
//! | how far must a prior move to overturn a claim? | moved priors, bisected | [`tipping`], `shifts.rs` |
//! | is that so? | a new fit | `confirm.rs` |
//! | where does the variance come from? | Sobol' indices over the priors | `global.rs`, [`sobol`](counterplay_inference::sobol) |
//! | what should one learn to be surer? | first-order indices over the posterior | `global.rs` |

pub mod scaling;
pub mod tipping;

mod confirm;
mod global;
mod shifts;

use crate::answer::gather::DrawGathered;
use crate::scenario::Scenario;
use crate::world::catalogue::OutcomeIndex;
pub(crate) use confirm::Confirming;
use counterplay_analysis::interval::estimate;
use counterplay_analysis::{Assumption, Estimate, Finding, Quantity, Sensitivity, Stress};
use counterplay_inference::diagnostics::mcse_mean;
use counterplay_inference::prior::JointPrior;
pub(crate) use global::Predicting;
use scaling::{OrderedValues, PowerScaled, THRESHOLD};

/// The draws to be reweighted.
pub(crate) struct Material<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) prior: &'a JointPrior,
    pub(crate) gathered: &'a [&'a DrawGathered],
    /// The outcome that the case is about.
    pub(crate) about: OutcomeIndex,
    /// How many chains the draws come from, in order and equally many; 1 if that is not known.
    pub(crate) chains: usize,
    pub(crate) seed: u64,
}

impl Material<'_> {
    /// Everything that the draws say without anything being solved again.
    pub(crate) fn stress(&self) -> Stress {
        let blocks = self.blocks();
        Stress {
            draws: self.gathered.len(),
            range: tipping::RANGE,
            threshold: THRESHOLD,
            priors: blocks.iter().map(|&block| self.assumption(block)).collect(),
            sensitivities: self.sensitivities(&blocks),
            claims: self.claim_stresses(),
            global: None,
            learning: self.learning(),
        }
    }

    /// Whether a claim holds, in every draw: 1 or 0.
    fn holds(&self, claim: usize) -> Vec<f64> {
        let holds = |g: &&DrawGathered| f64::from(u8::from(matches!(g.claims[claim].holds, Ok(true))));
        self.gathered.iter().map(holds).collect()
    }

    /// The probability of the outcome that the case is about under a what-if, in every draw.
    fn answer(&self, question: usize) -> Vec<f64> {
        self.gathered.iter().map(|g| g.worlds[question + 1].probability(self.about)).collect()
    }

    fn parameter(&self, index: usize) -> Vec<f64> {
        self.gathered.iter().map(|g| g.point[index]).collect()
    }

    /// The mean of per-draw values, with the larger of two errors: that of independent draws, and that which takes the
    /// chains' memory into account.
    fn estimate(&self, values: &[f64]) -> Estimate {
        let plain = estimate(values);
        let length = values.len() / self.chains.max(1);
        let chains: Vec<Vec<f64>> = values.chunks_exact(length.max(1)).map(<[f64]>::to_vec).collect();
        let remembering = mcse_mean(&chains);
        let error = if remembering.is_finite() { plain.error.max(remembering) } else { plain.error };
        Estimate { value: plain.value, error }
    }

    /// The blocks of the prior that are more than a number.
    fn blocks(&self) -> Vec<usize> {
        let vary = |block: &usize| !self.prior.is_point(*block);
        (0..self.scenario.priors.len()).filter(vary).collect()
    }

    fn assumption(&self, block: usize) -> Assumption {
        let parameters = || self.scenario.parameters.iter().filter(move |p| p.block == block);
        let names: Vec<&str> = parameters().map(|p| p.name.as_str()).collect();
        Assumption {
            name: names.join(" / "),
            judgement_only: parameters().all(crate::scenario::Parameter::judgement_only),
        }
    }

    fn sensitivities(&self, blocks: &[usize]) -> Vec<Sensitivity> {
        let densities: Vec<Option<Vec<f64>>> =
            self.gathered.iter().map(|g| self.prior.block_log_densities(&g.point)).collect();
        let over = |of: &dyn Fn(&[f64]) -> f64| {
            let logs: Vec<f64> = densities.iter().map(|d| d.as_deref().map_or(f64::NAN, of)).collect();
            PowerScaled::new(&logs)
        };
        let likelihood: Vec<f64> = self.gathered.iter().map(|g| g.log_likelihood).collect();
        let scaled = ScaledWeights {
            prior: over(&|d| d.iter().sum()),
            likelihood: PowerScaled::new(&likelihood),
            by_prior: blocks.iter().map(|&block| over(&|d| d[block])).collect(),
        };
        let own = |block: Option<usize>| block.and_then(|b| blocks.iter().position(|&other| other == b));
        let one = |(of, values, block): (Quantity, Vec<f64>, Option<usize>)| {
            scaled.sensitivity(of, &values, own(block))
        };
        self.quantities().into_iter().map(one).collect()
    }

    /// Every claim, what-if and parameter that is not a number, with its value in every draw and its own prior.
    fn quantities(&self) -> Vec<(Quantity, Vec<f64>, Option<usize>)> {
        let scenario = self.scenario;
        let claims = scenario.claims.iter().enumerate();
        let questions = scenario.questions.iter().enumerate();
        let parameters = scenario.parameters.iter().filter(|p| !self.prior.is_point(p.block));
        claims
            .map(|(k, claim)| (Quantity::Claim(claim.name.clone()), self.holds(k), None))
            .chain(questions.map(|(k, q)| (Quantity::WhatIf(q.name.clone()), self.answer(k), None)))
            .chain(
                parameters.map(|p| {
                    (Quantity::Parameter(p.name.clone()), self.parameter(p.id.index()), Some(p.block))
                }),
            )
            .collect()
    }
}

/// Draws weighed for every component at both powers.
struct ScaledWeights {
    prior: PowerScaled,
    likelihood: PowerScaled,
    by_prior: Vec<PowerScaled>,
}

impl ScaledWeights {
    fn sensitivity(&self, of: Quantity, values: &[f64], own: Option<usize>) -> Sensitivity {
        let ordered = OrderedValues::new(values);
        let prior = self.prior.sensitivity(&ordered);
        let likelihood = self.likelihood.sensitivity(&ordered);
        let reliable = self.prior.reliable() && self.likelihood.reliable();
        Sensitivity {
            of,
            prior,
            likelihood,
            by_prior: match own {
                Some(_) => Vec::new(),
                None => self.by_prior.iter().map(|scaled| scaled.sensitivity(&ordered)).collect(),
            },
            own_prior: own.map(|own| self.by_prior[own].sensitivity(&ordered)),
            reliable,
            finding: finding(prior, likelihood, reliable),
        }
    }
}

/// What the sensitivities to the priors and to the likelihood mean together.
fn finding(prior: f64, likelihood: f64, reliable: bool) -> Finding {
    match (reliable, prior >= THRESHOLD, likelihood >= THRESHOLD) {
        (false, _, _) => Finding::Unreliable,
        (true, false, false) => Finding::Insensitive,
        (true, false, true) => Finding::RecordSettles,
        (true, true, false) => Finding::WeakLikelihood,
        (true, true, true) => Finding::PriorDataConflict,
    }
}
