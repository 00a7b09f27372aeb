//! Where a walk along the branch is going: predictions, and the length of steps.
//!
//! Lengths are measured relative to the size of what changes. A prediction integrates the tangent $x'$ along the branch,
//! which is taken to change linearly with the length (Adams and Bashforth's second-order formula); or, where the share
//! $t$ only rises and play is nearly sure, goes on along the curve $x = a + b t + c / t$ through the last three points, since
//! there logits and values come to such a curve: to $a$ where an action stays in play, along $b$ where it does not.

use counterplay_math::powf;

use super::Spot;
use super::linear::Sign;
use super::path::Step;

/// The first step.
const FIRST_LENGTH: f64 = 0.5;

/// The distance of the response from a prediction that steps aim at, in logits weighed with probabilities.
const MISSED: f64 = 0.3;

/// The most by which a step may be longer than the one before.
const GROWTH: f64 = 4.0;

/// The longest step, in the share by which the share grows.
const LONGEST: f64 = 30.0;

/// The cosine between the tangents at both ends of a step below which it is taken again shorter.
const BENT: f64 = 0.8;

/// The part of the share in a tangent, and the precision times the range of payoffs, from which on the share only rises.
const RISING: f64 = 0.5;
const FAR: f64 = 30.0;

/// A weight for each unknown; see [`Walk::border`].
pub(super) struct Border(Step);

impl Border {
    pub(super) fn times(&self, step: &Step) -> f64 {
        self.0.dot(step)
    }
}

/// A walk along the branch.
pub(super) struct Walk {
    /// The share at which the precision times the range of payoffs is one.
    pub(super) unit: f64,
    /// The length of the next step.
    pub(super) length: f64,
    /// The tangent, of length one, and that before with the distance between them.
    tangent: Step,
    before: Option<(Step, f64)>,
    /// The last two points before that where the walk is, the later first.
    passed: Vec<Spot>,
    /// Whether the tangent is that of a point beside the branch, from which the last was corrected.
    pub(super) stale: bool,
    /// Whether the share has been rising steadily.
    pub(super) far: bool,
}

impl Step {
    fn dot(&self, other: &Self) -> f64 {
        let sum = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        sum(&self.logits, &other.logits) + sum(&self.values, &other.values) + self.share * other.share
    }

    fn scale(&mut self, factor: f64) {
        for x in self.logits.iter_mut().chain(&mut self.values) {
            *x *= factor;
        }
        self.share *= factor;
    }
}

/// The squares of the weights by which lengths are measured.
struct Metric {
    logits: Vec<f64>,
    value: f64,
    share: f64,
}

impl Metric {
    fn at(spot: &Spot, unit: f64) -> Self {
        let count = spot.logits.len().max(1) as f64;
        // Its square must be a number above zero, even where nothing is ever paid.
        let largest = spot.values.iter().fold(1e-150, |m: f64, v| m.max(v.abs()));
        Self {
            logits: spot.logits.iter().map(|z| 1.0 / (count * (1.0 + z.abs()).powi(2))).collect(),
            value: 1.0 / (largest * largest * spot.values.len() as f64),
            share: 1.0 / (spot.share + unit).powi(2),
        }
    }

    /// The inner product of two steps.
    fn dot(&self, a: &Step, b: &Step) -> f64 {
        let logits = a.logits.iter().zip(&b.logits).zip(&self.logits).map(|((a, b), w)| w * a * b);
        let values: f64 = a.values.iter().zip(&b.values).map(|(a, b)| a * b).sum();
        logits.sum::<f64>() + self.value * values + self.share * a.share * b.share
    }

    fn normalise(&self, step: &mut Step) {
        let length = self.dot(step, step).sqrt();
        step.scale(1.0 / length);
    }
}

impl Walk {
    pub(super) fn new(unit: f64, start: &Spot, mut tangent: Step) -> Self {
        Metric::at(start, unit).normalise(&mut tangent);
        Self {
            unit,
            length: FIRST_LENGTH,
            tangent,
            before: None,
            passed: Vec::new(),
            stale: false,
            far: false,
        }
    }

    pub(super) fn shorten(&mut self, factor: f64) {
        self.length *= factor;
        self.far = false;
    }

    /// Puts in the tangent at the point where the walk is.
    pub(super) fn renew(&mut self, spot: &Spot, along: Step, sign: Sign) {
        (self.tangent, self.stale) = (self.oriented(spot, along, sign), false);
    }

