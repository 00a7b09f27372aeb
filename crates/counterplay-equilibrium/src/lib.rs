//! Equilibria of games in extensive form, and their [certification](certify).

mod anderson;
pub mod best_response;
pub mod certify;
pub mod cfr;
mod krylov;
mod layout;
pub mod qre;
mod schedule;
mod sweep;
