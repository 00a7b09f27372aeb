//! The principal branch as a whole: from uniform play towards its limit.
//!
//! As the precision grows without bound the branch leads to a sequential equilibrium (McKelvey and Palfrey 1998;
//! Turocy 2010). The trace ends where no player can gain more than a small part of the range of payoffs at any information
//! set, under beliefs that are those of the trembles, and play is settled: at no information set do the odds of two actions
//! that are both played still grow in proportion to the precision. The second matters where one payoff is far out, since then
//! the differences between all others are a small part of the range.
//!
//! Where the orientation of the branch changes (see the steps along it), another branch crosses. This happens in games with
//! symmetries, and there the branch is followed straight on, so that what is symmetric stays so; the trace says where. Where
//! the branch cannot be followed, the trace leaps to an equilibrium at a higher precision, and says where it left the branch.
//!
//! ```
//! use counterplay_equilibrium::logit::trace::{TraceEnd, TraceSettings};
//! use counterplay_equilibrium::logit::{Settings, Solver};
//! use counterplay_game::gambit::read_nfg;
//! // Matching pennies in which one match pays double: in the only equilibrium both take heads two times in five.
//! let text = r#"NFG 1 R "Pennies" { "Even" "Odd" } { { "h" "t" } { "h" "t" } } 2 -2 -1 1 -1 1 1 -1"#;
//! let game = read_nfg(text).expect("a game file").game();
//! let numbers = game.at(&game.expressions().evaluate(&[]));
//! let mut solver = Solver::new(&game, Settings::default());
//! let trace = solver.trace(&numbers, &[1.0, 1.0], &TraceSettings::default(), &mut |_| false);
//! assert_eq!(trace.end, TraceEnd::Limit);
//! assert!((trace.last.play[0] - 0.4).abs() < 1e-4 && (trace.last.play[2] - 0.4).abs() < 1e-4);
//! ```

use counterplay_game::valuation::Valuation;

use super::branch::{FollowResult, Follower};
use super::corrector::{Corrector, Effort, payoff_range};
use super::equilibrium::Status;
use super::layout::InfoSet;
use super::path::{Direction, PathOptions, PathPoint, scaled};
use super::predictor::PredictorState;
use super::sweep::softmax;

/// How far to follow the branch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TraceSettings {
    /// The regret at which the limit counts as reached, as a share of the range of payoffs.
    pub regret: f64,
    /// The precision to end at, at the latest.
    pub max_precision: f64,
    /// The largest growth of the precision from one point to the next, as a share of it: small for a smooth picture.
    pub max_growth: f64,
}

impl Default for TraceSettings {
    fn default() -> Self {
        Self { regret: 9.5e-7, max_precision: f64::INFINITY, max_growth: f64::INFINITY }
    }
}

/// A point of the branch.
#[derive(Clone, Debug, PartialEq)]
pub struct BranchPoint {
    /// The precision: each player's is this times the one given.
    pub precision: f64,
    /// For each action, its precision times its expected payoff, centred in its information set.
    pub logits: Vec<f64>,
    /// For each action, its probability where its information set is reached.
    pub play: Vec<f64>,
    /// The largest gain of a player from the best action at an information set, in payoff units, as the solver
    /// computes it.
    pub regret: f64,
}

/// Where a trace ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TraceEnd {
    /// The regret is as small as the settings demand.
    Limit,
    /// The highest precision of the settings was reached.
    MaxPrecision,
    /// The branch led down to a precision of nearly zero, where play is uniform: it is the principal one.
    Uniform,
    /// The budget of sweeps was spent.
    OutOfBudget,
    /// The branch could not be followed further.
    Stuck,
    /// The caller, who is shown the points, ended it.
    Stopped,
}

/// A trace: where it ended, and its last point.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// Why it ended.
    pub end: TraceEnd,
    /// The last point.
    pub last: BranchPoint,
    /// The precisions at which the branch could not be followed further and was left: each time the trace went on from
    /// the nearest equilibrium that it found at a higher precision. Empty where it stayed on the branch.
    pub leaps: Vec<f64>,
    /// The precisions at which other branches cross, in the order in which the branch meets them: it is followed straight on,
    /// and other equilibria exist beyond.
    pub crossings: Vec<f64>,
    /// Sweeps spent.
    pub sweeps: usize,
}

/// Traces a branch of one game from a point.
pub(super) struct Tracer<'a> {
    follower: Follower<'a>,
    settings: &'a TraceSettings,
    direction: Direction,
    /// The largest prediction error of a step.
    max_prediction_error: f64,
    /// The precision at a share of one: that at which the range of payoffs makes a difference of one.
    unit: f64,
    /// The precisions at a share of one.
    full: Vec<f64>,
    /// The largest difference between two payoffs of a player.
    range: f64,
}

