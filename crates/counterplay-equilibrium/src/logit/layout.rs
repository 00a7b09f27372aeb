//! A game's tree in the form that sweeps read: flat, in the order of reading, without anything else.

use std::sync::OnceLock;

use counterplay_game::id::NodeId;
use counterplay_game::tree::{Game, Kind};

use super::elimination::plan::Plan;
use super::schedule::{Schedule, SweepStep};
use crate::numeric::index::narrow;

/// A position in the array of values: an inner node, or a distinct end.
pub(crate) type ValueIndex = u32;

/// An information set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InfoSet {
    /// Its first action.
    pub(crate) first: usize,
    /// The number of its actions.
    pub(crate) count: usize,
    /// Whether something is decided after it, so that its play affects what others believe.
    pub(crate) leads_on: bool,
    /// Whose it is.
    pub(crate) player: usize,
    first_member: u32,
    member_count: u32,
    /// The first child of its first member in the list of children.
    first_child: u32,
}

impl InfoSet {
    /// Its actions.
    #[inline]
    pub(crate) fn actions(&self) -> std::ops::Range<usize> {
        self.first..self.first + self.count
    }
}

/// An inner node: one at which somebody or chance decides.
#[derive(Clone, Copy, Debug, Default)]
struct Inner {
    /// Its first child in the list of children.
    first_child: u32,
    /// Its first branch in the array of odds.
    first_odds: u32,
    count: u32,
}

/// The tree; see the [module](self).
///
/// The *odds* are one array: the probabilities of all branches of chance, then those of all actions. The *values*
/// are one array: the inner nodes as the schedule numbers them, then the distinct ends, each with a number per player.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) players: usize,
    pub(crate) branches: usize,
    pub(crate) actions: usize,
    pub(crate) inner_count: usize,
    pub(crate) end_count: usize,
    pub(crate) steps: Vec<SweepStep>,
    /// The steps of one rank, from the deepest on, of which none needs another; empty where there are no ranks.
    pub(crate) ranks: Vec<std::ops::Range<usize>>,
    pub(crate) sets: Vec<InfoSet>,
    inner: Vec<Inner>,
    children: Vec<ValueIndex>,
    members: Vec<u32>,
    /// For each inner node but the root: the node before, and the position in the odds of the branch taken.
    before: Vec<(u32, u32)>,
    /// The number of each inner node of the game.
    inner_index: Vec<u32>,
    /// How to eliminate along the tree; see [`plan_of`](super::elimination::plan_of).
    pub(super) plan: OnceLock<Option<Plan>>,
}

impl Layout {
    pub(crate) fn new(game: &Game) -> Self {
        Self::in_order(game, Schedule::new(game))
    }

    /// The layout for sweeps that take the play of the sweep before at all information sets, so that the logits of none
    /// are a function of the others.
    pub(crate) fn with_all_logits(game: &Game) -> Self {
        Self::in_order(game, Schedule::by_level(game))
    }

    fn in_order(game: &Game, schedule: Schedule) -> Self {
        let inner_count = schedule.order.len();
        let mut inner_index = vec![u32::MAX; game.node_count()];
        for (number, node) in schedule.order.iter().enumerate() {
            inner_index[node.index()] = narrow(number);
        }
        let mut layout = Self {
            players: game.players().len(),
            branches: game.branch_count(),
            actions: game.action_count(),
            inner_count,
            end_count: game.end_count(),
            steps: schedule.steps,
            ranks: schedule.ranks,
            sets: Vec::with_capacity(game.info_set_count()),
            inner: Vec::new(),
            children: Vec::with_capacity(game.node_count()),
            members: Vec::new(),
            before: vec![(0, 0); inner_count],
            inner_index: Vec::new(),
            plan: OnceLock::new(),
        };
        layout.inner.resize(inner_count, Inner::default());
        for &node in schedule.order.iter().filter(|n| matches!(game.kind(**n), Kind::Chance(_))) {
            layout.add_inner(game, node, &inner_index);
        }
        // A sweep that passes lagging sets reads the play of the sweep before at all of them.
        let lags = layout.steps.iter().any(|s| matches!(s, SweepStep::Pass(_)));
        for id in game.info_set_ids() {
            let actions = game.actions(id);
            let first_member = narrow(layout.members.len());
            let decided = |n: &NodeId| game.children(*n).any(|c| inner_index[c.index()] != u32::MAX);
            let first_child = narrow(layout.children.len());
            for &node in game.members(id) {
                layout.members.push(inner_index[node.index()]);
                layout.add_inner(game, node, &inner_index);
            }
            layout.sets.push(InfoSet {
                first: actions.start,
                count: actions.len(),
                leads_on: lags || game.members(id).iter().any(decided),
                player: game.info_set(id).player.index(),
                first_member,
                member_count: narrow(game.members(id).len()),
                first_child,
            });
        }
        layout.inner_index = inner_index;
        layout
    }

    /// Where a node's value is.
    pub(crate) fn place(&self, game: &Game, node: NodeId) -> usize {
        match game.kind(node) {
            Kind::End(end) => self.inner_count + end.index(),
            Kind::Chance(_) | Kind::Decision(_) => self.inner_index[node.index()] as usize,
        }
    }

    fn add_inner(&mut self, game: &Game, node: NodeId, inner_index: &[u32]) {
        let first_odds = match game.kind(node) {
            Kind::Chance(chance) => game.branches(chance).start,
            Kind::Decision(set) => self.branches + game.actions(set).start,
            Kind::End(_) => unreachable!("an end is not an inner node"),
        };
        let own = inner_index[node.index()];
        let first_child = narrow(self.children.len());
        for (branch, child) in game.children(node).enumerate() {
            self.children.push(match game.kind(child) {
                Kind::End(end) => narrow(self.inner_count + end.index()),
                Kind::Chance(_) | Kind::Decision(_) => {
                    let index = inner_index[child.index()];
                    self.before[index as usize] = (own, narrow(first_odds + branch));
                    index
                }
            });
        }
        let count = narrow(game.child_count(node));
        self.inner[own as usize] = Inner { first_child, first_odds: narrow(first_odds), count };
    }

    /// The places of a node's children.
    #[inline]
    pub(crate) fn children(&self, node: usize) -> &[ValueIndex] {
        let inner = self.inner[node];
        &self.children[inner.first_child as usize..(inner.first_child + inner.count) as usize]
    }

    /// Where a node's branches are in the odds.
    #[inline]
    pub(crate) fn odds(&self, node: usize) -> std::ops::Range<usize> {
        let inner = self.inner[node];
        inner.first_odds as usize..(inner.first_odds + inner.count) as usize
    }

    /// The places of the children of an information set's members, member after member.
    #[inline]
    pub(crate) fn children_of_members(&self, set: &InfoSet) -> &[ValueIndex] {
        let first = set.first_child as usize;
        &self.children[first..first + set.member_count as usize * set.count]
    }

    /// The member nodes of an information set.
    #[inline]
    pub(crate) fn members(&self, set: &InfoSet) -> &[u32] {
        &self.members[set.first_member as usize..(set.first_member + set.member_count) as usize]
    }

    /// For each inner node: the node before and the odds of the branch taken; meaningless for the root.
    #[inline]
    pub(crate) fn before(&self) -> &[(u32, u32)] {
        &self.before
    }
}
