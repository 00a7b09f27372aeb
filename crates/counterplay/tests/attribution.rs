//! Shares of factors, necessity and sufficiency, and claims, against what they are exactly.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use std::sync::{Arc, Mutex};

use common::{analysed, answer, assert_share, conditional, many_replays, probability, scenario, told};
use counterplay::problem::Problem;
use counterplay::scenario::{Claim, ClaimTest, DrawAnswers};
use counterplay::settings::Settings;
use counterplay::story::limits::Limits;
use counterplay_analysis::{Analysis, Attribution, Bounds, FactorShare, WarningKind};

/// 400 draws of 250 replays.
const TRIALS: usize = 100_000;

fn factor<'a>(attribution: &'a Attribution, name: &str) -> &'a FactorShare {
    attribution.factors.iter().find(|f| f.name == name).unwrap()
}

fn assert_efficient(attribution: &Attribution) {
    let sum: f64 = attribution.factors.iter().map(|f| f.shapley.mean).sum();
    let difference = attribution.all_present.mean - attribution.all_absent.mean;
    assert!((sum - difference).abs() < 1e-12, "{sum} is not {difference}");
}

/// The point values lie within the bounds that hold whatever the mechanism, up to their Monte Carlo error.
fn assert_bounds(factor: &FactorShare) {
    let bounds = factor.bounds.expect("the bounds apply");
    let pairs = [
        (&factor.necessity, bounds.necessity),
        (&factor.sufficiency, bounds.sufficiency),
        (&factor.necessity_and_sufficiency, bounds.necessity_and_sufficiency),
    ];
    for (point, Bounds { low, high }) in pairs {
        let error = 4.5 * point.error + 1e-12;
        assert!(low <= high + 1e-12, "{low} above {high}");
        assert!(
            low - error <= point.mean && point.mean <= high + error,
            "{point:?} is not in {low} to {high}"
        );
    }
}

/// Two sparks, either of which (or only both of which, by `fire`) makes a fire.
fn sparks(fire: &str, record: &str) -> Analysis {
    let text = format!(
        r#"
scenario("Fire", players = ["Nobody"], about = {{"fire": True}})
precision("precision", point(1))

def play(g):
    first = g.chance("first", {{"yes": 0.6, "no": rest}}) == "yes"
    second = g.chance("second", {{"yes": 0.5, "no": rest}}) == "yes"
    g.end(payoffs = {{"Nobody": 0}}, outcomes = {{"fire": {fire}}})

record({record})
factor("first", absent = [do(first = "no")])
factor("second", absent = [do(second = "no")])
"#
    );
    analysed(&scenario(&text), &many_replays())
}

/// What is exact of a factor: Shapley value, necessity, sufficiency, both.
fn assert_factor(analysis: &Analysis, name: &str, exact: [f64; 4]) {
    let factor = factor(&analysis.attributions[0], name);
    let found = [
        factor.shapley.mean,
        factor.necessity.mean,
        factor.sufficiency.mean,
        factor.necessity_and_sufficiency.mean,
    ];
    assert_bounds(factor);
    for (found, exact) in found.into_iter().zip(exact) {
        // A quarter of the trials at least satisfy what a share is conditional on.
        assert_share(found, exact, TRIALS / 4);
    }
    assert_efficient(&analysis.attributions[0]);
}

/// The first spark is known, the second has probability 1/2.
///
/// Worth: both present 1, the first alone 1, the second alone 1/2, none 0. Shapley: the first
/// ((1 - 0) + (1 - 1/2)) / 2 = 3/4, the second ((1/2 - 0) + (1 - 1)) / 2 = 1/4.
/// Necessity: without the first there is no fire if the second is missing: 1/2. Without the second there is one.
/// Sufficiency, from luck of which nothing is known: where there is no fire without the first the second is
/// missing, and the first comes with 0.6; where there is none without the second, the second comes with 0.5.
/// Both: first there and second missing 0.6 * 0.5; second there and first missing 0.5 * 0.4.
#[test]
fn either_of_two_causes_is_as_necessary_and_sufficient_as_it_should_be() {
    let analysis = sparks("first or second", "first = \"yes\"");
    assert_factor(&analysis, "first", [0.75, 0.5, 0.6, 0.3]);
    assert_factor(&analysis, "second", [0.25, 0.0, 0.5, 0.2]);
}

