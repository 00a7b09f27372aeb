//! Interventions and equilibria in published causal games, and partial foresight against play computed by hand.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use common::reference::{entry, json};
use common::{conditional, histories, model, scenario};
use counterplay::scenario::Scenario;
use counterplay::scenario::plan::Plan;
use counterplay::story::limits::Limits;
use counterplay::watch::Unwatched;
use counterplay::world::inquiry::{Inquiry, WorldId};
use counterplay_equilibrium::nash::backward_induction::PerfectInformation;
use counterplay_equilibrium::nash::bimatrix::Bimatrix;
use counterplay_equilibrium::nash::pure::pure_equilibria;
use counterplay_equilibrium::nash::support_enumeration::{Settings, all_equilibria};
use counterplay_game::normal::NormalForm;
use counterplay_game::rational::{Rational, to_f64};
use serde_json::Value;

/// The histories of the world of a what-if, each with its probability: the world as it was where `name` is empty.
/// Surprises must be told apart for it, as those under `foreseen_by` some players are.
fn world(scenario: &Scenario, name: &str) -> Vec<common::History> {
    let mut inquiry = Inquiry::new(scenario, model(scenario), Limits::default(), &Unwatched);
    let question = scenario.questions.iter().find(|q| q.name == name);
    let world = question.map_or(WorldId::FACTUAL, |q| {
        inquiry.world(&Plan::new(&q.interventions, &q.foresight, q.luck).unwrap()).unwrap()
    });
    let prior = scenario.joint_prior(&[]).unwrap();
    let mut point = Vec::new();
    let combination = prior.combinations().next().unwrap();
    prior.constrain(&mut prior.workspace(&combination), &[], &mut point);
    let at = inquiry.at(world, &point).unwrap();
    histories(at.scene().model().game(), at.odds())
}

/// The mean of a function of a history.
fn mean(all: &[common::History], of: impl Fn(&common::History) -> f64) -> f64 {
    let total: f64 = all.iter().map(|h| h.probability).sum();
    assert!((total - 1.0).abs() < 1e-9);
    all.iter().map(|h| h.probability * of(h)).sum()
}

/// A label as a number.
fn at(history: &common::History, event: &str) -> f64 {
    history.label(event).unwrap().parse().unwrap()
}

/// The tail of a scenario whose uncertain quantities are known.
const SHARP: &str = "precision(\"precision\", point(10000))\n";

fn query(case: &Value, q: &str) -> f64 {
    let queries = case["queries"].as_array().unwrap();
    let answer = &queries.iter().find(|entry| entry["q"] == q).unwrap_or_else(|| panic!("no query {q}"))["a"];
    match answer {
        Value::String(text) => {
            let (above, below) = text.split_once('/').unwrap();
            above.parse::<f64>().unwrap() / below.parse::<f64>().unwrap()
        }
        other => other.as_f64().unwrap(),
    }
}

fn assert_near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
}

#[test]
fn forcing_a_cause_moves_its_effect_in_the_smallest_causal_network() {
    let Some(cases) = json("causal_games.json") else { return };
    let case = entry(&cases["cases"], "minimal_cbn");
    let text = r#"
scenario("Two nodes", players = ["Nobody"])
precision("precision", point(1))

def play(g):
    a = g.chance("A", {0: 0.5, 1: 0.5})
    g.chance("B", {a: 1})
    g.end(payoffs = {"Nobody": 0})

what_if("one", do(A = 1), foreseen_by = ALL)
what_if("zero", do(A = 0), foreseen_by = ALL)
"#;
    let scenario = scenario(text);
    let b = |name| mean(&world(&scenario, name), |h| at(h, "B"));
    assert_near(b(""), query(case, "E[B]"));
    assert_near(b("one"), query(case, "E[B|do(A=1)]"));
    assert_near(b("zero"), query(case, "E[B|do(A=0)]"));
}

