//! What was learned: claims, explanations and parameters.

use counterplay_analysis::{Analysis, Distribution};

use super::{Field, Table, places, spread_of, value_of};

/// The claims.
pub(super) fn claims(analysis: &Analysis) -> Table {
    let mut table = Table::new(
        "claims",
        "a claim",
        &[
            ("*claim", "the claim in words"),
            ("test", "its test as the scenario writes it"),
            ("probability", "the share of posterior draws in which it holds, 0 to 1"),
            ("error", "Monte Carlo standard error of that share"),
            ("prior_probability", "the same over draws from the prior"),
            ("prior_error", "Monte Carlo standard error of that share"),
            ("rests_on_priors", "whether the record has no bearing on it"),
            ("by_construction", "whether it holds, or fails, whatever the uncertain quantities are"),
            ("about", "the probability that it is about, in words; empty if it is about none"),
            ("about_mean", "posterior mean of that probability, 0 to 1"),
            ("about_low", "5% quantile over the posterior"),
            ("about_high", "95% quantile over the posterior"),
            ("about_error", "Monte Carlo standard error of the mean"),
        ],
    );
    for claim in &analysis.claims {
        let about = claim.about.as_ref();
        let words = about.map_or("", |about| about.words.as_str());
        table.add(
            [Field::text(&claim.name), Field::text(&claim.test)]
                .into_iter()
                .chain(value_of(Some(&claim.probability)))
                .chain(value_of(claim.prior_probability.as_ref()))
                .chain([claim.rests_on_priors, claim.by_construction].map(Field::Truth))
                .chain([Field::text(words)])
                .chain(spread_of(about.map(|about| &about.value))),
        );
    }
    table
}

/// The rival explanations.
pub(super) fn explanations(analysis: &Analysis) -> Table {
    let mut table = Table::new(
        "explanations",
        "a rival explanation",
        &[
            ("*explanation", "its name"),
            ("prior_probability", "its prior weight among the explanations, 0 to 1"),
            ("log_marginal_likelihood", "log marginal likelihood of the record"),
            ("log_marginal_likelihood_error", "its Monte Carlo standard error"),
            ("bayes_factor", "Bayes factor against the scenario as it stands"),
            ("bayes_factor_error", "its Monte Carlo standard error"),
            ("posterior_probability", "its probability after the record and the direct evidence, 0 to 1"),
            ("first_place", "the best place among the explanations that errors leave open, from 1"),
            ("last_place", "the worst; both are missing where the record says nothing of them"),
        ],
    );
    for explanation in &analysis.explanations {
        table.add(
            [Field::text(&explanation.name), explanation.prior_probability.into()]
                .into_iter()
                .chain(value_of(Some(&explanation.log_marginal_likelihood)))
                .chain(value_of(Some(&explanation.bayes_factor)))
                .chain([explanation.posterior_probability.into()])
                .chain(places(explanation.rank)),
        );
    }
    table
}

/// The parameters.
pub(super) fn parameters(analysis: &Analysis) -> Table {
    let mut table = Table::new(
        "parameters",
        "a parameter",
        &[
            ("*parameter", "its name"),
            ("unit", "its unit; may be empty"),
            ("prior", "the prior as the scenario writes it"),
            ("judgement_only", "whether the prior rests on judgement alone"),
            ("prior_mean", "prior mean"),
            ("prior_sd", "prior standard deviation"),
            ("prior_q05", "5% quantile of the prior"),
            ("prior_q50", "median of the prior"),
            ("prior_q95", "95% quantile of the prior"),
            ("mean", "posterior mean"),
            ("sd", "posterior standard deviation"),
            ("q05", "5% quantile of the posterior"),
            ("q50", "median of the posterior"),
            ("q95", "95% quantile of the posterior"),
            ("shrinkage", "posterior over prior standard deviation; missing for a known number"),
            ("r_hat", "rank-normalised R-hat, 1 where chains agree"),
            ("bulk_ess", "effective sample size of the bulk"),
            ("tail_ess", "effective sample size of the tails"),
        ],
    );
    let shape =
        |d: &Distribution| [d.mean, d.sd, d.quantiles[0], d.quantiles[2], d.quantiles[4]].map(Field::from);
    for parameter in &analysis.parameters {
        let sampled = parameter.is_uncertain();
        let diagnostics = [parameter.r_hat, parameter.bulk_ess, parameter.tail_ess];
        table.add(
            [&parameter.name, &parameter.unit, &parameter.prior]
                .map(|text| Field::text(text))
                .into_iter()
                .chain([Field::Truth(parameter.judgement_only)])
                .chain(shape(&parameter.before))
                .chain(shape(&parameter.after))
                .chain([Field::maybe(parameter.shrinkage)])
                .chain(diagnostics.map(|x| if sampled { x.into() } else { Field::Missing })),
        );
    }
    table
}
