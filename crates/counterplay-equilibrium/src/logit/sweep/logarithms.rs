//! Reach probabilities too small for a number, by their logarithms.
//!
//! At a high precision the probability of a node off the path of play is below the smallest number, but the beliefs
//! there are well defined: they are those of the trembles that lead there. Logarithms are found only in sweeps that
//! need them, for all nodes at once.

use counterplay_math::{exp, ln};

use crate::logit::layout::Layout;
use crate::numeric::lanes::{Lanes, lanes};

/// Logarithms of reach, and derivatives with respect to them. The entries of a lane that does not need them have no meaning.
#[derive(Clone, Debug)]
pub(crate) struct Logarithms<const L: usize> {
    /// The logits that the sweep started from, lane by lane.
    logits: Vec<f64>,
    /// The logarithm of the reach of each inner node, where needed in this sweep.
    reach: Vec<Lanes<L>>,
    needed: [bool; L],
    /// The derivative of each logarithm, or with respect to it.
    d_reach: Vec<Lanes<L>>,
    /// The mean of that derivative over the members of an information set.
    d_mean: Lanes<L>,
}

impl<const L: usize> Default for Logarithms<L> {
    fn default() -> Self {
        Self {
            logits: Vec::new(),
            reach: Vec::new(),
            needed: [false; L],
            d_reach: Vec::new(),
            d_mean: [0.0; L],
        }
    }
}

impl<const L: usize> Logarithms<L> {
    /// Starts a sweep at these logits.
    pub(crate) fn start(&mut self, logits: &[f64]) {
        self.logits.clear();
        self.logits.extend_from_slice(logits);
        self.needed = [false; L];
    }

    /// Puts one lane into the logarithms of a single point.
    pub(crate) fn take_lane(&self, lane: usize, into: &mut Logarithms<1>) {
        into.logits.clear();
        into.logits.extend(lanes::<L>(&self.logits).iter().map(|x| x[lane]));
        into.reach.clear();
        into.reach.extend(self.reach.iter().map(|x| [x[lane]]));
        into.needed = [self.needed[lane]];
    }

    /// Beliefs at an information set with these members, in the lanes where its scale is zero.
    #[cold]
    #[inline(never)]
    pub(crate) fn believe(
        &mut self,
        layout: &Layout,
        members: &[u32],
        odds: &[Lanes<L>],
        scale: &Lanes<L>,
        beliefs: &mut [Lanes<L>],
    ) {
        for lane in (0..L).filter(|&lane| scale[lane] == 0.0) {
            if !self.needed[lane] {
                self.needed[lane] = true;
                self.find(layout, odds, lane);
            }
            let reach = |m: &u32| self.reach[*m as usize][lane];
            let top = members.iter().map(reach).fold(f64::NEG_INFINITY, f64::max);
            // Where chance never leads, all members count alike.
            let weight = |m: &u32| if top == f64::NEG_INFINITY { 1.0 } else { exp(reach(m) - top) };
            let total: f64 = members.iter().map(weight).sum();
            for member in members {
                beliefs[*member as usize][lane] = weight(member) / total;
            }
        }
    }

    fn find(&mut self, layout: &Layout, odds: &[Lanes<L>], lane: usize) {
        let mut log_odds: Vec<f64> = odds[..layout.branches].iter().map(|p| ln(p[lane])).collect();
        log_odds.resize(odds.len(), 0.0);
        let all = lanes::<L>(&self.logits);
        for set in layout.sets.iter().filter(|s| s.leads_on) {
            let logits = all[set.actions()].iter().map(|z| z[lane]);
            let top = logits.clone().fold(f64::NEG_INFINITY, f64::max);
            let log_sum = ln(logits.clone().map(|z| exp(z - top)).sum());
            for (log, z) in log_odds[layout.branches..][set.actions()].iter_mut().zip(logits) {
                *log = z - top - log_sum;
            }
        }
        self.reach.resize(layout.inner_count, [0.0; L]);
        for (node, &(before, odds)) in layout.before().iter().enumerate().skip(1) {
            self.reach[node][lane] = self.reach[before as usize][lane] + log_odds[odds as usize];
        }
    }

    fn any(&self) -> bool {
        self.needed.contains(&true)
    }

    /// The derivative of every logarithm along a change of the logits.
    pub(crate) fn tangent(&mut self, layout: &Layout, odds: &[Lanes<L>], d_logits: &[Lanes<L>]) {
        if self.any() {
            self.find_tangent(layout, odds, d_logits);
        }
    }

