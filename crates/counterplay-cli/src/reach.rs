//! The files that a command needs.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cache;
use crate::game_file::is_game_file;
use crate::input::Input;
use crate::sampling::Sampling;
use crate::stale::siblings;

/// The files that a command needs: those that it reads, and the folders that it writes in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reach {
    /// Files, and folders with all that is in them.
    pub(crate) read: Vec<PathBuf>,
    /// Folders, and single files that are no regular ones.
    pub(crate) write: Vec<PathBuf>,
}

impl Reach {
    /// A scenario, with what is beside it as far as it takes results from there; or a game file.
    pub(crate) fn of_scenario(path: &Path) -> Self {
        if is_game_file(path) && !path.is_dir() {
            return Self::default().reading(path);
        }
        let folder = if path.is_dir() { path } else { folder_of(path) };
        let beside = Input::find(path).map(|input| siblings(&input)).unwrap_or_default();
        beside.iter().fold(Self::default().reading(folder), |reach, sibling| reach.reading(sibling))
    }

    /// And this file.
    #[must_use]
    pub(crate) fn reading(mut self, path: &Path) -> Self {
        self.read.push(path.to_owned());
        self
    }

    /// And a result at this path, if there is to be one.
    #[must_use]
    pub(crate) fn writing(mut self, path: Option<&Path>) -> Self {
        let Some(path) = path else { return self };
        // What a link leads to is what is written.
        let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let is_special = fs::metadata(&place).is_ok_and(|found| !found.is_file());
        self.write.push(if is_special { place } else { folder_of(&place).to_owned() });
        self
    }

    /// And results in this folder, which is made where it is not there.
    #[must_use]
    pub(crate) fn writing_in(mut self, folder: Option<&Path>) -> Self {
        let there = folder.and_then(|folder| folder.ancestors().find(|around| around.is_dir()));
        let here = folder.filter(|folder| folder.is_relative()).map(|_| Path::new("."));
        self.write.extend(there.or(here).map(Path::to_owned));
        self
    }

    /// And the user's cache, which is made if it is not there; nothing where none is wanted.
    #[must_use]
    pub(crate) fn caching(mut self, sampling: &Sampling) -> Self {
        if sampling.no_cache {
            return self;
        }
        // A cache that cannot be used costs time and nothing else.
        self.read.extend(std::env::current_exe().ok());
        self.write.extend(cache::folder().filter(|folder| fs::create_dir_all(folder).is_ok()));
        self
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
