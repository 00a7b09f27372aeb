//! Writing `.efg` and `.nfg` files.

use std::fmt::Write as _;

use super::number;
use crate::extensive::{ChanceSet, ExtensiveForm, InformationSet, Outcome, Turn};
use crate::normal::NormalForm;

/// The most bytes of what is stated more than once.
const RESTATED: usize = 500;

/// The `.efg` file of a game in extensive form. Information sets and outcomes are stated in full at each of their nodes,
/// as not every program that reads such files lets them be stated once; only long ones are stated at the first. Labels of
/// information sets and of chance are [made distinct](ExtensiveForm::with_distinct_labels), as some programs refuse others.
pub fn write_efg(form: &ExtensiveForm) -> String {
    let mut text = head("EFG 2 R", &form.title, form.players());
    let _ = writeln!(text, "\n{}\n", quoted(&form.comment));
    let (set_labels, chance_labels) = form.distinct_labels();
    let mut sets: Vec<_> = form.info_sets().iter().zip(&set_labels).map(|(s, l)| info_set(s, l)).collect();
    let mut chance: Vec<_> =
        form.chance_sets().iter().zip(&chance_labels).map(|(c, l)| chance_set(c, l)).collect();
    let mut outcomes: Vec<_> = form.outcomes().iter().map(outcome).collect();
    for node in form.nodes() {
        let label = quoted(&node.label);
        // Writing to a text does not fail.
        let _ = match node.turn {
            Turn::Chance(c) => write!(text, "c {label} {}", chance[c.index()].state()),
            Turn::Decision(s) => write!(text, "p {label} {}", sets[s.index()].state()),
            Turn::End => write!(text, "t {label}"),
        };
        let outcome = node.outcome.map_or_else(|| "0".to_owned(), |o| outcomes[o.index()].state());
        let _ = writeln!(text, " {outcome}");
    }
    text
}

/// What nodes share: by which numbers it is known, and the rest of its statement.
struct Statement {
    numbers: String,
    rest: String,
}

impl Statement {
    fn state(&mut self) -> String {
        let gap = if self.rest.is_empty() { "" } else { " " };
        let stated = format!("{}{gap}{}", self.numbers, self.rest);
        if self.rest.len() > RESTATED {
            self.rest.clear();
        }
        stated
    }
}

fn info_set(set: &InformationSet, label: &str) -> Statement {
    Statement {
        numbers: format!("{} {}", set.player.index() + 1, set.number),
        rest: format!("{} {}", quoted(label), braced(set.actions.iter().map(|a| quoted(a)), " ")),
    }
}

fn chance_set(set: &ChanceSet, label: &str) -> Statement {
    let branches = set.branches.iter().map(|(label, p)| format!("{} {}", quoted(label), number::write(p)));
    Statement {
        numbers: set.number.to_string(),
        rest: format!("{} {}", quoted(label), braced(branches, " ")),
    }
}

fn outcome(outcome: &Outcome) -> Statement {
    let payoffs = braced(outcome.payoffs.iter().map(number::write), ", ");
    Statement { numbers: outcome.number.to_string(), rest: format!("{} {payoffs}", quoted(&outcome.label)) }
}

/// The `.nfg` file of a game in normal form. It can be read back if every payoff [fits](crate::rational::fits).
pub fn write_nfg(game: &NormalForm) -> String {
    let mut text = head("NFG 1 R", &game.title, &game.players);
    let strategies = game.strategies.iter().map(|own| braced(own.iter().map(|l| quoted(l)), " "));
    let _ = writeln!(text, "\n\n{}\n{}\n", braced(strategies, "\n  "), quoted(&game.comment));
    for index in 0..game.profile_count() {
        let profile = game.profile(index);
        let own: Vec<_> = (0..game.players.len()).map(|p| number::write(game.payoff(&profile, p))).collect();
        let _ = writeln!(text, "{}", own.join(" "));
    }
    text
}

fn head(kind: &str, title: &str, players: &[String]) -> String {
    format!("{kind} {} {}", quoted(title), braced(players.iter().map(|p| quoted(p)), " "))
}

fn braced(items: impl Iterator<Item = String>, between: &str) -> String {
    format!("{{ {} }}", items.collect::<Vec<_>>().join(between))
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
