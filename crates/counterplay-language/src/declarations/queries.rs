//! Queries: quantities, conditions, `query` and `sweep`.

#![allow(clippy::too_many_arguments, reason = "a call has as many as it needs, and most have names")]

use std::fmt;

use allocative::Allocative;
use starlark::any::ProvidesStaticType;
use starlark::environment::GlobalsBuilder;
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::starlark_simple_value;
use starlark::values::none::NoneType;
use starlark::values::{NoSerialize, StarlarkPagablePanic, StarlarkValue, Value, starlark_value};

use crate::declarations::parameters::parameter;
use crate::host::declare;
use crate::host::draft::{Draft, check_name};
use crate::values::events::{event_name, events};
use crate::values::failure::fail;
use crate::values::unpack::{entries, items, label, must_be, name_of, number, text};
use counterplay::problem::{Place, Problem};
use counterplay::scenario::query::{Condition, ConditionalQuantity, Fact, Is, Quantity, Query, Sweep};
use counterplay::story::event::check_player;
use counterplay::story::terms::EventName;

/// More values than this make no finer curve.
const MAX_VALUES: usize = 200;

macro_rules! value_of_the_language {
    ($(#[$docs:meta])* $name:ident, $inner:ty, $kind:literal) => {
        $(#[$docs])*
        #[derive(Clone, Debug, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, Allocative)]
        pub(crate) struct $name(#[allocative(skip)] $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!("<", $kind, ">"))
            }
        }

        starlark_simple_value!($name);

        #[starlark_value(type = $kind)]
        impl<'v> StarlarkValue<'v> for $name {}
    };
}

value_of_the_language!(
    /// A quantity that a query asks for.
    QuantityValue, Quantity, "quantity to ask for"
);
value_of_the_language!(
    /// A condition other than a dictionary.
    ConditionValue, Condition, "condition"
);
value_of_the_language!(
    /// A bound on a measured quantity.
    BoundValue, Is, "bound"
);

const CONDITION: &str = "a condition, such as `{\"war\": True}` or `at_least(2, [{...}, {...}])`";

fn condition(value: Value<'_>, what: &str) -> Result<Condition, Problem> {
    if let Some(condition) = ConditionValue::from_value(value) {
        return Ok(condition.0.clone());
    }
    let entries = entries(value, what).map_err(|_| must_be(what, CONDITION, value))?;
    if entries.is_empty() {
        return Err(Problem::new(format!("{what} names nothing"))
            .hint("name an outcome, an event or a measured quantity: `{\"war\": True}`"));
    }
    entries.into_iter().map(|(name, is)| fact(name, is, what)).collect::<Result<_, _>>().map(Condition::All)
}

fn fact(name: Value<'_>, is: Value<'_>, what: &str) -> Result<Fact, Problem> {
    let name = name_of(name, &format!("a name in {what}"))?.to_owned();
    let is = match BoundValue::from_value(is) {
        Some(bound) => bound.0.clone(),
        None => Is::Value(label(is, &format!("what `{name}` is in {what}"))?),
    };
    Ok(Fact { name, is })
}

fn among(
    count: Value<'_>,
    of: Value<'_>,
    call: &str,
    make: impl Fn(usize, Vec<Condition>) -> Condition,
) -> Result<ConditionValue, Problem> {
    let what = format!("a condition of `{call}`");
    let parts: Vec<Condition> = items(of, &format!("the conditions of `{call}`"))?
        .iter()
        .map(|part| condition(*part, &what))
        .collect::<Result<_, _>>()?;
    let bad = || must_be(&format!("the count of `{call}`"), "a whole number", count);
    let wanted = count.unpack_i32().and_then(|n| usize::try_from(n).ok()).ok_or_else(bad)?;
    if wanted > parts.len() {
        return Err(Problem::new(format!("`{call}` counts {wanted} among {}", parts.len()))
            .hint("it must be possible: count at most as many conditions as are listed"));
    }
    Ok(ConditionValue(make(wanted, parts)))
}

fn bound(value: Value<'_>, call: &str, make: impl Fn(f64) -> Is) -> Result<BoundValue, Problem> {
    let x = number(value).filter(|x| x.is_finite());
    x.map(|x| BoundValue(make(x)))
        .ok_or_else(|| must_be(&format!("what `{call}` compares with"), "a number", value))
}

fn quantity(value: Value<'_>, what: &str) -> Result<Quantity, Problem> {
    let wanted = "what to ask for, such as `probability({...})` or `mean(\"...\")`";
    QuantityValue::from_value(value).map(|q| q.0.clone()).ok_or_else(|| must_be(what, wanted, value))
}

/// The optional arguments that say which histories are meant.
#[derive(Clone, Copy)]
struct On<'v> {
    given: Option<Value<'v>>,
    within: Option<Value<'v>>,
    under: Option<Value<'v>>,
}

fn optional<'v>(value: Option<Value<'v>>) -> Option<Value<'v>> {
    value.filter(|v| !v.is_none())
}

