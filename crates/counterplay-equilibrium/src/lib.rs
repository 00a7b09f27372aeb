//! Equilibria of games in extensive form, and their [certification](certify).

mod anderson;
pub mod certify;
pub mod estimate;
mod krylov;
mod layout;
pub mod qre;
mod schedule;
mod sweep;
