//! Finding the order and the parts of an elimination.

use super::plan::{Below, Entry, Group, NONE, Plan};
use crate::logit::layout::Layout;
use crate::logit::schedule::SweepStep;
use crate::numeric::index::narrow;

/// The most multiplications of one elimination, and the most numbers that it may store.
const MAX_WORK: f64 = 4e8;
const MAX_STORED: usize = 30_000_000;

/// A plan for a game; none where an information set lies above another and below it, or where the parts have
/// frontiers so wide that elimination would take too long.
pub(super) fn plan(layout: &Layout) -> Option<Plan> {
    if layout.ranks.is_empty() {
        return None;
    }
    let mut planner = Planner {
        layout,
        plan: Plan { groups: Vec::new(), stored: 0, work: 0.0 },
        pivots: 0,
        part_of: vec![NONE; layout.inner_count],
        column_of: vec![NONE; layout.inner_count],
        group_of: vec![NONE; layout.inner_count],
        unknown_of: vec![(NONE, NONE); layout.actions],
    };
    for rank in &layout.ranks {
        for steps in planner.components(rank.clone()) {
            planner.add(&steps);
            if planner.plan.work > MAX_WORK || planner.plan.stored > MAX_STORED {
                return None;
            }
        }
    }
    Some(planner.plan)
}

/// A plan in the making.
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

impl Planner<'_> {
    /// The nodes that a step decides.
    fn heads(&self, step: SweepStep) -> Vec<u32> {
        match step {
            SweepStep::Respond(set) | SweepStep::RespondLate(set) => {
                self.layout.members(&self.layout.sets[set]).to_vec()
            }
            SweepStep::Chance(node) | SweepStep::Pass(node) => vec![narrow(node)],
        }
    }

    /// The parts below a step.
    fn parts_below(&self, step: SweepStep) -> Vec<u32> {
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
    fn components(&self, rank: std::ops::Range<usize>) -> Vec<Vec<SweepStep>> {
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
        let mut components: Vec<Vec<SweepStep>> = vec![Vec::new(); steps.len()];
        for (index, &step) in steps.iter().enumerate() {
            components[find(&mut leader, index)].push(step);
        }
        components.retain(|c| !c.is_empty());
        components
    }

    fn add(&mut self, steps: &[SweepStep]) {
        let own = narrow(self.plan.groups.len());
        let mut group = Group {
            sets: Vec::new(),
            unknowns: 0,
            heads: Vec::new(),
            below: Vec::new(),
            frontier: Vec::new(),
            first: self.plan.stored,
            inner: false,
            first_pivot: self.pivots,
        };
        let mut parts = Vec::new();
        for &step in steps {
            let heads = self.heads(step);
            if let SweepStep::Respond(index) = step {
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
            let below = self.attach(&mut group, own, part);
            group.below.push(below);
        }
        for &node in &group.frontier {
            self.part_of[node as usize] = own;
        }
        self.plan.stored += group.stored(self.layout.players);
        self.plan.work += group.work(self.layout.players);
        self.pivots += group.unknowns;
        self.plan.groups.push(group);
    }

    /// How the part `part` depends on the group; what the group does not decide of its frontier joins that of the group.
    fn attach(&self, group: &mut Group, own: u32, part: u32) -> Below {
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
