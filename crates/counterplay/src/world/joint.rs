//! What comes of a world, given what happened in another with the same luck: an exact sum over pairs of histories.
//!
//! Luck is noise at each event, by its name and occurrence; given a history of the one world, the noise at each of its events is
//! known as far as that event's label tells of it, and the noise of all others is fresh. The other world's history is then a walk down
//! its tree: an event that the first history met turns out by the law of [`coupling`](crate::causality::coupling), and one that it
//! did not meet by its own probabilities. Both trees are walked together, depth first. The first is followed as far as the second asks
//! for: until it meets the event that the second has to decide, or can no longer meet it. Where nothing that is still to come in the
//! second world comes up in the first, the second goes on by its own probabilities, and the sum over all that comes of it is
//! taken once for all pairs that lead there. So it does where nothing is known of the rest of the first history, and nothing about it is
//! asked any more: what is still to come there has fresh noise.
//!
//! Where luck is drawn again after a moment, the second world goes on by its own probabilities from there.

use counterplay_game::id::NodeId;
use counterplay_game::tree::Game;

use crate::causality::coupling::{Coupling, TwoWorlds};
use crate::world::branching::WorldTree;

/// More pairs of nodes than this in one world take longer than replays do.
const MOST_PAIRS: usize = 400_000;

/// Pairs of nodes that are less likely than this go on as though their luck were fresh.
const NEGLIGIBLE: f64 = 1e-13;

/// What probabilities that sum to one can be off by.
const ROUNDING: f64 = 1e-14;

/// The world whose history is known in part: how likely it is to pass each node, and in which class its ends are.
pub(crate) struct KnownWorld<'a> {
    pub(crate) tree: WorldTree<'a>,
    /// The probability of the branch that leads to each node.
    pub(crate) into: &'a [f64],
    /// The probability that the history passes each node, given what is known.
    pub(crate) passing: &'a [f64],
    /// How many classes there are.
    pub(crate) classes: usize,
    /// For each node and class, the probability that the history ends in the class once it passes the node.
    pub(crate) class_share: &'a [f64],
    /// For each node, whether the class is settled there and nothing is known of what is still to come.
    settled: Vec<bool>,
}

/// How far the probability of a branch, given what is known, may be from that without it where nothing is known of it.
const ALIKE: f64 = 1e-12;

impl<'a> KnownWorld<'a> {
    /// A world whose history passes each node with the probability `passing`, given what is known; `into` is that of the branch that leads
    /// to each node, and `class_share`, for each node and class, that the history ends in the class once it passes the node.
    pub(crate) fn new(
        tree: WorldTree<'a>,
        into: &'a [f64],
        passing: &'a [f64],
        (classes, class_share): (usize, &'a [f64]),
    ) -> Self {
        let game = tree.game();
        let mut settled = vec![false; game.node_count()];
        for node in game.nodes().rev().filter(|n| passing[n.index()] > 0.0) {
            let shares = &class_share[node.index() * classes..][..classes];
            let one_class = shares.iter().filter(|s| **s > 0.0).count() == 1;
            let as_ever = |child: NodeId| {
                let without = passing[node.index()] * into[child.index()];
                let alike = (passing[child.index()] - without).abs() <= ALIKE * passing[node.index()];
                alike && (settled[child.index()] || passing[child.index()] == 0.0)
            };
            settled[node.index()] = one_class && game.children(node).all(as_ever);
        }
        Self { tree, into, passing, classes, class_share, settled }
    }

    /// For each node and class, the probability that a history that passes the node ends in the class, where `of_end` gives that of
    /// each end.
    pub(crate) fn shares(
        game: &Game,
        passing: &[f64],
        classes: usize,
        of_end: &[Vec<(usize, f64)>],
    ) -> Vec<f64> {
        let mut shares = vec![0.0; classes * game.node_count()];
        for node in game.nodes().rev() {
            let (here, passed) = (node.index() * classes, passing[node.index()]);
            if game.child_count(node) == 0 {
                for &(class, share) in &of_end[node.index()] {
                    shares[here + class] = share;
                }
                continue;
            }
            for child in game.children(node).filter(|c| passing[c.index()] > 0.0) {
                let share = passing[child.index()] / passed;
                for class in 0..classes {
                    shares[here + class] += share * shares[child.index() * classes + class];
                }
            }
        }
        shares
    }
}

/// What is done with luck in the second world.
#[derive(Clone, Copy)]
pub(crate) enum SharedLuck<'a> {
    /// It is that of the first world.
    All,
    /// It is that of the first world until the second passes one of these nodes.
    Before(&'a [bool]),
    /// None of it is that of the first world.
    None,
}

/// A history of the second world, with the class of the first world's history.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct JointEnd {
    pub(crate) end: NodeId,
    pub(crate) class: usize,
    pub(crate) probability: f64,
    /// Whether luck was drawn again before the end.
    pub(crate) redrawn: bool,
}

