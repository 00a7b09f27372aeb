//! All that is asked of a process, summed over pairs of states, against many replays with luck that is drawn.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use common::{Dice, analysed, answer, evaluator, model, scenario};
use counterplay::Settings;
use counterplay::model::consistent::Weights;
use counterplay::scenario::plan::Plan;
use counterplay::scenario::{Intervention, Luck, Scenario};
use counterplay::story::limits::Limits;
use counterplay::watch::Unwatched;
use counterplay::world::inquiry::{Inquiry, WorldId};
use counterplay::world::replay::LuckOf;
use counterplay::world::scene::{LuckKey, RecordedMeasures};
use counterplay_analysis::{Analysis, QueryAnswer};

const REPLAYS: u64 = 30_000;

const STORE: f64 = 0.6;
const PRECISION: f64 = 2.0;

/// A siege, year by year, with what each year costs.
const SIEGE: &str = r#"
scenario("A siege", players = ["Besieger", "Town"], about = {"fallen": True})
store = param("store", point(0.6), evidence = [judgement("an example")])
precision("precision", point(2), evidence = [judgement("an example")])

def year(g, strength):
    weather = g.chance("weather", {"dry": 0.5, "wet": 0.3, "cold": rest})
    move = g.choose("Besieger", "move", ["storm", "wait", "leave"])
    g.outcome("weather last", weather)
    if move == "leave":
        return g.end(payoffs = {"Town": 1}, outcomes = {"fallen": False, "given up": True})
    harm = g.chance("harm", {"much": (1 - store) * (0.9 if move == "storm" else 0.6), "some": 0.3 * store, "none": rest})
    left = strength - {"much": 2, "some": 1, "none": 0}[harm]
    g.measure("losses", poisson(4 if move == "storm" else 1.5))
    if weather != "cold":
        g.measure("walls", normal(left, 0.5))
    g.pay("Besieger", -0.3 if move == "storm" else -0.1)
    if left <= 0:
        return g.end(payoffs = {"Besieger": 2}, outcomes = {"fallen": True})
    g.outcome("fallen", False)
    g.next("year", left, discount = 0.9)

stage("year", year)
horizon(5)

def play(g):
    g.next("year", 3)

record({"weather": "wet", "move": "wait", "weather #2": "dry"}, measured = {"losses": 3})
what_if("a smaller store", set(store, 0.3))
what_if("stormed in the second year", do({"move #2": "storm"}))
what_if("stormed at once", do({"move": "storm"}))
what_if("no cold in the third", forbid("weather #3", "cold"))
what_if("another time", set(store, 0.5), luck = "redrawn")
what_if("another third year", do({"weather #3": "wet"}), luck = "redrawn_after")

factor("the store", absent = [set(store, 0.3)])
factor("the rain", absent = [do({"weather": "dry"})])
factor("the second year", absent = [do({"move #2": "storm"})])

query("0", probability({"fallen": True}), under = "stormed in the second year", given = {"harm #3": "none"})
query("1", probability({"given up": True}), under = "a smaller store", within = {"weather #3": "dry"})
query("2", mean("losses"), under = "stormed in the second year")
query("3", mean("losses #1"), under = "stormed at once")
query("4", probability({"losses": above(2)}), under = "stormed in the second year", given = {"losses #2": above(1)})
query("5", mean("walls"), under = "a smaller store", within = {"fallen": False}, given = {"walls": above(1.5)})
query("6", mean("losses"), given = {"fallen": True})
query("7", probability({"fallen": True}), under = "another third year", given = {"weather #3": "wet"})
query("8", probability({"losses #3": above(3), "weather last": "dry"}), under = "another time", given = {"losses #3": below(3)})
query("9", quantile("walls", 0.3), under = "no cold in the third", within = {"fallen": False})
sweep("stores", store, [0.2, 0.8], mean("losses"))
"#;

/// A history as it was, or in another world: its events and measured values by occurrence, and its outcomes.
struct History {
    events: Vec<(String, String)>,
    measured: Vec<(String, f64)>,
    outcomes: Vec<(String, String)>,
    signature: u64,
    /// Stage by stage, what is stated.
    stated: Vec<Vec<(String, String)>>,
}

