//! Bounds, interactions, sampled shares, actual causes and the turning point, end to end.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use common::{Dice, analysed, conditional, many_replays, scenario, told};
use counterplay::causality::actual_cause::{
    CausalModel, Equation, Search, VariableId, causes, responsibility,
};
use counterplay::causality::causation::{Unit, bounds, shown_by};
use counterplay::causality::shapley::{interactions, shapley};
use counterplay::settings::Settings;
use counterplay_analysis::{Analysis, Bounds, FactorShare};

/// Few draws of few replays: for what is the same in every history.
fn few() -> Settings {
    Settings { draws: 20, warmup: 0, answer_draws: 4, replays: 4, evidence_draws: 4, ..Settings::default() }
}

fn factor<'a>(analysis: &'a Analysis, name: &str) -> &'a FactorShare {
    analysis.attributions[0].factors.iter().find(|f| f.name == name).unwrap()
}

fn assert_range(found: Bounds, low: f64, high: f64) {
    assert!(
        (found.low - low).abs() < 1e-9 && (found.high - high).abs() < 1e-9,
        "{found:?} is not {low} to {high}"
    );
}

/// A drawing that helps an act, of which nothing but itself is recorded.
const HELP: &str = r#"
scenario("Help", players = ["A"], about = {"act": "yes"})
gain = param("gain", point(0.8))
precision("precision", point(2))

def play(g):
    helped = g.chance("help", {"yes": 0.6, "no": rest}, seen_by = ["A"]) == "yes"
    act = g.choose("A", "act", ["yes", "no"])
    g.end(payoffs = {"A": (gain if helped else 0.2) if act == "yes" else 0.5}, outcomes = {"act": act})

RECORD
factor("help", absent = [do(help = "no")])
factor("gain", absent = [set(gain, 0.4)])
"#;

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// The two acts, with help and without.
fn acts() -> (f64, f64) {
    (logistic(2.0 * 0.3), logistic(2.0 * -0.3))
}

/// The theorem, from what an experiment and the observations would show: the cause is "help came", and to keep it
/// away is the intervention. Its necessity is asked where help came; ours wherever the act followed, so that it
/// is smaller by the share of acts with help. To add what was there anyway to where it was missing is not what
/// presence means here, so necessity and sufficiency together are the necessity of those acts.
#[test]
fn without_a_record_the_bounds_are_those_of_the_theorem() {
    let analysis = analysed(&scenario(&HELP.replace("RECORD", "")), &few());
    let (with, without) = acts();
    // Any coupling of the two acts shows the same margins; the independent one is as good as any.
    let mut units = Vec::new();
    for (cause, p) in [(true, 0.6), (false, 0.4)] {
        for (effect_with, q) in [(true, with), (false, 1.0 - with)] {
            for (effect_without, r) in [(true, without), (false, 1.0 - without)] {
                units.push(Unit { probability: p * q * r, cause, effect_with, effect_without });
            }
        }
    }
    let (experiment, observed) = shown_by(&units);
    let theorem = bounds(experiment, observed).necessity;
    let found = factor(&analysis, "help").bounds.unwrap();
    let acts = observed.both + observed.effect_alone;
    let range = |found: Bounds, scale: f64| assert_range(found, theorem.low * scale, theorem.high * scale);
    range(found.necessity, observed.both / acts);
    range(found.necessity_and_sufficiency, observed.both);
    range(found.sufficiency, observed.both / (1.0 - experiment.without_cause));
    // A number that everyone foresees has no observations of its own: only the experiment speaks.
    let (p, q) = (0.6 * with + 0.4 * without, 0.6 * logistic(2.0 * -0.1) + 0.4 * without);
    let gain = factor(&analysis, "gain").bounds.unwrap();
    let (low, high) = (p - q, p.min(1.0 - q));
    assert_range(gain.necessity_and_sufficiency, low, high);
    assert_range(gain.necessity, low / p, high / p);
    assert_range(gain.sufficiency, low / (1.0 - q), high / (1.0 - q));
}

/// With help and the act on the record, of 0.6 * p acts some or none would have followed without.
#[test]
fn with_a_record_before_the_act_alone_the_bounds_are_those_given_the_record() {
    let analysis =
        analysed(&scenario(&HELP.replace("RECORD", "record(help = \"yes\", act = \"yes\")")), &few());
    let (with, without) = acts();
    let found = factor(&analysis, "help").bounds.unwrap();
    assert_range(found.necessity, (with - without) / with, ((1.0 - without) / with).min(1.0));
}