/// A pair of nodes that is yet to be followed, and an event of the first world that the second has not met, if there is one.
#[derive(Clone, Copy)]
struct Pair {
    first: NodeId,
    second: NodeId,
    probability: f64,
    open: Option<u32>,
}

/// An event that the first world has met and the second has not: where, and which branch was taken; and the one before it.
#[derive(Clone, Copy)]
struct OpenEvent {
    event: u32,
    node: NodeId,
    branch: usize,
    before: Option<u32>,
}

/// Walks two trees together. It keeps its working space from one use to the next.
#[derive(Clone, Default)]
pub(crate) struct JointWalk {
    coupling: Coupling,
    pairs: Vec<Pair>,
    open: Vec<OpenEvent>,
    here: Vec<f64>,
    there: Vec<f64>,
    law: Vec<f64>,
    /// For each node of the second tree and class, the probability of going on from there by the second world's own probabilities;
    /// first with the luck of the first world, then with luck drawn again.
    free: [Vec<f64>; 2],
}

impl JointWalk {
    /// All ends of the second world, each with the class of the first world's history; `None` if there are too many pairs to sum. Below
    /// the nodes that are `decided` all ends are as good as each other: how likely they are together with a class is right, and not how
    /// likely each of them is.
    pub(crate) fn ends(
        &mut self,
        first: &KnownWorld<'_>,
        second: WorldTree<'_>,
        luck: SharedLuck<'_>,
        decided: Option<&[bool]>,
    ) -> Option<Vec<JointEnd>> {
        let nodes = second.game().node_count();
        for free in &mut self.free {
            free.clear();
            free.resize(nodes * first.classes, 0.0);
        }
        let root = Pair { first: NodeId::new(0), second: NodeId::new(0), probability: 1.0, open: None };
        match luck {
            SharedLuck::None => self.go_free(first, &root, true),
            SharedLuck::All => self.walk(first, second, root, None, decided)?,
            SharedLuck::Before(moments) => self.walk(first, second, root, Some(moments), decided)?,
        }
        Some(self.go_on(second, first.classes))
    }

    /// The probability that all that happens in the second world is what happened in the first.
    pub(crate) fn unchanged(
        &mut self,
        first: &KnownWorld<'_>,
        second: WorldTree<'_>,
        luck: SharedLuck<'_>,
    ) -> f64 {
        let game = first.tree.game();
        let ends = game.nodes().filter(|n| game.child_count(*n) == 0 && first.passing[n.index()] > 0.0);
        ends.map(|end| first.passing[end.index()] * self.unchanged_to(first, second, luck, end)).sum()
    }

