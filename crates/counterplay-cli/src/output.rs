//! Writing: to the terminal, in colour where it is one, and to files.

use std::io::{self, ErrorKind, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use counterplay_analysis::printable;
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use crate::failure::Failure;

/// Whether the standard output takes colours: it is a terminal, and `NO_COLOR` is not set.
pub(crate) fn colours() -> bool {
    AutoStream::choice(&io::stdout()) != ColorChoice::Never
}

/// The width of the terminal, if the standard output is one.
pub(crate) fn width() -> Option<usize> {
    let terminal = io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
    terminal.map(|(width, _)| usize::from(width.0))
}

/// Writes to the standard output, with whatever cannot be seen marked; on a terminal, long lines are broken between words.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    print_styled(&fitted(&printable::lines(text), width()))
}

/// A text whose lines fit a terminal: longer ones go on below, further in. Where there is no terminal, none is broken; lines of a file
/// that are quoted with their number stay as they are, since marks under them say where something is.
fn fitted(text: &str, width: Option<usize>) -> String {
    let Some(width) = width else { return text.to_owned() };
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (words, end) = line.strip_suffix('\n').map_or((line, ""), |words| (words, "\n"));
        let quoted = words.trim_start_matches(|c: char| c == ' ' || c.is_ascii_digit()).starts_with('|');
        if quoted || words.width() <= width {
            out += words;
        } else {
            out += &broken(words, width);
        }
        out += end;
    }
    out
}

/// A line broken between words.
fn broken(line: &str, width: usize) -> String {
    let indent = line.chars().take_while(|c| *c == ' ').count();
    let further = "\n".to_owned() + &" ".repeat((indent + 2).min(width / 2));
    let (mut out, mut used) = (String::new(), 0);
    for word in line.split_inclusive(' ') {
        let bare = word.trim_end().width();
        if used > indent && bare > 0 && used + bare > width {
            out.truncate(out.trim_end().len());
            out += &further;
            used = further.len() - 1;
        }
        out += word;
        used += word.width();
    }
    out
}

/// Writes to the standard output what is free of a stranger's control characters, and may have colours of its own. A reader that has
/// seen enough, as `head` has, is no failure.
pub(crate) fn print_styled(text: &str) -> Result<(), Failure> {
    let mut stdout = anstream::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(format!("the output could not be written: {}", said(&error))))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Says something on the side, where it does not mix with results, with whatever cannot be seen marked. Where nobody can hear it, it
/// is lost.
pub(crate) fn say(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{}", fitted(&printable::lines(text), error_width()));
}

/// The width of the terminal that errors go to, if they go to one.
fn error_width() -> Option<usize> {
    let stderr = io::stderr();
    let terminal = stderr.is_terminal().then(|| terminal_size::terminal_size_of(&stderr)).flatten();
    terminal.map(|(width, _)| usize::from(width.0))
}

/// Says what went wrong: errors in red, hints apart.
pub(crate) fn complain(text: &str) {
    let _ =
        writeln!(anstream::stderr().lock(), "{}", painted(&fitted(&printable::lines(text), error_width())));
}

fn painted(text: &str) -> String {
    let paint = |line: &str| match line.split_once(": ") {
        Some((word @ ("error" | "warning"), rest)) => {
            let colour = if word == "error" { AnsiColor::Red } else { AnsiColor::Yellow };
            let style = Style::new().bold().fg_color(Some(colour.into()));
            format!("{style}{word}:{style:#} {rest}")
        }
        Some((word @ ("hint" | "note"), rest)) => {
            let style = Style::new().fg_color(Some(AnsiColor::Cyan.into()));
            format!("{style}{word}:{style:#} {rest}")
        }
        _ => line.to_owned(),
    };
    text.lines().map(paint).collect::<Vec<_>>().join("\n")
}

/// An error of the system in its own words, without the number.
pub(crate) fn said(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().collect::<String>() + letters.as_str())
}

/// A record as JSON; `what` it is, for the error.
pub(crate) fn json(what: &str, record: &impl Serialize) -> Result<String, Failure> {
    let failed = |e: serde_json::Error| Failure::new(format!("{what} cannot be told as JSON: {e}"));
    serde_json::to_string_pretty(record).map(|text| printable::escaped_json(text) + "\n").map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_the_terminal_and_go_on_further_in() {
        let text = "error: one two three four\n12 | a very long line of a scenario\n   |   ^^^^\n  five six seven eight\n";
        let broken = "error: one two\n  three four\n12 | a very long line of a scenario\n   |   ^^^^\n  five six\n    seven eight\n";
        assert_eq!(fitted(text, Some(15)), broken);
        assert_eq!(fitted(text, None), text);
        // A word that is wider than the terminal is left to it.
        assert_eq!(fitted("a wordthatistoolong b", Some(10)), "a\n  wordthatistoolong\n  b");
    }

    #[test]
    fn errors_of_the_system_read_as_part_of_a_sentence() {
        let error = io::Error::from_raw_os_error(2);
        assert_eq!(said(&error), "no such file or directory");
    }

    #[test]
    fn only_the_first_word_of_a_message_is_painted() {
        let text = painted("error: no `x`\n --> a: b\nhint: did you mean `y`?");
        assert!(text.contains("\n --> a: b\n"), "{text}");
        assert_eq!(text.matches("\u{1b}[0m").count(), 2, "{text}");
    }
}
