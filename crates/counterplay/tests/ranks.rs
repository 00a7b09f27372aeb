//! Factors and explanations have a place only as far as their errors tell them apart.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use common::{analysed, scenario};
use counterplay::settings::Settings;
use counterplay_analysis::{Analysis, Rank};

/// Two causes that are alike, a lesser one, and one that does nothing.
const STORY: &str = r#"
scenario("Alike", players = ["A"], about = {"fire": True})
spark = param("chance of a spark", uniform(0.3, 0.5))
idle = param("chance of rain elsewhere", uniform(0.2, 0.8))
precision("precision", point(1))

def play(g):
    left = g.chance("left", {"spark": spark, "dark": rest})
    right = g.chance("right", {"spark": spark, "dark": rest})
    leaf = g.chance("leaf", {"dry": 0.1, "wet": rest})
    g.chance("elsewhere", {"rain": idle, "sun": rest})
    g.end(payoffs = {"A": 0}, outcomes = {"fire": "spark" in [left, right] or leaf == "dry"})

factor("left", absent = [do({"left": "dark"})])
factor("leaf", absent = [do({"leaf": "wet"})])
factor("right", absent = [do({"right": "dark"})])
factor("elsewhere", absent = [do({"elsewhere": "sun"})])
"#;

const RIVALS: &str = r#"
explanation("much rain", change = {idle: beta(9, 1)})
explanation("little rain", change = {idle: beta(1, 9)})
explanation("as it is", change = {idle: beta(5, 5)}, weight = 2)
"#;

fn found(more: &str) -> Analysis {
    let settings =
        Settings { warmup: 100, draws: 100, answer_draws: 100, evidence_draws: 160, ..Settings::default() };
    analysed(&scenario(&(STORY.to_owned() + more)), &settings)
}

fn places(ranks: impl Iterator<Item = Option<Rank>>) -> Vec<(usize, usize)> {
    ranks.map(|rank| rank.map(|r| (r.first, r.last)).unwrap()).collect()
}

#[test]
fn factors_that_are_alike_share_their_places() {
    let analysis = found("");
    let factors = &analysis.attributions[0].factors;
    assert_eq!(places(factors.iter().map(|f| f.rank)), [(1, 2), (3, 3), (1, 2), (4, 4)]);
}

#[test]
fn explanations_of_which_the_record_says_nothing_have_no_place() {
    for record in ["", "record({\"left\": \"spark\"})\n"] {
        let analysis = found(&(RIVALS.to_owned() + record));
        assert!(analysis.comparison.as_ref().unwrap().record_says_nothing, "{record}");
        assert!(analysis.explanations.iter().all(|e| e.rank.is_none()), "{record}");
    }
    // What is stated of them makes no difference to what the record says.
    let stated = "record({\"left\": \"spark\"})\nevidence(\"a letter\", {\"much rain\": 5, \"little rain\": 1, \"as it is\": 1}, source = judgement(\"a guess\"))\n";
    assert!(found(&(RIVALS.to_owned() + stated)).explanations.iter().all(|e| e.rank.is_none()));
}

#[test]
fn explanations_that_the_record_tells_apart_have_places_and_equal_ones_share_theirs() {
    let more =
        "explanation(\"rain again\", change = {idle: beta(9, 1)})\nrecord({\"elsewhere\": \"rain\"})\n";
    let analysis = found(&(RIVALS.to_owned() + more));
    assert!(!analysis.comparison.as_ref().unwrap().record_says_nothing);
    // Weighed by how often each lets it rain: 0.9, 0.1, twice 0.5, 0.9.
    assert_eq!(places(analysis.explanations.iter().map(|e| e.rank)), [(2, 3), (4, 4), (1, 1), (2, 3)]);
}
