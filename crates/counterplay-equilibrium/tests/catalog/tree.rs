//! A game as a plain tree with exact numbers, and what follows from the definitions on it. It shares nothing with the
//! solvers, and stays apart from the referee.

use std::collections::BTreeSet;

use counterplay_game::extensive::{ExtensiveForm, Turn};
use counterplay_game::id::NodeId;
use counterplay_game::normal::NormalForm;
use counterplay_game::rational::Rational;
use num_traits::{One, Zero};

/// A probability for each action of each information set.
pub(crate) type Play = Vec<Vec<Rational>>;

#[derive(Clone, Debug)]
pub(crate) enum Node {
    End(Vec<Rational>),
    Chance(Vec<(Rational, usize)>),
    Decision { set: usize, children: Vec<usize> },
}

#[derive(Clone, Debug)]
pub(crate) struct Set {
    pub(crate) player: usize,
    pub(crate) actions: Vec<String>,
    pub(crate) members: Vec<usize>,
}

/// Nodes in prefix order, the root first.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub(crate) players: usize,
    pub(crate) nodes: Vec<Node>,
    pub(crate) sets: Vec<Set>,
    /// The node before, and the branch taken there.
    pub(crate) parents: Vec<Option<(usize, usize)>>,
}

impl Tree {
    fn new(players: usize, sets: Vec<Set>) -> Self {
        Self { players, nodes: Vec::new(), sets, parents: Vec::new() }
    }

    fn push(&mut self, parent: Option<(usize, usize)>, node: Node) {
        let id = self.nodes.len();
        if let Node::Decision { set, .. } = &node {
            self.sets[*set].members.push(id);
        }
        self.nodes.push(node);
        self.parents.push(parent);
        if let Some((before, branch)) = parent {
            match &mut self.nodes[before] {
                Node::Chance(branches) => branches[branch].1 = id,
                Node::Decision { children, .. } => children[branch] = id,
                Node::End(_) => unreachable!("nothing follows an end"),
            }
        }
    }

    pub(crate) fn of_extensive(form: &ExtensiveForm) -> Self {
        let set = |s: &counterplay_game::extensive::InformationSet| Set {
            player: s.player.index(),
            actions: s.actions.clone(),
            members: Vec::new(),
        };
        let mut tree = Self::new(form.players().len(), form.info_sets().iter().map(set).collect());
        for (index, node) in form.nodes().iter().enumerate() {
            let kind = match node.turn {
                Turn::End => Node::End(collected(form, index)),
                Turn::Chance(c) => Node::Chance(
                    form.chance_sets()[c.index()].branches.iter().map(|(_, p)| (p.clone(), 0)).collect(),
                ),
                Turn::Decision(s) => Node::Decision {
                    set: s.index(),
                    children: vec![0; form.info_sets()[s.index()].actions.len()],
                },
            };
            tree.push(form.parent(NodeId::new(index)).map(|(before, branch)| (before.index(), branch)), kind);
        }
        tree
    }

    pub(crate) fn of_normal(game: &NormalForm) -> Self {
        let set = |(player, actions): (usize, &Vec<String>)| Set {
            player,
            actions: actions.clone(),
            members: Vec::new(),
        };
        let sets = game.strategies.iter().enumerate().map(set).collect();
        let mut tree = Self::new(game.players.len(), sets);
        tree.grow(game, None, &mut Vec::new());
        tree
    }

    fn grow(&mut self, game: &NormalForm, parent: Option<(usize, usize)>, profile: &mut Vec<usize>) {
        let (id, player) = (self.nodes.len(), profile.len());
        if player == self.players {
            let payoffs = (0..self.players).map(|p| game.payoff(profile, p).clone()).collect();
            self.push(parent, Node::End(payoffs));
            return;
        }
        let count = game.strategies[player].len();
        self.push(parent, Node::Decision { set: player, children: vec![0; count] });
        for action in 0..count {
            profile.push(action);
            self.grow(game, Some((id, action)), profile);
            profile.pop();
        }
    }

    /// The same game with payoffs $\alpha_i u + \beta_i$, which change nothing that players care about.
    pub(crate) fn rescaled(&self) -> Self {
        let ratio = |a: usize, b: usize| Rational::new(a.into(), b.into());
        let mut other = self.clone();
        for node in &mut other.nodes {
            if let Node::End(payoffs) = node {
                for (player, payoff) in payoffs.iter_mut().enumerate() {
                    *payoff = &*payoff * ratio(3 + player, 2) + ratio(7 * player + 1, 3);
                }
            }
        }
        other
    }

    pub(crate) fn action_counts(&self) -> Vec<usize> {
        self.sets.iter().map(|s| s.actions.len()).collect()
    }

    pub(crate) fn children(&self, node: usize) -> Vec<usize> {
        match &self.nodes[node] {
            Node::End(_) => Vec::new(),
            Node::Chance(branches) => branches.iter().map(|b| b.1).collect(),
            Node::Decision { children, .. } => children.clone(),
        }
    }

