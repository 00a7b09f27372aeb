//! Where the variance of a prediction, or of an answer, comes from.

use counterplay_game::expression::ParameterId;
use rayon::prelude::*;

use super::Material;
use crate::answer::prior_prediction::Foreseen;
use crate::model::Evaluator;
use crate::scenario::Scenario;
use crate::watch::{Stage, Watch};
use counterplay_analysis::{GlobalSensitivity, Learning, OutcomeValue, ShareInterval, VarianceShare};
use counterplay_inference::marginal::MarginalLikelihood;
use counterplay_inference::prior::JointPrior;
use counterplay_inference::sobol::{Index, coordinate, first_order, first_order_value, totals};
use counterplay_math::statistics::moments;

/// At most this many parameters are named to learn about.
const WORTH_LEARNING: usize = 3;

/// The prior prediction whose variance is shared out.
pub(crate) struct Predicting<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) foreseen: Foreseen<'a>,
    pub(crate) prior: &'a JointPrior,
    /// Independent draws from the prior.
    pub(crate) drawn: &'a MarginalLikelihood,
    /// The probability of the outcome at each of these.
    pub(crate) probabilities: &'a [f64],
    pub(crate) of: OutcomeValue,
    /// Points of the design.
    pub(crate) points: usize,
    pub(crate) seed: u64,
    pub(crate) watch: &'a dyn Watch,
}

impl Predicting<'_> {
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
        let evaluator = self.foreseen.evaluator();
        let done = std::sync::atomic::AtomicUsize::new(0);
        let row = |evaluator: &mut Evaluator, point: usize| {
            if self.watch.cancelled() {
                return None;
            }
            let own: Vec<f64> = (0..inputs).map(|d| coordinate(self.seed, point, d)).collect();
            let mut points = vec![self.prior.at_uniforms(&own).theta];
            for input in 0..inputs {
                let mut exchanged = own.clone();
                exchanged[input] = coordinate(self.seed, point, inputs + input);
                points.push(self.prior.at_uniforms(&exchanged).theta);
            }
            let points: Vec<&[f64]> = points.iter().map(Vec::as_slice).collect();
            let row = self.foreseen.probabilities(evaluator, &points);
            let done = done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
            self.watch.advance(Stage::Stress, done, Some(self.points));
            Some(row)
        };
        (0..self.points).into_par_iter().map_init(|| evaluator.clone(), row).collect()
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
