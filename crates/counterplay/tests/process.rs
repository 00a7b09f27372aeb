//! Processes without an end: against the same stories told as trees, against enumeration, and against finite differences.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test may fail")]

mod common;

use common::scenario;
use counterplay::assemble::analyse::analyse;
use counterplay::model::Model;
use counterplay::model::play::MODEL_SETTINGS;
use counterplay::scenario::Scenario;
use counterplay::settings::{Method, Settings};
use counterplay::story::limits::Limits;
use counterplay::watch::Unwatched;
use counterplay_analysis::Analysis;

/// A contest of three rounds in which the second mover does not see the first one's move, and chance ends it early.
const ROUNDS: &str = r#"
prize = param("prize", lognormal(0, 0.5))
cost = param("cost", beta(2, 4))
precision("precision", lognormal(0.5, 0.4))

def round(g, now, lead):
    a, b = g.together([("A", "a", ["push", "rest"]), ("B", "b", ["push", "rest"])])
    g.pay("A", -cost if a == "push" else 0)
    g.pay("B", -cost if b == "push" else 0)
    lead = lead + (1 if a == "push" else 0) - (1 if b == "push" else 0)
    over = g.chance("over", {"yes": 0.2 + 0.1 * now, "no": rest})
    g.outcome("lead", lead) if over == "yes" or now == 2 else None
    return lead, over == "yes" or now == 2
"#;

const AS_TREE: &str = r#"
def play(g):
    lead = 0
    for now in range(3):
        lead, over = round(g, now, lead)
        if over:
            break
    g.end(payoffs = {"A": prize * lead, "B": -prize * lead})
"#;

const AS_STAGES: &str = r#"
def year(g, state):
    now, lead = state
    lead, over = round(g, now, lead)
    if over:
        return g.end(payoffs = {"A": prize * lead, "B": -prize * lead})
    g.next("year", (now + 1, lead))

stage("year", year)

def play(g):
    g.next("year", (0, 0))
"#;

const RECORD: &str = r#"record({"a": "push", "b #2": "rest", "over #2": "no", "a #3": "push"})"#;

fn told(how: &str, more: &str) -> Scenario {
    scenario(&format!("scenario(\"A contest\", players = [\"A\", \"B\"])\n{ROUNDS}{how}{more}\n"))
}

#[test]
fn stages_with_a_clock_are_the_same_story_told_as_a_tree() {
    let (tree, stages) = (told(AS_TREE, RECORD), told(AS_STAGES, RECORD));
    let tree = Model::new(&tree, Limits::default(), &Unwatched).unwrap();
    let stages = Model::new(&stages, Limits::default(), &Unwatched).unwrap();
    let (mut tree, mut stages) = (tree.evaluator(MODEL_SETTINGS), stages.evaluator(MODEL_SETTINGS));
    for point in [[1.0, 0.3, 1.5], [0.4, 0.6, 3.0], [2.0, 0.1, 0.7]] {
        let (mut by_tree, mut by_stages) = ([0.0; 3], [0.0; 3]);
        let a = tree.log_likelihood_gradient(&point, &mut by_tree).unwrap();
        let b = stages.log_likelihood_gradient(&point, &mut by_stages).unwrap();
        assert!((a - b).abs() < 1e-9, "{a} {b}");
        for (x, y) in by_tree.iter().zip(by_stages) {
            assert!((x - y).abs() < 1e-6 * x.abs().max(1.0), "{by_tree:?} {by_stages:?}");
        }
    }
}

/// A process without an end: a state that drifts, two movers, and a hidden draw within each stage.
const ENDLESS: &str = r#"
pull = param("pull", normal(0.5, 0.3))
patience = param("patience", beta(8, 2))
precision("precision", lognormal(0.3, 0.3))

def year(g, level):
    g.outcome("level", level)
    kind = g.chance("kind", {"strong": 0.5 + 0.3 * (pull - 0.5), "weak": rest}, seen_by = ["A"])
    a = g.choose("A", "a", ["up", "stay"])
    b = g.choose("B", "b", ["down", "stay"])
    step = (1 if a == "up" else 0) - (1 if b == "down" else 0)
    level = max(0, min(2, level + step))
    force = 0.2 if kind == "strong" else 0.5
    g.pay("A", pull * level - (force if a == "up" else 0))
    g.pay("B", -pull * level - (0.3 if b == "down" else 0))
    g.next("year", level, discount = 0.95 * patience)

