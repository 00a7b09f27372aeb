//! The likelihood of a record against exact enumeration over all histories, and its gradient against differences.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use common::random_story::{random_point, random_record, random_scenario};
use common::{History, evaluator, histories, model, scenario};
use counterplay::model::odds::LogOdds;
use counterplay::model::{Evaluator, Model};
use counterplay::scenario::{Record, Scenario};
use counterplay::story::terms::EventName;
use counterplay_game::id::NodeId;
use counterplay_game::tree::Kind;
use counterplay_inference::distribution::Distribution;
use proptest::prelude::*;

/// The density of a recorded quantity at an end, by formulas of this test's own; 0 if it is not measured there.
fn density(model: &Model, values: &[f64], end: NodeId, name: &str, x: f64) -> f64 {
    let Kind::End(id) = model.game().kind(end) else { panic!("not an end") };
    let ending = &model.endings()[model.game().end(id).tag as usize];
    let Some(law) = ending.measures.iter().find(|m| model.game().text(m.0) == name) else { return 0.0 };
    match law.1.at(values) {
        Distribution::Normal { mean, sd } => {
            (-0.5 * ((x - mean) / sd).powi(2)).exp() / (sd * (2.0 * std::f64::consts::PI).sqrt())
        }
        Distribution::Poisson { rate } => (1..=x as u32).fold((-rate).exp(), |p, k| p * rate / f64::from(k)),
        other => panic!("{other:?} is not measured here"),
    }
}

/// Whether a history has every event of the record, as the record has it.
fn agrees(history: &History, record: &Record) -> bool {
    record.events.iter().all(|(event, label)| history.is(&event.to_string(), label))
}

/// The likelihood of a record, by going through all histories.
fn enumerated(evaluator: &mut Evaluator, point: &[f64], record: &Record) -> f64 {
    let found = evaluator.solve(point).unwrap();
    let (model, values) = (evaluator.model().clone(), evaluator.values().to_vec());
    let all = histories(model.game(), &LogOdds::new(evaluator.numbers(), found.of_state(0)));
    let weight = |h: &History| {
        let densities = record.measured.iter().map(|(name, &x)| density(&model, &values, h.end, name, x));
        h.probability * densities.product::<f64>()
    };
    all.iter().filter(|h| agrees(h, record)).map(weight).sum()
}

