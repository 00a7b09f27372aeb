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
        scenes
            .iter()
            .zip(&events)
            .map(|(scene, events)| Self::new(scene.model().game(), events, words))
            .collect()
    }

    fn new(game: &Game, events: &[u32], words: usize) -> Self {
        let mut table = Self {
            of_node: vec![0; game.node_count()],
            words,
            at_or_below: vec![0; words * game.node_count()],
        };
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

/// The tree of a world at one point.
#[derive(Clone, Copy)]
pub(crate) struct WorldTree<'a> {
    pub(crate) scene: &'a Scene,
    pub(crate) events: &'a EventTable,
    pub(crate) odds: &'a LogOdds,
    /// The values of the scene's expressions.
    pub(crate) values: &'a [f64],
    pub(crate) surprises: &'a Surprises,
}

impl WorldTree<'_> {
    /// The probabilities of the branches of a node; surprises are in them.
    pub(crate) fn probabilities(&self, node: NodeId, found: &mut Vec<f64>) {
        found.clear();
        if !self.surprises.none() && self.surprises.touches(self.scene, node) {
            found.extend(self.surprises.odds(self.scene, self.odds, self.values, node));
        } else {
            found.extend(self.odds.at(self.scene.model().game(), node).iter().map(|log| exp(*log)));
        }
    }

    /// For each node, the probability of the branch that leads to it.
    pub(crate) fn of_each_branch(&self) -> Vec<f64> {
        let game = self.scene.model().game();
        let (mut into, mut own) = (vec![1.0; game.node_count()], Vec::new());
        for node in game.nodes().filter(|n| game.child_count(*n) > 0) {
            self.probabilities(node, &mut own);
            for (child, p) in game.children(node).zip(&own) {
                into[child.index()] = *p;
            }
        }
        into
    }
}
