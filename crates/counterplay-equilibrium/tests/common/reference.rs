//! The folder of reference results, where there is one.
#![allow(dead_code, missing_docs, unreachable_pub)]

use std::path::{Path, PathBuf};

use counterplay_game::gambit::read_efg;
use counterplay_game::rational::Rational;
use counterplay_game::tree::Game;
use serde_json::Value;

/// The folder: what `COUNTERPLAY_REFERENCE` names, or one of the usual places. Says so where there is none.
pub fn folder() -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference");
    let named = std::env::var_os("COUNTERPLAY_REFERENCE").map(PathBuf::from);
    let places = named.into_iter().chain([workspace]);
    let found = places.into_iter().find(|place| place.is_dir());
    if found.is_none() {
        println!("skipped: there is no folder of reference results");
    }
    found
}

pub fn json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).expect("the file is there")).expect("it is JSON")
}

/// The text of a file.
pub fn text(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).expect("the folder has the file")
}

/// All numbers in a value, in order; text such as `1/3` or `0.334` is a number as well.
pub fn flat(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(items) => items.iter().flat_map(flat).collect(),
        Value::Number(x) => x.as_f64().into_iter().collect(),
        Value::String(text) => {
            let mut parts = text.split('/').map(|p| p.parse::<f64>().expect("a number"));
            let whole = parts.next().expect("a numerator");
            vec![whole / parts.next().unwrap_or(1.0)]
        }
        Value::Null | Value::Bool(_) | Value::Object(_) => Vec::new(),
    }
}

/// A game in Gambit's format; `None` if its players have no perfect recall.
pub fn game(path: &Path) -> Option<Game> {
    let text = std::fs::read_to_string(path).expect("the file is there");
    read_efg(&text).expect("the file is a game").game().ok()
}

/// A whole number, a decimal or a fraction in quotes.
pub fn number(value: &Value) -> Rational {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let (a, b) = text.split_once('/').unwrap_or((&text, "1"));
    let decimal = |x: &str| {
        let (whole, digits) = x.split_once('.').unwrap_or((x, ""));
        let numerator = format!("{whole}{digits}").parse().expect("digits");
        let places = u32::try_from(digits.len()).expect("few digits");
        Rational::new(numerator, num_bigint::BigInt::from(10).pow(places))
    };
    decimal(a) / decimal(b)
}

/// A list of lists of numbers.
pub fn profile(value: &Value) -> Vec<Vec<Rational>> {
    let list = |v: &Value| v.as_array().expect("a list").iter().map(number).collect();
    value.as_array().expect("a list").iter().map(list).collect()
}
