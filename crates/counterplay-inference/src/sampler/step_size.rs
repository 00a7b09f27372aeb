//! The step size: a first one, and how it is adapted.

use counterplay_math::{exp, ln};
use rand::Rng;

use super::LogDensity;
use super::trajectory::{Mover, Point};

/// A step size at which one step from here is accepted about as often as wanted, found by doubling or halving.
pub(super) fn reasonable_step<D: LogDensity>(
    density: &mut D,
    scales: &[f64],
    from: &Point,
    target: f64,
    rng: &mut impl Rng,
) -> f64 {
    const FIRST: f64 = 0.1;
    let start = from.pushed(rng);
    let mut accepted = |step_size: f64, forwards: bool| {
        let mut mover = Mover::new(density, scales, step_size, &start);
        // That it ended counts as never accepted.
        let _ = mover.step(&start, forwards);
        mover.acceptance.plain()
    };
    let grows = accepted(FIRST, true) > target;
    let factor = if grows { 2.0 } else { 0.5 };
    let mut step_size = FIRST;
    for _ in 0..100 {
        let probability = accepted(step_size, grows);
        let enough = if grows { probability <= target } else { probability >= target };
        if enough || !(1e-10..=1e5).contains(&step_size) {
            return step_size;
        }
        step_size *= factor;
    }
    FIRST
}

/// Adapts the step size by dual averaging (Nesterov 2009; Hoffman and Gelman 2014, section 3.2).
#[derive(Clone, Debug)]
pub(super) struct StepSize {
    target: f64,
    log_step: f64,
    log_mean: f64,
    /// The mean lack of acceptance.
    lack: f64,
    /// What the steps shrink towards.
    anchor: f64,
    count: f64,
}

impl StepSize {
    /// Half a turn of a standard normal, in units of the metric: no longer step is of use.
    const LONGEST: f64 = std::f64::consts::PI;

    pub(super) fn new(target: f64, step_size: f64) -> Self {
        let mut fresh = Self { target, log_step: 0.0, log_mean: 0.0, lack: 0.0, anchor: 0.0, count: 1.0 };
        fresh.restart(step_size);
        fresh
    }

    /// Goes on from this step size, as after a change of the metric.
    pub(super) fn restart(&mut self, step_size: f64) {
        self.log_step = ln(step_size);
        self.log_mean = self.log_step;
        self.anchor = ln(10.0 * step_size);
    }

    /// Learns from the mean acceptance of a trajectory.
    pub(super) fn learn(&mut self, acceptance: f64) {
        const GAMMA: f64 = 0.05;
        const DELAY: f64 = 10.0;
        let weight = 1.0 / (self.count + DELAY);
        self.lack = (1.0 - weight) * self.lack + weight * (self.target - acceptance);
        let log_step = self.anchor - self.lack * self.count.sqrt() / GAMMA;
        self.log_step = log_step.min(ln(Self::LONGEST));
        // count^(-3/4)
        let weight = 1.0 / (self.count.sqrt() * self.count.sqrt().sqrt());
        self.log_mean = weight * self.log_step + (1.0 - weight) * self.log_mean;
        self.count += 1.0;
    }

    /// The step size to try next.
    pub(super) fn next(&self) -> f64 {
        exp(self.log_step)
    }

    /// The step size to stay with.
    pub(super) fn settled(&self) -> f64 {
        exp(self.log_mean)
    }
}