#[test]
fn three_nodes_have_their_support_and_their_certain_consequence() {
    let Some(cases) = json("causal_games.json") else { return };
    let case = entry(&cases["cases"], "3node_cbn");
    let text = r#"
scenario("Three nodes", players = ["Nobody"])
precision("precision", point(1))

def play(g):
    s = g.chance("S", {-1: 0.5, 1: 0.5})
    d = g.chance("D", {s + 1: 1})
    g.chance("U", {s * d: 1})
    g.end(payoffs = {"Nobody": 0})
"#;
    let all = world(&scenario(text), "");
    let given = conditional(&all, |h| h.is("U", "2"), |h| h.is("D", "2"));
    assert_near(given, query(case, "P(U=2|D=2)"));
    let mut support: Vec<[f64; 3]> = all.iter().map(|h| ["S", "D", "U"].map(|e| at(h, e))).collect();
    support.sort_by(|a, b| a.partial_cmp(b).unwrap());
    assert_eq!(support, [[-1.0, 0.0, 0.0], [1.0, 2.0, 2.0]]);
}

const FIVE: &str = r#"
scenario("Five nodes", players = ["D"])
precision("precision", point(10000))

def play(g):
    first = g.chance("S1", {0: 0.5, 1: 0.5})
    second = g.chance("S2", {0: 0.5, 1: 0.5})
    d = g.choose("D", "decision", [0, 1])
    right = (1 if d == first else 0) + (1 if d == second else 0)
    g.end(payoffs = {"D": right}, outcomes = {"right": right})
"#;

#[test]
fn each_rule_of_the_one_player_has_its_expected_payoff() {
    let Some(cases) = json("causal_games.json") else { return };
    let case = entry(&cases["cases"], "5node_cid");
    let situations = ["0 0", "0 1", "1 0", "1 1"];
    let (mut values, mut best) = (Vec::new(), 0);
    for rule in 0..16 {
        // One rule: in each situation one action, forced there alone.
        let acts: Vec<String> = situations
            .iter()
            .enumerate()
            .map(|(k, s)| {
                let (first, second) = s.split_once(' ').unwrap();
                format!("only_if({{\"S1\": {first}, \"S2\": {second}}}, do(decision = {}))", rule >> k & 1)
            })
            .collect();
        let text = format!("{FIVE}\nwhat_if(\"rule\", {}, foreseen_by = ALL)\n", acts.join(", "));
        let all = world(&scenario(&text), "rule");
        let right = |h: &common::History| {
            f64::from(u8::from(h.label("S1") == h.label("decision")))
                + f64::from(u8::from(h.label("S2") == h.label("decision")))
        };
        let value = mean(&all, right);
        if rule == 0 {
            let zero = |second: &str| {
                let given = |h: &common::History| h.is("S1", "0") && h.is("S2", second);
                let all = world(&scenario(&text), "rule");
                all.iter().filter(|h| given(h)).map(|h| h.probability * right(h)).sum::<f64>() / 0.25
            };
            assert_near(zero("0"), query(case, "EU(D=0|S1=0,S2=0)"));
            assert_near(zero("1"), query(case, "EU(D=0|S1=0,S2=1)"));
        }
        best += usize::from(value == query(case, "optimal EU"));
        if !values.contains(&value) {
            values.push(value);
        }
    }
    values.sort_by(f64::total_cmp);
    let expected =
        case["queries"].as_array().unwrap().iter().find(|q| q["q"] == "set of EUs over 16 pure rules");
    let expected: Vec<f64> =
        expected.unwrap()["a"].as_array().unwrap().iter().filter_map(Value::as_f64).collect();
    assert_eq!(values, expected);
    assert_eq!(best as f64, query(case, "number of optimal pure rules"));
    let all = world(&scenario(FIVE), "");
    let right = |h: &common::History| {
        f64::from(u8::from(h.label("S1") == h.label("decision")))
            + f64::from(u8::from(h.label("S2") == h.label("decision")))
    };
    assert_near(mean(&all, right), query(case, "optimal EU"));
}

