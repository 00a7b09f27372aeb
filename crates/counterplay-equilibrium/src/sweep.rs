//! One sweep over the tree: down for reach probabilities, up for values and responses; and its derivatives.
//!
//! The map $H$ takes the logits $z$ of all actions to the logits of the response to them: beliefs follow from
//! the play $\pi = \mathrm{softmax}(z)$, and the response is found from the deepest information sets up, each
//! with the responses below it already in place,
//! $$ H(z)_{Ia} = \lambda_i U_i(a \mid I) - \text{mean over } a, \qquad
//!    U_i(a \mid I) = \frac{\sum_{h \in I} q_i(h)\, v_i(ha)}{\sum_{h \in I} q_i(h)}. $$
//! Here $q_i(h)$ is the counterfactual reach of $h$: the probability of chance and of everybody but $i$ to lead
//! there. With perfect recall the player's own part is the same for all members and cancels. Fixed points of
//! $H$ are the agent quantal response equilibria (McKelvey and Palfrey 1998). In a game without hidden
//! information $H$ does not depend on $z$, and one sweep is the solution.

use counterplay_game::id::{InfoSetId, NodeId};
use counterplay_game::tree::{Game, Kind};
use counterplay_game::valuation::Valuation;

use crate::schedule::{Step, schedule};

/// Who moves at a node, as a small number: a player, chance, or nobody.
const CHANCE: u32 = u32::MAX - 1;
const NOBODY: u32 = u32::MAX;

/// A node as a sweep needs it.
#[derive(Clone, Copy, Debug)]
struct Flat {
    first_child: u32,
    /// The first action, branch, or payoff.
    slot: u32,
    count: u32,
    mover: u32,
}

/// The tree of a game in the form that sweeps read; shared by all sweeps over it.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) players: usize,
    nodes: Vec<Flat>,
    steps: Vec<Step>,
    /// For each information set: first action, number of actions, player.
    sets: Vec<(usize, usize, usize)>,
    member_starts: Vec<usize>,
    members: Vec<NodeId>,
    pub(crate) actions: usize,
}

impl Layout {
    pub(crate) fn new(game: &Game) -> Self {
        let players = game.players().len();
        let mut member_starts = vec![0];
        let mut members = Vec::new();
        for set in game.info_set_ids() {
            members.extend_from_slice(game.members(set));
            member_starts.push(members.len());
        }
        Self {
            players,
            nodes: game.nodes().map(|node| flat(game, node)).collect(),
            steps: schedule(game),
            sets: game.info_set_ids().map(|s| set_shape(game, s)).collect(),
            member_starts,
            members,
            actions: game.action_count(),
        }
    }

    fn members(&self, set: usize) -> &[NodeId] {
        &self.members[self.member_starts[set]..self.member_starts[set + 1]]
    }
}

fn flat(game: &Game, node: NodeId) -> Flat {
    let narrow = |x: usize| u32::try_from(x).expect("fewer than 2^32 items");
    let (slot, mover) = match game.kind(node) {
        Kind::Chance(c) => (game.branches(c).start, CHANCE),
        Kind::Decision(s) => (game.actions(s).start, narrow(game.info_set(s).player.index())),
        Kind::End(e) => (e.index() * game.players().len(), NOBODY),
    };
    let first_child = if mover == NOBODY { 0 } else { game.first_child(node).index() };
    Flat {
        first_child: narrow(first_child),
        slot: narrow(slot),
        count: narrow(game.child_count(node)),
        mover,
    }
}

fn set_shape(game: &Game, set: InfoSetId) -> (usize, usize, usize) {
    let actions = game.actions(set);
    (actions.start, actions.len(), game.info_set(set).player.index())
}

