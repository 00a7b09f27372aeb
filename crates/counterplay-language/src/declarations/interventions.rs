//! Interventions: `do`, `forbid`, `set`, `shift`, `scale`, `show`, `hide`, `rule`, `remove`, `insert`, `swap`, and
//! the conditions `only_if` and `from_event`.

use std::fmt;

use allocative::Allocative;
use counterplay_game::expression::{ExprId, ParameterId};
use starlark::any::ProvidesStaticType;
use starlark::collections::SmallMap;
use starlark::environment::GlobalsBuilder;
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::starlark_simple_value;
use starlark::values::{NoSerialize, StarlarkPagablePanic, StarlarkValue, Value, starlark_value};

use crate::declarations::parameters::{parameter, quantity};
use crate::host::draft::Draft;
use crate::host::{declare, words_of_call};
use crate::values::events::{event_name, events};
use crate::values::players::{Rest, Whom};
use crate::values::unpack::{entries, items, label, must_be, text};
use counterplay::problem::Problem;
use counterplay::scenario::{Act, Intervention};
use counterplay::story::change::{Arithmetic, Beside, Change, ChangeCondition};
use counterplay::story::event::check_player;
use counterplay::story::terms::Share;

/// Interventions as a value of the language: usually one, but `do` makes one for each event.
#[derive(Clone, Debug, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, Allocative)]
pub(crate) struct Interventions(#[allocative(skip)] Vec<Intervention>);

impl fmt::Display for Interventions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<intervention>")
    }
}

starlark_simple_value!(Interventions);

#[starlark_value(type = "intervention")]
impl<'v> StarlarkValue<'v> for Interventions {}

/// The interventions in a list of them, which may hold lists in turn.
pub(crate) fn collect(value: Value<'_>, what: &str, into: &mut Vec<Intervention>) -> Result<(), Problem> {
    if let Some(interventions) = Interventions::from_value(value) {
        into.extend_from_slice(&interventions.0);
        return Ok(());
    }
    let wanted = "interventions, such as `do({...})` or `set(param, x)`";
    for item in items(value, what).map_err(|_| must_be(what, wanted, value))? {
        let one = Interventions::from_value(*item);
        into.extend_from_slice(&one.ok_or_else(|| must_be(what, wanted, *item))?.0);
    }
    Ok(())
}

fn players(draft: &Draft, value: Value<'_>, what: &str) -> Result<Vec<String>, Problem> {
    let known = draft.players()?;
    let names = Whom::read(value, what)?.names(known);
    for name in &names {
        check_player(name, known)?;
    }
    Ok(names)
}

/// Puts interventions under a condition.
fn under(interventions: Value<'_>, call: &str, condition: &ChangeCondition) -> Result<Vec<Act>, Problem> {
    let mut all = Vec::new();
    collect(interventions, &format!("what `{call}` is given"), &mut all)?;
    let under = |intervention: Intervention| {
        let change = Box::new(intervention.act.into_change());
        Act::Change(Change::If { condition: condition.clone(), change })
    };
    Ok(all.into_iter().map(under).collect())
}

/// The labels of an inserted event with their probabilities.
fn branches(draft: &mut Draft, value: Value<'_>) -> Result<Vec<(String, Share)>, Problem> {
    let mut branches = Vec::new();
    for (name, share) in entries(value, "what `insert` is given")? {
        let name = label(name, "a label")?;
        let share = match Rest::from_value(share) {
            Some(_) => Share::Rest,
            None => Share::Of(quantity(draft, share, &format!("the probability of `{name}`"))?),
        };
        branches.push((name, share));
    }
    if branches.is_empty() {
        return Err(Problem::new("`insert` gives the event no label"));
    }
    Ok(branches)
}

fn beside(before: Option<Value<'_>>, after: Option<Value<'_>>) -> Result<Beside, Problem> {
    match (before, after) {
        (Some(before), None) => Ok(Beside::Before(event_name(before)?)),
        (None, Some(after)) => Ok(Beside::After(event_name(after)?)),
        (Some(_), Some(_)) | (None, None) => Err(Problem::new("`insert` needs one place")
            .hint("say either `before = \"offer\"` or `after = \"offer\"`")),
    }
}