impl<'a> Tracer<'a> {
    /// A tracer at these numbers.
    pub(super) fn new(
        corrector: &'a mut Corrector,
        numbers: &Valuation,
        precisions: &[f64],
        settings: &'a TraceSettings,
        direction: Direction,
    ) -> Self {
        corrector.response.forget();
        corrector.begin(numbers);
        let players = precisions.len();
        let range = (0..players).map(|p| payoff_range(numbers, players, p)).fold(0.0, f64::max);
        let unit = if range > 0.0 { 1.0 / range } else { 1.0 };
        let full: Vec<f64> = precisions.iter().map(|l| l * unit).collect();
        corrector.set_least_share(numbers, &full);
        let max_prediction_error = corrector.response.settings().max_prediction_error;
        let follower = Follower::new(corrector);
        Self { follower, settings, direction, max_prediction_error, unit, full, range }
    }

    /// The regret at which the limit is reached.
    fn least_regret(&self) -> f64 {
        self.settings.regret * self.range
    }

    /// Traces from a precision and the logits of an equilibrium there.
    pub(super) fn trace(
        mut self,
        precision: f64,
        logits: &[f64],
        visit: &mut dyn FnMut(&BranchPoint) -> bool,
    ) -> Trace {
        let mut at = PathPoint { logits: logits.to_vec(), share: precision / self.unit };
        let upwards = self.direction == Direction::Up;
        let mut end = None;
        let start = self.branch_point(&at);
        // Without a difference between payoffs nothing is left to follow.
        if upwards && (self.range == 0.0 || logits.is_empty()) && start.regret <= self.least_regret() {
            end = Some(TraceEnd::Limit);
        }
        if visit(&start) {
            end = Some(TraceEnd::Stopped);
        }
        let (mut leaps, mut crossings) = (Vec::new(), Vec::new());
        while end.is_none() {
            let followed = self.follow(&mut at, &mut end, visit);
            crossings.extend(followed.crossings.iter().map(|share| share * self.unit));
            if end.is_some() {
                break;
            }
            let from = at.share * self.unit;
            // Downwards there is no limit to leap towards.
            if matches!(followed.status, Status::Stuck { .. })
                && upwards
                && leaps.len() < MAX_LEAPS
                && self.leap(&mut at)
            {
                leaps.push(from);
                let point = self.branch_point(&at);
                if point.regret <= self.least_regret() {
                    end = Some(TraceEnd::Limit);
                }
                if visit(&point) {
                    end = Some(TraceEnd::Stopped);
                }
                continue;
            }
            end = Some(match followed.status {
                Status::OutOfBudget { .. } => TraceEnd::OutOfBudget,
                Status::Stuck { .. } => TraceEnd::Stuck,
                Status::Converged | Status::Jumped { .. } => TraceEnd::MaxPrecision,
            });
        }
        let end = end.unwrap_or(TraceEnd::Stuck);
        let last = self.branch_point(&at);
        Trace { end, last, leaps, crossings, sweeps: self.follower.corrector().response.sweeps }
    }

    fn branch_point(&mut self, point: &PathPoint) -> BranchPoint {
        branch_point(self.follower.corrector(), &self.full, self.unit, point)
    }

    /// Follows the branch until it ends, or the trace does.
    fn follow(
        &mut self,
        at: &mut PathPoint,
        end: &mut Option<TraceEnd>,
        visit: &mut dyn FnMut(&BranchPoint) -> bool,
    ) -> FollowResult {
        let least_regret = self.least_regret();
        let Self { follower, settings, direction, max_prediction_error, unit, full, .. } = self;
        let (upwards, unit) = (*direction == Direction::Up, *unit);
        let options = PathOptions {
            precisions: full,
            until: settings.max_precision / unit,
            max_growth: settings.max_growth,
            max_prediction_error: *max_prediction_error,
        };
        follower.follow(&options, at, *direction, &mut |corrector, state| {
            let point = branch_point(corrector, full, unit, &state.point);
            // Downwards a branch leads away from its limit.
            let towards_limit = upwards || state.rises();
            if towards_limit && point.regret <= least_regret && settled(corrector, state, &point.play) {
                *end = Some(TraceEnd::Limit);
            }
            if !upwards && !state.rises() && state.point.share < UNIFORM {
                *end = Some(TraceEnd::Uniform);
            }
            if visit(&point) {
                *end = Some(TraceEnd::Stopped);
            }
            // Where nobody plays a pure strategy for sure, regret falls as one over the precision.
            let expected = if least_regret > 0.0 {
                state.point.share * point.regret / least_regret
            } else {
                f64::INFINITY
            };
            end.is_none().then_some(BEYOND * expected)
        })
    }

