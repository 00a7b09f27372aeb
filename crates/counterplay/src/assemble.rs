//! Everything together: the way from a scenario to the record of all that is found about it.

pub mod analyse;
pub(crate) mod parameters;
pub(crate) mod record;
mod results;
pub mod stages;
pub(crate) mod tree_diagram;
pub(crate) mod warnings;
