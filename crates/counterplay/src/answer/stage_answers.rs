//! What one draw answers of a story with stages, summed over pairs of states.

use crate::answer::query::Drawn;
use crate::answer::stage_sums::{Course, Followed, StageSums};
use crate::answer::stages::first;
use crate::answer::stages::monitor::{MeasuredQuantity, Monitor, MonitorState};
use crate::answer::stages::series::Series;
use crate::answer::stages::summed_query::StageAsk;
use crate::answer::summed::TwoOutcomes;
use crate::answer::tally::WorldDraw;
use crate::problem::Problem;
use crate::scenario::query::{Condition, Fact, Is};
use crate::world::catalogue::{Catalogue, OutcomeIndex};
use crate::world::inquiry::{Inquiry, WorldId};
use crate::world::joint::JointWalk;
use counterplay_math::statistics::to_twelve_digits;

/// What comes of a world.
pub(crate) struct StageWorld {
    /// For each outcome and value, the probability that it is the last to be stated.
    pub(crate) probabilities: Vec<Vec<f64>>,
    /// All else, of a world that a question is about.
    pub(crate) told: Option<ToldWorld>,
}

/// All that is told of a world.
pub(crate) struct ToldWorld {
    pub(crate) draw: WorldDraw,
    pub(crate) series: Series,
    /// The probability that all goes as it did.
    pub(crate) unchanged: f64,
}

/// The outcomes that are asked about, to be followed along a process.
pub(crate) struct FollowedOutcomes(Monitor);

/// The sums for one draw of a story with stages.
pub(crate) struct StageAnswers<'a, 'w> {
    pub(crate) inquiry: &'a Inquiry<'a>,
    pub(crate) sums: StageSums<'a>,
    pub(crate) walk: &'w mut JointWalk,
    /// Moves values that stand for distributions.
    pub(crate) shift: f64,
}

impl StageAnswers<'_, '_> {
    /// What comes of a world beside the world as it was, all of it if it is to be told; `None` where it has to be replayed.
    pub(crate) fn world(&mut self, world: WorldId, is_told: bool) -> Option<StageWorld> {
        if !is_told {
            let followed = Followed { outcomes: true, ..Followed::default() };
            let probabilities = self.sums.given_record(self.walk, world, followed)?.outcomes();
            return Some(StageWorld { probabilities, told: None });
        }
        let (truths, quantities) =
            (first::truths(&self.inquiry.catalogue), last_measured(&self.inquiry.catalogue));
        let course = self.sums.given_record(self.walk, world, all_of(&truths, &quantities))?;
        let draw = WorldDraw::of_course(&self.inquiry.catalogue, &course, self.shift);
        let told = ToldWorld {
            series: Series::summed(course.stages(), self.shift),
            unchanged: self.sums.unchanged(self.walk, world)?,
            draw,
        };
        Some(StageWorld { probabilities: told.draw.probabilities.clone(), told: Some(told) })
    }

    /// What a query says; `None` where histories have to be replayed.
    pub(crate) fn answer(&mut self, ask: StageAsk<'_>) -> Option<Drawn> {
        ask.summed(&self.sums, self.walk, self.shift)
    }

    /// For each outcome asked about, the probability that it is lost in a world, given that it came about as it was.
    pub(crate) fn necessity(&mut self, without: WorldId, asked: &FollowedOutcomes) -> Option<Vec<f64>> {
        let course = self.sums.given_record(self.walk, without, asked.followed())?;
        let lost = |k: usize| {
            let all = course.probability(&|first, _| asked.0.holds(k, first));
            to_twelve_digits(asked.only_first(&course, k) / all)
        };
        Some((0..asked.0.shapes.len()).map(lost).collect())
    }

    /// For each outcome asked about, what holds in two worlds of which nothing is known.
    pub(crate) fn of_two(
        &mut self,
        present: WorldId,
        without: WorldId,
        asked: &FollowedOutcomes,
    ) -> Option<Vec<TwoOutcomes>> {
        let course = self.sums.of_two(self.walk, present, without, asked.followed())?;
        let of = |k: usize| TwoOutcomes {
            without: course.probability(&|_, second| asked.0.holds(k, second)),
            with_only: asked.only_first(&course, k),
        };
        Some((0..asked.0.shapes.len()).map(of).collect())
    }
}

impl FollowedOutcomes {
    /// Makes outcomes ready to be followed.
    ///
    /// # Errors
    /// If they are more than can be.
    pub(crate) fn new(inquiry: &Inquiry<'_>, outcomes: &[OutcomeIndex]) -> Result<Self, Problem> {
        let condition = |of: &OutcomeIndex| {
            let (name, values) = &inquiry.catalogue.outcomes[of.outcome];
            Condition::All(vec![Fact { name: name.clone(), is: Is::Value(values[of.value].clone()) }])
        };
        let conditions: Vec<Condition> = outcomes.iter().map(condition).collect();
        let unfolded = inquiry.factual().model().unfolded();
        Monitor::new(unfolded, &inquiry.catalogue, &conditions.iter().collect::<Vec<_>>()).map(Self)
    }

    fn followed(&self) -> Followed<'_> {
        Followed { first: Some(&self.0), second: Some(&self.0), ..Followed::default() }
    }

    /// The probability that an outcome comes about in the first world and not in the second.
    fn only_first(&self, course: &Course, k: usize) -> f64 {
        let only =
            |first: &MonitorState, second: &MonitorState| self.0.holds(k, first) && !self.0.holds(k, second);
        course.probability(&only)
    }
}

/// Outcomes to be followed along a story with stages; `None` of one that ends, and where they are too many.
pub(crate) fn followed_outcomes(
    inquiry: &Inquiry<'_>,
    outcomes: &[OutcomeIndex],
) -> Option<FollowedOutcomes> {
    if inquiry.has_stages() { FollowedOutcomes::new(inquiry, outcomes).ok() } else { None }
}

/// All measured quantities, as they are measured last.
pub(crate) fn last_measured(catalogue: &Catalogue) -> Vec<MeasuredQuantity> {
    (0..catalogue.measures.len()).map(MeasuredQuantity::last).collect()
}

/// All that is told of a world.
pub(crate) fn all_of<'m>(truths: &'m [OutcomeIndex], quantities: &'m [MeasuredQuantity]) -> Followed<'m> {
    Followed { quantities, outcomes: true, by_stage: Some(truths), ..Followed::default() }
}
