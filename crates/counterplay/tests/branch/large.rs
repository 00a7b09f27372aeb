//! The principal branch of a large game, by products with its derivative alone: for games whose derivative is too large for a
//! dense matrix.
//!
//! The precisions grow in small steps. Each point is predicted along the tangent and corrected by Newton's method, whose
//! linear systems are solved by GMRES (Saad and Schultz 1986). A step is taken again shorter where the point is far from its
//! prediction or the tangent changes by much; where steps become too short the branch turns, and the trace ends.

use crate::reference::softmax;
use crate::reference::tree::{Node, Tree};

/// A game whose precisions are shares of `precisions`, player by player.
pub(crate) struct Large<'a> {
    tree: &'a Tree,
    precisions: &'a [f64],
    /// For each set, the first of its actions and the first of its unknowns.
    first: Vec<(usize, usize)>,
    unknowns: usize,
    members: Vec<Vec<usize>>,
}

/// What a pass over the tree finds at a point.
struct Pass {
    play: Vec<f64>,
    values: Vec<f64>,
    /// For each set the probability of each member, given that it is reached.
    beliefs: Vec<Vec<f64>>,
    /// The log-odds at which players would respond to this play, if the share were 1.
    response: Vec<f64>,
}

/// Why there is no point.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ended {
    pub(crate) share: f64,
}

const SHORTEST: f64 = 1e-6;
/// The longest step in shares; the largest distance from the prediction, in probability; the largest change of the tangent.
const LONGEST: f64 = 0.01;
const MISSED: f64 = 2e-4;
const BENT: f64 = 0.1;

impl<'a> Large<'a> {
    pub(crate) fn new(tree: &'a Tree, precisions: &'a [f64]) -> Self {
        let mut first = Vec::new();
        let (mut actions, mut unknowns) = (0, 0);
        for set in &tree.sets {
            first.push((actions, unknowns));
            actions += set.actions;
            unknowns += set.actions - 1;
        }
        let mut members = vec![Vec::new(); tree.sets.len()];
        for (node, kind) in tree.nodes.iter().enumerate() {
            if let Node::Decision { set, .. } = kind {
                members[*set].push(node);
            }
        }
        Self { tree, precisions, first, unknowns, members }
    }

    fn play(&self, x: &[f64]) -> Vec<f64> {
        let mut play = vec![0.0; self.tree.sets.iter().map(|s| s.actions).sum()];
        for (set, &(first, unknown)) in self.first.iter().enumerate() {
            let actions = self.tree.sets[set].actions;
            softmax(&x[unknown..unknown + actions - 1], &mut play[first..first + actions]);
        }
        play
    }

    fn pass(&self, x: &[f64]) -> Pass {
        let play = self.play(x);
        let nodes = &self.tree.nodes;
        let players = self.tree.players;
        let mut reach = vec![0.0; nodes.len()];
        for (node, kind) in nodes.iter().enumerate() {
            match kind {
                Node::Chance { odds, children } => {
                    for (p, &child) in odds.iter().zip(children) {
                        reach[child] = reach[node] + p.ln();
                    }
                }
                Node::Decision { set, children } => {
                    for (p, &child) in play[self.first[*set].0..].iter().zip(children) {
                        reach[child] = reach[node] + p.ln();
                    }
                }
                Node::End { .. } => {}
            }
        }
        let mut values = vec![0.0; nodes.len() * players];
        for (node, kind) in nodes.iter().enumerate().rev() {
            let (odds, children) = match kind {
                Node::End { payoffs } => {
                    values[node * players..(node + 1) * players].copy_from_slice(payoffs);
                    continue;
                }
                Node::Chance { odds, children } => (odds.as_slice(), children),
                Node::Decision { set, children } => (&play[self.first[*set].0..], children),
            };
            for (p, &child) in odds.iter().zip(children) {
                for player in 0..players {
                    values[node * players + player] += p * values[child * players + player];
                }
            }
        }
        let beliefs = self.members.iter().map(|own| beliefs(own, &reach)).collect();
        let mut pass = Pass { play, values, beliefs, response: vec![0.0; self.unknowns] };
        pass.response = self.response(&pass);
        pass
    }