    /// The tangent of length one at a point, turned onwards: the share rises where the determinant is positive, as it is
    /// under uniform play (Allgower and Georg 1990, chapter 2). Where its sign is unknown, to where the share rises: such a
    /// walk ends at a turn.
    pub(super) fn oriented(&self, at: &Spot, mut along: Step, sign: Sign) -> Step {
        let metric = Metric::at(at, self.unit);
        metric.normalise(&mut along);
        let onwards = match sign {
            Sign::Positive | Sign::Unknown => true,
            Sign::Negative => false,
        };
        along.scale(if onwards { 1.0 } else { -1.0 });
        along
    }

    /// The point that a step of this length is predicted to lead to.
    pub(super) fn predict(&self, from: &Spot, length: f64) -> Spot {
        let mut next = from.clone();
        let Some((before, gap)) = &self.before else {
            next.add(length, &self.tangent);
            return next;
        };
        if let (true, [last, first]) = (self.far, self.passed.as_slice()) {
            let to = from.share + length * self.tangent.share;
            return predict_far([first, last, from], to);
        }
        let bend = length / (2.0 * gap);
        next.add(length * (1.0 + bend), &self.tangent);
        next.add(-length * bend, before);
        next
    }

    /// The weights of the condition that keeps corrections across the step: orthogonal to the tangent, or the share held.
    pub(super) fn border(&self, spot: &Spot) -> Border {
        let mut weights = self.tangent.clone();
        if self.far {
            weights.scale(0.0);
            weights.share = 1.0;
            return Border(weights);
        }
        let metric = Metric::at(spot, self.unit);
        for (x, w) in weights.logits.iter_mut().zip(&metric.logits) {
            *x *= w;
        }
        for x in &mut weights.values {
            *x *= metric.value;
        }
        weights.share *= metric.share;
        Border(weights)
    }

    /// Whether the branch goes on in about the same direction at the next point, with this tangent.
    pub(super) fn goes_on(&self, next: &Spot, tangent: &Step) -> bool {
        let metric = Metric::at(next, self.unit);
        let mut before = self.tangent.clone();
        metric.normalise(&mut before);
        metric.dot(&before, tangent) > BENT
    }

    /// Moves on to the next point, and chooses the length of the step from there.
    pub(super) fn advance(&mut self, spot: &Spot, next: &Spot, tangent: Step, missed: f64) {
        let metric = Metric::at(next, self.unit);
        self.stale = true;
        let mut before = std::mem::replace(&mut self.tangent, tangent);
        metric.normalise(&mut before);
        let mut gone = Step { logits: next.logits.clone(), values: next.values.clone(), share: next.share };
        for (x, y) in gone.logits.iter_mut().zip(&spot.logits) {
            *x -= y;
        }
        for (x, y) in gone.values.iter_mut().zip(&spot.values) {
            *x -= y;
        }
        gone.share -= spot.share;
        let gap = metric.dot(&gone, &gone).sqrt();
        let rises = |step: &Step| step.share * metric.share.sqrt() > RISING;
        self.far = next.share > FAR * self.unit
            && spot.share > self.unit
            && rises(&self.tangent)
            && before.share > 0.0
            && next.share > spot.share;
        let aim = powf(MISSED / missed.max(1e-9), 0.4);
        self.length = f64::min(gap * aim.clamp(0.3, GROWTH), LONGEST);
        self.before = Some((before, gap));
        self.passed.insert(0, spot.clone());
        self.passed.truncate(2);
    }
}

/// The point at the share `to` of the curve $a + b t + c / t$ in the share $t$ through three points.
///
/// Through the points and not from tangents, which are those of predictions, a little beside the branch.
fn predict_far([first, last, here]: [&Spot; 3], to: f64) -> Spot {
    let (t0, t1, t2) = (first.share, last.share, here.share);
    // Between two points the slope is b - c / (t t'), so that the next is this much of the last two.
    let bend = t0 * (to - t1) / (to * (t2 - t0));
    let weights = [(to - t2) * (1.0 + bend) / (t2 - t1), (to - t2) * bend / (t1 - t0)];
    let goes_on = |((x0, x1), x2): ((&f64, &f64), &f64)| x2 + weights[0] * (x2 - x1) - weights[1] * (x1 - x0);
    let curve = |a: &[f64], b: &[f64], c: &[f64]| a.iter().zip(b).zip(c).map(goes_on).collect();
    Spot {
        logits: curve(&first.logits, &last.logits, &here.logits),
        values: curve(&first.values, &last.values, &here.values),
        share: to,
    }
}
