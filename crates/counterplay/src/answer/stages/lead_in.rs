//! What has come about by the time that all of a record is known, and what comes after it.
//!
//! The [consistent histories](crate::model::consistent) end where all of the record has come up; from there on any history is
//! consistent, and the [chain](super::chain) tells what comes of it.

use std::collections::HashMap;

use super::chain::{Chain, Values};
use super::monitor::MonitorState;
use crate::model::consistent::{ConsistentHistories, Lead, Weights};
use crate::problem::Problem;

/// The ways that agree with a record, with what is remembered along them, up to where the chain goes on.
pub(crate) struct LeadIn {
    /// For each part of the histories and each memory with which it is entered, the position of its first node, and where its ends lead.
    nodes: Vec<(usize, Vec<Link>)>,
}

/// Where an end of a part leads.
#[derive(Clone, Copy, Debug)]
struct Link {
    /// The position of the end.
    at: usize,
    to: To,
}

#[derive(Clone, Copy, Debug)]
enum To {
    /// To a later node.
    Node(usize),
    /// To a node of the chain, with this many stages left.
    Chain(usize, usize),
}

impl LeadIn {
    /// The consistent histories, with what the chain's monitor remembers along them.
    ///
    /// # Errors
    /// If there is too much to remember.
    pub(crate) fn new(histories: &ConsistentHistories, chain: &mut Chain) -> Result<Self, Problem> {
        let mut nodes: Vec<(usize, Vec<Link>)> = Vec::new();
        // For each part, the memories with which it is entered, each with its node.
        let mut known: HashMap<(usize, MonitorState), usize> = HashMap::new();
        let mut open: Vec<(usize, MonitorState, usize)> = Vec::new();
        let parts = histories.part_count();
        if parts > 0 {
            open.push((0, chain.monitor.start(), 0));
            nodes.push((histories.root_of(0), Vec::new()));
        }
        let mut next = 0;
        while let Some((part, memory, depth)) = open.get(next).cloned() {
            let state = histories.state_of(part);
            for (at, node, lead) in histories.ends(part) {
                let after = chain.after(&memory, state, chain.monitor.classes[state].of(node));
                let to = match lead {
                    Lead::To(part) => {
                        let count = nodes.len();
                        let at = *known.entry((part, after.memory.clone())).or_insert(count);
                        if at == count {
                            nodes.push((histories.root_of(part), Vec::new()));
                            open.push((part, after.memory, depth + 1));
                        }
                        To::Node(at)
                    }
                    Lead::Done => To::Chain(chain.enter(after)?, chain.stages - depth - 1),
                };
                nodes[next].1.push(Link { at, to });
            }
            next += 1;
        }
        Ok(Self { nodes })
    }

    /// The probability of each verdict, given a record whose probability spreads over its histories with these weights.
    pub(crate) fn tell(&self, weights: &Weights, chain: &Chain, values: &Values) -> Vec<f64> {
        if self.nodes.is_empty() {
            return values.at(Chain::START, chain.stages).to_vec();
        }
        let mut reached = vec![0.0; self.nodes.len()];
        reached[0] = 1.0;
        let mut verdicts = vec![0.0; values.at(Chain::START, 0).len()];
        for (index, (root, links)) in self.nodes.iter().enumerate() {
            let whole = weights.passing(*root);
            if reached[index] == 0.0 || whole == 0.0 {
                continue;
            }
            for link in links {
                let share = reached[index] * weights.passing(link.at) / whole;
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
