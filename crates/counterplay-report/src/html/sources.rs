//! Sources, and the evidence that rests on them.

use crate::number;
use counterplay_analysis::{Analysis, Distribution, Evidence, ParameterSummary, Source};
use serde::Serialize;

/// A bibliography entry with a link that is safe to follow, if it has one.
#[derive(Debug, Serialize)]
pub(crate) struct SourceView<'a> {
    #[serde(flatten)]
    source: &'a Source,
    link: Option<&'a str>,
}

/// An uncertain quantity with its numbers as text.
#[derive(Debug, Serialize)]
pub(crate) struct ParameterView<'a> {
    name: &'a str,
    unit: &'a str,
    prior: &'a str,
    judgement_only: bool,
    before: String,
    before_range: String,
    after: String,
    after_range: String,
    shrinkage: Option<String>,
    evidence: Vec<EvidenceView<'a>>,
    r_hat: String,
    bulk_ess: String,
    tail_ess: String,
}

/// One piece of evidence.
#[derive(Debug, Serialize)]
pub(crate) struct EvidenceView<'a> {
    /// The number of the source, from 1; `None` for judgement and for keys that no source has.
    number: Option<usize>,
    /// How the source is named in the text; empty for judgement.
    label: String,
    at: &'a str,
    says: &'a str,
    disputed: bool,
    judgement: bool,
}

/// The sources in their order.
pub(crate) fn sources(sources: &[Source]) -> Vec<SourceView<'_>> {
    sources.iter().map(|source| SourceView { source, link: safe_link(&source.url) }).collect()
}

/// The address if it is one of the web; anything else (`javascript:`, `data:`, files) is only shown.
fn safe_link(url: &str) -> Option<&str> {
    let lower = url.to_ascii_lowercase();
    let of_the_web = lower.starts_with("https://") || lower.starts_with("http://");
    (of_the_web && !url.contains(|c: char| c.is_control() || c.is_whitespace())).then_some(url)
}

/// The uncertain quantities in the order of the scenario.
pub(crate) fn parameters(analysis: &Analysis) -> Vec<ParameterView<'_>> {
    analysis.parameters.iter().map(|parameter| view(parameter, &analysis.case.sources)).collect()
}

fn view<'a>(parameter: &'a ParameterSummary, sources: &[Source]) -> ParameterView<'a> {
    ParameterView {
        name: &parameter.name,
        unit: &parameter.unit,
        prior: &parameter.prior,
        judgement_only: parameter.judgement_only,
        before: mean(&parameter.before),
        before_range: range(&parameter.before),
        after: mean(&parameter.after),
        after_range: range(&parameter.after),
        shrinkage: parameter.shrinkage.map(|ratio| number::quantity(ratio, 0.01)),
        evidence: parameter.evidence.iter().map(|evidence| evidence_view(evidence, sources)).collect(),
        r_hat: number::quantity(parameter.r_hat, 0.001),
        bulk_ess: number::quantity(parameter.bulk_ess, 1.0),
        tail_ess: number::quantity(parameter.tail_ess, 1.0),
    }
}

fn mean(distribution: &Distribution) -> String {
    number::within_spread(distribution.mean, distribution.sd)
}

fn range(distribution: &Distribution) -> String {
    let [low, .., high] = distribution.quantiles;
    number::range_within_spread(low, high, distribution.sd)
}

/// A piece of evidence, where these are the sources.
pub(crate) fn evidence_view<'a>(evidence: &'a Evidence, sources: &[Source]) -> EvidenceView<'a> {
    match evidence {
        Evidence::Cite { key, at, says, disputed } => {
            let place = sources.iter().position(|source| source.key == *key);
            EvidenceView {
                number: place.map(|index| index + 1),
                label: place.map_or_else(|| key.clone(), |index| short_name(&sources[index])),
                at,
                says,
                disputed: *disputed,
                judgement: false,
            }
        }
        Evidence::Judgement { why } => EvidenceView {
            number: None,
            label: String::new(),
            at: "",
            says: why,
            disputed: false,
            judgement: true,
        },
    }
}

/// `Wit 2024`: author and date, or what there is of them.
fn short_name(source: &Source) -> String {
    let author = source.author.split([',', ';']).next().unwrap_or_default().trim();
    match (author, source.date.trim()) {
        ("", "") => source.key.clone(),
        (author, "") => author.to_owned(),
        ("", date) => format!("{} {date}", source.key),
        (author, date) => format!("{author} {date}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_web_become_links() {
        assert_eq!(safe_link("https://example.org/a"), Some("https://example.org/a"));
        assert_eq!(safe_link("HTTP://example.org"), Some("HTTP://example.org"));
        for hostile in [
            "javascript:alert(1)",
            " https://x",
            "data:text/html,x",
            "https://x\n",
            "//x",
            "",
            "java\tscript:1",
        ] {
            assert_eq!(safe_link(hostile), None, "{hostile:?}");
        }
    }
}
