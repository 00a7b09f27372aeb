//! What follows in a world, draw by draw, and over all draws.

use counterplay_math::statistics::{moments, to_twelve_digits};

use crate::answer::query::{Cases, Target, values_of_mixture};
use crate::answer::stage_sums::{Course, mixture_mean};
use crate::scenario::{Question, as_written};
use crate::world::catalogue::{Catalogue, OutcomeIndex};
use crate::world::history::Replayed;
use crate::world::scene::Scene;
use counterplay_analysis::interval::{distribution, estimate, interval_beside_noise};
use counterplay_analysis::{Answer, MeasureSummary, OutcomeSummary, World};

/// What one draw says of a measured quantity.
#[derive(Clone, Debug, Default)]
pub(crate) struct MeasuredDraw {
    /// The probability that it is measured.
    pub(crate) probability: f64,
    /// Its mean, where it is measured; not a number where it never is.
    pub(crate) mean: f64,
    /// The variance that the mean has because finitely many histories were replayed.
    noise: f64,
    /// Values that stand for its distribution, each as likely as the others; fewer where it is rarely measured.
    pub(crate) values: Vec<f64>,
}

/// What one draw says of one world.
#[derive(Clone, Debug, Default)]
pub(crate) struct WorldDraw {
    /// For each outcome and value, its probability.
    pub(crate) probabilities: Vec<Vec<f64>>,
    /// For each measured quantity.
    pub(crate) measured: Vec<MeasuredDraw>,
    /// Of how many replays the probabilities are shares; `None` where they are exact.
    pub(crate) replays: Option<usize>,
}

/// How many values stand for the distribution of a measured quantity at one draw.
const VALUES: usize = 32;

impl WorldDraw {
    /// The probability that an outcome has a value.
    pub(crate) fn probability(&self, of: OutcomeIndex) -> f64 {
        self.probabilities[of.outcome][of.value]
    }

    /// The variance that a probability has because finitely many histories were replayed.
    fn noise(&self, probability: f64) -> f64 {
        self.replays.map_or(0.0, |count| probability * (1.0 - probability) / count.max(1) as f64)
    }

    /// Counts the replays of a scene: which outcomes they state last, and what they measure last.
    pub(crate) fn count(
        catalogue: &Catalogue,
        scene: &Scene,
        replays: &[Replayed],
        measures: &[Vec<Vec<(usize, f64)>>],
    ) -> Self {
        let mut probabilities = none(catalogue);
        for replay in replays {
            let last = scene.last_stated(&replay.steps, catalogue.outcomes.len());
            for (outcome, value) in last.into_iter().enumerate() {
                if let Some(value) = value {
                    probabilities[outcome][value] += 1.0;
                }
            }
        }
        // Counted first: a sum of rounded shares can come out above one.
        for probability in probabilities.iter_mut().flatten() {
            *probability /= replays.len().max(1) as f64;
        }
        let mut values = vec![Vec::new(); catalogue.measures.len()];
        for history in measures {
            let mut last = vec![None; catalogue.measures.len()];
            for &(measure, value) in history.iter().flatten() {
                last[measure] = Some(value);
            }
            for (values, value) in values.iter_mut().zip(last) {
                values.extend(value);
            }
        }
        let of_values = |values: Vec<f64>| {
            let (_, sd) = moments(&values);
            let count = values.len() as f64;
            MeasuredDraw {
                probability: count / replays.len().max(1) as f64,
                mean: values.iter().sum::<f64>() / count,
                noise: if values.is_empty() { 0.0 } else { sd * sd / count },
                values,
            }
        };
        Self {
            probabilities,
            measured: values.into_iter().map(of_values).collect(),
            replays: Some(replays.len()),
        }
    }

    /// Sums over all histories. `shift`, between 0 and 1, moves the values that stand for distributions, so that they fall
    /// elsewhere at each draw.
    pub(crate) fn summed(catalogue: &Catalogue, cases: &Cases<'_>, shift: f64) -> Self {
        let mut probabilities = none(catalogue);
        for case in &cases.list {
            for of in cases.scene.outcomes(case.end) {
                probabilities[of.outcome][of.value] += case.weight;
            }
        }
        for probability in probabilities.iter_mut().flatten() {
            *probability = to_twelve_digits(*probability);
        }
        let measured = |measure: usize| {
            let sum = cases.total(&Target::Measured(measure), &[]);
            MeasuredDraw {
                probability: to_twelve_digits(sum.given),
                mean: to_twelve_digits(sum.of / sum.given),
                noise: 0.0,
                values: cases.values_of(measure, VALUES, shift),
            }
        };
        Self { probabilities, measured: (0..catalogue.measures.len()).map(measured).collect(), replays: None }
    }

