//! Inputs from other analyses that are out of date: the scenario behind them lies beside this one, and is another by now.

use std::fmt;
use std::path::{Path, PathBuf};

use counterplay::problem::Problem;
use counterplay_analysis::{Analysis, Chain, Warning, WarningKind};
use counterplay_language::SCENARIO_FILE;
use serde::Deserialize;

use crate::input::Input;

/// An input that was found with another version of the scenario that it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stale {
    /// The file in the scenario's folder, by its name there.
    file: String,
    /// The same by its path.
    path: String,
    /// The folder of the scenario that it comes from, which lies beside this one.
    from: String,
}

impl Stale {
    fn what(&self) -> String {
        format!(
            "`{}` was found with another version of the scenario `{}` than lies there now",
            self.file, self.from
        )
    }

    fn remedy(&self) -> String {
        format!("write it again: `counterplay run {} --extract {}`", self.from, self.path)
    }

    /// It as a remark on the scenario.
    pub(crate) fn notice(&self) -> Problem {
        Problem::new(self.what()).hint(self.remedy())
    }
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what(), self.remedy())
    }
}

/// The inputs that are out of date, as far as the scenarios behind them lie beside this one; each file once.
pub(crate) fn stale(input: &Input, chain: &Chain) -> Vec<Stale> {
    let mut found: Vec<Stale> = Vec::new();
    for taken in chain.inputs.iter().filter(|i| !i.content_hash.is_empty() && is_plain(&i.case)) {
        let beside = around(input.folder()).join(&taken.case);
        if found.iter().any(|s| s.file == taken.file) || !beside.join(SCENARIO_FILE).is_file() {
            continue;
        }
        // A neighbour that cannot be read is no longer what the input came from either.
        let now = Input::find(&beside).ok().map(|other| other.content_hash());
        if now.as_ref() != Some(&taken.content_hash) {
            let path = input.folder().join(&taken.file).display().to_string();
            found.push(Stale { file: taken.file.clone(), path, from: beside.display().to_string() });
        }
    }
    found
}

/// The folders beside that of a scenario in which the scenarios lie whose analyses it has, as far as they are there.
pub(crate) fn siblings(input: &Input) -> Vec<PathBuf> {
    #[derive(Deserialize)]
    struct Origin {
        case: Named,
    }
    #[derive(Deserialize)]
    struct Named {
        name: String,
    }
    let name = |text: &str| serde_json::from_str::<Origin>(text).ok().map(|origin| origin.case.name);
    let names = input.analyses().filter_map(name).filter(|name| is_plain(name));
    names.map(|name| around(input.folder()).join(name)).filter(|folder| folder.is_dir()).collect()
}

/// The folder around a folder: by its name where it has one, so that people can read it.
fn around(folder: &Path) -> PathBuf {
    match folder.parent() {
        Some(around) if folder.file_name().is_some() => around.to_owned(),
        Some(_) | None => folder.join(".."),
    }
}

/// The name comes from a file that a stranger may have written: it must not lead anywhere else.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', ':'])
}

/// Adds to the warnings of an analysis that inputs are out of date.
pub(crate) fn warn(analysis: &mut Analysis, input: &Input) {
    let stale = stale(input, &analysis.chain);
    let warnings = stale.iter().map(|s| Warning { kind: WarningKind::Scenario, message: s.to_string() });
    analysis.warnings.extend(warnings);
}

#[cfg(test)]
mod tests {
    use std::fs;

    use counterplay_analysis::{ChainInput, Extracted};

    use super::*;

    fn chain(content_hash: &str, case: &str) -> Chain {
        let p = Extracted { mean: 1.0, low: 1.0, high: 1.0, error: 0.0 };
        let input = ChainInput {
            file: "first.json".to_owned(),
            case: case.to_owned(),
            title: "First".to_owned(),
            counterplay_version: "0.1.0".to_owned(),
            seed: 1,
            content_hash: content_hash.to_owned(),
            converged: true,
            quantity: "result".to_owned(),
            world: "as it was".to_owned(),
            values: vec![("yes".to_owned(), p)],
        };
        Chain { inputs: vec![input], ..Chain::default() }
    }

    fn write(folder: &Path, text: &str) {
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join(SCENARIO_FILE), text).unwrap();
    }

    #[test]
    fn an_input_is_stale_when_the_scenario_beside_has_changed_since() {
        let root = tempfile::tempdir().unwrap();
        let (first, second) = (root.path().join("first"), root.path().join("second"));
        write(&first, "x = 1\n");
        write(&second, "y = 1\n");
        let here = Input::find(&second).unwrap();
        let hash = Input::find(&first).unwrap().content_hash();
        assert_eq!(stale(&here, &chain(&hash, "first")), []);
        write(&first, "x = 2\n");
        assert_eq!(stale(&here, &chain(&hash, "first")).len(), 1);
        // What cannot be known is not said.
        assert_eq!(stale(&here, &chain("", "first")), []);
        assert_eq!(stale(&here, &chain(&hash, "elsewhere")), []);
        assert_eq!(stale(&here, &chain(&hash, "../second/../first")), []);
    }

    #[test]
    fn the_folder_around_is_named_as_people_would() {
        for (folder, name) in [("a/b", "a"), ("b", ""), (".", "./.."), ("..", "../.."), ("/", "/..")] {
            assert_eq!(around(Path::new(folder)), Path::new(name), "{folder}");
        }
    }

    #[test]
    fn sources_and_line_ends_do_not_make_an_input_stale() {
        let root = tempfile::tempdir().unwrap();
        let first = root.path().join("first");
        write(&first, "x = 1\n");
        let hash = Input::find(&first).unwrap().content_hash();
        fs::write(first.join("sources.bib"), "@misc{a, title = {A}}").unwrap();
        write(&first, "x = 1\r\n");
        assert_eq!(Input::find(&first).unwrap().content_hash(), hash);
    }
}
