//! The tree of a world at one point: what comes up where, and how likely each branch is.

use counterplay_game::id::{EventId, NodeId};
use counterplay_game::tree::Game;
use counterplay_math::exp;

use crate::model::odds::LogOdds;
use crate::world::scene::Scene;
use crate::world::surprises::Surprises;

/// For each event of any of some scenes, whether it comes up at a node or below it.
#[derive(Clone, Debug, Default)]
pub(crate) struct EventTable {
    /// For each node that has branches, the number of its event, the same in all scenes.
    of_node: Vec<u32>,
    /// How many words of 64 events each node has.
    words: usize,
    at_or_below: Vec<u64>,
}

/// The numbers of events in several scenes: the same number for the same event.
#[derive(Clone, Debug, Default)]
pub(crate) struct EventNumbers(Vec<u64>);

impl EventNumbers {
    /// Numbers the events of a scene that are not numbered yet.
    fn enter(&mut self, scene: &Scene) -> Vec<u32> {
        let (keys, game) = (scene.keys(), scene.model().game());
        let mut number = |event| {
            let key = keys.event(keys.first_occurrence(event));
            let at = self.0.iter().position(|k| *k == key).unwrap_or_else(|| {
                self.0.push(key);
                self.0.len() - 1
            });
            at as u32
        };
        (0..game.events().len()).map(|event| number(EventId::new(event))).collect()
    }
}

impl EventTable {
    /// The tables of the trees of several scenes.
    pub(crate) fn of_all(scenes: &[Scene]) -> Vec<Self> {
        let mut numbers = EventNumbers::default();
        let events: Vec<Vec<u32>> = scenes.iter().map(|scene| numbers.enter(scene)).collect();
        let words = numbers.0.len().div_ceil(64).max(1);
        scenes.iter().zip(&events).map(|(scene, events)| Self::new(scene.model().game(), events, words)).collect()
    }

    fn new(game: &Game, events: &[u32], words: usize) -> Self {
        let mut table =
            Self { of_node: vec![0; game.node_count()], words, at_or_below: vec![0; words * game.node_count()] };
        for node in game.nodes().rev() {
            if game.child_count(node) == 0 {
                continue;
            }
            let event = events[game.event_id(node).index()];
            table.of_node[node.index()] = event;
            table.at_or_below[node.index() * words + event as usize / 64] |= 1 << (event % 64);
            for child in game.children(node) {
                for word in 0..words {
                    let below = table.at_or_below[child.index() * words + word];
                    table.at_or_below[node.index() * words + word] |= below;
                }
            }
        }
        table
    }

    /// The event at a node that has branches.
    pub(crate) fn event(&self, node: NodeId) -> u32 {
        self.of_node[node.index()]
    }

    /// Whether an event comes up at a node or below it.
    pub(crate) fn comes(&self, event: u32, node: NodeId) -> bool {
        self.words(node)[event as usize / 64] >> (event % 64) & 1 == 1
    }

    /// Whether some event comes up both at or below a node of this tree and at or below a node of another.
    pub(crate) fn share(&self, node: NodeId, other: &Self, there: NodeId) -> bool {
        self.words(node).iter().zip(other.words(there)).any(|(a, b)| a & b != 0)
    }

    fn words(&self, node: NodeId) -> &[u64] {
        &self.at_or_below[node.index() * self.words..][..self.words]
    }
}

/// For each node of a world's tree, the probability of the branch that leads to it; surprises are in it.
pub(crate) fn branch_probabilities(
    scene: &Scene,
    odds: &LogOdds,
    values: &[f64],
    surprises: &Surprises,
) -> Vec<f64> {
    let game = scene.model().game();
    let mut into = vec![1.0; game.node_count()];
    for node in game.nodes().filter(|n| game.child_count(*n) > 0) {
        let children = game.children(node);
        if surprises.touches(scene, node) {
            for (child, p) in children.zip(surprises.odds(scene, odds, values, node)) {
                into[child.index()] = p;
            }
        } else {
            for (child, log) in children.zip(odds.at(game, node)) {
                into[child.index()] = exp(*log);
            }
        }
    }
    into
}
