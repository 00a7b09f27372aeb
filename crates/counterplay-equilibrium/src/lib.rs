//! Equilibria of games in extensive form, and their [certification](certify).

mod anderson;
mod branch;
pub mod certify;
mod dense;
mod krylov;
mod layout;
mod logarithms;
mod newton;
pub mod qre;
mod schedule;
mod sweep;
pub mod trace;
