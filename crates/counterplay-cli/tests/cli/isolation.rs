//! What the process that does the work cannot reach, on systems that can keep it from it.

use crate::folder::{Folder, code, errors, text};

/// Whether the system keeps a process to its files, as `--version` tells.
fn files_are_kept() -> bool {
    let ran = Folder::new().run(&["--version"]);
    assert_eq!(code(&ran), 0, "{}", errors(&ran));
    let told = text(&ran.stdout);
    assert!(told.starts_with("counterplay ") && told.contains("files "), "{told}");
    told.contains("only those it is given (Landlock)")
}

#[test]
fn a_short_version_is_one_line() {
    let ran = Folder::new().run(&["-V"]);
    assert_eq!(text(&ran.stdout).lines().count(), 1);
}

#[test]
fn results_and_what_is_kept_are_written_all_the_same() {
    let folder = Folder::with_new_case();
    folder.write("out/empty", "");
    let cache = folder.path("cache");
    let run = |arguments: &[&str]| {
        let mut command = folder.command(arguments);
        command.env("XDG_CACHE_HOME", &cache).output().expect("the program runs")
    };
    let outputs = ["--out", "out", "--json=a.json", "--extract", "out/b.json", "--tables", "new/tables"];
    let ran = run(&[&["run", "my-case", "--quick"][..], &outputs].concat());
    assert!([0, 2].contains(&code(&ran)), "{}", errors(&ran));
    for file in ["out/my-case.html", "a.json", "out/b.json", "new/tables/dictionary.csv"] {
        assert!(folder.path(file).is_file(), "{file}: {}", errors(&ran));
    }
    assert!(std::fs::read_dir(cache.join("counterplay")).expect("a cache").count() > 0);
    let ran = run(&["run", "my-case", "--quick", "--no-report", "--json=/dev/stdout"]);
    assert!(text(&ran.stdout).contains("schema_version"), "{}", errors(&ran));
}

#[cfg(target_os = "linux")]
#[test]
fn the_child_sees_next_to_nothing_of_the_environment() {
    let folder = Folder::with_new_case();
    let mut command = folder.command(&["run", "my-case", "--draws", "1000000"]);
    let mut ran = command.env("SECRET_TOKEN", "secret").spawn().expect("the program runs");
    let children = format!("/proc/{0}/task/{0}/children", ran.id());
    let environment = (0..2_000).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(5));
        let found = std::fs::read_to_string(&children).ok()?;
        let child = found.split_whitespace().next()?;
        let seen = std::fs::read_to_string(format!("/proc/{child}/environ")).ok()?;
        seen.contains("COUNTERPLAY_GUARDED").then_some(seen)
    });
    ran.kill().and_then(|()| ran.wait()).expect("an end");
    let environment = environment.expect("a child with an environment");
    assert!(environment.contains("XDG_CACHE_HOME") && !environment.contains("SECRET_TOKEN"), "{environment}");
}

#[cfg(target_os = "linux")]
#[test]
fn the_child_is_kept_to_its_files_and_calls() {
    if !files_are_kept() {
        return;
    }
    let folder = Folder::with_new_case();
    let mut command = folder.command(&["run", "my-case", "--draws", "1000000"]);
    let mut ran = command.spawn().expect("the program runs");
    let children = format!("/proc/{0}/task/{0}/children", ran.id());
    let status = (0..2_000).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(5));
        let found = std::fs::read_to_string(&children).ok()?;
        let child = found.split_whitespace().next()?;
        let status = std::fs::read_to_string(format!("/proc/{child}/status")).ok()?;
        // 2 is the mode of a filter; no new privileges is what Landlock and the filter ask for.
        status.contains("Seccomp:\t2").then_some(status)
    });
    ran.kill().and_then(|()| ran.wait()).expect("an end");
    assert!(status.is_some_and(|status| status.contains("NoNewPrivs:\t1")));
}
