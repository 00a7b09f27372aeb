//! A scenario's game at a point: from parameter values to play, and to the likelihood of the record.

use std::sync::Arc;

use counterplay_equilibrium::logit::search::{Findings, SearchSettings};
use counterplay_equilibrium::logit::{Equilibrium, Point, Settings, Solver, Status};
use counterplay_equilibrium::referee::certify::certify;
use counterplay_game::expression::{ExprId, Expressions};
use counterplay_game::tree::Game;
use counterplay_game::valuation::Valuation;

use crate::agreement::{Agreement, LogOdds, Weights};
use crate::bad_number::{BadNumber, first_bad};
use crate::change::{Change, Told};
use crate::problem::Problem;
use crate::scenario::{Record, Scenario};
use crate::story::{Ending, Limits, Retelling, Unfolded, unfold_anew};
use crate::watch::Watch;

/// A scenario unfolded, with or without changes to its story, and the histories that agree with its record.
#[derive(Clone, Debug)]
pub struct Model {
    unfolded: Arc<Unfolded>,
    expressions: Arc<Expressions>,
    precisions: Vec<ExprId>,
    agreement: Option<Arc<Agreement>>,
}

impl Model {
    /// Unfolds the scenario's story as it is, and finds the histories that agree with the record.
    ///
    /// # Errors
    /// What is wrong with the story or the record.
    pub fn new(scenario: &Scenario, limits: Limits, watch: &dyn Watch) -> Result<Self, Problem> {
        Self::changed(scenario, &[], limits, watch)?.agreeing(scenario)
    }

    /// Unfolds the scenario's story with changes made to it; the record is left out.
    ///
    /// # Errors
    /// What is wrong with the changed story.
    pub fn changed(
        scenario: &Scenario,
        changes: &[Change],
        limits: Limits,
        watch: &dyn Watch,
    ) -> Result<Self, Problem> {
        let changes = Told::to_all(changes);
        let how = Retelling { changes: &changes, ..Retelling::default() };
        Self::retold(scenario, how, limits, watch)
    }

    /// As [`changed`](Self::changed), with players who do not know of all changes.
    ///
    /// # Errors
    /// What is wrong with the changed story, or that such a player comes into a situation for which it has no rule.
    pub fn retold(
        scenario: &Scenario,
        how: Retelling<'_>,
        limits: Limits,
        watch: &dyn Watch,
    ) -> Result<Self, Problem> {
        if !scenario.stages.is_empty() {
            return Err(Problem::new(
                "the story goes on from stage to stage without an end, so that it has no tree",
            )
            .hint("`solve` shows how each state is played, and `run` how the process goes on"));
        }
        let story = scenario.story.as_ref();
        let unfolded = unfold_anew(story, &scenario.players, &scenario.expressions, how, limits, watch)?;
        let expressions = Arc::new(unfolded.game.expressions().clone());
        Ok(Self {
            unfolded: Arc::new(unfolded),
            expressions,
            precisions: scenario.precisions.clone(),
            agreement: None,
        })
    }

    /// The same with the histories that agree with the scenario's record.
    ///
    /// # Errors
    /// If no history agrees with it.
    pub fn agreeing(self, scenario: &Scenario) -> Result<Self, Problem> {
        self.agreeing_with(&scenario.record)
    }

    /// The same with the histories that agree with a record.
    ///
    /// # Errors
    /// If no history agrees with it.
    pub fn agreeing_with(mut self, record: &Record) -> Result<Self, Problem> {
        let expressions = Arc::make_mut(&mut self.expressions);
        self.agreement = Some(Agreement::new(&self.unfolded, expressions, record)?.into());
        Ok(self)
    }

    /// The game.
    pub fn game(&self) -> &Game {
        &self.unfolded.game
    }

    /// The endings that the game's ends are tagged with.
    pub fn endings(&self) -> &[Ending] {
        &self.unfolded.endings
    }

    /// The expressions of the game, of the record's densities, and of the precisions.
    pub fn expressions(&self) -> &Expressions {
        &self.expressions
    }

    /// The histories that agree with the record, where the model has them.
    pub fn agreement(&self) -> Option<&Agreement> {
        self.agreement.as_deref()
    }

