//! Sequential Monte Carlo from the prior to the posterior: marginal likelihoods, and draws where there are several
//! modes.
//!
//! A population of particles begins as independent draws from the prior, and is led to the posterior by way of
//! the tempered posteriors $p_\phi(\theta) \propto p(\theta) L(\theta)^\phi$ (Del Moral, Doucet and Jasra 2006).
//! At each step
//!
//! 1. the next temperature is the one at which the conditional effective sample size falls to a given share
//!    of the population (Zhou, Johansen and Aston 2016);
//! 2. each particle is weighed by $u = L^{\phi' - \phi}$; the mean of $u$ is a factor of the marginal likelihood;
//! 3. ancestors are drawn by systematic resampling;
//! 4. each ancestor starts a Markov chain that leaves $p_{\phi'}$ as it is, and *all* states of all chains are
//!    the next population (waste-free sequential Monte Carlo; Dau and Chopin 2022).
//!
//! $\hat Z = \prod \bar u$ has the marginal likelihood as its mean (but for a bias of the order of one over
//! the number of particles, because ladder and moves are tuned on the particles). Several runs that share
//! nothing show how far it can be trusted.
//!
//! A standard normal quantity of which 1 was observed with a standard error of one: the record has the marginal density
//! of a normal quantity with variance 2, $\ln Z = -\tfrac12 \ln 4\pi - \tfrac14$.
//!
//! ```
//! use counterplay_game::expression::Expressions;
//! use counterplay_inference::distribution::{Concrete, Distribution};
//! use counterplay_inference::marginal::MarginalLikelihood;
//! use counterplay_inference::prior::{JointPrior, Prior};
//! use counterplay_inference::sampler::{NoDensity, Silent};
//! use counterplay_inference::tempering::{Count, LogLikelihood, Tempering, climb_to};
//! #[derive(Clone)]
//! struct Observed;
//! impl LogLikelihood for Observed {
//!     fn logs(&mut self, points: &[&[f64]]) -> Vec<Result<f64, NoDensity>> {
//!         points.iter().map(|x| Ok(Concrete::Normal { mean: x[0], sd: 1.0 }.log_density(1.0))).collect()
//!     }
//! }
//! let (mut e, mut prior) = (Expressions::new(), JointPrior::new());
//! let (mean, sd) = (e.constant(0.0), e.constant(1.0));
//! prior.add(&e, &Prior::Single(Distribution::Normal { mean, sd }))?;
//! let how = Tempering { seed: 1, runs: 4, particles: 1000, rounds: 0 };
//! let found = MarginalLikelihood { runs: climb_to(&Observed, &prior, &how, &Count::new(4, &Silent)) };
//! let exact = -0.5 * (4.0 * std::f64::consts::PI).ln() - 0.25;
//! assert!((found.log_value() - exact).abs() < 0.05);
//! # Ok::<(), counterplay_inference::prior::PriorError>(())
//! ```

mod kernel;
mod ladder;

use std::sync::atomic::{AtomicUsize, Ordering};

use counterplay_math::{exp, ln};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::key::Key;
use crate::prior::{Combination, JointPrior};
use crate::sampler::{Missing, NoDensity, Progress};
use kernel::Kernel;
use ladder::{log_mean, next_temperature};
pub use ladder::{systematic, weights};

/// A likelihood known by its logarithm.
///
/// Several threads work on clones, each of which may keep what helps it evaluate the next point.
pub trait LogLikelihood: Clone + Send + Sync {
    /// At how many points it is evaluated together, if there are as many.
    const TOGETHER: usize = 1;

    /// The log likelihood at each of some points of the parameter space; minus infinity where it is zero.
    fn logs(&mut self, points: &[&[f64]]) -> Vec<Result<f64, NoDensity>>;
}

/// How much work a climb is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tempering {
    /// The seed; accounts that are compared have the same one, so that they begin with the same luck.
    pub seed: u64,
    /// Independent runs.
    pub runs: usize,
    /// Particles of each run.
    pub particles: usize,
    /// Rounds of moves at the posterior, after it is reached: for draws; a marginal likelihood needs none.
    pub rounds: usize,
}

