//! What is asked of a process, against closed forms of a two-state Markov chain and against going through all its
//! histories.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test may fail")]

mod common;

use common::scenario;
use counterplay::assemble::analyse::analyse;
use counterplay::check::check;
use counterplay::settings::Settings;
use counterplay::story::limits::Limits;
use counterplay::watch::Unwatched;
use counterplay_analysis::{Analysis, QueryAnswer};
use counterplay_inference::distribution::Concrete;

/// War breaks out with the probability `a` a year, and ends with `b`. It costs about ten a year, peace about nothing.
fn chain(a: &str, b: &str, more: &str) -> String {
    format!(
        r#"
scenario("A chain", players = ["A"], about = {{"war": True}})
breaks_out = param("breaks out", {a})
ends = param("ends", {b})
precision("precision", point(1))

def year(g, now):
    war = g.chance("turn", {{"war": 1 - ends if now == "war" else breaks_out, "peace": rest}}) == "war"
    g.outcome("war", war)
    g.measure("cost", normal(10 if war else 0, 1))
    g.next("year", "war" if war else "peace", discount = 0.9)

stage("year", year)
horizon({HORIZON})

def play(g):
    g.next("year", "peace")

{more}
"#
    )
}

const HORIZON: i32 = 6;
const A: f64 = 0.2;
const B: f64 = 0.3;

fn fixed(more: &str) -> String {
    chain("point(0.2)", "point(0.3)", more)
}

fn settings() -> Settings {
    Settings {
        chains: 2,
        draws: 200,
        warmup: 150,
        answer_draws: 100,
        replays: 100,
        evidence_draws: 64,
        stress_points: 0,
        confirmations: Some(0),
        ..Settings::default()
    }
}

fn analysed(text: &str) -> Analysis {
    analysed_with(text, &settings())
}

fn analysed_with(text: &str, settings: &Settings) -> Analysis {
    analyse(&scenario(text), settings, &Unwatched).unwrap_or_else(|e| panic!("{e}"))
}

/// The probability of war after this many years, the closed form of a two-state chain.
fn war_after(years: i32, from_war: bool, a: f64, b: f64) -> f64 {
    let level = a / (a + b);
    let start = if from_war { 1.0 } else { 0.0 };
    level + (start - level) * (1.0 - a - b).powi(years)
}

/// Every way the years can go, each with its probability: whether there is war, year by year.
fn ways(a: f64, b: f64) -> Vec<(Vec<bool>, f64)> {
    let way = |bits: u32| {
        let years: Vec<bool> = (0..HORIZON).map(|k| bits >> k & 1 == 1).collect();
        let (mut now, mut p) = (false, 1.0);
        for &war in &years {
            let to_war = if now { 1.0 - b } else { a };
            p *= if war { to_war } else { 1.0 - to_war };
            now = war;
        }
        (years, p)
    };
    (0..1 << HORIZON).map(way).collect()
}

fn probability(ways: &[(Vec<bool>, f64)], of: impl Fn(&[bool]) -> bool) -> f64 {
    ways.iter().filter(|w| of(&w.0)).map(|w| w.1).sum()
}

fn query<'a>(analysis: &'a Analysis, name: &str) -> &'a QueryAnswer {
    analysis.questions.queries.iter().find(|q| q.name == name).unwrap()
}

fn near(found: f64, exact: f64, tolerance: f64) {
    assert!((found - exact).abs() <= tolerance, "{found} is not {exact}");
}

