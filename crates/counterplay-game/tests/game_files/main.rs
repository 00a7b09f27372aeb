//! Game files: what is read, written, refused and turned into trees.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod exported;
mod folder;
mod hostile;
mod messages;
mod profiles;
mod random;
mod recall;
mod reference;
mod round_trip;
