//! .
pub mod analysis;