#[test]
fn queries_of_the_world_as_it_was_are_exact() {
    let analysis = analysed(&fixed(
        r#"
record({"turn": "war", "turn #3": "peace"})
query("war at the end", probability({"war": True}))
query("war in between", probability({"turn #2": "war"}))
query("given war later", probability({"turn #2": "war"}), given = {"turn #5": "war"})
query("two of three", probability(at_least(2, [{"turn #4": "war"}, {"turn #5": "war"}, {"turn #6": "war"}])))
query("no war again", probability(at_most(0, [{"turn #4": "war"}, {"turn #5": "war"}, {"turn #6": "war"}])))
query("the fourth year", distribution("year #4"))
claim("more war than not", lambda a: a.query("war at the end") > 0.5)
claim("less war than not", lambda a: a.query("war at the end") < 0.5)
"#,
    ));
    let all = ways(A, B);
    let recorded = |w: &[bool]| w[0] && !w[2];
    let given = |also: &dyn Fn(&[bool]) -> bool, of: &dyn Fn(&[bool]) -> bool| {
        probability(&all, |w| recorded(w) && also(w) && of(w)) / probability(&all, |w| recorded(w) && also(w))
    };
    let always = |_: &[bool]| true;
    let exactly = |name: &str, exact: f64| {
        let found = query(&analysis, name);
        near(found.values[0].here.mean, exact, 1e-12);
        assert_eq!(found.values[0].here.replay_error, 0.0);
        assert_eq!(found.method, "exact, stage by stage");
    };
    exactly("war at the end", given(&always, &|w| w[5]));
    near(war_after(3, false, A, B), given(&always, &|w| w[5]), 1e-12);
    exactly("war in between", given(&always, &|w| w[1]));
    exactly("given war later", given(&|w| w[4], &|w| w[1]));
    let later = |w: &[bool]| w[3..].iter().filter(|x| **x).count();
    exactly("two of three", given(&always, &|w| later(w) >= 2));
    exactly("no war again", given(&always, &|w| later(w) == 0));
    near(query(&analysis, "given war later").condition_probability.mean, given(&always, &|w| w[4]), 1e-12);
    // The fourth year is entered in the state that the third one left.
    let fourth = &query(&analysis, "the fourth year").values;
    let peace = fourth.iter().find(|v| v.label == "peace").unwrap();
    assert_eq!(peace.here.mean, 1.0);
    assert_eq!(analysis.claims[0].probability.value, 0.0);
    assert_eq!(analysis.claims[1].probability.value, 1.0);
}

#[test]
fn queries_of_a_what_ifs_world_and_of_what_is_measured_are_those_of_its_histories() {
    let analysis = analysed(&fixed(
        r#"
record({"turn": "war"})
what_if("it ends in the second year", do({"turn #2": "peace"}))
query("war, if it ends", probability({"war": True}), under = "it ends in the second year")
query("third year, if it ends and the fourth has peace", probability({"turn #3": "war"}),
      within = {"turn #4": "peace"}, under = "it ends in the second year")
query("the last cost", mean("cost"))
query("the third cost", mean("cost #3"))
query("a dear end", probability({"cost": above(5)}))
query("the median, given war", quantile("cost", 0.5), given = {"war": True})
query("the whole", distribution("cost"))
"#,
    ));
    let value = |name: &str| query(&analysis, name).values[0].here;
    let close = |name: &str, exact: f64| {
        let found = value(name);
        assert!(found.error < 1e-15 && found.replay_error == 0.0, "{name}: {found:?}");
        near(found.mean, exact, 1e-10);
    };
    close("war, if it ends", war_after(4, false, A, B));
    let all = ways(A, B);
    // From the second year on the chain starts in peace: the first and second year of `ways` stand for the third and
    // fourth.
    let third = probability(&all, |w| w[0] && !w[1]) / probability(&all, |w| !w[1]);
    close("third year, if it ends and the fourth has peace", third);
    let change = query(&analysis, "war, if it ends").values[0].change.unwrap();
    near(change.mean, war_after(4, false, A, B) - war_after(5, true, A, B), 1e-10);
    close("the last cost", 10.0 * war_after(5, true, A, B));
    close("the third cost", 10.0 * war_after(2, true, A, B));
    let normal = |mean: f64| Concrete::Normal { mean, sd: 1.0 };
    let war = war_after(5, true, A, B);
    close("a dear end", war * normal(10.0).survival(5.0) + (1.0 - war) * normal(0.0).survival(5.0));
    near(value("the median, given war").mean, 10.0, 1e-9);
    let whole = query(&analysis, "the whole").distribution.as_ref().unwrap();
    near(whole.mean, 10.0 * war, 0.25);
}

/// Two years of peace and then war: of a rate with the prior beta(2, 8) each year of peace adds one to the second count.
const RECORD: &str = r#"record({"turn": "peace", "turn #2": "peace", "turn #3": "war"})"#;

