//! One sweep over the tree: down for reach probabilities, up for values and responses; and its derivatives.
//!
//! The map $H$ takes the logits $z$ of all actions to the logits of the response to them: beliefs follow from
//! the play $\pi = \mathrm{softmax}(z)$, and the response is found from the deepest information sets up, each
//! with the responses below it already in place,
//! $$ H(z)_{Ia} = \lambda_i U_i(a \mid I) - \text{mean over } a, \qquad
//!    U_i(a \mid I) = \frac{\sum_{h \in I} q_i(h)\, v_i(ha)}{\sum_{h \in I} q_i(h)}. $$
//! Here $q_i(h)$ is the counterfactual reach of $h$: the probability of chance and of everybody but $i$ to lead
//! there. With perfect recall the player's own part is the same for all members and cancels, so that the plain
//! reach probability serves; where that is too small for a division, its logarithm does, so that beliefs far off
//! the path of play are those of the trembles that lead there. Fixed points of
//! $H$ are the agent quantal response equilibria (McKelvey and Palfrey 1998). In a game without hidden
//! information $H$ does not depend on $z$, and one sweep is the solution.

use counterplay_game::valuation::Valuation;
use counterplay_math::exp;

use crate::layout::{Layout, Set};
use crate::logarithms::Logarithms;
use crate::schedule::Step;

/// Below this the reach of an information set is found by logarithms.
const TOO_SMALL: f64 = 1e-250;

/// The state of a sweep, and of its derivatives. Reused from sweep to sweep.
#[derive(Clone, Debug)]
pub(crate) struct Sweep {
    /// The probabilities of chance, then the play that the sweep started from.
    odds: Vec<f64>,
    /// The probabilities of chance, then the play of the response.
    new_odds: Vec<f64>,
    /// The response's logits.
    pub(crate) response: Vec<f64>,
    /// Expected payoffs of actions to their player.
    pub(crate) action_values: Vec<f64>,
    /// Expected payoffs, place by place, player by player.
    values: Vec<f64>,
    /// The probability of reaching each inner node.
    reach: Vec<f64>,
    /// The weight of each member of each information set, in its set; sums to one in a set.
    beliefs: Vec<f64>,
    /// One over the sum of reach in each information set; zero where the reach is too small to be used.
    scale: Vec<f64>,
    logs: Logarithms,
    d_odds: Vec<f64>,
    d_new_odds: Vec<f64>,
    d_values: Vec<f64>,
    d_reach: Vec<f64>,
}

/// What linear systems need of a sweep.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    /// The probabilities of chance, then the play that the sweep started from.
    pub(crate) odds: &'a [f64],
    /// The probabilities of chance, then the play of the response.
    pub(crate) new_odds: &'a [f64],
    /// Expected payoffs, place by place, player by player.
    pub(crate) values: &'a [f64],
    /// The weight of each member of each information set, in its set.
    pub(crate) beliefs: &'a [f64],
    /// Expected payoffs of actions to their player.
    pub(crate) action_values: &'a [f64],
}

/// The adjoints of a sweep's inputs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Adjoint {
    /// Of the logits.
    pub(crate) logits: Vec<f64>,
    /// Of the precision of each player.
    pub(crate) precisions: Vec<f64>,
    /// Of probabilities and payoffs.
    pub(crate) numbers: Valuation,
}

impl Adjoint {
    pub(crate) fn zero(layout: &Layout) -> Self {
        Self {
            logits: vec![0.0; layout.actions],
            precisions: vec![0.0; layout.players],
            numbers: Valuation {
                chance: vec![0.0; layout.branches],
                payoffs: vec![0.0; layout.end_count * layout.players],
            },
        }
    }
}

/// Softmax within each information set.
pub(crate) fn softmax(layout: &Layout, logits: &[f64], play: &mut [f64]) {
    for set in &layout.sets {
        softmax_one(&logits[set.actions()], &mut play[set.actions()]);
    }
}

