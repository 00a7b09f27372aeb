//! The game files of Gambit: extensive forms in `.efg` and normal forms in `.nfg`, read and written.
//!
//! The formats are those that Gambit documents (McKelvey, McLennan and Turocy, "The formats of game files"). Numbers
//! are kept exactly. Whatever a file holds, reading it ends in a game or in a [`ParseError`] with the place, in time
//! and memory that grow with its length.
//!
//! ```
//! use counterplay_game::gambit::{read_efg, write_efg};
//! let text = r#"EFG 2 R "Trust" { "Buyer" "Seller" }
//! ""
//! p "" 1 1 "" { "Trust" "Leave" } 0
//! p "" 2 1 "" { "Honour" "Abuse" } 0
//! t "" 1 "" { 1, 1 }
//! t "" 2 "" { -1, 2 }
//! t "" 3 "" { 0, 0 }
//! "#;
//! let form = read_efg(text)?;
//! assert_eq!(form.players(), ["Buyer", "Seller"]);
//! assert_eq!(read_efg(&write_efg(&form))?, form);
//! let game = form.game().expect("both remember what they did");
//! assert_eq!(game.history_count(), 3);
//! # Ok::<(), counterplay_game::gambit::ParseError>(())
//! ```

mod efg;
mod head;
mod lexer;
mod nfg;
mod number;
mod problem;
mod write;

pub use efg::read_efg;
pub use nfg::read_nfg;
pub use problem::{ParseError, text_of};
pub use write::{write_efg, write_nfg};