    fn response(&self, pass: &Pass) -> Vec<f64> {
        let mut response = vec![0.0; self.unknowns];
        for (set, &(_, unknown)) in self.first.iter().enumerate() {
            let player = self.tree.sets[set].player;
            for (&node, &weight) in self.members[set].iter().zip(&pass.beliefs[set]) {
                let Node::Decision { children, .. } = &self.tree.nodes[node] else {
                    unreachable!("a member")
                };
                let value = |child: usize| pass.values[child * self.tree.players + player];
                for (k, &child) in children.iter().enumerate().skip(1) {
                    let gain = value(child) - value(children[0]);
                    response[unknown + k - 1] += self.precisions[player] * weight * gain;
                }
            }
        }
        response
    }

    /// The derivative of the response in a direction of the log-odds.
    fn along(&self, pass: &Pass, direction: &[f64]) -> Vec<f64> {
        let nodes = &self.tree.nodes;
        let players = self.tree.players;
        let mut moves = vec![0.0; pass.play.len()];
        for (set, &(first, unknown)) in self.first.iter().enumerate() {
            let actions = self.tree.sets[set].actions;
            let own = &direction[unknown..unknown + actions - 1];
            let mean: f64 = own.iter().zip(&pass.play[first + 1..]).map(|(d, p)| d * p).sum();
            moves[first] = -mean;
            for (k, d) in own.iter().enumerate() {
                moves[first + 1 + k] = d - mean;
            }
        }
        // Derivatives of the logarithms of reach, and of values.
        let mut reach = vec![0.0; nodes.len()];
        for (node, kind) in nodes.iter().enumerate() {
            match kind {
                Node::Chance { children, .. } => children.iter().for_each(|&c| reach[c] = reach[node]),
                Node::Decision { set, children } => {
                    for (m, &child) in moves[self.first[*set].0..].iter().zip(children) {
                        reach[child] = reach[node] + m;
                    }
                }
                Node::End { .. } => {}
            }
        }
        let mut slopes = vec![0.0; nodes.len() * players];
        for (node, kind) in nodes.iter().enumerate().rev() {
            for player in 0..players {
                slopes[node * players + player] = match kind {
                    Node::End { .. } => 0.0,
                    Node::Chance { odds, children } => {
                        odds.iter().zip(children).map(|(p, &c)| p * slopes[c * players + player]).sum()
                    }
                    Node::Decision { set, children } => {
                        let first = self.first[*set].0;
                        let part = |(k, &c): (usize, &usize)| {
                            let at = c * players + player;
                            pass.play[first + k] * (slopes[at] + moves[first + k] * pass.values[at])
                        };
                        children.iter().enumerate().map(part).sum()
                    }
                };
            }
        }
        let mut result = vec![0.0; self.unknowns];
        for (set, &(_, unknown)) in self.first.iter().enumerate() {
            let player = self.tree.sets[set].player;
            let (own, beliefs) = (&self.members[set], &pass.beliefs[set]);
            let mean: f64 = own.iter().zip(beliefs).map(|(&h, w)| w * reach[h]).sum();
            for (&node, &weight) in own.iter().zip(beliefs) {
                let Node::Decision { children, .. } = &nodes[node] else { unreachable!("a member") };
                let part = |c: usize| {
                    let at = c * players + player;
                    slopes[at] + pass.values[at] * (reach[node] - mean)
                };
                for (k, &child) in children.iter().enumerate().skip(1) {
                    result[unknown + k - 1] +=
                        self.precisions[player] * weight * (part(child) - part(children[0]));
                }
            }
        }
        result
    }

    /// The solution of (1 - share H') d = right.
    fn solve(&self, pass: &Pass, share: f64, right: &[f64], tolerance: f64) -> Vec<f64> {
        gmres(right, tolerance, |v| {
            let image = self.along(pass, v);
            v.iter().zip(&image).map(|(v, h)| v - share * h).collect()
        })
    }

    /// The equilibrium at this share near a guess, by Newton's method.
    fn correct(&self, mut x: Vec<f64>, share: f64) -> Option<(Vec<f64>, Pass)> {
        for _ in 0..12 {
            let pass = self.pass(&x);
            let missing: Vec<f64> = x.iter().zip(&pass.response).map(|(x, r)| x - share * r).collect();
            if largest(&missing) < 1e-10 * (1.0 + largest(&x)) {
                return Some((x, pass));
            }
            let change = self.solve(&pass, share, &missing, 1e-4);
            if change.iter().any(|d| !d.is_finite()) {
                return None;
            }
            x.iter_mut().zip(&change).for_each(|(x, d)| *x -= d);
        }
        None
    }

