//! Whether intervals hold what they promise: a simulation study over worlds whose truth is known.
//!
//! For each run a world is drawn: parameters $\theta^\star$ from the prior, luck, and with them the history that follows
//! from play. What the scenario records is recorded of it: the same events, where they occur, and the same measured
//! quantities. The scenario is fitted to that record, knowing neither $\theta^\star$ nor the luck, and asked its what-ifs.
//!
//! What an interval is to cover is $g(\theta^\star, r)$: the probability of the outcome under the what-if, given the true
//! parameters and the record $r$, over all luck that agrees with the record: a sum over all histories, or where these are too many,
//! the share of thousands of replays. Averaged over the prior, an interval of the posterior covers it at its nominal rate (Cook, Gelman and
//! Rubin 2006), whatever the record; runs whose record settles the answer, the same at every draw, are left out of the
//! count, since any interval covers there.
//!
//! *Ranks* (simulation-based calibration; Talts et al. 2018): the rank of the true value among $L$ posterior draws is
//! uniform on $0, \dots, L$ if everything from the prior to the answer is right. For an answer that is estimated from replays, the true
//! value is estimated from as many, so that the ranks are uniform exactly; ties are broken at random. Coverage is told from the same ranks: the central 90% of 400 ranks are 360. That of the exact value
//! is reported beside it; with few replays it differs, as answers are then noisy, and coarse near 0 and 1.
//!
//! *What came true*: under the what-if, the very luck of the drawn world leads to the outcome or does not. The mean of
//! the answers is to be the share of worlds in which it does; this checks abduction against plain simulation.

mod run;

use counterplay_math::gamma_tails;
use rayon::prelude::*;
use serde::Serialize;

use crate::error::Error;
use crate::model::Model;
use crate::problem::Problem;
use crate::scenario::Scenario;
use crate::story::limits::Limits;
use crate::watch::{Stage, Watch};
use crate::world::inquiry::Inquiry;
use crate::world::inquiry::enter_questions;
use counterplay_analysis::Estimate;
use counterplay_analysis::interval::estimate;
use counterplay_inference::key::Key;
use counterplay_math::statistics::moments;
use run::{RunResult, Runner};

/// How large the study is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Design {
    /// Worlds that are drawn and fitted.
    pub runs: usize,
    /// The seed of all randomness.
    pub seed: u64,
    /// Chains of each fit.
    pub chains: usize,
    /// Draws of each chain before those that are kept.
    pub warmup: usize,
    /// Kept draws of each chain.
    pub draws: usize,
    /// Posterior draws that are asked and ranked against, spread evenly over all.
    pub ranked: usize,
    /// Replays behind each answer that is not summed over.
    pub replays: usize,
    /// Replays behind each true value that is not summed over.
    pub true_replays: usize,
    /// Bounds on unfolding.
    pub limits: Limits,
}

impl Default for Design {
    fn default() -> Self {
        Self {
            runs: 1000,
            seed: 1,
            chains: 2,
            warmup: 200,
            draws: 400,
            ranked: 399,
            replays: 1000,
            true_replays: 4000,
            limits: Limits::default(),
        }
    }
}

/// What the study found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Calibration {
    /// Worlds that were drawn.
    pub runs: usize,
    /// Those that could not be fitted or solved; they are left out.
    pub failed: usize,
    /// Posterior draws that each true value is ranked among.
    pub ranked: usize,
    /// The what-ifs, in the order of the scenario: the probability of the outcome that the case is about.
    pub answers: Vec<Calibrated>,
    /// The parameters that are not plain numbers.
    pub parameters: Vec<Calibrated>,
}

/// How well the intervals of one quantity hold.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Calibrated {
    /// The what-if, or the parameter.
    pub name: String,
    /// Runs in which the record left it open.
    pub open: usize,
    /// For each nominal probability, the share of these runs in which the central interval of the draws covers the true
    /// value. Where a value and draws are equal, chance decides whether it lies inside.
    pub coverage: Vec<(f64, Estimate)>,
    /// The same for the central 90% and the exact value: luck makes the draws of an answer noisy and, near 0 and 1, coarse.
    pub coverage_of_exact: Estimate,
    /// How many ranks of true values fall into each of twenty bins of equal width.
    pub ranks: Vec<usize>,
    /// The probability of ranks as uneven as these if they were uniform ($\chi^2$ over the bins).
    pub uniformity: f64,
    /// The mean answer, over all runs; `None` for a parameter.
    pub predicted: Option<f64>,
    /// In how many worlds the outcome came true under the what-if with the very luck of the world, less the mean answer;
    /// `None` for a parameter.
    pub excess: Option<Estimate>,
}

/// The nominal probabilities of the intervals that are looked at.
pub const NOMINAL: [f64; 4] = [0.5, 0.8, 0.9, 0.95];
/// Bins of the rank histogram.
pub const BINS: usize = 20;

