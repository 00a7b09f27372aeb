//! Values and responses.
#![allow(clippy::inline_always, reason = "only what is inlined is compiled for the widest registers")]

use pulp::NullaryFnOnce;

use super::softmax::softmax_lanes;
use super::{Sweep, TOO_SMALL, count, for_players};
use crate::logit::layout::{InfoSet, Layout};
use crate::logit::schedule::SweepStep;
use crate::numeric::lanes::{
    Lanes, add, add_product, difference, each, in_registers, lanes, lanes_mut, product,
};

impl<const L: usize> Sweep<L> {
    /// $H$ at `logits`, left in `response`.
    pub(crate) fn respond(&mut self, layout: &Layout, precisions: &[f64], logits: &[f64]) {
        in_registers::<L, _>(Respond { sweep: self, layout, precisions, logits, at_once: false });
    }

    /// The response of each information set to the play of all the others at `logits`, that below it as well, left in
    /// `response`: it has the fixed points of $H$, and is less curved, since no response builds on another.
    pub(crate) fn respond_at_once(&mut self, layout: &Layout, precisions: &[f64], logits: &[f64]) {
        in_registers::<L, _>(Respond { sweep: self, layout, precisions, logits, at_once: true });
    }

    /// Reach probabilities from the root down.
    #[inline(always)]
    fn descend(&mut self, layout: &Layout) {
        if let Some(root) = self.reach.first_mut() {
            *root = [1.0; L];
        }
        for (node, &(before, odds)) in layout.before().iter().enumerate().skip(1) {
            self.reach[node] = product(&self.reach[before as usize], &self.odds[odds as usize]);
        }
    }

    /// Values and responses from the ends up.
    #[inline(always)]
    fn ascend<const N: usize>(&mut self, layout: &Layout, precisions: &[Lanes<L>], at_once: bool) {
        for &step in &layout.steps {
            match step {
                SweepStep::Chance(node) | SweepStep::Pass(node) => self.mix_one::<N>(layout, node),
                SweepStep::Respond(index) => {
                    let set = &layout.sets[index];
                    match set.count {
                        2 => self.respond_then_mix::<N, 2>(layout, index, set, precisions, at_once),
                        3 => self.respond_then_mix::<N, 3>(layout, index, set, precisions, at_once),
                        4 if L == 1 => self.respond_then_mix::<N, 4>(layout, index, set, precisions, at_once),
                        _ => self.respond_then_mix::<N, 0>(layout, index, set, precisions, at_once),
                    }
                }
                SweepStep::RespondLate(index) => {
                    self.respond_at::<N, 0>(layout, index, &layout.sets[index], precisions, at_once);
                }
            }
        }
    }

    /// The value of one node with the odds that the sweep started from.
    #[inline(always)]
    fn mix_one<const N: usize>(&mut self, layout: &Layout, node: usize) {
        let (children, odds) = (layout.children(node), &self.odds[layout.odds(node)]);
        match children.len() {
            2 if L == 1 => mix::<N, 2, L>(layout.players, node, children, odds, &mut self.values),
            3 if L == 1 => mix::<N, 3, L>(layout.players, node, children, odds, &mut self.values),
            _ => mix::<N, 0, L>(layout.players, node, children, odds, &mut self.values),
        }
    }

    #[inline(always)]
    fn respond_then_mix<const N: usize, const C: usize>(
        &mut self,
        layout: &Layout,
        index: usize,
        set: &InfoSet,
        precisions: &[Lanes<L>],
        at_once: bool,
    ) {
        self.respond_at::<N, C>(layout, index, set, precisions, at_once);
        let first = layout.branches + set.first;
        let odds = &self.new_odds[first..first + set.count];
        let children = layout.children_of_members(set).chunks_exact(set.count);
        for (&node, children) in layout.members(set).iter().zip(children) {
            mix::<N, C, L>(layout.players, node as usize, children, odds, &mut self.values);
        }
    }