/// The states of each chain between two temperatures, its ancestor with them.
const CHAIN: usize = 5;
/// The share of the population to which a step lets the conditional effective sample size fall.
const KEPT: f64 = 0.5;
/// The share above which the prior's draws are not led on by moves, but weighed by the whole likelihood at once: at
/// 0.1 that is no dearer for the same error, and draws from the prior are independent.
const KEPT_AT_ONCE: f64 = 0.1;
/// After this many steps a run goes to the posterior at once, and says that it has not converged.
const MOST_STEPS: usize = 60;
/// The acceptance rate that the length of moves aims at.
const ACCEPTANCE: f64 = 0.3;

/// A point of the parameter space with what is known there.
#[derive(Clone, Debug)]
struct Particle {
    z: Vec<f64>,
    combination: Combination,
    theta: Vec<f64>,
    log_prior: f64,
    log_likelihood: f64,
    /// Why there is no likelihood, if there is none.
    missing: Option<NoDensity>,
}

/// What one run found.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Run {
    /// Its estimate of the log marginal likelihood.
    pub log_marginal: f64,
    /// Independent draws from the prior, where it began.
    pub prior: Vec<Vec<f64>>,
    /// The parameter values of its last population.
    pub particles: Vec<Vec<f64>>,
    /// Their weights, which add up to one: with them they stand for the posterior.
    pub weights: Vec<f64>,
    /// The temperatures after the prior, the last of which is one.
    pub temperatures: Vec<f64>,
    /// The share of moves that were accepted, over all steps.
    pub acceptance: f64,
    /// Points at which there was no likelihood, by the reason; they count as if the record were impossible there.
    pub missing: Missing,
    /// How often the likelihood was evaluated.
    pub evaluations: usize,
}

impl Run {
    /// Whether it came to the posterior step by step, with moves that were accepted at times.
    pub fn converged(&self) -> bool {
        self.temperatures.len() < MOST_STEPS && (self.temperatures.len() <= 1 || self.acceptance >= 0.02)
    }
}

/// Counts how far all climbs are, for the progress bar.
pub struct Count<'a> {
    done: AtomicUsize,
    total: usize,
    progress: &'a dyn Progress,
}

/// Steps of the progress bar for each run.
const STEPS: usize = 100;

impl<'a> Count<'a> {
    /// Of this many runs.
    pub fn new(runs: usize, progress: &'a dyn Progress) -> Self {
        Self { done: AtomicUsize::new(0), total: runs * STEPS, progress }
    }

    /// One run has come from one temperature to another.
    fn climb(&self, from: f64, to: f64) {
        // The first steps are the shortest, and there are about as many to each doubling of the root.
        let place = |temperature: f64| (STEPS as f64 * temperature.sqrt()) as usize;
        let steps = place(to) - place(from);
        let done = self.done.fetch_add(steps, Ordering::Relaxed) + steps;
        self.progress.advance(done, self.total);
    }
}

/// Climbs from the prior to the posterior of a record with this likelihood; empty if cancelled.
pub fn climb_to<L: LogLikelihood>(
    likelihood: &L,
    prior: &JointPrior,
    how: &Tempering,
    count: &Count<'_>,
) -> Vec<Run> {
    let run = |run: usize| {
        let key = Key::new(how.seed).with(Key::of_text("tempering")).with(run as u64);
        Climb { likelihood, prior, particles: how.particles.max(2), rounds: how.rounds, key, count }.run()
    };
    let found: Vec<Option<Run>> = (0..how.runs.max(1)).into_par_iter().map(run).collect();
    found.into_iter().collect::<Option<_>>().unwrap_or_default()
}

/// One run.
struct Climb<'a, L> {
    likelihood: &'a L,
    prior: &'a JointPrior,
    particles: usize,
    rounds: usize,
    key: Key,
    count: &'a Count<'a>,
}

