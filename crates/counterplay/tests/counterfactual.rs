//! Laws of luck: what a history's luck reproduces, and what an intervention may change of it.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use std::slice::from_ref;

use common::random_story::{random_point, random_record, random_scenario};
use common::{Dice, chi_square, chi_square_limit, evaluator, histories, model, scenario};
use counterplay::model::Model;
use counterplay::model::consistent::Weights;
use counterplay::model::odds::LogOdds;
use counterplay::scenario::plan::Plan;
use counterplay::scenario::{Act, Foresight, Intervention, Luck as LuckRule, Scenario};
use counterplay::story::change::Change;
use counterplay::story::limits::Limits;
use counterplay::story::terms::EventName;
use counterplay::watch::Unwatched;
use counterplay::world::catalogue::Catalogue;
use counterplay::world::history::Replayed;
use counterplay::world::luck::Luck;
use counterplay::world::replay::LuckOf;
use counterplay::world::replay::replay;
use counterplay::world::scene::RecordedMeasures;
use counterplay::world::scene::{LuckKey, Scene};
use counterplay::world::surprises::Surprises;
use counterplay_game::id::NodeId;

/// A scenario at a point, ready to be replayed.
struct Stage {
    scenario: Scenario,
    catalogue: Catalogue,
    scene: Scene,
    odds: Vec<LogOdds>,
    values: Vec<Vec<f64>>,
    weights: Weights,
}

impl Stage {
    fn new(scenario: Scenario, point: &[f64]) -> Self {
        let mut catalogue = Catalogue::default();
        let scene = Scene::new(model(&scenario), &mut catalogue);
        let mut evaluator = evaluator(scene.model());
        let found = evaluator.solve(point).unwrap();
        let odds = evaluator.odds(&found);
        let values = evaluator.all_values().to_vec();
        let mut weights = Weights::default();
        scene.model().consistent().unwrap().weigh(scene.model().unfolded(), &odds, &values, &mut weights);
        Self { scenario, catalogue, scene, odds, values, weights }
    }

    /// A random story with a random record.
    fn random(seed: u64) -> Self {
        let free = Self::new(random_scenario(seed), &random_point(seed));
        let all = histories(free.scene.model().game(), &free.odds[0]);
        let mut scenario = free.scenario;
        scenario.record = random_record(seed, &all[seed as usize % all.len()], false);
        Self::new(scenario, &random_point(seed))
    }

    /// The end of a history that agrees with the record.
    fn drawn(&self, dice: &mut Dice) -> NodeId {
        self.scene.model().consistent().unwrap().draw(&self.weights, || dice.uniform())[0].1
    }

    /// The luck behind a history.
    fn luck(&self, end: NodeId, seed: u64) -> Luck {
        let recorded = RecordedMeasures::new(&self.scenario.record, &self.catalogue);
        self.scene.abduct(
            LuckKey::new(seed),
            &self.odds,
            &self.values,
            &[(0, end)],
            &recorded,
            &self.catalogue,
        )
    }

    fn replay(&self, forced: &[(String, String)], luck: &Luck) -> Replayed {
        self.replay_with(
            &surprises(&self.scene, forced, LuckRule::Held),
            LuckOf { before: luck, after: None },
        )
    }

    fn replay_with(&self, surprises: &Surprises, luck: LuckOf<'_>) -> Replayed {
        replay(&self.scene, &self.odds, &self.values[0], surprises, luck, 0)
    }

    /// The events of a history with their labels.
    fn events(&self, end: NodeId) -> Vec<(String, String)> {
        let game = self.scene.model().game();
        let step = |(node, branch)| {
            let label = game.text(game.branch_label(node, branch)).to_owned();
            (game.event_name(game.event_id(node)), label)
        };
        game.path(end).into_iter().map(step).collect()
    }

    /// All events of the story, each with one of its labels.
    fn possible(&self) -> Vec<(String, String)> {
        let all = histories(self.scene.model().game(), &self.odds[0]);
        let mut possible: Vec<(String, String)> = all.into_iter().flat_map(|h| h.events).collect();
        possible.sort();
        possible.dedup();
        possible
    }
}

fn force(event: &str, action: &str) -> Act {
    Act::Change(Change::Force { event: EventName::parse(event), action: action.to_owned() })
}

