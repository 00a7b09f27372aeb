//! Where the published results lie that tests compare with.
#![allow(dead_code, missing_docs, unreachable_pub)]

use std::path::{Path, PathBuf};

/// The folder of published results, if this machine has it.
pub fn reference() -> Option<PathBuf> {
    let stated = std::env::var_os("COUNTERPLAY_REFERENCE").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference");
    let found = stated.into_iter().chain([beside, "/work/shared/reference".into()]).find(|p| p.is_dir());
    if found.is_none() {
        println!("skipped: no folder of published results");
    }
    found
}

pub fn text(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).expect("the folder has the file")
}

pub fn json(folder: &Path, name: &str) -> serde_json::Value {
    serde_json::from_str(&text(folder, name)).expect("the file is JSON")
}

/// All numbers in a value, in order; text such as `1/3` or `0.334` is a number as well.
pub fn flat(value: &serde_json::Value) -> Vec<f64> {
    match value {
        serde_json::Value::Array(items) => items.iter().flat_map(flat).collect(),
        serde_json::Value::Number(x) => x.as_f64().into_iter().collect(),
        serde_json::Value::String(text) => {
            let mut parts = text.split('/').map(|p| p.parse::<f64>().expect("a number"));
            let whole = parts.next().expect("a numerator");
            vec![whole / parts.next().unwrap_or(1.0)]
        }
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Object(_) => Vec::new(),
    }
}