stage("year", year)
horizon(12)

def play(g):
    g.next("year", 1)
"#;

fn endless(more: &str) -> Scenario {
    scenario(&format!("scenario(\"A drift\", players = [\"A\", \"B\"])\n{ENDLESS}{more}\n"))
}

#[test]
fn the_gradient_through_stationary_play_is_that_of_finite_differences() {
    let scenario = endless(r#"record({"a": "up", "b #2": "down", "kind #3": "weak", "year #4": 1})"#);
    let mut evaluator =
        Model::new(&scenario, Limits::default(), &Unwatched).unwrap().evaluator(MODEL_SETTINGS);
    let point = [0.6, 0.8, 2.0];
    let mut exact = [0.0; 3];
    evaluator.log_likelihood_gradient(&point, &mut exact).unwrap();
    for k in 0..3 {
        let mut at = |by: f64| {
            let mut moved = point;
            moved[k] += by;
            evaluator.log_likelihood(&moved).unwrap()
        };
        let slope = (at(1e-5) - at(-1e-5)) / 2e-5;
        assert!((slope - exact[k]).abs() < 1e-5 * slope.abs().max(1.0), "{k}: {slope} {}", exact[k]);
    }
}

#[test]
fn the_likelihoods_of_all_sequences_of_moves_and_states_sum_to_one() {
    let mut total = 0.0;
    for a in ["up", "stay"] {
        for b in ["down", "stay"] {
            for level in 0..3 {
                let record = format!(r#"record({{"a": "{a}", "b #2": "{b}", "year #3": {level}}})"#);
                let scenario = endless(&record);
                // A sequence that cannot be is refused, and has no probability.
                if let Ok(model) = Model::new(&scenario, Limits::default(), &Unwatched) {
                    total += model.evaluator(MODEL_SETTINGS).log_likelihood(&[0.6, 0.8, 2.0]).unwrap().exp();
                }
            }
        }
    }
    assert!((total - 1.0).abs() < 1e-10, "{total}");
}

fn quick() -> Settings {
    Settings {
        chains: 2,
        draws: 150,
        warmup: 100,
        answer_draws: 60,
        replays: 60,
        evidence_draws: 40,
        ..Settings::default()
    }
}

fn analysed(scenario: &Scenario) -> Analysis {
    analyse(scenario, &quick(), &Unwatched).unwrap()
}

const ASKED: &str = r#"
record({"a": "up", "b": "stay", "year #2": 2, "a #2": "stay"})
what_if("nothing is done", set(pull, pull))
what_if("B goes down", do({"b": "down"}))
what_if("no pull", set(pull, 0))
factor("pull", absent = [set(pull, 0)])
factor("luck of B", absent = [do({"b": "down"})])
claim("it rises", lambda a: a.probability("level", 2) >= 0)
"#;

#[test]
fn what_ifs_of_a_process_hold_the_luck_and_agree_with_the_record() {
    let analysis = analysed(&endless(ASKED));
    let process = analysis.process.as_ref().unwrap();
    let level = |world: usize, stage: usize| {
        let point = &process.series[world].outcomes[0].points[stage];
        point.values.iter().map(|(v, p)| (v.as_str(), *p)).collect::<Vec<_>>()
    };
    // The record says where the first two years were.
    let sure = |found: Vec<(&str, f64)>, value: &str| {
        assert!(found.len() == 1 && found[0].0 == value && (found[0].1 - 1.0).abs() < 1e-9, "{found:?}");
    };
    sure(level(0, 1), "1");
    sure(level(0, 2), "2");
    // Had B gone down, the two moves had cancelled out.
    sure(level(2, 2), "1");
    assert_eq!(analysis.answers[0].about_change.mean, 0.0);
    assert_eq!(analysis.answers[0].unchanged_share, 1.0);
    assert!(analysis.answers[1].unchanged_share == 0.0);
    assert_eq!(analysis.claims[0].probability.value, 1.0);
    let shares = &analysis.attributions[0];
    let sum: f64 = shares.factors.iter().map(|f| f.shapley.mean).sum();
    assert!((sum - (shares.all_present.mean - shares.all_absent.mean)).abs() < 1e-9);
    assert!(process.bellman_residual.unwrap() < 1e-9 && analysis.play.residual < 1e-7, "{:?}", analysis.play);
    for state in &process.states {
        let onward: f64 = state.next.iter().map(|n| n.1).sum::<f64>() + state.ends;
        assert!((onward - 1.0).abs() < 1e-9, "{state:?}");
    }
}

/// The climb from the prior sees nothing of a story but its likelihood.
#[test]
fn explanations_of_a_process_weigh_what_they_weigh_of_the_same_story_told_as_a_tree() {
    let more = format!(
        "{RECORD}\nexplanation(\"dear\", change = {{cost: beta(6, 2)}})\nexplanation(\"cheap\", change = \
         {{cost: beta(2, 6)}}, weight = 2)\n"
    );
    let settings =
        Settings { method: Method::Tempering, stress_points: 0, confirmations: Some(0), ..quick() };
    let of = |how: &str| analyse(&told(how, &more), &settings, &Unwatched).unwrap();
    let (tree, stages) = (of(AS_TREE), of(AS_STAGES));
    assert_eq!(tree.sampling.method, stages.sampling.method);
    for (a, b) in tree.parameters.iter().zip(&stages.parameters) {
        assert!((a.after.mean - b.after.mean).abs() < 1e-3, "{a:?} {b:?}");
    }
    for (a, b) in tree.explanations.iter().zip(&stages.explanations) {
        let (own, others) = (a.log_marginal_likelihood, b.log_marginal_likelihood);
        assert!((own.value - others.value).abs() < 1e-3 && own.error < 0.5, "{a:?} {b:?}");
        assert!((a.posterior_probability - b.posterior_probability).abs() < 1e-3, "{a:?} {b:?}");
    }
    assert_eq!(stages.explanations.len(), 2);
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let scenario = endless(ASKED);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        serde_json::to_string(&pool.install(|| analysed(&scenario))).unwrap()
    };
    assert_eq!(on(1), on(3));
}

/// A process in which casualties are counted each year, more of them at a higher level, and how tense it is is gauged.
const COUNTED: &str = r#"
pull = param("pull", normal(0.5, 0.3))
toll = param("toll", gamma(4, 2))
precision("precision", lognormal(0.3, 0.3))

def year(g, level):
    a = g.choose("A", "a", ["up", "stay"])
    b = g.choose("B", "b", ["down", "stay"])
    g.measure("casualties", poisson(toll * (1 + level)))
    g.measure("tension", normal(pull + level, 0.5)) if a == "up" else None
    g.outcome("tense", level == 2)
    level = max(0, min(2, level + (1 if a == "up" else 0) - (1 if b == "down" else 0)))
    g.pay("A", pull * level)
    g.pay("B", -pull * level)
    g.next("year", level, discount = 0.8)

stage("year", year)
horizon(4)

def play(g):
    g.next("year", 1)
"#;

const COUNTED_RECORD: &str = r#"
record({"a": "up", "b": "stay", "a #2": "stay", "a #3": "up"},
       measured = {"casualties": 3, "casualties #2": 9, "tension #2": 1.5})
what_if("nothing is done", set(pull, pull))
what_if("B goes down", do({"b": "down"}))
what_if("a lower toll, which changes no one's mind", set(toll, 1))
claim("a mean", lambda a: a.mean("casualties") > a.mean("casualties", under = "a lower toll, which changes no one's mind"))
"#;

fn counted(more: &str) -> Scenario {
    scenario(&format!("scenario(\"A count\", players = [\"A\", \"B\"])\n{COUNTED}{more}\n"))
}

/// What was measured enters the likelihood by its density, in the states that it was measured in.
#[test]
fn the_likelihood_of_what_was_measured_is_that_of_its_densities() {
    let moves =
        r#"record({"a": "up", "b": "stay", "a #2": "stay", "b #2": "stay", "a #3": "up", "b #3": "stay"}"#;
    let bare = counted(&format!("{moves})"));
    let with = counted(&format!(
        "{moves}, measured = {{\"casualties\": 3, \"casualties #2\": 9, \"tension #2\": 1.5}})"
    ));
    let of = |scenario: &Scenario, point: &[f64]| {
        Model::new(scenario, Limits::default(), &Unwatched)
            .unwrap()
            .evaluator(MODEL_SETTINGS)
            .log_likelihood(point)
            .unwrap()
    };
    let poisson =
        |k: u32, rate: f64| f64::from(k) * rate.ln() - rate - (1..=k).map(|i| f64::from(i).ln()).sum::<f64>();
    for (pull, toll) in [(0.4, 1.7), (0.9, 2.6)] {
        // The levels were 1, 2 and 2; tension was gauged for the second time in the third year.
        let gauged =
            -0.5 * ((1.5 - pull - 2.0) / 0.5f64).powi(2) - (0.5 * (2.0 * std::f64::consts::PI).sqrt()).ln();
        let expected = poisson(3, 2.0 * toll) + poisson(9, 3.0 * toll) + gauged;
        let found = of(&with, &[pull, toll, 1.4]) - of(&bare, &[pull, toll, 1.4]);
        assert!((found - expected).abs() < 1e-9, "{found} {expected}");
    }
}

#[test]
fn the_gradient_of_what_was_measured_is_that_of_finite_differences() {
    let scenario = counted(COUNTED_RECORD);
    let mut evaluator =
        Model::new(&scenario, Limits::default(), &Unwatched).unwrap().evaluator(MODEL_SETTINGS);
    let point = [0.6, 2.2, 1.3];
    let mut exact = [0.0; 3];
    evaluator.log_likelihood_gradient(&point, &mut exact).unwrap();
    for k in 0..3 {
        let mut at = |by: f64| {
            let mut moved = point;
            moved[k] += by;
            evaluator.log_likelihood(&moved).unwrap()
        };
        let slope = (at(1e-5) - at(-1e-5)) / 2e-5;
        assert!((slope - exact[k]).abs() < 1e-5 * slope.abs().max(1.0), "{k}: {slope} {}", exact[k]);
    }
}

#[test]
fn what_was_measured_is_held_as_recorded_and_kept_in_rank_where_the_world_changes() {
    let analysis = analysed(&counted(COUNTED_RECORD));
    let process = analysis.process.as_ref().unwrap();
    let point = |world: usize, name: &str, stage: usize| {
        let series = process.series[world].outcomes.iter().find(|o| o.outcome == name).unwrap();
        assert!(series.numeric);
        series.points[stage].clone()
    };
    let sure = |world: usize, name: &str, stage: usize, value: f64| {
        let found = point(world, name, stage);
        assert!(
            found.quantiles.unwrap().iter().all(|q| (q - value).abs() < 1e-6),
            "{name} {stage}: {found:?}"
        );
        assert!((found.stated - 1.0).abs() < 1e-9);
    };
    for world in [0, 1] {
        sure(world, "casualties", 1, 3.0);
        sure(world, "casualties", 2, 9.0);
        sure(world, "tension", 3, 1.5);
    }
    // Had B gone down, the level would have been lower by one in the second year, and the same luck would have cost fewer.
    let otherwise = point(2, "casualties", 2);
    assert!(otherwise.quantiles.unwrap()[4] < 9.0 && otherwise.mean.unwrap().mean > 3.0, "{otherwise:?}");
    let lower = point(3, "casualties", 2).mean.unwrap().mean;
    assert!(lower < 9.0, "{lower}");
    assert_eq!(analysis.measured.len(), 3);
    assert!(analysis.claims[0].probability.value > 0.9);
    let last = analysis.factual.measures.iter().find(|m| m.name == "casualties").unwrap();
    let shown = point(0, "casualties", 4).mean.unwrap().mean;
    assert!((last.mean.mean - shown).abs() < 1e-9, "{} {shown}", last.mean.mean);
}

/// The moment is counted in the fan of the truth value itself, which here is left again.
#[test]
fn what_is_first_true_stays_so_and_is_at_least_what_is_true_now() {
    let analysis = analysed(&counted(COUNTED_RECORD));
    for world in &analysis.process.as_ref().unwrap().series {
        let now = world.outcomes.iter().find(|o| o.outcome == "tense").unwrap();
        let first = &world.first_true[0];
        assert_eq!((first.outcome.as_str(), world.first_true.len()), ("tense", 1));
        let (mut before, mut left) = (0.0, 0.0);
        for (point, by) in now.points.iter().zip(&first.by_stage) {
            let share = point.values.iter().find(|v| v.0 == "True").map_or(0.0, |v| v.1);
            assert!(by.mean >= before - 1e-12 && by.mean >= share - 1e-12, "{now:?} {first:?}");
            left = f64::max(left, by.mean - share);
            before = by.mean;
        }
        let median = first.by_stage.iter().position(|p| p.mean >= 0.5);
        assert_eq!(first.median, median);
        assert!(left > 0.0 || world.what_if.is_some());
    }
}

/// Without a record the process is what its transition probabilities make of it.
#[test]
fn the_fan_of_a_state_is_the_distribution_that_its_transitions_give() {
    let fixed = ENDLESS
        .replace("normal(0.5, 0.3)", "point(0.5)")
        .replace("beta(8, 2)", "point(0.8)")
        .replace("lognormal(0.3, 0.3)", "point(2)");
    let scenario = scenario(&format!("scenario(\"A drift\", players = [\"A\", \"B\"])\n{fixed}\n"));
    let settings = Settings { replays: 400, ..quick() };
    let analysis = analyse(&scenario, &settings, &Unwatched).unwrap();
    let process = analysis.process.as_ref().unwrap();
    let name = |state: &counterplay_analysis::StateSummary| format!("{} {}", state.stage, state.state);
    let mut here = vec![("year 1".to_owned(), 1.0)];
    for stage in 1..=6 {
        let point = &process.series[0].outcomes[0].points[stage];
        for (state, exact) in &here {
            let value = state.trim_start_matches("year ");
            let found = point.values.iter().find(|v| v.0 == value).map_or(0.0, |v| v.1);
            // 24,000 histories: five standard errors.
            assert!(
                (found - exact).abs() < 5.0 * (0.25f64 / 24_000.0).sqrt(),
                "{stage} {state}: {found} {exact}"
            );
        }
        let mut next: Vec<(String, f64)> = Vec::new();
        for (state, p) in &here {
            let summary = process.states.iter().find(|s| name(s) == *state).unwrap();
            for (to, q) in &summary.next {
                match next.iter_mut().find(|n| n.0 == *to) {
                    Some(known) => known.1 += p * q,
                    None => next.push((to.clone(), p * q)),
                }
            }
        }
        here = next;
    }
}

/// Each year the case may end, in one of two ways; a year that does not end it says so.
const ENDING: &str = r#"
scenario("Until it ends", players = ["A"], about = {"won": True})
precision("precision", point(1))
horizon(6)
def year(g, state):
    end = g.chance("end", {"won": 0.3, "lost": 0.2, "none": rest})
    if end != "none":
        return g.end(payoffs = {"A": 0}, outcomes = {"won": end == "won", "over": True})
    g.outcome("won", False)
    g.outcome("over", False)
    g.next("year", ())
stage("year", year)
def play(g):
    g.next("year", ())
query("won by the end", probability({"won": True}))
"#;

#[test]
fn a_process_that_has_ended_keeps_its_outcome_stage_by_stage() {
    let settings =
        Settings { draws: 100, answer_draws: 100, replays: 200, evidence_draws: 10, ..Settings::default() };
    let analysis = analyse(&scenario(ENDING), &settings, &Unwatched).unwrap();
    let process = analysis.process.as_ref().unwrap();
    for series in &process.series[0].outcomes {
        let (name, rate) = (series.outcome.as_str(), if series.outcome == "won" { 0.3 } else { 0.5 });
        for (stage, point) in series.points.iter().enumerate().skip(1) {
            let shares: f64 = point.values.iter().map(|v| v.1).sum();
            assert!(
                (shares - 1.0).abs() < 1e-9 && (point.stated - 1.0).abs() < 1e-9,
                "{name}, {stage}: {point:?}"
            );
            // Geometric: what has ended by a stage has ended in its own way.
            let exact = rate / 0.5 * (1.0 - 0.5_f64.powi(i32::try_from(stage).unwrap()));
            let found = point.values.iter().find(|v| v.0 == "True").map_or(0.0, |v| v.1);
            let error = (exact * (1.0 - exact) / 20_000.0_f64).sqrt();
            assert!((found - exact).abs() <= 4.5 * error, "{name}, {stage}: {found} is not {exact}");
        }
    }
}
