//! What both formats share: how a file begins, and payoffs.

use super::lexer::{Lexer, Token};
use super::problem::ParseError;
use crate::rational::Rational;

/// The most players that a file may name.
const MOST_PLAYERS: usize = 1000;

/// The type, version, kind of numbers and title of a file.
pub(super) fn read_head(lexer: &mut Lexer<'_>, kind: &str, version: &str) -> Result<String, ParseError> {
    if *lexer.peek() != Token::Word(kind) {
        return Err(lexer
            .expected(&format!("`{kind}`"))
            .hint(format!("such a file begins with `{kind} {version} R \"title\" {{ \"player\" ... }}`")));
    }
    lexer.word(kind)?;
    if *lexer.peek() != Token::Word(version) {
        return Err(lexer
            .expected(&format!("`{version}`"))
            .hint(format!("only version {version} of the format is read")));
    }
    lexer.word(version)?;
    if !matches!(lexer.peek(), Token::Word("R" | "D")) {
        return Err(lexer.expected("`R` or `D`").hint("it says that numbers are rational or decimal"));
    }
    lexer.word("`R` or `D`")?;
    lexer.text("the title")
}

/// The names of the players in braces.
pub(super) fn read_players(lexer: &mut Lexer<'_>) -> Result<Vec<String>, ParseError> {
    let start = lexer.offset();
    lexer.open("the names of the players")?;
    let mut players = Vec::new();
    while !lexer.closes()? {
        players.push(lexer.text("the name of a player or `}`")?);
    }
    if players.is_empty() {
        return Err(lexer.error_at(start, "a game needs at least one player"));
    }
    if players.len() > MOST_PLAYERS {
        return Err(lexer.error_at(start, format!("there are more than {MOST_PLAYERS} players")));
    }
    Ok(players)
}

/// The payoffs in braces.
pub(super) fn read_payoffs(lexer: &mut Lexer<'_>, players: usize) -> Result<Vec<Rational>, ParseError> {
    lexer.open("the payoffs")?;
    read_payoffs_to_brace(lexer, players)
}

/// The payoffs up to a closing brace.
pub(super) fn read_payoffs_to_brace(
    lexer: &mut Lexer<'_>,
    players: usize,
) -> Result<Vec<Rational>, ParseError> {
    let start = lexer.offset();
    let mut payoffs = Vec::with_capacity(players);
    while !lexer.closes()? {
        let here = lexer.offset();
        payoffs.push(lexer.number("a payoff or `}`")?);
        if payoffs.len() > players {
            return Err(lexer
                .error_at(here, format!("a payoff too many: there are {players} players"))
                .hint("write one payoff for each player"));
        }
    }
    if payoffs.len() < players {
        let message = format!("too few payoffs: {} for {players} players", payoffs.len());
        return Err(lexer.error_at(start, message).hint("write one payoff for each player"));
    }
    Ok(payoffs)
}
