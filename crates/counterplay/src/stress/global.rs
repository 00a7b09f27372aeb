//! Where the variance of a prediction, or of an answer, comes from.

use counterplay_equilibrium::logit::Equilibrium;
use counterplay_game::expression::ParameterId;
use counterplay_math::powi;
use rayon::prelude::*;

use super::Material;
use crate::agreement::LogOdds;
use crate::analysis::{GlobalSensitivity, Learning, OutcomeValue, ShareInterval, VarianceShare};
use crate::evidence::Weighed;
use crate::hash::Key;
use crate::inquiry::Inquiry;
use crate::interval::moments;
use crate::model::{Evaluator, NoValue, ROUGH_SETTINGS};
use crate::prior::JointPrior;
use crate::prospect::probability;
use crate::scenario::Scenario;
use crate::sobol::{Index, first_order, first_order_value, totals};
use crate::watch::{Stage, Watch};

/// Dimensions of the quasi-random sequence; beyond them another scrambling of it is used.
const DIMENSIONS: usize = 256;
/// At most so many parameters are named to learn about.
const WORTH_LEARNING: usize = 3;

/// What foretells, at given parameters, the probability of the outcome that a case is about, before anything is known.
pub(crate) trait Forecast: Sync {
    /// What solves play, one for each thread.
    type Evaluator: Clone + Send + Sync;

    /// Something that solves play.
    fn evaluator(&self) -> Self::Evaluator;

    /// The probability at each of some points; not a number where play cannot be solved.
    fn probabilities(&self, evaluator: &mut Self::Evaluator, points: &[&[f64]]) -> Vec<f64>;
}

/// The forecast of a story that ends.
pub(crate) struct TreeForecast<'a> {
    pub(crate) inquiry: &'a Inquiry<'a>,
    pub(crate) about: (usize, usize),
}

impl Forecast for TreeForecast<'_> {
    type Evaluator = Evaluator;

    fn evaluator(&self) -> Evaluator {
        self.inquiry.factual().model().evaluator(ROUGH_SETTINGS)
    }

    fn probabilities(&self, evaluator: &mut Evaluator, points: &[&[f64]]) -> Vec<f64> {
        let found = evaluator.solve_all(points);
        let one = |(found, point): (Result<Equilibrium, NoValue>, &&[f64])| {
            let Ok(found) = found.and_then(|found| evaluator.load(point).map(|()| found)) else {
                return f64::NAN;
            };
            let odds = LogOdds::new(evaluator.numbers(), &found.play);
            probability(self.inquiry.factual(), &odds, self.about)
        };
        found.into_iter().zip(points).map(one).collect()
    }
}

/// The prior prediction whose variance is shared out.
pub(crate) struct Predicting<'a, F> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) forecast: &'a F,
    pub(crate) prior: &'a JointPrior,
    /// Independent draws from the prior.
    pub(crate) drawn: &'a Weighed,
    /// The probability of the outcome at each of these.
    pub(crate) probabilities: &'a [f64],
    pub(crate) of: OutcomeValue,
    /// Points of the design.
    pub(crate) points: usize,
    pub(crate) seed: u64,
    pub(crate) watch: &'a dyn Watch,
}

