//! Views of what is found under rival explanations and under variants.

use super::formatted;
use super::sources::evidence_view;
use crate::number;
use counterplay_analysis::{Analysis, Comparison, Estimate, EvidenceItem, Interval, Source, VariantSummary};
use minijinja::{Value, context, value::Serde};

/// The longest name that stands at the head of a column as it is.
const SHORT: usize = 12;

/// A name short enough for the head of a column: what stands before its colon, or its number.
pub(crate) fn short_names<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let short = |(index, name): (usize, &str)| match name.split_once(':') {
        Some((head, _)) if !head.is_empty() && head.chars().count() <= SHORT => head.to_owned(),
        _ if name.chars().count() <= SHORT => name.to_owned(),
        _ => format!("E{}", index + 1),
    };
    let short: Vec<String> = names.enumerate().map(short).collect();
    let alike = |k: usize| short.iter().filter(|other| **other == short[k]).count() > 1;
    (0..short.len()).map(|k| if alike(k) { format!("E{}", k + 1) } else { short[k].clone() }).collect()
}

/// The comparison of the explanations with its numbers as text; nothing if there is none.
pub(crate) fn comparison(analysis: &Analysis) -> Option<Value> {
    let found = analysis.comparison.as_ref()?;
    let short = short_names(found.explanations.iter().map(|a| a.name.as_str()));
    Some(context! {
        method => found.method.as_str(),
        runs => found.runs,
        particles => number::count(found.particles),
        answer_draws => number::count(found.answer_draws),
        replays => number::count(found.replays),
        direct => found.evidence.iter().any(|item| !item.computed),
        short => short,
        explanations => explanations(found),
        evidence => found.evidence.iter().map(|i| item(i, &analysis.case.sources)).collect::<Vec<_>>(),
        answers => answers(analysis, found),
        claims => claims(analysis, found),
    })
}

fn explanations(found: &Comparison) -> Vec<Value> {
    let one = |(explanation, short): (&counterplay_analysis::ComparedExplanation, String)| {
        context! {
            name => explanation.name.as_str(),
            headed => headed(&short, &explanation.name),
            after_record => number::percent(explanation.after_record.value, explanation.after_record.error),
            posterior => number::percent(explanation.posterior.value, explanation.posterior.error),
            error => format!("{:.1}", 100.0 * explanation.posterior.error),
            steps => explanation.steps,
            acceptance => if explanation.steps > 1 { number::odds(explanation.acceptance) } else { "–".to_owned() },
            converged => explanation.converged,
            unsolved => explanation.unsolved,
        }
    };
    let short = short_names(found.explanations.iter().map(|a| a.name.as_str()));
    found.explanations.iter().zip(short).map(one).collect()
}

/// A name after the short one that heads its column, which it may begin with.
fn headed(short: &str, name: &str) -> String {
    if name.starts_with(short) { name.to_owned() } else { format!("{short}: {name}") }
}

fn item(item: &EvidenceItem, sources: &[Source]) -> Value {
    context! {
        name => item.name.as_str(),
        computed => item.computed,
        judgement_only => item.judgement_only,
        likelihoods => item.likelihoods.iter().map(|l| number::quantity(*l, 0.01)).collect::<Vec<_>>(),
        without => item.without.iter().map(|p| number::odds(*p)).collect::<Vec<_>>(),
        decibels => item.decibels.map_or_else(|| "without bound".to_owned(), |d| number::decimals(d, 1)),
        change => number::decimals(100.0 * item.largest_change, 0),
        bits => number::signed_decimals(item.bits, 2),
        sources => Serde(item.sources.iter().map(|s| evidence_view(s, sources)).collect::<Vec<_>>()),
    }
}

fn cell(interval: &Interval) -> Value {
    let (mean, range) = formatted(Some(interval));
    context! { mean, range }
}

