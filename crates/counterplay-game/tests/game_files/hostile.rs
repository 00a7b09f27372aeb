//! Texts made to do harm end in a game or an error, quickly.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use counterplay_game::gambit::{read_efg, read_nfg, write_efg, write_nfg};

use crate::random::{Dice, extensive_form, normal_form};

/// Reads a text in both formats and does with the games what callers would.
fn survive(text: &str) -> usize {
    let mut games = 0;
    if let Ok(form) = read_efg(text) {
        games += 1;
        assert_eq!(read_efg(&write_efg(&form)), Ok(form.clone().with_distinct_labels()));
        if let Ok(game) = form.game() {
            assert!(game.expressions().evaluate(&[]).iter().all(|x| x.is_finite()));
        }
    }
    if let Ok(game) = read_nfg(text) {
        games += 1;
        assert_eq!(read_nfg(&write_nfg(&game)), Ok(game));
    }
    games
}

/// A text with one thing changed.
fn mutated(text: &str, dice: &mut Dice) -> String {
    const SPARE: [&str; 12] = [
        "{",
        "}",
        "\"",
        "\\",
        "0",
        "-1",
        "1/0",
        "1e400",
        "99999999999999999999",
        ",",
        "p \"\" 1 1",
        "\u{feff}é",
    ];
    let mut bytes = text.as_bytes().to_vec();
    let at = dice.roll(0..bytes.len().max(1));
    match dice.roll(0..5) {
        0 if !bytes.is_empty() => bytes[at] ^= 1 << dice.roll(0..8),
        1 => bytes.truncate(at),
        2 => {
            let spare = dice.pick(&SPARE).bytes();
            bytes.splice(at..at, spare);
        }
        _ => {
            let mut words: Vec<_> = text.split(' ').collect();
            let (a, b) = (dice.roll(0..words.len()), dice.roll(0..words.len()));
            if dice.roll(0..2) == 0 {
                words.swap(a, b);
            } else {
                words[a] = words[b];
            }
            return words.join(" ");
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn mutated_files_never_crash_the_readers() {
    let dice = &mut Dice::new(7);
    let (mut read, mut refused) = (0, 0);
    let begun = Instant::now();
    for round in 0..6000 {
        let seed = round / 2;
        let mut text =
            if round % 2 == 0 { write_efg(&extensive_form(seed)) } else { write_nfg(&normal_form(seed)) };
        for _ in 0..dice.roll(1..4) {
            text = mutated(&text, dice);
        }
        if survive(&text) > 0 { read += 1 } else { refused += 1 }
    }
    // Mutations must neither spare nor spoil all files, or they test nothing.
    assert!(read > 300 && refused > 300, "{read} read, {refused} refused");
    assert!(begun.elapsed() < Duration::from_mins(1));
}

fn quickly(text: &str) -> bool {
    let begun = Instant::now();
    let read = survive(text) > 0;
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?} for {} bytes", begun.elapsed(), text.len());
    read
}

#[test]
fn a_tree_of_depth_two_hundred_thousand_is_read_and_unfolded() {
    let depth = 200_000;
    let mut text = "EFG 2 R \"\" { \"A\" } ".to_owned();
    for number in 0..depth {
        let _ = writeln!(text, "p \"\" 1 {number} \"\" {{ \"on\" \"stop\" }} 1 \"\" {{ 1/3 }}");
    }
    text.push_str(&"t \"\" 0\n".repeat(depth + 1));
    assert!(quickly(&text));
}

#[test]
fn a_deep_tree_with_one_absent_minded_player_is_refused_quickly() {
    let depth = 100_000;
    let mut text = "EFG 2 R \"\" { \"A\" } p \"\" 1 1 \"\" { \"on\" \"stop\" } 0 ".to_owned();
    text.push_str(&"p \"\" 1 1 0 ".repeat(depth));
    text.push_str(&"t \"\" 0 ".repeat(depth + 2));
    assert!(quickly(&text));
}

#[test]
fn many_players_and_many_ends_do_not_multiply() {
    let players = "\"x\" ".repeat(1000);
    let zeros = "0 ".repeat(1000);
    let mut text =
        format!("EFG 2 R \"\" {{ {players} }} p \"\" 1 1 \"\" {{ {} }} 0 ", "\"a\" ".repeat(20_000));
    let _ = write!(text, "t \"\" 1 \"\" {{ {zeros} }} ");
    text.push_str(&"t \"\" 1 ".repeat(19_999));
    assert!(quickly(&text));
    let written = write_efg(&read_efg(&text).unwrap());
    assert!(written.len() < 2 * text.len(), "{} bytes from {}", written.len(), text.len());
    assert!(!quickly(&format!("EFG 2 R \"\" {{ {} }} t \"\" 0", "\"x\" ".repeat(1001))));
}

#[test]
fn denominators_that_share_nothing_do_not_grow_without_bound() {
    // Probabilities 1/d with coprime denominators of some hundred digits.
    let mut branches = String::new();
    for k in 0..3000 {
        let _ = write!(branches, "\"\" 1/1{}{k:0>5}1 ", "0".repeat(460));
    }
    assert!(!quickly(&format!("EFG 2 R \"\" {{ \"A\" }} c \"\" 1 \"\" {{ {branches} }} 0")));
    // Payoffs of that kind along one way.
    let mut text = "EFG 2 R \"\" { \"A\" } ".to_owned();
    for k in 1..3000 {
        let _ = write!(text, "p \"\" 1 {k} \"\" {{ \"on\" }} {k} \"\" {{ 1/1{}{k:0>5}1 }} ", "0".repeat(400));
    }
    text.push_str("t \"\" 0");
    assert!(quickly(&text));
}

#[test]
fn absurd_numbers_are_refused() {
    let long = "9".repeat(1_000_000);
    for number in [&long, &format!("1/{long}"), "1e400", "1e-4000", "1e99999999999999999999", "-1e301"] {
        assert!(!quickly(&format!("EFG 2 R \"\" {{ \"A\" }} t \"\" 1 \"\" {{ {number} }}")));
        assert!(!quickly(&format!("NFG 1 R \"\" {{ \"A\" }} {{ 1 }} {number}")));
    }
    assert!(quickly("EFG 2 R \"\" { \"A\" } t \"\" 1 \"\" { 1e299 }"));
}

#[test]
fn tables_larger_than_their_text_are_refused() {
    let players = "\"x\" ".repeat(1000);
    let ones = "1 ".repeat(999);
    let text = format!("NFG 1 R \"\" {{ {players} }} {{ {ones} 100000 }} {{ }} {}", "0 ".repeat(100_000));
    assert!(!quickly(&text));
}