/// What came before the event that an absence touches is known of both worlds: the bounds are taken for each, and
/// are tighter for it.
#[test]
fn what_came_before_tightens_the_bounds() {
    let story = |seen: &str| {
        HELP.replace("RECORD", "")
            .replace(
                "    helped =",
                &format!(
                    "    mood = g.chance(\"mood\", {{\"good\": 0.5, \"bad\": rest}}{seen})\n    helped ="
                ),
            )
            .replace("else 0.5}", "else (-1.0 if mood == \"good\" else 2.0)}")
    };
    let found = factor(&analysed(&scenario(&story("")), &few()), "help").bounds.unwrap();
    let at = |own: f64, other: f64| logistic(2.0 * (own - other));
    let cell = |other: f64| {
        let (with, without) = (at(0.8, other), at(0.2, other));
        [with - without, with.min(1.0 - without)].map(|x| 0.5 * 0.6 * x)
    };
    let (good, bad) = (cell(-1.0), cell(2.0));
    assert_range(found.necessity_and_sufficiency, good[0] + bad[0], good[1] + bad[1]);
    let pooled = [0.8, 0.2].map(|own| 0.5 * (at(own, -1.0) + at(own, 2.0)));
    let loose = 0.6 * pooled[0].min(1.0 - pooled[1]);
    assert!(found.necessity_and_sufficiency.high < 0.7 * loose, "tighter than without knowing the mood");
}

/// Thirteen events that are each recorded, of which this many make the outcome.
fn votes(count: usize, outcome: &str) -> Analysis {
    let lines = |of: &dyn Fn(usize) -> String| (0..count).map(of).collect::<Vec<_>>().concat();
    let text = format!(
        "scenario(\"Votes\", players = [\"Nobody\"], about = {{\"passed\": True}})\n\
         precision(\"precision\", point(1))\n\
         def play(g):\n    v = []\n{}\
         \x20   ayes = len([x for x in v if x])\n\
         \x20   g.end(payoffs = {{\"Nobody\": 0}}, outcomes = {{\"passed\": {outcome}}})\n\
         record({{{}}})\n{}",
        lines(&|k| format!("    v.append(g.chance(\"v{k}\", {{\"aye\": 0.5, \"no\": 0.5}}) == \"aye\")\n")),
        lines(&|k| format!("\"v{k}\": \"aye\", ")),
        lines(&|k| format!("factor(\"v{k}\", absent = [do({{\"v{k}\": \"no\"}})])\n")),
    );
    analysed(&scenario(&text), &few())
}

/// v0 decides alone, v1 to v4 by a majority of three, and the others do nothing.
#[test]
fn with_more_than_twelve_factors_the_shares_are_sampled_and_say_how_well() {
    let passed = |set: usize| {
        let has = |k: usize| set >> k & 1 == 1;
        has(0) || (1..5).filter(|&k| has(k)).count() >= 3
    };
    let outcome = "v[0] or len([x for x in v[1:5] if x]) >= 3";
    let analysis = votes(13, outcome);
    let attribution = &analysis.attributions[0];
    assert!(attribution.orders > 10);
    let worth: Vec<f64> = (0..1 << 13).map(|s| f64::from(u8::from(passed(s)))).collect();
    let exact = shapley(13, &worth);
    let mut sum = 0.0;
    for (factor, exact) in attribution.factors.iter().zip(&exact) {
        let error = factor.monte_carlo.unwrap();
        assert_eq!(error.replay_error, 0.0, "every luck says the same");
        assert!(
            (factor.shapley.mean - exact).abs() <= 4.5 * error.order_error + 1e-12,
            "{factor:?}, not {exact}"
        );
        assert!(error.low <= factor.shapley.mean && factor.shapley.mean <= error.high);
        assert_eq!(factor.shapley.low, factor.shapley.high, "the posterior leaves nothing open");
        sum += factor.shapley.mean;
    }
    assert!((sum - 1.0).abs() < 1e-12, "they sum to the whole difference exactly");
    for factor in &attribution.factors[5..] {
        assert_eq!([factor.shapley.mean, factor.monte_carlo.unwrap().order_error], [0.0, 0.0]);
    }
    let known = interactions(13, &worth);
    let mut met = 0;
    for (interaction, known) in attribution.interactions.iter().zip(&known) {
        let (Some(value), Some(error)) = (interaction.value, interaction.monte_carlo) else { continue };
        if error.order_error.is_finite() && error.order_error > 0.0 {
            assert!((value.mean - known).abs() <= 6.0 * error.order_error, "{interaction:?}, not {known}");
            met += 1;
        }
    }
    assert!(met > 5, "{met}");
}

