//! What a scenario is about: `scenario`, and its `record`.

use std::collections::BTreeMap;

use starlark::collections::SmallMap;
use starlark::environment::GlobalsBuilder;
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::Value;
use starlark::values::none::NoneType;

use crate::declarations::evidence::evidence_list;
use crate::host::declare;
use crate::host::draft::Header;
use crate::values::events;
use crate::values::unpack::{entries, items, must_be, name_of, number, optional_text, outcome_value, text};
use counterplay::problem::{Problem, did_you_mean};
use counterplay::scenario::Record;
use counterplay::scenario::record_sources::{RecordSources, Reuse};
use counterplay::story::terms::EventName;

/// The most players that a game can have.
const MAX_PLAYERS: usize = 64;

fn player_names(players: Value<'_>) -> Result<Vec<String>, Problem> {
    let mut names: Vec<String> = Vec::new();
    for player in items(players, "`players` of `scenario`")? {
        let name = name_of(*player, "a player's name")?;
        if names.iter().any(|n| n == name) {
            return Err(Problem::new(format!("the player `{name}` is listed twice")));
        }
        names.push(name.to_owned());
    }
    match names.len() {
        0 => Err(Problem::new("a scenario needs at least one player")),
        n if n > MAX_PLAYERS => {
            Err(Problem::new(format!("there are {n} players; the most is {MAX_PLAYERS}")))
        }
        _ => Ok(names),
    }
}

fn header<'v>(
    title: Value<'v>,
    players: Value<'v>,
    question: Option<Value<'v>>,
    period: Option<Value<'v>>,
    about: Option<Value<'v>>,
) -> Result<Header, Problem> {
    Ok(Header {
        title: name_of(title, "the title")?.to_owned(),
        players: player_names(players)?,
        question: optional_text(question, "`question`")?,
        period: optional_text(period, "`period`")?,
        about: about.map(|about| outcome_value(about, "`about`")).transpose()?,
    })
}

fn measured_values(value: Option<Value<'_>>) -> Result<BTreeMap<String, f64>, Problem> {
    let Some(value) = value else { return Ok(BTreeMap::new()) };
    let mut measured = BTreeMap::new();
    for (name, value) in entries(value, "`measured`")? {
        let name = name_of(name, "the name of a measured quantity")?;
        let what = format!("the measured value of `{name}`");
        measured.insert(name.to_owned(), number(value).ok_or_else(|| must_be(&what, "a number", value))?);
    }
    Ok(measured)
}

/// What of the record a key of `source` or `reuse` names: an event as it is shown, or a measured quantity.
fn recorded(record: &Record, key: Value<'_>, call: &str) -> Result<String, Problem> {
    let key = text(key, &format!("a key of `{call}` of `record`"))?;
    let event = EventName::parse(key);
    if record.events.iter().any(|e| e.0 == event) {
        return Ok(event.to_string());
    }
    if record.measured.contains_key(key) {
        return Ok(key.to_owned());
    }
    let events = record.events.iter().map(|e| e.0.to_string());
    let known: Vec<String> = events.chain(record.measured.keys().cloned()).collect();
    Err(Problem::new(format!("`{call}` speaks of `{key}`, which the record does not give"))
        .hint(did_you_mean(key, known.iter().map(String::as_str))))
}

fn record_sources(
    record: &Record,
    source: Option<Value<'_>>,
    reuse: Option<Value<'_>>,
) -> Result<RecordSources, Problem> {
    let mut found = RecordSources::default();
    for (key, value) in source.map_or(Ok(Vec::new()), |s| entries(s, "`source` of `record`"))? {
        let name = recorded(record, key, "source")?;
        let evidence = evidence_list(Some(value), &format!("`source` of `{name}`"))?;
        found.of.push((name, evidence));
    }
    let Some(reuse) = reuse else { return Ok(found) };
    if let Some(why) = reuse.unpack_str() {
        let names = found.of.iter().map(|s| s.0.clone()).collect();
        found.reuse.push(Reuse { of: names, why: why.to_owned() });
        return Ok(found);
    }
    for (key, why) in entries(reuse, "`reuse` of `record`")? {
        let name = recorded(record, key, "reuse")?;
        let why = text(why, &format!("the reason for `{name}` in `reuse`"))?.to_owned();
        found.reuse.push(Reuse { of: vec![name], why });
    }
    Ok(found)
}

#[starlark_module]
pub(crate) fn scenario(builder: &mut GlobalsBuilder) {
    fn scenario<'v>(
        title: Value<'v>,
        players: Value<'v>,
        question: Option<Value<'v>>,
        period: Option<Value<'v>>,
        about: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        declare(eval, "scenario", |draft, _| {
            if draft.header.is_some() {
                return Err(Problem::new("`scenario(...)` is called twice"));
            }
            let header = header(title, players, question, period, about);
            draft.header_wrong = header.is_err();
            let header = header?;
            draft.precisions = vec![None; header.players.len()];
            draft.header = Some(header);
            Ok(())
        })?;
        Ok(NoneType)
    }

    fn record<'v>(
        #[starlark(require = pos)] events: Option<Value<'v>>,
        #[starlark(require = named)] measured: Option<Value<'v>>,
        #[starlark(require = named)] source: Option<Value<'v>>,
        #[starlark(require = named)] reuse: Option<Value<'v>>,
        #[starlark(kwargs)] named: SmallMap<&str, Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        declare(eval, "record", |draft, place| {
            if draft.record.is_some() {
                return Err(Problem::new("`record(...)` is called twice")
                    .hint("put all that is known into one record"));
            }
            let events = events::events(events, named, "the record")?;
            let record = Record { events, measured: measured_values(measured)?, place };
            draft.record_sources = record_sources(&record, source, reuse)?;
            draft.record = Some(record);
            Ok(())
        })?;
        Ok(NoneType)
    }
}
