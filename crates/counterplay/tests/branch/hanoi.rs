//! The scenario of the Hanoi summit at points drawn from its prior or its posterior: the library's play against arcs alone, and
//! against a reference that shares nothing with the library and follows the branch of the same game in small steps.

use std::path::Path;
use std::sync::Arc;

use counterplay::model::play::MODEL_SETTINGS;
use counterplay::model::{Evaluator, Model};
use counterplay::posterior::fit;
use counterplay::story::limits::Limits;
use counterplay::watch::Unwatched;
use counterplay_equilibrium::logit::{Equilibrium, Solver, Status};
use counterplay_game::id::NodeId;
use counterplay_game::tree::{Game, Kind};
use counterplay_game::valuation::Valuation;
use counterplay_inference::prior::JointPrior;
use counterplay_inference::sampler::SamplerSettings;
use counterplay_language::{Files, ReadLimits, read};
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
            format!("\n\n{} points of {name} have nothing to be compared with.", self.no_reference)
        } else {
            String::new()
        };
        format!(
            "| {name} | 1 | {} | - | - | {} | - | {} | - |{note}",
            self.points, self.differ, self.not_solved
        )
    }

    /// Counts a point; `right` is none where nobody knows.
    fn count(
        &mut self,
        number: usize,
        found: &Equilibrium,
        right: Option<Vec<f64>>,
        report: &mut dyn FnMut(&str),
    ) {
        self.points += 1;
        if found.status != Status::Converged {
            self.not_solved += 1;
            report(&format!("point {number}: {:?}", found.status));
            return;
        }
        let Some(right) = right else {
            self.no_reference += 1;
            return;
        };
        let pairs = found.play.iter().zip(&right);
        let difference = pairs.map(|(p, q)| (p - q).abs()).fold(0.0, f64::max);
        if !(difference <= 1e-6) {
            self.differ += 1;
            report(&format!("point {number} differs by {difference:.3e}"));
        }
    }
}

/// The scenario, ready to be solved.
pub(crate) struct Case {
    model: Model,
    prior: Arc<JointPrior>,
}

impl Case {
    pub(crate) fn read(folder: &Path) -> Self {
        let text = std::fs::read_to_string(folder.join("scenario.star")).expect("it can be read");
        let mut files = Files::of_scenario(&text);
        if let Ok(sources) = std::fs::read_to_string(folder.join("sources.bib")) {
            files = files.with("sources.bib", sources);
        }
        let scenario = read("scenario", &files, &ReadLimits::default()).unwrap_or_else(|p| panic!("{p}"));
        let model = Model::new(&scenario, Limits::default(), &Unwatched).unwrap_or_else(|p| panic!("{p}"));
        let prior = scenario.joint_prior(&[]).expect("a sound prior").into();
        Self { model, prior }
    }

    /// Draws from the prior.
    pub(crate) fn prior_points(&self, count: u64) -> Vec<Vec<f64>> {
        let draw = |number| self.prior.sample(&mut ChaCha8Rng::seed_from_u64(number)).theta;
        (0..count).map(draw).collect()
    }

    /// Draws from the posterior, as `run` makes them.
    pub(crate) fn posterior_points(&self, seed: u64, count: usize) -> Vec<Vec<f64>> {
        let draws = count.div_ceil(4).max(1);
        let settings =
            SamplerSettings { seed, warmup: 200, draws, target_accept: 0.65, ..SamplerSettings::default() };
        let posterior =
            fit(&self.model, &self.prior, &settings, &Unwatched).unwrap_or_else(|e| panic!("{e}"));
        posterior.draws().take(count).map(<[f64]>::to_vec).collect()
    }

    /// Play at these points, against arcs alone.
    pub(crate) fn against_arcs(&self, points: &[Vec<f64>], report: &mut dyn FnMut(&str)) -> Row {
        let mut row = Row::default();
        let mut evaluator = self.model.evaluator(MODEL_SETTINGS);
        let mut solver = Solver::new(self.model.game(), MODEL_SETTINGS);
        for (number, point) in points.iter().enumerate() {
            let found = solved(&mut evaluator, point);
            let right = solver.arcs(evaluator.numbers(), evaluator.precisions());
            let right = (right.status == Status::Converged).then_some(right.play);
            row.count(number, &found, right, report);
        }
        row
    }

    /// Play at these points, against the reference: a second to a minute each.
    pub(crate) fn against_reference<'a>(
        &self,
        points: impl Iterator<Item = &'a Vec<f64>>,
        report: &mut dyn FnMut(&str),
    ) -> Row {
        let mut row = Row::default();
        let mut evaluator = self.model.evaluator(MODEL_SETTINGS);
        for (number, point) in points.enumerate() {
            let found = solved(&mut evaluator, point);
            let tree = tree(self.model.game(), evaluator.numbers());
            let right = Large::new(&tree, evaluator.precisions()).follow(Large::longest());
            row.count(number, &found, right.ok(), report);
        }
        row
    }
}

fn solved(evaluator: &mut Evaluator, point: &[f64]) -> Equilibrium {
    let found = evaluator.solve(point);
    evaluator.load(point).unwrap_or_else(|why| panic!("{why}"));
    let found = found.unwrap_or_else(|why| panic!("{why}"));
    found.tree().expect("the case has a tree").clone()
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
