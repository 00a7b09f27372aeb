//! Products with the derivatives of the response.
#![allow(clippy::inline_always, reason = "only what is inlined is compiled for the widest registers")]

use pulp::NullaryFnOnce;

use super::softmax::softmax_derivative;
use super::{Sweep, count, for_players};
use crate::logit::layout::Layout;
use crate::logit::schedule::SweepStep;
use crate::numeric::lanes::{
    Lanes, add, add_product, difference, each, in_registers, lanes, lanes_mut, product,
};

impl<const L: usize> Sweep<L> {
    /// The product $H_z\\, dz + H_\lambda\\, d\lambda$ at the point of the last sweep.
    pub(crate) fn tangent(
        &mut self,
        layout: &Layout,
        precisions: &[f64],
        d_logits: &[f64],
        d_precisions: &[f64],
        out: &mut [f64],
    ) {
        self.tangent_with(layout, precisions, d_logits, d_precisions, &[], out);
    }

    /// The same, and $H_u\\, du$ for a change of the payoffs; none where it is empty.
    pub(crate) fn tangent_with(
        &mut self,
        layout: &Layout,
        precisions: &[f64],
        d_logits: &[f64],
        d_precisions: &[f64],
        d_payoffs: &[f64],
        out: &mut [f64],
    ) {
        let along = Along {
            precisions: lanes(precisions),
            d_logits: lanes(d_logits),
            d_precisions: lanes(d_precisions),
            d_payoffs: lanes(d_payoffs),
        };
        in_registers::<L, _>(Tangent { sweep: self, layout, along, out: lanes_mut(out) });
    }

    /// The residuals of the response of a sweep to first order, at the point of the last response at once, whose residuals
    /// are `residuals`: $d = m + \lambda\\,\partial U / \partial z_\text{below}\\, d$.
    pub(crate) fn carry(&mut self, layout: &Layout, precisions: &[f64], residuals: &[f64], out: &mut [f64]) {
        let (precisions, residuals, out) = (lanes(precisions), lanes(residuals), lanes_mut(out));
        self.d_values.clear();
        self.d_values.resize(self.values.len(), [0.0; L]);
        self.d_odds.fill([0.0; L]);
        for_players!(self.carry_up(layout, precisions, residuals, out));
    }

    fn carry_up<const N: usize>(
        &mut self,
        layout: &Layout,
        precisions: &[Lanes<L>],
        residuals: &[Lanes<L>],
        out: &mut [Lanes<L>],
    ) {
        let n = count::<N>(layout.players);
        for &step in &layout.steps {
            let index = match step {
                SweepStep::Chance(node) | SweepStep::Pass(node) => {
                    self.tangent_mix_one::<N>(layout, node);
                    continue;
                }
                SweepStep::Respond(index) | SweepStep::RespondLate(index) => index,
            };
            let set = &layout.sets[index];
            let out = &mut out[set.actions()];
            out.fill([0.0; L]);
            for &node in layout.members(set) {
                let belief = self.beliefs[node as usize];
                for (d, &child) in out.iter_mut().zip(layout.children(node as usize)) {
                    add_product(d, &belief, &self.d_values[child as usize * n + set.player]);
                }
            }
            centre(out);
            for (d, m) in out.iter_mut().zip(&residuals[set.actions()]) {
                *d = product(&precisions[set.player], d);
                add(d, m);
            }
            if matches!(step, SweepStep::Respond(_)) {
                self.tangent_mix_members::<N>(layout, index, out);
            }
        }
    }

    #[inline(always)]
    fn tangent_descend(&mut self, layout: &Layout) {
        if let Some(root) = self.d_reach.first_mut() {
            *root = [0.0; L];
        }
        for (node, &(before, odds)) in layout.before().iter().enumerate().skip(1) {
            let (before, odds) = (before as usize, odds as usize);
            let mut d = product(&self.d_reach[before], &self.odds[odds]);
            add_product(&mut d, &self.reach[before], &self.d_odds[odds]);
            self.d_reach[node] = d;
        }
    }

    #[inline(always)]
    fn tangent_ascend<const N: usize>(
        &mut self,
        layout: &Layout,
        along: &Along<'_, L>,
        out: &mut [Lanes<L>],
    ) {
        for &step in &layout.steps {
            match step {
                SweepStep::Chance(node) | SweepStep::Pass(node) => self.tangent_mix_one::<N>(layout, node),
                SweepStep::Respond(index) => {
                    self.tangent_respond::<N>(layout, index, along, out);
                    self.tangent_mix_members::<N>(layout, index, &out[layout.sets[index].actions()]);
                }
                SweepStep::RespondLate(index) => self.tangent_respond::<N>(layout, index, along, out),
            }
        }
    }

    /// The derivative of one node's value with the odds that the sweep started from.
    #[inline(always)]
    fn tangent_mix_one<const N: usize>(&mut self, layout: &Layout, node: usize) {
        let (odds, d_odds) = (&self.odds, &self.d_odds);
        tangent_mix::<N, L>(layout, node, odds, d_odds, &self.values, &mut self.d_values);
    }

