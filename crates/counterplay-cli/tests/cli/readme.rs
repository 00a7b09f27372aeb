//! What README shows of the console is what the program prints.

use std::fs;
use std::path::Path;

use crate::folder::{Folder, code, errors, text};

/// A command as README shows it, and what it prints.
struct Session {
    command: String,
    output: String,
}

fn sessions(readme: &str) -> Vec<Session> {
    let blocks = readme.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next());
    let session = |block: &str| {
        let (command, output) = block.split_once('\n')?;
        let command = command.strip_prefix("$ ")?.to_owned();
        Some(Session { command, output: output.to_owned() })
    };
    blocks.filter_map(session).collect()
}

/// Copies a file or a folder of the project.
fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).expect("a folder");
        for entry in fs::read_dir(from).expect("a folder").map(|e| e.expect("an entry").path()) {
            copy(&entry, &to.join(entry.file_name().expect("a name")));
        }
    } else {
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        fs::copy(from, to).expect("a file");
    }
}

#[test]
fn the_console_sessions_in_the_readme_are_what_the_program_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = fs::read_to_string(root.join("README.md")).expect("README.md");
    let sessions = sessions(&readme);
    assert_eq!(sessions.len(), 2);
    for session in sessions {
        let folder = Folder::new();
        let arguments: Vec<&str> = session.command.split_whitespace().skip(1).collect();
        for file in arguments.iter().filter(|a| root.join(a).exists()) {
            copy(&root.join(file), &folder.path(file));
        }
        let output = folder.run(&arguments);
        assert_eq!(code(&output), 0, "{}: {}", session.command, errors(&output));
        let trimmed = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
        assert_eq!(trimmed(&text(&output.stdout)), trimmed(&session.output), "{}", session.command);
    }
}
