//! Calls of the evaluator's own functions and methods that are checked before they are made: what they would look at or
//! copy is announced, and what they would compare or write out is bounded.

#![allow(clippy::unnecessary_wraps, reason = "the evaluator wants results")]

use std::fmt;

use allocative::Allocative;
use starlark::any::ProvidesStaticType;
use starlark::coerce::Coerce;
use starlark::environment::{Globals, GlobalsBuilder};
use starlark::eval::{Arguments, Evaluator};
use starlark::values::{
    Freeze, FreezeResult, Freezer, Heap, NoSerialize, StarlarkPagablePanic, StarlarkValue, Trace, Value,
    ValueLike, starlark_value,
};
use starlark::{starlark_complex_value, starlark_module, starlark_simple_value};

use crate::arithmetic::bounds::{charge, charge_entries, check_length, length};
use crate::values::failure::{fail, no_entry};
use crate::values::size::{self, MAX_ITEMS};
use crate::values::unpack::try_items;

/// The functions of the standard language that copy or look at all of what they are given, or write it out where it is wrong.
pub(crate) const FUNCTIONS: [&str; 10] =
    ["chr", "dict", "enumerate", "float", "hasattr", "list", "ord", "reversed", "tuple", "zip"];

/// One of [`FUNCTIONS`].
#[derive(Clone, Copy, Debug, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, Allocative)]
pub(crate) struct CheckedFunction(pub(crate) &'static str);

impl fmt::Display for CheckedFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

starlark_simple_value!(CheckedFunction);

#[starlark_value(type = "function")]
impl<'v> StarlarkValue<'v> for CheckedFunction {
    fn invoke(
        &self,
        _: Value<'v>,
        args: &Arguments<'v, '_>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let (positional, named) = parts(args, eval)?;
        match self.0 {
            "chr" | "float" | "hasattr" | "ord" => {
                positional.iter().try_for_each(|value| size::check_key(*value)).map_err(fail)?;
            }
            "dict" => {
                positional.iter().try_for_each(|pairs| check_pairs(*pairs))?;
                let given: usize = positional.iter().map(|value| length(*value)).sum();
                charge_entries(eval, given + named.len())?;
            }
            _ => {
                let given = positional.iter().map(|value| items_of(eval, *value));
                let given = given.sum::<starlark::Result<usize>>()?;
                charge(eval, given)?;
            }
        }
        let function = standard().iter().find(|(name, _)| *name == self.0).expect("it is standard").1;
        eval.eval_function(function.to_value(), &positional, &named)
    }
}

/// The standard language, which is kept for good.
pub(crate) fn standard() -> &'static Globals {
    static STANDARD: std::sync::LazyLock<Globals> = std::sync::LazyLock::new(Globals::standard);
    &STANDARD
}

type Named<'v> = Vec<(&'v str, Value<'v>)>;

fn parts<'v>(
    args: &Arguments<'v, '_>,
    eval: &mut Evaluator<'v, '_, '_>,
) -> starlark::Result<(Vec<Value<'v>>, Named<'v>)> {
    let positional = args.positions(eval.heap())?.collect();
    let named = args.names_map()?.into_iter().map(|(name, value)| (name.as_str(), value)).collect();
    Ok((positional, named))
}

/// How many items a value gives, also if only counting tells.
fn items_of<'v>(eval: &Evaluator<'v, '_, '_>, value: Value<'v>) -> starlark::Result<usize> {
    match value.get_type() {
        "list" | "tuple" | "dict" | "range" | "string" => Ok(length(value)),
        _ => Ok(value.iterate(eval.heap())?.take(MAX_ITEMS + 1).count()),
    }
}

/// The keys of the entries that a list of pairs gives to a dictionary.
fn check_pairs(pairs: Value<'_>) -> starlark::Result<()> {
    for pair in try_items(pairs).unwrap_or_default() {
        if let Some([key, ..]) = try_items(*pair) {
            size::check_key(*key).map_err(fail)?;
        }
    }
    Ok(())
}

/// A method of a text, a list or a dictionary.
#[derive(
    Clone, Copy, Debug, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, Allocative, Trace, Coerce,
)]
#[repr(C)]
pub(crate) struct CheckedMethodGen<V> {
    receiver: V,
    method: &'static str,
}

starlark_complex_value!(CheckedMethod);

impl<'v> Freeze for CheckedMethod<'v> {
    type Frozen = FrozenCheckedMethod;

    fn freeze(self, freezer: &Freezer) -> FreezeResult<Self::Frozen> {
        Ok(CheckedMethodGen { receiver: self.receiver.freeze(freezer)?, method: self.method })
    }
}

impl<V: fmt::Display> fmt::Display for CheckedMethodGen<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.method)
    }
}

