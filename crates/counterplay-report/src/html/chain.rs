//! What was taken from other analyses, as the page shows it.

use crate::number;
use counterplay_analysis::{Analysis, ChainInput};
use minijinja::{Value, context};

/// The inputs from other analyses; nothing if there are none.
pub(crate) fn chain(analysis: &Analysis) -> Option<Value> {
    let inputs = &analysis.chain.inputs;
    (!inputs.is_empty()).then(|| inputs.iter().map(input).collect::<Value>())
}

/// The settings that are not the story's own; empty if there are none.
pub(crate) fn settings(analysis: &Analysis) -> String {
    analysis.chain.settings.join(", ")
}

fn input(input: &ChainInput) -> Value {
    let values = input.values.iter().map(|(label, value)| {
        context! { label => label.as_str(), value => number::quantity(value.mean, value.error.max(0.0)) }
    });
    context! {
        quantity => input.quantity.as_str(),
        world => input.world.as_str(),
        title => input.title.as_str(),
        case => input.case.as_str(),
        file => input.file.as_str(),
        version => input.counterplay_version.as_str(),
        seed => input.seed,
        hash => input.content_hash.get(..12).unwrap_or_default(),
        converged => input.converged,
        values => values.collect::<Vec<_>>(),
    }
}
