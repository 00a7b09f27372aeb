//! Games whose players forget: pure equilibria, certificates and figures; everything else is refused.

use crate::folder::{Folder, code, errors, text};

/// A forgets whether it went left or right.
const FORGETS: &str = r#"EFG 2 R "forgets" { "A" "B" }
""
p "" 1 1 "" { "l" "r" } 0
p "" 2 1 "" { "x" "y" } 0
p "" 1 2 "" { "L" "R" } 0
t "" 1 "" { 2, 1 }
t "" 2 "" { 0, 0 }
t "" 3 "" { 1, 1 }
p "" 1 2 "" { "L" "R" } 0
t "" 4 "" { 0, 0 }
t "" 5 "" { 3, 2 }
"#;

/// The absent-minded driver of Piccione and Rubinstein (1997).
const DRIVER: &str = r#"EFG 2 R "driver" { "Driver" }
""
p "" 1 1 "" { "exit" "go on" } 0
t "" 1 "" { 0 }
p "" 1 1 "" { "exit" "go on" } 0
t "" 2 "" { 4 }
t "" 3 "" { 1 }
"#;

/// A partnership at bridge, as one player: told a card at one seat and not at the other, it has to call it.
const PARTNERS: &str = r#"EFG 2 R "partners" { "Team" "Rival" "Bystander" }
""
c "" 1 "card" { "high" 1/2 "low" 1/2 } 0
p "" 1 1 "sees high" { "raise" "fold" } 0
p "" 1 3 "seat" { "high" "low" } 0
t "" 1 "" { 4, -4, 0 }
t "" 2 "" { 0, 0, 0 }
t "" 3 "" { 1, -1, 0 }
p "" 1 2 "sees low" { "raise" "fold" } 0
p "" 1 3 "seat" { "high" "low" } 0
t "" 4 "" { 0, 0, 0 }
t "" 5 "" { 4, -4, 0 }
t "" 6 "" { 1, -1, 0 }
"#;

fn with_games() -> Folder {
    let folder = Folder::new();
    folder.write("forget.efg", FORGETS);
    folder.write("driver.efg", DRIVER);
    folder.write("partners.efg", PARTNERS);
    folder
}

fn found(folder: &Folder, game: &str, method: &str) -> serde_json::Value {
    let ran = folder.run(&["solve", game, "--method", method, "--json"]);
    assert_eq!(code(&ran), 0, "{}", errors(&ran));
    serde_json::from_slice(&ran.stdout).expect("JSON")
}

#[test]
fn pure_equilibria_are_found_without_perfect_recall() {
    let folder = with_games();
    let solution = found(&folder, "forget.efg", "pure");
    let equilibria = solution["equilibria"].as_array().expect("a list");
    assert_eq!(equilibria.len(), 2);
    for equilibrium in equilibria {
        assert_eq!(equilibrium["expected_payoffs"], serde_json::json!([["A", 3.0], ["B", 2.0]]));
        assert_eq!(equilibrium["gain"], 0.0);
        let sets = &equilibrium["information_sets"];
        assert_eq!(
            (&sets[0]["actions"][1]["exact"], &sets[1]["actions"][1]["exact"]),
            (&"1".into(), &"1".into())
        );
    }
    let told = folder.run(&["solve", "forget.efg", "--method", "pure"]);
    assert!(
        text(&told.stdout).contains("all 2 equilibria in pure strategies; `A` does not have perfect recall"),
        "{}",
        text(&told.stdout)
    );
    // Raising one card, folding the other and calling the first gives 2.5; raising always gives 2, folding always 1.
    let partners = found(&folder, "partners.efg", "pure");
    let payoffs: Vec<f64> = partners["equilibria"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|e| e["expected_payoffs"][0][1].as_f64().expect("a number"))
        .collect();
    assert_eq!(payoffs, [2.5, 2.5]);
    assert_eq!(
        found(&folder, "partners.efg", "pure-agent")["equilibria"].as_array().expect("a list").len(),
        2
    );
    // The agents of A coordinate on l, L as well.
    assert_eq!(found(&folder, "forget.efg", "pure-agent")["equilibria"].as_array().expect("a list").len(), 4);
}