#[test]
fn with_few_factors_interactions_are_exact() {
    let analysis = votes(5, "ayes >= 3");
    let worth: Vec<f64> = (0..32u32).map(|s| f64::from(u8::from(s.count_ones() >= 3))).collect();
    let attribution = &analysis.attributions[0];
    assert_eq!(attribution.orders, 0);
    let known = interactions(5, &worth);
    assert_eq!(attribution.interactions.len(), known.len());
    for (interaction, known) in attribution.interactions.iter().zip(known) {
        assert!((interaction.value.unwrap().mean - known).abs() < 1e-12);
        assert_eq!(interaction.monte_carlo.unwrap().order_error, 0.0);
    }
}

/// The Monte Carlo error from luck is that of the mean: as large as runs with other seeds differ.
#[test]
fn the_error_from_luck_is_as_large_as_runs_with_other_seeds_differ() {
    // As a process whose worlds come out of step while luck is known, which is replayed: help comes up once more where there was none.
    let days = "def day(g, now):\n    helped = g.chance(\"help\", {\"yes\": 0.6, \"no\": rest}, seen_by = [\"A\"]) == \"yes\"\n    \
                act = g.choose(\"A\", \"act\", [\"yes\", \"no\"])\n    if not helped:\n        g.chance(\"help\", {\"yes\": 0.5, \"no\": rest}, seen_by = NOBODY)\n    \
                g.pay(\"A\", (gain if helped else 0.2) if act == \"yes\" else 0.5)\n    g.outcome(\"act\", act)\n    \
                if now == \"first\":\n        return g.next(\"day\", \"second\", discount = 1)\n    g.end()\n\
                stage(\"day\", day)\ndef play(g):\n    g.next(\"day\", \"first\", discount = 1)\n";
    let (head, rest) = HELP.split_once("def play(g):").unwrap();
    let factors = rest.split_once("RECORD").unwrap().1;
    let record = "record({\"help\": \"yes\", \"act\": \"yes\", \"help #2\": \"yes\"})";
    let text = format!("{head}{days}{record}\n{factors}");
    let (mut values, mut errors) = (Vec::new(), Vec::new());
    for seed in 0..60 {
        let settings = Settings { seed, answer_draws: 20, replays: 20, ..few() };
        let analysis = analysed(&scenario(&text), &settings);
        let gain = factor(&analysis, "gain");
        values.push(gain.shapley.mean);
        errors.push(gain.monte_carlo.unwrap().replay_error);
    }
    let mean = values.iter().sum::<f64>() / 60.0;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 59.0;
    let reported = errors.iter().map(|e| e * e).sum::<f64>() / 60.0;
    // A variance from 60 runs is known to within a factor of 1.9 at 99.9%.
    assert!(reported > 0.0 && (0.5..2.0).contains(&(variance / reported)), "{variance} against {reported}");
}

