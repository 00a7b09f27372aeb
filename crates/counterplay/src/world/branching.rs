//! The tree of a world at one point: what comes up where, and how likely each branch is.

use counterplay_game::id::{EventId, NodeId};
use counterplay_game::tree::Game;
use counterplay_math::exp;

use crate::model::odds::LogOdds;
use crate::world::keys::Before;
use crate::world::scene::Scene;
use crate::world::surprises::{Surprises, as_probabilities};

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
    fn enter(&mut self, scene: &Scene, state: usize) -> Vec<u32> {
        let (keys, game) = (scene.keys(), &scene.model().unfolded().states[state].game);
        let mut number = |event| {
            let key = keys.event(keys.occurrence(state, event, &keys.nothing_before()));
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
    /// For each of several scenes, the tables of the trees of its states. Where there are several states, an event has the number of its
    /// occurrence within its stage.
    pub(crate) fn of_all(scenes: &[Scene]) -> Vec<Vec<Self>> {
        let mut numbers = EventNumbers::default();
        let of_scene = |scene: &Scene| 0..scene.model().unfolded().states.len();
        let events: Vec<Vec<Vec<u32>>> = scenes
            .iter()
            .map(|scene| of_scene(scene).map(|state| numbers.enter(scene, state)).collect())
            .collect();
        let words = numbers.0.len().div_ceil(64).max(1);
        let tables = |(scene, events): (&Scene, &Vec<Vec<u32>>)| {
            let states = &scene.model().unfolded().states;
            states.iter().zip(events).map(|(state, events)| Self::new(&state.game, events, words)).collect()
        };
        scenes.iter().zip(&events).map(tables).collect()
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
    /// The state whose game it is; the first, of a story that ends.
    pub(crate) state: usize,
    pub(crate) odds: &'a LogOdds,
    /// The values of the scene's expressions.
    pub(crate) values: &'a [f64],
    pub(crate) surprises: &'a Surprises,
    /// How often events have come up before it; `None` if none has, and surprises may depend on what has happened.
    pub(crate) before: Option<&'a Before>,
}

impl<'a> WorldTree<'a> {
    /// The game.
    pub(crate) fn game(&self) -> &'a Game {
        &self.scene.model().unfolded().states[self.state].game
    }

    /// The probabilities at a node of a stage, if its event goes otherwise than foreseen.
    fn surprised(&self, node: NodeId, before: &Before) -> Option<Vec<f64>> {
        let (keys, game) = (self.scene.keys(), self.game());
        let event = keys.occurrence(self.state, game.event_id(node), before);
        if !self.surprises.concern(event, &[]) {
            return None;
        }
        let label = |branch| keys.label(game, self.state, node, branch);
        let scores = self.surprises.scores(event, &[], self.odds.at(game, node), self.values, label)?;
        Some(as_probabilities(&scores))
    }

    /// The probabilities of the branches of a node; surprises are in them.
    pub(crate) fn probabilities(&self, node: NodeId, found: &mut Vec<f64>) {
        found.clear();
        if self.game().child_count(node) == 0 {
            return;
        }
        if let Some(before) = self.before.filter(|_| !self.surprises.none()) {
            if let Some(surprised) = self.surprised(node, before) {
                found.extend(surprised);
                return;
            }
        } else if !self.surprises.none() && self.surprises.touches(self.scene, node) {
            found.extend(self.surprises.odds(self.scene, self.odds, self.values, node));
            return;
        }
        found.extend(self.odds.at(self.game(), node).iter().map(|log| exp(*log)));
    }

    /// For each node, the probability of the branch that leads to it.
    pub(crate) fn of_each_branch(&self) -> Vec<f64> {
        let game = self.game();
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
