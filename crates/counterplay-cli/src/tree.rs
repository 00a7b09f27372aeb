//! The game tree, grown as far as it is to be seen, and drawn.

mod dot;
mod outline;
mod svg;

use counterplay::model::Model;
use counterplay::model::consistent::ConsistentHistories;
use counterplay_analysis::printable::one_line;
use counterplay_analysis::{OutcomeValue, TreeBranch, TreeNode};
use counterplay_game::id::NodeId;
use counterplay_game::tree::{Game, Kind};

use crate::solution::{Solved, branches};

pub(crate) use dot::dot;
pub(crate) use outline::outline;
pub(crate) use svg::svg;

/// How far a tree is grown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Extent {
    /// Events below the root.
    pub(crate) depth: usize,
    /// What play reaches with a smaller probability is collapsed.
    pub(crate) min_probability: f64,
}

/// The tree of a solved game, grown so far.
pub(crate) fn grow(solved: &Solved, about: Option<&(String, String)>, extent: Extent) -> TreeNode {
    let model = solved.evaluator.model();
    let game = model.game();
    let mut on_record = vec![false; game.node_count()];
    for (_, node) in model.consistent().into_iter().flat_map(ConsistentHistories::nodes) {
        on_record[node.index()] = true;
    }
    let grower = Grower {
        solved,
        model,
        game,
        extent,
        on_record,
        about: about_probability(solved, about),
        histories: histories(game),
    };
    grower.node(NodeId::new(Game::ROOT), 0)
}

struct Grower<'a> {
    solved: &'a Solved,
    model: &'a Model,
    game: &'a Game,
    extent: Extent,
    on_record: Vec<bool>,
    about: Vec<f64>,
    histories: Vec<usize>,
}

impl Grower<'_> {
    fn node(&self, node: NodeId, depth: usize) -> TreeNode {
        let (game, index) = (self.game, node.index());
        let players = game.players().len();
        let reach = self.solved.reach[index];
        let open = depth < self.extent.depth && reach >= self.extent.min_probability;
        let (event, player) = match game.kind(node) {
            Kind::End(_) => (String::new(), None),
            Kind::Chance(_) => (line(&game.event_name(game.event_id(node))), None),
            Kind::Decision(set) => {
                let player = line(&game.players()[game.info_set(set).player.index()]);
                (line(&game.event_name(game.event_id(node))), Some(player))
            }
        };
        TreeNode {
            event,
            player,
            reach_probability: reach,
            about_probability: self.about[index],
            histories: self.histories[index],
            on_record: self.on_record[index],
            outcomes: outcomes(self.model, node),
            payoffs: self.solved.evaluator.node_values()[index * players..(index + 1) * players].to_vec(),
            branches: if open { self.branches(node, depth) } else { Vec::new() },
        }
    }

    fn branches(&self, node: NodeId, depth: usize) -> Vec<TreeBranch> {
        let chance = &self.solved.evaluator.numbers().chance;
        let below = branches(self.game, chance, &self.solved.equilibrium.play, node).enumerate();
        let branch = |(index, (child, probability))| TreeBranch {
            action: line(self.game.text(self.game.branch_label(node, index))),
            probability,
            node: self.node(child, depth + 1),
        };
        below.map(branch).collect()
    }
}

/// A name on one line.
fn line(name: &str) -> String {
    one_line(name).into_owned()
}

fn outcomes(model: &Model, node: NodeId) -> Vec<OutcomeValue> {
    let game = model.game();
    let Kind::End(end) = game.kind(node) else { return Vec::new() };
    let ending = &model.endings()[game.end(end).tag as usize];
    let text = |id| game.text(id).to_owned();
    ending.outcomes.iter().map(|&(o, v)| OutcomeValue { outcome: text(o), value: text(v) }).collect()
}

/// The probability, from each node on, of the outcome that the case is about.
fn about_probability(solved: &Solved, about: Option<&(String, String)>) -> Vec<f64> {
    let model = solved.evaluator.model();
    let (game, chance) = (model.game(), &solved.evaluator.numbers().chance);
    let is_about =
        |o: &OutcomeValue| about.is_some_and(|(outcome, value)| o.outcome == *outcome && o.value == *value);
    let mut probability = vec![0.0; game.node_count()];
    for node in game.nodes().rev() {
        probability[node.index()] = match game.kind(node) {
            Kind::End(_) => f64::from(u8::from(outcomes(model, node).iter().any(is_about))),
            Kind::Chance(_) | Kind::Decision(_) => branches(game, chance, &solved.equilibrium.play, node)
                .map(|(child, p)| p * probability[child.index()])
                .sum(),
        };
    }
    probability
}

/// The number of histories through each node.
fn histories(game: &Game) -> Vec<usize> {
    let mut count = vec![1; game.node_count()];
    for node in game.nodes().rev().filter(|&n| game.child_count(n) > 0) {
        count[node.index()] = game.children(node).map(|child| count[child.index()]).sum();
    }
    count
}

/// How a node that has no branches in the drawing is told: by its outcomes, or by what is collapsed there.
fn ending(node: &TreeNode) -> String {
    if node.histories > 1 {
        return format!("… {} histories", node.histories);
    }
    if !node.event.is_empty() {
        return "… 1 history".to_owned();
    }
    let outcomes: Vec<String> = node.outcomes.iter().map(|o| format!("{}: {}", o.outcome, o.value)).collect();
    if outcomes.is_empty() { "end".to_owned() } else { outcomes.join(", ") }
}

/// The node's event and who decides it.
fn heading(node: &TreeNode) -> String {
    format!("{} ({})", node.event, node.player.as_deref().unwrap_or("chance"))
}

#[cfg(test)]
pub(crate) mod sample {
    use super::*;

    fn end(value: &str, reach: f64) -> TreeNode {
        let outcomes = vec![OutcomeValue { outcome: "war".to_owned(), value: value.to_owned() }];
        TreeNode {
            event: String::new(),
            player: None,
            outcomes,
            histories: 1,
            ..node("", None, reach, Vec::new())
        }
    }

    fn node(event: &str, player: Option<&str>, reach: f64, branches: Vec<TreeBranch>) -> TreeNode {
        TreeNode {
            event: event.to_owned(),
            player: player.map(str::to_owned),
            reach_probability: reach,
            about_probability: 0.0,
            histories: 3,
            on_record: false,
            outcomes: Vec::new(),
            payoffs: vec![0.0, 1.0],
            branches,
        }
    }

    fn branch(action: &str, probability: f64, node: TreeNode) -> TreeBranch {
        TreeBranch { action: action.to_owned(), probability, node }
    }

    /// A threat, and an answer to it.
    pub(crate) fn crisis() -> TreeNode {
        let answer = vec![
            branch("resist & \"fight\"", 0.25, end("True", 0.2)),
            branch("yield", 0.75, end("False", 0.6)),
        ];
        let mut threatened = node("answer", Some("Defender"), 0.8, answer);
        threatened.on_record = true;
        let mut root = node(
            "threat",
            Some("Challenger"),
            1.0,
            vec![branch("threaten", 0.8, threatened), branch("stay", 0.2, end("False", 0.2))],
        );
        root.on_record = true;
        root
    }
}
