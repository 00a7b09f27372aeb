//! Tuples from the labels that they are told by: the value of an outcome is a text once it is in a file.

use starlark::values::tuple::AllocTuple;
use starlark::values::{Heap, Value};

/// What a label says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Told {
    Text(String),
    Number(f64),
    Truth(bool),
    Tuple(Vec<Told>),
}

/// The tuples that these labels are; nothing if one of them is none, or they have different numbers of parts. A text that happens to be
/// written like a tuple is so rare among values that all are.
pub(crate) fn tuples<'a>(labels: impl Iterator<Item = &'a str>) -> Option<Vec<Told>> {
    let parts: Vec<Vec<Told>> = labels.map(parts).collect::<Option<_>>()?;
    let alike = parts.windows(2).all(|pair| pair[0].len() == pair[1].len());
    (alike && !parts.is_empty()).then(|| parts.into_iter().map(Told::Tuple).collect())
}

/// The parts of a tuple's label: `(hawk, 3)` has two.
fn parts(label: &str) -> Option<Vec<Told>> {
    let inside = label.strip_prefix('(')?.strip_suffix(')')?;
    let (mut depth, mut begin, mut found) = (0_usize, 0, Vec::new());
    for (at, c) in inside.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            ',' if depth == 0 && inside[at..].starts_with(", ") => {
                found.push(part(&inside[begin..at]));
                begin = at + 2;
            }
            _ => {}
        }
    }
    found.push(part(&inside[begin..]));
    (depth == 0 && !inside.is_empty()).then_some(found)
}

/// One part; a number only if its label is just this text, so that its label stays what it was.
fn part(text: &str) -> Told {
    match text {
        "True" => Told::Truth(true),
        "False" => Told::Truth(false),
        _ => {
            let number = text.parse::<f64>().ok().filter(|x| x.is_finite() && x.to_string() == text);
            let tuple = || parts(text).map_or_else(|| Told::Text(text.to_owned()), Told::Tuple);
            number.map_or_else(tuple, Told::Number)
        }
    }
}

impl Told {
    /// It as a value of the language.
    pub(crate) fn value<'v>(&self, heap: Heap<'v>) -> Value<'v> {
        match self {
            Self::Text(text) => heap.alloc(text.as_str()),
            Self::Truth(truth) => Value::new_bool(*truth),
            Self::Number(x) if x.fract() == 0.0 && x.abs() < 1e9 => heap.alloc(*x as i32),
            Self::Number(x) => heap.alloc(*x),
            Self::Tuple(parts) => {
                let values: Vec<Value<'v>> = parts.iter().map(|part| part.value(heap)).collect();
                heap.alloc(AllocTuple(values))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(labels: &[&str]) -> Option<Vec<Told>> {
        tuples(labels.iter().copied())
    }

    #[test]
    fn a_tuple_has_the_parts_that_its_label_names() {
        let text = |t: &str| Told::Text(t.to_owned());
        let inner = Told::Tuple(vec![Told::Number(0.5), Told::Truth(true)]);
        assert_eq!(read(&["(hawk, (0.5, True))"]), Some(vec![Told::Tuple(vec![text("hawk"), inner])]));
        assert_eq!(read(&["(03, -2)"]), Some(vec![Told::Tuple(vec![text("03"), Told::Number(-2.0)])]));
    }

    #[test]
    fn what_is_no_tuple_stays_a_text() {
        assert_eq!(read(&["(hawk, 1)", "dove"]), None);
        assert_eq!(read(&["(hawk, 1)", "(dove)"]), None);
        for broken in ["()", "(a", "a)", "(a)(b)", "(a, b))", "((a, b)"] {
            assert_eq!(read(&[broken]), None, "{broken}");
        }
        assert_eq!(read(&[]), None);
    }
}
