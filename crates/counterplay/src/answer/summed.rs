//! What comes of each world at one draw, summed over all histories.

use counterplay_game::id::NodeId;
use counterplay_math::statistics::to_twelve_digits;

use crate::answer::classes::{Classes, Distinctions, reached};
use crate::scenario::Luck as LuckRule;
use crate::world::branching::WorldTree;
use crate::world::catalogue::OutcomeIndex;
use crate::world::inquiry::{Inquiry, WorldId};
use crate::world::joint::{JointEnd, JointWalk, KnownWorld, SharedLuck};
use crate::world::scene::{RecordedMeasures, Scene};
use crate::world::solution::Solved;

/// More numbers than this, one for each node and class, are too many to sum over.
const MOST_SHARES: usize = 4_000_000;

/// What comes of all worlds, given the record and with the luck of what happened.
pub(crate) struct Sums {
    /// The histories of the world as it was.
    pub(crate) classes: Classes,
    /// For each world all that comes of it; `None` where there are too many pairs of histories to sum over.
    pub(crate) worlds: Vec<Option<Vec<JointEnd>>>,
    /// For each world, whether all that is told apart is right of each end by itself; of the others it is so of the outcomes that are
    /// asked about alone.
    pub(crate) each_end: Vec<bool>,
    /// For each world that a question is about, the probability that all goes as it did.
    pub(crate) unchanged: Vec<f64>,
}

/// How likely an outcome is, of which nothing is known, in the world of all factors and in that without one of them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct TwoOutcomes {
    pub(crate) without: f64,
    pub(crate) with_only: f64,
}

impl TwoOutcomes {
    /// The probability that the factor brings the outcome about where it does not follow without it; not a number where it always
    /// does.
    pub(crate) fn sufficiency(self) -> f64 {
        let lost = to_twelve_digits(1.0 - self.without);
        if lost > 0.0 { to_twelve_digits(self.with_only / lost) } else { f64::NAN }
    }
}

/// The worlds of an inquiry at one draw.
pub(crate) struct Worlds<'a> {
    pub(crate) inquiry: &'a Inquiry<'a>,
    pub(crate) solved: &'a [Solved],
}

