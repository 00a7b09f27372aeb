//! The operators. Every operator of a scenario is one of these functions (see [`parse`](crate::text::parse)): they
//! compute with uncertain quantities on either side, and bound what comes out of texts, lists and large numbers.

use std::cmp::Ordering;

use counterplay_game::expression::Binary;
use starlark::environment::GlobalsBuilder;
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::{UnpackValue, Value};

use crate::arithmetic::bounds::{charge, charge_entries, check_length, length};
use crate::arithmetic::expressions::quantity;
use crate::host::with_expressions;
use crate::values::failure::fail;
use crate::values::quantity::{Quantity, is_uncertain, truth};
use crate::values::size;
use crate::values::unpack::{kind, number};
use crate::values::vote;
use counterplay::problem::Problem;

/// Applies an operator to operands of which at least one is uncertain.
fn uncertain<'v>(
    eval: &mut Evaluator<'v, '_, '_>,
    sign: &str,
    operator: Option<Binary>,
    a: Value<'v>,
    b: Value<'v>,
) -> Result<Value<'v>, Problem> {
    let Some(operator) = operator else {
        return Err(Problem::new(format!("`{sign}` does not work on uncertain quantities")).hint(
            "use `+`, `-`, `*`, `/`, and `exp`, `log`, `sqrt`, `min`, `max`, `abs`, `logistic`, `where`",
        ));
    };
    match (quantity(eval, a)?, quantity(eval, b)?) {
        (Some(a), Some(b)) => {
            let id = with_expressions(eval, |e| e.binary(operator, a, b))?;
            Ok(eval.heap().alloc(Quantity::new(id)))
        }
        _ => Err(Problem::new(format!("`{sign}` does not go between {} and {}", kind(a), kind(b)))),
    }
}

/// A plain number of either kind, if it is small enough to compute with exactly.
fn whole(value: Value<'_>) -> Option<i64> {
    value.unpack_i32().map(i64::from).or_else(|| i64::unpack_value(value).ok().flatten())
}

/// A result that is not an overlong whole number.
fn bounded(result: Value<'_>) -> Result<Value<'_>, Problem> {
    if result.get_type() == "int" && whole(result).is_none() {
        return Err(Problem::new("a whole number beyond 9,223,372,036,854,775,807 comes out here")
            .hint("compute with decimal numbers: `1.0` instead of `1`"));
    }
    Ok(result)
}

fn check_sum(eval: &mut Evaluator<'_, '_, '_>, a: Value<'_>, b: Value<'_>) -> starlark::Result<()> {
    let length = length(a).saturating_add(length(b));
    if length == 0 { Ok(()) } else { check_length(eval, a.unpack_str().is_some(), length) }
}

fn check_product<'v>(eval: &mut Evaluator<'v, '_, '_>, a: Value<'v>, b: Value<'v>) -> starlark::Result<()> {
    let (things, times) = if length(a) > 0 { (a, b) } else { (b, a) };
    let times = whole(times).unwrap_or(0).max(0) as usize;
    let length = length(things).saturating_mul(times);
    if length == 0 { Ok(()) } else { check_length(eval, things.unpack_str().is_some(), length) }
}

fn check_shift(b: Value<'_>) -> starlark::Result<()> {
    match whole(b) {
        Some(places) if places > 62 => {
            Err(fail(Problem::new(format!("`<<` by {places} places is too much"))))
        }
        _ => Ok(()),
    }
}

fn subtract<'v>(a: Value<'v>, b: Value<'v>, eval: &mut Evaluator<'v, '_, '_>) -> starlark::Result<Value<'v>> {
    if is_uncertain(a) || is_uncertain(b) {
        return uncertain(eval, "-", Some(Binary::Subtract), a, b).map_err(fail);
    }
    bounded(a.sub(b, eval.heap())?).map_err(fail)
}

