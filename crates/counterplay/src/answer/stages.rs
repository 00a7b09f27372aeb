//! What is asked of a story that goes on from stage to stage: queries by a chain of its states, and what comes of it stage by stage.

pub(crate) mod asker;
mod chain;
pub(crate) mod conditions;
pub(crate) mod cuts;
pub(crate) mod first;
pub(crate) mod items;
mod lead_in;
pub(crate) mod monitor;
mod outcome_path;
pub(crate) mod series;
pub(crate) mod summed_query;
pub(crate) mod world_query;

use counterplay_game::id::NodeId;

use self::asker::StageQueries;
use self::cuts::Cuts;
use self::outcome_path::OutcomePath;
use self::series::Series;
use self::summed_query::StageAsk;
use self::world_query::WorldQuery;
use crate::answer::query::{AsOfDraw, Drawn, QueryDraw, WeightedAnswer};
use crate::answer::replays::Replays;
use crate::model::odds::LogOdds;
use crate::problem::Problem;
use crate::scenario::query::ConditionalQuantity;
use crate::story::unfolded::Unfolded;
use crate::world::catalogue::OutcomeIndex;
use crate::world::inquiry::{Inquiry, WorldId};

/// What is asked of a story with stages, made ready.
pub(crate) struct Stages {
    pub(crate) cuts: Cuts,
    pub(crate) asker: StageQueries,
    /// The course of the probability of what the case is about; `None` if nobody asks.
    course: Option<OutcomePath>,
    /// The outcomes that are true or false, with the number of `True`.
    pub(crate) truths: Vec<OutcomeIndex>,
}

/// What one draw says of each stage.
#[derive(Clone, Debug, Default)]
pub(crate) struct StagesDraw {
    /// The factual world and then each what-if.
    pub(crate) series: Vec<Series>,
    /// The probability of what the case is about after 0, 1, 2, ... items of the record.
    pub(crate) path: Vec<f64>,
    /// The log likelihood of the first 0, 1, 2, ... items of the record.
    pub(crate) known: Vec<f64>,
}

impl Stages {
    /// Makes the queries ready, where the items of the record came about as along `history`.
    ///
    /// # Errors
    /// If a query asks for what such a story does not answer, or too much would have to be remembered.
    pub(crate) fn new(inquiry: &Inquiry<'_>, history: &[(usize, NodeId)]) -> Result<Self, Problem> {
        let unfolded = inquiry.factual().model().unfolded();
        let cuts = Cuts::new(unfolded, &inquiry.record, inquiry.horizon(), history)?;
        let asker = StageQueries::new(inquiry, &cuts)?;
        Ok(Self { cuts, asker, course: None, truths: first::truths(&inquiry.catalogue) })
    }

    /// The same, following the probability of what the case is about.
    ///
    /// # Errors
    /// If too much would have to be remembered.
    pub(crate) fn following(self, inquiry: &Inquiry<'_>, about: OutcomeIndex) -> Result<Self, Problem> {
        let unfolded = inquiry.factual().model().unfolded();
        let course = OutcomePath::new(unfolded, &inquiry.catalogue, about, &self.cuts, inquiry.horizon())?;
        Ok(Self { course: Some(course), ..self })
    }

    /// What one draw says to the queries, and of the stages in each of some worlds: the factual one, and then those of the what-ifs.
    pub(crate) fn draw(
        &self,
        inquiry: &Inquiry<'_>,
        replays: &Replays,
        worlds: &[WorldId],
        parameters: &[f64],
        follow: bool,
    ) -> (QueryDraw, Option<StagesDraw>) {
        let unfolded = inquiry.factual().model().unfolded();
        let odds = &replays.solved[0].odds;
        let needed = follow || self.asker.needs_cuts();
        let cuts = if needed { self.cuts.weigh(unfolded, odds, parameters) } else { Vec::new() };
        let queries = self.asker.draw(unfolded, odds, &cuts, replays, worlds);
        let Some(course) = self.course.as_ref().filter(|_| follow) else { return (queries, None) };
        let series = |&world: &WorldId| {
            if let Some(told) = replays.told(world) {
                return told.series.clone();
            }
            let (held, measured) = (&replays.held[world.0], &replays.measures[world.0]);
            let scene = inquiry.scene_of(world);
            Series::count(&inquiry.catalogue, scene, held, measured, &self.truths, inquiry.horizon() + 1)
        };
        let stages = StagesDraw {
            series: worlds.iter().map(series).collect(),
            path: course.path(unfolded, odds, &cuts),
            known: cuts.iter().map(|cut| cut.log_likelihood).collect(),
        };
        (queries, Some(stages))
    }

    /// What play foretells as of each moment at a point.
    pub(crate) fn foretell(&self, unfolded: &Unfolded, odds: &[LogOdds], parameters: &[f64]) -> AsOfDraw {
        let cuts = self.cuts.weigh(unfolded, odds, parameters);
        self.asker.foretell(unfolded, odds, &cuts)
    }

    /// The probability of what the case is about before anything is known; not a number if it is not followed.
    pub(crate) fn unknowing(&self, unfolded: &Unfolded, odds: &[LogOdds]) -> f64 {
        self.course.as_ref().map_or(f64::NAN, |course| course.unknowing(unfolded, odds))
    }
}

/// One question of a sweep.
pub(crate) struct StageSweep(WorldQuery);

impl StageSweep {
    /// Makes a question ready.
    ///
    /// # Errors
    /// If it asks for what such a story does not answer.
    pub(crate) fn new(asked: &ConditionalQuantity, inquiry: &Inquiry<'_>) -> Result<Self, Problem> {
        let unfolded = inquiry.factual().model().unfolded();
        WorldQuery::new(asked, inquiry.scenario(), unfolded, &inquiry.catalogue).map(Self)
    }

    /// The question, asked of each world.
    pub(crate) fn asks(&self, worlds: &[WorldId]) -> Vec<StageAsk<'_>> {
        worlds.iter().map(|&world| StageAsk { query: &self.0, world, compared: false }).collect()
    }

    /// The first value in each world, where all of them have been asked.
    pub(crate) fn first(&self, replays: &Replays, worlds: &[WorldId]) -> Vec<WeightedAnswer> {
        let factual = replays.world(WorldId::FACTUAL);
        let replayed = |world: WorldId| self.0.first(replays.world(world), factual);
        let one = |(summed, world): (&Option<Drawn>, &WorldId)| {
            let first = summed.as_ref().and_then(|drawn| drawn.here.first().copied());
            first.unwrap_or_else(|| replayed(*world))
        };
        replays.stage_answers.iter().zip(worlds).map(one).collect()
    }
}