impl<L: LogLikelihood> Climb<'_, L> {
    fn run(&self) -> Option<Run> {
        let population = self.start()?;
        let mut run = Run {
            log_marginal: 0.0,
            prior: population.iter().map(|p| p.theta.clone()).collect(),
            particles: Vec::new(),
            weights: Vec::new(),
            temperatures: Vec::new(),
            acceptance: 0.0,
            missing: population.iter().filter_map(|p| p.missing.clone()).fold(Missing::new(), noted),
            evaluations: population.len(),
        };
        let mut front = RunState { population, temperature: 0.0, boldness: 1.0, accepted: 0, moves: 0 };
        loop {
            let next = front.next(run.temperatures.len());
            let increments = front.increments(next);
            run.log_marginal += log_mean(&increments);
            run.temperatures.push(next);
            run.weights = weights(&increments);
            self.count.climb(front.temperature, next);
            front.temperature = next;
            if next >= 1.0 || run.log_marginal == f64::NEG_INFINITY {
                break;
            }
            self.advance(&mut front, &mut run, 0)?;
        }
        for round in 1..=self.rounds {
            self.advance(&mut front, &mut run, round)?;
            let count = front.population.len();
            run.weights = vec![1.0 / count as f64; count];
        }
        run.acceptance = front.accepted as f64 / front.moves.max(1) as f64;
        run.evaluations += front.moves;
        run.particles = front.population.into_iter().map(|p| p.theta).collect();
        Some(run)
    }

    /// Independent draws from the prior.
    fn start(&self) -> Option<Vec<Particle>> {
        let drawn = |index: usize| {
            let mut rng = self.key.with(0).with(index as u64).generator();
            let combination = self.prior.draw_combination(&mut rng);
            let z = self.prior.sample_within(&combination, &mut rng).z;
            (z, combination)
        };
        let some = |likelihood: &mut L, first: usize| {
            let last = self.particles.min(first + L::TOGETHER);
            (!self.count.progress.cancelled())
                .then(|| self.evaluated(likelihood, (first..last).map(drawn).collect()))
        };
        let firsts = (0..self.particles).into_par_iter().step_by(L::TOGETHER);
        let found = firsts.map_init(|| self.likelihood.clone(), some).collect::<Option<Vec<_>>>()?;
        Some(found.into_iter().flatten().collect())
    }

    /// Particles at these points, with their likelihoods.
    fn evaluated(&self, likelihood: &mut L, drawn: Vec<(Vec<f64>, Combination)>) -> Vec<Particle> {
        let mut particles: Vec<Particle> = drawn.into_iter().map(|(z, c)| self.particle(z, c)).collect();
        let possible = |p: &&mut Particle| p.log_prior.is_finite();
        let points: Vec<Vec<f64>> = particles.iter_mut().filter(possible).map(|p| p.theta.clone()).collect();
        let points: Vec<&[f64]> = points.iter().map(Vec::as_slice).collect();
        for (particle, found) in particles.iter_mut().filter(possible).zip(likelihood.logs(&points)) {
            match found {
                Ok(log) if !log.is_nan() => particle.log_likelihood = log,
                Ok(_) => particle.missing = Some(NoDensity::not_a_number()),
                Err(why) => particle.missing = Some(why),
            }
        }
        particles
    }

    /// A particle whose likelihood is not known yet.
    fn particle(&self, z: Vec<f64>, combination: Combination) -> Particle {
        let mut workspace = self.prior.workspace(&combination);
        let log_prior = self.prior.log_density(&mut workspace, &z);
        let mut theta = Vec::new();
        self.prior.constrain(&mut workspace, &z, &mut theta);
        Particle { z, combination, theta, log_prior, log_likelihood: f64::NEG_INFINITY, missing: None }
    }

    /// Leads the front to its next population: the states of chains that start at resampled particles.
    fn advance(&self, front: &mut RunState, run: &mut Run, round: usize) -> Option<()> {
        let points: Vec<&[f64]> = front.population.iter().map(|p| p.z.as_slice()).collect();
        let kernel = Kernel::fit(&points, &run.weights, front.boldness);
        let step = self.key.with((run.temperatures.len() + round) as u64);
        let ancestors = systematic(&run.weights, self.particles.div_ceil(CHAIN), step.uniform());
        let some = |likelihood: &mut L, (group, ancestors): (usize, &[usize])| {
            let start = |(place, ancestor): (usize, &usize)| {
                let chain = (group * L::TOGETHER + place) as u64;
                let moved = ChainStates {
                    states: vec![front.population[*ancestor].clone()],
                    accepted: 0,
                    missing: Vec::new(),
                };
                (moved, step.with(chain + 1).generator())
            };
            self.chains(
                likelihood,
                &kernel,
                ancestors.iter().enumerate().map(start).collect(),
                front.temperature,
            )
        };
        let moved = ancestors.par_chunks(L::TOGETHER).enumerate().map_init(|| self.likelihood.clone(), some);
        let moved: Vec<ChainStates> =
            moved.collect::<Option<Vec<Vec<ChainStates>>>>()?.into_iter().flatten().collect();
        let missing = moved.iter().flat_map(|m| m.missing.iter().cloned());
        run.missing = missing.fold(std::mem::take(&mut run.missing), noted);
        front.take(moved);
        Some(())
    }

    /// Moves some chains on together.
    fn chains(
        &self,
        likelihood: &mut L,
        kernel: &Kernel,
        mut chains: Vec<(ChainStates, ChaCha8Rng)>,
        temperature: f64,
    ) -> Option<Vec<ChainStates>> {
        let height = |p: &Particle| p.log_prior + raised(p.log_likelihood, temperature);
        for _ in 1..CHAIN {
            if self.count.progress.cancelled() {
                return None;
            }
            let (mut drawn, mut fates) = (Vec::new(), Vec::new());
            for (moved, rng) in &mut chains {
                let now = &moved.states[moved.states.len() - 1];
                let (z, log_odds) = kernel.propose(&now.z, rng);
                drawn.push((z, self.prior.redraw(&now.combination, rng)));
                fates.push((log_odds, rng.random::<f64>()));
            }
            let proposed = self.evaluated(likelihood, drawn);
            for (((moved, _), proposed), (log_odds, uniform)) in chains.iter_mut().zip(proposed).zip(fates) {
                let now = &moved.states[moved.states.len() - 1];
                let taken = ln(uniform) < height(&proposed) - height(now) + log_odds;
                let next = if taken { proposed.clone() } else { now.clone() };
                moved.accepted += usize::from(taken);
                moved.missing.extend(proposed.missing);
                moved.states.push(next);
            }
        }
        Some(chains.into_iter().map(|(moved, _)| moved).collect())
    }
}

