//! Errors of the evaluator, in the words of a scenario.

use starlark::values::Value;
use starlark::{Error, ErrorKind};

use crate::limits::ReadLimits;
use crate::run::globals::globals;
use crate::run::usage::usage;
use crate::text::source::Sources;
use crate::values::failure::{no_entry, too_many_steps, too_much_memory};
use crate::values::quantity::comparison;
use crate::values::unpack::{kind, kind_of_type};
use counterplay::problem::{Place, Problem, nearest};

/// What is being run, for errors that have no place.
pub(crate) struct Running<'a> {
    pub(crate) what: String,
    pub(crate) limits: &'a ReadLimits,
}

impl Running<'_> {
    /// How what is run is written, as the program calls it.
    fn usage(&self) -> Option<&'static str> {
        if self.what == "`play`" {
            Some("write `def play(g):`")
        } else if self.what.starts_with("the stage ") {
            Some("a stage is a function of `g` and the state: `def stage(g, state):`")
        } else if self.what.starts_with("the test of ") {
            Some("a test takes the answers: `lambda a: a.probability(\"war\", True) > 0.5`")
        } else {
            None
        }
    }
}

/// A panic, which is a mistake of this program.
pub(crate) fn panicked(running: &Running<'_>) -> Problem {
    Problem::new(format!("{} made this program fail; the fault is in Counterplay", running.what))
        .hint("please report it together with the scenario")
}

/// The process has no more memory.
pub(crate) fn out_of_memory(running: &Running<'_>) -> Problem {
    Problem::new(format!("{} needs more memory than the process may use", running.what))
        .hint("does a list or a text grow in a loop? if not, raise the setting `max_process_memory`")
}

/// A claim's test gave something else than `True` or `False`.
pub(crate) fn no_truth_value(name: &str, value: Value<'_>) -> Problem {
    Problem::new(format!("the test of `{name}` must give `True` or `False`, but it gives {}", kind(value)))
        .hint("compare: `a.probability(\"war\", True) > 0.5`")
}

/// An error of a run.
pub(crate) fn error(error: &Error, sources: &Sources, running: &Running<'_>) -> Problem {
    let place = sources.place_of_error(error);
    let (ErrorKind::Fail(cause)
    | ErrorKind::StackOverflow(cause)
    | ErrorKind::Value(cause)
    | ErrorKind::Function(cause)
    | ErrorKind::Scope(cause)
    | ErrorKind::Parser(cause)
    | ErrorKind::Freeze(cause)
    | ErrorKind::Internal(cause)
    | ErrorKind::Native(cause)
    | ErrorKind::Other(cause)) = error.kind()
    else {
        return Problem::new(error.without_diagnostic().to_string()).at(place);
    };
    if let Some(problem) = cause.downcast_ref::<Problem>() {
        return problem.clone().at(place);
    }
    if matches!(error.kind(), ErrorKind::StackOverflow(_)) {
        return too_deep(running).at(place);
    }
    let text = cause.to_string();
    let problem = limit(&text, running).unwrap_or_else(|| in_words(&text));
    let problem = match place.as_ref().and_then(called).and_then(|name| usage(&name)) {
        Some(usage) if problem.hint.is_none() && text.starts_with("Wrong number") => problem.hint(usage),
        _ => problem,
    };
    match (place, running.usage()) {
        (None, Some(usage)) if problem.hint.is_none() && is_about_arguments(&text) => problem.hint(usage),
        (place, _) => problem.at(place),
    }
}

/// The function that a call at a place calls.
fn called(place: &Place) -> Option<String> {
    let call: String = place.text.chars().skip(place.column.saturating_sub(1)).collect();
    let name = call.split('(').next()?.trim();
    Some(name.rsplit('.').next().unwrap_or(name).to_owned())
}

/// Whether a function was called with other arguments than it takes.
fn is_about_arguments(text: &str) -> bool {
    text.starts_with("Found") || text.starts_with("Missing") || text.starts_with("Wrong number")
}

fn too_deep(running: &Running<'_>) -> Problem {
    Problem::new(format!("functions call each other more than {} deep", running.limits.max_depth))
        .hint("does a function call itself without an end? if not, raise the setting `max_depth`")
}