    /// An evaluator of this model.
    pub fn evaluator(&self, settings: Settings) -> Evaluator {
        Evaluator {
            solver: Solver::new(self.game(), settings),
            model: self.clone(),
            values: Vec::new(),
            numbers: Valuation::default(),
            precisions: Vec::new(),
            weights: Weights::default(),
        }
    }
}

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

/// Evaluates a model at one point after the other. Each is solved by itself, from uniform play: what it gives is a function
/// of the parameters, and not of the points before.
#[derive(Clone, Debug)]
pub struct Evaluator {
    model: Model,
    solver: Solver,
    values: Vec<f64>,
    numbers: Valuation,
    precisions: Vec<f64>,
    weights: Weights,
}

/// Why a model has no value at a point.
#[derive(Clone, Debug, PartialEq)]
pub enum NoValue {
    /// A number of the game is not finite, or a probability is outside of \[0, 1\].
    BadNumber(BadNumber),
    /// The equilibrium was not reached.
    NotSolved(Status),
    /// Stationary play was not reached.
    ProcessNotSolved {
        /// How far along the branch it got, as a share of the precisions.
        reached: f64,
    },
}

impl std::fmt::Display for NoValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NoValue::BadNumber(which) => write!(f, "{which}"),
            NoValue::NotSolved(Status::Converged | Status::Jumped { .. }) => f.write_str("play was solved"),
            NoValue::NotSolved(Status::OutOfBudget { reached } | Status::Stuck { reached }) => {
                write!(f, "play was followed only to {:.1}% of the precision", 100.0 * reached)
            }
            NoValue::ProcessNotSolved { reached } => {
                write!(f, "stationary play was followed only to {:.1}% of the precision", 100.0 * reached)
            }
        }
    }
}

impl Evaluator {
    /// The model.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The values of all expressions at the last point.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The game's numbers at the last point.
    pub fn numbers(&self) -> &Valuation {
        &self.numbers
    }

    /// The precisions at the last point, player by player.
    pub fn precisions(&self) -> &[f64] {
        &self.precisions
    }

    /// The expected payoff of each player at each node under the last play, node by node.
    pub fn node_values(&self) -> Vec<f64> {
        self.solver.node_values(self.model.game())
    }

    /// Puts in parameter values.
    ///
    /// # Errors
    /// If a number of the game is not what it should be there.
    pub fn load(&mut self, parameters: &[f64]) -> Result<(), NoValue> {
        self.model.expressions.evaluate_into(parameters, &mut self.values);
        self.model.unfolded.game.at_into(&self.values, &mut self.numbers);
        self.precisions.clear();
        self.precisions.extend(self.model.precisions.iter().map(|p| self.values[p.index()]));
        match first_bad(&self.model.unfolded.game, &self.numbers, &self.precisions) {
            None => Ok(()),
            Some(bad) => Err(NoValue::BadNumber(bad)),
        }
    }

    /// The equilibrium at these parameter values, on the principal branch; its status says so, or where the branch was left.
    ///
    /// # Errors
    /// If a number is bad there, or no equilibrium was reached.
    pub fn solve(&mut self, parameters: &[f64]) -> Result<Equilibrium, NoValue> {
        self.load(parameters)?;
        reached(self.solver.solve(&self.numbers, &self.precisions))
    }

    /// The equilibria at several points, solved together: each is, bit for bit, what [`solve`](Self::solve) finds there.
    pub fn solve_all(&mut self, points: &[&[f64]]) -> Vec<Result<Equilibrium, NoValue>> {
        let numbers = |point: &&[f64]| {
            self.load(point)?;
            Ok((self.numbers.clone(), self.precisions.clone()))
        };
        let loaded: Vec<Result<(Valuation, Vec<f64>), NoValue>> = points.iter().map(numbers).collect();
        let good = loaded.iter().flatten().map(|(numbers, precisions)| Point { numbers, precisions });
        let mut found = self.solver.solve_all(&good.collect::<Vec<_>>()).into_iter();
        // There is one for each point that was loaded.
        loaded
            .iter()
            .filter_map(|l| {
                l.as_ref().map_or_else(|why| Some(Err(why.clone())), |_| found.next().map(reached))
            })
            .collect()
    }

