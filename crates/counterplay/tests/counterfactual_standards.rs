//! Probabilities of causation and counterfactuals, against published numbers.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use common::reference::{entry, json, number};
use common::{analysed, answer, assert_share, many_replays, scenario};
use counterplay::causality::causation::{
    Experiment, Observed, Range, Unit, bounds, exact, if_monotone, shown_by,
};
use counterplay_analysis::{Analysis, Distribution, World};

fn standards() -> Option<serde_json::Value> {
    json("counterfactual_standards.json")
}

/// The drug of Tian and Pearl (2000, p. 306): an experiment and a study of those who chose for themselves.
#[test]
fn the_bounds_for_the_drug_are_the_published_ones() {
    let Some(standards) = standards() else { return };
    let item = entry(&standards["probabilities_of_causation"], "tian_pearl_2000_drug");
    let share = |arm: &str| {
        let deaths = number(item, &format!("/experiment/{arm}/deaths"));
        deaths / (deaths + number(item, &format!("/experiment/{arm}/survivals")))
    };
    let seen = |cell: &str| number(item, &format!("/observational/{cell}"));
    let cells = ["treated/deaths", "treated/survivals", "control/deaths", "control/survivals"].map(seen);
    let all: f64 = cells.iter().sum();
    let [both, cause_alone, effect_alone, neither] = cells.map(|cell| cell / all);
    let found = bounds(
        Experiment { with_cause: share("treated"), without_cause: share("control") },
        Observed { both, cause_alone, effect_alone, neither },
    );
    for (name, range) in [("PNS", found.both), ("PN", found.necessity), ("PS", found.sufficiency)] {
        let [low, high] = [0, 1].map(|end| number(item, &format!("/bounds/{name}/{end}")));
        assert!((range.low - low).abs() < 1e-9 && (range.high - high).abs() < 1e-9, "{name}: {range:?}");
    }
}

/// Exposure is exogenous and can only harm: point values from two rates.
#[test]
fn the_nevada_rates_give_the_published_probabilities() {
    let Some(standards) = standards() else { return };
    let item = entry(&standards["probabilities_of_causation"], "nevada_leukemia");
    let rate = |arm: &str| {
        let deaths = number(item, &format!("/counts/{arm}/deaths"));
        deaths / (deaths + number(item, &format!("/counts/{arm}/survivals")))
    };
    let found = if_monotone(rate("high"), rate("low"));
    let pairs = [("/PN", found.necessity), ("/PS", found.sufficiency), ("/PNS", found.both)];
    for (path, value) in pairs {
        assert!((value - number(item, path)).abs() < 1e-12, "{path}: {value}");
    }
}

/// A bet on a fair coin: who won with heads would have lost with tails, and the other way round.
#[test]
fn a_bet_on_a_fair_coin_is_necessary_and_sufficient_half_of_the_time() {
    let Some(standards) = standards() else { return };
    let item = entry(&standards["probabilities_of_causation"], "fair_coin_bet");
    let published = ["/PN_corrected", "/PS_corrected", "/PNS"].map(|path| number(item, path));
    let unit = |cause: bool, heads: bool| Unit {
        probability: 0.25,
        cause,
        effect_with: heads,
        effect_without: !heads,
    };
    let units = [unit(true, true), unit(true, false), unit(false, true), unit(false, false)];
    let known = exact(&units);
    assert_eq!([known.necessity, known.sufficiency, known.both], published);
    let (experiment, observed) = shown_by(&units);
    let range = bounds(experiment, observed);
    assert_eq!(
        range.necessity,
        Range { low: 0.0, high: 1.0 },
        "data alone say nothing: the mechanism matters"
    );

    let text = r#"
scenario("A bet", players = ["Nobody"], about = {"won": True})
precision("precision", point(1))

def play(g):
    bet = g.chance("bet", {"heads": 0.5, "tails": 0.5})
    coin = g.chance("coin", {"heads": 0.5, "tails": 0.5})
    g.end(payoffs = {"Nobody": 0}, outcomes = {"won": bet == coin})

record(bet = "heads", coin = "heads")
factor("to bet on heads", absent = [do(bet = "tails")], present = [do(bet = "heads")])
"#;
    let analysis = analysed(&scenario(text), &many_replays());
    let factor = &analysis.attributions[0].factors[0];
    assert_eq!(factor.necessity.mean, published[0]);
    assert_eq!(factor.sufficiency.mean, published[1]);
    assert_share(factor.necessity_and_sufficiency.mean, published[2], 100_000);
}

