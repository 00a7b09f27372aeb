//! The folder of reference results, where there is one.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// The folder: what `COUNTERPLAY_REFERENCE` names, or one of the usual places. Says so where there is none.
pub(crate) fn folder() -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference");
    let named = std::env::var_os("COUNTERPLAY_REFERENCE").map(PathBuf::from);
    let places = named.into_iter().chain([workspace]);
    let found = places.into_iter().find(|place| place.is_dir());
    if found.is_none() {
        println!("skipped: there is no folder of reference results");
    }
    found
}

/// A file of the folder; `None` where there is no folder.
pub(crate) fn json(name: &str) -> Option<Value> {
    let text = std::fs::read_to_string(folder()?.join(name)).expect("the folder has the file");
    Some(serde_json::from_str(&text).expect("it is JSON"))
}

/// A number, by its path: `/bounds/PN/0`.
pub(crate) fn number(of: &Value, path: &str) -> f64 {
    of.pointer(path).and_then(Value::as_f64).unwrap_or_else(|| panic!("{path} is a number"))
}

/// The entry of a list that has this `id`.
pub(crate) fn entry<'a>(list: &'a Value, id: &str) -> &'a Value {
    let list = list.as_array().expect("a list");
    list.iter().find(|e| e["id"] == id).unwrap_or_else(|| panic!("there is no {id}"))
}
