//! Whether the record speaks of what there is, and at least one history agrees with it.

use counterplay_game::id::{EventId, NodeId};
use counterplay_game::tree::{Game, Kind};

use crate::problem::{Problem, did_you_mean};
use crate::scenario::{Record, Scenario};
use crate::story::terms::EventName;
use crate::story::unfolded::Unfolded;

/// What is wrong with the record.
pub(super) fn problems(scenario: &Scenario, unfolded: &Unfolded) -> Vec<Problem> {
    let record = &scenario.record;
    let game = unfolded.game();
    let mut problems = Vec::new();
    for (event, action) in &record.events {
        problems.extend(unknown(game, event, action, "the record"));
    }
    problems.extend(unknown_measures(unfolded, record));
    if problems.is_empty() {
        problems.extend(no_agreement(unfolded, record));
    }
    problems.into_iter().map(|p| p.at(record.place.clone())).collect()
}

/// The event's name is unknown, or it never has that action.
pub(super) fn unknown(game: &Game, event: &EventName, action: &str, who: &str) -> Option<Problem> {
    let id = match find(game, event, who) {
        Ok(id) => id,
        Err(problem) => return Some(problem),
    };
    let labels = labels(game, id);
    if labels.contains(&action) {
        return None;
    }
    Some(
        Problem::new(format!("{who} has `{event}` turn out as `{action}`, which it never can"))
            .hint(did_you_mean(action, labels.iter().copied())),
    )
}

/// The id of an event.
pub(super) fn find(game: &Game, event: &EventName, who: &str) -> Result<EventId, Problem> {
    game.find_event(&event.to_string()).ok_or_else(|| {
        let same_name = game.events().iter().filter(|e| game.text(e.name) == event.name);
        if let Some(last) = same_name.map(|e| e.occurrence).max() {
            let times = if last == 1 { "once".to_owned() } else { format!("{last} times") };
            return Problem::new(format!(
                "{who} names `{event}`, but `{}` happens {times} at most",
                event.name
            ));
        }
        let names: Vec<String> = (0..game.events().len()).map(|i| game.event_name(EventId::new(i))).collect();
        Problem::new(format!("{who} names `{event}`, but the story has no such event"))
            .hint(did_you_mean(&event.to_string(), names.iter().map(String::as_str)))
    })
}

/// All labels that an event has anywhere.
pub(super) fn labels(game: &Game, event: EventId) -> Vec<&str> {
    let mut labels = Vec::new();
    for node in game.nodes().filter(|n| !is_end(game, *n) && game.event_id(*n) == event) {
        for label in game.labels(node).map(|label| game.text(label)) {
            if !labels.contains(&label) {
                labels.push(label);
            }
        }
    }
    labels
}

fn is_end(game: &Game, node: NodeId) -> bool {
    matches!(game.kind(node), Kind::End(_))
}

fn unknown_measures(unfolded: &Unfolded, record: &Record) -> Vec<Problem> {
    let mut known: Vec<&str> = Vec::new();
    for (name, _) in unfolded.endings().iter().flat_map(|e| &e.measures) {
        let name = unfolded.game().text(*name);
        if !known.contains(&name) {
            known.push(name);
        }
    }
    let missing = record.measured.keys().filter(|name| !known.contains(&name.as_str()));
    let problem = |name: &String| {
        Problem::new(format!("the record gives `{name}`, but the story measures no such quantity"))
            .hint(did_you_mean(name, known.iter().copied()))
    };
    missing.map(problem).collect()
}

/// How many of the record's entries a history agrees with before the first that it does not.
pub(super) fn agreed(game: &Game, end: NodeId, demands: &[(EventId, &str)]) -> usize {
    let path = game.path(end);
    let agrees = |(event, action): &(EventId, &str)| {
        path.iter().any(|&(node, branch)| {
            game.event_id(node) == *event && game.text(game.branch_label(node, branch)) == *action
        })
    };
    demands.iter().take_while(|demand| agrees(demand)).count()
}

fn no_agreement(unfolded: &Unfolded, record: &Record) -> Option<Problem> {
    let game = unfolded.game();
    let demands: Vec<(EventId, &str)> = record
        .events
        .iter()
        .filter_map(|(event, action)| Some((game.find_event(&event.to_string())?, action.as_str())))
        .collect();
    let mut furthest = 0;
    for end in game.nodes().filter(|n| is_end(game, *n)) {
        let count = agreed(game, end, &demands);
        if count == demands.len() && measures_all(unfolded, end, record) {
            return None;
        }
        furthest = furthest.max(count);
    }
    let Some((event, action)) = record.events.get(furthest) else {
        return Some(
            Problem::new("no history that agrees with the record's events measures all that it gives")
                .hint("a quantity must be measured in the history that happened"),
        );
    };
    let what = format!("no history agrees with the record: none has `{event}` = `{action}`");
    let before: Vec<String> =
        record.events[..furthest].iter().map(|(e, a)| format!("`{e}` = `{a}`")).collect();
    let message =
        if before.is_empty() { what } else { format!("{what} together with {}", before.join(", ")) };
    Some(
        Problem::new(message)
            .hint("an event that is recorded must happen; leave out what did not come about"),
    )
}

fn measures_all(unfolded: &Unfolded, end: NodeId, record: &Record) -> bool {
    let game = unfolded.game();
    let Kind::End(id) = game.kind(end) else { return false };
    let ending = &unfolded.endings()[game.end(id).tag as usize];
    record.measured.keys().all(|name| ending.measures.iter().any(|m| game.text(m.0) == name))
}
