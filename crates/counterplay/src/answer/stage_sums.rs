//! What comes of each world of a story with stages, summed over pairs of states.
//!
//! Luck is keyed by events and their occurrence from the beginning. As long as every event has come up equally often in both worlds, the
//! stages of the two share their luck event by event, and a stage in each of two states is walked as two trees are
//! ([`joint`](crate::world::joint)). So it is enough to know where the first world is (in which part of what agrees with the record, or in
//! which state after it), in which state the second is, how often events have come up, and what of the histories so far bears on what is
//! asked. Once nothing more is known of the first world, and nothing asked of it, the second has luck of its own, and events may come up as they
//! do. Where before that events come up more often in the one world than in the other, and such an event comes up again, known luck is shared
//! across stages: then histories are replayed.

mod course;
mod mass;
mod stage;
mod unchanged;

use counterplay_game::id::NodeId;

use crate::answer::stages::monitor::{MeasuredQuantity, Monitor};
use crate::model::consistent::{ConsistentHistories, Weights};
use crate::scenario::Luck as LuckRule;
use crate::story::unfolded::Unfolded;
use crate::world::branching::WorldTree;
use crate::world::catalogue::OutcomeIndex;
use crate::world::inquiry::{Inquiry, WorldId};
use crate::world::joint::JointWalk;
use crate::world::keys::Before;
use crate::world::scene::RecordedMeasures;
use crate::world::solution::Solved;
use crate::world::surprises::Surprises;

pub(crate) use self::course::{Course, StageTotals};
pub(crate) use self::mass::mixture_mean;

use self::course::Run;

/// More states than this are too many.
const MOST_STATES: usize = 2_000;

/// Where the first world is before a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// In a part of the histories that agree with the record.
    Part(usize),
    /// In a state, with nothing known of what is to come.
    Free(usize),
    /// It has ended, or nothing about it matters.
    Over,
}

/// How often each event has come up, and each quantity of which the rank may be known has been measured.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Counts {
    events: Before,
    measured: Vec<u32>,
}

/// What is followed along both worlds.
#[derive(Clone, Copy, Default)]
pub(crate) struct Followed<'m> {
    /// What is asked of the first world.
    pub(crate) first: Option<&'m Monitor>,
    /// What is asked of the second.
    pub(crate) second: Option<&'m Monitor>,
    /// The quantities of the second world whose distribution is asked for.
    pub(crate) quantities: &'m [MeasuredQuantity],
    /// Whether the values are asked for that outcomes of the second world have at last.
    pub(crate) outcomes: bool,
    /// Whether all that is told of the second world is told stage by stage too; these outcomes are true or false.
    pub(crate) by_stage: Option<&'m [OutcomeIndex]>,
}

/// Where two worlds begin, and whether they share their luck.
#[derive(Clone, Copy)]
struct Beginning {
    first: WorldId,
    second: WorldId,
    place: Place,
    shared: bool,
}

/// The sums for one draw.
pub(crate) struct StageSums<'a> {
    inquiry: &'a Inquiry<'a>,
    solved: &'a [Solved],
    weights: &'a Weights,
    recorded: RecordedMeasures,
}

impl<'a> StageSums<'a> {
    pub(crate) fn new(inquiry: &'a Inquiry<'a>, solved: &'a [Solved], weights: &'a Weights) -> Self {
        Self { inquiry, solved, weights, recorded: inquiry.recorded_measures() }
    }

    /// What comes of a world beside the world as it was, given the record; `None` where that has to be replayed.
    pub(crate) fn given_record(
        &self,
        walk: &mut JointWalk,
        world: WorldId,
        followed: Followed<'_>,
    ) -> Option<Course> {
        let own = &self.inquiry.worlds[world.0];
        let shared = match own.plan.luck {
            LuckRule::Held => true,
            LuckRule::Redrawn => false,
            LuckRule::RedrawnAfter => !own.surprises.redraw_from_the_beginning(),
        };
        let place = if shared || followed.first.is_some() { self.known() } else { Place::Over };
        self.course(walk, Beginning { first: WorldId::FACTUAL, second: world, place, shared }, followed)
    }

    /// What comes of two worlds with the same luck, of which nothing is known.
    pub(crate) fn of_two(
        &self,
        walk: &mut JointWalk,
        first: WorldId,
        second: WorldId,
        followed: Followed<'_>,
    ) -> Option<Course> {
        self.course(walk, Beginning { first, second, place: Place::Free(0), shared: true }, followed)
    }

    /// What comes of the world as it was, of which nothing is known.
    pub(crate) fn unknowing(&self, walk: &mut JointWalk, followed: Followed<'_>) -> Option<Course> {
        let (first, second) = (WorldId::FACTUAL, WorldId::FACTUAL);
        self.course(walk, Beginning { first, second, place: Place::Over, shared: false }, followed)
    }

    fn course(&self, walk: &mut JointWalk, beginning: Beginning, followed: Followed<'_>) -> Option<Course> {
        let looks_back = |world: WorldId| self.inquiry.worlds[world.0].surprises.looks_back();
        if self.unfolded().states.len() > MOST_STATES
            || looks_back(beginning.first)
            || looks_back(beginning.second)
        {
            return None;
        }
        Run::new(self, beginning, followed).sum(walk)
    }

    /// Where the world as it was begins, given the record.
    fn known(&self) -> Place {
        let some = self.consistent().is_some_and(|c| c.part_count() > 0);
        if some { Place::Part(0) } else { Place::Free(0) }
    }

    fn unfolded(&self) -> &'a Unfolded {
        self.inquiry.factual().model().unfolded()
    }

    fn consistent(&self) -> Option<&'a ConsistentHistories> {
        self.inquiry.factual().model().consistent()
    }

    fn surprises(&self, world: WorldId) -> &'a Surprises {
        &self.inquiry.worlds[world.0].surprises
    }

    /// The values of a state's expressions in a world.
    fn values(&self, world: WorldId, state: usize) -> &'a [f64] {
        &self.solved[world.0].values[state]
    }

    /// A stage of a world.
    fn tree<'b>(&'b self, world: WorldId, state: usize, before: &'b Before) -> WorldTree<'b> {
        let play = self.inquiry.worlds[world.0].play;
        let solved = &self.solved[world.0];
        WorldTree {
            scene: self.inquiry.scene_of(world),
            state,
            events: self.inquiry.event_table(self.inquiry.plays[play].scene, state),
            odds: &solved.odds[state],
            values: &solved.values[0],
            surprises: self.surprises(world),
            before: Some(before),
        }
    }

    /// How often events come up on the way to an end of a state.
    fn events(&self, state: usize, end: NodeId) -> Before {
        let keys = self.inquiry.factual().keys();
        let mut counts = keys.nothing_before();
        keys.count(&self.unfolded().states[state].game, state, end, &mut counts);
        counts
    }
}
