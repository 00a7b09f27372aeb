//! Pseudo-arc-length continuation in tiny steps (Allgower and Georg 1990, chapters 2 and 8).
//!
//! A step from $y$ along the unit tangent $t$ is accepted only where all of this holds: Newton's method converges in the
//! plane of the prediction and ends near it; the tangent hardly changes; no probability changes by much; the derivative
//! $A = (F'; t^T)$ changes by a small part of itself, $\|A(y)^{-1} A(y_+) - I\|_\infty \le 0.05$, so that Newton's method
//! with the derivative of one end contracts at the other; and $\det (F'; t^T)$ keeps its sign. A sign that changes in steps however short is a true
//! crossing of another branch; the tracer goes straight on there, and counts it.

use super::System;
use super::dense::Lu;

/// How short steps are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fineness {
    /// The longest step, in logits and units of precision, where logits are small.
    pub longest: f64,
    /// The largest change of a probability.
    pub probability: f64,
    /// The largest relative change of the derivative.
    pub derivative: f64,
    /// The smallest cosine between tangents.
    pub cosine: f64,
    /// The largest distance of a point from its prediction, as a share of the step.
    pub correction: f64,
}

impl Default for Fineness {
    fn default() -> Self {
        Self { longest: 0.1, probability: 0.005, derivative: 0.05, cosine: 0.999_95, correction: 0.01 }
    }
}

impl Fineness {
    /// The same with steps about half as long.
    pub fn halved(self) -> Self {
        Self {
            longest: self.longest / 2.0,
            probability: self.probability / 2.0,
            derivative: self.derivative / 2.0,
            cosine: 1.0 - (1.0 - self.cosine) / 4.0,
            correction: self.correction / 2.0,
        }
    }
}

/// The point of the branch at a given precision, where it is first reached.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub precision: f64,
    pub play: Vec<f64>,
    pub unknowns: Vec<f64>,
    /// Crossings of other branches before it.
    pub crossings: usize,
    /// Folds before it.
    pub folds: usize,
    /// The norm of the inverse derivative at this precision: how far play moves for an error of the residual.
    pub condition: f64,
}

/// Why a trace ended before the last precision was reached.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// Steps became too short, at this precision.
    Stuck(f64),
    /// More steps than allowed, at this precision.
    Long(f64),
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Traced {
    /// One for each precision that was reached, in order.
    pub answers: Vec<Answer>,
    /// The precisions of all folds that were passed.
    pub folds: Vec<f64>,
    /// The precisions of all crossings that were passed.
    pub crossings: Vec<f64>,
    pub failure: Option<Failure>,
    pub steps: usize,
}

struct Point {
    /// Unknowns and precision.
    x: Vec<f64>,
    tangent: Vec<f64>,
    factors: Lu,
    play: Vec<f64>,
}

struct Step {
    to: Point,
    /// The largest of the measures relative to what is allowed.
    strain: f64,
}

const SHORTEST: f64 = 1e-8;
const MAX_STEPS: usize = 400_000;

/// Follows the principal branch to all of these precisions, which increase.
pub fn trace(system: &dyn System, precisions: &[f64], fineness: &Fineness) -> Traced {
    let targets: Vec<f64> = precisions.iter().map(|l| l / system.unit()).collect();
    let mut tracer = Tracer { system, fineness, found: Traced::default(), targets };
    tracer.run();
    tracer.found
}

struct Tracer<'a> {
    system: &'a dyn System,
    fineness: &'a Fineness,
    targets: Vec<f64>,
    found: Traced,
}

