//! What the tests of the core share: scenarios from text, analyses of them, and random numbers of their own.

#![allow(dead_code, reason = "no test uses all of it")]
#![allow(clippy::unwrap_used, reason = "a test may fail")]

pub(crate) mod random_story;
pub(crate) mod reference;

use counterplay::assemble::analyse::analyse;
use counterplay::model::odds::LogOdds;
use counterplay::model::{Evaluator, Model};
use counterplay::scenario::Scenario;
use counterplay::settings::Settings;
use counterplay::story::limits::Limits;
use counterplay::watch::Unwatched;
use counterplay_analysis::{Analysis, Answer, World};
use counterplay_equilibrium::logit;
use counterplay_game::id::NodeId;
use counterplay_game::tree::Game;
use counterplay_language::{Files, ReadLimits, read};

/// Random numbers that share nothing with the library's (xorshift64*; Vigna 2016).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// Between 0 and 1, without the ends.
    pub(crate) fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    pub(crate) fn below(&mut self, count: usize) -> usize {
        (self.uniform() * count as f64) as usize
    }

    pub(crate) fn gumbel(&mut self) -> f64 {
        -(-self.uniform().ln()).ln()
    }

    pub(crate) fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (2.0 * std::f64::consts::PI * self.uniform()).cos()
    }
}

/// The scenario of a text.
pub(crate) fn scenario(text: &str) -> Scenario {
    read("test", &Files::of_scenario(text), &ReadLimits::default()).unwrap_or_else(|p| panic!("{p}"))
}

/// Settings for a scenario whose parameters are known: draws differ by their luck alone.
pub(crate) fn many_replays() -> Settings {
    Settings {
        draws: 100,
        warmup: 0,
        answer_draws: 400,
        replays: 250,
        evidence_draws: 10,
        ..Settings::default()
    }
}

pub(crate) fn analysed(scenario: &Scenario, settings: &Settings) -> Analysis {
    analyse(scenario, settings, &Unwatched).unwrap_or_else(|f| panic!("{f}"))
}

pub(crate) fn model(scenario: &Scenario) -> Model {
    Model::new(scenario, Limits::default(), &Unwatched).unwrap_or_else(|p| panic!("{p}"))
}

/// An evaluator that solves play as well as it can.
pub(crate) fn evaluator(model: &Model) -> Evaluator {
    model.evaluator(logit::Settings {
        tolerance: 1e-14,
        gradient_tolerance: 1e-12,
        ..logit::Settings::default()
    })
}

pub(crate) fn answer<'a>(analysis: &'a Analysis, name: &str) -> &'a Answer {
    analysis.answers.iter().find(|a| a.name == name).unwrap()
}

/// The mean probability that an outcome has a value in a world.
pub(crate) fn probability(world: &World, outcome: &str, value: &str) -> f64 {
    let outcome = world.outcomes.iter().find(|o| o.outcome == outcome).unwrap();
    outcome.values.iter().find(|v| v.0 == value).map_or(0.0, |v| v.1.mean)
}

/// Whether a share among `count` independent trials is what `expected` makes it, within 4.5 standard errors.
pub(crate) fn assert_share(found: f64, expected: f64, count: usize) {
    let error = (expected * (1.0 - expected) / count as f64).sqrt();
    assert!(
        (found - expected).abs() <= 4.5 * error + 1e-12,
        "{found} is not {expected} within 4.5 x {error}"
    );
}

/// The statistic of Pearson's test, and its degrees of freedom; what is expected less than 5 times is pooled.
pub(crate) fn chi_square(found: &[usize], expected_shares: &[f64]) -> (f64, usize) {
    let count: usize = found.iter().sum();
    let mut bins = vec![(0.0, 0.0)];
    for (&n, share) in found.iter().zip(expected_shares) {
        let (n, expected) = (n as f64, share * count as f64);
        if expected >= 5.0 {
            bins.push((n, expected));
        } else {
            bins[0] = (bins[0].0 + n, bins[0].1 + expected);
        }
    }
    bins.retain(|bin| bin.1 >= 1.0);
    (bins.iter().map(|(n, e)| (n - e).powi(2) / e).sum(), bins.len() - 1)
}

/// What a chi-square number exceeds with probability 1e-4 (Wilson and Hilferty 1931; 3.719 is the normal's).
pub(crate) fn chi_square_limit(degrees: usize) -> f64 {
    let spread = 2.0 / (9.0 * degrees as f64);
    degrees as f64 * (1.0 - spread + 3.719 * spread.sqrt()).powi(3)
}

/// A history: its end, the events with the labels that they turned out as, and its probability.
pub(crate) struct History {
    pub(crate) end: NodeId,
    pub(crate) events: Vec<(String, String)>,
    pub(crate) probability: f64,
}

impl History {
    pub(crate) fn label(&self, event: &str) -> Option<&str> {
        self.events.iter().find(|e| e.0 == event).map(|e| e.1.as_str())
    }

    pub(crate) fn is(&self, event: &str, label: &str) -> bool {
        self.label(event) == Some(label)
    }
}

/// All histories, by walking the tree from its root and multiplying.
pub(crate) fn histories(game: &Game, odds: &LogOdds) -> Vec<History> {
    let mut found = Vec::new();
    let mut open = vec![(NodeId::new(Game::ROOT), Vec::new(), 1.0)];
    while let Some((node, events, probability)) = open.pop() {
        if game.child_count(node) == 0 {
            found.push(History { end: node, events, probability });
            continue;
        }
        for branch in 0..game.child_count(node) {
            let mut events: Vec<(String, String)> = events.clone();
            let label = game.text(game.branch_label(node, branch)).to_owned();
            events.push((game.event_name(game.event_id(node)), label));
            open.push((game.child(node, branch), events, probability * odds.at(game, node)[branch].exp()));
        }
    }
    found
}

/// The histories of a scenario whose parameters are known.
pub(crate) fn told(scenario: &Scenario) -> Vec<History> {
    let model = model(scenario);
    let mut evaluator = evaluator(&model);
    let point = scenario.joint_prior(&[]).unwrap();
    let mut parameters = Vec::new();
    let combination = point.combinations().next().unwrap();
    point.constrain(&mut point.workspace(&combination), &[], &mut parameters);
    let found = evaluator.solve(&parameters).unwrap();
    histories(model.game(), &LogOdds::new(evaluator.numbers(), found.of_state(0)))
}

/// The probability of what `of` picks among the histories that `given` picks.
pub(crate) fn conditional(
    all: &[History],
    of: impl Fn(&History) -> bool,
    given: impl Fn(&History) -> bool,
) -> f64 {
    let sum =
        |pick: &dyn Fn(&History) -> bool| all.iter().filter(|h| pick(h)).map(|h| h.probability).sum::<f64>();
    sum(&|h| of(h) && given(h)) / sum(&given)
}
