//! Compares the answers of analyses of random stories with a reference tracer that shares nothing with the solver:
//!
//! `cargo run --release -p counterplay --example principal_branch_stories -- [--seed N] [--step N] [--points N] [--failures FOLDER]`
//!
//! `--points` is the number of draws from the posterior of the Hanoi summit (1,000 if nothing is said, fewer by `--step`), one in fifty
//! of which is followed by the reference as well, at seconds to a minute each. Writes rows of a table to the terminal, and with
//! `--failures` each story that differs to a folder, with what is right.
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

#[path = "../tests/branch/hanoi.rs"]
mod hanoi;
#[path = "../tests/branch/judge.rs"]
mod judge;
#[path = "../tests/branch/large.rs"]
mod large;
#[path = "../../counterplay-equilibrium/tests/branch/random.rs"]
mod random;
#[path = "../../counterplay-equilibrium/tests/branch/reference/mod.rs"]
mod reference;
#[path = "../tests/branch/stories.rs"]
mod stories;
#[path = "../tests/branch/table.rs"]
mod table;

use std::path::{Path, PathBuf};

/// How many draws one is taken of for the reference.
const ONE_IN: usize = 50;

fn main() {
    let (mut seed, mut step, mut points, mut failures) = (1, 1, None, None::<PathBuf>);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let value = words.next().expect("a value after the option");
        match word.as_str() {
            "--seed" => seed = value.parse().expect("a seed"),
            "--step" => step = value.parse().expect("a number"),
            "--points" => points = Some(value.parse().expect("a number")),
            "--failures" => failures = Some(value.into()),
            _ => panic!("`{word}` is no option"),
        }
    }
    if let Some(folder) = &failures {
        std::fs::create_dir_all(folder).expect("it can be made");
    }
    let row = table::run(seed, step, &mut |number, story, what| {
        if let Some(folder) = &failures {
            let file = folder.join(format!("story-{number}"));
            std::fs::write(file.with_extension("star"), story.text()).expect("it can be written");
            std::fs::write(file.with_extension("right"), what).expect("it can be written");
        }
    });
    println!("{}", row.line());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/hanoi-2019");
    let case = hanoi::Case::read(&folder);
    let points = case.posterior_points(seed, points.unwrap_or(1_000 / step));
    let report = &mut |what: &str| eprintln!("{what}");
    let arcs = case.against_arcs(&points, report);
    println!("{}", arcs.line("the Hanoi summit: draws from its posterior, against arcs alone"));
    let by_reference = case.against_reference(points.iter().step_by(ONE_IN), report);
    println!("{}", by_reference.line("some of these, against the reference"));
    if arcs.differ + by_reference.differ + row.differ > 0 {
        std::process::exit(1);
    }
}
