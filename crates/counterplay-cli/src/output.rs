//! Writing: to the terminal, in colour where it is one, and to files.

use std::fs;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::failure::Failure;

/// Whether the standard output takes colours: it is a terminal, and `NO_COLOR` is not set.
pub(crate) fn colours() -> bool {
    AutoStream::choice(&io::stdout()) != ColorChoice::Never
}

/// The width of the terminal, or that of a page where there is none.
pub(crate) fn width() -> usize {
    const PAGE: usize = 100;
    let terminal = io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
    terminal.map_or(PAGE, |(width, _)| usize::from(width.0))
}

/// Writes to the standard output. A reader that has seen enough, as `head` has, is no failure.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = anstream::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(format!("the output could not be written: {}", said(&error))))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Says something on the side, where it does not mix with results. Where nobody can hear it, it is lost.
pub(crate) fn say(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

/// Says what went wrong: errors in red, hints apart.
pub(crate) fn complain(text: &str) {
    say(&painted(text));
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

/// Text of a stranger without what could steer a terminal.
pub(crate) fn harmless(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c }).collect()
}

/// Writes a file whole.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    write_bytes(path, text.as_bytes())
}

/// Writes a file that is no text.
pub(crate) fn write_bytes(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(path, bytes)
        .map_err(|e| Failure::new(format!("`{}` could not be written: {}", path.display(), said(&e))))
}

/// The path of a file that is to be written later, once it is known that its folder is there.
pub(crate) fn destination(path: PathBuf) -> Result<PathBuf, Failure> {
    let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if path.is_dir() {
        return Err(Failure::new(format!(
            "`{}` is a folder, and a file is to be written there",
            path.display()
        )));
    }
    if !folder.is_dir() {
        return Err(Failure::new(format!("there is no folder `{}` to write to", folder.display()))
            .hint(format!("make it first: `mkdir -p {}`", folder.display())));
    }
    Ok(path)
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
    serde_json::to_string_pretty(record).map(|text| text + "\n").map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_text_cannot_steer_the_terminal() {
        assert_eq!(harmless("a\u{1b}[2Jb\tc\n\r"), "a\u{fffd}[2Jb\tc\n\u{fffd}");
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
