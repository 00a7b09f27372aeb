//! What people are told about files that are wrong.

use counterplay_game::gambit::{read_efg, read_nfg, text_of};

const HEAD: &str = "EFG 2 R \"t\" { \"A\" \"B\" }\n\"\"\n";

/// What is said about a tree after a head of two lines.
fn told(tree: &str) -> String {
    read_efg(&format!("{HEAD}{tree}")).unwrap_err().to_string()
}

#[test]
fn a_wrong_tree_is_told_with_its_place_and_a_hint() {
    let cases = [
        (
            "",
            "line 2, column 3: the file ends where a node (`c`, `p` or `t`) is expected\nhint: 1 branch leads to no node yet",
        ),
        (
            "p \"\" 3 1 \"\" { \"l\" \"r\" } 0\n",
            "line 3, column 6: there is no player 3: players are numbered 1 to 2",
        ),
        (
            "p \"\" 1 1 \"\" { \"l\" \"r\" } 0\nt \"\" 0\n",
            "line 4, column 7: the file ends where a node (`c`, `p` or `t`) is expected\nhint: 1 branch leads to no node yet",
        ),
        (
            "c \"\" 1 \"\" { \"a\" 0.333 \"b\" 0.333 \"c\" 0.333 } 0\n",
            "line 3, column 11: the probabilities of the branches do not sum to exactly one\nhint: write thirds and the like as fractions: `1/3`",
        ),
        ("c \"\" 1 \"\" { \"a\" -1/2 \"b\" 3/2 } 0\n", "line 3, column 17: the probability is negative"),
        (
            "t \"\" 1 \"\" { 1 }\n",
            "line 3, column 13: too few payoffs: 1 for 2 players\nhint: write one payoff for each player",
        ),
        (
            "t \"\" 1 \"\" { 1, 2, 3 }\n",
            "line 3, column 19: a payoff too many: there are 2 players\nhint: write one payoff for each player",
        ),
        ("t \"\" 1 \"\" { 1, 2/0 }\n", "line 3, column 16: `2/0` divides by zero"),
        (
            "t \"\" 1 \"\" { 1, 1e400 }\n",
            "line 3, column 16: the number is larger than about 1e300 or has too many digits",
        ),
        ("t \"\" 1 \"\" { 1, two }\n", "line 3, column 16: expected a number, found `two`"),
        (
            "t \"\" 1\n",
            "line 3, column 6: outcome 1 is never given payoffs\nhint: outcome 0 means no payoffs",
        ),
        (
            "t \"\" 0\nt \"\" 0\n",
            "line 4, column 1: expected the end of the file, found `t`\nhint: every branch of the tree already leads to a node; is an action missing before?",
        ),
        (
            "p \"\" 1 1 \"\" { \"a\" } 0\np \"\" 1 1 \"\" { \"b\" } 0\nt \"\" 0\n",
            "line 4, column 8: information set 1 of player 1 is stated differently from before\nhint: it was first met in line 3, column 8; repeat it word for word, leave the repetition out, or use another number",
        ),
        (
            "p \"\" 1 1 0\n",
            "line 3, column 10: expected the actions of information set 1 of player 1 in braces, found `0`",
        ),
        ("p \"Đà\" 1 1 \"open\n", "line 3, column 12: the text in quotation marks is not closed"),
        (
            "x \"\"\n",
            "line 3, column 1: expected a node (`c`, `p` or `t`), found `x`\nhint: 1 branch leads to no node yet",
        ),
    ];
    for (tree, expected) in cases {
        assert_eq!(told(tree), expected, "{tree}");
    }
}

#[test]
fn what_is_stated_again_may_leave_out_what_is_known() {
    let full = "p \"\" 1 1 \"where\" { \"l\" \"r\" } 0 p \"\" 2 1 \"also\" { \"l\" } 0 t \"\" 1 \"won\" { 1 2 } \
                p \"\" 2 1 \"also\" { \"l\" } 0 t \"\" 1 \"won\" { 1 2 }";
    let sparse = "p \"\" 1 1 \"where\" { \"l\" \"r\" } 0 p \"\" 2 1 { \"l\" } 0 t \"\" 1 \
                  p \"\" 2 1 \"also\" 0 t \"\" 1 \"won\" { 1 2 }";
    let read = |tree: &str| read_efg(&format!("{HEAD}{tree}"));
    assert!(read(full).is_ok());
    assert_eq!(read(full), read(sparse));
}

#[test]
fn a_wrong_head_is_told() {
    assert_eq!(
        read_efg("NFG 1 R").unwrap_err().to_string(),
        "line 1, column 1: expected `EFG`, found `NFG`\nhint: such a file begins with `EFG 2 R \"title\" { \"player\" ... }`"
    );
    assert_eq!(
        read_efg("EFG 1 R").unwrap_err().to_string(),
        "line 1, column 5: expected `2`, found `1`\nhint: only version 2 of the format is read"
    );
    assert_eq!(
        read_efg("EFG 2 R \"\" { }").unwrap_err().to_string(),
        "line 1, column 12: a game needs at least one player"
    );
}

#[test]
fn a_wrong_table_is_told() {
    let told =
        |rest: &str| read_nfg(&format!("NFG 1 R \"\" {{ \"A\" \"B\" }} {rest}")).unwrap_err().to_string();
    for (rest, expected) in [
        ("{ 2 2 } 1 1", "line 1, column 35: the file ends where payoff 3 of 8 is expected"),
        ("{ 2 0 } 1 1", "line 1, column 28: every player needs at least one strategy"),
        ("{ 2 2 2 } 1 1", "line 1, column 30: strategies of another player: there are 2 players"),
        ("{ 2 } 1 1", "line 1, column 24: there are strategies for only 1 of 2 players"),
        ("{ 4000000000 4000000000 } 1", "line 1, column 24: the game has more than 4194304 payoffs"),
        ("{ 1 1 } { { \"\" 1 2 } } 2", "line 1, column 47: there is no outcome 2: 1 are listed"),
        (
            "{ 1 1 } 1 2 3",
            "line 1, column 36: expected the end of the file, found `3`\nhint: the table has 1 profiles of strategies, for 2 players",
        ),
    ] {
        assert_eq!(told(rest), expected, "{rest}");
    }
}

#[test]
fn the_place_of_malformed_text_is_told() {
    let error = text_of(b"EFG 2 R \"t\"\n\"\xC3\xA9\x80\"").unwrap_err();
    assert_eq!((error.line, error.column), (2, 3));
}