impl History {
    fn event(&self, name: &str, occurrence: usize) -> Option<&str> {
        self.events.iter().filter(|e| e.0 == name).nth(occurrence - 1).map(|e| e.1.as_str())
    }

    fn measured(&self, name: &str, occurrence: usize) -> Option<f64> {
        self.measured.iter().filter(|m| m.0 == name).nth(occurrence - 1).map(|m| m.1)
    }

    fn last(&self, name: &str) -> Option<f64> {
        self.measured.iter().rev().find(|m| m.0 == name).map(|m| m.1)
    }

    fn is(&self, outcome: &str, value: &str) -> bool {
        self.outcomes.iter().rev().find(|o| o.0 == outcome).is_some_and(|o| o.1 == value)
    }
}

/// Histories of the world as it was and of one other, replay by replay with the same luck.
fn replayed(scenario: &Scenario, plan: &Plan, record_known: bool) -> Vec<(History, History)> {
    let mut inquiry = Inquiry::new(scenario, model(scenario), Limits::default(), &Unwatched);
    let world = inquiry.world(plan).unwrap();
    let point = [STORE, PRECISION];
    let scene = inquiry.factual();
    let mut evaluator = evaluator(scene.model());
    let found = evaluator.solve(&point).unwrap();
    let (odds, values) = (evaluator.odds(&found), evaluator.all_values().to_vec());
    let consistent = scene.model().consistent().unwrap();
    let mut weights = Weights::default();
    consistent.weigh(scene.model().unfolded(), &odds, &values, &mut weights);
    let recorded = RecordedMeasures::new(&scenario.record, &inquiry.catalogue);
    let worlds = [WorldId::FACTUAL, world].map(|world| inquiry.at(world, &point).unwrap());
    let mut dice = Dice::new(17);
    let one = |key: u64| {
        let held = if record_known {
            let history = consistent.draw(&weights, || dice.uniform());
            scene.abduct(LuckKey::new(key), &odds, &values, &history, &recorded, &inquiry.catalogue)
        } else {
            LuckKey::new(key).luck()
        };
        let again = LuckKey::new(1_000_000 + key).luck();
        let told = |k: usize| {
            let (before, after) = match plan.luck {
                Luck::Redrawn if k == 1 => (&again, None),
                Luck::RedrawnAfter if k == 1 => (&held, Some(&again)),
                _ => (&held, None),
            };
            let at = &worlds[k];
            let replayed = at.replay_with(LuckOf { before, after });
            let measured = at.measured(&inquiry.catalogue, &replayed, before, &again);
            let catalogue = &inquiry.catalogue;
            let name = |o: &counterplay::world::catalogue::OutcomeIndex| {
                let (name, values) = &catalogue.outcomes[o.outcome];
                (name.clone(), values[o.value].clone())
            };
            let stated: Vec<Vec<(String, String)>> = replayed
                .steps
                .iter()
                .map(|s| at.scene().stated(s.state, s.end).iter().map(name).collect())
                .collect();
            History {
                events: at.events(&replayed),
                measured: measured
                    .into_iter()
                    .flatten()
                    .map(|m| (catalogue.measures[m.0].clone(), m.1))
                    .collect(),
                outcomes: stated.iter().flatten().cloned().collect(),
                signature: replayed.signature,
                stated,
            }
        };
        (told(0), told(1))
    };
    (0..REPLAYS).map(one).collect()
}

fn plan_of(interventions: &[Intervention], scenario: &Scenario) -> Plan {
    Plan::new(interventions, &scenario.factor_foresight, Luck::Held).unwrap()
}

fn settings() -> Settings {
    Settings {
        draws: 4,
        warmup: 0,
        answer_draws: 1,
        evidence_draws: 8,
        stress_points: 0,
        equilibria: 0,
        confirmations: Some(0),
        ..Settings::default()
    }
}

