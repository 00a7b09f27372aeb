//! Where in the tree of a story changes hold, and whether what they are about comes up at all.

use std::collections::BTreeSet;

use counterplay_game::id::NodeId;
use counterplay_game::tree::Game;

use crate::problem::Problem;
use crate::story::change::{Change, ChangeCondition};
use crate::story::terms::EventName;
use crate::story::unfolded::{State, Unfolded};

/// A change of how an event goes that never comes up, with what the others force. `game` has all that they can bring about.
pub(crate) fn never_comes(game: &Game, surprises: &[Change], who: &str) -> Option<Problem> {
    if surprises.is_empty() {
        return None;
    }
    let (mut open, mut comes) = (vec![NodeId::new(Game::ROOT)], vec![false; surprises.len()]);
    while let Some(node) = open.pop().filter(|_| comes.contains(&false)) {
        if game.child_count(node) == 0 {
            continue;
        }
        let event = game.event_name(game.event_id(node));
        let mut forced = None;
        for (change, comes) in surprises.iter().zip(&mut comes) {
            let about = change.event().is_some_and(|e| e.to_string() == event);
            if about && holds(game, node, change) {
                *comes = true;
                if let Change::Force { action, .. } = change.bare() {
                    forced = game.labels(node).position(|label| game.text(label) == action).or(forced);
                }
            }
        }
        open.extend(game.children(node).enumerate().filter(|c| forced.is_none_or(|b| b == c.0)).map(|c| c.1));
    }
    let never = surprises.iter().zip(comes).find(|(_, comes)| !comes)?.0.event()?;
    Some(
        Problem::new(format!("{who} changes `{never}`, which cannot come up there"))
            .hint("let the events before it turn out so that it comes up, with more of `do()`, or leave this change out"),
    )
}

/// Where an event of a story with stages can be decided, up to this many stages after the beginning: the state, the node, and which of its
/// occurrences that is, counted from the beginning.
pub(crate) fn occurrences(unfolded: &Unfolded, event: &str, horizon: usize) -> Vec<(usize, NodeId, u32)> {
    let stages: Vec<StageOccurrences> =
        unfolded.states.iter().map(|state| StageOccurrences::of(state, event)).collect();
    let mut all = Vec::new();
    let mut known = BTreeSet::from([(0, 0)]);
    let mut now = known.clone();
    for _ in 0..=horizon {
        let mut next = BTreeSet::new();
        for (state, before) in now {
            all.extend(stages[state].decided.iter().map(|(node, own)| (state, *node, before + own)));
            let onward = stages[state].onward.iter().map(|(to, own)| (*to, before + own));
            next.extend(onward.filter(|place| known.insert(*place)));
        }
        now = next;
    }
    all
}

/// Where an event comes up in a stage, and which time that is; and the states that follow, with how often it has come up by then.
struct StageOccurrences {
    decided: Vec<(NodeId, u32)>,
    onward: BTreeSet<(usize, u32)>,
}

impl StageOccurrences {
    fn of(state: &State, event: &str) -> Self {
        let game = &state.game;
        let is = |node: NodeId| {
            game.child_count(node) > 0 && game.text(game.event(game.event_id(node)).name) == event
        };
        let times = |node| game.path(node).iter().filter(|at| is(at.0)).count() as u32;
        let ends = game.nodes().filter(|node| game.child_count(*node) == 0);
        Self {
            decided: game.nodes().filter(|node| is(*node)).map(|node| (node, times(node) + 1)).collect(),
            onward: ends.filter_map(|end| Some((state.onward(end)?, times(end)))).collect(),
        }
    }
}

/// Whether the conditions of a change hold at a node.
pub(crate) fn holds(game: &Game, node: NodeId, change: &Change) -> bool {
    let path: Vec<(String, &str)> = game
        .path(node)
        .into_iter()
        .map(|(at, branch)| (game.event_name(game.event_id(at)), game.text(game.branch_label(at, branch))))
        .collect();
    let is = |event: &EventName, action: &str| path.iter().any(|p| p.0 == event.to_string() && p.1 == action);
    let now = game.event_name(game.event_id(node));
    change.conditions().iter().all(|condition| match condition {
        ChangeCondition::From(event) => {
            now == event.to_string() || path.iter().any(|p| p.0 == event.to_string())
        }
        ChangeCondition::Turned(events) => events.iter().all(|(event, action)| is(event, action)),
    })
}
