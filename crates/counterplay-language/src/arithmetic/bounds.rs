//! Bounds on what a single operation may make, and on the work that it may be.
//!
//! The evaluator counts a call as one step, and looks at the memory now and then, whatever the call does. So calls whose work
//! grows with what they are given say here how much it is: before they do it.

use starlark::eval::Evaluator;
use starlark::values::Value;
use starlark::values::dict::DictRef;
use starlark::values::list::ListRef;
use starlark::values::tuple::TupleRef;

use crate::host::budget;
use crate::values::failure::fail;
use crate::values::size::{MAX_ITEMS, MAX_TEXT};
use counterplay::problem::Problem;

/// Bytes of a dictionary's entry, which the evaluator does not count.
const ENTRY_BYTES: usize = 64;

/// Says that as many items or characters are about to be looked at or copied.
pub(crate) fn charge(eval: &mut Evaluator<'_, '_, '_>, units: usize) -> starlark::Result<()> {
    if budget(eval).spend(units).map_err(fail)? {
        check_heap(eval)?;
    }
    Ok(())
}

/// Says that as many entries of a dictionary are about to be copied.
pub(crate) fn charge_entries(eval: &mut Evaluator<'_, '_, '_>, entries: usize) -> starlark::Result<()> {
    budget(eval).hold(entries.saturating_mul(ENTRY_BYTES));
    charge(eval, entries)?;
    if entries > 0 { check_heap(eval) } else { Ok(()) }
}

fn check_heap(eval: &mut Evaluator<'_, '_, '_>) -> starlark::Result<()> {
    let allocated = eval.heap().allocated_bytes();
    budget(eval).check_memory(allocated).map_err(fail)
}

/// How many items or characters a value has.
pub(crate) fn length(value: Value<'_>) -> usize {
    if let Some(text) = value.unpack_str() {
        return text.len();
    }
    ListRef::from_value(value)
        .map(|l| l.len())
        .or_else(|| TupleRef::from_value(value).map(TupleRef::len))
        .or_else(|| DictRef::from_value(value).map(|d| d.len()))
        .unwrap_or_else(|| range_length(value))
}

/// The length of a range: of all other values that have one, it is short.
fn range_length(value: Value<'_>) -> usize {
    let is_range = value.get_type() == "range";
    if is_range { value.length().map_or(0, |length| length.max(0) as usize) } else { 0 }
}

/// Refuses to make a text or a list that is too long.
pub(crate) fn check_length(
    eval: &mut Evaluator<'_, '_, '_>,
    is_text: bool,
    length: usize,
) -> starlark::Result<()> {
    let (bound, things) = if is_text { (MAX_TEXT, "characters") } else { (MAX_ITEMS, "items") };
    if length > bound {
        let what = if is_text { "a text" } else { "a list" };
        return Err(fail(
            Problem::new(format!("{what} of {length} {things} would come out here"))
                .hint(format!("the most is {bound}")),
        ));
    }
    charge(eval, length)
}