/// Where a run is.
struct RunState {
    population: Vec<Particle>,
    temperature: f64,
    /// How long moves are, against those that are usual.
    boldness: f64,
    accepted: usize,
    moves: usize,
}

impl RunState {
    /// The next temperature after this many steps.
    fn next(&self, steps: usize) -> f64 {
        if steps + 1 == MOST_STEPS {
            return 1.0;
        }
        let logs: Vec<f64> = self.population.iter().map(|p| p.log_likelihood).collect();
        let at_last = if self.temperature == 0.0 { KEPT_AT_ONCE } else { KEPT };
        next_temperature(&logs, self.temperature, KEPT, at_last)
    }

    /// The log weights by which the population goes to that temperature.
    fn increments(&self, next: f64) -> Vec<f64> {
        self.population.iter().map(|p| raised(p.log_likelihood, next - self.temperature)).collect()
    }

    fn take(&mut self, moved: Vec<ChainStates>) {
        let tried = moved.len() * (CHAIN - 1);
        let taken: usize = moved.iter().map(|m| m.accepted).sum();
        self.boldness *= exp(taken as f64 / tried as f64 - ACCEPTANCE);
        self.accepted += taken;
        self.moves += tried;
        self.population = moved.into_iter().flat_map(|m| m.states).collect();
    }
}

/// The states of one chain.
struct ChainStates {
    states: Vec<Particle>,
    accepted: usize,
    missing: Vec<NoDensity>,
}

/// A count of reasons with one more.
fn noted(mut counted: Missing, why: NoDensity) -> Missing {
    *counted.entry(why).or_default() += 1;
    counted
}

/// The logarithm of a likelihood raised to a power; one raised to nothing is one, even if it is zero.
fn raised(log_likelihood: f64, power: f64) -> f64 {
    if power == 0.0 { 0.0 } else { power * log_likelihood }
}

#[cfg(test)]
mod tests;
