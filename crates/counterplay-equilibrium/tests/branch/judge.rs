//! The library's play against the reference's, point by point.

use counterplay_equilibrium::logit::Settings;
use counterplay_equilibrium::logit::trace::TraceSettings;

use crate::reference::tracer::{Answer, Fineness, Traced, trace};
use crate::subject::Subject;

/// The largest difference of a probability that is none.
pub(crate) const TOLERANCE: f64 = 1e-6;

/// What one comparison found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verdict {
    Agrees,
    /// Play is claimed to be on the principal branch, and is elsewhere.
    Differs(f64),
    /// The library says that it did not follow the branch there.
    NotSolved(String),
    /// The reference did not get there.
    NoReference(String),
}

/// A comparison.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Finding {
    pub(crate) method: &'static str,
    pub(crate) precision: f64,
    pub(crate) verdict: Verdict,
    /// Whether other branches cross this one before.
    pub(crate) past_crossing: bool,
    pub(crate) past_fold: bool,
    pub(crate) right: Vec<f64>,
}

impl Finding {
    /// For a precision that the reference did not reach.
    pub(crate) fn without_reference(precision: f64, found: &Traced) -> Self {
        Self {
            method: "reference",
            precision,
            verdict: Verdict::NoReference(format!("{:?}", found.failure)),
            past_crossing: !found.crossings.is_empty(),
            past_fold: !found.folds.is_empty(),
            right: Vec::new(),
        }
    }
}

/// Compares `solve`, `trace` and `search` with the reference at precisions that increase, and near the folds on the way.
pub(crate) fn judge(subject: &Subject, precisions: &[f64], fineness: &Fineness) -> Vec<Finding> {
    let first = trace(&*subject.system, precisions, fineness);
    let mut findings = Vec::new();
    for &precision in &precisions[first.answers.len()..] {
        findings.push(Finding::without_reference(precision, &first));
    }
    let mut answers = first.answers;
    let last = answers.last().map_or(0.0, |a| a.precision);
    // A branch that comes back from a fold is at the same precisions again: what counts is where it is first.
    let near = near_folds(&first.folds, last);
    if !near.is_empty() {
        answers.extend(trace(&*subject.system, &near, fineness).answers);
    }
    for answer in &answers {
        let verdict = solve(subject, answer);
        let verdict =
            if verdict == Verdict::Agrees { verdict } else { confirmed(subject, answer, fineness, verdict) };
        findings.push(finding("solve", answer, verdict));
    }
    if let Some(answer) = answers.get(precisions.len() / 2) {
        findings.push(finding("search", answer, search(subject, answer)));
        findings.extend(end_of_trace(subject, answer, fineness));
    }
    findings
}

/// Whether steps of a quarter of the length lead to the same point; where they do not, the reference is of no use there.
fn confirmed(subject: &Subject, answer: &Answer, fineness: &Fineness, verdict: Verdict) -> Verdict {
    let finer = trace(&*subject.system, &[answer.precision], &fineness.halved().halved());
    let same = |other: &Answer| {
        let pairs = answer.play.iter().zip(&other.play);
        pairs.map(|(p, q)| (p - q).abs()).fold(0.0, f64::max) < 1e-7
    };
    match finer.answers.first() {
        Some(other) if same(other) => verdict,
        Some(_) | None => Verdict::NoReference("shorter steps lead elsewhere".into()),
    }
}

/// Just before and after the first folds at which the branch folds back.
fn near_folds(folds: &[f64], last: f64) -> Vec<f64> {
    let mut near: Vec<f64> = Vec::new();
    for fold in folds.iter().step_by(2).filter(|&&f| f < last).take(2) {
        near.extend([0.99, 0.9999, 1.0001, 1.01].map(|s| s * fold));
    }
    near.sort_by(f64::total_cmp);
    near
}

pub(crate) fn finding(method: &'static str, answer: &Answer, verdict: Verdict) -> Finding {
    Finding {
        method,
        precision: answer.precision,
        verdict,
        past_crossing: answer.crossings > 0,
        past_fold: answer.folds > 0,
        right: answer.play.clone(),
    }
}

pub(crate) fn compared(difference: f64) -> Verdict {
    if difference > TOLERANCE { Verdict::Differs(difference) } else { Verdict::Agrees }
}

fn solve(subject: &Subject, answer: &Answer) -> Verdict {
    match subject.solved(Settings::default(), answer.precision) {
        Ok(play) => compared(subject.difference(&answer.play, &play)),
        Err(found) => Verdict::NotSolved(format!("{:?}", found.status)),
    }
}

fn search(subject: &Subject, answer: &Answer) -> Verdict {
    match subject.searched(answer.precision) {
        Some(play) => compared(subject.difference(&answer.play, &play)),
        None => Verdict::NotSolved("no equilibrium of the principal branch".into()),
    }
}

/// A trace up to the precision of an answer. One that ends before is compared where it ends.
fn end_of_trace(subject: &Subject, answer: &Answer, fineness: &Fineness) -> Option<Finding> {
    let settings =
        TraceSettings { regret: 1e-12, max_precision: answer.precision, ..TraceSettings::default() };
    let (precision, play) = match subject.traced(&settings) {
        Ok(end) => end,
        Err(end) => return Some(finding("trace", answer, Verdict::NotSolved(end))),
    };
    if (precision - answer.precision).abs() <= 1e-12 * precision {
        return Some(finding("trace", answer, compared(subject.difference(&answer.play, &play))));
    }
    let there = trace(&*subject.system, &[precision], fineness);
    let answer = there.answers.first()?;
    Some(finding("trace", answer, compared(subject.difference(&answer.play, &play))))
}
