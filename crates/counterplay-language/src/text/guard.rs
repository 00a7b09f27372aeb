//! What is refused before a text is parsed: what could exhaust the parser's stack.
//!
//! The parser and the compiler recurse into nested brackets, chains of operators and nested blocks. Their
//! depth is bounded here by counting, for each place in the text, the open brackets, the words since the last
//! comma in each of them, and the enclosing blocks and `elif`s.

use crate::text::source::SourceText;
use counterplay::problem::Problem;

const MAX_BYTES: usize = 1 << 20;
const MAX_BRACKETS: usize = 200;
const MAX_WORDS: usize = 1_500;
const MAX_BLOCKS: usize = 100;
const MAX_DIGITS: usize = 40;

/// Refuses a text that is too large or too deep to be parsed.
pub(crate) fn check(source: &SourceText) -> Result<(), Problem> {
    if source.text.len() > MAX_BYTES {
        return Err(Problem::new(format!("`{}` is larger than 1 MiB", source.name))
            .hint("a scenario is a program: let loops and functions say what repeats"));
    }
    Scan::new(source).run()
}

/// A block of the text: its indentation, and how many `elif`s stand in its present chain.
struct Block {
    indent: usize,
    elifs: usize,
}

struct Scan<'a> {
    source: &'a SourceText,
    bytes: &'a [u8],
    at: usize,
    /// For each open bracket, and for the statement itself, the words since its last comma.
    words: Vec<usize>,
    /// Where each open bracket stands.
    opened: Vec<usize>,
    all_words: usize,
    blocks: Vec<Block>,
}

impl<'a> Scan<'a> {
    fn new(source: &'a SourceText) -> Self {
        let bytes = source.text.as_bytes();
        Self { source, bytes, at: 0, words: vec![0], opened: Vec::new(), all_words: 0, blocks: Vec::new() }
    }

