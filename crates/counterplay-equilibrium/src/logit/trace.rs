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

use counterplay_game::valuation::Valuation;

use crate::logit::arc::{Front, scaled};
use crate::logit::branch::{Course, Followed, Spot};
use crate::logit::newton::Effort;
use crate::logit::sweep::softmax;
use crate::logit::{Solver, Status, payoff_range};

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
    /// The largest gain of a player from the best action at an information set, in payoff units, by the solver's
    /// own account.
    pub regret: f64,
}

/// Where a trace ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TraceEnd {
    /// The regret is as small as asked for.
    Limit,
    /// The highest precision asked for was reached.
    MaxPrecision,
    /// The branch led down to a precision of nearly zero, where play is uniform: it is the principal one.
    Uniform,
    /// The budget of sweeps was spent.
    OutOfBudget,
    /// No way on was found.
    Stuck,
    /// The one who was told of the points ended it.
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

impl Solver {
    /// Follows the principal branch while the precisions grow in proportion to those given, and tells `visit` of
    /// every point on the way; it says whether to end there.
    pub fn trace(
        &mut self,
        numbers: &Valuation,
        precisions: &[f64],
        settings: &TraceSettings,
        visit: &mut dyn FnMut(&BranchPoint) -> bool,
    ) -> Trace {
        let logits = vec![0.0; self.layout.actions];
        self.trace_from(numbers, precisions, (0.0, &logits), settings, visit)
    }

    /// The same from a point of any branch: a precision, and the logits of an equilibrium there.
    pub fn trace_from(
        &mut self,
        numbers: &Valuation,
        precisions: &[f64],
        from: (f64, &[f64]),
        settings: &TraceSettings,
        visit: &mut dyn FnMut(&BranchPoint) -> bool,
    ) -> Trace {
        self.trace_either_way(numbers, precisions, from, settings, (true, visit))
    }

    /// The same the other way: down to where the branch turns, and up its other arm from there; or, from a point of the
    /// principal branch, to uniform play. With the trace upwards that draws the branch whole.
    pub fn trace_down(
        &mut self,
        numbers: &Valuation,
        precisions: &[f64],
        from: (f64, &[f64]),
        settings: &TraceSettings,
        visit: &mut dyn FnMut(&BranchPoint) -> bool,
    ) -> Trace {
        self.trace_either_way(numbers, precisions, from, settings, (false, visit))
    }

    fn trace_either_way(
        &mut self,
        numbers: &Valuation,
        precisions: &[f64],
        (precision, logits): (f64, &[f64]),
        settings: &TraceSettings,
        (upwards, visit): (bool, &mut dyn FnMut(&BranchPoint) -> bool),
    ) -> Trace {
        self.forget();
        self.begin(numbers);
        let players = precisions.len();
        let range = (0..players).map(|p| payoff_range(numbers, players, p)).fold(0.0, f64::max);
        // Shares are counted in precisions at which the range of payoffs makes a difference of one.
        let unit = if range > 0.0 { 1.0 / range } else { 1.0 };
        let full: Vec<f64> = precisions.iter().map(|l| l * unit).collect();
        self.set_least_share(numbers, &full);
        let mut at = Spot { logits: logits.to_vec(), share: precision / unit };
        let mut watch = Watch { unit, full: &full, least: settings.regret * range, end: None };
        let start = self.branch_point(unit, &full, &at);
        // Without a difference between payoffs nothing is left to follow.
        if upwards && (range == 0.0 || self.layout.actions == 0) && start.regret <= watch.least {
            watch.end = Some(TraceEnd::Limit);
        }
        if visit(&start) {
            watch.end = Some(TraceEnd::Stopped);
        }
        let (mut leaps, mut crossings) = (Vec::new(), Vec::new());
        while watch.end.is_none() {
            let followed = self.follow_watched(&mut watch, settings, &mut at, (upwards, visit));
            crossings.extend(followed.crossings.iter().map(|share| share * unit));
            if watch.end.is_some() {
                break;
            }
            let from = at.share * unit;
            // Downwards there is no limit to leap towards.
            if matches!(followed.status, Status::Stuck { .. })
                && upwards
                && leaps.len() < MAX_LEAPS
                && self.leap(&full, settings.max_precision / unit, &mut at)
            {
                leaps.push(from);
                let point = self.branch_point(unit, &full, &at);
                if point.regret <= watch.least {
                    watch.end = Some(TraceEnd::Limit);
                }
                if visit(&point) {
                    watch.end = Some(TraceEnd::Stopped);
                }
                continue;
            }
            watch.end = Some(match followed.status {
                Status::OutOfBudget { .. } => TraceEnd::OutOfBudget,
                Status::Stuck { .. } => TraceEnd::Stuck,
                Status::Converged | Status::Jumped { .. } => TraceEnd::MaxPrecision,
            });
        }
        let end = watch.end.unwrap_or(TraceEnd::Stuck);
        let last = self.branch_point(unit, &full, &at);
        Trace { end, last, leaps, crossings, sweeps: self.sweeps }
    }

