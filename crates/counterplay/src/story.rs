//! A story, told along every history and unfolded into a game.
//!
//! A [`Story`](telling::Story) tells itself once, along one history, to a [`Telling`](telling::Telling) that answers each
//! event. Unfolding runs it again and again, each time taking the next untaken branch depth first, until every history
//! is told.

pub mod change;
pub(crate) mod comes_up;
pub mod event;
pub mod labels;
pub mod limits;
mod progress;
pub mod state;
pub mod telling;
pub mod terms;
pub mod unaware;
pub mod unfold;
pub mod unfolded;
pub mod vote;
