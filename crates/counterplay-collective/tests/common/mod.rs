//! The folder of reference results, where there is one.

use std::path::{Path, PathBuf};

/// The text of a reference file: in the folder that `COUNTERPLAY_REFERENCE` names, or beside the workspace. Says so where there
/// is none.
pub(crate) fn reference(file: &str) -> Option<String> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference");
    let named = std::env::var_os("COUNTERPLAY_REFERENCE").map(PathBuf::from);
    let found = named.into_iter().chain([beside]).find(|place| place.is_dir());
    if found.is_none() {
        println!("skipped: there is no folder of reference results");
    }
    found.map(|folder| std::fs::read_to_string(folder.join(file)).unwrap())
}