/// The effect of setting the group on what is decided, less that on what is predicted, where the rule of the one who
/// decides stays as it was.
fn introduced(x: &str, y: &str, rule: &str) -> [f64; 4] {
    let text = format!(
        r#"
scenario("Introduced bias", players = ["D"])
{SHARP}
def play(g):
    a = g.chance("A", {{0: 0.5, 1: 0.5}}, seen_by = [])
    z = g.chance("Z", {{0: 0.5, 1: 0.5}}, seen_by = [])
    x = g.chance("X", {{{x}: 1}})
    y = g.chance("Y", {{{y}: 1}}, seen_by = [])
    d = g.choose("D", "decision", [0, 1 / 3, 0.5, 1, 1.5, 2])
    g.end(payoffs = {{"D": -(d - y) * (d - y)}})

what_if("as it is", {rule} do(A = 0), do(A = 1), foreseen_by = [])
"#
    );
    let effect = |group: u8| {
        let forced = text.replace("do(A = 0), do(A = 1)", &format!("INERT, do(A = {group})"));
        // An event that nobody sees and that means nothing has the surprise told, and so its odds enumerated.
        let inert = "INERT = insert(\"inert\", {\"yes\": 1}, before = \"A\", seen_by = [])\n\ndef play(g):";
        let all = world(&scenario(&forced.replace("def play(g):", inert)), "as it is");
        ["X", "decision", "Y"].map(|event| mean(&all, |h| at(h, event)))
    };
    let (one, zero) = (effect(1), effect(0));
    let all = world(&scenario(&text.replace("do(A = 0), do(A = 1)", "do(A = 0)")), "");
    let payoff = mean(&all, |h| -(at(h, "decision") - at(h, "Y")).powi(2));
    [one[0] - zero[0], one[1] - zero[1], one[2] - zero[2], payoff]
}

#[test]
fn a_predictor_that_keeps_its_rule_introduces_the_published_bias() {
    let Some(cases) = json("causal_games.json") else { return };
    let case = entry(&cases["cases"], "introduced_bias");
    let random = "rule(\"D\", \"decision\", {0: 1, 1: 1, 2: 1}),";
    let [on_x, on_d, on_y, _] = introduced("a * z", "x + z", random);
    assert_near(on_x, query(case, "total effect A->X"));
    assert_near(on_d, query(case, "total effect A->D under random D"));
    assert_near(on_y, query(case, "total effect A->Y"));
    assert_near(on_d - on_y, query(case, "introduced total effect A on D rel. Y, random D"));
    let [_, on_d, on_y, payoff] = introduced("a * z", "x + z", "");
    assert_near(on_d - on_y, query(case, "same, D=E[Y|X]"));
    assert_near(payoff, query(case, "EU with D=E[Y|X]"));
    for (x, y, q) in
        [("a", "x + z", "same with X=A"), ("a * z", "x", "same with Y=X"), ("a * z", "z", "same with Y=Z")]
    {
        let [_, on_d, on_y, _] = introduced(x, y, "");
        assert_near(on_d - on_y, query(case, q));
    }
}

/// Both players' payoffs by what each chooses, rows and columns in the order of the actions.
fn matrix(rows: [[i32; 2]; 2], columns: [[i32; 2]; 2]) -> NormalForm {
    let labels = vec![vec!["0".into(), "1".into()]; 2];
    let mut payoffs = Vec::new();
    for second in 0..2 {
        for first in 0..2 {
            payoffs.push(Rational::from_integer(rows[first][second].into()));
            payoffs.push(Rational::from_integer(columns[first][second].into()));
        }
    }
    NormalForm::new(vec!["A".into(), "B".into()], labels, payoffs)
}

#[test]
fn the_small_matrix_games_have_their_equilibria() {
    let Some(cases) = json("causal_games.json") else { return };
    let all = |game: &NormalForm| all_equilibria(&Bimatrix::of(game).unwrap(), &Settings::default()).extreme;
    let dilemma = matrix([[-1, -3], [0, -2]], [[-1, 0], [-3, -2]]);
    let case = entry(&cases["cases"], "prisoners_dilemma");
    assert_eq!(all(&dilemma).len() as f64, query(case, "number of NE"));
    assert_eq!(pure_equilibria(&dilemma), [vec![1, 1]]);
    let payoffs = |profile: &[usize]| [0, 1].map(|p| to_f64(dilemma.payoff(profile, p)));
    let published = |q: &str| {
        let found = case["queries"].as_array().unwrap().iter().find(|e| e["q"] == q).unwrap();
        found["a"].as_array().unwrap().iter().filter_map(Value::as_f64).collect::<Vec<f64>>()
    };
    assert_eq!(payoffs(&[1, 1]).to_vec(), published("EU at NE"));
    assert_eq!(payoffs(&[1, 0]).to_vec(), published("EU(d,c)"));
    let pennies = matrix([[1, -1], [-1, 1]], [[-1, 1], [1, -1]]);
    let case = entry(&cases["cases"], "matching_pennies");
    assert_eq!(pure_equilibria(&pennies).len() as f64, query(case, "pure NE"));
    let found = all(&pennies);
    assert_eq!(found.len(), 1);
    assert!(found[0].iter().flatten().all(|p| to_f64(p) == 0.5));
}

