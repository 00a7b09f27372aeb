//! Queries against what they are exactly: told histories, closed forms, and grids.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use common::{History, analysed, conditional, many_replays, scenario, told};
use counterplay::settings::Settings;
use counterplay_analysis::{Analysis, QueryAnswer, QueryEstimate, QueryValue};

/// A hidden kind, an offer, an answer, weather, and two measured quantities.
const STORY: &str = r#"
scenario("An offer", players = ["A", "B"])
hard = param("hard", point(0.4))
stake = param("stake", point(0.5))
precision("precision", point(1.5))

def play(g):
    kind = g.chance("kind", {"hard": hard, "soft": rest}, seen_by = ["B"])
    offer = g.choose("A", "offer", ["high", "low"])
    answer = g.choose("B", "answer", ["yes", "no"])
    weather = g.chance("weather", {"good": 0.3 if answer == "yes" else 0.7, "bad": rest})
    g.measure("gain", normal({"high": 2.0, "low": -1.0}[offer], 1.0))
    g.measure("count", poisson({"good": 1.0, "bad": 3.0}[weather]))
    cost = 0.9 if kind == "hard" else 0.2
    gain = {"high": 0.7, "low": 0.1}[offer]
    own = {"high": -0.4, "low": 0.4}[offer]
    if answer == "no":
        cost, gain, own = 0, 0, -stake
    g.end(payoffs = {"A": own, "B": gain - cost * stake}, outcomes = {"deal": answer == "yes"})
"#;

fn asked(text: &str) -> Analysis {
    asked_with(text, &many_replays())
}

fn asked_with(text: &str, settings: &Settings) -> Analysis {
    analysed(&scenario(&format!("{STORY}{text}")), settings)
}

fn query<'a>(analysis: &'a Analysis, name: &str) -> &'a QueryAnswer {
    analysis.questions.queries.iter().find(|q| q.name == name).unwrap()
}

fn value(analysis: &Analysis, name: &str) -> f64 {
    query(analysis, name).values[0].here.mean
}

#[track_caller]
fn assert_exact(found: f64, exact: f64) {
    assert!((found - exact).abs() < 1e-11 * exact.abs().max(1.0), "{found} is not {exact}");
}

/// Whether an estimate is what it should be within 4.5 of its own errors.
#[track_caller]
fn assert_near(found: &QueryEstimate, exact: f64) {
    assert!((found.mean - exact).abs() <= 4.5 * found.error + 1e-12, "{found:?} is not {exact}");
}

fn poisson(rate: f64, count: i32) -> f64 {
    (1..=count).fold((-rate).exp(), |p, k| p * rate / f64::from(k))
}

fn normal_above(x: f64) -> f64 {
    counterplay_inference::distribution::Concrete::Normal { mean: 0.0, sd: 1.0 }.survival(x)
}

fn mean_gain(h: &History) -> f64 {
    if h.is("offer", "high") { 2.0 } else { -1.0 }
}

fn rate(h: &History) -> f64 {
    if h.is("weather", "good") { 1.0 } else { 3.0 }
}

fn sum(all: &[History], of: impl Fn(&History) -> f64) -> f64 {
    all.iter().map(|h| h.probability * of(h)).sum()
}

#[test]
fn probabilities_of_conditions_are_those_of_all_histories() {
    let analysis = asked(
        r#"
record(weather = "bad")
query("deal", probability({"deal": True}))
query("both", probability({"deal": True, "kind": "hard"}))
query("given an outcome", probability({"kind": "hard"}), given = {"deal": True})
query("given an event", probability({"kind": "hard"}), given = {"offer": "high"}, within = {"answer": "yes"})
query("two of three", probability(at_least(2, [{"deal": True}, {"kind": "hard"}, {"offer": "high"}])))
query("not", probability(at_most(0, [{"deal": True}])))
query("spread", distribution("offer"), given = {"deal": True})
"#,
    );
    let all = told(&scenario(STORY));
    let bad = |h: &History| h.is("weather", "bad");
    let (yes, hard, high) = (
        |h: &History| h.is("answer", "yes"),
        |h: &History| h.is("kind", "hard"),
        |h: &History| h.is("offer", "high"),
    );
    assert_exact(value(&analysis, "deal"), conditional(&all, yes, bad));
    assert_exact(value(&analysis, "both"), conditional(&all, |h| yes(h) && hard(h), bad));
    assert_exact(value(&analysis, "given an outcome"), conditional(&all, hard, |h| bad(h) && yes(h)));
    let given = |h: &History| bad(h) && high(h) && yes(h);
    assert_exact(value(&analysis, "given an event"), conditional(&all, hard, given));
    let condition = query(&analysis, "given an event").condition_probability.mean;
    assert_exact(condition, conditional(&all, given, bad));
    let two = |h: &History| u8::from(yes(h)) + u8::from(hard(h)) + u8::from(high(h)) >= 2;
    assert_exact(value(&analysis, "two of three"), conditional(&all, two, bad));
    assert_exact(value(&analysis, "not"), conditional(&all, |h| !yes(h), bad));
    let spread = &query(&analysis, "spread").values;
    assert_eq!(spread.iter().map(|v| v.label.as_str()).collect::<Vec<_>>(), ["high", "low"]);
    assert_exact(spread[0].here.mean, conditional(&all, high, |h| bad(h) && yes(h)));
    assert_exact(spread[0].here.mean + spread[1].here.mean, 1.0);
    assert_eq!(spread[0].here.replay_error, 0.0);
}

