//! The orders in which unlabelled profiles list information sets.

use clap::ValueEnum;
use counterplay_game::id::{InfoSetId, NodeId};
use counterplay_game::tree::{Game, Kind};

/// An order of the information sets of each player.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Order {
    /// By their numbers in the file, as `solve` shows them
    Number,
    /// By where they first appear in the file, as Gambit 17 prints them
    Appearance,
}

impl Order {
    /// The other one.
    pub(super) fn other(self) -> Self {
        match self {
            Self::Number => Self::Appearance,
            Self::Appearance => Self::Number,
        }
    }

    /// How information sets are listed, in words.
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::Number => "by number",
            Self::Appearance => "by first appearance",
        }
    }

    /// The information sets, player by player and in this order.
    pub(super) fn sets(self, game: &Game) -> Vec<InfoSetId> {
        match self {
            Self::Number => game.info_set_ids().collect(),
            Self::Appearance => by_appearance(game),
        }
    }

    /// The numbers listed in this order, in the order of the game's actions.
    ///
    /// There is one number for each action.
    pub(super) fn arranged(self, game: &Game, listed: &[f64]) -> Vec<f64> {
        let mut play = vec![0.0; listed.len()];
        let mut rest = listed;
        for set in self.sets(game) {
            let actions = game.actions(set);
            let (own, after) = rest.split_at(actions.len());
            play[actions].copy_from_slice(own);
            rest = after;
        }
        play
    }
}

/// Files list nodes depth first, so that this is the order in which their lines name information sets.
fn by_appearance(game: &Game) -> Vec<InfoSetId> {
    let mut found = Vec::with_capacity(game.info_set_count());
    let mut met = vec![false; game.info_set_count()];
    let mut open = vec![NodeId::new(Game::ROOT)];
    while let Some(node) = open.pop() {
        open.extend(game.children(node).rev());
        if let Kind::Decision(set) = game.kind(node)
            && !std::mem::replace(&mut met[set.index()], true)
        {
            found.push(set);
        }
    }
    // Stable, so that the order of appearance stays within a player.
    found.sort_by_key(|set| game.info_set(*set).player.index());
    found
}
