//! Observed counts of actions, and their likelihood at a logit equilibrium.

use counterplay_game::tree::Game;
use counterplay_game::valuation::Valuation;
use counterplay_math::{exp, ln};

use super::path::Path;
use crate::logit::{Equilibrium, Settings, Solver, Status};

/// What was seen of one game.
#[derive(Clone, Debug)]
pub struct Observed<'a> {
    /// The game that was played.
    pub game: &'a Game,
    /// What is known of its parameters: these come after the parameters to be estimated.
    pub known: &'a [f64],
    /// How often each action was taken, in the order of the game's actions. Counts may be fractions and zero.
    pub counts: &'a [f64],
}

/// Why there is nothing to estimate from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// There is not one count for each action of a game.
    WrongLength {
        /// Which of the observed games.
        observed: usize,
        /// How many actions it has.
        actions: usize,
        /// How many counts were given.
        counts: usize,
    },
    /// A count is negative or not a number.
    BadCount {
        /// Which of the observed games.
        observed: usize,
        /// Which of its actions.
        action: usize,
    },
    /// All counts are zero, or no game was observed.
    Nothing,
    /// A precision for each player is to be estimated, but the games do not have the same number of players.
    DifferentPlayers,
    /// At none of the points tried could the equilibrium be found.
    Unsolved,
    /// The bounds or starting values do not fit the number of parameters, or each other.
    BadStart,
}

impl std::fmt::Display for Unusable {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::WrongLength { observed, actions, counts } => {
                write!(out, "observed game {}: {actions} actions but {counts} counts", observed + 1)
            }
            Self::BadCount { observed, action } => {
                write!(out, "observed game {}: the count of action {} is not one", observed + 1, action + 1)
            }
            Self::Nothing => write!(out, "no play was observed"),
            Self::DifferentPlayers => write!(out, "the observed games differ in their number of players"),
            Self::Unsolved => write!(out, "the equilibrium was not found anywhere"),
            Self::BadStart => write!(out, "starting values and bounds do not fit the parameters"),
        }
    }
}

impl std::error::Error for Unusable {}

/// The log likelihood at a point, and its gradient.
#[derive(Clone, Debug)]
pub(super) struct LikelihoodPoint {
    pub(super) log_likelihood: f64,
    /// By the estimated parameters.
    pub(super) by_parameters: Vec<f64>,
    /// By the precision of each player; players are identified by their position in their game.
    pub(super) by_precisions: Vec<f64>,
    /// Play in each observed game.
    pub(super) play: Vec<Vec<f64>>,
}

/// The likelihood of what was observed, as a function of parameters and precisions.
pub(super) struct Likelihood<'a> {
    observed: &'a [Observed<'a>],
    /// For each observed game, the solver of it: one for all observations of the same game.
    solver_of: Vec<usize>,
    solvers: Vec<Solver>,
    pub(super) players: usize,
    /// The sum of all counts.
    pub(super) total: f64,
}

impl<'a> Likelihood<'a> {
    pub(super) fn new(observed: &'a [Observed<'a>], settings: Settings) -> Result<Self, Unusable> {
        let mut total = 0.0;
        for (index, seen) in observed.iter().enumerate() {
            check(index, seen)?;
            total += seen.counts.iter().sum::<f64>();
        }
        if total <= 0.0 || !total.is_finite() {
            return Err(Unusable::Nothing);
        }
        let mut games: Vec<&Game> = Vec::new();
        let mut solver_of = Vec::with_capacity(observed.len());
        for seen in observed {
            let known = games.iter().position(|g| std::ptr::eq(*g, seen.game));
            solver_of.push(known.unwrap_or_else(|| {
                games.push(seen.game);
                games.len() - 1
            }));
        }
        let solvers = games.iter().map(|g| Solver::new(g, settings)).collect();
        let players = observed.iter().map(|s| s.game.players().len()).max().unwrap_or(0);
        Ok(Self { observed, solver_of, solvers, players, total })
    }

    /// Whether all games have the same number of players.
    pub(super) fn same_players(&self) -> bool {
        self.observed.iter().all(|s| s.game.players().len() == self.players)
    }

    /// The largest difference between two payoffs of one player, or one where there is none.
    pub(super) fn payoff_spread(&self, parameters: &[f64]) -> f64 {
        let mut spread = 0.0;
        for seen in self.observed {
            let players = seen.game.players().len();
            let values = seen.game.expressions().evaluate(&[parameters, seen.known].concat());
            let payoffs = seen.game.at(&values).payoffs;
            for player in 0..players {
                let own = || payoffs.iter().skip(player).step_by(players).copied();
                spread = f64::max(
                    spread,
                    own().fold(f64::NEG_INFINITY, f64::max) - own().fold(f64::INFINITY, f64::min),
                );
            }
        }
        if spread > 0.0 && spread.is_finite() { spread } else { 1.0 }
    }

    /// The log likelihood with its gradient; `None` where an equilibrium on the principal branch was not found.
    pub(super) fn at(&mut self, parameters: &[f64], precisions: &[f64]) -> Option<LikelihoodPoint> {
        self.sum(parameters, precisions, |solver, numbers, _, players| {
            let found = solver.solve(numbers, &precisions[..players]);
            (found.status == Status::Converged).then_some(found)
        })
    }

    /// The principal branch of each observed game, up to a precision.
    pub(super) fn paths(&mut self, parameters: &[f64], largest: f64) -> Option<Vec<Path>> {
        let mut paths = Vec::with_capacity(self.observed.len());
        for (seen, &solver) in self.observed.iter().zip(&self.solver_of) {
            let (_, numbers) = numbers_of(seen, parameters)?;
            let players = seen.game.players().len();
            paths.push(Path::follow(&mut self.solvers[solver], &numbers, players, largest));
        }
        Some(paths)
    }

    /// The log likelihood, with its gradient, at one precision on the paths found at these parameters.
    pub(super) fn on_paths(
        &mut self,
        paths: &[Path],
        parameters: &[f64],
        precision: f64,
    ) -> Option<LikelihoodPoint> {
        let precisions = vec![precision; self.players];
        self.sum(parameters, &precisions, |solver, numbers, index, players| {
            paths[index].at(solver, numbers, players, precision)
        })
    }

    /// The sum over the observed games, each with the equilibrium that `solve` finds; it is given the solver, the
    /// numbers, the index of the observed game and its number of players.
    fn sum(
        &mut self,
        parameters: &[f64],
        precisions: &[f64],
        solve: impl Fn(&mut Solver, &Valuation, usize, usize) -> Option<Equilibrium>,
    ) -> Option<LikelihoodPoint> {
        let mut point = LikelihoodPoint {
            log_likelihood: 0.0,
            by_parameters: vec![0.0; parameters.len()],
            by_precisions: vec![0.0; self.players],
            play: Vec::with_capacity(self.observed.len()),
        };
        for (index, seen) in self.observed.iter().enumerate() {
            let solver = &mut self.solvers[self.solver_of[index]];
            let (values, numbers) = numbers_of(seen, parameters)?;
            let found = solve(solver, &numbers, index, seen.game.players().len())?;
            add(seen, solver, parameters, precisions, &values, found, &mut point);
        }
        point.log_likelihood.is_finite().then_some(point)
    }

    /// The log likelihood if all play uniformly at random.
    pub(super) fn of_random_play(&self) -> f64 {
        self.sum_over_sets(|counts| -ln(counts.len() as f64) * counts.iter().sum::<f64>())
    }

    /// The largest log likelihood that any play could have: that of the observed frequencies.
    pub(super) fn of_frequencies(&self) -> f64 {
        self.sum_over_sets(|counts| {
            let total: f64 = counts.iter().sum();
            counts.iter().filter(|&&c| c > 0.0).map(|c| c * ln(c / total)).sum()
        })
    }

    fn sum_over_sets(&self, part: impl Fn(&[f64]) -> f64) -> f64 {
        let of_game =
            |s: &Observed| s.game.info_set_ids().map(|i| part(&s.counts[s.game.actions(i)])).sum::<f64>();
        self.observed.iter().map(of_game).sum()
    }
}