/// Both sparks are known, and each would have been enough: neither was necessary.
#[test]
fn of_two_sufficient_causes_neither_is_necessary() {
    let analysis = sparks("first or second", "first = \"yes\", second = \"yes\"");
    assert_factor(&analysis, "first", [0.5, 0.0, 0.6, 0.3]);
    assert_factor(&analysis, "second", [0.5, 0.0, 0.5, 0.2]);
}

/// A fire needs both, and both are known: each is necessary. Without one there never is a fire, and with it
/// there is one with 0.6 * 0.5.
#[test]
fn of_two_causes_that_are_both_needed_each_is_necessary() {
    let analysis = sparks("first and second", "first = \"yes\", second = \"yes\"");
    assert_factor(&analysis, "first", [0.5, 1.0, 0.3, 0.3]);
    assert_factor(&analysis, "second", [0.5, 1.0, 0.3, 0.3]);
}

/// A gain makes an act more likely: probability p with it and q < p without it. The act is monotone in the gain,
/// so necessity is (p - q) / p, sufficiency (p - q) / (1 - q), and both p - q (Tian and Pearl 2000, theorem 3).
#[test]
fn the_factor_of_a_choice_has_the_probabilities_of_a_monotone_cause() {
    let text = r#"
scenario("Gain", players = ["A"], about = {"act": "yes"})
gain = param("gain", point(0.8))
other = param("other", point(0.3))
precision("precision", point(2))

def play(g):
    act = g.choose("A", "act", ["yes", "no"])
    g.end(payoffs = {"A": gain if act == "yes" else 0.3}, outcomes = {"act": act})

record(act = "yes")
factor("gain", absent = [set(gain, 0)])
factor("dummy", absent = [set(other, 7)])
"#;
    let analysis = analysed(&scenario(text), &many_replays());
    let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
    let (p, q) = (logistic(1.0), logistic(-0.6));
    assert_factor(&analysis, "gain", [(p - q) / p, (p - q) / p, (p - q) / (1.0 - q), p - q]);
    let dummy = factor(&analysis.attributions[0], "dummy");
    for interval in [&dummy.shapley, &dummy.necessity, &dummy.sufficiency, &dummy.necessity_and_sufficiency] {
        assert_eq!([interval.mean, interval.low, interval.high], [0.0; 3], "it changes nothing in any draw");
    }
}

const UNCERTAIN: &str = r#"
scenario("Uncertain", players = ["A", "B"], about = {"deal": True})
first = param("first", normal(0.5, 0.3))
second = param("second", normal(0.5, 0.3))
third = param("third", beta(2, 2))
precision("precision", lognormal(0.5, 0.3))

def play(g):
    kind = g.chance("kind", {"keen": third, "cool": rest}, seen_by = ["B"])
    offer = g.choose("A", "offer", ["high", "low"])
    deal = g.choose("B", "answer", ["yes", "no"]) == "yes"
    g.measure("amount", normal(first + (1 if deal else 0), 0.5))
    gain = (first + second if kind == "keen" else second * first) + (0.4 if offer == "high" else -0.4)
    g.end(payoffs = {"A": (0.2 if offer == "high" else 0.6) if deal else 0, "B": gain if deal else 0.3},
          outcomes = {"deal": deal, "kind": kind})

record(offer = "high", answer = "yes")
what_if("low", do(offer = "low"))
what_if("both off", set(first, 0), set(second, 0))
factor("first", absent = [set(first, 0)])
factor("second", absent = [set(second, 0)])
factor("keen", absent = [do(kind = "cool")])
factor("offer", absent = [forbid("offer", "high")])
"#;

