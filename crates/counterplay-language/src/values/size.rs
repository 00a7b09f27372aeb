//! How large a value is when it is written out or compared part by part. A structure that holds another many
//! times over is small in memory but not in that.

use starlark::values::Value;
use starlark::values::dict::DictRef;
use starlark::values::list::ListRef;
use starlark::values::tuple::TupleRef;

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
