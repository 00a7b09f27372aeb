//! Where sampling is hard: several modes, points that are ruled out, nothing to sample, and predictions that must not
//! depend on the posterior; against fine grids.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use common::{analysed, scenario};
use counterplay::settings::{Method, Settings};
use counterplay_analysis::{Analysis, ParameterSummary, QueryEstimate};

fn settings(seed: u64) -> Settings {
    Settings { seed, replays: 2, stress_points: 0, confirmations: Some(0), ..Settings::default() }
}

fn parameter<'a>(analysis: &'a Analysis, name: &str) -> &'a ParameterSummary {
    analysis.parameters.iter().find(|p| p.name == name).unwrap()
}

fn messages(analysis: &Analysis) -> Vec<&str> {
    analysis.warnings.iter().map(|w| w.message.as_str()).collect()
}

/// The mean of a function over a line, by weights of its points.
fn mean(points: &[(f64, f64)], of: impl Fn(f64) -> f64) -> f64 {
    let whole: f64 = points.iter().map(|p| p.1).sum();
    points.iter().map(|&(x, w)| w * of(x)).sum::<f64>() / whole
}

/// The posterior mean of a parameter is that of a grid, within 4.5 Monte Carlo errors.
#[track_caller]
fn assert_mean(found: &ParameterSummary, exact: f64) {
    let error = found.after.sd / found.bulk_ess.sqrt();
    assert!(
        (found.after.mean - exact).abs() <= 4.5 * error,
        "{} +- {error} is not {exact}",
        found.after.mean
    );
}

/// A prior with two modes, to each of which the record gives half of the posterior.
const MIXTURE: &str = r#"
scenario("Mixture", players = ["A"], about = {"third": "a"})
c = param("c", mixture([(1, normal(-2, 0.5)), (3, normal(1.5, 0.7))]))
precision("precision", point(1))
def play(g):
    toss = lambda name: g.chance(name, {"a": logistic(c), "b": rest})
    first, second, third = toss("first"), toss("second"), toss("third")
    g.end(payoffs = {"A": 0}, outcomes = {"third": third})
record(first = "a", second = "b", third = "b")
query("before", probability({"first": "a"}), as_of = "first")
query("after one", probability({"second": "a"}), as_of = "second")
query("after two", probability({"third": "a"}), as_of = "third")
"#;

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// The mixture on a grid, with the likelihood of the first events of the record.
fn mixture(known: usize) -> Vec<(f64, f64)> {
    let normal = |x: f64, m: f64, s: f64| (-0.5 * ((x - m) / s).powi(2)).exp() / s;
    let weight = |x: f64| {
        let p = logistic(x);
        let likelihood: f64 = [p, 1.0 - p, 1.0 - p].iter().take(known).product();
        likelihood * (normal(x, -2.0, 0.5) + 3.0 * normal(x, 1.5, 0.7))
    };
    (0..20_000).map(|k| -8.0 + 16.0 * f64::from(k) / 20_000.0).map(|x| (x, weight(x))).collect()
}

#[test]
fn the_modes_of_a_mixture_are_drawn_in_their_proportions_and_the_switch_is_said() {
    for seed in 1..=4 {
        let found = analysed(&scenario(MIXTURE), &settings(seed));
        assert!(found.sampling.max_r_hat <= 1.05, "{seed}: {:?}", found.sampling);
        assert_mean(parameter(&found, "c"), mean(&mixture(3), |x| x));
        let replaced = found.sampling.replaced.as_ref().expect("chains stay in a mode");
        assert_eq!(replaced.parameter, "c");
        assert!(replaced.r_hat > 1.01);
        assert_eq!(found.sampling.method, Method::Tempering.words());
        let said = messages(&found);
        assert!(said.iter().any(|m| m.contains("`c`") && m.contains("`--sampler smc`")), "{said:?}");
    }
}

#[test]
fn a_posterior_with_one_mode_stays_with_the_no_u_turn_sampler() {
    let text = MIXTURE.replace("(3, normal(1.5, 0.7))", "(3, normal(-1.5, 0.7))");
    let found = analysed(&scenario(&text), &settings(1));
    assert!(found.sampling.replaced.is_none() && found.sampling.converged, "{:?}", found.sampling);
    assert_eq!(found.sampling.method, Method::NoUTurn.words());
}

