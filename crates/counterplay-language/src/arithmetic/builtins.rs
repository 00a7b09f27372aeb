//! Functions of the standard language that could make much out of little, or take the truth of what has none:
//! the same functions with bounds.

#![allow(clippy::unnecessary_wraps, reason = "the evaluator wants results")]

use std::fmt;
use std::num::NonZeroI32;

use allocative::Allocative;
use starlark::any::ProvidesStaticType;
use starlark::collections::SmallMap;
use starlark::environment::{GlobalsBuilder, Methods, MethodsBuilder};
use starlark::eval::Evaluator;
use starlark::values::list::ListRef;
use starlark::values::range::Range;
use starlark::values::tuple::UnpackTuple;
use starlark::values::{NoSerialize, StarlarkPagablePanic, StarlarkValue, Value, starlark_value};
use starlark::{starlark_module, starlark_simple_value};

use crate::arithmetic::bounds::{check_heap, check_length};
use crate::values::failure::fail;
use crate::values::quantity::{is_uncertain, truth};
use crate::values::size::{self, MAX_ITEMS};
use crate::values::unpack::{must_be, number};
use counterplay::problem::Problem;

/// A text whose methods are bounded.
#[derive(Clone, Debug, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, Allocative)]
struct SizedText(String);

impl fmt::Display for SizedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

starlark_simple_value!(SizedText);
starlark::methods_static!(METHODS = methods);

#[starlark_value(type = "string")]
impl<'v> StarlarkValue<'v> for SizedText {
    fn get_methods() -> Option<&'static Methods> {
        Some(METHODS.methods())
    }
}

impl SizedText {
    /// Calls the method of the plain text, whose result has at most this length.
    fn call<'v>(
        &self,
        eval: &mut Evaluator<'v, '_, '_>,
        method: &str,
        length: usize,
        positional: &[Value<'v>],
        named: &SmallMap<&str, Value<'v>>,
    ) -> starlark::Result<Value<'v>> {
        check_length(eval, true, length)?;
        let method = eval.heap().alloc_str(&self.0).to_value().get_attr_error(method, eval.heap())?;
        let named: Vec<(&str, Value<'v>)> = named.iter().map(|(name, value)| (*name, *value)).collect();
        eval.eval_function(method, positional, &named)
    }
}

fn sizes<'v>(values: impl Iterator<Item = Value<'v>>) -> starlark::Result<Vec<usize>> {
    values.map(|value| size::of(value).map_err(fail)).collect()
}

#[starlark_module]
fn methods(builder: &mut MethodsBuilder) {
    fn join<'v>(
        this: &SizedText,
        #[starlark(require = pos)] parts: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let sizes = sizes(parts.iterate(eval.heap())?)?;
        let length = sizes.iter().sum::<usize>() + this.0.len().saturating_mul(sizes.len());
        this.call(eval, "join", length, &[parts], &SmallMap::new())
    }

    fn format<'v>(
        this: &SizedText,
        #[starlark(args)] args: UnpackTuple<Value<'v>>,
        #[starlark(kwargs)] named: SmallMap<&str, Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let sizes = sizes(args.items.iter().copied().chain(named.values().copied()))?;
        let places = this.0.matches('{').count();
        let length = this.0.len() + places.saturating_mul(sizes.into_iter().max().unwrap_or(0));
        this.call(eval, "format", length, &args.items, &named)
    }

    fn replace<'v>(
        this: &SizedText,
        #[starlark(args)] args: UnpackTuple<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        let text = |index: usize| args.items.get(index).and_then(|v| v.unpack_str()).unwrap_or("");
        let places = this.0.matches(text(0)).count();
        let length = this.0.len() + places.saturating_mul(text(1).len());
        this.call(eval, "replace", length, &args.items, &SmallMap::new())
    }
}

fn whole_number(value: Value<'_>, what: &str) -> Result<i32, Problem> {
    value.unpack_i32().ok_or_else(|| must_be(what, "a whole number", value))
}