/// The state of a sweep, and of its derivatives. Reused from sweep to sweep.
#[derive(Clone, Debug)]
pub(crate) struct Sweep {
    /// The play that the sweep started from.
    pub(crate) play: Vec<f64>,
    /// The response's logits.
    pub(crate) response: Vec<f64>,
    /// The response's play.
    pub(crate) new_play: Vec<f64>,
    /// Expected payoffs of actions to their player.
    pub(crate) action_values: Vec<f64>,
    /// Counterfactual reach, node by node, player by player.
    reach: Vec<f64>,
    /// Expected payoffs, node by node, player by player.
    pub(crate) values: Vec<f64>,
    /// The sum of counterfactual reach over each information set.
    set_reach: Vec<f64>,
    d_reach: Vec<f64>,
    d_values: Vec<f64>,
    d_play: Vec<f64>,
    d_new_play: Vec<f64>,
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
    pub(crate) fn zero(layout: &Layout, numbers: &Valuation) -> Self {
        Self {
            logits: vec![0.0; layout.actions],
            precisions: vec![0.0; layout.players],
            numbers: Valuation {
                chance: vec![0.0; numbers.chance.len()],
                payoffs: vec![0.0; numbers.payoffs.len()],
            },
        }
    }

    fn clear(&mut self) {
        self.logits.fill(0.0);
        self.precisions.fill(0.0);
        self.numbers.chance.fill(0.0);
        self.numbers.payoffs.fill(0.0);
    }
}

/// Softmax within each information set.
pub(crate) fn softmax(layout: &Layout, logits: &[f64], play: &mut [f64]) {
    for &(first, count, _) in &layout.sets {
        softmax_one(&logits[first..first + count], &mut play[first..first + count]);
    }
}

fn softmax_one(logits: &[f64], play: &mut [f64]) {
    let top = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for (p, z) in play.iter_mut().zip(logits) {
        *p = (z - top).exp();
        sum += *p;
    }
    for p in play {
        *p /= sum;
    }
}

/// The derivative of softmax, which is symmetric: $\pi_a (x_a - \sum_b \pi_b x_b)$.
fn softmax_derivative(play: &[f64], x: &[f64], out: &mut [f64]) {
    let mean: f64 = play.iter().zip(x).map(|(p, x)| p * x).sum();
    for ((out, p), x) in out.iter_mut().zip(play).zip(x) {
        *out = p * (x - mean);
    }
}

impl Sweep {
    pub(crate) fn new(layout: &Layout) -> Self {
        let per_node = vec![0.0; layout.nodes.len() * layout.players];
        let per_action = vec![0.0; layout.actions];
        Self {
            play: per_action.clone(),
            response: per_action.clone(),
            new_play: per_action.clone(),
            action_values: per_action.clone(),
            reach: per_node.clone(),
            values: per_node,
            set_reach: vec![0.0; layout.sets.len()],
            d_reach: Vec::new(),
            d_values: Vec::new(),
            d_play: per_action.clone(),
            d_new_play: per_action,
        }
    }

    /// Puts the payoffs at the ends; to be called whenever they change.
    pub(crate) fn load(&mut self, layout: &Layout, numbers: &Valuation) {
        let n = layout.players;
        for (index, node) in layout.nodes.iter().enumerate() {
            if node.mover == NOBODY {
                let slot = node.slot as usize;
                self.values[index * n..(index + 1) * n].copy_from_slice(&numbers.payoffs[slot..slot + n]);
            }
        }
    }

    /// $H$ at `logits`, left in `response`.
    pub(crate) fn respond(
        &mut self,
        layout: &Layout,
        numbers: &Valuation,
        precisions: &[f64],
        logits: &[f64],
    ) {
        softmax(layout, logits, &mut self.play);
        self.descend(layout, numbers);
        self.ascend(layout, numbers, precisions);
    }

    /// Reach probabilities from the root down.
    fn descend(&mut self, layout: &Layout, numbers: &Valuation) {
        let n = layout.players;
        self.reach[..n].fill(1.0);
        for (index, node) in layout.nodes.iter().enumerate() {
            if node.mover == NOBODY {
                continue;
            }
            let (slot, count) = (node.slot as usize, node.count as usize);
            let (above, below) = self.reach.split_at_mut(node.first_child as usize * n);
            let here = &above[index * n..(index + 1) * n];
            let odds = if node.mover == CHANCE { &numbers.chance } else { &self.play };
            for (child, p) in below.chunks_exact_mut(n).zip(&odds[slot..slot + count]) {
                for (to, from) in child.iter_mut().zip(here) {
                    *to = from * p;
                }
                if node.mover != CHANCE {
                    child[node.mover as usize] = here[node.mover as usize];
                }
            }
        }
    }

