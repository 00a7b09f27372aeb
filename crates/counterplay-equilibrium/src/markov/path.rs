//! Following the branch of stationary logit equilibria from uniform play.
//!
//! The unknowns are the logits $z$ of information sets that lead on, the values $V$ and the share $t$ of the
//! precisions; the equations $z = H(z, V, t)$ and $V = R(z, V, t)$. Each step is predicted with the last two tangents,
//! to second order, and corrected by Newton's method on the hyperplane across it; steps are as long as the prediction of
//! play stays near (Allgower and Georg 1990). Play within a state is eliminated from each linear system, and what is left
//! is one for the values.

use super::linear::Sign;
use super::walk::Walk;
use super::{Solver, Spot, Status};

/// The shortest step.
const SHORTEST_STEP: f64 = 1e-7;

/// The difference between an action's probability and its prediction above which a step is taken again shorter.
const MAX_SURPRISE: f64 = 0.2;

/// The precision times the range of payoffs from which on the limit may be near.
const STEEP: f64 = 50.0;

/// How near to the branch the points on the way are kept, in logits weighed with probabilities.
pub(super) const BETWEEN: f64 = 2e-3;

/// The same while a walk goes on: predictions miss by ten times as much.
const ON_THE_WAY: f64 = 3e-2;

/// The regret, as a share of the range of payoffs, at which a limit counts that cannot be followed further: that at which
/// [traces](crate::trace::TraceSettings) of single games end.
const NEAR_ENOUGH: f64 = 9.5e-7;

/// A correction that leaves less than this part is followed by another with the same linearisation.
const CHORD: f64 = 0.2;

/// Linearisations of a step.
const MAX_CORRECTIONS: usize = 3;

/// Corrections at the end, with the precisions held.
const MAX_FINAL: usize = 25;

/// How far the response is from a point.
pub(super) struct Distance {
    /// The largest difference in logits, or in values times the largest precision.
    pub(super) residual: f64,
    /// The same with logits weighed by the probability of the action.
    pub(super) weighed: f64,
}

/// A change of all unknowns.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) logits: Vec<f64>,
    pub(super) values: Vec<f64>,
    pub(super) share: f64,
}

impl Solver {
    /// The response to a point; how far it is from it.
    pub(super) fn respond(&mut self, precisions: &[f64], spot: &Spot) -> Distance {
        let scaled: Vec<f64> = precisions.iter().map(|l| l * spot.share).collect();
        let steepest = scaled.iter().copied().fold(0.0, f64::max);
        let mut distance = Distance { residual: 0.0, weighed: 0.0 };
        let count = self.states.len();
        for (index, state) in self.states.iter_mut().enumerate() {
            let own = &spot.logits[state.own()];
            state.respond(&scaled, own, &spot.values);
            for (z, h) in own.iter().zip(state.response()) {
                distance.residual = worse(distance.residual, (h - z).abs());
            }
            for (v, r) in spot.values[index..].iter().step_by(count).zip(state.worth()) {
                let d = (r - v).abs() * f64::max(steepest, 1.0 / self.range);
                distance.residual = worse(distance.residual, d);
                distance.weighed = worse(distance.weighed, d);
            }
            distance.weighed = worse(distance.weighed, state.weighed_distance(own));
        }
        distance
    }

    /// Linearises at the point of the last response; the sign of the determinant of the whole system, or `None` where it
    /// is singular.
    pub(super) fn linearise(
        &mut self,
        scaled: &[f64],
        d_share: &mut [f64],
        precisions: &[f64],
    ) -> Option<Sign> {
        self.systems += 1;
        let (n, count) = (self.players, self.states.len());
        self.collapsed.clear();
        let (mut root, mut locals_positive) = (vec![0.0; n], true);
        for (index, state) in self.states.iter_mut().enumerate() {
            locals_positive ^= !state.factorise(scaled)?;
            let none = vec![0.0; state.layout.actions];
            for player in 0..n {
                root.fill(0.0);
                root[player] = 1.0;
                let multipliers = state.multipliers(scaled, &none, &root);
                state.keep(&multipliers);
                let through = state.derivatives(scaled, &multipliers, &root);
                d_share[player * count + index] =
                    through.precisions.iter().zip(precisions).map(|(d, l)| d * l).sum();
                self.collapsed.put(index, state, player);
            }
        }
        self.collapsed.factorise().map(|sign| sign.times(locals_positive))
    }

