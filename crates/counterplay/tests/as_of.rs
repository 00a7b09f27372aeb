//! Predictions as of a moment, values of information, commitment and control, and what players expected on the way,
//! against enumeration, grids, published cases, and their own frequencies.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a test may fail, read files and print"
)]

mod common;

use common::{Dice, History, analysed, conditional, many_replays, scenario, told};
use counterplay::settings::Settings;
use counterplay_analysis::{Analysis, Expectations, PlayerView, Prediction, QueryEstimate};

fn asked(text: &str) -> Analysis {
    analysed(&scenario(text), &many_replays())
}

fn gain<'a>(analysis: &'a Analysis, name: &str) -> Vec<(&'a str, f64)> {
    let query = analysis.questions.queries.iter().find(|q| q.name == name).unwrap();
    query.values.iter().map(|v| (v.label.as_str(), v.here.mean)).collect()
}

#[track_caller]
fn assert_exact(found: f64, exact: f64, tolerance: f64) {
    assert!((found - exact).abs() <= tolerance, "{found} is not {exact}");
}

/// Two tosses of a coin of unknown bias that is seen, an answer by someone who may know more, and a count.
const COIN: &str = r#"
scenario("A coin", players = ["A"], about = {"third": "heads"})
bias = param("bias", beta(2, 3))
precision("precision", point(2))

def play(g):
    toss = lambda name: g.chance(name, {"heads": bias, "tails": rest})
    first, second, guess = toss("first"), toss("second"), g.choose("A", "guess", ["heads", "tails"])
    third = toss("third")
    g.measure("count", poisson(1 + 4 * bias))
    g.end(payoffs = {"A": 1 if guess == third else 0}, outcomes = {"third": third})
"#;

fn sampled() -> Settings {
    Settings {
        warmup: 300,
        draws: 1000,
        answer_draws: 2000,
        evidence_draws: 2000,
        replays: 4,
        ..Settings::default()
    }
}

fn prediction<'a>(analysis: &'a Analysis, name: &str) -> &'a Prediction {
    analysis.questions.predictions.iter().find(|p| p.name == name).unwrap()
}

#[track_caller]
fn assert_near(found: &QueryEstimate, exact: f64) {
    assert!((found.mean - exact).abs() <= 4.5 * found.error + 1e-9, "{found:?} is not {exact}");
}

/// With heads so often the posterior of the bias is a beta distribution.
#[test]
fn predictions_are_those_of_the_posterior_of_what_was_known() {
    let analysis = analysed(
        &scenario(&format!(
            "{COIN}record(first = \"heads\", second = \"heads\", third = \"tails\", measured = {{\"count\": 4}})\n\
             query(\"before\", probability({{\"third\": \"heads\"}}), as_of = \"first\")\n\
             query(\"later\", probability({{\"third\": \"heads\"}}), as_of = \"third\")\n\
             query(\"given\", probability({{\"second\": \"heads\"}}), given = {{\"third\": \"tails\"}}, as_of = \"second\")\n\
             query(\"count\", mean(\"count\"), as_of = \"second\")\n\
             query(\"median\", quantile(\"count\", 0.5), as_of = \"second\")\n\
             query(\"spread\", distribution(\"count\"), as_of = \"second\")\n\
             query(\"labels\", distribution(\"second\"), as_of = \"second\")\n"
        )),
        &sampled(),
    );
    let of = |name: &str| &prediction(&analysis, name).values[0].here;
    assert_near(of("before"), 0.4);
    assert_near(of("later"), 4.0 / 7.0);
    // Tails at the third toss: the bias is beta(3, 4) as of the second.
    assert_near(of("given"), 3.0 / 7.0);
    assert_near(of("count"), 1.0 + 4.0 * 0.5);
    assert_near(of("labels"), 0.5);
    let spread = prediction(&analysis, "spread").distribution.clone().unwrap();
    // Poisson with rate 1 + 4 b, b as beta(3, 3): variance 3 + 16 / 28.
    assert!(
        (spread.mean - 3.0).abs() < 0.15 && (spread.sd - (3.0_f64 + 4.0 / 7.0).sqrt()).abs() < 0.15,
        "{spread:?}"
    );
    assert_eq!(prediction(&analysis, "spread").happened.as_deref(), Some("4"));
    let later = prediction(&analysis, "later");
    assert_eq!((later.known, later.reliable), (2, true));
    assert!(later.reweighting.unwrap().effective_draws > 1000.0, "{later:?}");
    assert_near(&later.rest_probability, 3.0 / 7.0);
    assert_near(&prediction(&analysis, "before").rest_probability, 0.4 * 0.5 * 3.0 / 7.0);
    // The whole way: beta(2, 3), (3, 3), (4, 3), and then the third toss itself.
    let path: Vec<&QueryEstimate> = later.path.iter().map(|step| &step.value).collect();
    for (found, exact) in path.iter().zip([0.4, 0.5, 4.0 / 7.0, 0.0]) {
        assert_near(found, exact);
    }
    for (step, exact) in later.path.iter().zip([1.0, 0.4, 0.5, 3.0 / 7.0]) {
        assert_near(&step.foreseen, exact);
    }
    let quantile = counterplay_inference::distribution::Concrete::Beta { alpha: 3.0, beta: 3.0 };
    assert!((of("median").low..=of("median").high).contains(&(1.0 + 4.0 * quantile.quantile(0.5))));
}