fn odds(draft: &mut Draft, value: Value<'_>) -> Result<Vec<(String, ExprId)>, Problem> {
    let mut odds = Vec::new();
    for (action, odd) in entries(value, "the odds of `rule`")? {
        let action = label(action, "an action")?;
        let odd = quantity(draft, odd, &format!("the odds of `{action}`"))?;
        if draft.expressions.known(odd).is_some_and(|x| x < 0.0) {
            return Err(Problem::new(format!("the odds of `{action}` are below zero")));
        }
        odds.push((action, odd));
    }
    if odds.iter().all(|o| draft.expressions.known(o.1) == Some(0.0)) {
        return Err(Problem::new("`rule` gives no action any odds"));
    }
    Ok(odds)
}

/// Makes interventions that are written as the present call.
fn acts<'v>(
    eval: &mut Evaluator<'v, '_, '_>,
    call: &str,
    make: impl FnOnce(&mut Draft) -> Result<Vec<Act>, Problem>,
) -> starlark::Result<Interventions> {
    let words = words_of_call(eval);
    let made = declare(eval, call, |draft, _| {
        let acts = make(draft)?;
        let one = |act: Act| {
            let text = words.clone().unwrap_or_else(|| in_words(draft, &act));
            Intervention { act, text }
        };
        Ok(acts.into_iter().map(one).collect())
    })?;
    Ok(Interventions(made.unwrap_or_default()))
}

/// An intervention in words, where a function of the scenario makes it.
fn in_words(draft: &Draft, act: &Act) -> String {
    let list = |names: &[String]| names.iter().map(|n| format!("\"{n}\"")).collect::<Vec<_>>().join(", ");
    let amount = |x: &ExprId| amount(draft, *x);
    let name = |p: &ParameterId| draft.parameters[p.index()].name.clone();
    match act {
        Act::Change(Change::Force { event, action }) => format!("do({{\"{event}\": \"{action}\"}})"),
        Act::Change(Change::Forbid { event, action }) => format!("forbid(\"{event}\", \"{action}\")"),
        Act::Change(Change::Show { event, to }) => format!("show(\"{event}\", to = [{}])", list(to)),
        Act::Change(Change::Hide { event, from }) => format!("hide(\"{event}\", from_ = [{}])", list(from)),
        Act::Change(Change::Rule { event, player, odds }) => {
            let odds: Vec<String> = odds.iter().map(|(a, x)| format!("\"{a}\": {}", amount(x))).collect();
            format!("rule(\"{player}\", \"{event}\", {{{}}})", odds.join(", "))
        }
        Act::Change(Change::Remove { event }) => format!("remove(\"{event}\")"),
        Act::Change(Change::Insert { event, beside, .. }) => match beside {
            Beside::Before(other) => format!("insert(\"{event}\", ..., before = \"{other}\")"),
            Beside::After(other) => format!("insert(\"{event}\", ..., after = \"{other}\")"),
        },
        Act::Change(Change::Swap { first, second }) => format!("swap(\"{first}\", \"{second}\")"),
        Act::Change(Change::Parameter { parameter, how, amount }) => {
            let call = match how {
                Arithmetic::Set => "set",
                Arithmetic::Shift => "shift",
                Arithmetic::Scale => "scale",
            };
            format!("{call}({}, {})", name(parameter), self::amount(draft, *amount))
        }
        Act::Change(Change::If { condition, change }) => {
            let within = in_words(draft, &Act::Change((**change).clone()));
            match condition {
                ChangeCondition::From(event) => format!("from_event(\"{event}\", {within})"),
                ChangeCondition::Turned(events) => {
                    let events: Vec<String> =
                        events.iter().map(|(e, a)| format!("\"{e}\": \"{a}\"")).collect();
                    format!("only_if({{{}}}, {within})", events.join(", "))
                }
            }
        }
        Act::Set(p, x) => format!("set({}, {})", name(p), amount(x)),
        Act::Shift(p, x) => format!("shift({}, {})", name(p), amount(x)),
        Act::Scale(p, x) => format!("scale({}, {})", name(p), amount(x)),
    }
}

fn amount(draft: &Draft, x: ExprId) -> String {
    draft.expressions.known(x).map_or("...".to_owned(), |x| x.to_string())
}

