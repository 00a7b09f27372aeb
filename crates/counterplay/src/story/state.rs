//! States: what a stage is told, and all that is remembered from stage to stage.

use counterplay_game::expression::ExprId;
use std::fmt;

/// A state, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StateValue {
    /// `True` or `False`.
    Truth(bool),
    /// A whole number.
    Whole(i64),
    /// Another number.
    Number(NumberBits),
    /// A text.
    Text(String),
    /// A tuple of values.
    Tuple(Vec<StateValue>),
}

/// A number that is finite and not whole, by its bits, so that equal numbers are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NumberBits(u64);

impl NumberBits {
    /// The number.
    pub fn value(self) -> f64 {
        f64::from_bits(self.0)
    }
}

/// Whole numbers up to this are held without loss.
const LARGEST_WHOLE: f64 = 9e15;

impl StateValue {
    /// A number as a state; a whole one is the same whether it was written with a point or not.
    pub fn number(value: f64) -> Option<Self> {
        match value {
            x if !x.is_finite() => None,
            x if x.fract() == 0.0 && x.abs() < LARGEST_WHOLE => Some(Self::Whole(x as i64)),
            x => Some(Self::Number(NumberBits(x.to_bits()))),
        }
    }
}

impl From<&str> for StateValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for StateValue {
    fn from(number: i64) -> Self {
        Self::Whole(number)
    }
}

impl From<bool> for StateValue {
    fn from(truth: bool) -> Self {
        Self::Truth(truth)
    }
}

impl fmt::Display for StateValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truth(truth) => f.write_str(if *truth { "True" } else { "False" }),
            Self::Whole(number) => number.fmt(f),
            Self::Number(number) => number.value().fmt(f),
            Self::Text(text) => f.write_str(text),
            Self::Tuple(parts) if parts.is_empty() => f.write_str("()"),
            Self::Tuple(parts) => {
                for (index, part) in parts.iter().enumerate() {
                    write!(f, "{}{part}", if index == 0 { "(" } else { ", " })?;
                }
                f.write_str(")")
            }
        }
    }
}

/// How a history goes on in another stage.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Next {
    /// The stage, by its position among those declared.
    pub stage: usize,
    /// The state.
    pub state: StateValue,
    /// What a payoff there counts for here.
    pub discount: ExprId,
}
