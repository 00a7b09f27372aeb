//! Evidence for the explanations, before all explanations are known.

use counterplay::problem::{Place, Problem, did_you_mean};
use counterplay::scenario::{DirectEvidence, Explanation};
use counterplay_analysis::Evidence;

/// An item of evidence before all explanations are known.
#[derive(Clone, Debug)]
pub(crate) struct DirectDraft {
    pub(crate) name: String,
    pub(crate) likelihoods: Vec<(String, f64)>,
    pub(crate) sources: Vec<Evidence>,
    pub(crate) reuse: String,
    pub(crate) place: Option<Place>,
}

impl DirectDraft {
    /// The item with its likelihoods in the order of the explanations.
    ///
    /// # Errors
    /// If an explanation has no likelihood, or what has one is no explanation.
    pub(crate) fn resolve(&self, explanations: &[Explanation]) -> Result<DirectEvidence, Problem> {
        let names = || explanations.iter().map(|e| e.name.as_str());
        let at = |problem: Problem| problem.at(self.place.clone());
        if let Some((stranger, _)) = self.likelihoods.iter().find(|l| !names().any(|n| n == l.0)) {
            let problem = Problem::new(format!(
                "`{}` speaks of `{stranger}`, but there is no such explanation",
                self.name
            ));
            return Err(at(problem.hint(did_you_mean(stranger, names()))));
        }
        let of = |name: &str| self.likelihoods.iter().find(|l| l.0 == name).map(|l| l.1);
        let missing: Vec<String> = names().filter(|n| of(n).is_none()).map(|n| format!("`{n}`")).collect();
        if !missing.is_empty() {
            let problem = Problem::new(format!(
                "`{}` does not say how likely it is under {}",
                self.name,
                missing.join(", ")
            ));
            return Err(at(problem.hint("each explanation needs a likelihood; where it is as likely as under another, give the same number")));
        }
        Ok(DirectEvidence {
            name: self.name.clone(),
            likelihoods: names().filter_map(of).collect(),
            sources: self.sources.clone(),
            reuse: self.reuse.clone(),
            place: self.place.clone(),
        })
    }
}
