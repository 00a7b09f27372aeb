//! .
pub mod analysis;
pub mod change;
pub mod event;
pub mod problem;
pub mod story;
pub mod watch;
pub mod scenario;
pub mod distribution;
pub mod diagnostics;
pub mod sampler;
pub mod prior;
pub mod agreement;
mod hash;
pub mod luck;
pub mod model;
pub mod posterior;
pub mod question;
pub mod world;
