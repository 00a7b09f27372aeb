//! Filters of the templates: numbers in words, and views of the attributions.

use super::{formatted, why};
use crate::{lookup, number, summary};
use counterplay_analysis::{Analysis, Attribution, Estimate, FactorShare, GroupShare, Interval};
use minijinja::{Environment, Value, context, value::Serde};

/// Adds them all.
pub(crate) fn add(environment: &mut Environment) {
    environment.add_filter("odds", number::odds);
    environment.add_filter("percent_of", |value: Value| {
        let (p, error) = estimate(&value);
        number::percent(p, error)
    });
    environment.add_filter("range_of", |value: Value| {
        number::percent_range(&Interval {
            mean: 0.0,
            low: field(&value, "low"),
            high: field(&value, "high"),
            error: 0.0,
        })
    });
    environment.add_filter("error_of", |value: Value| format!("{:.1}", 100.0 * estimate(&value).1));
    environment.add_filter("estimate", |value: Value| {
        let (value, error) = estimate(&value);
        number::estimate(&Estimate { value, error })
    });
    environment.add_filter("quantity", |value: f64| number::quantity(value, 0.0));
    environment.add_filter("r_hat", |value: f64| number::quantity(value, 0.001));
    environment.add_filter("count", number::count);
    environment.add_filter("strength", |value: Value| summary::strength(estimate(&value).0));
    environment.add_filter("verdict", |value: Value| match summary::verdict(estimate(&value).0) {
        summary::Verdict::Holds => "holds",
        summary::Verdict::Fails => "fails",
        summary::Verdict::Open => "open",
    });
}

/// Value and error of an `Estimate` or an `Interval`.
fn estimate(value: &Value) -> (f64, f64) {
    let of_estimate = field(value, "value");
    (if of_estimate.is_finite() { of_estimate } else { field(value, "mean") }, field(value, "error"))
}

/// A number by its name; not a number where there is none.
fn field(value: &Value, name: &str) -> f64 {
    value.get_attr(name).ok().and_then(|field| f64::try_from(field).ok()).unwrap_or(f64::NAN)
}

/// The attributions with their numbers as text.
pub(crate) fn attribution_views(analysis: &Analysis) -> Vec<Value> {
    analysis.attributions.iter().map(attribution).collect()
}

fn attribution(attribution: &Attribution) -> Value {
    let (present, present_range) = formatted(Some(&attribution.all_present));
    let (absent, absent_range) = formatted(Some(&attribution.all_absent));
    context! {
        of => lookup::phrase(&attribution.of),
        present, present_range, absent, absent_range,
        factors => attribution.factors.iter().map(factor).collect::<Vec<_>>(),
        groups => attribution.groups.iter().map(|g| group(attribution, g)).collect::<Vec<_>>(),
        orders => attribution.orders,
        matrix => why::matrix(attribution),
    }
}

fn group(attribution: &Attribution, group: &GroupShare) -> Value {
    let member = |name: &String| {
        let factor = attribution.factors.iter().find(|f| f.name == *name);
        let owen = factor.and_then(|f| f.owen).map(|o| number::points(o.mean, o.error));
        context! { name => name.as_str(), owen => owen.unwrap_or_default() }
    };
    context! {
        name => group.name.as_str(),
        members => group.members.iter().map(member).collect::<Vec<_>>(),
        shapley => number::points(group.shapley.mean, group.shapley.error),
        shapley_range => number::points_range(&group.shapley),
        place => number::place(group.rank),
    }
}

fn factor(factor: &FactorShare) -> Value {
    let (necessity, necessity_range) = formatted(Some(&factor.necessity));
    let (sufficiency, sufficiency_range) = formatted(Some(&factor.sufficiency));
    let (alone, alone_range) = formatted(factor.sufficiency_alone.as_ref());
    let (both, both_range) = formatted(Some(&factor.necessity_and_sufficiency));
    context! {
        name => factor.name.as_str(),
        absent => Serde(&factor.absent),
        shapley => number::points(factor.shapley.mean, factor.shapley.error),
        shapley_range => number::points_range(&factor.shapley),
        place => number::place(factor.rank),
        simulated => why::simulated(factor.monte_carlo.as_ref()),
        bounds => why::factor_bounds(factor),
        alone => factor.sufficiency_alone.map(|_| format!("{alone} ({alone_range})")),
        necessity, necessity_range, sufficiency, sufficiency_range, both, both_range,
    }
}