fn asked(quantity: Quantity, on: On<'_>) -> Result<ConditionalQuantity, Problem> {
    let read = |value, what: &str| optional(value).map(|v| condition(v, what)).transpose();
    let under = optional(on.under).map(|u| text(u, "`under`, the name of a what-if")).transpose()?;
    let asked = ConditionalQuantity {
        quantity,
        given: read(on.given, "`given`")?,
        within: read(on.within, "`within`")?,
        under: under.map(str::to_owned),
    };
    let conditional = asked.given.is_some() || asked.within.is_some() || asked.under.is_some();
    if asked.quantity.worth_to().is_some() && conditional {
        return Err(Problem::new(format!(
            "the {} is computed from the beginning of the story, with nothing given",
            asked.quantity
        ))
        .hint("leave out `given`, `within` and `under`; for the payoff in one world ask for `payoff(\"player\")`"));
    }
    Ok(asked)
}

fn add_query(
    draft: &mut Draft,
    name: Value<'_>,
    what: Value<'_>,
    on: On<'_>,
    as_of: Option<Value<'_>>,
    place: Option<Place>,
) -> Result<(), Problem> {
    let name = name_of(name, "the name of a query")?;
    check_name(name, "query", draft.queries.iter().map(|q| q.name.as_str()))?;
    let asked = asked(quantity(what, &format!("the quantity of `{name}`"))?, on)?;
    let as_of = optional(as_of).map(|e| text(e, "`as_of`, the name of an event")).transpose()?;
    let as_of = as_of.map(EventName::parse);
    if as_of.is_some() && (asked.under.is_some() || asked.quantity.worth_to().is_some()) {
        return Err(Problem::new("a prediction as of a moment is of the world as it was").hint(
            "leave out `under`, and ask for a probability, a mean, a quantile, a distribution or a payoff",
        ));
    }
    draft.queries.push(Query { name: name.to_owned(), asked, as_of, place });
    Ok(())
}

fn numbers(values: Value<'_>) -> Result<Vec<f64>, Problem> {
    let what = "`values` of `sweep`";
    let one = |value: &Value<'_>| {
        number(*value)
            .filter(|x| x.is_finite())
            .ok_or_else(|| must_be("a value of `sweep`", "a number", *value))
    };
    let numbers: Vec<f64> = items(values, what)?.iter().map(one).collect::<Result<_, _>>()?;
    match numbers.len() {
        0 | 1 => Err(Problem::new("a sweep needs two values at least")
            .hint("for one value ask a `what_if` with `set`")),
        n if n > MAX_VALUES => Err(Problem::new(format!("a sweep has {n} values; the most is {MAX_VALUES}"))),
        _ if numbers.windows(2).any(|pair| pair[0] >= pair[1]) => {
            Err(Problem::new("the values of a sweep must rise").hint("list each once, the smallest first"))
        }
        _ => Ok(numbers),
    }
}

fn add_sweep(
    draft: &mut Draft,
    name: Value<'_>,
    param: Value<'_>,
    values: Value<'_>,
    what: Option<Value<'_>>,
    on: On<'_>,
    place: Option<Place>,
) -> Result<(), Problem> {
    let name = name_of(name, "the name of a sweep")?;
    check_name(name, "sweep", draft.sweeps.iter().map(|s| s.name.as_str()))?;
    let parameter = parameter(draft, param, "sweep")?;
    let values = numbers(values)?.into_iter().map(|x| (x, draft.expressions.constant(x))).collect();
    let what = optional(what).map(|w| quantity(w, &format!("the quantity of `{name}`"))).transpose()?;
    if let Some(other) =
        what.as_ref().filter(|w| matches!(w, Quantity::Distribution(_)) || w.worth_to().is_some())
    {
        return Err(Problem::new(format!("a sweep cannot draw the {other} as a curve"))
            .hint("ask for a probability, a mean, a quantile or a payoff"));
    }
    if what.is_none() && (on.given.is_some() || on.within.is_some() || on.under.is_some()) {
        return Err(Problem::new(format!("`{name}` has a condition, but no quantity"))
            .hint("say what is asked for: `sweep(name, param, values, probability({...}), given = {...})`"));
    }
    let asked = what.map(|what| asked(what, on)).transpose()?;
    draft.sweeps.push(Sweep { name: name.to_owned(), parameter, values, asked, place });
    Ok(())
}

/// Makes a quantity while declarations are read.
fn made(
    eval: &mut Evaluator<'_, '_, '_>,
    call: &str,
    make: impl FnOnce(&Draft) -> Result<Quantity, Problem>,
) -> starlark::Result<QuantityValue> {
    let made = declare(eval, call, |draft, _| make(draft))?;
    // What is wrong has been kept, and nothing is asked for in the end.
    Ok(QuantityValue(made.unwrap_or(Quantity::Payoff(String::new()))))
}

fn known_player(draft: &Draft, value: Value<'_>, what: &str) -> Result<String, Problem> {
    let player = text(value, what)?;
    check_player(player, draft.players()?)?;
    Ok(player.to_owned())
}

