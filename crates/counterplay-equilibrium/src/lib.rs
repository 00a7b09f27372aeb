//! Equilibria of games in extensive form, and their [certification](referee).
//!
//! | which equilibria | of which games | numbers | where |
//! |---|---|---|---|
//! | logit quantal response, the principal branch | any | floating | [`logit`] |
//! | subgame-perfect, pure, all ties | perfect information | floating | [`nash::backward_induction`] |
//! | one sequential, as the limit of the principal branch | any | floating | [`logit::trace`] |
//! | stationary Markov logit and its limit, one | processes without an end | floating | [`markov`] |
//! | others beside the principal branch, by search | any | floating | [`logit::search`] |
//! | one, and the value | two players, constant sum | floating | [`nash::zero_sum`] |
//! | approximate, in very large games | two players, constant sum | floating | [`cfr`] |
//! | one | two players | exact | [`nash::lemke`] |
//! | all, by extreme points and components | two players in normal form | exact | [`nash::support_enumeration`] |
//! | one for each start | two players in normal form | exact | [`nash::lemke_howson`] |
//! | all pure ones | normal form | exact | [`nash::pure`] |
//!
//! Each method is a module with its own `Solver` or function and its own `Settings`, `Status` and `Solution`, since what can
//! be set and what can happen differ from method to method. [`referee`] judges the play of all of them, and shares no code
//! with any.
//!
//! A game in extensive form has a [reduced](nash::reduced) normal form, and an [agent](nash::agent) form in which every information set is a player
//! of its own; [dominance](nash::dominance) makes a normal form smaller.
//!
//! All Nash equilibria of a small game in extensive form, in behaviour strategies:
//!
//! ```
//! use counterplay_equilibrium::nash::bimatrix::Bimatrix;
//! use counterplay_equilibrium::nash::exact::ExactNumbers;
//! use counterplay_equilibrium::nash::reduced::ReducedForm;
//! use counterplay_equilibrium::nash::support_enumeration::{Settings, all_equilibria};
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

pub mod cfr;
pub mod estimate;
pub mod logit;
pub mod markov;
pub mod nash;
mod numeric;
pub mod referee;

#[cfg(test)]
#[path = "../tests/common/mod.rs"]
mod common;
