//! The rival explanations set against each other: evidence by explanation, and what each item of it tells.
//!
//! The matrix of evidence and explanations is that of the analysis of competing hypotheses (Heuer 1999), with
//! likelihoods in place of marks (Fairfield and Charman 2017). Items are taken to be independent of each other and of
//! the record given each explanation, so that their likelihoods multiply.

use counterplay_math::{exp, ln, log2};

use crate::posterior::evidence::Odds;
use crate::problem::Problem;
use crate::robustness::averaged::{Effort, ExplanationAnswers, answers, claims};
use crate::robustness::explanations::ranks::record_says_nothing;
use crate::robustness::explanations::{EvidenceSubset, RUNS, good, odds};
use crate::scenario::{DirectEvidence, Scenario};
use crate::world::catalogue::OutcomeIndex;
use counterplay_analysis::{ComparedExplanation, Comparison, Evidence, EvidenceItem};
use counterplay_inference::marginal::MarginalLikelihood;

/// The explanations with what was found under each.
pub(crate) struct ExplanationTable<'a> {
    pub(crate) scenario: &'a Scenario,
    /// The runs of each explanation.
    pub(crate) explanations: &'a [&'a MarginalLikelihood],
    /// Their probabilities after the record and the direct evidence.
    pub(crate) odds: &'a Odds,
    /// The answers under each.
    pub(crate) answered: &'a [ExplanationAnswers],
}

impl ExplanationTable<'_> {
    /// The comparison; `None` without explanations.
    ///
    /// # Errors
    /// If a claim's test fails.
    pub(crate) fn summarise(
        &self,
        about: OutcomeIndex,
        effort: Effort,
    ) -> Result<Option<Comparison>, Problem> {
        if self.scenario.explanations.is_empty() {
            return Ok(None);
        }
        let runs = self.explanations.first().map_or(&[][..], |a| &a.runs);
        Ok(Some(Comparison {
            method: "sequential Monte Carlo over tempered posteriors".into(),
            runs: RUNS,
            particles: runs.first().map_or(0, |r| r.particles.len()),
            answer_draws: effort.draws,
            replays: effort.replays,
            explanations: self.summaries(),
            record_says_nothing: record_says_nothing(self.explanations),
            evidence: self.items(),
            answers: answers(self.scenario, self.odds, self.answered, about),
            claims: claims(self.scenario, self.odds, self.answered)?,
        }))
    }

    fn summaries(&self) -> Vec<ComparedExplanation> {
        let record = odds(self.scenario, self.explanations, EvidenceSubset::RecordAlone);
        let one = |(index, weighed): (usize, &&MarginalLikelihood)| ComparedExplanation {
            name: self.scenario.explanations[index].name.clone(),
            after_record: record.estimate(index),
            posterior: self.odds.estimate(index),
            steps: weighed.runs.iter().map(|r| r.temperatures.len()).max().unwrap_or(0),
            acceptance: weighed.runs.iter().map(|r| r.acceptance).sum::<f64>()
                / weighed.runs.len().max(1) as f64,
            converged: good(weighed),
            unsolved: self.answered.get(index).map_or(0, |a| a.unsolved),
        };
        self.explanations.iter().enumerate().map(one).collect()
    }

    /// The record and then the direct evidence.
    fn items(&self) -> Vec<EvidenceItem> {
        let logs: Vec<f64> = self.explanations.iter().map(|a| a.log_value()).collect();
        let record = Row { name: "the record", computed: true, logs, sources: &[] };
        let without = |kept| odds(self.scenario, self.explanations, kept);
        let mut items = Vec::new();
        if !self.scenario.record.is_empty() {
            items.push(record.item(self.odds, &without(EvidenceSubset::WithoutRecord)));
        }
        for (index, item) in self.scenario.evidence.iter().enumerate() {
            let DirectEvidence { name, likelihoods, sources, .. } = item;
            let logs = likelihoods.iter().map(|l| ln(*l)).collect();
            let row = Row { name, computed: false, logs, sources };
            items.push(row.item(self.odds, &without(EvidenceSubset::Without(index))));
        }
        items
    }
}

/// An item of evidence with its log likelihood under each explanation.
struct Row<'a> {
    name: &'a str,
    computed: bool,
    logs: Vec<f64>,
    sources: &'a [Evidence],
}

impl Row<'_> {
    fn item(&self, odds: &Odds, without: &Odds) -> EvidenceItem {
        let top = self.logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let low = self.logs.iter().copied().fold(f64::INFINITY, f64::min);
        let (with, without) = (&odds.probabilities, without.probabilities.clone());
        let change = with.iter().zip(&without).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        EvidenceItem {
            name: self.name.to_owned(),
            computed: self.computed,
            likelihoods: self.logs.iter().map(|l| exp(l - top)).collect(),
            sources: self.sources.to_vec(),
            judgement_only: !self.computed
                && self.sources.iter().all(|s| matches!(s, Evidence::Judgement { .. })),
            decibels: (low > f64::NEG_INFINITY).then(|| 10.0 * (top - low) / std::f64::consts::LN_10),
            largest_change: change,
            bits: entropy(&without) - entropy(with),
            without,
        }
    }
}

/// The entropy in bits.
fn entropy(probabilities: &[f64]) -> f64 {
    -probabilities.iter().filter(|p| **p > 0.0).map(|p| p * log2(*p)).sum::<f64>()
}
