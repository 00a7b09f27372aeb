//! Broken and hostile inputs: how each ends, what is said first, and what it may take. The table is in `tests/inputs`,
//! whose README says how a row is written.
//!
//! `INPUT=words cargo test -p counterplay-cli --test cli inputs -- --nocapture` runs the rows whose name has these words, and
//! prints what each of them took.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde::Deserialize;
use wait4::Wait4;

use crate::folder::Folder;

/// A file of the table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    input: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    /// What is tried, in words.
    name: String,
    /// What the scenario `case` says beside its story.
    #[serde(default)]
    declarations: String,
    /// How the scenario `case` tells its story.
    #[serde(default)]
    play: String,
    /// Files by their paths.
    #[serde(default)]
    files: BTreeMap<String, String>,
    /// Symbolic links: what each path leads to.
    #[serde(default)]
    links: BTreeMap<String, String>,
    /// Paths of named pipes that nobody writes to.
    #[serde(default)]
    pipes: Vec<String>,
    /// Paths of folders.
    #[serde(default)]
    folders: Vec<String>,
    arguments: Vec<String>,
    /// What stands on the standard input.
    #[serde(default)]
    stdin: String,
    code: i32,
    /// The first line on the standard error, or on the standard output if there is none.
    says: String,
    /// What must not be said, on either.
    #[serde(default)]
    never: Vec<String>,
    /// The most that it may take: of processor time, as the machine may be busy, and of memory. By the clock it may take
    /// [`PATIENCE`] times as long.
    seconds: f64,
    megabytes: f64,
}

/// How many times as long as its processor time an input may take on a busy machine.
const PATIENCE: f64 = 10.0;

/// How a row went.
struct Ended {
    code: Option<i32>,
    said: String,
    first: String,
    seconds: f64,
    megabytes: f64,
}

/// A text in which `«part × 1000»` stands for a thousand times the part.
fn repeated(text: &str) -> String {
    let mut pieces = text.split('«');
    let mut whole = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (inside, after) = piece.split_once('»').expect("`«` is closed by `»`");
        let (part, times) = inside.rsplit_once(" × ").expect("`«part × times»`");
        whole += &part.repeat(times.trim().parse().expect("a number of times"));
        whole += after;
    }
    whole
}

fn laid_out(row: &Row) -> Folder {
    let folder = Folder::with_story(&repeated(&row.declarations), &repeated(&row.play));
    for (path, text) in &row.files {
        folder.write(path, &repeated(text));
    }
    for path in &row.folders {
        std::fs::create_dir_all(folder.path(path)).expect("a folder");
    }
    for (path, to) in &row.links {
        let _ = std::fs::remove_file(folder.path(path));
        std::os::unix::fs::symlink(to, folder.path(path)).expect("a link");
    }
    for path in &row.pipes {
        let _ = std::fs::remove_file(folder.path(path));
        let made = std::process::Command::new("mkfifo").arg(folder.path(path)).status();
        assert!(made.expect("mkfifo").success());
    }
    folder
}

fn ran(row: &Row) -> Ended {
    let folder = laid_out(row);
    let (mut out, mut err) = (tempfile::tempfile().expect("a file"), tempfile::tempfile().expect("a file"));
    let mut stdin = tempfile::tempfile().expect("a file");
    std::io::Write::write_all(&mut stdin, repeated(&row.stdin).as_bytes()).expect("a file");
    stdin.rewind().expect("a file");
    let arguments: Vec<String> = row.arguments.iter().map(|a| repeated(a)).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let began = Instant::now();
    let mut child = folder
        .command(&arguments)
        .stdin(stdin)
        .stdout(Stdio::from(out.try_clone().expect("a file")))
        .stderr(Stdio::from(err.try_clone().expect("a file")))
        .spawn()
        .expect("the program runs");
    let used = loop {
        if let Some(used) = child.try_wait4().expect("an end") {
            break used;
        }
        if began.elapsed().as_secs_f64() > PATIENCE * row.seconds {
            // It is late already; the row fails.
            let _ = child.kill();
        }
        sleep(Duration::from_millis(2));
    };
    let seconds = (used.rusage.utime + used.rusage.stime).as_secs_f64();
    let (out, err) = (text(&mut out), text(&mut err));
    let first = err.lines().chain(out.lines()).next().unwrap_or_default().to_owned();
    let megabytes = used.rusage.maxrss as f64 / 1e6;
    Ended { code: used.status.code(), said: err + &out, first, seconds, megabytes }
}

fn text(file: &mut File) -> String {
    let mut bytes = Vec::new();
    file.rewind().and_then(|()| file.read_to_end(&mut bytes)).expect("what was said");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What is not as the row has it.
fn wrong(row: &Row, ended: &Ended) -> Vec<String> {
    let mut wrong = Vec::new();
    if ended.code != Some(row.code) {
        wrong.push(format!("ends with {:?}, not with {}", ended.code, row.code));
    }
    if ended.first != row.says {
        wrong.push(format!("says `{}`\n          not `{}`", ended.first, row.says));
    }
    for words in row.never.iter().filter(|words| ended.said.contains(words.as_str())) {
        wrong.push(format!("says `{words}`"));
    }
    if ended.seconds > row.seconds {
        wrong.push(format!("takes {:.1} seconds, more than {}", ended.seconds, row.seconds));
    }
    if ended.megabytes > row.megabytes {
        wrong.push(format!("takes {:.0} megabytes, more than {}", ended.megabytes, row.megabytes));
    }
    wrong
}

fn tables() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/inputs");
    let entries = std::fs::read_dir(folder).expect("the folder of the tables");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a file").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "toml"));
    paths.sort();
    paths
}

#[cfg(target_os = "linux")]
#[test]
fn inputs_end_as_the_table_says() {
    let words = std::env::var("INPUT").unwrap_or_default();
    let mut failed: Vec<String> = Vec::new();
    let mut tried = 0;
    for path in tables() {
        let table = std::fs::read_to_string(&path).expect("a table");
        let table: Table = toml::from_str(&table).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        for row in table.input.iter().filter(|row| row.name.contains(&words)) {
            let ended = ran(row);
            tried += 1;
            println!("{:6.2} s {:5.0} MB  {}\n    {}", ended.seconds, ended.megabytes, row.name, ended.first);
            failed.extend(wrong(row, &ended).iter().map(|wrong| format!("{}: {wrong}", row.name)));
        }
    }
    assert!(tried > 0, "no row is called `{words}`");
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
