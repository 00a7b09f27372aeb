//! Games in extensive form, with an information set to each agent.

use std::fmt::Write as _;

use super::{System, largest_range, softmax};

/// A node; children have larger numbers than their parents.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    Chance { odds: Vec<f64>, children: Vec<usize> },
    Decision { set: usize, children: Vec<usize> },
    End { payoffs: Vec<f64> },
}

/// An information set: who moves, and with how many actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Set {
    pub player: usize,
    pub actions: usize,
}

/// A game. The root is node 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    pub players: usize,
    pub nodes: Vec<Node>,
    pub sets: Vec<Set>,
    /// For each player its precision relative to that of the branch.
    pub rates: Vec<f64>,
    /// What the largest logit is measured by; 1 over the largest range of payoffs.
    unit: f64,
    /// For each set, the first of its actions, and the first of its unknowns.
    first: Vec<(usize, usize)>,
    unknowns: usize,
    members: Vec<Vec<usize>>,
}

impl Tree {
    pub fn new(players: usize, nodes: Vec<Node>, sets: Vec<Set>) -> Self {
        let mut first = Vec::new();
        let (mut actions, mut unknowns) = (0, 0);
        for set in &sets {
            first.push((actions, unknowns));
            actions += set.actions;
            unknowns += set.actions - 1;
        }
        let mut members = vec![Vec::new(); sets.len()];
        for (node, kind) in nodes.iter().enumerate() {
            if let Node::Decision { set, children } = kind {
                assert_eq!(children.len(), sets[*set].actions, "an action for each branch");
                members[*set].push(node);
            }
        }
        let payoffs = nodes.iter().filter_map(|n| match n {
            Node::End { payoffs } => Some(payoffs.clone()),
            Node::Chance { .. } | Node::Decision { .. } => None,
        });
        let unit = 1.0 / largest_range(payoffs);
        Self { players, rates: vec![1.0; players], unit, first, unknowns, members, nodes, sets }
    }

    /// The place of a set's actions in [`System::play`].
    pub fn actions_of(&self, set: usize) -> std::ops::Range<usize> {
        self.first[set].0..self.first[set].0 + self.sets[set].actions
    }

    /// The text of a game file.
    pub fn efg(&self) -> String {
        let names: String = (0..self.players).map(|p| format!("\"P{}\" ", p + 1)).collect();
        let mut text = format!("EFG 2 R \"\" {{ {names}}}\n");
        let (mut chance, mut end) = (0, 0);
        // Sets are numbered for each player by themselves.
        let number =
            |set: usize| 1 + self.sets[..set].iter().filter(|s| s.player == self.sets[set].player).count();
        let mut open = vec![0];
        while let Some(node) = open.pop() {
            match &self.nodes[node] {
                Node::Chance { odds, children } => {
                    chance += 1;
                    let branches: String =
                        odds.iter().enumerate().map(|(k, p)| format!("\"{k}\" {} ", fraction(*p))).collect();
                    writeln!(text, "c \"\" {chance} \"\" {{ {branches}}} 0").expect("a string takes it");
                    open.extend(children.iter().rev());
                }
                Node::Decision { set, children } => {
                    let labels: String = (0..children.len()).map(|a| format!("\"{a}\" ")).collect();
                    let player = self.sets[*set].player + 1;
                    writeln!(text, "p \"\" {player} {} \"\" {{ {labels}}} 0", number(*set))
                        .expect("a string takes it");
                    open.extend(children.iter().rev());
                }
                Node::End { payoffs } => {
                    end += 1;
                    let payoffs: String = payoffs.iter().map(|u| format!("{u} ")).collect();
                    writeln!(text, "t \"\" {end} \"\" {{ {payoffs}}}").expect("a string takes it");
                }
            }
        }
        text
    }

