//! Answers to what-ifs against what they are exactly.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use common::{
    Dice, History, analysed, answer, assert_share, conditional, many_replays, probability, scenario, told,
};
use counterplay::settings::Settings;
use counterplay_analysis::Analysis;

/// 400 draws of 250 replays.
const TRIALS: usize = 100_000;

fn answered(text: &str) -> Analysis {
    analysed(&scenario(text), &many_replays())
}

/// The taxi game (Hammond et al. 2023, Reasoning about causality in games).
#[test]
fn a_surprise_and_a_foreseen_move_differ_in_the_taxi_game() {
    let analysis = answered(
        r#"
scenario("Taxis", players = ["D1", "D2"])
precision("precision", point(40))

def play(g):
    pair = g.choose("D1", "first", ["e", "c"]) + g.choose("D2", "second", ["e", "c"])
    first, second = {"ee": (2, 2), "ec": (5, 3), "ce": (3, 5), "cc": (1, 1)}[pair]
    g.end(payoffs = {"D1": first, "D2": second}, outcomes = {"payoffs": "%d, %d" % (first, second)})

what_if("a surprise", do(second = "e"))
what_if("foreseen", do(second = "e"), foreseen_by = ALL)
"#,
    );
    assert_eq!(probability(&analysis.factual, "payoffs", "5, 3"), 1.0);
    assert_eq!(probability(&answer(&analysis, "a surprise").world, "payoffs", "2, 2"), 1.0);
    assert_eq!(probability(&answer(&analysis, "foreseen").world, "payoffs", "3, 5"), 1.0);
}

fn strike(record: &str) -> String {
    format!(
        r#"
scenario("Strike", players = ["A"])
gain = param("gain", point(0.5))
chance = param("chance", point(0.4))
precision("precision", point(2))

def play(g):
    act = g.choose("A", "act", ["yes", "no"])
    came = g.chance("came", {{"yes": chance, "no": rest}})
    g.end(payoffs = {{"A": gain if act == "yes" else 0}}, outcomes = {{"act": act, "came": came}})

record({record})
what_if("less gain", set(gain, -0.3))
what_if("more gain", set(gain, 0.9))
what_if("less chance", set(chance, 0.25))
what_if("more chance", set(chance, 0.85))
"#
    )
}

/// The share of replays that take the first branch at probability `then`, among those that take it (or do not) at
/// `before`, over a fine grid of the luck: the difference of two Gumbel numbers is logistic.
fn over_discretised_luck(before: f64, taken: bool, then: f64) -> f64 {
    let cells = 1_000_000;
    let logit = |p: f64| (p / (1.0 - p)).ln();
    let (mut all, mut both) = (0, 0);
    for cell in 0..cells {
        let luck = logit((f64::from(cell) + 0.5) / f64::from(cells));
        if (luck > -logit(before)) == taken {
            all += 1;
            both += i32::from(luck > -logit(then));
        }
    }
    f64::from(both) / f64::from(all)
}

/// With two branches the Gumbel-max counterfactual is the monotone one (Oberst and Sontag 2019, section 4).
fn closed_form(before: f64, taken: bool, then: f64) -> f64 {
    if taken { (then / before).min(1.0) } else { ((then - before) / (1.0 - before)).max(0.0) }
}

#[test]
fn with_two_branches_the_answer_is_that_of_discretised_luck_and_of_the_closed_form() {
    let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
    for taken in [true, false] {
        let word = if taken { "yes" } else { "no" };
        let analysis = answered(&strike(&format!("act = \"{word}\", came = \"{word}\"")));
        let acts = [("less gain", logistic(-0.6)), ("more gain", logistic(1.8))];
        let chances = [("less chance", 0.25), ("more chance", 0.85)];
        let acts = acts.map(|(name, then)| ("act", name, logistic(1.0), then));
        let chances = chances.map(|(name, then)| ("came", name, 0.4, then));
        for (event, name, before, then) in acts.into_iter().chain(chances) {
            let exact = closed_form(before, taken, then);
            assert!((over_discretised_luck(before, taken, then) - exact).abs() < 1e-5);
            let world = &answer(&analysis, name).world;
            assert_share(probability(world, event, "yes"), exact, TRIALS);
            let other = if event == "act" { "came" } else { "act" };
            assert_eq!(probability(world, other, word), 1.0, "the other event is untouched");
        }
    }
}

