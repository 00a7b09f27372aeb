//! Products of weights with the derivatives of the response.
#![allow(clippy::inline_always, reason = "only what is inlined is compiled for the widest registers")]

use pulp::NullaryFnOnce;

use super::softmax::softmax_derivative;
use super::{Adjoint, Sweep, count, for_players};
use crate::logit::layout::{InfoSet, Layout};
use crate::logit::schedule::SweepStep;
use crate::numeric::lanes::{
    Lanes, add, add_product, are_zero, difference, each, in_registers, lanes, lanes_mut, product,
};

impl<const L: usize> Sweep<L> {
    /// The products of `weights` with all derivatives of $H$ at the point of the last sweep, into `adjoint`.
    pub(crate) fn adjoint(
        &mut self,
        layout: &Layout,
        precisions: &[f64],
        weights: &[f64],
        adjoint: &mut Adjoint<L>,
    ) {
        self.adjoint_with(layout, precisions, weights, &[], adjoint);
    }

    /// The same for a sum of the response, weighted with `weights`, and of the players' payoffs in the whole game,
    /// weighted with `root`; without the second where it is empty.
    pub(crate) fn adjoint_with(
        &mut self,
        layout: &Layout,
        precisions: &[f64],
        weights: &[f64],
        root: &[f64],
        adjoint: &mut Adjoint<L>,
    ) {
        let (precisions, weights, root) = (lanes(precisions), lanes(weights), lanes(root));
        in_registers::<L, _>(Backwards { sweep: self, layout, precisions, weights, root, adjoint });
    }

    /// Passes adjoints of values from the root down.
    #[inline(always)]
    fn adjoint_descend<const N: usize>(
        &mut self,
        layout: &Layout,
        precisions: &[Lanes<L>],
        weights: &[Lanes<L>],
        d_precisions: &mut [Lanes<L>],
    ) {
        for &step in layout.steps.iter().rev() {
            match step {
                SweepStep::Chance(node) | SweepStep::Pass(node) => {
                    let range = layout.odds(node);
                    adjoint_mix::<N, 0, L>(
                        layout.players,
                        node,
                        layout.children(node),
                        &self.odds[range.clone()],
                        &mut self.d_odds[range],
                        &self.values,
                        &mut self.d_values,
                    );
                }
                SweepStep::Respond(index) => {
                    let set = &layout.sets[index];
                    match if L == 1 { set.count } else { 0 } {
                        2 => self.adjoint_mix_members::<N, 2>(layout, set),
                        3 => self.adjoint_mix_members::<N, 3>(layout, set),
                        4 => self.adjoint_mix_members::<N, 4>(layout, set),
                        _ => self.adjoint_mix_members::<N, 0>(layout, set),
                    }
                    self.adjoint_respond::<N>(layout, index, precisions, weights, d_precisions);
                }
                SweepStep::RespondLate(index) => {
                    self.adjoint_respond::<N>(layout, index, precisions, weights, d_precisions);
                }
            }
        }
    }

    #[inline(always)]
    fn adjoint_mix_members<const N: usize, const C: usize>(&mut self, layout: &Layout, set: &InfoSet) {
        let first = layout.branches + set.first;
        let odds = &self.new_odds[first..first + set.count];
        let d_odds = &mut self.d_new_odds[first..first + set.count];
        let children = layout.children_of_members(set).chunks_exact(set.count);
        for (&node, children) in layout.members(set).iter().zip(children) {
            let (node, players) = (node as usize, layout.players);
            adjoint_mix::<N, C, L>(players, node, children, odds, d_odds, &self.values, &mut self.d_values);
        }
    }

    #[inline(always)]
    fn adjoint_respond<const N: usize>(
        &mut self,
        layout: &Layout,
        index: usize,
        precisions: &[Lanes<L>],
        weights: &[Lanes<L>],
        d_precisions: &mut [Lanes<L>],
    ) {
        let n = count::<N>(layout.players);
        let set = &layout.sets[index];
        let range = layout.branches + set.first..layout.branches + set.first + set.count;
        let (play, d_play) = (&self.new_odds[range.clone()], &mut self.d_new_odds[range]);
        let values = &lanes(&self.action_values)[set.actions()];
        if !adjoint_choice(play, &weights[set.actions()], d_play) {
            return;
        }
        let precision = &precisions[set.player];
        let d_precision = &mut d_precisions[set.player];
        for (d, value) in d_play.iter_mut().zip(values) {
            add_product(d_precision, d, value);
            *d = product(d, precision);
        }
        let scale = &self.scale[index];
        let by_logs = scale.contains(&0.0);
        for &node in layout.members(set) {
            let node = node as usize;
            let belief = self.beliefs[node];
            let mut d_belief = [0.0; L];
            for ((d, value), &child) in d_play.iter().zip(values).zip(layout.children(node)) {
                let at = child as usize * n + set.player;
                add_product(&mut self.d_values[at], d, &belief);
                add_product(&mut d_belief, d, &difference(&self.values[at], value));
            }
            add_product(&mut self.d_reach[node], &d_belief, scale);
            if by_logs {
                self.logs.add_adjoint(node, &belief, scale, &d_belief);
            }
        }
    }

