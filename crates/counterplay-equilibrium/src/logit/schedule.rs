//! In which order a backward sweep can visit a tree.
//!
//! A player's response at an information set can be computed once the values below all its members are known.
//! Information sets get ranks such that every member's descendants have a higher rank; a sweep from the highest
//! rank to the lowest then finds everything below ready. Where two information sets lie above each other (one
//! player moves first in one history, the other in another, and neither knows) no such order exists. The sets
//! on such a cycle *lag*: the sweep passes their members with the play of the sweep before.
//!
//! The inner nodes are numbered in the order in which a sweep downwards meets them, the members of an information
//! set side by side, and sets with equally many actions and members one after the other: so a sweep reads its
//! arrays from one end to the other, and many loops in a row have the same length.

use counterplay_game::id::NodeId;
use counterplay_game::tree::{Game, Kind};

/// One step of a backward sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SweepStep {
    /// Compute the response at an information set, then the values of its members.
    Respond(usize),
    /// Compute the value of a chance node.
    Chance(usize),
    /// Compute the value of a decision node with the play of the sweep before.
    Pass(usize),
    /// Compute the response at an information set that lags.
    RespondLate(usize),
}

/// The inner nodes by their numbers, and the steps of a backward sweep, in order.
pub(crate) struct Schedule {
    pub(crate) order: Vec<NodeId>,
    pub(crate) steps: Vec<SweepStep>,
    /// The steps of one rank, from the deepest on, of which none needs another; empty where there are no ranks.
    pub(crate) ranks: Vec<std::ops::Range<usize>>,
}

impl Schedule {
    pub(crate) fn new(game: &Game) -> Self {
        match ranks(game) {
            Some(ranks) => by_rank(game, &ranks),
            None => Self::by_level(game),
        }
    }

    /// Nodes from the deepest level up; every information set lags.
    pub(crate) fn by_level(game: &Game) -> Self {
        let order: Vec<NodeId> = game.nodes().filter(|n| !matches!(game.kind(*n), Kind::End(_))).collect();
        let step = |(number, node): (usize, &NodeId)| match game.kind(*node) {
            Kind::Decision(_) => SweepStep::Pass(number),
            Kind::Chance(_) | Kind::End(_) => SweepStep::Chance(number),
        };
        let mut steps: Vec<SweepStep> = order.iter().enumerate().map(step).collect();
        steps.reverse();
        steps.extend((0..game.info_set_count()).map(SweepStep::RespondLate));
        Self { order, steps, ranks: Vec::new() }
    }
}

/// The blocks of the contracted graph: an information set, or a single chance node.
fn blocks(game: &Game) -> (Vec<u32>, usize) {
    let mut next = u32::try_from(game.info_set_count()).expect("fewer than 2^32 information sets");
    let mut blocks = Vec::with_capacity(game.node_count());
    for node in game.nodes() {
        blocks.push(match game.kind(node) {
            Kind::Decision(set) => u32::try_from(set.index()).expect("fewer than 2^32 information sets"),
            Kind::Chance(_) => {
                next += 1;
                next - 1
            }
            Kind::End(_) => u32::MAX,
        });
    }
    (blocks, next as usize)
}

/// The rank of every block by Kahn's algorithm, longest path; `None` if there is a cycle.
fn ranks(game: &Game) -> Option<Vec<u32>> {
    let (block_of, count) = blocks(game);
    let mut nodes_of: Vec<Vec<u32>> = vec![Vec::new(); count];
    let mut incoming = vec![0u32; count];
    for node in game.nodes() {
        let block = block_of[node.index()];
        if block == u32::MAX {
            continue;
        }
        nodes_of[block as usize].push(u32::try_from(node.index()).expect("fewer than 2^32 nodes"));
        if node.index() != Game::ROOT {
            incoming[block as usize] += 1;
        }
    }
    let mut rank = vec![0; count];
    let mut open: Vec<usize> = (0..count).filter(|&b| incoming[b] == 0 && !nodes_of[b].is_empty()).collect();
    let mut done = 0;
    while let Some(block) = open.pop() {
        done += 1;
        for &node in &nodes_of[block] {
            for child in game.children(NodeId::new(node as usize)) {
                let below = block_of[child.index()];
                if below == u32::MAX {
                    continue;
                }
                let below = below as usize;
                rank[below] = rank[below].max(rank[block] + 1);
                incoming[below] -= 1;
                if incoming[below] == 0 {
                    open.push(below);
                }
            }
        }
    }
    let present = nodes_of.iter().filter(|n| !n.is_empty()).count();
    (done == present).then(|| {
        game.nodes()
            .map(|n| block_of[n.index()])
            .map(|b| rank.get(b as usize).copied().unwrap_or(0))
            .collect()
    })
}

fn by_rank(game: &Game, ranks: &[u32]) -> Schedule {
    let mut blocks: Vec<(u32, usize, usize, NodeId)> = game
        .nodes()
        .filter_map(|node| {
            let members = match game.kind(node) {
                Kind::Chance(_) => 0,
                Kind::Decision(set) if game.members(set)[0] == node => game.members(set).len(),
                Kind::Decision(_) | Kind::End(_) => return None,
            };
            Some((ranks[node.index()], game.child_count(node), members, node))
        })
        .collect();
    blocks.sort_unstable();
    let mut schedule =
        Schedule { order: Vec::new(), steps: Vec::with_capacity(blocks.len()), ranks: Vec::new() };
    let mut deepest_first = blocks.iter().rev().map(|b| b.0).enumerate().peekable();
    while let Some((start, rank)) = deepest_first.next() {
        let mut end = start + 1;
        while let Some((at, _)) = deepest_first.next_if(|(_, r)| *r == rank) {
            end = at + 1;
        }
        schedule.ranks.push(start..end);
    }
    for (.., node) in blocks {
        if let Kind::Decision(set) = game.kind(node) {
            schedule.steps.push(SweepStep::Respond(set.index()));
            schedule.order.extend_from_slice(game.members(set));
        } else {
            schedule.steps.push(SweepStep::Chance(schedule.order.len()));
            schedule.order.push(node);
        }
    }
    schedule.steps.reverse();
    schedule
}
