//! Running the program in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A folder that is removed with this.
pub(crate) struct Folder(TempDir);

impl Folder {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        Self(TempDir::new().expect("a temporary folder"))
    }

    /// A folder with the scenario that `counterplay new` makes.
    pub(crate) fn with_new_case() -> Self {
        let folder = Self::new();
        let made = folder.run(&["new", "my-case"]);
        assert_eq!(code(&made), 0, "{}", text(&made.stderr));
        folder
    }

    /// A folder with a scenario that says this and tells its story so.
    pub(crate) fn with_story(declarations: &str, play: &str) -> Self {
        let head = "scenario(\"A case\", players = [\"A\"])\nprecision(\"precision\", point(1))\n";
        let body: Vec<String> = play.lines().map(|line| format!("    {line}")).collect();
        let body = body.join("\n");
        let end = "    g.end(payoffs = {\"A\": 0}, outcomes = {\"over\": True})\n";
        let folder = Self::new();
        folder.write("case/scenario.star", &format!("{head}{declarations}\ndef play(g):\n{body}\n{end}"));
        folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("a file")
    }

    /// The program with these arguments, in this folder.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_counterplay"));
        command.args(arguments).current_dir(self.0.path()).env_remove("COUNTERPLAY_GUARDED");
        // No folder can be made there, so nothing is kept: what two runs have in common is not one fit.
        command.env("XDG_CACHE_HOME", "/dev/null");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program runs")
    }
}

pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().expect("an exit code")
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// What it said on the side.
pub(crate) fn errors(output: &Output) -> String {
    text(&output.stderr)
}
