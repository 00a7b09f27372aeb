//! Which replays have an outcome.

use crate::world::catalogue::OutcomeIndex;
use crate::world::history::Replayed;
use crate::world::inquiry::{Inquiry, WorldId};

/// Which of the replays have the outcome.
pub(crate) fn having(
    inquiry: &Inquiry<'_>,
    world: WorldId,
    replays: &[Replayed],
    outcome: OutcomeIndex,
) -> Vec<bool> {
    let scene = &inquiry.scenes[inquiry.plays[inquiry.worlds[world.0].play].scene];
    replays.iter().map(|r| scene.ends_with(&r.steps, outcome)).collect()
}

/// The share of those that are true; not a number of none.
pub(crate) fn share(of: &[bool]) -> f64 {
    if of.is_empty() { f64::NAN } else { of.iter().filter(|x| **x).count() as f64 / of.len() as f64 }
}
