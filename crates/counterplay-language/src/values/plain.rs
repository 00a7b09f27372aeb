//! Plain values, which can be carried from one reading of a scenario to another.

use std::fmt;

use starlark::values::tuple::AllocTuple;
use starlark::values::{Heap, Value};

use crate::values::unpack::{items, must_be, number, try_items};
use counterplay::problem::Problem;

/// A plain value, which can be carried from one reading to another.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Plain {
    Nothing,
    Truth(bool),
    Whole(i32),
    Number(f64),
    Text(String),
    List(Vec<Plain>),
    Tuple(Vec<Plain>),
}

/// The deepest nesting of a setting.
const DEEPEST: usize = 8;

impl Plain {
    /// Of a value of the language; `what` it is given for.
    pub(crate) fn of(value: Value<'_>, what: &str, depth: usize) -> Result<Self, Problem> {
        let wanted = "a number, a text, a truth value, or a list or tuple of these";
        if depth > DEEPEST {
            return Err(Problem::new(format!("{what} is nested more than {DEEPEST} deep")));
        }
        if value.is_none() {
            return Ok(Self::Nothing);
        }
        if let Some(truth) = value.unpack_bool() {
            return Ok(Self::Truth(truth));
        }
        if let Some(text) = value.unpack_str() {
            return Ok(Self::Text(text.to_owned()));
        }
        if let Some(whole) = value.unpack_i32() {
            return Ok(Self::Whole(whole));
        }
        if let Some(number) = number(value) {
            return Ok(Self::Number(number));
        }
        if try_items(value).is_none() {
            return Err(must_be(what, wanted, value));
        }
        let parts = items(value, what)?.iter().map(|part| Self::of(*part, what, depth + 1));
        let parts = parts.collect::<Result<Vec<_>, _>>()?;
        Ok(if value.get_type() == "list" { Self::List(parts) } else { Self::Tuple(parts) })
    }

    /// It as a value of the language.
    pub(crate) fn place_on<'v>(&self, heap: Heap<'v>) -> Value<'v> {
        match self {
            Self::Nothing => Value::new_none(),
            Self::Truth(truth) => Value::new_bool(*truth),
            Self::Whole(whole) => heap.alloc(*whole),
            Self::Number(number) => heap.alloc(*number),
            Self::Text(text) => heap.alloc(text.as_str()),
            Self::List(parts) => heap.alloc(parts.iter().map(|p| p.place_on(heap)).collect::<Vec<_>>()),
            Self::Tuple(parts) => heap.alloc(AllocTuple(parts.iter().map(|p| p.place_on(heap)))),
        }
    }
}

impl Plain {
    /// A value as a scenario writes it; what is no number and no truth value is a text.
    pub(crate) fn parse(text: &str) -> Self {
        match text {
            "True" => return Self::Truth(true),
            "False" => return Self::Truth(false),
            _ => {}
        }
        if let Ok(whole) = text.parse::<i32>() {
            return Self::Whole(whole);
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Self::Number(number),
            _ => Self::Text(text.to_owned()),
        }
    }
}

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, parts: &[Plain]| {
            parts
                .iter()
                .enumerate()
                .try_for_each(|(k, part)| write!(f, "{}{part}", if k == 0 { "" } else { ", " }))
        };
        match self {
            Self::Nothing => f.write_str("None"),
            Self::Truth(truth) => f.write_str(if *truth { "True" } else { "False" }),
            Self::Whole(whole) => whole.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => write!(f, "\"{text}\""),
            Self::List(parts) => {
                f.write_str("[")?;
                list(f, parts)?;
                f.write_str("]")
            }
            Self::Tuple(parts) => {
                f.write_str("(")?;
                list(f, parts)?;
                f.write_str(")")
            }
        }
    }
}
