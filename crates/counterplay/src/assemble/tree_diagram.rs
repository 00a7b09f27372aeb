//! The upper part of the game tree with the probabilities of play, for drawing.

use counterplay_game::id::NodeId;
use counterplay_game::tree::{Game, Kind};
use counterplay_math::exp;

use crate::model::consistent::ConsistentHistories;
use crate::model::odds::LogOdds;
use crate::model::odds::reach;
use crate::world::catalogue::{Catalogue, OutcomeIndex};
use crate::world::scene::Scene;
use counterplay_analysis::{OutcomeValue, TreeBranch, TreeNode};

/// What is drawn at each node.
struct Picture<'a> {
    scene: &'a Scene,
    catalogue: &'a Catalogue,
    odds: &'a LogOdds,
    /// Expected payoffs, node by node, player by player.
    values: &'a [f64],
    reach: Vec<f64>,
    about: Vec<f64>,
    histories: Vec<usize>,
    on_record: Vec<bool>,
    opened: Vec<bool>,
}

/// The tree at one point, opened along the record and at the `open` nodes that play reaches most.
pub(crate) fn draw(
    scene: &Scene,
    catalogue: &Catalogue,
    odds: &LogOdds,
    values: &[f64],
    about: OutcomeIndex,
    open: usize,
) -> TreeNode {
    let game = scene.model().game();
    let reach = reach(game, odds);
    let mut on_record = vec![false; game.node_count()];
    for (_, node) in scene.model().consistent().into_iter().flat_map(ConsistentHistories::nodes) {
        on_record[node.index()] = true;
    }
    let opened = opened(game, &reach, &on_record, open);
    let picture = Picture {
        about: expectation(game, odds, |n| f64::from(u8::from(scene.outcomes(n).contains(&about)))),
        histories: histories(game),
        scene,
        catalogue,
        odds,
        values,
        reach,
        on_record,
        opened,
    };
    picture.node(NodeId::new(Game::ROOT))
}

/// The nodes to open: those on the record, and the likeliest others. A node is never likelier than the one
/// before it, so that the opened nodes are connected.
fn opened(game: &Game, reach: &[f64], on_record: &[bool], count: usize) -> Vec<bool> {
    let mut order: Vec<NodeId> = game.nodes().filter(|&n| game.child_count(n) > 0).collect();
    order.sort_by(|a, b| {
        let key = |n: &NodeId| (on_record[n.index()], reach[n.index()]);
        let (a_key, b_key) = (key(a), key(b));
        b_key.0.cmp(&a_key.0).then(b_key.1.total_cmp(&a_key.1)).then(a.cmp(b))
    });
    let recorded = order.iter().filter(|n| on_record[n.index()]).count();
    let mut opened = vec![false; game.node_count()];
    for node in order.into_iter().take(recorded.min(3 * count).max(count)) {
        opened[node.index()] = true;
    }
    opened
}

/// The expectation of a number at the ends, from each node on.
fn expectation(game: &Game, odds: &LogOdds, at_end: impl Fn(NodeId) -> f64) -> Vec<f64> {
    let mut expected = vec![0.0; game.node_count()];
    for node in game.nodes().rev() {
        expected[node.index()] = match game.kind(node) {
            Kind::End(_) => at_end(node),
            Kind::Chance(_) | Kind::Decision(_) => {
                let below = game.children(node).zip(odds.at(game, node));
                below.map(|(child, log)| exp(*log) * expected[child.index()]).sum()
            }
        };
    }
    expected
}

fn histories(game: &Game) -> Vec<usize> {
    let mut count = vec![1; game.node_count()];
    for node in game.nodes().rev() {
        if game.child_count(node) > 0 {
            count[node.index()] = game.children(node).map(|c| count[c.index()]).sum();
        }
    }
    count
}

impl Picture<'_> {
    fn node(&self, node: NodeId) -> TreeNode {
        let game = self.scene.model().game();
        let index = node.index();
        let players = game.players().len();
        let (event, player, outcomes) = match game.kind(node) {
            Kind::End(_) => (String::new(), None, self.outcomes(node)),
            Kind::Chance(_) => (game.event_name(game.event_id(node)), None, Vec::new()),
            Kind::Decision(set) => {
                let player = game.players()[game.info_set(set).player.index()].clone();
                (game.event_name(game.event_id(node)), Some(player), Vec::new())
            }
        };
        let branches = if self.opened[index] { self.branches(node) } else { Vec::new() };
        TreeNode {
            event,
            player,
            reach_probability: self.reach[index],
            about_probability: self.about[index],
            histories: self.histories[index],
            on_record: self.on_record[index],
            outcomes,
            payoffs: self.values[index * players..(index + 1) * players].to_vec(),
            branches,
        }
    }

    fn branches(&self, node: NodeId) -> Vec<TreeBranch> {
        let game = self.scene.model().game();
        let odds = self.odds.at(game, node);
        let branch = |(b, child): (usize, NodeId)| TreeBranch {
            action: game.text(game.branch_label(node, b)).to_owned(),
            probability: exp(odds[b]),
            node: self.node(child),
        };
        game.children(node).enumerate().map(branch).collect()
    }

    fn outcomes(&self, end: NodeId) -> Vec<OutcomeValue> {
        let name = |&OutcomeIndex { outcome, value }: &OutcomeIndex| {
            let (name, values) = &self.catalogue.outcomes[outcome];
            OutcomeValue { outcome: name.clone(), value: values[value].clone() }
        };
        self.scene.outcomes(end).iter().map(name).collect()
    }
}
