//! What a player with perfect recall has done before: the sequence of its own actions on the way to a node.

use counterplay_game::id::{ActionId, InfoSetId, NodeId, PlayerId};
use counterplay_game::tree::{Game, Kind};

/// At this information set the player does not know what it has done before, so that behaviour strategies cannot
/// stand for mixed ones (Kuhn 1953).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImperfectRecall {
    /// The information set.
    pub set: InfoSetId,
}

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
        let mut sequences = Self { before_set: Vec::new(), before_node, players };
        for set in game.info_set_ids() {
            let before = |&node: &NodeId| sequences.before_node(node, game.info_set(set).player);
            let first = game.members(set).first().and_then(before);
            if game.members(set).iter().any(|node| before(node) != first) {
                return Err(ImperfectRecall { set });
            }
            sequences.before_set.push(first);
        }
        Ok(sequences)
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

/// The information sets of a player that histories lead to, in order.
pub(crate) fn sets_of(game: &Game, player: PlayerId) -> Vec<InfoSetId> {
    game.info_set_ids()
        .filter(|&set| game.info_set(set).player == player && !game.members(set).is_empty())
        .collect()
}
