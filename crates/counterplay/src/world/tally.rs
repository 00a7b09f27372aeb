//! Counting what follows in a world, draw by draw.

use crate::scenario::{Question, as_written};
use crate::world::catalogue::{Catalogue, OutcomeIndex};
use crate::world::history::Replayed;
use crate::world::scene::Scene;
use counterplay_analysis::interval::{distribution, estimate, interval};
use counterplay_analysis::{Answer, MeasureSummary, OutcomeSummary, World};

/// What one draw says of one world.
#[derive(Clone, Debug, Default)]
pub(crate) struct WorldDraw {
    /// For each outcome and value, its probability.
    pub(crate) probabilities: Vec<Vec<f64>>,
    /// For each measured quantity, its values in the histories that measure it.
    pub(crate) measured: Vec<Vec<f64>>,
    /// How many histories were counted.
    pub(crate) histories: usize,
}

impl WorldDraw {
    /// The probability that an outcome has a value.
    pub(crate) fn probability(&self, of: OutcomeIndex) -> f64 {
        self.probabilities[of.outcome][of.value]
    }

    /// Counts the replays of a scene: which outcomes they state last, and what they measure last.
    pub(crate) fn count(
        catalogue: &Catalogue,
        scene: &Scene,
        replays: &[Replayed],
        measures: &[Vec<Vec<(usize, f64)>>],
    ) -> Self {
        let mut draw = Self {
            probabilities: catalogue.outcomes.iter().map(|o| vec![0.0; o.1.len()]).collect(),
            measured: vec![Vec::new(); catalogue.measures.len()],
            histories: replays.len(),
        };
        for replay in replays {
            let last = scene.last_stated(&replay.steps, catalogue.outcomes.len());
            for (outcome, value) in last.into_iter().enumerate() {
                if let Some(value) = value {
                    draw.probabilities[outcome][value] += 1.0;
                }
            }
        }
        // Counted first: a sum of rounded shares can come out above one.
        for probability in draw.probabilities.iter_mut().flatten() {
            *probability /= replays.len().max(1) as f64;
        }
        for history in measures {
            let mut last = vec![None; catalogue.measures.len()];
            for &(measure, value) in history.iter().flatten() {
                last[measure] = Some(value);
            }
            for (values, value) in draw.measured.iter_mut().zip(last) {
                values.extend(value);
            }
        }
        draw
    }

    /// The mean of each measured quantity; not a number where no history measures it.
    pub(crate) fn means(&self) -> Vec<f64> {
        self.measured.iter().map(|m| m.iter().sum::<f64>() / m.len() as f64).collect()
    }
}

/// The answer to a what-if: its world and the factual one, draw by draw, and in each the share of histories that it left
/// as they were. `about` is the outcome, with its value, that the case is about.
pub(crate) fn answer(
    catalogue: &Catalogue,
    asked: &Question,
    about: OutcomeIndex,
    world: &[&WorldDraw],
    factual: &[&WorldDraw],
    unchanged: &[f64],
) -> Answer {
    let probability = |w: &&WorldDraw| w.probability(about);
    let probabilities: Vec<f64> = world.iter().map(probability).collect();
    let change: Vec<f64> =
        probabilities.iter().zip(factual).map(|(p, factual)| p - probability(factual)).collect();
    Answer {
        name: asked.name.clone(),
        interventions: as_written(&asked.interventions),
        foreseen: asked.foresight.by_all(&asked.interventions),
        foreseen_by: asked.foresight.only().to_vec(),
        luck: asked.luck.word().to_owned(),
        about_probability: interval(&probabilities),
        about_change: interval(&change),
        world: summarise(catalogue, world),
        unchanged_share: estimate(unchanged).value,
    }
}

/// A world over all draws that have an answer.
pub(crate) fn summarise(catalogue: &Catalogue, draws: &[&WorldDraw]) -> World {
    let outcomes = catalogue.outcomes.iter().enumerate().map(|(o, (name, values))| OutcomeSummary {
        outcome: name.clone(),
        values: values
            .iter()
            .enumerate()
            .map(|(v, value)| {
                let over: Vec<f64> = draws.iter().map(|d| d.probabilities[o][v]).collect();
                (value.clone(), interval(&over))
            })
            .collect(),
    });
    let measures = catalogue.measures.iter().enumerate().map(|(m, name)| {
        let all: Vec<f64> = draws.iter().flat_map(|d| d.measured[m].iter().copied()).collect();
        let histories: usize = draws.iter().map(|d| d.histories).sum();
        let means: Vec<f64> = draws.iter().map(|d| d.means()[m]).collect();
        MeasureSummary {
            name: name.clone(),
            measured_probability: all.len() as f64 / histories.max(1) as f64,
            distribution: distribution(&all),
            mean: interval(&means),
        }
    });
    World { outcomes: outcomes.collect(), measures: measures.collect() }
}
