//! Draws by sequential Monte Carlo where a chain would stay in one mode.

mod common;

use common::{analysed, scenario};
use counterplay::settings::{Method, Settings};
use counterplay_analysis::Analysis;

/// What is measured is a square, so that the sign is unknown.
const SQUARE: &str = r#"
scenario("Square", players = ["A"], about = {"right": True})
m = param("m", normal(0, 3))
precision("precision", point(1))
def play(g):
    g.measure("x", normal(m * m, 0.2))
    g.end(payoffs = {"A": 0}, outcomes = {"right": True})
record(measured = {"x": 9})
"#;

fn by(method: Method) -> Analysis {
    let settings = Settings {
        seed: 4,
        method,
        draws: 1000,
        answer_draws: 10,
        replays: 2,
        evidence_draws: 80,
        ..Settings::default()
    };
    analysed(&scenario(SQUARE), &settings)
}

#[test]
fn both_modes_are_drawn_from_where_a_chain_would_stay_in_one() {
    let [tempered, chains] = [Method::Tempering, Method::NoUTurn].map(by);
    assert!(tempered.sampling.replaced.is_none());
    let replaced = chains.sampling.replaced.as_ref().expect("each chain keeps its sign");
    assert!(replaced.parameter == "m" && replaced.r_hat > 1.1, "{replaced:?}");
    for found in [tempered, chains] {
        assert_eq!(found.sampling.method, "sequential Monte Carlo over tempered posteriors");
        assert!(found.sampling.max_r_hat < 1.05, "{}", found.sampling.max_r_hat);
        let m = found.parameters.iter().find(|p| p.name == "m").map(|p| p.after.clone());
        let m = m.expect("the parameter is there");
        assert!(m.mean.abs() < 0.4 && (m.sd - 3.0).abs() < 0.1, "{m:?}");
        assert!((m.quantiles[0] + 3.0).abs() < 0.1 && (m.quantiles[4] - 3.0).abs() < 0.1, "{m:?}");
    }
}

#[test]
fn a_posterior_with_one_mode_is_the_same_by_both() {
    let text = SQUARE.replace("m * m", "m");
    let settings = |method| Settings {
        seed: 4,
        method,
        answer_draws: 10,
        replays: 2,
        evidence_draws: 80,
        ..Settings::default()
    };
    for method in [Method::Tempering, Method::NoUTurn] {
        let found = analysed(&scenario(&text), &settings(method));
        // Precision 1/9 at 0, and 25 at 9.
        let (mean, sd) = (9.0 * 25.0 / (25.0 + 1.0 / 9.0), (25.0f64 + 1.0 / 9.0).powf(-0.5));
        let m =
            found.parameters.iter().find(|p| p.name == "m").map(|p| p.after.clone()).expect("it is there");
        assert!((m.mean - mean).abs() < 0.03 && (m.sd / sd - 1.0).abs() < 0.1, "{method:?}: {m:?}");
    }
}