fn limit(text: &str, running: &Running<'_>) -> Option<Problem> {
    let what = &running.what;
    if text.starts_with("Execution duration limit") {
        return Some(too_many_steps(what, running.limits.max_steps));
    }
    if text.starts_with("Heap memory limit") {
        return Some(too_much_memory(what, running.limits.max_memory));
    }
    text.starts_with("Evaluation cancelled").then(|| Problem::new("stopped"))
}

/// The parts of `text` in backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

fn in_words(text: &str) -> Problem {
    let parts = quoted(text);
    scope(text, &parts)
        .or_else(|| call(text, &parts))
        .or_else(|| operation(text, &parts))
        .or_else(|| value(text, &parts))
        .or_else(|| mismatch(text, &parts))
        .unwrap_or_else(|| {
            let mut letters = text.trim_end_matches('.').chars();
            let first = letters.next().map(|c| c.to_lowercase().to_string()).unwrap_or_default();
            Problem::new(first + letters.as_str())
        })
}

/// The words of the language that are near to one that is not there.
fn near_word(word: &str) -> Option<String> {
    let names: Vec<String> = globals().names().map(|n| n.as_str().to_owned()).collect();
    let public = names.iter().map(String::as_str).filter(|n| !n.starts_with("__"));
    nearest(word, public).map(str::to_owned)
}

fn scope(text: &str, parts: &[&str]) -> Option<Problem> {
    match parts {
        [name, rest @ ..] if text.starts_with("Variable") => {
            let problem = Problem::new(format!("`{name}` is not defined"));
            // Some of the evaluator's proposals are far off, and some are the reserved names of the operators.
            let proposed = rest.iter().copied().filter(|n| !n.starts_with("__"));
            let near = nearest(name, proposed).map(str::to_owned).or_else(|| near_word(name));
            Some(match near {
                _ if *name == "g" => problem.hint("`play` and the stages are given it: `def play(g):`"),
                _ if *name == "a" => problem.hint("the test of a claim is given it: `lambda a: ...`"),
                Some(near) if *name != "print" => problem.hint(format!("did you mean `{near}`?")),
                _ if *name == "print" => problem.hint("`fail(...)` ends the run and shows what it is given"),
                None if matches!(*name, "true" | "false") => {
                    problem.hint("truth values are `True` and `False`")
                }
                _ => problem,
            })
        }
        [name] if text.starts_with("Local variable") => Some(
            Problem::new(format!("`{name}` has no value yet"))
                .hint("it gets one only later, or in another branch"),
        ),
        _ => None,
    }
}

/// A function's name without its file.
fn bare(function: &str) -> &str {
    function.rsplit('.').next().unwrap_or(function).trim_end_matches('`')
}

fn with_usage(problem: Problem, function: &str) -> Problem {
    match usage(function) {
        Some(usage) => problem.hint(usage),
        None => problem,
    }
}

fn call(text: &str, parts: &[&str]) -> Option<Problem> {
    if let Some((count, function)) =
        text.strip_prefix("Found ").and_then(|t| t.split_once(" extra positional argument(s) for call to "))
    {
        let function = bare(function);
        let arguments = if count == "1" { "1 argument".to_owned() } else { format!("{count} arguments") };
        let problem = Problem::new(format!("`{function}` is called with {arguments} too many"));
        return Some(with_usage(problem, function));
    }
    if text.starts_with("Found") && text.contains("extra named parameter") {
        let (names, function) = text.split_once(" extra named parameter(s) for call to ")?;
        let names: Vec<String> = quoted(names).iter().map(|n| format!("`{n}`")).collect();
        let function = bare(function);
        return Some(with_usage(
            Problem::new(format!("`{function}` has no argument {}", names.join(", "))),
            function,
        ));
    }
    match parts {
        [name, function] if text.starts_with("Missing") => {
            let function = bare(function);
            Some(with_usage(
                Problem::new(format!("`{function}` is called without its argument `{name}`")),
                function,
            ))
        }
        [name] if text.starts_with("Argument") => {
            Some(Problem::new(format!("the argument `{name}` is given twice")))
        }
        _ if text.starts_with("Wrong number of positional") => {
            let numbers = text.strip_prefix("Wrong number of positional arguments, expected ")?;
            let (wanted, got) = numbers.split_once(", got ")?;
            Some(Problem::new(format!("it is called with {got} arguments instead of {wanted}")))
        }
        _ => None,
    }
}