#[test]
fn with_three_branches_the_answer_is_that_of_rejected_luck() {
    let analysis = answered(
        r#"
scenario("Three", players = ["A"])
gain = param("gain", point(0.5))
precision("precision", point(2))

def play(g):
    act = g.choose("A", "act", ["x", "y", "z"])
    g.end(payoffs = {"A": {"x": gain, "y": 0.1, "z": -gain}[act]}, outcomes = {"act": act})

record(act = "y")
what_if("other gain", set(gain, -0.4))
"#,
    );
    let largest = |scores: [f64; 3], noise: [f64; 3]| {
        let sum = |k: usize| scores[k] + noise[k];
        (0..3).max_by(|&a, &b| sum(a).total_cmp(&sum(b))).unwrap()
    };
    let mut dice = Dice::new(9);
    let mut found = [0usize; 3];
    for _ in 0..4_000_000 {
        let noise = [dice.gumbel(), dice.gumbel(), dice.gumbel()];
        if largest([1.0, 0.2, -1.0], noise) == 1 {
            found[largest([-0.8, 0.2, 0.8], noise)] += 1;
        }
    }
    let total: usize = found.iter().sum();
    for (action, count) in ["x", "y", "z"].into_iter().zip(found) {
        // The simulation that it is compared with has an error of its own, which is far smaller.
        let exact = count as f64 / total as f64;
        assert_share(probability(&analysis.answers[0].world, "act", action), exact, TRIALS * 8 / 10);
    }
    assert_eq!(probability(&analysis.answers[0].world, "act", "x"), 0.0, "it only became less attractive");
}

/// A hidden kind, an offer made without knowing it, an answer given knowing it, and weather that depends on both.
const OFFER: &str = r#"
scenario("An offer", players = ["A", "B"])
hard = param("hard", point(0.4))
stake = param("stake", point(0.5))
precision("precision", point(1.5))

def play(g):
    kind = g.chance("kind", {"hard": hard, "soft": rest}, seen_by = ["B"])
    offer = g.choose("A", "offer", ["high", "low"])
    answer = g.choose("B", "answer", ["yes", "no"])
    good = 0.3 if answer == "yes" else 0.7
    weather = g.chance("weather", {"good": good, "bad": rest}) or "none"
    cost = 0.9 if kind == "hard" else 0.2
    gain = {"high": 0.7, "low": 0.1}[offer]
    own = {"high": -0.4, "low": 0.4}[offer]
    if answer == "no":
        cost, gain, own = 0, 0, -stake
    g.end(payoffs = {"A": own, "B": gain - cost * stake}, outcomes = {"all": " ".join([kind, offer, answer, weather])})
"#;

const RECORD: &str = "record(offer = \"high\", answer = \"yes\", weather = \"bad\")\n";

fn asked(questions: &str) -> Analysis {
    answered(&format!("{OFFER}{RECORD}{questions}"))
}

/// The exact distribution of histories of a changed text.
fn changed(from: &str, to: &str) -> Vec<History> {
    let text = OFFER.replace(from, to);
    assert_ne!(text, OFFER);
    told(&scenario(&text))
}

fn name(history: &History) -> String {
    let label = |event| history.label(event).unwrap_or("none");
    ["kind", "offer", "answer", "weather"].map(label).join(" ")
}

fn assert_world(analysis: &Analysis, question: &str, exact: impl Fn(&str) -> f64) {
    let world = &answer(analysis, question).world;
    let mut total = 0.0;
    for kind in ["hard", "soft"] {
        for offer in ["high", "low"] {
            for reply in ["yes", "no"] {
                for weather in ["good", "bad", "none"] {
                    let value = [kind, offer, reply, weather].join(" ");
                    let exact = exact(&value);
                    total += exact;
                    assert_share(probability(world, "all", &value), exact, TRIALS);
                }
            }
        }
    }
    assert!((total - 1.0).abs() < 1e-12, "{total}");
}

/// What the words of a history stand for: hard, low, yes, good.
fn bits(value: &str) -> [bool; 4] {
    let words: Vec<&str> = value.split(' ').collect();
    [words[0] == "hard", words[1] == "low", words[2] == "yes", words[3] == "good"]
}

#[test]
fn each_rule_of_luck_has_its_exact_answer() {
    let analysis = asked(
        "what_if(\"held\", do(offer = \"low\"))\n\
         what_if(\"after\", do(offer = \"low\"), luck = \"redrawn_after\")\n\
         what_if(\"wholly\", do(offer = \"low\"), luck = \"redrawn\")\n",
    );
    let all = told(&scenario(OFFER));
    let yes = |kind: &str, offer: &str| {
        conditional(&all, |h| h.is("answer", "yes"), |h| h.is("kind", kind) && h.is("offer", offer))
    };
    let kind_of = |hard: bool| if hard { "hard" } else { "soft" };
    let record = |h: &History| h.is("offer", "high") && h.is("answer", "yes") && h.is("weather", "bad");
    let given_record = |hard: bool| conditional(&all, |h| h.is("kind", kind_of(hard)), record);
    let of = |p: f64, is: bool| if is { p } else { 1.0 - p };
    let possible = |value: &str| bits(value)[1] && !value.ends_with("none");
    assert_world(&analysis, "held", |value| {
        let [hard, _, reply, good] = bits(value);
        let kind = kind_of(hard);
        let keeps = closed_form(yes(kind, "high"), true, yes(kind, "low"));
        let turns_good = closed_form(0.3, false, if reply { 0.3 } else { 0.7 });
        if possible(value) { given_record(hard) * of(keeps, reply) * of(turns_good, good) } else { 0.0 }
    });
    let interventional = |value: &str, kinds: &dyn Fn(bool) -> f64| {
        let [hard, _, reply, good] = bits(value);
        let weather = of(if reply { 0.3 } else { 0.7 }, good);
        let answers = of(yes(kind_of(hard), "low"), reply);
        if possible(value) { kinds(hard) * answers * weather } else { 0.0 }
    };
    assert_world(&analysis, "after", |value| interventional(value, &given_record));
    assert_world(&analysis, "wholly", |value| interventional(value, &|hard| of(0.4, hard)));
}

