//! Sums over all histories, against many replays with luck that is drawn.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use common::random_story::{random_point, random_record, random_scenario};
use common::{Dice, analysed, assert_share, evaluator, histories, model, probability};
use counterplay::Settings;
use counterplay::model::Model;
use counterplay::model::consistent::Weights;
use counterplay::model::odds::LogOdds;
use counterplay::scenario::plan::Plan;
use counterplay::scenario::{Act, Factor, Foresight, Intervention, Luck as LuckRule, Question, Scenario};
use counterplay::story::change::Change;
use counterplay::story::limits::Limits;
use counterplay::story::terms::EventName;
use counterplay::watch::Unwatched;
use counterplay::world::inquiry::{Inquiry, WorldAt, WorldId};
use counterplay::world::luck::Luck;
use counterplay::world::replay::LuckOf;
use counterplay::world::scene::{LuckKey, RecordedMeasures};
use counterplay_analysis::Analysis;
use counterplay_game::expression::ParameterId;
use counterplay_inference::distribution::Distribution;
use counterplay_inference::prior::Prior;

/// Replays behind each share that is compared; `COUNTERPLAY_REPLAYS` in the environment asks for more.
fn replays() -> u64 {
    std::env::var("COUNTERPLAY_REPLAYS").ok().and_then(|n| n.parse().ok()).unwrap_or(20_000)
}

/// Nothing but the answers, at the one point that there is.
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

/// A random story of which every number is known, with a random record.
fn known_story(seed: u64, counted: bool) -> (Scenario, Vec<f64>) {
    let (mut scenario, point) = (random_scenario(seed), random_point(seed));
    for (prior, value) in scenario.priors.iter_mut().zip(&point) {
        *prior = Prior::Single(Distribution::Point(scenario.expressions.constant(*value)));
    }
    let told = model(&scenario);
    let mut evaluator = evaluator(&told);
    let found = evaluator.solve(&point).unwrap();
    let all = histories(told.game(), &evaluator.odds(&found)[0]);
    let happened = &all[seed as usize % all.len()];
    scenario.record = random_record(seed, happened, counted);
    if !happened.is("event 0", "branch 0") {
        // Only those histories have a count.
        scenario.record.measured.remove("count");
    }
    scenario.about = Some(("balance".into(), "up".into()));
    (scenario, point)
}

/// Something that is done to the story, and who foresees it.
fn intervention(dice: &mut Dice, scenario: &mut Scenario) -> (Vec<Intervention>, Foresight) {
    let told = model(scenario);
    let game = told.game();
    let some: Vec<_> = game.nodes().filter(|n| game.child_count(*n) > 0).collect();
    let node = some[dice.below(some.len())];
    let event = EventName::parse(&game.event_name(game.event_id(node)));
    let action = game.text(game.branch_label(node, dice.below(game.child_count(node)))).to_owned();
    let players = || ["A", "B", "C"].map(str::to_owned).to_vec();
    let (change, foresight) = match dice.below(9) {
        0 | 1 => (Act::Change(Change::Force { event, action }), Foresight::Nobody),
        2 => (Act::Change(Change::Force { event, action }), Foresight::ByKind),
        3 => (Act::Change(Change::Forbid { event, action }), Foresight::Nobody),
        4 => (Act::Change(Change::Show { event, to: players() }), Foresight::All),
        5 | 6 => (Act::Change(Change::Remove { event }), Foresight::All),
        _ => {
            let to = scenario.expressions.constant(2.0 * dice.uniform() - 0.5);
            (Act::Set(ParameterId::new(dice.below(4)), to), Foresight::All)
        }
    };
    (vec![Intervention { act: change, text: String::new() }], foresight)
}

/// A random story with something that is done to it; the same each time.
fn case(seed: u64, counted: bool) -> (Scenario, Vec<f64>, Vec<Intervention>, Foresight, Dice) {
    let (mut scenario, point) = known_story(seed, counted);
    let mut dice = Dice::new(seed + 1_000);
    let (interventions, foresight) = intervention(&mut dice, &mut scenario);
    (scenario, point, interventions, foresight, dice)
}

/// What many replays say of the world as it was and of another.
struct Replayed {
    up: Vec<bool>,
    up_before: Vec<bool>,
    unchanged: usize,
    /// The measured quantities of the other world, by name.
    measured: Vec<(String, Vec<f64>)>,
}

/// Replays with luck that agrees with the record, or if none is known, with free luck.
fn replayed(
    inquiry: &Inquiry<'_>,
    (first, second): (WorldId, WorldId),
    point: &[f64],
    luck: LuckRule,
    known: bool,
) -> Replayed {
    let scene = inquiry.factual();
    let mut evaluator = evaluator(scene.model());
    let found = evaluator.solve(point).unwrap();
    let (odds, values): (Vec<LogOdds>, _) = (evaluator.odds(&found), evaluator.all_values().to_vec());
    let mut weights = Weights::default();
    let consistent = scene.model().consistent().unwrap();
    consistent.weigh(scene.model().unfolded(), &odds, &values, &mut weights);
    let recorded = RecordedMeasures::new(&inquiry.scenario().record, &inquiry.catalogue);
    let [first, second] = [first, second].map(|w| inquiry.at(w, point).unwrap());
    let wanted = inquiry.catalogue.value("balance", "up");
    let up = |at: &WorldAt<'_>, end| wanted.is_some_and(|w| at.scene().outcomes(end).contains(&w));
    let mut dice = Dice::new(99);
    let mut all = Replayed { up: Vec::new(), up_before: Vec::new(), unchanged: 0, measured: Vec::new() };
    for key in 0..replays() {
        let held = if known {
            let history = consistent.draw(&weights, || dice.uniform());
            scene.abduct(LuckKey::new(key), &odds, &values, &history, &recorded, &inquiry.catalogue)
        } else {
            LuckKey::new(key).luck()
        };
        let again: Luck = LuckKey::new(1_000_000 + key).luck();
        let (before, after) = match luck {
            LuckRule::Held => (&held, None),
            LuckRule::RedrawnAfter => (&held, Some(&again)),
            LuckRule::Redrawn => (&again, None),
        };
        let (then, now) = (first.replay(&held), second.replay_with(LuckOf { before, after }));
        all.up_before.push(up(&first, then.end()));
        all.up.push(up(&second, now.end()));
        all.unchanged += usize::from(then.signature == now.signature);
        for (number, value) in second.measured(&inquiry.catalogue, &now, before, &again).into_iter().flatten()
        {
            let name = &inquiry.catalogue.measures[number];
            match all.measured.iter_mut().find(|m| m.0 == *name) {
                Some(known) => known.1.push(value),
                None => all.measured.push((name.clone(), vec![value])),
            }
        }
    }
    all
}

