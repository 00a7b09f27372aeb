//! One stage of both worlds together.

use counterplay_game::id::NodeId;
use counterplay_game::tree::{Game, Kind};
use counterplay_inference::distribution::Concrete;

use super::{Counts, Followed, Place, StageSums};
use crate::answer::classes::reached;
use crate::answer::query::{MeasuredLaw, RankRange};
use crate::answer::stages::monitor::{Monitor, MonitorState};
use crate::model::consistent::Lead;
use crate::scenario::Luck as LuckRule;
use crate::world::inquiry::WorldId;
use crate::world::joint::{JointEnd, JointWalk, KnownWorld, SharedLuck};

/// Ends of a stage of the first world that come to the same.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FirstClass {
    /// Where it goes on.
    pub(super) on: Place,
    /// What comes up on the way.
    pub(super) counts: Counts,
    /// The class of what is asked of it.
    pub(super) watched: usize,
    /// What is known of what is measured there: of which quantity, the ranks, and a value among them.
    pub(super) measured: Vec<KnownRank>,
}

/// What a stage of both comes to.
pub(super) struct StagePair {
    pub(super) first: Vec<FirstClass>,
    pub(super) ends: Vec<JointEnd>,
}

/// The ends of a stage of the first world, sorted.
#[derive(Default)]
struct FirstEnds {
    list: Vec<FirstClass>,
    /// For each node that is an end, the classes that its history may be of, with their probabilities.
    of_end: Vec<Vec<(usize, f64)>>,
}

/// Where the first world is, and what is known of it.
#[derive(Clone, Copy)]
pub(super) struct FirstAt<'b> {
    pub(super) place: Place,
    pub(super) counts: &'b Counts,
    pub(super) memory: &'b MonitorState,
}

/// Something known of what is measured at an end: of which quantity, the ranks, and a value among them.
pub(super) type KnownRank = (usize, RankRange, f64);

/// Two worlds, and what is followed along them.
pub(super) struct Pairing<'s, 'a> {
    pub(super) sums: &'s StageSums<'a>,
    /// The first world and the second.
    pub(super) worlds: (WorldId, WorldId),
    pub(super) followed: Followed<'s>,
    /// The quantities of which the rank may be known.
    ranked: Vec<usize>,
}

impl<'s, 'a> Pairing<'s, 'a> {
    pub(super) fn new(sums: &'s StageSums<'a>, worlds: (WorldId, WorldId), followed: Followed<'s>) -> Self {
        let gated = followed.first.is_some_and(Monitor::measures);
        let matters = |measure: &usize| gated || sums.recorded.names(*measure);
        let ranked = (0..sums.inquiry.catalogue.measures.len()).filter(matters).collect();
        Self { sums, worlds, followed, ranked }
    }

    /// Nothing has come up.
    pub(super) fn nothing(&self) -> Counts {
        let events = self.sums.inquiry.factual().keys().nothing_before();
        Counts { events, measured: vec![0; self.ranked.len()] }
    }

    /// A stage of both worlds, the second in this state.
    pub(super) fn walked(
        &self,
        walk: &mut JointWalk,
        at: FirstAt<'_>,
        state: usize,
        shared: bool,
    ) -> Option<StagePair> {
        let second = self.sums.tree(self.worlds.1, state, &at.counts.events);
        // Where the first world does not matter, it may as well be in the same state.
        let first_state = self.state_of(at.place).unwrap_or(state);
        let world = if at.place == Place::Over { WorldId::FACTUAL } else { self.worlds.0 };
        let first = self.sums.tree(world, first_state, &at.counts.events);
        let into = first.of_each_branch();
        let passing = self.passing(at.place, first.game(), &into)?;
        let ends = self.first_ends(at, first_state, &passing);
        let shares = KnownWorld::shares(first.game(), &passing, ends.list.len(), &ends.of_end);
        let known = KnownWorld::new(first, &into, &passing, (ends.list.len(), &shares));
        let moments = self.moments(state, at.counts);
        let luck = match &moments {
            _ if !shared || at.place == Place::Over => SharedLuck::None,
            Some(moments) => SharedLuck::Before(moments),
            None => SharedLuck::All,
        };
        Some(StagePair { ends: walk.ends(&known, second, luck, None)?, first: ends.list })
    }

    /// A stage of the first world, where nothing of the second is still to come: the classes of its ends, with their probabilities.
    pub(super) fn alone(&self, at: FirstAt<'_>) -> Option<Vec<(FirstClass, f64)>> {
        let state = self.state_of(at.place)?;
        let first = self.sums.tree(self.worlds.0, state, &at.counts.events);
        let passing = self.passing(at.place, first.game(), &first.of_each_branch())?;
        let ends = self.first_ends(at, state, &passing);
        let mut sums = vec![0.0; ends.list.len()];
        for (end, classes) in ends.of_end.iter().enumerate() {
            for &(class, share) in classes {
                sums[class] += share * passing[end];
            }
        }
        Some(ends.list.into_iter().zip(sums).collect())
    }

    pub(super) fn state_of(&self, place: Place) -> Option<usize> {
        match place {
            Place::Part(part) => Some(self.sums.consistent()?.state_of(part)),
            Place::Free(state) => Some(state),
            Place::Over => None,
        }
    }

    /// The nodes of the second world's stage from which on luck is drawn again, where it is after a moment.
    pub(super) fn moments(&self, state: usize, counts: &Counts) -> Option<Vec<bool>> {
        let world = &self.sums.inquiry.worlds[self.worlds.1.0];
        let scene = self.sums.inquiry.scene_of(self.worlds.1);
        (world.plan.luck == LuckRule::RedrawnAfter)
            .then(|| world.surprises.redrawn_from_stage(scene, state, &counts.events))
    }

