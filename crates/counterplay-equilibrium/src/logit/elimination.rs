//! The linear systems of Newton's method by elimination along the tree.
//!
//! The Jacobian $I - H_z$ of the response map couples all actions, but not in all ways: what is decided below a node bears
//! on what is decided elsewhere only through the values of the nodes above it, and is borne on only through the
//! probabilities of reaching them. So a part of the tree below some nodes, its *frontier*, of which no information set
//! goes beyond it, is to the rest of the game one linear map, from the changes $\ell$ of the logarithms of the reach of
//! the frontier to the changes of its values,
//! $$ dv = M\,\ell + m. $$
//! Information sets that share such parts below them are eliminated together, from the deepest up: their own unknowns are
//! found by a small dense system as a function of the reach of their members, which gives the map of a larger part. This
//! is Gaussian elimination by blocks in the order of the tree (Duff, Erisman and Reid 1986); its pivots give the sign of
//! the determinant. In games whose players see each other's moves the frontiers are the histories that look alike to
//! an onlooker, and the work is linear in the number of those.

mod factors;

pub(crate) use factors::Factors;

use crate::logit::layout::Layout;
use crate::logit::schedule::Step;

/// Stands for no unknown, no part or no odds.
const NONE: u32 = u32::MAX;

/// The most multiplications that one elimination is worth, and the most numbers that it may keep.
const MAX_WORK: f64 = 4e8;
const MAX_KEPT: usize = 30_000_000;

/// In which order and in which parts to eliminate.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Each after those below it.
    groups: Vec<Group>,
    /// How many numbers are kept.
    kept: usize,
    /// The multiplications of one elimination, about.
    pub(crate) work: f64,
}

/// Information sets and chance nodes that are eliminated together.
#[derive(Clone, Debug)]
struct Group {
    /// The information sets: each with its first unknown.
    sets: Vec<(usize, usize)>,
    /// The unknowns: the changes of the responses of all actions here.
    unknowns: usize,
    /// The nodes that are decided here.
    heads: Vec<u32>,
    /// The parts below.
    below: Vec<Below>,
    /// The frontier of the part that this makes: heads first, then nodes that were on frontiers below already.
    frontier: Vec<u32>,
    /// Where its numbers begin.
    first: usize,
    /// Whether anything is decided below it.
    inner: bool,
    /// Its pivots begin there.
    first_pivot: usize,
}

/// A part below a group, and how its frontier hangs on the group.
#[derive(Clone, Debug)]
struct Below {
    /// The group that made it.
    part: usize,
    entries: Vec<Entry>,
}

/// A node on the frontier of a part below.
#[derive(Clone, Copy, Debug)]
struct Entry {
    node: u32,
    /// The place in the group's frontier of the node before it, or its own where that one is not decided here.
    column: u32,
    /// The unknown of the action that leads to it.
    unknown: u32,
    /// Where the odds of the branch that leads to it are.
    odds: u32,
    /// The player who decides at the node before it.
    player: u32,
}

impl Group {
    /// Whether anything below hangs on what is decided here.
    fn coupled(&self) -> bool {
        !self.below.is_empty()
    }

    /// How many numbers it keeps.
    fn kept(&self, players: usize) -> usize {
        let (columns, unknowns) = (self.frontier.len(), self.unknowns);
        let rows = columns * players;
        let square = if self.coupled() { 2 * unknowns * unknowns + rows * unknowns } else { 0 };
        rows * columns + unknowns * columns + square
    }

    fn work(&self, players: usize) -> f64 {
        let (columns, unknowns) = (self.frontier.len() as f64, self.unknowns as f64);
        let of_part = |b: &Below| (b.entries.len() * b.entries.len() * 2 * (players + 1)) as f64;
        let pivots = if self.coupled() { unknowns * unknowns * (unknowns / 3.0 + columns) } else { 0.0 };
        self.below.iter().map(of_part).sum::<f64>() + pivots + columns * columns * players as f64 * unknowns
    }
}

impl Plan {
    /// A plan for a game; none where an information set lies above another and below it, or where the parts have
    /// frontiers so wide that elimination would take too long.
    pub(crate) fn new(layout: &Layout) -> Option<Self> {
        if layout.ranks.is_empty() {
            return None;
        }
        let mut planner = Planner {
            layout,
            plan: Self { groups: Vec::new(), kept: 0, work: 0.0 },
            pivots: 0,
            part_of: vec![NONE; layout.inner_count],
            column_of: vec![NONE; layout.inner_count],
            group_of: vec![NONE; layout.inner_count],
            unknown_of: vec![(NONE, NONE); layout.actions],
        };
        for rank in &layout.ranks {
            for steps in planner.components(rank.clone()) {
                planner.add(&steps);
                if planner.plan.work > MAX_WORK || planner.plan.kept > MAX_KEPT {
                    return None;
                }
            }
        }
        Some(planner.plan)
    }
}

