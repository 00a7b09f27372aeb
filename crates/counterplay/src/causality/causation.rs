//! Probabilities of causation: how likely it is that an event was necessary for another, sufficient, or both.
//!
//! With a cause $x$ and its absence $x'$, an effect $y$ and its absence $y'$, and $y_x$ for "$y$, had $x$ been the
//! case" (Pearl 1999):
//!
//! - **necessity** $\mathrm{PN} = P(y'\_{x'} \mid x, y)$: where both happened, there would have been no effect without
//!   the cause;
//! - **sufficiency** $\mathrm{PS} = P(y_x \mid x', y')$: where neither happened, the cause would have brought the effect;
//! - **both** $\mathrm{PNS} = P(y_x, y'\_{x'})$.
//!
//! They speak of one and the same unit in two worlds, of which only one is ever seen, so they depend on the
//! mechanism of luck. Three ways to know of them: [`bounds`] from experiments and observations, which hold
//! whatever that mechanism (Tian and Pearl 2000, theorems 1 to 3); [`if_monotone`], their values where the cause
//! never prevents the effect and nothing confounds the two; [`exact`], by enumeration where the mechanism is known.

/// The least and the greatest value that something can have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// The least.
    pub low: f64,
    /// The greatest.
    pub high: f64,
}

impl Range {
    /// The part of \[0, 1\] between the two; crossed ends, which rounding can leave, meet.
    fn of(low: f64, high: f64) -> Self {
        let (low, high) = (low.clamp(0.0, 1.0), high.clamp(0.0, 1.0));
        if low <= high { Self { low, high } } else { Self { low: high, high: low } }
    }
}

/// Necessity, sufficiency and both, as numbers or as ranges.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Causation<T> {
    /// The probability of necessity.
    pub necessity: T,
    /// The probability of sufficiency.
    pub sufficiency: T,
    /// The probability of necessity and sufficiency.
    pub both: T,
}

/// How often cause and effect were observed together, where nobody intervened; sums to one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observed {
    /// $P(x, y)$.
    pub both: f64,
    /// $P(x, y')$.
    pub cause_alone: f64,
    /// $P(x', y)$.
    pub effect_alone: f64,
    /// $P(x', y')$.
    pub neither: f64,
}

/// How often the effect comes where the cause is brought about, or kept away, by intervention.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Experiment {
    /// $P(y_x)$.
    pub with_cause: f64,
    /// $P(y_{x'})$.
    pub without_cause: f64,
}

/// The tightest bounds that an experiment and observations together give, whatever the mechanism.
///
/// $$ \max\\{0, P(y_x) - P(y_{x'}), P(y) - P(y_{x'}), P(y_x) - P(y)\\} \le \mathrm{PNS} \le
///    \min\\{P(y_x), P(y'\_{x'}), P(x,y) + P(x',y'), P(y_x) - P(y_{x'}) + P(x,y') + P(x',y)\\}, $$
/// $$ \max\Bigl\\{0, \frac{P(y) - P(y_{x'})}{P(x,y)}\Bigr\\} \le \mathrm{PN} \le
///    \min\Bigl\\{1, \frac{P(y'\_{x'}) - P(x',y')}{P(x,y)}\Bigr\\}, $$
/// $$ \max\Bigl\\{0, \frac{P(y_x) - P(y)}{P(x',y')}\Bigr\\} \le \mathrm{PS} \le
///    \min\Bigl\\{1, \frac{P(y_x) - P(x,y)}{P(x',y')}\Bigr\\}. $$
///
/// Not a number where what a probability is conditional on has none. Source: Tian and Pearl (2000), theorems 1-3.
///
/// ```
/// use counterplay::causality::causation::{Experiment, Observed, bounds};
/// // Nobody who took it lived who would have died otherwise: 16 and 14 in a thousand, and 2 and 28 of those who chose.
/// let experiment = Experiment { with_cause: 0.016, without_cause: 0.014 };
/// let observed = Observed { both: 0.001, cause_alone: 0.499, effect_alone: 0.014, neither: 0.486 };
/// assert!((bounds(experiment, observed).necessity.low - 1.0).abs() < 1e-9);
/// ```
pub fn bounds(experiment: Experiment, observed: Observed) -> Causation<Range> {
    let Experiment { with_cause, without_cause } = experiment;
    let Observed { both, cause_alone, effect_alone, neither } = observed;
    let effect = both + effect_alone;
    let low = 0f64.max(with_cause - without_cause).max(effect - without_cause).max(with_cause - effect);
    let high = with_cause
        .min(1.0 - without_cause)
        .min(both + neither)
        .min(with_cause - without_cause + cause_alone + effect_alone);
    Causation {
        necessity: within(effect - without_cause, 1.0 - without_cause - neither, both),
        sufficiency: within(with_cause - effect, with_cause - both, neither),
        both: Range::of(low, high),
    }
}

/// Bounds of a share of `whole`, which must have a probability.
fn within(low: f64, high: f64, whole: f64) -> Range {
    if whole > 0.0 { Range::of(low / whole, high / whole) } else { Range { low: f64::NAN, high: f64::NAN } }
}

/// The values where the cause never prevents the effect (monotonicity) and nothing confounds the two
/// (exogeneity): with $p = P(y \mid x)$ and $q = P(y \mid x')$,
/// $\mathrm{PN} = (p - q)/p$, $\mathrm{PS} = (p - q)/(1 - q)$ and $\mathrm{PNS} = p - q$.
///
/// Source: Pearl (1999); Tian and Pearl (2000), section 4.
pub fn if_monotone(with_cause: f64, without_cause: f64) -> Causation<f64> {
    let excess = with_cause - without_cause;
    Causation { necessity: excess / with_cause, sufficiency: excess / (1.0 - without_cause), both: excess }
}

