//! The scenario of the Hanoi summit at points drawn from its prior: the library's play against a reference that follows the
//! branch of the same game in small steps.

use std::path::Path;

use counterplay::language::{Files, ReadLimits, read};
use counterplay::model::{Evaluator, MODEL_SETTINGS, Model};
use counterplay::story::Limits;
use counterplay::watch::Unwatched;
use counterplay_game::id::NodeId;
use counterplay_game::tree::{Game, Kind};
use counterplay_game::valuation::Valuation;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::large::Large;
use crate::reference::tree::{Node, Set, Tree};

/// What came of the points.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) points: usize,
    pub(crate) differ: usize,
    pub(crate) not_solved: usize,
    pub(crate) no_reference: usize,
}

impl Row {
    pub(crate) fn line(&self, name: &str) -> String {
        let note = if self.no_reference > 0 {
            format!("\n\n{} points of {name} have no reference: the branch turns.", self.no_reference)
        } else {
            String::new()
        };
        format!(
            "| {name} | 1 | {} | - | - | {} | - | {} | - |{note}",
            self.points, self.differ, self.not_solved
        )
    }
}

/// The game of a scenario at numbers, as the reference has it, in the library's order of sets and actions.
fn tree(game: &Game, numbers: &Valuation) -> Tree {
    let players = game.players().len();
    let set = |id| Set { player: game.info_set(id).player.index(), actions: game.actions(id).len() };
    let sets = game.info_set_ids().map(set).collect();
    let mut nodes = Vec::with_capacity(game.node_count());
    let mut level = vec![NodeId::new(Game::ROOT)];
    // Level by level, so that children come after their parents.
    while !level.is_empty() {
        let mut first = nodes.len() + level.len();
        let mut next = Vec::new();
        for node in level {
            let children: Vec<usize> = (first..first + game.child_count(node)).collect();
            first += children.len();
            next.extend(game.children(node));
            nodes.push(match game.kind(node) {
                Kind::Chance(id) => {
                    Node::Chance { odds: numbers.chance[game.branches(id)].to_vec(), children }
                }
                Kind::Decision(id) => Node::Decision { set: id.index(), children },
                Kind::End(id) => {
                    let at = id.index() * players;
                    Node::End { payoffs: numbers.payoffs[at..at + players].to_vec() }
                }
            });
        }
        level = next;
    }
    Tree::new(players, nodes, sets)
}

/// Compares play at `count` points of the prior, from the `first` on; `report` is told of each that differs.
pub(crate) fn run(scenario: &Path, (first, count): (u64, u64), report: &mut dyn FnMut(&str)) -> Row {
    let text = std::fs::read_to_string(scenario.join("scenario.star")).expect("it can be read");
    let mut files = Files::of_scenario(&text);
    if let Ok(sources) = std::fs::read_to_string(scenario.join("sources.bib")) {
        files = files.with("sources.bib", sources);
    }
    let scenario = read("scenario", &files, &ReadLimits::default()).unwrap_or_else(|p| panic!("{p}"));
    let model = Model::new(&scenario, Limits::default(), &Unwatched).unwrap_or_else(|p| panic!("{p}"));
    let prior = scenario.joint_prior(&[]).expect("a sound prior");
    let mut row = Row::default();
    for number in first..first + count {
        let point = prior.sample(&mut ChaCha8Rng::seed_from_u64(number)).theta;
        let mut evaluator = model.evaluator(MODEL_SETTINGS);
        compare(&mut evaluator, &point, number, &mut row, report);
    }
    row
}

fn compare(
    evaluator: &mut Evaluator,
    point: &[f64],
    number: u64,
    row: &mut Row,
    report: &mut dyn FnMut(&str),
) {
    row.points += 1;
    let found = evaluator.solve(point);
    if evaluator.load(point).is_err() {
        row.not_solved += 1;
        return;
    }
    let precisions = evaluator.precisions().to_vec();
    let tree = tree(evaluator.model().game(), evaluator.numbers());
    let right = match Large::new(&tree, &precisions).follow(Large::longest()) {
        Ok(right) => right,
        Err(ended) => {
            row.no_reference += 1;
            report(&format!("point {number}: the reference ends at a share of {}", ended.share));
            return;
        }
    };
    match found {
        Err(why) => {
            row.not_solved += 1;
            report(&format!("point {number}: {why}"));
        }
        Ok(found) => {
            let pairs = found.play.iter().zip(&right);
            let difference = pairs.map(|(p, q)| (p - q).abs()).fold(0.0, f64::max);
            if !(difference <= 1e-6) {
                row.differ += 1;
                report(&format!("point {number}: {:?}, differs by {difference:.3e}", found.status));
            }
        }
    }
}
