//! Equilibria of games in extensive form, and their [certification](certify).

mod anderson;
pub mod bimatrix;
pub mod certify;
pub mod dominance;
mod krylov;
mod layout;
pub mod lemke_howson;
pub mod pure;
pub mod qre;
mod schedule;
pub mod support_enumeration;
mod sweep;
mod tableau;
