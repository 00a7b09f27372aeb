//! Facts that are used twice: sources that stand behind a prior as well as behind what is recorded or given as evidence.

use std::collections::{BTreeMap, BTreeSet};

use counterplay_analysis::Evidence;

use crate::check::bearing::Bearing;
use crate::check::passage::meet;
use crate::problem::{Place, Problem};
use crate::scenario::{DirectEvidence, Scenario};
use crate::story::unfolded::Unfolded;

const HINT: &str = "a fact that stands behind both counts twice: use it once, cite for each the passage that it alone rests on \
                    (`at`), or say why it is meant: `reuse = \"why\"`";

/// Sources that are used twice without a reason, reasons for what is not used twice, and a record without sources.
pub(super) fn remarks(scenario: &Scenario, unfolded: &Unfolded) -> Vec<Problem> {
    let mut uses = Uses::new(scenario, unfolded);
    let mut remarks = uses.of_priors();
    remarks.extend(uses.of_evidence());
    remarks.extend(uses.idle_reasons());
    remarks.extend(unsourced(scenario));
    remarks
}

/// A record that does not say where it is known from, in a scenario that cites sources.
fn unsourced(scenario: &Scenario) -> Option<Problem> {
    let cites = !scenario.sources.is_empty();
    (cites && !scenario.record.is_empty() && scenario.record_sources.of.is_empty()).then(|| {
        Problem::new("the record does not say where it is known from, so that facts which are used twice cannot be found")
            .hint("name the sources of what is recorded: `record({...}, source = {event: cite(key, at)})`")
            .at(scenario.record.place.clone())
    })
}

/// A citation: the key of a source, and the place in it.
type Citation<'a> = (&'a str, &'a str);

fn citations(evidence: &[Evidence]) -> impl Iterator<Item = Citation<'_>> {
    evidence.iter().filter_map(|e| match e {
        Evidence::Cite { key, at, .. } => Some((key.as_str(), at.as_str())),
        Evidence::Judgement { .. } => None,
    })
}

fn is_cited(citation: Citation<'_>, by: &[Evidence]) -> bool {
    citations(by).any(|(key, at)| key == citation.0 && meet(at, citation.1))
}

fn words((key, at): Citation<'_>) -> String {
    if at.is_empty() { format!("`{key}`") } else { format!("`{key}`, {at}") }
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.map(|n| format!("`{n}`")).collect();
    match names.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        Some(_) | None => names.concat(),
    }
}

/// What uses sources, and which reasons for using them twice were needed.
struct Uses<'a> {
    scenario: &'a Scenario,
    bearing: Bearing<'a>,
    /// What bears on what is recorded, as far as it was asked for.
    on_record: BTreeMap<&'a str, BTreeSet<usize>>,
    on_explanations: BTreeSet<usize>,
    /// The reasons that were needed, by where they stand.
    needed: BTreeSet<Reason>,
}

/// Where a reason stands: at a block of priors, an item of evidence, or in the record, by their positions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    Prior(usize),
    Item(usize),
    Record(usize),
}

impl<'a> Uses<'a> {
    fn new(scenario: &'a Scenario, unfolded: &'a Unfolded) -> Self {
        let bearing = Bearing::new(scenario, unfolded);
        let on_explanations =
            if scenario.evidence.is_empty() { BTreeSet::new() } else { bearing.on_explanations() };
        Self { scenario, bearing, on_record: BTreeMap::new(), on_explanations, needed: BTreeSet::new() }
    }

    /// Sources of priors that also stand behind what the priors bear on.
    fn of_priors(&mut self) -> Vec<Problem> {
        let scenario = self.scenario;
        let mut remarks = Vec::new();
        for parameter in scenario.blocks() {
            let own = (!parameter.reuse.is_empty()).then_some(Reason::Prior(parameter.block));
            let name = parameter.name.trim_end_matches("[1]");
            for citation in citations(&parameter.evidence) {
                let events = self.recorded(citation, own, |uses, event| uses.bears(parameter.block, event));
                let bears_on_items = self.on_explanations.contains(&parameter.block);
                let items = if bears_on_items { self.items(citation, own) } else { Vec::new() };
                let also = [(events, "the record has"), (items, "the evidence")];
                remarks.extend(also.into_iter().filter(|a| !a.0.is_empty()).map(|(used, what)| {
                    let used = listed(used.into_iter());
                    twice(
                        format!("{} supports `{name}` and {what} {used}", words(citation)),
                        parameter.place.as_ref(),
                    )
                }));
            }
        }
        remarks
    }

