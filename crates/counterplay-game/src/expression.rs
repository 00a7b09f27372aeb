//! Quantities: expressions over uncertain parameters, with exact derivatives.
//!
//! An [`Expressions`] arena holds a directed acyclic graph in which equal sub-expressions are stored once and
//! every operand precedes the expressions that use it. One forward pass over the arena gives all values; one
//! backward pass gives the derivative of any weighted sum of them with respect to every parameter
//! (reverse-mode differentiation; Griewank and Walther 2008, chapter 3).
//!
//! ```
//! use counterplay_game::expression::{Expressions, ParameterId};
//! let mut e = Expressions::new();
//! let p = e.parameter(ParameterId::new(0));
//! let one = e.constant(1.0);
//! let q = e.subtract(one, p);
//! let odds = e.divide(p, q);
//! let values = e.evaluate(&[0.8]);
//! assert!((values[odds.index()] - 4.0).abs() < 1e-12);
//! let gradient = e.gradient(&values, &[(odds, 1.0)], 1);
//! assert!((gradient[0] - 25.0).abs() < 1e-9);
//! ```

use std::collections::HashMap;

use counterplay_math::{digamma, exp, ln, ln_1p, ln_gamma};

/// The position of an expression in its [`Expressions`] arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExprId(u32);

impl ExprId {
    /// The index of this expression in the vector that [`Expressions::evaluate`] returns.
    #[inline]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The position of a parameter in the vector of parameter values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParameterId(u32);

impl ParameterId {
    /// The parameter at `index`.
    ///
    /// # Panics
    /// If `index` does not fit in 32 bits.
    pub fn new(index: usize) -> Self {
        Self(u32::try_from(index).expect("fewer than 2^32 parameters"))
    }

    /// The parameter that stands as many places after the `first` as this one stands after the very first.
    ///
    /// # Panics
    /// If it does not fit in 32 bits.
    #[must_use]
    pub fn after(self, first: usize) -> Self {
        Self::new(first + self.index())
    }

    /// The index of this parameter in the vector of parameter values.
    #[inline]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A function of one quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unary {
    /// $-x$
    Negate,
    /// $e^x$
    Exp,
    /// $\ln x$
    Log,
    /// $\sqrt x$
    Sqrt,
    /// $|x|$; its derivative at zero is taken as zero
    Abs,
    /// $1 / (1 + e^{-x})$
    Logistic,
    /// $\ln(1 + e^x)$, without overflow
    Softplus,
    /// $\ln \Gamma(x)$ for positive $x$
    LogGamma,
}

impl Unary {
    fn value(self, x: f64) -> f64 {
        match self {
            Unary::Negate => -x,
            Unary::Exp => exp(x),
            Unary::Log => ln(x),
            Unary::Sqrt => x.sqrt(),
            Unary::Abs => x.abs(),
            Unary::Logistic => logistic(x),
            Unary::Softplus => softplus(x),
            Unary::LogGamma => ln_gamma(x),
        }
    }

    /// The derivative at `x`, where the function has the value `y`.
    fn derivative(self, x: f64, y: f64) -> f64 {
        match self {
            Unary::Negate => -1.0,
            Unary::Exp => y,
            Unary::Log => 1.0 / x,
            Unary::Sqrt => 0.5 / y,
            Unary::Abs if x == 0.0 => 0.0,
            Unary::Abs => x.signum(),
            Unary::Logistic => y * (1.0 - y),
            Unary::Softplus => logistic(x),
            Unary::LogGamma => digamma(x),
        }
    }
}

fn logistic(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + exp(-x))
    } else {
        let e = exp(x);
        e / (1.0 + e)
    }
}

fn softplus(x: f64) -> f64 {
    x.max(0.0) + ln_1p(exp(-x.abs()))
}

