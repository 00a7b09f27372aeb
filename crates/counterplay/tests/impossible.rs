//! Interventions that bring about what chance gives no probability.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use common::{analysed, answer, probability, scenario};
use counterplay::Settings;
use counterplay::assemble::analyse::analyse;
use counterplay::check::check;
use counterplay::story::limits::Limits;
use counterplay::watch::Unwatched;
use counterplay_analysis::{Analysis, FactorShare};

fn assert_exact(found: f64, exact: f64) {
    assert!((found - exact).abs() < 1e-9, "{found} is not {exact}");
}

fn settings() -> Settings {
    Settings {
        draws: 10,
        warmup: 0,
        answer_draws: 2,
        evidence_draws: 8,
        stress_points: 0,
        ..Settings::default()
    }
}

fn asked(text: &str) -> Analysis {
    let scenario = scenario(text);
    let problems = check(&scenario, Limits::default(), &Unwatched).problems;
    assert!(problems.is_empty(), "{}", problems[0]);
    analysed(&scenario, &settings())
}

/// The messages of a check and of an analysis.
fn refused(text: &str) -> [String; 2] {
    let scenario = scenario(text);
    let checked = check(&scenario, Limits::default(), &Unwatched).problems;
    let analysed = analyse(&scenario, &settings(), &Unwatched).unwrap_err();
    [checked[0].to_string(), analysed.to_string()]
}

/// The firing squad (Pearl 2009, section 7.1.2): the court orders, the captain signals, and two riflemen shoot.
fn squad(p: &str, more: &str) -> String {
    format!(
        r#"
scenario("squad", players = ["N"], about = {{"D": True}})
precision("p", point(1), evidence = [judgement("nobody decides")])

def play(g):
    u = g.chance("U", {{"1": {p}, "0": rest}})
    c = g.chance("C", {{u: 1}})
    a = g.chance("A", {{c: 1}})
    b = g.chance("B", {{c: 1}})
    g.end(payoffs = {{"N": 0}}, outcomes = {{"D": a == "1" or b == "1"}})

{more}
"#
    )
}

fn dead(analysis: &Analysis, what_if: &str) -> f64 {
    probability(&answer(analysis, what_if).world, "D", "True")
}

#[test]
fn a_rifleman_who_shoots_without_an_order_kills() {
    for (foreseen, luck) in [("NOBODY", "held"), ("ALL", "held"), ("NOBODY", "redrawn_after")] {
        let more = format!(
            "record({{\"U\": \"0\"}})\nwhat_if(\"shoots\", do(A = \"1\"), foreseen_by = {foreseen}, luck = \"{luck}\")\n\
             what_if(\"holds fire\", do(A = \"0\"), foreseen_by = {foreseen}, luck = \"{luck}\")\n"
        );
        let analysis = asked(&squad("0.5", &more));
        assert_eq!(
            (dead(&analysis, "shoots"), dead(&analysis, "holds fire")),
            (1.0, 0.0),
            "{foreseen} {luck}"
        );
    }
}

/// With the order given, the prisoner would have died without the one rifleman too.
#[test]
fn the_other_rifleman_shoots_as_well() {
    let analysis =
        asked(&squad("0.5", "record({\"D\": True})\n").replace(
            "record({\"D\": True})",
            "record({\"A\": \"1\"})\nwhat_if(\"no shot\", do(A = \"0\"))\n",
        ));
    assert_eq!(dead(&analysis, "no shot"), 1.0);
}

/// Sufficiency is certain, and both have the probability that the order is not given; the bounds that hold whatever the
/// mechanism hold these.
#[test]
fn the_probabilities_of_causation_of_the_firing_squad_are_those_of_its_mechanism() {
    for p in [0.2, 0.5] {
        let more = "factor(\"a\", absent = [do(A = \"0\")], present = [do(A = \"1\")])\n";
        let analysis = asked(&squad(&p.to_string(), more));
        let found: &FactorShare = &analysis.attributions[0].factors[0];
        assert_exact(found.sufficiency.mean, 1.0);
        assert_exact(found.necessity_and_sufficiency.mean, 1.0 - p);
        let bounds = found.bounds.unwrap();
        for (value, range) in [
            (1.0, bounds.sufficiency),
            (1.0 - p, bounds.necessity_and_sufficiency),
            (1.0 - p, bounds.necessity),
        ] {
            assert!(range.low - 1e-9 <= value && value <= range.high + 1e-9, "{value}: {range:?}");
        }
    }
}

/// What is listed with the probability 0 can be brought about, forbidden and seen.
#[test]
fn a_label_of_probability_zero_is_there_for_interventions() {
    let story = r#"
scenario("Switch", players = ["A"], about = {"lit": True})
precision("p", point(1000), evidence = [judgement("all but perfect play")])

def play(g):
    fuse = g.chance("fuse", {"good": 1, "blown": 0}, seen_by = ["A"])
    act = g.choose("A", "act", ["press", "leave"])
    g.end(payoffs = {"A": 1 if (act == "press") == (fuse == "good") else 0}, outcomes = {"lit": act == "press" and fuse == "good"})

what_if("blown, and it is known", do(fuse = "blown"), foreseen_by = ALL)
what_if("never blown", forbid("fuse", "blown"))
what_if("unseen", hide("fuse", from_ = ["A"]), foreseen_by = ALL)
"#;
    let analysis = asked(story);
    let lit = |name: &str| probability(&answer(&analysis, name).world, "lit", "True");
    assert!(lit("blown, and it is known") < 1e-9);
    assert!(lit("never blown") > 0.999 && lit("unseen") > 0.999);
}