#[starlark_module]
pub(crate) fn interventions(builder: &mut GlobalsBuilder) {
    fn r#do<'v>(
        #[starlark(require = pos)] what: Option<Value<'v>>,
        #[starlark(kwargs)] named: SmallMap<&str, Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Interventions> {
        acts(eval, "do", |_| {
            let events = events(what, named, "what `do` forces")?;
            if events.is_empty() {
                return Err(
                    Problem::new("`do` forces nothing").hint("for example `do({\"offer\": \"high\"})`")
                );
            }
            Ok(events
                .into_iter()
                .map(|(event, action)| Act::Change(Change::Force { event, action }))
                .collect())
        })
    }

    fn forbid<'v>(
        event: Value<'v>,
        action: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Interventions> {
        acts(eval, "forbid", |_| {
            let (event, action) = (event_name(event)?, label(action, "an action")?);
            Ok(vec![Act::Change(Change::Forbid { event, action })])
        })
    }

    fn set<'v>(
        param: Value<'v>,
        x: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Interventions> {
        acts(eval, "set", |draft| {
            let (p, x) = (parameter(draft, param, "set")?, quantity(draft, x, "the value of `set`")?);
            Ok(vec![Act::Set(p, x)])
        })
    }

    fn shift<'v>(
        param: Value<'v>,
        by: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Interventions> {
        acts(eval, "shift", |draft| {
            let (p, by) = (parameter(draft, param, "shift")?, quantity(draft, by, "the amount of `shift`")?);
            Ok(vec![Act::Shift(p, by)])
        })
    }

    fn scale<'v>(
        param: Value<'v>,
        by: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Interventions> {
        acts(eval, "scale", |draft| {
            let (p, by) = (parameter(draft, param, "scale")?, quantity(draft, by, "the factor of `scale`")?);
            Ok(vec![Act::Scale(p, by)])
        })
    }

    fn show<'v>(
        event: Value<'v>,
        to: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Interventions> {
        acts(eval, "show", |draft| {
            let (event, to) = (event_name(event)?, players(draft, to, "`to` of `show`")?);
            Ok(vec![Act::Change(Change::Show { event, to })])
        })
    }

    fn hide<'v>(
        event: Value<'v>,
        from_: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Interventions> {
        acts(eval, "hide", |draft| {
            let (event, from) = (event_name(event)?, players(draft, from_, "`from_` of `hide`")?);
            Ok(vec![Act::Change(Change::Hide { event, from })])
        })
    }

    fn rule<'v>(
        player: Value<'v>,
        event: Value<'v>,
        odds: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Interventions> {
        acts(eval, "rule", |draft| {
            let player = text(player, "the player of `rule`")?.to_owned();
            check_player(&player, draft.players()?)?;
            let (event, odds) = (event_name(event)?, self::odds(draft, odds)?);
            Ok(vec![Act::Change(Change::Rule { event, player, odds })])
        })
    }

    fn insert<'v>(
        event: Value<'v>,
        probabilities: Value<'v>,
        #[starlark(require = named)] before: Option<Value<'v>>,
        #[starlark(require = named)] after: Option<Value<'v>>,
        #[starlark(require = named)] seen_by: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Interventions> {
        acts(eval, "insert", |draft| {
            let event = event_name(event)?;
            if event.occurrence > 1 {
                return Err(Problem::new(format!("`{event}` is inserted, and so it happens once"))
                    .hint(format!("leave out the number: `{}`", event.name)));
            }
            let (branches, beside) = (branches(draft, probabilities)?, beside(before, after)?);
            let seen_by = seen_by.map(|whom| players(draft, whom, "`seen_by` of `insert`")).transpose()?;
            Ok(vec![Act::Change(Change::Insert { event, branches, beside, seen_by })])
        })
    }

    fn swap<'v>(
        first: Value<'v>,
        second: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Interventions> {
        acts(eval, "swap", |_| {
            let (first, second) = (event_name(first)?, event_name(second)?);
            Ok(vec![Act::Change(Change::Swap { first, second })])
        })
    }

    fn only_if<'v>(
        #[starlark(require = pos)] condition: Value<'v>,
        #[starlark(require = pos)] intervention: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Interventions> {
        acts(eval, "only_if", |_| {
            let events = events(Some(condition), SmallMap::new(), "the condition of `only_if`")?;
            if events.is_empty() {
                return Err(Problem::new("`only_if` has no condition")
                    .hint("for example `only_if({\"offer\": \"high\"}, do({\"answer\": \"yes\"}))`"));
            }
            under(intervention, "only_if", &ChangeCondition::Turned(events))
        })
    }

    fn from_event<'v>(
        event: Value<'v>,
        intervention: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Interventions> {
        acts(eval, "from_event", |_| {
            under(intervention, "from_event", &ChangeCondition::From(event_name(event)?))
        })
    }

    fn remove<'v>(event: Value<'v>, eval: &mut Evaluator<'v, '_, '_>) -> starlark::Result<Interventions> {
        acts(eval, "remove", |_| Ok(vec![Act::Change(Change::Remove { event: event_name(event)? })]))
    }
}