#[test]
fn what_absent_minded_players_could_gain_otherwise_is_told() {
    let folder = with_games();
    let told = folder.run(&["solve", "driver.efg", "--method", "pure"]);
    let said = text(&told.stdout);
    assert!(
        said.contains("the only equilibrium in pure strategies, against pure strategies and their mixtures"),
        "{said}"
    );
    assert!(said.contains("Expects     Driver 1"), "{said}");
    folder.write("mixed.txt", "1/3 2/3");
    let told = folder.run(&["certify", "driver.efg", "mixed.txt"]);
    let said = text(&told.stdout);
    assert!(said.contains("Expects     Driver 1.33"), "{said}");
    assert!(said.contains("behaviour strategies of absent-minded players were not tried"), "{said}");
    folder.write("exit.txt", "1 0");
    assert_eq!(code(&folder.run(&["certify", "driver.efg", "exit.txt"])), 1);
}

#[test]
fn profiles_are_certified_against_whole_strategies() {
    let folder = with_games();
    for (profile, holds, said) in [
        ("0 1 0 1 1 0", true, "this is a Nash equilibrium"),
        // Nobody gains by a change at one information set, but A does by going right both times.
        ("1 0 1 0 1 0", false, "Gains       A 1, B 0 by another strategy; NashConv 1\n"),
        ("1/2 1/2 1/2 1/2 1/2 1/2", false, "this is no Nash equilibrium"),
    ] {
        folder.write("profile.txt", profile);
        let ran = folder.run(&["certify", "forget.efg", "profile.txt"]);
        assert_eq!(code(&ran) == 0, holds, "{}{}", text(&ran.stdout), errors(&ran));
        assert!(text(&ran.stdout).contains(said), "{}", text(&ran.stdout));
    }
}

#[test]
fn other_methods_refuse_and_name_what_there_is() {
    let folder = with_games();
    for arguments in [
        &["solve", "forget.efg"][..],
        &["solve", "forget.efg", "--method", "all"],
        &["solve", "forget.efg", "--lambda", "1"],
        &["draw", "forget.efg", "--lambda", "1", "--svg", "forget.svg"],
    ] {
        let ran = folder.run(arguments);
        assert_eq!(code(&ran), 1);
        assert!(errors(&ran).contains("`A` does not have perfect recall"), "{}", errors(&ran));
        assert!(errors(&ran).contains("`solve --method pure`, `certify` and `draw`"), "{}", errors(&ran));
    }
    let drawn = folder.run(&["draw", "forget.efg", "--svg", "forget.svg", "--tikz", "forget.tex"]);
    assert_eq!(code(&drawn), 0, "{}", errors(&drawn));
    assert!(folder.read("forget.svg").contains("stroke-dasharray"));
}

#[test]
fn too_many_strategies_are_refused_with_their_bound() {
    let folder = Folder::new();
    // Eighteen situations, and in one of them what was done is forgotten.
    let branches: Vec<String> = (1..19).map(|k| format!("\"{k}\" 1/18")).collect();
    let branches = branches.join(" ");
    let mut game = format!("EFG 2 R \"long\" {{ \"A\" }}\n\"\"\nc \"\" 1 \"\" {{ {branches} }} 0\n");
    let decision = |set: usize| format!("p \"\" 1 {set} \"\" {{ \"a\" \"b\" }} 0\n");
    let (end, other) = ("t \"\" 1 \"\" { 0 }\n", "t \"\" 2 \"\" { 1 }\n");
    game += &decision(1);
    let forgotten = decision(19);
    game += &[&forgotten, end, other, &forgotten, other, end].concat();
    for set in 2..19 {
        game += &[&decision(set), end, other].concat();
    }
    folder.write("long.efg", &game);
    let solved = folder.run(&["solve", "long.efg", "--method", "pure-agent"]);
    assert!(
        errors(&solved).contains("profiles of actions at the 19 information sets"),
        "{}",
        errors(&solved)
    );
    folder.write("play.txt", &"1 0 ".repeat(19));
    let certified = folder.run(&["certify", "long.efg", "play.txt"]);
    assert!(errors(&certified).contains("has more than 100000 pure strategies"), "{}", errors(&certified));
}