#[test]
fn measured_quantities_have_their_exact_probabilities_means_and_quantiles() {
    let analysis = asked(
        r#"
record(answer = "yes")
query("above", probability({"gain": above(1)}))
query("equal", probability({"count": 2}))
query("both", probability({"gain": above(1), "count": below(2)}))
query("one at least", probability(at_least(1, [{"gain": above(1)}, {"count": below(2)}])))
query("mean", mean("gain"))
query("mean given", mean("gain"), given = {"count": above(1)})
query("posterior", probability({"offer": "high"}), given = {"gain": above(1)})
query("median", quantile("gain", 0.5))
query("count", quantile("count", 0.9))
"#,
    );
    let all = told(&scenario(STORY));
    let given: Vec<History> = all.into_iter().filter(|h| h.is("answer", "yes")).collect();
    let whole = sum(&given, |_| 1.0);
    let of = |f: &dyn Fn(&History) -> f64| sum(&given, f) / whole;
    let above = |h: &History| normal_above(1.0 - mean_gain(h));
    let fewer = |h: &History| poisson(rate(h), 0) + poisson(rate(h), 1);
    assert_exact(value(&analysis, "above"), of(&above));
    assert_exact(value(&analysis, "equal"), of(&|h| poisson(rate(h), 2)));
    assert_exact(value(&analysis, "both"), of(&|h| above(h) * fewer(h)));
    assert_exact(value(&analysis, "one at least"), of(&|h| 1.0 - (1.0 - above(h)) * (1.0 - fewer(h))));
    assert_exact(value(&analysis, "mean"), of(&mean_gain));
    let more = of(&|h| (1.0 - fewer(h)) * mean_gain(h)) / of(&|h| 1.0 - fewer(h));
    assert_exact(value(&analysis, "mean given"), more);
    let high = of(&|h| if h.is("offer", "high") { above(h) } else { 0.0 }) / of(&above);
    assert_exact(value(&analysis, "posterior"), high);
    let median = value(&analysis, "median");
    assert_exact(of(&|h| normal_above(median - mean_gain(h))), 0.5);
    let count = value(&analysis, "count");
    let upto = |x: i32| of(&|h| (0..=x).map(|k| poisson(rate(h), k)).sum());
    assert!(upto(count as i32) >= 0.9 && upto(count as i32 - 1) < 0.9, "{count}");
}

#[test]
fn a_query_in_a_what_ifs_world_is_paired_with_the_world_as_it_was() {
    let analysis = asked(
        r#"
record(offer = "high", weather = "bad")
what_if("low", do(offer = "low"))
what_if("nothing", do(offer = "high"))
query("deal", probability({"deal": True}), under = "low")
query("deal given hard", probability({"deal": True}), given = {"kind": "hard"}, under = "low")
query("bad weather in a deal", probability({"weather": "bad"}), within = {"deal": True}, under = "low")
query("gain", mean("gain"), under = "low")
query("upper", quantile("gain", 0.8), under = "low")
query("same", mean("gain"), under = "nothing")
query("payoff", payoff("A"), under = "low")
query("as it was", payoff("A"))
"#,
    );
    let one = |name: &str| -> &QueryValue { &query(&analysis, name).values[0] };
    let all = told(&scenario(STORY));
    let record = |h: &History| h.is("offer", "high") && h.is("weather", "bad");
    let yes = |h: &History| h.is("answer", "yes");
    let hard = |h: &History| h.is("kind", "hard");
    assert_near(&one("deal").factual.unwrap(), conditional(&all, yes, record));
    assert_near(&one("deal given hard").factual.unwrap(), conditional(&all, yes, |h| record(h) && hard(h)));
    let given = query(&analysis, "deal given hard").condition_probability;
    assert_near(&given, conditional(&all, hard, record));
    // With two actions the Gumbel-max counterfactual is the monotone one (Oberst and Sontag 2019).
    let answers =
        |kind: &str, offer: &str| conditional(&all, yes, |h| h.is("kind", kind) && h.is("offer", offer));
    let then = |kind: &str| {
        let (before, after) = (answers(kind, "high"), answers(kind, "low"));
        let was = conditional(&all, yes, |h| record(h) && h.is("kind", kind));
        let kept = (after / before).min(1.0);
        let new = ((after - before) / (1.0 - before)).max(0.0);
        was * kept + (1.0 - was) * new
    };
    let share = conditional(&all, hard, record);
    let deal = share * then("hard") + (1.0 - share) * then("soft");
    assert_near(&one("deal").here, deal);
    assert_near(&one("deal given hard").here, then("hard"));
    assert_near(&one("deal").change.unwrap(), deal - conditional(&all, yes, record));
    let ratio = one("deal").ratio.unwrap();
    assert_exact(ratio.value, deal / conditional(&all, yes, record));
    // The same rank of a normal quantity with another mean: the difference is that of the means, whatever the luck.
    assert_exact(one("gain").change.unwrap().mean, -3.0);
    assert_exact(one("gain").here.mean, -1.0);
    let upper = counterplay_inference::distribution::Concrete::Normal { mean: -1.0, sd: 1.0 }.quantile(0.8);
    assert_exact(one("upper").here.mean, upper);
    assert_exact(one("upper").change.unwrap().mean, -3.0);
    assert_eq!(one("same").change.unwrap().mean, 0.0);
    assert_near(&one("payoff").factual.unwrap(), value(&analysis, "as it was"));
    let own = |h: &History| if yes(h) { -0.4 } else { -0.5 };
    assert_exact(
        value(&analysis, "as it was"),
        sum(&all, |h| if record(h) { own(h) } else { 0.0 }) / sum(&all, |h| f64::from(u8::from(record(h)))),
    );
}

