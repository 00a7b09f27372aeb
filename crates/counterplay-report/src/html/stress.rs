//! The views behind the section on assumptions.

use crate::{lookup, number, stress};
use counterplay_analysis::{
    Analysis, ClaimStress, Finding, GlobalSensitivity, Learning, Quantity, Sensitivity, ShareInterval, Stress,
};
use minijinja::{Value, context};

/// Shares of a variance that are named.
const NAMED_SHARES: usize = 12;

/// Everything that the section shows; nothing if there is nothing to show.
pub(crate) fn view(analysis: &Analysis) -> Option<Value> {
    let found = &analysis.stress;
    if found.sensitivities.is_empty() && found.global.is_none() {
        return None;
    }
    Some(context! {
        draws => found.draws,
        range => found.range,
        threshold => found.threshold,
        tests => tests(analysis),
        claims => found.claims.iter().map(|claim| claim_view(analysis, claim)).collect::<Vec<_>>(),
        tipping => found.claims.iter().any(tips),
        sensitivities => found.sensitivities.iter().map(|s| sensitivity(found, s)).collect::<Vec<_>>(),
        shares => found.global.as_ref().map(shares).unwrap_or_default(),
        share_of => found.global.as_ref().map(|global| lookup::phrase(&global.of)),
        learning => found.learning.iter().map(learning).collect::<Vec<_>>(),
    })
}

fn tips(claim: &ClaimStress) -> bool {
    claim.shifts.iter().any(|test| test.tipping.is_some())
}

fn test(name: &str, question: &str, result: String, reading: &str) -> Value {
    context! { name, question, result, reading }
}

/// Each test with its question, its result, and how to read it.
fn tests(analysis: &Analysis) -> Vec<Value> {
    let found = &analysis.stress;
    let answers = || found.sensitivities.iter().filter(|s| !matches!(s.of, Quantity::Parameter(_)));
    let count = |sensitive: &dyn Fn(&Sensitivity) -> bool| {
        format!("{} of {} claims and answers", answers().filter(|s| sensitive(s)).count(), answers().count())
    };
    let tipped = found.claims.iter().filter(|claim| tips(claim)).count();
    let points = || found.claims.iter().flat_map(|c| &c.shifts).filter_map(|test| test.tipping.as_ref());
    let confirmations = || points().filter_map(|tipping| tipping.confirmation.as_ref());
    let agreed = confirmations().filter(|confirmation| confirmation.confirmed).count();
    let mut tests = vec![
        test(
            "Power-scaling of the priors",
            "Does it matter how much the priors count?",
            count(&|s| s.prior >= found.threshold),
            "Sensitive from 0.05 on: for a quantity of normal shape, doubling the weight of the priors then moves \
             it by about a third of its standard deviation.",
        ),
        test(
            "Power-scaling of the likelihood",
            "Does it matter how much the record counts?",
            count(&|s| s.likelihood >= found.threshold),
            "Sensitive to the priors alone: they are strong, or the record says little. To both: they may pull \
             apart. To the record alone: it settles the matter.",
        ),
        test(
            "Tipping points",
            "How far must one prior move to make a claim as likely as not?",
            format!("{tipped} of {} claims tip", found.claims.len()),
            "In prior standard deviations, on the scale without bounds. Below 1 a claim is fragile: a reasonable \
             reader could hold that prior.",
        ),
        test(
            "New fits",
            "Does fitting again with the moved prior agree?",
            format!(
                "{agreed} of {} new fits agree, for {} tipping points",
                confirmations().count(),
                points().count()
            ),
            "A tipping point comes from reweighting draws; where no new fit was made it is not confirmed. More \
             are made with `--confirm`.",
        ),
    ];
    if let Some(global) = &found.global {
        tests.push(test(
            "Variance shares (Sobol' indices)",
            "Which assumption makes the forecast uncertain?",
            leading(global),
            "First-order: what knowing the parameter would take away of the variance before the record. Total: \
             what would stay if all others were known. The difference is what it does together with others.",
        ));
    }
    tests
}

/// The largest total share.
fn leading(global: &GlobalSensitivity) -> String {
    let first = global.shares.iter().max_by(|a, b| a.total.value.total_cmp(&b.total.value));
    first.map_or_else(String::new, |share| format!("“{}”: total {}", share.parameter, percent(&share.total)))
}

fn percent(share: &ShareInterval) -> String {
    let [value, low, high] = [share.value, share.low, share.high].map(|x| number::decimals(100.0 * x, 0));
    format!("{value}% ({low} to {high})")
}

fn claim_view(analysis: &Analysis, claim: &ClaimStress) -> Value {
    let tipping = claim.shifts.iter().filter_map(|test| {
        let tipping = test.tipping.as_ref()?;
        Some(context! {
            parameter => test.parameter.as_str(),
            judged => test.judgement_only,
            shift => number::signed_decimals(tipping.shift.value, 2),
            error => number::decimals(tipping.shift.error, 2),
            medians => stress::medians(analysis, test, tipping),
            pareto_k => number::decimals(tipping.pareto_k, 2),
            confirmed => stress::confirmed(tipping.confirmation.as_ref()),
        })
    });
    let constructed = lookup::by_construction(analysis, &claim.claim);
    context! {
        name => claim.claim.as_str(),
        probability => number::percent(claim.probability.value, claim.probability.error),
        word => if constructed { "by construction" } else { stress::word(claim.robustness) },
        sentence => stress::sentence(analysis, claim),
        tipping => tipping.collect::<Vec<_>>(),
    }
}

fn sensitivity(found: &Stress, of: &Sensitivity) -> Value {
    let (kind, name) = match &of.of {
        Quantity::Claim(name) => ("claim", name),
        Quantity::WhatIf(name) => ("what-if", name),
        Quantity::Parameter(name) => ("parameter", name),
    };
    let strongest: Vec<String> =
        stress::sensitive_to(found, of).iter().take(3).map(|(name, s)| format!("{name} ({s:.2})")).collect();
    let own = of.own_prior.map(|own| format!("its own ({own:.2})"));
    context! {
        kind, name,
        prior => number::decimals(of.prior, 2),
        likelihood => number::decimals(of.likelihood, 2),
        doubtful => of.finding == Finding::Unreliable,
        finding => stress::finding(of.finding),
        strongest => own.unwrap_or_else(|| if strongest.is_empty() { "–".to_owned() } else { strongest.join(", ") }),
    }
}

/// The largest total shares.
fn shares(global: &GlobalSensitivity) -> Vec<Value> {
    let mut sorted: Vec<_> = global.shares.iter().collect();
    sorted.sort_by(|a, b| b.total.value.total_cmp(&a.total.value));
    let view = |share: &counterplay_analysis::VarianceShare| {
        context! {
            parameter => share.parameter.as_str(),
            judged => share.judgement_only,
            first => percent(&share.first_order),
            total => percent(&share.total),
        }
    };
    sorted.into_iter().take(NAMED_SHARES).map(view).collect()
}

fn learning(learning: &Learning) -> Value {
    let named = learning.parameters.iter().map(|(name, share)| format!("{name}: {}", percent(share)));
    context! { what_if => learning.what_if.as_str(), parameters => named.collect::<Vec<_>>().join("; ") }
}
