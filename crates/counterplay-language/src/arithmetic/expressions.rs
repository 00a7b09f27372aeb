//! Values of the language as expressions of the arena.

use counterplay_game::expression::ExprId;
use starlark::eval::Evaluator;
use starlark::values::Value;

use crate::host::with_expressions;
use crate::values::quantity::Quantity;
use crate::values::unpack::{must_be, number};
use counterplay::problem::Problem;

/// A quantity, or a number that is known, as an expression.
pub(crate) fn quantity(
    eval: &mut Evaluator<'_, '_, '_>,
    value: Value<'_>,
) -> Result<Option<ExprId>, Problem> {
    if let Some(&quantity) = Quantity::from_value(value) {
        return with_expressions(eval, |e| quantity.expression(e)).map(Some);
    }
    match number(value) {
        Some(number) => with_expressions(eval, |e| e.constant(number)).map(Some),
        None => Ok(None),
    }
}

/// A quantity or a number, or the problem that `what` is neither.
pub(crate) fn must_be_quantity(
    eval: &mut Evaluator<'_, '_, '_>,
    value: Value<'_>,
    what: &str,
) -> Result<ExprId, Problem> {
    let id = quantity(eval, value)?;
    id.ok_or_else(|| must_be(what, "a quantity or a number", value))
}