fn surprises(scene: &Scene, forced: &[(String, String)], luck: LuckRule) -> Surprises {
    let one =
        |(event, action): &(String, String)| Intervention { act: force(event, action), text: String::new() };
    let interventions: Vec<Intervention> = forced.iter().map(one).collect();
    Surprises::new(scene, &Plan::new(&interventions, &Foresight::ByKind, luck).unwrap())
}

/// Calls `law` with many histories of many random stories, and the luck behind each.
fn for_noise(mut law: impl FnMut(&Stage, NodeId, &Luck, &mut Dice)) {
    for seed in 0..150 {
        let stage = Stage::random(seed);
        let mut dice = Dice::new(seed + 77);
        for luck in 0..40 {
            let end = stage.drawn(&mut dice);
            let luck = stage.luck(end, 1000 * seed + luck);
            law(&stage, end, &luck, &mut dice);
        }
    }
}

#[test]
fn without_an_intervention_the_luck_behind_a_history_leads_to_it_again() {
    for_noise(|stage, end, luck, _| assert_eq!(stage.replay(&[], luck).end(), end));
}

/// The consistency of counterfactuals (Pearl 2009, Causality, section 7.3).
#[test]
fn forcing_what_happened_changes_nothing() {
    for_noise(|stage, end, luck, dice| {
        let events = stage.events(end);
        let one = events[dice.below(events.len())].clone();
        assert_eq!(stage.replay(&[one], luck).end(), end);
        assert_eq!(stage.replay(&events, luck).end(), end);
    });
}

/// Effectiveness (Pearl 2009, section 7.3).
#[test]
fn what_is_forced_happens_and_what_came_before_it_stays() {
    let mut changed = 0;
    for_noise(|stage, end, luck, dice| {
        let possible = stage.possible();
        let forced = possible[dice.below(possible.len())].clone();
        let (before, after) = (stage.events(end), stage.events(stage.replay(from_ref(&forced), luck).end()));
        let Some(at) = before.iter().position(|event| event.0 == forced.0) else {
            assert_eq!(before, after, "what is forced did not come up");
            return;
        };
        assert_eq!(before[..at], after[..at]);
        let could = histories(stage.scene.model().game(), &stage.odds[0])
            .iter()
            .any(|h| h.events.starts_with(&before[..at]) && h.events[at] == forced);
        assert_eq!(after[at] == forced, could);
        changed += usize::from(before != after);
    });
    assert!(changed > 500);
}

/// Composition (Pearl 2009, section 7.3).
#[test]
fn forcing_besides_what_follows_anyway_changes_nothing() {
    for_noise(|stage, _, luck, dice| {
        let possible = stage.possible();
        let first = possible[dice.below(possible.len())].clone();
        let then = stage.replay(from_ref(&first), luck);
        let events = stage.events(then.end());
        let second = events[dice.below(events.len())].clone();
        assert_eq!(stage.replay(&[first, second], luck), then);
    });
}

#[test]
fn a_story_told_and_solved_again_without_changes_is_replayed_alike() {
    for seed in 0..40 {
        let stage = Stage::random(seed);
        let told = Model::changed(&stage.scenario, &[], Limits::default(), &Unwatched).unwrap();
        let scene = Scene::new(told, &mut stage.catalogue.clone());
        let mut again = evaluator(scene.model());
        let found = again.solve(&random_point(seed)).unwrap();
        let odds = again.odds(&found);
        let mut dice = Dice::new(seed + 5);
        for seed in 0..20 {
            let luck = stage.luck(stage.drawn(&mut dice), seed);
            let luck_of = LuckOf { before: &luck, after: None };
            let replayed = replay(&scene, &odds, again.values(), &Surprises::default(), luck_of, 0);
            assert_eq!(replayed.signature, stage.replay(&[], &luck).signature);
        }
    }
}

/// How often each history comes up among `count` ends.
fn counted(all: &[common::History], count: usize, mut end: impl FnMut(u64) -> NodeId) -> Vec<usize> {
    let mut found = vec![0; all.len()];
    for index in 0..count {
        let end = end(index as u64);
        found[all.iter().position(|h| h.end == end).unwrap()] += 1;
    }
    found
}

