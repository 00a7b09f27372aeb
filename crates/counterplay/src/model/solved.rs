//! A model solved at one point, which it owns.

use counterplay_analysis::PlayPoint;

use crate::error::Error;
use crate::model::play::{Certificate, MODEL_SETTINGS, Play};
use crate::model::points;
use crate::model::{Evaluator, Model};
use crate::problem::Problem;

/// Play at one point, with all that follows from it there. Of a story with stages it is stationary play.
#[derive(Clone, Debug)]
pub struct SolvedPoint {
    point: Vec<f64>,
    evaluator: Evaluator,
    play: Play,
}

impl SolvedPoint {
    pub(super) fn new(model: &Model, point: &[f64]) -> Result<Self, Error> {
        let names = &model.parameters;
        if point.len() != names.len() {
            let many = |n: usize| if n == 1 { "1 number".to_owned() } else { format!("{n} numbers") };
            let message =
                format!("the point has {}, but there are {} parameters", many(point.len()), names.len());
            return Err(Problem::new(message).hint(format!("in this order: {}", names.join(", "))).into());
        }
        let mut evaluator = model.evaluator(MODEL_SETTINGS);
        let play = evaluator.solve(point).map_err(|why| why.error("play at this point"))?;
        Ok(Self { point: point.to_vec(), evaluator, play })
    }

    /// The value of each parameter, in the order of their declarations.
    pub fn point(&self) -> &[f64] {
        &self.point
    }

    /// Play, with how it was found.
    pub fn play(&self) -> &Play {
        &self.play
    }

    /// Play at the information sets of the game of state `state` (0 is the beginning; a story that ends has no other), those that
    /// are reached most first: probabilities of actions, and of being there once the state is entered.
    ///
    /// # Panics
    /// If there is no such state.
    pub fn points(&self, state: usize) -> Vec<PlayPoint> {
        let game = &self.evaluator.model().unfolded().states[state].game;
        points::play(game, &self.evaluator.odds(&self.play)[state])
    }

    /// What the [referee](counterplay_equilibrium::referee) says of it, by code that shares nothing with the solver: the largest
    /// deviation from logit play, and what a player could gain by another strategy, in units of payoffs. `None` where a
    /// player forgets within a stage what it knew.
    pub fn certify(&self) -> Option<Certificate> {
        self.evaluator.certify(&self.play)
    }

    /// The log likelihood of the scenario's record here; negative infinity where it is impossible.
    ///
    /// # Errors
    /// If the model was made [without its record](Model::changed).
    pub fn log_likelihood(&self) -> Result<f64, Error> {
        self.with_record()?;
        Ok(self.evaluator.clone().log_likelihood_of(&self.play))
    }

    /// The derivative of the log likelihood by each parameter, in units of one over the parameter's. Zero where the record is
    /// impossible.
    ///
    /// # Errors
    /// As [`log_likelihood`](Self::log_likelihood); or if play has no derivative here, as where branches cross.
    pub fn gradient(&self) -> Result<Vec<f64>, Error> {
        self.with_record()?;
        let mut gradient = vec![0.0; self.point.len()];
        let found = self.evaluator.clone().gradient_of(&self.play, &mut gradient);
        found.map_err(|why| why.error("the gradient at this point"))?;
        Ok(gradient)
    }

    fn with_record(&self) -> Result<(), Error> {
        let missing = || Problem::new("the model was made without its record").into();
        self.evaluator.model().consistent().map(|_| ()).ok_or_else(missing)
    }
}
