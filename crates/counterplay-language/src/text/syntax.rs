//! Errors of the parser, in the words of a scenario.

use starlark::Error;

use crate::text::source::Sources;
use counterplay::problem::Problem;

/// An error of the parser.
pub(crate) fn syntax(error: &Error, sources: &Sources) -> Problem {
    let text = error.without_diagnostic().to_string();
    let text = text.strip_prefix("Parse error: ").unwrap_or(&text);
    syntax_in_words(text).at(sources.place_of_error(error))
}

fn syntax_in_words(text: &str) -> Problem {
    if text.contains("f-string") {
        return Problem::new("texts with `f\"...\"` are not part of the language")
            .hint("put texts together with `+`, `%` or `.format(...)`");
    }
    if text.contains("type annotations") {
        return Problem::new("types such as `x: int` are not part of the language");
    }
    if text.contains("new indentation block") || text.contains("incorrect indentation") {
        return Problem::new("the indentation of this line fits no line above it")
            .hint("the lines of one block begin at the same column");
    }
    match text.strip_prefix("unexpected ").and_then(|t| t.split_once(", expected ")) {
        Some((found, wanted)) => {
            Problem::new(format!("{} is expected here, not {}", token(wanted), token(found)))
        }
        None => Problem::new(text.to_owned()),
    }
}

/// A token of the parser in words.
fn token(token: &str) -> String {
    let sign = token.strip_prefix("symbol '").and_then(|t| t.strip_suffix('\''));
    if let Some(sign) = sign {
        return format!("`{sign}`");
    }
    match token {
        "new line" => "the end of the line".to_owned(),
        "end of file" => "the end of the file".to_owned(),
        "expression" => "a value".to_owned(),
        "identifier" => "a name".to_owned(),
        other => other.replace('\'', "`"),
    }
}
