//! Answers from every posterior draw, gathered in parallel.

use std::sync::atomic::{AtomicUsize, Ordering};

use counterplay_equilibrium::logit::LANES;
use rayon::prelude::*;

use crate::answer::attribution::{FactorDraw, FactorWorlds};
use crate::answer::causes::CausesDraw;
use crate::answer::claims::{ClaimDraw, Exact, NamedAnswers};
use crate::answer::having::having;
use crate::answer::queries::Queries;
use crate::answer::query::{ExpectationDraw, ExpectationPlan, QueryDraw};
use crate::answer::replays::{Bench, Certified, Replays, Task, Unsolved};
use crate::answer::stages::StagesDraw;
use crate::answer::tally::{Compared, WorldDraw};
use crate::answer::timeline::TimelineDraw;
use crate::model::play::Play;
use crate::watch::{Stage, Watch};
use crate::world::catalogue::OutcomeIndex;
use crate::world::inquiry::{Inquiry, WorldId};
use counterplay_inference::key::Key;
use counterplay_math::statistics::moments;

/// The plays of all worlds at a draw.
type Plays = Result<Vec<Play>, Unsolved>;

/// What one draw answers.
#[derive(Default)]
pub(crate) struct DrawGathered {
    /// The parameter values.
    pub(crate) point: Vec<f64>,
    /// The log likelihood of the record there.
    pub(crate) log_likelihood: f64,
    /// The factual world and then each what-if.
    pub(crate) worlds: Vec<WorldDraw>,
    /// For each of those, what it has in common with the factual one.
    pub(crate) compared: Vec<Compared>,
    /// The factors of each outcome asked about.
    pub(crate) factors: Vec<(OutcomeIndex, FactorDraw)>,
    /// What it says of each claim.
    pub(crate) claims: Vec<ClaimDraw>,
    pub(crate) timeline: Option<TimelineDraw>,
    pub(crate) queries: QueryDraw,
    /// What it says of each stage of a story with stages.
    pub(crate) stages: Option<StagesDraw>,
    pub(crate) expectations: ExpectationDraw,
    pub(crate) causes: CausesDraw,
    /// The value of each state to each player, player by player; none of a story that ends.
    pub(crate) state_values: Vec<f64>,
    pub(crate) certified: Certified,
}

/// What is to be gathered.
pub(crate) struct Gathering<'a> {
    pub(crate) task: Task<'a>,
    pub(crate) questions: Vec<WorldId>,
    pub(crate) factors: &'a FactorWorlds,
    pub(crate) asked: Vec<OutcomeIndex>,
    pub(crate) queries: &'a Queries,
    /// Whether what comes of each stage is gathered as well.
    pub(crate) follow: bool,
    /// What each player expected at each step; `None` if nobody asks.
    pub(crate) expectations: Option<ExpectationPlan>,
}

