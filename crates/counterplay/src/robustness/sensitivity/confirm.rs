//! Tipping points confirmed: the scenario fitted again with the moved prior.

use std::sync::Arc;

use counterplay_math::hypot;

use crate::answer::gather::{DrawGathered, Gathering};
use crate::error::Error;
use crate::posterior::fit;
use crate::problem::Problem;
use crate::scenario::Scenario;
use crate::settings::Settings;
use crate::watch::{Stage, Unwatched, Watch};
use crate::world::inquiry::Inquiry;
use counterplay_analysis::interval::estimate;
use counterplay_analysis::{Confirmation, Stress};
use counterplay_inference::diagnostics::mcse_mean;
use counterplay_inference::sampler::SamplerSettings;

/// Draws that each chain of a new fit keeps; all of them are asked.
const DRAWS: usize = 75;
/// At most this many tipping points are confirmed unless more are asked for.
const MOST: usize = 5;
/// New fits are made by themselves while trajectories times nodes of the tree stay below this.
const LITTLE_WORK: usize = 5_000_000;
/// A difference of this many standard errors is a real one.
const ERRORS: f64 = 3.0;

/// Following the branch of a story with stages is about as much work as solving a tree of this many times as many nodes.
const FOLLOWED: usize = 20;

/// How much work it is to solve play once, in nodes of a tree.
fn work(inquiry: &Inquiry<'_>) -> usize {
    let nodes = inquiry.factual().model().unfolded().node_count();
    if inquiry.has_stages() { FOLLOWED * nodes } else { nodes }
}

/// What new fits need.
pub(crate) struct Confirming<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) gathering: &'a Gathering<'a>,
    pub(crate) settings: &'a Settings,
    pub(crate) watch: &'a dyn Watch,
}

impl Confirming<'_> {
    /// Confirms tipping points by new fits: the first of each claim, then the second of each, and so on, up to as many
    /// as the settings say.
    ///
    /// # Errors
    /// If it was cancelled.
    pub(crate) fn run(&self, stress: &mut Stress) -> Result<(), Error> {
        let targets = targets(stress);
        let count = self.settings.confirmations.unwrap_or(self.affordable()).min(targets.len());
        for (done, &(claim, shift)) in targets[..count].iter().enumerate() {
            self.watch.advance(Stage::Stress, done, Some(count));
            let test = &mut stress.claims[claim].shifts[shift];
            if let Some(tipping) = &mut test.tipping {
                tipping.confirmation = self.confirm(claim, &test.parameter, tipping.shift.value)?;
                if let Some(confirmation) = &mut tipping.confirmation {
                    let slope = test.probability_at_highest - test.probability_at_lowest;
                    let own = tipping.shift.error * slope.abs() / (test.highest - test.lowest);
                    let away = (confirmation.probability.value - 0.5).abs();
                    confirmation.confirmed = away <= ERRORS * hypot(confirmation.probability.error, own);
                }
            }
        }
        Ok(())
    }

    fn affordable(&self) -> usize {
        let settings = self.fit_settings();
        let work = settings.chains * (settings.warmup + settings.draws) * work(self.gathering.task.inquiry);
        (LITTLE_WORK / work.max(1)).min(MOST)
    }

    fn fit_settings(&self) -> SamplerSettings {
        SamplerSettings { draws: DRAWS, ..self.settings.sampler() }
    }

    /// The claim's probability with a parameter's prior moved; `None` if the new fit found nothing.
    fn confirm(&self, claim: usize, parameter: &str, shift: f64) -> Result<Option<Confirmation>, Error> {
        let scenario = self.scenario;
        let wrong = |error: counterplay_inference::prior::PriorError| Problem::new(error.to_string());
        let plain = scenario.joint_prior(&[]).map_err(wrong)?;
        let owner = |owner: &(usize, counterplay_game::expression::ParameterId)| {
            scenario.parameters[owner.1.index()].name == parameter
        };
        let Some(coordinate) = plain.owners().iter().position(owner) else { return Ok(None) };
        let by = shift * plain.coordinate_sds()[coordinate];
        let moved = Arc::new(scenario.joint_prior_moved(coordinate, by).map_err(wrong)?);
        if self.watch.cancelled() {
            return Err(Error::CANCELLED);
        }
        let Ok(posterior) = fit(
            self.gathering.task.inquiry.factual().model(),
            &moved,
            &self.fit_settings(),
            &Stoppable(self.watch),
        ) else {
            return if self.watch.cancelled() { Err(Error::CANCELLED) } else { Ok(None) };
        };
        let draws: Vec<&[f64]> = posterior.draws().collect();
        let gathered = self.gathering.run(&draws, &Stoppable(self.watch)).ok_or(Error::CANCELLED)?;
        let gathered: Vec<DrawGathered> = gathered.into_iter().filter_map(Result::ok).collect();
        let holds: Vec<f64> =
            gathered.iter().map(|g| f64::from(u8::from(matches!(g.claims[claim].holds, Ok(true))))).collect();
        let mut probability = estimate(&holds);
        let chains: Vec<Vec<f64>> = holds.chunks_exact(DRAWS).map(<[f64]>::to_vec).collect();
        let remembering = mcse_mean(&chains);
        if remembering.is_finite() {
            probability.error = probability.error.max(remembering);
        }
        Ok(Some(Confirmation { probability, confirmed: false, max_r_hat: posterior.quality().max_r_hat }))
    }
}

/// Passes on that the work should stop, and nothing else.
struct Stoppable<'a>(&'a dyn Watch);

impl Watch for Stoppable<'_> {
    fn advance(&self, stage: Stage, done: usize, total: Option<usize>) {
        Unwatched.advance(stage, done, total);
    }

    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}

/// The tipping points in the order in which they are confirmed: claim and shift.
fn targets(stress: &Stress) -> Vec<(usize, usize)> {
    let most = stress.claims.iter().map(|c| c.shifts.len()).max().unwrap_or(0);
    let tips = |&(claim, shift): &(usize, usize)| {
        stress.claims[claim].shifts.get(shift).is_some_and(|test| test.tipping.is_some())
    };
    let all = (0..most).flat_map(|shift| (0..stress.claims.len()).map(move |claim| (claim, shift)));
    all.filter(tips).collect()
}
