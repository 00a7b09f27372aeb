//! What is put into a text before it is run, so that mistakes are told at once and exactly where they are.
//!
//! * `if c:`, `not c`, `c and d`, `x if c else y` ask whether `c` is true, which an uncertain quantity cannot
//!   say. Unless `c` is plainly a truth value, it becomes `__truth__(c)`, which gives `c` back or refuses it.
//! * `x += y` changes `x` behind the back of the checked operators; it becomes `x += __change__("+", "x = x + y", x, y)`,
//!   which gives `y` back or refuses it.
//! * What a method, a key or a slice makes the evaluator do can be much where it looks like little, so that it is
//!   announced: `s.split(y)` becomes `__whole__(s).split(y)`, `d.get(k)` becomes `d.get(__key__(k))`, `d[k]` becomes
//!   `d[__key__(k)]`, `f(*l)` becomes `f(*__whole__(l))`. Of methods for which that is not enough, and of all
//!   methods that are taken as values, `s.join` becomes `__sized__(s, "join").join`, which is a checked method.

use starlark::syntax::AstModule;
use starlark::syntax::ast::{
    ArgumentP, AssignOp, AssignTargetP, AstArgument, AstAssignTarget, AstExpr, AstLiteral, AstParameter,
    AstStmt, BinOp, Clause, ClauseP, Expr, ExprP, ForClause, StmtP,
};

use crate::text::source::{Insertion, SourceText};

/// Methods whose work or result depends on what they are given.
const SIZED_METHODS: [&str; 8] = ["join", "format", "replace", "extend", "update", "index", "pop", "remove"];

/// Methods whose first argument is a key.
const KEYED_METHODS: [&str; 2] = ["get", "setdefault"];

/// Methods whose work and result are as large as what they belong to.
const WHOLE_METHODS: [&str; 25] = [
    "capitalize",
    "codepoints",
    "count",
    "elems",
    "endswith",
    "find",
    "items",
    "keys",
    "lower",
    "lstrip",
    "partition",
    "removeprefix",
    "removesuffix",
    "rfind",
    "rindex",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "title",
    "upper",
    "values",
];

/// Calls that tell of events: the event's name, and the bytes of the call.
pub(crate) type EventCalls = Vec<(String, usize, usize)>;

/// What a walk over a program finds.
pub(crate) struct Found {
    /// The insertions that its text needs.
    pub(crate) insertions: Vec<Insertion>,
    /// The calls that tell of events.
    pub(crate) events: EventCalls,
    /// Whether values can be held where nothing else shows them: by functions within functions, made by a comprehension or
    /// with defaults, and by methods taken as values.
    pub(crate) hides_values: bool,
}

/// Walks over a program.
pub(crate) fn walk(source: &SourceText, ast: &AstModule) -> Found {
    let mut walk = Walk {
        source,
        openings: Vec::new(),
        closings: Vec::new(),
        events: Vec::new(),
        depth: 0,
        hides_values: false,
    };
    walk.statement(ast.statement());
    // Where several end at the same place, the innermost, which was found last, ends first.
    let insertions = walk.closings.into_iter().rev().chain(walk.openings).collect();
    Found { insertions, events: walk.events, hides_values: walk.hides_values }
}

struct Walk<'a> {
    source: &'a SourceText,
    /// What is put in before expressions, and after them.
    openings: Vec<Insertion>,
    closings: Vec<Insertion>,
    events: EventCalls,
    /// The functions and comprehensions around the present place.
    depth: usize,
    hides_values: bool,
}

