//! The shape of a condition: how the facts that it speaks of are put together.

use crate::scenario::query::{Condition, Fact};

/// A condition over facts, each by its number.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    /// All of these.
    All(Vec<usize>),
    /// At least this many of these.
    AtLeast(usize, Vec<Shape>),
    /// At most this many of these.
    AtMost(usize, Vec<Shape>),
}

impl Shape {
    /// The shape of a condition, where `number` gives each fact, as it comes, its number.
    pub(crate) fn of<E>(
        condition: &Condition,
        number: &mut dyn FnMut(&Fact) -> Result<usize, E>,
    ) -> Result<Self, E> {
        let mut all = |parts: &[Condition]| -> Result<Vec<Self>, E> {
            parts.iter().map(|p| Self::of(p, number)).collect()
        };
        Ok(match condition {
            Condition::AtLeast(count, parts) => Self::AtLeast(*count, all(parts)?),
            Condition::AtMost(count, parts) => Self::AtMost(*count, all(parts)?),
            Condition::All(facts) => Self::All(facts.iter().map(number).collect::<Result<_, _>>()?),
        })
    }

    /// Whether it holds, where `fact` tells which facts do.
    pub(crate) fn holds(&self, fact: &dyn Fn(usize) -> bool) -> bool {
        let count = |parts: &[Self]| parts.iter().filter(|p| p.holds(fact)).count();
        match self {
            Self::AtLeast(least, parts) => count(parts) >= *least,
            Self::AtMost(most, parts) => count(parts) <= *most,
            Self::All(facts) => facts.iter().all(|&f| fact(f)),
        }
    }
}
