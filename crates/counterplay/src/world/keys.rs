//! The keys by which luck is found, the same in every world.

use counterplay_game::id::{EventId, NodeId, TextId};
use counterplay_game::tree::{Game, event_name};
use counterplay_inference::key::Key;

use crate::story::unfolded::Unfolded;

/// How many occurrences of a name have their keys at hand.
pub(super) const AT_HAND: u32 = 64;

/// The keys by which luck is found, the same in every world: of events by their name and occurrence, counted over all stages from the
/// beginning, and of labels.
#[derive(Clone, Debug)]
pub struct LuckKeys {
    names: Vec<String>,
    /// For each name and occurrence up to a number, its key.
    known: Vec<Vec<u64>>,
    /// For each state, its events by name and occurrence within it.
    events: Vec<Vec<(usize, u32)>>,
    /// For each state and text of its game, its key.
    texts: Vec<Vec<u64>>,
}

/// How often each name has come up before a stage.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Before(Vec<u32>);

impl Before {
    /// How often a name has come up.
    pub(crate) fn of(&self, name: usize) -> u32 {
        self.0[name]
    }

    /// By how often each name has come up more than in another world, where it has.
    pub(crate) fn beyond(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a.saturating_sub(*b)).collect())
    }

    /// Once for each name that has come up in either.
    pub(crate) fn or(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| u32::from(*a > 0 || *b > 0)).collect())
    }

    /// Whether a name has come up in both.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| *a > 0 && *b > 0)
    }

    /// How often it has after some more.
    pub(crate) fn and(&self, more: &Self) -> Self {
        Self(self.0.iter().zip(&more.0).map(|(a, b)| a + b).collect())
    }
}

impl LuckKeys {
    /// The keys for a story.
    pub fn new(unfolded: &Unfolded) -> Self {
        Self::of_games(unfolded.states.iter().map(|state| state.game.as_ref()))
    }

    /// The keys for the games of all states.
    pub(crate) fn of_games<'a>(games: impl Iterator<Item = &'a Game>) -> Self {
        let mut keys = Self { names: Vec::new(), known: Vec::new(), events: Vec::new(), texts: Vec::new() };
        for game in games {
            let events =
                game.events().iter().map(|e| (keys.enter(game.text(e.name)), e.occurrence)).collect();
            keys.events.push(events);
            keys.texts.push(game.texts().iter().map(Key::of_text).collect());
        }
        keys
    }

    fn enter(&mut self, name: &str) -> usize {
        self.name(name).unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.known.push((1..=AT_HAND).map(|k| Key::of_text(&event_name(name, k))).collect());
            self.names.len() - 1
        })
    }

    /// The names of all events.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The number of a name.
    pub(crate) fn name(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|n| n == name)
    }

    /// Nothing has come up yet.
    pub(crate) fn nothing_before(&self) -> Before {
        Before(vec![0; self.names.len()])
    }

    /// An event of a state: the number of its name, and its occurrence from the beginning.
    pub(crate) fn occurrence(&self, state: usize, event: EventId, before: &Before) -> (usize, u32) {
        let (name, occurrence) = self.events[state][event.index()];
        (name, before.0[name] + occurrence)
    }

    /// An event of the first state, before which nothing has come up.
    pub(crate) fn first_occurrence(&self, event: EventId) -> (usize, u32) {
        self.events[0][event.index()]
    }

    /// Counts what came up on the way to an end of the game of a state.
    pub(crate) fn count(&self, game: &Game, state: usize, end: NodeId, before: &mut Before) {
        for (node, _) in game.path(end) {
            before.0[self.events[state][game.event_id(node).index()].0] += 1;
        }
    }

    /// The key of an event.
    pub(crate) fn event(&self, (name, occurrence): (usize, u32)) -> u64 {
        let known = self.known[name].get(occurrence as usize - 1);
        known.copied().unwrap_or_else(|| Key::of_text(&event_name(&self.names[name], occurrence)))
    }

    /// The key of a text of the game of a state.
    pub(crate) fn text(&self, state: usize, text: TextId) -> u64 {
        self.texts[state][text.index()]
    }

    /// The key of the label of a branch.
    pub(crate) fn label(&self, game: &Game, state: usize, node: NodeId, branch: usize) -> u64 {
        self.text(state, game.branch_label(node, branch))
    }
}
