//! What is put into a text before it is run, so that mistakes are told at once and exactly where they are.
//!
//! * `if c:`, `not c`, `c and d`, `x if c else y` ask whether `c` is true, which an uncertain quantity cannot
//!   say. Unless `c` is plainly a truth value, it becomes `__truth__(c)`, which gives `c` back or refuses it.
//! * `x += y` changes `x` behind the back of the checked operators; it becomes `x += __change__("+", "x = x + y", x, y)`,
//!   which gives `y` back or refuses it.
//! * `s.join(y)`, `s.format(y)`, `s.replace(y)` and `l.extend(y)` can make much out of little; they become
//!   `__sized__(s).join(y)`, whose methods are bounded, and `l.extend(__extension__(y))`.

use starlark::syntax::AstModule;
use starlark::syntax::ast::{
    ArgumentP, AssignOp, AssignTargetP, AstArgument, AstAssignTarget, AstExpr, AstLiteral, AstStmt, BinOp,
    ClauseP, Expr, ExprP, StmtP,
};

use crate::text::source::{Insertion, SourceText};

const SIZED_METHODS: [&str; 3] = ["join", "format", "replace"];

/// Calls that tell of events: the event's name, and the bytes of the call.
pub(crate) type EventCalls = Vec<(String, usize, usize)>;

/// Walks over a program, for the insertions that its text needs, and the calls that tell of events.
pub(crate) fn walk(source: &SourceText, ast: &AstModule) -> (Vec<Insertion>, EventCalls) {
    let mut walk = Walk { source, insertions: Vec::new(), events: Vec::new() };
    walk.statement(ast.statement());
    (walk.insertions, walk.events)
}

struct Walk<'a> {
    source: &'a SourceText,
    insertions: Vec<Insertion>,
    events: EventCalls,
}

impl Walk<'_> {
    fn statement(&mut self, statement: &AstStmt) {
        match &statement.node {
            StmtP::If(condition, _) | StmtP::IfElse(condition, _) => self.condition(condition),
            StmtP::AssignModify(target, operator, value) => self.change(target, *operator, value),
            _ => {}
        }
        // `visit_stmt` gives the statements directly below, and `visit_expr` all expressions however deep below,
        // so that expressions are visited at leaves only.
        let mut inner = Vec::new();
        statement.node.visit_stmt(|s| inner.push(s));
        if inner.is_empty() {
            statement.node.visit_expr(|e| self.expression(e));
            return;
        }
        match &statement.node {
            StmtP::If(condition, _) | StmtP::IfElse(condition, _) => self.expression(condition),
            StmtP::For(each) => {
                each.var.visit_expr(|e| self.expression(e));
                self.expression(&each.over);
            }
            StmtP::Def(def) => def.params.iter().for_each(|p| p.visit_expr(|e| self.expression(e))),
            _ => {}
        }
        for statement in inner {
            self.statement(statement);
        }
    }

    fn expression(&mut self, expression: &AstExpr) {
        match &expression.node {
            ExprP::If(parts) => self.condition(&parts.0),
            ExprP::Not(inner) | ExprP::Op(inner, BinOp::And | BinOp::Or, _) => self.condition(inner),
            ExprP::ListComprehension(_, _, clauses) | ExprP::DictComprehension(_, _, clauses) => {
                for clause in clauses {
                    if let ClauseP::If(condition) = clause {
                        self.condition(condition);
                    }
                }
            }
            ExprP::Call(function, arguments) => {
                if let ExprP::Dot(receiver, method) = &function.node {
                    self.method_call(receiver, &method.node, &arguments.args);
                    self.event_call(expression, &method.node, &arguments.args);
                }
            }
            _ => {}
        }
        expression.node.visit_expr(|e| self.expression(e));
    }

    fn method_call(&mut self, receiver: &AstExpr, method: &str, arguments: &[AstArgument]) {
        if SIZED_METHODS.contains(&method) {
            self.wrap(receiver, "__sized__(");
        } else if method == "extend"
            && let [argument] = arguments
            && let ArgumentP::Positional(value) = &argument.node
        {
            self.wrap(value, "__extension__(");
        }
    }

    fn event_call(&mut self, call: &AstExpr, method: &str, arguments: &[AstArgument]) {
        let position = match method {
            "chance" | "measure" | "vote" => 0,
            "choose" => 1,
            _ => return,
        };
        if let Some(ArgumentP::Positional(event)) = arguments.get(position).map(|a| &a.node)
            && let ExprP::Literal(AstLiteral::String(name)) = &event.node
        {
            let (begin, end) = (call.span.begin().get() as usize, call.span.end().get() as usize);
            self.events.push((name.node.clone(), begin, end));
        }
    }

    fn condition(&mut self, condition: &AstExpr) {
        match &condition.node {
            // The left side is a condition in its own right.
            ExprP::Op(_, BinOp::And | BinOp::Or, right) => self.condition(right),
            plain if is_truth_value(plain) => {}
            _ => self.wrap(condition, "__truth__("),
        }
    }

    fn change(&mut self, target: &AstAssignTarget, operator: AssignOp, value: &AstExpr) {
        let Some(sign) = sign(operator) else { return };
        let span = target.span;
        let words = &self.source.text[span.begin().get() as usize..span.end().get() as usize];
        let by = if let ExprP::Identifier(name) = &value.node { name.node.ident.as_str() } else { "..." };
        let text = match &target.node {
            AssignTargetP::Identifier(_) => {
                format!("__change__(\"{sign}\", \"{words} = {words} {sign} {by}\", {words}, ")
            }
            _ => format!("__change__(\"{sign}\", \"\", None, "),
        };
        self.wrap(value, &text);
    }

    fn wrap(&mut self, expression: &AstExpr, before: &str) {
        let (begin, end) = (expression.span.begin().get() as usize, expression.span.end().get() as usize);
        self.insertions.push(Insertion { at: begin, text: before.to_owned() });
        self.insertions.push(Insertion { at: end, text: ")".to_owned() });
    }
}

/// Whether an expression gives `True` or `False` whatever it is applied to.
fn is_truth_value(expression: &Expr) -> bool {
    match expression {
        ExprP::Not(_) | ExprP::Literal(AstLiteral::String(_) | AstLiteral::Int(_)) => true,
        ExprP::Op(_, operator, _) => matches!(
            operator,
            BinOp::Equal
                | BinOp::NotEqual
                | BinOp::Less
                | BinOp::Greater
                | BinOp::LessOrEqual
                | BinOp::GreaterOrEqual
                | BinOp::In
                | BinOp::NotIn
        ),
        ExprP::Identifier(name) => matches!(name.node.ident.as_str(), "True" | "False" | "None"),
        _ => false,
    }
}

fn sign(operator: AssignOp) -> Option<&'static str> {
    match operator {
        AssignOp::Add => Some("+"),
        AssignOp::Subtract => Some("-"),
        AssignOp::Multiply => Some("*"),
        AssignOp::Divide => Some("/"),
        AssignOp::FloorDivide => Some("//"),
        AssignOp::Percent => Some("%"),
        AssignOp::LeftShift => Some("<<"),
        AssignOp::BitAnd | AssignOp::BitOr | AssignOp::BitXor | AssignOp::RightShift => None,
    }
}