    /// Play at the full precisions on the branch from uniform play.
    pub(crate) fn follow(&self, longest: f64) -> Result<Vec<f64>, Ended> {
        let mut x = vec![0.0; self.unknowns];
        let mut pass = self.pass(&x);
        let mut tangent = self.solve(&pass, 0.0, &pass.response, 1e-6);
        let (mut share, mut length): (f64, f64) = (0.0, 1e-3);
        while share < 1.0 {
            length = length.min(longest).min(1.0 - share);
            let next = if 1.0 - share - length < 1e-12 { 1.0 } else { share + length };
            let guess: Vec<f64> = x.iter().zip(&tangent).map(|(x, t)| x + (next - share) * t).collect();
            let guessed = self.play(&guess);
            let strain = match self.correct(guess, next) {
                None => 10.0,
                Some((to, after)) => {
                    let bent = self.solve(&after, next, &after.response, 1e-6);
                    let difference =
                        bent.iter().zip(&tangent).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
                    let missed =
                        after.play.iter().zip(&guessed).map(|(p, q)| (p - q).abs()).fold(0.0, f64::max);
                    let strain = (missed / MISSED).sqrt().max(difference / (1.0 + largest(&bent)) / BENT);
                    if strain <= 1.0 {
                        (x, pass, tangent, share) = (to, after, bent, next);
                    }
                    strain
                }
            };
            length *= (0.8 / strain.max(1e-3)).clamp(0.2, 1.5);
            if length < SHORTEST && share < 1.0 {
                return Err(Ended { share });
            }
        }
        Ok(pass.play)
    }

    pub(crate) fn longest() -> f64 {
        LONGEST
    }
}

fn beliefs(members: &[usize], reach: &[f64]) -> Vec<f64> {
    let top = members.iter().fold(f64::NEG_INFINITY, |m, &h| m.max(reach[h]));
    let weights: Vec<f64> = members.iter().map(|&h| (reach[h] - top).exp()).collect();
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|w| w / sum).collect()
}

fn largest(x: &[f64]) -> f64 {
    x.iter().fold(0.0, |m, x| m.max(x.abs()))
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// GMRES without restarts, up to 300 products.
fn gmres(right: &[f64], tolerance: f64, product: impl Fn(&[f64]) -> Vec<f64>) -> Vec<f64> {
    let norm = dot(right, right).sqrt();
    if norm == 0.0 {
        return vec![0.0; right.len()];
    }
    let mut basis = vec![right.iter().map(|r| r / norm).collect::<Vec<f64>>()];
    // Columns of the triangular factor, the rotations, and the rotated right-hand side.
    let (mut columns, mut rotations, mut side): (Vec<Vec<f64>>, Vec<(f64, f64)>, Vec<f64>) =
        (Vec::new(), Vec::new(), vec![norm]);
    while columns.len() < 300 && side[columns.len()].abs() > tolerance * norm {
        let mut next = product(&basis[columns.len()]);
        let mut column: Vec<f64> = Vec::with_capacity(basis.len() + 1);
        for own in &basis {
            let part = dot(own, &next);
            next.iter_mut().zip(own).for_each(|(n, o)| *n -= part * o);
            column.push(part);
        }
        let left = dot(&next, &next).sqrt();
        for (k, &(c, s)) in rotations.iter().enumerate() {
            (column[k], column[k + 1]) =
                (c * column[k] + s * column[k + 1], c * column[k + 1] - s * column[k]);
        }
        let last = column.len() - 1;
        let radius = column[last].hypot(left);
        let (c, s) = if radius == 0.0 { (1.0, 0.0) } else { (column[last] / radius, left / radius) };
        column[last] = radius;
        rotations.push((c, s));
        let before = side[last];
        side[last] = c * before;
        side.push(-s * before);
        columns.push(column);
        if left <= 1e-14 * norm {
            break;
        }
        basis.push(next.iter().map(|n| n / left).collect());
    }
    let mut weights = side;
    weights.truncate(columns.len());
    for k in (0..columns.len()).rev() {
        weights[k] /= columns[k][k];
        for row in 0..k {
            weights[row] -= columns[k][row] * weights[k];
        }
    }
    let mut solution = vec![0.0; right.len()];
    for (weight, own) in weights.iter().zip(&basis) {
        solution.iter_mut().zip(own).for_each(|(x, b)| *x += weight * b);
    }
    solution
}
