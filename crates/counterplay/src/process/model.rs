//! A process at a point: from parameter values to stationary play, and to the likelihood of the record.

use std::sync::Arc;

use counterplay_equilibrium::markov::{
    Equilibrium, Numbers, Settings, Solver, StageNumbers, Status, StochasticGame, Weights,
};
use counterplay_game::expression::ExprId;
use counterplay_game::valuation::Valuation;

use super::trail::{Trail, TrailWeights};
use super::{Process, StateTold};
use crate::model::NoValue;
use crate::model::agreement::LogOdds;
use crate::model::bad_number::{BadNumber, first_bad, is_probability};
use crate::problem::Problem;
use crate::scenario::Scenario;
use crate::story::limits::Limits;
use crate::watch::Watch;

/// A scenario's process, and the ways through it that agree with the record.
#[derive(Clone, Debug)]
pub struct ProcessModel {
    process: Arc<Process>,
    game: Arc<StochasticGame>,
    precisions: Vec<ExprId>,
    trail: Arc<Trail>,
}

impl ProcessModel {
    /// Unfolds the process, and finds the ways that agree with the record.
    ///
    /// # Errors
    /// What is wrong with the stages or the record.
    pub fn new(scenario: &Scenario, limits: Limits, watch: &dyn Watch) -> Result<Self, Problem> {
        let process = Process::unfold(scenario, limits, watch)?;
        let trail = Trail::new(&process, &scenario.record, scenario.horizon)?;
        let game = Arc::new(process.game());
        Ok(Self {
            game,
            process: process.into(),
            precisions: scenario.precisions.clone(),
            trail: trail.into(),
        })
    }

    /// The process.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// The stochastic game.
    pub fn game(&self) -> &StochasticGame {
        &self.game
    }

    /// The ways that agree with the record.
    pub fn trail(&self) -> &Trail {
        &self.trail
    }

    /// The same process, of which other ways are known.
    pub(super) fn following(&self, trail: Trail) -> Self {
        Self { trail: trail.into(), ..self.clone() }
    }

    /// An evaluator of this model.
    pub fn evaluator(&self) -> ProcessEvaluator {
        ProcessEvaluator {
            solver: Solver::new(&self.game, Settings::default()),
            model: self.clone(),
            values: vec![Vec::new(); self.process.states.len()],
            numbers: Numbers::default(),
            precisions: Vec::new(),
        }
    }
}

/// Evaluates a process at one point after the other.
#[derive(Clone, Debug)]
pub struct ProcessEvaluator {
    model: ProcessModel,
    solver: Solver,
    /// For each state, the values of its expressions.
    values: Vec<Vec<f64>>,
    numbers: Numbers,
    precisions: Vec<f64>,
}

impl ProcessEvaluator {
    /// The model.
    pub fn model(&self) -> &ProcessModel {
        &self.model
    }

    /// The numbers at the last point.
    pub fn numbers(&self) -> &Numbers {
        &self.numbers
    }

    /// The precisions at the last point, player by player.
    pub fn precisions(&self) -> &[f64] {
        &self.precisions
    }

    /// The values of the expressions that the scenario declares, at the last point.
    pub fn values(&self) -> &[f64] {
        &self.values[0]
    }

    /// For each state, the values of its [expressions](Trail::expressions) at the last point.
    pub fn all_values(&self) -> &[Vec<f64>] {
        &self.values
    }

    /// Puts in parameter values.
    ///
    /// # Errors
    /// If a number of a stage is not what it should be there.
    pub fn load(&mut self, parameters: &[f64]) -> Result<(), NoValue> {
        self.numbers.stages.clear();
        let process = &self.model.process;
        for (state, (told, values)) in process.states.iter().zip(&mut self.values).enumerate() {
            self.model.trail.expressions(process, state).evaluate_into(parameters, values);
            let weights =
                told.onward.iter().flatten().map(|(_, discount)| values[discount.index()]).collect();
            self.numbers.stages.push(StageNumbers { valuation: told.unfolded.game.at(values), weights });
        }
        let values = &self.values[0];
        self.precisions = self.model.precisions.iter().map(|p| values[p.index()]).collect();
        let bad = |(told, stage): (&StateTold, &StageNumbers)| {
            let discount = stage.weights.iter().any(|&w| !is_probability(w)).then_some(BadNumber::Discount);
            first_bad(&told.unfolded.game, &stage.valuation, &self.precisions).or(discount)
        };
        match process.states.iter().zip(&self.numbers.stages).find_map(bad) {
            None => Ok(()),
            Some(bad) => Err(NoValue::BadNumber(bad)),
        }
    }

