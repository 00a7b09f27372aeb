//! Functions of the standard language that could make much out of little, or take the truth of what has none:
//! the same functions with bounds.

#![allow(clippy::unnecessary_wraps, reason = "the evaluator wants results")]

use std::cmp::Ordering;
use std::num::NonZeroI32;

use starlark::environment::GlobalsBuilder;
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::Value;
use starlark::values::list::AllocList;
use starlark::values::range::Range;
use starlark::values::tuple::UnpackTuple;

use crate::arithmetic::bounds::{charge, check_length, length};
use crate::values::failure::fail;
use crate::values::quantity::{is_uncertain, truth};
use crate::values::size::{self, MAX_ITEMS};
use crate::values::unpack::{must_be, number};
use counterplay::problem::Problem;

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
        charge(eval, size::of(x).map_err(fail)?)?;
        Ok(eval.heap().alloc(x.to_str()))
    }

    fn repr<'v>(
        #[starlark(require = pos)] x: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<String> {
        charge(eval, size::of(x).map_err(fail)?)?;
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
        charge(eval, length(x))?;
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
        charge(eval, length(x))?;
        for item in x.iterate(eval.heap())? {
            if !truth_of(item)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn sorted<'v>(
        #[starlark(require = pos)] x: Value<'v>,
        #[starlark(require = named)] key: Option<Value<'v>>,
        #[starlark(require = named, default = false)] reverse: bool,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<AllocList<Vec<Value<'v>>>> {
        charge(eval, length(x))?;
        let items: Vec<Value<'v>> = x.iterate(eval.heap())?.take(MAX_ITEMS + 1).collect();
        check_length(eval, false, items.len())?;
        let mut ranked = Vec::with_capacity(items.len());
        for item in items {
            let rank = match key {
                Some(key) => eval.eval_function(key, &[item], &[])?,
                None => item,
            };
            ranked.push((rank, item));
        }
        check_ranks(eval, ranked.iter().map(|(rank, _)| *rank))?;
        let mut wrong = None;
        ranked.sort_by(|(a, _), (b, _)| {
            let order = a.compare(*b).unwrap_or_else(|error| {
                wrong = Some(error);
                Ordering::Equal
            });
            if reverse { order.reverse() } else { order }
        });
        match wrong {
            Some(error) => Err(error),
            None => Ok(AllocList(ranked.into_iter().map(|(_, item)| item).collect())),
        }
    }
}

/// Announces that these are compared with each other.
pub(crate) fn check_ranks<'v>(
    eval: &mut Evaluator<'v, '_, '_>,
    ranks: impl Iterator<Item = Value<'v>>,
) -> starlark::Result<()> {
    // About as often as each is looked at when they are sorted.
    const TIMES: usize = 16;
    let mut units = 0;
    for rank in ranks {
        units += 1 + if size::holds_others(rank) { size::of(rank).map_err(fail)? } else { 0 };
    }
    charge(eval, units.saturating_mul(TIMES))
}
