//! What a player with perfect recall has done before: the sequence of its own actions on the way to a node.

use std::ops::Mul;

use counterplay_game::id::{ActionId, EndId, InfoSetId, NodeId, PlayerId};
use counterplay_game::recall::ImperfectRecall;
use counterplay_game::tree::{Game, Kind};
use num_traits::One;

/// The sequences of own actions. With perfect recall a sequence is named by its last action.
#[derive(Clone, Debug)]
pub(crate) struct Sequences {
    /// The last own action before each information set; `None` if there is none.
    before_set: Vec<Option<ActionId>>,
    /// The last action of each player before each node, node by node.
    before_node: Vec<Option<ActionId>>,
    players: usize,
}

impl Sequences {
    /// The sequences of all players.
    ///
    /// # Errors
    /// If a player does not remember its own actions.
    pub(crate) fn of(game: &Game) -> Result<Self, ImperfectRecall> {
        game.recall()?;
        let players = game.players().len();
        let mut before_node = vec![None; game.node_count() * players];
        for node in game.nodes() {
            let own = before_node[node.index() * players..(node.index() + 1) * players].to_vec();
            for (branch, child) in game.children(node).enumerate() {
                let at = child.index() * players;
                before_node[at..at + players].clone_from_slice(&own);
                if let Kind::Decision(set) = game.kind(node) {
                    let action = ActionId::new(game.actions(set).start + branch);
                    before_node[at + game.info_set(set).player.index()] = Some(action);
                }
            }
        }
        let last =
            |&node: &NodeId, set| before_node[node.index() * players + game.info_set(set).player.index()];
        // Perfect recall: the same at all members.
        let before = |set| game.members(set).first().and_then(|node| last(node, set));
        let before_set = game.info_set_ids().map(before).collect();
        Ok(Self { before_set, before_node, players })
    }

    /// The last own action before an information set.
    pub(crate) fn before_set(&self, set: InfoSetId) -> Option<ActionId> {
        self.before_set[set.index()]
    }

    /// The last action of a player before a node.
    pub(crate) fn before_node(&self, node: NodeId, player: PlayerId) -> Option<ActionId> {
        self.before_node[node.index() * self.players + player.index()]
    }
}

/// The information sets of each player, in the order in which a depth-first walk meets them. So a set comes after
/// those at which its player moved on the way, whatever their ids are, and files of the same tree that number their
/// sets differently give the same order.
pub(crate) fn sets_by_player(game: &Game) -> Vec<Vec<InfoSetId>> {
    let mut sets = vec![Vec::new(); game.players().len()];
    let mut met = vec![false; game.info_set_count()];
    let mut open = vec![NodeId::new(Game::ROOT)];
    while let Some(node) = open.pop() {
        open.extend(game.children(node).rev());
        if let Kind::Decision(set) = game.kind(node)
            && !std::mem::replace(&mut met[set.index()], true)
        {
            sets[game.info_set(set).player.index()].push(set);
        }
    }
    sets
}

/// The nodes where histories end, each with the probability that chance does its part, from those of the branches of
/// chance.
pub(crate) fn histories<N>(game: &Game, branches: &[N]) -> Vec<(NodeId, N, EndId)>
where
    N: Clone + One,
    for<'a> &'a N: Mul<&'a N, Output = N>,
{
    let mut odds = vec![N::one(); game.node_count()];
    let mut found = Vec::new();
    for node in game.nodes() {
        let own = odds[node.index()].clone();
        match game.kind(node) {
            Kind::Chance(chance) => {
                for (child, branch) in game.children(node).zip(game.branches(chance)) {
                    odds[child.index()] = &own * &branches[branch];
                }
            }
            Kind::Decision(_) => game.children(node).for_each(|child| odds[child.index()] = own.clone()),
            Kind::End(end) => found.push((node, own, end)),
        }
    }
    found
}