#[test]
fn predictions_as_of_a_moment_are_those_of_the_posterior_of_that_moment() {
    let text = chain(
        "beta(2, 8)",
        "point(0.3)",
        &format!(
            r#"{RECORD}
query("war in the third year", probability({{"turn #3": "war"}}), as_of = "turn #3")
query("war in the third year, from the first", probability({{"turn #3": "war"}}), as_of = "turn")
query("the second state", distribution("year #3"), as_of = "turn #2")
"#
        ),
    );
    let analysis = analysed_with(&text, &Settings { evidence_draws: 400, answer_draws: 200, ..settings() });
    let predictions = &analysis.questions.predictions;
    // The moments of a beta law: E[a], E[a²] and so on by rising factorials.
    let moment =
        |k: i32, n: f64, m: f64| (0..k).map(|j| (n + f64::from(j)) / (n + m + f64::from(j))).product::<f64>();
    near(predictions[0].values[0].here.mean, 2.0 / 12.0, 0.01);
    assert_eq!(predictions[0].known, 2);
    assert_eq!(predictions[0].happened.as_deref(), Some("war"));
    // From the first year on: a (1 - a)² for peace, peace, war, and the ways by war: a (1 - a) 0.3 + ...
    let e = |f: &dyn Fn(f64) -> f64| integral(f, 2.0, 8.0);
    let third = e(&|a| war_after(3, false, a, B));
    near(predictions[1].values[0].here.mean, third, 0.01);
    let path: Vec<f64> = predictions[1].path.iter().map(|s| s.value.mean).collect();
    assert_eq!(path.len(), 4);
    near(path[0], third, 0.01);
    near(path[1], integral(&|a| war_after(2, false, a, B), 2.0, 9.0), 0.01);
    near(path[2], 2.0 / 12.0, 0.01);
    near(path[3], 1.0, 1e-12);
    near(predictions[1].path[2].foreseen.mean, 9.0 / 11.0, 0.01);
    near(1.0 - moment(1, 2.0, 9.0), 9.0 / 11.0, 1e-12);
    let second = predictions[2].values.iter().find(|v| v.label == "war").unwrap();
    near(second.here.mean, 2.0 / 11.0, 0.01);
    assert!(predictions.iter().all(|p| p.reliable));
}

/// The mean of a function under a beta law, by the midpoint rule.
fn integral(f: &dyn Fn(f64) -> f64, alpha: f64, beta: f64) -> f64 {
    let points = (0..20_000).map(|k| (f64::from(k) + 0.5) / 20_000.0);
    let density = |x: f64| x.powf(alpha - 1.0) * (1.0 - x).powf(beta - 1.0);
    let (sum, whole) = points.fold((0.0, 0.0), |(s, w), x| (s + f(x) * density(x), w + density(x)));
    sum / whole
}