/// Softmax of one vector.
#[inline]
pub(crate) fn softmax_one(logits: &[f64], play: &mut [f64]) {
    if let ([a, b], [p, q]) = (logits, &mut *play) {
        // One exponential, of a number that is not positive.
        let small = exp(-(a - b).abs());
        let large = 1.0 / (1.0 + small);
        (*p, *q) = if a >= b { (large, small * large) } else { (small * large, large) };
        return;
    }
    let top = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for (p, z) in play.iter_mut().zip(logits) {
        *p = exp(z - top);
        sum += *p;
    }
    let scale = 1.0 / sum;
    for p in play {
        *p *= scale;
    }
}

/// The derivative of softmax, which is symmetric: $\pi_a (x_a - \sum_b \pi_b x_b)$.
#[inline]
fn softmax_derivative(play: &[f64], x: &[f64], out: &mut [f64]) {
    let mean: f64 = play.iter().zip(x).map(|(p, x)| p * x).sum();
    for ((out, p), x) in out.iter_mut().zip(play).zip(x) {
        *out = p * (x - mean);
    }
}

/// Calls a method that is compiled for the number of players, so that loops over them are unrolled; 0 stands
/// for any number.
macro_rules! for_players {
    ($sweep:ident . $method:ident ( $layout:expr $(, $argument:expr)* )) => {
        match $layout.players {
            2 => $sweep.$method::<2>($layout $(, $argument)*),
            3 => $sweep.$method::<3>($layout $(, $argument)*),
            4 => $sweep.$method::<4>($layout $(, $argument)*),
            _ => $sweep.$method::<0>($layout $(, $argument)*),
        }
    };
}

/// A number of players or of actions: the one known to the compiler, or where that is 0 the other.
#[inline]
fn count<const N: usize>(otherwise: usize) -> usize {
    if N == 0 { otherwise } else { N }
}

impl Sweep {
    pub(crate) fn new(layout: &Layout) -> Self {
        let odds = vec![0.0; layout.branches + layout.actions];
        let places = layout.inner_count + layout.end_count;
        Self {
            response: vec![0.0; layout.actions],
            action_values: vec![0.0; layout.actions],
            values: vec![0.0; places * layout.players],
            reach: vec![0.0; layout.inner_count],
            beliefs: vec![0.0; layout.inner_count],
            scale: vec![0.0; layout.sets.len()],
            logs: Logarithms::default(),
            d_odds: odds.clone(),
            d_new_odds: odds.clone(),
            d_values: Vec::new(),
            d_reach: Vec::new(),
            new_odds: odds.clone(),
            odds,
        }
    }

    /// Puts in the probabilities of chance and the payoffs; to be called whenever they change.
    pub(crate) fn load(&mut self, layout: &Layout, numbers: &Valuation) {
        self.odds[..layout.branches].copy_from_slice(&numbers.chance);
        self.new_odds[..layout.branches].copy_from_slice(&numbers.chance);
        self.values[layout.inner_count * layout.players..].copy_from_slice(&numbers.payoffs);
    }

    /// The expected payoff of each player at an inner node, in the order of inner nodes.
    pub(crate) fn values(&self) -> &[f64] {
        &self.values
    }

