//! What a scenario can call without defining it.

use std::sync::LazyLock;

use starlark::environment::{Globals, GlobalsBuilder};

use crate::arithmetic::builtins::bounded;
use crate::arithmetic::checked::{CheckedFunction, FUNCTIONS, checked, standard};
use crate::arithmetic::functions::functions;
use crate::arithmetic::laws::laws;
use crate::arithmetic::operators::operators;
use crate::declarations::chain::chaining;
use crate::declarations::evidence::evidence;
use crate::declarations::interventions::interventions;
use crate::declarations::parameters::parameters;
use crate::declarations::queries::queries;
use crate::declarations::questions::questions;
use crate::declarations::scenario::scenario;
use crate::declarations::stages::stages;
use crate::declarations::variants::variants;
use crate::values::players::{Everyone, Rest};

/// What is taken over from the standard language as it is.
const STANDARD: [&str; 5] = ["True", "False", "None", "len", "type"];

static GLOBALS: LazyLock<Globals> = LazyLock::new(build);

/// All that a scenario can call.
pub(crate) fn globals() -> &'static Globals {
    &GLOBALS
}

fn build() -> Globals {
    let standard = standard();
    let mut builder = GlobalsBuilder::new();
    builder.frozen_heap().add_reference(standard.heap());
    for (name, value) in standard.iter().filter(|(name, _)| STANDARD.contains(name)) {
        builder.set(name, value);
    }
    for name in FUNCTIONS {
        builder.set(name, CheckedFunction(name));
    }
    builder.set("ALL", Everyone::All);
    builder.set("NOBODY", Everyone::Nobody);
    builder.set("rest", Rest);
    let parts = [
        operators,
        bounded,
        checked,
        functions,
        laws,
        scenario,
        parameters,
        evidence,
        interventions,
        questions,
        queries,
        variants,
        stages,
        chaining,
    ];
    parts.into_iter().fold(builder, |builder, part| builder.with(part)).build()
}
