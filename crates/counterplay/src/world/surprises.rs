//! What happens otherwise than the players foresaw.

use counterplay_game::expression::ExprId;
use counterplay_game::id::NodeId;
use counterplay_game::tree::Game;
use counterplay_inference::key::Key;
use counterplay_math::{exp, ln};

use crate::model::odds::LogOdds;
use crate::scenario::plan::{Moments, Plan};
use crate::story::change::{Change, ChangeCondition};
use crate::story::terms::EventName;
use crate::world::keys::{Before, LuckKeys};
use crate::world::scene::Scene;

/// An event by the number of its name and its occurrence, counted from the beginning.
pub(crate) type Occurrence = (usize, u32);

/// An event that has happened, and the key of what it turned out as.
pub(crate) type PastEvent = (Occurrence, u64);

/// One thing that happens otherwise than the players foresaw; labels are told by their keys.
#[derive(Clone, Debug)]
enum Surprise {
    Force(u64),
    Forbid(u64),
    Rule(Vec<(u64, ExprId)>),
}

/// What is asked of a history before something holds.
#[derive(Clone, Copy, Debug)]
enum PastTest {
    /// The event turned out so.
    Is(Occurrence, u64),
    /// The event came up.
    Came(Occurrence),
}

/// An event, and what is asked of the history that leads to it.
#[derive(Clone, Debug)]
struct When {
    at: Occurrence,
    tests: Vec<PastTest>,
}

impl When {
    /// Whether it is now that `event` is decided, after what has happened.
    fn is_now(&self, event: Occurrence, happened: &[PastEvent]) -> bool {
        let holds = |test: &PastTest| match test {
            PastTest::Is(event, label) => happened.contains(&(*event, *label)),
            PastTest::Came(e) => *e == event || happened.iter().any(|h| h.0 == *e),
        };
        self.at == event && self.tests.iter().all(holds)
    }
}

/// What happens otherwise than the players foresaw, and from where on luck may be redrawn.
#[derive(Clone, Debug, Default)]
pub struct Surprises {
    list: Vec<(When, Surprise)>,
    /// Whether luck that may be redrawn is so from the beginning.
    from_the_beginning: bool,
    /// The events after which it is.
    moments: Vec<When>,
    /// For each node of the first state, whether it is because an event was removed before it; empty if nothing was removed.
    after_removal: Vec<bool>,
    /// Whether any of it depends on what has happened before.
    look_back: bool,
}

impl Surprises {
    /// The surprises of a plan, by the events of a scene; those of events that it does not have never come.
    pub fn new(scene: &Scene, plan: &Plan) -> Self {
        let keys = scene.keys();
        let list = plan.surprises.iter().filter_map(|change| {
            let at = occurrence(keys, change.event()?)?;
            let what = match change.bare() {
                Change::Force { action, .. } => Surprise::Force(Key::of_text(action)),
                Change::Forbid { action, .. } => Surprise::Forbid(Key::of_text(action)),
                Change::Rule { odds, .. } => {
                    Surprise::Rule(odds.iter().map(|o| (Key::of_text(&o.0), o.1)).collect())
                }
                _ => return None,
            };
            Some((When { at, tests: tests(keys, &change.conditions())? }, what))
        });
        let Moments { from_the_beginning, after, from_removals } = plan.moments();
        let moments = after.iter().filter_map(|(at, conditions)| {
            let conditions: Vec<&ChangeCondition> = conditions.iter().collect();
            Some(When { at: occurrence(keys, at)?, tests: tests(keys, &conditions)? })
        });
        let (list, moments): (Vec<_>, Vec<_>) = (list.collect(), moments.collect());
        let after_removal = if from_removals { removals(scene) } else { Vec::new() };
        let look_back = list.iter().map(|s| &s.0).chain(&moments).any(|when| !when.tests.is_empty());
        Self { list, from_the_beginning, moments, after_removal, look_back }
    }

