//! Where the published results lie that tests compare with.

use std::path::{Path, PathBuf};

/// The folder of published results, if this machine has it.
pub(crate) fn reference() -> Option<PathBuf> {
    let stated = std::env::var_os("COUNTERPLAY_REFERENCE").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference");
    let found = stated.into_iter().chain([beside]).find(|p| p.is_dir());
    if found.is_none() {
        println!("skipped: no folder of published results");
    }
    found
}

/// All files below a folder whose names end in `ending`, in order.
pub(crate) fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    let below = |path: PathBuf| if path.is_dir() { files(&path, ending) } else { vec![path] };
    let all = entries.into_iter().flat_map(below);
    all.filter(|path| path.extension().is_some_and(|e| e == ending)).collect()
}

/// The text of a file.
pub(crate) fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// A JSON file below the folder.
pub(crate) fn json(folder: &Path, name: &str) -> serde_json::Value {
    serde_json::from_str(&read(&folder.join(name))).unwrap()
}