impl<'a> Gathering<'a> {
    /// The same questions, to be asked of any explanation.
    pub(crate) fn of_any_explanation(&'a self, inquiry: &'a Inquiry<'a>) -> AnswersWanted<'a> {
        AnswersWanted {
            inquiry,
            questions: &self.questions,
            factors: self.factors,
            outcomes: &self.asked,
            queries: self.queries,
        }
    }

    /// Answers at all the given draws, in order; `None` if cancelled.
    pub(crate) fn run(
        &self,
        draws: &[&[f64]],
        watch: &dyn Watch,
    ) -> Option<Vec<Result<DrawGathered, Unsolved>>> {
        let bench = Bench::new(self.task.inquiry);
        let done = AtomicUsize::new(0);
        let some = |bench: &mut Bench, (group, some): (usize, &[&[f64]])| {
            if watch.cancelled() {
                return None;
            }
            let plays = self.task.plays(bench, some);
            let one = |(place, (plays, draw)): (usize, (Plays, &&[f64]))| {
                let index = group * LANES + place;
                let replays = plays.and_then(|plays| self.task.replay_with(bench, index, draw, &plays));
                watch.advance(Stage::Answer, done.fetch_add(1, Ordering::Relaxed) + 1, Some(draws.len()));
                replays.map(|r| self.read(r, index, draw))
            };
            Some(plays.into_iter().zip(some).enumerate().map(one).collect::<Vec<_>>())
        };
        let found = draws.par_chunks(LANES).enumerate().map_init(|| bench.clone(), some);
        Some(found.collect::<Option<Vec<_>>>()?.into_iter().flatten().collect())
    }

    fn read(&self, replays: Replays, index: usize, point: &[f64]) -> DrawGathered {
        let inquiry = self.task.inquiry;
        let worlds: Vec<WorldId> =
            std::iter::once(WorldId::FACTUAL).chain(self.questions.iter().copied()).collect();
        let tallies: Vec<WorldDraw> = worlds.iter().map(|&w| count(inquiry, &replays, w)).collect();
        let of = |(index, &of): (usize, &OutcomeIndex)| {
            self.factors.draw(inquiry, &replays, of, index).map(|draw| (of, draw))
        };
        let factors: Vec<(OutcomeIndex, FactorDraw)> = self.asked.iter().enumerate().filter_map(of).collect();
        let key = Key::new(self.task.seed).with(Key::of_text("queries")).with(index as u64);
        let (queries, stages) = self.queries.draw(inquiry, &replays, &worlds, key, point, self.follow);
        DrawGathered {
            point: point.to_vec(),
            log_likelihood: replays.log_likelihood,
            compared: worlds.iter().map(|w| self.compared(&replays, *w)).collect(),
            claims: self.test_claims(&tallies, &factors, &queries),
            worlds: tallies,
            factors,
            expectations: self
                .expectations
                .as_ref()
                .map_or_else(Default::default, |o| o.draw(inquiry, &replays)),
            queries,
            stages,
            timeline: replays.timeline,
            causes: replays.causes,
            state_values: replays.state_values,
            certified: replays.certified,
        }
    }

    fn compared(&self, replays: &Replays, world: WorldId) -> Compared {
        let of = |world: WorldId| match self.asked.first() {
            Some(about) => having(self.task.inquiry, world, &replays.held[world.0], *about),
            None => Vec::new(),
        };
        let (here, factual) = (of(world), of(WorldId::FACTUAL));
        let moved = here.iter().zip(&factual).map(|(a, b)| f64::from(u8::from(*a)) - f64::from(u8::from(*b)));
        let moved: Vec<f64> = moved.collect();
        let (_, sd) = moments(&moved);
        let exact =
            moved.is_empty() || replays.told(world).is_some() && replays.told(WorldId::FACTUAL).is_some();
        let noise = if exact { 0.0 } else { sd * sd / moved.len() as f64 };
        Compared { unchanged: replays.unchanged(world), noise }
    }

    fn test_claims(
        &self,
        worlds: &[WorldDraw],
        factors: &[(OutcomeIndex, FactorDraw)],
        queries: &QueryDraw,
    ) -> Vec<ClaimDraw> {
        let scenario = self.task.inquiry.scenario();
        let probabilities: Vec<_> = worlds.iter().map(|w| w.probabilities.clone()).collect();
        let means: Vec<_> = worlds.iter().map(WorldDraw::means).collect();
        let catalogue = &self.task.inquiry.catalogue;
        let summed: Vec<bool> = worlds.iter().map(|w| w.replays.is_none()).collect();
        let rest = !self.task.inquiry.has_stages() && summed.iter().all(|s| *s);
        let exact = Exact { worlds: summed, rest };
        let answers =
            NamedAnswers::new(scenario, catalogue, (&probabilities, &means), exact, factors, queries);
        scenario.claims.iter().map(|claim| answers.test(claim)).collect()
    }
}

/// What comes of a world.
fn count(inquiry: &Inquiry<'_>, replays: &Replays, world: WorldId) -> WorldDraw {
    if let Some(cases) = replays.summed(inquiry, world, &|_| true) {
        return WorldDraw::summed(&inquiry.catalogue, &cases, replays.shift);
    }
    if let Some(told) = replays.told(world) {
        return told.draw.clone();
    }
    let scene = inquiry.scene_of(world);
    WorldDraw::count(&inquiry.catalogue, scene, &replays.held[world.0], &replays.measures[world.0])
}

/// What is asked of an explanation.
pub(crate) struct AnswersWanted<'a> {
    pub(crate) inquiry: &'a Inquiry<'a>,
    pub(crate) questions: &'a [WorldId],
    pub(crate) factors: &'a FactorWorlds,
    /// The outcomes whose factors are weighed; the first is what the case is about.
    pub(crate) outcomes: &'a [OutcomeIndex],
    pub(crate) queries: &'a Queries,
}