/// A record that says so much that neither prior nor posterior is near to what was known before.
#[test]
fn where_weights_fail_the_posterior_is_sampled_again() {
    let tosses = 60;
    let names: Vec<String> = (0..tosses).map(|k| format!("{k}")).collect();
    let record: Vec<String> = names
        .iter()
        .enumerate()
        .map(|(k, n)| format!("\"{n}\": \"{}\"", if k < 30 { "yes" } else { "no" }))
        .collect();
    let text = format!(
        "scenario(\"Many\", players = [\"A\"])\na = param(\"a\", normal(0, 3))\nprecision(\"precision\", point(1))\n\
         def play(g):\n    for k in range({tosses}):\n        p = 0.999 if False else logistic(a)\n        \
         if g.chance(\"%d\" % k, {{\"yes\": p, \"no\": rest}}) != (\"yes\" if k < 30 else \"no\"):\n            \
         return g.end(payoffs = {{\"A\": 0}}, outcomes = {{\"all\": False}})\n    \
         g.measure(\"m\", normal(200 * a, 1))\n    g.end(payoffs = {{\"A\": 0}}, outcomes = {{\"all\": True}})\n\
         record({{{}}}, measured = {{\"m\": -100}})\n\
         query(\"next\", probability({{\"30\": \"yes\"}}), as_of = \"30\")\n",
        record.join(", ")
    );
    let settings = Settings {
        warmup: 200,
        draws: 150,
        answer_draws: 200,
        evidence_draws: 100,
        replays: 2,
        ..Settings::default()
    };
    let analysis = analysed(&scenario(&text), &settings);
    let next = prediction(&analysis, "next");
    assert!(next.path[30].reweighting.pareto_k > 0.7, "{:?}", next.path[30]);
    assert!(next.reliable && next.reweighting.is_none() && next.method.contains("sampled again"), "{next:?}");
    // Thirty times yes: the mean of logistic(a) given that, on a grid.
    let (mut above, mut below) = (0.0, 0.0);
    for k in 0..40_000 {
        let a = -10.0 + f64::from(k) * 1e-3;
        let p = 1.0 / (1.0 + (-a).exp());
        let weight = (-a * a / 18.0).exp() * p.powi(30);
        (above, below) = (above + weight * p, below + weight);
    }
    assert_near(&next.values[0].here, above / below);
}

