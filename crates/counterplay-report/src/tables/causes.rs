//! What each factor, and each group of factors, carries of an outcome.

use counterplay_analysis::Analysis;

use super::{Field, Table, places, spread, spread_of};

/// The factors.
pub(super) fn attribution(analysis: &Analysis) -> Table {
    let mut table = Table::new(
        "attribution",
        "a factor's share of an outcome",
        &[
            ("*outcome", "the outcome that is explained"),
            ("*value", "its value"),
            ("*factor", "the factor"),
            ("group", "its group; empty if it has none"),
            ("shapley", "posterior mean of its Shapley value, in probability, -1 to 1"),
            ("shapley_low", "5% quantile over the posterior"),
            ("shapley_high", "95% quantile over the posterior"),
            ("shapley_error", "Monte Carlo standard error of the mean"),
            ("owen", "posterior mean of its share of what its group carries (Owen value), in probability"),
            ("owen_low", "5% quantile over the posterior"),
            ("owen_high", "95% quantile over the posterior"),
            ("owen_error", "Monte Carlo standard error of the mean"),
            ("first_place", "the best place among the factors that errors leave open, from 1"),
            ("last_place", "the worst"),
            ("necessity", "posterior mean of the probability of necessity, 0 to 1"),
            ("necessity_low", "5% quantile over the posterior"),
            ("necessity_high", "95% quantile over the posterior"),
            ("necessity_error", "Monte Carlo standard error of the mean"),
            ("sufficiency", "posterior mean of the probability of sufficiency, 0 to 1"),
            ("sufficiency_low", "5% quantile over the posterior"),
            ("sufficiency_high", "95% quantile over the posterior"),
            ("sufficiency_error", "Monte Carlo standard error of the mean"),
        ],
    );
    for attribution in &analysis.attributions {
        for factor in &attribution.factors {
            let group = factor.group.as_deref().unwrap_or_default();
            let key = [&attribution.of.outcome, &attribution.of.value, &factor.name, group];
            table.add(
                key.map(Field::text)
                    .into_iter()
                    .chain(spread(&factor.shapley))
                    .chain(spread_of(factor.owen.as_ref()))
                    .chain(places(factor.rank))
                    .chain(spread(&factor.necessity))
                    .chain(spread(&factor.sufficiency)),
            );
        }
    }
    table
}

/// The groups.
pub(super) fn groups(analysis: &Analysis) -> Table {
    let mut table = Table::new(
        "groups",
        "a group's share of an outcome",
        &[
            ("*outcome", "the outcome that is explained"),
            ("*value", "its value"),
            ("*group", "the group"),
            ("shapley", "posterior mean of its Shapley value among the groups, in probability, -1 to 1"),
            ("shapley_low", "5% quantile over the posterior"),
            ("shapley_high", "95% quantile over the posterior"),
            ("shapley_error", "Monte Carlo standard error of the mean"),
            ("first_place", "the best place among the groups that errors leave open, from 1"),
            ("last_place", "the worst"),
        ],
    );
    for attribution in &analysis.attributions {
        for group in &attribution.groups {
            let key = [&attribution.of.outcome, &attribution.of.value, &group.name];
            let key = key.map(|text| Field::text(text));
            table.add(key.into_iter().chain(spread(&group.shapley)).chain(places(group.rank)));
        }
    }
    table
}