impl Calibrated {
    /// The share of the runs in which the central 90% covers the true value.
    pub fn coverage_of_90(&self) -> Option<Estimate> {
        self.coverage.iter().find(|c| c.0 == 0.9).map(|c| c.1)
    }
}

/// Draws worlds, fits and asks; see the [module](self).
///
/// # Errors
/// If the scenario is wrong or has no record, no what-if or no `about`, or the work was stopped.
pub fn calibrate(scenario: &Scenario, design: &Design, watch: &dyn Watch) -> Result<Calibration, Error> {
    if let Some(stage) = scenario.stages.first() {
        let problem = Problem::new("a process is not calibrated")
            .hint("calibration draws worlds of stories that end; leave out the stages");
        return Err(problem.at(stage.place.clone()).into());
    }
    let about = asked(scenario)?;
    let prior = scenario.joint_prior(&[]).map_err(|e| Problem::new(e.to_string()))?;
    let model = Model::changed(scenario, &[], design.limits, watch)?;
    // Told once, so that what is wrong with a what-if is found before the long work.
    let factual = model.clone().agreeing_with(&crate::scenario::Record::default())?;
    let mut inquiry = Inquiry::new(scenario, factual, design.limits, watch);
    let questions = enter_questions(&mut inquiry)?;
    let about = inquiry.catalogue.value(&about.0, &about.1).ok_or_else(|| {
        Problem::new(format!("the story never has the outcome `{}` = `{}`", about.0, about.1))
    })?;
    let runner = Runner { scenario, prior: prior.into(), inquiry: &inquiry, questions, about, design, watch };
    let done = std::sync::atomic::AtomicUsize::new(0);
    let one = |run: usize| {
        if watch.cancelled() {
            return None;
        }
        let told = runner.run(run);
        let done = done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
        watch.advance(Stage::Calibrate, done, Some(design.runs));
        Some(told)
    };
    let told: Option<Vec<Option<RunResult>>> = (0..design.runs).into_par_iter().map(one).collect();
    let told = told.filter(|_| !watch.cancelled()).ok_or(Error::CANCELLED)?;
    let good: Vec<&RunResult> = told.iter().flatten().collect();
    if good.is_empty() {
        return Err(Error::nothing("none of the worlds drawn could be fitted".to_owned()));
    }
    Ok(summarise(scenario, design, &told, &good))
}

fn asked(scenario: &Scenario) -> Result<(String, String), Problem> {
    if scenario.record.is_empty() {
        return Err(Problem::new("the scenario has no record, so there is nothing to fit to").hint(
            "say with `record({...})` which events are known; their values are drawn again in every run",
        ));
    }
    if scenario.questions.is_empty() {
        return Err(Problem::new("the scenario asks no what-if").hint("ask one with `what_if(...)`"));
    }
    scenario.about.clone().ok_or_else(|| {
        Problem::new("the scenario does not say what it is about")
            .hint("name the outcome and its value with `about` in `scenario(...)`")
    })
}

fn summarise(
    scenario: &Scenario,
    design: &Design,
    told: &[Option<RunResult>],
    good: &[&RunResult],
) -> Calibration {
    let key = Key::new(design.seed).with(Key::of_text("ties"));
    let answer = |(k, question): (usize, &crate::scenario::Question)| {
        let samples: Vec<Sample<'_>> = good.iter().map(|told| told.answers[k].sample()).collect();
        let mut found = calibrated(&question.name, &samples, key.with(k as u64));
        let means: Vec<f64> = good.iter().map(|told| moments(&told.answers[k].draws).0).collect();
        let excess: Vec<f64> = good
            .iter()
            .zip(&means)
            .map(|(told, mean)| f64::from(u8::from(told.answers[k].came_true)) - mean)
            .collect();
        found.predicted = Some(moments(&means).0);
        found.excess = Some(estimate(&excess));
        found
    };
    let parameter = |parameter: &crate::scenario::Parameter| {
        let index = parameter.id.index();
        let columns: Vec<Vec<f64>> =
            good.iter().map(|told| told.draws.iter().map(|d| d[index]).collect()).collect();
        let sample = |(told, draws)| {
            let told: &&RunResult = told;
            let draws: &Vec<f64> = draws;
            Sample { value: told.point[index], ranked: told.point[index], draws }
        };
        let samples: Vec<Sample<'_>> = good.iter().zip(&columns).map(sample).collect();
        calibrated(&parameter.name, &samples, key.with(u64::MAX - index as u64))
    };
    let parameters: Vec<Calibrated> = scenario.parameters.iter().map(parameter).collect();
    Calibration {
        runs: told.len(),
        failed: told.len() - good.len(),
        ranked: design.ranked,
        answers: scenario.questions.iter().enumerate().map(answer).collect(),
        parameters: parameters.into_iter().filter(|p| p.open > 0).collect(),
    }
}

