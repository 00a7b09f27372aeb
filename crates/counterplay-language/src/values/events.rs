//! Events by their names, and what they turned out as.

use starlark::collections::SmallMap;
use starlark::values::Value;

use crate::values::unpack::{entries, label, name_of};
use counterplay::problem::Problem;
use counterplay::story::terms::EventName;

/// The name of an event.
pub(crate) fn event_name(value: Value<'_>) -> Result<EventName, Problem> {
    name_of(value, "the name of an event").map(EventName::parse)
}

/// What is known to have happened: events with what they turned out as.
pub(crate) fn events<'v>(
    dictionary: Option<Value<'v>>,
    named: SmallMap<&str, Value<'v>>,
    what: &str,
) -> Result<Vec<(EventName, String)>, Problem> {
    let mut given: Vec<(String, Value<'v>)> = Vec::new();
    if let Some(dictionary) = dictionary {
        for (event, action) in entries(dictionary, what)? {
            given.push((name_of(event, "the name of an event")?.to_owned(), action));
        }
    }
    given.extend(named.into_iter().map(|(event, action)| (event.to_owned(), action)));
    let mut events: Vec<(EventName, String)> = Vec::new();
    for (event, action) in given {
        let action = label(action, &format!("what `{event}` turned out as"))?;
        let event = EventName::parse(&event);
        if events.iter().any(|e| e.0 == event) {
            return Err(Problem::new(format!("`{event}` is given twice")));
        }
        events.push((event, action));
    }
    Ok(events)
}
