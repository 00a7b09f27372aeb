//! Profiles of game files: in which forms they are read, and what is said of them.

use std::io::Write;
use std::process::{Output, Stdio};

use crate::folder::{Folder, code, errors, text};

/// The example of Koller, Megiddo and von Stengel (1994) as Gambit's repository has it: the first player's third information set
/// stands before its second one.
const KOLLER: &str = r#"EFG 2 R "Koller, Megiddo and von Stengel" { "1" "2" }
""
c "" 1 "" { "1" 0.2 "2" 0.2 "3" 0.2 "4" 0.4 } 0
p "" 1 1 "0" { "l" "r" } 0
t "" 1 "l" { 5, -5 }
p "" 2 1 "01" { "p" "q" } 0
p "" 1 3 "010" { "L" "R" } 0
t "" 2 "rpL" { 10, -10 }
t "" 3 "rpR" { 15, -15 }
p "" 1 3 "010" { "L" "R" } 0
t "" 4 "rqL" { 20, -20 }
t "" 5 "rqR" { -5, 5 }
p "" 1 2 "1" { "c" "d" } 0
t "" 6 "c" { 10, -10 }
t "" 7 "d" { 20, -20 }
p "" 1 2 "1" { "c" "d" } 0
p "" 2 2 "20" { "s" "t" } 0
t "" 8 "cs" { 20, -20 }
t "" 9 "ct" { 50, -50 }
p "" 2 2 "20" { "s" "t" } 0
t "" 10 "ds" { 30, -30 }
t "" 11 "dt" { 15, -15 }
t "" 12 "nothing" { 5, -5 }
"#;

/// Its equilibrium as pygambit prints it, in the order of first appearance.
const PRINTED: &str = "[[[Rational(0, 1), Rational(1, 1)], [Rational(2, 3), Rational(1, 3)], [Rational(1, 3), Rational(2, 3)]],\n \
    [[Rational(5, 6), Rational(1, 6)], [Rational(5, 9), Rational(4, 9)]]]\n";

/// Three players in turn after chance; the third player's second information set stands before its first, and has other
/// numbers of actions. Labels are missing or met twice.
const THREE: &str = r#"EFG 2 R "Three" { "A" "B" "C" }
""
c "" 1 "" { "x" 1/2 "y" 1/2 } 0
p "" 1 1 "" { "u" "u" } 0
p "" 3 2 "here" { "l" "m" "r" } 0
t "" 1 "" { 1, 0, 3 }
t "" 2 "" { 1, 0, 0 }
t "" 3 "" { 1, 0, 3 }
t "" 4 "" { 0, 0, 0 }
p "" 2 1 "here" { "u" "d" } 0
p "" 3 1 "" { "l" "r" } 0
t "" 5 "" { 0, 2, 1 }
t "" 6 "" { 0, 2, 0 }
t "" 4 "" { 0, 0, 0 }
"#;

fn with_games() -> Folder {
    let folder = Folder::new();
    folder.write("koller.efg", KOLLER);
    folder.write("three.efg", THREE);
    folder
}

/// What `certify` says of a profile on its standard input.
fn certified(folder: &Folder, game: &str, options: &[&str], profile: &str) -> Output {
    let arguments = [&["certify", game, "-"], options].concat();
    let mut ran = folder.command(&arguments).stdin(Stdio::piped()).spawn().expect("the program runs");
    ran.stdin.take().expect("a pipe").write_all(profile.as_bytes()).expect("it reads");
    ran.wait_with_output().expect("it ends")
}

#[test]
fn an_equilibrium_as_gambit_prints_it_is_certified_and_the_other_order_is_told() {
    let folder = with_games();
    let fields = "NE,0,1,2/3,1/3,1/3,2/3,5/6,1/6,5/9,4/9\r\n";
    for profile in [PRINTED, fields] {
        let ran = certified(&folder, "koller.efg", &[], profile);
        let said = text(&ran.stdout);
        assert_eq!(code(&ran), 0, "{said}{}", errors(&ran));
        assert!(said.contains("Verdict     this is a Nash equilibrium"), "{said}");
        assert!(said.contains("information sets by first appearance, as Gambit 17 prints them"), "{said}");
        assert!(
            said.contains("by number, the same numbers are another profile: this is no Nash equilibrium, largest gain 3\n"),
            "{said}"
        );
        let json = certified(&folder, "koller.efg", &["--json"], profile);
        let found: serde_json::Value = serde_json::from_slice(&json.stdout).expect("JSON");
        assert!(found["nash_conv"].as_f64().expect("a number") < 1e-12, "{found}");
        assert_eq!(found["gains"][0][0], "1");
    }
}

#[test]
fn the_order_can_be_asked_for() {
    let folder = with_games();
    let by_number = certified(&folder, "koller.efg", &["--order", "number"], PRINTED);
    let said = text(&by_number.stdout);
    assert_eq!(code(&by_number), 1, "{said}");
    assert!(said.contains("information sets by number, as asked for"), "{said}");
    assert!(said.contains("NashConv 3\n"), "{said}");
    let swapped = "0 1  1/3 2/3  2/3 1/3  5/6 1/6  5/9 4/9";
    assert_eq!(code(&certified(&folder, "koller.efg", &["--order", "number"], swapped)), 0);
    let json = certified(&folder, "koller.efg", &["--json"], swapped);
    let found: serde_json::Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert_eq!((&found["read_by"], &found["holds"]), (&"appearance".into(), &false.into()));
    assert_eq!(found["in_other_order"]["read_by"], "number");
    assert_eq!(found["in_other_order"]["holds"], true);
}

