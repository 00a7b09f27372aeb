//! Uncertain quantities, and comparisons of them, as values of the language.

use std::fmt;

use allocative::Allocative;
use counterplay_game::expression::{ExprId, Expressions};
use starlark::any::ProvidesStaticType;
use starlark::collections::StarlarkHasher;
use starlark::starlark_simple_value;
use starlark::values::{
    Heap, NoSerialize, StarlarkPagablePanic, StarlarkValue, Value, ValueLike, starlark_value,
};

use crate::values::failure::fail;
use counterplay::problem::Problem;

/// A quantity that depends on the uncertain parameters.
///
/// The sign is kept apart because the language's unary minus cannot reach the arena of expressions.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, Allocative,
)]
pub(crate) struct Quantity {
    #[allocative(skip)]
    pub(crate) id: ExprId,
    pub(crate) negated: bool,
}

impl Quantity {
    pub(crate) fn new(id: ExprId) -> Self {
        Self { id, negated: false }
    }

    /// The expression that it stands for.
    pub(crate) fn expression(self, expressions: &mut Expressions) -> ExprId {
        if self.negated { expressions.negate(self.id) } else { self.id }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<uncertain quantity>")
    }
}

starlark_simple_value!(Quantity);

#[starlark_value(type = "uncertain quantity")]
impl<'v> StarlarkValue<'v> for Quantity {
    fn minus(&self, heap: Heap<'v>) -> starlark::Result<Value<'v>> {
        Ok(heap.alloc(Self { negated: !self.negated, ..*self }))
    }

    fn plus(&self, heap: Heap<'v>) -> starlark::Result<Value<'v>> {
        Ok(heap.alloc(*self))
    }

    /// Whether they are the same quantity: what dictionaries ask. `==` is refused before it comes here.
    fn equals(&self, other: Value<'v>) -> starlark::Result<bool> {
        Ok(other.downcast_ref::<Self>() == Some(self))
    }

    fn write_hash(&self, hasher: &mut StarlarkHasher) -> starlark::Result<()> {
        std::hash::Hash::hash(&(self.id, self.negated), hasher);
        Ok(())
    }

    fn compare(&self, _other: Value<'v>) -> starlark::Result<std::cmp::Ordering> {
        Err(fail(comparison()))
    }
}

/// Whether one quantity is less than another, which depends on the parameters.
#[derive(Clone, Copy, Debug, ProvidesStaticType, NoSerialize, StarlarkPagablePanic, Allocative)]
pub(crate) struct Less {
    #[allocative(skip)]
    pub(crate) left: ExprId,
    #[allocative(skip)]
    pub(crate) right: ExprId,
}

impl fmt::Display for Less {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<uncertain comparison>")
    }
}

starlark_simple_value!(Less);

#[starlark_value(type = "uncertain comparison")]
impl<'v> StarlarkValue<'v> for Less {}

/// Whether a value is a quantity or a comparison of quantities.
pub(crate) fn is_uncertain(value: Value<'_>) -> bool {
    Quantity::from_value(value).is_some() || Less::from_value(value).is_some()
}

/// Why `<` and the like are refused.
pub(crate) fn comparison() -> Problem {
    Problem::new("which of them is larger is uncertain, so they cannot be compared here")
        .hint("use `where(lt(a, b), x, y)`, which is `x` where `a` is less than `b`, and `y` elsewhere")
}

/// Why `if` and the like are refused.
pub(crate) fn truth(value: Value<'_>) -> Problem {
    let what = if Less::from_value(value).is_some() { "this comparison is" } else { "this quantity is" };
    Problem::new(format!("{what} uncertain, so it is neither true nor false"))
        .hint("use `where(lt(a, b), x, y)`, which is `x` where `a` is less than `b`, and `y` elsewhere; for a choice by luck, `g.chance`")
}