    /// The probability that the second world's history has just the events of the first world's history to `end`.
    pub(crate) fn unchanged_to(
        &mut self,
        first: &KnownWorld<'_>,
        second: WorldTree<'_>,
        luck: SharedLuck<'_>,
        end: NodeId,
    ) -> f64 {
        let path = first.tree.game().path(end);
        let game = second.game();
        let (mut there, mut probability, mut met) = (NodeId::new(0), 1.0, 0);
        let mut shared = !matches!(luck, SharedLuck::None);
        while game.child_count(there) > 0 {
            let event = second.events.event(there);
            let Some(&(node, branch)) = path.iter().find(|step| first.tree.events.event(step.0) == event)
            else {
                return 0.0;
            };
            let label = first.tree.scene.keys().label(first.tree.game(), first.tree.state, node, branch);
            let labels = 0..game.child_count(there);
            let Some(taken) = labels
                .into_iter()
                .find(|b| second.scene.keys().label(game, second.state, there, *b) == label)
            else {
                return 0.0;
            };
            let child = game.child(there, taken);
            if shared {
                self.given(first, second, there, node, branch);
            } else {
                second.probabilities(there, &mut self.law);
            }
            probability *= self.law[taken];
            if probability == 0.0 {
                return 0.0;
            }
            if let SharedLuck::Before(moments) = luck {
                shared &= !moments[child.index()];
            }
            (there, met) = (child, met + 1);
        }
        if met == path.len() { probability } else { 0.0 }
    }

    fn walk(
        &mut self,
        first: &KnownWorld<'_>,
        second: WorldTree<'_>,
        root: Pair,
        moments: Option<&[bool]>,
        decided: Option<&[bool]>,
    ) -> Option<()> {
        let is_decided = |node: NodeId| decided.is_some_and(|decided| decided[node.index()]);
        self.pairs.clear();
        self.open.clear();
        self.pairs.push(root);
        let mut passed = 0;
        while let Some(pair) = self.pairs.pop() {
            passed += 1;
            if passed > MOST_PAIRS {
                return None;
            }
            if moments.is_some_and(|moments| moments[pair.second.index()]) {
                self.go_free(first, &pair, true);
            } else if pair.probability < NEGLIGIBLE
                || is_decided(pair.second)
                || !self.meets(first, second, &pair)
            {
                self.go_free(first, &pair, false);
            } else {
                self.step(first, second, &pair);
            }
        }
        Some(())
    }

    /// Whether anything that the second world may still meet is known of from the first.
    fn meets(&self, first: &KnownWorld<'_>, second: WorldTree<'_>, pair: &Pair) -> bool {
        let open = self.open_events(pair.open).any(|open| second.events.comes(open.event, pair.second));
        open || !first.settled[pair.first.index()]
            && second.events.share(pair.second, first.tree.events, pair.first)
    }