    /// Sources of evidence for the explanations that also stand behind the record, by which these are weighed as well.
    fn of_evidence(&mut self) -> Vec<Problem> {
        let scenario = self.scenario;
        let mut remarks = Vec::new();
        for (index, item) in scenario.evidence.iter().enumerate().filter(|(_, item)| tells_apart(item)) {
            let own = (!item.reuse.is_empty()).then_some(Reason::Item(index));
            for citation in citations(&item.sources) {
                let events = self.recorded(citation, own, |_, _| true);
                if !events.is_empty() {
                    let message = format!(
                        "{} supports the evidence `{}` and the record has {}",
                        words(citation),
                        item.name,
                        listed(events.into_iter())
                    );
                    remarks.push(twice(message, item.place.as_ref()));
                }
            }
        }
        remarks
    }

    /// What is recorded on this citation, and used twice without a reason.
    fn recorded(
        &mut self,
        citation: Citation<'_>,
        own: Option<Reason>,
        bears: impl Fn(&mut Self, &'a str) -> bool,
    ) -> Vec<&'a str> {
        let sources = &self.scenario.record_sources;
        let mut without_reason = Vec::new();
        for (event, _) in sources.of.iter().filter(|(_, cited)| is_cited(citation, cited)) {
            if bears(self, event) {
                match own.or(sources.reason(event).map(Reason::Record)) {
                    Some(reason) => _ = self.needed.insert(reason),
                    None => without_reason.push(event.as_str()),
                }
            }
        }
        without_reason
    }

    /// The items of evidence on this citation that are used twice without a reason.
    fn items(&mut self, citation: Citation<'_>, own: Option<Reason>) -> Vec<&'a str> {
        let mut without_reason = Vec::new();
        for (index, item) in self.scenario.evidence.iter().enumerate() {
            if tells_apart(item) && is_cited(citation, &item.sources) {
                match own.or((!item.reuse.is_empty()).then_some(Reason::Item(index))) {
                    Some(reason) => _ = self.needed.insert(reason),
                    None => without_reason.push(item.name.as_str()),
                }
            }
        }
        without_reason
    }

    fn bears(&mut self, block: usize, event: &'a str) -> bool {
        let bearing = &self.bearing;
        self.on_record.entry(event).or_insert_with(|| bearing.on(event)).contains(&block)
    }

    /// Reasons that are given where nothing is used twice.
    fn idle_reasons(&self) -> Vec<Problem> {
        let scenario = self.scenario;
        let idle = |reason| !self.needed.contains(&reason);
        let priors = scenario
            .blocks()
            .filter(|p| !p.reuse.is_empty() && idle(Reason::Prior(p.block)))
            .map(|p| (p.name.trim_end_matches("[1]"), &p.place));
        let items = scenario.evidence.iter().enumerate();
        let items = items.filter(|(i, item)| !item.reuse.is_empty() && idle(Reason::Item(*i)));
        let items = items.map(|(_, item)| (item.name.as_str(), &item.place));
        let record = scenario.record_sources.reuse.iter().enumerate();
        let record = record.filter(|(i, _)| idle(Reason::Record(*i)));
        let record = record.flat_map(|(_, r)| r.of.iter().map(|n| (n.as_str(), &scenario.record.place)));
        priors
            .chain(items)
            .chain(record)
            .map(|(name, place)| {
                Problem::new(format!("`reuse` says why a source of `{name}` is used twice, but none is"))
                    .hint("leave `reuse` out, or cite what it speaks of where it is used")
                    .at(place.clone())
            })
            .collect()
    }
}

/// Whether an item of evidence tells some explanation from another.
fn tells_apart(item: &DirectEvidence) -> bool {
    item.likelihoods.windows(2).any(|pair| pair[0] != pair[1])
}

fn twice(message: String, place: Option<&Place>) -> Problem {
    Problem::new(message).hint(HINT).at(place.cloned())
}
