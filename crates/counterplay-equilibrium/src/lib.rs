//! Equilibria of games in extensive form, and their [certification](certify).
//!
//! | which equilibria | of which games | numbers | where |
//! |---|---|---|---|
//! | logit quantal response, the principal branch | any | floating | [`qre`] |
//! | subgame-perfect, pure, all ties | perfect information | floating | [`backward_induction`] |
//! | one, and the value | two players, constant sum | floating | [`zero_sum`] |
//! | one | two players | exact | [`lemke`] |
//! | all, by extreme points and components | two players in normal form | exact | [`support_enumeration`] |
//! | one for each start | two players in normal form | exact | [`lemke_howson`] |
//! | all pure ones | normal form | exact | [`pure`] |
//!
//! A game in extensive form has a [reduced] normal form, and an [agent] form in which every information set is a player
//! of its own; [dominance] makes a normal form smaller.

pub mod agent;
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
