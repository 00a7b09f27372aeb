//! Games from files, in the form of the reference.

use std::path::{Path, PathBuf};

use counterplay_game::extensive::{ExtensiveForm, Turn};
use counterplay_game::gambit::{read_efg, read_nfg};
use counterplay_game::id::NodeId;
use counterplay_game::normal::NormalForm;
use counterplay_game::rational::to_f64;
use counterplay_game::tree::Game;

use crate::families::grow;
use crate::reference::tree::{Node, Set, Tree};
use crate::subject::{Subject, matched};

/// The game files in a folder and all folders in it, in order.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).expect("the folder can be read") {
            let path = entry.expect("the folder can be read").path();
            let extension = path.extension().and_then(|e| e.to_str());
            if path.is_dir() {
                open.push(path);
            } else if matches!(extension, Some("efg" | "nfg")) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The files of the catalog.
pub(crate) fn of_catalog() -> Vec<PathBuf> {
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog"))
}

/// The game of a file.
///
/// # Errors
/// If it is no game, or not of perfect recall.
pub(crate) fn read(path: &Path) -> Result<Subject, String> {
    let text = std::fs::read_to_string(path).map_err(|e| e.to_string())?;
    let folder = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    let name = format!("{folder}-{}", path.file_stem().unwrap_or_default().to_string_lossy());
    if path.extension().is_some_and(|e| e == "nfg") {
        let form = read_nfg(&text).map_err(|e| e.to_string())?;
        Ok(subject(name, (text, "nfg"), of_normal(&form), form.game()))
    } else {
        let form = read_efg(&text).map_err(|e| e.to_string())?;
        let game = form.game().map_err(|e| e.to_string())?;
        Ok(subject(name, (text, "efg"), of_extensive(&form), game))
    }
}

fn subject(name: String, text: (String, &'static str), tree: Tree, game: Game) -> Subject {
    let numbers = game.at(&game.expressions().evaluate(&[]));
    let actions = matched(&tree, &game);
    Subject { name, text, system: Box::new(tree), game, numbers, actions }
}

fn of_extensive(form: &ExtensiveForm) -> Tree {
    let sets = form.info_sets().iter();
    let sets = sets.map(|s| Set { player: s.player.index(), actions: s.actions.len() }).collect();
    let mut nodes: Vec<Node> = Vec::new();
    // What is collected on the way to a node.
    let mut collected: Vec<Vec<f64>> = Vec::new();
    for (index, node) in form.nodes().iter().enumerate() {
        let parent = form.parent(NodeId::new(index)).map(|(before, _)| before.index());
        let mut payoffs = parent.map_or_else(|| vec![0.0; form.players().len()], |p| collected[p].clone());
        if let Some(outcome) = node.outcome {
            let more = form.outcomes()[outcome.index()].payoffs.iter();
            payoffs.iter_mut().zip(more).for_each(|(u, more)| *u += to_f64(more));
        }
        let kind = match node.turn {
            Turn::End => Node::End { payoffs: payoffs.clone() },
            Turn::Chance(c) => {
                let branches = form.chance_sets()[c.index()].branches.iter();
                Node::Chance { odds: branches.map(|(_, p)| to_f64(p)).collect(), children: Vec::new() }
            }
            Turn::Decision(s) => Node::Decision { set: s.index(), children: Vec::new() },
        };
        match parent {
            // Nodes come in prefix order, so that a parent's children come in the order of its branches.
            Some(parent) => {
                grow(&mut nodes, parent, kind);
            }
            None => nodes.push(kind),
        }
        collected.push(payoffs);
    }
    Tree::new(form.players().len(), nodes, sets)
}

fn of_normal(form: &NormalForm) -> Tree {
    let players = form.players.len();
    let sets = form.strategies.iter().enumerate();
    let sets = sets.map(|(player, own)| Set { player, actions: own.len() }).collect();
    let mut nodes = vec![Node::Decision { set: 0, children: Vec::new() }];
    let mut level = vec![(0, Vec::new())];
    for player in 0..players {
        let mut next = Vec::new();
        for (node, profile) in level {
            for action in 0..form.strategies[player].len() {
                let profile: Vec<usize> = profile.iter().copied().chain([action]).collect();
                let kind = if profile.len() == players {
                    let payoff = |p| to_f64(form.payoff(&profile, p));
                    Node::End { payoffs: (0..players).map(payoff).collect() }
                } else {
                    Node::Decision { set: player + 1, children: Vec::new() }
                };
                next.push((grow(&mut nodes, node, kind), profile));
            }
        }
        level = next;
    }
    Tree::new(players, nodes, sets)
}
