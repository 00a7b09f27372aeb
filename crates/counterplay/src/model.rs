//! A scenario's game at a point: from parameter values to play, and to the likelihood of the record.

pub mod bad_number;
pub(crate) mod centre;
pub mod consistent;
pub(crate) mod demands;
pub mod odds;
pub mod play;
pub mod points;
pub(crate) mod recorded;
pub mod solved;

use std::sync::Arc;

use counterplay_equilibrium::logit::search::SearchSettings;
use counterplay_equilibrium::markov::{Numbers, StageNumbers, StochasticGame};
use counterplay_equilibrium::referee::stationary;
use counterplay_game::expression::{ExprId, Expressions};
use counterplay_game::tree::Game;
use counterplay_game::valuation::Valuation;
use counterplay_inference::sampler::NoDensity;

use crate::error::Error;
use crate::model::bad_number::{BadNumber, first_bad, is_probability};
use crate::model::consistent::{ConsistentHistories, Weights};
use crate::model::odds::LogOdds;
use crate::model::play::{Certificate, OtherPlays, Play, Settings, Solver};
use crate::model::solved::SolvedPoint;
use crate::problem::Problem;
use crate::scenario::unfold::unfold;
use crate::scenario::{Record, Scenario};
use crate::story::change::{Change, ToldChange};
use crate::story::limits::Limits;
use crate::story::telling::Retelling;
use crate::story::unfolded::{Ending, State, Unfolded};
use crate::watch::Watch;

/// What the referee finds to be further from logit play than this, in logits, is no equilibrium.
const LARGEST_RESIDUAL: f64 = 1e-6;

/// A scenario unfolded, with or without changes to its story, and the histories that are consistent with its record.
#[derive(Clone, Debug)]
pub struct Model {
    unfolded: Arc<Unfolded>,
    /// The stochastic game of a story with stages.
    stochastic: Option<Arc<StochasticGame>>,
    precisions: Vec<ExprId>,
    horizon: usize,
    /// The names of the parameters.
    parameters: Arc<[String]>,
    consistent: Option<Arc<ConsistentHistories>>,
}

