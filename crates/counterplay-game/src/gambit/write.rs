//! Writing `.efg` and `.nfg` files.

use std::fmt::Write as _;

use super::number;
use crate::extensive::{ExtensiveForm, Turn};
use crate::id::OutcomeId;
use crate::normal::NormalForm;
use crate::rational::Rational;

/// The `.efg` file of a game in extensive form. Each information set and outcome is stated in full at its first node.
pub fn write_efg(form: &ExtensiveForm) -> String {
    let mut text = head("EFG 2 R", &form.title, form.players());
    let _ = writeln!(text, "\n{}\n", quoted(&form.comment));
    let mut stated = Stated {
        sets: vec![false; form.info_sets().len()],
        chance: vec![false; form.chance_sets().len()],
        outcomes: vec![false; form.outcomes().len()],
    };
    for node in form.nodes() {
        let label = quoted(&node.label);
        // Writing to a text does not fail.
        let _ = match node.turn {
            Turn::Chance(c) => {
                let set = &form.chance_sets()[c.index()];
                let _ = write!(text, "c {label} {}", set.number);
                let branch = |(l, p): &(String, Rational)| format!("{} {}", quoted(l), number::write(p));
                state(&mut text, &mut stated.chance[c.index()], &set.label, set.branches.iter().map(branch))
            }
            Turn::Decision(s) => {
                let set = &form.info_sets()[s.index()];
                let _ = write!(text, "p {label} {} {}", set.player.index() + 1, set.number);
                let actions = set.actions.iter().map(|a| quoted(a));
                state(&mut text, &mut stated.sets[s.index()], &set.label, actions)
            }
            Turn::End => write!(text, "t {label}"),
        };
        write_outcome(&mut text, form, node.outcome, &mut stated.outcomes);
    }
    text
}

/// What has been stated in full.
struct Stated {
    sets: Vec<bool>,
    chance: Vec<bool>,
    outcomes: Vec<bool>,
}

fn state(
    text: &mut String,
    stated: &mut bool,
    label: &str,
    branches: impl Iterator<Item = String>,
) -> std::fmt::Result {
    if std::mem::replace(stated, true) {
        return Ok(());
    }
    write!(text, " {} {{ {} }}", quoted(label), branches.collect::<Vec<_>>().join(" "))
}

fn write_outcome(text: &mut String, form: &ExtensiveForm, outcome: Option<OutcomeId>, stated: &mut [bool]) {
    let _ = match outcome.map(|o| (&form.outcomes()[o.index()], &mut stated[o.index()])) {
        None => writeln!(text, " 0"),
        Some((outcome, true)) => writeln!(text, " {}", outcome.number),
        Some((outcome, stated)) => {
            *stated = true;
            let payoffs = numbers(&outcome.payoffs);
            writeln!(text, " {} {} {{ {payoffs} }}", outcome.number, quoted(&outcome.label))
        }
    };
}

/// The `.nfg` file of a game in normal form.
pub fn write_nfg(game: &NormalForm) -> String {
    let mut text = head("NFG 1 R", &game.title, &game.players);
    text.push_str("\n\n{");
    for own in &game.strategies {
        let labels: Vec<_> = own.iter().map(|l| quoted(l)).collect();
        let _ = write!(text, " {{ {} }}\n ", labels.join(" "));
    }
    let _ = writeln!(text, "}}\n{}\n", quoted(&game.comment));
    for index in 0..game.profile_count() {
        let profile = game.profile(index);
        let own: Vec<_> = (0..game.players.len()).map(|p| number::write(game.payoff(&profile, p))).collect();
        let _ = writeln!(text, "{}", own.join(" "));
    }
    text
}

fn head(kind: &str, title: &str, players: &[String]) -> String {
    let players: Vec<_> = players.iter().map(|p| quoted(p)).collect();
    format!("{kind} {} {{ {} }}", quoted(title), players.join(" "))
}

fn numbers(payoffs: &[Rational]) -> String {
    payoffs.iter().map(number::write).collect::<Vec<_>>().join(", ")
}

/// A text in quotation marks. A backslash is doubled only where it would otherwise be taken for part of what follows.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let ambiguous = character == '\\' && matches!(characters.peek(), None | Some('"' | '\\'));
        if character == '"' || ambiguous {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('"');
    quoted
}