    /// Values and responses from the ends up.
    fn ascend(&mut self, layout: &Layout, numbers: &Valuation, precisions: &[f64]) {
        for &step in &layout.steps {
            match step {
                Step::Chance(node) => self.mix(layout, node, &numbers.chance),
                Step::Pass(node) => {
                    let play = std::mem::take(&mut self.play);
                    self.mix(layout, node, &play);
                    self.play = play;
                }
                Step::Respond(set) => {
                    self.respond_at(layout, set.index(), precisions);
                    let play = std::mem::take(&mut self.new_play);
                    for &node in layout.members(set.index()) {
                        self.mix(layout, node, &play);
                    }
                    self.new_play = play;
                }
                Step::RespondLate(set) => self.respond_at(layout, set.index(), precisions),
            }
        }
    }

    /// A node's values as the mixture of its children's.
    fn mix(&mut self, layout: &Layout, node: NodeId, odds: &[f64]) {
        let n = layout.players;
        let flat = layout.nodes[node.index()];
        let odds = &odds[flat.slot as usize..(flat.slot + flat.count) as usize];
        let (above, below) = self.values.split_at_mut(flat.first_child as usize * n);
        let here = &mut above[node.index() * n..(node.index() + 1) * n];
        here.fill(0.0);
        for (child, p) in below.chunks_exact(n).zip(odds) {
            for (to, from) in here.iter_mut().zip(child) {
                *to += p * from;
            }
        }
    }

    fn respond_at(&mut self, layout: &Layout, set: usize, precisions: &[f64]) {
        let n = layout.players;
        let (first, count, player) = layout.sets[set];
        let members = layout.members(set);
        let values = &mut self.action_values[first..first + count];
        values.fill(0.0);
        let mut total = 0.0;
        for &node in members {
            let weight = self.reach[node.index() * n + player];
            total += weight;
            let child = layout.nodes[node.index()].first_child as usize;
            for (a, value) in values.iter_mut().enumerate() {
                *value += weight * self.values[(child + a) * n + player];
            }
        }
        if total == 0.0 {
            // Nothing that others or chance do leads here: all members count alike.
            total = members.len() as f64;
            for &node in members {
                self.reach[node.index() * n + player] = 1.0;
                let child = layout.nodes[node.index()].first_child as usize;
                for (a, value) in values.iter_mut().enumerate() {
                    *value += self.values[(child + a) * n + player];
                }
            }
        }
        self.set_reach[set] = total;
        let mean = values.iter().sum::<f64>() / (total * count as f64);
        let response = &mut self.response[first..first + count];
        for (value, z) in values.iter_mut().zip(response.iter_mut()) {
            *value /= total;
            *z = precisions[player] * (*value - mean);
        }
        softmax_one(response, &mut self.new_play[first..first + count]);
    }

    /// The product $H_z\, dz + H_\lambda\, d\lambda$ at the point of the last sweep.
    pub(crate) fn tangent(
        &mut self,
        layout: &Layout,
        numbers: &Valuation,
        precisions: &[f64],
        d_logits: &[f64],
        d_precisions: &[f64],
        out: &mut [f64],
    ) {
        self.d_reach.resize(self.reach.len(), 0.0);
        self.d_values.resize(self.values.len(), 0.0);
        for &(first, count, _) in &layout.sets {
            let range = first..first + count;
            softmax_derivative(&self.play[range.clone()], &d_logits[range.clone()], &mut self.d_play[range]);
        }
        self.tangent_descend(layout, numbers);
        for &step in &layout.steps {
            match step {
                Step::Chance(node) => self.tangent_mix(layout, node, &numbers.chance, None),
                Step::Pass(node) => {
                    let (play, d_play) = (std::mem::take(&mut self.play), std::mem::take(&mut self.d_play));
                    self.tangent_mix(layout, node, &play, Some(&d_play));
                    (self.play, self.d_play) = (play, d_play);
                }
                Step::Respond(set) => {
                    self.tangent_respond(layout, set.index(), precisions, d_precisions, out);
                    let (play, d_play) =
                        (std::mem::take(&mut self.new_play), std::mem::take(&mut self.d_new_play));
                    for &node in layout.members(set.index()) {
                        self.tangent_mix(layout, node, &play, Some(&d_play));
                    }
                    (self.new_play, self.d_new_play) = (play, d_play);
                }
                Step::RespondLate(set) => {
                    self.tangent_respond(layout, set.index(), precisions, d_precisions, out);
                }
            }
        }
    }

