//! What was found, for the terminal.

use std::fmt::Write;

use counterplay_collective::spatial::centre::Median;
use counterplay_collective::spatial::expected_utility::Outlook;
use counterplay_collective::spatial::rounds::{BargainingPath, Kind, Move, Stop};

use super::{Findings, LEVELS, Model, Runs, Spatial};
use crate::actors_file::{ActorsFile, Layout};
use crate::columns::aligned;

/// This many rounds fit into the width of a page.
const MOST_SHOWN: usize = 9;
/// This many moves are listed.
const MOST_MOVES: usize = 20;

pub(super) fn told(asked: &Spatial, file: &ActorsFile, found: &Findings) -> String {
    let mut text = heading(asked, file);
    // One course for all dimensions together is told about after them.
    let together = found.courses.len() < file.dimensions.len();
    for (d, name) in file.dimensions.iter().enumerate() {
        let course = found.course(d);
        let _ = writeln!(text, "\n{name}");
        text += &positions(file, d, course, found.outlooks.get(d));
        text += &found.outlooks.get(d).map_or_else(String::new, |outlook| expected(file, outlook));
        if let Some((course, _)) = course.filter(|_| !together) {
            text += &ended(file, course);
            text += &read_otherwise(found, d);
        }
        if let Some(runs) = &found.runs {
            text += &spread_out(asked.model, runs, d);
        }
    }
    if let Some(course) = found.courses.first().filter(|_| together) {
        text += &ended(file, course);
    }
    if let Some(runs) = &found.runs {
        text += &drawn(asked, runs);
    }
    text
}

fn heading(asked: &Spatial, file: &ActorsFile) -> String {
    let mut text = file.title.as_ref().map_or_else(String::new, |title| format!("{title}\n"));
    let layout = match file.layout {
        Layout::Ktab => "KTAB's layout",
        Layout::Scholz => "one line for each actor",
    };
    let unit = if file.percent { "percent" } else { "shares" };
    let count = file.dimensions.len();
    let dimensions = if count == 1 { "1 dimension".to_owned() } else { format!("{count} dimensions") };
    let _ = writeln!(text, "{} actors, {dimensions}; {layout}, salience in {unit}", file.names.len());
    let _ = write!(text, "Model: {}", asked.model.name());
    if asked.model.by_luck(&asked.smp) {
        let _ = write!(text, "; bargains drawn from seed {}", asked.seed);
    }
    text + "\n"
}

/// The expected utilities of up to this many actors make a table that can be read.
const MOST_EXPECTING: usize = 8;

/// What each actor expects to gain from challenging each other, at the positions as stated.
fn expected(file: &ActorsFile, outlook: &Outlook) -> String {
    if file.names.len() > MOST_EXPECTING {
        return "\n  What each expects from challenging each other at first: see `--json`\n".to_owned();
    }
    let mut rows = vec![vec!["Expects at first from".to_owned()]];
    rows[0].extend(file.names.iter().cloned());
    for (i, (name, own)) in file.names.iter().zip(&outlook.expected_utility).enumerate() {
        let mut row = vec![name.clone()];
        row.extend(own.iter().enumerate().map(|(j, x)| if i == j { String::new() } else { plain(*x) }));
        rows.push(row);
    }
    "\n".to_owned() + &indented(&aligned(&rows))
}

/// A table of the positions of all actors in one dimension, with the mean and the median.
fn positions(
    file: &ActorsFile,
    d: usize,
    course: Option<(&BargainingPath, usize)>,
    outlook: Option<&Outlook>,
) -> String {
    let rounds = course.map_or(1, |(course, _)| course.rounds.len());
    let shown = shown(rounds);
    let mut head = vec!["Actor".to_owned(), "capability".to_owned(), "salience".to_owned()];
    head.extend(outlook.map(|_| "risk".to_owned()));
    let before = head.len();
    head.extend(shown.iter().map(|at| match at {
        None => "...".to_owned(),
        Some(0) => "stated".to_owned(),
        Some(round) => format!("round {round}"),
    }));
    if course.is_some_and(|(course, _)| course.last().win_probability.is_some()) {
        head.push("wins".to_owned());
    }
    let mut rows = vec![head];
    for (at, (name, actor)) in file.names.iter().zip(file.actors.list()).enumerate() {
        let unit = if file.percent { 100.0 } else { 1.0 };
        let mut row = vec![name.clone(), plain(actor.capability), plain(actor.salience[d] * unit)];
        row.extend(outlook.map(|outlook| plain(outlook.risk_exponents[at])));
        row.extend(shown.iter().map(|round| {
            round.map_or_else(String::new, |round| {
                let place =
                    course.map_or(actor.position[d], |(course, own)| course.rounds[round].positions[at][own]);
                plain(place)
            })
        }));
        if let Some(wins) = course.and_then(|(course, _)| course.last().win_probability.as_ref()) {
            row.push(format!("{:.3}", wins[at]));
        }
        rows.push(row);
    }
    let width = rows[0].len();
    let mut centre = |name: &str, of: &dyn Fn(usize) -> String| {
        let mut row = vec![String::new(); before];
        name.clone_into(&mut row[0]);
        row.extend(shown.iter().map(|round| round.map_or_else(String::new, of)));
        row.resize(width, String::new());
        rows.push(row);
    };
    let (mean, median) = (file.actors.mean()[d], file.actors.median()[d]);
    centre("Weighted mean", &|round| plain(course.map_or(mean, |(c, own)| c.rounds[round].mean[own])));
    centre("Weighted median", &|round| {
        interval(course.map_or(median, |(c, own)| c.rounds[round].median[own]))
    });
    indented(&aligned(&rows))
}

