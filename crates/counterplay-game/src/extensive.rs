//! Games in extensive form with exact numbers, as game files state them.
//!
//! Where a [`Game`](crate::tree::Game) is what solvers sweep over, an [`ExtensiveForm`] keeps what a file says: labels of
//! nodes, numbers of information sets, outcomes at inner nodes, fractions, and players without perfect recall.

mod convert;
mod export;
mod labels;
mod past;
mod profile;
mod simultaneous;
mod structure;

pub use past::OwnAction;
pub use profile::Profile;
pub use structure::Malformed;
pub(crate) use structure::is_distribution;

use crate::id::{ChanceId, InfoSetId, NodeId, OutcomeId, PlayerId};
use crate::rational::Rational;

/// Who moves at a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Chance.
    Chance(ChanceId),
    /// The player whose information set this is.
    Decision(InfoSetId),
    /// Nobody: the history ends.
    End,
}

/// A node of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The label; may be empty.
    pub label: String,
    /// Who moves.
    pub turn: Turn,
    /// The outcome that is collected here; inner nodes can have one too.
    pub outcome: Option<OutcomeId>,
}

/// Where a player decides without being able to tell the member nodes apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InformationSet {
    /// Who decides.
    pub player: PlayerId,
    /// Its number among the player's information sets.
    pub number: u32,
    /// The label; may be empty.
    pub label: String,
    /// The labels of the actions; they may be empty or equal.
    pub actions: Vec<String>,
}

/// What chance draws from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChanceSet {
    /// Its number among those of chance.
    pub number: u32,
    /// The label; may be empty.
    pub label: String,
    /// The labels of the branches with their probabilities, which sum to exactly one.
    pub branches: Vec<(String, Rational)>,
}

/// What the players get where it is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Its number, from 1.
    pub number: u32,
    /// The label; may be empty.
    pub label: String,
    /// The payoffs, in the order of the players.
    pub payoffs: Vec<Rational>,
}

/// A game in extensive form with exact numbers.
///
/// Nodes are numbered in prefix order: a node, then all that follows its first branch, then its second, and so on.
/// Information sets are ordered by player and then by number, chance sets and outcomes by number, and each occurs
/// in the tree: [`new`](Self::new) checks this once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtensiveForm {
    /// What it is called.
    pub title: String,
    /// A remark on it.
    pub comment: String,
    players: Vec<String>,
    nodes: Vec<Node>,
    info_sets: Vec<InformationSet>,
    chance_sets: Vec<ChanceSet>,
    outcomes: Vec<Outcome>,
    /// For every node the node before and the branch taken there; the root is its own parent.
    parents: Vec<(u32, u32)>,
}

impl ExtensiveForm {
    /// The names of the players.
    pub fn players(&self) -> &[String] {
        &self.players
    }

    /// All nodes, in prefix order.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The information sets: those of the first player by number, then those of the second, and so on.
    pub fn info_sets(&self) -> &[InformationSet] {
        &self.info_sets
    }

    /// What chance draws from, by number.
    pub fn chance_sets(&self) -> &[ChanceSet] {
        &self.chance_sets
    }

    /// The outcomes, by number.
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// A node.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    /// The number of branches of a node.
    pub fn branch_count(&self, node: NodeId) -> usize {
        structure::branch_count(self.node(node).turn, &self.info_sets, &self.chance_sets)
    }

    /// The node before and the branch taken there; `None` at the root.
    pub fn parent(&self, node: NodeId) -> Option<(NodeId, usize)> {
        let (parent, branch) = self.parents[node.index()];
        (node.index() != 0).then(|| (NodeId::new(parent as usize), branch as usize))
    }

    /// The label of a branch of a node that is not an end.
    ///
    /// # Panics
    /// If there is no such branch.
    pub fn branch_label(&self, node: NodeId, branch: usize) -> &str {
        match self.node(node).turn {
            Turn::Chance(c) => &self.chance_sets[c.index()].branches[branch].0,
            Turn::Decision(s) => &self.info_sets[s.index()].actions[branch],
            Turn::End => unreachable!("an end has no branches"),
        }
    }

    /// The labels of the branches on the way from the root to a node.
    pub fn history(&self, node: NodeId) -> Vec<&str> {
        self.path(node).into_iter().map(|(parent, branch)| self.branch_label(parent, branch)).collect()
    }

    /// The nodes on the way from the root to a node, each with the branch that is taken there.
    pub(crate) fn path(&self, node: NodeId) -> Vec<(NodeId, usize)> {
        let mut path: Vec<_> = std::iter::successors(self.parent(node), |&(at, _)| self.parent(at)).collect();
        path.reverse();
        path
    }
}