/// A function of two quantities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Binary {
    /// $a + b$
    Add,
    /// $a - b$
    Subtract,
    /// $a b$
    Multiply,
    /// $a / b$
    Divide,
    /// the smaller of the two; where they are equal the derivative is that of $a$
    Min,
    /// the larger of the two; where they are equal the derivative is that of $a$
    Max,
}

impl Binary {
    fn value(self, a: f64, b: f64) -> f64 {
        match self {
            Binary::Add => a + b,
            Binary::Subtract => a - b,
            Binary::Multiply => a * b,
            Binary::Divide => a / b,
            Binary::Min => a.min(b),
            Binary::Max => a.max(b),
        }
    }

    /// The two partial derivatives at `(a, b)`.
    fn derivatives(self, a: f64, b: f64) -> (f64, f64) {
        let first = |yes: bool| if yes { (1.0, 0.0) } else { (0.0, 1.0) };
        match self {
            Binary::Add => (1.0, 1.0),
            Binary::Subtract => (1.0, -1.0),
            Binary::Multiply => (b, a),
            Binary::Divide => (1.0 / b, -a / (b * b)),
            Binary::Min => first(a <= b),
            Binary::Max => first(a >= b),
        }
    }
}

/// One node of the graph.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Expr {
    Constant(f64),
    Parameter(ParameterId),
    Unary(Unary, ExprId),
    Binary(Binary, ExprId, ExprId),
    /// `then` where `left < right`, else `otherwise`.
    Where {
        left: ExprId,
        right: ExprId,
        then: ExprId,
        otherwise: ExprId,
    },
}

/// What makes two nodes the same node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key {
    Constant(u64),
    Parameter(ParameterId),
    Unary(Unary, ExprId),
    Binary(Binary, ExprId, ExprId),
    Where(ExprId, ExprId, ExprId, ExprId),
}

impl Expr {
    fn key(&self) -> Key {
        match *self {
            Expr::Constant(x) => Key::Constant(x.to_bits()),
            Expr::Parameter(p) => Key::Parameter(p),
            Expr::Unary(f, x) => Key::Unary(f, x),
            Expr::Binary(f, a, b) => Key::Binary(f, a, b),
            Expr::Where { left, right, then, otherwise } => Key::Where(left, right, then, otherwise),
        }
    }
}

/// An arena of expressions; see the [module](self).
#[derive(Clone, Debug, Default)]
pub struct Expressions {
    nodes: Vec<Expr>,
    interned: HashMap<Key, ExprId>,
}

impl Expressions {
    /// An empty arena.
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of distinct expressions.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether the arena holds no expression.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    fn intern(&mut self, node: Expr) -> ExprId {
        let next = ExprId(u32::try_from(self.nodes.len()).expect("fewer than 2^32 expressions"));
        let id = *self.interned.entry(node.key()).or_insert(next);
        if id == next {
            self.nodes.push(node);
        }
        id
    }

    /// A known number.
    pub fn constant(&mut self, value: f64) -> ExprId {
        // Zero has two bit patterns but is one number.
        self.intern(Expr::Constant(if value == 0.0 { 0.0 } else { value }))
    }

    /// An uncertain parameter.
    pub fn parameter(&mut self, parameter: ParameterId) -> ExprId {
        self.intern(Expr::Parameter(parameter))
    }

    /// The number that `id` is known to be, or `None` if it depends on a parameter.
    pub fn known(&self, id: ExprId) -> Option<f64> {
        match self.nodes[id.index()] {
            Expr::Constant(x) => Some(x),
            Expr::Parameter(_) | Expr::Unary(..) | Expr::Binary(..) | Expr::Where { .. } => None,
        }
    }

    /// The parameter that `id` is, or `None` if it is another kind of expression.
    pub fn as_parameter(&self, id: ExprId) -> Option<ParameterId> {
        match self.nodes[id.index()] {
            Expr::Parameter(p) => Some(p),
            Expr::Constant(_) | Expr::Unary(..) | Expr::Binary(..) | Expr::Where { .. } => None,
        }
    }

