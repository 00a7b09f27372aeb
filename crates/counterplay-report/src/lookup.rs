//! Finding things in an [`Analysis`].

use crate::number;
use counterplay_analysis::{Analysis, ExplanationSummary, FactorShare, Interval, OutcomeValue, World};

/// The probability of an outcome's value in a world; `None` where the world does not have it.
pub(crate) fn probability<'a>(world: &'a World, of: &OutcomeValue) -> Option<&'a Interval> {
    let outcome = world.outcomes.iter().find(|outcome| outcome.outcome == of.outcome)?;
    outcome.values.iter().find(|(value, _)| *value == of.value).map(|(_, interval)| interval)
}

/// `deal: none`, as readers see an outcome.
pub(crate) fn phrase(of: &OutcomeValue) -> String {
    format!("{}: {}", of.outcome, of.value)
}

/// The factors of the outcome that the case is about, first those that carry most, whichever way.
pub(crate) fn heaviest_factors(analysis: &Analysis) -> Vec<&FactorShare> {
    let about = &analysis.case.about;
    let attribution = analysis.attributions.iter().find(|attribution| attribution.of == *about);
    let mut factors: Vec<_> = attribution.into_iter().flat_map(|attribution| &attribution.factors).collect();
    factors.sort_by(|a, b| b.shapley.mean.abs().total_cmp(&a.shapley.mean.abs()));
    factors
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