    #[cold]
    fn find_tangent(&mut self, layout: &Layout, odds: &[Lanes<L>], d_logits: &[Lanes<L>]) {
        self.d_reach.clear();
        self.d_reach.resize(layout.inner_count, [0.0; L]);
        for lane in (0..L).filter(|&lane| self.needed[lane]) {
            let mut d_logs = vec![0.0; odds.len()];
            for set in layout.sets.iter().filter(|s| s.leads_on) {
                let (play, d) = (&odds[layout.branches..][set.actions()], &d_logits[set.actions()]);
                let mean: f64 = play.iter().zip(d).map(|(p, d)| p[lane] * d[lane]).sum();
                for (log, d) in d_logs[layout.branches..][set.actions()].iter_mut().zip(d) {
                    *log = d[lane] - mean;
                }
            }
            for (node, &(before, odds)) in layout.before().iter().enumerate().skip(1) {
                self.d_reach[node][lane] = self.d_reach[before as usize][lane] + d_logs[odds as usize];
            }
        }
    }

    /// Finds the mean of that derivative over the members of an information set.
    #[cold]
    pub(crate) fn mean_tangent(&mut self, members: &[u32], beliefs: &[Lanes<L>]) {
        for lane in (0..L).filter(|&lane| self.needed[lane]) {
            let part = |m: &u32| beliefs[*m as usize][lane] * self.d_reach[*m as usize][lane];
            self.d_mean[lane] = members.iter().map(part).sum();
        }
    }

    /// The derivative of the belief at a member of that information set, in the lanes where its scale is zero.
    #[cold]
    pub(crate) fn put_tangent(
        &self,
        node: usize,
        belief: &Lanes<L>,
        scale: &Lanes<L>,
        d_belief: &mut Lanes<L>,
    ) {
        for lane in (0..L).filter(|&lane| scale[lane] == 0.0) {
            d_belief[lane] = belief[lane] * (self.d_reach[node][lane] - self.d_mean[lane]);
        }
    }

    /// Begins to collect derivatives with respect to the logarithms.
    pub(crate) fn begin_adjoint(&mut self, layout: &Layout) {
        if self.any() {
            self.d_reach.clear();
            self.d_reach.resize(layout.inner_count, [0.0; L]);
        }
    }

    /// Collects those at a member of an information set, in the lanes where its scale is zero.
    #[cold]
    pub(crate) fn add_adjoint(
        &mut self,
        node: usize,
        belief: &Lanes<L>,
        scale: &Lanes<L>,
        d_belief: &Lanes<L>,
    ) {
        for lane in (0..L).filter(|&lane| scale[lane] == 0.0) {
            // The mean over the members is zero: the values are means under the beliefs.
            self.d_reach[node][lane] += belief[lane] * d_belief[lane];
        }
    }

    /// Passes the derivatives collected on to the logits and to the probabilities of chance.
    pub(crate) fn finish_adjoint(
        &mut self,
        layout: &Layout,
        odds: &[Lanes<L>],
        d_logits: &mut [Lanes<L>],
        d_chance: &mut [Lanes<L>],
    ) {
        for lane in 0..L {
            if self.needed[lane] {
                self.pass_adjoint(lane, layout, odds, d_logits, d_chance);
            }
        }
    }

    #[cold]
    fn pass_adjoint(
        &mut self,
        lane: usize,
        layout: &Layout,
        odds: &[Lanes<L>],
        d_logits: &mut [Lanes<L>],
        d_chance: &mut [Lanes<L>],
    ) {
        let mut d_logs = vec![0.0; odds.len()];
        for (node, &(before, odds)) in layout.before().iter().enumerate().skip(1).rev() {
            let d = self.d_reach[node][lane];
            self.d_reach[before as usize][lane] += d;
            d_logs[odds as usize] += d;
        }
        for ((d, log), p) in d_chance.iter_mut().zip(&d_logs).zip(odds) {
            if *log != 0.0 {
                d[lane] += log / p[lane];
            }
        }
        for set in layout.sets.iter().filter(|s| s.leads_on) {
            let (play, d) =
                (&odds[layout.branches..][set.actions()], &d_logs[layout.branches..][set.actions()]);
            let sum: f64 = d.iter().sum();
            for ((logit, p), d) in d_logits[set.actions()].iter_mut().zip(play).zip(d) {
                logit[lane] += d - p[lane] * sum;
            }
        }
    }
}