    /// The probability that the first world passes each node of its stage, given what is known.
    pub(super) fn passing(&self, place: Place, game: &Game, into: &[f64]) -> Option<Vec<f64>> {
        let Place::Part(part) = place else { return Some(reached(game, into)) };
        let (consistent, weights) = (self.sums.consistent()?, self.sums.weights);
        let whole = weights.passing(consistent.root_of(part));
        let mut passing = vec![0.0; game.node_count()];
        for (at, node) in consistent.nodes_of(part) {
            passing[node.index()] = if whole > 0.0 { weights.passing(at) / whole } else { 0.0 };
        }
        Some(passing)
    }

    /// Where the first world goes on from each end of its stage.
    pub(super) fn leads(&self, place: Place, game: &Game, state: usize) -> Vec<(NodeId, Place)> {
        let own = &self.sums.unfolded().states[state];
        let after = |end: NodeId| own.onward(end).map_or(Place::Over, Place::Free);
        let ends = game.nodes().filter(|n| matches!(game.kind(*n), Kind::End(_)));
        match (place, self.sums.consistent()) {
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

    /// The ends of a stage of the first world that can be, sorted.
    fn first_ends(&self, at: FirstAt<'_>, state: usize, passing: &[f64]) -> FirstEnds {
        let game = &self.sums.unfolded().states[state].game;
        let mut ends = FirstEnds { list: Vec::new(), of_end: vec![Vec::new(); game.node_count()] };
        for (end, on) in self.leads(at.place, game, state) {
            if passing[end.index()] == 0.0 {
                continue;
            }
            if at.place == Place::Over {
                ends.add(end, self.no_class(), 1.0);
                continue;
            }
            let watched = self.followed.first.map_or(0, |gates| gates.classes[state].of(end));
            let counts = Counts { events: self.sums.events(state, end), measured: self.measured(state, end) };
            for (measured, probability) in self.known_ranks(at, state, end) {
                ends.add(end, FirstClass { on, counts: counts.clone(), watched, measured }, probability);
            }
        }
        ends
    }

    /// What is known of nothing.
    fn no_class(&self) -> FirstClass {
        FirstClass { on: Place::Over, counts: self.nothing(), watched: 0, measured: Vec::new() }
    }

    /// How often quantities of which the rank may be known are measured at an end.
    pub(super) fn measured(&self, state: usize, end: NodeId) -> Vec<u32> {
        let mut counts = vec![0; self.ranked.len()];
        if !counts.is_empty() {
            let scene = self.sums.inquiry.scene_of(self.worlds.0);
            for (measure, _) in scene.laws_of(state, end, self.sums.values(self.worlds.0, state)) {
                if let Some(at) = self.ranked.iter().position(|m| *m == measure) {
                    counts[at] += 1;
                }
            }
        }
        counts
    }

    /// All that can be known of the ranks of what is measured at an end of the first world, as far as it matters, each with its
    /// probability.
    fn known_ranks(&self, at: FirstAt<'_>, state: usize, end: NodeId) -> Vec<(Vec<KnownRank>, f64)> {
        let mut lists = vec![(Vec::new(), 1.0)];
        if self.ranked.is_empty() {
            return lists;
        }
        let scene = self.sums.inquiry.scene_of(self.worlds.0);
        for (measure, law) in scene.laws_of(state, end, self.sums.values(self.worlds.0, state)) {
            let known = self.known_of(at, measure, &law);
            let with = |(list, p): &(Vec<KnownRank>, f64)| {
                let more = |&(value, ranks, share): &(f64, RankRange, f64)| {
                    (list.iter().copied().chain([(measure, ranks, value)]).collect(), p * share)
                };
                known.iter().map(more).collect::<Vec<_>>()
            };
            if !known.is_empty() {
                lists = lists.iter().flat_map(with).collect();
            }
        }
        lists
    }

    /// The values of a quantity that are told apart when the first world measures it next, with their ranks and how likely they are;
    /// none where nothing about it matters.
    fn known_of(&self, at: FirstAt<'_>, measure: usize, law: &Concrete) -> Vec<(f64, RankRange, f64)> {
        let Some(place) = self.ranked.iter().position(|m| *m == measure) else { return Vec::new() };
        let recorded = match at.place {
            Place::Part(_) => self.sums.recorded.value(measure, at.counts.measured[place] + 1),
            Place::Free(_) | Place::Over => None,
        };
        if let Some(value) = recorded {
            return vec![(value, RankRange::of_value(law, value), 1.0)];
        }
        let Some(gates) = self.followed.first else { return Vec::new() };
        let cuts = gates.cuts(at.memory, measure);
        if cuts.is_empty() {
            // That it is measured may count; no bound looks at its value.
            return gates.counts(measure).then(|| (0.0, RankRange::all(), 1.0)).into_iter().collect();
        }
        let of = |(value, ranks): (f64, RankRange)| (value, ranks, ranks.width());
        MeasuredLaw::free(*law).stretches(&cuts).into_iter().map(of).collect()
    }
}

impl FirstEnds {
    /// Enters an end, which is of a class with this probability.
    fn add(&mut self, end: NodeId, class: FirstClass, probability: f64) {
        let at = self.list.iter().position(|c| *c == class).unwrap_or_else(|| {
            self.list.push(class);
            self.list.len() - 1
        });
        self.of_end[end.index()].push((at, probability));
    }
}
