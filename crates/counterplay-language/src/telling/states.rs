//! The states that stages are told in, from values of the language and back.

use starlark::values::tuple::{AllocTuple, TupleRef};
use starlark::values::{Heap, Value};

use crate::values::quantity::Quantity;
use crate::values::unpack::{must_be, number};
use counterplay::problem::Problem;
use counterplay::story::state::StateValue;

/// The longest text and the deepest nesting of a state.
const MAX_TEXT: usize = 1_000;
const MAX_DEPTH: usize = 20;

/// A value as a state.
pub(crate) fn state_of(value: Value<'_>) -> Result<StateValue, Problem> {
    state_at(value, 0)
}

fn state_at(value: Value<'_>, depth: usize) -> Result<StateValue, Problem> {
    if depth > MAX_DEPTH {
        return Err(Problem::new(format!("the state is nested deeper than {MAX_DEPTH} tuples")));
    }
    if Quantity::from_value(value).is_some() {
        return Err(Problem::new("the state depends on an uncertain quantity").hint(
            "a state must be known: put what is uncertain into payoffs and probabilities, or let `g.chance` decide it",
        ));
    }
    if let Some(truth) = value.unpack_bool() {
        return Ok(StateValue::Truth(truth));
    }
    if let Some(text) = value.unpack_str() {
        return if text.len() <= MAX_TEXT {
            Ok(StateValue::Text(text.to_owned()))
        } else {
            Err(Problem::new(format!("a text in the state is longer than {MAX_TEXT} characters")))
        };
    }
    if let Some(number) = number(value) {
        return StateValue::number(number)
            .ok_or_else(|| Problem::new(format!("a number of the state is {number}")));
    }
    if let Some(tuple) = TupleRef::from_value(value) {
        let parts: Result<_, Problem> =
            tuple.content().iter().map(|part| state_at(*part, depth + 1)).collect();
        return parts.map(StateValue::Tuple);
    }
    Err(must_be("the state", "a text, a number, a truth value or a tuple of these", value)
        .hint("a list becomes a tuple by `tuple(...)`"))
}

/// A state as the value that a stage is told with.
pub(crate) fn state_value<'v>(heap: Heap<'v>, state: &StateValue) -> Value<'v> {
    match state {
        StateValue::Truth(truth) => Value::new_bool(*truth),
        StateValue::Whole(number) => heap.alloc(*number),
        StateValue::Number(number) => heap.alloc(number.value()),
        StateValue::Text(text) => heap.alloc(text.as_str()),
        StateValue::Tuple(parts) => {
            heap.alloc(AllocTuple(parts.iter().map(|p| state_value(heap, p)).collect::<Vec<_>>()))
        }
    }
}
