//! What the program says and writes: words for people, and fields for other programs.

use serde_json::Value;

use crate::folder::{Folder, code, errors, text};

fn json(folder: &Folder, arguments: &[&str]) -> Value {
    let output = folder.run(arguments);
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{arguments:?}: {e}: {}", errors(&output)))
}

const STORY: &str = "g.chance(\"weather\", {\"fair\": fair, \"foul\": rest})\n\
                     g.outcome(\"picnic\", g.choose(\"A\", \"day\", [\"out\", \"in\"]))";

fn picnic(more: &str) -> Folder {
    let fair = "fair = param(\"chance of fair weather\", beta(2, 2), evidence = [judgement(\"a guess\")])\n";
    Folder::with_story(&format!("{fair}{more}"), STORY)
}

#[test]
fn one_what_if_that_cannot_be_leaves_the_others_their_report() {
    let folder = picnic(
        "what_if(\"fair for sure\", set(fair, 1))\n\
         what_if(\"fairer than fair\", set(fair, 3))\n\
         query(\"out then\", probability({\"picnic\": \"out\"}), under = \"fairer than fair\")\n\
         claim(\"out\", lambda a: a.probability(\"picnic\", \"out\", under = \"fairer than fair\") > 0.5)\n\
         claim(\"in\", lambda a: a.probability(\"picnic\", \"in\", under = \"fair for sure\") > 0.5)\n",
    );
    let arguments = ["run", "case", "--quick", "--equilibria", "0", "--json=case.json"];
    let output = folder.run(&arguments);
    assert_eq!(code(&output), 1, "{}", errors(&output));
    assert!(folder.path("case.html").is_file());
    let analysis: Value = serde_json::from_str(&folder.read("case.json")).expect("JSON");
    let names = |field: &str| -> Vec<String> {
        let all = analysis[field].as_array().expect("a list");
        all.iter().map(|a| a["name"].as_str().expect("a name").to_owned()).collect()
    };
    assert_eq!(names("answers"), ["fair for sure"]);
    assert_eq!(names("claims"), ["in"]);
    let warning = |at: usize| analysis["warnings"][at]["message"].as_str().expect("a warning").to_owned();
    assert!(
        warning(0).starts_with(
            "the what-if `fairer than fair` (case/scenario.star, line 5) is left out: the probability of `fair` at \
             `weather` is 3 where `chance of fair weather` is 3"
        ),
        "{}",
        warning(0)
    );
    assert_eq!(warning(1), "left out with what-ifs that cannot be answered: `out then`, `out`");
    // An author who checks is told that it is wrong.
    let checked = folder.run(&["check", "case"]);
    assert_eq!(code(&checked), 1);
    assert!(errors(&checked).contains("--> case/scenario.star:5:1"), "{}", errors(&checked));
}

#[test]
fn what_rests_on_judgement_is_told_in_two_lines_unless_all_is_asked_for() {
    let folder = picnic("");
    let short = text(&folder.run(&["check", "case"]).stdout);
    assert!(
        short.contains(
            "note: 1 of 2 parameters rests on judgement alone: `chance of fair weather`\nhint: `--verbose`"
        ),
        "{short}"
    );
    let long = text(&folder.run(&["check", "case", "--verbose"]).stdout);
    assert!(long.contains("note: `chance of fair weather` rests on judgement alone\n --> case/"), "{long}");
}

const BATTLE: &str = "NFG 1 R \"battle\" { \"A\" \"B\" } { 2 2 }\n2 1 0 0 0 0 1 2";

#[test]
fn the_json_of_solve_has_a_word_that_programs_can_match() {
    let folder = Folder::new();
    folder.write("battle.nfg", BATTLE);
    let all = json(&folder, &["solve", "battle.nfg", "--method", "all", "--json"]);
    assert_eq!((all["end"].as_str(), all["information_sets"].as_u64()), (Some("all"), Some(2)));
    assert_eq!(all["players"], serde_json::json!(["A", "B"]));
    // Three equilibria, none of them connected to another.
    assert_eq!(all["components"], serde_json::json!([[0], [1], [2]]));
    assert!(all["equilibria"][0].get("node_values").is_none());
    let with = json(&folder, &["solve", "battle.nfg", "--method", "all", "--json", "--node-values"]);
    assert_eq!(with["equilibria"][0]["node_values"].as_array().map(Vec::len), Some(7));
    let spent = json(&folder, &["solve", "battle.nfg", "--method", "all", "--budget", "1", "--json"]);
    assert_eq!(spent["end"].as_str(), Some("out_of_budget"));
    let limit = json(&folder, &["solve", "battle.nfg", "--json"]);
    assert_eq!(limit["end"].as_str(), Some("limit"));
}

#[test]
fn all_equilibria_of_three_players_are_told_or_what_could_not_be_decided() {
    let folder = Folder::new();
    // Each is paid for being alone on its side.
    folder.write(
        "alone.nfg",
        "NFG 1 R \"alone\" { \"A\" \"B\" \"C\" } { 2 2 2 }\n0 0 0 2 0 0 0 2 0 0 0 1 0 0 2 0 1 0 1 0 0 0 0 0",
    );
    let all = json(&folder, &["solve", "alone.nfg", "--method", "all", "--json"]);
    let found = all["equilibria"].as_array().expect("a list");
    assert!(!found.is_empty());
    for equilibrium in found {
        assert!(equilibrium["gain"].as_f64().expect("a number") < 1e-9);
    }
    let output = folder.run(&["solve", "alone.nfg", "--method", "all"]);
    assert_eq!(code(&output), if all["end"] == "all" { 0 } else { 2 });
}

#[test]
fn counts_may_be_labelled_and_two_games_have_one_precision() {
    let folder = Folder::new();
    folder
        .write("a.nfg", "NFG 1 R \"a\" { \"A\" \"B\" } { { \"U\" \"D\" } { \"L\" \"R\" } }\n9 0 0 1 0 1 1 0");
    folder.write("plain.txt", "40 24 20 44");
    folder.write("named.txt", "B: R = 44\nB: L = 20\nA: U = 40\nA: D = 24\n");
    let lambda = |arguments: &[&str]| {
        let maxima = json(&folder, &[&["estimate", "--json"], arguments].concat());
        (maxima[0]["lambda"].as_f64().expect("a number"), maxima[0]["standard_error"].as_f64())
    };
    let (one, error) = lambda(&["a.nfg", "plain.txt"]);
    assert_eq!(lambda(&["a.nfg", "named.txt"]), (one, error));
    // The same counts twice say the same with more certainty.
    let (two, less) = lambda(&["a.nfg", "plain.txt", "a.nfg", "named.txt"]);
    assert!((two - one).abs() < 1e-6 * one, "{two} {one}");
    let ratio = error.expect("an error") / less.expect("an error");
    assert!((ratio - 2f64.sqrt()).abs() < 1e-3, "{ratio}");
    let alone = folder.run(&["estimate", "a.nfg", "plain.txt", "a.nfg"]);
    assert!(errors(&alone).starts_with("error: `a.nfg` stands alone\nhint: "), "{}", errors(&alone));
}

#[test]
fn a_scenario_is_drawn_in_tikz() {
    let folder = picnic("");
    let output = folder.run(&["draw", "case", "--tikz", "case.tex"]);
    assert_eq!(code(&output), 0, "{}", errors(&output));
    let figure = folder.read("case.tex");
    assert!(figure.contains("\\begin{tikzpicture}") && figure.contains("fair (50"), "{figure}");
}