    /// Follows the branch until it ends, or the watch says so.
    fn follow_watched(
        &mut self,
        watch: &mut Watch<'_>,
        settings: &TraceSettings,
        at: &mut Spot,
        (upwards, visit): (bool, &mut dyn FnMut(&BranchPoint) -> bool),
    ) -> Followed {
        let (full, until) = (watch.full, settings.max_precision / watch.unit);
        let mut on_the_way = |solver: &mut Solver, front: &Front| {
            let regret = watch.tell(solver, front, upwards, visit);
            // Where nobody plays a pure strategy for sure, regret falls as one over the precision.
            let expected =
                if watch.least > 0.0 { front.spot.share * regret / watch.least } else { f64::INFINITY };
            watch.end.is_none().then_some(BEYOND * expected)
        };
        let mut course = Course {
            precisions: full,
            until,
            max_growth: settings.max_growth,
            max_surprise: self.settings.max_surprise,
            visit: &mut on_the_way,
        };
        self.follow(&mut course, at, upwards)
    }

    /// Goes on to an equilibrium at a higher precision where the branch cannot be followed: to the highest of some that
    /// is reached from the logits here, grown in proportion.
    fn leap(&mut self, full: &[f64], until: f64, at: &mut Spot) -> bool {
        for growth in LEAPS {
            let share = f64::min(until, at.share * (1.0 + growth));
            let scaled = scaled(full, share);
            let start = self.grown(&at.logits, share / at.share);
            let mut logits = start.clone();
            let mut found = self.newton(&scaled, &mut logits, BETWEEN, Effort::FULL);
            if !found {
                self.anderson.forget();
                logits = start;
                found = self.correct(&scaled, &mut logits, BETWEEN, 5 * LEAP_CORRECTIONS);
            }
            if found && share > at.share {
                *at = Spot { logits, share };
                return true;
            }
        }
        false
    }

    /// Logits in which actions that are played keep their odds, and the others become rarer in proportion.
    fn grown(&self, logits: &[f64], growth: f64) -> Vec<f64> {
        let mut grown = logits.to_vec();
        for set in &self.layout.sets {
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

    /// The equilibrium at a spot, with its regret.
    fn branch_point(&mut self, unit: f64, full: &[f64], spot: &Spot) -> BranchPoint {
        self.respond_at(full, spot);
        let mut play = vec![0.0; spot.logits.len()];
        softmax(&self.layout, &spot.logits, &mut play);
        let regret = self.regret(&play);
        BranchPoint { precision: spot.share * unit, logits: spot.logits.clone(), play, regret }
    }

    fn regret(&self, play: &[f64]) -> f64 {
        let of_set = |set: &crate::logit::layout::Set| {
            let values = &self.sweep.action_values[set.actions()];
            let best = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            values.iter().zip(&play[set.actions()]).map(|(v, p)| p * (best - v)).sum::<f64>()
        };
        self.layout.sets.iter().map(of_set).fold(0.0, f64::max)
    }

    /// Whether the odds of no two actions that are played still grow in proportion to the precision.
    fn settled(&self, front: &Front, play: &[f64]) -> bool {
        let rate = front.share_rate();
        let of_set = |set: &crate::logit::layout::Set| {
            let own = set.actions();
            let best = own.clone().max_by(|&a, &b| play[a].total_cmp(&play[b])).unwrap_or(own.start);
            own.into_iter().filter(|&a| a != best && play[a] > PLAYED_SHARE).all(|a| {
                let odds = front.spot.logits[best] - front.spot.logits[a];
                let growth = (front.logit_rate(best) - front.logit_rate(a)) / rate * front.spot.share;
                odds <= TIED || growth <= SETTLED * odds
            })
        };
        rate > 0.0 && self.layout.sets.iter().all(of_set)
    }
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

/// Watches for the end.
struct Watch<'a> {
    unit: f64,
    full: &'a [f64],
    /// The regret at which the limit is reached.
    least: f64,
    end: Option<TraceEnd>,
}

impl Watch<'_> {
    /// Tells `visit` of a point, and ends the trace where the limit is reached or it says so; the regret there.
    fn tell(
        &mut self,
        solver: &mut Solver,
        front: &Front,
        upwards: bool,
        visit: &mut dyn FnMut(&BranchPoint) -> bool,
    ) -> f64 {
        let point = solver.branch_point(self.unit, self.full, &front.spot);
        // Downwards a branch leads away from its limit.
        if (upwards || front.rises()) && point.regret <= self.least && solver.settled(front, &point.play) {
            self.end = Some(TraceEnd::Limit);
        }
        if !upwards && !front.rises() && front.spot.share < UNIFORM {
            self.end = Some(TraceEnd::Uniform);
        }
        if visit(&point) {
            self.end = Some(TraceEnd::Stopped);
        }
        point.regret
    }
}
