//! Worlds: what happens when a story is replayed with given luck, under an intervention or as it was.

pub(crate) mod branching;
pub mod catalogue;
pub mod history;
pub mod inquiry;
pub(crate) mod joint;
pub mod keys;
pub mod luck;
pub mod replay;
pub mod scene;
pub(crate) mod solution;
pub mod surprises;
