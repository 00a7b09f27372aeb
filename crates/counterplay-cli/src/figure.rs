//! A game tree as a figure for print: where everything stands, for the pictures made of it.
//!
//! Time runs to the right, one column for each move. Every end has a row of its own, in the order of the tree, and a
//! node stands in the middle of its branches, so that no two lines cross. Members of an information set are joined by
//! a dashed line.

mod svg;
mod tikz;

use counterplay_game::id::NodeId;
use counterplay_game::tree::{Game, Kind};
use counterplay_game::valuation::Valuation;

use crate::number::short;

pub(crate) use svg::{escaped, svg};
pub(crate) use tikz::tikz;

/// A tree with more nodes than this makes no figure that could be read.
pub(crate) const MOST_NODES: usize = 2_000;

/// A figure: positions in columns and rows.
pub(crate) struct Figure {
    pub(crate) title: String,
    pub(crate) nodes: Vec<PlacedNode>,
    pub(crate) branches: Vec<Branch>,
    /// Pairs of members to be joined, next to each other in their information set.
    pub(crate) joins: Vec<Join>,
    pub(crate) columns: usize,
    pub(crate) rows: usize,
}

/// A node in its place.
pub(crate) struct PlacedNode {
    pub(crate) column: f64,
    pub(crate) row: f64,
    /// The mover: a player by its index, or chance. An end has none.
    pub(crate) mover: Mover,
    /// What is written beside it: the mover's name at the first member of an information set, or payoffs.
    pub(crate) text: String,
    /// Whether the branch to it comes from above, so that what is written stands better below.
    pub(crate) from_above: bool,
}

/// Who moves at a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mover {
    Player(usize),
    Chance,
    End,
}

/// A branch from one node to another.
pub(crate) struct Branch {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) label: String,
    /// How probable it is, where play or chance says.
    pub(crate) probability: Option<f64>,
}

/// Two members of an information set.
pub(crate) struct Join {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) player: usize,
}

impl Figure {
    /// The figure of a game, with the probabilities of `play` where it is known.
    pub(crate) fn of(title: &str, game: &Game, numbers: &Valuation, play: Option<&[f64]>) -> Self {
        let mut figure = Self {
            title: title.to_owned(),
            nodes: Vec::with_capacity(game.node_count()),
            branches: Vec::new(),
            joins: Vec::new(),
            columns: 0,
            rows: 0,
        };
        for node in game.nodes() {
            let column = game.path(node).len();
            figure.columns = figure.columns.max(column);
            let (mover, text) = described(game, numbers, node);
            figure.nodes.push(PlacedNode { column: column as f64, row: 0.0, mover, text, from_above: false });
            figure.branches.extend(branches(game, numbers, play, node));
        }
        figure.place(game, NodeId::new(Game::ROOT));
        figure.join(game);
        figure
    }

    /// Gives rows to the ends in the order of the tree, and to the nodes above them the middle.
    fn place(&mut self, game: &Game, node: NodeId) -> f64 {
        let rows: Vec<f64> = game.children(node).map(|child| self.place(game, child)).collect();
        let row = if let (Some(first), Some(last)) = (rows.first(), rows.last()) {
            f64::midpoint(*first, *last)
        } else {
            self.rows += 1;
            (self.rows - 1) as f64
        };
        self.nodes[node.index()].row = row;
        for child in game.children(node) {
            let child = &mut self.nodes[child.index()];
            child.from_above = child.row > row;
        }
        row
    }

    fn join(&mut self, game: &Game) {
        for set in game.info_set_ids() {
            let mut members: Vec<usize> = game.members(set).iter().map(|n| n.index()).collect();
            members.sort_by(|&a, &b| self.nodes[a].row.total_cmp(&self.nodes[b].row));
            let player = game.info_set(set).player.index();
            self.joins.extend(members.windows(2).map(|pair| Join { from: pair[0], to: pair[1], player }));
            // Named once, at the member on top.
            for &member in members.iter().skip(1) {
                self.nodes[member].text.clear();
            }
        }
    }
}

fn described(game: &Game, numbers: &Valuation, node: NodeId) -> (Mover, String) {
    match game.kind(node) {
        Kind::Chance(_) => (Mover::Chance, "chance".to_owned()),
        Kind::Decision(set) => {
            let player = game.info_set(set).player.index();
            (Mover::Player(player), game.players()[player].clone())
        }
        Kind::End(end) => {
            let players = game.players().len();
            let own = &numbers.payoffs[end.index() * players..(end.index() + 1) * players];
            (Mover::End, own.iter().map(|p| payoff(*p)).collect::<Vec<_>>().join(", "))
        }
    }
}

fn branches(game: &Game, numbers: &Valuation, play: Option<&[f64]>, node: NodeId) -> Vec<Branch> {
    let odds = match game.kind(node) {
        Kind::Chance(chance) => Some(&numbers.chance[game.branches(chance)]),
        Kind::Decision(set) => play.map(|p| &p[game.actions(set)]),
        Kind::End(_) => None,
    };
    let branch = |(k, child): (usize, NodeId)| Branch {
        from: node.index(),
        to: child.index(),
        label: game.text(game.branch_label(node, k)).to_owned(),
        probability: odds.map(|o| o[k]),
    };
    game.children(node).enumerate().map(branch).collect()
}

/// A payoff without zeros that say nothing.
fn payoff(value: f64) -> String {
    let text = short(value);
    if text.contains('.') && !text.contains('e') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// A label and a probability, as they stand on a branch.
fn on_branch(branch: &Branch) -> String {
    match branch.probability {
        Some(p) => format!("{} ({})", branch.label, crate::number::percent(p)),
        None => branch.label.clone(),
    }
}
