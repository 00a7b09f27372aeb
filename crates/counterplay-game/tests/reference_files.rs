//! Published game files and facts about them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use counterplay_game::gambit::{read_efg, read_nfg, text_of, write_efg, write_nfg};

/// The bytes of a case, which are a text or written in hexadecimal.
fn bytes_of(text: &serde_json::Value) -> Vec<u8> {
    if let Some(text) = text.as_str() {
        return text.as_bytes().to_vec();
    }
    let digits = text["hex"].as_str().unwrap();
    (0..digits.len()).step_by(2).map(|i| u8::from_str_radix(&digits[i..i + 2], 16).unwrap()).collect()
}

#[test]
fn every_reference_file_is_read_and_round_trips() {
    let Some(folder) = common::reference() else { return };
    let extensive = common::files(&folder, "efg");
    let normal = common::files(&folder, "nfg");
    assert!(extensive.len() >= 20 && normal.len() >= 3);
    for path in extensive {
        let form = read_efg(&common::read(&path)).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert_eq!(read_efg(&write_efg(&form)).unwrap(), form, "{}", path.display());
    }
    for path in normal {
        let game = read_nfg(&common::read(&path)).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert_eq!(read_nfg(&write_nfg(&game)).unwrap(), game, "{}", path.display());
    }
}

#[test]
fn texts_are_accepted_and_refused_as_published() {
    let Some(folder) = common::reference() else { return };
    let cases = common::json(&folder, "gambit/parse_cases.json");
    for case in cases["cases"].as_array().unwrap() {
        let bytes = bytes_of(&case["text"]);
        let read = text_of(&bytes).and_then(|text| match case["format"].as_str().unwrap() {
            "efg" => read_efg(text).map(|_| ()),
            _ => read_nfg(text).map(|_| ()),
        });
        assert_eq!(read.is_ok(), case["result"] == "ok", "{}: {read:?}", case["id"]);
    }
}