    fn tangent_descend(&mut self, layout: &Layout, numbers: &Valuation) {
        let n = layout.players;
        self.d_reach[..n].fill(0.0);
        for (index, node) in layout.nodes.iter().enumerate() {
            for branch in 0..node.count as usize {
                let child = node.first_child as usize + branch;
                let slot = node.slot as usize + branch;
                for i in 0..n {
                    let (here, d_here) = (self.reach[index * n + i], self.d_reach[index * n + i]);
                    self.d_reach[child * n + i] = if node.mover == CHANCE {
                        d_here * numbers.chance[slot]
                    } else if i == node.mover as usize {
                        d_here
                    } else {
                        d_here * self.play[slot] + here * self.d_play[slot]
                    };
                }
            }
        }
    }

    fn tangent_mix(&mut self, layout: &Layout, node: NodeId, odds: &[f64], d_odds: Option<&[f64]>) {
        let n = layout.players;
        let flat = layout.nodes[node.index()];
        for i in 0..n {
            let mut sum = 0.0;
            for branch in 0..flat.count as usize {
                let child = (flat.first_child as usize + branch) * n + i;
                let slot = flat.slot as usize + branch;
                sum += odds[slot] * self.d_values[child];
                if let Some(d_odds) = d_odds {
                    sum += d_odds[slot] * self.values[child];
                }
            }
            self.d_values[node.index() * n + i] = sum;
        }
    }

    fn tangent_respond(
        &mut self,
        layout: &Layout,
        set: usize,
        precisions: &[f64],
        d_precisions: &[f64],
        out: &mut [f64],
    ) {
        let n = layout.players;
        let (first, count, player) = layout.sets[set];
        let total = self.set_reach[set];
        let out = &mut out[first..first + count];
        out.fill(0.0);
        for &node in layout.members(set) {
            let (q, dq) = (self.reach[node.index() * n + player], self.d_reach[node.index() * n + player]);
            let child = layout.nodes[node.index()].first_child as usize;
            for (a, d) in out.iter_mut().enumerate() {
                let at = (child + a) * n + player;
                *d +=
                    (dq * (self.values[at] - self.action_values[first + a]) + q * self.d_values[at]) / total;
            }
        }
        for (a, d) in out.iter_mut().enumerate() {
            *d = precisions[player] * *d + d_precisions[player] * self.action_values[first + a];
        }
        let mean = out.iter().sum::<f64>() / count as f64;
        for d in out.iter_mut() {
            *d -= mean;
        }
        let range = first..first + count;
        softmax_derivative(&self.new_play[range.clone()], out, &mut self.d_new_play[range]);
    }

    /// The products of `weights` with all derivatives of $H$ at the point of the last sweep, into `adjoint`.
    pub(crate) fn adjoint(
        &mut self,
        layout: &Layout,
        numbers: &Valuation,
        precisions: &[f64],
        weights: &[f64],
        adjoint: &mut Adjoint,
    ) {
        adjoint.clear();
        self.d_reach.clear();
        self.d_reach.resize(self.reach.len(), 0.0);
        self.d_values.clear();
        self.d_values.resize(self.values.len(), 0.0);
        self.d_play.fill(0.0);
        for &step in layout.steps.iter().rev() {
            match step {
                Step::Chance(node) => {
                    self.adjoint_mix(layout, node, &numbers.chance, &mut adjoint.numbers.chance);
                }
                Step::Pass(node) => {
                    let (play, mut d_play) =
                        (std::mem::take(&mut self.play), std::mem::take(&mut self.d_play));
                    self.adjoint_mix(layout, node, &play, &mut d_play);
                    (self.play, self.d_play) = (play, d_play);
                }
                Step::Respond(set) => {
                    self.adjoint_members(layout, set.index());
                    self.adjoint_respond(layout, set.index(), precisions, weights, &mut adjoint.precisions);
                }
                Step::RespondLate(set) => {
                    let (first, count, _) = layout.sets[set.index()];
                    self.d_new_play[first..first + count].fill(0.0);
                    self.adjoint_respond(layout, set.index(), precisions, weights, &mut adjoint.precisions);
                }
            }
        }
        self.adjoint_ends(layout, &mut adjoint.numbers.payoffs);
        self.adjoint_ascend(layout, numbers, &mut adjoint.numbers.chance);
        for &(first, count, _) in &layout.sets {
            let range = first..first + count;
            softmax_derivative(
                &self.play[range.clone()],
                &self.d_play[range.clone()],
                &mut adjoint.logits[range],
            );
        }
    }