/// X1 = 2 X0 + N1, X2 = X0 / 2 + N2, X3 = X2 / 2 + N3. What is set from outside is a parameter; N2 is one too,
/// so that X2 can be set to a number, and moved.
fn linear(x0: f64, n2: f64, record: &str, noise: f64, what_if: &str) -> Analysis {
    let text = format!(
        r#"
scenario("Linear", players = ["Nobody"])
x0 = param("x0", point({x0}))
n2 = param("n2", point({n2}))
precision("precision", point(1))

def play(g):
    x2 = 0.5 * x0 + n2
    g.measure("X0", normal(x0, 1e-9))
    g.measure("X1", normal(2 * x0, {noise}))
    g.measure("X2", normal(x2, 1e-9))
    g.measure("X3", normal(0.5 * x2, {noise}))
    g.end(payoffs = {{"Nobody": 0}}, outcomes = {{"done": True}})

{record}
what_if("set", {what_if})
"#
    );
    analysed(&scenario(&text), &many_replays())
}

fn means(world: &World) -> [f64; 4] {
    ["X0", "X1", "X2", "X3"].map(|name| world.measures.iter().find(|m| m.name == name).unwrap().mean.mean)
}

fn assert_means(analysis: &Analysis, published: &serde_json::Value, tolerance: f64) {
    let found = means(&answer(analysis, "set").world);
    for (found, published) in found.iter().zip(published.as_array().unwrap()) {
        let published = published.as_f64().unwrap();
        assert!((found - published).abs() < tolerance, "{found} is not {published}");
    }
}

#[test]
fn counterfactuals_in_a_linear_model_are_the_published_ones() {
    let Some(standards) = standards() else { return };
    let item = entry(&standards["what_if_and_shapley"], "linear_scm_counterfactual");
    let query = |index: usize| &item["queries"][index]["a"];
    let to_two = "set(n2, 2 - 0.5 * x0)";
    let seen = linear(1.0, 2.5, "record({}, measured = {\"X1\": 3, \"X3\": 4})", 1.0, to_two);
    assert_means(&seen, query(0), 1e-6);
    // The noise is what X1 = 4, X2 = 3.5 and X3 = 5.75 leave unexplained.
    let noise = linear(1.0, 3.0, "record({}, measured = {\"X1\": 4, \"X3\": 5.75})", 1.0, to_two);
    assert_means(&noise, query(1), 1e-6);
    // Nothing is known of the noise, and means are asked for.
    let ten = linear(0.0, 2.0, "", 1.0, "set(n2, 10 - 0.5 * x0), luck = \"redrawn\"");
    let x3 = means(&answer(&ten, "set").world)[3];
    assert!((x3 - query(2).as_f64().unwrap()).abs() < 4.5 / 100_000f64.sqrt(), "{x3}");
    let moved = linear(0.0, 0.0, "", 0.1, "set(x0, 10), shift(n2, 5), luck = \"redrawn\"");
    assert_means(&moved, query(3), 4.5 * 0.1 / 100_000f64.sqrt() + 1e-6);
}

/// The mass of a distribution from a value on.
fn mass_from(distribution: &Distribution, value: f64) -> f64 {
    let part = |&(left, right, density): &(f64, f64, f64)| density * (right - value.clamp(left, right));
    distribution.histogram.iter().map(part).sum()
}

/// T is thrown; X0 = T + noise, X1 = T / 2 + noise, and Y is whether X0 + X1 + noise is at least 1.5: the
/// published effect of T on Y. The three noises of 0.1 add up to one of 0.1 * sqrt(3).
#[test]
fn the_average_effect_on_a_threshold_is_the_published_one() {
    let Some(standards) = standards() else { return };
    let item = entry(&standards["what_if_and_shapley"], "ace_binary");
    let text = r#"
scenario("Threshold", players = ["Nobody"])
precision("precision", point(1))

def play(g):
    t = 1 if g.chance("T", {"1": 0.5, "0": 0.5}) == "1" else 0
    g.measure("sum", normal(1.5 * t, 0.17320508))
    g.end(payoffs = {"Nobody": 0}, outcomes = {"T": t})

what_if("with", do(T = "1"))
what_if("without", do(T = "0"))
"#;
    let analysis = analysed(&scenario(text), &many_replays());
    let share = |name| mass_from(&answer(&analysis, name).world.measures[0].distribution, 1.5);
    let effect = share("with") - share("without");
    // The histogram is a coarse one, so the published tolerance is what it is held to.
    assert!((effect - number(item, "/ACE")).abs() < number(item, "/tol"), "{effect}");
    let median = answer(&analysis, "with").world.measures[0].distribution.quantiles[2];
    assert!((median - 1.5).abs() < 4.5 * 0.1732 * 1.2533 / 100_000f64.sqrt(), "{median}");
}
