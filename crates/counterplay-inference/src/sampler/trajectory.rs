//! One draw: a trajectory that doubles until it turns back on itself, and a point of it.
//!
//! The No-U-Turn sampler (Hoffman and Gelman 2014) with points drawn by their weights instead of by a slice (Betancourt 2017,
//! appendix A.3.2). Its numbers depend on the density and the generator alone: sums run over the coordinates in order, and
//! elementary functions are those of [`counterplay_math`].

use std::rc::Rc;

use counterplay_math::{exp, ln_1p};
use rand::{Rng, RngExt};

use super::{LogDensity, NoDensity};
use crate::random;

/// An error of the energy beyond which a trajectory diverges.
const MAX_ENERGY_ERROR: f64 = 1000.0;

/// A point of a trajectory.
#[derive(Clone, Debug)]
pub(super) struct Point {
    pub(super) position: Vec<f64>,
    pub(super) gradient: Vec<f64>,
    log_density: f64,
    /// In units of the metric: standard normal at the start of a trajectory.
    velocity: Vec<f64>,
    /// How many steps after the start, negative for before it.
    index: i64,
}

impl Point {
    /// The point at this position.
    ///
    /// # Errors
    /// Why there is none, where the density or its gradient is not finite.
    pub(super) fn at<D: LogDensity>(density: &mut D, position: Vec<f64>) -> Result<Self, NoDensity> {
        let mut gradient = vec![0.0; position.len()];
        let log_density = density.evaluate(&position, &mut gradient)?;
        if log_density == f64::NEG_INFINITY {
            return Err(NoDensity::Zero);
        }
        if !log_density.is_finite() {
            return Err(NoDensity::not_a_number());
        }
        if gradient.iter().any(|g| !g.is_finite()) {
            return Err(NoDensity::BadNumber("the density has no finite slope".to_owned()));
        }
        let velocity = vec![0.0; position.len()];
        Ok(Self { position, gradient, log_density, velocity, index: 0 })
    }

    /// The same point as a start, with a velocity of its own.
    pub(super) fn pushed(&self, rng: &mut impl Rng) -> Self {
        let velocity = self.position.iter().map(|_| random::normal(rng)).collect();
        Self { velocity, index: 0, ..self.clone() }
    }

    fn energy(&self) -> f64 {
        0.5 * self.velocity.iter().map(|v| v * v).sum::<f64>() - self.log_density
    }
}

/// Why a trajectory went no further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It turned back on itself, or is as long as it may be.
    Complete,
    /// The energy went astray.
    Diverged,
    /// It came to a point where there is no density, for this reason.
    CutShort(NoDensity),
}

/// The mean probability of acceptance over the steps of a trajectory, which the step size is adapted to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Acceptance {
    steps: f64,
    plain: f64,
    symmetric: f64,
}

impl Acceptance {
    /// Counts a step by which the energy fell by this much; nothing where the trajectory ended there.
    fn add(&mut self, energy_loss: Option<f64>) {
        self.steps += 1.0;
        if let Some(loss) = energy_loss {
            let probability = exp(loss.min(0.0));
            self.plain += probability;
            self.symmetric += 2.0 * probability / (1.0 + exp(loss));
        }
    }

    /// The mean of $\min(1, e^{-\Delta})$, with $\Delta$ the error of the energy.
    pub(super) fn plain(&self) -> f64 {
        self.plain / self.steps
    }

    /// The mean of $2 \min(1, e^{-\Delta}) / (1 + e^{-\Delta})$, which counts errors of either sign.
    pub(super) fn symmetric(&self) -> f64 {
        self.symmetric / self.steps
    }
}

/// What a draw came from.
#[derive(Clone, Debug)]
pub(super) struct Trajectory {
    pub(super) draw: Rc<Point>,
    pub(super) depth: u64,
    pub(super) end: End,
    pub(super) acceptance: Acceptance,
}

impl Trajectory {
    /// Whether the draw tells anything about the distribution: it is not where the trajectory started, nor, where that went astray, close
    /// to it.
    pub(super) fn moved(&self) -> bool {
        self.draw.index.abs() > if self.end == End::Complete { 0 } else { 4 }
    }
}

/// Moves points through phase space.
pub(super) struct Mover<'a, D> {
    pub(super) density: &'a mut D,
    /// The scale of each coordinate: the metric.
    pub(super) scales: &'a [f64],
    pub(super) step_size: f64,
    /// The energy that errors are measured from.
    energy: f64,
    pub(super) acceptance: Acceptance,
}

/// A part of a trajectory.
struct Tree {
    first: Rc<Point>,
    last: Rc<Point>,
    draw: Rc<Point>,
    /// The logarithm of the sum of the weights of its points.
    log_weight: f64,
}

impl<'a, D: LogDensity> Mover<'a, D> {
    pub(super) fn new(density: &'a mut D, scales: &'a [f64], step_size: f64, start: &Point) -> Self {
        Self { density, scales, step_size, energy: start.energy(), acceptance: Acceptance::default() }
    }

