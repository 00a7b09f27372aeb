//! The referee of stationary play: is this an equilibrium of the process?
//!
//! This file shares no code with the solver. It puts the claimed values of the states into the ends of each stage and
//! asks the [referee](crate::certify) of single games about it: whether the stage is worth what is claimed, and what a
//! player could gain. By the principle of one-shot deviations (Blackwell 1965) a player who gains at most $\epsilon$ by
//! another plan within any one stage, the claimed values following, and with a Bellman residual of at most $\beta$, gains
//! at most $(\epsilon + 2\beta) / (1 - \delta)$ by any plan whatever.

use counterplay_game::id::InfoSetId;
use counterplay_game::recall::ImperfectRecall;
use counterplay_game::valuation::Valuation;

use super::{Equilibrium, Numbers, Stage, StageNumbers, StochasticGame};
use crate::best_response::gains;
use crate::certify::{certify as certify_stage, examine};

/// How far play in one state is from an equilibrium, with the claimed values following.
#[derive(Clone, Debug, PartialEq)]
pub struct AtState {
    /// The largest difference between a claimed value and what the stage is worth, in payoff units.
    pub bellman: f64,
    /// The largest $|\ln(\pi_a / \pi_b) - \lambda (U_a - U_b)|$; see [`crate::certify::Certificate::residual`].
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
    /// The largest sum of the weights of the links of one end, $\delta$.
    pub patience: f64,
    /// The most that a player could gain by any plan, in payoff units: $(\epsilon + 2\beta) / (1 - \delta)$; infinite
    /// without discounting.
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
    let mut patience: f64 = 0.0;
    for (state, (stage, numbers)) in process.stages().iter().zip(&numbers.stages).enumerate() {
        let whole = with_what_follows(stage, numbers, &found.values, process.players());
        let claimed: Vec<f64> =
            found.values.iter().skip(state).step_by(process.stages().len()).copied().collect();
        states.push(at_state(stage, &whole, precisions, &found.play[state], &claimed)?);
        for chunk in
            stage.links.iter().zip(&numbers.weights).collect::<Vec<_>>().chunk_by(|a, b| a.0.end == b.0.end)
        {
            patience = patience.max(chunk.iter().map(|(_, w)| **w).sum());
        }
    }
    let largest = |of: fn(&AtState) -> f64| states.iter().map(of).fold(0.0, worse);
    let (bellman, residual, regret) =
        (largest(|s| s.bellman), largest(|s| s.residual), largest(|s| s.regret));
    let gain = largest(|s| s.gain);
    let regret_at = (0..states.len()).max_by(|&a, &b| states[a].regret.total_cmp(&states[b].regret));
    let gain_bound = if patience < 1.0 { (gain + 2.0 * bellman) / (1.0 - patience) } else { f64::INFINITY };
    let regret_at = regret_at.unwrap_or(0);
    Ok(Certificate { states, bellman, residual, regret, regret_at, patience, gain_bound })
}

fn at_state(
    stage: &Stage,
    whole: &Valuation,
    precisions: &[f64],
    play: &[f64],
    claimed: &[f64],
) -> Result<AtState, ImperfectRecall> {
    let worth = &examine(&stage.game, whole, play).values[0];
    let bellman = worth.iter().zip(claimed).map(|(w, v)| (w - v).abs()).fold(0.0, worse);
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
