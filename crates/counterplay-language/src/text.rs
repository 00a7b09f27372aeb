//! Texts of a scenario: where things stand in them, what is refused, and how they become programs.

pub(crate) mod guard;
pub(crate) mod parse;
pub(crate) mod rewrite;
pub(crate) mod source;
pub(crate) mod syntax;
