//! The principal branch as a whole: from uniform play towards its limit.
//!
//! As the precision grows without bound the branch leads to a sequential equilibrium (McKelvey and Palfrey 1998;
//! Turocy 2010). It ends where no player can gain more than a small part of the range of payoffs at any information
//! set, under beliefs that are those of the trembles. In games of up to some 160 actions the determinant of the
//! Jacobian is watched: where it changes sign and the branch does not turn, another branch crosses, and the trace
//! ends with that finding.

use counterplay_game::valuation::Valuation;

use crate::branch::{Course, Spot};
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
        Self { regret: 5e-7, max_precision: f64::INFINITY, max_growth: f64::INFINITY }
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
        (precision, logits): (f64, &[f64]),
        settings: &TraceSettings,
        visit: &mut dyn FnMut(&BranchPoint) -> bool,
    ) -> Trace {
        self.forget();
        self.begin(numbers);
        let range = payoff_range(numbers, precisions.len());
        // Shares are counted in precisions at which the range of payoffs makes a difference of one.
        let unit = if range > 0.0 { 1.0 / range } else { 1.0 };
        let full: Vec<f64> = precisions.iter().map(|l| l * unit).collect();
        let mut at = Spot { logits: logits.to_vec(), share: precision / unit };
        let mut watch = Watch { unit, full: &full, last: None, end: None };
        let start = self.branch_point(unit, &full, &at);
        watch.end = (start.regret <= settings.regret * range).then_some(TraceEnd::Limit);
        watch.look(self, &at, true);
        if visit(&start) {
            watch.end = Some(TraceEnd::Stopped);
        }
        if let Some(end) = watch.end {
            return Trace { end, last: start, sweeps: self.sweeps };
        }
        let status = {
            let mut on_the_way = |solver: &mut Solver, spot: &Spot, rising: bool| {
                watch.look(solver, spot, rising);
                if watch.end.is_some() {
                    return true;
                }
                let point = solver.branch_point(unit, &full, spot);
                if point.regret <= settings.regret * range {
                    watch.end = Some(TraceEnd::Limit);
                }
                if visit(&point) {
                    watch.end = Some(TraceEnd::Stopped);
                }
                watch.end.is_some()
            };
            let until = settings.max_precision / unit;
            let mut course = Course {
                precisions: &full,
                until,
                between: 1e-5,
                newton: true,
                max_growth: settings.max_growth,
                max_surprise: self.settings.max_surprise,
                visit: &mut on_the_way,
            };
            self.follow(&mut course, &mut at)
        };
        let end = watch.end.unwrap_or(match status {
            Status::OutOfBudget { .. } => TraceEnd::OutOfBudget,
            Status::Stuck { .. } => TraceEnd::Stuck,
            Status::Converged | Status::Jumped { .. } => TraceEnd::MaxPrecision,
        });
        let last = self.branch_point(unit, &full, &at);
        Trace { end, last, sweeps: self.sweeps }
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

/// Watches for branches that cross.
struct Watch<'a> {
    unit: f64,
    full: &'a [f64],
    /// The last spot, and whether the determinant was positive there and the share rose, or neither.
    last: Option<(Spot, bool)>,
    end: Option<TraceEnd>,
}

impl Watch<'_> {
    fn look(&mut self, solver: &mut Solver, spot: &Spot, rising: bool) {
        let scaled: Vec<f64> = self.full.iter().map(|l| l * spot.share).collect();
        let Some(positive) = solver.positive_determinant(&scaled, &spot.logits) else { return };
        let even = positive == rising;
        if let Some((before, was)) = &self.last
            && *was != even
        {
            let share = self.crossing(solver, before, spot, rising);
            self.end = Some(TraceEnd::Bifurcation { precision: share * self.unit });
        }
        self.last = Some((spot.clone(), even));
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
