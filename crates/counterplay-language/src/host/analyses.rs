//! Analyses of other scenarios, in files beside this one, and what was taken from them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::files::Files;
use crate::text::source::SourceText;
use counterplay::problem::{Place, Problem, did_you_mean};
use counterplay_analysis::{Chain, Extract, SCHEMA_VERSION};

/// The largest file that is read as an analysis.
const MAX_BYTES: usize = 16 << 20;

/// The analyses beside a scenario, and what it took from them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Analyses {
    files: Files,
    read: BTreeMap<String, Arc<Extract>>,
    pub(crate) chain: Chain,
}

impl Analyses {
    pub(crate) fn of(files: &Files) -> Self {
        let chain = Chain { content_hash: files.content_hash(), ..Chain::default() };
        let named = files.names().filter(|n| is_json(n));
        let files = named.filter_map(|n| Some((n, files.get(n)?))).collect();
        Self { files, read: BTreeMap::new(), chain }
    }

    /// The analysis in a file of the scenario's folder.
    pub(crate) fn find(&mut self, name: &str) -> Result<Arc<Extract>, Problem> {
        if let Some(known) = self.read.get(name) {
            return Ok(Arc::clone(known));
        }
        if name.contains(['/', '\\', ':']) || name.starts_with('.') || !is_json(name) {
            return Err(Problem::new(format!("`{name}` cannot be read as an analysis")).hint(
                "name a `.json` file of the same folder, for example `outcome_of(\"budget.json\", \"freeze\")`",
            ));
        }
        let Some(text) = self.files.get(name) else {
            let hint = if self.files.names().next().is_some() {
                did_you_mean(name, self.files.names())
            } else {
                format!(
                    "`counterplay run OTHER-SCENARIO --extract {name}` writes one; put it beside this scenario"
                )
            };
            return Err(Problem::new(format!("there is no file `{name}`")).hint(hint));
        };
        let extract = Arc::new(parse(name, text)?);
        self.read.insert(name.to_owned(), Arc::clone(&extract));
        Ok(extract)
    }
}

fn is_json(name: &str) -> bool {
    std::path::Path::new(name).extension().is_some_and(|e| e == "json")
}

/// Reads an analysis, or an extract of one.
fn parse(name: &str, text: &str) -> Result<Extract, Problem> {
    if text.len() > MAX_BYTES {
        return Err(Problem::new(format!("`{name}` is larger than {} MiB", MAX_BYTES >> 20))
            .hint("`counterplay run ... --extract FILE` writes only what another scenario can take"));
    }
    check_version(name, text)?;
    serde_json::from_str(text).map_err(|error| unreadable(name, text, &error))
}

/// The version first: what was written by another version is not read as if it were of this one.
fn check_version(name: &str, text: &str) -> Result<(), Problem> {
    #[derive(serde::Deserialize)]
    struct Version {
        schema_version: Option<u64>,
    }
    let version: Version = serde_json::from_str(text).map_err(|error| unreadable(name, text, &error))?;
    match version.schema_version {
        Some(version) if version == u64::from(SCHEMA_VERSION) => Ok(()),
        Some(version) => Err(Problem::new(format!(
            "`{name}` is an analysis of form {version}, but this version of Counterplay reads form {SCHEMA_VERSION}"
        ))
        .hint(format!("write it again: `counterplay run OTHER-SCENARIO --extract {name}`"))),
        None => Err(not_an_analysis(name, "it names no `schema_version`")),
    }
}

/// A file that is no analysis, and why.
pub(crate) fn not_an_analysis(name: &str, why: &str) -> Problem {
    Problem::new(format!("`{name}` is not an analysis: {why}"))
        .hint(format!("`counterplay run OTHER-SCENARIO --extract {name}` writes one"))
}

/// Why a text cannot be read, at its place in the file.
fn unreadable(name: &str, text: &str, error: &serde_json::Error) -> Problem {
    let whole = error.to_string();
    let (why, _) = whole.rsplit_once(" at line ").unwrap_or((&whole, ""));
    let problem = if error.is_data() {
        not_an_analysis(name, why)
    } else if error.is_eof() {
        Problem::new(format!("`{name}` breaks off before its end")).hint("was it copied whole?")
    } else {
        Problem::new(format!("`{name}` is no JSON from here on")).hint("was it changed by hand?")
    };
    problem.at(Some(place(name, text, error.line(), error.column())))
}

/// The character at a line and a byte of it, both from 1.
fn place(name: &str, text: &str, line: usize, column: usize) -> Place {
    let before = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum::<usize>();
    let mut at = (before + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    SourceText::new(name, text).place(at, at + 1)
}