#[test]
fn the_turning_point_is_where_the_closed_form_moves_most() {
    let analysis = analysed(&fixed(r#"record({"turn": "peace", "turn #2": "war", "turn #3": "war"})"#));
    let turning_point = analysis.turning_point.as_ref().unwrap();
    near(turning_point.start.mean, war_after(6, false, A, B), 1e-12);
    let exact = [war_after(5, false, A, B), war_after(4, true, A, B), war_after(3, true, A, B)];
    for (step, exact) in turning_point.steps.iter().zip(exact) {
        near(step.probability.mean, exact, 1e-12);
    }
    assert_eq!((turning_point.at, turning_point.steps[1].moved_most), (Some(1), 1.0));
    assert_eq!((turning_point.steps[1].event.as_str(), turning_point.steps[1].occurrence), ("turn", 2));
    let timeline = &analysis.timeline;
    assert_eq!(timeline.len(), 3);
    near(timeline[1].foreseen[0].1, A, 1e-12);
    near(timeline[2].foreseen[0].1, 1.0 - B, 1e-12);
}

#[test]
fn what_was_measured_moves_the_course_by_bayes_rule() {
    let analysis = analysed(&fixed(r#"record({}, measured = {"cost #2": 4})"#));
    let turning_point = analysis.turning_point.as_ref().unwrap();
    let density = |mean: f64| (-0.5 * (4.0 - mean) * (4.0f64 - mean)).exp();
    let before = war_after(2, false, A, B);
    let war = before * density(10.0) / (before * density(10.0) + (1.0 - before) * density(0.0));
    let after = war * war_after(4, true, A, B) + (1.0 - war) * war_after(4, false, A, B);
    assert_eq!(
        (turning_point.steps[0].event.as_str(), turning_point.steps[0].action.as_str()),
        ("cost", "4")
    );
    near(turning_point.steps[0].probability.mean, after, 1e-12);
}

#[test]
fn a_sweep_is_the_closed_form_at_each_value() {
    let analysis = analysed(&fixed(
        r#"
record({"turn": "war"})
what_if("peace at first", do({"turn": "peace"}))
sweep("how easily it ends", ends, [0.1, 0.3, 0.6])
sweep("how easily, from peace", ends, [0.1, 0.6], probability({"war": True}), under = "peace at first")
sweep("what it costs", ends, [0.3, 0.6], mean("cost #3"))
"#,
    ));
    let close = |sweep: usize, exact: &[f64]| {
        let found = &analysis.questions.sweeps[sweep];
        assert_eq!(found.points.len(), exact.len());
        for ((_, point), exact) in found.points.iter().zip(exact) {
            assert!(point.error < 1e-15 && point.replay_error == 0.0, "{point:?}");
            near(point.mean, *exact, 1e-10);
        }
    };
    close(0, &[0.1, 0.3, 0.6].map(|b| war_after(5, true, A, b)));
    close(1, &[0.1, 0.6].map(|b| war_after(5, false, A, b)));
    close(2, &[0.3, 0.6].map(|b| 10.0 * war_after(2, true, A, b)));
    near(analysis.questions.sweeps[0].factual.mean, war_after(5, true, A, B), 1e-10);
}

#[test]
fn shares_of_factors_are_those_of_the_chains_without_them() {
    let analysis = analysed(&fixed(
        r#"
factor("that it breaks out", absent = [set(breaks_out, 0.05)])
factor("that it lasts", absent = [set(ends, 0.9)])
"#,
    ));
    let worth = |a: bool, b: bool| war_after(6, false, if a { A } else { 0.05 }, if b { B } else { 0.9 });
    let (all, none) = (worth(true, true), worth(false, false));
    let (first, second) = (worth(true, false), worth(false, true));
    let attribution = &analysis.attributions[0];
    let exact = [0.5 * (all - second + first - none), 0.5 * (all - first + second - none)];
    for (factor, exact) in attribution.factors.iter().zip(exact) {
        // 10,000 histories: five standard errors of a difference of shares.
        near(factor.shapley.mean, exact, 5.0 * (0.5f64 / 10_000.0).sqrt());
        // Monotone: of the histories with war, the difference had none without the factor.
        assert!(factor.necessity.mean > 0.0 && factor.necessity.mean < 1.0);
    }
    let interaction = attribution.interactions[0].value.unwrap();
    near(interaction.mean, all - first - second + none, 5.0 * (1.0f64 / 10_000.0).sqrt());
}

#[test]
fn a_factor_without_which_nothing_can_come_is_necessary_and_as_sufficient_as_the_outcome_is_likely() {
    let analysis = analysed(&fixed(r#"factor("that it breaks out", absent = [set(breaks_out, 0)])"#));
    let factor = &analysis.attributions[0].factors[0];
    let war = war_after(6, false, A, B);
    assert_eq!(factor.necessity.mean, 1.0);
    near(factor.sufficiency.mean, war, 5.0 * (0.25f64 / 10_000.0).sqrt());
    near(factor.necessity_and_sufficiency.mean, war, 5.0 * (0.25f64 / 10_000.0).sqrt());
}

/// The chain as it was beside the chain in which the second year has peace, each year with the same luck: war comes to
/// both if the one number drawn for the year is below the rates of both. The probability of each pair at the end.
fn paired() -> [[f64; 2]; 2] {
    let rate = |war: usize| if war == 1 { 1.0 - B } else { A };
    let mut pairs = [[1.0, 0.0], [0.0, 0.0]];
    for year in 1..=HORIZON {
        let mut next = [[0.0; 2]; 2];
        for (was, other, p) in [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(f, c)| (f, c, pairs[f][c])) {
            let (f, c) = (rate(was), if year == 2 { 0.0 } else { rate(other) });
            next[1][1] += p * f.min(c);
            next[1][0] += p * (f - c).max(0.0);
            next[0][1] += p * (c - f).max(0.0);
            next[0][0] += p * (1.0 - f.max(c));
        }
        pairs = next;
    }
    pairs
}

#[test]
fn necessity_and_counterfactuals_hold_the_luck_of_every_year() {
    let analysis = analysed(&fixed(
        r#"
factor("what came in the second year", absent = [do({"turn #2": "peace"})])
what_if("peace in the second year", do({"turn #2": "peace"}))
query("averted", probability({"war": False}), given = {"war": True}, under = "peace in the second year")
"#,
    ));
    let pairs = paired();
    near(pairs[1][0] + pairs[1][1], war_after(6, false, A, B), 1e-12);
    let averted = pairs[1][0] / (pairs[1][0] + pairs[1][1]);
    assert!(averted > 0.01 && pairs[0][1] == 0.0, "{pairs:?}");
    // Of 10,000 histories, those with war: five standard errors.
    let error = (averted * (1.0 - averted) / (10_000.0 * (pairs[1][0] + pairs[1][1]))).sqrt();
    let factor = &analysis.attributions[0].factors[0];
    near(factor.necessity.mean, averted, 5.0 * error);
    near(factor.necessity_and_sufficiency.mean, pairs[1][0], 5.0 * (pairs[1][0] / 10_000.0).sqrt());
    let sufficiency = pairs[1][0] / (pairs[0][0] + pairs[1][0]);
    near(factor.sufficiency.mean, sufficiency, 5.0 * (sufficiency / 5_000.0).sqrt());
    let found = query(&analysis, "averted").values[0].here;
    near(found.mean, averted, 5.0 * found.error.max(error));
}

#[test]
fn variants_and_explanations_with_evidence_are_the_closed_forms() {
    let text = fixed(
        r#"
record({"turn": "peace", "turn #2": "war"})
explanation("calm", change = {breaks_out: point(0.1)})
explanation("tense", change = {breaks_out: point(0.5)}, weight = 2)
evidence("a leak", {"calm": 3, "tense": 1}, source = judgement("an example"))
what_if("nothing", set(ends, ends))
variant("long wars", lasting = True)
"#,
    )
    .replace("point(0.3)", "point(0.05 if setting(\"lasting\", False) else 0.3)");
    let analysis = analysed_with(&text, &Settings { variants: true, ..settings() });
    let (calm, tense) = (3.0 * 0.9 * 0.1, 2.0 * 0.5 * 0.5);
    let calm = calm / (calm + tense);
    near(analysis.explanations[0].posterior_probability, calm, 1e-9);
    let comparison = analysis.comparison.as_ref().unwrap();
    let leak = comparison.evidence.iter().find(|e| e.name == "a leak").unwrap();
    near(leak.without[0], 0.09 / (0.09 + 0.5), 1e-9);
    let exact = [0.1, 0.5].map(|a| war_after(4, true, a, B));
    let answer = &comparison.answers[0];
    for (each, exact) in answer.each.iter().zip(exact) {
        near(each.mean, exact, 5.0 * (0.25f64 / 600.0).sqrt());
    }
    let average = calm * exact[0] + (1.0 - calm) * exact[1];
    near(answer.about_probability.mean, average, 5.0 * (0.25f64 / 600.0).sqrt());
    let variant = &analysis.variants.as_ref().unwrap().run[0];
    near(variant.factual.mean, war_after(4, true, A, 0.05), 5.0 * (0.25f64 / 600.0).sqrt());
    near(variant.log_marginal_likelihood.value, (0.8f64 * 0.2).ln(), 1e-9);
}

#[test]
fn the_variance_of_the_forecast_is_shared_out_as_the_closed_form_has_it() {
    let text = chain("beta(2, 8)", "beta(30, 70)", "idle = param(\"idle\", uniform(0, 1))");
    let analysis = analysed_with(&text, &Settings { stress_points: 256, evidence_draws: 1000, ..settings() });
    let global = analysis.stress.global.as_ref().unwrap();
    // Over a grid of both priors, each weighed.
    let grid = |alpha: f64, beta: f64| -> Vec<(f64, f64)> {
        let points = (0..400).map(|k| (f64::from(k) + 0.5) / 400.0);
        let all: Vec<(f64, f64)> =
            points.map(|x| (x, x.powf(alpha - 1.0) * (1.0 - x).powf(beta - 1.0))).collect();
        let whole: f64 = all.iter().map(|p| p.1).sum();
        all.into_iter().map(|(x, w)| (x, w / whole)).collect()
    };
    let (of_a, of_b) = (grid(2.0, 8.0), grid(30.0, 70.0));
    let over_b = |f: &dyn Fn(f64) -> f64| of_b.iter().map(|(b, w)| w * f(*b)).sum::<f64>();
    let over_a = |f: &dyn Fn(f64) -> f64| of_a.iter().map(|(a, w)| w * f(*a)).sum::<f64>();
    let war = |a: f64, b: f64| war_after(HORIZON, false, a, b);
    let mean = over_a(&|a| over_b(&|b| war(a, b)));
    let variance = over_a(&|a| over_b(&|b| (war(a, b) - mean).powi(2)));
    let by_a = over_a(&|a| (over_b(&|b| war(a, b)) - mean).powi(2)) / variance;
    let by_b = over_b(&|b| (over_a(&|a| war(a, b)) - mean).powi(2)) / variance;
    near(global.mean, mean, 4.0 * variance.sqrt() / (global.draws as f64).sqrt());
    near(global.sd, variance.sqrt(), 0.01);
    let share = |name: &str| global.shares.iter().find(|s| s.parameter == name).unwrap();
    near(share("breaks out").first_order.value, by_a, 0.04);
    near(share("breaks out").total.value, 1.0 - by_b, 0.08);
    near(share("ends").total.value, 1.0 - by_a, 0.03);
    near(share("idle").total.value, 0.0, 1e-12);
}

/// A claim that a monotone and exact query passes a bound is one that the rate does, and its posterior is known.
#[test]
fn a_claim_tips_where_the_posterior_under_the_moved_prior_says() {
    // War at the end is likelier than `bound` where the rate is above 0.2.
    let bound = war_after(3, true, 0.2, B);
    let text = chain(
        "beta(2, 8)",
        "point(0.3)",
        &format!(
            "{RECORD}\nquery(\"war at the end\", probability({{\"war\": True}}))\nclaim(\"likely\", lambda a: \
             a.query(\"war at the end\") > {bound})\n"
        ),
    );
    let more = Settings { draws: 500, warmup: 300, answer_draws: 1000, replays: 2, ..settings() };
    let analysis = analysed_with(&text, &more);
    let holds = |shift: f64| {
        // On log odds z = ln(a / (1 - a)) the prior beta(2, 8) has the density a² (1 - a)⁸, moved by `shift`.
        let (mut above, mut whole) = (0.0, 0.0);
        for k in 0..8_000 {
            let z = -10.0 + 20.0 * (f64::from(k) + 0.5) / 8_000.0;
            let share = |z: f64| 1.0 / (1.0 + (-z).exp());
            let (prior, a) = (share(z - shift), share(z));
            let weight = prior.powi(2) * (1.0 - prior).powi(8) * (1.0 - a).powi(2) * a;
            whole += weight;
            above += if a > 0.2 { weight } else { 0.0 };
        }
        above / whole
    };
    let stress = &analysis.stress.claims[0];
    near(stress.probability.value, holds(0.0), 4.0 * stress.probability.error);
    let test = stress.shifts.iter().find(|s| s.parameter == "breaks out").unwrap();
    let tipping = test.tipping.as_ref().unwrap();
    // The standard deviation of log odds of beta(2, 8): the root of the sum of trigamma(2) and trigamma(8).
    let sd = (0.644_934_066_848_226_4_f64 + 0.133_137_014_694_031_3).sqrt();
    near(holds(tipping.shift.value * sd), 0.5, 0.05);
    assert!(tipping.shift.value.abs() > 0.05);
}

#[test]
fn what_a_process_does_not_answer_is_refused_by_name_and_line() {
    let refused = |more: &str, words: &[&str]| {
        let text = fixed(more);
        let scenario = scenario(&text);
        let line = text.lines().position(|l| l.contains("\"asked\"")).unwrap() + 1;
        let found = check(&scenario, Limits::default(), &Unwatched).problems;
        assert_eq!(found.len(), 1, "{more}: {found:?}");
        assert_eq!(found[0].place.as_ref().map(|p| p.line), Some(line), "{found:?}");
        assert!(words.iter().all(|w| found[0].message.contains(w)), "{found:?}");
        let failed = analyse(&scenario, &settings(), &Unwatched).unwrap_err().to_string();
        assert!(words.iter().all(|w| failed.contains(w)), "{failed}");
    };
    refused(r#"query("asked", payoff("A"))"#, &["`asked`", "payoffs"]);
    refused(r#"query("asked", value_of_information("A", "turn"))"#, &["`asked`", "values of information"]);
    refused(r#"query("asked", probability({"wor": True}))"#, &["`asked`", "`wor`"]);
    refused(r#"query("asked", probability({"turn #2": "truce"}))"#, &["`turn #2`", "`truce`"]);
    refused(r#"query("asked", mean("price"))"#, &["`asked`", "`price`"]);
    refused(r#"query("asked", mean("cost"), as_of = "turn #2")"#, &["`asked`", "as of a moment"]);
    refused(r#"query("asked", probability({"war": True}), as_of = "turns")"#, &["`asked`", "`turns`"]);
    refused(r#"sweep("asked", ends, [0.1, 0.2], payoff("A"))"#, &["`asked`", "payoffs"]);
}
