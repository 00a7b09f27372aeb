//! The limit of the principal branch of every game file in a folder, and whether it holds up:
//!
//! `cargo run --release -p counterplay-equilibrium --example limits -- FOLDER [--sweeps N] [--highest N]`
//!
//! For each file: its size, how the trace ended and where, the largest gain of any player from deviating by the
//! independent certification, and the folds and crossings that the reference tracer of the tests meets on the same way where the game
//! is small enough for it, up to where the precision times the range of payoffs is `--highest` (2,000). The last lines count what ended how.
#![allow(
    dead_code,
    clippy::large_types_passed_by_value,
    clippy::needless_range_loop,
    clippy::neg_cmp_op_on_partial_ord,
    clippy::too_many_lines,
    clippy::type_complexity,
    reason = "a reference is written to be read beside the formulas, and where a NaN must not pass; two programs share its files"
)]
#![allow(missing_docs)]

#[path = "../tests/branch/catalog.rs"]
mod catalog;
#[path = "../tests/branch/families.rs"]
mod families;
#[path = "../tests/branch/random.rs"]
mod random;
#[path = "../tests/branch/reference/mod.rs"]
mod reference;
#[path = "../tests/branch/subject.rs"]
mod subject;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use counterplay_equilibrium::logit::trace::{Trace, TraceEnd, TraceSettings};
use counterplay_equilibrium::logit::{Settings, Solver};
use counterplay_equilibrium::referee::certify::certify;

use reference::tracer::{Fineness, Traced, trace};
use subject::Subject;

/// The most unknowns of a game that the reference follows.
const LARGEST: usize = 40;

fn traced(subject: &Subject, max_sweeps: usize) -> Trace {
    let settings = Settings { max_sweeps, ..Settings::default() };
    let precisions = vec![1.0; subject.game.players().len()];
    Solver::new(&subject.game, settings).trace(
        &subject.numbers,
        &precisions,
        &TraceSettings::default(),
        &mut |_| false,
    )
}

/// What the reference meets on the way to the precision at which the trace ended, or as far as it follows.
fn by_reference(subject: &Subject, end: f64, highest: f64) -> Option<(Traced, f64)> {
    let to = end.min(highest * subject.system.unit());
    let small = subject.system.unknowns() <= LARGEST && to > 0.0;
    small.then(|| (trace(&*subject.system, &[to], &Fineness::default()), to))
}

fn kind(found: &Trace) -> String {
    let end = format!("{:?}", found.end);
    if found.leaps.is_empty() { end } else { format!("{end} after leaps") }
}

/// What the reference met; and whether a trace that ended early did so on a branch that is smooth there.
fn against(subject: &Subject, found: &Trace, path: &Traced, to: f64) -> String {
    let mut text =
        format!("reference to {to:.6e}: folds {:.4?}, crossings {:.4?}", path.folds, path.crossings);
    match path.answers.first() {
        Some(answer) if to == found.last.precision => {
            let difference = subject.difference(&answer.play, &found.last.play);
            write!(text, ", differs by {difference:.2e}").expect("a string takes it");
        }
        Some(_) => {}
        None => write!(text, ", {:?}", path.failure).expect("a string takes it"),
    }
    let early = !matches!(found.end, TraceEnd::Limit) || !found.leaps.is_empty();
    if early && path.crossings.is_empty() {
        text += " SMOOTH BUT ENDED EARLY";
    }
    text
}

fn line(subject: &Subject, found: &Trace, highest: f64) -> String {
    let precisions = vec![f64::INFINITY; subject.game.players().len()];
    let certified = certify(&subject.game, &subject.numbers, &precisions, &found.last.play);
    let certified =
        format!("certified regret {:.2e}, off the path {:.2e}", certified.regret, certified.regret_off_path);
    let near = match by_reference(subject, found.last.precision, highest) {
        None => "reference: too large".to_owned(),
        Some((path, to)) => against(subject, found, &path, to),
    };
    format!(
        "{:?} at {:.6e} leaps {:?} crossings {:?} | regret {:.2e}, {certified} | {near}",
        found.end, found.last.precision, found.leaps, found.crossings, found.last.regret
    )
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let folder = words.first().expect("a folder");
    let after = |option: &str| words.iter().position(|w| w == option).and_then(|k| words.get(k + 1));
    let sweeps = after("--sweeps").map_or(1_000_000, |n| n.parse().expect("a number"));
    let highest = after("--highest").map_or(2e3, |n| n.parse().expect("a number"));
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for path in catalog::files(Path::new(folder)) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let outcome = match catalog::read(&path) {
            Err(why) => {
                println!("{name}: not read: {why}");
                "not read".to_owned()
            }
            Ok(subject) if subject.game.action_count() == 0 => {
                println!("{name}: no decisions");
                "no decisions".to_owned()
            }
            Ok(subject) => {
                let start = std::time::Instant::now();
                let found = traced(&subject, sweeps);
                let seconds = start.elapsed().as_secs_f64();
                let size = (subject.game.action_count(), subject.system.unknowns());
                println!("{name} {size:?} {seconds:.1} s: {}", line(&subject, &found, highest));
                kind(&found)
            }
        };
        *counts.entry(outcome).or_default() += 1;
    }
    for (outcome, count) in counts {
        println!("{count:4} {outcome}");
    }
}