#[test]
fn a_what_if_that_changes_nothing_of_an_event_has_its_interval() {
    let text = STORY.replace("point(0.4)", "beta(4, 6)");
    let text = format!(
        "{text}record(offer = \"high\")\nwhat_if(\"low\", do(offer = \"low\"))\n\
        query(\"kind\", probability({{\"kind\": \"hard\"}}))\nquery(\"under\", probability({{\"kind\": \"hard\"}}), under = \"low\")\n"
    );
    let settings = Settings { warmup: 300, draws: 500, answer_draws: 800, ..many_replays() };
    let analysis = analysed(&scenario(&text), &settings);
    let (exact, played) =
        (&query(&analysis, "kind").values[0].here, &query(&analysis, "under").values[0].here);
    assert_eq!(exact.replay_error, 0.0);
    // The offer depends on nothing hidden: the posterior is the prior, beta(4, 6).
    let prior = counterplay_inference::distribution::Concrete::Beta { alpha: 4.0, beta: 6.0 };
    assert!(
        (exact.low - prior.quantile(0.05)).abs() < 0.03 && (exact.high - prior.quantile(0.95)).abs() < 0.03
    );
    // The offer tells nothing of the kind: it is what it was in each draw, and no luck is drawn.
    for (played, exact) in [(played.mean, exact.mean), (played.low, exact.low), (played.high, exact.high)] {
        assert_exact(played, exact);
    }
    assert_eq!(played.replay_error, 0.0);
}

#[test]
fn claims_can_ask_for_queries() {
    let analysis = asked(
        r#"
record(offer = "high", weather = "bad")
query("deal", probability({"deal": True}))
query("knowing", value_of_information("A", "kind"))
claim("a deal was likely", lambda a: a.query("deal") > 0.0 and abs(a.query("knowing")) < 10)
claim("a deal was sure", lambda a: a.query("deal") > 0.999)
"#,
    );
    assert_eq!(analysis.claims[0].probability.value, 1.0);
    assert_eq!(analysis.claims[1].probability.value, 0.0);
}

#[test]
fn a_sweep_is_the_same_as_its_what_ifs() {
    let analysis = asked(
        r#"
record(offer = "high", weather = "bad")
what_if("less", set(hard, 0.1))
what_if("more", set(hard, 0.8))
query("less", mean("count"), under = "less")
query("more", mean("count"), under = "more")
sweep("how hard", hard, [0.1, 0.8], mean("count"))
sweep("about", hard, [0.1, 0.4, 0.8])
"#,
    );
    let [how, about] = analysis.questions.sweeps.as_slice() else { panic!("two sweeps") };
    for (point, name) in how.points.iter().zip(["less", "more"]) {
        let other = &query(&analysis, name).values[0].here;
        assert!((point.1.mean - other.mean).abs() <= 1e-11 * other.mean, "{name}: {point:?} {other:?}");
    }
    assert_eq!(about.points.len(), 3);
    // At the value that it has, nothing changes.
    assert_exact(about.points[1].1.mean, about.factual.mean);
    assert_eq!((about.draws, about.left_out), (100, 0));
}