#[test]
fn the_taxis_with_a_tie_have_two_subgame_perfect_equilibria() {
    let Some(cases) = json("causal_games.json") else { return };
    let case = entry(&cases["cases"], "modified_taxi");
    let text = r#"
scenario("Taxis with a tie", players = ["D1", "D2"])
precision("precision", point(40))

def play(g):
    first = g.choose("D1", "first", [0, 1])
    second = g.choose("D2", "second", [0, 1])
    g.end(payoffs = {"D1": [[2, 5], [3, 1]][first][second], "D2": [[2, 3], [5, 5]][first][second]})
"#;
    let model = model(&scenario(text));
    let numbers = model.game().at(&model.expressions(0).evaluate(&[40.0]));
    let found = PerfectInformation::of(model.game(), &numbers).unwrap().all(10);
    assert_eq!(found.found.len() as f64, query(case, "number of SPE"));
}

/// Two players choose at once. A foresees that its stake is larger; B does not, and plays on as it did.
#[test]
fn who_foresees_a_change_responds_to_the_rules_that_the_others_keep() {
    let text = r#"
scenario("Two at once", players = ["A", "B"])
stake = param("stake", point(1))
precision("precision", point(1.5))

def play(g):
    a, b = g.together([("A", "a", ["up", "down"]), ("B", "b", ["left", "right"])])
    won = a == "up" and b == "left"
    g.end(payoffs = {"A": stake if won else 0.2, "B": stake if a == "down" and b == "left" else 0.3 if b == "right" else 0})

what_if("A alone", set(stake, 3), foreseen_by = ["A"])
what_if("B alone", set(stake, 3), foreseen_by = ["B"])
what_if("both", set(stake, 3), foreseen_by = ALL)
"#;
    let scenario = scenario(text);
    let share = |name: &str, event: &str, label: &str| {
        mean(&world(&scenario, name), |h| f64::from(u8::from(h.is(event, label))))
    };
    let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
    let (up, left) = (share("", "a", "up"), share("", "b", "left"));
    // The factual play is an equilibrium by itself.
    assert_near(up, logistic(1.5 * (left - 0.2 * left)));
    assert_near(left, logistic(1.5 * ((1.0 - up) - 0.3)));
    assert_near(share("A alone", "b", "left"), left);
    assert_near(share("A alone", "a", "up"), logistic(1.5 * (3.0 * left - 0.2 * left)));
    assert_near(share("B alone", "a", "up"), up);
    assert_near(share("B alone", "b", "left"), logistic(1.5 * (3.0 * (1.0 - up) - 0.3)));
    assert!((share("both", "a", "up") - share("A alone", "a", "up")).abs() > 1e-3);
}

/// A precision is a rule of its own: another precision for one player alone, whom nobody expects to be so.
#[test]
fn another_precision_of_one_player_is_its_rule_by_that_precision() {
    let text = r#"
scenario("One sharper", players = ["A", "B"])
sharp = precision("precision of A", point(1), players = ["A"])
precision("precision of B", point(2), players = ["B"])

def play(g):
    a = g.choose("A", "a", ["up", "down"], seen_by = [])
    b = g.choose("B", "b", ["left", "right"])
    g.end(payoffs = {"A": 1 if a == "up" and b == "left" else 0.4, "B": 1 if a == "down" and b == "left" else 0.5})

what_if("sharper", set(sharp, 5), foreseen_by = ["A"])
"#;
    let scenario = scenario(text);
    let share = |name: &str, event: &str, label: &str| {
        mean(&world(&scenario, name), |h| f64::from(u8::from(h.is(event, label))))
    };
    let left = share("", "b", "left");
    assert_near(share("sharper", "b", "left"), left);
    let gain = left * 1.0 + (1.0 - left) * 0.4 - 0.4;
    assert_near(share("", "a", "up"), 1.0 / (1.0 + (-gain).exp()));
    assert_near(share("sharper", "a", "up"), 1.0 / (1.0 + (-5.0 * gain).exp()));
}

