//! What can be computed in a scenario: operators and functions of quantities, distributions, and bounded functions of the
//! standard language.

pub(crate) mod bounds;
pub(crate) mod builtins;
pub(crate) mod checked;
pub(crate) mod expressions;
pub(crate) mod functions;
pub(crate) mod laws;
pub(crate) mod operators;