impl Model {
    /// Unfolds the scenario's story as it is, and finds the histories that are consistent with the record.
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
        let changes = ToldChange::to_all(changes);
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
        let unfolded = unfold(scenario, how, limits, watch)?;
        Ok(Self {
            stochastic: unfolded.has_stages().then(|| unfolded.stochastic_game().into()),
            unfolded: Arc::new(unfolded),
            precisions: scenario.precisions.clone(),
            horizon: scenario.horizon,
            parameters: scenario.parameters.iter().map(|p| p.name.clone()).collect(),
            consistent: None,
        })
    }

    /// The same, for what needs the tree of a story that ends.
    ///
    /// # Errors
    /// If the story goes on from stage to stage.
    pub fn tree(self) -> Result<Self, Problem> {
        if self.unfolded.has_stages() {
            return Err(Problem::new(
                "the story goes on from stage to stage without an end, so that it has no tree",
            )
            .hint("`solve` shows how each state is played, and `run` how the process goes on"));
        }
        Ok(self)
    }

    /// The same with the histories that are consistent with the scenario's record.
    ///
    /// # Errors
    /// If there is none.
    pub fn agreeing(self, scenario: &Scenario) -> Result<Self, Problem> {
        self.agreeing_with(&scenario.record)
    }

    /// The same with the histories that are consistent with a record.
    ///
    /// # Errors
    /// If there is none.
    pub fn agreeing_with(self, record: &Record) -> Result<Self, Problem> {
        let consistent = ConsistentHistories::new(&self.unfolded, record, self.horizon)?;
        Ok(self.consistent_with(consistent))
    }

    /// The same with these histories as those that are consistent with what is known.
    pub(crate) fn consistent_with(self, consistent: ConsistentHistories) -> Self {
        Self { consistent: Some(consistent.into()), ..self }
    }

    /// The story unfolded.
    pub fn unfolded(&self) -> &Unfolded {
        &self.unfolded
    }

    /// The game of the beginning: of a story that ends, all of it.
    pub fn game(&self) -> &Game {
        self.unfolded.game()
    }

    /// The endings that the ends of [`game`](Self::game) are tagged with.
    pub fn endings(&self) -> &[Ending] {
        self.unfolded.endings()
    }

    /// The stochastic game of a story with stages.
    pub fn stochastic_game(&self) -> Option<&StochasticGame> {
        self.stochastic.as_deref()
    }

    /// The expressions of the game of a state, and of the densities of what is recorded there.
    pub fn expressions(&self, state: usize) -> &Expressions {
        match &self.consistent {
            Some(consistent) => consistent.expressions(&self.unfolded, state),
            None => self.unfolded.states[state].game.expressions(),
        }
    }

    /// The histories that are consistent with the record, where the model has them.
    pub fn consistent(&self) -> Option<&ConsistentHistories> {
        self.consistent.as_deref()
    }

    /// Play at one value for each parameter, in the order of their declarations: the equilibrium on the principal branch.
    ///
    /// # Errors
    /// If these are not as many numbers as there are parameters, if a number of the game is bad there, or if no equilibrium was reached
    /// (see [`Error::is_unsolved`]).
    ///
    /// ```
    /// use counterplay::Scenario;
    /// use counterplay::builder::point;
    /// let mut s = Scenario::builder("Take it or leave it", ["Ann", "Bo"]);
    /// s.precision("precision", point(3.0));
    /// s.story(|g| {
    ///     let offer = g.choose("Ann", "offer", ["fair", "mean"])?;
    ///     let share = if offer == "fair" { 0.5 } else { 0.1 };
    ///     match g.choose("Bo", "answer", ["take", "leave"])? {
    ///         "take" => g.end([("Ann", 1.0 - share), ("Bo", share)], [("deal", "yes")]),
    ///         _ => g.end([("Bo", 0.0)], [("deal", "no")]),
    ///     }
    /// });
    /// let solved = s.build()?.model()?.solve(&[3.0])?;
    /// assert!(solved.certify().unwrap().residual < 1e-9);
    /// // Bo takes a mean offer with odds of exp(3 * 0.1).
    /// let mean = &solved.points(0).into_iter().find(|p| p.knows == [("offer".into(), "mean".into())]).unwrap();
    /// assert!((mean.actions[0].1 - 1.0 / (1.0 + f64::exp(-0.3))).abs() < 1e-9);
    /// # Ok::<(), counterplay::Error>(())
    /// ```
    pub fn solve(&self, point: &[f64]) -> Result<SolvedPoint, Error> {
        SolvedPoint::new(self, point)
    }

    /// An evaluator of this model.
    pub fn evaluator(&self, settings: Settings) -> Evaluator {
        let states = self.unfolded.states.len();
        Evaluator {
            solver: Solver::new(&self.unfolded, self.stochastic.as_deref(), settings),
            model: self.clone(),
            values: vec![Vec::new(); states],
            numbers: Numbers { stages: vec![StageNumbers::default(); states] },
            precisions: Vec::new(),
            weights: Weights::default(),
        }
    }
}

/// Evaluates a model at one point after the other. Each is solved by itself, from uniform play: what it gives is a function
/// of the parameters, and not of the points before.
#[derive(Clone, Debug)]
pub struct Evaluator {
    model: Model,
    solver: Solver,
    /// For each state, the values of its expressions.
    values: Vec<Vec<f64>>,
    numbers: Numbers,
    precisions: Vec<f64>,
    weights: Weights,
}

/// Why a model has no value at a point.
#[derive(Clone, Debug, PartialEq)]
pub enum NoValue {
    /// A number of the game is not finite, or a probability is outside of \[0, 1\].
    BadNumber(BadNumber),
    /// The equilibrium was not reached.
    NotSolved {
        /// How far along the branch it got, as a share of the precisions.
        reached: f64,
    },
}

impl std::fmt::Display for NoValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NoValue::BadNumber(which) => write!(f, "{which}"),
            NoValue::NotSolved { reached } => {
                write!(f, "play was followed only to {:.1}% of the precision", 100.0 * reached)
            }
        }
    }
}

impl NoValue {
    /// It as an error; `what` names the point.
    pub(crate) fn error(&self, what: &str) -> Error {
        let message = format!("{what}: {self}");
        match self {
            NoValue::BadNumber(_) => Error::nothing(message),
            NoValue::NotSolved { .. } => Error::unsolved(message),
        }
    }
}

