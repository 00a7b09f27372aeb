//! Equilibria of games in extensive form, and their [certification](certify).

mod anderson;
pub mod backward_induction;
pub mod bimatrix;
mod branch;
pub mod certify;
mod dense;
pub mod dominance;
pub mod estimate;
pub mod exact;
mod krylov;
mod layout;
pub mod lemke_howson;
mod logarithms;
mod newton;
pub mod pure;
pub mod qre;
pub mod reduced;
mod schedule;
pub mod sequences;
pub mod support_enumeration;
mod sweep;
mod tableau;
pub mod trace;
