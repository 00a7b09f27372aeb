//! Stress tests of a whole analysis against closed forms, and intervals against worlds whose truth is known.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use counterplay::assemble::analyse::analyse;
use counterplay::robustness::calibrate::{Design, calibrate};
use counterplay::scenario::Scenario;
use counterplay::settings::Settings;
use counterplay::watch::Unwatched;
use counterplay_analysis::{Analysis, Finding, Quantity, Robustness};
use counterplay_inference::distribution::Concrete;
use counterplay_language::{Files, ReadLimits, read};

/// One throw of a coin of unknown bias, seen once; and a parameter that does nothing. Thrown again, it shows heads with
/// the probability `bias`.
const COIN: &str = r#"
scenario("A coin", players = ["A"], about = {"side": "heads"})
bias = param("bias", beta(6, 3), evidence = [judgement("an example")])
idle = param("idle", normal(0, 1), evidence = [judgement("it does nothing")])
precision("precision", point(1), evidence = [judgement("nobody moves")])
def play(g):
    side = g.chance("throw", {"heads": bias, "tails": rest})
    g.end(payoffs = {"A": 0 * idle}, outcomes = {"side": side})
record({"throw": "heads"})
what_if("it is drawn again", set(idle, 0), luck = "redrawn")
claim("it favours heads", lambda a: a.probability("side", "heads", under = "it is drawn again") > 0.5)
claim("it is a coin", lambda a: a.probability("side", "heads", under = "it is drawn again") >= 0)
"#;

fn scenario(text: &str) -> Scenario {
    read("coin", &Files::of_scenario(text), &ReadLimits::default()).unwrap_or_else(|p| panic!("{p}"))
}

fn coin() -> Analysis {
    let settings = Settings {
        // With the draws of some seeds the weights at the tipping point are too uneven to rely on.
        seed: 2,
        warmup: 300,
        draws: 500,
        answer_draws: 1000,
        replays: 401,
        stress_points: 64,
        confirmations: Some(1),
        ..Settings::default()
    };
    analyse(&scenario(COIN), &settings, &Unwatched).unwrap_or_else(|f| panic!("{f}"))
}

/// The probability that heads come more often than tails in 401 throws given one heads, with the prior of the bias, beta(6, 3)
/// on its log odds, moved up by `by`; over a fine grid.
fn favours_heads(by: f64) -> f64 {
    let logistic = |z: f64| 1.0 / (1.0 + (-z).exp());
    let (mut above, mut all) = (0.0, 0.0);
    for step in -8000..8000 {
        let z = f64::from(step) * 0.001;
        let (p, before) = (logistic(z), logistic(z - by));
        let weight = before.powi(6) * (1.0 - before).powi(3) * p;
        // A share of 401 throws; never exactly one half.
        let spread = (p * (1.0 - p) / 401.0).sqrt();
        above += weight * Concrete::Normal { mean: p, sd: spread }.survival(0.5);
        all += weight;
    }
    above / all
}

#[test]
fn a_claim_tips_where_the_closed_form_says_and_a_new_fit_confirms_it() {
    let analysis = coin();
    let stress = &analysis.stress;
    let claim = &stress.claims[0];
    let exact = favours_heads(0.0);
    assert!((claim.probability.value - exact).abs() < 4.0 * claim.probability.error, "{exact} {claim:?}");
    let test = &claim.shifts[0];
    assert_eq!((test.parameter.as_str(), test.judgement_only), ("bias", true));
    let tipping = test.tipping.as_ref().expect("moved far enough down, the coin favours neither side");
    // The prior standard deviation of the log odds of beta(6, 3): the root of psi1(6) + psi1(3).
    let sd = (0.181_322_955_737_115_3_f64 + 0.394_934_066_848_226_4).sqrt();
    let (mut low, mut high) = (-3.0, 0.0);
    while high - low > 1e-6 {
        let middle = 0.5 * (low + high);
        if favours_heads(middle * sd) < 0.5 { low = middle } else { high = middle }
    }
    assert!((tipping.shift.value - low).abs() < 4.0 * tipping.shift.error, "{low} {tipping:?}");
    assert!(tipping.shift.error < 0.2, "{tipping:?}");
    let median = Concrete::Beta { alpha: 6.0, beta: 3.0 }.quantile(0.5);
    assert!((tipping.median_before - median).abs() < 0.03 && tipping.median_after < median);
    let confirmation = tipping.confirmation.as_ref().expect("one was asked for");
    assert!(confirmation.confirmed && confirmation.probability.error < 0.06, "{confirmation:?}");
}