    /// Linearises at the point of the last response; the change of the unknowns along the branch per change of
    /// the share, and the sign of the determinant.
    pub(super) fn along(&mut self, precisions: &[f64], share: f64) -> Option<(Step, Sign)> {
        let scaled: Vec<f64> = precisions.iter().map(|l| l * share).collect();
        let mut d_share = vec![0.0; self.states.len() * self.players];
        let sign = self.linearise(&scaled, &mut d_share, precisions)?;
        let values = self.collapsed.solve(&d_share)?;
        let mut logits = Vec::new();
        for state in &mut self.states {
            logits.extend(state.follow(&scaled, precisions, &values, None));
        }
        Some((Step { logits, values, share: 1.0 }, sign))
    }

    /// The step of Newton's method, with the share held, from the point of the last response, by the last linearisation.
    pub(super) fn towards(&mut self, precisions: &[f64], spot: &Spot) -> Option<Step> {
        let count = self.states.len();
        let scaled: Vec<f64> = precisions.iter().map(|l| l * spot.share).collect();
        let mut rhs = vec![0.0; spot.values.len()];
        let mut missing = vec![0.0; spot.logits.len()];
        for (index, state) in self.states.iter().enumerate() {
            let own = state.own();
            let responses = state.response().zip(&spot.logits[own.clone()]);
            for (m, (h, z)) in missing[own.clone()].iter_mut().zip(responses) {
                *m = h - z;
            }
            for (player, worth) in state.worth().iter().enumerate() {
                let at = player * count + index;
                rhs[at] = worth - spot.values[at] + state.bears(player, &missing[own.clone()]);
            }
        }
        let values = self.collapsed.solve(&rhs)?;
        let still = vec![0.0; precisions.len()];
        let mut logits = Vec::with_capacity(spot.logits.len());
        for state in &mut self.states {
            let own = Some(&missing[state.own()]);
            logits.extend(state.follow(&scaled, &still, &values, own));
        }
        Some(Step { logits, values, share: 0.0 })
    }

    /// Newton's method with the share held; whether it reached `tolerance`.
    pub(super) fn settle(&mut self, precisions: &[f64], spot: &mut Spot, tolerance: f64) -> bool {
        let mut last = f64::INFINITY;
        for _ in 0..MAX_FINAL {
            let residual = self.respond(precisions, spot).residual;
            if residual <= self.attainable(precisions, spot, tolerance) {
                return true;
            }
            if !residual.is_finite() || residual > 1e3 * last.min(1.0) {
                return false;
            }
            last = residual;
            if self.along(precisions, spot.share).is_none() {
                return false;
            }
            let Some(step) = self.towards(precisions, spot) else { return false };
            spot.add(1.0, &step);
        }
        false
    }

    /// The tolerance for a residual, but no less than rounding allows.
    pub(super) fn attainable(&self, precisions: &[f64], spot: &Spot, tolerance: f64) -> f64 {
        let largest = spot.logits.iter().fold(1.0, |m: f64, z| m.max(z.abs()));
        let value = spot.values.iter().fold(self.range, |m: f64, v| m.max(v.abs()));
        let steepest = spot.share * precisions.iter().copied().fold(0.0, f64::max);
        f64::max(tolerance * largest, 64.0 * f64::EPSILON * steepest * value)
    }