    /// `function` of `x`.
    pub fn unary(&mut self, function: Unary, x: ExprId) -> ExprId {
        match self.known(x) {
            Some(value) => self.constant(function.value(value)),
            None => self.intern(Expr::Unary(function, x)),
        }
    }

    /// `function` of `a` and `b`.
    pub fn binary(&mut self, function: Binary, a: ExprId, b: ExprId) -> ExprId {
        match (function, self.known(a), self.known(b)) {
            (_, Some(a), Some(b)) => self.constant(function.value(a, b)),
            (Binary::Add, Some(0.0), None) | (Binary::Multiply, Some(1.0), None) => b,
            (Binary::Add | Binary::Subtract, None, Some(0.0))
            | (Binary::Multiply | Binary::Divide, None, Some(1.0)) => a,
            _ => self.intern(Expr::Binary(function, a, b)),
        }
    }

    /// $a + b$
    pub fn add(&mut self, a: ExprId, b: ExprId) -> ExprId {
        self.binary(Binary::Add, a, b)
    }

    /// $a - b$
    pub fn subtract(&mut self, a: ExprId, b: ExprId) -> ExprId {
        self.binary(Binary::Subtract, a, b)
    }

    /// $a b$
    pub fn multiply(&mut self, a: ExprId, b: ExprId) -> ExprId {
        self.binary(Binary::Multiply, a, b)
    }

    /// $a / b$
    pub fn divide(&mut self, a: ExprId, b: ExprId) -> ExprId {
        self.binary(Binary::Divide, a, b)
    }

    /// $-x$
    pub fn negate(&mut self, x: ExprId) -> ExprId {
        self.unary(Unary::Negate, x)
    }

    /// `then` where `left < right`, else `otherwise`; the derivative is that of the branch taken.
    pub fn where_less(&mut self, left: ExprId, right: ExprId, then: ExprId, otherwise: ExprId) -> ExprId {
        match (self.known(left), self.known(right)) {
            (Some(l), Some(r)) if l < r => then,
            (Some(_), Some(_)) => otherwise,
            _ => self.intern(Expr::Where { left, right, then, otherwise }),
        }
    }

