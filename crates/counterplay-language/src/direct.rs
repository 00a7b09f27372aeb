//! Evidence that is given for the explanations directly, with its likelihood under each.

use starlark::environment::GlobalsBuilder;
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::Value;
use starlark::values::none::NoneType;

use super::declare::evidence_list;
use super::draft::check_name;
use super::host::declare;
use super::values::{entries, must_be, number, text};
use counterplay::problem::{Place, Problem, did_you_mean};
use counterplay::scenario::{DirectEvidence, Explanation};
use counterplay_analysis::Evidence;

/// An item of evidence before all explanations are known.
#[derive(Clone, Debug)]
pub(super) struct DirectDraft {
    pub(super) name: String,
    likelihoods: Vec<(String, f64)>,
    sources: Vec<Evidence>,
    place: Option<Place>,
}

impl DirectDraft {
    /// The item with its likelihoods in the order of the explanations.
    ///
    /// # Errors
    /// If an explanation has no likelihood, or what has one is no explanation.
    pub(super) fn resolve(&self, explanations: &[Explanation]) -> Result<DirectEvidence, Problem> {
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
            place: self.place.clone(),
        })
    }
}

fn likelihoods(name: &str, value: Value<'_>) -> Result<Vec<(String, f64)>, Problem> {
    let mut found: Vec<(String, f64)> = Vec::new();
    for (explanation, likelihood) in entries(value, &format!("the likelihoods of `{name}`"))? {
        let explanation = text(explanation, "the name of an explanation")?.to_owned();
        let what = format!("the likelihood of `{name}` under `{explanation}`");
        let likelihood = number(likelihood).ok_or_else(|| must_be(&what, "a number", likelihood))?;
        if !(likelihood.is_finite() && likelihood > 0.0) {
            return Err(Problem::new(format!("{what} must be above zero, but it is {likelihood}"))
                .hint("what is all but impossible has a small likelihood, not none; only the ratios count"));
        }
        found.push((explanation, likelihood));
    }
    Ok(found)
}

#[starlark_module]
pub(super) fn direct(builder: &mut GlobalsBuilder) {
    fn evidence<'v>(
        name: Value<'v>,
        likelihoods: Value<'v>,
        source: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        declare(eval, "evidence", |draft, place| {
            let name = text(name, "the name of an item of evidence")?;
            check_name(name, "piece of evidence", draft.evidence.iter().map(|e| e.name.as_str()))?;
            let sources = evidence_list(source, "`source`")?;
            if sources.is_empty() {
                return Err(Problem::new(format!("`{name}` has no source")).hint(
                    "say where it is from: `source = cite(key, at, says)`, or plainly `judgement(why)`",
                ));
            }
            let likelihoods = self::likelihoods(name, likelihoods)?;
            draft.evidence.push(DirectDraft { name: name.to_owned(), likelihoods, sources, place });
            Ok(())
        })?;
        Ok(NoneType)
    }
}