    /// What comes of a world in the end, summed over pairs of states; `shift` as of [`summed`](Self::summed).
    pub(crate) fn of_course(catalogue: &Catalogue, course: &Course, shift: f64) -> Self {
        let measured = |quantity: usize| {
            let mixture = course.measured(quantity, &|_, _| true);
            let (probability, mean) = mixture_mean(&mixture);
            MeasuredDraw {
                probability: to_twelve_digits(probability),
                mean: to_twelve_digits(mean),
                noise: 0.0,
                values: values_of_mixture(&mixture, VALUES, shift),
            }
        };
        Self {
            probabilities: course.outcomes(),
            measured: (0..catalogue.measures.len()).map(measured).collect(),
            replays: None,
        }
    }

    /// The mean of each measured quantity; not a number where no history measures it.
    pub(crate) fn means(&self) -> Vec<f64> {
        self.measured.iter().map(|m| m.mean).collect()
    }
}

fn none(catalogue: &Catalogue) -> Vec<Vec<f64>> {
    catalogue.outcomes.iter().map(|o| vec![0.0; o.1.len()]).collect()
}

/// What one draw says of a what-if besides what comes of its world.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Compared {
    /// The share of histories that it leaves as they were.
    pub(crate) unchanged: f64,
    /// The variance that the change of the outcome's probability has because finitely many histories were replayed.
    pub(crate) noise: f64,
}

/// The answer to a what-if: its world and the factual one, draw by draw, and in each what the two have in common. `about` is the
/// outcome, with its value, that the case is about.
pub(crate) fn answer(
    catalogue: &Catalogue,
    asked: &Question,
    about: OutcomeIndex,
    world: &[&WorldDraw],
    factual: &[&WorldDraw],
    compared: &[Compared],
) -> Answer {
    let probability = |w: &&WorldDraw| w.probability(about);
    let probabilities: Vec<f64> = world.iter().map(probability).collect();
    let noise: Vec<f64> = world.iter().map(|w| w.noise(w.probability(about))).collect();
    let change: Vec<f64> =
        probabilities.iter().zip(factual).map(|(p, factual)| p - probability(factual)).collect();
    let of_change: Vec<f64> = compared.iter().map(|c| c.noise).collect();
    Answer {
        name: asked.name.clone(),
        interventions: as_written(&asked.interventions),
        foreseen: asked.foresight.by_all(&asked.interventions),
        foreseen_by: asked.foresight.only().to_vec(),
        luck: asked.luck.word().to_owned(),
        about_probability: interval_beside_noise(&probabilities, &noise),
        about_change: interval_beside_noise(&change, &of_change),
        world: summarise(catalogue, world),
        unchanged_share: estimate(&compared.iter().map(|c| c.unchanged).collect::<Vec<_>>()).value,
        replayed: world.iter().any(|w| w.replays.is_some()),
        by_construction: false,
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
                let noise: Vec<f64> = draws.iter().map(|d| d.noise(d.probabilities[o][v])).collect();
                (value.clone(), interval_beside_noise(&over, &noise))
            })
            .collect(),
    });
    let measures = catalogue.measures.iter().enumerate().map(|(m, name)| {
        let over =
            |f: &dyn Fn(&MeasuredDraw) -> f64| draws.iter().map(|d| f(&d.measured[m])).collect::<Vec<_>>();
        let all: Vec<f64> = draws.iter().flat_map(|d| d.measured[m].values.iter().copied()).collect();
        MeasureSummary {
            name: name.clone(),
            measured_probability: estimate(&over(&|d| d.probability)).value,
            distribution: distribution(&all),
            mean: interval_beside_noise(&over(&|d| d.mean), &over(&|d| d.noise)),
        }
    });
    World { outcomes: outcomes.collect(), measures: measures.collect() }
}