/// A number is the mean of many, within 4.5 standard errors.
fn assert_mean(found: f64, values: &[f64], what: &str) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
    let error = (variance / count).sqrt() + 1.0 / count;
    assert!((found - mean).abs() <= 4.5 * error, "{what}: {found} is not {mean} within 4.5 x {error}");
}

fn query<'a>(analysis: &'a Analysis, name: &str) -> &'a QueryAnswer {
    analysis.questions.queries.iter().find(|q| q.name == name).unwrap()
}

/// A value of histories as they were and in the other world; `None` where the condition does not hold, or nothing is measured.
type Asked = fn(&History, &History) -> Option<f64>;

fn truth(x: bool) -> f64 {
    f64::from(u8::from(x))
}

#[test]
fn queries_are_what_many_replays_say() {
    let asked: [(&str, &str, Asked); 9] = [
        ("0", "stormed in the second year", |a, b| {
            (a.event("harm", 3) == Some("none")).then(|| truth(b.is("fallen", "True")))
        }),
        ("1", "a smaller store", |_, b| {
            (b.event("weather", 3) == Some("dry")).then(|| truth(b.is("given up", "True")))
        }),
        ("2", "stormed in the second year", |_, b| b.last("losses")),
        ("3", "stormed at once", |_, b| b.measured("losses", 1)),
        ("4", "stormed in the second year", |a, b| {
            a.measured("losses", 2).filter(|x| *x > 1.0)?;
            Some(truth(b.last("losses").is_some_and(|x| x > 2.0)))
        }),
        ("5", "a smaller store", |a, b| {
            a.last("walls").filter(|x| *x > 1.5)?;
            b.is("fallen", "False").then(|| b.last("walls")).flatten()
        }),
        ("6", "a smaller store", |a, _| a.is("fallen", "True").then(|| a.last("losses")).flatten()),
        ("7", "another third year", |a, b| {
            (a.event("weather", 3) == Some("wet")).then(|| truth(b.is("fallen", "True")))
        }),
        ("8", "another time", |a, b| {
            a.measured("losses", 3).filter(|x| *x < 3.0)?;
            Some(truth(b.measured("losses", 3).is_some_and(|x| x > 3.0) && b.is("weather last", "dry")))
        }),
    ];
    let scenario = scenario(SIEGE);
    let analysis = analysed(&scenario, &settings());
    for (name, under, of) in asked {
        let question = scenario.questions.iter().find(|q| q.name == under).unwrap();
        let plan = Plan::new(&question.interventions, &question.foresight, question.luck).unwrap();
        let histories = replayed(&scenario, &plan, true);
        let values: Vec<f64> = histories.iter().filter_map(|(a, b)| of(a, b)).collect();
        let found = query(&analysis, name);
        assert!(!found.method.contains("replayed"), "{name}: {}", found.method);
        assert_mean(found.values[0].here.mean, &values, name);
    }
    let below: Vec<f64> = {
        let question = scenario.questions.iter().find(|q| q.name == "no cold in the third").unwrap();
        let plan = Plan::new(&question.interventions, &question.foresight, question.luck).unwrap();
        let quantile = query(&analysis, "9").values[0].here.mean;
        let walls = |(_, b): &(History, History)| b.is("fallen", "False").then(|| b.last("walls")).flatten();
        replayed(&scenario, &plan, true).iter().filter_map(walls).map(|x| truth(x <= quantile)).collect()
    };
    assert_mean(0.3, &below, "the share below the 30% quantile");
    assert_eq!(analysis.questions.sweeps[0].points.len(), 2);
    assert!(analysis.questions.sweeps[0].points.iter().all(|p| p.1.replay_error == 0.0));
}