    /// What linear systems need of the last sweep.
    pub(crate) fn view(&self) -> View<'_> {
        View {
            odds: &self.odds,
            new_odds: &self.new_odds,
            values: &self.values,
            beliefs: &self.beliefs,
            action_values: &self.action_values,
        }
    }

    /// $H$ at `logits`, left in `response`.
    pub(crate) fn respond(&mut self, layout: &Layout, precisions: &[f64], logits: &[f64]) {
        let play = &mut self.odds[layout.branches..];
        for set in layout.sets.iter().filter(|s| s.leads_on) {
            softmax_one(&logits[set.actions()], &mut play[set.actions()]);
        }
        self.descend(layout);
        self.logs.start(logits);
        for_players!(self.ascend(layout, precisions, false));
    }

    /// The response of each information set to the play of all the others at `logits`, that below it as well, left in
    /// `response`: it has the fixed points of $H$, and is less curved, since no response builds on another.
    pub(crate) fn respond_at_once(&mut self, layout: &Layout, precisions: &[f64], logits: &[f64]) {
        softmax(layout, logits, &mut self.odds[layout.branches..]);
        self.new_odds.copy_from_slice(&self.odds);
        self.descend(layout);
        self.logs.start(logits);
        for_players!(self.ascend(layout, precisions, true));
    }

    /// What would be missing to the response of a sweep, to first order, at the point of the last response at once, to
    /// which `missing` is missing: $d = m + \\lambda\\,\\partial U / \\partial z_\\text{below}\\, d$.
    pub(crate) fn carry(&mut self, layout: &Layout, precisions: &[f64], missing: &[f64], out: &mut [f64]) {
        self.d_values.clear();
        self.d_values.resize(self.values.len(), 0.0);
        self.d_odds.fill(0.0);
        for_players!(self.carry_up(layout, precisions, missing, out));
    }

    fn carry_up<const N: usize>(
        &mut self,
        layout: &Layout,
        precisions: &[f64],
        missing: &[f64],
        out: &mut [f64],
    ) {
        let n = count::<N>(layout.players);
        for &step in &layout.steps {
            let index = match step {
                Step::Chance(node) | Step::Pass(node) => {
                    let (odds, d_odds) = (&self.odds, &self.d_odds);
                    tangent_mix::<N>(layout, node, odds, d_odds, &self.values, &mut self.d_values);
                    continue;
                }
                Step::Respond(index) | Step::RespondLate(index) => index,
            };
            let set = &layout.sets[index];
            let out = &mut out[set.actions()];
            out.fill(0.0);
            for &node in layout.members(set) {
                let belief = self.beliefs[node as usize];
                for (d, &child) in out.iter_mut().zip(layout.children(node as usize)) {
                    *d += belief * self.d_values[child as usize * n + set.player];
                }
            }
            let mean = out.iter().sum::<f64>() / set.count as f64;
            for (d, m) in out.iter_mut().zip(&missing[set.actions()]) {
                *d = precisions[set.player] * (*d - mean) + m;
            }
            if !matches!(step, Step::Respond(_)) {
                continue;
            }
            let range = layout.branches + set.first..layout.branches + set.first + set.count;
            softmax_derivative(&self.new_odds[range.clone()], out, &mut self.d_new_odds[range]);
            for &node in layout.members(set) {
                let (odds, d_odds) = (&self.new_odds, &self.d_new_odds);
                tangent_mix::<N>(layout, node as usize, odds, d_odds, &self.values, &mut self.d_values);
            }
        }
    }

    /// Reach probabilities from the root down.
    fn descend(&mut self, layout: &Layout) {
        if let Some(root) = self.reach.first_mut() {
            *root = 1.0;
        }
        for (node, &(before, odds)) in layout.before().iter().enumerate().skip(1) {
            self.reach[node] = self.reach[before as usize] * self.odds[odds as usize];
        }
    }

    /// Values and responses from the ends up.
    fn ascend<const N: usize>(&mut self, layout: &Layout, precisions: &[f64], at_once: bool) {
        for &step in &layout.steps {
            match step {
                Step::Chance(node) | Step::Pass(node) => self.mix_one::<N>(layout, node),
                Step::Respond(index) => {
                    let set = &layout.sets[index];
                    match set.count {
                        2 => self.respond_then_mix::<N, 2>(layout, index, set, precisions, at_once),
                        3 => self.respond_then_mix::<N, 3>(layout, index, set, precisions, at_once),
                        4 => self.respond_then_mix::<N, 4>(layout, index, set, precisions, at_once),
                        _ => self.respond_then_mix::<N, 0>(layout, index, set, precisions, at_once),
                    }
                }
                Step::RespondLate(index) => {
                    self.respond_at::<N, 0>(layout, index, &layout.sets[index], precisions, at_once);
                }
            }
        }
    }

    /// The value of one node with the odds that the sweep started from.
    #[inline]
    fn mix_one<const N: usize>(&mut self, layout: &Layout, node: usize) {
        let (children, odds) = (layout.children(node), &self.odds[layout.odds(node)]);
        match children.len() {
            2 => mix::<N, 2>(layout.players, node, children, odds, &mut self.values),
            3 => mix::<N, 3>(layout.players, node, children, odds, &mut self.values),
            _ => mix::<N, 0>(layout.players, node, children, odds, &mut self.values),
        }
    }

    #[inline]
    fn respond_then_mix<const N: usize, const C: usize>(
        &mut self,
        layout: &Layout,
        index: usize,
        set: &Set,
        precisions: &[f64],
        at_once: bool,
    ) {
        self.respond_at::<N, C>(layout, index, set, precisions, at_once);
        let first = layout.branches + set.first;
        let odds = &self.new_odds[first..first + set.count];
        let children = layout.children_of_members(set).chunks_exact(set.count);
        for (&node, children) in layout.members(set).iter().zip(children) {
            mix::<N, C>(layout.players, node as usize, children, odds, &mut self.values);
        }
    }

    #[inline]
    fn respond_at<const N: usize, const C: usize>(
        &mut self,
        layout: &Layout,
        index: usize,
        set: &Set,
        precisions: &[f64],
        at_once: bool,
    ) {
        let n = count::<N>(layout.players);
        let actions = count::<C>(set.count);
        self.believe(layout, index, set);
        let values = &mut self.action_values[set.first..set.first + actions];
        values.fill(0.0);
        let children = layout.children_of_members(set).chunks_exact(actions);
        for (&node, children) in layout.members(set).iter().zip(children) {
            let belief = self.beliefs[node as usize];
            for (value, &child) in values.iter_mut().zip(children) {
                *value += belief * self.values[child as usize * n + set.player];
            }
        }
        let mean = values.iter().sum::<f64>() / actions as f64;
        let response = &mut self.response[set.first..set.first + actions];
        for (value, z) in values.iter().zip(response.iter_mut()) {
            *z = precisions[set.player] * (value - mean);
        }
        if !at_once {
            let first = layout.branches + set.first;
            softmax_one(response, &mut self.new_odds[first..first + actions]);
        }
    }

    /// The beliefs at an information set.
    #[inline]
    fn believe(&mut self, layout: &Layout, index: usize, set: &Set) {
        let members = layout.members(set);
        let total: f64 = members.iter().map(|&node| self.reach[node as usize]).sum();
        if total > TOO_SMALL {
            let scale = 1.0 / total;
            self.scale[index] = scale;
            for &node in members {
                self.beliefs[node as usize] = self.reach[node as usize] * scale;
            }
        } else {
            self.scale[index] = 0.0;
            self.logs.believe(layout, members, &self.odds, &mut self.beliefs);
        }
    }

    /// The product $H_z\, dz + H_\lambda\, d\lambda$ at the point of the last sweep.
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

    /// The same, and $H_u\, du$ for a change of the payoffs; none where it is empty.
    pub(crate) fn tangent_with(
        &mut self,
        layout: &Layout,
        precisions: &[f64],
        d_logits: &[f64],
        d_precisions: &[f64],
        d_payoffs: &[f64],
        out: &mut [f64],
    ) {
        self.d_reach.resize(self.reach.len(), 0.0);
        self.d_values.clear();
        self.d_values.resize(self.values.len(), 0.0);
        let ends = layout.inner_count * layout.players;
        self.d_values[ends..ends + d_payoffs.len()].copy_from_slice(d_payoffs);
        self.d_odds[..layout.branches].fill(0.0);
        let (play, d_play) = (&self.odds[layout.branches..], &mut self.d_odds[layout.branches..]);
        for set in layout.sets.iter().filter(|s| s.leads_on) {
            let range = set.actions();
            softmax_derivative(&play[range.clone()], &d_logits[range.clone()], &mut d_play[range]);
        }
        if let Some(root) = self.d_reach.first_mut() {
            *root = 0.0;
        }
        for (node, &(before, odds)) in layout.before().iter().enumerate().skip(1) {
            let (before, odds) = (before as usize, odds as usize);
            self.d_reach[node] =
                self.d_reach[before] * self.odds[odds] + self.reach[before] * self.d_odds[odds];
        }
        self.logs.tangent(layout, &self.odds, d_logits);
        for_players!(self.tangent_ascend(layout, precisions, d_precisions, out));
    }

    fn tangent_ascend<const N: usize>(
        &mut self,
        layout: &Layout,
        precisions: &[f64],
        d_precisions: &[f64],
        out: &mut [f64],
    ) {
        for &step in &layout.steps {
            match step {
                Step::Chance(node) | Step::Pass(node) => {
                    tangent_mix::<N>(
                        layout,
                        node,
                        &self.odds,
                        &self.d_odds,
                        &self.values,
                        &mut self.d_values,
                    );
                }
                Step::Respond(index) => {
                    let set = &layout.sets[index];
                    self.tangent_respond::<N>(layout, index, precisions, d_precisions, out);
                    let (odds, d_odds) = (&self.new_odds, &self.d_new_odds);
                    for &node in layout.members(set) {
                        tangent_mix::<N>(
                            layout,
                            node as usize,
                            odds,
                            d_odds,
                            &self.values,
                            &mut self.d_values,
                        );
                    }
                }
                Step::RespondLate(index) => {
                    self.tangent_respond::<N>(layout, index, precisions, d_precisions, out);
                }
            }
        }
    }

    fn tangent_respond<const N: usize>(
        &mut self,
        layout: &Layout,
        index: usize,
        precisions: &[f64],
        d_precisions: &[f64],
        out: &mut [f64],
    ) {
        let n = count::<N>(layout.players);
        let set = &layout.sets[index];
        let out = &mut out[set.actions()];
        let values = &self.action_values[set.actions()];
        out.fill(0.0);
        let by_logs = self.scale[index] == 0.0;
        let mean = if by_logs { self.logs.mean_tangent(layout.members(set), &self.beliefs) } else { 0.0 };
        for &node in layout.members(set) {
            let node = node as usize;
            let belief = self.beliefs[node];
            let d_belief = if by_logs {
                belief * (self.logs.d_reach[node] - mean)
            } else {
                self.d_reach[node] * self.scale[index]
            };
            for ((d, value), &child) in out.iter_mut().zip(values).zip(layout.children(node)) {
                let at = child as usize * n + set.player;
                *d += d_belief * (self.values[at] - value) + belief * self.d_values[at];
            }
        }
        for (d, value) in out.iter_mut().zip(values) {
            *d = precisions[set.player] * *d + d_precisions[set.player] * value;
        }
        let mean = out.iter().sum::<f64>() / set.count as f64;
        for d in out.iter_mut() {
            *d -= mean;
        }
        let range = layout.branches + set.first..layout.branches + set.first + set.count;
        softmax_derivative(&self.new_odds[range.clone()], out, &mut self.d_new_odds[range]);
    }

    /// The products of `weights` with all derivatives of $H$ at the point of the last sweep, into `adjoint`.
    pub(crate) fn adjoint(
        &mut self,
        layout: &Layout,
        precisions: &[f64],
        weights: &[f64],
        adjoint: &mut Adjoint,
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
        adjoint: &mut Adjoint,
    ) {
        adjoint.precisions.fill(0.0);
        self.d_reach.clear();
        self.d_reach.resize(self.reach.len(), 0.0);
        self.d_values.clear();
        self.d_values.resize(self.values.len(), 0.0);
        // The root is the first place.
        self.d_values[..root.len()].copy_from_slice(root);
        self.d_odds.fill(0.0);
        self.d_new_odds.fill(0.0);
        self.logs.begin_adjoint(layout);
        for_players!(self.adjoint_descend(layout, precisions, weights, &mut adjoint.precisions));
        for (node, &(before, odds)) in layout.before().iter().enumerate().skip(1).rev() {
            let (before, odds) = (before as usize, odds as usize);
            let d = self.d_reach[node];
            self.d_reach[before] += d * self.odds[odds];
            self.d_odds[odds] += d * self.reach[before];
        }
        adjoint.numbers.payoffs.copy_from_slice(&self.d_values[layout.inner_count * layout.players..]);
        adjoint.numbers.chance.copy_from_slice(&self.d_odds[..layout.branches]);
        let (play, d_play) = (&self.odds[layout.branches..], &self.d_odds[layout.branches..]);
        for set in layout.sets.iter().filter(|s| s.leads_on) {
            let range = set.actions();
            softmax_derivative(&play[range.clone()], &d_play[range.clone()], &mut adjoint.logits[range]);
        }
        self.logs.finish_adjoint(layout, &self.odds, &mut adjoint.logits, &mut adjoint.numbers.chance);
    }

    /// Passes adjoints of values from the root down.
    fn adjoint_descend<const N: usize>(
        &mut self,
        layout: &Layout,
        precisions: &[f64],
        weights: &[f64],
        d_precisions: &mut [f64],
    ) {
        for &step in layout.steps.iter().rev() {
            match step {
                Step::Chance(node) | Step::Pass(node) => {
                    let range = layout.odds(node);
                    adjoint_mix::<N, 0>(
                        layout.players,
                        node,
                        layout.children(node),
                        &self.odds[range.clone()],
                        &mut self.d_odds[range],
                        &self.values,
                        &mut self.d_values,
                    );
                }
                Step::Respond(index) => {
                    let set = &layout.sets[index];
                    match set.count {
                        2 => self.adjoint_mix_members::<N, 2>(layout, set),
                        3 => self.adjoint_mix_members::<N, 3>(layout, set),
                        4 => self.adjoint_mix_members::<N, 4>(layout, set),
                        _ => self.adjoint_mix_members::<N, 0>(layout, set),
                    }
                    self.adjoint_respond::<N>(layout, index, precisions, weights, d_precisions);
                }
                Step::RespondLate(index) => {
                    self.adjoint_respond::<N>(layout, index, precisions, weights, d_precisions);
                }
            }
        }
    }

    #[inline]
    fn adjoint_mix_members<const N: usize, const C: usize>(&mut self, layout: &Layout, set: &Set) {
        let first = layout.branches + set.first;
        let odds = &self.new_odds[first..first + set.count];
        let d_odds = &mut self.d_new_odds[first..first + set.count];
        let children = layout.children_of_members(set).chunks_exact(set.count);
        for (&node, children) in layout.members(set).iter().zip(children) {
            let node = node as usize;
            adjoint_mix::<N, C>(
                layout.players,
                node,
                children,
                odds,
                d_odds,
                &self.values,
                &mut self.d_values,
            );
        }
    }

    fn adjoint_respond<const N: usize>(
        &mut self,
        layout: &Layout,
        index: usize,
        precisions: &[f64],
        weights: &[f64],
        d_precisions: &mut [f64],
    ) {
        let n = count::<N>(layout.players);
        let set = &layout.sets[index];
        let range = layout.branches + set.first..layout.branches + set.first + set.count;
        let (play, d_play) = (&self.new_odds[range.clone()], &mut self.d_new_odds[range.clone()]);
        let mean: f64 = play.iter().zip(d_play.iter()).map(|(p, d)| p * d).sum();
        for ((d, p), w) in d_play.iter_mut().zip(play).zip(&weights[set.actions()]) {
            *d = w + p * (*d - mean);
        }
        if d_play.iter().all(|d| *d == 0.0) {
            return;
        }
        let centre = d_play.iter().sum::<f64>() / set.count as f64;
        let values = &self.action_values[set.actions()];
        for (d, value) in d_play.iter_mut().zip(values) {
            *d -= centre;
            d_precisions[set.player] += *d * value;
            *d *= precisions[set.player];
        }
        for &node in layout.members(set) {
            let node = node as usize;
            let belief = self.beliefs[node];
            let mut d_belief = 0.0;
            for ((d, value), &child) in d_play.iter().zip(values).zip(layout.children(node)) {
                let at = child as usize * n + set.player;
                self.d_values[at] += d * belief;
                d_belief += d * (self.values[at] - value);
            }
            if self.scale[index] == 0.0 {
                // The mean over the members is zero: the values are means under the beliefs.
                self.logs.d_reach[node] += belief * d_belief;
            } else {
                self.d_reach[node] += d_belief * self.scale[index];
            }
        }
    }
}