    /// Continues at an equilibrium at a higher precision where the branch cannot be followed: at the highest of several
    /// precisions at which one is reached from the logits here, grown in proportion.
    fn leap(&mut self, at: &mut PathPoint) -> bool {
        let until = self.settings.max_precision / self.unit;
        let corrector = self.follower.corrector();
        for growth in LEAPS {
            let share = f64::min(until, at.share * (1.0 + growth));
            let scaled = scaled(&self.full, share);
            let start = grown(&corrector.layout().sets, &at.logits, share / at.share);
            let mut logits = start.clone();
            let mut found = corrector.newton(&scaled, &mut logits, BETWEEN, Effort::FULL);
            if !found {
                corrector.response.forget();
                logits = start;
                found = corrector.response.iterate(&scaled, &mut logits, BETWEEN, 5 * LEAP_CORRECTIONS);
            }
            if found && share > at.share {
                *at = PathPoint { logits, share };
                return true;
            }
        }
        false
    }
}

/// Logits in which actions that are played keep their odds, and the others become rarer in proportion.
fn grown(sets: &[InfoSet], logits: &[f64], growth: f64) -> Vec<f64> {
    let mut grown = logits.to_vec();
    for set in sets {
        let own = &mut grown[set.actions()];
        let top = own.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        for z in own.iter_mut() {
            let gap = top - *z;
            *z = if gap > PLAYED { -gap * growth } else { -gap };
        }
        let mean = own.iter().sum::<f64>() / set.count as f64;
        for z in own.iter_mut() {
            *z -= mean;
        }
    }
    grown
}

/// The equilibrium at a point, with its regret.
fn branch_point(corrector: &mut Corrector, full: &[f64], unit: f64, point: &PathPoint) -> BranchPoint {
    corrector.response.respond(&scaled(full, point.share), &point.logits);
    let play = softmax(corrector.layout(), &point.logits);
    let regret = regret(corrector, &play);
    BranchPoint { precision: point.share * unit, logits: point.logits.clone(), play, regret }
}

/// The largest gain of a player from the best action at an information set, at the point of the last sweep.
fn regret(corrector: &Corrector, play: &[f64]) -> f64 {
    let of_set = |set: &InfoSet| {
        let values = &corrector.response.action_values()[set.actions()];
        let best = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        values.iter().zip(&play[set.actions()]).map(|(v, p)| p * (best - v)).sum::<f64>()
    };
    corrector.layout().sets.iter().map(of_set).fold(0.0, f64::max)
}

/// Whether the odds of no two actions that are played still grow in proportion to the precision.
fn settled(corrector: &Corrector, state: &PredictorState, play: &[f64]) -> bool {
    let rate = state.share_rate();
    let of_set = |set: &InfoSet| {
        let own = set.actions();
        let best = own.clone().max_by(|&a, &b| play[a].total_cmp(&play[b])).unwrap_or(own.start);
        own.into_iter().filter(|&a| a != best && play[a] > PLAYED_SHARE).all(|a| {
            let odds = state.point.logits[best] - state.point.logits[a];
            let growth = (state.logit_rate(best) - state.logit_rate(a)) / rate * state.point.share;
            odds <= TIED || growth <= SETTLED * odds
        })
    };
    rate > 0.0 && corrector.layout().sets.iter().all(of_set)
}

/// How near to an equilibrium a leap ends, in logits.
const BETWEEN: f64 = 1e-4;

/// The precision times the range of payoffs below which play counts as uniform.
const UNIFORM: f64 = 0.02;

/// How far beyond the share at which the limit is expected a step may go.
const BEYOND: f64 = 1.05;

/// An action that is played less than this need not settle; logits of two actions nearer than this are tied; and how fast
/// the odds of two may grow, as a share of growth in proportion to the precision.
const PLAYED_SHARE: f64 = 1e-6;
const TIED: f64 = 1e-9;
const SETTLED: f64 = 0.5;

/// By how much the precision grows in a leap, tried one after the other; corrections of one; and how many leaps at most.
const LEAPS: [f64; 6] = [1.0, 0.5, 0.2, 0.1, 0.05, 0.02];
/// An action whose logit is within this of the largest in its information set counts as played.
const PLAYED: f64 = 20.0;
const LEAP_CORRECTIONS: usize = 20;
const MAX_LEAPS: usize = 100;
