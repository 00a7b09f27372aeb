//! Replaying a process with given luck, stage by stage, from the beginning to the horizon.
//!
//! Luck is keyed by the event and its occurrence, counted over all stages from the beginning: the third `policy` has the
//! same luck in every world, whatever state it comes up in.

use counterplay_game::id::NodeId;
use counterplay_game::tree::{Game, event_name};
use counterplay_math::ln;

use super::Process;
use crate::model::agreement::LogOdds;
use crate::story::change::Change;
use crate::story::terms::EventName;
use crate::world::luck::Luck;
use counterplay_inference::key::Key;

/// A stage of a replay: the state, and the end of its game.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The state.
    pub state: usize,
    /// The end.
    pub end: NodeId,
    /// Whether it was reached with the luck that takes its place after the moment of an intervention.
    pub thrown_anew: bool,
}

impl Step {
    /// Whether it is the same stage with the same events, whatever the luck.
    pub fn same(&self, other: &Self) -> bool {
        (self.state, self.end) == (other.state, other.end)
    }
}

/// The keys of the events and labels of a process.
#[derive(Clone, Debug)]
pub struct ProcessKeys {
    names: Vec<String>,
    /// For each state and event of its game, the name.
    events: Vec<Vec<usize>>,
    /// For each state and text of its game, its key.
    texts: Vec<Vec<u64>>,
    /// For each name and occurrence up to a number, its key.
    known: Vec<Vec<u64>>,
}

/// How many occurrences have their keys at hand.
const AT_HAND: u32 = 64;

impl ProcessKeys {
    /// The keys for `process`.
    pub fn new(process: &Process) -> Self {
        let mut keys = Self { names: Vec::new(), events: Vec::new(), texts: Vec::new(), known: Vec::new() };
        for told in &process.states {
            let game = &told.unfolded.game;
            let events = game.events().iter().map(|e| keys.name(game.text(e.name))).collect();
            keys.events.push(events);
            keys.texts.push(game.texts().iter().map(Key::of_text).collect());
        }
        keys
    }

    fn name(&mut self, name: &str) -> usize {
        self.names.iter().position(|n| n == name).unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.known.push((1..=AT_HAND).map(|k| Key::of_text(&event_name(name, k))).collect());
            self.names.len() - 1
        })
    }

    /// The events by name.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    fn event(&self, name: usize, occurrence: u32) -> u64 {
        let known = self.known[name].get(occurrence as usize - 1);
        known.copied().unwrap_or_else(|| Key::of_text(&event_name(&self.names[name], occurrence)))
    }
}

/// A world to be replayed at one draw.
pub(crate) struct ReplayWorld<'a> {
    pub(crate) process: &'a Process,
    pub(crate) keys: &'a ProcessKeys,
    pub(crate) odds: &'a [LogOdds],
    /// What happens otherwise than the players foresaw.
    pub(crate) surprises: &'a [Change],
    /// The values of the expressions that the scenario declares.
    pub(crate) values: &'a [f64],
    pub(crate) horizon: usize,
    /// The events after which `after` takes the place of the luck; at once where there are none.
    pub(crate) moments: Vec<&'a EventName>,
}