    fn open_events(&self, last: Option<u32>) -> impl Iterator<Item = OpenEvent> + '_ {
        let at = |k: u32| self.open[k as usize];
        std::iter::successors(last.map(at), move |open| open.before.map(at))
    }

    /// Decides the event that the second world is at, or follows the first as far as that event.
    fn step(&mut self, first: &KnownWorld<'_>, second: WorldTree<'_>, pair: &Pair) {
        let event = second.events.event(pair.second);
        let known = self.open_events(pair.open).find(|open| open.event == event);
        let game = first.tree.game();
        if let Some(open) = known {
            self.decide(first, second, pair, Some((open.node, open.branch)), pair.first, 1.0);
        } else if !first.tree.events.comes(event, pair.first) {
            self.decide(first, second, pair, None, pair.first, 1.0);
        } else {
            let here = first.tree.events.event(pair.first);
            for (branch, child) in game.children(pair.first).enumerate() {
                let passing = first.passing[child.index()];
                if passing == 0.0 {
                    continue;
                }
                let share = passing / first.passing[pair.first.index()];
                if here == event {
                    self.decide(first, second, pair, Some((pair.first, branch)), child, share);
                } else {
                    let open = self.opened(
                        second,
                        pair,
                        OpenEvent { event: here, node: pair.first, branch, before: pair.open },
                    );
                    self.pairs.push(Pair {
                        first: child,
                        probability: pair.probability * share,
                        open,
                        ..*pair
                    });
                }
            }
        }
    }

    /// The events that are open once the first world has met one more.
    fn opened(&mut self, second: WorldTree<'_>, pair: &Pair, event: OpenEvent) -> Option<u32> {
        if !second.events.comes(event.event, pair.second) {
            return pair.open;
        }
        self.open.push(event);
        Some((self.open.len() - 1) as u32)
    }

    /// The second world decides its event, of which is known where and how the first decided it; `first_on` is where the first
    /// world goes on from, with this share of the probability.
    fn decide(
        &mut self,
        first: &KnownWorld<'_>,
        second: WorldTree<'_>,
        pair: &Pair,
        known: Option<(NodeId, usize)>,
        first_on: NodeId,
        share: f64,
    ) {
        let game = second.game();
        let on = |child: NodeId, p: f64| Pair {
            first: first_on,
            second: child,
            probability: pair.probability * share * p,
            open: pair.open,
        };
        match known {
            None => second.probabilities(pair.second, &mut self.law),
            Some((node, branch)) => self.given(first, second, pair.second, node, branch),
        }
        let likely = game.children(pair.second).zip(&self.law).filter(|(_, p)| **p > 0.0);
        self.pairs.extend(likely.map(|(child, p)| on(child, *p)));
    }

    /// Finds the distribution of an event of the second world, at `there`, that in the first was decided at `node` for `branch`.
    fn given(
        &mut self,
        first: &KnownWorld<'_>,
        second: WorldTree<'_>,
        there: NodeId,
        node: NodeId,
        branch: usize,
    ) {
        let (game, game_there) = (first.tree.game(), second.game());
        let (keys, keys_there) = (first.tree.scene.keys(), second.scene.keys());
        let branches = game.child_count(node);
        let probability = |b: usize| first.into[game.child(node, b).index()];
        let (mut only_here, mut taken) = (1.0, None);
        self.here.clear();
        second.probabilities(there, &mut self.there);
        for place in 0..self.there.len() {
            let label = keys_there.label(game_there, second.state, there, place);
            // Most events have the same labels in the same order.
            let same = |b: &usize| keys.label(game, first.tree.state, node, *b) == label;
            let own = Some(place).filter(|b| *b < branches).filter(same).or_else(|| (0..branches).find(same));
            let here = own.map_or(0.0, probability);
            only_here -= here;
            taken = taken.or_else(|| own.filter(|b| *b == branch).map(|_| place));
            self.here.push(here);
        }
        let only_here = if only_here > ROUNDING { only_here } else { 0.0 };
        let event = TwoWorlds { here: &self.here, there: &self.there, only_here };
        self.coupling.given_into(event, taken, &mut self.law);
    }

    /// The second world goes on by its own probabilities.
    fn go_free(&mut self, first: &KnownWorld<'_>, pair: &Pair, redrawn: bool) {
        let classes = first.classes;
        let free = &mut self.free[usize::from(redrawn)][pair.second.index() * classes..][..classes];
        for (sum, share) in free.iter_mut().zip(&first.class_share[pair.first.index() * classes..][..classes])
        {
            *sum += pair.probability * share;
        }
    }

    /// All ends that are reached from where the second world goes on by its own probabilities.
    fn go_on(&mut self, second: WorldTree<'_>, classes: usize) -> Vec<JointEnd> {
        let game = second.game();
        let mut ends = Vec::new();
        for (redrawn, free) in self.free.iter_mut().enumerate() {
            for node in game.nodes() {
                let own = node.index() * classes;
                if free[own..own + classes].iter().all(|p| *p == 0.0) {
                    continue;
                }
                if game.child_count(node) == 0 {
                    let some = (0..classes).filter(|class| free[own + class] > 0.0);
                    ends.extend(some.map(|class| JointEnd {
                        end: node,
                        class,
                        probability: free[own + class],
                        redrawn: redrawn == 1,
                    }));
                }
                second.probabilities(node, &mut self.law);
                for (child, p) in game.children(node).zip(&self.law) {
                    for class in 0..classes {
                        free[child.index() * classes + class] += free[own + class] * p;
                    }
                }
            }
        }
        ends
    }
}
