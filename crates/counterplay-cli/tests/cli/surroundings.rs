//! The terminal, pipes, signals and wrong input.

use std::io::Read;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::folder::{Folder, code, errors, text};

#[test]
fn nothing_is_overwritten_by_new() {
    let folder = Folder::with_new_case();
    folder.write("my-case/scenario.star", "mine");
    let again = folder.run(&["new", "my-case"]);
    assert_eq!(code(&again), 1);
    assert!(errors(&again).contains("there is already something at `my-case`"), "{}", errors(&again));
    assert_eq!(folder.read("my-case/scenario.star"), "mine");
}

#[test]
fn wrong_input_is_named_and_ends_with_code_one() {
    let folder = Folder::with_new_case();
    folder.write("latin/scenario.star", "");
    std::fs::write(folder.path("latin/scenario.star"), b"# fine\nx = \"\xe9\"\n").expect("a file");
    folder.write("notes.txt", "");
    for (arguments, said) in [
        (&["check", "nothing"][..], "there is nothing at `nothing`"),
        (&["check", "."], "the folder `.` has no `scenario.star`"),
        (&["check", "notes.txt"], "`notes.txt` is not a scenario"),
        (&["check", "latin"], "is not UTF-8 text: line 2"),
        (&["run", "my-case", "--seed", "x"], "invalid value 'x' for '--seed <N>'"),
        (&["run", "my-case", "--threads", "0"], "invalid value '0' for '--threads <N>'"),
        (&["run", "my-case", "--expected", "none.toml"], "the pinned answers `none.toml` cannot be read"),
        (&["solve", "my-case", "--at", "precison=2"], "did you mean `precision`?"),
        (&["draw", "my-case", "--min-probability", "2"], "a probability is a number between 0 and 1"),
        (&["ask", "my-case", "set(cst, 1)"], "question:1:5"),
        (&["ask", "my-case", "do({\"answr\": \"yield\"})"], "did you mean `answer`?"),
        (&["frobnicate"], "unrecognized subcommand 'frobnicate'"),
    ] {
        let ran = folder.run(arguments);
        assert_eq!(code(&ran), 1, "{arguments:?}: {}", errors(&ran));
        assert!(errors(&ran).contains(said), "{arguments:?}: {}", errors(&ran));
        assert_eq!(text(&ran.stdout), "", "{arguments:?}");
    }
}

#[test]
fn a_single_file_is_a_scenario_too() {
    let folder = Folder::with_story("", "");
    folder.write("loose.star", &folder.read("case/scenario.star"));
    let ran = folder.run(&["run", "loose.star", "--quiet"]);
    assert!(folder.path("loose.html").is_file(), "{}", errors(&ran));
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    let folder = Folder::with_new_case();
    let mut ran = folder.command(&["run", "my-case", "--json"]).spawn().expect("the program runs");
    let mut first = [0];
    ran.stdout.take().expect("a pipe").read_exact(&mut first).expect("the first byte");
    let ended = ran.wait_with_output().expect("an end");
    assert_eq!((code(&ended), errors(&ended).as_str()), (0, ""));
}

#[cfg(unix)]
#[test]
fn closed_streams_are_no_failure() {
    let folder = Folder::with_new_case();
    let program = env!("CARGO_BIN_EXE_counterplay");
    let script = format!("exec '{program}' run my-case <&- >&-");
    let ran =
        Command::new("sh").args(["-c", &script]).current_dir(folder.path(".")).output().expect("a shell");
    assert_eq!(code(&ran), 0, "{}", errors(&ran));
    assert!(folder.path("my-case.html").is_file());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told() {
    let folder = Folder::with_new_case();
    let full = std::fs::File::create("/dev/full").expect("the full device");
    let mut command = folder.command(&["draw", "my-case"]);
    let ran = command.stdout(Stdio::from(full)).output().expect("the program runs");
    assert_eq!(code(&ran), 1);
    assert!(errors(&ran).contains("the output could not be written"), "{}", errors(&ran));
}

/// Long work, and a signal to it once it has begun. How it ended, and what it said.
#[cfg(unix)]
fn signalled(signal: &str, times: usize) -> (std::process::ExitStatus, String) {
    let folder = Folder::with_new_case();
    let long = ["run", "my-case", "--draws", "1000000"];
    let ran = folder.command(&long).spawn().expect("the program runs");
    sleep(Duration::from_millis(1500));
    for _ in 0..times {
        let sent = Command::new("kill").args([signal, &ran.id().to_string()]).status().expect("kill");
        assert!(sent.success());
        sleep(Duration::from_millis(100));
    }
    let began = Instant::now();
    let ended = ran.wait_with_output().expect("an end");
    assert!(began.elapsed() < Duration::from_secs(5), "it went on for {:?}", began.elapsed());
    assert!(!folder.path("my-case.html").exists());
    (ended.status, errors(&ended))
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_cleanly_and_says_what_was_kept() {
    let (status, said) = signalled("-INT", 1);
    assert_eq!(status.code(), Some(130), "{said}");
    assert!(said.contains("stopped: nothing was written"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_second_ctrl_c_ends_it_at_once() {
    let (status, said) = signalled("-INT", 2);
    assert_eq!(status.code(), Some(130), "{said}");
}

#[cfg(unix)]
#[test]
fn when_the_parent_is_killed_the_child_does_not_live_on() {
    // The pipe to the child's output closes only once the child is gone, so that waiting for its end shows it.
    let (status, _) = signalled("-KILL", 1);
    assert_eq!(status.code(), None);
}

#[test]
fn completions_and_manual_pages_are_made() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let made = folder.run(&["completions", shell]);
        assert!(code(&made) == 0 && text(&made.stdout).contains("counterplay"), "{shell}");
    }
    let page = folder.run(&["man"]);
    assert!(text(&page.stdout).contains(".TH counterplay 1"), "{}", text(&page.stdout));
    folder.write("pages/empty", "");
    assert_eq!(code(&folder.run(&["man", "pages"])), 0);
    assert!(folder.path("pages/counterplay-run.1").is_file());
    assert_eq!(code(&folder.run(&["man", "missing"])), 1);
}
