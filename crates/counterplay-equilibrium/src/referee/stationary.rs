//! The referee of stationary play: is this an equilibrium of the process?
//!
//! This file shares no code with the solver. It puts the claimed values of the states into the ends of each stage and
//! asks the [referee](crate::referee::certify) of single games about it: whether the stage has the claimed value, and what a
//! player could gain. By the principle of one-shot deviations (Blackwell 1965) what it can gain by any plan whatever is at
//! most the sum, over the stages that it can lead through, of what it gains by another plan within each, the claimed values
//! following.

use counterplay_game::id::InfoSetId;
use counterplay_game::recall::ImperfectRecall;
use counterplay_game::valuation::Valuation;

use super::best_response::gains;
use super::certify::{certify as certify_stage, examine};
use crate::markov::{Equilibrium, Numbers, Stage, StageNumbers, StochasticGame};

/// How far play in one state is from an equilibrium, with the claimed values following.
#[derive(Clone, Debug, PartialEq)]
pub struct AtState {
    /// The largest difference between a claimed value and the value of the stage, in payoff units.
    pub bellman: f64,
    /// The largest $|\ln(\pi_a / \pi_b) - \lambda (U_a - U_b)|$; see [`crate::referee::certify::Certificate::residual`].
    pub residual: f64,
    /// The most that a player could gain by one deviation, in payoff units, and where.
    pub regret: f64,
    /// The information set with that regret.
    pub regret_at: Option<InfoSetId>,
    /// The most that a player could gain by another plan for the stage, in payoff units.
    pub gain: f64,
}

/// How far stationary play is from an equilibrium.
#[derive(Clone, Debug, PartialEq)]
pub struct Certificate {
    /// State by state.
    pub states: Vec<AtState>,
    /// The largest Bellman residual.
    pub bellman: f64,
    /// The largest residual of the logit response.
    pub residual: f64,
    /// The largest regret, and the state where it is.
    pub regret: f64,
    /// The state with the largest regret.
    pub regret_at: usize,
    /// A bound on what a player could gain by any plan, from any state, in payoff units; infinite where the process could
    /// be kept going for ever without discounting.
    pub gain_bound: f64,
}

/// Examines `found` at the given numbers and precisions. For a limit give precisions of infinity, which leaves the
/// residual out.
///
/// # Errors
/// If a player has no perfect recall within a stage.
///
/// # Panics
/// If the parts do not fit together.
pub fn certify(
    process: &StochasticGame,
    numbers: &Numbers,
    precisions: &[f64],
    found: &Equilibrium,
) -> Result<Certificate, ImperfectRecall> {
    let mut states = Vec::with_capacity(process.stages().len());
    for (state, (stage, numbers)) in process.stages().iter().zip(&numbers.stages).enumerate() {
        let whole = with_what_follows(stage, numbers, &found.values, process.players());
        let claimed: Vec<f64> =
            found.values.iter().skip(state).step_by(process.stages().len()).copied().collect();
        states.push(at_state(stage, &whole, precisions, &found.play[state], &claimed)?);
    }
    let gain_bound = gain_bound(process, numbers, &states);
    let largest = |of: fn(&AtState) -> f64| states.iter().map(of).fold(0.0, worse);
    let (bellman, residual, regret) =
        (largest(|s| s.bellman), largest(|s| s.residual), largest(|s| s.regret));
    let regret_at = (0..states.len()).max_by(|&a, &b| states[a].regret.total_cmp(&states[b].regret));
    let regret_at = regret_at.unwrap_or(0);
    Ok(Certificate { states, bellman, residual, regret, regret_at, gain_bound })
}

/// The most sums of gains that are tried to reach a bound.
const MOST_SUMS: usize = 20_000;

/// A bound on what can be gained by any plan: in each state what can be gained there, and what can be wrong with its
/// value, and after the worst end what can be gained in what follows, $b(s) = \epsilon_s + 2\beta_s + \max_e \sum_{s'}
/// w(e, s')\\, b(s')$.
fn gain_bound(process: &StochasticGame, numbers: &Numbers, states: &[AtState]) -> f64 {
    let own: Vec<f64> = states.iter().map(|s| s.gain + 2.0 * s.bellman).collect();
    let mut bounds = own.clone();
    for _ in 0..MOST_SUMS {
        let follow = |(stage, numbers): (&Stage, &StageNumbers)| {
            let mut at_end = vec![0.0; stage.game.end_count()];
            for (link, weight) in stage.links.iter().zip(&numbers.weights) {
                at_end[link.end.index()] += weight * bounds[link.state];
            }
            at_end.into_iter().fold(0.0, worse)
        };
        let next = process.stages().iter().zip(&numbers.stages).map(follow).zip(&own).map(|(f, o)| f + o);
        let next: Vec<f64> = next.collect();
        let grown = next.iter().zip(&bounds).map(|(n, b)| n - b).fold(0.0, worse);
        bounds = next;
        let top = bounds.iter().copied().fold(0.0, worse);
        if grown <= 1e-9 * top {
            return top;
        }
    }
    f64::INFINITY
}

fn at_state(
    stage: &Stage,
    whole: &Valuation,
    precisions: &[f64],
    play: &[f64],
    claimed: &[f64],
) -> Result<AtState, ImperfectRecall> {
    let values = &examine(&stage.game, whole, play).values[0];
    let bellman = values.iter().zip(claimed).map(|(w, v)| (w - v).abs()).fold(0.0, worse);
    let own = certify_stage(&stage.game, whole, precisions, play);
    let best = gains(&stage.game, whole, play)?;
    let gain = best.best_responses.iter().zip(&best.payoffs).map(|(b, u)| b - u).fold(0.0, worse);
    let residual = if precisions.iter().all(|l| l.is_finite()) { own.residual } else { 0.0 };
    Ok(AtState { bellman, residual, regret: own.regret, regret_at: own.regret_at, gain })
}

/// A stage's numbers where each end pays what follows it as well.
fn with_what_follows(stage: &Stage, numbers: &StageNumbers, values: &[f64], players: usize) -> Valuation {
    let mut whole = numbers.valuation.clone();
    let count = values.len() / players;
    for (link, weight) in stage.links.iter().zip(&numbers.weights) {
        for player in 0..players {
            whole.payoffs[link.end.index() * players + player] +=
                weight * values[player * count + link.state];
        }
    }
    whole
}

/// The larger of the two; not-a-number counts as the worst.
fn worse(a: f64, b: f64) -> f64 {
    if b.is_nan() || b > a { b } else { a }
}
