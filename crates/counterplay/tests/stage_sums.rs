//! Sums over pairs of states of a process, against many replays with luck that is drawn.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use common::{Dice, analysed, answer, assert_share, evaluator, probability, scenario};
use counterplay::Settings;
use counterplay::model::Model;
use counterplay::model::consistent::Weights;
use counterplay::scenario::plan::Plan;
use counterplay::story::limits::Limits;
use counterplay::watch::Unwatched;
use counterplay::world::inquiry::{Inquiry, WorldId};
use counterplay::world::replay::LuckOf;
use counterplay::world::scene::{LuckKey, RecordedMeasures};

const REPLAYS: u64 = 20_000;

/// A siege, year by year: the weather, a move of the besieger, and how strong the town is; it ends when the town falls or the siege is
/// given up.
const SIEGE: &str = r#"
scenario("A siege", players = ["Besieger", "Town"], about = {"fallen": True})
store = param("store", point(0.6), evidence = [judgement("an example")])
precision("precision", point(2), evidence = [judgement("an example")])

def year(g, strength):
    weather = g.chance("weather", {"dry": 0.5, "wet": 0.3, "cold": rest})
    move = g.choose("Besieger", "move", ["storm", "wait", "leave"])
    g.outcome("weather last", weather)
    if move == "leave":
        return g.end(payoffs = {"Town": 1}, outcomes = {"fallen": False, "given up": True})
    harm = g.chance("harm", {"much": (1 - store) * (0.9 if move == "storm" else 0.6), "some": 0.3 * store, "none": rest})
    left = strength - {"much": 2, "some": 1, "none": 0}[harm]
    g.pay("Besieger", -0.3 if move == "storm" else -0.1)
    if left <= 0:
        return g.end(payoffs = {"Besieger": 2}, outcomes = {"fallen": True})
    g.outcome("fallen", False)
    g.next("year", left, discount = 0.9)

stage("year", year)
horizon(6)

def play(g):
    g.next("year", 3)

record({"weather": "wet", "move": "wait", "weather #2": "dry"})
what_if("a smaller store", set(store, 0.3))
what_if("stormed in the second year", do({"move #2": "storm"}))
what_if("no cold in the third", forbid("weather #3", "cold"))
what_if("another first year", do({"weather": "cold", "harm": "some"}))
what_if("another time", set(store, 0.5), luck = "redrawn")
"#;

/// Sums every what-if of a process, and compares it with many replays.
fn compared_with_replays(text: &str) {
    let scenario = scenario(text);
    let settings = Settings {
        draws: 4,
        warmup: 0,
        answer_draws: 1,
        evidence_draws: 8,
        stress_points: 0,
        equilibria: 0,
        confirmations: Some(0),
        ..Settings::default()
    };
    let analysis = analysed(&scenario, &settings);
    let told = Model::new(&scenario, Limits::default(), &Unwatched).unwrap();
    let mut inquiry = Inquiry::new(&scenario, told, Limits::default(), &Unwatched);
    let point = [0.6, 2.0];
    let plan =
        |q: &counterplay::scenario::Question| Plan::new(&q.interventions, &q.foresight, q.luck).unwrap();
    let worlds: Vec<WorldId> = scenario.questions.iter().map(|q| inquiry.world(&plan(q)).unwrap()).collect();
    let scene = inquiry.factual();
    let mut evaluator = evaluator(scene.model());
    let found = evaluator.solve(&point).unwrap();
    let (odds, values) = (evaluator.odds(&found), evaluator.all_values().to_vec());
    let consistent = scene.model().consistent().unwrap();
    let mut weights = Weights::default();
    consistent.weigh(scene.model().unfolded(), &odds, &values, &mut weights);
    let none = RecordedMeasures::new(&scenario.record, &inquiry.catalogue);
    for (question, world) in scenario.questions.iter().zip(worlds) {
        let at = inquiry.at(world, &point).unwrap();
        let mut dice = Dice::new(5);
        let mut counts = [0usize; 16];
        for key in 0..REPLAYS {
            let history = consistent.draw(&weights, || dice.uniform());
            let held = scene.abduct(LuckKey::new(key), &odds, &values, &history, &none, &inquiry.catalogue);
            let again = LuckKey::new(1_000_000 + key).luck();
            let redrawn = question.luck == counterplay::scenario::Luck::Redrawn;
            let luck = LuckOf { before: if redrawn { &again } else { &held }, after: None };
            let steps = at.replay_with(luck).steps;
            for (k, (outcome, value)) in ASKED.iter().enumerate() {
                let wanted = inquiry.catalogue.value(outcome, value).unwrap();
                let stated = steps.iter().rev().flat_map(|s| at.scene().stated(s.state, s.end));
                let last = stated.into_iter().find(|o| o.outcome == wanted.outcome);
                counts[k] += usize::from(last == Some(&wanted));
            }
        }
        let found = answer(&analysis, &question.name);
        assert!(!found.replayed, "{} was replayed", question.name);
        assert_eq!(found.about_probability.low, found.about_probability.high);
        for (k, (outcome, value)) in ASKED.iter().enumerate() {
            let share = counts[k] as f64 / REPLAYS as f64;
            assert_share(share, probability(&found.world, outcome, value), REPLAYS as usize);
        }
    }
}