fn bounded_range(from: i32, to: i32, step: i32) -> Result<Range, Problem> {
    let step = NonZeroI32::new(step).ok_or_else(|| Problem::new("the step of `range` is 0"))?;
    let length = (i64::from(to) - i64::from(from)) / i64::from(step.get());
    if usize::try_from(length).is_ok_and(|length| length > MAX_ITEMS) {
        return Err(Problem::new(format!("`range` gives {length} numbers here"))
            .hint(format!("the most is {MAX_ITEMS}")));
    }
    Ok(Range::new(from, to, step))
}

fn truth_of(value: Value<'_>) -> starlark::Result<bool> {
    if is_uncertain(value) { Err(fail(truth(value))) } else { Ok(value.to_bool()) }
}

fn whole_part(value: Value<'_>) -> Result<i64, Problem> {
    if let Some(text) = value.unpack_str() {
        let number = text.trim().parse::<i64>();
        return number.map_err(|_| Problem::new("`int` is given a text that is not a whole number"));
    }
    if let Some(truth) = value.unpack_bool() {
        return Ok(i64::from(truth));
    }
    let number = number(value).ok_or_else(|| must_be("what `int` is given", "a number or a text", value))?;
    if number.abs() < 9.0e15 {
        Ok(number.trunc() as i64)
    } else {
        Err(Problem::new(format!("`int` cannot tell the whole part of {number}")))
    }
}

#[starlark_module]
pub(crate) fn bounded(builder: &mut GlobalsBuilder) {
    fn range(
        #[starlark(require = pos)] a: Value<'_>,
        #[starlark(require = pos)] b: Option<Value<'_>>,
        #[starlark(require = pos)] step: Option<Value<'_>>,
    ) -> starlark::Result<Range> {
        let what = "what `range` is given";
        let first = whole_number(a, what).map_err(fail)?;
        let step = step.map_or(Ok(1), |step| whole_number(step, what)).map_err(fail)?;
        let range = match b {
            None => bounded_range(0, first, step),
            Some(b) => whole_number(b, what).and_then(|last| bounded_range(first, last, step)),
        };
        range.map_err(fail)
    }

    fn str<'v>(
        #[starlark(require = pos)] x: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        if x.unpack_str().is_some() {
            return Ok(x);
        }
        check_heap(eval, size::of(x).map_err(fail)?)?;
        Ok(eval.heap().alloc(x.to_str()))
    }

    fn repr<'v>(
        #[starlark(require = pos)] x: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<String> {
        check_heap(eval, size::of(x).map_err(fail)?)?;
        Ok(x.to_repr())
    }

    fn int(#[starlark(require = pos)] x: Value<'_>) -> starlark::Result<i64> {
        whole_part(x).map_err(fail)
    }

    fn fail(#[starlark(args)] args: UnpackTuple<Value<'_>>) -> starlark::Result<bool> {
        let mut words = Vec::new();
        for arg in &args.items {
            size::check(*arg).map_err(crate::values::failure::fail)?;
            words.push(arg.to_str());
        }
        Err(crate::values::failure::fail(Problem::new(words.join(" "))))
    }

    fn bool(#[starlark(require = pos)] x: Option<Value<'_>>) -> starlark::Result<bool> {
        x.map_or(Ok(false), truth_of)
    }

    fn any<'v>(
        #[starlark(require = pos)] x: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<bool> {
        for item in x.iterate(eval.heap())? {
            if truth_of(item)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn all<'v>(
        #[starlark(require = pos)] x: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<bool> {
        for item in x.iterate(eval.heap())? {
            if !truth_of(item)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn __sized__<'v>(
        #[starlark(require = pos)] x: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        match x.unpack_str() {
            Some(text) => Ok(eval.heap().alloc(SizedText(text.to_owned()))),
            None => Ok(x),
        }
    }

    fn __extension__<'v>(
        #[starlark(require = pos)] x: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        if let Some(list) = ListRef::from_value(x) {
            check_length(eval, false, 2 * list.len())?;
        }
        Ok(x)
    }
}
