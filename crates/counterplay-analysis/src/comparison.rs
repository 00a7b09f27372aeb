//! How rival explanations compare: the evidence for each, and every answer under each and averaged over them.

use serde::{Deserialize, Serialize};

use super::{Estimate, Evidence, Interval};

/// Rival explanations set against each other. Lists over explanations are in the order of the scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// How the marginal likelihoods were found, in words.
    pub method: String,
    /// Independent runs behind each marginal likelihood.
    pub runs: usize,
    /// Particles of each run.
    pub particles: usize,
    /// Posterior draws behind each explanation's answers.
    pub answer_draws: usize,
    /// Histories with their luck for each of those.
    pub replays: usize,
    /// The explanations.
    pub explanations: Vec<ComparedExplanation>,
    /// Whether the record says nothing of the explanations: their Bayes factors against each other are 1, within small errors.
    #[serde(default)]
    pub record_says_nothing: bool,
    /// The evidence: the record first, then what is given for the explanations directly.
    pub evidence: Vec<EvidenceItem>,
    /// The what-ifs, in the order of the scenario.
    pub answers: Vec<AveragedAnswer>,
    /// The claims, in the order of the scenario.
    pub claims: Vec<AveragedClaim>,
}

/// One explanation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparedExplanation {
    /// Its name.
    pub name: String,
    /// Its probability after the record alone, with its Monte Carlo error.
    pub after_record: Estimate,
    /// Its probability after the record and the direct evidence, with its Monte Carlo error.
    pub posterior: Estimate,
    /// Temperatures between prior and posterior, in the run that took most.
    pub steps: usize,
    /// The share of moves between temperatures that were accepted; 0 where none were needed.
    pub acceptance: f64,
    /// Whether every run came to the posterior, and the error is small enough to tell a Bayes factor of three.
    pub converged: bool,
    /// Draws at which play could not be solved under some what-if; they are left out of its answers.
    pub unsolved: usize,
}

/// One item of evidence and what it says about each explanation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EvidenceItem {
    /// What it is.
    pub name: String,
    /// Whether its likelihoods were computed from the scenario (the record's are) or stated in it.
    pub computed: bool,
    /// How likely it is under each explanation, relative to the one under which it is likeliest, which has 1.
    pub likelihoods: Vec<f64>,
    /// Where it is from.
    pub sources: Vec<Evidence>,
    /// Whether it has no source but judgement.
    pub judgement_only: bool,
    /// Its diagnosticity in decibels: $10 \log_{10}$ of the largest over the smallest likelihood; `None` where an
    /// explanation rules it out.
    pub decibels: Option<f64>,
    /// The probability of each explanation with this item left out.
    pub without: Vec<f64>,
    /// The largest change of any explanation's probability when it is left out.
    pub largest_change: f64,
    /// By how many bits it lowers the entropy over the explanations; negative if it raises it.
    pub bits: f64,
}

/// The answer to one what-if, under each explanation and averaged over them by their probabilities.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AveragedAnswer {
    /// The question's name.
    pub name: String,
    /// The probability of the outcome that the case is about, averaged. The interval is that of draws from all
    /// explanations; the error holds that of the weights as well.
    pub about_probability: Interval,
    /// The change of that probability against the factual world, averaged.
    pub about_change: Interval,
    /// The probability under each explanation.
    pub each: Vec<Interval>,
    /// The change under each explanation.
    pub each_change: Vec<Interval>,
}

/// The probability that a claim holds, under each explanation and averaged over them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AveragedClaim {
    /// The claim in words.
    pub name: String,
    /// The probability that it holds, averaged.
    pub probability: Estimate,
    /// The probability under each explanation.
    pub each: Vec<Estimate>,
}
