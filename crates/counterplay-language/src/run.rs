//! Running a scenario's code: what it can call, within which bounds, and what is said when it goes wrong.

pub(crate) mod evaluate;
pub(crate) mod explain;
pub(crate) mod globals;
pub(crate) mod usage;
