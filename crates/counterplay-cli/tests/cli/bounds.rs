//! What a scenario cannot do to the one who runs it.

use std::process::Output;
use std::time::{Duration, Instant};

use crate::folder::{Folder, code, errors};

/// Checks a scenario that must be stopped, and soon.
fn stopped(folder: &Folder, arguments: &[&str]) -> (Output, String) {
    let began = Instant::now();
    let ran = folder.run(&[&["check", "case"][..], arguments].concat());
    let (took, said) = (began.elapsed(), errors(&ran));
    assert!(took < Duration::from_secs(5), "took {took:?}: {said}");
    assert_eq!(code(&ran), 1, "{said}");
    (ran, said)
}

const ENDLESS_LOOP: &str = "for i in range(100000):\n    for j in range(100000):\n        pass";

#[test]
fn an_endless_loop_is_stopped_by_its_steps() {
    let (_, said) = stopped(&Folder::with_story("", ENDLESS_LOOP), &[]);
    assert!(said.contains("raise `--max-steps`"), "{said}");
}

#[test]
fn an_endless_loop_is_stopped_by_the_clock() {
    let arguments = ["--max-steps", "1000000000000", "--max-seconds", "1"];
    let (_, said) = stopped(&Folder::with_story("", ENDLESS_LOOP), &arguments);
    assert!(
        said.contains("not read and unfolded in 1 seconds") && said.contains("`--max-seconds`"),
        "{said}"
    );
}

#[test]
fn an_endless_recursion_is_stopped() {
    let (_, said) = stopped(&Folder::with_story("def f(x):\n    return f(x + 1)", "f(0)"), &[]);
    assert!(said.contains("`--max-depth`"), "{said}");
}

#[test]
fn too_many_histories_are_stopped() {
    let play = "for i in range(40):\n    g.choose(\"A\", \"e%d\" % i, [\"a\", \"b\"])";
    let (_, said) = stopped(&Folder::with_story("", play), &["--max-histories", "10000"]);
    assert!(said.contains("raise `--max-histories`"), "{said}");
}

#[test]
fn a_text_that_doubles_is_stopped() {
    let play = "s = \"a\"\nfor i in range(60):\n    s = s + s";
    let (_, said) = stopped(&Folder::with_story("", play), &[]);
    assert!(said.contains("s = s + s"), "{said}");
}

const HOARD: &str = "hoard = []\nfor i in range(90000):\n    hoard.append([i] * 1000)";

#[test]
fn a_hoard_of_values_is_stopped_by_its_memory() {
    let (_, said) = stopped(&Folder::with_story("", HOARD), &["--max-memory", "20MB"]);
    assert!(said.contains("raise `--max-memory`"), "{said}");
}

#[cfg(unix)]
#[test]
fn what_the_library_does_not_stop_ends_the_child_and_not_the_user() {
    let arguments = ["--max-memory", "100GB", "--max-process-memory", "100MB"];
    let (_, said) = stopped(&Folder::with_story("", HOARD), &arguments);
    assert!(said.starts_with("error: "), "{said}");
}
