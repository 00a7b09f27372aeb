//! What was to be expected before anything of the record was known.

use counterplay_equilibrium::logit::LANES;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::answer::queries::Queries;
use crate::answer::query::weighed;
use crate::answer::stage_answers::last_measured;
use crate::answer::stage_sums::{Followed, StageSums};
use crate::answer::tally;
use crate::answer::tally::WorldDraw;
use crate::model::consistent::Weights;
use crate::model::odds::{LogOdds, reach};
use crate::model::play::{Play, ROUGH_SETTINGS};
use crate::model::{Evaluator, NoValue};
use crate::world::catalogue::OutcomeIndex;
use crate::world::history::Replayed;
use crate::world::inquiry::Inquiry;
use crate::world::joint::JointWalk;
use crate::world::luck::Luck;
use crate::world::replay::{LuckOf, replay};
use crate::world::scene::Scene;
use crate::world::solution::Solved;
use crate::world::surprises::Surprises;
use counterplay_analysis::World;
use counterplay_inference::key::Key;
use counterplay_inference::marginal::MarginalLikelihood;

/// Histories of a story with stages told at each draw.
const HISTORIES: u64 = 50;

/// The outcomes of the story at draws from the prior.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Prospect {
    /// With luck of which nothing is known.
    pub(crate) world: World,
    /// At each draw, the exact probability of the outcome that the case is about; not a number where play could not
    /// be solved.
    pub(crate) about: Vec<f64>,
    /// At how many draws play was not on the principal branch.
    pub(crate) off_branch: usize,
}

/// At this many draws histories of a story with stages are told; the probability of the outcome is found at all of them.
const TOLD: usize = 100;

/// What is foreseen of the outcome that a case is about, before anything is known.
#[derive(Clone, Copy)]
pub(crate) struct Foreseen<'a> {
    pub(crate) inquiry: &'a Inquiry<'a>,
    pub(crate) queries: &'a Queries,
    pub(crate) about: OutcomeIndex,
}

impl Foreseen<'_> {
    /// What solves play, to be cloned for each thread.
    pub(crate) fn evaluator(&self) -> Evaluator {
        self.inquiry.factual().model().evaluator(ROUGH_SETTINGS)
    }

    /// The exact probability of the outcome under play with these log probabilities.
    pub(crate) fn probability(&self, odds: &[LogOdds]) -> f64 {
        let scene = self.inquiry.factual();
        match self.queries.stages() {
            Some(stages) => stages.unknowing(scene.model().unfolded(), odds),
            None => probability(scene, &odds[0], self.about),
        }
    }

    /// The same at some points; not a number where play cannot be solved.
    pub(crate) fn probabilities(&self, evaluator: &mut Evaluator, points: &[&[f64]]) -> Vec<f64> {
        let found = evaluator.solve_all(points);
        let one = |(found, point): (Result<Play, NoValue>, &&[f64])| {
            let Ok(found) = found.and_then(|found| evaluator.load(point).map(|()| found)) else {
                return f64::NAN;
            };
            self.probability(&evaluator.odds(&found))
        };
        found.into_iter().zip(points).map(one).collect()
    }

    /// The outcomes of the story at draws from the prior.
    pub(crate) fn prior_prediction(&self, prior: &MarginalLikelihood, seed: u64) -> Prospect {
        let evaluator = self.evaluator();
        let some =
            |evaluator: &mut Evaluator, (group, draws): (usize, &[&[f64]])| -> Vec<Option<DrawOutcome>> {
                let found = evaluator.solve_all(draws);
                let one = |(place, (found, draw)): (usize, (Result<Play, NoValue>, &&[f64]))| {
                    let index = group * LANES + place;
                    let key = Key::new(seed).with(Key::of_text("prospect")).with(index as u64);
                    let found = found.ok()?;
                    evaluator.load(draw).ok()?;
                    Some(self.tell(evaluator, &found, index, key))
                };
                found.into_iter().zip(draws).enumerate().map(one).collect()
            };
        let draws: Vec<&[f64]> = prior.prior().collect();
        let told = draws.par_chunks(LANES).enumerate().map_init(|| evaluator.clone(), some);
        let told: Vec<Option<DrawOutcome>> = told.flatten_iter().collect();
        let about = told.iter().map(|t| t.as_ref().map_or(f64::NAN, |t| t.about)).collect();
        let off_branch = told.iter().flatten().filter(|t| t.off_branch).count();
        let told: Vec<&WorldDraw> = told.iter().flatten().filter_map(|t| t.world.as_ref()).collect();
        Prospect { world: tally::summarise(&self.inquiry.catalogue, &told), about, off_branch }
    }

    fn tell(&self, evaluator: &Evaluator, found: &Play, index: usize, key: Key) -> DrawOutcome {
        let odds = evaluator.odds(found);
        let world = if !self.inquiry.has_stages() {
            Some(unknowing(self.inquiry, &odds[0], evaluator.values(), key.uniform()))
        } else if index < TOLD {
            Some(self.by_stages(&odds, evaluator.all_values(), key))
        } else {
            None
        };
        DrawOutcome { world, about: self.probability(&odds), off_branch: !found.on_branch() }
    }
}

