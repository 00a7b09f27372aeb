//! What a reader must know of the equilibrium that the answers are of.

use counterplay_analysis::{
    Analysis, EquilibriumAnswer, OffBranch, OtherEquilibria, OtherEquilibrium, PlayEquilibria, Warning,
    WarningKind, WorldName,
};

/// Answers that differ by less than this are the same to a reader.
const SAME_ANSWER: f64 = 0.01;
/// At most this many worlds are told with the answer on another equilibrium, and this many by their names alone.
const TOLD: usize = 2;
const NAMED: usize = 4;

/// The warnings about draws that are not on the principal branch, and about other equilibria.
pub(crate) fn which_equilibrium(analysis: &Analysis) -> Vec<Warning> {
    let about = format!("`{}: {}`", analysis.case.about.outcome, analysis.case.about.value);
    let off_branch = analysis
        .play
        .off_branch
        .as_ref()
        .map(|off| Warning { kind: WarningKind::Equilibrium, message: off_the_branch(off, &about) });
    let others =
        analysis.play.others.as_ref().filter(|o| !o.found.is_empty()).map(|others| Warning {
            kind: WarningKind::OtherEquilibria,
            message: others_found(others, &about),
        });
    off_branch.into_iter().chain(others).collect()
}

fn off_the_branch(off: &OffBranch, about: &str) -> String {
    let mut parts = Vec::new();
    if off.draws > 0 {
        let worlds: Vec<String> = off.worlds.iter().map(|(w, draws)| format!("{w} in {draws}")).collect();
        parts.push(format!(
            "in {} of {} draws play is not on the principal branch, which could not be followed to the full precision there \
             ({}); another equilibrium takes its place",
            off.draws,
            off.of,
            listed(&worlds, NAMED)
        ));
    }
    let elsewhere: Vec<String> =
        off.parts.iter().map(|p| format!("{} of {} draws of {}", p.draws, p.of, p.part)).collect();
    if !elsewhere.is_empty() {
        let also = if off.draws > 0 { "so it is" } else { "play is not on the principal branch" };
        parts.push(format!("{also} in {}", listed(&elsewhere, NAMED)));
    }
    let moved: Vec<String> = off
        .answers
        .iter()
        .filter_map(|a| {
            let world = &a.world;
            match &a.without {
                Some(without) if (without.mean - a.with.mean).abs() < SAME_ANSWER => None,
                Some(without) => {
                    Some(format!("{} instead of {} {world}", percent(without.mean), percent(a.with.mean)))
                }
                None => Some(format!("unknown {world}, where no draw is left")),
            }
        })
        .collect();
    if !moved.is_empty() {
        parts.push(format!("without these draws {about} is {}", listed(&moved, NAMED)));
    } else if off.draws > 0 {
        parts.push("without these draws no answer differs by a point".to_owned());
    }
    parts.push("a lower precision, or a narrower prior for it, keeps play on the branch".to_owned());
    parts.join("; ")
}

fn others_found(others: &OtherEquilibria, about: &str) -> String {
    let mut plays: Vec<&PlayEquilibria> = others.found.iter().collect();
    // Sorting keeps the order of the worlds among those that move answers alike.
    plays.sort_by(|a, b| b.largest_change().total_cmp(&a.largest_change()));
    let places: Vec<String> = plays.iter().map(|p| place(p, others.draws)).collect();
    let opening = format!("there are other equilibria {}", listed(&places, NAMED));
    let told: Vec<String> = plays.iter().filter_map(|p| told(p, about)).take(TOLD).collect();
    if told.is_empty() {
        return format!(
            "{opening}; on none of them does an answer differ by more than a point, so that nothing needs to be done"
        );
    }
    format!(
        "{opening}: {}. The answers are those of the principal branch: put into the story what would select another (an \
         order of moves, a signal, a commitment), or report the answers on both",
        told.join("; ")
    )
}

/// The worlds of a play, and where its others were found.
fn place(play: &PlayEquilibria, of: usize) -> String {
    let worlds: Vec<String> = play.worlds.iter().map(ToString::to_string).collect();
    let worlds = listed(&worlds, NAMED);
    match play.draws {
        0 => format!("{worlds} (at the posterior mean)"),
        draws => format!("{worlds} (at {draws} of {of} draws searched)"),
    }
}

/// The other equilibrium of a play that moves an answer most, with that answer.
fn told(play: &PlayEquilibria, about: &str) -> Option<String> {
    let first: &OtherEquilibrium = play.equilibria.first()?;
    let (answer, moved) = first.most_moved()?;
    if moved < SAME_ANSWER {
        return None;
    }
    Some(format!("{}{}", where_played(first), answered(answer, about)))
}

fn where_played(equilibrium: &OtherEquilibrium) -> String {
    equilibrium.differences.first().map_or_else(String::new, |d| {
        let known: Vec<String> = d.knows.iter().map(|(e, v)| format!("{e}: {v}")).collect();
        let known = if known.is_empty() { String::new() } else { format!(" ({})", listed(&known, 2)) };
        format!(
            "where {} chooses `{}` at `{}`{known} with {} instead of {}, ",
            d.player,
            d.action,
            d.event,
            percent(d.here),
            percent(d.principal)
        )
    })
}

fn answered(answer: &EquilibriumAnswer, about: &str) -> String {
    let world = match &answer.world {
        WorldName::Foreseen => "before anything of the record is known".to_owned(),
        other => other.to_string(),
    };
    format!("{about} is {} instead of {} {world}", percent(answer.here.mean), percent(answer.principal.mean))
}

/// `a`, `a and b`, `a, b and 3 more`.
fn listed(all: &[String], most: usize) -> String {
    match all {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] if all.len() <= most => format!("{} and {last}", first.join(", ")),
        _ => format!("{} and {} more", all[..most].join(", "), all.len() - most),
    }
}

/// A probability without decimals; nothing but 0 and 1 is 0% or 100%.
fn percent(probability: f64) -> String {
    match 100.0 * probability {
        p if p > 0.0 && p < 0.5 => "<1%".to_owned(),
        p if p < 100.0 && p > 99.5 => ">99%".to_owned(),
        p => format!("{p:.0}%"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_cut_and_say_by_how_much() {
        let all = ["a", "b", "c", "d"].map(str::to_owned);
        assert_eq!(listed(&all[..1], 2), "a");
        assert_eq!(listed(&all[..2], 2), "a and b");
        assert_eq!(listed(&all, 2), "a, b and 2 more");
    }

    #[test]
    fn only_what_is_sure_is_told_as_sure() {
        let told = [0.0, 1e-9, 0.27, 0.9999, 1.0].map(percent);
        assert_eq!(told, ["0%", "<1%", "27%", ">99%", "100%"]);
    }
}
