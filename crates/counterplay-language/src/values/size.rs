//! How large a value is when it is written out or compared part by part. A structure that holds another many
//! times over is small in memory but not in that.

use starlark::values::dict::DictRef;
use starlark::values::list::ListRef;
use starlark::values::tuple::TupleRef;
use starlark::values::{Heap, Value};

use counterplay::problem::Problem;

/// The longest text.
pub(crate) const MAX_TEXT: usize = 100_000;

/// The longest list.
pub(crate) const MAX_ITEMS: usize = 100_000;

/// The deepest nesting of lists, tuples and dictionaries.
const MAX_DEPTH: usize = 100;

/// Whether a value is nested too deep to be kept. Walks without recursion, and looks at no part twice in a row.
pub(crate) fn too_deep_to_keep(value: Value<'_>) -> bool {
    const MOST: i32 = 500;
    // What was seen at which depth, so that shared parts are walked once.
    let mut seen = std::collections::HashMap::new();
    let mut open = vec![(value, 0_i32)];
    while let Some((value, depth)) = open.pop() {
        if depth > MOST {
            return true;
        }
        let known = seen.entry(value.identity()).or_insert(-1);
        if depth <= *known {
            continue;
        }
        *known = depth;
        if let Some(list) = ListRef::from_value(value) {
            open.extend(list.iter().map(|item| (item, depth + 1)));
        } else if let Some(tuple) = TupleRef::from_value(value) {
            open.extend(tuple.iter().map(|item| (item, depth + 1)));
        } else if let Some(dictionary) = DictRef::from_value(value) {
            open.extend(dictionary.iter().flat_map(|(key, item)| [(key, depth + 1), (item, depth + 1)]));
        }
    }
    false
}

/// The most values that may hold others where they cannot all be seen.
pub(crate) const MOST_BEHIND_FUNCTIONS: usize = 50_000;

/// How many values that can hold others have been made.
pub(crate) fn nesting_values(heap: Heap<'_>) -> usize {
    const LEAVES: [&str; 6] = ["string", "int", "float", "range", "uncertain quantity", "prior"];
    let made = heap.allocated_summary().summary();
    let holding = made.iter().filter(|(kind, _)| !LEAVES.contains(&kind.as_str()));
    holding.map(|(_, (count, _))| count).sum()
}

/// Refuses to compare two values of which each is too large written out. To compare goes only as far as both go.
pub(crate) fn check_compared(a: Value<'_>, b: Value<'_>) -> Result<(), Problem> {
    if holds_others(a) && holds_others(b) && check(a).is_err() { check(b) } else { Ok(()) }
}

/// Refuses a value that is too large to be looked for, or to be a key.
pub(crate) fn check_key(value: Value<'_>) -> Result<(), Problem> {
    if holds_others(value) { check(value) } else { Ok(()) }
}

/// Whether a value is a list, a tuple or a dictionary.
pub(crate) fn holds_others(value: Value<'_>) -> bool {
    matches!(value.get_type(), "list" | "tuple" | "dict")
}

/// About how many characters a value has when it is written out.
///
/// # Errors
/// If that is more than [`MAX_TEXT`].
pub(crate) fn of(value: Value<'_>) -> Result<usize, Problem> {
    let mut left = MAX_TEXT;
    if spend(value, &mut left, MAX_DEPTH) {
        return Ok(MAX_TEXT - left);
    }
    Err(Problem::new(format!(
        "this is longer than {MAX_TEXT} characters when written out, or nested too deep"
    ))
    .hint("a list that holds another list many times over is that long"))
}

/// Refuses a value that is too large written out.
pub(crate) fn check(value: Value<'_>) -> Result<(), Problem> {
    of(value).map(|_| ())
}

/// Takes the size of `value` from what is left; `false` if that is too little.
fn spend(value: Value<'_>, left: &mut usize, depth: usize) -> bool {
    let own = value.unpack_str().map_or(1, |text| text.len() + 1);
    if *left < own || depth == 0 {
        return false;
    }
    *left -= own;
    if let Some(list) = ListRef::from_value(value) {
        return list.iter().all(|item| spend(item, left, depth - 1));
    }
    if let Some(tuple) = TupleRef::from_value(value) {
        return tuple.iter().all(|item| spend(item, left, depth - 1));
    }
    match DictRef::from_value(value) {
        Some(dictionary) => {
            dictionary.iter().all(|(key, item)| spend(key, left, depth - 1) && spend(item, left, depth - 1))
        }
        None => true,
    }
}