fn add<'v>(a: Value<'v>, b: Value<'v>, eval: &mut Evaluator<'v, '_, '_>) -> starlark::Result<Value<'v>> {
    if is_uncertain(a) || is_uncertain(b) {
        return uncertain(eval, "+", Some(Binary::Add), a, b).map_err(fail);
    }
    check_sum(eval, a, b)?;
    bounded(a.add(b, eval.heap())?).map_err(fail)
}

fn multiply<'v>(a: Value<'v>, b: Value<'v>, eval: &mut Evaluator<'v, '_, '_>) -> starlark::Result<Value<'v>> {
    if is_uncertain(a) || is_uncertain(b) {
        return uncertain(eval, "*", Some(Binary::Multiply), a, b).map_err(fail);
    }
    check_product(eval, a, b)?;
    bounded(a.mul(b, eval.heap())?).map_err(fail)
}

fn divide<'v>(a: Value<'v>, b: Value<'v>, eval: &mut Evaluator<'v, '_, '_>) -> starlark::Result<Value<'v>> {
    if is_uncertain(a) || is_uncertain(b) {
        if number(b) == Some(0.0) {
            return Err(fail(Problem::new("this divides by zero")));
        }
        return uncertain(eval, "/", Some(Binary::Divide), a, b).map_err(fail);
    }
    a.div(b, eval.heap())
}

fn equal<'v>(a: Value<'v>, b: Value<'v>, sign: &str) -> starlark::Result<bool> {
    if let (Some(a), Some(b)) = (a.unpack_str(), b.unpack_str()) {
        return Ok(a == b);
    }
    if is_uncertain(a) || is_uncertain(b) {
        return Err(fail(
            Problem::new(format!("an uncertain quantity cannot be compared with `{sign}`")).hint(
                "a quantity that may be any number is never just equal to another; to tell more from less, \
             use `where(lt(a, b), x, y)`",
            ),
        ));
    }
    vote::check_compared(a, b).map_err(fail)?;
    size::check_compared(a, b).map_err(fail)?;
    a.equals(b)
}

/// How `a` compares with `b`, of which neither can be told from the other by the evaluator if it is uncertain.
fn compared<'v>(a: Value<'v>, b: Value<'v>) -> starlark::Result<Ordering> {
    size::check_compared(a, b).map_err(fail)?;
    a.compare(b)
}

/// Whether `whole` has the part.
fn has<'v>(eval: &mut Evaluator<'v, '_, '_>, part: Value<'v>, whole: Value<'v>) -> starlark::Result<bool> {
    // To compare is more work than to copy.
    const COMPARISON: usize = 10;
    let size = if size::holds_others(part) { size::of(part).map_err(fail)? } else { 1 };
    // A dictionary is not searched through.
    let looked_at = if whole.get_type() == "dict" { 1 } else { length(whole) };
    charge(eval, looked_at.saturating_mul(size).saturating_mul(COMPARISON))?;
    whole.is_in(part)
}