    fn adjoint_mix(&mut self, layout: &Layout, node: NodeId, odds: &[f64], d_odds: &mut [f64]) {
        let n = layout.players;
        let flat = layout.nodes[node.index()];
        for branch in 0..flat.count as usize {
            let slot = flat.slot as usize + branch;
            let child = (flat.first_child as usize + branch) * n;
            let mut sum = 0.0;
            for i in 0..n {
                let weight = self.d_values[node.index() * n + i];
                self.d_values[child + i] += odds[slot] * weight;
                sum += weight * self.values[child + i];
            }
            d_odds[slot] += sum;
        }
    }

    /// Passes the adjoints of a set's members on to their children and to the set's play.
    fn adjoint_members(&mut self, layout: &Layout, set: usize) {
        let (first, count, _) = layout.sets[set];
        let (play, mut d_play) = (std::mem::take(&mut self.new_play), std::mem::take(&mut self.d_new_play));
        d_play[first..first + count].fill(0.0);
        for &node in layout.members(set) {
            self.adjoint_mix(layout, node, &play, &mut d_play);
        }
        (self.new_play, self.d_new_play) = (play, d_play);
    }

    fn adjoint_respond(
        &mut self,
        layout: &Layout,
        set: usize,
        precisions: &[f64],
        weights: &[f64],
        d_precisions: &mut [f64],
    ) {
        let n = layout.players;
        let (first, count, player) = layout.sets[set];
        let play = &self.new_play[first..first + count];
        let d_play = &mut self.d_new_play[first..first + count];
        let mean: f64 = play.iter().zip(d_play.iter()).map(|(p, d)| p * d).sum();
        for ((d, p), w) in d_play.iter_mut().zip(play).zip(&weights[first..first + count]) {
            *d = w + p * (*d - mean);
        }
        let centre = d_play.iter().sum::<f64>() / count as f64;
        for (d, value) in d_play.iter_mut().zip(&self.action_values[first..first + count]) {
            *d -= centre;
            d_precisions[player] += *d * value;
            *d *= precisions[player];
        }
        let total = self.set_reach[set];
        for &node in layout.members(set) {
            let share = self.reach[node.index() * n + player] / total;
            let child = layout.nodes[node.index()].first_child as usize;
            let mut d_reach = 0.0;
            for a in 0..count {
                let at = (child + a) * n + player;
                let d = self.d_new_play[first + a];
                self.d_values[at] += d * share;
                d_reach += d * (self.values[at] - self.action_values[first + a]);
            }
            self.d_reach[node.index() * n + player] += d_reach / total;
        }
    }

    fn adjoint_ends(&self, layout: &Layout, d_payoffs: &mut [f64]) {
        let n = layout.players;
        for (index, node) in layout.nodes.iter().enumerate() {
            if node.mover == NOBODY {
                let slot = node.slot as usize;
                for i in 0..n {
                    d_payoffs[slot + i] += self.d_values[index * n + i];
                }
            }
        }
    }

    /// Passes the adjoints of reach probabilities up the tree.
    fn adjoint_ascend(&mut self, layout: &Layout, numbers: &Valuation, d_chance: &mut [f64]) {
        let n = layout.players;
        for (index, node) in layout.nodes.iter().enumerate().rev() {
            for branch in 0..node.count as usize {
                let child = (node.first_child as usize + branch) * n;
                let slot = node.slot as usize + branch;
                let mut sum = 0.0;
                for i in 0..n {
                    let d = self.d_reach[child + i];
                    if i == node.mover as usize {
                        self.d_reach[index * n + i] += d;
                        continue;
                    }
                    let odds = if node.mover == CHANCE { numbers.chance[slot] } else { self.play[slot] };
                    self.d_reach[index * n + i] += d * odds;
                    sum += d * self.reach[index * n + i];
                }
                if node.mover == CHANCE {
                    d_chance[slot] += sum;
                } else {
                    self.d_play[slot] += sum;
                }
            }
        }
    }
}