#[starlark_value(type = "function")]
impl<'v, V: ValueLike<'v>> StarlarkValue<'v> for CheckedMethodGen<V>
where
    Self: ProvidesStaticType<'v>,
{
    /// It stands in for what has the method, so that the method asked of it is itself.
    fn get_attr(&self, attribute: &str, heap: Heap<'v>) -> Option<Value<'v>> {
        let itself = CheckedMethodGen { receiver: self.receiver.to_value(), method: self.method };
        (attribute == self.method).then(|| heap.alloc(itself))
    }

    fn invoke(
        &self,
        _: Value<'v>,
        args: &Arguments<'v, '_>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let (positional, named) = parts(args, eval)?;
        let receiver = self.receiver.to_value();
        check_method(eval, receiver, self.method, &positional, &named)?;
        let method = receiver.get_attr_error(self.method, eval.heap())?;
        eval.eval_function(method, &positional, &named)
    }
}

/// Checks a call of a method.
fn check_method<'v>(
    eval: &mut Evaluator<'v, '_, '_>,
    receiver: Value<'v>,
    method: &str,
    positional: &[Value<'v>],
    named: &[(&str, Value<'v>)],
) -> starlark::Result<()> {
    let own = length(receiver);
    let first = positional.first().copied();
    charge(eval, own)?;
    match (receiver.unpack_str(), method) {
        (Some(text), "join") => {
            let Some(parts) = first else { return Ok(()) };
            charge(eval, length(parts))?;
            let sizes = sizes(parts.iterate(eval.heap())?)?;
            let joints = text.len().saturating_mul(sizes.len());
            check_length(eval, true, joints.saturating_add(sizes.iter().sum()))
        }
        (Some(text), "format") => {
            let sizes = sizes(positional.iter().copied().chain(named.iter().map(|(_, value)| *value)))?;
            let places = text.matches('{').count();
            let filled = places.saturating_mul(sizes.into_iter().max().unwrap_or(0));
            check_length(eval, true, text.len().saturating_add(filled))
        }
        (Some(text), "replace") => {
            let argument = |index: usize| positional.get(index).and_then(|v| v.unpack_str()).unwrap_or("");
            let places = text.matches(argument(0)).count();
            check_length(eval, true, text.len().saturating_add(places.saturating_mul(argument(1).len())))
        }
        (None, "extend") => match first {
            Some(more) => {
                let more = items_of(eval, more)?;
                check_length(eval, false, own.saturating_add(more))
            }
            None => Ok(()),
        },
        (None, "update") => {
            positional.iter().try_for_each(|pairs| check_pairs(*pairs))?;
            let more: usize = positional.iter().map(|value| length(*value)).sum();
            charge_entries(eval, more + named.len())
        }
        (None, "index" | "remove") => match first {
            Some(wanted) if size::holds_others(wanted) => {
                let size = size::of(wanted).map_err(fail)?;
                charge(eval, own.saturating_mul(size))
            }
            _ => Ok(()),
        },
        (None, "pop") if length(receiver) > 0 && positional.len() == 1 && receiver.get_type() == "dict" => {
            // The evaluator would write out the whole dictionary.
            let key = positional[0];
            size::check_key(key).map_err(fail)?;
            if receiver.is_in(key)? { Ok(()) } else { Err(fail(no_entry(&key.to_str()))) }
        }
        _ => positional.iter().try_for_each(|value| size::check_key(*value)).map_err(fail),
    }
}

fn sizes<'v>(values: impl Iterator<Item = Value<'v>>) -> starlark::Result<Vec<usize>> {
    values.map(|value| size::of(value).map_err(fail)).collect()
}

/// The methods of the standard language that are checked, by the kind of value that has them.
fn known(receiver: Value<'_>, method: &str) -> Option<&'static str> {
    const OF_TEXTS: [&str; 26] = [
        "capitalize",
        "codepoints",
        "count",
        "elems",
        "endswith",
        "startswith",
        "find",
        "format",
        "index",
        "join",
        "lower",
        "lstrip",
        "partition",
        "removeprefix",
        "removesuffix",
        "replace",
        "rfind",
        "rindex",
        "rpartition",
        "rsplit",
        "rstrip",
        "split",
        "splitlines",
        "strip",
        "title",
        "upper",
    ];
    const OF_LISTS: [&str; 4] = ["extend", "index", "pop", "remove"];
    const OF_DICTIONARIES: [&str; 7] = ["get", "items", "keys", "pop", "setdefault", "update", "values"];
    let methods = match receiver.get_type() {
        "string" => &OF_TEXTS[..],
        "list" => &OF_LISTS,
        "dict" => &OF_DICTIONARIES,
        _ => &[],
    };
    methods.iter().copied().find(|m| *m == method)
}

#[starlark_module]
pub(crate) fn checked(builder: &mut GlobalsBuilder) {
    fn __sized__<'v>(
        #[starlark(require = pos)] receiver: Value<'v>,
        #[starlark(require = pos)] method: &str,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        // Whatever else has such a method, or has none, answers for itself.
        Ok(match known(receiver, method) {
            Some(method) => eval.heap().alloc(CheckedMethodGen { receiver, method }),
            None => receiver,
        })
    }

    fn __whole__<'v>(
        #[starlark(require = pos)] x: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        charge(eval, length(x))?;
        Ok(x)
    }

    fn __spread__<'v>(
        #[starlark(require = pos)] x: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        charge_entries(eval, length(x))?;
        Ok(x)
    }

    fn __key__<'v>(#[starlark(require = pos)] key: Value<'v>) -> starlark::Result<Value<'v>> {
        size::check_key(key).map_err(fail)?;
        Ok(key)
    }
}
