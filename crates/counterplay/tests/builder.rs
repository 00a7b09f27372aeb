//! A scenario told from Rust is the scenario that the language tells.

mod common;

#[allow(dead_code, reason = "its `main` prints")]
#[path = "../examples/border_crisis.rs"]
mod border_crisis;

#[allow(dead_code, reason = "its `main` prints")]
#[path = "../examples/signalling_game.rs"]
mod signalling_game;

#[allow(dead_code, reason = "its `main` prints")]
#[path = "../examples/war_of_attrition.rs"]
mod war_of_attrition;

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
    let error = s.build().err().unwrap();
    let said: Vec<&str> = error.problems().iter().map(|p| p.message.as_str()).collect();
    assert_eq!(said.len(), 4, "{said:?}");
    for words in ["the prior of `x`", "`x` is declared twice", "no precision is declared", "no story is told"]
    {
        assert!(said.iter().any(|s| s.starts_with(words)), "{words}: {said:?}");
    }
}

const ATTRITION: &str = r#"
scenario("A war of attrition", players = ["North", "South"], about = {"winner": "North"})
horizon(10)
north = param("cost of a year to North", uniform(0.1, 0.5))
south = param("cost of a year to South", uniform(0.1, 0.5))
precision("precision", lognormal(1, 0.3))

def play(g):
    g.next("war", "under way", discount = 1)

def war(g, state):
    first = g.choose("North", "North decides", ["hold", "yield"], seen_by = [])
    second = g.choose("South", "South decides", ["hold", "yield"], seen_by = [])
    g.reveal("North decides", to = ["South"])
    g.reveal("South decides", to = ["North"])
    g.pay("North", -north)
    g.pay("South", -south)
    if (first, second) == ("hold", "yield"):
        return g.end(payoffs = {"North": 1}, outcomes = {"winner": "North"})
    if (first, second) == ("yield", "hold"):
        return g.end(payoffs = {"South": 1}, outcomes = {"winner": "South"})
    if (first, second) == ("yield", "yield"):
        return g.end(payoffs = {"North": 0.5, "South": 0.5}, outcomes = {"winner": "nobody"})
    g.next("war", state, discount = 0.9)

stage("war", war)
record({"North decides": "hold", "South decides": "hold", "South decides #2": "yield"})
what_if("South holds on in the second year", do({"South decides #2": "hold"}))
"#;

#[test]
fn a_process_from_rust_is_the_one_in_the_language() {
    let from_rust = war_of_attrition::analysed(&little_work()).unwrap();
    let watch = &counterplay::watch::Unwatched;
    let in_language = analyse(&scenario(ATTRITION), &little_work(), watch).unwrap();
    assert_eq!(from_rust.answers, in_language.answers);
    assert_eq!(from_rust.play, in_language.play);
    assert!(from_rust.play.certified > 0);
}

#[test]
fn both_senders_come_to_have_beer_and_are_left_alone() {
    // The limit of the principal branch is the equilibrium that the intuitive criterion keeps (Cho and Kreps 1987, figure I).
    let (_, play) = signalling_game::solved(50.0).unwrap();
    for (found, limit) in play.iter().zip([1.0, 0.0, 1.0, 0.0, 0.0, 1.0]) {
        assert!((found - limit).abs() < 1e-3, "{play:?}");
    }
}

#[test]
fn a_solved_point_has_the_likelihood_and_the_slopes_of_the_record() {
    let model = scenario(IN_THE_LANGUAGE).model().unwrap();
    let point = [0.6, 0.3, 4.0];
    let solved = model.solve(&point).unwrap();
    assert!(solved.certify().unwrap().residual < 1e-9);
    let threat = solved.points(0).into_iter().find(|p| p.event == "answer").unwrap();
    assert_eq!(threat.actions[1].0, "yield");
    // The record says that somebody threatened, and that the Defender yielded.
    let probability = threat.reach_probability * threat.actions[1].1;
    assert!((solved.log_likelihood().unwrap() - probability.ln()).abs() < 1e-12);
    let at = |k: usize, by: f64| {
        let mut moved = point;
        moved[k] += by;
        model.solve(&moved).unwrap().log_likelihood().unwrap()
    };
    for (k, slope) in solved.gradient().unwrap().into_iter().enumerate() {
        let difference = (at(k, 1e-5) - at(k, -1e-5)) / 2e-5;
        assert!((slope - difference).abs() < 1e-6 * (1.0 + slope.abs()), "{k}: {slope} {difference}");
    }
}

#[test]
fn a_point_with_too_few_numbers_is_refused_with_the_names_of_the_parameters() {
    let error = scenario(IN_THE_LANGUAGE).model().unwrap().solve(&[0.5]).err().unwrap();
    assert_eq!(
        error.to_string(),
        "error: the point has 1 number, but there are 3 parameters\nhint: in this order: resolve, cost of war, precision"
    );
    assert!(!error.is_cancelled() && !error.is_unsolved());
}

#[test]
fn what_is_stopped_is_no_fault_of_the_scenario() {
    struct Stopped;
    impl counterplay::watch::Watch for Stopped {
        fn advance(&self, _: counterplay::watch::Stage, _: usize, _: Option<usize>) {}

        fn cancelled(&self) -> bool {
            true
        }
    }
    let error = analyse(&scenario(IN_THE_LANGUAGE), &little_work(), &Stopped).err().unwrap();
    assert!(error.is_cancelled() && error.problems().is_empty());
    assert_eq!(error.to_string(), "stopped");
}
