//! The calls that declare a scenario, each of which fills in the [draft](crate::host::draft).

pub(crate) mod chain;
pub(crate) mod evidence;
pub(crate) mod interventions;
pub(crate) mod parameters;
mod posterior;
pub(crate) mod queries;
pub(crate) mod questions;
pub(crate) mod scenario;
pub(crate) mod stages;
pub(crate) mod variants;