/// Parameters and histories are drawn from the prior: what is foretold with a probability happens that often.
#[test]
fn predictions_as_of_a_moment_are_calibrated() {
    let settings = Settings {
        warmup: 200,
        draws: 400,
        answer_draws: 800,
        evidence_draws: 800,
        replays: 2,
        ..Settings::default()
    };
    // The prediction for each record that can be.
    let mut foretold = std::collections::BTreeMap::new();
    for first in ["heads", "tails"] {
        for second in ["heads", "tails"] {
            for third in ["heads", "tails"] {
                let record =
                    format!("record(first = \"{first}\", second = \"{second}\", third = \"{third}\")\n");
                let query = "query(\"third\", probability({\"third\": \"heads\"}), as_of = \"third\")\n";
                let analysis = analysed(&scenario(&format!("{COIN}{record}{query}")), &settings);
                let found = prediction(&analysis, "third");
                assert!(found.reliable);
                foretold.insert((first, second, third), found.values[0].here.mean);
            }
        }
    }
    let mut dice = Dice::new(5);
    let mut bins = [(0usize, 0.0, 0usize, 0.0); 10];
    for _ in 0..40_000 {
        // Beta(2, 3): the second smallest of four uniform numbers.
        let mut four: Vec<f64> = (0..4).map(|_| dice.uniform()).collect();
        four.sort_by(f64::total_cmp);
        let bias = four[1];
        let mut toss = || if dice.uniform() < bias { "heads" } else { "tails" };
        let history = (toss(), toss(), toss());
        let p = foretold[&history];
        let bin = &mut bins[(10.0 * p) as usize];
        *bin = (bin.0 + 1, bin.1 + p, bin.2 + usize::from(history.2 == "heads"), bin.3 + p * (1.0 - p));
    }
    for (count, expected, came, variance) in bins.into_iter().filter(|b| b.0 > 0) {
        // Monte Carlo error of the predictions themselves: about a tenth of the spread of the bias over root 300.
        let slack = 0.005 * count as f64;
        let gap = (came as f64 - expected).abs();
        assert!(gap <= 4.0 * f64::sqrt(variance) + slack, "{came} of {count} came, {expected} expected");
    }
    // The future must not leak into what is foretold: whatever came third, the prediction is the same.
    for ((first, second, third), p) in &foretold {
        let other = if *third == "heads" { "tails" } else { "heads" };
        assert!((p - foretold[&(*first, *second, other)]).abs() < 0.02, "{first} {second} {third}");
    }
}

/// A hidden kind, a threat that tells of it, and an answer.
const CRISIS: &str = r#"
scenario("A crisis", players = ["C", "D"])
precision("precision", point(3))

def play(g):
    kind = g.chance("kind", {"strong": 0.3, "weak": rest}, seen_by = ["C"])
    weather = g.chance("weather", {"fair": 0.5, "foul": rest}, seen_by = [])
    threat = g.choose("C", "threat", ["yes", "no"])
    answer = g.choose("D", "answer", ["resist", "yield"]) if threat == "yes" else "none"
    if answer == "none":
        pay = (0, 1)
    elif answer == "yield":
        pay = (1, 0)
    else:
        pay = (0.4, -0.3) if kind == "strong" else (-0.7, 0.6)
    g.end(payoffs = {"C": pay[0], "D": pay[1]}, outcomes = {"answer": answer})
"#;

fn payoff(h: &History, player: usize) -> f64 {
    let pair = match (h.label("threat"), h.label("answer"), h.label("kind")) {
        (Some("no"), _, _) => (0.0, 1.0),
        (_, Some("yield"), _) => (1.0, 0.0),
        (_, _, Some("strong")) => (0.4, -0.3),
        _ => (-0.7, 0.6),
    };
    if player == 0 { pair.0 } else { pair.1 }
}

fn expected(all: &[History], player: usize, given: impl Fn(&History) -> bool) -> f64 {
    let (mut above, mut below) = (0.0, 0.0);
    for h in all.iter().filter(|h| given(h)) {
        (above, below) = (above + h.probability * payoff(h, player), below + h.probability);
    }
    above / below
}

#[test]
fn values_of_information_commitment_and_control_are_differences_between_two_games() {
    let analysis = asked(&format!(
        "{CRISIS}record(threat = \"yes\")\n\
         query(\"knowing\", value_of_information(\"D\", \"kind\"))\n\
         query(\"nothing new\", value_of_information(\"C\", \"kind\"))\n\
         query(\"weather\", value_of_information(\"D\", \"weather\"))\n\
         query(\"bound\", value_of_commitment(\"D\", {{\"answer\": \"resist\"}}))\n\
         query(\"control\", value_of_control(\"C\", \"kind\"))\n"
    ));
    let at = |text: String, player: usize| expected(&told(&scenario(&text)), player, |_| true);
    let base = |player| at(CRISIS.to_owned(), player);
    let seen = CRISIS.replace("seen_by = [\"C\"]", "seen_by = ALL");
    let bound = CRISIS.replace(
        "g.choose(\"D\", \"answer\", [\"resist\", \"yield\"])",
        "g.chance(\"answer\", {\"resist\": 1})",
    );
    let strong = |p: &str| CRISIS.replace("{\"strong\": 0.3, \"weak\": rest}", p);
    let knowing = gain(&analysis, "knowing");
    assert_eq!((knowing[0].0, knowing[1].0), ("D", "C"));
    assert_exact(knowing[0].1, at(seen.clone(), 1) - base(1), 1e-10);
    assert_exact(knowing[1].1, at(seen, 0) - base(0), 1e-10);
    assert_exact(gain(&analysis, "nothing new")[0].1, 0.0, 1e-12);
    // What bears on nothing is worth nothing.
    assert_exact(gain(&analysis, "weather")[0].1, 0.0, 1e-10);
    assert_exact(gain(&analysis, "bound")[0].1, at(bound, 1) - base(1), 1e-10);
    let (hard, soft) = (strong("{\"strong\": 1}"), strong("{\"weak\": 1}"));
    assert_exact(gain(&analysis, "control")[0].1, at(hard, 0).max(at(soft, 0)) - base(0), 1e-10);
}

