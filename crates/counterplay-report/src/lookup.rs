//! Finding things in an [`Analysis`].

use crate::number;
use counterplay_analysis::{Analysis, ExplanationSummary, FactorShare, Interval, OutcomeValue, Rank, World};

/// The probability of an outcome's value in a world; `None` where the world does not have it.
pub(crate) fn probability<'a>(world: &'a World, of: &OutcomeValue) -> Option<&'a Interval> {
    let outcome = world.outcomes.iter().find(|outcome| outcome.outcome == of.outcome)?;
    outcome.values.iter().find(|(value, _)| *value == of.value).map(|(_, interval)| interval)
}

/// `deal: none`, as readers see an outcome.
pub(crate) fn phrase(of: &OutcomeValue) -> String {
    format!("{}: {}", of.outcome, of.value)
}

/// The factors of the outcome that the case is about, first those that carry most, whichever way; in the order of the scenario where
/// their places are the same.
pub(crate) fn heaviest_factors(analysis: &Analysis) -> Vec<&FactorShare> {
    let about = &analysis.case.about;
    let attribution = analysis.attributions.iter().find(|attribution| attribution.of == *about);
    let mut factors: Vec<_> = attribution.into_iter().flat_map(|attribution| &attribution.factors).collect();
    factors.sort_by(|a, b| match (a.rank, b.rank) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ => b.shapley.mean.abs().total_cmp(&a.shapley.mean.abs()),
    });
    factors
}

/// Those that may be first, of things in the order of their places.
pub(crate) fn leaders<T>(sorted: &[T], rank: impl Fn(&T) -> Option<Rank>) -> &[T] {
    let count = sorted.iter().take_while(|one| rank(one).is_some_and(|r| r.first == 1)).count();
    // Without places the first is taken to be first.
    &sorted[..count.max(1).min(sorted.len())]
}

/// The explanations, the most probable first; in the order of the scenario where their places are the same, or they have none.
pub(crate) fn likeliest_explanations(analysis: &Analysis) -> Vec<&ExplanationSummary> {
    let mut sorted: Vec<&ExplanationSummary> = analysis.explanations.iter().collect();
    sorted.sort_by_key(|e| e.rank);
    sorted
}

/// Whether the record says nothing of the rival explanations.
pub(crate) fn record_says_nothing(analysis: &Analysis) -> bool {
    analysis.comparison.as_ref().is_some_and(|c| c.record_says_nothing)
}

/// The probability of an explanation after the evidence, with no more digits than its error allows.
pub(crate) fn probability_of(explanation: &ExplanationSummary, analysis: &Analysis) -> String {
    let explanations = analysis.comparison.iter().flat_map(|c| &c.explanations);
    let compared = explanations.into_iter().find(|c| c.name == explanation.name);
    compared.map_or_else(
        || number::odds(explanation.posterior_probability),
        |a| number::percent(a.posterior.value, a.posterior.error),
    )
}

/// Whether a claim holds, or fails, whatever the uncertain quantities are.
pub(crate) fn by_construction(analysis: &Analysis, claim: &str) -> bool {
    analysis.claims.iter().any(|c| c.name == claim && c.by_construction)
}

/// The place of a player in the order of the case, which decides its colour.
pub(crate) fn player_index(analysis: &Analysis, player: Option<&str>) -> Option<usize> {
    analysis.case.players.iter().position(|name| Some(name.as_str()) == player)
}
