//! What comes of each world of a story with stages, summed over pairs of states.
//!
//! Luck is keyed by events and their occurrence from the beginning. As long as every event has come up equally often in both worlds, the
//! stages of the two share their luck event by event, and a stage in each of two states is walked as two trees are
//! ([`joint`](crate::world::joint)). So it is enough to know where the history as it was is (in which part of what agrees with the record,
//! or in which state after it), in which state the other world is, how often events have come up, and which values outcomes had last. Where
//! events come up more often in the one world than in the other, their later luck is shared across stages: then histories are replayed.

use std::collections::BTreeMap;

use counterplay_game::id::NodeId;
use counterplay_game::tree::{Game, Kind};
use counterplay_math::statistics::to_twelve_digits;

use crate::answer::classes::reached;
use crate::model::consistent::{ConsistentHistories, Lead, Weights};
use crate::scenario::Luck as LuckRule;
use crate::story::unfolded::Unfolded;
use crate::world::branching::WorldTree;
use crate::world::inquiry::{Inquiry, WorldId};
use crate::world::joint::{JointWalk, KnownWorld, SharedLuck};
use crate::world::keys::Before;
use crate::world::solution::Solved;
use crate::world::surprises::Surprises;

/// More places than this at a stage are too many.
const MOST_PLACES: usize = 5_000;

/// More states than this are too many.
const MOST_STATES: usize = 2_000;

/// What out of step may be left out.
const NEGLIGIBLE: f64 = 1e-12;

/// Where the history as it was is before a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// In a part of the histories that agree with the record.
    Part(usize),
    /// In a state, after all that is recorded has come up.
    Free(usize),
    /// It has ended, or its luck does not matter.
    Over,
}

/// Where both worlds are before a stage, and how often each event has come up in each of them.
type Places = (Place, usize, Before);

/// The probability of some places, and for each outcome and value that of the value being stated last.
#[derive(Clone)]
struct Mass {
    whole: f64,
    last: Vec<Vec<f64>>,
}

/// What one stage leads to: where the first goes on, the end of the second, and how likely.
type Onward = Vec<(Place, NodeId, f64)>;

/// The sums for one draw.
pub(crate) struct StageSums<'a> {
    inquiry: &'a Inquiry<'a>,
    solved: &'a [Solved],
    weights: &'a Weights,
    known: BTreeMap<(Place, usize), Onward>,
}

impl<'a> StageSums<'a> {
    pub(crate) fn new(inquiry: &'a Inquiry<'a>, solved: &'a [Solved], weights: &'a Weights) -> Self {
        Self { inquiry, solved, weights, known: BTreeMap::new() }
    }