    /// Follows the branch to the share `until`, or without one to the limit: as near as is asked for, or, where no way leads on,
    /// near enough.
    pub(super) fn follow(&mut self, precisions: &[f64], spot: &mut Spot, until: Option<f64>) -> Status {
        let top = precisions.iter().copied().fold(0.0, f64::max);
        let tolerance = self.settings.tolerance;
        // Where nobody chooses, or nobody minds, play is uniform at any precision.
        if top == 0.0 || spot.logits.is_empty() {
            spot.share = until.unwrap_or(0.0);
            let reached = self.settle(precisions, spot, tolerance);
            return if reached { Status::Converged } else { Status::Stuck };
        }
        // Under uniform play the values solve a linear system.
        if !self.settle(precisions, spot, BETWEEN) {
            return Status::Stuck;
        }
        let mut jumped = None;
        loop {
            let ended = self.walk(precisions, spot, until, 1.0 / (top * self.range));
            let stopped = matches!(ended, Status::Stuck) && self.settings.may_jump;
            if stopped && !self.collapsed.is_dense() {
                let at = spot.share;
                let ended = self.climb(precisions, spot, until);
                return match ended {
                    Status::Converged => Status::Jumped { at: jumped.unwrap_or(at) },
                    Status::Stuck if until.is_none() && self.is_near_enough(precisions, spot) => {
                        Status::Jumped { at: jumped.unwrap_or(at) }
                    }
                    other => other,
                };
            }
            if !(stopped && self.jump(precisions, spot, until)) {
                return match (ended, jumped) {
                    (Status::Converged, Some(at)) => Status::Jumped { at },
                    _ => ended,
                };
            }
            jumped.get_or_insert(spot.share);
        }
    }

    /// Whether the limit is as near as limits of single games are told to be.
    fn is_near_enough(&mut self, precisions: &[f64], spot: &Spot) -> bool {
        let weighed = self.respond(precisions, spot).weighed;
        let kept = weighed <= f64::max(BETWEEN, self.attainable(precisions, spot, 0.0));
        kept && self.regret() <= NEAR_ENOUGH * self.range
    }

    /// Walks along the branch as far as it leads.
    fn walk(&mut self, precisions: &[f64], spot: &mut Spot, until: Option<f64>, unit: f64) -> Status {
        self.respond(precisions, spot);
        let Some((start, _)) = self.along(precisions, spot.share) else { return Status::Stuck };
        let mut walk = Walk::new(unit, spot, start);
        loop {
            if self.systems > self.settings.max_systems {
                return Status::OutOfBudget;
            }
            let ended = match until {
                Some(share) => self.arrive(precisions, spot, &walk, share),
                None => self.limit_reached(precisions, spot, &walk),
            };
            if let Some(status) = ended {
                return status;
            }
            if walk.length < SHORTEST_STEP {
                return Status::Stuck;
            }
            self.step(precisions, spot, &mut walk);
        }
    }

    /// Tries to end at the share `until`, where the next step would lead past it.
    fn arrive(&mut self, precisions: &[f64], spot: &mut Spot, walk: &Walk, until: f64) -> Option<Status> {
        let to_share = walk.predict(spot, walk.length).share;
        if to_share < until {
            return None;
        }
        let part = (until - spot.share) / (to_share - spot.share);
        let mut next = walk.predict(spot, walk.length * part);
        next.share = until;
        let play = self.play_of(&next);
        if !self.settle(precisions, &mut next, self.settings.tolerance) {
            return None;
        }
        let surprise = largest_difference(&play, &self.play_of(&next));
        (surprise <= MAX_SURPRISE).then(|| {
            *spot = next;
            Status::Converged
        })
    }

    /// Whether the limit is reached, or given up. Where it is, the point is put upon the branch.
    fn limit_reached(&mut self, precisions: &[f64], spot: &mut Spot, walk: &Walk) -> Option<Status> {
        let status = self.limit_at(spot.share / walk.unit)?;
        let mut nearer = spot.clone();
        if self.respond(precisions, spot).weighed > BETWEEN && self.correct_held(precisions, &mut nearer) {
            *spot = nearer;
        }
        Some(status)
    }

    /// Whether the limit is reached at the point of the last response, or given up, at this precision times the range of
    /// payoffs.
    pub(super) fn limit_at(&self, steepness: f64) -> Option<Status> {
        if steepness < STEEP {
            return None;
        }
        if self.regret_is_small() {
            return Some(Status::Converged);
        }
        (steepness > self.settings.steepest).then_some(Status::Stuck)
    }