#[starlark_module]
pub(crate) fn operators(builder: &mut GlobalsBuilder) {
    fn __add__<'v>(
        #[starlark(require = pos)] a: Value<'v>,
        #[starlark(require = pos)] b: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        add(a, b, eval)
    }

    fn __subtract__<'v>(
        #[starlark(require = pos)] a: Value<'v>,
        #[starlark(require = pos)] b: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        subtract(a, b, eval)
    }

    fn __multiply__<'v>(
        #[starlark(require = pos)] a: Value<'v>,
        #[starlark(require = pos)] b: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        multiply(a, b, eval)
    }

    fn __divide__<'v>(
        #[starlark(require = pos)] a: Value<'v>,
        #[starlark(require = pos)] b: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        divide(a, b, eval)
    }

    fn __divide_whole__<'v>(
        #[starlark(require = pos)] a: Value<'v>,
        #[starlark(require = pos)] b: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        if is_uncertain(a) || is_uncertain(b) {
            return uncertain(eval, "//", None, a, b).map_err(fail);
        }
        bounded(a.floor_div(b, eval.heap())?).map_err(fail)
    }

    fn __percent__<'v>(
        #[starlark(require = pos)] a: Value<'v>,
        #[starlark(require = pos)] b: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        if let Some(text) = a.unpack_str() {
            let places = text.matches('%').count();
            let filled = places.saturating_mul(size::of(b).map_err(fail)?);
            check_length(eval, true, text.len().saturating_add(filled))?;
        } else if is_uncertain(a) || is_uncertain(b) {
            return uncertain(eval, "%", None, a, b).map_err(fail);
        }
        bounded(a.percent(b, eval.heap())?).map_err(fail)
    }

    fn __shift__<'v>(
        #[starlark(require = pos)] a: Value<'v>,
        #[starlark(require = pos)] b: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        check_shift(b)?;
        bounded(a.left_shift(b, eval.heap())?).map_err(fail)
    }

    fn __equal__<'v>(
        #[starlark(require = pos)] a: Value<'v>,
        #[starlark(require = pos)] b: Value<'v>,
    ) -> starlark::Result<bool> {
        equal(a, b, "==")
    }

    fn __unequal__<'v>(
        #[starlark(require = pos)] a: Value<'v>,
        #[starlark(require = pos)] b: Value<'v>,
    ) -> starlark::Result<bool> {
        equal(a, b, "!=").map(|same| !same)
    }

    fn __less__<'v>(
        #[starlark(require = pos)] a: Value<'v>,
        #[starlark(require = pos)] b: Value<'v>,
    ) -> starlark::Result<bool> {
        Ok(compared(a, b)?.is_lt())
    }

    fn __at_most__<'v>(
        #[starlark(require = pos)] a: Value<'v>,
        #[starlark(require = pos)] b: Value<'v>,
    ) -> starlark::Result<bool> {
        Ok(compared(a, b)?.is_le())
    }

    fn __more__<'v>(
        #[starlark(require = pos)] a: Value<'v>,
        #[starlark(require = pos)] b: Value<'v>,
    ) -> starlark::Result<bool> {
        Ok(compared(a, b)?.is_gt())
    }

    fn __at_least__<'v>(
        #[starlark(require = pos)] a: Value<'v>,
        #[starlark(require = pos)] b: Value<'v>,
    ) -> starlark::Result<bool> {
        Ok(compared(a, b)?.is_ge())
    }

    fn __in__<'v>(
        #[starlark(require = pos)] part: Value<'v>,
        #[starlark(require = pos)] whole: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<bool> {
        has(eval, part, whole)
    }

    fn __not_in__<'v>(
        #[starlark(require = pos)] part: Value<'v>,
        #[starlark(require = pos)] whole: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<bool> {
        has(eval, part, whole).map(|has| !has)
    }

    fn __union__<'v>(
        #[starlark(require = pos)] a: Value<'v>,
        #[starlark(require = pos)] b: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        charge_entries(eval, length(a).saturating_add(length(b)))?;
        a.bit_or(b, eval.heap())
    }

    fn __truth__<'v>(#[starlark(require = pos)] value: Value<'v>) -> starlark::Result<Value<'v>> {
        if is_uncertain(value) { Err(fail(truth(value))) } else { Ok(value) }
    }

    fn __change__<'v>(
        #[starlark(require = pos)] sign: &str,
        #[starlark(require = pos)] written_out: &str,
        #[starlark(require = pos)] old: Value<'v>,
        #[starlark(require = pos)] by: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        if is_uncertain(old) || is_uncertain(by) {
            let example = format!("x = x {sign} ...");
            let written_out = if written_out.is_empty() { &example } else { written_out };
            return Err(fail(
                Problem::new(format!("`{sign}=` does not work on uncertain quantities"))
                    .hint(format!("write it out: `{written_out}`")),
            ));
        }
        match sign {
            "+" => check_sum(eval, old, by)?,
            "*" => check_product(eval, old, by)?,
            "<<" => check_shift(by)?,
            "%" => size::check(by).map_err(fail)?,
            _ => {}
        }
        bounded(old).map_err(fail)?;
        Ok(by)
    }
}
