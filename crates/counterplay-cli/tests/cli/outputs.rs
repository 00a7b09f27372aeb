//! Results are whole or not there, whatever ends the work; and what ended it is told.

use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::folder::{Folder, code, errors, text};

/// Runs the program under limits of the shell's, such as `-t 1`: how it ended, and what it said.
fn limited(folder: &Folder, limit: &str, arguments: &str) -> (Option<i32>, String) {
    let program = env!("CARGO_BIN_EXE_counterplay");
    let script = format!("ulimit -S {limit}; exec '{program}' {arguments}");
    let ran = Command::new("sh")
        .args(["-c", &script])
        .current_dir(folder.path("."))
        .env("XDG_CACHE_HOME", "/dev/null")
        .output()
        .expect("a shell");
    (ran.status.code(), errors(&ran))
}

/// The names in a folder that end so.
fn names(folder: &Path, end: &str) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let names = entries.map(|entry| entry.expect("a file").file_name().to_string_lossy().into_owned());
    names.filter(|name| name.ends_with(end)).collect()
}

#[test]
fn a_file_that_may_not_grow_leaves_the_old_one_whole_and_the_next_run_tidies_up() {
    let folder = Folder::with_new_case();
    folder.write("my-case.html", "the old report");
    let (code_of_it, said) = limited(&folder, "-f 8", "run my-case --quick");
    assert_eq!(code_of_it, Some(1), "{said}");
    assert!(said.contains("larger than the system lets it"), "{said}");
    assert_eq!(folder.read("my-case.html"), "the old report");
    let again = folder.run(&["run", "my-case", "--quick"]);
    assert!([0, 2].contains(&code(&again)), "{}", errors(&again));
    assert!(folder.read("my-case.html").trim_end().ends_with("</html>"), "the report is whole");
    assert_eq!(names(&folder.path("."), ".part"), Vec::<String>::new());
}

#[test]
fn used_up_processor_time_is_not_called_a_lack_of_memory() {
    let folder = Folder::with_new_case();
    let (code, said) = limited(&folder, "-t 1", "run my-case --draws 1000000");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("processor time") && !said.contains("memory"), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_request_to_end_is_not_called_a_lack_of_memory() {
    let folder = Folder::with_new_case();
    let ran = folder.command(&["run", "my-case", "--draws", "1000000"]).spawn().expect("the program runs");
    let children = format!("/proc/{0}/task/{0}/children", ran.id());
    let began = Instant::now();
    let child = loop {
        let found = std::fs::read_to_string(&children).unwrap_or_default();
        if let Some(child) = found.split_whitespace().next() {
            break child.to_owned();
        }
        assert!(began.elapsed() < Duration::from_secs(10), "there is no child");
        sleep(Duration::from_millis(5));
    };
    let sent = Command::new("kill").args(["-TERM", &child]).status().expect("kill");
    assert!(sent.success());
    let ended = ran.wait_with_output().expect("an end");
    assert_eq!(code(&ended), 1);
    assert!(errors(&ended).contains("SIGTERM") && !errors(&ended).contains("memory"), "{}", errors(&ended));
}

#[test]
fn twenty_kills_change_no_byte_of_the_result_and_leave_nothing_behind() {
    let folder = Folder::with_new_case();
    // So few draws need not be enough to converge.
    let arguments = ["run", "my-case", "--quick", "--seed", "5", "--json=a.json"];
    let is_done = |code: Option<i32>| matches!(code, Some(0 | 2));
    let whole = folder.run(&arguments);
    assert!(is_done(whole.status.code()), "{}", errors(&whole));
    let (report, json) = (folder.read("my-case.html"), folder.read("a.json"));
    let cache = folder.path("cache");
    let run = || {
        std::fs::remove_file(folder.path("my-case.html")).ok();
        let mut command = folder.command(&arguments);
        command.env("XDG_CACHE_HOME", &cache).stdout(Stdio::null()).spawn().expect("the program runs")
    };
    let began = Instant::now();
    assert!(is_done(run().wait().expect("an end").code()));
    let takes = began.elapsed();
    std::fs::remove_dir_all(&cache).expect("what was kept");
    for kill in 1..=20 {
        let mut killed = run();
        sleep(takes.mul_f64(f64::from(kill) / 20.0));
        killed.kill().expect("it runs, or ran");
        killed.wait().expect("an end");
        // What is there is whole.
        if folder.path("my-case.html").exists() {
            assert!(folder.read("my-case.html") == report, "kill {kill}");
        }
    }
    let ended = run().wait_with_output().expect("an end");
    assert!(is_done(ended.status.code()), "{}", text(&ended.stderr));
    assert!(folder.read("my-case.html") == report && folder.read("a.json") == json, "other bytes");
    sleep(Duration::from_millis(500));
    assert_eq!(names(&cache.join("counterplay"), ".part"), Vec::<String>::new());
    assert_eq!(names(&folder.path("."), ".part"), Vec::<String>::new());
}