    /// The probability of a branch, given play.
    pub(crate) fn odds(&self, node: usize, branch: usize, play: &Play) -> Rational {
        match &self.nodes[node] {
            Node::Chance(branches) => branches[branch].0.clone(),
            Node::Decision { set, .. } => play[*set][branch].clone(),
            Node::End(_) => unreachable!("an end has no branches"),
        }
    }

    /// What every player expects from a node on.
    pub(crate) fn value(&self, node: usize, play: &Play) -> Vec<Rational> {
        if let Node::End(payoffs) = &self.nodes[node] {
            return payoffs.clone();
        }
        let mut sum = vec![Rational::zero(); self.players];
        for (branch, child) in self.children(node).into_iter().enumerate() {
            let p = self.odds(node, branch, play);
            if p.is_zero() {
                continue;
            }
            for (total, v) in sum.iter_mut().zip(self.value(child, play)) {
                *total += &p * v;
            }
        }
        sum
    }

    /// The nodes from `node` on; they are neighbours in prefix order.
    pub(crate) fn below(&self, node: usize) -> std::ops::Range<usize> {
        let mut last = node;
        while let Some(child) = self.children(last).pop() {
            last = child;
        }
        node..last + 1
    }

    /// The roots of subgames.
    pub(crate) fn subgames(&self) -> Vec<usize> {
        let is_root = |&node: &usize| {
            let below = self.below(node);
            let whole = |set: &Set| {
                let inside = set.members.iter().filter(|m| below.contains(m)).count();
                inside == 0 || inside == set.members.len()
            };
            !matches!(self.nodes[node], Node::End(_)) && self.sets.iter().all(whole)
        };
        (0..self.nodes.len()).filter(is_root).collect()
    }

    /// The most that `player` can get from `start` on against the others' play.
    pub(crate) fn best_reply(&self, start: usize, player: usize, play: &Play) -> Rational {
        let mut reply =
            Reply { tree: self, player, play, below: self.below(start), start, chosen: Vec::new() };
        reply.chosen = vec![None; self.sets.len()];
        reply.value(start)
    }

    pub(crate) fn has_perfect_information(&self) -> bool {
        self.sets.iter().all(|s| s.members.len() == 1)
    }

    pub(crate) fn is_constant_sum(&self) -> bool {
        let sums: BTreeSet<Rational> = self
            .nodes
            .iter()
            .filter_map(|n| if let Node::End(payoffs) = n { Some(payoffs.iter().sum()) } else { None })
            .collect();
        sums.len() <= 1
    }
}

/// The payoffs that are collected on the way to an end.
fn collected(form: &ExtensiveForm, end: usize) -> Vec<Rational> {
    let mut sum = vec![Rational::zero(); form.players().len()];
    let mut at = Some(NodeId::new(end));
    while let Some(node) = at {
        if let Some(outcome) = form.node(node).outcome {
            for (total, payoff) in sum.iter_mut().zip(&form.outcomes()[outcome.index()].payoffs) {
                *total += payoff;
            }
        }
        at = form.parent(node).map(|(before, _)| before);
    }
    sum
}

/// A best reply as it is found: with perfect recall, an information set at a time.
struct Reply<'a> {
    tree: &'a Tree,
    player: usize,
    play: &'a Play,
    below: std::ops::Range<usize>,
    start: usize,
    chosen: Vec<Option<usize>>,
}

impl Reply<'_> {
    fn value(&mut self, node: usize) -> Rational {
        match &self.tree.nodes[node] {
            Node::End(payoffs) => payoffs[self.player].clone(),
            Node::Decision { set, children } if self.tree.sets[*set].player == self.player => {
                let action = self.choice(*set);
                self.value(children[action])
            }
            Node::Chance(_) | Node::Decision { .. } => {
                let mut sum = Rational::zero();
                for (branch, child) in self.tree.children(node).into_iter().enumerate() {
                    let p = self.tree.odds(node, branch, self.play);
                    if !p.is_zero() {
                        sum += p * self.value(child);
                    }
                }
                sum
            }
        }
    }

    fn choice(&mut self, set: usize) -> usize {
        if let Some(action) = self.chosen[set] {
            return action;
        }
        let members: Vec<usize> =
            self.tree.sets[set].members.iter().copied().filter(|m| self.below.contains(m)).collect();
        let mut best: Option<(Rational, usize)> = None;
        for action in 0..self.tree.sets[set].actions.len() {
            let mut sum = Rational::zero();
            for &member in &members {
                let weight = self.reach_of_others(member);
                if !weight.is_zero() {
                    sum += weight * self.value(self.tree.children(member)[action]);
                }
            }
            if best.as_ref().is_none_or(|(most, _)| sum > *most) {
                best = Some((sum, action));
            }
        }
        let action = best.map_or(0, |(_, action)| action);
        self.chosen[set] = Some(action);
        action
    }

    fn reach_of_others(&self, node: usize) -> Rational {
        let mut reach = Rational::one();
        let mut at = node;
        while at != self.start {
            let Some((before, branch)) = self.tree.parents[at] else { break };
            let own = matches!(&self.tree.nodes[before],
                Node::Decision { set, .. } if self.tree.sets[*set].player == self.player);
            if !own {
                reach *= self.tree.odds(before, branch, self.play);
            }
            at = before;
        }
        reach
    }
}
