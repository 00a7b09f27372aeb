//! Stages: their declaration, and the states that they are told in.

use starlark::environment::GlobalsBuilder;
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::values::none::NoneType;
use starlark::values::tuple::{AllocTuple, TupleRef};
use starlark::values::{Heap, Value};

use super::draft::StageDraft;
use super::host::declare;
use super::quantity::Quantity;
use super::values::{must_be, number, text};
use counterplay::problem::Problem;
use counterplay::story::state::StateValue;

/// The longest text and the deepest nesting of a state.
const MAX_TEXT: usize = 1_000;
const MAX_DEPTH: usize = 20;

/// A value as a state.
pub(super) fn state_of(value: Value<'_>) -> Result<StateValue, Problem> {
    state_at(value, 0)
}

fn state_at(value: Value<'_>, depth: usize) -> Result<StateValue, Problem> {
    if depth > MAX_DEPTH {
        return Err(Problem::new(format!("the state is nested deeper than {MAX_DEPTH} tuples")));
    }
    if Quantity::from_value(value).is_some() {
        return Err(Problem::new("the state hangs on an uncertain quantity").hint(
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
pub(super) fn state_value<'v>(heap: Heap<'v>, state: &StateValue) -> Value<'v> {
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

/// The most stages that a process can be followed for.
const MAX_HORIZON: f64 = 10_000.0;

#[starlark_module]
pub(super) fn stages(builder: &mut GlobalsBuilder) {
    fn stage<'v>(
        name: Value<'v>,
        function: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        let module = eval.module();
        declare(eval, "stage", |draft, place| {
            let name = text(name, "the name of a stage")?;
            if draft.stages.iter().any(|s| s.name == name) {
                return Err(Problem::new(format!("there is already a stage `{name}`")));
            }
            if function.get_type() != "function" {
                return Err(must_be(&format!("what the stage `{name}` is told by"), "a function", function)
                    .hint(format!("for example `def {name}(g, state):`, then `stage(\"{name}\", {name})`")));
            }
            let file = place.as_ref().map_or(String::new(), |p| p.file.clone());
            // A name that no scenario can write keeps the function alive in the module.
            let slot = format!("stage {}", draft.stages.len());
            module.set(&slot, function);
            draft.stages.push(StageDraft { name: name.to_owned(), file, slot, place });
            Ok(())
        })?;
        Ok(NoneType)
    }

    fn horizon<'v>(
        #[starlark(require = pos)] stages: Value<'v>,
        eval: &mut Evaluator<'v, '_, '_>,
    ) -> starlark::Result<NoneType> {
        declare(eval, "horizon", |draft, _| {
            let count = number(stages).filter(|n| n.fract() == 0.0 && (1.0..=MAX_HORIZON).contains(n));
            let count = count.ok_or_else(|| {
                Problem::new(format!("the horizon must be a whole number from 1 to {MAX_HORIZON}, but it is {stages}"))
                    .hint("it says for how many stages the process is followed in the answers; play looks ahead without end")
            })?;
            draft.horizon = Some(count as usize);
            Ok(())
        })?;
        Ok(NoneType)
    }
}