fn uncertain_settings() -> Settings {
    Settings {
        draws: 200,
        warmup: 200,
        answer_draws: 150,
        replays: 40,
        evidence_draws: 50,
        ..Settings::default()
    }
}

#[test]
fn shares_sum_to_what_all_factors_change_together() {
    let analysis = analysed(&scenario(UNCERTAIN), &uncertain_settings());
    let attribution = &analysis.attributions[0];
    assert_efficient(attribution);
    assert_eq!(attribution.all_present.mean, 1.0, "the recorded outcome follows where nothing is absent");
    assert!(attribution.all_absent.mean < 0.8, "the factors matter");
    assert!(!analysis.warnings.iter().any(|w| w.kind == WarningKind::Equilibrium), "{:?}", analysis.warnings);
}

#[test]
fn factors_that_do_the_same_have_the_same_share() {
    let text = r#"
scenario("Symmetric", players = ["A"], about = {"act": "yes"})
first = param("first", point(0.4))
second = param("second", point(0.4))
precision("precision", point(3))

def play(g):
    act = g.choose("A", "act", ["yes", "no"])
    g.end(payoffs = {"A": first + second + first * second if act == "yes" else 0.5}, outcomes = {"act": act})

record(act = "yes")
factor("first", absent = [set(first, 0)])
factor("second", absent = [set(second, 0)])
"#;
    let analysis = analysed(&scenario(text), &many_replays());
    let [first, second] = analysis.attributions[0].factors.as_slice() else { panic!("two factors") };
    assert!(first.shapley.mean > 0.1);
    // Each world depends on the luck and on the sum alone, so the two are equal luck by luck.
    assert!((first.shapley.mean - second.shapley.mean).abs() < 1e-12);
    assert_eq!(first.necessity, second.necessity);
    assert_eq!(first.sufficiency, second.sufficiency);
}

/// What a claim's test is told in each draw.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<Vec<f64>>>>);

impl ClaimTest for Told {
    fn holds(&self, answers: &dyn DrawAnswers) -> Result<bool, Problem> {
        let numbers = vec![
            answers.probability("deal", "True", None)?,
            answers.probability("deal", "True", Some("low"))?,
            answers.probability("kind", "keen", Some("both off"))?,
            answers.mean("amount", None)?,
            answers.mean("amount", Some("both off"))?,
            answers.shapley("first", "deal", "True")?,
            answers.shapley("offer", "deal", "True")?,
            answers.necessity("keen", "deal", "True")?,
            answers.sufficiency("keen", "deal", "True")?,
            answers.share("second", "deal", "True")?,
        ];
        let holds = numbers[1] > 0.5;
        self.0.lock().unwrap().push(numbers);
        Ok(holds)
    }
}

#[test]
fn a_claim_is_tested_on_the_numbers_that_are_reported() {
    let mut scenario = scenario(UNCERTAIN);
    let test = Told::default();
    scenario.claims.push(Claim {
        name: "told".into(),
        text: String::new(),
        test: Box::new(test.clone()),
        place: None,
    });
    let analysis = analysed(&scenario, &uncertain_settings());
    // Before the draws the test is tried on made-up numbers, to see what it asks for; after them it is tested on draws of the prior,
    // a quarter as many.
    let calls = test.0.lock().unwrap().clone();
    let draws = &calls[calls.len() - 150 - 37..calls.len() - 37];
    let mean = |index: usize| {
        let numbers: Vec<f64> = draws.iter().map(|d| d[index]).filter(|x| !x.is_nan()).collect();
        numbers.iter().sum::<f64>() / numbers.len() as f64
    };
    let (low, off) = (&answer(&analysis, "low").world, &answer(&analysis, "both off").world);
    let attribution = &analysis.attributions[0];
    let reported = [
        probability(&analysis.factual, "deal", "True"),
        probability(low, "deal", "True"),
        probability(off, "kind", "keen"),
        analysis.factual.measures[0].mean.mean,
        off.measures[0].mean.mean,
        factor(attribution, "first").shapley.mean,
        factor(attribution, "offer").shapley.mean,
        factor(attribution, "keen").necessity.mean,
        factor(attribution, "keen").sufficiency.mean,
    ];
    for (index, reported) in reported.into_iter().enumerate() {
        assert!((mean(index) - reported).abs() < 1e-12, "number {index}: {} is not {reported}", mean(index));
    }
    let holding = draws.iter().filter(|d| d[1] > 0.5).count() as f64 / 150.0;
    assert!((analysis.claims[0].probability.value - holding).abs() < 1e-12);
    assert!(holding > 0.0 && holding < 1.0, "the claim could go either way");
}

