//! Finding and reading the files of a scenario.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use counterplay::problem::{Place, Problem, Problems};
use counterplay::scenario::Scenario;
use counterplay_language::{Files, ReadLimits, SCENARIO_FILE, SOURCES_FILE, read_with};

use crate::cache::Cache;
use crate::failure::Failure;
use crate::output::said;
use crate::read_file::{refuse_outside, text_of};

/// A file larger than this is not read; a scenario's largest part, its text, is refused long before.
const MOST_BYTES: u64 = 16 << 20;

/// A scenario's files.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    /// A short name for files: that of the folder.
    pub(crate) name: String,
    /// The file that the scenario begins in.
    main: PathBuf,
    files: Files,
    /// The files without what is asked.
    own: Files,
    asked: Vec<Question>,
    /// Settings that are not the story's own.
    settings: Vec<(String, String)>,
}

/// A what-if or a query that is asked on the command line, put after the scenario's own text.
#[derive(Clone, Debug)]
struct Question {
    lines: Vec<String>,
    /// The line of the whole text on which it begins.
    begins: usize,
}

/// What places in a question asked on the command line are told by.
const QUESTION: &str = "question";

impl Input {
    /// Reads the files of a scenario: a folder with a `scenario.star`, or a `.star` file.
    pub(crate) fn find(path: &Path) -> Result<Self, Failure> {
        let main = main_file(path)?;
        let folder = main.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
        let files = Files::default().with(SCENARIO_FILE, text_in(&main, &folder)?);
        let files = with_named(files, &folder, "star")?;
        let sources = folder.join(SOURCES_FILE);
        // A link that leads nowhere is there as well, and is told of.
        let files = if sources.symlink_metadata().is_ok() {
            files.with(SOURCES_FILE, text_in(&sources, &folder)?)
        } else {
            files
        };
        let files = with_named(files, &folder, "json")?;
        Ok(Self {
            name: name_of(&main, &folder),
            main,
            own: files.clone(),
            files,
            asked: Vec::new(),
            settings: Vec::new(),
        })
    }

    /// The same scenario with other settings than its own.
    pub(crate) fn with_settings(self, settings: &[(String, String)]) -> Self {
        Self { settings: settings.to_vec(), ..self }
    }

    /// The folder that the scenario is in.
    pub(crate) fn folder(&self) -> &Path {
        self.main.parent().unwrap_or(Path::new(""))
    }

    /// The hash of the files that decide its numbers, without what is asked.
    pub(crate) fn content_hash(&self) -> String {
        self.own.content_hash()
    }

    /// The texts of the analyses that it has.
    pub(crate) fn analyses(&self) -> impl Iterator<Item = &str> {
        let is_analysis = |name: &&str| Path::new(name).extension().is_some_and(|e| e == "json");
        self.files.names().filter(is_analysis).filter_map(|name| self.files.get(name))
    }

    /// What was fitted before of these very files, whatever is asked.
    pub(crate) fn cache(&self) -> Option<Cache> {
        let files = self.own.names().filter_map(|name| Some((name, self.own.get(name)?)));
        let settings: Vec<String> =
            self.settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
        // No file of a scenario is called `setting`.
        Cache::of(files.chain(settings.iter().map(|setting| ("setting", setting.as_str()))))
    }

    /// Reads what the scenario says.
    pub(crate) fn read(&self, limits: &ReadLimits) -> Result<Scenario, Problems> {
        let read = read_with(&self.name, &self.files, limits, &self.settings);
        read.map_err(|error| {
            self.told(error.problems()).unwrap_or_else(|| Problem::new(error.to_string()).into())
        })
    }

    /// The same scenario with one more call of that name, such as `what_if`, asked in the words of the language;
    /// `settings` are its further arguments.
    pub(crate) fn with_question(self, call: &str, name: &str, asked: &str, settings: &str) -> Self {
        let own = self.files.get(SCENARIO_FILE).unwrap_or_default().trim_end();
        let asked = asked.trim().trim_end_matches(',');
        let lines: Vec<String> = asked.lines().map(str::to_owned).collect();
        let begins = own.lines().count() + 2;
        let quoted = name.replace('\\', "\\\\").replace('"', "\\\"");
        let text = format!("{own}\n{call}(\"{quoted}\",\n{asked}\n{settings})\n");
        let mut input = Self { files: self.files.clone().with(SCENARIO_FILE, text), ..self };
        input.asked.push(Question { lines, begins });
        input
    }

