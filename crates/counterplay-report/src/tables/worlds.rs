//! What follows in each world: outcomes, measured quantities, queries and sweeps.

use counterplay_analysis::{Analysis, QueryValue, Scale, World};

use super::{Field, Table, spread, spread_of, spread_of_query};

/// The worlds with their names: as it was, before the record, each what-if.
fn worlds(analysis: &Analysis) -> impl Iterator<Item = (&'static str, &str, &World)> {
    let given = [("factual", "", &analysis.factual), ("before the record", "", &analysis.prior_prediction)];
    given.into_iter().chain(analysis.answers.iter().map(|a| ("what-if", a.name.as_str(), &a.world)))
}

const WORLD: (&str, &str) = ("*world", "`factual` (given the record), `before the record`, or `what-if`");
const WHAT_IF: (&str, &str) = ("*what_if", "the what-if's name; empty for the other worlds");

/// The probability of each value of each outcome.
pub(super) fn answers(analysis: &Analysis) -> Table {
    let mut table = Table::new(
        "answers",
        "a value of an outcome in a world",
        &[
            WORLD,
            WHAT_IF,
            ("*outcome", "the outcome"),
            ("*value", "its value"),
            ("about", "whether this is what the case is about"),
            ("probability", "posterior mean of its probability, 0 to 1"),
            ("low", "5% quantile over the posterior"),
            ("high", "95% quantile over the posterior"),
            ("error", "Monte Carlo standard error of the mean"),
            ("change", "mean of the change against the factual world, of what the case is about"),
            ("change_low", "5% quantile of the change"),
            ("change_high", "95% quantile of the change"),
            ("change_error", "Monte Carlo standard error of the change"),
        ],
    );
    let about = &analysis.case.about;
    for (kind, name, world) in worlds(analysis) {
        let answer = analysis.answers.iter().find(|a| kind == "what-if" && a.name == name);
        for outcome in &world.outcomes {
            for (value, probability) in &outcome.values {
                let asked = outcome.outcome == about.outcome && *value == about.value;
                let change = spread_of(answer.filter(|_| asked).map(|a| &a.about_change));
                let key = [kind, name, &outcome.outcome, value].map(Field::text);
                table.add(
                    key.into_iter().chain([Field::Truth(asked)]).chain(spread(probability)).chain(change),
                );
            }
        }
    }
    table
}

/// Each measured quantity.
pub(super) fn measures(analysis: &Analysis) -> Table {
    let mut table = Table::new(
        "measures",
        "a measured quantity in a world",
        &[
            WORLD,
            WHAT_IF,
            ("*measure", "the measured quantity"),
            ("measured_probability", "the probability that the story measures it, 0 to 1"),
            ("mean", "posterior mean of its mean, in its own unit"),
            ("low", "5% quantile of the mean over the posterior"),
            ("high", "95% quantile of the mean over the posterior"),
            ("error", "Monte Carlo standard error"),
            ("sd", "its standard deviation, over histories and the posterior"),
            ("q05", "its 5% quantile, over histories and the posterior"),
            ("q25", "its 25% quantile"),
            ("q50", "its median"),
            ("q75", "its 75% quantile"),
            ("q95", "its 95% quantile"),
        ],
    );
    for (kind, name, world) in worlds(analysis) {
        for measure in &world.measures {
            let key = [kind, name, &measure.name].map(Field::text);
            let whole = &measure.distribution;
            let shape = [whole.sd].into_iter().chain(whole.quantiles).map(Field::from);
            let chance = [Field::from(measure.measured_probability)];
            table.add(key.into_iter().chain(chance).chain(spread(&measure.mean)).chain(shape));
        }
    }
    table
}

fn scale_word(scale: Scale) -> &'static str {
    match scale {
        Scale::Probability => "probability",
        Scale::Measure => "measure",
        Scale::Payoff => "payoff",
    }
}

/// Queries, also as of a moment.
pub(super) fn queries(analysis: &Analysis) -> Table {
    let mut table = Table::new(
        "queries",
        "a value of the answer to a query",
        &[
            ("*query", "the query's name"),
            ("*label", "what it is the value of; empty if there is only one"),
            ("quantity", "what is asked for, in words"),
            ("scale", "`probability` (0 to 1), `payoff` (points) or `measure` (the quantity's own unit)"),
            ("under", "the what-if whose world it is; empty for the world as it was"),
            ("as_of", "the event before which the record is cut; empty if it is not"),
            ("value", "posterior mean"),
            ("low", "5% quantile over the posterior"),
            ("high", "95% quantile over the posterior"),
            ("error", "Monte Carlo standard error of the mean"),
            ("change", "mean of the change against the world as it was"),
            ("change_low", "5% quantile of the change"),
            ("change_high", "95% quantile of the change"),
            ("change_error", "Monte Carlo standard error of the change"),
        ],
    );
    let mut add = |name: &str, about: [&str; 4], values: &[QueryValue]| {
        for value in values {
            let key = [name, &value.label].into_iter().chain(about).map(Field::text);
            let here = spread_of_query(Some(&value.here));
            table.add(key.chain(here).chain(spread_of_query(value.change.as_ref())));
        }
    };
    for query in &analysis.questions.queries {
        let under = query.under.as_deref().unwrap_or_default();
        add(&query.name, [&query.quantity, scale_word(query.scale), under, ""], &query.values);
    }
    for query in &analysis.questions.predictions {
        add(&query.name, [&query.quantity, scale_word(query.scale), "", &query.as_of], &query.values);
    }
    table
}

/// Sweeps.
pub(super) fn sweeps(analysis: &Analysis) -> Table {
    let mut table = Table::new(
        "sweeps",
        "a value of the parameter of a sweep",
        &[
            ("*sweep", "the sweep's name"),
            ("parameter", "the parameter that takes the values"),
            ("*at", "the parameter's value, in its unit"),
            ("unit", "that unit"),
            ("value", "posterior mean of what is asked for"),
            ("low", "5% quantile over the posterior"),
            ("high", "95% quantile over the posterior"),
            ("error", "Monte Carlo standard error of the mean"),
        ],
    );
    for sweep in &analysis.questions.sweeps {
        for (at, value) in &sweep.points {
            let first = [Field::text(&sweep.name), Field::text(&sweep.parameter), Field::from(*at)];
            let key = first.into_iter().chain([Field::text(&sweep.unit)]);
            table.add(key.chain(spread_of_query(Some(value))));
        }
    }
    table
}