    /// A leapfrog step.
    pub(super) fn step(&mut self, from: &Point, forwards: bool) -> Result<Point, End> {
        let length = if forwards { self.step_size } else { -self.step_size };
        let half = |v: f64, s: f64, g: f64| v + 0.5 * length * (s * g);
        let each = from.velocity.iter().zip(self.scales).zip(&from.gradient);
        let velocity: Vec<f64> = each.map(|((v, s), g)| half(*v, *s, *g)).collect();
        let each = from.position.iter().zip(self.scales).zip(&velocity);
        let position = each.map(|((x, s), v)| x + length * (s * v)).collect();
        let mut to = match Point::at(self.density, position) {
            Ok(to) => to,
            Err(why) => {
                self.acceptance.add(None);
                return Err(End::CutShort(why));
            }
        };
        let each = velocity.iter().zip(self.scales).zip(&to.gradient);
        to.velocity = each.map(|((v, s), g)| half(*v, *s, *g)).collect();
        to.index = from.index + if forwards { 1 } else { -1 };
        let error = to.energy() - self.energy;
        // Also where it is NaN.
        if !(error.is_finite() && error <= MAX_ENERGY_ERROR) {
            self.acceptance.add(None);
            return Err(End::Diverged);
        }
        self.acceptance.add(Some(-error));
        Ok(to)
    }

    /// A tree of $2^\text{depth}$ points on from the given one, which is not part of it.
    fn grown(&mut self, from: &Point, forwards: bool, depth: u64, rng: &mut impl Rng) -> Result<Tree, End> {
        if depth == 0 {
            let point = Rc::new(self.step(from, forwards)?);
            let log_weight = self.energy - point.energy();
            return Ok(Tree { first: point.clone(), last: point.clone(), draw: point, log_weight });
        }
        let near = self.grown(from, forwards, depth - 1, rng)?;
        let edge = if forwards { near.last.clone() } else { near.first.clone() };
        let far = self.grown(&edge, forwards, depth - 1, rng)?;
        let turned = self.turns(&near, &far, forwards, depth > 1);
        let log_weight = log_sum(near.log_weight, far.log_weight);
        let tree = near.joined(far, forwards, log_weight, log_weight, rng);
        if turned { Err(End::Complete) } else { Ok(tree) }
    }

    /// Whether two trees that follow one another turn back: as a whole, or, unless they are single points, one of them together with
    /// the edge of the other.
    fn turns(&self, near: &Tree, far: &Tree, forwards: bool, parts: bool) -> bool {
        let (before, after) = if forwards { (near, far) } else { (far, near) };
        self.turn_back(&before.first, &after.last)
            || parts
                && (self.turn_back(&before.last, &after.last) || self.turn_back(&before.first, &after.first))
    }

    /// Whether from the first to the last of two points the trajectory begins to come back.
    fn turn_back(&self, first: &Point, last: &Point) -> bool {
        let way =
            || first.position.iter().zip(&last.position).zip(self.scales).map(|((a, b), s)| (b - a) / s);
        let along = |velocity: &[f64]| way().zip(velocity).map(|(w, v)| w * v).sum::<f64>();
        along(&first.velocity) < 0.0 || along(&last.velocity) < 0.0
    }
}

impl Tree {
    /// With another tree, whose draw is taken with the ratio of its weight to `reference`.
    fn joined(
        self,
        other: Self,
        forwards: bool,
        reference: f64,
        log_weight: f64,
        rng: &mut impl Rng,
    ) -> Self {
        let taken = other.log_weight >= reference || rng.random::<f64>() < exp(other.log_weight - reference);
        let draw = if taken { other.draw } else { self.draw };
        let (first, last) = if forwards { (self.first, other.last) } else { (other.first, self.last) };
        Self { first, last, draw, log_weight }
    }
}

/// $\ln(e^a + e^b)$
fn log_sum(a: f64, b: f64) -> f64 {
    a.max(b) + if a == b { std::f64::consts::LN_2 } else { ln_1p(exp(-(a - b).abs())) }
}

/// A draw, from a start that has its velocity.
pub(super) fn draw<D: LogDensity>(
    start: Point,
    mut mover: Mover<'_, D>,
    max_depth: u64,
    rng: &mut impl Rng,
) -> Trajectory {
    let start = Rc::new(start);
    let mut tree = Tree { first: start.clone(), last: start.clone(), draw: start, log_weight: 0.0 };
    let mut depth = 0;
    let mut end = End::Complete;
    while depth < max_depth {
        let forwards = rng.random::<bool>();
        let edge = if forwards { tree.last.clone() } else { tree.first.clone() };
        let grown = match mover.grown(&edge, forwards, depth, rng) {
            Ok(grown) => grown,
            Err(why) => {
                end = why;
                break;
            }
        };
        let turned = mover.turns(&tree, &grown, forwards, depth > 0);
        // The new half by its weight over that of the old one: away from the start (Betancourt 2017).
        let (reference, log_weight) = (tree.log_weight, log_sum(tree.log_weight, grown.log_weight));
        tree = tree.joined(grown, forwards, reference, log_weight, rng);
        depth += 1;
        if turned {
            break;
        }
    }
    Trajectory { draw: tree.draw, depth, end, acceptance: mover.acceptance }
}