    /// Problems as they are told here: files by their paths, and settings by their flags.
    pub(crate) fn told(&self, problems: &[Problem]) -> Option<Problems> {
        Problems::new(problems.iter().map(|p| self.told_one(p)).collect())
    }

    /// One problem as it is told here.
    pub(crate) fn told_one(&self, problem: &Problem) -> Problem {
        Problem {
            place: problem.place.as_ref().map(|place| self.told_place(place)),
            message: as_flags(&problem.message),
            hint: problem.hint.as_deref().map(as_flags),
        }
    }

    fn told_place(&self, place: &Place) -> Place {
        let here = |q: &&Question| place.file == SCENARIO_FILE && place.line + 1 >= q.begins;
        match self.asked.iter().rfind(here) {
            Some(question) => question.told(place),
            None => Place { file: self.path_of(&place.file), ..place.clone() },
        }
    }

    fn path_of(&self, file: &str) -> String {
        let path = if file == SCENARIO_FILE { self.main.clone() } else { self.folder().join(file) };
        if self.files.get(file).is_some() { path.display().to_string() } else { file.to_owned() }
    }
}

impl Question {
    /// A place in the call around the question, as one in the question itself.
    fn told(&self, place: &Place) -> Place {
        let file = QUESTION.to_owned();
        let letters = |line: usize| self.lines.get(line - 1).map_or(0, |l| l.chars().count());
        let line = (place.line + 1).saturating_sub(self.begins);
        if line == 0 {
            // The call as a whole.
            let text = self.lines.first().cloned().unwrap_or_default();
            return Place { file, line: 1, column: 1, width: letters(1).max(1), text };
        }
        if line <= self.lines.len() {
            return Place { file, line, ..place.clone() };
        }
        // What closes the call: the question did not end where it should.
        let last = self.lines.len().max(1);
        let text = self.lines.last().cloned().unwrap_or_default();
        Place { file, line: last, column: letters(last) + 1, width: 1, text }
    }
}

/// ``the setting `max_steps` `` as `` `--max-steps` ``.
fn as_flags(text: &str) -> String {
    let mut parts = text.split("the setting `");
    let mut told = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (setting, after) = part.split_once('`').unwrap_or((part, ""));
        told.extend(["`--", &setting.replace('_', "-"), "`", after]);
    }
    told
}

fn is_program(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "star")
}

/// The same files with those of the folder that have this extension and that a text among them names, or a text among those
/// in turn. Whatever else lies there, a run neither reads nor minds.
fn with_named(files: Files, folder: &Path, extension: &str) -> Result<Files, Failure> {
    let mut all = files;
    let mut unread: Vec<String> = all.names().map(str::to_owned).collect();
    while let Some(reading) = unread.pop() {
        let named = names_in(all.get(&reading).unwrap_or_default(), extension);
        for name in named {
            let path = folder.join(&name);
            if all.get(&name).is_none() && path.symlink_metadata().is_ok() {
                all = all.with(name.as_str(), text_in(&path, folder)?);
                unread.push(name);
            }
        }
    }
    Ok(all)
}

/// The plain names of files with this extension that a text has in quotation marks, each once.
fn names_in(text: &str, extension: &str) -> BTreeSet<String> {
    let is_name = |word: &&str| {
        Path::new(word).extension().is_some_and(|e| e == extension)
            && !word.starts_with('.')
            && !word.contains(['/', '\\', ':', '\n'])
    };
    // Whether a mark opens or closes does not matter: what stands between two of them is looked at either way.
    text.split(['"', '\'']).filter(is_name).map(str::to_owned).collect()
}

/// The text of a file of the scenario's folder.
fn text_in(path: &Path, folder: &Path) -> Result<String, Failure> {
    refuse_outside(path, folder)?;
    text_of(path, MOST_BYTES)
}

