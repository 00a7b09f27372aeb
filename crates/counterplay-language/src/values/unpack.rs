//! Plain Rust from the values of the language; what is of another kind is said in the words of its users.

use starlark::values::dict::DictRef;
use starlark::values::float::UnpackFloat;
use starlark::values::list::ListRef;
use starlark::values::tuple::TupleRef;
use starlark::values::{UnpackValue, Value};

use counterplay::problem::Problem;
use counterplay_analysis::printable::{NameFault, fault_in_name};

/// What kind of value it is, with its article.
pub(crate) fn kind(value: Value<'_>) -> String {
    kind_of_type(value.get_type())
}

/// What kind of value a type's name stands for, with its article.
pub(crate) fn kind_of_type(name: &str) -> String {
    let words = match name {
        "string" => "a text",
        "int" | "float" => "a number",
        "bool" => "a truth value",
        "NoneType" => "nothing (`None`)",
        "list" => "a list",
        "tuple" => "a tuple",
        "dict" => "a dictionary",
        "function" | "native_function" => "a function",
        "range" => "a range",
        "uncertain quantity" => "an uncertain quantity",
        "uncertain comparison" => "an uncertain comparison",
        "prior" => "a prior",
        "intervention" => "an intervention",
        other => return format!("a value of the kind `{other}`"),
    };
    words.to_owned()
}

/// `what` must be of another kind.
pub(crate) fn must_be(what: &str, wanted: &str, value: Value<'_>) -> Problem {
    Problem::new(format!("{what} must be {wanted}, but it is {}", kind(value)))
}

/// A text.
pub(crate) fn text<'v>(value: Value<'v>, what: &str) -> Result<&'v str, Problem> {
    value.unpack_str().ok_or_else(|| must_be(what, "a text", value))
}

/// A name: a text that can be seen whole on a line, and looks like no other.
pub(crate) fn name_of<'v>(value: Value<'v>, what: &str) -> Result<&'v str, Problem> {
    let name = text(value, what)?;
    match fault_in_name(name) {
        None => Ok(name),
        Some(fault) => Err(no_name(what, name, fault)),
    }
}

/// That a text is no name, or no label.
fn no_name(what: &str, text: &str, fault: NameFault) -> Problem {
    let quoted = if fault == NameFault::Empty { String::new() } else { format!(", `{text}`,") };
    let hint = match fault {
        NameFault::Empty => "give it a name that readers will understand",
        NameFault::TooLong => {
            "a name is a few words; what is to be explained goes into a comment or a judgement"
        }
        NameFault::Break => "write it on one line",
        NameFault::Unseen(_) | NameFault::NotComposed => {
            "type it again: it may have been copied from elsewhere"
        }
    };
    Problem::new(format!("{what}{quoted} {fault}")).hint(hint)
}

/// A text that may be left out; then it is empty.
pub(crate) fn optional_text(value: Option<Value<'_>>, what: &str) -> Result<String, Problem> {
    value.map_or(Ok(String::new()), |value| text(value, what).map(str::to_owned))
}

/// A truth value that may be left out; then it is `False`.
pub(crate) fn truth_value(value: Option<Value<'_>>, what: &str) -> Result<bool, Problem> {
    value.map_or(Ok(false), |v| v.unpack_bool().ok_or_else(|| must_be(what, "`True` or `False`", v)))
}

/// A number that is known.
pub(crate) fn number(value: Value<'_>) -> Option<f64> {
    match UnpackFloat::unpack_value(value) {
        Ok(Some(UnpackFloat(number))) => Some(number),
        Ok(None) | Err(_) => None,
    }
}

/// The items of a list or a tuple.
pub(crate) fn items<'v>(value: Value<'v>, what: &str) -> Result<&'v [Value<'v>], Problem> {
    try_items(value).ok_or_else(|| must_be(what, "a list", value))
}

/// The items of a list or a tuple, if it is one.
pub(crate) fn try_items<'v>(value: Value<'v>) -> Option<&'v [Value<'v>]> {
    match ListRef::from_value(value) {
        Some(list) => Some(list.content()),
        None => TupleRef::from_value(value).map(TupleRef::content),
    }
}

/// The entries of a dictionary.
pub(crate) fn entries<'v>(value: Value<'v>, what: &str) -> Result<Vec<(Value<'v>, Value<'v>)>, Problem> {
    let dictionary = DictRef::from_value(value).ok_or_else(|| must_be(what, "a dictionary", value))?;
    Ok(dictionary.iter().collect())
}

/// The longest label: one that is longer comes from a structure that holds itself many times over.
const MAX_LABEL: usize = 1_000;

/// An action, a label or an outcome's value as text: strings as they are, numbers in their shortest form,
/// tuples as `(a, b)`.
pub(crate) fn label(value: Value<'_>, what: &str) -> Result<String, Problem> {
    if value.unpack_str().is_some() {
        return name_of(value, what).map(str::to_owned);
    }
    let mut label = String::new();
    write_label(value, what, &mut label)?;
    Ok(label)
}

fn write_label(value: Value<'_>, what: &str, label: &mut String) -> Result<(), Problem> {
    if label.len() > MAX_LABEL {
        return Err(Problem::new(format!("{what} is longer than {MAX_LABEL} characters")));
    }
    if let Some(text) = value.unpack_str() {
        if let Some(fault) = fault_in_name(text).filter(|fault| *fault != NameFault::Empty) {
            return Err(no_name(what, text, fault));
        }
        label.push_str(text);
    } else if let Some(truth) = value.unpack_bool() {
        label.push_str(if truth { "True" } else { "False" });
    } else if let Some(number) = number(value) {
        label.push_str(&if number == 0.0 { 0.0 } else { number }.to_string());
    } else if let Some(tuple) = TupleRef::from_value(value) {
        for (index, part) in tuple.content().iter().enumerate() {
            label.push_str(if index == 0 { "(" } else { ", " });
            write_label(*part, what, label)?;
        }
        label.push_str(if tuple.len() == 0 { "()" } else { ")" });
    } else {
        return Err(must_be(what, "a text, a number, a truth value or a tuple of these", value));
    }
    Ok(())
}

/// An outcome and a value, from a dictionary of one entry.
pub(crate) fn outcome_value(value: Value<'_>, what: &str) -> Result<(String, String), Problem> {
    let example = "for example `{\"deal\": False}`";
    match entries(value, what).map_err(|problem| problem.hint(example))?.as_slice() {
        [(outcome, value)] => Ok((
            name_of(*outcome, "the name of an outcome")?.to_owned(),
            label(*value, "the value of an outcome")?,
        )),
        several => Err(Problem::new(format!("{what} must name one outcome, but it names {}", several.len()))
            .hint(example)),
    }
}