impl Tracer<'_> {
    fn run(&mut self) {
        let Some(mut at) = self.start() else {
            self.found.failure = Some(Failure::Stuck(0.0));
            return;
        };
        let mut length: f64 = 1e-3;
        while self.found.failure.is_none() && self.found.answers.len() < self.targets.len() {
            let precision = at.x[self.system.unknowns()] * self.system.unit();
            if self.found.steps == MAX_STEPS {
                self.found.failure = Some(Failure::Long(precision));
                return;
            }
            self.found.steps += 1;
            length = length.min(self.longest(&at));
            match self.step(&at, length) {
                Some(step) if step.strain <= 1.0 => {
                    self.note(&at, &step.to, length);
                    length *= (0.8 / step.strain).clamp(0.5, 1.3);
                    at = step.to;
                }
                Some(step) if length > SHORTEST => length *= (0.8 / step.strain).clamp(0.1, 0.7),
                None if length > SHORTEST => length *= 0.5,
                Some(_) | None => {
                    let Some((to, over)) = self.cross(&at) else {
                        self.found.failure = Some(Failure::Stuck(precision));
                        return;
                    };
                    self.found.crossings.push(precision);
                    self.note(&at, &to, over);
                    at = to;
                    // The derivative is nearly singular just behind a crossing: away from it in short steps.
                    length = 0.02 * over;
                }
            }
        }
    }

    fn longest(&self, at: &Point) -> f64 {
        let size = at.x.iter().fold(0.0f64, |m, x| m.max(x.abs()));
        self.fineness.longest * (1.0 + size / 10.0)
    }

    /// Uniform play, and the tangent towards higher precisions.
    fn start(&self) -> Option<Point> {
        let n = self.system.unknowns();
        let mut along = vec![0.0; n + 1];
        along[n] = 1.0;
        let mut x = self.system.start();
        x.push(0.0);
        let x = self.correct(x, &along)?;
        self.finish(x, &along)
    }

    /// Newton's method in the plane through `guess` across `normal`.
    fn correct(&self, guess: Vec<f64>, normal: &[f64]) -> Option<Vec<f64>> {
        let mut x = guess.clone();
        let mut polished = false;
        for _ in 0..10 {
            let (mut residual, matrix) = self.bordered(&x, normal);
            residual.push(x.iter().zip(&guess).zip(normal).map(|((x, g), t)| (x - g) * t).sum());
            let change = Lu::new(matrix, x.len()).solve(&residual);
            if change.iter().any(|d| !d.is_finite()) {
                return None;
            }
            for (x, d) in x.iter_mut().zip(&change) {
                *x -= d;
            }
            if polished {
                return Some(x);
            }
            let size = x.iter().fold(1.0f64, |m, x| m.max(x.abs()));
            polished = change.iter().all(|d| d.abs() <= 1e-10 * size);
        }
        None
    }

    /// The residual; and the derivative with `border` as its last row.
    fn bordered(&self, x: &[f64], border: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let n = self.system.unknowns();
        let mut residual = vec![0.0; n];
        let mut matrix = vec![0.0; (n + 1) * (n + 1)];
        self.system.evaluate(x, &mut residual, &mut matrix[..n * (n + 1)]);
        matrix[n * (n + 1)..].copy_from_slice(border);
        (residual, matrix)
    }

    /// A zero with its tangent in the direction of `along`.
    fn finish(&self, x: Vec<f64>, along: &[f64]) -> Option<Point> {
        let n = self.system.unknowns();
        let (_, matrix) = self.bordered(&x, along);
        let mut right = vec![0.0; n + 1];
        right[n] = 1.0;
        let mut tangent = Lu::new(matrix, n + 1).solve(&right);
        let norm = tangent.iter().map(|t| t * t).sum::<f64>().sqrt();
        if !norm.is_finite() {
            return None;
        }
        tangent.iter_mut().for_each(|t| *t /= norm);
        let (_, matrix) = self.bordered(&x, &tangent);
        let play = self.system.play(&x);
        Some(Point { factors: Lu::new(matrix, n + 1), play, tangent, x })
    }

    fn step(&self, from: &Point, length: f64) -> Option<Step> {
        let guess: Vec<f64> = from.x.iter().zip(&from.tangent).map(|(x, t)| x + length * t).collect();
        let x = self.correct(guess.clone(), &from.tangent)?;
        let missed = x.iter().zip(&guess).map(|(x, g)| (x - g).powi(2)).sum::<f64>().sqrt();
        let to = self.finish(x, &from.tangent)?;
        let cosine: f64 = from.tangent.iter().zip(&to.tangent).map(|(a, b)| a * b).sum();
        let moved = from.play.iter().zip(&to.play).map(|(p, q)| (p - q).abs()).fold(0.0, f64::max);
        let (_, before) = self.bordered(&from.x, &from.tangent);
        let (_, after) = self.bordered(&to.x, &from.tangent);
        let change: Vec<f64> = after.iter().zip(&before).map(|(a, b)| a - b).collect();
        let changed = from.factors.relative_change(&change);
        let limits = self.fineness;
        let missed = if missed > limits.correction * length && length < 1e-4 {
            // Rounding decides what is missed in the shortest steps.
            let size = to.x.iter().fold(1.0f64, |m, x| m.max(x.abs()));
            (missed - 10.0 * f64::EPSILON * size * to.factors.inverse_norm()).max(0.0)
        } else {
            missed
        };
        let mut strain = (moved / limits.probability)
            .max(changed / limits.derivative)
            .max(((1.0 - cosine).max(0.0) / (1.0 - limits.cosine)).sqrt())
            .max(missed / length / limits.correction);
        if to.factors.sign != from.factors.sign || !strain.is_finite() {
            strain = 10.0;
        }
        Some(Step { to, strain: strain.max(1e-3) })
    }

    /// Over a crossing: the shortest of some longer steps that leads straight on. The orientation is the other one behind
    /// it if an odd number of branches cross; where players or actions are interchangeable, it can be an even number.
    fn cross(&self, from: &Point) -> Option<(Point, f64)> {
        let mut length = 1e-5;
        while length < 0.02 {
            let guess: Vec<f64> = from.x.iter().zip(&from.tangent).map(|(x, t)| x + length * t).collect();
            if let Some(x) = self.correct(guess.clone(), &from.tangent) {
                let missed = x.iter().zip(&guess).map(|(x, g)| (x - g).powi(2)).sum::<f64>().sqrt();
                if let Some(to) = self.finish(x, &from.tangent) {
                    let cosine: f64 = from.tangent.iter().zip(&to.tangent).map(|(a, b)| a * b).sum();
                    if cosine > 0.9999 && missed < 0.01 * length {
                        return Some((to, length));
                    }
                }
            }
            length *= 3.0;
        }
        None
    }

    /// Notes a fold between two points, and answers for the precisions that are first reached between them.
    fn note(&mut self, from: &Point, to: &Point, length: f64) {
        let n = self.system.unknowns();
        let rises = |p: &Point| p.tangent[n] > 0.0;
        let (mut highest, mut reach) = (to.x[n], length);
        if rises(from) != rises(to)
            && let Some((fold, at)) = self.fold(from, length)
        {
            if rises(from) && fold > highest {
                (highest, reach) = (fold, at);
            }
            // Answers before a fold do not count it.
            self.answer(from, reach, highest);
            self.found.folds.push(fold * self.system.unit());
            return;
        }
        self.answer(from, reach, highest);
    }

    fn answer(&mut self, from: &Point, reach: f64, highest: f64) {
        while let Some(&target) = self.targets.get(self.found.answers.len()) {
            if target > highest {
                return;
            }
            let Some(answer) = self.locate(from, reach, target) else {
                self.found.failure = Some(Failure::Stuck(target * self.system.unit()));
                return;
            };
            self.found.answers.push(answer);
        }
    }

    /// The length of the step to where the tangent has no part along the precision, and the precision there.
    fn fold(&self, from: &Point, length: f64) -> Option<(f64, f64)> {
        let n = self.system.unknowns();
        let (mut low, mut high) = (0.0, length);
        let mut best = None;
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            let point = self.point(from, middle)?;
            best = Some((point.x[n], middle));
            if (point.tangent[n] > 0.0) == (from.tangent[n] > 0.0) { low = middle } else { high = middle }
        }
        best
    }

    fn point(&self, from: &Point, length: f64) -> Option<Point> {
        let guess: Vec<f64> = from.x.iter().zip(&from.tangent).map(|(x, t)| x + length * t).collect();
        let x = self.correct(guess, &from.tangent)?;
        self.finish(x, &from.tangent)
    }

    /// The point at a precision between `from` and a step of the length `reach` from it.
    fn locate(&self, from: &Point, reach: f64, target: f64) -> Option<Answer> {
        let n = self.system.unknowns();
        let (mut low, mut high) = (0.0, reach);
        let mut x = from.x.clone();
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            x = self.point(from, middle)?.x;
            if x[n] < target { low = middle } else { high = middle }
        }
        // The last digits, at exactly this precision.
        let mut along = vec![0.0; n + 1];
        along[n] = 1.0;
        let mut exact = x.clone();
        exact[n] = target;
        if let Some(polished) = self.correct(exact, &along) {
            let moved = polished.iter().zip(&x).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            if moved < 1e-6 {
                x = polished;
            }
        }
        let (_, matrix) = self.bordered(&x, &along);
        Some(Answer {
            precision: target * self.system.unit(),
            play: self.system.play(&x),
            condition: Lu::new(matrix, n + 1).inverse_norm(),
            crossings: self.found.crossings.len(),
            folds: self.found.folds.len(),
            unknowns: x,
        })
    }
}