    /// Stationary play at these parameter values.
    ///
    /// # Errors
    /// If a number is bad there, or the equilibrium was not reached.
    pub fn solve(&mut self, parameters: &[f64]) -> Result<Equilibrium, NoValue> {
        self.load(parameters)?;
        let found = self.solver.solve(&self.numbers, &self.precisions);
        match found.status {
            Status::Converged | Status::Jumped { .. } => Ok(found),
            Status::OutOfBudget | Status::Stuck => Err(NoValue::ProcessNotSolved { reached: found.share }),
        }
    }

    /// The log probabilities of all branches of all stages at the last point, under this play.
    pub fn odds(&self, play: &[Vec<f64>]) -> Vec<LogOdds> {
        self.numbers.stages.iter().zip(play).map(|(own, play)| LogOdds::new(&own.valuation, play)).collect()
    }

    /// The log likelihood of the record at these parameter values.
    ///
    /// # Errors
    /// As [`solve`](Self::solve).
    pub fn log_likelihood(&mut self, parameters: &[f64]) -> Result<f64, NoValue> {
        let found = self.solve(parameters)?;
        let odds = self.odds(&found.play);
        Ok(self.model.trail.weigh(&self.model.process, &odds, &self.values, &mut TrailWeights::default()))
    }

    /// The log likelihood of the record, and its gradient with respect to the parameters, added to `gradient`: through
    /// play by the implicit function theorem, with one adjoint system.
    ///
    /// # Errors
    /// As [`solve`](Self::solve).
    pub fn log_likelihood_gradient(
        &mut self,
        parameters: &[f64],
        gradient: &mut [f64],
    ) -> Result<f64, NoValue> {
        let found = self.solve(parameters)?;
        let odds = self.odds(&found.play);
        let mut weights = TrailWeights::default();
        let log_likelihood = self.model.trail.weigh(&self.model.process, &odds, &self.values, &mut weights);
        if !log_likelihood.is_finite() {
            return Ok(log_likelihood);
        }
        let derivatives = self.model.trail.derivatives(&self.model.process, &odds, &weights);
        let through = self.through_play(&found, derivatives.iter().map(|d| d.logits.clone()).collect())?;
        for (index, told) in self.model.process.states.iter().enumerate() {
            let expressions = self.model.trail.expressions(&self.model.process, index);
            let mut adjoints = vec![0.0; self.values[index].len()];
            let direct = Valuation {
                chance: derivatives[index].chance.clone(),
                payoffs: vec![0.0; self.numbers.stages[index].valuation.payoffs.len()],
            };
            let own = &through.numbers.stages[index];
            told.unfolded.game.scatter_adjoints(&direct, &mut adjoints);
            told.unfolded.game.scatter_adjoints(&own.valuation, &mut adjoints);
            for ((_, discount), d) in told.onward.iter().flatten().zip(&own.weights) {
                adjoints[discount.index()] += d;
            }
            for &(density, d) in &derivatives[index].densities {
                adjoints[density.index()] += d;
            }
            if index == 0 {
                for (precision, d) in self.model.precisions.iter().zip(&through.precisions) {
                    adjoints[precision.index()] += d;
                }
            }
            expressions.back_propagate(&self.values[index], &mut adjoints, gradient);
        }
        Ok(log_likelihood)
    }

    fn through_play(
        &mut self,
        found: &Equilibrium,
        logits: Vec<Vec<f64>>,
    ) -> Result<counterplay_equilibrium::markov::Gradient, NoValue> {
        let weights = Weights { logits, values: vec![0.0; found.values.len()] };
        let through = self.solver.gradient(&self.precisions, &found.values, &weights);
        through.ok_or(NoValue::ProcessNotSolved { reached: 1.0 })
    }
}
