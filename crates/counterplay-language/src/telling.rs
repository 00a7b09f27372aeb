//! What functions of a scenario are called with: `g` for telling the story, and `a` for the test of a claim.

pub(crate) mod answers;
pub(crate) mod arguments;
pub(crate) mod game;
pub(crate) mod states;
pub(crate) mod voting;
