//! The play behind every answer is on the principal branch: analyses of random stories against a reference tracer that shares
//! nothing with the solver.
//!
//! A twentieth of the stories is told here; `scripts/prove-branch` tells all of them.
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

mod hanoi;
mod judge;
mod large;
#[path = "../../../counterplay-equilibrium/tests/branch/random.rs"]
mod random;
#[path = "../../../counterplay-equilibrium/tests/branch/reference/mod.rs"]
mod reference;
mod stories;
mod table;

#[test]
fn what_ifs_sweeps_and_factors_of_random_stories_are_answered_on_the_principal_branch() {
    let mut wrong = Vec::new();
    let row = table::run(1, 20, &mut |number, story, what| {
        wrong.push(format!("story {number}:\n{}\n{what}", story.text()));
    });
    assert!(wrong.is_empty(), "{}\n{}", row.line(), wrong.join("\n"));
}

#[test]
fn play_of_the_hanoi_summit_at_draws_from_its_prior_is_on_the_principal_branch() {
    let mut wrong = Vec::new();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/hanoi-2019");
    let case = hanoi::Case::read(&folder);
    let points = case.prior_points(12);
    let arcs = case.against_arcs(&points, &mut |what| wrong.push(what.to_owned()));
    assert!(wrong.is_empty() && arcs.points == 12, "{}", wrong.join("\n"));
    let reference = case.against_reference(points.iter().take(1), &mut |what| wrong.push(what.to_owned()));
    assert!(wrong.is_empty() && reference.no_reference == 0, "{}", wrong.join("\n"));
}

#[test]
fn the_reference_for_large_games_is_the_dense_one_in_small_games() {
    use reference::System as _;
    use reference::tracer::{Fineness, trace};
    for number in 0..60 {
        let story = stories::Story::random(number, 5);
        let tree = story.tree(story.parameter);
        let precisions = vec![story.precision; 3];
        let dense = trace(&tree, &[story.precision], &Fineness::default());
        let Some(right) = dense.answers.first() else { panic!("story {number} has no reference") };
        // The dense one goes round folds and over crossings.
        let Ok(found) = large::Large::new(&tree, &precisions).follow(large::Large::longest()) else {
            assert!(right.folds + right.crossings > 0, "story {number}, {} unknowns", tree.unknowns());
            continue;
        };
        let difference = found.iter().zip(&right.play).map(|(p, q)| (p - q).abs()).fold(0.0, f64::max);
        assert!(difference < 1e-7, "story {number}: {difference}");
    }
}
