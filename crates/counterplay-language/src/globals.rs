//! What a scenario can call without defining it.

use std::sync::LazyLock;

use starlark::environment::{Globals, GlobalsBuilder};

use super::arithmetic::operators;
use super::ask::questions;
use super::bounded::bounded;
use super::chain::chaining;
use super::declare::declarations;
use super::direct::direct;
use super::functions::functions;
use super::intervene::interventions;
use super::laws::laws;
use super::query::queries;
use super::settings::variants;
use super::stages::stages;
use super::whom::{Everyone, Rest};

/// What is taken over from the standard language as it is.
const STANDARD: [&str; 16] = [
    "True",
    "False",
    "None",
    "chr",
    "dict",
    "enumerate",
    "float",
    "len",
    "list",
    "ord",
    "reversed",
    "sorted",
    "tuple",
    "type",
    "zip",
    "hasattr",
];

static GLOBALS: LazyLock<Globals> = LazyLock::new(build);

/// All that a scenario can call.
pub(super) fn globals() -> &'static Globals {
    &GLOBALS
}

fn build() -> Globals {
    let standard = Globals::standard();
    let mut builder = GlobalsBuilder::new();
    builder.frozen_heap().add_reference(standard.heap());
    for (name, value) in standard.iter().filter(|(name, _)| STANDARD.contains(name)) {
        builder.set(name, value);
    }
    builder.set("ALL", Everyone::All);
    builder.set("NOBODY", Everyone::Nobody);
    builder.set("rest", Rest);
    let parts = [
        operators,
        bounded,
        functions,
        laws,
        declarations,
        interventions,
        questions,
        queries,
        direct,
        variants,
        stages,
        chaining,
    ];
    parts.into_iter().fold(builder, |builder, part| builder.with(part)).build()
}