/// Squared distances from exact values in squared stated errors, over several seeds.
fn chi_square(exact: f64, found: &[QueryEstimate]) -> f64 {
    found.iter().map(|f| ((f.mean - exact) / f.error).powi(2)).sum()
}

/// Above and below these a chi-square number of 40 degrees of freedom is with probability 1e-3 each.
const FORTY: (f64, f64) = (17.916, 73.402);

#[test]
fn stated_errors_of_predictions_as_of_a_moment_are_right_over_forty_seeds() {
    let few =
        |seed| Settings { warmup: 100, draws: 100, answer_draws: 100, evidence_draws: 160, ..settings(seed) };
    let all: Vec<Analysis> = (1..=40).map(|seed| analysed(&scenario(MIXTURE), &few(seed))).collect();
    for (known, name) in ["before", "after one", "after two"].into_iter().enumerate() {
        let of =
            |a: &Analysis| a.questions.predictions.iter().find(|p| p.name == name).unwrap().values[0].here;
        let found: Vec<QueryEstimate> = all.iter().map(of).collect();
        let statistic = chi_square(mean(&mixture(known), logistic), &found);
        // Draws of the prior alone are independent; those of a sampler's runs have errors that are only estimated.
        let low = if known == 0 { FORTY.0 } else { 4.0 };
        assert!((low..=FORTY.1).contains(&statistic), "{name}: {statistic}");
    }
    assert!((mean(&mixture(0), logistic) - 0.6296).abs() < 1e-4);
}

#[test]
fn a_prediction_as_of_the_first_event_does_not_depend_on_the_posterior() {
    let of = |method, draws| {
        let settings = Settings { method, draws, answer_draws: draws, ..settings(1) };
        let found = analysed(&scenario(MIXTURE), &settings);
        let prediction = found.questions.predictions[0].clone();
        assert!(prediction.method.starts_with("draws from the prior"), "{}", prediction.method);
        (prediction.values[0].here, prediction.path[0].value)
    };
    let first = of(Method::NoUTurn, 20);
    assert_eq!(first, of(Method::Tempering, 100));
    assert_eq!(first.0, first.1);
}

/// An upper end that is itself uncertain: a probability can come out above 1, and the upper end below 0.
fn shares(theta: &str) -> String {
    format!(
        r#"
scenario("Uniform", players = ["A"], about = {{"fourth": "yes"}})
theta = param("theta", {theta})
p = param("p", uniform(0, theta))
precision("precision", point(1))
def play(g):
    toss = lambda name: g.chance(name, {{"yes": p, "no": rest}})
    first, second, third, fourth = toss("first"), toss("second"), toss("third"), toss("fourth")
    g.end(payoffs = {{"A": 0}}, outcomes = {{"fourth": fourth}})
record(first = "yes", second = "no", third = "no")
"#
    )
}

/// The means of the upper end and of the share that is uniform below it, where both are possible.
fn exact_shares(density: impl Fn(f64) -> f64, highest: f64) -> (f64, f64) {
    let count = 20_000;
    let (mut whole, mut theta, mut share) = (0.0, 0.0, 0.0);
    for k in 0..count {
        let t = (f64::from(k) + 0.5) / f64::from(count) * highest;
        // The integrals of p (1 - p)^2 and p^2 (1 - p)^2 from 0 to the smaller of t and 1, over t.
        let top = t.min(1.0);
        let below = (top.powi(2) / 2.0 - 2.0 * top.powi(3) / 3.0 + top.powi(4) / 4.0) / t;
        let mean = (top.powi(3) / 3.0 - top.powi(4) / 2.0 + top.powi(5) / 5.0) / t;
        whole += density(t) * below;
        theta += density(t) * t * below;
        share += density(t) * mean;
    }
    (theta / whole, share / whole)
}

