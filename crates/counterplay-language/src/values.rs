//! The values of the language that are not of the standard one, and how Rust reads any of them.

pub(crate) mod events;
pub(crate) mod failure;
pub(crate) mod plain;
pub(crate) mod players;
pub(crate) mod quantity;
pub(crate) mod size;
pub(crate) mod tuple_label;
pub(crate) mod unpack;
pub(crate) mod vote;
