//! What has come about by the time that all of a record is known, and what comes after it.
//!
//! The [trail](super::trail) holds the ways that agree with a record up to where it ends; from there on any way does, and the
//! [chain](super::chain) tells what comes of it.

use std::collections::HashMap;

use super::chain::{Chain, Values};
use super::monitor::Memory;
use super::trail::{Lead, Trail, TrailWeights};
use crate::problem::Problem;

/// The ways that agree with a record, with what is remembered along them, up to where the chain goes on.
pub(super) struct LeadIn {
    /// For each part of the trail and each memory with which it is entered, where its ends lead.
    nodes: Vec<(usize, Vec<Link>)>,
}

/// Where an end of a part leads.
#[derive(Clone, Copy, Debug)]
struct Link {
    /// The place of the end among what the part passes.
    at: usize,
    to: To,
}

#[derive(Clone, Copy, Debug)]
enum To {
    /// To a later node.
    Node(usize),
    /// To a node of the chain, with so many stages left.
    Chain(usize, usize),
}

impl LeadIn {
    /// The ways of a trail, with what the chain's monitor remembers along them.
    ///
    /// # Errors
    /// If there is too much to remember.
    pub(super) fn new(trail: &Trail, chain: &mut Chain) -> Result<Self, Problem> {
        let mut nodes: Vec<(usize, Vec<Link>)> = Vec::new();
        // For each part, the memories with which it is entered, each with its node.
        let mut known: HashMap<(usize, Memory), usize> = HashMap::new();
        let mut open: Vec<(usize, Memory, usize)> = Vec::new();
        let parts = trail.part_count();
        if parts > 0 {
            open.push((0, chain.monitor.start(), 0));
            nodes.push((0, Vec::new()));
        }
        let mut next = 0;
        while let Some((part, memory, depth)) = open.get(next).cloned() {
            let state = trail.state_of(part);
            for (at, node, lead) in trail.ends(part) {
                if lead == Lead::Never {
                    continue;
                }
                let after = chain.after(&memory, state, chain.monitor.classes[state].of(node));
                let to = match lead {
                    Lead::To(part) => {
                        let count = nodes.len();
                        let at = *known.entry((part, after.memory.clone())).or_insert(count);
                        if at == count {
                            nodes.push((part, Vec::new()));
                            open.push((part, after.memory, depth + 1));
                        }
                        To::Node(at)
                    }
                    _ => To::Chain(chain.enter(after)?, chain.stages - depth - 1),
                };
                nodes[next].1.push(Link { at, to });
            }
            next += 1;
        }
        Ok(Self { nodes })
    }

    /// The probability of each verdict, given a record that spreads over the ways of its trail with these weights.
    pub(super) fn tell(&self, weights: &TrailWeights, (chain, values): (&Chain, &Values)) -> Vec<f64> {
        if self.nodes.is_empty() {
            return values.at(Chain::START, chain.stages).to_vec();
        }
        let mut reached = vec![0.0; self.nodes.len()];
        reached[0] = 1.0;
        let mut verdicts = vec![0.0; values.at(Chain::START, 0).len()];
        for (index, (part, links)) in self.nodes.iter().enumerate() {
            let whole = weights.passing(*part, 0);
            if reached[index] == 0.0 || whole == 0.0 {
                continue;
            }
            for link in links {
                let share = reached[index] * weights.passing(*part, link.at) / whole;
                match link.to {
                    To::Node(to) => reached[to] += share,
                    To::Chain(node, left) => {
                        for (sum, value) in verdicts.iter_mut().zip(values.at(node, left)) {
                            *sum += share * value;
                        }
                    }
                }
            }
        }
        verdicts
    }
}
