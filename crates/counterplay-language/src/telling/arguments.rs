//! Arguments of the calls of `g`: who sees an event, and quantities.

use counterplay_game::expression::ExprId;
use starlark::values::Value;

use crate::values::failure::fail;
use crate::values::players::Whom;
use crate::values::quantity::Quantity;
use crate::values::unpack::{must_be, number};
use counterplay::problem::Problem;
use counterplay::story::telling::Telling;
use counterplay::story::terms::Seen;

/// Who sees an event; everybody unless the call says otherwise.
pub(crate) fn seen(g: &Telling<'_>, whom: &Whom<'_>) -> Result<Seen, Problem> {
    match whom {
        Whom::All => Ok(Seen::ALL),
        Whom::Nobody => Ok(Seen::NOBODY),
        Whom::These(names) => g.seen_by(names.iter().copied()),
    }
}

/// The players that an optional argument names; everybody if it is not given.
pub(crate) fn whom<'v>(value: Option<Value<'v>>, what: &str) -> starlark::Result<Whom<'v>> {
    value.map_or(Ok(Whom::All), |value| Whom::read(value, what)).map_err(fail)
}

/// A quantity or a number.
pub(crate) fn quantity(
    g: &mut Telling<'_>,
    value: Value<'_>,
    what: impl Fn() -> String,
) -> Result<ExprId, Problem> {
    if let Some(&quantity) = Quantity::from_value(value) {
        return Ok(quantity.expression(&mut g.expressions));
    }
    match number(value) {
        Some(number) if number.is_finite() => Ok(g.expressions.constant(number)),
        Some(number) => Err(Problem::new(format!("{} is {number}", what()))),
        None => Err(must_be(&what(), "a number or a quantity", value)),
    }
}
