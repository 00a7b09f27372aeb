//! Reach probabilities too small for a number, by their logarithms.
//!
//! At a high precision the probability of a node off the path of play is below the smallest number, but the beliefs
//! there are well defined: they are those of the trembles that lead there. Logarithms are found only in sweeps that
//! need them, for all nodes at once.

use counterplay_math::{exp, ln};

use crate::layout::Layout;

/// Logarithms of reach, and derivatives with respect to them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Logarithms {
    /// The logits that the sweep started from.
    logits: Vec<f64>,
    /// The logarithm of the reach of each inner node, where needed in this sweep.
    reach: Vec<f64>,
    needed: bool,
    /// The derivative of each logarithm, or with respect to it.
    pub(crate) d_reach: Vec<f64>,
}

impl Logarithms {
    /// Starts a sweep at these logits.
    pub(crate) fn start(&mut self, logits: &[f64]) {
        self.logits.clear();
        self.logits.extend_from_slice(logits);
        self.needed = false;
    }

    /// Beliefs at an information set with these members.
    #[cold]
    pub(crate) fn believe(&mut self, layout: &Layout, members: &[u32], odds: &[f64], beliefs: &mut [f64]) {
        if !self.needed {
            self.needed = true;
            self.find(layout, odds);
        }
        let top = members.iter().map(|&m| self.reach[m as usize]).fold(f64::NEG_INFINITY, f64::max);
        // Where chance never leads, all members count alike.
        let weight = |m: u32| if top == f64::NEG_INFINITY { 1.0 } else { exp(self.reach[m as usize] - top) };
        let total: f64 = members.iter().map(|&m| weight(m)).sum();
        for &member in members {
            beliefs[member as usize] = weight(member) / total;
        }
    }

    fn find(&mut self, layout: &Layout, odds: &[f64]) {
        let mut log_odds: Vec<f64> = odds[..layout.branches].iter().map(|p| ln(*p)).collect();
        log_odds.resize(odds.len(), 0.0);
        for set in layout.sets.iter().filter(|s| s.leads_on) {
            let logits = &self.logits[set.actions()];
            let top = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let log_sum = ln(logits.iter().map(|z| exp(z - top)).sum::<f64>());
            for (log, z) in log_odds[layout.branches..][set.actions()].iter_mut().zip(logits) {
                *log = z - top - log_sum;
            }
        }
        self.reach.resize(layout.inner_count, 0.0);
        for (node, &(before, odds)) in layout.before().iter().enumerate().skip(1) {
            self.reach[node] = self.reach[before as usize] + log_odds[odds as usize];
        }
    }

    /// The derivative of every logarithm along a change of the logits.
    pub(crate) fn tangent(&mut self, layout: &Layout, odds: &[f64], d_logits: &[f64]) {
        if !self.needed {
            return;
        }
        let mut d_logs = vec![0.0; odds.len()];
        for set in layout.sets.iter().filter(|s| s.leads_on) {
            let (play, d) = (&odds[layout.branches..][set.actions()], &d_logits[set.actions()]);
            let mean: f64 = play.iter().zip(d).map(|(p, d)| p * d).sum();
            for (log, d) in d_logs[layout.branches..][set.actions()].iter_mut().zip(d) {
                *log = d - mean;
            }
        }
        self.d_reach.clear();
        self.d_reach.resize(layout.inner_count, 0.0);
        for (node, &(before, odds)) in layout.before().iter().enumerate().skip(1) {
            self.d_reach[node] = self.d_reach[before as usize] + d_logs[odds as usize];
        }
    }

    /// The mean of that derivative over the members of an information set.
    pub(crate) fn mean_tangent(&self, members: &[u32], beliefs: &[f64]) -> f64 {
        members.iter().map(|&m| beliefs[m as usize] * self.d_reach[m as usize]).sum()
    }

    /// Begins to collect derivatives with respect to the logarithms.
    pub(crate) fn begin_adjoint(&mut self, layout: &Layout) {
        if self.needed {
            self.d_reach.clear();
            self.d_reach.resize(layout.inner_count, 0.0);
        }
    }

    /// Passes the derivatives collected on to the logits and to the probabilities of chance.
    pub(crate) fn finish_adjoint(
        &mut self,
        layout: &Layout,
        odds: &[f64],
        d_logits: &mut [f64],
        d_chance: &mut [f64],
    ) {
        if !self.needed {
            return;
        }
        let mut d_logs = vec![0.0; odds.len()];
        for (node, &(before, odds)) in layout.before().iter().enumerate().skip(1).rev() {
            let d = self.d_reach[node];
            self.d_reach[before as usize] += d;
            d_logs[odds as usize] += d;
        }
        for ((d, log), p) in d_chance.iter_mut().zip(&d_logs).zip(odds) {
            if *log != 0.0 {
                *d += log / p;
            }
        }
        for set in layout.sets.iter().filter(|s| s.leads_on) {
            let (play, d) =
                (&odds[layout.branches..][set.actions()], &d_logs[layout.branches..][set.actions()]);
            let sum: f64 = d.iter().sum();
            for ((logit, p), d) in d_logits[set.actions()].iter_mut().zip(play).zip(d) {
                *logit += d - p * sum;
            }
        }
    }
}
