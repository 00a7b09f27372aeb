//! Play: the one place that knows which solver plays. A story that ends is solved as a tree, one with stages state by state.

use counterplay_equilibrium::logit;
use counterplay_equilibrium::logit::Point;
use counterplay_equilibrium::logit::search::SearchSettings;
use counterplay_equilibrium::markov::{self, Numbers, StochasticGame};
use counterplay_equilibrium::referee::certify::certify;
use counterplay_equilibrium::referee::stationary;
use counterplay_game::tree::Game;

use crate::story::unfolded::Unfolded;

/// How exactly play is solved, and with how much work at most. Of a process play is always solved to 1e-11.
pub use counterplay_equilibrium::logit::Settings;

/// How play is solved at the many points of an analysis. A branch that takes longer to follow, which winds around many folds,
/// is left where it got to; the answers say in how many draws.
pub const MODEL_SETTINGS: Settings = Settings {
    tolerance: 1e-11,
    max_sweeps: 50_000,
    max_corrections: 30,
    max_prediction_error: 0.05,
    gradient_tolerance: 1e-11,
};

/// The same where play goes into averages over draws from the prior, whose Monte Carlo error is thousands of times larger.
pub(crate) const ROUGH_SETTINGS: Settings = Settings { tolerance: 1e-6, ..MODEL_SETTINGS };

/// The same for a sampler: the gradient's error is of the order of the residual, far below what a trajectory notices.
pub(crate) const SAMPLING_SETTINGS: Settings =
    Settings { tolerance: 1e-6, gradient_tolerance: 1e-5, ..MODEL_SETTINGS };

/// Play of a story at one point.
#[derive(Clone, Debug, PartialEq)]
pub enum Play {
    /// Of a story that ends.
    Tree(logit::Equilibrium),
    /// Of one that goes on from stage to stage: stationary play, state by state.
    Stationary(markov::Equilibrium),
}

impl Play {
    /// For each action of the game of a state, its probability where its information set is reached.
    pub fn of_state(&self, state: usize) -> &[f64] {
        match self {
            Play::Tree(found) => &found.play,
            Play::Stationary(found) => &found.play[state],
        }
    }

    /// Whether it is on the principal branch, which starts at uniform play.
    pub fn on_branch(&self) -> bool {
        match self {
            Play::Tree(found) => found.status == logit::Status::Converged,
            Play::Stationary(found) => found.status == markov::Status::Converged,
        }
    }

    /// The shares of the precisions at which other branches cross the principal one, which was followed straight on.
    pub fn crossings(&self) -> &[f64] {
        match self {
            Play::Tree(found) => &found.crossings,
            Play::Stationary(found) => &found.crossings,
        }
    }

    /// The equilibrium of a story that ends; `None` of one with stages.
    pub fn tree(&self) -> Option<&logit::Equilibrium> {
        match self {
            Play::Tree(found) => Some(found),
            Play::Stationary(_) => None,
        }
    }

    /// The equilibrium of a story with stages; `None` of one that ends.
    pub fn stationary(&self) -> Option<&markov::Equilibrium> {
        match self {
            Play::Tree(_) => None,
            Play::Stationary(found) => Some(found),
        }
    }

    /// It, if it is an equilibrium, or how far along the precisions it got.
    fn reached(self) -> Result<Self, f64> {
        match &self {
            Play::Tree(found) => match found.status {
                logit::Status::Converged | logit::Status::Jumped { .. } => Ok(self),
                logit::Status::OutOfBudget { reached } | logit::Status::Stuck { reached } => Err(reached),
            },
            Play::Stationary(found) => match found.status {
                markov::Status::Converged | markov::Status::Jumped { .. } => Ok(self),
                markov::Status::OutOfBudget | markov::Status::Stuck => Err(found.share),
            },
        }
    }
}

/// What the referee says of play, by code that it shares with no solver.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Certificate {
    /// The largest residual of the logit response; see [`counterplay_equilibrium::referee::certify::Certificate::residual`].
    pub residual: f64,
    /// The most that a player could gain by one deviation, in payoff units.
    pub regret: f64,
    /// The largest deviation of beliefs and play from summing to one; `None` where it is not measured, as of stationary play.
    pub belief_error: Option<f64>,
    /// The largest difference between the value of a state and what its stage gives, in payoff units; `None` without stages.
    pub bellman: Option<f64>,
}

/// The derivatives of a function of play with respect to the numbers of all states and the precisions.
pub(super) struct Gradient {
    pub(super) numbers: Numbers,
    pub(super) precisions: Vec<f64>,
}

/// What solves play.
#[derive(Clone, Debug)]
pub(super) enum Solver {
    Tree(Box<logit::Solver>),
    Stationary(Box<markov::Solver>),
}

impl Solver {
    pub(super) fn new(unfolded: &Unfolded, stochastic: Option<&StochasticGame>, settings: Settings) -> Self {
        match stochastic {
            None => Self::Tree(Box::new(logit::Solver::new(unfolded.game(), settings))),
            Some(game) => Self::Stationary(Box::new(markov::Solver::new(game, markov::Settings::default()))),
        }
    }

