//! From a text to a program in which every operator is a checked function.

use std::collections::HashMap;

use starlark::syntax::{AstModule, Dialect};

use crate::text::guard;
use crate::text::rewrite;
use crate::text::source::{SourceText, Sources};
use crate::text::syntax;
use counterplay::problem::Problem;

const OPERATORS: [(&str, &str); 16] = [
    ("+", "__add__"),
    ("-", "__subtract__"),
    ("*", "__multiply__"),
    ("/", "__divide__"),
    ("//", "__divide_whole__"),
    ("%", "__percent__"),
    ("<<", "__shift__"),
    ("==", "__equal__"),
    ("!=", "__unequal__"),
    ("<", "__less__"),
    ("<=", "__at_most__"),
    (">", "__more__"),
    (">=", "__at_least__"),
    ("in", "__in__"),
    ("not in", "__not_in__"),
    ("|", "__union__"),
];

fn dialect() -> Dialect {
    Dialect { enable_top_level_stmt: true, enable_keyword_only_arguments: true, ..Dialect::Standard }
}

/// Parses a file, and rewrites it (see [`rewrite`]).
pub(crate) fn parse(source: SourceText) -> Result<(AstModule, SourceText), Problem> {
    guard::check(&source)?;
    let plain = parse_text(&source, source.text.clone())?;
    let found = rewrite::walk(&source, &plain);
    let source = source.with_insertions(found.insertions).with_events(found.events);
    let source = source.with_hidden_values(found.hides_values);
    let mut ast = parse_text(&source, source.rewritten())?;
    ast.replace_binary_operators(&operators());
    Ok((ast, source))
}

fn operators() -> HashMap<String, String> {
    OPERATORS.iter().map(|(sign, name)| ((*sign).to_owned(), (*name).to_owned())).collect()
}

fn parse_text(source: &SourceText, text: String) -> Result<AstModule, Problem> {
    AstModule::parse(&source.name, text, &dialect()).map_err(|error| {
        let mut sources = Sources::default();
        sources.add(source.clone());
        syntax::syntax(&error, &sources)
    })
}