/// Random models of six events, each an all but certain truth function of two before it.
#[test]
fn the_actual_causes_of_a_story_are_those_of_its_causal_model() {
    let mut dice = Dice::new(11);
    for _ in 0..12 {
        let tables: Vec<[usize; 4]> = (0..6).map(|_| [(); 4].map(|()| dice.below(2))).collect();
        let parents: Vec<(usize, usize)> =
            (0..6).map(|k: usize| (dice.below(k.max(1)), dice.below(k.max(1)))).collect();
        let equation = |k: usize| -> Equation<'_> {
            let (table, (a, b)) = (tables[k], parents[k]);
            Box::new(move |v: &[usize]| if k == 0 { table[0] } else { table[2 * v[a] + v[b]] })
        };
        let model = CausalModel::from_equations((0..6).map(|k| (2, equation(k))).collect());
        let actual = model.actual();
        let lines: Vec<String> = (0..6)
            .map(|k| {
                let (table, (a, b)) = (tables[k], parents[k]);
                let value =
                    if k == 0 { table[0].to_string() } else { format!("{table:?}[2 * v[{a}] + v[{b}]]") };
                format!(
                    "    p = 0.999999999 if {value} == 1 else 0.000000001\n    \
                     v.append(1 if g.chance(\"v{k}\", {{\"1\": p, \"0\": rest}}) == \"1\" else 0)\n"
                )
            })
            .collect();
        let record: Vec<String> = (0..6).map(|k| format!("\"v{k}\": \"{}\", ", actual[k])).collect();
        let (lines, record) = (lines.concat(), record.concat());
        let text = format!(
            "scenario(\"Model\", players = [\"Nobody\"], about = {{\"last\": {}}})\n\
             precision(\"precision\", point(1))\ndef play(g):\n    v = []\n{lines}    \
             g.end(payoffs = {{\"Nobody\": 0}}, outcomes = {{\"last\": v[5]}})\nrecord({{{record}}})\n",
            actual[5]
        );
        let analysis = analysed(&scenario(&text), &few());
        let found = analysis.actual_causes.unwrap();
        let effect = |v: &[usize]| v[5] == actual[5];
        let known =
            causes(&model, &effect, Search { most_events: found.most_events, most_held: found.most_held });
        for variable in model.variables() {
            let name = format!("v{}", variable.index());
            let event = found.events.iter().find(|e| e.event == name).unwrap();
            let degree = responsibility(&known, VariableId::new(variable.index()));
            assert!((event.responsibility.mean - degree).abs() < 1e-12, "{event:?}, not {degree}\n{text}");
            assert_eq!(event.cause.mean, f64::from(u8::from(degree > 0.0)));
            assert_eq!(event.but_for.mean, f64::from(u8::from(degree == 1.0)));
            assert!(event.recorded && event.happened.mean == 1.0);
        }
    }
}

/// Suzy's stone hits first (Hall 2004; Halpern 2016, example 2.3.3).
#[test]
fn the_stone_that_hits_is_the_cause_and_the_one_that_would_have_is_not() {
    let text = r#"
scenario("Stones", players = ["Nobody"], about = {"broken": True})
precision("precision", point(1))

def sure(yes):
    return {"yes": 0.999999999 if yes else 0.000000001, "no": rest}

def play(g):
    suzy = g.chance("Suzy throws", {"yes": 0.5, "no": rest}) == "yes"
    billy = g.chance("Billy throws", {"yes": 0.5, "no": rest}) == "yes"
    first = g.chance("Suzy hits", sure(suzy)) == "yes"
    second = g.chance("Billy hits", sure(billy and not first)) == "yes"
    g.end(payoffs = {"Nobody": 0}, outcomes = {"broken": first or second})

record({"Suzy throws": "yes", "Billy throws": "yes", "Suzy hits": "yes", "Billy hits": "no"})
"#;
    let analysis = analysed(&scenario(text), &few());
    let found = analysis.actual_causes.unwrap();
    let degree = |name: &str| found.events.iter().find(|e| e.event == name).unwrap().responsibility.mean;
    let degrees = ["Suzy throws", "Billy throws", "Suzy hits", "Billy hits"].map(degree);
    assert_eq!(degrees, [0.5, 0.0, 0.5, 0.0]);
    assert!(found.events.iter().all(|e| e.but_for.mean == 0.0));
}

const CRISIS: &str = r#"
scenario("Crisis", players = ["A", "B"], about = {"war": True})
cost = param("cost", point(0.4))
precision("precision", point(3))

def play(g):
    kind = g.chance("kind", {"bold": 0.3, "meek": rest}, seen_by = ["A"])
    if g.choose("A", "threat", ["threaten", "stay"]) == "stay":
        return g.end(payoffs = {"B": 1}, outcomes = {"war": False})
    if g.choose("B", "answer", ["resist", "yield"]) == "yield":
        return g.end(payoffs = {"A": 1}, outcomes = {"war": False})
    last = g.choose("A", "last word", ["fight", "back down"])
    g.end(payoffs = {"A": (0.5 if kind == "bold" else 0.1) - cost if last == "fight" else -0.2, "B": 0.5 - cost},
          outcomes = {"war": last == "fight"})

record({"threat": "threaten", "answer": "resist", "last word": "fight"})
"#;

