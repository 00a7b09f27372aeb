//! Analyses that chain: the answer of one scenario as the distribution of an input of another.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use common::analysed;
use counterplay::scenario::Scenario;
use counterplay::settings::Settings;
use counterplay_analysis::{Analysis, Extract, World};
use counterplay_inference::distribution::Distribution;
use counterplay_language::{Files, ReadLimits, SOURCES_FILE, read};

const FIRST: &str = r#"
scenario("A vote", players = ["House"], about = {"freeze": "half"})
cold = param("cold", beta(2, 3))
precision("precision", point(2))

def play(g):
    mood = g.chance("mood", {"cold": cold, "warm": rest})
    vote = g.choose("House", "vote", ["none", "half", "all"])
    g.measure("weeks", lognormal(1, 0.5))
    g.end(payoffs = {"House": cold if vote == "all" else 0.3}, outcomes = {"freeze": vote})

record({"mood": "cold"})
what_if("a warm house", do(mood = "warm"), do(vote = "none"))
query("the vote, before it", distribution("vote"), as_of = "vote")
query("half", probability({"vote": "half"}), as_of = "mood")
"#;

const SECOND: &str = r#"
FREEZE = outcome_of("first.json", "freeze"WORLD)
WEEKS = measure_of("first.json", "weeks")
scenario("A yard", players = ["Yard"], about = {"frozen": "none"})
delay = param("delay", normal(WEEKS["mean"], WEEKS["sd"]))
precision("precision", point(1))

def play(g):
    freeze = g.chance("freeze", FREEZE)
    act = g.choose("Yard", "act", ["build", "wait"])
    g.end(payoffs = {"Yard": delay if act == "wait" else 0}, outcomes = {"frozen": freeze})

query("frozen", distribution("frozen"))
"#;

fn few() -> Settings {
    Settings {
        draws: 200,
        warmup: 200,
        answer_draws: 40,
        replays: 10,
        evidence_draws: 80,
        ..Settings::default()
    }
}

fn first() -> Analysis {
    analysed(&read("first", &Files::of_scenario(FIRST), &ReadLimits::default()).unwrap(), &few())
}

fn second(json: String, world: &str) -> Scenario {
    let files = Files::of_scenario(SECOND.replace("WORLD", world)).with("first.json", json);
    read("second", &files, &ReadLimits::default()).unwrap()
}

fn probabilities(world: &World, outcome: &str) -> Vec<(String, f64)> {
    let found = world.outcomes.iter().find(|o| o.outcome == outcome).unwrap();
    found.values.iter().map(|(value, p)| (value.clone(), p.mean)).collect()
}

/// What goes in at one end comes out at the other: with nothing known, the second story's chance event has the
/// distribution that the first analysis gave.
#[test]
fn an_input_has_the_distribution_that_the_other_analysis_found() {
    let first = first();
    let json = serde_json::to_string(&Extract::of(&first)).unwrap();
    for (world, taken) in [("", &first.factual), (", given_record = False", &first.prior_prediction)] {
        let second = analysed(&second(json.clone(), world), &few());
        // A query about the world as it was is a sum over histories, without an error of simulation.
        let found = &second.questions.queries[0].values;
        assert_eq!(found.len(), 3, "{found:?}");
        for (value, p) in probabilities(taken, "freeze") {
            let here = found.iter().find(|f| f.label == value).unwrap().here.mean;
            assert!((here - p).abs() < 1e-9, "{value}{world}: {here} is not {p}");
        }
    }
}

#[test]
fn a_branch_that_a_what_if_rules_out_is_no_branch() {
    let json = serde_json::to_string(&Extract::of(&first())).unwrap();
    let second = analysed(&second(json, ", under = \"a warm house\""), &few());
    assert_eq!(probabilities(&second.factual, "frozen"), [("none".to_owned(), 1.0)]);
}

