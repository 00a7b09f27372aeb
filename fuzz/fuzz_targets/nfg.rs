//! Whatever the bytes, reading them as `.nfg` ends in an error or in a game that is written and read back the same.

#![no_main]

use counterplay_game::gambit::{read_nfg, text_of, write_nfg};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = text_of(bytes) else { return };
    let Ok(game) = read_nfg(text) else { return };
    assert_eq!(read_nfg(&write_nfg(&game)).as_ref(), Ok(&game));
});