    /// Whether there are none.
    pub(crate) fn none(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether luck is redrawn from the beginning, where it is redrawn at all.
    pub(crate) fn redraw_from_the_beginning(&self) -> bool {
        self.from_the_beginning
    }

    /// Whether what has happened before must be known.
    pub(crate) fn looks_back(&self) -> bool {
        self.look_back
    }

    /// Whether one of them is about an event, after what has happened.
    pub(crate) fn concern(&self, event: Occurrence, happened: &[PastEvent]) -> bool {
        self.list.iter().any(|s| s.0.is_now(event, happened))
    }

    /// Whether an event is a moment after which luck may be redrawn.
    pub(crate) fn moment(&self, event: Occurrence, happened: &[PastEvent]) -> bool {
        self.moments.iter().any(|m| m.is_now(event, happened))
    }

    /// The scores of the branches of an event that goes otherwise than foreseen, whose labels have these keys: log probabilities up to a
    /// constant, where `scores` are those that were foreseen and `values` those of the expressions that the scenario declares. `None` if
    /// what is forced cannot be done here: the event goes its way.
    pub(crate) fn scores(
        &self,
        event: Occurrence,
        happened: &[PastEvent],
        scores: &[f64],
        values: &[f64],
        label: impl Fn(usize) -> u64,
    ) -> Option<Vec<f64>> {
        let mut scores = scores.to_vec();
        for (_, surprise) in self.list.iter().filter(|s| s.0.is_now(event, happened)) {
            for (branch, score) in scores.iter_mut().enumerate() {
                let label = label(branch);
                match surprise {
                    Surprise::Force(only) if *only == label => *score = 0.0,
                    Surprise::Force(_) => *score = f64::NEG_INFINITY,
                    Surprise::Forbid(not) if *not == label => *score = f64::NEG_INFINITY,
                    Surprise::Forbid(_) => {}
                    Surprise::Rule(rule) => {
                        let odd = rule.iter().find(|r| r.0 == label).map_or(0.0, |r| values[r.1.index()]);
                        *score = ln(odd);
                    }
                }
            }
        }
        scores.iter().any(|s| *s > f64::NEG_INFINITY).then_some(scores)
    }

    /// What has happened before a node of the first state, if any of them asks for it.
    fn looking_back(&self, keys: &LuckKeys, game: &Game, node: NodeId) -> Vec<PastEvent> {
        if !self.look_back {
            return Vec::new();
        }
        let step = |(at, branch)| (first_occurrence(keys, game, at), keys.label(game, 0, at, branch));
        game.path(node).into_iter().map(step).collect()
    }

    /// Whether luck may be redrawn from a node of the first state on, because an event was removed before it.
    pub(crate) fn redrawn_at(&self, node: NodeId) -> bool {
        self.after_removal.get(node.index()).copied().unwrap_or(false)
    }

    /// For each node of the first state, whether luck is drawn again from there on: whether the event before it is a moment.
    pub(crate) fn redrawn_from(&self, scene: &Scene) -> Vec<bool> {
        let (keys, game) = (scene.keys(), scene.model().game());
        let after = |child: NodeId| {
            let happened = || self.looking_back(keys, game, child);
            let moment = |node| self.moment(first_occurrence(keys, game, node), &happened());
            self.redrawn_at(child) || game.parent(child).is_some_and(moment)
        };
        game.nodes().map(after).collect()
    }

    /// For each node of a stage, whether luck is drawn again from there on, where none of it looks back.
    pub(crate) fn redrawn_from_stage(&self, scene: &Scene, state: usize, before: &Before) -> Vec<bool> {
        let (keys, game) = (scene.keys(), &scene.model().unfolded().states[state].game);
        let moment = |node| self.moment(keys.occurrence(state, game.event_id(node), before), &[]);
        let after =
            |child: NodeId| (state == 0 && self.redrawn_at(child)) || game.parent(child).is_some_and(moment);
        game.nodes().map(after).collect()
    }

    /// Whether they are about what is decided at a node of the first state.
    pub(crate) fn touches(&self, scene: &Scene, node: NodeId) -> bool {
        let (keys, game) = (scene.keys(), scene.model().game());
        let happened = self.looking_back(keys, game, node);
        self.concern(first_occurrence(keys, game, node), &happened)
    }

    /// Whether a branch is what they force at a node of the first state, so that nothing is changed there. Only what is forced can
    /// be known to happen anyway: other odds could turn the same luck to another branch.
    pub(crate) fn happens_anyway(&self, scene: &Scene, node: NodeId, branch: usize) -> bool {
        let (keys, game) = (scene.keys(), scene.model().game());
        let event = first_occurrence(keys, game, node);
        let label = keys.label(game, 0, node, branch);
        let happened = self.looking_back(keys, game, node);
        self.list.iter().filter(|s| s.0.is_now(event, &happened)).all(|(_, surprise)| match surprise {
            Surprise::Force(only) => *only == label || game.labels(node).all(|l| keys.text(0, l) != *only),
            Surprise::Forbid(_) | Surprise::Rule(_) => false,
        })
    }

    /// The probabilities of the branches at a node of the first state whose event goes otherwise than foreseen, over all luck.
    pub(crate) fn odds(&self, scene: &Scene, odds: &LogOdds, values: &[f64], node: NodeId) -> Vec<f64> {
        let (keys, game) = (scene.keys(), scene.model().game());
        let happened = self.looking_back(keys, game, node);
        let event = first_occurrence(keys, game, node);
        let foreseen = odds.at(game, node);
        let scores =
            self.scores(event, &happened, foreseen, values, |branch| keys.label(game, 0, node, branch));
        let scores = scores.unwrap_or_else(|| foreseen.to_vec());
        as_probabilities(&scores)
    }

    /// Whether every event that they are about has come up as often as it must for them.
    pub(crate) fn all_past(&self, before: &Before) -> bool {
        let whens = self.list.iter().map(|(when, _)| when).chain(&self.moments);
        whens.map(|when| when.at).all(|(name, occurrence)| before.of(name) >= occurrence)
    }
}

/// Log probabilities up to a constant as probabilities.
pub(crate) fn as_probabilities(scores: &[f64]) -> Vec<f64> {
    let top = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = scores.iter().map(|s| exp(s - top)).collect();
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|w| w / sum).collect()
}

/// The event of a node of the first state.
fn first_occurrence(keys: &LuckKeys, game: &Game, node: NodeId) -> Occurrence {
    keys.first_occurrence(game.event_id(node))
}

/// For each node of the first state, whether an event was removed right before it.
fn removals(scene: &Scene) -> Vec<bool> {
    let state = &scene.model().unfolded().states[0];
    let mut after = vec![false; state.game.node_count()];
    for node in &state.after_removal {
        after[node.index()] = true;
    }
    after
}

fn occurrence(keys: &LuckKeys, event: &EventName) -> Option<Occurrence> {
    Some((keys.name(&event.name)?, event.occurrence))
}

/// Conditions by the numbers of events; `None` if they can never hold.
fn tests(keys: &LuckKeys, conditions: &[&ChangeCondition]) -> Option<Vec<PastTest>> {
    let mut tests = Vec::new();
    for condition in conditions {
        match condition {
            ChangeCondition::From(name) => tests.push(PastTest::Came(occurrence(keys, name)?)),
            ChangeCondition::Turned(events) => {
                for (name, action) in events {
                    tests.push(PastTest::Is(occurrence(keys, name)?, Key::of_text(action)));
                }
            }
        }
    }
    Some(tests)
}
