//! What a record says of the events of one game.

use counterplay_game::id::{EventId, NodeId};
use counterplay_game::tree::Game;

use crate::problem::{Problem, did_you_mean};
use crate::scenario::Record;

/// What a record demands of the branch taken at a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Demand {
    /// The record does not speak of the event.
    Nothing,
    /// This branch.
    Branch(usize),
    /// A branch that the node does not have.
    Missing,
}

impl Demand {
    /// What the record demands at a node.
    pub(crate) fn at(game: &Game, demands: &[(EventId, String)], node: NodeId) -> Self {
        if game.child_count(node) == 0 {
            return Self::Nothing;
        }
        let event = game.event_id(node);
        let Some((_, action)) = demands.iter().find(|d| d.0 == event) else { return Self::Nothing };
        let branch = game.labels(node).position(|label| game.text(label) == action);
        branch.map_or(Self::Missing, Self::Branch)
    }

    /// Whether it is met by taking `branch`.
    pub(crate) fn allows(self, branch: usize) -> bool {
        matches!(self, Self::Nothing) || self == Self::Branch(branch)
    }
}

/// The record's events by their ids in the game.
///
/// # Errors
/// If the story has no such event.
pub(crate) fn demands(game: &Game, record: &Record) -> Result<Vec<(EventId, String)>, Problem> {
    let find = |(event, action): &(crate::story::terms::EventName, String)| {
        let known: Vec<String> = (0..game.events().len()).map(|i| game.event_name(EventId::new(i))).collect();
        game.find_event(&event.to_string()).map(|id| (id, action.clone())).ok_or_else(|| {
            Problem::new(format!("the record names `{event}`, but the story has no such event"))
                .hint(did_you_mean(&event.name, known.iter().map(String::as_str)))
                .at(record.place.clone())
        })
    };
    record.events.iter().map(find).collect()
}