fn operation(text: &str, parts: &[&str]) -> Option<Problem> {
    match parts {
        [op, left, right] if text.starts_with("Operation") => Some(binary(op, left, right)),
        [op, one] if text.starts_with("Operation") => Some(match *op {
            "call()" => Problem::new(format!("{} cannot be called", kind_of_type(one))),
            "[]" => Problem::new(format!("{} has no parts to look up in `[...]`", kind_of_type(one))),
            "(iter)" => Problem::new(format!("{} has no items to go through", kind_of_type(one))),
            "len()" => Problem::new(format!("{} has no length", kind_of_type(one))),
            other => Problem::new(format!("`{other}` does not work on {}", kind_of_type(one))),
        }),
        [object, attribute, rest @ ..] if text.starts_with("Object of type") => {
            let problem = Problem::new(format!("{} has no `{attribute}`", owner(object)));
            Some(match rest {
                [near] => problem.hint(format!("did you mean `{near}`?")),
                _ => problem,
            })
        }
        _ => None,
    }
}

fn owner(object: &str) -> String {
    match object {
        "g" => "`g`".to_owned(),
        "answers" => "the answers of a claim's test".to_owned(),
        other => kind_of_type(other),
    }
}

fn binary(op: &str, left: &str, right: &str) -> Problem {
    if left.starts_with("uncertain") || right.starts_with("uncertain") {
        return match op {
            "compare" | "==" => comparison(),
            _ => Problem::new(format!(
                "`{op}` does not go between {} and {}",
                kind_of_type(left),
                kind_of_type(right)
            )),
        };
    }
    match op {
        "compare" => {
            Problem::new(format!("{} and {} cannot be compared", kind_of_type(left), kind_of_type(right)))
        }
        "[]" => Problem::new(format!("{} is no position in {}", kind_of_type(right), kind_of_type(left))),
        _ => Problem::new(format!(
            "`{op}` does not go between {} and {}",
            kind_of_type(left),
            kind_of_type(right)
        )),
    }
}

fn value(text: &str, parts: &[&str]) -> Option<Problem> {
    match parts {
        [key] if text.starts_with("Key") => Some(no_entry(key.trim_matches('"'))),
        [index] if text.starts_with("Index") => {
            Some(Problem::new(format!("there is no item at position {index}")))
        }
        [one] if text.contains("not hashable") => Some(
            Problem::new(format!("{} cannot be the key of a dictionary", kind_of_type(one)))
                .hint("keys are texts, numbers, truth values, and tuples of these"),
        ),
        [key] if text.starts_with("Dictionary key repeated") => {
            Some(Problem::new(format!("the key `{key}` stands twice in this dictionary")))
        }
        [] if text == "Immutable" => Some(
            Problem::new(
                "this was made at the top of the file, and cannot be changed while the story is told",
            )
            .hint("make a copy in `play`, for example with `list(...)` or `dict(...)`"),
        ),
        [] if text == "Cannot divide by zero" || text.contains("ivision by zero") => {
            Some(Problem::new("this divides by zero"))
        }
        [] if text.starts_with("This operation mutates") => {
            Some(Problem::new("a list or a dictionary cannot be changed while a loop goes through it"))
        }
        [] if text.starts_with("Unpacked") => {
            let numbers: Vec<&str> =
                text.split(|c: char| !c.is_ascii_digit()).filter(|s| !s.is_empty()).collect();
            let [got, wanted] = numbers.as_slice() else { return None };
            Some(Problem::new(format!("{got} values are given to {wanted} names")))
        }
        [] if text == "Too many recursion levels" => {
            Some(Problem::new("a list or a tuple is nested too deep"))
        }
        _ => None,
    }
}

/// A type as the evaluator writes it, in words: `string (repr: "x")`, `int | float`.
fn types(text: &str) -> String {
    let name = text.split(" (").next().unwrap_or(text);
    let kinds: Vec<String> =
        name.split(" | ").map(|t| kind_of_type(t.split('[').next().unwrap_or(t))).collect();
    kinds.join(" or ")
}

fn mismatch(text: &str, parts: &[&str]) -> Option<Problem> {
    match parts {
        [name, wanted, found, ..] if text.starts_with("Type of parameter `") => {
            Some(Problem::new(format!("`{name}` must be {}, but it is {}", types(wanted), types(found))))
        }
        [wanted, found, ..]
            if text.starts_with("Type of parameters mismatch") || text.starts_with("Expected") =>
        {
            Some(Problem::new(format!("this must be {}, but it is {}", types(wanted), types(found))))
        }
        _ => None,
    }
}