impl From<NoValue> for NoDensity {
    fn from(why: NoValue) -> Self {
        match why {
            NoValue::BadNumber(which) => Self::BadNumber(which.to_string()),
            NoValue::NotSolved { .. } => Self::Unsolved,
        }
    }
}

fn solved(found: Result<Play, f64>) -> Result<Play, NoValue> {
    found.map_err(|reached| NoValue::NotSolved { reached })
}

impl Evaluator {
    /// The model.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The values of the expressions of the first state at the last point; those that the scenario declares come first.
    pub fn values(&self) -> &[f64] {
        &self.values[0]
    }

    /// For each state, the values of its [expressions](Model::expressions) at the last point.
    pub fn all_values(&self) -> &[Vec<f64>] {
        &self.values
    }

    /// The numbers of the game of the first state at the last point.
    pub fn numbers(&self) -> &Valuation {
        &self.numbers.stages[0].valuation
    }

    /// The precisions at the last point, player by player.
    pub fn precisions(&self) -> &[f64] {
        &self.precisions
    }

    /// The expected payoff of each player at each node under the last play, node by node; none of a story with stages.
    pub fn node_values(&self) -> Vec<f64> {
        self.solver.node_values(self.model.game())
    }

    /// Puts in parameter values.
    ///
    /// # Errors
    /// If a number of the game is not what it should be there.
    pub fn load(&mut self, parameters: &[f64]) -> Result<(), NoValue> {
        let model = &self.model;
        for (index, state) in model.unfolded.states.iter().enumerate() {
            let (values, numbers) = (&mut self.values[index], &mut self.numbers.stages[index]);
            model.expressions(index).evaluate_into(parameters, values);
            state.game.at_into(values, &mut numbers.valuation);
            numbers.weights.clear();
            numbers
                .weights
                .extend(state.onward.iter().flatten().map(|(_, discount)| values[discount.index()]));
        }
        self.precisions.clear();
        self.precisions.extend(model.precisions.iter().map(|p| self.values[0][p.index()]));
        let bad = |(state, stage): (&State, &StageNumbers)| {
            let discount = stage.weights.iter().any(|&w| !is_probability(w)).then_some(BadNumber::Discount);
            first_bad(&state.game, &stage.valuation, &self.precisions).or(discount)
        };
        match model.unfolded.states.iter().zip(&self.numbers.stages).find_map(bad) {
            None => Ok(()),
            Some(bad) => Err(NoValue::BadNumber(bad)),
        }
    }

    /// The equilibrium at these parameter values, on the principal branch; it says so, or that the branch was left.
    ///
    /// # Errors
    /// If a number is bad there, or no equilibrium was reached.
    pub fn solve(&mut self, parameters: &[f64]) -> Result<Play, NoValue> {
        self.load(parameters)?;
        solved(self.solver.solve(&self.numbers, &self.precisions))
    }

    /// The equilibria at several points, solved together: each is, bit for bit, what [`solve`](Self::solve) finds there.
    pub fn solve_all(&mut self, points: &[&[f64]]) -> Vec<Result<Play, NoValue>> {
        let numbers = |point: &&[f64]| {
            self.load(point)?;
            Ok((self.numbers.clone(), self.precisions.clone()))
        };
        let loaded: Vec<Result<(Numbers, Vec<f64>), NoValue>> = points.iter().map(numbers).collect();
        let good = loaded.iter().flatten().map(|(numbers, precisions)| (numbers, precisions.as_slice()));
        let mut found = self.solver.solve_all(&good.collect::<Vec<_>>()).into_iter();
        // There is one for each point that was loaded.
        loaded
            .iter()
            .filter_map(|l| {
                l.as_ref().map_or_else(|why| Some(Err(why.clone())), |_| found.next().map(solved))
            })
            .collect()
    }

    /// The log probabilities of all branches of all states at the last point, under this play.
    pub fn odds(&self, play: &Play) -> Vec<LogOdds> {
        let stages = self.numbers.stages.iter().enumerate();
        stages.map(|(state, own)| LogOdds::new(&own.valuation, play.of_state(state))).collect()
    }

