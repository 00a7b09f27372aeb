//! What is refused before a text is parsed: what could exhaust the parser's stack.
//!
//! The parser and the compiler recurse into nested brackets, chains of operators and nested blocks. Their
//! depth is bounded here by counting, for each place in the text, the open brackets, the words since the last
//! comma in each of them, and the enclosing blocks and `elif`s. The words are those of the parser's own lexer, so that
//! the two cannot disagree about where a line ends or what lies within a text.

use starlark_syntax::codemap::CodeMap;
use starlark_syntax::dialect::Dialect;
use starlark_syntax::lexer::{Lexer, Token};

use crate::text::source::SourceText;
use crate::text::syntax::no_f_text;
use counterplay::problem::Problem;

const MAX_BYTES: usize = 1 << 20;
const MAX_BRACKETS: usize = 200;
const MAX_WORDS: usize = 1_500;
const MAX_BLOCKS: usize = 100;
const MAX_DIGITS: usize = 40;

/// Makes the evaluator infer types, which nothing bounds.
const TYPE_CHECKS: &str = "@starlark-rust: typecheck";

/// Refuses a text that is too large or too deep to be parsed.
pub(crate) fn check(source: &SourceText) -> Result<(), Problem> {
    if source.text.len() > MAX_BYTES {
        return Err(Problem::new(format!("`{}` is larger than 1 MiB", source.name))
            .hint("a scenario is a program: let loops and functions say what repeats"));
    }
    if let Some(at) = source.text.find(TYPE_CHECKS) {
        return Err(Problem::new(format!("`{TYPE_CHECKS}` is not part of the language"))
            .at(Some(source.place(at, at + TYPE_CHECKS.len())))
            .hint("leave it out"));
    }
    let text = CodeMap::new(source.name.clone(), source.text.clone());
    let lexer = Lexer::new(text.source(), &Dialect::Standard, text.clone());
    let mut scan = Scan::new(source);
    for lexeme in lexer {
        // What is no word at all is told by the parser, which gets no further.
        let Ok((begin, token, end)) = lexeme else { return Ok(()) };
        scan.token(&token, begin, end)?;
    }
    scan.ends()
}

/// An open bracket, or the statement itself.
#[derive(Default)]
struct Level {
    /// Where the bracket stands.
    opened: usize,
    /// The words since its last comma.
    words: usize,
    /// The `lambda`s whose parameters have not ended, and whether a `for` waits for its `in`: their commas
    /// end no item.
    lambdas: usize,
    targets: bool,
}

struct Scan<'a> {
    source: &'a SourceText,
    levels: Vec<Level>,
    all_words: usize,
    /// For each block around the present line, how many `elif`s stand in its present chain.
    blocks: Vec<usize>,
    line_begins: bool,
    /// Where the texts with code begin that are open here: they are refused once it is known where they end.
    f_texts: Vec<usize>,
}

impl<'a> Scan<'a> {
    fn new(source: &'a SourceText) -> Self {
        Self {
            source,
            levels: vec![Level::default()],
            all_words: 0,
            blocks: vec![0],
            line_begins: true,
            f_texts: Vec::new(),
        }
    }

    fn token(&mut self, token: &Token, begin: usize, end: usize) -> Result<(), Problem> {
        match token {
            Token::Comment(_) => return Ok(()),
            Token::Newline => {
                self.line_ends();
                return Ok(());
            }
            Token::Indent => {
                self.blocks.push(0);
                return Ok(());
            }
            Token::Dedent => {
                self.blocks.pop();
                return Ok(());
            }
            _ => {}
        }
        if std::mem::take(&mut self.line_begins) {
            self.statement_begins(token, begin)?;
        }
        match token {
            Token::OpeningRound | Token::OpeningSquare | Token::OpeningCurly => {
                self.count_word(begin)?;
                self.open(begin)
            }
            Token::ClosingRound | Token::ClosingSquare | Token::ClosingCurly => self.close(begin),
            Token::Comma | Token::Semicolon => self.item_ends(begin),
            _ => {
                self.count_word(begin)?;
                self.word(token, begin, end)
            }
        }
    }

    fn word(&mut self, token: &Token, begin: usize, end: usize) -> Result<(), Problem> {
        let level = self.level();
        match token {
            Token::FStringStart(_) => self.f_texts.push(begin),
            Token::FStringEnd => {
                let begin = self.f_texts.pop().unwrap_or(begin);
                if self.f_texts.is_empty() {
                    return Err(no_f_text().at(Some(self.source.place(begin, end))));
                }
            }
            Token::Lambda => level.lambdas += 1,
            Token::Colon => level.lambdas = level.lambdas.saturating_sub(1),
            Token::For => level.targets = true,
            Token::In => level.targets = false,
            Token::Int(_) | Token::Float(_) if end - begin > MAX_DIGITS => {
                let message = format!("a number of more than {MAX_DIGITS} digits");
                return Err(self.problem(message, begin, end - begin));
            }
            Token::Identifier(name) if name.starts_with("__") => {
                return Err(self
                    .problem("names that begin with two underscores are taken".into(), begin, end - begin)
                    .hint("give it another name"));
            }
            _ => {}
        }
        Ok(())
    }

