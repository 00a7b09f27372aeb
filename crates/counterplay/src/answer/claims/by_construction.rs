//! What holds by construction: whatever the uncertain quantities are, and so without any bearing of what is believed of them.
//!
//! The answer to a what-if is so if the outcome has the probability 0, or 1, at every draw from the posterior and from the
//! prior. A claim is so if it holds at every one of these draws, or at none, and would go on to do so with any other values
//! of the numbers that its test asks for, those aside which are the same at every draw. So "war was likely" with war
//! between 70% and 95% of the time is a finding, though it holds at every draw; "no pact without a war" is none, where the
//! story has no pact without a war. What was found with luck that is drawn is never called so: a rare event can fail
//! to come up.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use crate::answer::claims::ClaimDraw;
use crate::answer::claims::asked::{AskedNumber, words};
use crate::answer::tally::WorldDraw;
use crate::problem::Problem;
use crate::scenario::{ClaimTest, DrawAnswers};
use crate::world::catalogue::OutcomeIndex;

/// Whether an outcome is certain, or out of the question, in a world at all of these draws; not if luck was drawn for any.
pub(crate) fn settled<'a>(worlds: impl Iterator<Item = &'a WorldDraw>, of: OutcomeIndex) -> bool {
    let mut first = None;
    for world in worlds {
        let probability = world.probability(of);
        let certain = probability == 0.0 || probability == 1.0;
        if world.replays.is_some() || !certain || *first.get_or_insert(probability) != probability {
            return false;
        }
    }
    first.is_some()
}

/// A claim is tested with this many other values of the numbers that vary.
const ROUNDS: u64 = 64;

/// Whether a claim holds, or fails, by construction, from what draws of the posterior and of the prior say of it.
pub(crate) fn claim_by_construction<'a>(
    test: &dyn ClaimTest,
    draws: impl Iterator<Item = &'a ClaimDraw>,
) -> bool {
    let (mut verdict, mut numbers) = (None, Numbers::default());
    for draw in draws {
        match draw.holds {
            Ok(holds) if *verdict.get_or_insert(holds) == holds => numbers.take(&draw.asked),
            Ok(_) | Err(_) => return false,
        }
    }
    let Some(verdict) = verdict else { return false };
    !numbers.0.is_empty()
        && (0..ROUNDS).all(|round| {
            let answers = OtherValues::new(&numbers, round);
            test.holds(&answers).is_ok_and(|holds| holds == verdict) && !answers.unknown.get()
        })
}

/// The numbers that a claim asks for, by their words, with the values that they have.
#[derive(Default)]
struct Numbers(BTreeMap<String, Values>);

/// The values of a number over the draws.
struct Values {
    low: f64,
    high: f64,
    is_probability: bool,
    exact: bool,
}

impl Values {
    /// Whether it is the same at every draw.
    fn settled(&self) -> bool {
        self.exact && self.low == self.high
    }

    /// A value that it might have, by a share of its range.
    fn at(&self, share: f64) -> f64 {
        if self.settled() {
            return self.low;
        }
        if self.is_probability {
            return share;
        }
        // Well beyond what the draws reach, on either side of zero.
        let reach = 2.0 * self.high.abs().max(self.low.abs()).max(1.0);
        (2.0 * share - 1.0) * reach
    }
}

impl Numbers {
    fn take(&mut self, asked: &[AskedNumber]) {
        for number in asked {
            let value = number.value;
            let known = self.0.entry(number.words.clone()).or_insert(Values {
                low: value,
                high: value,
                is_probability: number.is_probability,
                exact: true,
            });
            known.low = known.low.min(value);
            known.high = known.high.max(value);
            known.exact &= number.exact && !value.is_nan();
        }
    }
}

/// Answers in which what varies from draw to draw has other values.
struct OtherValues<'a> {
    numbers: &'a Numbers,
    round: u64,
    /// The state of a small generator.
    state: Cell<u64>,
    given: RefCell<BTreeMap<String, f64>>,
    /// Whether something was asked for that no draw was asked for.
    unknown: Cell<bool>,
}

impl<'a> OtherValues<'a> {
    fn new(numbers: &'a Numbers, round: u64) -> Self {
        Self { numbers, round, state: Cell::new(round), given: RefCell::default(), unknown: Cell::new(false) }
    }

    /// Between 0 and 1, without the ends; the first rounds are near the ends.
    fn share(&self) -> f64 {
        const NEAR: f64 = 1e-6;
        // Weyl's sequence, good enough to go through the corners of a few numbers.
        self.state.set(self.state.get().wrapping_add(0x9E37_79B9_7F4A_7C15));
        let mixed = (self.state.get() ^ (self.state.get() >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 11;
        let share = (mixed as f64 + 0.5) / (1_u64 << 53) as f64;
        match self.round {
            0 => NEAR,
            1 => 1.0 - NEAR,
            // Every number at one of its ends.
            round if round % 2 == 0 => {
                if share < 0.5 {
                    NEAR
                } else {
                    1.0 - NEAR
                }
            }
            _ => share,
        }
    }

    fn value(&self, words: String) -> f64 {
        let Some(values) = self.numbers.0.get(&words) else {
            self.unknown.set(true);
            return f64::NAN;
        };
        *self.given.borrow_mut().entry(words).or_insert_with(|| values.at(self.share()))
    }
}

impl DrawAnswers for OtherValues<'_> {
    fn probability(&self, outcome: &str, value: &str, under: Option<&str>) -> Result<f64, Problem> {
        Ok(self.value(words::probability(outcome, value, under)))
    }

    fn mean(&self, measure: &str, under: Option<&str>) -> Result<f64, Problem> {
        Ok(self.value(words::mean(measure, under)))
    }

    fn query(&self, name: &str) -> Result<f64, Problem> {
        Ok(self.value(words::query(name)))
    }

    fn shapley(&self, factor: &str, _: &str, _: &str) -> Result<f64, Problem> {
        Ok(self.value(words::shapley(factor)))
    }

    fn share(&self, factor: &str, _: &str, _: &str) -> Result<f64, Problem> {
        Ok(self.value(words::share(factor)))
    }

    fn necessity(&self, factor: &str, _: &str, _: &str) -> Result<f64, Problem> {
        Ok(self.value(words::necessity(factor)))
    }

    fn sufficiency(&self, factor: &str, _: &str, _: &str) -> Result<f64, Problem> {
        Ok(self.value(words::sufficiency(factor)))
    }

    fn sufficiency_alone(&self, factor: &str, _: &str, _: &str) -> Result<f64, Problem> {
        Ok(self.value(words::sufficiency_alone(factor)))
    }
}
