//! Whatever the bytes, reading them as `.efg` ends in an error or in a game that is written, read back the same, and
//! turned into a tree with finite numbers.

#![no_main]

use counterplay_game::gambit::{read_efg, text_of, write_efg};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = text_of(bytes) else { return };
    let Ok(form) = read_efg(text) else { return };
    assert_eq!(read_efg(&write_efg(&form)), Ok(form.clone().with_distinct_labels()));
    if let Ok(game) = form.game() {
        assert!(game.recall().is_ok());
        assert!(game.expressions().evaluate(&[]).iter().all(|number| number.is_finite()));
    }
});
