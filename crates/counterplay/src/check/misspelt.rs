//! Names of outcomes that may be one name written in two ways.

use std::collections::BTreeSet;

use crate::problem::{Problem, nearest};
use crate::story::unfolded::Unfolded;

/// Outcomes that some endings state, each with a name near to that of an outcome which no fewer endings state, and never beside it.
pub(super) fn outcomes(unfolded: &Unfolded) -> Vec<Problem> {
    let endings: Vec<BTreeSet<&str>> = unfolded
        .states
        .iter()
        .flat_map(|state| state.endings.iter().map(move |ending| (state, ending)))
        .map(|(state, ending)| ending.outcomes.iter().map(|o| state.game.text(o.0)).collect())
        .collect();
    let names: BTreeSet<&str> = endings.iter().flatten().copied().collect();
    let count = |name: &str| endings.iter().filter(|e| e.contains(name)).count();
    let beside = |a: &str, b: &str| endings.iter().any(|e| e.contains(a) && e.contains(b));
    let told = |&name: &&str| {
        let others = names.iter().copied().filter(|other| *other != name && !numbered_alike(name, other));
        let near = nearest(name, others)?;
        let (own, other) = (count(name), count(near));
        // Of two that are equally frequent one is told.
        let rarer = own < other || own == other && name > near;
        (rarer && !beside(name, near)).then(|| {
            Problem::new(format!(
                "the outcome `{name}` is stated at {own} of {} endings, and `{near}` at {other} others",
                endings.len()
            ))
            .hint(format!("are they one outcome? did you mean `{near}`?"))
        })
    };
    names.iter().filter_map(told).collect()
}

/// Whether two names differ in their digits alone, as `round 1` and `round 2`.
fn numbered_alike(a: &str, b: &str) -> bool {
    let letters = |name: &str| name.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    letters(a) == letters(b)
}