/// A random scenario with a random record of what is possible in it.
fn recorded(seed: u64) -> Scenario {
    let mut scenario = random_scenario(seed);
    let model = model(&scenario);
    let mut evaluator = evaluator(&model);
    let found = evaluator.solve(&random_point(seed)).unwrap();
    let all = histories(model.game(), &LogOdds::new(evaluator.numbers(), found.of_state(0)));
    let history = &all[seed as usize % all.len()];
    let counted = density(&model, evaluator.values(), history.end, "count", 0.0) > 0.0;
    scenario.record = random_record(seed, history, counted);
    scenario
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_likelihood_is_the_total_probability_of_the_agreeing_histories(seed in 0u64..1_000_000) {
        let scenario = recorded(seed);
        let mut evaluator = evaluator(&model(&scenario));
        let point = random_point(seed ^ 1);
        let exact = enumerated(&mut evaluator, &point, &scenario.record).ln();
        // The play of both is the same to the last bit if both are solved from the beginning.
        let found = evaluator.log_likelihood(&point).unwrap();
        prop_assert!((found - exact).abs() <= 1e-12 * exact.abs().max(1.0), "{found} is not {exact}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_gradient_is_the_slope_of_the_log_likelihood(seed in 0u64..1_000_000) {
        let scenario = recorded(seed);
        let mut evaluator = evaluator(&model(&scenario));
        let point = random_point(seed ^ 2);
        let mut gradient = vec![0.0; point.len()];
        evaluator.log_likelihood_gradient(&point, &mut gradient).unwrap();
        for (parameter, &found) in gradient.iter().enumerate() {
            let slope = slope(&mut evaluator, &point, parameter);
            let error = (found - slope).abs();
            prop_assert!(error <= 1e-6 * slope.abs() + 1e-10, "{found} is not {slope} for {parameter}");
        }
    }
}

/// The derivative by a parameter, by central differences over four points (error of the fourth order).
fn slope(evaluator: &mut Evaluator, point: &[f64], parameter: usize) -> f64 {
    let step = 1e-3;
    let mut at = |steps: f64| {
        let mut moved = point.to_vec();
        moved[parameter] += steps * step;
        evaluator.log_likelihood(&moved).unwrap()
    };
    (8.0 * (at(1.0) - at(-1.0)) - (at(2.0) - at(-2.0))) / (12.0 * step)
}

#[test]
fn a_record_of_nothing_is_certain() {
    for seed in 0..20 {
        let mut evaluator = evaluator(&model(&random_scenario(seed)));
        let log_likelihood = evaluator.log_likelihood(&random_point(seed)).unwrap();
        assert!(log_likelihood.abs() < 1e-13, "{log_likelihood}");
    }
}

const MAYBE: &str = r#"
scenario("Maybe", players = ["A"])
p = param("p", beta(1, 1))
m = param("m", normal(0, 1))
precision("precision", point(1))

def play(g):
    if g.chance("rain", {"yes": p, "no": rest}) == "yes":
        g.chance("flood", {"yes": 0.25, "no": rest})
        g.measure("level", normal(m, 1))
    if g.choose("A", "go", ["out", "in"]) == "out":
        g.measure("steps", poisson(3))
    g.end(payoffs = {"A": 0}, outcomes = {"done": True})
"#;

fn likelihood(record: &str, point: &[f64]) -> f64 {
    let scenario = scenario(&format!("{MAYBE}\n{record}\n"));
    evaluator(&model(&scenario)).log_likelihood(point).unwrap().exp()
}

/// By hand: rain with 0.3, flood with 0.25 if it rains; A is indifferent.
#[test]
fn an_event_that_is_recorded_must_have_happened() {
    let point = [0.3, 0.5, 1.0];
    let close = |found: f64, exact: f64| assert!((found - exact).abs() < 1e-14, "{found} is not {exact}");
    close(likelihood("record(flood = \"yes\")", &point), 0.3 * 0.25);
    close(likelihood("record(flood = \"no\")", &point), 0.3 * 0.75);
    close(likelihood("record(go = \"out\")", &point), 0.5);
    close(likelihood("record(rain = \"no\", go = \"out\")", &point), 0.7 * 0.5);
    let normal = |x: f64| (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt();
    close(likelihood("record(measured = {\"level\": 1.5})", &point), 0.3 * normal(1.0));
    let poisson = (-3.0_f64).exp() * 4.5;
    close(
        likelihood("record(measured = {\"level\": 1.5, \"steps\": 2})", &point),
        0.15 * normal(1.0) * poisson,
    );
    close(likelihood("record(rain = \"yes\", measured = {\"steps\": 2})", &point), 0.15 * poisson);
}

/// Both ends measure `x`, but only one can have given 2.5; what cannot have happened takes no part.
#[test]
fn histories_that_cannot_have_given_a_measured_value_do_not_spoil_the_gradient() {
    let scenario = scenario(
        r#"
scenario("Counts", players = ["A"])
p = param("p", beta(1, 1))
m = param("m", normal(0, 1))
b = param("b", normal(0, 1))
precision("precision", point(1))

def play(g):
    kind = g.chance("kind", {"count": p, "amount": rest})
    act = g.choose("A", "act", ["x", "y"])
    g.chance("late", {"u": p, "v": rest})
    g.measure("x", poisson(exp(m)) if kind == "count" else normal(m, 1))
    g.end(payoffs = {"A": b if act == "x" else 0}, outcomes = {"act": act})

record(act = "x", measured = {"x": 2.5})
"#,
    );
    let mut evaluator = evaluator(&model(&scenario));
    let mut gradient = vec![0.0; 4];
    let (p, m, b) = (0.3_f64, 0.5_f64, 0.7_f64);
    let found = evaluator.log_likelihood_gradient(&[p, m, b, 1.0], &mut gradient).unwrap();
    let play = 1.0 / (1.0 + (-b).exp());
    let density = -0.5 * (2.5 - m).powi(2) - 0.5 * (2.0 * std::f64::consts::PI).ln();
    assert!((found - ((1.0 - p) * play).ln() - density).abs() < 1e-13);
    let exact = [-1.0 / (1.0 - p), 2.5 - m, 1.0 - play, b * (1.0 - play)];
    for (found, exact) in gradient.iter().zip(exact) {
        assert!((found - exact).abs() < 1e-10, "{gradient:?}");
    }
}

/// What three uncertain probabilities leave is -2e-16 here.
#[test]
fn a_probability_that_rounding_brings_below_zero_is_zero() {
    let scenario = scenario(
        r#"
scenario("Rest", players = ["A"])
a = param("a", uniform(0, 1))
b = param("b", uniform(0, 1))
c = param("c", uniform(0, 1))
precision("precision", point(1))

def play(g):
    kind = g.chance("kind", {"a": a, "b": b, "c": c, "none": rest})
    g.choose("A", "act", ["x", "y"])
    g.end(payoffs = {"A": 0}, outcomes = {"kind": kind})

record(act = "x")
"#,
    );
    let point = [0.1, 0.7, 0.2 + 2e-16, 1.0];
    assert!(1.0 - (point[0] + point[1] + point[2]) < 0.0);
    let mut evaluator = evaluator(&model(&scenario));
    let mut gradient = vec![0.0; 4];
    let found = evaluator.log_likelihood_gradient(&point, &mut gradient).unwrap();
    assert!((found - 0.5_f64.ln()).abs() < 1e-12, "{found}");
    assert!(gradient.iter().all(|g| g.is_finite()), "{gradient:?}");
}

#[test]
fn each_occurrence_of_an_event_is_recorded_by_itself() {
    let text = r#"
scenario("Twice", players = ["A"])
p = param("p", beta(1, 1))
precision("precision", point(1))

def play(g):
    first = g.chance("toss", {"up": p, "down": rest})
    if first == "up":
        g.chance("toss", {"up": 0.25, "down": rest})
    g.end(payoffs = {"A": 0}, outcomes = {"first": first})
"#;
    let mut scenario = scenario(text);
    for (event, label, exact) in [("toss", "up", 0.5), ("toss #2", "up", 0.125), ("toss #2", "down", 0.375)] {
        scenario.record.events = vec![(EventName::parse(event), label.to_owned())];
        let found = evaluator(&model(&scenario)).log_likelihood(&[0.5, 1.0]).unwrap().exp();
        assert!((found - exact).abs() < 1e-14, "{event}: {found} is not {exact}");
    }
}
