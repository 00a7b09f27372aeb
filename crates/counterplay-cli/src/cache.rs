//! Fits that were made before, kept in the user's cache folder.
//!
//! A fit is kept under a hash of everything that it depends on: the bytes of this program, the files of the scenario, and the
//! settings. So a changed scenario never meets a stale one. A file that was damaged is passed over.

use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use counterplay::memory::Memory;
use etcetera::base_strategy::{BaseStrategy, choose_native_strategy};
use sha2::{Digest, Sha256};

use crate::write_file::{remove_stale, replace};

/// This many fits are kept; the oldest go first.
const MOST_FILES: usize = 50;

/// The length of the checksum at the end of a file.
const CHECKSUM: usize = 32;

/// Where fits are kept; `None` where there is no place for them.
pub(crate) fn folder() -> Option<PathBuf> {
    Some(choose_native_strategy().ok()?.cache_dir().join("counterplay"))
}

/// The cache for one scenario.
#[derive(Clone, Debug)]
pub(crate) struct Cache {
    folder: PathBuf,
    /// Of the program and of the scenario's files.
    content: [u8; CHECKSUM],
}

impl Cache {
    /// The cache for a scenario of these files, by name and text; `None` where there is no place for one.
    pub(crate) fn of<'a>(files: impl Iterator<Item = (&'a str, &'a str)>) -> Option<Self> {
        let program = fs::read(std::env::current_exe().ok()?).ok()?;
        let mut hash = Sha256::new();
        add(&mut hash, &program);
        for (name, text) in files {
            add(&mut hash, name.as_bytes());
            add(&mut hash, text.as_bytes());
        }
        Some(Self { folder: folder()?, content: hash.finalize().into() })
    }

    fn path(&self, name: &str) -> PathBuf {
        let mut hash = Sha256::new();
        add(&mut hash, &self.content);
        add(&mut hash, name.as_bytes());
        self.folder.join(format!("{:x}.fit", hash.finalize()))
    }

    /// Removes the oldest files beyond those that are kept.
    fn prune(&self) -> Option<()> {
        let age = |entry: fs::DirEntry| Some((entry.metadata().ok()?.modified().ok()?, entry.path()));
        let is_fit = |path: &PathBuf| path.extension().is_some_and(|e| e == "fit");
        remove_stale(&self.folder, |name| is_fit(&PathBuf::from(name)));
        let entries = fs::read_dir(&self.folder).ok()?.filter_map(|entry| age(entry.ok()?));
        let mut files: Vec<(SystemTime, PathBuf)> = entries.filter(|(_, path)| is_fit(path)).collect();
        files.sort_by(|a, b| b.cmp(a));
        for (_, path) in files.iter().skip(MOST_FILES) {
            fs::remove_file(path).ok()?;
        }
        Some(())
    }

    fn store(&self, name: &str, found: &[u8]) -> std::io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        // Whole or not at all: another process may read at the same time.
        let checksum: [u8; CHECKSUM] = Sha256::digest(found).into();
        replace(&self.path(name), &[found, &checksum].concat())
    }
}

/// Adds bytes with their number, so that no two lists of them look the same.
fn add(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_le_bytes());
    hash.update(bytes);
}

impl Memory for Cache {
    fn recall(&self, name: &str) -> Option<Vec<u8>> {
        let mut bytes = fs::read(self.path(name)).ok()?;
        let found = bytes.len().checked_sub(CHECKSUM)?;
        let checksum: [u8; CHECKSUM] = Sha256::digest(&bytes[..found]).into();
        (bytes[found..] == checksum).then(|| {
            bytes.truncate(found);
            bytes
        })
    }

    fn keep(&self, name: &str, found: &[u8]) {
        // A cache that cannot be written costs time and nothing else.
        if self.store(name, found).is_ok() {
            self.prune();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(folder: &tempfile::TempDir, content: u8) -> Cache {
        Cache { folder: folder.path().join("counterplay"), content: [content; CHECKSUM] }
    }

    #[test]
    fn a_changed_scenario_never_meets_a_stale_fit() {
        let folder = tempfile::tempdir().unwrap();
        cache(&folder, 1).keep("posterior", b"fit");
        assert_eq!(cache(&folder, 1).recall("posterior").as_deref(), Some(b"fit".as_slice()));
        assert_eq!(cache(&folder, 1).recall("posterior of another seed"), None);
        assert_eq!(cache(&folder, 2).recall("posterior"), None);
    }

    #[test]
    fn files_are_told_apart_by_name_and_text() {
        let hash =
            |files: &[(&'static str, &'static str)]| Cache::of(files.iter().copied()).map(|c| c.content);
        assert_eq!(hash(&[("a", "b")]), hash(&[("a", "b")]));
        assert_ne!(hash(&[("a", "bc")]), hash(&[("ab", "c")]));
        assert_ne!(hash(&[("a", "b"), ("c", "d")]), hash(&[("a", "b")]));
    }

    #[test]
    fn a_damaged_file_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(&folder, 1);
        cache.keep("posterior", b"fit");
        let path = cache.path("posterior");
        let mut bytes = fs::read(&path).unwrap();
        bytes[0] ^= 1;
        fs::write(&path, bytes).unwrap();
        assert_eq!(cache.recall("posterior"), None);
    }

    #[test]
    fn the_cache_does_not_grow_without_end() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(&folder, 1);
        for fit in 0..MOST_FILES + 5 {
            cache.keep(&fit.to_string(), b"fit");
        }
        assert_eq!(fs::read_dir(&cache.folder).unwrap().count(), MOST_FILES);
    }
}
