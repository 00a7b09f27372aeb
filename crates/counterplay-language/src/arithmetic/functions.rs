//! Functions of quantities. On plain numbers they give plain numbers.

use counterplay_game::expression::{Binary, Unary};
use counterplay_math::exp;
use starlark::environment::GlobalsBuilder;
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::tuple::UnpackTuple;
use starlark::values::{Value, ValueLike};

use crate::arithmetic::builtins::check_ranks;
use crate::arithmetic::expressions::must_be_quantity;
use crate::host::with_expressions;
use crate::values::failure::fail;
use crate::values::quantity::{Less, Quantity, is_uncertain};
use crate::values::size::{self, MAX_ITEMS};
use crate::values::unpack::{must_be, number};
use counterplay::problem::Problem;

fn unary<'v>(
    eval: &mut Evaluator<'v, '_, '_>,
    name: &str,
    function: Unary,
    plain: impl Fn(f64) -> f64,
    x: Value<'v>,
) -> starlark::Result<Value<'v>> {
    if let Some(number) = number(x) {
        let result = plain(number);
        if !result.is_finite() {
            return Err(fail(Problem::new(format!("`{name}({number})` is not a finite number"))));
        }
        return Ok(eval.heap().alloc(result));
    }
    let id = must_be_quantity(eval, x, &format!("what `{name}` is taken of")).map_err(fail)?;
    let id = with_expressions(eval, |e| e.unary(function, id)).map_err(fail)?;
    Ok(eval.heap().alloc(Quantity::new(id)))
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + exp(-x))
}

fn less<'v>(
    eval: &mut Evaluator<'v, '_, '_>,
    name: &str,
    a: Value<'v>,
    b: Value<'v>,
    swapped: bool,
) -> starlark::Result<Value<'v>> {
    let (first, second) = if swapped { (b, a) } else { (a, b) };
    if let (Some(first), Some(second)) = (number(first), number(second)) {
        return Ok(Value::new_bool(first < second));
    }
    let what = format!("what `{name}` compares");
    let left = must_be_quantity(eval, first, &what).map_err(fail)?;
    let right = must_be_quantity(eval, second, &what).map_err(fail)?;
    Ok(eval.heap().alloc(Less { left, right }))
}

/// The least or the largest of some values, of which some may be uncertain.
fn extreme<'v>(
    eval: &mut Evaluator<'v, '_, '_>,
    name: &str,
    function: Binary,
    values: &UnpackTuple<Value<'v>>,
    key: Option<Value<'v>>,
) -> starlark::Result<Value<'v>> {
    let values: Vec<Value<'v>> = match values.items.as_slice() {
        [one] => one.iterate(eval.heap())?.take(MAX_ITEMS).collect(),
        several => several.to_vec(),
    };
    check_ranks(eval, values.iter().copied().filter(|value| !is_uncertain(*value)))?;
    if values.is_empty() {
        return Err(fail(Problem::new(format!("`{name}` is asked of nothing"))));
    }
    if values.iter().any(|v| is_uncertain(*v)) {
        if key.is_some() {
            return Err(fail(Problem::new(format!("`{name}` of uncertain quantities takes no `key`"))));
        }
        return uncertain_extreme(eval, name, function, &values);
    }
    plain_extreme(eval, function, &values, key)
}

fn uncertain_extreme<'v>(
    eval: &mut Evaluator<'v, '_, '_>,
    name: &str,
    function: Binary,
    values: &[Value<'v>],
) -> starlark::Result<Value<'v>> {
    let mut best = None;
    for value in values {
        let id = must_be_quantity(eval, *value, &format!("what `{name}` is taken of")).map_err(fail)?;
        best = match best {
            None => Some(id),
            Some(best) => Some(with_expressions(eval, |e| e.binary(function, best, id)).map_err(fail)?),
        };
    }
    let best = best.expect("there is at least one value");
    Ok(eval.heap().alloc(Quantity::new(best)))
}

fn plain_extreme<'v>(
    eval: &mut Evaluator<'v, '_, '_>,
    function: Binary,
    values: &[Value<'v>],
    key: Option<Value<'v>>,
) -> starlark::Result<Value<'v>> {
    let wanted = if function == Binary::Min { std::cmp::Ordering::Less } else { std::cmp::Ordering::Greater };
    let mut best: Option<(Value<'v>, Value<'v>)> = None;
    for &value in values {
        let rank = match key {
            Some(key) => eval.eval_function(key, &[value], &[])?,
            None => value,
        };
        let better = match best {
            None => true,
            Some((_, best)) => {
                size::check_compared(rank, best).map_err(fail)?;
                rank.compare(best)? == wanted
            }
        };
        if better {
            best = Some((value, rank));
        }
    }
    Ok(best.expect("there is at least one value").0)
}

#[starlark_module]
pub(crate) fn functions(builder: &mut GlobalsBuilder) {
    fn exp<'v>(
        #[starlark(require = pos)] x: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        unary(eval, "exp", Unary::Exp, counterplay_math::exp, x)
    }

    fn log<'v>(
        #[starlark(require = pos)] x: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        unary(eval, "log", Unary::Log, counterplay_math::ln, x)
    }

    fn sqrt<'v>(
        #[starlark(require = pos)] x: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        unary(eval, "sqrt", Unary::Sqrt, f64::sqrt, x)
    }

    fn abs<'v>(
        #[starlark(require = pos)] x: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        if let Some(whole) = x.unpack_i32() {
            return Ok(eval.heap().alloc(i64::from(whole).abs()));
        }
        unary(eval, "abs", Unary::Abs, f64::abs, x)
    }

    fn logistic<'v>(
        #[starlark(require = pos)] x: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        unary(eval, "logistic", Unary::Logistic, self::logistic, x)
    }

    fn min<'v>(
        #[starlark(args)] values: UnpackTuple<Value<'v>>,
        #[starlark(require = named)] key: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        extreme(eval, "min", Binary::Min, &values, key)
    }

    fn max<'v>(
        #[starlark(args)] values: UnpackTuple<Value<'v>>,
        #[starlark(require = named)] key: Option<Value<'v>>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        extreme(eval, "max", Binary::Max, &values, key)
    }

    fn lt<'v>(
        #[starlark(require = pos)] a: Value<'v>,
        #[starlark(require = pos)] b: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        less(eval, "lt", a, b, false)
    }

    fn gt<'v>(
        #[starlark(require = pos)] a: Value<'v>,
        #[starlark(require = pos)] b: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        less(eval, "gt", a, b, true)
    }

    fn r#where<'v>(
        #[starlark(require = pos)] condition: Value<'v>,
        #[starlark(require = pos)] a: Value<'v>,
        #[starlark(require = pos)] b: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<Value<'v>> {
        if let Some(truth) = condition.unpack_bool() {
            return Ok(if truth { a } else { b });
        }
        let Some(&Less { left, right }) = condition.downcast_ref::<Less>() else {
            return Err(fail(must_be(
                "the condition of `where`",
                "a comparison `lt(a, b)` or `gt(a, b)`",
                condition,
            )));
        };
        let then = must_be_quantity(eval, a, "what `where` gives").map_err(fail)?;
        let otherwise = must_be_quantity(eval, b, "what `where` gives").map_err(fail)?;
        let id = with_expressions(eval, |e| e.where_less(left, right, then, otherwise)).map_err(fail)?;
        Ok(eval.heap().alloc(Quantity::new(id)))
    }
}
