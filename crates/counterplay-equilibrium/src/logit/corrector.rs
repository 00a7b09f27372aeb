//! Newton's method: from a point nearby to one that solves the equations, as exactly as rounding allows.

use std::sync::Arc;

use counterplay_game::valuation::Valuation;

use super::elimination::plan_of;
use super::equilibrium::{Equilibrium, Status};
use super::jacobian::{Jacobian, has_factors, newton_step};
use super::layout::Layout;
use super::response::Response;
use super::settings::Settings;
use super::sweep::softmax;
use crate::numeric::vector::largest;

/// A correction, in logits, after which a point that need not be exact counts as a fixed point.
const NEAR: f64 = 5e-3;

/// A correction, in logits, that a longer one may follow: it is so near that the next one but one is short.
const SHORT: f64 = 0.5;

/// How many steps one Jacobian is used for.
const MAX_CHORDS: usize = 6;

/// Corrections with one Jacobian go on while each is shorter than the last by this factor.
pub(super) const QUICK: f64 = 0.3;

/// Corrections, in logits, so short and yet not shorter than the last by this factor come from rounding.
const BY_ROUNDING: f64 = 0.05;
const STALLED: f64 = 0.5;

/// The residual that rounding may leave, over the precision times the range of payoffs: where that is very high, the response is
/// so steep that it is further from the fixed point than the logits are.
const ROUNDING: f64 = 1e-11;

/// Logits count as nearly solved if Newton's step from there is below this, and as solved to rounding if the last is below this share of
/// the largest; and how many steps are taken for that at most.
const ALREADY_NEAR: f64 = 1e-4;
const AT_ROUNDING: f64 = 1e-9;
const POLISHING_STEPS: usize = 6;

/// How hard Newton's method tries.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effort {
    /// Steps, each with a new Jacobian.
    pub(super) steps: usize,
    /// The smallest share of a step that is taken; below it the method has failed.
    pub(super) least: f64,
}

impl Effort {
    /// Beyond this, neither more steps nor shorter ones help.
    pub(super) const FULL: Self = Self { steps: 20, least: 1e-2 };
}

/// Corrects points of one game; owns the workspace for it.
#[derive(Clone, Debug)]
pub(super) struct Corrector {
    pub(super) response: Response,
    jacobian: Jacobian,
    /// The share of the precisions at which logits are about one.
    pub(super) least_share: f64,
}

impl Corrector {
    pub(super) fn new(layout: Arc<Layout>, settings: Settings) -> Self {
        Self { response: Response::new(layout, settings), jacobian: Jacobian::default(), least_share: 1.0 }
    }

    pub(super) fn layout(&self) -> &Layout {
        self.response.layout()
    }

    /// Begins at a point with these numbers.
    pub(super) fn begin(&mut self, numbers: &Valuation) {
        self.jacobian.forget();
        self.response.load(numbers);
    }

    /// Sets the share of the precisions below which they make little difference.
    pub(super) fn set_least_share(&mut self, numbers: &Valuation, precisions: &[f64]) {
        let most = (0..precisions.len()).map(|p| precisions[p] * payoff_range(numbers, precisions.len(), p));
        self.least_share = 1.0 / most.fold(1.0, f64::max);
    }

    /// Whether the Jacobian can be factorised.
    pub(super) fn has_factors(&self) -> bool {
        has_factors(&self.response)
    }

    /// Factorises the Jacobian at the point of the last sweep, which started from the logits `at`; whether its determinant is
    /// positive. None where it is singular.
    pub(super) fn factorise(&mut self, scaled: &[f64], at: &[f64]) -> Option<bool> {
        self.jacobian.factorise(&mut self.response, scaled, at)
    }

    /// The solution of $x - H_z x = b$ by the last factors.
    pub(super) fn solve(&mut self, b: &[f64]) -> Vec<f64> {
        self.jacobian.solve(&mut self.response, b)
    }

    /// The derivative of the logits along the branch by the share of the precisions, by factors at the point of the last
    /// sweep.
    pub(super) fn slope(&mut self, scaled: &[f64], precisions: &[f64]) -> Vec<f64> {
        self.jacobian.slope(&mut self.response, scaled, precisions)
    }

    /// Newton's method; whether it reached a fixed point, to `tolerance` or to that of the settings, whichever is
    /// wider.
    pub(super) fn newton(
        &mut self,
        precisions: &[f64],
        at: &mut [f64],
        tolerance: f64,
        effort: Effort,
    ) -> bool {
        if plan_of(self.layout()).is_some() {
            self.newton_by_elimination(precisions, at, tolerance, effort)
        } else {
            self.newton_by_residual(precisions, at, tolerance, effort.steps)
        }
    }

