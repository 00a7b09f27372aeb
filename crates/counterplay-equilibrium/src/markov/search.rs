//! A search for stationary logit equilibria beside the one on the principal branch.
//!
//! Starting points are stationary profiles with the values that they have: pure ones, all of them where they are few, then drawn ones;
//! logits drawn evenly up to the size of the precision times the range of payoffs; and mixed play, uniform over the simplex. Each is led on
//! by accelerated sweeps of responses and values (Anderson 1965), which stay with equilibria that are stable, and by Newton's method
//! at once, which finds others as well; both end in Newton's method with the precisions held. That a search finds no other
//! equilibrium does not prove that there is none.

use counterplay_math::ln;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::point::MarkovPoint;
use super::{Equilibrium, Numbers, Solver, Status};
use crate::logit::search::SearchSettings;
use crate::numeric::vector::largest_difference;

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct Findings {
    /// Distinct equilibria, those known before first.
    pub equilibria: Vec<Equilibrium>,
    /// How many starting points were tried.
    pub starts: usize,
    /// How many of them led to an equilibrium.
    pub polished: usize,
}

/// What a linear system counts as, in sweeps.
const SYSTEM: usize = 10;

/// Play that differs by less than this, in the probability of any action, is the same.
const SAME: f64 = 1e-6;

/// Logits at which an action is practically certain.
const SURE: f64 = 30.0;

/// Sweeps after which the values of a profile are near enough, and accelerated sweeps from there.
const VALUES: usize = 60;
const SWEEPS: usize = 60;

impl Solver {
    /// Equilibria beside those `known` at these numbers and precisions, first looked for from equilibria at a point `nearby`. Of the
    /// sweeps, which are over the games of all states, a linear system counts as ten.
    pub fn search_beside(
        &mut self,
        numbers: &Numbers,
        precisions: &[f64],
        known: Vec<Equilibrium>,
        nearby: &[&Equilibrium],
        settings: &SearchSettings,
    ) -> Findings {
        self.begin(numbers);
        let mut findings = Findings { equilibria: known, starts: 0, polished: 0 };
        let mut starts: Vec<MarkovPoint> = nearby.iter().map(|e| self.point_of(e)).collect();
        starts.reverse();
        let (few, mut rng) =
            (self.pure_profiles(settings.starts / 2), ChaCha8Rng::seed_from_u64(settings.seed));
        for start in 0..settings.starts + nearby.len() {
            if self.sweeps + SYSTEM * self.systems >= settings.max_sweeps {
                break;
            }
            let point = starts.pop().unwrap_or_else(|| {
                let number = start - nearby.len();
                let logits =
                    if number < few { self.pure(number) } else { self.draw(&mut rng, precisions, number) };
                self.valued(precisions, logits)
            });
            findings.starts += 1;
            for sweeps in [SWEEPS, 0] {
                let Some(found) = self.led_on(precisions, point.clone(), sweeps) else { continue };
                findings.polished += usize::from(sweeps > 0);
                if findings.equilibria.iter().all(|known| apart(known, &found) > SAME) {
                    findings.equilibria.push(found);
                }
            }
        }
        findings
    }

    /// The equilibrium that a starting point leads to.
    fn led_on(&mut self, precisions: &[f64], mut point: MarkovPoint, sweeps: usize) -> Option<Equilibrium> {
        self.sweep(precisions, &mut point, sweeps);
        let reached =
            self.near(precisions, &mut point) && self.settle(precisions, &mut point, self.settings.tolerance);
        reached.then(|| self.equilibrium(precisions, &point, Status::Converged))
    }

    fn point_of(&self, equilibrium: &Equilibrium) -> MarkovPoint {
        let own = self.states.iter().zip(&equilibrium.logits);
        let logits =
            own.flat_map(|(state, logits)| state.lead.iter().map(|&action| logits[action])).collect();
        MarkovPoint { logits, values: equilibrium.values.clone(), share: 1.0 }
    }

    /// These logits with the values of play by them, about.
    fn valued(&mut self, precisions: &[f64], logits: Vec<f64>) -> MarkovPoint {
        let mut point =
            MarkovPoint { logits, values: vec![0.0; self.states.len() * self.players], share: 1.0 };
        for _ in 0..VALUES {
            self.respond(precisions, &point);
            let count = self.states.len();
            for (index, state) in self.states.iter().enumerate() {
                for (player, value) in state.stage_values().iter().enumerate() {
                    point.values[player * count + index] = *value;
                }
            }
        }
        point
    }

    /// The actions of the information sets that lead on, as ranges of the unknown logits.
    fn choices(&self) -> Vec<std::ops::Range<usize>> {
        let of_state = |state: &super::Local| {
            let mut first = state.first;
            let counts: Vec<usize> =
                state.layout.sets.iter().filter(|s| s.leads_on).map(|s| s.count).collect();
            counts.into_iter().map(move |count| {
                first += count;
                first - count..first
            })
        };
        self.states.iter().flat_map(of_state).collect()
    }

    /// How many pure profiles there are, if at most `most`; else none.
    fn pure_profiles(&self, most: usize) -> usize {
        let all = self.choices().iter().fold(1, |all: usize, c| all.saturating_mul(c.len()));
        if all <= most { all } else { 0 }
    }

    /// A pure profile, by its number.
    fn pure(&self, mut number: usize) -> Vec<f64> {
        let mut logits = self.uniform().logits;
        for choice in self.choices() {
            logits[choice.start + number % choice.len()] = SURE;
            number /= choice.len();
        }
        logits
    }

    /// A drawn profile.
    fn draw(&self, rng: &mut ChaCha8Rng, precisions: &[f64], number: usize) -> Vec<f64> {
        let mut logits = self.uniform().logits;
        let steepest = precisions.iter().copied().fold(0.0, f64::max) * self.range;
        match number % 4 {
            0 | 2 => {
                for choice in self.choices() {
                    logits[rng.random_range(choice)] = SURE;
                }
            }
            1 => logits.iter_mut().for_each(|z| *z = steepest * (2.0 * rng.random::<f64>() - 1.0)),
            // Shares of exponential variables are uniform over the simplex.
            _ => logits
                .iter_mut()
                .for_each(|z| *z = ln((-ln(1.0 - rng.random::<f64>())).max(f64::MIN_POSITIVE))),
        }
        logits
    }
}

/// The largest difference between the probabilities of an action in two equilibria.
fn apart(a: &Equilibrium, b: &Equilibrium) -> f64 {
    a.play.iter().zip(&b.play).map(|(a, b)| largest_difference(a, b)).fold(0.0, f64::max)
}
