//! Changes that contradict each other.
//!
//! Changes compose in the order given, and a later one may add to an earlier one. But two that decide the same event
//! in different ways, where both can hold in one history, are a slip and not a composition.

use crate::problem::Problem;
use crate::story::change::{Change, ChangeCondition};
use crate::story::terms::EventName;

/// What is contradictory about changes that are to hold together, if anything is.
pub(crate) fn contradiction<'a>(changes: impl Iterator<Item = &'a Change>) -> Option<Problem> {
    let changes: Vec<&Change> = changes.collect();
    changes.iter().find_map(|change| alone(change)).or_else(|| {
        let pairs =
            changes.iter().enumerate().flat_map(|(index, a)| changes[..index].iter().map(|b| (*b, *a)));
        pairs.into_iter().find_map(|(earlier, later)| together(earlier, later))
    })
}

/// What each condition asks for.
fn turned<'a>(conditions: &[&'a ChangeCondition]) -> Vec<(&'a EventName, &'a str)> {
    let of = |c: &&'a ChangeCondition| match c {
        ChangeCondition::Turned(events) => events.iter().map(|(e, a)| (e, a.as_str())).collect::<Vec<_>>(),
        ChangeCondition::From(_) => Vec::new(),
    };
    conditions.iter().flat_map(of).collect()
}

/// An event that is asked to turn out in two ways.
fn clash<'a>(events: &[(&'a EventName, &'a str)]) -> Option<(&'a EventName, &'a str, &'a str)> {
    events.iter().enumerate().find_map(|(index, (event, action))| {
        let other = events[..index].iter().find(|(e, a)| e == event && a != action)?;
        Some((*event, other.1, *action))
    })
}

/// What is wrong with one change by itself.
fn alone(change: &Change) -> Option<Problem> {
    let conditions = change.conditions();
    let asked = turned(&conditions);
    if let Some((event, one, other)) = clash(&asked) {
        return Some(Problem::new(format!(
            "a condition that `{event}` is `{one}` and `{other}` can never hold"
        )));
    }
    let decided = change.event().filter(|_| change.decides_an_event());
    let own = decided.and_then(|event| asked.iter().find(|(e, _)| *e == event));
    if let Some((event, action)) = own {
        return Some(
            Problem::new(format!("what happens at `{event}` cannot depend on `{event}` being `{action}`"))
                .hint("a condition must be settled before the event that it is for"),
        );
    }
    match change.bare() {
        Change::Swap { first, second } if first.name == second.name => Some(Problem::new(format!(
            "`{first}` and `{second}` have the same name, and their order is what tells them apart"
        ))),
        _ => None,
    }
}

/// What is wrong with two changes that hold together.
fn together(earlier: &Change, later: &Change) -> Option<Problem> {
    let mut conditions = earlier.conditions();
    conditions.extend(later.conditions());
    if clash(&turned(&conditions)).is_some() {
        return None;
    }
    never_met(earlier, later)
        .or_else(|| never_met(later, earlier))
        .or_else(|| removed(earlier, later))
        .or_else(|| removed(later, earlier))
        .or_else(|| decided_twice(earlier, later))
}

/// The condition of `change` is made impossible by `other`.
fn never_met(other: &Change, change: &Change) -> Option<Problem> {
    if !other.conditions().is_empty() {
        return None;
    }
    let conditions = change.conditions();
    match other {
        Change::Force { event, action } => {
            let (_, asked) = turned(&conditions).into_iter().find(|(e, a)| *e == event && a != action)?;
            Some(Problem::new(format!(
                "a condition that `{event}` is `{asked}` can never hold where `{event}` is forced to be `{action}`"
            )))
        }
        Change::Remove { event } => {
            conditions.iter().flat_map(|c| c.events()).find(|e| *e == event)?;
            Some(Problem::new(format!("a condition on `{event}` can never hold where `{event}` is removed")))
        }
        _ => None,
    }
}

/// `change` is about an event that `other` removes.
fn removed(other: &Change, change: &Change) -> Option<Problem> {
    let Change::Remove { event } = other.bare() else { return None };
    let gone = match change.bare() {
        Change::Remove { .. } | Change::Insert { .. } => false,
        Change::Swap { first, second } => first == event || second == event,
        bare => bare.event() == Some(event),
    };
    gone.then(|| {
        Problem::new(format!("`{event}` is removed, and yet something else is to be changed about it"))
            .hint("leave out one of the two, or put them under conditions that exclude each other")
    })
}

fn decided_twice(earlier: &Change, later: &Change) -> Option<Problem> {
    if earlier.event().is_none() || earlier.event() != later.event() {
        return None;
    }
    let how = match (earlier.bare(), later.bare()) {
        (Change::Force { event, action: a }, Change::Force { action: b, .. }) if a != b => {
            format!("`{event}` is forced to be `{a}` and to be `{b}`")
        }
        (Change::Force { event, action: a }, Change::Forbid { action: b, .. })
        | (Change::Forbid { event, action: b }, Change::Force { action: a, .. })
            if a == b =>
        {
            format!("`{event}` is forced to be `{a}`, which is forbidden")
        }
        (Change::Forbid { event, action }, Change::Rule { odds, .. })
            if odds.iter().any(|o| o.0 == *action) =>
        {
            format!("`{event}` has a rule that gives odds to `{action}`, which is forbidden")
        }
        (Change::Force { event, .. }, Change::Rule { .. })
        | (Change::Rule { event, .. }, Change::Force { .. }) => {
            format!("`{event}` is forced, and has a rule as well")
        }
        (Change::Rule { event, .. }, Change::Rule { .. }) if earlier != later => {
            format!("`{event}` has two rules")
        }
        (Change::Insert { event, .. }, Change::Insert { .. }) => format!("`{event}` is inserted twice"),
        _ => return None,
    };
    Some(
        Problem::new(format!("these changes contradict each other: {how}"))
            .hint("leave out one of the two, or put them under conditions that exclude each other"),
    )
}