/// The rounds that are shown: all, or the first and the last ones with a gap.
fn shown(rounds: usize) -> Vec<Option<usize>> {
    if rounds <= MOST_SHOWN {
        return (0..rounds).map(Some).collect();
    }
    let first = (0..5).map(Some);
    first.chain([None]).chain((rounds - 3..rounds).map(Some)).collect()
}

fn interval(median: Median) -> String {
    if median.low == median.high {
        plain(median.low)
    } else {
        format!("{} to {}", plain(median.low), plain(median.high))
    }
}

/// A number with at most two decimals, or three digits if it is small or very large.
fn plain(value: f64) -> String {
    if value != 0.0 && !(0.01..1e9).contains(&value.abs()) {
        return crate::number::short(value);
    }
    let text = counterplay_report::number::decimals(value, 2);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn indented(text: &str) -> String {
    text.lines().fold(String::new(), |all, line| all + "  " + line.trim_end() + "\n")
}

/// The moves of a course, and how it ended.
fn ended(file: &ActorsFile, course: &BargainingPath) -> String {
    let moves =
        course.rounds.iter().enumerate().flat_map(|(round, r)| r.moves.iter().map(move |m| (round, m)));
    let mut text = if moves.clone().next().is_some() { "\n".to_owned() } else { String::new() };
    for (round, one) in moves.clone().take(MOST_MOVES) {
        let _ = writeln!(text, "  round {round}: {}", moved(file, one));
    }
    let more = moves.count().saturating_sub(MOST_MOVES);
    if more > 0 {
        let _ = writeln!(text, "  and {more} more moves: see `--json`");
    }
    let rounds = course.rounds.len() - 1;
    let _ = match course.stop {
        Stop::Settled => writeln!(text, "  Settled after {}.", counted(rounds)),
        Stop::Cycle { since, length } => writeln!(
            text,
            "  Not settled: round {rounds} is round {since} again, and so on in a circle of {}.",
            counted(length)
        ),
        Stop::OutOfRounds { change } => writeln!(
            text,
            "  Not settled after {}: somebody still moved by {}. `--rounds` allows for more.",
            counted(rounds),
            crate::number::short(change)
        ),
    };
    text
}

/// Where the other readings of the model end.
fn read_otherwise(found: &Findings, d: usize) -> String {
    let Some(readings) = found.readings.get(d) else { return String::new() };
    let ends: Vec<f64> = readings.iter().map(|reading| reading.median.middle()).collect();
    let (low, high) = (
        ends.iter().copied().fold(f64::INFINITY, f64::min),
        ends.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    );
    let settled = readings.iter().filter(|reading| reading.settled).count();
    format!(
        "  Published accounts of the model differ. In {} readings of it (success, attend, stalemate 1 or 0.5)\n  \
         the last median lies between {} and {}; {settled} of them settle.\n",
        readings.len(),
        plain(low),
        plain(high)
    )
}

fn counted(rounds: usize) -> String {
    if rounds == 1 { "1 round".to_owned() } else { format!("{rounds} rounds") }
}

fn moved(file: &ActorsFile, one: &Move) -> String {
    let (actor, other) = (&file.names[one.actor], &file.names[one.other]);
    match one.kind {
        Kind::Confrontation => format!("{actor} lost a confrontation with {other}"),
        Kind::Compromise => format!("{actor} compromised with {other}"),
        Kind::Capitulation => format!("{actor} gave in to {other}"),
        Kind::Bargain => format!("{actor} made a bargain with {other}"),
    }
}

/// The quantiles of the outcome in one dimension, by round.
fn spread_out(model: Model, runs: &Runs, d: usize) -> String {
    let (what, all) = match model {
        Model::Eum | Model::Median => ("median", &runs.median[d]),
        Model::Smp | Model::Mean => ("mean", &runs.mean[d]),
    };
    let mut rows = vec![vec![format!("Weighted {what}")]];
    rows[0].extend(LEVELS.iter().map(|level| format!("{:.0}%", 100.0 * level)));
    for round in shown(all.len()) {
        let mut row = match round {
            None => vec!["...".to_owned()],
            Some(0) => vec!["as drawn".to_owned()],
            Some(round) => vec![format!("round {round}")],
        };
        row.extend(round.map_or_else(
            || vec![String::new(); LEVELS.len()],
            |r| all[r].iter().map(|x| plain(*x)).collect(),
        ));
        rows.push(row);
    }
    format!("\n{}", indented(&aligned(&rows)))
}

fn drawn(asked: &Spatial, runs: &Runs) -> String {
    let spread = &runs.spread;
    let mut text = format!(
        "\n{} runs from seed {}, inputs drawn around what is stated: position {}, salience {}, capability {}\n",
        runs.count, asked.seed, spread.position, spread.salience, spread.capability
    );
    let [settled, cycles, out] = runs.stops;
    let courses = settled + cycles + out;
    if courses > 0 {
        let _ = writeln!(
            text,
            "Of {courses} courses {settled} settled, {cycles} went in a circle, {out} ran out of rounds"
        );
    }
    text
}
