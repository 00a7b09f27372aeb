//! Rival explanations, evidence given for them directly, and variants: against closed forms and against each other.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use common::{analysed, scenario};
use counterplay::settings::Settings;
use counterplay_analysis::{Analysis, Comparison};

/// A coin that is tossed three times, and whose bias two explanations see differently; a bet on a fourth toss.
const COIN: &str = r#"
scenario("A coin", players = ["A"], about = {"won": True})
bias = param("bias", beta(1, 1))
precision("precision", point(2))

def play(g):
    for k in range(setting("tosses", 3)):
        g.chance("toss", {"heads": bias, "tails": rest}, seen_by = NOBODY)
    if setting("bets", True):
        g.choose("A", "bet", ["heads", "tails"])
    last = g.chance("last", {"heads": bias, "tails": rest}, seen_by = NOBODY)
    g.end(payoffs = {"A": 1 if last == "heads" else 0}, outcomes = {"won": last == "heads"})

record({"toss": "heads", "toss #2": "heads", "toss #3": "tails"})
what_if("the first toss is tails", do({"toss": "tails"}))
what_if("the last toss is heads", do({"last": "heads"}))
claim("it was won", lambda a: a.probability("won", True) > 0.5)
explanation("even", change = {bias: beta(20, 20)})
explanation("loaded", change = {bias: beta(8, 2)}, weight = 2)
"#;

const ITEMS: &str = r#"
evidence("the file marks", {"even": 1, "loaded": 3}, source = judgement("seen under the lamp"))
evidence("the weather", {"even": 0.4, "loaded": 0.4}, source = judgement("it rained"))
"#;

fn settings() -> Settings {
    Settings {
        seed: 3,
        draws: 100,
        warmup: 100,
        answer_draws: 400,
        replays: 20,
        evidence_draws: 800,
        variants: true,
        ..Settings::default()
    }
}

fn analysis_of(text: &str) -> Analysis {
    analysed(&scenario(text), &settings())
}

fn comparison(analysis: &Analysis) -> &Comparison {
    analysis.comparison.as_ref().unwrap()
}

/// The probability of two heads and a tail, in this order, with a beta-distributed bias.
fn marginal(a: f64, b: f64) -> f64 {
    a * (a + 1.0) * b / ((a + b) * (a + b + 1.0) * (a + b + 2.0))
}

#[test]
fn the_probabilities_are_those_of_the_closed_form() {
    let found = analysis_of(&format!("{COIN}{ITEMS}"));
    let compared = comparison(&found);
    let (even, loaded) = (marginal(20.0, 20.0), 2.0 * marginal(8.0, 2.0));
    let after_record = loaded / (even + loaded);
    let posterior = 3.0 * loaded / (even + 3.0 * loaded);
    let explanation = &compared.explanations[1];
    assert!(explanation.converged);
    assert!((explanation.after_record.value - after_record).abs() < 3.0 * explanation.after_record.error);
    assert!((explanation.posterior.value - posterior).abs() < 3.0 * explanation.posterior.error);
    assert!(explanation.posterior.error < 0.02, "{:?}", explanation.posterior);
    assert_eq!(found.explanations[1].posterior_probability, explanation.posterior.value);
    let factor = found.explanations[1].bayes_factor;
    let exact = marginal(8.0, 2.0) / marginal(1.0, 1.0);
    assert!((factor.value - exact).abs() < 3.0 * factor.error, "{factor:?} is not {exact}");
}

#[test]
fn likelihood_ratios_alone_give_bayes_rule_without_error() {
    let text = format!("{COIN}{ITEMS}").replace("record(", "ignored = dict(items = ");
    let found = analysis_of(&text);
    let explanation = &comparison(&found).explanations[1];
    assert!((explanation.posterior.value - 6.0 / 7.0).abs() < 1e-12);
    assert!(explanation.posterior.error < 1e-12, "{:?}", explanation.posterior);
    assert_eq!(comparison(&found).evidence.len(), 2, "without a record there is no row for it");
}

#[test]
fn leaving_an_item_out_is_as_if_it_had_not_been_given() {
    let found = analysis_of(&format!("{COIN}{ITEMS}"));
    let [record, marks, weather] = comparison(&found).evidence.as_slice() else { panic!("three items") };
    let without_marks = analysis_of(&format!("{COIN}{}", ITEMS.lines().last().unwrap()));
    for (a, b) in marks.without.iter().zip(&without_marks.explanations) {
        assert!((a - b.posterior_probability).abs() < 1e-12);
    }
    assert!((record.without[1] - 6.0 / 7.0).abs() < 1e-12);
    // Three to one in decibels; what all foretell alike tells nothing.
    assert!((marks.decibels.unwrap() - 10.0 * 3f64.log10()).abs() < 1e-9);
    assert_eq!((weather.decibels, weather.largest_change, weather.bits), (Some(0.0), 0.0, 0.0));
    assert!(record.computed && !marks.computed && marks.judgement_only);
    let entropy = |p: f64| -p * p.log2() - (1.0 - p) * (1.0 - p).log2();
    let (with, without) = (comparison(&found).explanations[1].posterior.value, marks.without[1]);
    assert!((marks.bits - (entropy(without) - entropy(with))).abs() < 1e-9);
    assert!((marks.largest_change - (with - without).abs()).abs() < 1e-12);
}

