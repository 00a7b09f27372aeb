//! Nash equilibria: pure, mixed and subgame-perfect ones, of games in normal and in extensive form.

pub mod agent;
pub mod all_supports;
pub mod backward_induction;
pub mod bimatrix;
pub mod dominance;
pub mod exact;
pub mod lemke;
pub mod lemke_howson;
pub mod pure;
pub mod reduced;
mod sequence_form;
mod sequences;
pub mod support_enumeration;
mod tableau;
pub mod zero_sum;