    /// What the referee says of play at the last point; `None` where a player forgets within a stage what it knew.
    pub fn certify(&self, play: &Play) -> Option<Certificate> {
        let stochastic = self.model.stochastic.as_deref();
        play::certified(&self.model.unfolded, stochastic, &self.numbers, &self.precisions, play)
    }

    /// What the referee says of stationary play at the last point, state by state; `None` of a story that ends, or where a player
    /// forgets within a stage what it knew.
    pub fn certify_stages(&self, play: &Play) -> Option<stationary::Certificate> {
        let game = self.model.stochastic.as_deref()?;
        stationary::certify(game, &self.numbers, &self.precisions, play.stationary()?).ok()
    }

    /// Equilibria beside the one that was solved at the last point, each certified by the referee; first looked for from those that were
    /// found `nearby`.
    pub fn others(&mut self, known: &Play, nearby: &[Play], settings: &SearchSettings) -> OtherPlays {
        let mut found = self.solver.others(&self.numbers, &self.precisions, known, nearby, settings);
        found.plays.retain(|play| self.certify(play).is_some_and(|c| c.residual < LARGEST_RESIDUAL));
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

    /// The log likelihoods of the record at several points, solved together; as [`log_likelihood`](Self::log_likelihood).
    ///
    /// # Panics
    /// If the model has no record.
    pub fn log_likelihoods(&mut self, points: &[&[f64]]) -> Vec<Result<f64, NoValue>> {
        let found = self.solve_all(points);
        let one = |(found, point): (Result<Play, NoValue>, &&[f64])| {
            let found = found?;
            self.load(point)?;
            Ok(self.log_likelihood_of(&found))
        };
        found.into_iter().zip(points).map(one).collect()
    }

    /// The log likelihood under play at the last point.
    fn log_likelihood_of(&mut self, found: &Play) -> f64 {
        let odds = self.odds(found);
        let consistent = self.consistent();
        consistent.weigh(&self.model.unfolded, &odds, &self.values, &mut self.weights)
    }

    fn consistent(&self) -> Arc<ConsistentHistories> {
        self.model.consistent.clone().expect("the model was made with its record")
    }

    /// The log likelihood of the record, and its gradient with respect to the parameters, added to `gradient`: through play by the
    /// implicit function theorem, with one adjoint system. Where the record is impossible there is no gradient.
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
        self.gradient_of(&found, gradient)
    }

    /// The same under play at the last point.
    fn gradient_of(&mut self, found: &Play, gradient: &mut [f64]) -> Result<f64, NoValue> {
        let odds = self.odds(found);
        let consistent = self.consistent();
        let mut weights = std::mem::take(&mut self.weights);
        let log_likelihood = consistent.weigh(&self.model.unfolded, &odds, &self.values, &mut weights);
        if !log_likelihood.is_finite() {
            self.weights = weights;
            return Ok(log_likelihood);
        }
        let direct = consistent.derivatives(&self.model.unfolded, &odds, &weights);
        self.weights = weights;
        let logits = direct.iter().map(|d| d.logits.clone()).collect();
        let through = self.solver.gradient(&self.precisions, found, logits);
        let through = through.ok_or(NoValue::NotSolved { reached: 1.0 })?;
        for (index, (state, direct)) in self.model.unfolded.states.iter().zip(direct).enumerate() {
            let (values, own) = (&self.values[index], &through.numbers.stages[index]);
            let mut adjoints = vec![0.0; values.len()];
            for (density, d) in direct.densities {
                adjoints[density.index()] += d;
            }
            let payoffs = vec![0.0; own.valuation.payoffs.len()];
            state.game.scatter_adjoints(&Valuation { chance: direct.chance, payoffs }, &mut adjoints);
            state.game.scatter_adjoints(&own.valuation, &mut adjoints);
            for ((_, discount), d) in state.onward.iter().flatten().zip(&own.weights) {
                adjoints[discount.index()] += d;
            }
            if index == 0 {
                for (precision, d) in self.model.precisions.iter().zip(&through.precisions) {
                    adjoints[precision.index()] += d;
                }
            }
            self.model.expressions(index).back_propagate(values, &mut adjoints, gradient);
        }
        Ok(log_likelihood)
    }
}