struct Planner<'a> {
    layout: &'a Layout,
    plan: Plan,
    pivots: usize,
    /// The group that made the part on whose frontier a node is.
    part_of: Vec<u32>,
    /// The place of a node on the frontier of the group that is being added.
    column_of: Vec<u32>,
    /// The group that decides a node.
    group_of: Vec<u32>,
    /// The unknown of an action in its group, and whose it is.
    unknown_of: Vec<(u32, u32)>,
}

fn narrow(x: usize) -> u32 {
    u32::try_from(x).expect("fewer than 2^32 items")
}

impl Planner<'_> {
    /// The nodes that a step decides.
    fn heads(&self, step: Step) -> Vec<u32> {
        match step {
            Step::Respond(set) | Step::RespondLate(set) => {
                self.layout.members(&self.layout.sets[set]).to_vec()
            }
            Step::Chance(node) | Step::Pass(node) => vec![narrow(node)],
        }
    }

    /// The parts below a step.
    fn parts_below(&self, step: Step) -> Vec<u32> {
        let mut parts = Vec::new();
        for node in self.heads(step) {
            for &child in self.layout.children(node as usize) {
                parts.extend(self.part_of.get(child as usize).filter(|p| **p != NONE));
            }
        }
        parts.sort_unstable();
        parts.dedup();
        parts
    }

    /// The steps of a rank, those together that share a part below them.
    fn components(&self, rank: std::ops::Range<usize>) -> Vec<Vec<Step>> {
        let steps = &self.layout.steps[rank];
        let mut leader: Vec<usize> = (0..steps.len()).collect();
        let mut first_user = vec![usize::MAX; self.plan.groups.len()];
        for (index, &step) in steps.iter().enumerate() {
            for part in self.parts_below(step) {
                let user = &mut first_user[part as usize];
                if *user == usize::MAX {
                    *user = index;
                } else {
                    let (a, b) = (find(&mut leader, *user), find(&mut leader, index));
                    leader[a.max(b)] = a.min(b);
                }
            }
        }
        let mut components: Vec<Vec<Step>> = vec![Vec::new(); steps.len()];
        for (index, &step) in steps.iter().enumerate() {
            components[find(&mut leader, index)].push(step);
        }
        components.retain(|c| !c.is_empty());
        components
    }

    fn add(&mut self, steps: &[Step]) {
        let own = narrow(self.plan.groups.len());
        let mut group = Group {
            sets: Vec::new(),
            unknowns: 0,
            heads: Vec::new(),
            below: Vec::new(),
            frontier: Vec::new(),
            first: self.plan.kept,
            inner: false,
            first_pivot: self.pivots,
        };
        let mut parts = Vec::new();
        for &step in steps {
            let heads = self.heads(step);
            if let Step::Respond(index) = step {
                group.sets.push((index, group.unknowns));
                let set = &self.layout.sets[index];
                for action in set.actions() {
                    self.unknown_of[action] = (narrow(group.unknowns), narrow(set.player));
                    group.unknowns += 1;
                }
            }
            parts.extend(self.parts_below(step));
            let hidden = heads.len() > 1;
            for &node in &heads {
                self.group_of[node as usize] = own;
                let decided = |c: &u32| (*c as usize) < self.layout.inner_count;
                group.inner |= self.layout.children(node as usize).iter().any(decided);
                let on_part = |c: &u32| self.part_of.get(*c as usize).is_some_and(|p| *p != NONE);
                if hidden || self.layout.children(node as usize).iter().any(on_part) {
                    self.column_of[node as usize] = narrow(group.frontier.len());
                    group.frontier.push(node);
                }
            }
            group.heads.extend(heads);
        }
        parts.sort_unstable();
        parts.dedup();
        for part in parts {
            let below = self.hang(&mut group, own, part);
            group.below.push(below);
        }
        for &node in &group.frontier {
            self.part_of[node as usize] = own;
        }
        self.plan.kept += group.kept(self.layout.players);
        self.plan.work += group.work(self.layout.players);
        self.pivots += group.unknowns;
        self.plan.groups.push(group);
    }

    /// How the part `part` hangs on the group; what the group does not decide of its frontier joins that of the group.
    fn hang(&self, group: &mut Group, own: u32, part: u32) -> Below {
        let layout = self.layout;
        let mut entries = Vec::new();
        for &node in &self.plan.groups[part as usize].frontier {
            let (before, odds) = layout.before()[node as usize];
            entries.push(if self.group_of[before as usize] == own {
                let action = (odds as usize).checked_sub(layout.branches);
                let (unknown, player) = action.map_or((NONE, NONE), |a| self.unknown_of[a]);
                Entry { node, column: self.column_of[before as usize], unknown, odds, player }
            } else {
                group.frontier.push(node);
                let column = narrow(group.frontier.len() - 1);
                Entry { node, column, unknown: NONE, odds: NONE, player: NONE }
            });
        }
        Below { part: part as usize, entries }
    }
}

/// The leader of a component, with the way to it made shorter.
fn find(leader: &mut [usize], mut at: usize) -> usize {
    while leader[at] != at {
        leader[at] = leader[leader[at]];
        at = leader[at];
    }
    at
}
