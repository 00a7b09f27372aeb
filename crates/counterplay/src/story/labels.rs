//! The labels that chance events have anywhere in a story, those of no probability included.

use std::collections::{BTreeMap, BTreeSet};

use counterplay_game::id::NodeId;
use counterplay_game::tree::{Game, Kind};

use crate::story::change::Change;
use crate::story::unfolded::Unfolded;

/// For each name of a chance event, the labels that it has anywhere in a story: an intervention can bring each of them about wherever
/// the event comes up, also where the story gives it no probability.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventLabels(BTreeMap<String, BTreeSet<String>>);

impl EventLabels {
    /// The labels of an unfolded story.
    pub fn of(unfolded: &Unfolded) -> Self {
        let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for state in &unfolded.states {
            let game = &state.game;
            for node in game.nodes().filter(|n| matches!(game.kind(*n), Kind::Chance(_))) {
                let labels =
                    all.entry(game.text(game.event(game.event_id(node)).name).to_owned()).or_default();
                labels.extend(game.labels(node).map(|label| game.text(label).to_owned()));
            }
            for (event, label) in &state.impossible {
                all.entry(event.clone()).or_default().insert(label.clone());
            }
        }
        Self(all)
    }

    /// Whether one of some changes brings about a label at some place of a game at which chance decides and does not have it.
    pub(crate) fn lacking(&self, game: &Game, changes: &[Change]) -> bool {
        let forced = |change: &Change| match change.bare() {
            Change::Force { event, action } if self.has(&event.name, action) => {
                Some((game.find_event(&event.to_string())?, action.clone()))
            }
            _ => None,
        };
        changes.iter().filter_map(forced).any(|(event, action)| {
            let lacks = |node: &NodeId| {
                matches!(game.kind(*node), Kind::Chance(_))
                    && game.event_id(*node) == event
                    && game.labels(*node).all(|label| game.text(label) != action)
            };
            game.nodes().any(|node| lacks(&node))
        })
    }

    /// Whether chance can decide an event of this name for this label anywhere, or says that it never does.
    pub fn has(&self, event: &str, label: &str) -> bool {
        self.0.get(event).is_some_and(|labels| labels.contains(label))
    }
}