#[test]
fn the_whole_analysis_can_be_taken_as_well_as_the_extract() {
    let first = first();
    let whole = second(serde_json::to_string(&first).unwrap(), "");
    let extract = second(serde_json::to_string_pretty(&Extract::of(&first)).unwrap(), "");
    assert_eq!(format!("{:?}", whole.chain.inputs), format!("{:?}", extract.chain.inputs));
    assert_eq!(format!("{:?}", whole.priors), format!("{:?}", extract.priors));
    // The two folders differ all the same: fits are kept apart by what was really read.
    assert_ne!(whole.chain.content_hash, extract.chain.content_hash);
}

/// A yard that builds the sooner the likelier a freeze of half is: not a linear function of that chance.
const UNSURE: &str = r#"
scenario("A yard", players = ["Yard"])
half = param("chance of half", posterior_of("first.json", "half"))
all = param("chance of all", posterior_of("first.json", "the vote, before it", label = "all"))
precision("precision", point(20))

def play(g):
    act = g.choose("Yard", "act", ["build", "wait"])
    freeze = g.chance("freeze", {"half": half, "none": rest})
    g.end(payoffs = {"Yard": (1 if freeze == "half" else 0) - 0.4 if act == "build" else 0}, outcomes = {"built": act == "build"})

query("built", probability({"built": True}))
"#;

#[test]
fn a_chance_is_as_uncertain_as_the_answer_that_it_is_taken_from() {
    let first = first();
    let files =
        Files::of_scenario(UNSURE).with("first.json", serde_json::to_string(&Extract::of(&first)).unwrap());
    let scenario = read("unsure", &files, &ReadLimits::default()).unwrap();
    let analysis = analysed(&scenario, &few());
    let half = &first.questions.predictions.iter().find(|p| p.name == "half").unwrap().values[0].here;
    let before = &analysis.parameters[0].before;
    assert!((before.mean - half.mean).abs() < 1e-9, "{} is not {}", before.mean, half.mean);
    let width = before.quantiles[4] - before.quantiles[0];
    assert!((width / (half.high - half.low) - 1.0).abs() < 1e-3, "{before:?} {half:?}");
    // The answer is the average over the chance, and not the answer at its average.
    let Some(Distribution::Beta { alpha, beta }) = beta_of(&analysis.parameters[0].prior) else { panic!() };
    let law = Distribution::Beta { alpha, beta };
    let build = |p: f64| 1.0 / (1.0 + (-20.0 * (p - 0.4)).exp());
    let exact = (0..4000).map(|k| build(law.quantile((f64::from(k) + 0.5) / 4000.0))).sum::<f64>() / 4000.0;
    let found = &analysis.questions.queries[0].values[0].here;
    assert!((found.mean - exact).abs() < 4.0 * found.error + 2e-3, "{found:?} is not {exact}");
    assert!((build(half.mean) - exact).abs() > 0.02, "the test says something");
    assert_eq!(analysis.chain.inputs.len(), 2);
}

/// The beta distribution that is written so.
fn beta_of(words: &str) -> Option<Distribution<f64>> {
    let (alpha, beta) = words.strip_prefix("beta(")?.strip_suffix(')')?.split_once(", ")?;
    Some(Distribution::Beta { alpha: alpha.parse().ok()?, beta: beta.parse().ok()? })
}

#[test]
fn an_input_says_where_it_comes_from() {
    let analysis = first();
    let second = second(serde_json::to_string(&Extract::of(&analysis)).unwrap(), "");
    let [freeze, weeks] = second.chain.inputs.as_slice() else { panic!("{:?}", second.chain.inputs) };
    assert_eq!(
        (freeze.case.as_str(), freeze.seed, freeze.converged),
        ("first", 1, analysis.sampling.converged)
    );
    assert_eq!(freeze.content_hash, Files::of_scenario(FIRST).content_hash());
    assert_eq!(weeks.quantity, "weeks");
    let of = |name: &str| weeks.values.iter().find(|v| v.0 == name).unwrap().1.mean;
    let measured = &analysis.factual.measures[0].distribution;
    assert_eq!((of("mean"), of("sd")), (measured.mean, measured.sd));
    assert_eq!((of("low"), of("high")), (measured.quantiles[0], measured.quantiles[4]));
}

