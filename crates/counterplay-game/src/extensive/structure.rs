//! What makes nodes, information sets, chance sets and outcomes an extensive form.

use std::fmt;

use num_traits::{One, Signed, Zero};

use super::{ChanceSet, ExtensiveForm, InformationSet, Node, Outcome, Turn};
use crate::rational::{Rational, fits};

/// The largest denominator, in bits, that a running sum of exact numbers may have: sums of hostile fractions would
/// otherwise grow without bound.
pub(super) const MOST_DENOMINATOR_BITS: u64 = 1 << 12;

/// Why parts do not make an extensive form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// There is no player.
    NoPlayers,
    /// The tree needs more nodes than there are.
    MissingNodes {
        /// How many branches lead nowhere.
        missing: usize,
    },
    /// There are nodes to which no branch leads.
    SpareNodes {
        /// The first of them.
        first: usize,
    },
    /// A node names a set or an outcome that is not there.
    UnknownReference {
        /// The node.
        node: usize,
    },
    /// Information sets, chance sets or outcomes do not ascend by number, or are not all used.
    Order,
    /// A set offers no branch.
    NoBranches,
    /// Probabilities of a chance set that are negative or do not sum to one.
    Probabilities {
        /// The number of the chance set.
        number: u32,
    },
    /// A number that is not finite, too large, or of too many digits.
    Number,
    /// An outcome whose payoffs are not one per player.
    PayoffCount {
        /// The number of the outcome.
        number: u32,
    },
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPlayers => write!(f, "a game needs at least one player"),
            Self::MissingNodes { missing } => write!(f, "{missing} branches lead to no node"),
            Self::SpareNodes { first } => write!(f, "no branch leads to node {}", first + 1),
            Self::UnknownReference { node } => {
                write!(f, "node {} refers to an information set or an outcome that is not there", node + 1)
            }
            Self::Order => {
                write!(f, "information sets and outcomes must ascend by number and each be used by a node")
            }
            Self::NoBranches => write!(f, "every information set needs at least one action"),
            Self::Probabilities { number } => {
                write!(f, "the probabilities of chance event {number} are negative or do not sum to one")
            }
            Self::Number => {
                write!(f, "a number is not finite, larger than about 1e300 or of too many digits")
            }
            Self::PayoffCount { number } => {
                write!(f, "outcome {number} does not state one payoff for each player")
            }
        }
    }
}

impl std::error::Error for Malformed {}

impl ExtensiveForm {
    /// The game with these players and nodes in prefix order. Information sets are ordered by player and then by
    /// number, chance sets and outcomes by number; each occurs at some node.
    ///
    /// # Errors
    /// If the parts do not make a game.
    ///
    /// # Panics
    /// If there are more nodes than 32 bits can number.
    pub fn new(
        players: Vec<String>,
        nodes: Vec<Node>,
        info_sets: Vec<InformationSet>,
        chance_sets: Vec<ChanceSet>,
        outcomes: Vec<Outcome>,
    ) -> Result<Self, Malformed> {
        if players.is_empty() {
            return Err(Malformed::NoPlayers);
        }
        check_sets(&players, &info_sets, &chance_sets)?;
        if let Some(o) = outcomes.iter().find(|o| o.payoffs.len() != players.len()) {
            return Err(Malformed::PayoffCount { number: o.number });
        }
        let payoffs = outcomes.iter().flat_map(|o| &o.payoffs);
        let mut numbers = payoffs.chain(chance_sets.iter().flat_map(|c| c.branches.iter().map(|b| &b.1)));
        if !numbers.all(fits) {
            return Err(Malformed::Number);
        }
        check_order(&info_sets, &chance_sets, &outcomes)?;
        check_use(&nodes, [info_sets.len(), chance_sets.len(), outcomes.len()])?;
        let parents = link(&nodes, &info_sets, &chance_sets)?;
        let (title, comment) = (String::new(), String::new());
        Ok(Self { title, comment, players, nodes, info_sets, chance_sets, outcomes, parents })
    }
}