    /// The derivatives of the values of an information set's members along a change of the response there.
    #[inline(always)]
    fn tangent_mix_members<const N: usize>(&mut self, layout: &Layout, index: usize, d: &[Lanes<L>]) {
        let set = &layout.sets[index];
        let range = layout.branches + set.first..layout.branches + set.first + set.count;
        softmax_derivative(&self.new_odds[range.clone()], d, &mut self.d_new_odds[range]);
        for &node in layout.members(set) {
            let (odds, d_odds) = (&self.new_odds, &self.d_new_odds);
            tangent_mix::<N, L>(layout, node as usize, odds, d_odds, &self.values, &mut self.d_values);
        }
    }

    #[inline(always)]
    fn tangent_respond<const N: usize>(
        &mut self,
        layout: &Layout,
        index: usize,
        along: &Along<'_, L>,
        out: &mut [Lanes<L>],
    ) {
        let n = count::<N>(layout.players);
        let set = &layout.sets[index];
        let out = &mut out[set.actions()];
        let values = &lanes(&self.action_values)[set.actions()];
        out.fill([0.0; L]);
        let by_logs = self.scale[index].contains(&0.0);
        if by_logs {
            self.logs.mean_tangent(layout.members(set), &self.beliefs);
        }
        for &node in layout.members(set) {
            let node = node as usize;
            let belief = self.beliefs[node];
            let mut d_belief = product(&self.d_reach[node], &self.scale[index]);
            if by_logs {
                self.logs.put_tangent(node, &belief, &self.scale[index], &mut d_belief);
            }
            for ((d, value), &child) in out.iter_mut().zip(values).zip(layout.children(node)) {
                let at = child as usize * n + set.player;
                let mut change = product(&d_belief, &difference(&self.values[at], value));
                add_product(&mut change, &belief, &self.d_values[at]);
                add(d, &change);
            }
        }
        for (d, value) in out.iter_mut().zip(values) {
            *d = product(&along.precisions[set.player], d);
            add_product(d, &along.d_precisions[set.player], value);
        }
        centre(out);
    }
}

/// Takes the mean off.
#[inline(always)]
fn centre<const L: usize>(x: &mut [Lanes<L>]) {
    let mut mean = [0.0; L];
    for x in x.iter() {
        add(&mut mean, x);
    }
    let mean = each(mean, |sum| sum / x.len() as f64);
    for x in x {
        *x = difference(x, &mean);
    }
}

/// The precisions, and in which direction to go.
struct Along<'a, const L: usize> {
    precisions: &'a [Lanes<L>],
    d_logits: &'a [Lanes<L>],
    d_precisions: &'a [Lanes<L>],
    d_payoffs: &'a [Lanes<L>],
}

/// [`Sweep::tangent_with`].
struct Tangent<'a, const L: usize> {
    sweep: &'a mut Sweep<L>,
    layout: &'a Layout,
    along: Along<'a, L>,
    out: &'a mut [Lanes<L>],
}

impl<const L: usize> NullaryFnOnce for Tangent<'_, L> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { sweep, layout, along, out } = self;
        sweep.d_reach.resize(sweep.reach.len(), [0.0; L]);
        sweep.d_values.clear();
        sweep.d_values.resize(sweep.values.len(), [0.0; L]);
        let ends = layout.inner_count * layout.players;
        sweep.d_values[ends..ends + along.d_payoffs.len()].copy_from_slice(along.d_payoffs);
        sweep.d_odds[..layout.branches].fill([0.0; L]);
        let (play, d_play) = (&sweep.odds[layout.branches..], &mut sweep.d_odds[layout.branches..]);
        for set in layout.sets.iter().filter(|s| s.leads_on) {
            let range = set.actions();
            softmax_derivative(&play[range.clone()], &along.d_logits[range.clone()], &mut d_play[range]);
        }
        sweep.tangent_descend(layout);
        sweep.logs.tangent(layout, &sweep.odds, along.d_logits);
        for_players!(sweep.tangent_ascend(layout, &along, out));
    }
}

#[inline(always)]
fn tangent_mix<const N: usize, const L: usize>(
    layout: &Layout,
    node: usize,
    odds: &[Lanes<L>],
    d_odds: &[Lanes<L>],
    values: &[Lanes<L>],
    d_values: &mut [Lanes<L>],
) {
    let n = count::<N>(layout.players);
    let (above, below) = d_values.split_at_mut((node + 1) * n);
    let here = &mut above[node * n..];
    here.fill([0.0; L]);
    let range = layout.odds(node);
    for ((&child, p), dp) in layout.children(node).iter().zip(&odds[range.clone()]).zip(&d_odds[range]) {
        let from = (child as usize - node - 1) * n;
        let own = &values[child as usize * n..child as usize * n + n];
        for ((to, d), value) in here.iter_mut().zip(&below[from..from + n]).zip(own) {
            let mut change = product(p, d);
            add_product(&mut change, dp, value);
            add(to, &change);
        }
    }
}
