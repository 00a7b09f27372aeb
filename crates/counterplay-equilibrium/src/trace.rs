//! The principal branch as a whole: from uniform play towards its limit.
//!
//! As the precision grows without bound the branch leads to a sequential equilibrium (McKelvey and Palfrey 1998;
//! Turocy 2010). The trace ends where no player can gain more than a small part of the range of payoffs at any information
//! set, under beliefs that are those of the trembles. In games of up to some 160 actions the determinant of the
//! Jacobian is watched, in larger ones at turns: where it changes sign and the branch does not turn, another branch
//! crosses, and the trace ends with that finding. Where it keeps its sign at a turn, two parts of the tree turn at once,
//! as happens where play off the path comes to the same in both; the trace goes on and says so. Where the branch cannot
//! be followed, the trace leaps to an equilibrium at a higher precision, and says where it left the branch.

use counterplay_game::valuation::Valuation;

use crate::arc::Way;
use crate::branch::{Course, Spot};
use crate::newton::Effort;
use crate::qre::{Solver, Status};
use crate::sweep::softmax;

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
    /// Another branch crosses here.
    Bifurcation {
        /// The precision.
        precision: f64,
    },
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
    /// The precisions near which two parts of the tree that do not bear on each other turn back at once, so that
    /// other branches meet this one; the trace goes on with both turned.
    pub double_turns: Vec<f64>,
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
        self.trace_either_way(numbers, precisions, from, settings, (Way::Up, visit))
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
        self.trace_either_way(numbers, precisions, from, settings, (Way::Down, visit))
    }

    fn trace_either_way(
        &mut self,
        numbers: &Valuation,
        precisions: &[f64],
        (precision, logits): (f64, &[f64]),
        settings: &TraceSettings,
        (way, visit): (Way, &mut dyn FnMut(&BranchPoint) -> bool),
    ) -> Trace {
        self.forget();
        self.begin(numbers);
        let range = payoff_range(numbers, precisions.len());
        // Shares are counted in precisions at which the range of payoffs makes a difference of one.
        let unit = if range > 0.0 { 1.0 / range } else { 1.0 };
        let full: Vec<f64> = precisions.iter().map(|l| l * unit).collect();
        let mut at = Spot { logits: logits.to_vec(), share: precision / unit };
        let mut watch = Watch {
            unit,
            full: &full,
            least: settings.regret * range,
            last: None,
            end: None,
            double_turns: Vec::new(),
        };
        let start = self.branch_point(unit, &full, &at);
        watch.end = (way == Way::Up && start.regret <= watch.least).then_some(TraceEnd::Limit);
        watch.look(self, &at, way == Way::Up);
        if visit(&start) {
            watch.end = Some(TraceEnd::Stopped);
        }
        let mut leaps = Vec::new();
        while watch.end.is_none() {
            let status = self.follow_watched(&mut watch, settings, &mut at, (way, visit));
            if watch.end.is_some() {
                break;
            }
            let from = at.share * unit;
            // Downwards there is no limit to leap towards.
            if matches!(status, Status::Stuck { .. })
                && way == Way::Up
                && leaps.len() < MAX_LEAPS
                && self.leap(&full, settings.max_precision / unit, &mut at)
            {
                leaps.push(from);
                watch.last = None;
                watch.tell(self, &at, Way::Up, visit);
                continue;
            }
            watch.end = Some(match status {
                Status::OutOfBudget { .. } => TraceEnd::OutOfBudget,
                Status::Stuck { .. } => TraceEnd::Stuck,
                Status::Converged | Status::Jumped { .. } => TraceEnd::MaxPrecision,
            });
        }
        let end = watch.end.unwrap_or(TraceEnd::Stuck);
        let double_turns = watch.double_turns;
        let last = self.branch_point(unit, &full, &at);
        Trace { end, last, leaps, double_turns, sweeps: self.sweeps }
    }

    /// Follows the branch until it ends, or the watch says so.
    fn follow_watched(
        &mut self,
        watch: &mut Watch<'_>,
        settings: &TraceSettings,
        at: &mut Spot,
        (way, visit): (Way, &mut dyn FnMut(&BranchPoint) -> bool),
    ) -> Status {
        let (full, until) = (watch.full, settings.max_precision / watch.unit);
        let mut on_the_way = |solver: &mut Solver, spot: &Spot, rising: bool| {
            watch.look(solver, spot, rising);
            let way = if rising { Way::Up } else { Way::Down };
            let regret = if watch.end.is_none() { watch.tell(solver, spot, way, visit) } else { 0.0 };
            // Where nobody plays a pure strategy for sure, regret falls as one over the precision.
            let expected = if watch.least > 0.0 { spot.share * regret / watch.least } else { f64::INFINITY };
            watch.end.is_none().then_some(BEYOND * expected)
        };
        let mut course = Course {
            precisions: full,
            until,
            between: BETWEEN,
            newton: true,
            max_growth: settings.max_growth,
            max_surprise: self.settings.max_surprise,
            visit: &mut on_the_way,
        };
        match way {
            Way::Up => self.follow(&mut course, at),
            Way::Down => self.follow_down(&mut course, at),
        }
    }

    /// Goes on to an equilibrium at a higher precision where the branch cannot be followed: to the highest of some that
    /// is reached from the logits here, grown in proportion.
    fn leap(&mut self, full: &[f64], until: f64, at: &mut Spot) -> bool {
        for growth in LEAPS {
            let share = f64::min(until, at.share * (1.0 + growth));
            let scaled: Vec<f64> = full.iter().map(|l| l * share).collect();
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
        let scaled: Vec<f64> = full.iter().map(|l| l * spot.share).collect();
        self.respond(&scaled, &spot.logits);
        let mut play = vec![0.0; spot.logits.len()];
        softmax(&self.layout, &spot.logits, &mut play);
        let regret = self.regret(&play);
        BranchPoint { precision: spot.share * unit, logits: spot.logits.clone(), play, regret }
    }

    fn regret(&self, play: &[f64]) -> f64 {
        let of_set = |set: &crate::layout::Set| {
            let values = &self.sweep.action_values[set.actions()];
            let best = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            values.iter().zip(&play[set.actions()]).map(|(v, p)| p * (best - v)).sum::<f64>()
        };
        self.layout.sets.iter().map(of_set).fold(0.0, f64::max)
    }
}

