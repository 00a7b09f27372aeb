//! The answer to a query, in the terminal.

use std::fmt::Write;

use counterplay_analysis::{
    Analysis, Distribution, Prediction, QueryAnswer, QueryEstimate, QueryValue, Scale,
};
use counterplay_report::number;

use crate::number::{percent, short};

/// The answer to the only query of an analysis.
pub(super) fn told(analysis: &Analysis) -> String {
    let mut text = format!("{}\n", analysis.case.title);
    for query in &analysis.questions.queries {
        text += &answer(query);
    }
    for prediction in &analysis.questions.predictions {
        text += &predicted(prediction);
    }
    for warning in &analysis.warnings {
        let _ = writeln!(text, "warning: {}", warning.message);
    }
    text
}

fn answer(query: &QueryAnswer) -> String {
    let mut text = format!("the {}", query.quantity);
    let parts = [("given", &query.given), ("where", &query.within), ("what if", &query.under)];
    for (word, part) in parts {
        if let Some(part) = part {
            let _ = write!(text, ", {word} {part}");
        }
    }
    let _ = write!(text, "\n({}", query.method);
    if query.given.is_some() || query.within.is_some() {
        let _ = write!(text, "; the condition holds with {}", percent(query.condition_probability.mean));
    }
    text += ")\n\n";
    text += &table(query.scale, &query.values);
    if let Some(distribution) = &query.distribution {
        text += &quantiles("", distribution);
    }
    if let Some(distribution) = &query.factual_distribution {
        text += &quantiles("as it was: ", distribution);
    }
    text
}

fn predicted(prediction: &Prediction) -> String {
    let mut text = format!("the {}, from what was known before {}", prediction.quantity, prediction.as_of);
    if let Some(given) = &prediction.given {
        let _ = write!(text, ", given {given}");
    }
    let _ = write!(text, "\n({}", prediction.method);
    if let Some(r) = prediction.reweighting {
        let (k, worth) = (short(r.pareto_k), short(r.effective_draws));
        let _ = write!(text, "; Pareto k {k}, worth {worth} of {} draws", r.draws);
    }
    text += if prediction.reliable { ")\n\n" } else { "; NOT TO BE RELIED ON)\n\n" };
    text += &table(prediction.scale, &prediction.values);
    if let Some(distribution) = &prediction.distribution {
        text += &quantiles("", distribution);
    }
    if let Some(happened) = &prediction.happened {
        let _ = writeln!(text, "what came about: {happened}");
    }
    text
}

fn error(scale: Scale, error: f64) -> String {
    match scale {
        Scale::Probability => format!("{} points", number::decimals(100.0 * error, 1)),
        Scale::Measure | Scale::Payoff => short(error),
    }
}

fn with_range(scale: Scale, found: &QueryEstimate) -> String {
    if !found.mean.is_finite() {
        return "nothing to say: the condition never holds".to_owned();
    }
    let (mean, range) = number::answered(scale, found);
    format!("{mean} (90% interval {range}; error {})", error(scale, found.error))
}

fn table(scale: Scale, values: &[QueryValue]) -> String {
    let mut text = String::new();
    for value in values {
        let label = if value.label.is_empty() { String::new() } else { format!("{}: ", value.label) };
        let _ = writeln!(text, "{label}{}", with_range(scale, &value.here));
        if let Some(factual) = &value.factual {
            let _ = writeln!(text, "  as it was {}", with_range(scale, factual));
        }
        if let Some(change) = value.change.as_ref().filter(|c| c.mean.is_finite()) {
            let range = number::interval(change);
            let range = match scale {
                Scale::Probability => number::points_range(&range),
                Scale::Measure | Scale::Payoff => number::quantity_range(&range),
            };
            let unit = if scale == Scale::Probability { " points" } else { "" };
            let ratio = value.ratio.map_or(String::new(), |r| format!(", ratio {}", short(r.value)));
            let _ = writeln!(
                text,
                "  change {}{unit} (90% interval {range}; error {}){ratio}",
                number::changed(scale, change),
                error(scale, change.error)
            );
        }
    }
    text
}

fn quantiles(word: &str, distribution: &Distribution) -> String {
    let told = |x| number::within_spread(x, distribution.sd);
    let [q5, q25, q50, q75, q95] = distribution.quantiles.map(told);
    format!(
        "{word}mean {}; quantiles 5% {q5}, 25% {q25}, 50% {q50}, 75% {q75}, 95% {q95}\n",
        told(distribution.mean)
    )
}