/// The values of a game's expressions and its numbers; `None` where one of these is not a number.
fn numbers_of(seen: &Observed, parameters: &[f64]) -> Option<(Vec<f64>, Valuation)> {
    let values = seen.game.expressions().evaluate(&[parameters, seen.known].concat());
    let numbers = seen.game.at(&values);
    let finite = numbers.payoffs.iter().chain(&numbers.chance).all(|x| x.is_finite());
    finite.then_some((values, numbers))
}

/// Adds to `point` what an observed game contributes, whose equilibrium the solver has just found.
fn add(
    seen: &Observed,
    solver: &mut Solver,
    parameters: &[f64],
    precisions: &[f64],
    values: &[f64],
    found: Equilibrium,
    point: &mut LikelihoodPoint,
) {
    let game = seen.game;
    let (log_likelihood, weights) = of_counts(game, &found.logits, &found.play, seen.counts);
    point.log_likelihood += log_likelihood;
    let gradient = solver.gradient(&precisions[..game.players().len()], &weights);
    for (sum, d) in point.by_precisions.iter_mut().zip(&gradient.precisions) {
        *sum += d;
    }
    if !parameters.is_empty() {
        let mut adjoints = vec![0.0; game.expressions().len()];
        game.scatter_adjoints(&gradient.numbers, &mut adjoints);
        let mut by_all = vec![0.0; parameters.len() + seen.known.len()];
        game.expressions().back_propagate(values, &mut adjoints, &mut by_all);
        for (sum, d) in point.by_parameters.iter_mut().zip(&by_all) {
            *sum += d;
        }
    }
    point.play.push(found.play);
}

fn check(index: usize, seen: &Observed) -> Result<(), Unusable> {
    let actions = seen.game.action_count();
    if seen.counts.len() != actions {
        return Err(Unusable::WrongLength { observed: index, actions, counts: seen.counts.len() });
    }
    match seen.counts.iter().position(|c| !c.is_finite() || *c < 0.0) {
        Some(action) => Err(Unusable::BadCount { observed: index, action }),
        None => Ok(()),
    }
}

/// $\sum_a c_a \ln \pi_a$ and its derivatives with respect to the logits, $c_a - \pi_a \sum_b c_b$.
///
/// From the logits, because an action that is hardly ever played has a logarithm where its probability is zero.
fn of_counts(game: &Game, logits: &[f64], play: &[f64], counts: &[f64]) -> (f64, Vec<f64>) {
    let mut sum = 0.0;
    let mut weights = vec![0.0; counts.len()];
    for set in game.info_set_ids() {
        let own = game.actions(set);
        let total: f64 = counts[own.clone()].iter().sum();
        let top = logits[own.clone()].iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let log_sum = top + ln(logits[own.clone()].iter().map(|z| exp(z - top)).sum::<f64>());
        for a in own {
            if counts[a] > 0.0 {
                sum += counts[a] * (logits[a] - log_sum);
            }
            weights[a] = counts[a] - play[a] * total;
        }
    }
    (sum, weights)
}