fn share(of: impl Iterator<Item = bool>) -> f64 {
    let all: Vec<bool> = of.collect();
    all.iter().filter(|x| **x).count() as f64 / all.len() as f64
}

/// Whether a world's answer is what replays say.
fn assert_answer(analysis: &Analysis, found: &Replayed, seed: u64) {
    let answer = &analysis.answers[0];
    let count = replays() as usize;
    assert!(!answer.replayed, "story {seed} was replayed");
    assert_share(share(found.up.iter().copied()), probability(&answer.world, "balance", "up"), count);
    assert_share(found.unchanged as f64 / count as f64, answer.unchanged_share, count);
    assert_eq!(answer.about_probability.low, answer.about_probability.high);
    for measure in &answer.world.measures {
        let none = Vec::new();
        let values = found.measured.iter().find(|m| m.0 == measure.name).map_or(&none, |m| &m.1);
        assert_share(values.len() as f64 / count as f64, measure.measured_probability, count);
        if values.is_empty() {
            continue;
        }
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64;
        let error = (variance / values.len() as f64).sqrt();
        // Means over a stretch of ranks are taken at 512 of them.
        let allowed = 4.5 * error + 1e-3 * variance.sqrt() + 1e-9;
        assert!(
            (mean - measure.mean.mean).abs() < allowed,
            "{seed} {}: {mean}, {}",
            measure.name,
            measure.mean.mean
        );
    }
}

#[test]
fn what_ifs_are_what_many_replays_say() {
    for seed in 0..80 {
        let (mut scenario, point, interventions, foresight, mut dice) = case(seed, true);
        let luck = [LuckRule::Held, LuckRule::RedrawnAfter, LuckRule::RedrawnAfter, LuckRule::Redrawn]
            [dice.below(4)];
        let plan = Plan::new(&interventions, &foresight, luck).unwrap();
        let told = Model::new(&scenario, Limits::default(), &Unwatched).unwrap();
        let other = case(seed, true).0;
        let mut inquiry = Inquiry::new(&other, told, Limits::default(), &Unwatched);
        let Ok(world) = inquiry.world(&plan) else { continue };
        let found = replayed(&inquiry, (WorldId::FACTUAL, world), &point, luck, true);
        scenario.questions.push(Question {
            name: "other".into(),
            interventions,
            foresight,
            luck,
            place: None,
        });
        assert_answer(&analysed(&scenario, &settings()), &found, seed);
    }
}

/// Necessity given the record, and sufficiency where nothing is known.
#[test]
fn the_probabilities_of_causation_are_what_many_replays_say() {
    let mut compared = 0;
    for seed in 0..60 {
        let (mut scenario, point, interventions, _, _) = case(seed, false);
        let plan = Plan::new(&interventions, &Foresight::ByKind, LuckRule::Held).unwrap();
        let told = Model::new(&scenario, Limits::default(), &Unwatched).unwrap();
        let other = case(seed, false).0;
        let mut inquiry = Inquiry::new(&other, told, Limits::default(), &Unwatched);
        let Ok(world) = inquiry.world(&plan) else { continue };
        let worlds = (WorldId::FACTUAL, world);
        let known = replayed(&inquiry, worlds, &point, LuckRule::Held, true);
        let free = replayed(&inquiry, worlds, &point, LuckRule::Held, false);
        scenario.factors.push(Factor {
            name: "factor".into(),
            absent: interventions,
            present: Vec::new(),
            group: None,
            place: None,
        });
        let analysis = analysed(&scenario, &settings());
        let factor = &analysis.attributions[0].factors[0];
        let pairs = |r: &Replayed| r.up_before.iter().copied().zip(r.up.iter().copied()).collect::<Vec<_>>();
        let with: Vec<_> = pairs(&known).into_iter().filter(|p| p.0).collect();
        if !with.is_empty() {
            assert_share(share(with.iter().map(|p| !p.1)), factor.necessity.mean, with.len());
        }
        let without: Vec<_> = pairs(&free).into_iter().filter(|p| !p.1).collect();
        if !without.is_empty() {
            assert_share(share(without.iter().map(|p| p.0)), factor.sufficiency.mean, without.len());
        }
        let both = share(pairs(&free).into_iter().map(|p| p.0 && !p.1));
        assert_share(both, factor.necessity_and_sufficiency.mean, replays() as usize);
        compared += 1;
    }
    assert!(compared > 40);
}
