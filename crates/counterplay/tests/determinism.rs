//! The same seed gives the same bytes, on any number of threads.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use common::{analysed, scenario};
use counterplay::settings::Settings;
use counterplay_analysis::{Analysis, SCHEMA_VERSION};
use serde_json::Value;

/// Everything at once: hidden information, categorical and continuous parameters, explanations, claims.
const TEXT: &str = r#"
scenario("Everything", players = ["A", "B"])
stake = param("stake", normal(0.5, 0.3))
hard = param("hard", beta(2, 2))
cost = param("cost", categorical({0.2: 0.5, 0.6: 0.5}))
precision("precision", lognormal(0.5, 0.3))

def play(g):
    kind = g.chance("kind", {"hard": hard, "soft": rest}, seen_by = ["B"])
    offer = g.choose("A", "offer", ["high", "low"])
    deal = g.choose("B", "answer", ["yes", "no"]) == "yes"
    g.measure("losses", poisson(exp(stake)))
    gain = (stake if offer == "high" else 0.1) - (cost if kind == "hard" else 0)
    g.end(payoffs = {"A": 0.4 if deal else 0, "B": gain if deal else 0}, outcomes = {"deal": deal})

record(offer = "high", answer = "yes", measured = {"losses": 2})
what_if("low", do(offer = "low"))
what_if("low foreseen", do(offer = "low"), foreseen_by = ALL, luck = "redrawn_after")
what_if("known", show("kind", to = ["A"]), luck = "redrawn")
factor("stake", absent = [set(stake, 0)])
factor("doubt", absent = [show("kind", to = ["A"])])
explanation("soft", change = {hard: beta(1, 9)})
claim("likely", lambda a: a.probability("deal", True, under = "low") > 0.5)
"#;

fn json(threads: usize, seed: u64) -> String {
    let settings = Settings {
        seed,
        draws: 100,
        warmup: 100,
        answer_draws: 60,
        replays: 20,
        evidence_draws: 60,
        ..Settings::default()
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let analysis = pool.install(|| analysed(&scenario(TEXT), &settings));
    serde_json::to_string(&analysis).unwrap()
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let one = json(1, 4);
    assert_eq!(one, json(1, 4), "again");
    assert_eq!(one, json(2, 4), "two threads");
    assert_eq!(one, json(5, 4), "more threads than chains");
}

#[test]
fn another_seed_gives_other_numbers() {
    let [first, second] = [4, 5].map(|seed| serde_json::from_str::<Analysis>(&json(2, seed)).unwrap());
    assert_ne!(first.parameters[0].after.mean, second.parameters[0].after.mean);
    assert_ne!(first.answers[0].about_probability.mean, second.answers[0].about_probability.mean);
    assert_ne!(first.explanations[0].bayes_factor.value, second.explanations[0].bayes_factor.value);
    assert_ne!(first.prior_prediction, second.prior_prediction);
    // What does not depend on chance is the same.
    assert_eq!(first.game, second.game);
    assert_eq!(first.case, second.case);
}

#[test]
fn an_analysis_says_its_schema_and_reads_back_as_itself() {
    let text = json(2, 4);
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["schema_version"], SCHEMA_VERSION);
    assert_eq!(value["settings"]["seed"], 4);
    let analysis: Analysis = serde_json::from_str(&text).unwrap();
    // To the last bit: nothing is lost by writing an analysis down.
    assert_eq!(serde_json::to_value(&analysis).unwrap(), value);
    assert_eq!(serde_json::to_string(&analysis).unwrap(), text);
}

/// Of two seeds the answers differ by what the draws from the posterior leave open, and by nothing else: no luck is drawn.
#[test]
fn seeds_agree_to_the_error_of_the_posterior() {
    let asked = r#"
query("low", probability({"deal": True}), under = "low")
query("low foreseen", probability({"deal": True}), under = "low foreseen")
query("known", probability({"deal": True}), under = "known")
query("losses", mean("losses"), under = "low foreseen", given = {"kind": "hard"})
"#;
    let found = |seed: u64| {
        let settings = Settings {
            seed,
            draws: 400,
            warmup: 300,
            answer_draws: 400,
            evidence_draws: 8,
            stress_points: 0,
            equilibria: 0,
            confirmations: Some(0),
            ..Settings::default()
        };
        analysed(&scenario(&format!("{TEXT}{asked}")), &settings).questions.queries
    };
    let all: Vec<_> = (1..=5).map(found).collect();
    for (query, asked) in all[0].iter().enumerate() {
        let of_each: Vec<_> = all.iter().map(|queries| queries[query].values[0].here).collect();
        let mean = of_each.iter().map(|own| own.mean).sum::<f64>() / 5.0;
        for (own, seed) in of_each.iter().zip(1..) {
            assert_eq!(own.replay_error, 0.0);
            assert!(own.error > 0.0 && own.error < 0.05, "{own:?}");
            assert!(
                (own.mean - mean).abs() <= 4.0 * own.error,
                "{} with seed {seed}: {own:?} and {mean}",
                asked.name
            );
        }
    }
}
