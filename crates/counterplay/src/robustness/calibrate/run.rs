//! One run: a world drawn, recorded, fitted and asked.

use std::sync::Arc;

use counterplay_math::powi;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::Design;
use crate::answer::replays::{Bench, Replays, Task};
use crate::posterior::fit;
use crate::scenario::{Record, Scenario};
use crate::watch::{Stage, Watch};
use crate::world::catalogue::OutcomeIndex;
use crate::world::history::Replayed;
use crate::world::inquiry::{Inquiry, WorldId};
use crate::world::luck::Luck;
use counterplay_inference::key::Key;
use counterplay_inference::prior::JointPrior;
use counterplay_inference::sampler::SamplerSettings;

/// Draws worlds and asks of them.
pub(super) struct Runner<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) prior: Arc<JointPrior>,
    /// The worlds of the what-ifs, with an empty record.
    pub(super) inquiry: &'a Inquiry<'a>,
    pub(super) questions: Vec<WorldId>,
    pub(super) about: OutcomeIndex,
    pub(super) design: &'a Design,
    pub(super) watch: &'a dyn Watch,
}

/// What one run tells.
pub(super) struct RunResult {
    /// The true parameter values.
    pub(super) point: Vec<f64>,
    /// The posterior draws that were asked.
    pub(super) draws: Vec<Vec<f64>>,
    /// For each what-if, what was true and what was answered.
    pub(super) answers: Vec<AnswerInRun>,
}

/// What was true of a what-if, and what was answered.
pub(super) struct AnswerInRun {
    /// The probability of the outcome given the true parameters and the record.
    pub(super) truth: f64,
    /// The same, estimated from as many replays as the answers are.
    pub(super) ranked: f64,
    /// Whether the outcome came true with the very luck of the world.
    pub(super) came_true: bool,
    /// The probability in every draw.
    pub(super) draws: Vec<f64>,
}

const WORLD: u64 = 21;
const TRUTH: u64 = 23;
const RANKED: u64 = 24;
const FIT: u64 = 25;

impl Runner<'_> {
    /// Draws, records, fits and asks; `None` if play cannot be solved or nothing is found.
    pub(super) fn run(&self, run: usize) -> Option<RunResult> {
        let key = Key::new(self.design.seed).with(Key::of_text("calibrate")).with(run as u64);
        let mut rng = ChaCha8Rng::seed_from_u64(self.design.seed);
        rng.set_stream((1 << 40) + run as u64);
        let point = self.prior.sample(&mut rng).theta;
        let luck = Luck::fresh(key.with(WORLD));
        let mut bench = Bench::new(self.inquiry);
        let task = Self::task(self.inquiry, key.with(WORLD), 1);
        let replayed = task.replay_luck(&mut bench, &point, &luck).ok()?;
        let record = self.record(&mut bench, &point, &replayed[0], &luck)?;
        let came_true =
            |world: &WorldId| self.inquiry.scene_of(*world).ends_with(&replayed[world.0].steps, self.about);
        let came_true: Vec<bool> = self.questions.iter().map(came_true).collect();

        let inquiry = self.inquiry.recording(&record).ok()?;
        let mut bench = Bench::new(&inquiry);
        let mut ask = |key: Key, replays: usize, draw: usize, point: &[f64]| {
            let replays = Self::task(&inquiry, key, replays).replay(&mut bench, draw, point).ok()?;
            Some(self.shares(&inquiry, &replays))
        };
        let truth = ask(key.with(TRUTH), self.design.true_replays, 0, &point)?;
        let ranked = ask(key.with(RANKED), self.design.replays, 0, &point)?;
        let posterior =
            fit(inquiry.factual().model(), &self.prior, &self.fit_settings(key), &Quiet(self.watch));
        let posterior = posterior.ok()?;
        let draws: Vec<Vec<f64>> =
            posterior.spread(self.design.ranked).into_iter().map(<[f64]>::to_vec).collect();
        let answered: Vec<Vec<f64>> = draws
            .iter()
            .enumerate()
            .map(|(d, draw)| ask(key.with(FIT), self.design.replays, d, draw))
            .collect::<Option<_>>()?;
        let asked = |k: usize| AnswerInRun {
            truth: truth[k],
            ranked: ranked[k],
            came_true: came_true[k],
            draws: answered.iter().map(|a| a[k]).collect(),
        };
        Some(RunResult { answers: (0..self.questions.len()).map(asked).collect(), point, draws })
    }

    fn fit_settings(&self, key: Key) -> SamplerSettings {
        let Design { chains, warmup, draws, .. } = *self.design;
        let seed = (key.with(FIT).uniform() * powi(2.0, 53)) as u64;
        SamplerSettings { seed, chains, warmup, draws, target_accept: 0.8, ..SamplerSettings::default() }
    }

    fn task<'b>(inquiry: &'b Inquiry<'b>, key: Key, replays: usize) -> Task<'b> {
        Task::plain(inquiry, (key.uniform() * powi(2.0, 53)) as u64, replays, Vec::new())
    }

    /// What the scenario records, of a history.
    fn record(&self, bench: &mut Bench, point: &[f64], history: &Replayed, luck: &Luck) -> Option<Record> {
        let scene = self.inquiry.factual();
        let game = scene.model().game();
        let path = game.path(history.end());
        let value = |event: &crate::story::terms::EventName| {
            let id = game.find_event(&event.to_string())?;
            let (node, branch) = path.iter().find(|step| game.event_id(step.0) == id)?;
            Some(game.text(game.branch_label(*node, *branch)).to_owned())
        };
        let recorded = &self.scenario.record;
        let events = recorded.events.iter().filter_map(|(event, _)| Some((event.clone(), value(event)?)));
        let values = [bench.factual_values(point).ok()?];
        let catalogue = &self.inquiry.catalogue;
        let measured = scene.measured(catalogue, &history.steps, &values, luck, luck);
        let measured = measured.into_iter().flatten();
        let measured = measured.map(|(number, value)| (catalogue.measures[number].clone(), value));
        Some(Record {
            events: events.collect(),
            measured: measured.filter(|m| recorded.measured.contains_key(&m.0)).collect(),
            place: recorded.place.clone(),
        })
    }

    /// The share of replays that lead to the outcome under each what-if.
    fn shares(&self, inquiry: &Inquiry<'_>, replays: &Replays) -> Vec<f64> {
        let share = |world: &WorldId| replays.probability(inquiry, *world, self.about);
        self.questions.iter().map(share).collect()
    }
}

/// Passes on that the work should stop, and nothing else.
struct Quiet<'a>(&'a dyn Watch);

impl Watch for Quiet<'_> {
    fn advance(&self, _: Stage, _: usize, _: Option<usize>) {}

    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}