/// How near to the branch the points on the way are kept, in logits.
const BETWEEN: f64 = 1e-4;

/// The precision times the range of payoffs below which play counts as uniform.
const UNIFORM: f64 = 0.02;

/// How far beyond the share at which the limit is expected a step may go.
const BEYOND: f64 = 1.05;

/// By how much the precision grows in a leap, tried one after the other; corrections of one; and how many leaps at most.
const LEAPS: [f64; 6] = [1.0, 0.5, 0.2, 0.1, 0.05, 0.02];
/// An action whose logit is within this of the largest in its information set counts as played.
const PLAYED: f64 = 20.0;
const LEAP_CORRECTIONS: usize = 20;
const MAX_LEAPS: usize = 100;

/// Watches for the end, and for branches that cross.
struct Watch<'a> {
    unit: f64,
    full: &'a [f64],
    /// The regret at which the limit is reached.
    least: f64,
    /// Where two parts of the tree turned at once.
    double_turns: Vec<f64>,
    /// The last spot; whether the determinant was positive there and the share rose, or neither; and whether it rose.
    last: Option<(Spot, bool, bool)>,
    end: Option<TraceEnd>,
}

impl Watch<'_> {
    /// Tells `visit` of a point, and ends the trace where the limit is reached or it says so; the regret there.
    fn tell(
        &mut self,
        solver: &mut Solver,
        spot: &Spot,
        way: Way,
        visit: &mut dyn FnMut(&BranchPoint) -> bool,
    ) -> f64 {
        let point = solver.branch_point(self.unit, self.full, spot);
        // Downwards a branch leads away from its limit.
        if way == Way::Up && point.regret <= self.least {
            self.end = Some(TraceEnd::Limit);
        }
        if way == Way::Down && spot.share < UNIFORM {
            self.end = Some(TraceEnd::Uniform);
        }
        if visit(&point) {
            self.end = Some(TraceEnd::Stopped);
        }
        point.regret
    }

    fn look(&mut self, solver: &mut Solver, spot: &Spot, rising: bool) {
        let scaled: Vec<f64> = self.full.iter().map(|l| l * spot.share).collect();
        let Some(positive) = solver.positive_determinant(&scaled, &spot.logits) else { return };
        let even = positive == rising;
        if let Some((before, was, rose)) = &self.last
            && *was != even
        {
            if *rose != rising {
                self.double_turns.push(spot.share * self.unit);
                self.last = Some((spot.clone(), even, rising));
                return;
            }
            let share = self.crossing(solver, before, spot, rising);
            self.end = Some(TraceEnd::Bifurcation { precision: share * self.unit });
        }
        self.last = Some((spot.clone(), even, rising));
    }

    /// The share between two spots at which the determinant changes sign, by bisection.
    fn crossing(&self, solver: &mut Solver, before: &Spot, after: &Spot, rising: bool) -> f64 {
        let (mut low, mut high) = (before.clone(), after.clone());
        while (high.share - low.share).abs() > 1e-7 * high.share.abs() {
            let share = 0.5 * (low.share + high.share);
            let logits = low.logits.iter().zip(&high.logits).map(|(a, b)| 0.5 * (a + b)).collect();
            let mut middle = Spot { logits, share };
            let scaled: Vec<f64> = self.full.iter().map(|l| l * share).collect();
            if solver.finish(&scaled, &mut middle.logits) != Status::Converged {
                break;
            }
            let was = self.last.as_ref().is_some_and(|l| l.1);
            match solver.positive_determinant(&scaled, &middle.logits) {
                Some(positive) if (positive == rising) == was => low = middle,
                Some(_) => high = middle,
                None => return share,
            }
        }
        0.5 * (low.share + high.share)
    }
}

/// The largest difference between two payoffs of a player.
fn payoff_range(numbers: &Valuation, players: usize) -> f64 {
    let range = |player: usize| {
        let own = numbers.payoffs.iter().skip(player).step_by(players.max(1));
        let (low, high) =
            own.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &x| (f64::min(l, x), f64::max(h, x)));
        high - low
    };
    (0..players).map(range).fold(0.0, f64::max)
}
