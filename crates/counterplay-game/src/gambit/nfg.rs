//! Reading `.nfg` files.

use num_traits::Zero;

use super::head::{read_head, read_payoffs_to_brace, read_players};
use super::lexer::{Lexer, Token};
use super::problem::ParseError;
use crate::normal::NormalForm;
use crate::rational::Rational;

/// The most payoffs that a table may hold: profiles times players.
const MOST_PAYOFFS: usize = 1 << 22;

/// Reads a game in normal form: strategies as numbers or labels, payoffs as a list or by outcomes.
///
/// # Errors
/// If the text is no `.nfg` file of version 1, or what it says is no game.
pub fn read_nfg(text: &str) -> Result<NormalForm, ParseError> {
    let mut lexer = Lexer::new(text)?;
    let title = read_head(&mut lexer, "NFG", "1")?;
    let players = read_players(&mut lexer)?;
    let strategies = read_strategies(&mut lexer, players.len())?;
    let comment = lexer.optional_text()?.unwrap_or_default();
    let profiles: usize = strategies.iter().map(Vec::len).product();
    let payoffs = if *lexer.peek() == Token::Open {
        read_outcomes(&mut lexer, players.len(), profiles)?
    } else {
        read_list(&mut lexer, players.len(), profiles)?
    };
    if *lexer.peek() != Token::End {
        let hint = format!("the table has {profiles} profiles of strategies, for {} players", players.len());
        return Err(lexer.expected("the end of the file").hint(hint));
    }
    let mut game = NormalForm::new(players, strategies, payoffs);
    (game.title, game.comment) = (title, comment);
    Ok(game)
}

/// The strategies of all players: labels in braces, or numbers of strategies.
fn read_strategies(lexer: &mut Lexer<'_>, players: usize) -> Result<Vec<Vec<String>>, ParseError> {
    let start = lexer.offset();
    lexer.open("the strategies")?;
    let labelled = *lexer.peek() == Token::Open;
    let (mut strategies, mut counts) = (Vec::new(), Vec::new());
    while !lexer.closes()? {
        let here = lexer.offset();
        let count = if labelled {
            let own = read_labels(lexer)?;
            strategies.push(own);
            strategies.last().map_or(0, Vec::len)
        } else {
            lexer.count("a number of strategies or `}`")? as usize
        };
        if count == 0 {
            return Err(lexer.error_at(here, "every player needs at least one strategy"));
        }
        counts.push(count);
        if counts.len() > players {
            return Err(
                lexer.error_at(here, format!("strategies of another player: there are {players} players"))
            );
        }
    }
    if counts.len() < players {
        let message = format!("there are strategies for only {} of {players} players", counts.len());
        return Err(lexer.error_at(start, message));
    }
    let payoffs = counts.iter().try_fold(players, |product, &count| product.checked_mul(count));
    if payoffs.is_none_or(|p| p > MOST_PAYOFFS) {
        return Err(lexer.error_at(start, format!("the game has more than {MOST_PAYOFFS} payoffs")));
    }
    if !labelled {
        // Unlabelled strategies are called by their numbers.
        strategies = counts.iter().map(|&n| (1..=n).map(|k| k.to_string()).collect()).collect();
    }
    Ok(strategies)
}

fn read_labels(lexer: &mut Lexer<'_>) -> Result<Vec<String>, ParseError> {
    lexer.open("the labels of strategies")?;
    let mut labels = Vec::new();
    while !lexer.closes()? {
        labels.push(lexer.text("the label of a strategy or `}`")?);
    }
    Ok(labels)
}

/// The payoffs in a row, profile by profile.
fn read_list(lexer: &mut Lexer<'_>, players: usize, profiles: usize) -> Result<Vec<Rational>, ParseError> {
    let mut payoffs = Vec::new();
    for read in 0..profiles * players {
        let what = format!("payoff {} of {}", read + 1, profiles * players);
        payoffs.push(lexer.number(&what)?);
    }
    Ok(payoffs)
}

/// A list of outcomes in braces, and then the number of the outcome of each profile, where 0 means payoffs of zero.
fn read_outcomes(
    lexer: &mut Lexer<'_>,
    players: usize,
    profiles: usize,
) -> Result<Vec<Rational>, ParseError> {
    lexer.open("the outcomes")?;
    let mut outcomes = Vec::new();
    while !lexer.closes()? {
        lexer.open("an outcome")?;
        lexer.text("the label of an outcome")?;
        outcomes.push(read_payoffs_to_brace(lexer, players)?);
    }
    let mut payoffs = Vec::new();
    for read in 0..profiles {
        let here = lexer.offset();
        let number = lexer.count(&format!("the outcome of profile {} of {profiles}", read + 1))? as usize;
        match number.checked_sub(1).map(|index| outcomes.get(index)) {
            None => payoffs.extend((0..players).map(|_| Rational::zero())),
            Some(Some(outcome)) => payoffs.extend_from_slice(outcome),
            Some(None) => {
                let message = format!("there is no outcome {number}: {} are listed", outcomes.len());
                return Err(lexer.error_at(here, message));
            }
        }
    }
    Ok(payoffs)
}
