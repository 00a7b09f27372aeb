//! Quantities of a story told from Rust: arithmetic over parameters.

use std::ops::{Add, Div, Mul, Neg, Sub};
use std::sync::Arc;

use counterplay_game::expression::{ExprId, Expressions, ParameterId, Unary};

use crate::story::terms::Share;

/// A quantity: a number, a parameter, or arithmetic over quantities. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Quantity(Arc<Node>);

#[derive(Debug)]
enum Node {
    Number(f64),
    Parameter(ParameterId),
    Add(Quantity, Quantity),
    Subtract(Quantity, Quantity),
    Multiply(Quantity, Quantity),
    Divide(Quantity, Quantity),
    Of(Unary, Quantity),
    /// What the other labels of a chance event leave.
    Rest,
}

impl Quantity {
    fn of(node: Node) -> Self {
        Self(Arc::new(node))
    }

    pub(super) fn parameter(id: ParameterId) -> Self {
        Self::of(Node::Parameter(id))
    }

    /// It as an expression in the arena of a story. What the others leave is a probability of chance alone, and is nothing elsewhere.
    pub(super) fn expression(&self, e: &mut Expressions) -> ExprId {
        let mut both = |a: &Quantity, b: &Quantity| (a.expression(e), b.expression(e));
        match &*self.0 {
            Node::Number(x) => e.constant(*x),
            Node::Parameter(id) => e.parameter(*id),
            Node::Add(a, b) => {
                let (a, b) = both(a, b);
                e.add(a, b)
            }
            Node::Subtract(a, b) => {
                let (a, b) = both(a, b);
                e.subtract(a, b)
            }
            Node::Multiply(a, b) => {
                let (a, b) = both(a, b);
                e.multiply(a, b)
            }
            Node::Divide(a, b) => {
                let (a, b) = both(a, b);
                e.divide(a, b)
            }
            Node::Of(function, a) => {
                let a = a.expression(e);
                e.unary(*function, a)
            }
            Node::Rest => e.constant(0.0),
        }
    }

    /// It as the probability of a label of chance.
    pub(super) fn share(&self, e: &mut Expressions) -> Share {
        match &*self.0 {
            Node::Rest => Share::Rest,
            _ => Share::Of(self.expression(e)),
        }
    }
}

/// The probability that the other labels of a chance event leave.
pub fn rest() -> Quantity {
    Quantity::of(Node::Rest)
}

/// The exponential of a quantity.
pub fn exp(x: impl Into<Quantity>) -> Quantity {
    Quantity::of(Node::Of(Unary::Exp, x.into()))
}

/// The probability with these log odds.
pub fn logistic(x: impl Into<Quantity>) -> Quantity {
    Quantity::of(Node::Of(Unary::Logistic, x.into()))
}

impl From<f64> for Quantity {
    fn from(x: f64) -> Self {
        Self::of(Node::Number(x))
    }
}

impl From<&Quantity> for Quantity {
    fn from(x: &Quantity) -> Self {
        x.clone()
    }
}

impl Neg for Quantity {
    type Output = Quantity;

    fn neg(self) -> Quantity {
        0.0 - self
    }
}

impl Neg for &Quantity {
    type Output = Quantity;

    fn neg(self) -> Quantity {
        0.0 - self
    }
}

macro_rules! arithmetic {
    ($($operator:ident $method:ident $node:ident)*) => {$(
        impl<T: Into<Quantity>> $operator<T> for Quantity {
            type Output = Quantity;

            fn $method(self, other: T) -> Quantity {
                Quantity::of(Node::$node(self, other.into()))
            }
        }

        impl<T: Into<Quantity>> $operator<T> for &Quantity {
            type Output = Quantity;

            fn $method(self, other: T) -> Quantity {
                Quantity::of(Node::$node(self.clone(), other.into()))
            }
        }

        impl $operator<Quantity> for f64 {
            type Output = Quantity;

            fn $method(self, other: Quantity) -> Quantity {
                Quantity::of(Node::$node(self.into(), other))
            }
        }

        impl $operator<&Quantity> for f64 {
            type Output = Quantity;

            fn $method(self, other: &Quantity) -> Quantity {
                Quantity::of(Node::$node(self.into(), other.clone()))
            }
        }
    )*};
}

arithmetic! { Add add Add  Sub sub Subtract  Mul mul Multiply  Div div Divide }
