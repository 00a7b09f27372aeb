//! Whether play is an equilibrium, decided by code that no solver shares.

pub mod best_response;
pub mod certify;
pub mod forgetful;
pub mod stationary;