#[test]
fn players_expect_and_believe_what_bayes_rule_gives_them() {
    let analysis = asked(&format!("{CRISIS}record(threat = \"yes\", answer = \"yield\")\n"));
    let all = told(&scenario(CRISIS));
    let expectations = &analysis.questions.expectations;
    let at = |event: &str| -> &Expectations { expectations.iter().find(|o| o.event == event).unwrap() };
    let view = |event: &str, player: usize| -> &PlayerView { &at(event).views[player] };
    let names: Vec<&str> = expectations.iter().map(|o| o.event.as_str()).collect();
    assert_eq!(names, ["kind", "weather", "threat", "answer"]);
    let record = |h: &History| h.is("threat", "yes") && h.is("answer", "yield");
    let strong = |h: &History| h.is("kind", "strong");
    let threat = |h: &History| h.is("threat", "yes");
    // D moves at the answer, knowing of the threat alone.
    let d = view("answer", 1);
    assert_exact(d.payoff.mean, expected(&all, 1, threat), 1e-10);
    assert_eq!(d.beliefs.iter().map(|b| b.0.as_str()).collect::<Vec<_>>(), ["kind", "weather"]);
    let belief = d.beliefs[0].1.iter().find(|l| l.0 == "strong").unwrap().1.mean;
    assert_exact(belief, conditional(&all, strong, threat), 1e-10);
    assert_exact(d.beliefs[1].1[0].1.mean, 0.5, 1e-10);
    // C knows its kind, which the record leaves open.
    let given = conditional(&all, strong, record);
    let of = |kind: &'static str| expected(&all, 0, move |h| h.is("kind", kind) && h.is("threat", "yes"));
    let c = view("answer", 0);
    assert_exact(c.payoff.mean, given * of("strong") + (1.0 - given) * of("weak"), 1e-10);
    assert_eq!(c.beliefs.iter().map(|b| b.0.as_str()).collect::<Vec<_>>(), ["weather"]);
    // Before it sees a threat D knows nothing: its view is that of the beginning.
    let before = view("threat", 1);
    assert_exact(before.payoff.mean, expected(&all, 1, |_| true), 1e-10);
    assert_exact(before.beliefs[0].1.iter().find(|l| l.0 == "strong").unwrap().1.mean, 0.3, 1e-12);
}

/// The file of published cases, where it is.
fn reference() -> Option<String> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/reference");
    let folder = std::env::var("COUNTERPLAY_REFERENCE").unwrap_or(beside.to_owned());
    let text = std::fs::read_to_string(std::path::Path::new(&folder).join("causal_games.json")).ok();
    if text.is_none() {
        println!("skipped: there is no {folder}/causal_games.json");
    }
    text
}

/// A bias introduced by a decision: A and Z are fair, X = A Z, Y = X + Z, and D guesses Y, seeing X (PyCID's
/// `introduced_bias`; Everitt et al. 2021).
fn bias(seen: &str) -> String {
    format!(
        r#"
scenario("Bias", players = ["D"])
precision("precision", point(4000))
def play(g):
    a = g.chance("A", {{"0": 0.5, "1": 0.5}}, seen_by = [])
    z = g.chance("Z", {{"0": 0.5, "1": 0.5}}, seen_by = [])
    x = 1 if a == "1" and z == "1" else 0
    y = x + (1 if z == "1" else 0)
    g.chance("X", {{"%d" % x: 1}}, seen_by = {seen})
    g.chance("Y", {{"%d" % y: 1}}, seen_by = [])
    g.chance("noise", {{"0": 0.5, "1": 0.5}}, seen_by = [])
    guess = g.choose("D", "guess", ["0", "1/3", "2/3", "1", "2"])
    d = {{"0": 0.0, "1/3": 1 / 3, "2/3": 2 / 3, "1": 1.0, "2": 2.0}}[guess]
    g.measure("x", normal(x, 1))
    g.measure("y", normal(y, 1))
    g.measure("d", normal(d, 1))
    g.end(payoffs = {{"D": -(d - y) * (d - y)}}, outcomes = {{"guess": guess}})
"#
    )
}

