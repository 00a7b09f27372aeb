//! Equilibria of games in extensive form, and their [certification](certify).
//!
//! | which equilibria | of which games | numbers | where |
//! |---|---|---|---|
//! | logit quantal response, the principal branch | any | floating | [`qre`] |
//! | subgame-perfect, pure, all ties | perfect information | floating | [`backward_induction`] |
//! | one sequential, as the limit of the principal branch | any | floating | [`trace`] |
//! | stationary Markov logit and its limit, one | processes without an end | floating | [`markov`] |
//! | others beside the principal branch, by search | any | floating | [`search`] |
//! | one, and the value | two players, constant sum | floating | [`zero_sum`] |
//! | approximate, in very large games | two players, constant sum | floating | [`cfr`] |
//! | one | two players | exact | [`lemke`] |
//! | all, by extreme points and components | two players in normal form | exact | [`support_enumeration`] |
//! | one for each start | two players in normal form | exact | [`lemke_howson`] |
//! | all pure ones | normal form | exact | [`pure`] |
//!
//! A game in extensive form has a [reduced] normal form, and an [agent] form in which every information set is a player
//! of its own; [dominance] makes a normal form smaller.
//!
//! All Nash equilibria of a small game in extensive form, in behaviour strategies:
//!
//! ```
//! use counterplay_equilibrium::bimatrix::Bimatrix;
//! use counterplay_equilibrium::exact::ExactNumbers;
//! use counterplay_equilibrium::reduced::ReducedForm;
//! use counterplay_equilibrium::support_enumeration::{Settings, all_equilibria};
//! use counterplay_game::gambit::read_efg;
//!
//! // An entrant stays out or comes in; the incumbent then fights or shares (Selten 1978).
//! let text = r#"EFG 2 R "Chain store" { "Entrant" "Incumbent" }
//! p "" 1 1 "" { "out" "in" } 0
//! t "" 1 "" { 1 5 }
//! p "" 2 1 "" { "fight" "share" } 0
//! t "" 2 "" { 0 0 }
//! t "" 3 "" { 2 2 }"#;
//! let game = read_efg(text).expect("a game file").game().expect("perfect recall");
//! let numbers = ExactNumbers::simplest(&game.at(&game.expressions().evaluate(&[]))).expect("finite");
//! let reduced = ReducedForm::of(&game, 10_000).expect("few strategies");
//! let two = Bimatrix::of(&reduced.normal_form(&game, &numbers)).expect("two players");
//! let found = all_equilibria(&two, &Settings::default());
//! // Sharing after entry; and staying out, for fear of a fight that is at least as likely as not: a continuum.
//! assert_eq!(found.components.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
//! let play = found.extreme.iter().map(|profile| reduced.behaviour(&game, profile));
//! assert!(play.into_iter().all(|odds| odds.len() == game.action_count()));
//! ```

// The games of the tests name the crate.
#[cfg(test)]
extern crate self as counterplay_equilibrium;

pub mod agent;
mod anderson;
mod arc;
pub mod backward_induction;
pub mod batch;
pub mod best_response;
pub mod bimatrix;
mod branch;
pub mod certify;
pub mod cfr;
mod dense;
pub mod dominance;
mod elimination;
mod enclosure;
pub mod estimate;
pub mod exact;
mod krylov;
mod lanes;
mod large;
mod layout;
pub mod lemke;
pub mod lemke_howson;
mod logarithms;
pub mod markov;
mod newton;
pub mod pure;
pub mod qre;
pub mod reduced;
mod schedule;
pub mod search;
mod sequence_form;
mod sequences;
pub mod support_enumeration;
mod sweep;
mod tableau;
pub mod trace;
pub mod walk;
pub mod zero_sum;