pub(super) fn branch_count(turn: Turn, info_sets: &[InformationSet], chance_sets: &[ChanceSet]) -> usize {
    match turn {
        Turn::Chance(c) => chance_sets[c.index()].branches.len(),
        Turn::Decision(s) => info_sets[s.index()].actions.len(),
        Turn::End => 0,
    }
}

fn check_sets(
    players: &[String],
    info_sets: &[InformationSet],
    chance: &[ChanceSet],
) -> Result<(), Malformed> {
    if info_sets.iter().any(|s| s.actions.is_empty()) || chance.iter().any(|c| c.branches.is_empty()) {
        return Err(Malformed::NoBranches);
    }
    if info_sets.iter().any(|s| s.player.index() >= players.len()) {
        return Err(Malformed::Order);
    }
    let wrong = chance.iter().find(|c| !is_distribution(c.branches.iter().map(|b| &b.1)));
    wrong.map_or(Ok(()), |c| Err(Malformed::Probabilities { number: c.number }))
}

/// Whether these are probabilities that sum to exactly one.
pub(crate) fn is_distribution<'a>(probabilities: impl Iterator<Item = &'a Rational>) -> bool {
    let mut sum = Rational::zero();
    for p in probabilities {
        sum += p;
        if p.is_negative() || sum > Rational::one() || sum.denom().bits() > MOST_DENOMINATOR_BITS {
            return false;
        }
    }
    sum.is_one()
}

fn check_order(
    info_sets: &[InformationSet],
    chance: &[ChanceSet],
    outcomes: &[Outcome],
) -> Result<(), Malformed> {
    let sets = info_sets.iter().map(|s| (s.player, s.number));
    let ascending = sets.is_sorted_by(|a, b| a < b)
        && chance.iter().is_sorted_by(|a, b| a.number < b.number)
        && outcomes.iter().is_sorted_by(|a, b| a.number < b.number)
        && outcomes.first().is_none_or(|o| o.number > 0);
    if ascending { Ok(()) } else { Err(Malformed::Order) }
}

/// Whether nodes refer to what is there, and to all of it.
fn check_use(nodes: &[Node], counts: [usize; 3]) -> Result<(), Malformed> {
    let mut used = counts.map(|count| vec![false; count]);
    for (index, node) in nodes.iter().enumerate() {
        let own = match node.turn {
            Turn::Decision(s) => Some((0, s.index())),
            Turn::Chance(c) => Some((1, c.index())),
            Turn::End => None,
        };
        for (which, item) in own.into_iter().chain(node.outcome.map(|o| (2, o.index()))) {
            *used[which].get_mut(item).ok_or(Malformed::UnknownReference { node: index })? = true;
        }
    }
    if used.iter().flatten().all(|&u| u) { Ok(()) } else { Err(Malformed::Order) }
}

/// The node before each node, with the branch taken there.
fn link(nodes: &[Node], sets: &[InformationSet], chance: &[ChanceSet]) -> Result<Vec<(u32, u32)>, Malformed> {
    let narrow = |x: usize| u32::try_from(x).expect("fewer than 2^32 nodes");
    let mut parents = Vec::with_capacity(nodes.len());
    // The nodes with branches that still lead nowhere: node, next branch, number of branches.
    let mut open: Vec<(u32, u32, u32)> = Vec::new();
    for (index, node) in nodes.iter().enumerate() {
        if index == 0 {
            parents.push((0, 0));
        } else {
            let (parent, branch, count) = open.last_mut().ok_or(Malformed::SpareNodes { first: index })?;
            parents.push((*parent, *branch));
            *branch += 1;
            if branch == count {
                open.pop();
            }
        }
        let count = narrow(branch_count(node.turn, sets, chance));
        if count > 0 {
            open.push((narrow(index), 0, count));
        }
    }
    let missing = open.iter().map(|&(_, branch, count)| (count - branch) as usize).sum::<usize>();
    let missing = missing + usize::from(nodes.is_empty());
    if missing == 0 { Ok(parents) } else { Err(Malformed::MissingNodes { missing }) }
}
