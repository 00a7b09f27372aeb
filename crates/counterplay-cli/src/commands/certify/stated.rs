//! The profile that a text states: with labels, or as numbers in one of two orders.

use counterplay_game::tree::Game;

use super::labels;
use super::order::Order;
use super::written_number::number;
use crate::commands::solve::table::action_names;
use crate::game_file::GameFile;

/// A profile, and how it was read.
#[derive(Debug)]
pub(super) struct Stated {
    /// A probability for each action of the game.
    pub(super) play: Vec<f64>,
    pub(super) reading: Reading,
}

/// How a profile was read.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Reading {
    /// By its labels.
    Labels,
    /// By number, in which information sets also appear first: there is only one order.
    OneOrder,
    /// In the order that was asked for.
    Asked(Order),
    /// In an order, as the numbers are no profile in the other one, for this reason.
    Only(Order, String),
    /// In an order, and it is the same play in the other one.
    Either(Order),
    /// In an order; in the other one the numbers are this other profile.
    Ambiguous(Order, Vec<f64>),
}

impl Stated {
    /// The profile that a text states, in the order asked for if one is.
    pub(super) fn read(file: &GameFile, text: &str, asked: Option<Order>) -> Result<Self, String> {
        let text = text.trim_start_matches('\u{feff}').trim();
        let json = text.starts_with('{');
        if json || text.contains(':') {
            if asked.is_some() {
                return Err("the profile names its actions, so that no `--order` is needed".to_owned());
            }
            let play = if json {
                labels::of_json(file, text)?
            } else {
                labels::of_lines(file, text, "probability")?
            };
            check(&file.game, &play)?;
            return Ok(Self { play, reading: Reading::Labels });
        }
        Self::unlabelled(&file.game, &numbers(text, file.game.action_count())?, asked)
    }

    fn unlabelled(game: &Game, listed: &[f64], asked: Option<Order>) -> Result<Self, String> {
        let first = asked.unwrap_or(Order::Appearance);
        let play = first.arranged(game, listed);
        let one_order = first.sets(game) == first.other().sets(game);
        if asked.is_some() || one_order {
            check(game, &play)?;
            let reading = if one_order { Reading::OneOrder } else { Reading::Asked(first) };
            return Ok(Self { play, reading });
        }
        let other = first.other().arranged(game, listed);
        match (check(game, &play), check(game, &other)) {
            (Ok(()), Ok(())) if play == other => Ok(Self { play, reading: Reading::Either(first) }),
            (Ok(()), Ok(())) => Ok(Self { play, reading: Reading::Ambiguous(first, other) }),
            (Ok(()), Err(why)) => Ok(Self { play, reading: Reading::Only(first, why) }),
            (Err(why), Ok(())) => Ok(Self { play: other, reading: Reading::Only(first.other(), why) }),
            (Err(why), Err(other_why)) => Err(format!(
                "information sets {}: {why}; {}: {other_why}",
                first.in_words(),
                first.other().in_words()
            )),
        }
    }
}

/// The numbers of a text without labels: between commas, blanks or brackets, with `Rational(1, 3)` for a fraction.
fn numbers(text: &str, count: usize) -> Result<Vec<f64>, String> {
    let text = fractions(text);
    let separator = |c: char| matches!(c, ',' | '[' | ']') || c.is_whitespace();
    let fields: Vec<&str> = text.split(separator).filter(|field| !field.is_empty()).collect();
    let profiles = fields.iter().filter(|field| **field == "NE").count();
    if profiles > 1 {
        return Err(format!("{profiles} profiles are stated, each after `NE`; certify one at a time"));
    }
    let numbers: Vec<f64> =
        fields.into_iter().filter(|field| *field != "NE").map(number).collect::<Result<_, _>>()?;
    if numbers.len() == count {
        Ok(numbers)
    } else {
        Err(format!("{} probabilities, and the game has {count} actions", numbers.len()))
    }
}

/// `Rational(1, 3)`, as Python shows fractions, written `1/3`.
fn fractions(text: &str) -> String {
    let text = text.replace("Fraction(", "Rational(");
    let mut parts = text.split("Rational(");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (fraction, rest) = part.split_once(')').unwrap_or((part, ""));
        let halves: Vec<&str> = fraction.split(',').map(str::trim).collect();
        plain += &halves.join("/");
        plain += rest;
    }
    plain
}

/// Whether these are probabilities at every information set.
fn check(game: &Game, play: &[f64]) -> Result<(), String> {
    for set in game.info_set_ids() {
        let actions = game.actions(set);
        let odds = &play[actions.clone()];
        let names = || action_names(game)[actions.start].clone();
        if let Some(p) = odds.iter().find(|p| !(0.0..=1.0).contains(*p)) {
            let [player, name, _] = names();
            return Err(format!("{p} of `{player}` at `{name}` is no probability"));
        }
        let sum: f64 = odds.iter().sum();
        if (sum - 1.0).abs() > 1e-6 {
            let [player, name, _] = names();
            return Err(format!("the probabilities of `{player}` at `{name}` sum to {sum}, and not to one"));
        }
    }
    Ok(())
}