impl Worlds<'_> {
    fn scene(&self, world: WorldId) -> &Scene {
        self.inquiry.scene_of(world)
    }

    fn tree(&self, world: WorldId) -> WorldTree<'_> {
        self.tree_under(world, &self.solved[world.0])
    }

    fn tree_under<'b>(&'b self, world: WorldId, solved: &'b Solved) -> WorldTree<'b> {
        let own = &self.inquiry.worlds[world.0];
        WorldTree {
            scene: self.scene(world),
            state: 0,
            before: None,
            events: self.inquiry.event_table(self.inquiry.plays[own.play].scene, 0),
            odds: &solved.odds[0],
            values: &solved.values[0],
            surprises: &own.surprises,
        }
    }

    fn luck(&self, world: WorldId) -> SharedLuck<'_> {
        let world = &self.inquiry.worlds[world.0];
        match world.plan.luck {
            LuckRule::Held => SharedLuck::All,
            LuckRule::Redrawn => SharedLuck::None,
            LuckRule::RedrawnAfter => {
                world.moments.as_ref().map_or(SharedLuck::None, |m| SharedLuck::Before(m))
            }
        }
    }

    /// What comes of every world, where the history as it was passes each node with this probability, given the record; `None` if
    /// that is too much to sum over. Of the worlds of `questions` all is found, and whether all goes as it did; of the others only the outcomes
    /// that are asked about, together with the classes of histories as they were in those that are `paired` with the world as it was.
    pub(crate) fn sums(
        &self,
        walk: &mut JointWalk,
        passing: &[f64],
        by: &Distinctions,
        questions: &[WorldId],
        paired: &[WorldId],
    ) -> Option<Sums> {
        let scene = self.inquiry.factual();
        let recorded = self.inquiry.recorded_measures();
        let classes = by.sort(scene, &self.solved[0].values[0], passing, &recorded);
        if classes.list.len() * passing.len() > MOST_SHARES {
            return None;
        }
        let (shares, tree) = (classes.shares(scene, passing), self.tree(WorldId::FACTUAL));
        let (into, one) = (tree.of_each_branch(), vec![1.0; passing.len()]);
        let known = KnownWorld::new(tree, &into, passing, (classes.list.len(), &shares));
        // Where nothing is asked but what comes of a world, histories as they were need not be told apart.
        let plain = KnownWorld::new(tree, &into, passing, (1, &one));
        let factual = Some(as_it_was(&classes, passing));
        let mut sums = Sums { worlds: vec![factual], each_end: vec![true], unchanged: vec![1.0], classes };
        for world in (1..self.inquiry.worlds.len()).map(WorldId) {
            let (tree, luck) = (self.tree(world), self.luck(world));
            let compared = questions.contains(&world);
            let first = if compared || paired.contains(&world) { &known } else { &plain };
            let decided = if compared { None } else { decided(tree.scene, &by.outcomes) };
            sums.worlds.push(walk.ends(first, tree, luck, decided.as_deref()));
            sums.each_end.push(compared);
            sums.unchanged.push(if compared { walk.unchanged(&known, tree, luck) } else { f64::NAN });
        }
        Some(sums)
    }

    /// The probability of an outcome in a world under some play, where the world as it was is the only one of these that is
    /// known otherwise; `None` if there are too many pairs of histories to sum over.
    pub(crate) fn probability(
        &self,
        walk: &mut JointWalk,
        passing: &[f64],
        (world, solved): (WorldId, &Solved),
        outcome: OutcomeIndex,
    ) -> Option<f64> {
        let tree = self.tree(WorldId::FACTUAL);
        let (into, one) = (tree.of_each_branch(), vec![1.0; passing.len()]);
        let known = KnownWorld::new(tree, &into, passing, (1, &one));
        let tree = self.tree_under(world, solved);
        let ends = walk.ends(&known, tree, self.luck(world), decided(tree.scene, &[outcome]).as_deref())?;
        let has = |end: &&JointEnd| self.scene(world).outcomes(end.end).contains(&outcome);
        Some(ends.iter().filter(has).map(|end| end.probability).sum())
    }

    /// For each of the worlds `without`, and each outcome, what holds where nothing is known; `present` is the world with
    /// all factors. `None` where there are too many pairs of histories to sum over.
    pub(crate) fn unknowing(
        &self,
        walk: &mut JointWalk,
        present: WorldId,
        without: &[WorldId],
        outcomes: &[OutcomeIndex],
    ) -> Vec<Option<Vec<TwoOutcomes>>> {
        let (scene, tree) = (self.scene(present), self.tree(present));
        let into = tree.of_each_branch();
        let passing = reached(scene.model().game(), &into);
        let by = Distinctions { outcomes: outcomes.to_vec(), ..Distinctions::default() };
        let classes = by.sort(scene, &[], &passing, &RecordedMeasures::default());
        let shares = classes.shares(scene, &passing);
        let known = KnownWorld::new(tree, &into, &passing, (classes.list.len(), &shares));
        let one = |&world: &WorldId| {
            let decided = decided(self.scene(world), outcomes);
            let ends = walk.ends(&known, self.tree(world), self.luck(world), decided.as_deref())?;
            let of = |(index, outcome): (usize, &OutcomeIndex)| {
                let mut two = TwoOutcomes::default();
                for end in &ends {
                    if self.scene(world).outcomes(end.end).contains(outcome) {
                        two.without += end.probability;
                    } else if classes.list[end.class].outcomes[index] {
                        two.with_only += end.probability;
                    }
                }
                two
            };
            Some(outcomes.iter().enumerate().map(of).collect())
        };
        without.iter().map(one).collect()
    }
}

/// For each node, whether all histories through it have the same of these outcomes; `None` if none is asked about.
fn decided(scene: &Scene, outcomes: &[OutcomeIndex]) -> Option<Vec<bool>> {
    if outcomes.is_empty() || outcomes.len() > 64 {
        return None;
    }
    let game = scene.model().game();
    // For each node which of them its histories have, if they are alike.
    let mut having: Vec<Option<u64>> = vec![None; game.node_count()];
    for node in game.nodes().rev() {
        having[node.index()] = if game.child_count(node) == 0 {
            let stated = scene.outcomes(node);
            Some((0..outcomes.len()).filter(|k| stated.contains(&outcomes[*k])).map(|k| 1 << k).sum())
        } else {
            let first = having[game.first_child(node).index()];
            first.filter(|_| game.children(node).all(|child| having[child.index()] == first))
        };
    }
    Some(having.iter().map(Option::is_some).collect())
}

/// The histories of the world as it was.
fn as_it_was(classes: &Classes, passing: &[f64]) -> Vec<JointEnd> {
    let of = |(end, some): (usize, &Vec<(usize, f64)>)| {
        let one = |&(class, share): &(usize, f64)| JointEnd {
            end: NodeId::new(end),
            class,
            probability: passing[end] * share,
            redrawn: false,
        };
        some.iter().map(one).collect::<Vec<_>>()
    };
    classes.of_end.iter().enumerate().flat_map(of).collect()
}