    /// One step of Newton's method with the share held; whether it led as near to the branch as limits are put.
    fn correct_held(&mut self, precisions: &[f64], spot: &mut Spot) -> bool {
        if self.along(precisions, spot.share).is_none() {
            return false;
        }
        let Some(step) = self.towards(precisions, spot) else { return false };
        spot.add(1.0, &step);
        self.respond(precisions, spot).weighed <= BETWEEN && self.regret_is_small()
    }

    fn regret_is_small(&self) -> bool {
        self.regret() <= self.settings.regret_share * self.range
    }

    /// One step along the branch, or none if it has to be shorter.
    fn step(&mut self, precisions: &[f64], spot: &mut Spot, walk: &mut Walk) {
        let mut next = walk.predict(spot, walk.length);
        let play = self.play_of(&next);
        let missed = self.respond(precisions, &next).weighed;
        let corrected = self.correct(precisions, &mut next, walk, spot, missed);
        let surprise = largest_difference(&play, &self.play_of(&next));
        let tangent = corrected.filter(|_| surprise <= MAX_SURPRISE);
        let tangent = tangent.map(|(along, sign)| walk.oriented(&next, along, sign));
        let Some(tangent) = tangent.filter(|t| walk.goes_on(&next, t)) else {
            return self.retry_shorter(precisions, spot, walk);
        };
        walk.advance(spot, &next, tangent, missed);
        *spot = next;
    }

    /// Makes the next step shorter. The tangent was found a little beside the branch, which may be why a step failed.
    fn retry_shorter(&mut self, precisions: &[f64], spot: &Spot, walk: &mut Walk) {
        walk.shorten(0.3);
        if walk.stale {
            self.respond(precisions, spot);
            if let Some((along, sign)) = self.along(precisions, spot.share) {
                walk.renew(spot, along, sign);
            }
        }
    }

    /// Corrects a predicted point, from which the response is as far as `missed`, across the step; returns a tangent
    /// there.
    fn correct(
        &mut self,
        precisions: &[f64],
        next: &mut Spot,
        walk: &Walk,
        from: &Spot,
        missed: f64,
    ) -> Option<(Step, Sign)> {
        let border = walk.border(from);
        let mut last = missed;
        for _ in 0..MAX_CORRECTIONS {
            if !last.is_finite() || next.share <= 0.0 {
                return None;
            }
            let (along, sign) = self.along(precisions, next.share)?;
            // The first correction by a linearisation is Newton's; where it helped much, another by the same one is cheap.
            for chord in [false, true] {
                let step = self.towards(precisions, next)?;
                let d_share = -border.times(&step) / border.times(&along);
                next.add(1.0, &step);
                next.add(d_share, &along);
                let weighed = self.respond(precisions, next).weighed;
                if weighed <= f64::max(ON_THE_WAY, self.attainable(precisions, next, 0.0)) {
                    return Some((along, sign));
                }
                let better = weighed < if chord { 1.0 } else { CHORD } * last;
                if weighed.is_nan() || weighed > 2.0 * last {
                    return None;
                }
                last = weighed;
                if !better {
                    break;
                }
            }
        }
        None
    }

    /// The probabilities of the actions whose logits are unknowns.
    fn play_of(&self, spot: &Spot) -> Vec<f64> {
        self.states.iter().flat_map(|state| state.play_of(&spot.logits[state.own()])).collect()
    }
}

fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, worse)
}

impl Spot {
    pub(super) fn add(&mut self, length: f64, step: &Step) {
        for (x, d) in self.logits.iter_mut().zip(&step.logits) {
            *x += length * d;
        }
        for (x, d) in self.values.iter_mut().zip(&step.values) {
            *x += length * d;
        }
        self.share += length * step.share;
    }
}

/// The larger of the two; not-a-number counts as the worst.
fn worse(a: f64, b: f64) -> f64 {
    if b.is_nan() || b > a { b } else { a }
}