#[test]
fn an_averaged_answer_is_the_sum_of_weights_times_answers() {
    let found = analysis_of(&format!("{COIN}{ITEMS}"));
    let compared = comparison(&found);
    let weights: Vec<f64> = compared.explanations.iter().map(|a| a.posterior.value).collect();
    assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    let average = |means: Vec<f64>| weights.iter().zip(means).map(|(w, m)| w * m).sum::<f64>();
    for answer in &compared.answers {
        let expected = average(answer.each.iter().map(|e| e.mean).collect());
        assert!((answer.about_probability.mean - expected).abs() < 1e-12);
        let expected = average(answer.each_change.iter().map(|e| e.mean).collect());
        assert!((answer.about_change.mean - expected).abs() < 1e-12);
        let of = &answer.about_probability;
        // Sums of weights round.
        assert!(of.low <= of.mean + 1e-12 && of.mean <= of.high + 1e-12, "{of:?}");
    }
    for claim in &compared.claims {
        let expected = average(claim.each.iter().map(|e| e.value).collect());
        assert!((claim.probability.value - expected).abs() < 1e-12);
    }
    // Under each explanation the first toss does not bear on the last one, whose mean is that of the posterior.
    for (each, mean) in compared.answers[0].each.iter().zip([22.0 / 43.0, 10.0 / 13.0]) {
        assert!((each.mean - mean).abs() < 4.0 * each.error + 0.01, "{each:?} is not {mean}");
    }
}

#[test]
fn an_explanation_that_changes_the_story_has_answers_in_its_own_story() {
    let more = r#"explanation("a trick", interventions = [do({"last": "tails"})])"#;
    let found = analysis_of(&format!("{COIN}{more}\n"));
    let answer = &comparison(&found).answers[0];
    assert_eq!(answer.each[2].mean, 0.0, "the trick leaves no heads");
    assert!(answer.each[0].mean > 0.4);
    let trick = &found.explanations[2];
    assert!((trick.bayes_factor.value - 1.0).abs() < 1e-9, "what comes after the record says nothing of it");
}

#[test]
fn a_variant_is_what_the_scenario_with_its_settings_would_be() {
    let variants = r#"
variant("more tosses", tosses = 5)
variant("no bet", bets = False)
"#;
    let found = analysis_of(&format!("{COIN}{variants}"));
    let run = &found.variants.as_ref().unwrap().run;
    assert_eq!(run.iter().map(|v| v.histories).collect::<Vec<_>>(), [128, 16]);
    assert_eq!(found.game.histories, 32);
    let rewritten = analysis_of(&COIN.replace("setting(\"tosses\", 3)", "5"));
    // The same seed and the same game: the same particles, so the same marginal likelihood.
    assert_eq!(Some(run[0].log_marginal_likelihood), rewritten.sampling.log_marginal_likelihood);
    assert_eq!(run[0].settings, ["tosses = 5"]);
    for (own, whole) in run[0].answers.iter().zip(&rewritten.answers) {
        assert_eq!(own.name, whole.name);
        let error = own.about_probability.error + whole.about_probability.error;
        let gap = (own.about_probability.mean - whole.about_probability.mean).abs();
        assert!(gap < 4.0 * error + 1e-12, "{}: {gap}", own.name);
    }
    assert!(run.iter().all(|v| v.converged && v.unsolved == 0));
    assert_eq!(run[1].claims.len(), 1);
    let left = analysed(&scenario(&format!("{COIN}{variants}")), &Settings { variants: false, ..settings() });
    assert_eq!(left.variants.unwrap().left_out, ["more tosses", "no bet"]);
}

#[test]
fn a_variant_that_the_particles_do_not_reach_says_so() {
    let text = r#"
scenario("Far", players = ["A"], about = {"done": True})
many = [param("m%d" % k, normal(0, 1)) for k in range(12)]
precision("precision", point(1))
def play(g):
    sd = setting("sd", 3)
    for k in range(12):
        g.measure("x%d" % k, normal(many[k], sd))
    g.end(payoffs = {"A": 0}, outcomes = {"done": True})
record(measured = {"x%d" % k: 3.0 for k in range(12)})
variant("sharp", sd = 0.01)
"#;
    let few = Settings { evidence_draws: 64, ..settings() };
    let found = analysed(&scenario(text), &few);
    assert!(found.warnings.iter().any(|w| w.message.contains("variant `sharp` did not converge")));
    let variant = &found.variants.unwrap().run[0];
    assert!(!variant.converged, "{:?}", variant.log_marginal_likelihood);
    assert!(variant.log_marginal_likelihood.error > 0.5);
}