fn assert_distribution(found: &[usize], weights: &[f64]) {
    let total: f64 = weights.iter().sum();
    let shares: Vec<f64> = weights.iter().map(|w| w / total).collect();
    assert!(found.iter().zip(&shares).all(|(&n, &p)| p > 0.0 || n == 0));
    let (statistic, degrees) = chi_square(found, &shares);
    assert!(
        degrees == 0 || statistic < chi_square_limit(degrees),
        "{statistic} of {degrees}: {found:?} for {shares:?}"
    );
}

#[test]
fn drawn_histories_are_distributed_as_the_record_has_it() {
    for seed in 0..20 {
        let stage = Stage::random(seed);
        let all = histories(stage.scene.model().game(), &stage.odds[0]);
        let record = &stage.scenario.record;
        // Of measured quantities only the amount is recorded, and every history measures it.
        let density = |h: &common::History| {
            let game = stage.scene.model().game();
            let counterplay_game::tree::Kind::End(end) = game.kind(h.end) else { panic!("not an end") };
            let ending = &stage.scene.model().endings()[game.end(end).tag as usize];
            let law =
                ending.measures.iter().find(|m| game.text(m.0) == "amount").unwrap().1.at(&stage.values[0]);
            record.measured.get("amount").map_or(1.0, |&x| law.log_density(x).exp())
        };
        let agrees = |h: &common::History| record.events.iter().all(|(e, l)| h.is(&e.to_string(), l));
        let weight = |h: &common::History| f64::from(u8::from(agrees(h))) * h.probability * density(h);
        let mut dice = Dice::new(seed);
        let found = counted(&all, 20_000, |_| stage.drawn(&mut dice));
        assert_distribution(&found, &all.iter().map(weight).collect::<Vec<_>>());
    }
}

#[test]
fn luck_of_which_nothing_is_known_plays_as_the_tree_has_it() {
    for seed in 0..20 {
        let stage = Stage::random(seed);
        let all = histories(stage.scene.model().game(), &stage.odds[0]);
        let weights: Vec<f64> = all.iter().map(|h| h.probability).collect();
        let found = counted(&all, 20_000, |luck| stage.replay(&[], &LuckKey::new(luck).luck()).end());
        assert_distribution(&found, &weights);
    }
}

/// The noise behind histories that the model itself tells is as if nothing were known of it: what follows when
/// an event is forced is distributed as the tree has it from there on.
#[test]
fn luck_abducted_from_the_models_own_histories_is_fresh_luck() {
    for seed in 0..20 {
        let stage = Stage::new(random_scenario(seed), &random_point(seed));
        let all = histories(stage.scene.model().game(), &stage.odds[0]);
        let forced = stage.possible()[0].clone();
        // The forced event happens with certainty where it can, so a history loses its factor.
        let game = stage.scene.model().game();
        let weight = |h: &common::History| {
            let factors = game.path(h.end).into_iter().map(|(node, branch)| {
                let labels: Vec<&str> = game.labels(node).map(|l| game.text(l)).collect();
                if game.event_name(game.event_id(node)) == forced.0 && labels.contains(&forced.1.as_str()) {
                    f64::from(u8::from(labels[branch] == forced.1))
                } else {
                    stage.odds[0].at(game, node)[branch].exp()
                }
            });
            factors.product::<f64>()
        };
        let mut dice = Dice::new(seed);
        let found = counted(&all, 20_000, |key| {
            let luck = stage.luck(stage.drawn(&mut dice), key);
            stage.replay(from_ref(&forced), &luck).end()
        });
        assert_distribution(&found, &all.iter().map(weight).collect::<Vec<_>>());
    }
}

#[test]
fn luck_redrawn_after_an_event_is_kept_up_to_it_and_fresh_after_it() {
    for seed in 0..60 {
        let stage = Stage::random(seed);
        let possible = stage.possible();
        let mut dice = Dice::new(seed);
        for key in 0..20 {
            let end = stage.drawn(&mut dice);
            let luck = stage.luck(end, key);
            let again = LuckKey::new(1_000_000 + key).luck();
            let forced = [possible[dice.below(possible.len())].clone()];
            let moments = surprises(&stage.scene, &forced, LuckRule::RedrawnAfter);
            let found = stage.replay_with(&moments, LuckOf { before: &luck, after: Some(&again) });
            let (before, after) = (stage.events(end), stage.events(found.end()));
            let Some(at) = before.iter().position(|event| event.0 == forced[0].0) else {
                assert_eq!(found.end(), end);
                continue;
            };
            assert_eq!(before[..at], after[..at]);
            // From there on it is the history that the new luck tells when it is led there.
            let led = stage.replay(&after[..=at], &again);
            assert_eq!(led.end(), found.end());
        }
    }
}

