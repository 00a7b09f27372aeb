//! Play at one point of the prior, certified.

use counterplay::model::odds::LogOdds;
use counterplay::model::{Evaluator, Model, NoValue, points};
use counterplay::scenario::Scenario;
use counterplay_analysis::{PlayPoint, SCHEMA_VERSION};
use counterplay_equilibrium::logit::{Equilibrium, Settings, Status};
use counterplay_equilibrium::referee::certify::{Certificate, certify};
use counterplay_game::id::{InfoSetId, NodeId};
use counterplay_game::tree::{Game, Kind};
use serde::Serialize;

use crate::failure::Failure;
use crate::other_equilibria::OtherEquilibria;
use crate::status::in_words;

/// A game solved at one point.
pub(crate) struct Solved {
    /// The evaluator, at that point.
    pub(crate) evaluator: Evaluator,
    /// How it is played there.
    pub(crate) equilibrium: Equilibrium,
    /// The probability that play reaches each node.
    pub(crate) reach: Vec<f64>,
    certificate: Certificate,
    point: Vec<f64>,
}

impl Solved {
    /// Solves a model with a tree at these parameter values.
    pub(crate) fn at(model: &Model, point: &[f64]) -> Result<Self, NotSolved> {
        let mut evaluator = model.evaluator(Settings::default());
        let play = evaluator.solve(point).map_err(|no_value| match no_value {
            NoValue::BadNumber(_) => NotSolved::BadNumber,
            NoValue::NotSolved { reached } => NotSolved::Stopped(reached),
        })?;
        let equilibrium = play.tree().expect("a model with a tree").clone();
        let (game, numbers) = (model.game(), evaluator.numbers());
        let certificate = certify(game, numbers, evaluator.precisions(), &equilibrium.play);
        let reach = reach(game, &numbers.chance, &equilibrium.play);
        Ok(Self { equilibrium, reach, certificate, point: point.to_vec(), evaluator })
    }

    /// The game.
    pub(crate) fn game(&self) -> &Game {
        self.evaluator.model().game()
    }

    /// What there is to say of it.
    pub(crate) fn solution(&self, scenario: &Scenario) -> Solution {
        let game = self.game();
        let name =
            |set: InfoSetId| (game.players()[game.info_set(set).player.index()].clone(), event_at(game, set));
        let pairs = |values: &[f64]| scenario.players.iter().cloned().zip(values.iter().copied()).collect();
        let odds = LogOdds::new(self.evaluator.numbers(), &self.equilibrium.play);
        let expected = &self.evaluator.node_values()[..scenario.players.len()];
        Solution {
            schema_version: SCHEMA_VERSION,
            case: scenario.name.clone(),
            parameters: scenario
                .parameters
                .iter()
                .map(|p| (p.name.clone(), self.point[p.id.index()]))
                .collect(),
            precisions: pairs(self.evaluator.precisions()),
            histories: game.history_count(),
            information_sets: game.info_set_count(),
            sweeps: self.equilibrium.sweeps,
            residual: self.certificate.residual,
            belief_error: self.certificate.belief_error,
            regret: self.certificate.regret,
            regret_at: self.certificate.regret_at.map(name),
            expected_payoffs: pairs(expected),
            play: points::play(game, &odds),
            other_equilibria: None,
        }
    }
}

fn event_at(game: &Game, set: InfoSetId) -> String {
    game.event_name(game.event_id(game.members(set)[0]))
}

/// The probability that play reaches each node.
fn reach(game: &Game, chance: &[f64], play: &[f64]) -> Vec<f64> {
    let mut reach = vec![0.0; game.node_count()];
    reach[Game::ROOT] = 1.0;
    for node in game.nodes() {
        for (child, probability) in branches(game, chance, play, node) {
            reach[child.index()] = reach[node.index()] * probability;
        }
    }
    reach
}

/// The children of a node, each with its probability.
pub(crate) fn branches<'a>(
    game: &Game,
    chance: &'a [f64],
    play: &'a [f64],
    node: NodeId,
) -> impl Iterator<Item = (NodeId, f64)> + use<'a> {
    let odds = match game.kind(node) {
        Kind::Chance(event) => &chance[game.branches(event)],
        Kind::Decision(set) => &play[game.actions(set)],
        Kind::End(_) => &[],
    };
    game.children(node).zip(odds.iter().copied())
}

/// Why there is no play at a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum NotSolved {
    /// A number of the game is not what it must be there.
    BadNumber,
    /// The branch was followed only to this share of the precisions.
    Stopped(f64),
}

impl NotSolved {
    /// It as a failure.
    pub(crate) fn failure(self) -> Failure {
        match self {
            Self::BadNumber => {
                Failure::new("at this point a probability is not between 0 and 1, or a payoff is not finite")
                    .hint("choose other values with `--at`")
            }
            Self::Stopped(reached) => Failure::new(in_words(Status::Stuck { reached })),
        }
    }
}

/// Play at one point, as JSON shows it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Solution {
    /// The version of the form, that of an analysis.
    pub(crate) schema_version: u32,
    /// The scenario's name.
    pub(crate) case: String,
    /// The parameter values.
    pub(crate) parameters: Vec<(String, f64)>,
    /// The precision of each player.
    pub(crate) precisions: Vec<(String, f64)>,
    /// Histories of the story.
    pub(crate) histories: usize,
    /// Information sets of all players.
    pub(crate) information_sets: usize,
    /// Sweeps over the tree that solving took.
    pub(crate) sweeps: usize,
    /// The certified residual: how far the play is from the logit response to itself.
    pub(crate) residual: f64,
    /// The largest error of a belief.
    pub(crate) belief_error: f64,
    /// The largest regret at an information set, in payoff units.
    pub(crate) regret: f64,
    /// The player and the event of the largest regret.
    pub(crate) regret_at: Option<(String, String)>,
    /// What each player can expect.
    pub(crate) expected_payoffs: Vec<(String, f64)>,
    /// Play at each information set, those that play reaches most first.
    pub(crate) play: Vec<PlayPoint>,
    /// Other equilibria that a short search found; `None` if none were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) other_equilibria: Option<OtherEquilibria>,
}
