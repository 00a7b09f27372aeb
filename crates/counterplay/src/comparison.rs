//! The rival explanations set against each other: evidence by explanation, and what each item of it tells.
//!
//! The matrix of evidence and explanations is that of the analysis of competing hypotheses (Heuer 1999), with
//! likelihoods in place of marks (Fairfield and Charman 2017). Items are taken to be independent of each other and of
//! the record given each explanation, so that their likelihoods multiply.

use crate::analysis::{AccountSummary, Comparison, Evidence, EvidenceItem};
use crate::averaged::{Answered, Effort, answers, claims};
use crate::evidence::Odds;
use crate::problem::Problem;
use crate::rivals::{Account, Kept, RUNS, Rivals, good, odds, weighed};
use crate::scenario::{DirectEvidence, Scenario};

/// The comparison; `None` without explanations.
///
/// # Errors
/// If a claim's test fails.
pub(crate) fn summarise(
    scenario: &Scenario,
    rivals: &Rivals,
    answered: &[Answered],
    about: (usize, usize),
    effort: Effort,
) -> Result<Option<Comparison>, Problem> {
    if scenario.explanations.is_empty() {
        return Ok(None);
    }
    let runs = rivals.accounts.first().map_or(&[][..], |a| &a.weighed.runs);
    Ok(Some(Comparison {
        method: "sequential Monte Carlo over tempered posteriors".into(),
        runs: RUNS,
        particles: runs.first().map_or(0, |r| r.particles.len()),
        answer_draws: effort.draws,
        lucks: effort.lucks,
        accounts: accounts(scenario, rivals, answered),
        evidence: items(scenario, rivals),
        answers: answers(scenario, &rivals.odds, answered, about),
        claims: claims(scenario, &rivals.odds, answered)?,
    }))
}

fn accounts(scenario: &Scenario, rivals: &Rivals, answered: &[Answered]) -> Vec<AccountSummary> {
    let record = odds(scenario, &weighed(&rivals.accounts), Kept::RecordAlone);
    let one = |(index, account): (usize, &Account)| {
        let runs = &account.weighed.runs;
        AccountSummary {
            name: scenario.explanations[index].name.clone(),
            after_record: record.estimate(index),
            posterior: rivals.odds.estimate(index),
            steps: runs.iter().map(|r| r.temperatures.len()).max().unwrap_or(0),
            acceptance: runs.iter().map(|r| r.acceptance).sum::<f64>() / runs.len().max(1) as f64,
            converged: good(&account.weighed),
            unsolved: answered.get(index).map_or(0, |a| a.unsolved),
        }
    };
    rivals.accounts.iter().enumerate().map(one).collect()
}

/// The record and then the direct evidence.
fn items(scenario: &Scenario, rivals: &Rivals) -> Vec<EvidenceItem> {
    let logs: Vec<f64> = rivals.accounts.iter().map(|a| a.weighed.log_value()).collect();
    let record = Row { name: "the record", computed: true, logs, sources: &[] };
    let mut items = Vec::new();
    if !scenario.record.is_empty() {
        items.push(record.item(rivals, &odds(scenario, &weighed(&rivals.accounts), Kept::WithoutRecord)));
    }
    for (index, item) in scenario.evidence.iter().enumerate() {
        let DirectEvidence { name, likelihoods, sources, .. } = item;
        let logs = likelihoods.iter().map(|l| l.ln()).collect();
        let row = Row { name, computed: false, logs, sources };
        items.push(row.item(rivals, &odds(scenario, &weighed(&rivals.accounts), Kept::Without(index))));
    }
    items
}

/// An item of evidence with its log likelihood under each explanation.
struct Row<'a> {
    name: &'a str,
    computed: bool,
    logs: Vec<f64>,
    sources: &'a [Evidence],
}

impl Row<'_> {
    fn item(&self, rivals: &Rivals, without: &Odds) -> EvidenceItem {
        let top = self.logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let low = self.logs.iter().copied().fold(f64::INFINITY, f64::min);
        let (with, without) = (&rivals.odds.probabilities, without.probabilities.clone());
        let change = with.iter().zip(&without).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        EvidenceItem {
            name: self.name.to_owned(),
            computed: self.computed,
            likelihoods: self.logs.iter().map(|l| (l - top).exp()).collect(),
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
    -probabilities.iter().filter(|p| **p > 0.0).map(|p| p * p.log2()).sum::<f64>()
}