    fn log_play(&self, x: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let play = self.play(x);
        let mut logs = vec![0.0; play.len()];
        for (set, &(first, unknown)) in self.first.iter().enumerate() {
            let odds = &x[unknown..unknown + self.sets[set].actions - 1];
            let top = odds.iter().fold(0.0f64, |m, &z| m.max(z));
            let sum = (-top).exp() + odds.iter().map(|z| (z - top).exp()).sum::<f64>();
            logs[first] = -top - sum.ln();
            for (k, &z) in odds.iter().enumerate() {
                logs[first + 1 + k] = z - top - sum.ln();
            }
        }
        (play, logs)
    }

    /// For each node the logarithm of the probability that it is reached, and its derivatives.
    fn reach(&self, play: &[f64], logs: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let n = self.unknowns;
        let mut reach = vec![0.0; self.nodes.len()];
        let mut slopes = vec![0.0; self.nodes.len() * n];
        for (node, kind) in self.nodes.iter().enumerate() {
            let (Node::Chance { children, .. } | Node::Decision { children, .. }) = kind else { continue };
            for (branch, &child) in children.iter().enumerate() {
                assert!(child > node, "children come later");
                slopes.copy_within(node * n..(node + 1) * n, child * n);
                match kind {
                    Node::Chance { odds, .. } => reach[child] = reach[node] + odds[branch].ln(),
                    Node::Decision { set, .. } => {
                        let (first, unknown) = self.first[*set];
                        reach[child] = reach[node] + logs[first + branch];
                        for k in 0..children.len() - 1 {
                            let own = f64::from(u8::from(k + 1 == branch));
                            slopes[child * n + unknown + k] += own - play[first + 1 + k];
                        }
                    }
                    Node::End { .. } => {}
                }
            }
        }
        (reach, slopes)
    }

    /// For each node and player the expected payoff from there on, and its derivatives.
    fn values(&self, play: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let (n, players) = (self.unknowns, self.players);
        let mut values = vec![0.0; self.nodes.len() * players];
        let mut slopes = vec![0.0; self.nodes.len() * players * n];
        let add = |values: &mut [f64], slopes: &mut [f64], node: usize, child: usize, p: f64| {
            for at in 0..players {
                values[node * players + at] += p * values[child * players + at];
            }
            let (own, later) = slopes.split_at_mut((node + 1) * players * n);
            let from = (child - node - 1) * players * n;
            for (to, d) in own[node * players * n..].iter_mut().zip(&later[from..from + players * n]) {
                *to += p * d;
            }
        };
        for (node, kind) in self.nodes.iter().enumerate().rev() {
            match kind {
                Node::End { payoffs } => {
                    values[node * players..(node + 1) * players].copy_from_slice(payoffs);
                }
                Node::Chance { odds, children } => {
                    for (&p, &child) in odds.iter().zip(children) {
                        add(&mut values, &mut slopes, node, child, p);
                    }
                }
                Node::Decision { set, children } => {
                    let (first, unknown) = self.first[*set];
                    for (k, &child) in children.iter().enumerate() {
                        add(&mut values, &mut slopes, node, child, play[first + k]);
                    }
                    for (k, &child) in children.iter().enumerate().skip(1) {
                        for player in 0..players {
                            let gain = values[child * players + player] - values[node * players + player];
                            slopes[(node * players + player) * n + unknown + k - 1] += play[first + k] * gain;
                        }
                    }
                }
            }
        }
        (values, slopes)
    }

