//! Texts of strangers, where a person reads them: on a terminal, in a message, as a name.
//!
//! A title, a label or an error of a file can hold characters that nobody sees: some move the cursor, some turn the direction of
//! writing, some have no width, and a line break makes one line look like two. There is one list of them, for everything that is
//! printed and for the names that are accepted.
//!
//! ```
//! use counterplay_analysis::printable::{NameFault, fault_in_name, one_line};
//!
//! assert_eq!(one_line("deal\nok: all is well\u{1b}[2J"), "deal ok: all is well\u{fffd}[2J");
//! assert_eq!(fault_in_name("Iran"), None);
//! assert_eq!(fault_in_name("Ir\u{200b}an"), Some(NameFault::Unseen('\u{200b}')));
//! ```

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// What stands for a character that cannot be shown.
const UNSHOWN: char = '\u{fffd}';

/// A name with more characters is refused.
pub const LONGEST_NAME: usize = 200;

/// A text as it can stand on one line: breaks and tabs become blanks, and what cannot be seen is marked.
pub fn one_line(text: &str) -> Cow<'_, str> {
    cleaned(text, |_| ' ')
}

/// A text of several lines: its line breaks and tabs stay, and what cannot be seen otherwise is marked.
pub fn lines(text: &str) -> Cow<'_, str> {
    cleaned(text, |c| if matches!(c, '\n' | '\t') { c } else { ' ' })
}

fn cleaned(text: &str, blank: impl Fn(char) -> char) -> Cow<'_, str> {
    if text.bytes().all(|b| matches!(b, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let mut before = None;
    let mut rest = text.chars().peekable();
    let mut out = String::with_capacity(text.len());
    while let Some(c) = rest.next() {
        out.push(match c {
            c if is_break(c) => blank(c),
            '\u{200c}' | '\u{200d}' if joins(before, rest.peek().copied()) => c,
            c if is_unseen(c) => UNSHOWN,
            c => c,
        });
        before = Some(c);
    }
    if out == text { Cow::Borrowed(text) } else { Cow::Owned(out) }
}

fn is_break(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether a joiner stands where scripts and pictures need one: between two characters that are no ASCII and can be seen.
fn joins(before: Option<char>, after: Option<char>) -> bool {
    let needs = |c: Option<char>| c.is_some_and(|c| !c.is_ascii() && !is_unseen(c));
    needs(before) && needs(after)
}

/// Whether a character cannot be seen where it stands: controls (C0 and C1), marks of the direction of writing, and those without
/// width.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// The beginning of a text that is too long to be quoted whole.
pub fn cut(text: &str) -> Cow<'_, str> {
    const MOST: usize = 80;
    const SHOWN: usize = 60;
    if text.chars().nth(MOST).is_none() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().take(SHOWN).chain(['…']).collect())
}

/// A message on one line, in which whatever stands in backticks is [cut] if it is too long.
pub fn message(text: &str) -> String {
    const MOST: usize = 4_000;
    let text = one_line(text);
    let mut parts =
        text.split('`').enumerate().map(|(k, part)| if k % 2 == 1 { cut(part) } else { Cow::Borrowed(part) });
    let mut out = parts.next().unwrap_or_default().into_owned();
    for part in parts {
        out.push('`');
        out.push_str(&part);
    }
    if out.chars().nth(MOST).is_some() { out.chars().take(MOST).chain(['…']).collect() } else { out }
}

/// A text in the form in which what looks alike is alike: letters with their marks are single characters (NFC, Unicode Standard
/// Annex 15).
pub fn nfc(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc(text) { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) }
}

/// JSON in which characters that nobody sees are escaped; it says the same.
pub fn escaped_json(json: String) -> String {
    // A joiner needs no exception: whoever reads the JSON gets it back.
    if !json.contains(|c| is_unseen(c) && c != '\n') {
        return json;
    }
    let mut out = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if is_unseen(c) && c != '\n' {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// What is wrong with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameFault {
    /// There is nothing to be seen of it.
    Empty,
    /// It has more than [`LONGEST_NAME`] characters.
    TooLong,
    /// It goes over more than one line, or has a tab in it.
    Break,
    /// It has a character in it that cannot be seen.
    Unseen(char),
    /// Its letters and their marks are apart, so that it can look like another and not be it.
    NotComposed,
}

impl fmt::Display for NameFault {
    /// As the end of a sentence that begins with the name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("is empty"),
            Self::TooLong => write!(f, "has more than {LONGEST_NAME} characters"),
            Self::Break => f.write_str("has a line break or a tab in it"),
            Self::Unseen(c) => {
                write!(f, "has the character U+{:04X} in it, which cannot be seen", u32::from(*c))
            }
            Self::NotComposed => f.write_str(
                "has letters and their accents as separate characters, and can look like another name",
            ),
        }
    }
}