impl Foreseen<'_> {
    /// What comes of a story with stages, where nothing is known, summed over its states, or if these are too many, told in some
    /// histories.
    fn by_stages(&self, odds: &[LogOdds], values: &[Vec<f64>], key: Key) -> WorldDraw {
        let solved = [Solved { odds: odds.to_vec(), values: values.to_vec() }];
        let weights = Weights::default();
        let quantities = last_measured(&self.inquiry.catalogue);
        let followed = Followed { quantities: &quantities, outcomes: true, ..Followed::default() };
        let sums = StageSums::new(self.inquiry, &solved, &weights);
        match sums.unknowing(&mut JointWalk::default(), followed) {
            Some(course) => WorldDraw::of_course(&self.inquiry.catalogue, &course, key.uniform()),
            None => histories(self.inquiry, odds, values, key, HISTORIES).1,
        }
    }
}

/// What comes of a story that ends, where nothing is known; `shift` as of [`WorldDraw::summed`].
fn unknowing(inquiry: &Inquiry<'_>, odds: &LogOdds, values: &[f64], shift: f64) -> WorldDraw {
    let scene = inquiry.factual();
    let reach = reach(scene.model().game(), odds);
    let measured = !inquiry.catalogue.measures.is_empty();
    let all = weighed(scene, values, |end| reach[end.index()], measured);
    WorldDraw::summed(&inquiry.catalogue, &all, shift)
}

/// What one draw tells.
struct DrawOutcome {
    world: Option<WorldDraw>,
    about: f64,
    off_branch: bool,
}

/// Histories of the world as it was with luck of which nothing is known, and what comes of them; `odds` and `values` are those of each
/// state.
pub(crate) fn histories(
    inquiry: &Inquiry<'_>,
    odds: &[LogOdds],
    values: &[Vec<f64>],
    key: Key,
    count: u64,
) -> (Vec<Replayed>, WorldDraw) {
    let scene = inquiry.factual();
    let noise: Vec<Luck> = (0..count).map(|l| Luck::fresh(key.with(l))).collect();
    let nothing = Surprises::default();
    let replay_one = |luck: &Luck| {
        let luck = LuckOf { before: luck, after: None };
        replay(scene, odds, &values[0], &nothing, luck, inquiry.horizon())
    };
    let ends: Vec<Replayed> = noise.iter().map(replay_one).collect();
    let measured =
        |(end, luck): (&Replayed, &Luck)| scene.measured(&inquiry.catalogue, &end.steps, values, luck, luck);
    let measures: Vec<_> = ends.iter().zip(&noise).map(measured).collect();
    let world = WorldDraw::count(&inquiry.catalogue, scene, &ends, &measures);
    (ends, world)
}

/// The exact probability that an outcome has a value, over all histories.
pub(crate) fn probability(scene: &Scene, odds: &LogOdds, of: OutcomeIndex) -> f64 {
    let game = scene.model().game();
    let reach = reach(game, odds);
    let ends = game.nodes().filter(|&n| game.child_count(n) == 0 && scene.outcomes(n).contains(&of));
    ends.map(|n| reach[n.index()]).sum()
}