    /// The expected payoffs of a set's actions given that it is reached, and their derivatives, action by action.
    fn utilities(
        &self,
        set: usize,
        (reach, reach_slopes): (&[f64], &[f64]),
        (values, value_slopes): (&[f64], &[f64]),
    ) -> (Vec<f64>, Vec<f64>) {
        let (n, player, members) = (self.unknowns, self.sets[set].player, &self.members[set]);
        let top = members.iter().fold(f64::NEG_INFINITY, |m, &h| m.max(reach[h]));
        let raw: Vec<f64> = members.iter().map(|&h| (reach[h] - top).exp()).collect();
        let sum: f64 = raw.iter().sum();
        let weights: Vec<f64> = raw.iter().map(|w| w / sum).collect();
        let mut mean_slope = vec![0.0; n];
        for (&h, &w) in members.iter().zip(&weights) {
            for (m, d) in mean_slope.iter_mut().zip(&reach_slopes[h * n..]) {
                *m += w * d;
            }
        }
        let actions = self.sets[set].actions;
        let (mut utilities, mut slopes) = (vec![0.0; actions], vec![0.0; actions * n]);
        for (&h, &w) in members.iter().zip(&weights) {
            let Node::Decision { children, .. } = &self.nodes[h] else { unreachable!("members decide") };
            for (a, &child) in children.iter().enumerate() {
                let at = child * self.players + player;
                utilities[a] += w * values[at];
                for k in 0..n {
                    let shift = reach_slopes[h * n + k] - mean_slope[k];
                    slopes[a * n + k] += w * (value_slopes[at * n + k] + values[at] * shift);
                }
            }
        }
        (utilities, slopes)
    }

    /// The most that any player could gain by one action, given that its set is reached.
    pub fn regret(&self, x: &[f64]) -> f64 {
        let (play, logs) = self.log_play(x);
        let (reach, reach_slopes) = self.reach(&play, &logs);
        let (values, value_slopes) = self.values(&play);
        let gain = |set: usize| {
            let (u, _) = self.utilities(set, (&reach, &reach_slopes), (&values, &value_slopes));
            let mean: f64 = u.iter().zip(&play[self.actions_of(set)]).map(|(u, p)| u * p).sum();
            u.iter().fold(f64::NEG_INFINITY, |m, &u| m.max(u)) - mean
        };
        (0..self.sets.len()).map(gain).fold(0.0, f64::max)
    }
}

/// A probability as text: a fraction where it is one with a small denominator, so that odds sum to exactly 1.
fn fraction(p: f64) -> String {
    let whole = |d: &u32| ((p * f64::from(*d)).round() / f64::from(*d)).to_bits() == p.to_bits();
    match (1..100).find(whole) {
        Some(d) => format!("{}/{d}", (p * f64::from(d)).round()),
        None => p.to_string(),
    }
}

impl System for Tree {
    fn unknowns(&self) -> usize {
        self.unknowns
    }

    fn evaluate(&self, x: &[f64], residual: &mut [f64], jacobian: &mut [f64]) {
        let (n, width) = (self.unknowns, self.unknowns + 1);
        let (play, logs) = self.log_play(x);
        let (reach, reach_slopes) = self.reach(&play, &logs);
        let (values, value_slopes) = self.values(&play);
        jacobian.fill(0.0);
        for (set, &(_, unknown)) in self.first.iter().enumerate() {
            let rate = self.unit * self.rates[self.sets[set].player];
            let (u, du) = self.utilities(set, (&reach, &reach_slopes), (&values, &value_slopes));
            for k in 1..u.len() {
                let row = unknown + k - 1;
                residual[row] = x[row] - x[n] * rate * (u[k] - u[0]);
                let own = &mut jacobian[row * width..(row + 1) * width];
                for c in 0..n {
                    own[c] = -x[n] * rate * (du[k * n + c] - du[c]);
                }
                own[row] += 1.0;
                own[n] = -rate * (u[k] - u[0]);
            }
        }
    }

    fn play(&self, x: &[f64]) -> Vec<f64> {
        let mut play = vec![0.0; self.sets.iter().map(|s| s.actions).sum()];
        for (set, &(first, unknown)) in self.first.iter().enumerate() {
            let actions = self.sets[set].actions;
            softmax(&x[unknown..unknown + actions - 1], &mut play[first..first + actions]);
        }
        play
    }

    fn unit(&self) -> f64 {
        self.unit
    }
}