#[test]
fn worlds_are_told_stage_by_stage_as_many_replays_say() {
    let scenario = scenario(SIEGE);
    let analysis = analysed(&scenario, &settings());
    let process = analysis.process.as_ref().unwrap();
    for question in &scenario.questions {
        let plan = Plan::new(&question.interventions, &question.foresight, question.luck).unwrap();
        let histories = replayed(&scenario, &plan, true);
        let told = answer(&analysis, &question.name);
        assert!(!told.replayed, "{} was replayed", question.name);
        let same: Vec<f64> = histories.iter().map(|(a, b)| truth(a.signature == b.signature)).collect();
        assert_mean(told.unchanged_share, &same, &format!("{} unchanged", question.name));
        for measure in &told.world.measures {
            let values: Vec<f64> = histories.iter().filter_map(|(_, b)| b.last(&measure.name)).collect();
            assert_mean(measure.mean.mean, &values, &format!("{} in {}", measure.name, question.name));
            let some: Vec<f64> =
                histories.iter().map(|(_, b)| truth(b.last(&measure.name).is_some())).collect();
            assert_mean(measure.measured_probability, &some, "whether it is measured");
        }
        let series = process.series.iter().find(|s| s.what_if.as_ref() == Some(&question.name)).unwrap();
        for stage in 0..=5 {
            let been = |(_, b): &(History, History)| {
                let upto = b.stated.iter().take(stage + 1).flatten();
                truth(upto.into_iter().any(|o| o.0 == "fallen" && o.1 == "True"))
            };
            let fallen = series.first_true.iter().find(|f| f.outcome == "fallen").unwrap();
            let values: Vec<f64> = histories.iter().map(been).collect();
            assert_mean(fallen.by_stage[stage].mean, &values, "fallen by then");
            let weather = |(_, b): &(History, History)| {
                let now = match b.stated.get(stage) {
                    Some(stated) => stated.iter().find(|o| o.0 == "weather last"),
                    None => b.outcomes.iter().rev().find(|o| o.0 == "weather last"),
                };
                truth(now.is_some_and(|o| o.1 == "wet"))
            };
            let values: Vec<f64> = histories.iter().map(weather).collect();
            let own = series.outcomes.iter().find(|o| o.outcome == "weather last").unwrap();
            let share = own.points[stage].values.iter().find(|v| v.0 == "wet").map_or(0.0, |v| v.1);
            assert_mean(share, &values, &format!("wet weather in stage {stage} of {}", question.name));
            let own = series.outcomes.iter().find(|o| o.outcome == "losses").unwrap();
            // The story begins with what leads to the first year, in which nothing is measured.
            if let (1.., Some(mean)) = (stage, own.points[stage].mean.as_ref()) {
                let losses: Vec<f64> =
                    histories.iter().filter_map(|(_, b)| b.measured("losses", stage)).collect();
                assert_mean(mean.mean, &losses, &format!("losses in stage {stage} of {}", question.name));
            }
        }
    }
}

#[test]
fn necessity_and_sufficiency_are_what_many_replays_say() {
    let scenario = scenario(SIEGE);
    let analysis = analysed(&scenario, &settings());
    let attribution = &analysis.attributions[0];
    for (factor, share) in scenario.factors.iter().zip(&attribution.factors) {
        let plan = plan_of(&factor.absent, &scenario);
        let given = replayed(&scenario, &plan, true);
        let lost =
            |(a, b): &(History, History)| a.is("fallen", "True").then(|| truth(!b.is("fallen", "True")));
        let lost: Vec<f64> = given.iter().filter_map(lost).collect();
        assert_mean(share.necessity.mean, &lost, &format!("{} necessary", factor.name));
        let free = replayed(&scenario, &plan, false);
        let brought =
            |(a, b): &(History, History)| (!b.is("fallen", "True")).then(|| truth(a.is("fallen", "True")));
        let brought: Vec<f64> = free.iter().filter_map(brought).collect();
        assert_mean(share.sufficiency.mean, &brought, &format!("{} sufficient", factor.name));
        let both = |(a, b): &(History, History)| truth(a.is("fallen", "True") && !b.is("fallen", "True"));
        let both: Vec<f64> = free.iter().map(both).collect();
        assert_mean(share.necessity_and_sufficiency.mean, &both, &format!("{} both", factor.name));
        assert_eq!(share.necessity.low, share.necessity.high);
    }
}