/// What is wrong with a name, if anything is.
pub fn fault_in_name(name: &str) -> Option<NameFault> {
    if name.len() > LONGEST_NAME && name.chars().nth(LONGEST_NAME).is_some() {
        return Some(NameFault::TooLong);
    }
    if name.bytes().all(|b| matches!(b, b' '..=b'~')) {
        return name.bytes().all(|b| b == b' ').then_some(NameFault::Empty);
    }
    let shown = one_line(name);
    let other = name.chars().zip(shown.chars()).find(|(a, b)| a != b).map(|pair| pair.0);
    match other {
        Some(c) if is_break(c) => Some(NameFault::Break),
        Some(c) => Some(NameFault::Unseen(c)),
        None if name.trim().is_empty() => Some(NameFault::Empty),
        None if !is_nfc(name) => Some(NameFault::NotComposed),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_steer_a_terminal_or_forge_a_line_is_marked() {
        let hostile = "a\u{1b}[2Jb\tc\nd\r\u{9b}e\u{202e}f\u{200b}g\u{feff}h\u{2028}i\u{e0041}";
        let marked = "a\u{fffd}[2Jb c d \u{fffd}e\u{fffd}f\u{fffd}g\u{fffd}h i\u{fffd}";
        assert_eq!(one_line(hostile), marked);
        assert!(lines(hostile).starts_with("a\u{fffd}[2Jb\tc\nd \u{fffd}e"));
        assert!(one_line(hostile).chars().all(|c| !is_unseen(c) && !is_break(c)));
    }

    #[test]
    fn what_scripts_and_pictures_need_stays() {
        for good in ["Éire", "立法院", "می\u{200c}خواهد", "👩\u{200d}🚀", "naïve – “x” ½", "❤\u{fe0f}"]
        {
            assert_eq!(one_line(good), good);
            assert_eq!(fault_in_name(good), None, "{good}");
        }
        // Between letters of ASCII a joiner only hides.
        assert_eq!(fault_in_name("A\u{200d}B"), Some(NameFault::Unseen('\u{200d}')));
    }

    #[test]
    fn a_name_can_be_seen_whole_and_looks_like_no_other() {
        let long = "x".repeat(LONGEST_NAME + 1);
        for (name, fault) in [
            ("", NameFault::Empty),
            ("  ", NameFault::Empty),
            ("\u{a0}", NameFault::Empty),
            (&long, NameFault::TooLong),
            ("a\nerror: b", NameFault::Break),
            ("a\u{85}b", NameFault::Break),
            ("a\u{7f}", NameFault::Unseen('\u{7f}')),
            ("a\u{202e}b", NameFault::Unseen('\u{202e}')),
            ("e\u{301}", NameFault::NotComposed),
        ] {
            assert_eq!(fault_in_name(name), Some(fault), "{name:?}");
        }
        assert_eq!(fault_in_name(&long[1..]), None);
        assert_eq!(fault_in_name(&nfc("e\u{301}")), None);
    }

    #[test]
    fn long_names_are_cut_in_messages_and_the_rest_stays() {
        let name = "n".repeat(300);
        let told = message(&format!("no player `{name}`\nhint: forged; did you mean `A`?"));
        assert_eq!(told, format!("no player `{}…` hint: forged; did you mean `A`?", "n".repeat(60)));
        assert!(message(&"x".repeat(9_000)).chars().count() < 4_002);
    }

    #[test]
    fn escaped_json_says_the_same_and_steers_nothing() {
        let text = "\u{9b}2J\u{202e}\u{e0041} é \u{200d}\n";
        let json = escaped_json(serde_json::to_string_pretty(&[text]).unwrap());
        assert!(json.chars().all(|c| c == '\n' || !is_unseen(c)), "{json}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&json).unwrap(), [text]);
    }
}