/// The file that a scenario at `path` begins in.
fn main_file(path: &Path) -> Result<PathBuf, Failure> {
    let found = fs::metadata(path).map_err(|error| missing(path, &error))?;
    if found.is_file() && is_program(path) {
        return Ok(path.to_owned());
    }
    if found.is_file() && path.extension().is_some_and(|e| e == "agg" || e == "bagg") {
        return Err(Failure::new(format!("`{}` is an action graph game, a form that is not read", path.display()))
            .hint("save it in normal form first, as `pygambit.read_agg(...).to_nfg(...)` does, and name the `.nfg` file"));
    }
    if found.is_file() {
        return Err(Failure::new(format!("`{}` is not a scenario", path.display()))
            .hint("name a folder with a `scenario.star`, or a `.star` file"));
    }
    let main = path.join(SCENARIO_FILE);
    if main.is_file() {
        return Ok(main);
    }
    if !found.is_dir() {
        return Err(Failure::new(format!("`{}` is a pipe or a device, and not a file", path.display())));
    }
    Err(Failure::new(format!("the folder `{}` has no `{SCENARIO_FILE}`", path.display())).hint(
        match scenarios_in(path).as_slice() {
            [] => "`counterplay new my-case` makes a scenario to begin with".to_owned(),
            some => format!("did you mean {}?", some.join(" or ")),
        },
    ))
}

fn missing(path: &Path, error: &io::Error) -> Failure {
    if error.kind() != io::ErrorKind::NotFound {
        return Failure::new(format!("`{}` cannot be read: {}", path.display(), said(error)));
    }
    let failure = Failure::new(format!("there is nothing at `{}`", path.display()));
    let under = Path::new("scenarios").join(path);
    if under.is_dir() {
        failure.hint(format!("did you mean `{}`?", under.display()))
    } else {
        failure.hint("name a folder with a `scenario.star`, or a `.star` file")
    }
}

/// A few scenarios in a folder, or one level below it.
fn scenarios_in(folder: &Path) -> Vec<String> {
    let here = neighbours(folder).unwrap_or_default();
    let found = here.iter().filter(|p| is_program(p) && p.is_file() || p.join(SCENARIO_FILE).is_file());
    found.take(3).map(|p| format!("`{}`", p.display())).collect()
}

/// What is in a folder, in the order of the names.
fn neighbours(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let unreadable = |e: io::Error| {
        Failure::new(format!("the folder `{}` cannot be read: {}", folder.display(), said(&e)))
    };
    let entries = fs::read_dir(folder).map_err(unreadable)?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| folder.join(entry.file_name())).collect();
    paths.sort();
    Ok(paths)
}

/// The folder's name for a `scenario.star`, else the file's own.
fn name_of(main: &Path, folder: &Path) -> String {
    let stem = || main.file_stem().map(|s| s.to_string_lossy().into_owned());
    let of_folder = || {
        let whole = fs::canonicalize(folder).ok()?;
        whole.file_name().map(|n| n.to_string_lossy().into_owned())
    };
    let is_main = main.file_name().is_some_and(|n| n == SCENARIO_FILE);
    let name = if is_main { of_folder().or_else(stem) } else { stem() };
    name.unwrap_or_else(|| "scenario".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_a_question_are_told_as_in_the_question() {
        let input = Input {
            name: "a".to_owned(),
            main: PathBuf::from("a/scenario.star"),
            own: Files::default(),
            files: Files::of_scenario("x = 1\ny = 2\n"),
            asked: Vec::new(),
            settings: Vec::new(),
        };
        let input =
            input.with_question("what_if", "say \"so\"", "do(a = 1),\n  do(b = 2),", ", luck = \"held\"");
        let text = input.files.get(SCENARIO_FILE).expect("the text");
        assert_eq!(
            text,
            "x = 1\ny = 2\nwhat_if(\"say \\\"so\\\"\",\ndo(a = 1),\n  do(b = 2)\n, luck = \"held\")\n"
        );
        let told = |line: usize, column: usize| {
            let text = text.lines().nth(line - 1).unwrap_or_default().to_owned();
            let place = Place { file: SCENARIO_FILE.to_owned(), line, column, width: 1, text };
            let place = input.told_place(&place);
            (place.file, place.line, place.column, place.text)
        };
        let of = |file: &str, line, column, text: &str| (file.to_owned(), line, column, text.to_owned());
        assert_eq!(told(2, 1), of("a/scenario.star", 2, 1, "y = 2"));
        assert_eq!(told(3, 1), of(QUESTION, 1, 1, "do(a = 1),"));
        assert_eq!(told(5, 3), of(QUESTION, 2, 3, "  do(b = 2)"));
        assert_eq!(told(6, 4), of(QUESTION, 2, 12, "  do(b = 2)"));
    }

    #[test]
    fn settings_are_told_by_their_flags() {
        assert_eq!(as_flags("raise the setting `max_steps`, or not"), "raise `--max-steps`, or not");
        assert_eq!(as_flags("did you mean `x`?"), "did you mean `x`?");
    }
}