/// One run's true value of a quantity, and its posterior draws.
struct Sample<'a> {
    value: f64,
    /// The value that is ranked: for an answer, estimated as those of the draws are.
    ranked: f64,
    draws: &'a [f64],
}

impl run::AnswerInRun {
    fn sample(&self) -> Sample<'_> {
        Sample { value: self.truth, ranked: self.ranked, draws: &self.draws }
    }
}

fn calibrated(name: &str, samples: &[Sample<'_>], key: Key) -> Calibrated {
    let varies = |sample: &&Sample<'_>| sample.draws.iter().any(|x| *x != sample.draws[0]);
    let open: Vec<(usize, &Sample<'_>)> = samples.iter().enumerate().filter(|s| varies(&s.1)).collect();
    // The place of a value among the draws, from 0 to 1.
    let place = |run: usize, value: f64, draws: &[f64]| {
        let below = draws.iter().filter(|x| **x < value).count();
        let ties = draws.iter().filter(|x| **x == value).count();
        let rank = below + (key.with(run as u64).uniform() * (ties + 1) as f64) as usize;
        (rank as f64 + 0.5) / (draws.len() + 1) as f64
    };
    let places: Vec<f64> = open.iter().map(|(run, s)| place(*run, s.ranked, s.draws)).collect();
    let exact: Vec<f64> = open.iter().map(|(run, s)| place(*run, s.value, s.draws)).collect();
    let covered = |places: &[f64], nominal: f64| {
        let inside = |place: &f64| f64::from(u8::from((place - 0.5).abs() < 0.5 * nominal));
        estimate(&places.iter().map(inside).collect::<Vec<_>>())
    };
    let mut ranks = vec![0; BINS];
    for place in &places {
        ranks[((place * BINS as f64) as usize).min(BINS - 1)] += 1;
    }
    Calibrated {
        name: name.to_owned(),
        open: open.len(),
        coverage: NOMINAL.iter().map(|&nominal| (nominal, covered(&places, nominal))).collect(),
        coverage_of_exact: covered(&exact, 0.9),
        uniformity: uniformity(&ranks),
        ranks,
        predicted: None,
        excess: None,
    }
}

/// The probability of counts as uneven as these, or more, if all bins were as likely.
fn uniformity(counts: &[usize]) -> f64 {
    let total: usize = counts.iter().sum();
    if total == 0 {
        return 1.0;
    }
    let expected = total as f64 / counts.len() as f64;
    let statistic: f64 = counts.iter().map(|&n| (n as f64 - expected).powi(2) / expected).sum();
    // The function has no value at zero.
    if statistic == 0.0 { 1.0 } else { gamma_tails(0.5 * (counts.len() - 1) as f64, 0.5 * statistic).1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_counts_are_uniform_and_lopsided_ones_are_not() {
        assert!((uniformity(&[50; 20]) - 1.0).abs() < 1e-12);
        let mut lopsided = vec![50; 20];
        lopsided[0] = 100;
        lopsided[19] = 0;
        assert!(uniformity(&lopsided) < 1e-6);
        // The 5% point of chi-squared with one degree of freedom is 3.841.
        let counts = [1000 - 31, 1000 + 31];
        assert!((uniformity(&counts) - 0.166).abs() < 0.001);
    }

    /// A conjugate model: the posterior of a normal mean seen once. Its own quantiles cover at the nominal rate, those of
    /// a posterior half as wide do not.
    #[test]
    fn a_posterior_that_is_right_is_calibrated_and_one_that_is_too_sure_is_not() {
        let normal = counterplay_inference::distribution::Concrete::Normal { mean: 0.0, sd: 1.0 };
        let key = Key::new(11);
        let study = |width: f64| {
            let draws: Vec<(f64, Vec<f64>)> = (0..2000)
                .map(|run| {
                    let z = |k: u64| normal.quantile(key.with(run).with(k).uniform());
                    let truth = z(0);
                    let seen = truth + z(1);
                    let sd = width * 0.5_f64.sqrt();
                    (truth, (0..99).map(|k| 0.5 * seen + sd * z(2 + k)).collect())
                })
                .collect();
            let samples: Vec<Sample<'_>> =
                draws.iter().map(|(value, draws)| Sample { value: *value, ranked: *value, draws }).collect();
            calibrated("mean", &samples, key)
        };
        let right = study(1.0);
        assert!((right.coverage_of_90().unwrap().value - 0.9).abs() < 0.025, "{:?}", right.coverage);
        assert!(right.uniformity > 0.001);
        let sure = study(0.5);
        assert!(sure.coverage_of_90().unwrap().value < 0.7 && sure.uniformity < 1e-6);
    }
}