#[starlark_module]
pub(crate) fn queries(builder: &mut GlobalsBuilder) {
    fn query<'v>(
        #[starlark(require = pos)] name: Value<'v>,
        #[starlark(require = pos)] quantity: Value<'v>,
        #[starlark(require = named)] given: Option<Value<'v>>,
        #[starlark(require = named)] within: Option<Value<'v>>,
        #[starlark(require = named)] under: Option<Value<'v>>,
        #[starlark(require = named)] as_of: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        declare(eval, "query", |draft, place| {
            add_query(draft, name, quantity, On { given, within, under }, as_of, place)
        })?;
        Ok(NoneType)
    }

    fn sweep<'v>(
        #[starlark(require = pos)] name: Value<'v>,
        #[starlark(require = pos)] param: Value<'v>,
        #[starlark(require = pos)] values: Value<'v>,
        #[starlark(require = pos)] quantity: Option<Value<'v>>,
        #[starlark(require = named)] given: Option<Value<'v>>,
        #[starlark(require = named)] within: Option<Value<'v>>,
        #[starlark(require = named)] under: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        declare(eval, "sweep", |draft, place| {
            add_sweep(draft, name, param, values, quantity, On { given, within, under }, place)
        })?;
        Ok(NoneType)
    }

    fn probability<'v>(
        #[starlark(require = pos)] of: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<QuantityValue> {
        made(eval, "probability", |_| condition(of, "what `probability` is of").map(Quantity::Probability))
    }

    fn mean<'v>(
        #[starlark(require = pos)] measure: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<QuantityValue> {
        made(eval, "mean", |_| {
            Ok(Quantity::Mean(text(measure, "the name of a measured quantity")?.to_owned()))
        })
    }

    fn quantile<'v>(
        #[starlark(require = pos)] measure: Value<'v>,
        #[starlark(require = pos)] at: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<QuantityValue> {
        made(eval, "quantile", |_| {
            let measure = text(measure, "the name of a measured quantity")?.to_owned();
            let inside = number(at).filter(|p| *p > 0.0 && *p < 1.0);
            let at = inside.ok_or_else(|| {
                Problem::new("a quantile is taken at a number between 0 and 1")
                    .hint("the median is `quantile(name, 0.5)`")
            })?;
            Ok(Quantity::Quantile(measure, at))
        })
    }

    fn distribution<'v>(
        #[starlark(require = pos)] of: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<QuantityValue> {
        let what = "the name of an outcome, an event or a measured quantity";
        made(eval, "distribution", |_| Ok(Quantity::Distribution(text(of, what)?.to_owned())))
    }

    fn payoff<'v>(
        #[starlark(require = pos)] player: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<QuantityValue> {
        made(eval, "payoff", |draft| {
            Ok(Quantity::Payoff(known_player(draft, player, "the player of `payoff`")?))
        })
    }

    fn value_of_information<'v>(
        #[starlark(require = pos)] player: Value<'v>,
        #[starlark(require = pos)] event: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<QuantityValue> {
        made(eval, "value_of_information", |draft| {
            let player = known_player(draft, player, "the player of `value_of_information`")?;
            Ok(Quantity::ValueOfInformation { player, event: event_name(event)? })
        })
    }

    fn value_of_commitment<'v>(
        #[starlark(require = pos)] player: Value<'v>,
        #[starlark(require = pos)] to: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<QuantityValue> {
        made(eval, "value_of_commitment", |draft| {
            let player = known_player(draft, player, "the player of `value_of_commitment`")?;
            let events = events(Some(to), starlark::collections::SmallMap::new(), "the commitment")?;
            if events.is_empty() {
                return Err(Problem::new("the commitment fixes nothing")
                    .hint("for example `{\"answer\": \"resist\"}`"));
            }
            Ok(Quantity::ValueOfCommitment { player, events })
        })
    }

    fn value_of_control<'v>(
        #[starlark(require = pos)] player: Value<'v>,
        #[starlark(require = pos)] event: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<QuantityValue> {
        made(eval, "value_of_control", |draft| {
            let player = known_player(draft, player, "the player of `value_of_control`")?;
            Ok(Quantity::ValueOfControl { player, event: event_name(event)? })
        })
    }

    fn at_least<'v>(
        #[starlark(require = pos)] count: Value<'v>,
        #[starlark(require = pos)] of: Value<'v>,
    ) -> starlark::Result<ConditionValue> {
        among(count, of, "at_least", Condition::AtLeast).map_err(fail)
    }

    fn at_most<'v>(
        #[starlark(require = pos)] count: Value<'v>,
        #[starlark(require = pos)] of: Value<'v>,
    ) -> starlark::Result<ConditionValue> {
        among(count, of, "at_most", Condition::AtMost).map_err(fail)
    }

    fn above<'v>(#[starlark(require = pos)] x: Value<'v>) -> starlark::Result<BoundValue> {
        bound(x, "above", Is::Above).map_err(fail)
    }

    fn below<'v>(#[starlark(require = pos)] x: Value<'v>) -> starlark::Result<BoundValue> {
        bound(x, "below", Is::Below).map_err(fail)
    }
}
