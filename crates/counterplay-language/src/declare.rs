//! Declarations: the scenario, its parameters, its record, and the evidence.

use std::collections::BTreeMap;
use std::fmt;

use allocative::Allocative;
use counterplay_game::expression::ExprId;
use counterplay_game::id::PlayerId;
use starlark::any::ProvidesStaticType;
use starlark::collections::SmallMap;
use starlark::environment::GlobalsBuilder;
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::starlark_simple_value;
use starlark::values::none::NoneType;
use starlark::values::{NoSerialize, StarlarkPagablePanic, StarlarkValue, Value, starlark_value};

use super::draft::{Draft, Header, ParameterDraft};
use super::host::declare;
use super::laws::{Law, quantities_value};
use super::values::{entries, items, kind, label, must_be, number, text, try_items};
use super::whom::Whom;
use counterplay::problem::{Place, Problem};
use counterplay::scenario::Record;
use counterplay::story::event::check_player;
use counterplay::story::terms::EventName;
use counterplay_analysis::Evidence;
use counterplay_inference::distribution::Distribution;
use counterplay_inference::prior::Prior;

/// Evidence as a value of the language.
#[derive(Clone, Debug, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, Allocative)]
pub(super) struct EvidenceValue(#[allocative(skip)] Evidence);

impl fmt::Display for EvidenceValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<evidence>")
    }
}

starlark_simple_value!(EvidenceValue);

#[starlark_value(type = "evidence")]
impl<'v> StarlarkValue<'v> for EvidenceValue {}

/// The most players that a game can have.
const MAX_PLAYERS: usize = 64;

fn optional_text(value: Option<Value<'_>>, what: &str) -> Result<String, Problem> {
    value.map_or(Ok(String::new()), |value| text(value, what).map(str::to_owned))
}

fn player_names(players: Value<'_>) -> Result<Vec<String>, Problem> {
    let mut names: Vec<String> = Vec::new();
    for player in items(players, "`players` of `scenario`")? {
        let name = text(*player, "a player's name")?;
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

/// An outcome and a value, from a dictionary of one entry.
pub(super) fn outcome_value(value: Value<'_>, what: &str) -> Result<(String, String), Problem> {
    match entries(value, what)?.as_slice() {
        [(outcome, value)] => Ok((
            text(*outcome, "the name of an outcome")?.to_owned(),
            label(*value, "the value of an outcome")?,
        )),
        several => Err(Problem::new(format!("{what} must name one outcome, but it names {}", several.len()))
            .hint("for example `{\"deal\": False}`")),
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
        title: text(title, "the title")?.to_owned(),
        players: player_names(players)?,
        question: optional_text(question, "`question`")?,
        period: optional_text(period, "`period`")?,
        about: about.map(|about| outcome_value(about, "`about`")).transpose()?,
    })
}

/// The items of evidence of an argument: one, or a list of them.
pub(super) fn evidence_list(value: Option<Value<'_>>, what: &str) -> Result<Vec<Evidence>, Problem> {
    let wanted = "evidence: `cite(...)` or `judgement(...)`";
    let Some(value) = value else { return Ok(Vec::new()) };
    if let Some(evidence) = EvidenceValue::from_value(value) {
        return Ok(vec![evidence.0.clone()]);
    }
    let one = |item: &Value<'_>| {
        let evidence = EvidenceValue::from_value(*item);
        evidence.map(|e| e.0.clone()).ok_or_else(|| must_be(&format!("an item of {what}"), wanted, *item))
    };
    let Some(items) = try_items(value) else {
        return Err(must_be(what, &format!("{wanted}, or a list of these"), value));
    };
    items.iter().map(one).collect()
}

fn parameter_draft(
    name: Value<'_>,
    prior: Value<'_>,
    unit: Option<Value<'_>>,
    evidence: Option<Value<'_>>,
    place: Option<Place>,
) -> Result<ParameterDraft, Problem> {
    let name = text(name, "the name of a parameter")?;
    let Some(law) = Law::from_value(prior) else {
        let problem = Problem::new(format!("`{name}` needs a prior, but it is given {}", kind(prior)));
        return Err(match number(prior) {
            Some(x) => problem.hint(format!("for a number that is certain write `point({x})`")),
            None => problem.hint("for example `between(0.1, 0.7)` or `beta(2, 2)`"),
        });
    };
    Ok(ParameterDraft {
        name: name.to_owned(),
        unit: optional_text(unit, "`unit`")?,
        prior: law.prior.clone(),
        prior_text: law.words.clone(),
        evidence: evidence_list(evidence, "`evidence`")?,
        place,
    })
}

/// Whether a prior plainly reaches below zero, where no precision lies.
fn reaches_below_zero(prior: &Prior, draft: &Draft) -> bool {
    let known_below = |id| draft.expressions.known(id).is_some_and(|x| x < 0.0);
    match prior {
        Prior::Single(Distribution::Normal { .. }) => true,
        Prior::Single(Distribution::Uniform { low, .. }) => known_below(*low),
        Prior::Single(Distribution::Point(x)) => known_below(*x),
        Prior::Categorical(choices) => choices.iter().any(|c| c.0 < 0.0),
        Prior::Single(_) | Prior::Mixture(_) | Prior::Dirichlet(_) => false,
    }
}