/// A node's values as the mixture of its children's.
#[expect(clippy::inline_always, reason = "without it the loops over players and actions stay rolled up")]
#[inline(always)]
fn mix<const N: usize, const C: usize>(
    players: usize,
    node: usize,
    children: &[u32],
    odds: &[f64],
    values: &mut [f64],
) {
    let actions = count::<C>(children.len());
    let pairs = children[..actions].iter().zip(&odds[..actions]);
    if N == 0 {
        let here = node * players;
        values[here..here + players].fill(0.0);
        for (&child, p) in pairs {
            for player in 0..players {
                values[here + player] += p * values[child as usize * players + player];
            }
        }
        return;
    }
    let mut sums = [0.0; N];
    for (&child, p) in pairs {
        let from = child as usize * N;
        for (sum, value) in sums.iter_mut().zip(&values[from..from + N]) {
            *sum += p * value;
        }
    }
    values[node * N..(node + 1) * N].copy_from_slice(&sums);
}

#[inline]
fn tangent_mix<const N: usize>(
    layout: &Layout,
    node: usize,
    odds: &[f64],
    d_odds: &[f64],
    values: &[f64],
    d_values: &mut [f64],
) {
    let n = count::<N>(layout.players);
    let (above, below) = d_values.split_at_mut((node + 1) * n);
    let here = &mut above[node * n..];
    here.fill(0.0);
    let range = layout.odds(node);
    for ((&child, p), dp) in layout.children(node).iter().zip(&odds[range.clone()]).zip(&d_odds[range]) {
        let from = (child as usize - node - 1) * n;
        let own = &values[child as usize * n..child as usize * n + n];
        for ((to, d), value) in here.iter_mut().zip(&below[from..from + n]).zip(own) {
            *to += p * d + dp * value;
        }
    }
}

#[expect(clippy::inline_always, reason = "without it the loops over players and actions stay rolled up")]
#[inline(always)]
fn adjoint_mix<const N: usize, const C: usize>(
    players: usize,
    node: usize,
    children: &[u32],
    odds: &[f64],
    d_odds: &mut [f64],
    values: &[f64],
    d_values: &mut [f64],
) {
    let n = count::<N>(players);
    let actions = count::<C>(children.len());
    // Children come after their parent.
    let (above, below) = d_values.split_at_mut((node + 1) * n);
    let here = &above[node * n..];
    if here.iter().all(|d| *d == 0.0) {
        return;
    }
    for ((&child, p), dp) in children[..actions].iter().zip(&odds[..actions]).zip(&mut d_odds[..actions]) {
        let from = (child as usize - node - 1) * n;
        let own = &values[child as usize * n..child as usize * n + n];
        let mut sum = 0.0;
        for ((to, d), value) in below[from..from + n].iter_mut().zip(here).zip(own) {
            *to += p * d;
            sum += d * value;
        }
        *dp += sum;
    }
}