#[test]
fn only_what_decides_the_numbers_is_in_the_hash() {
    let files = Files::of_scenario(FIRST);
    let hash = files.content_hash();
    assert_eq!(hash.len(), 64);
    assert_eq!(files.clone().with(SOURCES_FILE, "@misc{a, title = {A}}").content_hash(), hash);
    assert_eq!(Files::of_scenario(FIRST.replace('\n', "\r\n")).content_hash(), hash);
    assert_ne!(files.clone().with("part.star", "").content_hash(), hash);
    assert_ne!(files.with("first.json", "{}").content_hash(), hash);
    assert_ne!(Files::of_scenario(FIRST.replace("beta(2, 3)", "beta(2, 4)")).content_hash(), hash);
}

#[test]
fn an_input_that_did_not_converge_is_warned_of() {
    let mut extract = Extract::of(&first());
    extract.sampling.converged = false;
    let second = analysed(&second(serde_json::to_string(&extract).unwrap(), ""), &few());
    assert!(second.warnings.iter().any(|w| w.message.contains("`first.json`")), "{:?}", second.warnings);
}

#[test]
fn an_extract_has_the_same_bits_when_read_back() {
    let extract = Extract::of(&first());
    let json = serde_json::to_string(&extract).unwrap();
    let back: Extract = serde_json::from_str(&json).unwrap();
    assert_eq!(serde_json::to_string(&back).unwrap(), json);
    assert!(json.len() < 12_000, "{} bytes", json.len());
}

#[test]
fn an_analysis_from_before_chains_is_still_read() {
    let first = first();
    let mut json = serde_json::to_value(&first).unwrap();
    json.as_object_mut().unwrap().remove("chain");
    let old: Analysis = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(old.chain.content_hash, "");
    let second = second(json.to_string(), "");
    assert_eq!(second.chain.inputs[0].content_hash, "");
    assert_eq!(second.chain.inputs[0].values.len(), 3);
}

/// A house that is a hawk or a dove freezes accordingly: the two depend on each other, and are taken together.
const JOINT: &str = r#"
scenario("A vote", players = ["House"], about = {"freeze": "half"})
hawk = param("hawk", beta(2, 3))
precision("precision", point(2))

def play(g):
    kind = g.chance("kind", {"hawk": hawk, "dove": rest})
    months = g.chance("months", {6: 0.9 if kind == "hawk" else 0.2, 0.5: rest})
    g.end(payoffs = {"House": 0}, outcomes = {"freeze": "half", "kind and months": (kind, months)})
"#;

const TAKER: &str = r#"
JOINT = outcome_of("first.json", "kind and months")
scenario("A yard", players = ["Yard"], about = {"late": True})
precision("precision", point(1))

def play(g):
    kind, months = g.chance("kind and months", JOINT)
    late = months > 3
    g.end(payoffs = {"Yard": 0}, outcomes = {"late": late, "kind": kind})

query("late with a hawk", probability({"late": True}), given = {"kind": "hawk"})
query("hawk and long", probability({"kind and months": ("hawk", 6)}))
"#;

#[test]
fn a_tuple_carries_what_depends_on_each_other_with_its_parts_as_they_were() {
    let first = analysed(&read("first", &Files::of_scenario(JOINT), &ReadLimits::default()).unwrap(), &few());
    let json = serde_json::to_string(&Extract::of(&first)).unwrap();
    let files = Files::of_scenario(TAKER).with("first.json", json);
    let second = analysed(&read("second", &files, &ReadLimits::default()).unwrap(), &few());
    let of =
        |name: &str| second.questions.queries.iter().find(|q| q.name == name).unwrap().values[0].here.mean;
    assert!((of("late with a hawk") - 0.9).abs() < 1e-9);
    let joint = probabilities(&first.factual, "kind and months");
    let hawk = joint.iter().find(|j| j.0 == "(hawk, 6)").unwrap().1;
    assert!((of("hawk and long") - hawk).abs() < 1e-9);
}