    fn unfolded(&self) -> &'a Unfolded {
        self.inquiry.factual().model().unfolded()
    }

    fn consistent(&self) -> Option<&'a ConsistentHistories> {
        self.inquiry.factual().model().consistent()
    }

    /// For each outcome and value the probability that a world states it last, up to the horizon; `None` where that has to be replayed.
    pub(crate) fn probabilities(&mut self, walk: &mut JointWalk, world: WorldId) -> Option<Vec<Vec<f64>>> {
        let own = &self.inquiry.worlds[world.0];
        let start = match own.plan.luck {
            LuckRule::Held if !own.surprises.looks_back() => Place::Part(0),
            LuckRule::Redrawn if !own.surprises.looks_back() => Place::Over,
            LuckRule::Held | LuckRule::Redrawn | LuckRule::RedrawnAfter => return None,
        };
        self.from(walk, world, start)
    }

    /// The same of the world as it was, where nothing is known.
    pub(crate) fn unknowing(&mut self, walk: &mut JointWalk) -> Option<Vec<Vec<f64>>> {
        self.from(walk, WorldId::FACTUAL, Place::Over)
    }

    fn from(&mut self, walk: &mut JointWalk, world: WorldId, start: Place) -> Option<Vec<Vec<f64>>> {
        if self.unfolded().states.len() > MOST_STATES {
            return None;
        }
        self.known.clear();
        let outcomes = &self.inquiry.catalogue.outcomes;
        let none = Mass { whole: 0.0, last: outcomes.iter().map(|o| vec![0.0; o.1.len()]).collect() };
        let nothing = self.inquiry.factual().keys().nothing_before();
        let mut now = BTreeMap::from([((start, 0, nothing), Mass { whole: 1.0, ..none.clone() })]);
        let mut all = none.clone();
        for stage in 0..=self.inquiry.horizon() {
            let last = stage == self.inquiry.horizon();
            let mut next: BTreeMap<Places, Mass> = BTreeMap::new();
            for ((place, state, before), mass) in now {
                for (on, end, p) in self.stage(walk, world, place, state, &before)? {
                    let moved = self.stated(world, state, end, &mass, p);
                    let goes_on = self.unfolded().states[state].onward(end).filter(|_| !last);
                    let Some(to) = goes_on else {
                        all.add(&moved);
                        continue;
                    };
                    let after = self.counted(state, end, &before);
                    next.entry((on, to, after)).or_insert_with(|| none.clone()).add(&moved);
                }
            }
            if next.len() > MOST_PLACES {
                return None;
            }
            now = next;
        }
        let rounded = |values: &Vec<f64>| values.iter().map(|p| to_twelve_digits(*p)).collect();
        Some(all.last.iter().map(rounded).collect())
    }

    /// How often events have come up after an end of a state.
    fn counted(&self, state: usize, end: NodeId, before: &Before) -> Before {
        let mut after = before.clone();
        self.inquiry.factual().keys().count(&self.unfolded().states[state].game, state, end, &mut after);
        after
    }

    /// The mass after an end, with this share of the probability.
    fn stated(&self, world: WorldId, state: usize, end: NodeId, mass: &Mass, p: f64) -> Mass {
        let mut moved = mass.clone();
        moved.whole *= p;
        moved.last.iter_mut().flatten().for_each(|x| *x *= p);
        for of in self.inquiry.scene_of(world).stated(state, end) {
            moved.last[of.outcome].fill(0.0);
            moved.last[of.outcome][of.value] = moved.whole;
        }
        moved
    }

    /// One stage from two places; `None` if the two come out of step, or it is too much.
    fn stage(
        &mut self,
        walk: &mut JointWalk,
        world: WorldId,
        place: Place,
        state: usize,
        before: &Before,
    ) -> Option<Onward> {
        let surprises = &self.inquiry.worlds[world.0].surprises;
        let lasting = surprises.all_past(before);
        if let Some(known) = self.known.get(&(place, state)).filter(|_| lasting) {
            return Some(known.clone());
        }
        let second = self.tree(world, state, surprises, Some(before));
        let found = self.walked(walk, place, second)?;
        if lasting {
            self.known.insert((place, state), found.clone());
        }
        Some(found)
    }

    fn tree<'b>(
        &'b self,
        world: WorldId,
        state: usize,
        surprises: &'b Surprises,
        before: Option<&'b Before>,
    ) -> WorldTree<'b> {
        let play = self.inquiry.worlds[world.0].play;
        let solved = &self.solved[world.0];
        WorldTree {
            scene: self.inquiry.scene_of(world),
            state,
            events: self.inquiry.event_table(self.inquiry.plays[play].scene, state),
            odds: &solved.odds[state],
            values: &solved.values[0],
            surprises,
            before,
        }
    }

    /// Walks a stage of both worlds together.
    fn walked(&self, walk: &mut JointWalk, place: Place, second: WorldTree<'_>) -> Option<Onward> {
        let nothing = Surprises::default();
        let (first_state, luck) = match place {
            Place::Part(part) => (self.consistent()?.state_of(part), SharedLuck::All),
            Place::Free(state) => (state, SharedLuck::All),
            Place::Over => (second.state, SharedLuck::None),
        };
        let first = self.tree(WorldId::FACTUAL, first_state, &nothing, None);
        let into = first.of_each_branch();
        let passing = self.passing(place, first.game(), &into)?;
        // Ends of the first world, sorted by where it goes on and how often events came up.
        let mut classes: Vec<(Place, Before)> = Vec::new();
        let mut of_end = vec![Vec::new(); first.game().node_count()];
        for (end, on) in self.leads(place, first.game(), first_state) {
            if passing[end.index()] == 0.0 {
                continue;
            }
            let nothing = self.inquiry.factual().keys().nothing_before();
            let class = (on, self.counted(first_state, end, &nothing));
            let at = classes.iter().position(|c| *c == class).unwrap_or_else(|| {
                classes.push(class);
                classes.len() - 1
            });
            of_end[end.index()].push((at, 1.0));
        }
        let shares = KnownWorld::shares(first.game(), &passing, classes.len(), &of_end);
        let known = KnownWorld::new(first, &into, &passing, (classes.len(), &shares));
        let nothing = self.inquiry.factual().keys().nothing_before();
        let mut onward = Vec::new();
        for end in walk.ends(&known, second, luck, None)? {
            let (mut on, counts) = (classes[end.class].0, &classes[end.class].1);
            let goes_on = self.unfolded().states[second.state].onward(end.end).is_some();
            if on != Place::Over && goes_on && *counts != self.counted(second.state, end.end, &nothing) {
                if end.probability > NEGLIGIBLE {
                    return None;
                }
                on = Place::Over;
            }
            onward.push((on, end.end, end.probability));
        }
        Some(onward)
    }

    /// The probability that the history as it was passes each node of its stage, given what is known.
    fn passing(&self, place: Place, game: &Game, into: &[f64]) -> Option<Vec<f64>> {
        let Place::Part(part) = place else { return Some(reached(game, into)) };
        let consistent = self.consistent()?;
        let whole = self.weights.passing(consistent.root_of(part));
        let mut passing = vec![0.0; game.node_count()];
        for (at, node) in consistent.nodes_of(part) {
            passing[node.index()] = if whole > 0.0 { self.weights.passing(at) / whole } else { 0.0 };
        }
        Some(passing)
    }

    /// Where the history as it was goes on from each end of its stage.
    fn leads(&self, place: Place, game: &Game, state: usize) -> Vec<(NodeId, Place)> {
        let after = |end: NodeId| self.unfolded().states[state].onward(end).map_or(Place::Over, Place::Free);
        let ends = game.nodes().filter(|n| matches!(game.kind(*n), Kind::End(_)));
        match (place, self.consistent()) {
            (Place::Part(part), Some(consistent)) => {
                let lead = |(_, end, lead): (usize, NodeId, Lead)| match lead {
                    Lead::To(next) => (end, Place::Part(next)),
                    Lead::Done => (end, after(end)),
                };
                consistent.ends(part).map(lead).collect()
            }
            (Place::Free(_), _) => ends.map(|end| (end, after(end))).collect(),
            (Place::Over | Place::Part(_), _) => ends.map(|end| (end, Place::Over)).collect(),
        }
    }
}

impl Mass {
    fn add(&mut self, other: &Self) {
        self.whole += other.whole;
        for (sum, x) in self.last.iter_mut().flatten().zip(other.last.iter().flatten()) {
            *sum += x;
        }
    }
}
