//! What was to be expected of a process before anything of the record was known.

use rayon::prelude::*;

use super::asked::Asked;
use super::course::Course;
use super::model::ProcessEvaluator;
use crate::answer::prior_prediction::Prospect;
use crate::model::agreement::LogOdds;
use crate::robustness::sensitivity::Forecast;
use crate::world::tally;
use crate::world::tally::WorldDraw;
use counterplay_inference::key::Key;
use counterplay_inference::marginal::MarginalLikelihood;

/// Histories told at each draw at which any are.
const HISTORIES: usize = 50;

/// At so many draws histories are told; the probability of the outcome is exact, and found at all of them.
const TOLD: usize = 100;

/// The forecast of a process: the exact probability of the outcome that the case is about.
pub(super) struct ProcessForecast<'a> {
    pub(super) asked: &'a Asked<'a>,
    pub(super) course: &'a Course,
}

impl ProcessForecast<'_> {
    fn solved(&self, evaluator: &mut ProcessEvaluator, parameters: &[f64]) -> Option<(Vec<LogOdds>, f64)> {
        let found = evaluator.solve(parameters).ok()?;
        let odds = evaluator.odds(&found.play);
        let probability = self.course.unknowing(self.asked.model.process(), &odds);
        Some((odds, probability))
    }

    /// What comes of the process at draws from the prior.
    pub(super) fn prior_prediction(&self, prior: &MarginalLikelihood) -> Prospect {
        let asked = self.asked;
        let one = |evaluator: &mut ProcessEvaluator, (index, draw): (usize, &&[f64])| {
            let (odds, probability) = self.solved(evaluator, draw)?;
            let key = Key::new(asked.work.seed).with(Key::of_text("prior")).with(index as u64);
            let histories = || asked.prospect(evaluator, &odds, key, HISTORIES).1;
            Some(((index < TOLD).then(histories), probability))
        };
        let draws: Vec<&[f64]> = prior.prior().collect();
        let evaluator = asked.model.evaluator();
        let told: Vec<Option<(Option<WorldDraw>, f64)>> =
            draws.par_iter().enumerate().map_init(|| evaluator.clone(), one).collect();
        let about = told.iter().map(|t| t.as_ref().map_or(f64::NAN, |t| t.1)).collect();
        let told: Vec<&WorldDraw> = told.iter().flatten().filter_map(|t| t.0.as_ref()).collect();
        Prospect { world: tally::summarise(&asked.catalogue, &told), about, off_branch: 0 }
    }
}

impl Forecast for ProcessForecast<'_> {
    type Evaluator = ProcessEvaluator;

    fn evaluator(&self) -> ProcessEvaluator {
        self.asked.model.evaluator()
    }

    fn probabilities(&self, evaluator: &mut ProcessEvaluator, points: &[&[f64]]) -> Vec<f64> {
        points.iter().map(|point| self.solved(evaluator, point).map_or(f64::NAN, |found| found.1)).collect()
    }
}
