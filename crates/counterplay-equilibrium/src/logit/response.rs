//! The response map at one point: sweeps with their count, products of its derivative, and iteration to a fixed point.

use std::sync::Arc;

use counterplay_game::valuation::Valuation;

use super::batch::{Batch, Progress};
use super::equilibrium::Gradient;
use super::layout::Layout;
use super::settings::Settings;
use super::sweep::View;
use crate::numeric::vector::largest;

/// The response map of a game at one point, and what its last sweep found.
#[derive(Clone, Debug)]
pub(super) struct Response {
    pub(super) lane: Batch<1>,
    /// Sweeps spent since the numbers were loaded, or what other work costs in sweeps.
    pub(super) sweeps: usize,
}

impl Response {
    pub(super) fn new(layout: Arc<Layout>, settings: Settings) -> Self {
        Self { lane: Batch::of(layout, settings), sweeps: 0 }
    }

    pub(super) fn layout(&self) -> &Layout {
        &self.lane.layout
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.lane.settings
    }

    /// Puts in the numbers of a point, and counts sweeps from zero.
    pub(super) fn load(&mut self, numbers: &Valuation) {
        self.sweeps = 0;
        self.lane.load(0, numbers);
    }

    /// Forgets what the iteration learnt of the map.
    pub(super) fn forget(&mut self) {
        self.lane.forget_iteration(0);
    }

    /// Responds to these logits; returns how far the response is from them.
    pub(super) fn respond(&mut self, precisions: &[f64], at: &[f64]) -> f64 {
        self.sweeps += 1;
        self.lane.put(0, precisions, at);
        let [residual] = self.lane.respond();
        residual
    }

    /// The logits that the last sweep responded with.
    pub(super) fn logits(&self) -> &[f64] {
        &self.lane.sweep.response
    }

    /// The expected payoff of each action to its player at the last sweep.
    pub(super) fn action_values(&self) -> &[f64] {
        &self.lane.sweep.action_values
    }

    /// What linear systems need of the last sweep.
    pub(super) fn view(&self) -> View<'_> {
        self.lane.sweep.view()
    }

    /// The response of the last sweep less the logits that it started from.
    pub(super) fn residuals(&self, at: &[f64]) -> Vec<f64> {
        self.logits().iter().zip(at).map(|(h, z)| h - z).collect()
    }

    /// The residuals at a point to first order, and the largest of them. The play is that of the point throughout the sweep,
    /// so that Newton's method meets less curvature and converges from further away.
    pub(super) fn residuals_at_once(&mut self, precisions: &[f64], at: &[f64]) -> (Vec<f64>, f64) {
        self.sweeps += 2;
        let Batch { layout, sweep, .. } = &mut self.lane;
        sweep.respond_at_once(layout, precisions, at);
        let residuals = self.residuals(at);
        let Batch { layout, sweep, .. } = &mut self.lane;
        let mut carried = vec![0.0; residuals.len()];
        sweep.carry(layout, precisions, &residuals, &mut carried);
        let size = largest(&carried);
        (carried, size)
    }

    /// Ends an iteration: the logits that follow from the others take their values. The others stay, since where the
    /// response is steep it is further from the fixed point than they are.
    pub(super) fn settle(&self, at: &mut [f64]) {
        for set in self.layout().sets.iter().filter(|s| !s.leads_on) {
            at[set.actions()].copy_from_slice(&self.logits()[set.actions()]);
        }
    }

    /// The residual of logits that solve the equations.
    pub(super) fn tolerance(&self, logits: &[f64]) -> f64 {
        self.settings().tolerance * logits.iter().fold(1.0, |m: f64, z| m.max(z.abs()))
    }

    /// Iterates to a fixed point; whether one was reached, to `tolerance` or to that of the settings, whichever is wider.
    pub(super) fn iterate(
        &mut self,
        precisions: &[f64],
        at: &mut [f64],
        tolerance: f64,
        budget: usize,
    ) -> bool {
        self.lane.start(0, precisions, at, tolerance, budget);
        while matches!(self.lane.progress(0), Progress::Iterating { .. }) {
            self.lane.step();
        }
        at.copy_from_slice(&self.lane.logits(0));
        let (reached, sweeps) = match self.lane.progress(0) {
            Progress::Reached { sweeps, .. } => (true, sweeps),
            Progress::Failed { sweeps, .. } | Progress::Iterating { sweeps } => (false, sweeps),
            Progress::Idle => (false, 0),
        };
        self.sweeps += sweeps;
        reached
    }

    /// The product $dz - H_z\\,dz$ at the point of the last sweep.
    pub(super) fn jacobian(&mut self, scaled: &[f64], x: &[f64], out: &mut [f64]) {
        let fixed = vec![0.0; scaled.len()];
        self.tangent(scaled, x, &fixed, out);
        for (out, x) in out.iter_mut().zip(x) {
            *out = x - *out;
        }
    }

    /// The product of the bordered Jacobian: $(dz - H_z\\,dz - H_t\\,dt,\ \tau \cdot (dz, dt))$.
    pub(super) fn bordered(
        &mut self,
        scaled: &[f64],
        precisions: &[f64],
        border: &[f64],
        x: &[f64],
        out: &mut [f64],
    ) {
        let n = x.len() - 1;
        let d_precisions: Vec<f64> = precisions.iter().map(|l| l * x[n]).collect();
        self.tangent(scaled, &x[..n], &d_precisions, &mut out[..n]);
        for (out, x) in out[..n].iter_mut().zip(x) {
            *out = x - *out;
        }
        out[n] = border.iter().zip(x).map(|(b, x)| b * x).sum();
    }

    /// The change of the response with a change of the logits and of the precisions, at the point of the last sweep.
    pub(super) fn tangent(&mut self, scaled: &[f64], x: &[f64], d_precisions: &[f64], out: &mut [f64]) {
        self.sweeps += 2;
        let Batch { layout, sweep, .. } = &mut self.lane;
        sweep.tangent(layout, scaled, x, d_precisions, out);
    }

    /// The derivatives through the fixed point at the last sweep, of a function with these derivatives by the logits.
    pub(super) fn gradient(&mut self, precisions: &[f64], weights: &[f64]) -> Gradient {
        self.lane.put_precisions(0, precisions);
        let [gradient] = self.lane.gradients_here(&[Some(weights)]);
        gradient.expect("there are weights")
    }
}