#[test]
fn a_change_of_the_story_that_is_foreseen_is_the_story_so_written() {
    let analysis = asked(
        "what_if(\"show\", show(\"kind\", to = [\"A\"]), luck = \"redrawn\")\n\
         what_if(\"hide\", hide(\"kind\", from_ = [\"B\"]), luck = \"redrawn\")\n\
         what_if(\"forbid\", forbid(\"answer\", \"yes\"), foreseen_by = ALL, luck = \"redrawn\")\n\
         what_if(\"rule\", rule(\"B\", \"answer\", {\"yes\": 1, \"no\": 3}), foreseen_by = ALL, luck = \"redrawn\")\n\
         what_if(\"do\", do(answer = \"yes\"), foreseen_by = ALL, luck = \"redrawn\")\n\
         what_if(\"remove\", remove(\"weather\"), luck = \"redrawn\")\n\
         what_if(\"set\", set(stake, 1.2), luck = \"redrawn\")\n\
         what_if(\"both\", set(stake, 1.2), show(\"kind\", to = [\"A\"]), luck = \"redrawn\")\n",
    );
    let seen = "seen_by = [\"B\"]";
    let choice = "g.choose(\"B\", \"answer\", [\"yes\", \"no\"])";
    let weather = "g.chance(\"weather\", {\"good\": good, \"bad\": rest}) or \"none\"";
    let stories = [
        ("show", changed(seen, "seen_by = [\"A\", \"B\"]")),
        ("hide", changed(seen, "seen_by = []")),
        ("forbid", changed(choice, "g.choose(\"B\", \"answer\", [\"no\"])")),
        ("rule", changed(choice, "g.chance(\"answer\", {\"yes\": 0.25, \"no\": 0.75})")),
        ("do", changed(choice, "g.chance(\"answer\", {\"yes\": 1})")),
        ("remove", changed(weather, "\"none\"")),
        ("set", changed("point(0.5)", "point(1.2)")),
    ];
    for (question, all) in &stories {
        let exact = |value: &str| all.iter().filter(|h| name(h) == value).map(|h| h.probability).sum();
        assert_world(&analysis, question, exact);
    }
    let text = OFFER.replace("point(0.5)", "point(1.2)").replace(seen, "seen_by = [\"A\", \"B\"]");
    let all = told(&scenario(&text));
    assert_world(&analysis, "both", |v| all.iter().filter(|h| name(h) == v).map(|h| h.probability).sum());
}

/// To a surprise the others answer by the rules that they had.
#[test]
fn a_change_that_comes_as_a_surprise_leaves_play_as_it_was() {
    let analysis = asked(
        "what_if(\"rule\", rule(\"B\", \"answer\", {\"yes\": 1, \"no\": 3}), luck = \"redrawn\")\n\
         what_if(\"forbid\", forbid(\"answer\", \"yes\"), luck = \"redrawn\")\n\
         what_if(\"hard\", set(hard, 0.9), foreseen_by = NOBODY, luck = \"redrawn\")\n\
         what_if(\"stake\", set(stake, 3), foreseen_by = NOBODY)\n",
    );
    let all = told(&scenario(OFFER));
    let high = conditional(&all, |h| h.is("offer", "high"), |_| true);
    let of = |p: f64, is: bool| if is { p } else { 1.0 - p };
    let moved = |value: &str, hard_probability: f64, yes: &dyn Fn(bool, bool) -> f64| {
        let [hard, low, reply, good] = bits(value);
        let weather = of(if reply { 0.3 } else { 0.7 }, good);
        let none = value.ends_with("none");
        let p = of(hard_probability, hard) * of(high, !low) * of(yes(hard, low), reply) * weather;
        if none { 0.0 } else { p }
    };
    assert_world(&analysis, "rule", |value| moved(value, 0.4, &|_, _| 0.25));
    assert_world(&analysis, "forbid", |value| moved(value, 0.4, &|_, _| 0.0));
    let yes = |hard: bool, low: bool| {
        let given = |h: &History| h.is("kind", "hard") == hard && h.is("offer", "low") == low;
        conditional(&all, |h| h.is("answer", "yes"), given)
    };
    assert_world(&analysis, "hard", |value| moved(value, 0.9, &yes));
    assert_eq!(answer(&analysis, "stake").unchanged_share, 1.0);
}