fn declare_precision(
    draft: &mut Draft,
    parameter: ParameterDraft,
    whom: &Whom<'_>,
) -> Result<Vec<ExprId>, Problem> {
    let name = parameter.name.clone();
    let players = draft.players()?.to_vec();
    if reaches_below_zero(&parameter.prior, draft) {
        return Err(Problem::new(format!("the precision `{name}` could be below zero"))
            .hint("use a prior over positive numbers, for example `lognormal(1.5, 0.5)`"));
    }
    let whose: Result<Vec<usize>, Problem> =
        whom.names(&players).iter().map(|name| check_player(name, &players).map(PlayerId::index)).collect();
    let whose = whose?;
    let ids = draft.add_parameter(parameter)?;
    let [id] = ids.as_slice() else {
        return Err(Problem::new(format!("the precision `{name}` is several numbers, not one")));
    };
    for player in whose {
        if draft.precisions[player].is_some() {
            return Err(Problem::new(format!("`{}` has two precisions", players[player]))
                .hint("say with `players = [...]` whose precision each one is"));
        }
        draft.precisions[player] = Some(*id);
    }
    Ok(ids)
}

/// What is known to have happened: events with what they turned out as.
pub(super) fn events<'v>(
    dictionary: Option<Value<'v>>,
    named: SmallMap<&str, Value<'v>>,
    what: &str,
) -> Result<Vec<(EventName, String)>, Problem> {
    let mut given: Vec<(String, Value<'v>)> = Vec::new();
    if let Some(dictionary) = dictionary {
        for (event, action) in entries(dictionary, what)? {
            given.push((text(event, "the name of an event")?.to_owned(), action));
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

fn measured_values(value: Option<Value<'_>>) -> Result<BTreeMap<String, f64>, Problem> {
    let Some(value) = value else { return Ok(BTreeMap::new()) };
    let mut measured = BTreeMap::new();
    for (name, value) in entries(value, "`measured`")? {
        let name = text(name, "the name of a measured quantity")?;
        let what = format!("the measured value of `{name}`");
        measured.insert(name.to_owned(), number(value).ok_or_else(|| must_be(&what, "a number", value))?);
    }
    Ok(measured)
}

#[starlark_module]
pub(super) fn declarations(builder: &mut GlobalsBuilder) {
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
            let header = header(title, players, question, period, about)?;
            draft.precisions = vec![None; header.players.len()];
            draft.header = Some(header);
            Ok(())
        })?;
        Ok(NoneType)
    }

    fn param<'v>(
        name: Value<'v>,
        prior: Value<'v>,
        unit: Option<Value<'v>>,
        evidence: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let ids = declare(eval, "param", |draft, place| {
            draft.add_parameter(parameter_draft(name, prior, unit, evidence, place)?)
        })?;
        let ids = match ids {
            Some(ids) => ids,
            None => declare(eval, "param", |draft, place| Ok(draft.stand_in(place)))?.unwrap_or_default(),
        };
        Ok(quantities_value(eval.heap(), &ids))
    }

    fn precision<'v>(
        name: Value<'v>,
        prior: Value<'v>,
        players: Option<Value<'v>>,
        evidence: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let ids = declare(eval, "precision", |draft, place| {
            let whom = players.map_or(Ok(Whom::All), |p| Whom::read(p, "`players` of `precision`"))?;
            declare_precision(draft, parameter_draft(name, prior, None, evidence, place)?, &whom)
        })?;
        let ids = match ids {
            Some(ids) => ids,
            None => declare(eval, "precision", |draft, place| Ok(draft.stand_in(place)))?.unwrap_or_default(),
        };
        Ok(quantities_value(eval.heap(), &ids))
    }

    fn cite<'v>(
        key: Value<'v>,
        at: Option<Value<'v>>,
        says: Option<Value<'v>>,
        disputed: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<EvidenceValue> {
        let evidence = declare(eval, "cite", |draft, _| {
            let key = text(key, "the key of a source")?;
            draft.cite(key)?;
            Ok(Evidence::Cite {
                key: key.to_owned(),
                at: optional_text(at, "`at` of `cite`")?,
                says: optional_text(says, "`says` of `cite`")?,
                disputed: truth_value(disputed, "`disputed` of `cite`")?,
            })
        })?;
        Ok(EvidenceValue(evidence.unwrap_or(Evidence::Judgement { why: String::new() })))
    }

    fn judgement<'v>(why: Value<'v>, eval: &mut Evaluator<'v, '_, '_>) -> starlark::Result<EvidenceValue> {
        let why = declare(eval, "judgement", |_, _| Ok(text(why, "the reason for a judgement")?.to_owned()))?;
        Ok(EvidenceValue(Evidence::Judgement { why: why.unwrap_or_default() }))
    }

    fn record<'v>(
        #[starlark(require = pos)] events: Option<Value<'v>>,
        #[starlark(require = named)] measured: Option<Value<'v>>,
        #[starlark(kwargs)] named: SmallMap<&str, Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        declare(eval, "record", |draft, place| {
            if draft.record.is_some() {
                return Err(Problem::new("`record(...)` is called twice")
                    .hint("put all that is known into one record"));
            }
            let events = self::events(events, named, "the record")?;
            draft.record = Some(Record { events, measured: measured_values(measured)?, place });
            Ok(())
        })?;
        Ok(NoneType)
    }
}

pub(super) fn truth_value(value: Option<Value<'_>>, what: &str) -> Result<bool, Problem> {
    value.map_or(Ok(false), |v| v.unpack_bool().ok_or_else(|| must_be(what, "`True` or `False`", v)))
}
