//! Answers that hold whatever the uncertain quantities are are told apart from findings.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use common::{analysed, answer, scenario};
use counterplay::settings::Settings;
use counterplay_analysis::Analysis;

/// There is no pact without a war; war is likely, but how likely is uncertain.
const STORY: &str = r#"
scenario("A war", players = ["A"], about = {"pact": True})
war = param("chance of war", uniform(0.7, 0.9))
worth = param("worth of a pact", normal(1, 0.3))
precision("precision", lognormal(0, 0.3))

def play(g):
    if g.chance("war", {"war": war, "peace": rest}) == "peace":
        return g.end(payoffs = {"A": 0}, outcomes = {"pact": False, "war": False})
    sign = g.choose("A", "sign", ["sign", "wait"]) == "sign"
    g.measure("shells", normal(3 + worth, 1))
    g.end(payoffs = {"A": worth if sign else 0}, outcomes = {"pact": sign, "war": True})

what_if("peace", do({"war": "peace"}))
what_if("war", do({"war": "war"}))
claim("no pact in peace", lambda a: a.probability("pact", True, under = "peace") < 0.1)
claim("a pact in peace", lambda a: a.probability("pact", True, under = "peace") > 0.1)
claim("war at least doubles it", lambda a: a.probability("pact", True, under = "war") > 2 * a.probability("pact", True, under = "peace"))
claim("some pact", lambda a: a.probability("pact", True) >= 0)
claim("war was likely", lambda a: a.probability("war", True) > 0.5)
claim("many shells", lambda a: a.mean("shells") > 0)
claim("war and no pact in peace", lambda a: a.probability("war", True) > 0.5 and a.probability("pact", True, under = "peace") == 0)
"#;

fn settings() -> Settings {
    Settings { warmup: 100, draws: 100, answer_draws: 100, evidence_draws: 100, ..Settings::default() }
}

fn by_construction(analysis: &Analysis, claim: &str) -> bool {
    let found = analysis.claims.iter().find(|c| c.name == claim).unwrap();
    assert!(found.probability.error == 0.0, "{claim} does not hold in every draw alike");
    found.by_construction
}

#[test]
fn what_the_story_rules_out_is_so_by_construction_and_what_is_believed_is_not() {
    let analysis = analysed(&scenario(STORY), &settings());
    assert!(answer(&analysis, "peace").by_construction);
    assert!(!answer(&analysis, "war").by_construction);
    for claim in ["no pact in peace", "a pact in peace", "war at least doubles it", "some pact"] {
        assert!(by_construction(&analysis, claim), "{claim}");
    }
    // They hold in every draw, of the prior too, and could fail with other beliefs.
    for claim in ["war was likely", "many shells", "war and no pact in peace"] {
        assert!(!by_construction(&analysis, claim), "{claim}");
    }
}

#[test]
fn a_what_if_is_so_by_construction_without_claims_as_well() {
    let lines: Vec<&str> = STORY.lines().filter(|line| !line.starts_with("claim")).collect();
    let story = lines.join("\n");
    let analysis = analysed(&scenario(&story), &settings());
    assert!(answer(&analysis, "peace").by_construction);
    assert!(!answer(&analysis, "war").by_construction);
}

#[test]
fn where_every_number_is_known_nothing_is_told_apart() {
    let known = ["uniform(0.7, 0.9)", "normal(1, 0.3)", "lognormal(0, 0.3)"];
    let story = known.iter().fold(STORY.to_owned(), |story, prior| story.replace(prior, "point(0.8)"));
    let analysis = analysed(&scenario(&story), &settings());
    assert!(!answer(&analysis, "peace").by_construction);
    assert!(analysis.claims.iter().all(|c| !c.by_construction));
}

#[test]
fn what_is_recorded_is_settled_whatever_the_numbers_are() {
    let story = STORY.to_owned() + "record({\"war\": \"war\"})\n";
    let analysis = analysed(&scenario(&story), &settings());
    assert!(by_construction(&analysis, "war was likely"));
    assert!(!by_construction(&analysis, "many shells"));
}