/// One state of luck in a known mechanism: how likely it is, whether the cause comes by itself, and whether the
/// effect follows with the cause and without it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// Its probability.
    pub probability: f64,
    /// Whether the cause is there where nobody intervenes.
    pub cause: bool,
    /// Whether the effect follows with the cause.
    pub effect_with: bool,
    /// Whether the effect follows without it.
    pub effect_without: bool,
}

impl Unit {
    /// Whether the effect is there where nobody intervenes.
    pub fn effect(&self) -> bool {
        if self.cause { self.effect_with } else { self.effect_without }
    }
}

/// The values where the mechanism is known, by going through all states of luck.
pub fn exact(units: &[Unit]) -> Causation<f64> {
    let mass =
        |of: &dyn Fn(&Unit) -> bool| -> f64 { units.iter().filter(|u| of(u)).map(|u| u.probability).sum() };
    let happened = |u: &Unit| u.cause && u.effect_with;
    let neither = |u: &Unit| !u.cause && !u.effect_without;
    Causation {
        necessity: mass(&|u| happened(u) && !u.effect_without) / mass(&happened),
        sufficiency: mass(&|u| neither(u) && u.effect_with) / mass(&neither),
        both: mass(&|u| u.effect_with && !u.effect_without) / mass(&|_| true),
    }
}

/// What an experiment with these units, and their observation, would show.
pub fn shown_by(units: &[Unit]) -> (Experiment, Observed) {
    let mass =
        |of: &dyn Fn(&Unit) -> bool| -> f64 { units.iter().filter(|u| of(u)).map(|u| u.probability).sum() };
    let experiment =
        Experiment { with_cause: mass(&|u| u.effect_with), without_cause: mass(&|u| u.effect_without) };
    let observed = Observed {
        both: mass(&|u| u.cause && u.effect()),
        cause_alone: mass(&|u| u.cause && !u.effect()),
        effect_alone: mass(&|u| !u.cause && u.effect()),
        neither: mass(&|u| !u.cause && !u.effect()),
    };
    (experiment, observed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// All eight kinds of units, with the given weights.
    fn population(weights: &[f64]) -> Vec<Unit> {
        let total: f64 = weights.iter().sum();
        let unit = |(kind, weight): (usize, &f64)| Unit {
            probability: weight / total,
            cause: kind & 1 == 1,
            effect_with: kind & 2 == 2,
            effect_without: kind & 4 == 4,
        };
        weights.iter().enumerate().map(unit).collect()
    }

    fn inside(value: f64, range: Range) -> bool {
        range.low - 1e-9 <= value && value <= range.high + 1e-9
    }

    proptest! {
        #[test]
        fn what_holds_lies_within_the_bounds_whatever_the_mechanism(
            weights in proptest::collection::vec(0.01..1.0f64, 8)
        ) {
            let units = population(&weights);
            let (experiment, observed) = shown_by(&units);
            let (known, range) = (exact(&units), bounds(experiment, observed));
            prop_assert!(inside(known.necessity, range.necessity));
            prop_assert!(inside(known.sufficiency, range.sufficiency));
            prop_assert!(inside(known.both, range.both));
        }

        /// No unit would have the effect without the cause but not with it.
        #[test]
        fn without_prevention_and_confounding_the_values_are_those_of_a_monotone_cause(
            [always, helped, never, share] in proptest::array::uniform4(0.05..1.0f64)
        ) {
            let total = always + helped + never;
            let kinds = [(always, true, true), (helped, true, false), (never, false, false)];
            let units: Vec<Unit> = [true, false].iter().flat_map(|&cause| {
                let part = if cause { share } else { 1.0 - share };
                kinds.map(|(weight, effect_with, effect_without)| Unit {
                    probability: part * weight / total, cause, effect_with, effect_without,
                })
            }).collect();
            let (experiment, observed) = shown_by(&units);
            let closed = if_monotone(experiment.with_cause, experiment.without_cause);
            let known = exact(&units);
            let pairs = [
                (closed.necessity, known.necessity),
                (closed.sufficiency, known.sufficiency),
                (closed.both, known.both),
            ];
            if share < 0.999 {
                prop_assert!(pairs.iter().all(|(a, b)| (a - b).abs() < 1e-9), "{pairs:?}");
            }
            // Nothing in the observations goes beyond the experiment, so the lower bound is what monotony gives.
            prop_assert!((bounds(experiment, observed).both.low - closed.both).abs() < 1e-9);
        }

        /// To take more causes away can only make the effect rarer where each of them helps: the larger absence
        /// is the more necessary one.
        #[test]
        fn necessity_grows_with_what_is_taken_away_where_causes_only_help(
            thresholds in proptest::collection::vec((0.01..1.0f64, 0usize..4), 12)
        ) {
            let necessity = |taken: usize| {
                let units: Vec<Unit> = thresholds.iter().map(|&(probability, needed)| Unit {
                    probability, cause: true, effect_with: needed <= 3, effect_without: needed <= 3 - taken,
                }).collect();
                exact(&units).necessity
            };
            prop_assert!(necessity(1) <= necessity(2) + 1e-12 && necessity(2) <= necessity(3) + 1e-12);
        }
    }
}