const MEASURED: &str = r#"
scenario("Measured", players = ["A"])
level = param("level", normal(0, 1))
precision("precision", point(1))

def play(g):
    g.choose("A", "act", ["x", "y"])
    g.measure("normal", normal(level, 2))
    g.measure("lognormal", lognormal(level, 1))
    g.measure("gamma", gamma(2, exp(-level)))
    g.measure("share", beta(2 * exp(level), 3))
    g.measure("poisson", poisson(4 * exp(level)))
    g.measure("negative binomial", neg_binomial(4 * exp(level), 2))
    g.measure("bernoulli", bernoulli(logistic(level)))
    g.end(payoffs = {"A": 0}, outcomes = {"done": True})

record(measured = {"normal": 1.5, "lognormal": 0.7, "gamma": 3.2, "share": 0.35, "poisson": 6,
                   "negative binomial": 2, "bernoulli": 1})
"#;

/// The measured quantities with one luck at one level, by name.
fn measured(stage: &Stage, level: f64, luck: &Luck) -> Vec<(String, f64)> {
    let mut evaluator = evaluator(stage.scene.model());
    evaluator.load(&[level, 1.0]).unwrap();
    let history = stage.replay(&[], luck);
    let named = |(number, value): (usize, f64)| (stage.catalogue.measures[number].clone(), value);
    let measured = stage.scene.measured(&stage.catalogue, &history.steps, evaluator.all_values(), luck, luck);
    measured.into_iter().flatten().map(named).collect()
}

#[test]
fn a_recorded_quantity_keeps_its_value_and_its_rank() {
    let stage = Stage::new(scenario(MEASURED), &[0.2, 1.0]);
    let mut dice = Dice::new(3);
    for key in 0..50 {
        let luck = stage.luck(stage.drawn(&mut dice), key);
        for (name, value) in measured(&stage, 0.2, &luck) {
            let recorded = stage.scenario.record.measured[&name];
            assert!((value - recorded).abs() <= 1e-13 * recorded.abs(), "{name}: {value} is not {recorded}");
        }
        let rising: Vec<_> = [-1.0, -0.3, 0.2, 0.9, 1.5].map(|l| measured(&stage, l, &luck)).into();
        for (lower, higher) in rising.iter().zip(&rising[1..]) {
            for ((name, low), (_, high)) in lower.iter().zip(higher) {
                assert!(low <= high, "{name}: {low} above {high}");
            }
        }
        let at = |level: f64, name: &str| {
            measured(&stage, level, &luck).into_iter().find(|m| m.0 == name).unwrap().1
        };
        // A normal quantity of known rank moves by as much as its mean.
        assert!((at(1.7, "normal") - 3.0).abs() < 1e-12);
        assert!((at(1.2, "lognormal") / 0.7 - 1.0_f64.exp()).abs() < 1e-12);
    }
}

/// The rank of a count lies evenly within the ranks that give the count.
#[test]
fn a_recorded_count_is_as_likely_as_it_should_be_under_another_rate() {
    let stage = Stage::new(scenario(MEASURED), &[0.2, 1.0]);
    let end = stage.drawn(&mut Dice::new(1));
    let poisson = |rate: f64, upto: u32| -> f64 {
        let term = |k: u32| (1..=k).fold((-rate).exp(), |p, i| p * rate / f64::from(i));
        (0..=upto).map(term).sum()
    };
    let (factual, other) = (4.0 * 0.2_f64.exp(), 4.0 * 0.8_f64.exp());
    let count = 20_000;
    let mut found = vec![0usize; 40];
    for key in 0..count {
        let luck = stage.luck(end, key);
        let value = measured(&stage, 0.8, &luck).into_iter().find(|m| m.0 == "poisson").unwrap().1;
        found[value as usize] += 1;
    }
    // Six at the factual rate has the ranks between these two.
    let (low, high) = (poisson(factual, 5), poisson(factual, 6));
    let share = |k: u32| {
        let below = if k == 0 { 0.0 } else { poisson(other, k - 1) };
        (poisson(other, k).min(high) - below.max(low)).max(0.0) / (high - low)
    };
    assert_distribution(&found, &(0..40).map(share).collect::<Vec<_>>());
}
