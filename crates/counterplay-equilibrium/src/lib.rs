//! Equilibria of games in extensive form, and their [certification](certify).

mod anderson;
pub mod backward_induction;
pub mod bimatrix;
pub mod certify;
pub mod dominance;
pub mod exact;
mod krylov;
mod layout;
pub mod lemke;
pub mod lemke_howson;
pub mod pure;
pub mod qre;
pub mod reduced;
mod schedule;
mod sequence_form;
mod sequences;
pub mod support_enumeration;
mod sweep;
mod tableau;
pub mod zero_sum;