#[test]
fn what_ifs_of_a_process_are_what_many_replays_say() {
    compared_with_replays(SIEGE);
}

/// A siege in which the weather is looked at twice in a cold year, with a record of these events.
fn twice_in_the_cold(record: &str) -> String {
    let text = SIEGE.replace(
        "    harm = g.chance(",
        "    if weather == \"cold\":\n        g.chance(\"weather\", {\"dry\": 0.5, \"wet\": rest})\n    harm = g.chance(",
    );
    text.replace("record({\"weather\": \"wet\", \"move\": \"wait\", \"weather #2\": \"dry\"})", record)
}

/// Nothing is known of the years after the record: there events may come up more often in one world than in the other.
#[test]
fn worlds_may_come_out_of_step_after_the_record() {
    compared_with_replays(&twice_in_the_cold("record({\"weather\": \"wet\", \"move\": \"wait\"})"));
}

/// The omen of the world as it was does not come up in the other, then or later: what is known of it bears on nothing.
#[test]
fn known_luck_of_what_never_comes_up_again_does_not_matter() {
    let before = "def play(g):\n    if g.chance(\"portent\", {\"bad\": 0.5, \"good\": rest}) == \"bad\":\n        \
                  g.chance(\"omen\", {\"crow\": store, \"owl\": rest})\n    g.next(";
    let text = SIEGE.replace("def play(g):\n    g.next(", before);
    let text = text.replace("record({", "record({\"portent\": \"bad\", \"omen\": \"crow\", ");
    let text = text.replace("\"weather #2\": \"dry\"", "\"harm\": \"none\"");
    let asked = "what_if(\"a good portent\", do({\"portent\": \"good\"}))\n";
    compared_with_replays(&format!("{text}{asked}"));
}

const ASKED: [(&str, &str); 4] =
    [("fallen", "True"), ("given up", "True"), ("weather last", "dry"), ("weather last", "cold")];

/// Where an event comes up more often in one world than in the other before the record ends, and comes up again, known luck is shared
/// across stages: that is replayed, and said to be.
#[test]
fn known_luck_that_is_shared_across_stages_is_replayed() {
    let settings = Settings {
        draws: 4,
        warmup: 0,
        answer_draws: 2,
        evidence_draws: 8,
        stress_points: 0,
        ..Settings::default()
    };
    let longer = "record({\"weather\": \"wet\", \"move\": \"wait\", \"weather #2\": \"dry\"})";
    let analysis = analysed(&scenario(&twice_in_the_cold(longer)), &settings);
    assert!(answer(&analysis, "another first year").replayed);
    assert!(!answer(&analysis, "another time").replayed);
    // The second look of a cold year is recorded; in a wet one it comes up a year later.
    let cold = "record({\"weather\": \"cold\", \"weather #2\": \"dry\", \"move\": \"wait\"})\n\
                what_if(\"a wet year\", do({\"weather\": \"wet\"}))";
    let analysis = analysed(&scenario(&twice_in_the_cold(cold)), &settings);
    assert!(answer(&analysis, "a wet year").replayed);
    assert!(!answer(&analysis, "a smaller store").replayed);
}