    /// Play at a point, or how far along the precisions it got.
    pub(super) fn solve(&mut self, numbers: &Numbers, precisions: &[f64]) -> Result<Play, f64> {
        match self {
            Self::Tree(solver) => {
                Play::Tree(solver.solve(&numbers.stages[0].valuation, precisions)).reached()
            }
            Self::Stationary(solver) => Play::Stationary(solver.solve(numbers, precisions)).reached(),
        }
    }

    /// The same at several points, solved together where that is quicker, with the same bits.
    pub(super) fn solve_all(&mut self, points: &[(&Numbers, &[f64])]) -> Vec<Result<Play, f64>> {
        match self {
            Self::Tree(solver) => {
                let precisions: Vec<Vec<f64>> = points.iter().map(|p| p.1.to_vec()).collect();
                let each = points.iter().zip(&precisions);
                let points: Vec<Point<'_>> = each
                    .map(|((numbers, _), precisions)| Point {
                        numbers: &numbers.stages[0].valuation,
                        precisions,
                    })
                    .collect();
                solver.solve_all(&points).into_iter().map(|found| Play::Tree(found).reached()).collect()
            }
            Self::Stationary(_) => {
                points.iter().map(|(numbers, precisions)| self.solve(numbers, precisions)).collect()
            }
        }
    }

    /// The derivatives of a function of play that has these derivatives with respect to the logits of each state; `None` if they
    /// cannot be found. `play` is what was solved last.
    pub(super) fn gradient(
        &mut self,
        precisions: &[f64],
        play: &Play,
        mut logits: Vec<Vec<f64>>,
    ) -> Option<Gradient> {
        match (self, play) {
            (Self::Tree(solver), _) => {
                let found = solver.gradient(precisions, &logits.swap_remove(0));
                let stage = markov::StageNumbers { valuation: found.numbers, weights: Vec::new() };
                Some(Gradient { numbers: Numbers { stages: vec![stage] }, precisions: found.precisions })
            }
            (Self::Stationary(solver), Play::Stationary(found)) => {
                let weights = markov::Weights { logits, values: vec![0.0; found.values.len()] };
                let found = solver.gradient(precisions, &found.values, &weights)?;
                Some(Gradient { numbers: found.numbers, precisions: found.precisions })
            }
            (Self::Stationary(_), Play::Tree(_)) => None,
        }
    }

    /// The expected payoff of each player at each node under the play that was solved last, node by node; none with stages.
    pub(super) fn node_values(&self, game: &Game) -> Vec<f64> {
        match self {
            Self::Tree(solver) => solver.node_values(game),
            Self::Stationary(_) => Vec::new(),
        }
    }

    /// Equilibria beside the `known` one at these numbers, first looked for from those at points nearby.
    pub(super) fn others(
        &mut self,
        numbers: &Numbers,
        precisions: &[f64],
        known: &Play,
        nearby: &[Play],
        settings: &SearchSettings,
    ) -> OtherPlays {
        match (self, known) {
            (Self::Tree(solver), Play::Tree(known)) => {
                let numbers = &numbers.stages[0].valuation;
                let near: Vec<Vec<f64>> =
                    nearby.iter().filter_map(Play::tree).map(|e| e.logits.clone()).collect();
                let found = solver.search_beside(numbers, precisions, vec![known.clone()], &near, settings);
                let plays = found.equilibria.into_iter().skip(1).map(Play::Tree).collect();
                OtherPlays { plays, starts: found.starts, only: found.only }
            }
            (Self::Stationary(solver), Play::Stationary(known)) => {
                let near: Vec<&markov::Equilibrium> = nearby.iter().filter_map(Play::stationary).collect();
                let found = solver.search_beside(numbers, precisions, vec![known.clone()], &near, settings);
                let plays = found.equilibria.into_iter().skip(1).map(Play::Stationary).collect();
                OtherPlays { plays, starts: found.starts, only: false }
            }
            (Self::Tree(_), Play::Stationary(_)) | (Self::Stationary(_), Play::Tree(_)) => {
                OtherPlays::default()
            }
        }
    }
}

/// What a search beside one equilibrium found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OtherPlays {
    /// The others.
    pub plays: Vec<Play>,
    /// How many starting points were tried.
    pub starts: usize,
    /// Whether it is proved that there is no other; then nothing was searched.
    pub only: bool,
}

/// What the referee says of play at these numbers; `None` where a player forgets within a stage what it knew.
pub(super) fn certified(
    unfolded: &Unfolded,
    stochastic: Option<&StochasticGame>,
    numbers: &Numbers,
    precisions: &[f64],
    play: &Play,
) -> Option<Certificate> {
    if let (Play::Stationary(found), Some(game)) = (play, stochastic) {
        let found = stationary::certify(game, numbers, precisions, found).ok()?;
        return Some(Certificate {
            residual: found.residual,
            regret: found.regret,
            belief_error: None,
            bellman: Some(found.bellman),
        });
    }
    let numbers = &numbers.stages[0].valuation;
    let found = certify(unfolded.game(), numbers, precisions, play.of_state(0));
    Some(Certificate {
        residual: found.residual,
        regret: found.regret,
        belief_error: Some(found.belief_error),
        bellman: None,
    })
}