    /// The innermost open bracket, or the statement.
    fn level(&mut self) -> &mut Level {
        self.levels.last_mut().expect("the statement itself is never closed")
    }

    fn open(&mut self, at: usize) -> Result<(), Problem> {
        self.levels.push(Level { opened: at, ..Level::default() });
        if self.levels.len() > MAX_BRACKETS + 1 {
            return Err(self
                .problem(format!("more than {MAX_BRACKETS} brackets are open here"), at, 1)
                .hint("give inner parts names of their own"));
        }
        Ok(())
    }

    fn close(&mut self, at: usize) -> Result<(), Problem> {
        let sign = |at: usize| self.source.text.as_bytes()[at] as char;
        let closing = sign(at);
        let level = match self.levels.len() {
            1 => None,
            _ => self.levels.pop(),
        };
        let Some(level) = level else {
            return Err(self.problem(format!("this `{closing}` closes nothing"), at, 1));
        };
        let opening = sign(level.opened);
        if !matches!((opening, closing), ('(', ')') | ('[', ']') | ('{', '}')) {
            return Err(self.problem(format!("this `{opening}` is closed by `{closing}`"), level.opened, 1));
        }
        self.all_words -= level.words;
        Ok(())
    }

    fn item_ends(&mut self, at: usize) -> Result<(), Problem> {
        let within_f_text = !self.f_texts.is_empty();
        let level = self.level();
        if level.lambdas > 0 || level.targets || within_f_text {
            return self.count_word(at);
        }
        let words = std::mem::take(&mut level.words);
        self.all_words -= words;
        Ok(())
    }

    fn count_word(&mut self, at: usize) -> Result<(), Problem> {
        self.level().words += 1;
        self.all_words += 1;
        if self.all_words > MAX_WORDS {
            return Err(self
                .problem(format!("an expression of more than {MAX_WORDS} words and signs"), at, 1)
                .hint("give its parts names of their own, or write a loop"));
        }
        Ok(())
    }

    /// The lexer gives a line break only where no bracket is open: it ends the statement.
    fn line_ends(&mut self) {
        if self.levels.len() == 1 {
            self.levels[0] = Level::default();
            self.all_words = 0;
            self.line_begins = true;
        }
    }

    fn statement_begins(&mut self, token: &Token, at: usize) -> Result<(), Problem> {
        if let Some(elifs) = self.blocks.last_mut() {
            match token {
                Token::Elif => *elifs += 1,
                Token::Else => {}
                _ => *elifs = 0,
            }
        }
        let depth: usize = self.blocks.iter().map(|elifs| 1 + elifs).sum();
        if depth > MAX_BLOCKS {
            return Err(self
                .problem(format!("more than {MAX_BLOCKS} blocks and `elif`s lie around this line"), at, 1)
                .hint("move inner blocks into functions, and long choices into a dictionary"));
        }
        Ok(())
    }

    /// The text has ended.
    fn ends(&self) -> Result<(), Problem> {
        match self.levels.as_slice() {
            [_, .., last] => {
                let sign = self.source.text.as_bytes()[last.opened] as char;
                Err(self.problem(format!("this `{sign}` is never closed"), last.opened, 1))
            }
            _ => Ok(()),
        }
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
    fn commas_of_parameters_end_no_item() {
        let lambdas = "lambda a, b: ".repeat(2_000);
        assert_eq!(line_of_refusal(&format!("x = 1\ny = {lambdas}1")), Some(2));
        assert_eq!(line_of_refusal(&format!("y = ({lambdas}1)")), Some(1));
        let clauses = " for a, b in c".repeat(400);
        assert_eq!(line_of_refusal(&format!("y = [a{clauses}]")), Some(1));
        assert_eq!(line_of_refusal(&format!("y = [{}]", "lambda a, b: a, ".repeat(5_000))), None);
    }

    #[test]
    fn a_line_that_goes_on_is_one_line_however_it_ends() {
        for line_end in ["\n", "\r\n"] {
            let sum = format!("x = 1{}", format!(" + \\{line_end}1").repeat(2_000));
            assert!(line_of_refusal(&sum).is_some());
            let sum = format!("x = 1{}", format!(" + 1{line_end}x = 2").repeat(2_000));
            assert_eq!(line_of_refusal(&sum), None);
        }
    }

    #[test]
    fn types_are_not_inferred() {
        assert_eq!(line_of_refusal("x = 1\n# @starlark-rust: typecheck\n"), Some(2));
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
        // Where a text is never closed the parser gets no further.
        assert_eq!(line_of_refusal(&format!("x = 'it\ny = {brackets}")), None);
    }
}