#[test]
fn the_turning_point_is_where_the_probability_of_the_tree_moves_most() {
    let analysis = analysed(&scenario(CRISIS), &few());
    let turning_point = analysis.turning_point.unwrap();
    let all = told(&scenario(CRISIS));
    let known = [("threat", "threaten"), ("answer", "resist"), ("last word", "fight")];
    let war = |h: &common::History| h.is("last word", "fight");
    let path: Vec<f64> =
        (0..=3).map(|k| conditional(&all, war, |h| known[..k].iter().all(|(e, a)| h.is(e, a)))).collect();
    assert!((turning_point.start.mean - path[0]).abs() < 1e-9);
    for (k, step) in turning_point.steps.iter().enumerate() {
        assert_eq!((step.event.as_str(), step.action.as_str()), known[k]);
        assert!((step.probability.mean - path[k + 1]).abs() < 1e-9);
        assert!((step.change.mean - (path[k + 1] - path[k])).abs() < 1e-9);
    }
    let sizes: Vec<f64> = path.windows(2).map(|w| (w[1] - w[0]).abs()).collect();
    let largest = (0..3).max_by(|&a, &b| sizes[a].total_cmp(&sizes[b])).unwrap();
    assert_eq!(turning_point.at, Some(largest));
    let shares: Vec<f64> = turning_point.steps.iter().map(|s| s.moved_most).collect();
    assert_eq!(shares.iter().sum::<f64>(), 1.0);
    assert_eq!(shares[largest], 1.0);
    assert_eq!(turning_point.steps[0].player.as_deref(), Some("A"));
}

#[test]
fn without_a_record_there_is_no_turning_point_and_old_analyses_still_read() {
    let text = CRISIS.split("record(").next().unwrap();
    let analysis = analysed(&scenario(text), &few());
    assert_eq!(analysis.turning_point, None);
    let mut json = serde_json::to_value(&analysis).unwrap();
    let fields = json.as_object_mut().unwrap();
    fields.remove("turning_point");
    fields.remove("actual_causes");
    let old: Analysis = serde_json::from_value(json).unwrap();
    assert_eq!(old.actual_causes, None);
    assert_eq!(old.attributions, analysis.attributions);
}

/// The bounds must be kept by what the Gumbel mechanism gives, in stories of any kind.
#[test]
fn point_values_keep_to_the_bounds_in_a_story_with_a_posterior() {
    let text = CRISIS.replace("point(0.4)", "beta(4, 6)").replace("point(3)", "lognormal(1, 0.3)")
        + r#"
factor("threat", absent = [do(threat = "stay")])
factor("resistance", absent = [do(answer = "yield")])
factor("kind", absent = [do(kind = "meek")])
factor("cheap war", absent = [set(cost, 0.9)])
factor("secret kind", absent = [show("kind", to = ["B"])])
factor("no fighting", absent = [forbid("last word", "fight")])
"#;
    let settings = Settings { draws: 200, warmup: 200, answer_draws: 200, replays: 60, ..many_replays() };
    let analysis = analysed(&scenario(&text), &settings);
    for factor in &analysis.attributions[0].factors {
        let bounds = factor.bounds.unwrap();
        for (point, range) in [
            (factor.necessity, bounds.necessity),
            (factor.sufficiency, bounds.sufficiency),
            (factor.necessity_and_sufficiency, bounds.necessity_and_sufficiency),
        ] {
            let error = 4.5 * point.error + 1e-9;
            let inside = range.low - error <= point.mean && point.mean <= range.high + error;
            assert!(inside, "{}: {point:?} is not in {range:?}", factor.name);
        }
    }
    // Without a threat there is no war: the mechanism leaves nothing open.
    let threat = factor(&analysis, "threat").bounds.unwrap();
    assert_range(threat.necessity, 1.0, 1.0);
}

#[test]
fn more_factors_than_can_be_weighed_are_refused_at_the_first_too_many() {
    let factors: Vec<String> =
        (0..49).map(|k| format!("factor(\"f{k}\", absent = [set(cost, 0.{k:02})])\n")).collect();
    let scenario = scenario(&(CRISIS.to_owned() + &factors.concat()));
    let failure = counterplay::assemble::analyse::analyse(&scenario, &few(), &counterplay::watch::Unwatched)
        .unwrap_err();
    let message = failure.to_string();
    assert!(message.contains("there are 49 factors; at most 48 can be weighed"), "{message}");
    assert!(message.contains("f48"), "{message}");
}