impl Walk<'_> {
    fn statement(&mut self, statement: &AstStmt) {
        match &statement.node {
            StmtP::If(condition, _) | StmtP::IfElse(condition, _) => self.condition(condition),
            StmtP::Assign(assign) => self.target(&assign.lhs),
            StmtP::AssignModify(target, operator, value) => {
                self.target(target);
                self.change(target, *operator, value);
            }
            StmtP::For(each) => self.target(&each.var),
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
        let mut is_function = false;
        match &statement.node {
            StmtP::If(condition, _) | StmtP::IfElse(condition, _) => self.expression(condition),
            StmtP::For(each) => {
                each.var.visit_expr(|e| self.expression(e));
                self.expression(&each.over);
            }
            StmtP::Def(def) => {
                def.params.iter().for_each(|p| p.visit_expr(|e| self.expression(e)));
                is_function = true;
                self.function_found(&def.params);
            }
            _ => {}
        }
        self.depth += usize::from(is_function);
        for statement in inner {
            self.statement(statement);
        }
        self.depth -= usize::from(is_function);
    }

    fn function_found(&mut self, parameters: &[AstParameter]) {
        self.hides_values |= self.depth > 0;
        // A default is a value that the function holds.
        let has_default = |default: &AstExpr| !matches!(&default.node, ExprP::Literal(_));
        for parameter in parameters {
            parameter.visit_expr(|default| self.hides_values |= has_default(default));
        }
    }

    fn expression(&mut self, expression: &AstExpr) {
        let mut holds_code = false;
        match &expression.node {
            ExprP::If(parts) => self.condition(&parts.0),
            ExprP::Not(inner) | ExprP::Op(inner, BinOp::And | BinOp::Or, _) => self.condition(inner),
            ExprP::Index(parts) => self.key(&parts.1),
            ExprP::Slice(whole, ..) => self.wrap(whole, "__whole__(", ")"),
            ExprP::Dict(entries) => entries.iter().for_each(|(key, _)| self.key(key)),
            ExprP::ListComprehension(_, first, clauses) => {
                holds_code = true;
                self.clauses(first, clauses);
            }
            ExprP::DictComprehension(entry, first, clauses) => {
                holds_code = true;
                self.key(&entry.0);
                self.clauses(first, clauses);
            }
            ExprP::Lambda(lambda) => {
                holds_code = true;
                self.function_found(&lambda.params);
            }
            // A method that is called is not visited here.
            ExprP::Dot(receiver, method) => {
                self.hides_values = true;
                if is_checked(&method.node) {
                    self.sized(receiver, &method.node);
                }
            }
            ExprP::Call(function, arguments) => {
                self.spread(&arguments.args);
                if let ExprP::Dot(receiver, method) = &function.node {
                    self.method_call(receiver, &method.node, &arguments.args);
                    self.event_call(expression, &method.node, &arguments.args);
                    // The method itself is done with.
                    self.expression(receiver);
                    arguments.args.iter().for_each(|argument| self.expression(argument.expr()));
                    return;
                }
            }
            _ => {}
        }
        self.depth += usize::from(holds_code);
        expression.node.visit_expr(|e| self.expression(e));
        self.depth -= usize::from(holds_code);
    }

    fn clauses(&mut self, first: &ForClause, clauses: &[Clause]) {
        self.target(&first.var);
        for clause in clauses {
            match clause {
                ClauseP::If(condition) => self.condition(condition),
                ClauseP::For(each) => self.target(&each.var),
            }
        }
    }

    /// What is assigned to.
    fn target(&mut self, target: &AstAssignTarget) {
        match &target.node {
            AssignTargetP::Index(parts) => self.key(&parts.1),
            AssignTargetP::Tuple(parts) => parts.iter().for_each(|part| self.target(part)),
            AssignTargetP::Dot(..) | AssignTargetP::Identifier(_) => {}
        }
    }

    fn key(&mut self, key: &AstExpr) {
        if !matches!(&key.node, ExprP::Literal(_)) {
            self.wrap(key, "__key__(", ")");
        }
    }

    /// Arguments that are a whole list or dictionary.
    fn spread(&mut self, arguments: &[AstArgument]) {
        for argument in arguments {
            match &argument.node {
                ArgumentP::Args(list) => self.wrap(list, "__whole__(", ")"),
                ArgumentP::KwArgs(dictionary) => self.wrap(dictionary, "__spread__(", ")"),
                ArgumentP::Positional(_) | ArgumentP::Named(..) => {}
            }
        }
    }

    fn method_call(&mut self, receiver: &AstExpr, method: &str, arguments: &[AstArgument]) {
        let first = arguments.first().map(|argument| &argument.node);
        match first {
            Some(ArgumentP::Positional(key)) if KEYED_METHODS.contains(&method) => self.key(key),
            Some(_) if KEYED_METHODS.contains(&method) => self.sized(receiver, method),
            _ if WHOLE_METHODS.contains(&method) => {
                self.wrap(receiver, "__whole__(", ")");
                for argument in arguments {
                    if let ArgumentP::Positional(value) = &argument.node {
                        self.key(value);
                    }
                }
            }
            _ if SIZED_METHODS.contains(&method) => self.sized(receiver, method),
            _ => {}
        }
    }

    fn sized(&mut self, receiver: &AstExpr, method: &str) {
        self.wrap(receiver, "__sized__(", &format!(", \"{method}\")"));
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
            _ => self.wrap(condition, "__truth__(", ")"),
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
        self.wrap(value, &text, ")");
    }

    fn wrap(&mut self, expression: &AstExpr, before: &str, after: &str) {
        let (begin, end) = (expression.span.begin().get() as usize, expression.span.end().get() as usize);
        // A tuple without its brackets would be several arguments.
        if matches!(&expression.node, ExprP::Tuple(_)) && !self.source.text[begin..].starts_with('(') {
            return;
        }
        self.openings.push(Insertion { at: begin, text: before.to_owned() });
        self.closings.push(Insertion { at: end, text: after.to_owned() });
    }
}

/// Whether a method is checked where it is taken as a value.
fn is_checked(method: &str) -> bool {
    [&SIZED_METHODS[..], &KEYED_METHODS, &WHOLE_METHODS].iter().any(|methods| methods.contains(&method))
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