#[test]
fn published_effects_and_values_of_information_of_the_introduced_bias_are_met() {
    let Some(reference) = reference() else { return };
    assert!(reference.contains("introduced_bias"));
    let questions = "what_if(\"one\", do(A = \"1\"), luck = \"redrawn\")\nwhat_if(\"nil\", do(A = \"0\"), luck = \"redrawn\")\n\
        query(\"x1\", mean(\"x\"), under = \"one\")\nquery(\"x0\", mean(\"x\"), under = \"nil\")\n\
        query(\"y1\", mean(\"y\"), under = \"one\")\nquery(\"y0\", mean(\"y\"), under = \"nil\")\n\
        query(\"d1\", mean(\"d\"), under = \"one\")\nquery(\"d0\", mean(\"d\"), under = \"nil\")\n\
        query(\"utility\", payoff(\"D\"))\n";
    let analysis = asked(&format!("{}{questions}", bias("ALL")));
    let mean =
        |name: &str| analysis.questions.queries.iter().find(|q| q.name == name).unwrap().values[0].here;
    let effect = |of: &str| mean(&format!("{of}1")).mean - mean(&format!("{of}0")).mean;
    let (x, y, d) = (effect("x"), effect("y"), effect("d"));
    assert_exact(x, 0.5, 1e-9);
    assert_exact(y, 0.5, 1e-9);
    // The introduced effect of A on D, relative to Y, is a third, to the last digit at this precision.
    assert_exact(d - y, 1.0 / 3.0, 1e-4);
    // It guesses the mean of Y given X: -1/6, to the last digit at this precision.
    assert_exact(mean("utility").mean, -1.0 / 6.0, 1e-4);
    // Every variable but the noise is worth knowing before anything is seen.
    let values: String = ["A", "X", "Y", "Z", "noise"]
        .map(|v| format!("query(\"{v}\", value_of_information(\"D\", \"{v}\"))\n"))
        .concat();
    let analysis = asked(&format!("{}{values}", bias("[]")));
    for variable in ["A", "X", "Y", "Z"] {
        assert!(gain(&analysis, variable)[0].1 > 0.01, "{variable}");
    }
    assert_exact(gain(&analysis, "noise")[0].1, 0.0, 1e-9);
    // Unseen, it guesses 2/3 for a mean of 3/4: an expected loss of 11/16 + 1/144. Seeing Y it errs not at all.
    assert_exact(gain(&analysis, "Y")[0].1, 11.0 / 16.0 + 1.0 / 144.0, 1e-4);
}

/// Two fair signals that a decision sees, and two tasks (PyCID's `5node_cid`).
#[test]
fn published_expected_utilities_of_a_decision_with_two_signals_are_met() {
    let Some(reference) = reference() else { return };
    assert!(reference.contains("5node_cid"));
    let text = r#"
scenario("Signals", players = ["D"])
precision("precision", point(2000))
def play(g):
    s1 = g.chance("S1", {"0": 0.5, "1": 0.5})
    s2 = g.chance("S2", {"0": 0.5, "1": 0.5})
    d = g.choose("D", "decision", ["0", "1"])
    g.pay("D", (1 if s1 == d else 0) + (1 if s2 == d else 0))
    g.end(outcomes = {"d": d})
record(decision = "0")
what_if("nil", do(decision = "0"), luck = "redrawn")
query("both", payoff("D"), given = {"S1": "0", "S2": "0"})
query("one", payoff("D"), within = {"S1": "0", "S2": "1"}, under = "nil")
query("first", value_of_control("D", "S1"))
"#;
    let analysis = asked(text);
    let mean =
        |name: &str| analysis.questions.queries.iter().find(|q| q.name == name).unwrap().values[0].here.mean;
    assert_exact(mean("both"), 2.0, 1e-12);
    assert_exact(mean("one"), 1.0, 1e-12);
    // The best that can be had is 1.5, and controlling a signal adds nothing: the other is as likely to agree.
    let query = analysis.questions.queries.iter().find(|q| q.name == "first").unwrap();
    assert_exact(query.values[0].factual.unwrap().mean, 1.5, 1e-9);
    assert_exact(mean("first"), 0.0, 1e-9);
}