#[test]
fn parameters_are_set_shifted_and_scaled_in_the_order_given() {
    let analysis = asked(
        "what_if(\"set\", set(stake, 1.0))\n\
         what_if(\"shift\", shift(stake, 0.5))\n\
         what_if(\"scale\", scale(stake, 2))\n\
         what_if(\"by another\", shift(stake, hard), shift(stake, 0.1))\n\
         what_if(\"shift and scale\", shift(stake, 0.5), scale(stake, 2))\n\
         what_if(\"two\", set(stake, 2))\n\
         what_if(\"scale and shift\", scale(stake, 2), shift(stake, 0.5))\n\
         what_if(\"three halves\", set(stake, 1.5))\n",
    );
    let world = |name: &str| &answer(&analysis, name).world;
    for same in ["shift", "scale", "by another"] {
        assert_eq!(world("set"), world(same));
    }
    assert_eq!(world("two"), world("shift and scale"));
    assert_eq!(world("three halves"), world("scale and shift"));
    assert_ne!(world("two"), world("three halves"));
}

#[test]
fn what_changes_nothing_changes_nothing_in_any_draw() {
    let text = OFFER.replace("point(0.4)", "beta(2, 2)").replace("point(0.5)", "normal(0.5, 0.3)");
    let scenario = scenario(&format!(
        "{text}{RECORD}\
         what_if(\"what happened\", do(offer = \"high\", answer = \"yes\"))\n\
         what_if(\"no shift\", shift(stake, 0))\n\
         what_if(\"no scaling\", scale(hard, 1))\n\
         what_if(\"itself\", set(stake, stake))\n\
         what_if(\"seen already\", show(\"kind\", to = [\"B\"]))\n"
    ));
    let settings =
        Settings { draws: 100, warmup: 200, replays: 50, evidence_draws: 10, ..Settings::default() };
    let analysis = analysed(&scenario, &settings);
    for answer in &analysis.answers {
        assert_eq!(answer.unchanged_share, 1.0, "{}", answer.name);
        let change = &answer.about_change;
        assert_eq!([change.mean, change.low, change.high, change.error], [0.0; 4], "{}", answer.name);
        assert_eq!(answer.world, analysis.factual, "{}", answer.name);
    }
    let recorded =
        ["hard", "soft"].map(|kind| probability(&analysis.factual, "all", &format!("{kind} high yes bad")));
    assert!((recorded[0] + recorded[1] - 1.0).abs() < 1e-12, "the record holds in every draw");
}

/// What was measured stays as recorded where the moment of the intervention does not come up.
#[test]
fn luck_that_is_redrawn_after_a_moment_that_never_comes_is_held() {
    let analysis = answered(
        r#"
scenario("Moment", players = ["A"])
precision("precision", point(1))

def play(g):
    act = g.choose("A", "act", ["go", "stay"])
    if act == "go":
        g.choose("A", "way", ["left", "right"])
    g.measure("amount", normal(0, 1))
    g.end(payoffs = {"A": 0}, outcomes = {"act": act})

record(act = "stay", measured = {"amount": 0.7})
what_if("left", do(way = "left"), luck = "redrawn_after")
what_if("stay", do(act = "stay"), luck = "redrawn_after")
"#,
    );
    let amount = |name: &str| answer(&analysis, name).world.measures[0].distribution.clone();
    let quantiles = amount("left").quantiles;
    assert!(quantiles.iter().all(|q| (q - 0.7).abs() < 1e-13), "{quantiles:?}");
    assert!(amount("stay").mean.abs() < 0.02 && (amount("stay").sd - 1.0).abs() < 0.02);
}

#[test]
fn the_words_that_luck_had_before_are_still_read() {
    let told = |luck: &str| {
        let text = format!(
            "scenario(\"Luck\", players = [\"A\"])\nprecision(\"precision\", point(1))\n\
             def play(g):\n    g.choose(\"A\", \"act\", [\"go\", \"stay\"])\n    g.end(payoffs = {{\"A\": 0}})\n\
             what_if(\"go\", do(act = \"go\"), luck = \"{luck}\")\n"
        );
        common::scenario(&text).questions[0].luck
    };
    assert_eq!(told("rethrown"), told("redrawn"));
    assert_eq!(told("rethrown_after"), told("redrawn_after"));
}