    /// Newton's method with steps that are shortened until the next with the same Jacobian would be shorter (Deuflhard
    /// 2011, section 3.3): where the response is steep, the residual is no measure of the distance. Where the `tolerance`
    /// is wider than that of the settings, a step that is short ends it: rounding alone moves the response by more than the
    /// tolerance where precisions are very high.
    fn newton_by_elimination(
        &mut self,
        precisions: &[f64],
        at: &mut [f64],
        tolerance: f64,
        Effort { steps, least }: Effort,
    ) -> bool {
        let Self { response, jacobian, .. } = self;
        let (mut residuals, mut residual) = response.residuals_at_once(precisions, at);
        for _ in 0..steps {
            let enough = tolerance.max(response.tolerance(at));
            let near = if tolerance > response.tolerance(at) { NEAR } else { 0.0 };
            if residual <= enough {
                response.settle(at);
                return true;
            }
            if jacobian.eliminate(response, precisions, at).is_none() {
                return false;
            }
            let mut step = jacobian.solve_along_tree(response, &residuals);
            let (mut length, mut chords) = (1.0, 0);
            loop {
                let next: Vec<f64> = at.iter().zip(&step).map(|(z, d)| z + length * d).collect();
                (residuals, residual) = response.residuals_at_once(precisions, &next);
                let before = largest(&step);
                let mut done = residual <= enough || (length == 1.0 && before < near && residual.is_finite());
                let following =
                    if done { Vec::new() } else { jacobian.solve_along_tree(response, &residuals) };
                let size = largest(&following);
                done |= near > 0.0 && before < BY_ROUNDING && size > STALLED * before && size < BY_ROUNDING;
                if done || size <= (1.0 - 0.25 * length) * before.max(SHORT) {
                    at.copy_from_slice(&next);
                    if done {
                        response.settle(at);
                        return true;
                    }
                    chords += 1;
                    if length < 1.0 || size > QUICK * before || chords == MAX_CHORDS {
                        break;
                    }
                    step = following;
                    continue;
                }
                length *= 0.5;
                if length < least {
                    return false;
                }
            }
        }
        false
    }

    /// Newton's method with steps that are shortened until the residual is smaller.
    fn newton_by_residual(
        &mut self,
        precisions: &[f64],
        at: &mut [f64],
        tolerance: f64,
        budget: usize,
    ) -> bool {
        let response = &mut self.response;
        let mut residual = response.respond(precisions, at);
        for _ in 0..budget {
            if residual <= tolerance.max(response.tolerance(at)) {
                response.settle(at);
                return true;
            }
            let step = newton_step(response, precisions, at);
            let mut length = 1.0;
            loop {
                let next: Vec<f64> = at.iter().zip(&step).map(|(z, d)| z + length * d).collect();
                let reached = response.respond(precisions, &next);
                if reached < residual {
                    at.copy_from_slice(&next);
                    residual = reached;
                    break;
                }
                length /= 4.0;
                if length < 1e-3 {
                    return false;
                }
            }
        }
        false
    }

    /// Moves nearly solved logits to where Newton's steps become no shorter; whether that is as near to the fixed point as rounding
    /// allows. Where many players mix at a high precision the response is so steep that the residual says little.
    pub(super) fn polish_to_rounding(&mut self, precisions: &[f64], logits: &mut [f64]) -> bool {
        let mut last = ALREADY_NEAR;
        for _ in 0..POLISHING_STEPS {
            if !self.has_factors() {
                return false;
            }
            let (residuals, _) = self.response.residuals_at_once(precisions, logits);
            if self.factorise(precisions, logits).is_none() {
                return false;
            }
            let step = self.solve(&residuals);
            let size = largest(&step);
            if size > last {
                break;
            }
            logits.iter_mut().zip(&step).for_each(|(z, d)| *z += d);
            last = 0.5 * size;
        }
        let scale = largest(logits).max(1.0);
        last <= AT_ROUNDING * scale
    }

    /// The equilibrium with these logits. Where they count as solved but their residual is larger than rounding leaves, they are
    /// moved nearer first.
    pub(super) fn equilibrium(
        &mut self,
        precisions: &[f64],
        mut logits: Vec<f64>,
        mut status: Status,
    ) -> Equilibrium {
        let mut residual = self.response.respond(precisions, &logits);
        let solved = matches!(status, Status::Converged | Status::Jumped { .. });
        if solved && (residual.is_nan() || residual > self.attainable(&logits)) {
            if !self.polish_to_rounding(precisions, &mut logits) {
                status = Status::Stuck { reached: 1.0 };
            }
            residual = self.response.respond(precisions, &logits);
        }
        let play = softmax(self.layout(), &logits);
        Equilibrium { logits, play, status, residual, sweeps: self.response.sweeps, crossings: Vec::new() }
    }

    /// The residual of an equilibrium that rounding may leave.
    fn attainable(&self, logits: &[f64]) -> f64 {
        f64::max(10.0 * self.response.tolerance(logits), ROUNDING / self.least_share)
    }
}

/// The difference between the largest and the smallest payoff of a player.
pub(super) fn payoff_range(numbers: &Valuation, players: usize, player: usize) -> f64 {
    let own = numbers.payoffs.iter().skip(player).step_by(players.max(1));
    let (low, high) = own.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &x| (l.min(x), h.max(x)));
    if high > low { high - low } else { 0.0 }
}