/// In the language as from Rust: the test of a claim is a function of one draw.
#[test]
fn a_claim_of_the_language_holds_as_often_as_its_probability_says() {
    let text = UNCERTAIN.to_owned()
        + "claim(\"always\", lambda a: a.probability(\"deal\", True) == 1)\n\
           claim(\"never\", lambda a: a.probability(\"deal\", True, under = \"low\") > 1)\n\
           claim(\"share\", lambda a: a.share(\"first\", of = {\"deal\": True}) == \
             a.shapley(\"first\", of = {\"deal\": True}) / (a.shapley(\"first\", of = {\"deal\": True}) + \
             a.shapley(\"second\", of = {\"deal\": True}) + a.shapley(\"keen\", of = {\"deal\": True}) + \
             a.shapley(\"offer\", of = {\"deal\": True})))\n";
    let analysis = analysed(&scenario(&text), &uncertain_settings());
    let probabilities: Vec<f64> = analysis.claims.iter().map(|c| c.probability.value).collect();
    assert_eq!(probabilities, [1.0, 0.0, 1.0]);
}

/// The outcome that the case is about, before anything is known, is as likely as the tree has it.
#[test]
fn the_prior_prediction_is_that_of_the_tree() {
    let text = UNCERTAIN
        .replace("lognormal(0.5, 0.3)", "point(1.5)")
        .replace("normal(0.5, 0.3)", "point(0.5)")
        .replace("beta(2, 2)", "point(0.3)");
    let settings = Settings { evidence_draws: 400, ..many_replays() };
    let analysis = analysed(&scenario(&text), &settings);
    let exact = conditional(&told(&scenario(&text)), |h| h.is("answer", "yes"), |_| true);
    assert_share(probability(&analysis.prior_prediction, "deal", "True"), exact, 400 * 50);
}

const TWO_LOCKS: &str = r#"
scenario("Locks", players = ["N"], about = {"open": True})
precision("p", point(1), evidence = [judgement("nobody decides")])
key = param("key", point(0.9), evidence = [judgement("an example")])
def play(g):
    left = g.chance("left", {"turned": key, "stuck": rest})
    right = g.chance("right", {"turned": 0.8, "stuck": rest})
    bolt = g.chance("bolt", {"drawn": 0.5, "shut": rest})
    g.end(payoffs = {"N": 0}, outcomes = {"open": left == "turned" and right == "turned" and bolt == "drawn"})
record({"left": "turned", "right": "turned", "bolt": "drawn"})
"#;

/// Two locks of one owner and a bolt: as one among two, the owner carries half, and shares it out alike.
#[test]
fn groups_carry_their_share_and_their_members_sum_to_it() {
    let factors = "factor(\"left\", absent = [do(left = \"stuck\")], group = \"the owner\")\n\
                   factor(\"bolt\", absent = [do(bolt = \"shut\")])\n\
                   factor(\"right\", absent = [do(right = \"stuck\")], group = \"the owner\")\n";
    let analysis = analysed(&scenario(&format!("{TWO_LOCKS}{factors}")), &uncertain_settings());
    let found = &analysis.attributions[0];
    let near = |found: f64, exact: f64| assert!((found - exact).abs() < 1e-9, "{found} is not {exact}");
    for factor in &found.factors {
        near(factor.shapley.mean, 1.0 / 3.0);
        near(factor.owen.unwrap().mean, if factor.name == "bolt" { 0.5 } else { 0.25 });
    }
    let [group] = found.groups.as_slice() else { panic!("one group has a name") };
    assert_eq!(
        (group.name.as_str(), group.members.as_slice()),
        ("the owner", &["left".to_owned(), "right".to_owned()][..])
    );
    near(group.shapley.mean, 0.5);
    // What an event would have turned out as for the outcome to be lost is told.
    let causes = analysis.actual_causes.unwrap();
    let left = causes.events.iter().find(|e| e.event == "left").unwrap();
    assert_eq!(left.instead, [("stuck".to_owned(), 1.0)]);
}