/// Whoever keeps its rules has them for situations that can come about, and not for others.
#[test]
fn who_does_not_foresee_it_plays_by_the_rules_that_it_has() {
    let story = |seen: &str| {
        format!(
            r#"
scenario("Alarm", players = ["A"], about = {{"out": True}})
precision("p", point(2), evidence = [judgement("an example")])

def play(g):
    fire = g.chance("fire", {{"yes": 0.3, "no": rest}}, seen_by = NOBODY)
    alarm = g.chance("alarm", {{"rings": 0.9, "silent": rest}} if fire == "yes" else {{"silent": 1}}, seen_by = {seen})
    act = g.choose("A", "act", ["leave", "stay"])
    g.end(payoffs = {{"A": 1 if (act == "leave") == (fire == "yes") else 0}}, outcomes = {{"out": act == "leave"}})

record({{"fire": "no"}})
what_if("a false alarm", do(alarm = "rings"))
"#
        )
    };
    let analysis = asked(&story("[\"A\"]"));
    // Once it rings there is a fire for sure, as far as A knows.
    assert_exact(
        probability(&answer(&analysis, "a false alarm").world, "out", "True"),
        1.0 / (1.0 + (-2.0_f64).exp()),
    );
}

/// In a situation that it never knew a player has no rule to keep, and responds to what it finds.
#[test]
fn a_player_responds_in_a_situation_that_it_never_knew() {
    let text = r#"
scenario("Door", players = ["A", "B"], about = {"in": True})
precision("p", point(2), evidence = [judgement("an example")])

def play(g):
    door = g.chance("door", {"shut": 1, "open": 0}, seen_by = ["A"])
    act = g.choose("A", "act", ["in", "out"], seen_by = NOBODY)
    g.choose("B", "wave", ["yes", "no"], seen_by = NOBODY)
    g.end(payoffs = {"A": 1 if (act == "in") == (door == "open") else 0}, outcomes = {"in": act == "in"})

what_if("open", do(door = "open"))
"#;
    let analysis = asked(text);
    let odds = 1.0 / (1.0 + (-2.0_f64).exp());
    assert_exact(probability(&analysis.factual, "in", "True"), 1.0 - odds);
    assert_exact(probability(&answer(&analysis, "open").world, "in", "True"), odds);
}

#[test]
fn a_change_of_what_cannot_come_up_is_refused() {
    let text = r#"
scenario("Steps", players = ["A"], about = {"end": "far"})
precision("p", point(2), evidence = [judgement("an example")])

def play(g):
    if g.choose("A", "first", ["go", "stop"]) == "stop":
        return g.end(payoffs = {"A": 0}, outcomes = {"end": "near"})
    second = g.choose("A", "second", ["go", "stop"])
    g.end(payoffs = {"A": 1}, outcomes = {"end": "far" if second == "go" else "near"})

what_if("on without a beginning", do({"first": "stop", "second": "go"}))
"#;
    for message in refused(text) {
        assert!(message.contains("changes `second`, which cannot come up there"), "{message}");
    }
    // What the other factors take away is no fault of a factor.
    let factors = text.split("what_if").next().unwrap().to_owned()
        + "factor(\"one\", absent = [do(first = \"stop\")])\nfactor(\"two\", absent = [do(second = \"stop\")])\n";
    assert_eq!(asked(&factors).attributions[0].factors.len(), 2);
}

/// A truce that holds or breaks, year after year; once broken it stays so.
const TRUCE: &str = r#"
scenario("Truce", players = ["A"], about = {"broken": True})
precision("p", point(2), evidence = [judgement("an example")])

def year(g, state):
    turn = g.chance("turn", {"breaks": 0.2 if state == "truce" else 1, "holds": rest})
    g.outcome("broken", turn == "breaks")
    g.next("year", "war" if turn == "breaks" else "truce", discount = 0.9)

stage("year", year)
horizon(5)

def play(g):
    g.next("year", "truce")

"#;

#[test]
fn a_process_says_where_chance_never_brings_about_what_a_what_if_does() {
    let text = TRUCE.to_owned() + "what_if(\"peace after all\", do({\"turn #3\": \"holds\"}))\n";
    for message in refused(&text) {
        assert!(message.contains("`turn #3` cannot be `holds` in the state `year war`"), "{message}");
        assert!(message.contains("scenario.star:16"), "{message}");
    }
    let text = TRUCE.replace("else 1,", "else 1 - 1e-9,")
        + "what_if(\"peace after all\", do({\"turn #3\": \"holds\"}))\n";
    // Peace in the third year; then two more years, the fourth and the fifth.
    assert_exact(
        probability(&answer(&asked(&text), "peace after all").world, "broken", "True"),
        1.0 - 0.8 * 0.8,
    );
}

#[test]
fn a_process_says_what_it_never_comes_to() {
    let text = TRUCE.to_owned() + "what_if(\"late\", do({\"turn #6\": \"breaks\"}))\n";
    for message in refused(&text) {
        assert!(message.contains("`turn` comes up 5 times at most within 5 stages"), "{message}");
    }
}
