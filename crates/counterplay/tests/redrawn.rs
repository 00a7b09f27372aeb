//! Luck that is drawn again after the first event that a change touches: what lies before it is kept.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use common::{analysed, answer, conditional, probability, scenario, told};
use counterplay::Settings;
use counterplay_analysis::Analysis;

/// A sees its type and moves; then there is a shock, and B, who has seen the move and the shock, replies.
const STORY: &str = r#"
scenario("Reply", players = ["A", "B"], about = {"type": "x"})
precision("precision", point(1.1), evidence = [judgement("an example")])

def play(g):
    type = g.chance("type", {"x": 0.3, "y": rest}, seen_by = ["A"])
    move = g.choose("A", "move", ["a", "b", "c"])
    shock = g.chance("shock", {"hi": 0.4, "lo": rest})
    reply = g.choose("B", "reply", ["yes", "no"])
    own = {"a": 0.2, "b": 0.6 if type == "y" else 0.5, "c": 0.4}[move] + (0.3 if reply == "yes" else 0)
    g.end(payoffs = {"A": own, "B": (1 if type == "x" else -0.2) * (1 if reply == "yes" else 0.1) + (0.2 if shock == "hi" else 0)},
          outcomes = {"type": type, "move": move, "shock": shock, "reply": reply})
"#;

const RECORD: &str = "record({\"move\": \"b\", \"shock\": \"hi\"})\n";

fn asked(questions: &str) -> Analysis {
    let settings = Settings {
        draws: 10,
        warmup: 0,
        answer_draws: 2,
        evidence_draws: 8,
        stress_points: 0,
        ..Settings::default()
    };
    analysed(&scenario(&format!("{STORY}{RECORD}{questions}")), &settings)
}

fn of(analysis: &Analysis, name: &str, outcome: &str, value: &str) -> f64 {
    probability(&answer(analysis, name).world, outcome, value)
}

fn assert_exact(found: f64, exact: f64) {
    assert!((found - exact).abs() < 1e-9, "{found} is not {exact}");
}

/// The probability that the type was x, given the record.
fn type_x() -> f64 {
    conditional(&told(&scenario(STORY)), |h| h.is("type", "x"), |h| h.is("move", "b"))
}

#[test]
fn what_is_shown_from_an_event_on_keeps_what_lies_before_it() {
    let analysis = asked(
        "what_if(\"shown late\", from_event(\"shock\", show(\"type\", to = [\"B\"])), luck = \"redrawn_after\", foreseen_by = ALL)\n\
         what_if(\"shown at once\", show(\"type\", to = [\"B\"]), luck = \"redrawn_after\", foreseen_by = ALL)\n",
    );
    assert!((type_x() - 0.3).abs() > 0.01, "the record says something of the type: {}", type_x());
    for name in ["shown late", "shown at once"] {
        assert_exact(of(&analysis, name, "type", "x"), type_x());
    }
    // The shock keeps its luck where it is the moment, and is drawn again where it comes after it.
    assert_exact(of(&analysis, "shown late", "shock", "hi"), 1.0);
    assert_exact(of(&analysis, "shown at once", "shock", "hi"), 0.4);
}

/// The moments of other changes stay what they are.
#[test]
fn each_change_has_its_own_moment() {
    let analysis = asked(
        "what_if(\"both\", do(shock = \"lo\"), hide(\"shock\", from_ = [\"B\"]), luck = \"redrawn_after\", foreseen_by = ALL)\n",
    );
    assert_exact(of(&analysis, "both", "type", "x"), type_x());
    assert_exact(of(&analysis, "both", "shock", "lo"), 1.0);
}

/// An event that is removed leaves what came before it; what comes after its place is drawn again.
#[test]
fn a_removed_event_keeps_what_came_before_it() {
    let text = STORY.replace("\"shock\": shock,", "");
    let analysis = {
        let settings = Settings {
            draws: 10,
            warmup: 0,
            answer_draws: 2,
            evidence_draws: 8,
            stress_points: 0,
            ..Settings::default()
        };
        let questions = "what_if(\"no shock\", remove(\"shock\"), luck = \"redrawn_after\", foreseen_by = ALL)\n\
                         what_if(\"swapped\", swap(\"move\", \"shock\"), luck = \"redrawn_after\", foreseen_by = ALL)\n";
        let record = "record({\"move\": \"b\", \"shock\": \"hi\", \"reply\": \"yes\"})\n";
        analysed(&scenario(&format!("{text}{record}{questions}")), &settings)
    };
    let known = conditional(
        &told(&scenario(&text)),
        |h| h.is("type", "x"),
        |h| h.is("move", "b") && h.is("shock", "hi") && h.is("reply", "yes"),
    );
    for name in ["no shock", "swapped"] {
        assert_exact(of(&analysis, name, "type", "x"), known);
        let reply = of(&analysis, name, "reply", "yes");
        assert!(reply < 0.999, "the reply is drawn again: {reply}");
    }
}

/// The event that is changed keeps its luck.
#[test]
fn the_changed_event_keeps_its_luck() {
    let rule = |luck: &str| {
        format!("what_if(\"{luck}\", rule(\"A\", \"move\", {{\"a\": 1, \"c\": 2}}), luck = \"{luck}\")\n")
    };
    let analysis = asked(&["held", "redrawn_after", "redrawn"].map(rule).concat());
    let c = |luck: &str| of(&analysis, luck, "move", "c");
    assert_exact(c("held"), c("redrawn_after"));
    assert_exact(c("redrawn"), 2.0 / 3.0);
    assert!((c("held") - 2.0 / 3.0).abs() > 0.01, "{}", c("held"));
    assert_exact(of(&analysis, "redrawn_after", "shock", "hi"), 0.4);
}