    fn run(mut self) -> Result<(), Problem> {
        self.line_begins()?;
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'\n' => self.line_ends()?,
                b'#' => self.skip_while(|b| b != b'\n'),
                b'"' | b'\'' => self.string(byte),
                b'(' | b'[' | b'{' => self.open()?,
                b')' | b']' | b'}' => self.close()?,
                b',' | b';' => self.item_ends(),
                b'\\' => self.at += 2,
                _ if byte.is_ascii_whitespace() => self.at += 1,
                _ if byte.is_ascii_alphanumeric() || byte == b'_' => self.word()?,
                _ => self.operator()?,
            }
        }
        match self.opened.last() {
            Some(&at) => {
                Err(self.problem(format!("this `{}` is never closed", self.bytes[at] as char), at, 1))
            }
            None => Ok(()),
        }
    }

    fn skip_while(&mut self, goes_on: impl Fn(u8) -> bool) {
        while self.bytes.get(self.at).is_some_and(|&b| goes_on(b)) {
            self.at += 1;
        }
    }

    /// Skips a string, or a text in three quotes.
    fn string(&mut self, quote: u8) {
        let triple = self.bytes[self.at..].starts_with(&[quote; 3]);
        self.at += if triple { 3 } else { 1 };
        while let Some(&byte) = self.bytes.get(self.at) {
            if byte == b'\\' {
                self.at += 2;
            } else if triple && self.bytes[self.at..].starts_with(&[quote; 3]) {
                self.at += 3;
                return;
            } else if !triple && (byte == quote || byte == b'\n') {
                self.at += usize::from(byte == quote);
                return;
            } else {
                self.at += 1;
            }
        }
    }

    fn open(&mut self) -> Result<(), Problem> {
        self.count_word()?;
        self.words.push(0);
        self.opened.push(self.at);
        if self.words.len() > MAX_BRACKETS + 1 {
            return Err(self
                .problem(format!("more than {MAX_BRACKETS} brackets are open here"), self.at, 1)
                .hint("give inner parts names of their own"));
        }
        self.at += 1;
        Ok(())
    }

    fn close(&mut self) -> Result<(), Problem> {
        let closing = self.bytes[self.at];
        let Some(at) = self.opened.pop() else {
            return Err(self.problem(format!("this `{}` closes nothing", closing as char), self.at, 1));
        };
        let opening = self.bytes[at];
        if !matches!((opening, closing), (b'(', b')') | (b'[', b']') | (b'{', b'}')) {
            let message = format!("this `{}` is closed by `{}`", opening as char, closing as char);
            return Err(self.problem(message, at, 1));
        }
        self.all_words -= self.words.pop().unwrap_or(0);
        self.at += 1;
        Ok(())
    }

    fn item_ends(&mut self) {
        if let Some(words) = self.words.last_mut() {
            self.all_words -= *words;
            *words = 0;
        }
        self.at += 1;
    }

    fn operator(&mut self) -> Result<(), Problem> {
        self.count_word()?;
        self.at += 1;
        Ok(())
    }

    fn word(&mut self) -> Result<(), Problem> {
        self.count_word()?;
        let begin = self.at;
        self.skip_while(|b| b.is_ascii_alphanumeric() || b == b'_');
        let word = &self.bytes[begin..self.at];
        if word[0].is_ascii_digit() && word.len() > MAX_DIGITS {
            return Err(self.problem(
                format!("a number of more than {MAX_DIGITS} digits"),
                begin,
                word.len(),
            ));
        }
        if word.starts_with(b"__") {
            return Err(self
                .problem("names that begin with two underscores are taken".into(), begin, word.len())
                .hint("give it another name"));
        }
        Ok(())
    }

    fn count_word(&mut self) -> Result<(), Problem> {
        if let Some(words) = self.words.last_mut() {
            *words += 1;
            self.all_words += 1;
        }
        if self.all_words > MAX_WORDS {
            return Err(self
                .problem(format!("an expression of more than {MAX_WORDS} words and signs"), self.at, 1)
                .hint("give its parts names of their own, or write a loop"));
        }
        Ok(())
    }

    /// A line break ends the statement unless a bracket is open.
    fn line_ends(&mut self) -> Result<(), Problem> {
        self.at += 1;
        if self.words.len() > 1 {
            return Ok(());
        }
        self.words[0] = 0;
        self.all_words = 0;
        self.line_begins()
    }

    fn line_begins(&mut self) -> Result<(), Problem> {
        let begin = self.at;
        self.skip_while(|b| b == b' ' || b == b'\t' || b == b'\r');
        let indent = self.at - begin;
        if matches!(self.bytes.get(self.at), None | Some(b'\n' | b'#')) {
            return Ok(());
        }
        while self.blocks.last().is_some_and(|b| b.indent > indent) {
            self.blocks.pop();
        }
        let rest = &self.bytes[self.at..];
        match self.blocks.last_mut() {
            Some(block) if block.indent == indent && rest.starts_with(b"elif") => block.elifs += 1,
            Some(block) if block.indent == indent && rest.starts_with(b"else") => {}
            Some(block) if block.indent == indent => block.elifs = 0,
            Some(_) | None => self.blocks.push(Block { indent, elifs: 0 }),
        }
        let depth: usize = self.blocks.iter().map(|b| 1 + b.elifs).sum();
        if depth > MAX_BLOCKS {
            return Err(self
                .problem(
                    format!("more than {MAX_BLOCKS} blocks and `elif`s lie around this line"),
                    self.at,
                    1,
                )
                .hint("move inner blocks into functions, and long choices into a dictionary"));
        }
        Ok(())
    }

    fn problem(&self, message: String, begin: usize, width: usize) -> Problem {
        Problem::new(message).at(Some(self.source.place(begin, begin + width)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line_of_refusal(text: &str) -> Option<usize> {
        let problem = check(&SourceText::new("a", text)).err()?;
        Some(problem.place.map_or(0, |p| p.line))
    }

    #[test]
    fn depth_is_refused_and_breadth_is_not() {
        assert_eq!(line_of_refusal(&format!("x = 1\ny = {}", "[".repeat(201))), Some(2));
        assert_eq!(line_of_refusal(&format!("y = {}1{}", "(".repeat(199), ")".repeat(199))), None);
        assert_eq!(line_of_refusal(&format!("x = 1{}", " + 1".repeat(1000))), Some(1));
        assert_eq!(line_of_refusal(&format!("x = [{}]", "f(1) + 2, ".repeat(10_000))), None);
        assert_eq!(line_of_refusal(&"x = f(1) + 2\n".repeat(10_000)), None);
        assert_eq!(line_of_refusal(&format!("if x:\n  y\n{}", "elif x:\n  y\n".repeat(200))), Some(200));
        let nested: Vec<String> = (0..120).map(|i| format!("{}if x:\n", " ".repeat(i))).collect();
        assert_eq!(line_of_refusal(&nested.concat()), Some(101));
        assert_eq!(line_of_refusal(&"9".repeat(41)), Some(1));
        assert_eq!(line_of_refusal(&" ".repeat(MAX_BYTES + 1)), Some(0));
    }

    #[test]
    fn brackets_that_do_not_match_are_told_where_they_open() {
        assert_eq!(line_of_refusal("f(\n1,\n2"), Some(1));
        assert_eq!(line_of_refusal("x = 1\nf(\n[1, 2)"), Some(3));
        assert_eq!(line_of_refusal("x = 1\n)"), Some(2));
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        let brackets = "[".repeat(300);
        for text in [
            format!("x = \"{brackets}\""),
            format!("x = '\\'{brackets}'"),
            format!("x = \"\"\"\n{brackets}\"\n\"\"\""),
            format!("# {brackets}"),
            format!("\"\"\"\n__doc__\n{brackets}\"\"\""),
        ] {
            assert_eq!(line_of_refusal(&text), None, "{text}");
        }
        assert_eq!(line_of_refusal(&format!("x = 'it\ny = {brackets}")), Some(2));
    }
}
