//! Where a walk along the branch goes next: predictions, and the length of steps.
//!
//! A prediction integrates the tangent $x'$ along the branch, which is taken to change linearly with the length (Adams and
//! Bashforth's second-order formula); or, where the share $t$ only rises and play is nearly sure, continues along the curve
//! $x = a + b t + c / t$ through the last three points, since there logits and values approach such a curve: to $a$ where an
//! action stays in play, along $b$ where it does not.

use super::point::{Change, MarkovPoint, Waypoint};

/// The first step.
const FIRST_LENGTH: f64 = 0.2;

/// The longest step, and the same where the share only rises.
const LONGEST: f64 = 1.5;
const LONGEST_FAR: f64 = 6.0;

/// The most by which a step may be longer than the one before.
const GROWTH: f64 = 3.0;

/// The part of the share in a tangent, and the precision times the range of payoffs, from which on the share only rises.
const RISING: f64 = 0.5;
const FAR: f64 = 30.0;

/// A step that is accepted.
pub(super) struct Stride {
    /// Where it led.
    pub(super) to: Waypoint,
    /// By how much the next may be longer.
    pub(super) factor: f64,
    /// How far on another branch seems to cross.
    pub(super) crossing: Option<f64>,
}

/// A walk along the branch.
pub(super) struct MarkovWalk {
    /// The share at which the precision times the range of payoffs is one.
    pub(super) unit: f64,
    /// The length of the next step.
    pub(super) length: f64,
    pub(super) here: Waypoint,
    /// The tangent before, and the distance from there.
    before: Option<(Change, f64)>,
    /// The last two points before that where the walk is, the later first.
    passed: Vec<MarkovPoint>,
    /// Whether the directions are those of a point beside the branch, from which the last was corrected.
    pub(super) stale: bool,
    /// Whether the share has been rising steadily.
    pub(super) far: bool,
    /// The length of steps from which on no crossing is looked for: one was not found at this width.
    pub(super) doubt: f64,
    /// Whether the next step is to lead beyond a crossing.
    pub(super) leaps: bool,
    /// The shares at which other branches cross.
    pub(super) crossings: Vec<f64>,
}

impl MarkovWalk {
    pub(super) fn new(unit: f64, here: Waypoint) -> Self {
        Self {
            unit,
            length: FIRST_LENGTH,
            here,
            before: None,
            passed: Vec::new(),
            stale: false,
            far: false,
            doubt: f64::INFINITY,
            leaps: false,
            crossings: Vec::new(),
        }
    }

    pub(super) fn shorten(&mut self, factor: f64) {
        if self.leaps {
            // There was no crossing so near.
            (self.doubt, self.leaps) = (self.length, false);
        }
        self.length *= factor;
        self.far = false;
    }

    /// The point that a step of this length is predicted to lead to.
    pub(super) fn predict(&self, length: f64) -> MarkovPoint {
        let from = &self.here.at;
        let tangent = &self.here.directions.tangent;
        let mut next = from.clone();
        let Some((before, gap)) = &self.before else {
            next.add(length, tangent);
            return next;
        };
        if let (true, [last, first]) = (self.far, self.passed.as_slice()) {
            let to = from.share + length * tangent.share;
            return predict_far([first, last, from], to);
        }
        let bend = length / (2.0 * gap);
        next.add(length * (1.0 + bend), tangent);
        next.add(-length * bend, before);
        next
    }

    /// The prediction at a share that the next step would lead past, and the length of the step to there; none where it
    /// would not.
    pub(super) fn predict_at(&self, share: f64) -> Option<(MarkovPoint, f64)> {
        let from = self.here.at.share;
        let to = self.predict(self.length).share;
        if to < share {
            return None;
        }
        let length = self.length * (share - from) / (to - from);
        let mut next = self.predict(length);
        next.share = share;
        Some((next, length))
    }

    /// Moves on to where a step of this length led.
    pub(super) fn advance(&mut self, Stride { to, factor, crossing }: Stride, gap: f64) {
        let before = std::mem::replace(&mut self.here, to);
        let weight = 1.0 / (self.here.at.share + self.unit);
        let rises = |point: &Waypoint| point.directions.tangent.share * weight > RISING;
        self.far = before.at.share > FAR * self.unit && rises(&self.here) && rises(&before);
        self.length = f64::min(gap * factor.clamp(0.3, GROWTH), if self.far { LONGEST_FAR } else { LONGEST });
        // To as far beyond a crossing as it is away.
        let beyond = crossing.map(|distance| 2.0 * distance);
        self.leaps = beyond.is_some_and(|length| length <= LONGEST && length < self.doubt);
        if let (Some(length), true) = (beyond, self.leaps) {
            (self.length, self.far) = (length, false);
        }
        self.stale = true;
        self.passed.insert(0, before.at);
        self.passed.truncate(2);
        self.before = Some((before.directions.tangent, gap));
        if self.length > 2.0 * self.doubt {
            self.doubt = f64::INFINITY;
        }
    }

    /// Moves on to a point beyond a crossing, in short steps at first.
    pub(super) fn cross(&mut self, beyond: Waypoint, share: f64, length: f64) {
        (self.here, self.length, self.stale, self.far) = (beyond, length, false, false);
        self.leaps = false;
        self.before = None;
        self.passed.clear();
        self.doubt = f64::INFINITY;
        self.crossings.push(share);
    }
}

/// The point at the share `to` of the curve $a + b t + c / t$ in the share $t$ through three points.
///
/// Through the points and not from tangents, which are those of predictions, a little beside the branch.
fn predict_far([first, last, here]: [&MarkovPoint; 3], to: f64) -> MarkovPoint {
    let (t0, t1, t2) = (first.share, last.share, here.share);
    // Between two points the slope is b - c / (t t'), so that the next is this much of the last two.
    let bend = t0 * (to - t1) / (to * (t2 - t0));
    let weights = [(to - t2) * (1.0 + bend) / (t2 - t1), (to - t2) * bend / (t1 - t0)];
    let goes_on = |((x0, x1), x2): ((&f64, &f64), &f64)| x2 + weights[0] * (x2 - x1) - weights[1] * (x1 - x0);
    let curve = |a: &[f64], b: &[f64], c: &[f64]| a.iter().zip(b).zip(c).map(goes_on).collect();
    MarkovPoint {
        logits: curve(&first.logits, &last.logits, &here.logits),
        values: curve(&first.values, &last.values, &here.values),
        share: to,
    }
}
