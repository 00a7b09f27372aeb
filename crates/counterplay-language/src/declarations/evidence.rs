//! Evidence: `cite` and `judgement` for parameters, and `evidence` for the explanations, with its likelihood under each.

use std::fmt;

use allocative::Allocative;
use starlark::any::ProvidesStaticType;
use starlark::environment::GlobalsBuilder;
use starlark::eval::Evaluator;
use starlark::values::none::NoneType;
use starlark::values::{NoSerialize, StarlarkPagablePanic, StarlarkValue, Value, starlark_value};
use starlark::{starlark_module, starlark_simple_value};

use crate::host::declare;
use crate::host::direct_evidence::DirectDraft;
use crate::host::draft::check_name;
use crate::values::unpack::{entries, must_be, name_of, number, optional_text, text, truth_value, try_items};
use counterplay::problem::Problem;
use counterplay_analysis::Evidence;

/// Evidence as a value of the language.
#[derive(Clone, Debug, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, Allocative)]
pub(crate) struct EvidenceValue(#[allocative(skip)] Evidence);

impl fmt::Display for EvidenceValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<evidence>")
    }
}

starlark_simple_value!(EvidenceValue);

#[starlark_value(type = "evidence")]
impl<'v> StarlarkValue<'v> for EvidenceValue {}

/// The items of evidence of an argument: one, or a list of them.
pub(crate) fn evidence_list(value: Option<Value<'_>>, what: &str) -> Result<Vec<Evidence>, Problem> {
    let wanted = "evidence: `cite(...)` or `judgement(...)`";
    let Some(value) = value else { return Ok(Vec::new()) };
    if let Some(evidence) = EvidenceValue::from_value(value) {
        return Ok(vec![evidence.0.clone()]);
    }
    let one = |item: &Value<'_>| {
        let evidence = EvidenceValue::from_value(*item);
        evidence.map(|e| e.0.clone()).ok_or_else(|| must_be(&format!("an item of {what}"), wanted, *item))
    };
    let Some(items) = try_items(value) else {
        return Err(must_be(what, &format!("{wanted}, or a list of these"), value));
    };
    items.iter().map(one).collect()
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
pub(crate) fn evidence(builder: &mut GlobalsBuilder) {
    fn cite<'v>(
        key: Value<'v>,
        at: Option<Value<'v>>,
        says: Option<Value<'v>>,
        disputed: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<EvidenceValue> {
        let evidence = declare(eval, "cite", |draft, _| {
            let key = text(key, "the key of a source")?;
            draft.cite(key)?;
            Ok(Evidence::Cite {
                key: key.to_owned(),
                at: optional_text(at, "`at` of `cite`")?,
                says: optional_text(says, "`says` of `cite`")?,
                disputed: truth_value(disputed, "`disputed` of `cite`")?,
            })
        })?;
        Ok(EvidenceValue(evidence.unwrap_or(Evidence::Judgement { why: String::new() })))
    }

    fn judgement<'v>(why: Value<'v>, eval: &mut Evaluator<'v, '_, '_>) -> starlark::Result<EvidenceValue> {
        let why = declare(eval, "judgement", |_, _| Ok(text(why, "the reason for a judgement")?.to_owned()))?;
        Ok(EvidenceValue(Evidence::Judgement { why: why.unwrap_or_default() }))
    }

    fn evidence<'v>(
        name: Value<'v>,
        likelihoods: Value<'v>,
        source: Option<Value<'v>>,
        reuse: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        declare(eval, "evidence", |draft, place| {
            let name = name_of(name, "the name of an item of evidence")?;
            check_name(name, "piece of evidence", draft.evidence.iter().map(|e| e.name.as_str()))?;
            let sources = evidence_list(source, "`source`")?;
            if sources.is_empty() {
                return Err(Problem::new(format!("`{name}` has no source")).hint(
                    "say where it is from: `source = cite(key, at, says)`, or plainly `judgement(why)`",
                ));
            }
            let likelihoods = self::likelihoods(name, likelihoods)?;
            let (name, reuse) = (name.to_owned(), optional_text(reuse, "`reuse` of `evidence`")?);
            draft.evidence.push(DirectDraft { name, likelihoods, sources, reuse, place });
            Ok(())
        })?;
        Ok(NoneType)
    }
}
