//! A scenario told from Rust is the scenario that the language tells.

mod common;

#[allow(dead_code, reason = "its `main` prints")]
#[path = "../examples/border_crisis.rs"]
mod border_crisis;

use common::scenario;
use counterplay::builder::{normal, point};
use counterplay::{Scenario, Settings, analyse};

const IN_THE_LANGUAGE: &str = r#"
scenario("A border crisis", players = ["Challenger", "Defender"], about = {"prize": "Challenger"})
resolve = param("resolve", beta(2, 2), evidence = [judgement("it mobilised once")])
cost = param("cost of war", between(0.1, 0.7, kind = "share"))
precision("precision", lognormal(1.5, 0.3))

def play(g):
    kind = g.chance("resolve", {"resolved": resolve, "bluffing": rest}, seen_by = ["Challenger"])
    if g.choose("Challenger", "threat", ["threaten", "stay"]) == "stay":
        return g.end(payoffs = {"Defender": 1}, outcomes = {"prize": "Defender"})
    if g.choose("Defender", "answer", ["resist", "yield"]) == "yield":
        return g.end(payoffs = {"Challenger": 1}, outcomes = {"prize": "Challenger"})
    hurt = 0.5 * cost if kind == "resolved" else cost
    g.end(payoffs = {"Challenger": 0.5 - hurt, "Defender": 0.5 - cost}, outcomes = {"prize": "fought over"})

record({"threat": "threaten", "answer": "yield"})
what_if("the Defender resists", do({"answer": "resist"}))
"#;

fn little_work() -> Settings {
    Settings { warmup: 50, draws: 50, answer_draws: 40, evidence_draws: 40, ..Settings::default() }
}

#[test]
fn the_border_crisis_from_rust_is_the_one_in_the_language_to_the_last_bit() {
    let from_rust = border_crisis::analysed(&little_work()).unwrap();
    let watch = &counterplay::watch::Unwatched;
    let in_language = analyse(&scenario(IN_THE_LANGUAGE), &little_work(), watch).unwrap();
    assert_eq!(from_rust.answers, in_language.answers);
    assert_eq!(from_rust.play, in_language.play);
    let after = |a: &counterplay::Analysis| a.parameters.iter().map(|p| p.after.clone()).collect::<Vec<_>>();
    assert_eq!(after(&from_rust), after(&in_language));
}

#[test]
fn declarations_that_are_wrong_are_refused_all_at_once() {
    let mut s = Scenario::builder("Nothing", ["A"]);
    s.parameter("x", normal(0.0, -1.0));
    s.parameter("x", point(1.0));
    let problems = s.build().err().unwrap();
    let said: Vec<&str> = problems.list().iter().map(|p| p.message.as_str()).collect();
    assert_eq!(said.len(), 4, "{said:?}");
    for words in ["the prior of `x`", "`x` is declared twice", "no precision is declared", "no story is told"]
    {
        assert!(said.iter().any(|s| s.starts_with(words)), "{words}: {said:?}");
    }
}
