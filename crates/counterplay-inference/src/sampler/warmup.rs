//! The warm-up: the metric and the step size are learnt from draws.
//!
//! The schedule and the metric are those of nuts-rs (Seyboldt 2021): the scale of a coordinate is the fourth root of the ratio of the
//! variances of its draws and of its gradients, which for a normal distribution is its standard deviation whatever the correlations,
//! and which takes few draws to be of use. The draws are those of a window, which moves on and grows, so that the first steps are
//! soon forgotten.

use rand::{Rng, RngExt};

use super::step_size::{StepSize, reasonable_step};
use super::trajectory::{Point, Trajectory};
use super::{LogDensity, SamplerSettings};

/// The share of the warm-up in which windows are short.
const EARLY: f64 = 0.3;
/// The share of it, at the end, in which only the step size is learnt.
const LAST: f64 = 0.15;
/// The length of a window early on, and of the first one later.
const SHORT_WINDOW: u64 = 10;
const FIRST_WINDOW: u64 = 80;
/// How much longer each window is than the one before it.
const GROWTH: f64 = 1.5;
/// Scales are kept within these bounds.
const SMALLEST: f64 = 1e-10;
const LARGEST: f64 = 1e10;
/// By what share the step size is varied from draw to draw, lest a trajectory return to where it began.
const JITTER: f64 = 0.1;

/// Means and sums of squares as they grow (Welford 1962).
#[derive(Clone, Debug)]
struct Spread {
    count: f64,
    mean: Vec<f64>,
    squares: Vec<f64>,
}

impl Spread {
    fn new(dimension: usize) -> Self {
        Self { count: 0.0, mean: vec![0.0; dimension], squares: vec![0.0; dimension] }
    }

    fn add(&mut self, values: &[f64]) {
        self.count += 1.0;
        for ((mean, square), x) in self.mean.iter_mut().zip(&mut self.squares).zip(values) {
            let away = x - *mean;
            *mean += away / self.count;
            *square += away * (x - *mean);
        }
    }
}

/// Draws and gradients of a window.
#[derive(Clone, Debug)]
struct Window {
    draws: Spread,
    gradients: Spread,
}

impl Window {
    fn new(dimension: usize) -> Self {
        Self { draws: Spread::new(dimension), gradients: Spread::new(dimension) }
    }

    fn add(&mut self, point: &Point) {
        self.draws.add(&point.position);
        self.gradients.add(&point.gradient);
    }

    /// Puts in the scales that they speak for; whether there are enough of them.
    fn update(&self, scales: &mut [f64]) -> bool {
        if self.draws.count < 3.0 {
            return false;
        }
        for ((scale, draws), gradients) in
            scales.iter_mut().zip(&self.draws.squares).zip(&self.gradients.squares)
        {
            let found = (draws / gradients).sqrt().sqrt();
            if found.is_finite() && found > 0.0 {
                *scale = found.clamp(SMALLEST, LARGEST);
            }
        }
        true
    }
}

/// What the warm-up knows.
pub(super) struct Warmup {
    draws: u64,
    early_end: u64,
    last_begin: u64,
    step: StepSize,
    pub(super) step_size: f64,
    pub(super) scales: Vec<f64>,
    /// The window that the metric comes from, and the one that takes its place.
    window: Window,
    next: Window,
    /// The length of windows after the early ones.
    length: u64,
    /// Whether the metric is still that of the start.
    first_metric: bool,
    target: f64,
}

impl Warmup {
    /// Before the first draw. The first scales are $|g|^{-1/2}$, with $g$ the gradient at the start.
    pub(super) fn new<D: LogDensity>(
        settings: &SamplerSettings,
        density: &mut D,
        start: &Point,
        rng: &mut impl Rng,
    ) -> Self {
        let draws = settings.warmup as u64;
        let share = |share: f64| (share * draws as f64) as u64;
        let scale = |g: &f64| if *g == 0.0 { 1.0 } else { (1.0 / g.abs().sqrt()).clamp(SMALLEST, LARGEST) };
        let scales: Vec<f64> = start.gradient.iter().map(scale).collect();
        let target = settings.target_accept;
        let step_size = reasonable_step(density, &scales, start, target, rng);
        let mut window = Window::new(scales.len());
        window.add(start);
        Self {
            draws,
            early_end: share(EARLY),
            last_begin: draws - share(LAST),
            step: StepSize::new(target, step_size),
            step_size,
            scales,
            next: window.clone(),
            window,
            length: FIRST_WINDOW,
            first_metric: true,
            target,
        }
    }

    /// Learns from the draw with this number, and sets the step size of the next one.
    pub(super) fn learn<D: LogDensity>(
        &mut self,
        draw: u64,
        trajectory: &Trajectory,
        density: &mut D,
        rng: &mut impl Rng,
    ) {
        if draw >= self.draws {
            self.step_size = jittered(self.step.settled(), rng);
            return;
        }
        if draw >= self.last_begin {
            self.step.learn(trajectory.acceptance.symmetric());
            let last = draw + 1 == self.draws;
            let step_size = if last { self.step.settled() } else { self.step.next() };
            self.step_size = jittered(step_size, rng);
            return;
        }
        let (changed, late) = self.learn_metric(draw, trajectory);
        let acceptance = trajectory.acceptance;
        self.step.learn(if late { acceptance.symmetric() } else { acceptance.plain() });
        if changed && self.first_metric {
            self.first_metric = false;
            self.step_size = reasonable_step(density, &self.scales, &trajectory.draw, self.target, rng);
            self.step.restart(self.step_size);
        } else {
            self.step_size = jittered(self.step.next(), rng);
        }
    }

    /// Whether the metric has changed, and whether there is no room for another window.
    fn learn_metric(&mut self, draw: u64, trajectory: &Trajectory) -> (bool, bool) {
        if trajectory.moved() {
            self.window.add(&trajectory.draw);
            self.next.add(&trajectory.draw);
        }
        let early = draw < self.early_end;
        if draw == self.early_end {
            self.length = self.length.max(self.next.draws.count as u64);
        }
        let length = if early { SHORT_WINDOW } else { self.length };
        let grown = (self.length + 1).max((self.length as f64 * GROWTH).round() as u64);
        let following = if early { SHORT_WINDOW } else { grown };
        let late = following + draw > self.last_begin;
        if self.next.draws.count as u64 >= length && !late {
            let fresh = Window::new(self.scales.len());
            self.window = std::mem::replace(&mut self.next, fresh);
            if !early {
                self.length = following;
            }
        }
        (self.window.update(&mut self.scales), late)
    }
}

fn jittered(step_size: f64, rng: &mut impl Rng) -> f64 {
    step_size * (1.0 + JITTER * (2.0 * rng.random::<f64>() - 1.0))
}