impl<F: Forecast> Predicting<'_, F> {
    /// Shares the variance out; `None` if there is nothing uncertain, no point is asked for, or it was cancelled.
    pub(crate) fn run(&self) -> Option<GlobalSensitivity> {
        let inputs = self.inputs();
        if inputs.is_empty() || self.points == 0 {
            return None;
        }
        let rows = self.design(inputs.len())?;
        let base: Vec<f64> = rows.iter().map(|row| row[0]).collect();
        let exchanged: Vec<Vec<f64>> =
            (1..=inputs.len()).map(|i| rows.iter().map(|row| row[i]).collect()).collect();
        let unsolved = rows.iter().flatten().filter(|y| y.is_nan()).count();
        let totals = totals(&base, &exchanged, self.seed);
        let solved: Vec<usize> =
            (0..self.probabilities.len()).filter(|&n| !self.probabilities[n].is_nan()).collect();
        let output: Vec<f64> = solved.iter().map(|&n| self.probabilities[n]).collect();
        let points: Vec<&[f64]> = self.drawn.prior().collect();
        let share = |(parameter, total): (&ParameterId, Index)| {
            let input: Vec<f64> = solved.iter().map(|&n| points[n][parameter.index()]).collect();
            let parameter = &self.scenario.parameters[parameter.index()];
            VarianceShare {
                parameter: parameter.name.clone(),
                judgement_only: parameter.judgement_only(),
                first_order: interval(first_order(&input, &output, self.seed)),
                total: interval(total),
            }
        };
        let (mean, sd) = moments(&output);
        Some(GlobalSensitivity {
            of: self.of.clone(),
            mean,
            sd,
            draws: output.len(),
            points: self.points,
            unsolved,
            shares: inputs.iter().zip(totals).map(share).collect(),
        })
    }

    /// The parameter behind each uniform number that the prior takes.
    fn inputs(&self) -> Vec<ParameterId> {
        let owners = self.prior.owners().into_iter().map(|owner| owner.1);
        owners.chain(self.prior.categorical_parameters()).collect()
    }

    /// For each point, the probability there, and with one input after the other exchanged.
    fn design(&self, inputs: usize) -> Option<Vec<Vec<f64>>> {
        let evaluator = self.forecast.evaluator();
        let done = std::sync::atomic::AtomicUsize::new(0);
        let row = |evaluator: &mut F::Evaluator, point: usize| {
            if self.watch.cancelled() {
                return None;
            }
            let own: Vec<f64> = (0..inputs).map(|d| self.coordinate(point, d)).collect();
            let mut points = vec![self.prior.at_uniforms(&own).theta];
            for input in 0..inputs {
                let mut exchanged = own.clone();
                exchanged[input] = self.coordinate(point, inputs + input);
                points.push(self.prior.at_uniforms(&exchanged).theta);
            }
            let points: Vec<&[f64]> = points.iter().map(Vec::as_slice).collect();
            let row = self.forecast.probabilities(evaluator, &points);
            let done = done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
            self.watch.advance(Stage::Stress, done, Some(self.points));
            Some(row)
        };
        (0..self.points).into_par_iter().map_init(|| evaluator.clone(), row).collect()
    }

    /// A coordinate of an Owen-scrambled Sobol' sequence, strictly between 0 and 1.
    fn coordinate(&self, point: usize, dimension: usize) -> f64 {
        let scrambling = (dimension / DIMENSIONS) as u64;
        let seed = Key::new(self.seed).with(Key::of_text("design")).with(scrambling).uniform();
        let seed = (seed * f64::from(u32::MAX)) as u32;
        let grid = f64::from(sobol_burley::sample(point as u32, (dimension % DIMENSIONS) as u32, seed));
        // It has 24 bits, and can be zero.
        grid + powi(0.5, 25)
    }
}

impl Material<'_> {
    /// For each what-if whose answer varies, the parameters that are worth learning.
    pub(super) fn learning(&self) -> Vec<Learning> {
        let parameters: Vec<(usize, Vec<f64>)> = self
            .scenario
            .parameters
            .iter()
            .filter(|p| !self.prior.is_point(p.block))
            .map(|p| (p.id.index(), self.parameter(p.id.index())))
            .collect();
        let of = |(question, asked): (usize, &crate::scenario::Question)| {
            let answer = self.answer(question);
            let mut shares: Vec<(usize, f64)> = parameters
                .iter()
                .enumerate()
                .map(|(at, (_, values))| (at, first_order_value(values, &answer)))
                .collect();
            shares.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            let named = shares.iter().take(WORTH_LEARNING).map(|&(at, _)| {
                let (index, values) = &parameters[at];
                let share = interval(first_order(values, &answer, self.seed));
                (self.scenario.parameters[*index].name.clone(), share)
            });
            Learning {
                what_if: asked.name.clone(),
                parameters: named.filter(|(_, share)| share.low > 0.0).collect(),
            }
        };
        let varies = |question: usize| moments(&self.answer(question)).1 > 0.0;
        self.scenario.questions.iter().enumerate().filter(|q| varies(q.0)).map(of).collect()
    }
}

fn interval(index: Index) -> ShareInterval {
    ShareInterval { value: index.value, low: index.low, high: index.high }
}