#[test]
fn a_share_that_is_uniform_below_an_uncertain_end_has_the_posterior_of_a_grid() {
    type Density = fn(f64) -> f64;
    let priors: [(&str, Density, f64); 4] = [
        ("uniform(0, 1)", |_| 1.0, 1.0),
        ("uniform(0.5, 1.5)", |t| f64::from(u8::from(t > 0.5)), 1.5),
        ("normal(0.5, 0.4)", |t| (-0.5 * ((t - 0.5) / 0.4).powi(2)).exp(), 4.0),
        ("half_normal(0.5)", |t| (-0.5 * (t / 0.5).powi(2)).exp(), 4.0),
    ];
    for (prior, density, highest) in priors {
        let exact = exact_shares(density, highest);
        for method in [Method::NoUTurn, Method::Tempering] {
            let settings = Settings { method, draws: 1500, ..settings(3) };
            let found = analysed(&scenario(&shares(prior)), &settings);
            assert!(found.sampling.converged, "{prior}, {method:?}: {:?}", found.sampling);
            assert_mean(parameter(&found, "theta"), exact.0);
            assert_mean(parameter(&found, "p"), exact.1);
            assert!(found.play.converged && found.sampling.cut_short == 0, "{prior}: {:?}", found.sampling);
        }
    }
}

#[test]
fn a_probability_out_of_range_is_named_and_is_not_called_unsolved_play() {
    let found = analysed(&scenario(&shares("normal(0.5, 0.4)")), &settings(1));
    let said = messages(&found);
    assert!(
        said.iter().any(|m| m.contains("the probability of `yes` at `first` is not between 0 and 1")),
        "{said:?}"
    );
    assert!(!said.iter().any(|m| m.contains("could not be solved")), "{said:?}");
}

/// What is measured rules out one half of the prior.
const CLIFF: &str = r#"
scenario("Cliff", players = ["A"], about = {"kind": "high"})
x = param("x", normal(0, 1))
precision("precision", point(1))
def play(g):
    kind = g.chance("kind", {"high": min(max(x, 0), 1), "low": rest})
    g.end(payoffs = {"A": 0}, outcomes = {"kind": kind})
record(kind = "high")
"#;

#[test]
fn points_at_which_the_record_is_impossible_are_no_unsolved_play() {
    let found = analysed(&scenario(CLIFF), &settings(3));
    assert_eq!(found.sampling.cut_short, 0);
    assert!(
        found.sampling.ruled_out.iter().any(|r| r.0 == "the record is impossible"),
        "{:?}",
        found.sampling
    );
    assert!(found.sampling.converged && found.play.converged, "{:?}", messages(&found));
    // Density x exp(-x^2 / 2) up to 1, and exp(-x^2 / 2) above.
    let weight = |x: f64| x.clamp(0.0, 1.0) * (-0.5 * x * x).exp();
    let grid: Vec<(f64, f64)> =
        (0..80_000).map(|k| f64::from(k) / 10_000.0).map(|x| (x, weight(x))).collect();
    assert_mean(parameter(&found, "x"), mean(&grid, |x| x));
}

#[test]
fn a_scenario_without_unknowns_is_never_not_converged() {
    let text = r#"
scenario("Known", players = ["A", "B"], about = {"war": "yes"})
cost = param("cost", point(0.5))
precision("precision", point(2))
def play(g):
    if g.choose("A", "move", ["fight", "yield"]) == "yield":
        return g.end(payoffs = {"A": 0, "B": 1}, outcomes = {"war": "no"})
    war = g.choose("B", "answer", ["fight", "yield"])
    g.end(payoffs = {"A": 0.5 - cost, "B": 0.5 - cost}, outcomes = {"war": "yes" if war == "fight" else "no"})
record(move = "fight")
"#;
    for method in [Method::NoUTurn, Method::Tempering] {
        for (chains, draws) in [(1, 1), (1, 3), (4, 10), (4, 100)] {
            let settings =
                Settings { method, chains, draws, answer_draws: 10, evidence_draws: 10, ..settings(1) };
            let found = analysed(&scenario(text), &settings);
            assert!(found.sampling.known && found.sampling.converged, "{method:?}, {chains} x {draws}");
            let said = messages(&found);
            assert!(!said.iter().any(|m| m.contains("R-hat") || m.contains("effective draws")), "{said:?}");
        }
    }
}

/// Two signs, of which a chain keeps one; too few draws for any sampler to be sure.
#[test]
fn a_warning_names_the_parameter_and_ends_in_what_to_do() {
    let few = Settings { warmup: 50, draws: 40, answer_draws: 20, evidence_draws: 20, ..settings(1) };
    let found = analysed(&scenario(MIXTURE), &few);
    assert!(!found.sampling.converged);
    let said = messages(&found);
    let ess = said.iter().find(|m| m.contains("effective draws")).expect("there are too few");
    assert!(ess.starts_with("`c` has only") && ess.contains("`--draws "), "{ess}");
}
