//! Where in the tree of a story changes hold, and whether what they are about comes up at all.

use std::collections::BTreeMap;

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

/// The most often that an event can come up in a story with stages, up to this many stages after the beginning.
pub(crate) fn most_often(unfolded: &Unfolded, event: &str, horizon: usize) -> u32 {
    let onward: Vec<BTreeMap<Option<usize>, u32>> =
        unfolded.states.iter().map(|state| times_by_next(state, event)).collect();
    let mut from = BTreeMap::from([(0, 0)]);
    let mut most = 0;
    for _ in 0..=horizon {
        let mut next = BTreeMap::new();
        for (state, before) in from {
            for (to, times) in &onward[state] {
                most = most.max(before + times);
                if let Some(to) = to {
                    let known = next.entry(*to).or_insert(0);
                    *known = (before + times).max(*known);
                }
            }
        }
        from = next;
    }
    most
}

/// For each state that a state leads to, and for its end, the most often that an event comes up on the way.
fn times_by_next(state: &State, event: &str) -> BTreeMap<Option<usize>, u32> {
    let game = &state.game;
    let mut most = BTreeMap::new();
    for end in game.nodes().filter(|n| game.child_count(*n) == 0) {
        let is = |at: &(NodeId, usize)| game.text(game.event(game.event_id(at.0)).name) == event;
        let times = game.path(end).iter().filter(|at| is(at)).count() as u32;
        let known = most.entry(state.onward(end)).or_insert(0);
        *known = times.max(*known);
    }
    most
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
