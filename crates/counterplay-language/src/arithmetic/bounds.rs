//! Bounds on what a single operation may make.

use starlark::eval::Evaluator;

use crate::host::max_memory;
use crate::values::failure::{fail, too_much_memory};
use crate::values::size::{MAX_ITEMS, MAX_TEXT};
use counterplay::problem::Problem;

/// Checks the heap when something large is about to be made, rather than at some later time.
pub(crate) fn check_heap(eval: &mut Evaluator<'_, '_, '_>, about_to_make: usize) -> starlark::Result<()> {
    const LARGE: usize = 10_000;
    let max_memory = max_memory(eval);
    if about_to_make > LARGE && eval.heap().allocated_bytes() > max_memory {
        return Err(fail(too_much_memory("this run", max_memory)));
    }
    Ok(())
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
    check_heap(eval, length)
}