/// A remark says that some factors are foreseen and others are not, until all are weighed alike.
#[test]
fn factors_of_both_kinds_get_a_remark() {
    let factors =
        "factor(\"left\", absent = [do(left = \"stuck\")])\nfactor(\"key\", absent = [set(key, 0.1)])\n";
    let notices = |more: &str| {
        let scenario = scenario(&format!("{TWO_LOCKS}{factors}{more}"));
        let notices =
            counterplay::check::check(&scenario, Limits::default(), &counterplay::watch::Unwatched).notices;
        notices.iter().filter(|n| n.message.contains("not of one kind")).count()
    };
    assert_eq!((notices(""), notices("factors(foreseen_by = ALL)\n")), (1, 0));
}

#[test]
fn a_claim_stands_beside_its_probability_and_what_it_rested_on() {
    let text = UNCERTAIN.to_owned()
        + "claim(\"likely\", lambda a: a.probability(\"deal\", True, under = \"low\") > 0.5)\n\
           claim(\"of the prior\", lambda a: a.probability(\"deal\", True) > 2)\n\
           claim(\"of two numbers\", lambda a: a.probability(\"deal\", True) >= a.probability(\"deal\", True, under = \"low\"))\n";
    let analysis = analysed(&scenario(&text), &uncertain_settings());
    let about = analysis.claims[0].about.as_ref().unwrap();
    assert_eq!(about.words, "the probability of deal: True, under \u{201c}low\u{201d}");
    let what_if = analysis.answers.iter().find(|a| a.name == "low").unwrap();
    assert_eq!(about.value, what_if.about_probability);
    assert!(analysis.claims[2].about.is_none(), "two numbers are compared");
    assert_eq!(analysis.claims[1].prior_probability.unwrap().value, 0.0);
    assert!(analysis.claims[1].rests_on_priors);
}

/// Two keys that open only together: with the other turned for sure a key is enough; with the other left as it comes it is enough as
/// often as that is turned.
#[test]
fn sufficiency_holds_the_other_factors_present_or_leaves_them_free() {
    let factors = "factor(\"left\", absent = [do(left = \"stuck\")], present = [do(left = \"turned\")])\n\
                   factor(\"right\", absent = [do(right = \"stuck\")], present = [do(right = \"turned\")])\n\
                   claim(\"free\", lambda a: abs(a.sufficiency(\"left\", of = {\"open\": True}, others = \"free\") - 0.4) < 1e-9)\n\
                   claim(\"present\", lambda a: abs(a.sufficiency(\"left\", of = {\"open\": True}) - 0.5) < 1e-9)\n";
    let text =
        TWO_LOCKS.replace("record({\"left\": \"turned\", \"right\": \"turned\", \"bolt\": \"drawn\"})\n", "");
    let analysis = analysed(&scenario(&format!("{text}{factors}")), &uncertain_settings());
    let left = &analysis.attributions[0].factors[0];
    // The bolt is drawn in half of all cases, the right key turned in four of five.
    assert!((left.sufficiency.mean - 0.5).abs() < 1e-9, "{:?}", left.sufficiency);
    assert!((left.sufficiency_alone.unwrap().mean - 0.4).abs() < 1e-9, "{:?}", left.sufficiency_alone);
    assert!(analysis.claims.iter().all(|c| c.probability.value == 1.0), "{:?}", analysis.claims);
}
