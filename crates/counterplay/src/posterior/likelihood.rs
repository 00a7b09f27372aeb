//! The likelihood of a record as the samplers take it.

use counterplay_equilibrium::logit::LANES;
use counterplay_inference::sampler::NoDensity;
use counterplay_inference::tempering::LogLikelihood;

use crate::model::Evaluator;

impl LogLikelihood for Evaluator {
    const TOGETHER: usize = LANES;

    fn logs(&mut self, points: &[&[f64]]) -> Vec<Result<f64, NoDensity>> {
        let found = self.log_likelihoods(points);
        found.into_iter().map(|log| log.map_err(NoDensity::from)).collect()
    }
}
