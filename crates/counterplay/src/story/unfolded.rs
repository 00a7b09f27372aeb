//! A story unfolded: a game, and what holds at its ends.

use counterplay_game::id::TextId;
use counterplay_game::tree::Game;

use crate::story::state::Next;
use counterplay_inference::distribution::Distribution;

/// What holds at an end of the story besides the payoffs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ending {
    /// Named facts: outcome and value.
    pub outcomes: Vec<(TextId, TextId)>,
    /// Measured quantities with their distributions.
    pub measures: Vec<(TextId, Distribution)>,
    /// How it goes on in another stage.
    pub next: Option<Next>,
}

/// A story unfolded: the game, and the endings that its ends are tagged with.
#[derive(Clone, Debug)]
pub struct Unfolded {
    /// The game.
    pub game: Game,
    /// The endings; an end's tag is an index into them.
    pub endings: Vec<Ending>,
}
