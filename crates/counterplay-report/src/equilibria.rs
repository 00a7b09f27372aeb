//! Which equilibrium the answers are of, for the summary and the report.

use crate::{lookup, number};
use counterplay_analysis::{
    Analysis, EquilibriumAnswer, OffBranchAnswer, OtherEquilibrium, PlayDifference, PlayEquilibria, WorldName,
};
use minijinja::{Value, context};

/// At most this many other equilibria of one play are shown.
const SHOWN: usize = 8;

/// What stands before the facts of play that went well: that there are other equilibria, or that some draws are not on the
/// branch.
pub(crate) fn but(analysis: &Analysis) -> String {
    let play = &analysis.play;
    let mut parts = Vec::new();
    if let Some(off) = play.off_branch.as_ref().filter(|off| off.draws > 0) {
        parts.push(format!(
            "not on the principal branch in {} of {} draws",
            number::count(off.draws),
            number::count(off.of)
        ));
    }
    let found = play.others.iter().flat_map(|o| &o.found);
    if let Some(most) = found.map(|p| p.most).max() {
        let equilibria = if most == 1 { "equilibrium" } else { "equilibria" };
        parts.push(format!("{} other {equilibria} found", number::count(most)));
    }
    if parts.is_empty() { String::new() } else { format!("but {}; ", parts.join(", ")) }
}

/// The section of the report; nothing where nothing is to be said.
pub(crate) fn view(analysis: &Analysis) -> Option<Value> {
    let play = &analysis.play;
    let others = play.others.as_ref().filter(|o| !o.found.is_empty());
    if others.is_none() && play.off_branch.is_none() {
        return None;
    }
    let about = lookup::phrase(&analysis.case.about);
    let off = play.off_branch.as_ref().map(|off| {
        context! {
            draws => number::count(off.draws),
            of => number::count(off.of),
            answers => off.answers.iter().map(off_answer).collect::<Vec<_>>(),
            worlds => off.worlds.iter().map(|(w, draws)| context! { world => in_words(w), draws => number::count(*draws) }).collect::<Vec<_>>(),
            parts => off.parts.iter().map(|p| context! { part => p.part.as_str(), draws => number::count(p.draws), of => number::count(p.of) }).collect::<Vec<_>>(),
        }
    });
    let plays = others.map(|o| o.found.iter().map(|p| of_play(p, o.draws)).collect::<Vec<_>>());
    Some(context! {
        about,
        off_branch => off,
        plays,
        draws => others.map(|o| number::count(o.draws)),
        starts => others.map(|o| number::count(o.starts)),
        left_out => others.map(|o| o.left_out),
    })
}

fn off_answer(answer: &OffBranchAnswer) -> Value {
    let shown =
        |i: &counterplay_analysis::Interval| (number::percent(i.mean, i.error), number::percent_range(i));
    let (with, with_range) = shown(&answer.with);
    let (without, without_range) = answer.without.as_ref().map_or(("–".to_owned(), String::new()), shown);
    context! { world => in_words(&answer.world), with, with_range, without, without_range }
}

fn of_play(play: &PlayEquilibria, of: usize) -> Value {
    let worlds: Vec<String> = play.worlds.iter().map(in_words).collect();
    let hidden = play.equilibria.len().saturating_sub(SHOWN);
    context! {
        worlds => worlds.join(", "),
        at_centre => play.at_centre,
        draws => number::count(play.draws),
        of => number::count(of),
        most => number::count(play.most),
        equilibria => play.equilibria.iter().take(SHOWN).map(|e| of_equilibrium(e, of)).collect::<Vec<_>>(),
        hidden,
    }
}

fn of_equilibrium(equilibrium: &OtherEquilibrium, of: usize) -> Value {
    let found = match (equilibrium.at_centre, equilibrium.draws) {
        (true, 0) => "only at the posterior mean".to_owned(),
        (_, draws) => format!("at {} of {} draws", number::count(draws), number::count(of)),
    };
    context! {
        found,
        differences => equilibrium.differences.iter().map(difference).collect::<Vec<_>>(),
        answers => equilibrium.answers.iter().map(answer).collect::<Vec<_>>(),
    }
}

fn difference(difference: &PlayDifference) -> Value {
    let knows: Vec<String> = difference.knows.iter().map(|(e, v)| format!("{e}: {v}")).collect();
    context! {
        player => difference.player.as_str(),
        event => difference.event.as_str(),
        knows => knows.join("; "),
        action => difference.action.as_str(),
        principal => number::percent(difference.principal, 0.0),
        here => number::percent(difference.here, 0.0),
    }
}

fn answer(answer: &EquilibriumAnswer) -> Value {
    let (principal, here) = (&answer.principal, &answer.here);
    context! {
        world => in_words(&answer.world),
        principal => number::percent(principal.mean, principal.error),
        principal_range => number::percent_range(principal),
        here => number::percent(here.mean, here.error),
        here_range => number::percent_range(here),
    }
}

/// A world as the report names it: with quotes, where messages have backticks.
fn in_words(world: &WorldName) -> String {
    match world {
        WorldName::Foreseen => "before anything of the record is known".to_owned(),
        WorldName::WhatIf(name) => format!("under “{name}”"),
        WorldName::Without(name) => format!("without “{name}”"),
        WorldName::AsItWas | WorldName::OtherFactors => world.to_string(),
    }
}
