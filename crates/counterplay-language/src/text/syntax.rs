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

/// Texts that hold code.
pub(crate) fn no_f_text() -> Problem {
    Problem::new("texts with `f\"...\"` are not part of the language")
        .hint("put texts together with `+`, `%` or `.format(...)`")
}

fn syntax_in_words(text: &str) -> Problem {
    if text.contains("f-string") {
        return no_f_text();
    }
    if text.contains("type annotations") {
        return Problem::new("types such as `x: int` are not part of the language");
    }
    if text.contains("new indentation block") || text.contains("incorrect indentation") {
        return Problem::new("the indentation of this line fits no line above it")
            .hint("the lines of one block begin at the same column");
    }
    if let Some(word) = text.strip_prefix("cannot use reserved keyword `").and_then(|t| t.strip_suffix('`')) {
        return foreign(word);
    }
    match text.strip_prefix("unexpected ").and_then(|t| t.split_once(", expected ")) {
        Some((found, wanted)) => {
            let problem = Problem::new(format!("{} is expected here, not {}", token(wanted), token(found)));
            match found {
                "symbol ','" if wanted == "symbol ':'" => {
                    problem.hint("there are no sets: write a list `[a, b]`, or a dictionary `{a: 1, b: 2}`")
                }
                "symbol '**'" => problem.hint("write `x * x`, or `exp(n * log(x))`"),
                _ => problem,
            }
        }
        None => Problem::new(text.to_owned()),
    }
}

/// A word of Python that the language does not have, with what to write in its place.
fn foreign(word: &str) -> Problem {
    let hint = match word {
        "import" | "from" => {
            "`log`, `exp` and `sqrt` are there without it; code of other files comes by `load(\"name.star\", \"function\")`"
        }
        "while" => "write `for i in range(n):`, and leave the loop with `break`",
        "class" => "keep what belongs together in a dictionary, and what acts on it in functions",
        "try" | "except" | "finally" | "raise" => {
            "ask before: `if key in d`, `d.get(key, default)`; `fail(\"...\")` ends the run with a message"
        }
        "assert" => "write `if not ...: fail(\"...\")`; what is to be shown of the answers is a `claim`",
        "is" => "compare with `==` and `!=`, also with `None`",
        "global" | "nonlocal" => "let the function return the value",
        "yield" => "let the function return a list",
        "with" | "async" | "await" => "a scenario reads no files and waits for nothing",
        "del" => "take an entry away with `d.pop(key)`",
        _ => "give it another name",
    };
    Problem::new(format!("`{word}` is not part of the language")).hint(hint)
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