/// The same change written into the story and made by an intervention.
#[test]
fn a_story_changed_by_hand_is_the_story_under_the_intervention() {
    let story = |parameters: &str, told: &str, questions: &str| {
        format!(
            r#"
scenario("By hand", players = ["A", "B"])
p = param("p", point(0.3))
precision("precision", point(1.7))
{parameters}
def play(g):
{told}

{questions}"#
        )
    };
    let base = r#"    kind = g.chance("kind", {"hard": p, "soft": rest}, seen_by = ["A"])
    a = g.choose("A", "a", ["up", "down"])
    b = g.choose("B", "b", ["left", "right"])
    late = g.chance("late", {"yes": p, "no": rest})
    g.end(payoffs = {"A": (1 if kind == "hard" else p) * (1 if b == "left" else 0) + (0.3 if a == "up" else 0),
                     "B": (1 if kind == "soft" else 0) * (1 if b == "right" else 0) + (p if late == "yes" else 0)})"#;
    let b_first = base.replace(
        "    a = g.choose(\"A\", \"a\", [\"up\", \"down\"])\n    b = g.choose(\"B\", \"b\", [\"left\", \"right\"])\n",
        "    b = g.choose(\"B\", \"b\", [\"left\", \"right\"])\n    a = g.choose(\"A\", \"a\", [\"up\", \"down\"])\n",
    );
    let dearer = base.replace("    b = g.choose", "    p = 0.8 if a == \"up\" else old\n    b = g.choose");
    let leak = base.replace(
        "    b = g.choose",
        "    if g.chance(\"leak\", {\"yes\": p, \"no\": rest}, seen_by = [\"B\"]) == \"yes\":\n        g.reveal(\"kind\", to = [\"B\"])\n    b = g.choose",
    );
    let told_late =
        base.replace("    b = g.choose", "    g.reveal(\"kind\", to = [\"B\"])\n    b = g.choose");
    let cases = [
        ("swap(\"a\", \"b\")", b_first),
        ("only_if({\"a\": \"up\"}, set(p, 0.8))", format!("    old = 0.3\n    p = old\n{dearer}")),
        (
            "insert(\"leak\", {\"yes\": p, \"no\": rest}, before = \"b\", seen_by = [\"B\"]), only_if({\"leak\": \"yes\"}, show(\"kind\", to = [\"B\"]))",
            leak,
        ),
        ("from_event(\"b\", show(\"kind\", to = [\"B\"]))", told_late),
        ("forbid(\"a\", \"up\")", base.replace("[\"up\", \"down\"]", "[\"down\"]")),
    ];
    for (intervention, by_hand) in cases {
        let question = format!("what_if(\"it\", {intervention}, foreseen_by = ALL)\n");
        let intervened = scenario(&story("", base, &question));
        let by_hand = scenario(&story("", &by_hand, ""));
        let sorted = |mut all: Vec<common::History>| {
            all.sort_by(|a, b| a.events.cmp(&b.events));
            all
        };
        let (one, other) = (sorted(world(&intervened, "it")), sorted(world(&by_hand, "")));
        assert_eq!(one.len(), other.len(), "{intervention}");
        for (a, b) in one.iter().zip(&other) {
            assert_eq!(a.events, b.events, "{intervention}");
            assert_near(a.probability, b.probability);
        }
        assert!(
            one.iter()
                .zip(sorted(world(&intervened, "")))
                .any(|(a, b)| a.events != b.events || (a.probability - b.probability).abs() > 1e-4),
            "{intervention}"
        );
    }
}
