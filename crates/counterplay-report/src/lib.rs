//! Shows an [`Analysis`](counterplay_analysis::Analysis) to people: as one HTML page, as a terminal summary, and as tables.
//!
//! The crate is pure: it reads no file and no clock, and the same analysis gives the same bytes. Whatever an
//! analysis contains is treated as untrusted: it is escaped on the page, and cleared of control characters on
//! the terminal.
//!
//! - [`html`] gives a page that works offline and, but for its figures, without scripts.
//! - [`text`] gives at most 60 lines for a terminal.
//! - [`tables`](tables()) gives tidy tables for other programs.
//! - [`number`] holds the one style of numbers that both use.

mod equilibria;
mod html;
mod lookup;
pub mod number;
mod stress;
mod summary;
mod tables;
mod text;

pub use html::html;
pub use tables::{Column, Field, Table, tables};
pub use text::{TextStyle, text};