impl ReplayWorld<'_> {
    /// Where this luck leads, up to the horizon; after the moments of the world with `after`, if there is one.
    pub(crate) fn replay(&self, luck: &Luck, after: Option<&Luck>) -> Vec<Step> {
        let mut counts = vec![0u32; self.keys.names.len()];
        let (mut steps, mut state) = (Vec::new(), 0);
        let mut thrown_anew = after.is_some() && self.moments.is_empty();
        while steps.len() <= self.horizon {
            let game = &self.process.states[state].unfolded.game;
            let mut node = NodeId::new(Game::ROOT);
            while game.child_count(node) > 0 {
                let name = self.keys.events[state][game.event_id(node).index()];
                counts[name] += 1;
                let now = after.filter(|_| thrown_anew).unwrap_or(luck);
                node = game.child(node, self.taken(state, node, (name, counts[name]), now));
                let is = |m: &EventName| m.occurrence == counts[name] && m.name == self.keys.names[name];
                thrown_anew |= after.is_some() && self.moments.iter().any(|m| is(m));
            }
            steps.push(Step { state, end: node, thrown_anew });
            match self.onward(state, node) {
                Some(next) => state = next,
                None => break,
            }
        }
        steps
    }

    fn onward(&self, state: usize, node: NodeId) -> Option<usize> {
        onward(self.process, state, node)
    }

    /// The branch that luck takes.
    fn taken(&self, state: usize, node: NodeId, (name, occurrence): (usize, u32), luck: &Luck) -> usize {
        let game = &self.process.states[state].unfolded.game;
        let own = self.odds[state].at(game, node);
        let key = self.keys.event(name, occurrence);
        let label = |branch: usize| self.keys.texts[state][game.branch_label(node, branch).index()];
        let best = |scores: &[f64]| {
            let mut best = (f64::NEG_INFINITY, None);
            for (branch, score) in scores.iter().enumerate().filter(|s| *s.1 > f64::NEG_INFINITY) {
                let sum = if scores.len() == 1 { 0.0 } else { score + luck.noise(key, label(branch)) };
                if best.1.is_none() || sum > best.0 {
                    best = (sum, Some(branch));
                }
            }
            best.1
        };
        let surprised = self.surprised(state, node, (name, occurrence), own);
        // What is forced may not be possible here: the event then goes its way.
        surprised.and_then(|scores| best(&scores)).or_else(|| best(own)).unwrap_or(0)
    }

    /// The log probabilities of an event that goes otherwise than foreseen.
    fn surprised(
        &self,
        state: usize,
        node: NodeId,
        (name, occurrence): (usize, u32),
        own: &[f64],
    ) -> Option<Vec<f64>> {
        let game = &self.process.states[state].unfolded.game;
        let here = |c: &&Change| {
            c.event().is_some_and(|e| e.occurrence == occurrence && e.name == self.keys.names[name])
        };
        let mut scores: Option<Vec<f64>> = None;
        for change in self.surprises.iter().filter(here) {
            let scores = scores.get_or_insert_with(|| own.to_vec());
            for (branch, score) in scores.iter_mut().enumerate() {
                let label = game.text(game.branch_label(node, branch));
                match change {
                    Change::Force { action, .. } if action == label => *score = 0.0,
                    Change::Force { .. } => *score = f64::NEG_INFINITY,
                    Change::Forbid { action, .. } if action == label => *score = f64::NEG_INFINITY,
                    Change::Rule { odds, .. } => {
                        let odd =
                            odds.iter().find(|o| o.0 == label).map_or(0.0, |o| self.values[o.1.index()]);
                        *score = ln(odd);
                    }
                    _ => {}
                }
            }
        }
        scores
    }

    /// Luck that leads this way as far as it goes.
    pub(crate) fn abduct(&self, key: Key, way: &[(usize, NodeId)]) -> Luck {
        let mut counts = vec![0u32; self.keys.names.len()];
        let mut luck = Luck::fresh(key);
        for &(state, end) in way {
            let game = &self.process.states[state].unfolded.game;
            for (node, taken) in game.path(end) {
                let name = self.keys.events[state][game.event_id(node).index()];
                counts[name] += 1;
                let label = |branch: usize| self.keys.texts[state][game.branch_label(node, branch).index()];
                let event = self.keys.event(name, counts[name]);
                luck.explain(event, label, self.odds[state].at(game, node), taken);
            }
        }
        luck
    }
}

/// The state that follows an end of the game of a state.
pub(crate) fn onward(process: &Process, state: usize, node: NodeId) -> Option<usize> {
    let told = &process.states[state];
    match told.unfolded.game.kind(node) {
        counterplay_game::tree::Kind::End(end) => told.onward_of(end),
        counterplay_game::tree::Kind::Chance(_) | counterplay_game::tree::Kind::Decision(_) => None,
    }
}
