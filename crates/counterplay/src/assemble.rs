//! Everything together: the way from a scenario to the record of all that is found about it.

pub mod analyse;
mod found;
pub(crate) mod record;
pub mod stages;
pub(crate) mod tree_diagram;
pub(crate) mod warnings;