    /// The log likelihoods of the record at several points, solved together; as [`log_likelihood`](Self::log_likelihood).
    ///
    /// # Panics
    /// If the model has no record.
    pub fn log_likelihoods(&mut self, points: &[&[f64]]) -> Vec<Result<f64, NoValue>> {
        let found = self.solve_all(points);
        let one = |(found, point): (Result<Equilibrium, NoValue>, &&[f64])| {
            let found = found?;
            self.load(point)?;
            Ok(self.log_likelihood_of(&found))
        };
        found.into_iter().zip(points).map(one).collect()
    }

    /// Equilibria beside one that was solved at the last point, certified; first looked for from the logits that others have
    /// `near` by.
    pub fn others(&mut self, known: &Equilibrium, near: &[Vec<f64>], settings: &SearchSettings) -> Findings {
        let known = vec![known.clone()];
        let mut found = self.solver.search_beside(&self.numbers, &self.precisions, known, near, settings);
        let (game, numbers, precisions) = (self.model.game(), &self.numbers, &self.precisions);
        let sound = |e: &Equilibrium| certify(game, numbers, precisions, &e.play).residual < 1e-6;
        let mut first = true;
        found.equilibria.retain(|e| std::mem::take(&mut first) || sound(e));
        found
    }

    /// The log likelihood of the record at these parameter values.
    ///
    /// # Errors
    /// As [`solve`](Self::solve).
    ///
    /// # Panics
    /// If the model has no record.
    pub fn log_likelihood(&mut self, parameters: &[f64]) -> Result<f64, NoValue> {
        let found = self.solve(parameters)?;
        Ok(self.log_likelihood_of(&found))
    }

    /// The log likelihood under play at the last point.
    fn log_likelihood_of(&self, found: &Equilibrium) -> f64 {
        let odds = LogOdds::new(&self.numbers, &found.play);
        self.agreement().weigh(self.model.game(), &odds, &self.values, &mut self.weights.clone())
    }

    fn agreement(&self) -> Arc<Agreement> {
        self.model.agreement.clone().expect("the model was made with its record")
    }

    /// The log likelihood of the record, and its gradient with respect to the parameters, added to `gradient`.
    ///
    /// # Errors
    /// As [`solve`](Self::solve).
    ///
    /// # Panics
    /// If the model has no record.
    pub fn log_likelihood_gradient(
        &mut self,
        parameters: &[f64],
        gradient: &mut [f64],
    ) -> Result<f64, NoValue> {
        let found = self.solve(parameters)?;
        let odds = LogOdds::new(&self.numbers, &found.play);
        let agreement = self.agreement();
        let mut weights = std::mem::take(&mut self.weights);
        let log_likelihood = agreement.weigh(self.model.game(), &odds, &self.values, &mut weights);
        let mut logits = vec![0.0; found.logits.len()];
        let mut numbers = Valuation {
            chance: vec![0.0; self.numbers.chance.len()],
            payoffs: vec![0.0; self.numbers.payoffs.len()],
        };
        let mut adjoints = vec![0.0; self.values.len()];
        agreement.derivatives(self.model.game(), &odds, &weights, &mut logits, &mut numbers, &mut adjoints);
        self.weights = weights;
        let through = self.solver.gradient(&self.precisions, &logits);
        self.model.game().scatter_adjoints(&numbers, &mut adjoints);
        self.model.game().scatter_adjoints(&through.numbers, &mut adjoints);
        for (precision, d) in self.model.precisions.iter().zip(&through.precisions) {
            adjoints[precision.index()] += d;
        }
        self.model.expressions.back_propagate(&self.values, &mut adjoints, gradient);
        Ok(log_likelihood)
    }
}

/// An equilibrium, on the principal branch or not.
fn reached(found: Equilibrium) -> Result<Equilibrium, NoValue> {
    match found.status {
        Status::Converged | Status::Jumped { .. } => Ok(found),
        Status::OutOfBudget { .. } | Status::Stuck { .. } => Err(NoValue::NotSolved(found.status)),
    }
}