#[test]
fn numbers_that_are_a_profile_in_one_order_only_are_read_in_that_one() {
    let folder = with_games();
    // Of the third player the information set of three actions comes first, or that of two.
    for (profile, order) in [("1 0 1 0 0 0 1 1 0", "by first appearance"), ("1 0 1 0 1 0 1 0 0", "by number")]
    {
        let ran = certified(&folder, "three.efg", &[], profile);
        let said = text(&ran.stdout);
        assert_eq!(code(&ran), 0, "{said}{}", errors(&ran));
        assert!(said.contains(&format!("Read        information sets {order}; ")), "{said}");
        assert!(said.contains("and not to one"), "{said}");
    }
    let neither = certified(&folder, "three.efg", &[], "1 0 1 0 1 1 1 1 1");
    assert_eq!(code(&neither), 1);
    assert!(errors(&neither).contains("by first appearance: "), "{}", errors(&neither));
    assert!(errors(&neither).contains("; by number: "), "{}", errors(&neither));
    // The same play in both orders.
    let even = certified(&folder, "koller.efg", &[], &"1/2 ".repeat(10));
    assert!(text(&even.stdout).contains("by number it is the same play"), "{}", text(&even.stdout));
}

#[test]
fn labelled_profiles_are_read_in_any_order_with_names_or_numbers() {
    let folder = with_games();
    let labelled = "\u{feff}2: 20: s = 5/9\r\n2: 20: t = 4/9\r\n\r\n1:0:l=0\r\n1: 0: r 1\r\n1: 010: L, 2/3\r\n\"1: 010: R\",1/3\r\n\
        1: 1: c\t1/3\r\n1: 1: d = 0.6666666666666667\r\n2: 01: p = 5/6\r\n2: 01: q = 1/6\r\n";
    let ran = certified(&folder, "koller.efg", &[], labelled);
    assert_eq!(code(&ran), 0, "{}{}", text(&ran.stdout), errors(&ran));
    assert!(text(&ran.stdout).contains("Read        by labels\n"), "{}", text(&ran.stdout));
    // Without labels in the file, and with labels that two information sets have: the names that are shown, or numbers.
    let named = "A: u_1 = 1\nA: u_2 = 0\nC: here: l = 1\nC: here: m = 0\nC: here: r = 0\n\
        B: here: u = 1\nB: here: d = 0\nC: 1: l = 1\nC: 3:1: r = 0\n";
    assert_eq!(code(&certified(&folder, "three.efg", &[], named)), 0);
    let numbered = "1: 1: 1 = 1\n1: 1: 2 = 0\n3: 2: 1 = 1\n3: 2: 2 = 0\n3: 2: 3 = 0\n2: 1: 1 = 1\n2: 1: 2 = 0\n3: 1: 1 = 1\n3: 1: 2 = 0\n";
    let ran = certified(&folder, "three.efg", &[], numbered);
    assert_eq!(code(&ran), 0, "{}", errors(&ran));
}

#[test]
fn what_solve_finds_is_certified_from_its_json() {
    let folder = with_games();
    for game in ["koller.efg", "three.efg"] {
        let solved = folder.run(&["solve", game, "--method", "pure", "--json"]);
        let found: serde_json::Value = serde_json::from_slice(&solved.stdout).expect("JSON");
        for equilibrium in found["equilibria"].as_array().expect("a list") {
            let ran = certified(&folder, game, &[], &equilibrium.to_string());
            assert_eq!(code(&ran), 0, "{}{}", text(&ran.stdout), errors(&ran));
        }
    }
    let solved = folder.run(&["solve", "koller.efg", "--method", "zero-sum", "--json"]);
    let ran = certified(&folder, "koller.efg", &[], &text(&solved.stdout));
    assert_eq!(code(&ran), 0, "{}", errors(&ran));
}

#[test]
fn labels_that_are_missing_doubled_or_unknown_are_named() {
    let folder = with_games();
    let pair = |set: &str, a: &str, b: &str| format!("{set}: {a} = 1\n{set}: {b} = 0\n");
    let whole = [
        pair("1: 0", "l", "r"),
        pair("1: 010", "L", "R"),
        pair("1: 1", "c", "d"),
        pair("2: 01", "p", "q"),
        pair("2: 20", "s", "t"),
    ]
    .concat();
    assert!(errors(&certified(&folder, "koller.efg", &[], &whole)).is_empty());
    for (profile, said) in [
        (whole.replace("1: 1: d = 0\n", ""), "no probability is stated for `1: 1: d`"),
        (whole.replace("1: 1: d = 0", "1: 1: c = 0"), "line 6: `1: 1: c` is stated twice"),
        (
            whole.replace("1: 1: d = 0", "1: 1: e = 0"),
            "line 6: there is no action `1: 1: e`; did you mean `1: 1: c`?",
        ),
        (whole.replace("1: 1: d = 0", "1: 1: d = 1"), "sum to 2, and not to one"),
        (whole.replace("1: 1: d = 0", "1: 1: d = x"), "line 6: `x` is not a number"),
        ("NE,1,0\nNE,0,1\n".to_owned(), "2 profiles are stated, each after `NE`; certify one at a time"),
    ] {
        let ran = certified(&folder, "koller.efg", &[], &profile);
        assert_eq!(code(&ran), 1, "{profile}");
        assert!(errors(&ran).contains(said), "{}", errors(&ran));
        assert!(errors(&ran).starts_with("error: standard input: "), "{}", errors(&ran));
    }
    let asked = certified(&folder, "koller.efg", &["--order", "number"], &whole);
    assert!(errors(&asked).contains("no `--order` is needed"), "{}", errors(&asked));
}