    /// `id` and all that it depends on, in the order of the arena.
    fn reachable_from(&self, id: ExprId) -> std::collections::BTreeSet<ExprId> {
        let mut seen = std::collections::BTreeSet::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            match self.nodes[id.index()] {
                Expr::Constant(_) | Expr::Parameter(_) => {}
                Expr::Unary(_, x) => open.push(x),
                Expr::Binary(_, a, b) => open.extend([a, b]),
                Expr::Where { left, right, then, otherwise } => open.extend([left, right, then, otherwise]),
            }
        }
        seen
    }

    /// The parameters that `id` depends on, in order.
    pub fn parameters_of(&self, id: ExprId) -> Vec<ParameterId> {
        let reachable = self.reachable_from(id).into_iter();
        let found: std::collections::BTreeSet<_> = reachable.filter_map(|id| self.as_parameter(id)).collect();
        found.into_iter().collect()
    }

    /// Builds `id` again in the arena `target`, with `replacement(target, p)` in the place of each parameter `p`.
    pub fn rebuild_into(
        &self,
        id: ExprId,
        target: &mut Expressions,
        mut replacement: impl FnMut(&mut Expressions, ParameterId) -> ExprId,
    ) -> ExprId {
        let mut built: HashMap<ExprId, ExprId> = HashMap::new();
        // Operands precede the expressions that use them, so each finds its operands built.
        for old in self.reachable_from(id) {
            let new = match self.nodes[old.index()] {
                Expr::Constant(x) => target.constant(x),
                Expr::Parameter(p) => replacement(target, p),
                Expr::Unary(f, x) => target.unary(f, built[&x]),
                Expr::Binary(f, a, b) => target.binary(f, built[&a], built[&b]),
                Expr::Where { left, right, then, otherwise } => {
                    target.where_less(built[&left], built[&right], built[&then], built[&otherwise])
                }
            };
            built.insert(old, new);
        }
        built[&id]
    }

    /// `id` with each parameter replaced for which `replacement` gives an expression.
    ///
    /// What does not change keeps its id; here $x$ in $x^2 y$ becomes $y$:
    ///
    /// ```
    /// use counterplay_game::expression::{Expressions, ParameterId};
    /// let mut e = Expressions::new();
    /// let (x, y) = (e.parameter(ParameterId::new(0)), e.parameter(ParameterId::new(1)));
    /// let square = e.multiply(x, x);
    /// let product = e.multiply(square, y);
    /// let cube = e.replace(product, |_, parameter| (parameter.index() == 0).then_some(y));
    /// assert_eq!(e.parameters_of(cube), [ParameterId::new(1)]);
    /// assert_eq!(e.evaluate(&[5.0, 3.0])[cube.index()], 27.0);
    /// assert_eq!(e.replace(product, |_, _| None), product);
    /// ```
    pub fn replace(
        &mut self,
        id: ExprId,
        mut replacement: impl FnMut(&mut Expressions, ParameterId) -> Option<ExprId>,
    ) -> ExprId {
        let mut built: HashMap<ExprId, ExprId> = HashMap::new();
        for old in self.reachable_from(id) {
            let new = match self.nodes[old.index()] {
                Expr::Constant(_) => old,
                Expr::Parameter(p) => replacement(self, p).unwrap_or(old),
                Expr::Unary(f, x) => self.unary(f, built[&x]),
                Expr::Binary(f, a, b) => self.binary(f, built[&a], built[&b]),
                Expr::Where { left, right, then, otherwise } => {
                    self.where_less(built[&left], built[&right], built[&then], built[&otherwise])
                }
            };
            built.insert(old, new);
        }
        built[&id]
    }

    /// The value of every expression, indexed by [`ExprId::index`], at the given parameter values.
    ///
    /// # Panics
    /// If an expression names a parameter beyond the end of `parameters`.
    pub fn evaluate(&self, parameters: &[f64]) -> Vec<f64> {
        let mut values = Vec::with_capacity(self.nodes.len());
        self.evaluate_into(parameters, &mut values);
        values
    }

    /// As [`evaluate`](Self::evaluate), into a vector that is cleared first.
    pub fn evaluate_into(&self, parameters: &[f64], values: &mut Vec<f64>) {
        values.clear();
        for node in &self.nodes {
            let value = match *node {
                Expr::Constant(x) => x,
                Expr::Parameter(p) => parameters[p.index()],
                Expr::Unary(f, x) => f.value(values[x.index()]),
                Expr::Binary(f, a, b) => f.value(values[a.index()], values[b.index()]),
                Expr::Where { left, right, then, otherwise } => {
                    let less = values[left.index()] < values[right.index()];
                    values[if less { then } else { otherwise }.index()]
                }
            };
            values.push(value);
        }
    }

    /// The gradient with respect to all `parameter_count` parameters of $\sum_k w_k e_k$, for the given pairs
    /// $(e_k, w_k)$, where `values` is what [`evaluate`](Self::evaluate) returned.
    pub fn gradient(&self, values: &[f64], weighted: &[(ExprId, f64)], parameter_count: usize) -> Vec<f64> {
        let mut adjoints = vec![0.0; self.nodes.len()];
        for &(id, weight) in weighted {
            adjoints[id.index()] += weight;
        }
        let mut gradient = vec![0.0; parameter_count];
        self.back_propagate(values, &mut adjoints, &mut gradient);
        gradient
    }

    /// Adds to `gradient` the derivatives of $\sum_k w_k e_k$, where `adjoints` holds $w_k$ at the index of
    /// $e_k$ (and is used up).
    pub fn back_propagate(&self, values: &[f64], adjoints: &mut [f64], gradient: &mut [f64]) {
        for (index, node) in self.nodes.iter().enumerate().rev() {
            let weight = adjoints[index];
            if weight == 0.0 {
                continue;
            }
            match *node {
                Expr::Constant(_) => {}
                Expr::Parameter(p) => gradient[p.index()] += weight,
                Expr::Unary(f, x) => {
                    adjoints[x.index()] += weight * f.derivative(values[x.index()], values[index]);
                }
                Expr::Binary(f, a, b) => {
                    let (da, db) = f.derivatives(values[a.index()], values[b.index()]);
                    adjoints[a.index()] += weight * da;
                    adjoints[b.index()] += weight * db;
                }
                Expr::Where { left, right, then, otherwise } => {
                    let less = values[left.index()] < values[right.index()];
                    adjoints[if less { then } else { otherwise }.index()] += weight;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arena() -> (Expressions, ExprId, ExprId) {
        let mut e = Expressions::new();
        let x = e.parameter(ParameterId::new(0));
        let y = e.parameter(ParameterId::new(1));
        (e, x, y)
    }

    #[test]
    fn equal_expressions_are_stored_once() {
        let (mut e, x, y) = arena();
        let first = e.add(x, y);
        assert_eq!(first, e.add(x, y));
        let zero = e.constant(0.0);
        let minus_zero = e.constant(-0.0);
        assert_eq!(zero, minus_zero);
        assert_eq!(e.add(x, zero), x);
    }

    #[test]
    fn every_derivative_agrees_with_finite_differences() {
        let (mut e, x, y) = arena();
        let mut all = Vec::new();
        for f in [Unary::Negate, Unary::Exp, Unary::Log, Unary::Sqrt, Unary::Abs] {
            all.push(e.unary(f, x));
        }
        for f in [Unary::Logistic, Unary::Softplus, Unary::LogGamma] {
            all.push(e.unary(f, y));
        }
        for f in [Binary::Add, Binary::Subtract, Binary::Multiply, Binary::Divide, Binary::Min, Binary::Max] {
            all.push(e.binary(f, x, y));
        }
        all.push(e.where_less(x, y, all[0], all[1]));
        let point = [0.7, 1.3];
        let values = e.evaluate(&point);
        for id in all {
            let exact = e.gradient(&values, &[(id, 1.0)], 2);
            for k in 0..2 {
                let h = 1e-6;
                let (mut up, mut down) = (point, point);
                up[k] += h;
                down[k] -= h;
                let numeric = (e.evaluate(&up)[id.index()] - e.evaluate(&down)[id.index()]) / (2.0 * h);
                assert!((exact[k] - numeric).abs() < 1e-8, "{id:?} by {k}: {} and {numeric}", exact[k]);
            }
        }
    }

    #[test]
    fn an_expression_rebuilt_elsewhere_has_its_parameters_replaced() {
        let (mut e, x, y) = arena();
        let product = e.multiply(x, y);
        let root = e.unary(Unary::Sqrt, y);
        let id = e.where_less(x, y, product, root);
        let mut target = Expressions::new();
        let z = target.parameter(ParameterId::new(0));
        let rebuilt = e.rebuild_into(id, &mut target, |target, p| match p.index() {
            0 => target.constant(2.0),
            _ => z,
        });
        assert_eq!(e.parameters_of(id), [ParameterId::new(0), ParameterId::new(1)]);
        assert_eq!(target.evaluate(&[3.0])[rebuilt.index()], 6.0);
        assert_eq!(target.evaluate(&[1.0])[rebuilt.index()], 1.0);
    }

    #[test]
    fn a_parameter_replaced_leaves_the_others_and_the_expression_itself_as_they_were() {
        let (mut e, x, y) = arena();
        let id = e.divide(x, y);
        let doubled = e.replace(id, |e, p| (p.index() == 1).then(|| e.add(y, y)));
        assert_eq!(e.replace(id, |_, _| None), id);
        let values = e.evaluate(&[3.0, 2.0]);
        assert_eq!((values[id.index()], values[doubled.index()]), (1.5, 0.75));
    }
}