    /// Passes adjoints of reach probabilities from the ends up.
    #[inline(always)]
    fn adjoint_ascend(&mut self, layout: &Layout) {
        for (node, &(before, odds)) in layout.before().iter().enumerate().skip(1).rev() {
            let (before, odds) = (before as usize, odds as usize);
            let d = self.d_reach[node];
            add_product(&mut self.d_reach[before], &d, &self.odds[odds]);
            add_product(&mut self.d_odds[odds], &d, &self.reach[before]);
        }
    }
}

/// From adjoints of the probabilities of an information set's actions, and the weights of its response, to adjoints of the
/// centred response; whether any is other than zero.
#[inline(always)]
fn adjoint_choice<const L: usize>(play: &[Lanes<L>], weights: &[Lanes<L>], d_play: &mut [Lanes<L>]) -> bool {
    let mut mean = [0.0; L];
    for (p, d) in play.iter().zip(d_play.iter()) {
        add_product(&mut mean, p, d);
    }
    let mut centre = [0.0; L];
    let mut zero = true;
    for ((d, p), w) in d_play.iter_mut().zip(play).zip(weights) {
        let through = product(p, &difference(d, &mean));
        *d = *w;
        add(d, &through);
        zero &= are_zero(d);
        add(&mut centre, d);
    }
    let centre = each(centre, |sum| sum / play.len() as f64);
    for d in d_play {
        *d = difference(d, &centre);
    }
    !zero
}

/// [`Sweep::adjoint_with`].
struct Backwards<'a, const L: usize> {
    sweep: &'a mut Sweep<L>,
    layout: &'a Layout,
    precisions: &'a [Lanes<L>],
    weights: &'a [Lanes<L>],
    root: &'a [Lanes<L>],
    adjoint: &'a mut Adjoint<L>,
}

impl<const L: usize> NullaryFnOnce for Backwards<'_, L> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { sweep, layout, precisions, weights, root, adjoint } = self;
        sweep.d_reach.clear();
        sweep.d_reach.resize(sweep.reach.len(), [0.0; L]);
        sweep.d_values.clear();
        sweep.d_values.resize(sweep.values.len(), [0.0; L]);
        // The root is the first place.
        sweep.d_values[..root.len()].copy_from_slice(root);
        sweep.d_odds.fill([0.0; L]);
        sweep.d_new_odds.fill([0.0; L]);
        sweep.logs.begin_adjoint(layout);
        adjoint.precisions.fill(0.0);
        let d_precisions = lanes_mut(&mut adjoint.precisions);
        for_players!(sweep.adjoint_descend(layout, precisions, weights, d_precisions));
        sweep.adjoint_ascend(layout);
        let ends = &sweep.d_values[layout.inner_count * layout.players..];
        adjoint.numbers.payoffs.copy_from_slice(ends.as_flattened());
        adjoint.numbers.chance.copy_from_slice(sweep.d_odds[..layout.branches].as_flattened());
        let (play, d_play) = (&sweep.odds[layout.branches..], &sweep.d_odds[layout.branches..]);
        let d_logits = lanes_mut(&mut adjoint.logits);
        for set in layout.sets.iter().filter(|s| s.leads_on) {
            let range = set.actions();
            softmax_derivative(&play[range.clone()], &d_play[range.clone()], &mut d_logits[range]);
        }
        sweep.logs.finish_adjoint(layout, &sweep.odds, d_logits, lanes_mut(&mut adjoint.numbers.chance));
    }
}

#[inline(always)]
fn adjoint_mix<const N: usize, const C: usize, const L: usize>(
    players: usize,
    node: usize,
    children: &[u32],
    odds: &[Lanes<L>],
    d_odds: &mut [Lanes<L>],
    values: &[Lanes<L>],
    d_values: &mut [Lanes<L>],
) {
    let n = count::<N>(players);
    let actions = count::<C>(children.len());
    // Children come after their parent.
    let (above, below) = d_values.split_at_mut((node + 1) * n);
    let here = &above[node * n..];
    if here.iter().all(are_zero) {
        return;
    }
    for ((&child, p), dp) in children[..actions].iter().zip(&odds[..actions]).zip(&mut d_odds[..actions]) {
        let from = (child as usize - node - 1) * n;
        let own = &values[child as usize * n..child as usize * n + n];
        let mut sum = [0.0; L];
        for ((to, d), value) in below[from..from + n].iter_mut().zip(here).zip(own) {
            add_product(to, p, d);
            add_product(&mut sum, d, value);
        }
        add(dp, &sum);
    }
}
