//! Compares the solver with a reference tracer that shares nothing with it, over families of random games:
//!
//! `cargo run --release -p counterplay-equilibrium --example principal_branch -- [FAMILY..] [--seed N] [--step N] [--failures FOLDER]`
//!
//! Writes a table to the terminal, and with `--failures` each game that differs to a folder, with the play that is right.
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
#[path = "../tests/branch/judge.rs"]
mod judge;
#[path = "../tests/branch/processes.rs"]
mod processes;
#[path = "../tests/branch/random.rs"]
mod random;
#[path = "../tests/branch/reference/mod.rs"]
mod reference;
#[path = "../tests/branch/subject.rs"]
mod subject;
#[path = "../tests/branch/table.rs"]
mod table;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use judge::Verdict;
use table::{FAMILIES, Judged, run, table};

struct Options {
    families: Vec<String>,
    seed: u64,
    step: usize,
    failures: Option<PathBuf>,
}

fn options() -> Options {
    let mut options = Options { families: Vec::new(), seed: 1, step: 1, failures: None };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().expect("a value after the option");
        match word.as_str() {
            "--seed" => options.seed = value().parse().expect("a seed"),
            "--step" => options.step = value().parse().expect("a number"),
            "--failures" => options.failures = Some(value().into()),
            _ => options.families.push(word),
        }
    }
    options
}

/// Writes a game on which the two differ, and what is right.
fn keep(folder: &Path, judged: &Judged) {
    let mut notes = String::new();
    for finding in &judged.findings {
        let what = match &finding.verdict {
            Verdict::Agrees => continue,
            Verdict::Differs(by) => format!("differs by {by:.3e}"),
            Verdict::NotSolved(status) => format!("not solved: {status}"),
            Verdict::NoReference(why) => format!("no reference: {why}"),
        };
        let past = match (finding.past_crossing, finding.past_fold) {
            (true, _) => ", past a crossing",
            (false, true) => ", past a fold",
            (false, false) => "",
        };
        writeln!(notes, "{} at precision {:?}{past}: {what}", finding.method, finding.precision)
            .expect("a string takes it");
        writeln!(notes, "  right: {:?}", finding.right).expect("a string takes it");
    }
    if notes.is_empty() {
        return;
    }
    let (text, extension) = &judged.text;
    std::fs::write(folder.join(format!("{}.{extension}", judged.name)), text).expect("it can be written");
    std::fs::write(folder.join(format!("{}.right", judged.name)), notes).expect("it can be written");
}

fn main() {
    let options = options();
    if let Some(folder) = &options.failures {
        std::fs::create_dir_all(folder).expect("it can be made");
    }
    let wanted =
        |name: &str| options.families.is_empty() || options.families.iter().any(|f| name.starts_with(f));
    let mut rows = Vec::new();
    for family in FAMILIES.iter().filter(|f| wanted(f.name)) {
        let start = std::time::Instant::now();
        let report = |judged: &Judged| {
            if let Some(folder) = &options.failures {
                keep(folder, judged);
            }
        };
        rows.push(run(family, options.seed, options.step, &report));
        eprintln!("{}: {:.0} s", family.name, start.elapsed().as_secs_f64());
    }
    println!("{}", table(&rows));
    if rows.iter().any(|row| row.differ + row.differ_past_crossings > 0) {
        std::process::exit(1);
    }
}