#[test]
fn a_parameter_that_does_nothing_has_no_sensitivity_no_share_and_no_tipping_point() {
    let analysis = coin();
    let stress = &analysis.stress;
    let idle = stress.priors.iter().position(|prior| prior.name == "idle").expect("it is a prior");
    assert_eq!(stress.priors.len(), 2, "a number is no assumption about how much");
    for sensitivity in stress.sensitivities.iter().filter(|s| !s.by_prior.is_empty()) {
        assert!(sensitivity.by_prior[idle] < stress.threshold, "{sensitivity:?}");
    }
    for claim in &stress.claims {
        let test = claim.shifts.iter().find(|test| test.parameter == "idle").expect("every prior is moved");
        assert_eq!(test.tipping, None);
    }
    let global = stress.global.as_ref().expect("it was asked for");
    let share = |name: &str| global.shares.iter().find(|share| share.parameter == name).unwrap();
    assert_eq!(share("idle").total.value, 0.0);
    assert!(share("idle").first_order.value.abs() < 0.1);
    assert!((share("bias").total.value - 1.0).abs() < 0.25 && share("bias").first_order.value > 0.9);
    // The probability of heads is the bias itself.
    assert!((global.mean - 2.0 / 3.0).abs() < 0.03, "{}", global.mean);
    assert!((global.sd - Concrete::Beta { alpha: 6.0, beta: 3.0 }.sd()).abs() < 0.02, "{}", global.sd);
    assert_eq!(stress.learning[0].parameters[0].0, "bias");
}

#[test]
fn a_claim_that_holds_in_every_draw_is_robust_as_far_as_the_draws_reach_and_rests_on_nothing() {
    let analysis = coin();
    let claim = &analysis.stress.claims[1];
    assert_eq!(claim.probability.value, 1.0);
    assert!(matches!(claim.robustness, Robustness::Robust | Robustness::RobustWithinReach));
    let of = Quantity::Claim("it is a coin".to_owned());
    let sensitivity = analysis.stress.sensitivities.iter().find(|s| s.of == of).expect("it was asked");
    assert_eq!((sensitivity.prior, sensitivity.likelihood), (0.0, 0.0));
    assert_eq!(sensitivity.finding, Finding::Insensitive);
}

/// Intervals cover the true counterfactual probability as often as they say, ranks are even, and outcomes come true as often
/// as was answered. 150 worlds with a fixed seed; `counterplay calibrate` does a thousand.
#[test]
fn intervals_cover_the_truth_of_drawn_worlds() {
    let text = include_str!("../../../examples/border-crisis/scenario.star");
    let design = Design {
        runs: 150,
        warmup: 150,
        draws: 200,
        ranked: 99,
        replays: 200,
        true_replays: 1000,
        ..Design::default()
    };
    let found = calibrate(&scenario(text), &design, &Unwatched).unwrap_or_else(|f| panic!("{f}"));
    assert_eq!(found.failed, 0);
    for quantity in found.answers.iter().chain(&found.parameters) {
        assert!(quantity.uniformity > 0.001, "{quantity:?}");
        if quantity.open > 0 {
            let share = quantity.coverage_of_90().expect("it is looked at").value;
            // Four standard errors of a share.
            let error = (0.9 * 0.1 / quantity.open as f64).sqrt();
            assert!((share - 0.9).abs() < 4.0 * error, "{quantity:?}");
        }
        if let Some(excess) = quantity.excess {
            assert!(excess.value.abs() <= 4.0 * excess.error, "{quantity:?}");
        }
    }
    assert!(found.answers.iter().any(|answer| answer.open > 50));
    assert_eq!(found.parameters.len(), 3);
}
