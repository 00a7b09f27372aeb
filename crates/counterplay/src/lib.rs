//! .
pub mod analysis;
pub mod change;
pub mod event;
pub mod problem;
pub mod story;
pub mod watch;
pub mod scenario;