    #[inline(always)]
    fn respond_at<const N: usize, const C: usize>(
        &mut self,
        layout: &Layout,
        index: usize,
        set: &InfoSet,
        precisions: &[Lanes<L>],
        at_once: bool,
    ) {
        let n = count::<N>(layout.players);
        let actions = count::<C>(set.count);
        self.believe(layout, index, set);
        let values = &mut lanes_mut(&mut self.action_values)[set.first..set.first + actions];
        values.fill([0.0; L]);
        let children = layout.children_of_members(set).chunks_exact(actions);
        for (&node, children) in layout.members(set).iter().zip(children) {
            let belief = self.beliefs[node as usize];
            for (value, &child) in values.iter_mut().zip(children) {
                add_product(value, &belief, &self.values[child as usize * n + set.player]);
            }
        }
        let mut mean = [0.0; L];
        for value in values.iter() {
            add(&mut mean, value);
        }
        let mean = each(mean, |sum| sum / actions as f64);
        let response = &mut lanes_mut(&mut self.response)[set.first..set.first + actions];
        for (value, z) in values.iter().zip(response.iter_mut()) {
            *z = product(&precisions[set.player], &difference(value, &mean));
        }
        if !at_once {
            let first = layout.branches + set.first;
            softmax_lanes(response, &mut self.new_odds[first..first + actions]);
        }
    }

    /// The beliefs at an information set.
    #[inline(always)]
    fn believe(&mut self, layout: &Layout, index: usize, set: &InfoSet) {
        let members = layout.members(set);
        let mut total = [0.0; L];
        for &node in members {
            add(&mut total, &self.reach[node as usize]);
        }
        let scale = each(total, |total| if total > TOO_SMALL { 1.0 / total } else { 0.0 });
        self.scale[index] = scale;
        for &node in members {
            self.beliefs[node as usize] = product(&self.reach[node as usize], &scale);
        }
        if scale.contains(&0.0) {
            self.logs.believe(layout, members, &self.odds, &scale, &mut self.beliefs);
        }
    }
}

/// [`Sweep::respond`] and [`Sweep::respond_at_once`].
struct Respond<'a, const L: usize> {
    sweep: &'a mut Sweep<L>,
    layout: &'a Layout,
    precisions: &'a [f64],
    logits: &'a [f64],
    at_once: bool,
}

impl<const L: usize> NullaryFnOnce for Respond<'_, L> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { sweep, layout, precisions, logits, at_once } = self;
        let (precisions, at) = (lanes(precisions), lanes(logits));
        let play = &mut sweep.odds[layout.branches..];
        // What is played where nothing is decided afterwards changes nobody's beliefs.
        for set in layout.sets.iter().filter(|s| s.leads_on || at_once) {
            softmax_lanes(&at[set.actions()], &mut play[set.actions()]);
        }
        if at_once {
            sweep.new_odds.copy_from_slice(&sweep.odds);
        }
        sweep.descend(layout);
        sweep.logs.start(logits);
        for_players!(sweep.ascend(layout, precisions, at_once));
    }
}

/// A node's values as the mixture of its children's.
#[inline(always)]
fn mix<const N: usize, const C: usize, const L: usize>(
    players: usize,
    node: usize,
    children: &[u32],
    odds: &[Lanes<L>],
    values: &mut [Lanes<L>],
) {
    let actions = count::<C>(children.len());
    let pairs = children[..actions].iter().zip(&odds[..actions]);
    if N == 0 {
        for player in 0..players {
            let mut sum = [0.0; L];
            for (&child, p) in pairs.clone() {
                add_product(&mut sum, p, &values[child as usize * players + player]);
            }
            values[node * players + player] = sum;
        }
        return;
    }
    let mut sums = [[0.0; L]; N];
    for (&child, p) in pairs {
        let from = child as usize * N;
        for (sum, value) in sums.iter_mut().zip(&values[from..from + N]) {
            add_product(sum, p, value);
        }
    }
    values[node * N..(node + 1) * N].copy_from_slice(&sums);
}