fn answers(analysis: &Analysis, found: &Comparison) -> Vec<Value> {
    let one = |answer: &counterplay_analysis::AveragedAnswer| {
        let base = analysis.answers.iter().find(|a| a.name == answer.name);
        context! {
            name => answer.name.as_str(),
            base => base.map(|a| cell(&a.about_probability)),
            average => cell(&answer.about_probability),
            error => format!("{:.1}", 100.0 * answer.about_probability.error),
            each => answer.each.iter().map(cell).collect::<Vec<_>>(),
        }
    };
    found.answers.iter().map(one).collect()
}

fn percent(estimate: &Estimate) -> String {
    number::percent(estimate.value, estimate.error)
}

fn claims(analysis: &Analysis, found: &Comparison) -> Vec<Value> {
    let one = |claim: &counterplay_analysis::AveragedClaim| {
        let base = analysis.claims.iter().find(|c| c.name == claim.name);
        context! {
            name => claim.name.as_str(),
            base => base.map_or_else(|| "–".to_owned(), |c| percent(&c.probability)),
            average => percent(&claim.probability),
            each => claim.each.iter().map(percent).collect::<Vec<_>>(),
        }
    };
    found.claims.iter().map(one).collect()
}

/// The variants beside the scenario as it stands; nothing if none are declared.
pub(crate) fn variants(analysis: &Analysis) -> Option<Value> {
    let found = analysis.variants.as_ref()?;
    let answers = analysis.answers.iter().map(|base| {
        let of = |variant: &VariantSummary| {
            variant.answers.iter().find(|a| a.name == base.name).map(|a| cell(&a.about_probability))
        };
        row(&base.name, cell(&base.about_probability), found.run.iter().map(of).collect())
    });
    let claims = analysis.claims.iter().map(|base| {
        let of = |variant: &VariantSummary| {
            let claim = variant.claims.iter().find(|c| c.name == base.name);
            claim.map(|c| context! { mean => percent(&c.probability), range => "" })
        };
        let here = context! { mean => percent(&base.probability), range => "" };
        row(&base.name, here, found.run.iter().map(of).collect())
    });
    Some(context! {
        run => found.run.iter().map(variant).collect::<Vec<_>>(),
        left_out => found.left_out.clone(),
        answer_draws => number::count(found.answer_draws),
        replays => number::count(found.replays),
        answers => answers.collect::<Vec<_>>(),
        claims => claims.collect::<Vec<_>>(),
    })
}

fn row(name: &str, base: Value, each: Vec<Option<Value>>) -> Value {
    let blank = || context! { mean => "–", range => "" };
    let each: Vec<Value> = each.into_iter().map(|cell| cell.unwrap_or_else(blank)).collect();
    context! { name, base, each }
}

fn variant(variant: &VariantSummary) -> Value {
    context! {
        name => variant.name.as_str(),
        settings => variant.settings.clone(),
        histories => number::count(variant.histories),
        bayes_factor => number::estimate(&variant.bayes_factor),
        converged => variant.converged,
        unsolved => variant.unsolved,
        factual => cell(&variant.factual),
    }
}

#[cfg(test)]
mod tests {
    use super::{headed, short_names};

    #[test]
    fn no_name_stands_after_itself() {
        assert_eq!(headed("H1", "H1: Kim would never"), "H1: Kim would never");
        assert_eq!(headed("impatience", "impatience"), "impatience");
        assert_eq!(
            headed("E3", "an explanation without a short name"),
            "E3: an explanation without a short name"
        );
    }

    #[test]
    fn columns_are_headed_by_what_stands_before_the_colon_or_by_a_number() {
        let names = ["H1: Kim would never", "impatience", "an explanation without a short name", ": odd"];
        assert_eq!(short_names(names.into_iter()), ["H1", "impatience", "E3", ": odd"]);
        assert_eq!(short_names(["H: one", "H: two"].into_iter()), ["E1", "E2"]);
    }
}
