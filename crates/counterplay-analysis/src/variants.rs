//! What is found under variants of the story.

use serde::{Deserialize, Serialize};

use super::{Estimate, Interval};

/// The variants of a scenario.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Variants {
    /// The variants that were run, in the order of the scenario.
    pub run: Vec<VariantSummary>,
    /// The names of those that are declared and were not run.
    pub left_out: Vec<String>,
    /// Posterior draws behind each one's answers.
    pub answer_draws: usize,
    /// Histories with their luck for each of those.
    pub replays: usize,
}

/// A variant: its own game, fitted to its record by a short run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VariantSummary {
    /// Its name.
    pub name: String,
    /// Its settings as the scenario writes them.
    pub settings: Vec<String>,
    /// Histories of its game.
    pub histories: usize,
    /// Log marginal likelihood of its record.
    pub log_marginal_likelihood: Estimate,
    /// The Bayes factor against the scenario as it stands; it means something where both have the same record.
    pub bayes_factor: Estimate,
    /// Whether the fit came to the posterior with a small enough error.
    pub converged: bool,
    /// Draws at which play could not be solved under some what-if; they are left out.
    pub unsolved: usize,
    /// Draws in which play was not on the principal branch in some world.
    #[serde(default)]
    pub off_branch: usize,
    /// The probability of the outcome that the case is about, as it was.
    pub factual: Interval,
    /// Its answers to its what-ifs.
    pub answers: Vec<VariantAnswer>,
    /// Its claims.
    pub claims: Vec<VariantClaim>,
}

/// A variant's answer to a what-if.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VariantAnswer {
    /// The question's name.
    pub name: String,
    /// The probability of the outcome that the case is about.
    pub about_probability: Interval,
    /// The change of that probability against the variant's factual world.
    pub about_change: Interval,
}

/// A claim in a variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VariantClaim {
    /// The claim in words.
    pub name: String,
    /// The probability that it holds.
    pub probability: Estimate,
}
