//! The words of a game file.

use super::number;
use super::problem::{ParseError, shortened};
use crate::rational::Rational;

/// The longest text that is read, in bytes.
const MOST_BYTES: usize = 256 << 20;

/// A piece of a game file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A word or a number.
    Word(&'a str),
    /// A text in quotation marks, without them.
    Text(String),
    /// `{`
    Open,
    /// `}`
    Close,
    /// The end of the file.
    End,
}

/// A game file as a sequence of pieces, of which the next can be looked at. Commas separate like spaces.
pub(super) struct Lexer<'a> {
    text: &'a str,
    next: Token<'a>,
    /// Where the next piece begins and ends.
    start: usize,
    end: usize,
    /// Where the piece before ended.
    before: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Result<Self, ParseError> {
        if text.len() > MOST_BYTES {
            return Err(ParseError::at(text, 0, format!("the file has more than {MOST_BYTES} bytes")));
        }
        let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let mut lexer = Self { text, next: Token::End, start, end: start, before: start };
        lexer.advance()?;
        Ok(lexer)
    }

    /// The next piece.
    pub(super) fn peek(&self) -> &Token<'a> {
        &self.next
    }

    /// Where the next piece begins.
    pub(super) fn offset(&self) -> usize {
        self.start
    }

    fn advance(&mut self) -> Result<(), ParseError> {
        self.before = self.end;
        let rest = &self.text.as_bytes()[self.end..];
        let skipped = rest.iter().take_while(|&&b| b.is_ascii_whitespace() || b == b',').count();
        self.start = self.end + skipped;
        let (token, length) = self.piece(self.start)?;
        (self.next, self.end) = (token, self.start + length);
        Ok(())
    }

    fn piece(&self, start: usize) -> Result<(Token<'a>, usize), ParseError> {
        let rest = &self.text.as_bytes()[start..];
        Ok(match rest.first() {
            None => (Token::End, 0),
            Some(b'{') => (Token::Open, 1),
            Some(b'}') => (Token::Close, 1),
            Some(b'"') => self.quoted(start)?,
            Some(_) => {
                let part_of = |b: &&u8| !b.is_ascii_whitespace() && !matches!(**b, b',' | b'{' | b'}' | b'"');
                let length = rest.iter().take_while(part_of).count();
                (Token::Word(&self.text[start..start + length]), length)
            }
        })
    }

    /// A text in quotation marks. `\"` stands for a quotation mark and `\\` for a backslash; any other backslash
    /// stands for itself.
    fn quoted(&self, start: usize) -> Result<(Token<'a>, usize), ParseError> {
        let mut text = String::new();
        let body = &self.text[start + 1..];
        let mut from = 0;
        let mut bytes = body.bytes().enumerate();
        while let Some((at, byte)) = bytes.next() {
            match byte {
                b'"' => {
                    text.push_str(&body[from..at]);
                    return Ok((Token::Text(text), at + 2));
                }
                b'\\' if matches!(body.as_bytes().get(at + 1), Some(b'"' | b'\\')) => {
                    text.push_str(&body[from..at]);
                    from = at + 1;
                    bytes.next();
                }
                _ => {}
            }
        }
        Err(self.error_at(start, "the text in quotation marks is not closed"))
    }

    pub(super) fn error_at(&self, offset: usize, message: impl Into<String>) -> ParseError {
        ParseError::at(self.text, offset, message)
    }

    /// An error at the next piece.
    pub(super) fn error(&self, message: impl Into<String>) -> ParseError {
        self.error_at(self.start, message)
    }

    /// The error that something else is expected here.
    pub(super) fn expected(&self, what: &str) -> ParseError {
        match &self.next {
            Token::End => self.error_at(self.before, format!("the file ends where {what} is expected")),
            other => self.error(format!("expected {what}, found {}", describe(other))),
        }
    }

    pub(super) fn open(&mut self, what: &str) -> Result<(), ParseError> {
        if self.next != Token::Open {
            return Err(self.expected(&format!("`{{` before {what}")));
        }
        self.advance()
    }

    /// Whether the next piece is `}`, past which the lexer moves.
    pub(super) fn closes(&mut self) -> Result<bool, ParseError> {
        let closes = self.next == Token::Close;
        if closes {
            self.advance()?;
        }
        Ok(closes)
    }

    /// A text in quotation marks.
    pub(super) fn text(&mut self, what: &str) -> Result<String, ParseError> {
        match &mut self.next {
            Token::Text(text) => {
                let text = std::mem::take(text);
                self.advance()?;
                Ok(text)
            }
            _ => Err(self.expected(&format!("{what} in quotation marks"))),
        }
    }

    /// A text in quotation marks if one is next.
    pub(super) fn optional_text(&mut self) -> Result<Option<String>, ParseError> {
        if matches!(self.next, Token::Text(_)) { self.text("a text").map(Some) } else { Ok(None) }
    }

    pub(super) fn number(&mut self, what: &str) -> Result<Rational, ParseError> {
        let Token::Word(word) = self.next else { return Err(self.expected(what)) };
        let number = number::read(word).map_err(|message| self.error(message))?;
        self.advance()?;
        Ok(number)
    }

    /// A whole number that is not negative.
    pub(super) fn count(&mut self, what: &str) -> Result<u32, ParseError> {
        let Token::Word(word) = self.next else { return Err(self.expected(what)) };
        let count = word.parse().map_err(|_| self.expected(what))?;
        self.advance()?;
        Ok(count)
    }

    pub(super) fn word(&mut self, what: &str) -> Result<&'a str, ParseError> {
        let Token::Word(word) = self.next else { return Err(self.expected(what)) };
        self.advance()?;
        Ok(word)
    }
}

fn describe(token: &Token<'_>) -> String {
    match token {
        Token::Word(word) => format!("`{}`", shortened(word)),
        Token::Text(text) => format!("the text `{}`", shortened(text)),
        Token::Open => "`{`".to_owned(),
        Token::Close => "`}`".to_owned(),
        Token::End => "the end of the file".to_owned(),
    }
}
