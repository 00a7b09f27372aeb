//! Exact probabilities of what comes of a process within its horizon.
//!
//! Under stationary play the states of a process are a Markov chain. With what bears on some conditions remembered
//! beside the state ([`Monitor`]) they still are, so the probability that a condition holds at the horizon is found by going
//! back from there, as probabilities of hitting are (Kemeny and Snell 1960, chapter 3):
//! $v_0(s, m) = 1$ if $m$ says that it holds and else 0, and $v_t(s, m) = \sum_e \Pr(e \mid s)\\, v_{t-1}(s_e, m_e)$
//! over the ends $e$ of the stage, with the state and the memory after them.

use std::collections::HashMap;

use super::monitor::{Monitor, MonitorState};
use crate::model::odds::LogOdds;
use crate::problem::Problem;
use crate::story::unfolded::Unfolded;

/// The most pairs of a state and what is remembered.
const MOST_NODES: usize = 400_000;

/// A state, and what is remembered when it is entered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Node {
    /// The state; `None` where the process is over.
    pub(crate) state: Option<usize>,
    pub(crate) memory: MonitorState,
}

/// The states of a process with what is remembered beside them, and how they follow one another.
pub(crate) struct Chain {
    pub(crate) monitor: Monitor,
    nodes: Vec<Node>,
    known: HashMap<Node, usize>,
    /// For each node, that which follows each class of histories of its stage.
    onward: Vec<Vec<usize>>,
    /// For how many stages, the beginning included, the process is followed.
    pub(crate) stages: usize,
}

/// For each state, the probability of each class of histories of its stage.
pub(crate) struct Shares(Vec<Vec<f64>>);

/// What comes of each node: for each number of stages left, node and verdict, its probability.
pub(crate) struct Values {
    by_left: Vec<Vec<f64>>,
    verdicts: usize,
}

impl Chain {
    /// The chain of a process, with what bears on the conditions of a monitor.
    ///
    /// # Errors
    /// If there are too many pairs of a state and what is remembered.
    pub(crate) fn new(monitor: Monitor, horizon: usize) -> Result<Self, Problem> {
        let start = Node { state: Some(0), memory: monitor.start() };
        let mut chain = Self {
            monitor,
            nodes: Vec::new(),
            known: HashMap::new(),
            onward: Vec::new(),
            stages: horizon + 1,
        };
        chain.enter(start)?;
        Ok(chain)
    }

    /// The node of the beginning.
    pub(crate) const START: usize = 0;

    /// The number of a node, entered with all that follow it if it is new.
    ///
    /// # Errors
    /// If there are too many.
    pub(crate) fn enter(&mut self, node: Node) -> Result<usize, Problem> {
        let entered = self.number(node);
        while self.onward.len() < self.nodes.len() {
            let at = self.onward.len();
            let next = match self.nodes[at].state {
                None => Vec::new(),
                Some(state) => (0..self.monitor.classes[state].list.len())
                    .map(|class| {
                        let after = self.after(&self.nodes[at].memory, state, class);
                        self.number(after)
                    })
                    .collect(),
            };
            self.onward.push(next);
            if self.nodes.len() > MOST_NODES {
                return Err(Problem::new("too much of a process would have to be remembered to answer it")
                    .hint("ask about earlier occurrences, or about fewer facts"));
            }
        }
        Ok(entered)
    }

    fn number(&mut self, node: Node) -> usize {
        let count = self.nodes.len();
        let at = *self.known.entry(node.clone()).or_insert(count);
        if at == count {
            self.nodes.push(node);
        }
        at
    }

    /// What follows a class of histories of a state that was entered with this memory.
    pub(crate) fn after(&self, memory: &MonitorState, state: usize, class: usize) -> Node {
        let mut memory = memory.clone();
        self.monitor.step(&mut memory, state, class);
        Node { state: self.monitor.classes[state].list[class].onward, memory }
    }

    /// The shares of the classes under play with these log probabilities.
    pub(crate) fn shares(&self, unfolded: &Unfolded, odds: &[LogOdds]) -> Shares {
        let of_state = |(state, classes): (usize, &super::monitor::Classes)| {
            let game = &unfolded.states[state].game;
            let reach = crate::model::odds::reach(game, &odds[state]);
            let mut shares = vec![0.0; classes.list.len()];
            for node in game.nodes().filter(|&n| game.child_count(n) == 0) {
                shares[classes.of(node)] += reach[node.index()];
            }
            shares
        };
        Shares(self.monitor.classes.iter().enumerate().map(of_state).collect())
    }

    /// The probability of each verdict from each node, for any number of stages left. `verdicts` are of the memory at the
    /// horizon.
    pub(crate) fn values(&self, shares: &Shares, verdicts: &[&dyn Fn(&MonitorState) -> bool]) -> Values {
        let count = verdicts.len();
        let mut last = Vec::with_capacity(self.nodes.len() * count);
        for node in &self.nodes {
            last.extend(verdicts.iter().map(|v| f64::from(u8::from(v(&node.memory)))));
        }
        let mut by_left = vec![last];
        for left in 1..=self.stages {
            let mut now = by_left[left - 1].clone();
            for (at, next) in self.onward.iter().enumerate().filter(|o| !o.1.is_empty()) {
                let own = self.nodes[at].state.map_or(&[][..], |state| &shares.0[state]);
                for verdict in 0..count {
                    let one = |(to, p): (&usize, &f64)| p * by_left[left - 1][to * count + verdict];
                    now[at * count + verdict] = next.iter().zip(own).map(one).sum();
                }
            }
            by_left.push(now);
        }
        Values { by_left, verdicts: count }
    }
}

impl Values {
    /// The probabilities of the verdicts from a node with this many stages left.
    pub(crate) fn at(&self, node: usize, left: usize) -> &[f64] {
        &self.by_left[left][node * self.verdicts..][..self.verdicts]
    }
}
